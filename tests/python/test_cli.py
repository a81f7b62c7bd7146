"""The command line: what it prints, what it writes, and how it says that something is wrong."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import matplotlib.image
import numpy as np
import pytest
from click.testing import CliRunner
from public_api import made_data
from sklearn.datasets import load_digits

import attractornet as an
from attractornet import cli
from attractornet.cli.families import remarks

SHORT = ["--steps", "2000", "--discard", "200"]
STRANGE = ["--inputs", "16", "--scale", "1.4", "--seed", "174658140"]
COMMANDS = ["demo", "attractor", "classify", "lyapunov", "recall", "info"]
REAL = os.environ.get("ATTRACTORNET_DATA")
PNG = b"\x89PNG\r\n\x1a\n"


pytestmark = pytest.mark.usefixtures("folder")


def call(*arguments):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def done(*arguments):
    """Standard output of a command that must succeed."""
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def strict_json(text):
    """The one JSON document in `text`; a bare NaN or Infinity is no JSON."""

    def fail(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=fail)


def fault(*arguments, code=2):
    """The one line that a failing command prints."""
    result = call(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def spectrum_with(status, exponents=(0.1, -0.2)):
    """A made-up result of lyapunov_spectrum."""
    count = len(exponents)
    return SimpleNamespace(
        exponents=np.array(exponents), standard_error=np.full(count, math.nan),
        history=np.zeros((2, count)), history_steps=np.array([1, 2]), steps=2, interval=1.0,
        kaplan_yorke_dimension=math.nan, entropy=math.inf, volume_defect=0.0, status=status,
    )  # fmt: skip


def classification_with(kind):
    """A made-up result of classify, of an orbit that left the finite numbers at once."""
    return SimpleNamespace(
        kind=kind, reason="made up", period=math.nan, rotation_number=math.nan,
        frequencies=np.empty(0), torus_dimension=None, exponent=math.nan, exponent_error=math.nan,
        exponents=np.empty(0), digits=math.nan, recurrence=math.inf, recurrence_lag=0,
        horizon=1000, window=500, state=np.zeros(2),
    )  # fmt: skip


# --- the group ------------------------------------------------------------------------------------


def test_alone_it_shows_its_help():
    assert done() == done("--help")
    assert all(command in done() for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    assert done(command, "--help").startswith(f"Usage: main {command}")
    assert "--json" in done(command, "-h")


def test_version():
    assert an.info()["version"] in done("--version")


def test_info_shows_what_the_core_says():
    facts = strict_json(done("info", "--json"))
    lines = done("info").splitlines()
    assert [line.split()[0] for line in lines] == list(facts)
    assert facts.pop("cuda")  # devices, or why there are none
    assert facts == an.info()


# --- flags are the core's fields ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "subject"),
    [
        ("lyapunov", an.FeedbackNetwork),
        ("lyapunov", an.lyapunov_spectrum),
        ("classify", an.FeedbackNetwork),
        ("classify", an.classify),
        ("recall", an.HopfieldNetwork.recall),
    ],
)
def test_every_field_is_a_flag_with_its_meaning_and_default(command, subject):
    text = " ".join(done(command, "--help").split())
    for field in an.fields(subject):
        assert f"--{field.name.replace('_', '-')} " in text
        assert " ".join(field.meaning.split()) in text
        if field.default is not None:
            assert f"default {field.default}]" in text


def test_flags_reach_the_core_and_defaults_stay_there(monkeypatch):
    seen = {}

    def record(network, **options):
        seen.update(options, shape=network.w.shape)
        return spectrum_with("ok")

    monkeypatch.setattr(an, "lyapunov_spectrum", record)
    done("lyapunov", "--neurons", 3, "--inputs", 5, "--k", 2, "--frame-seed", 9, "--no-progress")
    assert seen == {"shape": (3, 5), "k": 2, "seed": 9, "progress": False}


def test_flags_of_classify_reach_the_core(monkeypatch):
    seen = {}

    def record(network, **options):
        seen.update(options)
        return classification_with("chaotic")

    monkeypatch.setattr(an, "classify", record)
    done("classify", "--horizon", 2000, "--max-period", 7, "--frame-seed", 9, "--progress")
    assert seen == {"horizon": 2000, "max_period": 7, "seed": 9, "progress": True}


# --- demo -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo's table and the picture it wrote."""
    picture = tmp_path_factory.mktemp("demo") / "attractors.png"
    result = CliRunner().invoke(cli.main, ["demo", "--output", str(picture)])
    assert result.exit_code == 0, result.output
    return SimpleNamespace(text=result.stdout, picture=picture)


def test_the_demo_prints_both_numbers(demo):
    rows = {line[:24].strip(): line[24:].split() for line in demo.text.splitlines()}
    assert rows["seed"] == ["174658140", "3160697950", "174658140", "174658140"]
    assert rows["printed by the article"] == ["-3.65", "-0.20", "0.32", "-"]
    assert rows["one_step_stretch()"][:3] == ["-3.64572906", "-0.19543684", "0.31672037"]
    assert rows["Kaplan-Yorke dimension"][:3] == ["1.00"] * 3
    assert float(rows["largest exponent"][3]) == pytest.approx(0.069, abs=0.005)


def test_the_demo_says_what_each_network_is(demo):
    rows = {line[:24].strip(): line[24:].split() for line in demo.text.splitlines()}
    assert rows["class"] == ["quasiperiodic"] * 3 + ["chaotic"]
    assert rows["rotation number"] == ["0.14277308", "0.23713131", "0.10332395", "-"]
    assert rows["steps watched"][3] == "5000000"


def test_the_demo_says_plainly_what_the_printed_numbers_are(demo):
    text = " ".join(demo.text.split())
    assert "ln(b_1 ||w_1||)" in text
    assert "at the origin" in text
    assert "quasi-periodic" in text
    assert "0 within its error" in text


def test_the_demo_fits_a_terminal(demo):
    assert max(map(len, demo.text.splitlines()[:-1])) <= 80  # the last line has a path


def test_the_demo_writes_its_picture(demo):
    assert demo.picture.read_bytes().startswith(PNG)
    assert demo.picture.stat().st_size > 100_000


def test_the_demo_without_matplotlib_still_measures(monkeypatch, folder):
    without_matplotlib(monkeypatch)
    result = call("demo", "--json")
    assert result.exit_code == 0
    assert "pip install 'attractornet[plot]'" in result.stderr
    assert list(folder.iterdir()) == []
    report = strict_json(result.stdout)
    assert report["picture"] is None
    limit_cycle, toroidal, strange, contrast = report["networks"]
    for network in (limit_cycle, toroidal, strange):
        tolerance = max(4.0 * network["standard_error"][0], 1e-6)
        assert abs(network["exponents"][0]) < tolerance
        assert network["exponents"][1] < -0.003
        assert round(network["one_step_stretch"], 2) == pytest.approx(
            network["printed_lambda"], abs=0.0051
        )
        assert network["class"]["kind"] == "quasiperiodic"
        assert network["class"]["digits"] >= 6.0  # as the note says
        assert abs(network["class"]["exponent"]) < 1e-8
        assert network["class"]["period"] == "NaN"
    assert set(contrast["class"]) == {
        "kind", "period", "rotation_number", "horizon", "exponent", "exponent_error", "digits",
        "reason",
    }  # fmt: skip
    assert contrast["class"]["kind"] == "chaotic"
    assert contrast["class"]["horizon"] == 5_000_000
    assert contrast["class"]["digits"] < 4.0
    assert limit_cycle["exponents"][1] == pytest.approx(-0.003215, abs=1e-4)
    assert toroidal["exponents"][1] == pytest.approx(-0.02224, abs=2e-4)
    assert strange["exponents"][1] == pytest.approx(-0.02102, abs=3e-4)
    assert contrast["printed_lambda"] is None
    assert contrast["exponents"][0] > 10.0 * contrast["standard_error"][0]


# --- attractor ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", PNG), ("a.SVG", b"<?xml"), ("a.pdf", b"%PDF")]
)
def test_a_picture_is_written_in_the_format_of_its_ending(folder, name, start):
    assert done("attractor", *STRANGE, *SHORT, "--output", name) == f"wrote {name}\n"
    assert (folder / name).read_bytes().startswith(start)


@pytest.mark.parametrize("observe", ["x", "y0", "y"])
def test_the_orbit_is_saved_as_numbers(observe):
    done("attractor", *STRANGE, *SHORT, "--observe", observe, "-o", "orbit.npy")
    network = an.FeedbackNetwork.random(inputs=16, scale=1.4, seed=174658140)
    expected = network.trajectory(2000, discard=200, observe=observe)
    assert np.array_equal(np.load("orbit.npy"), expected)


def test_csv_has_a_header_and_every_digit():
    done("attractor", "--neurons", 2, *SHORT, "-o", "orbit.csv")
    with open("orbit.csv", encoding="ascii") as file:
        assert file.readline() == "x1,x2\n"
    expected = an.FeedbackNetwork.random(neurons=2).trajectory(2000, discard=200)
    assert np.array_equal(np.loadtxt("orbit.csv", delimiter=",", skiprows=1), expected)


def test_a_saved_network_is_read_back(folder):
    done("attractor", *STRANGE, "-o", "net.safetensors")
    options = [*SHORT, "--no-progress", "--json"]
    drawn = strict_json(done("lyapunov", *STRANGE, *options))
    read = strict_json(done("lyapunov", "--model", "net.safetensors", *options))
    assert read.pop("system") == {"type": "FeedbackNetwork", "model": "net.safetensors"}
    assert drawn.pop("system")["scale"] == 1.4
    assert read == drawn


def test_attractor_reports_what_it_wrote():
    report = strict_json(done("attractor", *SHORT, "-o", "orbit.npy", "--json"))
    assert report["output"] == "orbit.npy"
    assert report["shape"] == [2000, 4]
    assert report["system"]["type"] == "FeedbackNetwork"
    assert report["system"]["inputs"] == 16


@pytest.mark.parametrize("style", ["segments", "points"])
@pytest.mark.parametrize("observe", ["x", "y0"])
def test_both_styles_draw_every_observable(style, observe):
    done("attractor", *SHORT, "--style", style, "--observe", observe)


# --- lyapunov -------------------------------------------------------------------------------------


def test_the_table_has_a_line_for_each_exponent():
    lines = done("lyapunov", *STRANGE, *SHORT, "--k", 5).splitlines()
    numbered = [line.split() for line in lines if line[:4].strip().isdigit()]
    assert [row[0] for row in numbered] == ["1", "2", "3", "4", "5"]
    assert all(len(row) == 3 for row in numbered)
    assert any(line.startswith("status") and line.endswith("ok") for line in lines)


def test_json_holds_the_whole_result():
    report = strict_json(done("lyapunov", *STRANGE, *SHORT, "--json"))
    network = an.FeedbackNetwork.random(inputs=16, scale=1.4, seed=174658140)
    spectrum = an.lyapunov_spectrum(network, steps=2000, discard=200)
    assert report["exponents"] == spectrum.exponents.tolist()
    assert report["history"] == spectrum.history.tolist()
    assert report["kaplan_yorke_dimension"] == spectrum.kaplan_yorke_dimension
    assert report["one_step_stretch"] == network.one_step_stretch()
    assert report["origin"]["unstable"] == 8
    assert report["status"] == "ok"


def test_numbers_that_json_lacks_are_strings(monkeypatch):
    broken = spectrum_with("ok", (-math.inf, math.nan))
    monkeypatch.setattr(an, "lyapunov_spectrum", lambda network, **options: broken)
    report = strict_json(done("lyapunov", "--json"))
    assert report["exponents"] == ["-Infinity", "NaN"]
    assert report["entropy"] == "Infinity"
    assert [float(text) for text in report["exponents"][:1]] == [-math.inf]


def test_the_spectrum_is_drawn(folder):
    assert "wrote spectrum.png" in done("lyapunov", *STRANGE, *SHORT, "--plot", "spectrum.png")
    assert (folder / "spectrum.png").read_bytes().startswith(PNG)


# --- classify -------------------------------------------------------------------------------------

CLASSES = [
    (STRANGE, "quasiperiodic", {"torus dimension": "1", "frequencies": "0.103323950195 per step"}),
    (["--inputs", "3", "--scale", "3", "--seed", "1"], "periodic", {"period": "4 steps"}),
    (["--scale", "0.1"], "fixed point", {"period": "1 step"}),
    (["--scale", "6", "--seed", "174658140", "--horizon", "200000"], "chaotic", {}),
]


@pytest.mark.parametrize(("flags", "kind", "facts"), CLASSES, ids=lambda value: str(value)[:20])
def test_the_class_and_its_evidence_are_printed(flags, kind, facts):
    lines = done("classify", *flags).splitlines()
    table = {line[:24].strip(): line[24:] for line in lines[2:]}
    assert table["class"] == kind
    assert set(table) >= {"reason", "largest exponent", "digits that agree", "closest return"}
    assert {name: table[name] for name in facts} == facts
    assert ("frequencies" in table) == (kind in ("quasiperiodic", "periodic"))
    assert table["watched for"].endswith(" steps")


def test_json_holds_the_whole_classification():
    report = strict_json(done("classify", *STRANGE, "--json"))
    network = an.FeedbackNetwork.random(inputs=16, scale=1.4, seed=174658140)
    found = an.classify(network)
    assert report.pop("system")["scale"] == 1.4
    assert set(report) == {name for name in dir(found) if not name.startswith("_")}
    assert report.pop("period") == "NaN"
    for name, value in report.items():
        expected = getattr(found, name)
        assert value == (expected.tolist() if isinstance(expected, np.ndarray) else expected), name


@pytest.mark.parametrize("kind", ["undecided", "diverged"])
def test_no_class_is_shown_and_exits_with_1(monkeypatch, kind):
    monkeypatch.setattr(an, "classify", lambda network, **options: classification_with(kind))
    for flags in ([], ["--json"]):
        result = call("classify", *flags)
        assert result.exit_code == 1
        assert kind in result.stdout
        assert result.stderr == f"Error: classify: {kind}\n"


def test_too_short_a_look_decides_nothing():
    result = call("classify", "--scale", "6", "--seed", "174658140", "--horizon", "1000")
    assert result.exit_code == 1
    assert result.stderr == "Error: classify: undecided\n"


# --- recall ---------------------------------------------------------------------------------------


@pytest.fixture
def mnist(folder, monkeypatch):
    """Three images in files of MNIST's format, of the classes 3, 1 and 4."""
    monkeypatch.setenv("ATTRACTORNET_DATA", str(made_data(folder)))


def recalled(*flags, code=0):
    """The report of a recall."""
    result = call("recall", "--json", *flags)
    assert result.exit_code == code, result.output
    return strict_json(result.stdout)


def digits(*classes, skip=0):
    """The first images of these classes, as the command makes patterns of them."""
    loaded = load_digits()
    images = [loaded.images[loaded.target == each][skip] for each in classes]
    return an.datasets.bipolar(np.stack(images), "mean")


def drawing(path, pixels):
    matplotlib.image.imsave(path, pixels, cmap="gray")


def test_three_digits_are_recalled(folder):
    lines = done("recall").splitlines()
    assert lines[0] == "3 patterns of 8 x 8 units; starts: 20 % of the units flipped"
    rows = [line.split() for line in lines[3:6]]
    assert [(row[0], row[1], row[2], row[-1]) for row in rows] == [
        (name, "13", "0", name) for name in "012"
    ]
    assert "pseudoinverse: 3 of 3 recalled" in lines
    assert lines[-1] == "wrote recall.png"
    assert (folder / "recall.png").read_bytes().startswith(PNG)


def test_json_holds_what_was_recalled():
    report = recalled("--patterns", "5,6", "--rule", "hebbian", "--seed", 3, "--update", "random")
    assert report["patterns"] == ["5", "6"]
    assert report["shape"] == [8, 8]
    assert report["starts"] == {"another": False, "invert": False, "crop": 0.0, "flips": 0.2}
    assert report["options"]["seed"] == 3
    assert report["options"]["max_sweeps"] == 100
    assert report["hamming_before"] == [13, 13]
    (rule,) = report["rules"]
    assert (rule["name"], rule["rule"]) == ("hebbian", "hebbian")
    assert rule["recalled"] == [each == 0 for each in rule["hamming"]]
    assert rule["cycle_length"] == [1, 1]
    assert np.shape(rule["overlaps"]) == (2, 2)
    assert report["files"] == ["recall.png"]


def test_what_is_reported_is_what_the_network_does():
    (rule,) = recalled("--rule", "hebbian", "--crop", 0.5, "--center", "0.1")["rules"]
    patterns = digits(0, 1, 2)
    starts = patterns.copy()
    starts[:, 32:] = -1
    net = an.HopfieldNetwork.store(patterns, center=0.1)
    out = net.recall(starts)
    assert rule["center"] == 0.1
    assert rule["energies"] == out.energies.tolist()
    assert rule["sweeps"] == out.sweeps.tolist()
    assert rule["overlaps"] == net.overlaps(out.states).tolist()
    assert rule["hamming"] == np.count_nonzero(out.states != patterns, axis=1).tolist()


@pytest.mark.parametrize(
    ("flags", "before", "text"),
    [
        (["--flips", "0.25"], [16, 16, 16], "25 % of the units flipped"),
        (["--flips", "0"], [0, 0, 0], "the patterns"),
        (["--crop", "1"], [28, 24, 25], "the lower 100 % of the rows dark"),
        (["--invert"], [64, 64, 64], "inverted"),
        (["--another"], [6, 7, 18], "another image of each class"),
        (["--invert", "--crop", "1", "--flips", "1"], [36, 40, 39], "inverted, the lower 100 %"),
    ],
)
def test_starts_are_damaged_as_flags_say(flags, before, text):
    assert recalled(*flags)["hamming_before"] == before
    assert f"starts: {text}" in done("recall", *flags)


def test_flips_are_drawn_with_the_seed():
    runs = [recalled("--flips", 0.4, "--seed", seed)["rules"] for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_a_class_that_is_named_again_is_its_next_image():
    report = recalled("--patterns", "3,5,3", "--another", "--max-sweeps", 0, code=1)
    assert report["patterns"] == ["3", "5", "3 (2)"]
    stored = np.stack([digits(3)[0], digits(5)[0], digits(3, skip=1)[0]])
    starts = np.stack([digits(3, skip=2)[0], digits(5, skip=1)[0], digits(3, skip=3)[0]])
    assert report["hamming_before"] == np.count_nonzero(stored != starts, axis=1).tolist()


def test_an_inverted_pattern_stays_and_it_is_said_why():
    text = done("recall", "--invert", "--rule", "hebbian")
    assert "0, inverted" in text
    assert "without thresholds the" in text
    (rule,) = recalled("--invert")["rules"]
    assert np.diag(rule["overlaps"]).tolist() == [-1.0, -1.0, -1.0]
    assert "inverted pattern is" not in done("recall", "--invert", "--rule", "low_activity")


def test_mixtures_of_hebbian_weights_are_explained():
    text = done("recall", "--rule", "hebbian", "--patterns", "0,1,2,3,4")
    assert "none of them; nearest" in text
    assert "of these 5 are no" in text
    assert "overlap of 0.59" in text
    assert "mix up" not in done("recall", "--rule", "hebbian")


@pytest.mark.parametrize(
    ("flags", "counts"),
    [(["--another"], [0, 0, 0, 2]), (["--flips", "0.3", "--seed", "1"], [0, 1, 3, 3])],
)
def test_rules_are_compared_with_the_tutorials(flags, counts):
    report = recalled("--compare", *flags)
    names = ["tutorial", "corrected", "hebbian", "pseudoinverse"]
    assert [rule["name"] for rule in report["rules"]] == names
    assert [sum(rule["recalled"]) for rule in report["rules"]] == counts
    patterns = digits(0, 1, 2)
    assert report["rules"][0]["center"] == np.mean(patterns.sum(axis=1))  # of the sums
    uniform = an.HopfieldNetwork.store(patterns, center=report["rules"][0]["center"])
    assert np.all(np.ptp(uniform.recall(patterns).states, axis=1) == 0)
    assert "takes the mean of their sums, -12.7" in " ".join(report["notes"][0].split())
    lines = done("recall", "--compare", *flags).splitlines()
    assert [line.split()[0] for line in lines[4:8]] == names
    assert [line.split()[-4:] for line in lines[4:8]] == [
        [str(count), "of", "3", "recalled"] for count in counts
    ]


def test_images_of_mnist_are_recalled(mnist):
    flags = ["--data", "mnist", "--patterns", "3,1"]
    assert "2 patterns of 28 x 28 units" in done("recall", *flags)
    message = fault("recall", *flags, "--another")
    assert "--patterns: mnist has only 1 of class 3" in message
    assert "there are 1 to 4" in fault("recall", "--data", "fashion-mnist")


@pytest.mark.skipif(not REAL, reason="ATTRACTORNET_DATA names no folder of data sets")
@pytest.mark.parametrize(
    ("flags", "counts"),
    [(["--flips", "0"], [0, 0, 0, 3]), (["--flips", "0.3"], [0, 0, 0, 3]),
     (["--another"], [0, 0, 0, 2])],
)  # fmt: skip
def test_three_digits_of_mnist_are_recalled_by_the_pseudo_inverse_alone(flags, counts):
    rules = recalled("--compare", "--data", "mnist", *flags)["rules"]
    assert [sum(rule["recalled"]) for rule in rules] == counts
    assert rules[0]["center"] == pytest.approx(-514.667, abs=1e-3)
    assert np.diag(rules[0]["overlaps"]) == pytest.approx([0.592, 0.768, 0.610], abs=1e-3)
    assert np.diag(rules[1]["overlaps"]) == pytest.approx([0.753, 0.577, 0.735], abs=1e-3)


def test_files_are_stored(folder):
    rng = np.random.default_rng(1)
    for name in ("left", "right"):
        drawing(folder / f"{name}.png", rng.random((6, 10)))
    report = recalled("left.png", "right.png", "--flips", 0.1)
    assert report["patterns"] == ["left", "right"]
    assert report["shape"] == [6, 10]
    assert report["rules"][0]["recalled"] == [True, True]


def test_a_transparent_pixel_is_white(folder):
    pixels = np.zeros((4, 4, 4))
    pixels[:, 2:, 3] = 1.0  # black, and opaque, on the right alone
    drawing(folder / "half.png", pixels)
    assert recalled("half.png", "--crop", 1.0)["hamming_before"] == [8]


def test_files_that_are_of_no_use_are_named(folder):
    (folder / "text.png").write_text("no image")
    assert "text.png: no image that can be read, such as .png" in fault("recall", "text.png")
    drawing(folder / "a.png", np.eye(4))
    drawing(folder / "b.png", np.eye(5))
    assert "b.png: 5 x 5 pixels, expected 4 x 4, as a.png has" in fault("recall", "a.png", "b.png")
    for flag in (["--another"], ["--data", "mnist"], ["--patterns", "1"]):
        assert f"{flag[0]}: is for images that have classes" in fault("recall", "a.png", *flag)


@pytest.mark.parametrize("update", ["asynchronous", "synchronous"])
def test_energies_and_weights_are_drawn(folder, update):
    flags = ["--update", update, "--energy", "e.svg", "--weights", "w.pdf", "-o", "r.png"]
    assert done("recall", *flags).endswith("wrote r.png, e.svg, w.pdf\n")
    assert {path.name for path in folder.iterdir()} == {"e.svg", "r.png", "w.pdf"}


def test_a_recall_that_does_not_settle_exits_with_1():
    result = call("recall", "--max-sweeps", 1)
    assert result.exit_code == 1
    assert result.stderr == "Error: recall: 3 states did not settle: give more --max-sweeps\n"
    assert "at start" in result.stdout
    done("recall", "--max-sweeps", 1, "--temperature", 0.1)  # where no state settles


def test_recall_without_matplotlib(monkeypatch, folder):
    without_matplotlib(monkeypatch)
    result = call("recall", "--json")
    assert result.exit_code == 0
    assert "no picture: attractornet.plot needs matplotlib" in result.stderr
    assert strict_json(result.stdout)["files"] == []
    assert list(folder.iterdir()) == []
    for name in ("-o", "--energy", "--weights"):
        assert "pip install 'attractornet[plot]'" in fault("recall", name, "a.png")


def test_digits_without_scikit_learn_say_what_to_install(monkeypatch):
    for name in ("sklearn", "sklearn.datasets"):
        monkeypatch.setitem(sys.modules, name, None)
    message = fault("recall")
    assert "pip install 'attractornet[learn]'" in message
    assert "--data mnist" in message


# --- families -------------------------------------------------------------------------------------


def test_a_family_without_remarks_has_none():
    assert remarks(an.textbook.Henon()) == ({}, {})


def test_a_family_says_what_only_it_knows():
    said = remarks(an.FeedbackNetwork.random(inputs=4))
    assert set(said.report) == {"origin", "one_step_stretch"}
    assert list(said.lines) == ["origin"]
    assert remarks(an.FeedbackNetwork.random(inputs=300)).lines == {}


# --- failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["info", "--nonsense"], "No such option"),
        (["lyapunov", "--neurons", "many"], "'many' is not a valid integer"),
        (["lyapunov", "--distribution", "cauchy"], "'cauchy' is not one of"),
        (["lyapunov", "--model", "nowhere.safetensors"], "'nowhere.safetensors' does not exist"),
        (["lyapunov", "--plot", "spectrum.txt"], "ending in .png, .svg, .pdf"),
        (["attractor", "-o", "attractor.gif"], "'attractor.gif': expected a name ending in"),
        (["attractor", "-o", "nowhere/a.png"], "no such directory: 'nowhere'"),
        (["demo", "-o", "demo.txt"], "'demo.txt'"),
        (["recall", "--flips", "1.5"], "1.5 is not in the range"),
        (["recall", "--patterns", "0,x"], "--patterns: '0,x': expected classes with commas"),
        (["recall", "--patterns", "0,10"], "there is no class 10; there are 0 to 9"),
        (["recall", "--compare", "--rule", "storkey"], "--rule: --compare has rules of its own"),
        (["recall", "--compare", "--weights", "w.png"], "--weights: is of one rule"),
        (["recall", "nowhere.png"], "'nowhere.png' does not exist"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_that_points_to_the_help(arguments, words):
    message = fault(*arguments)
    assert words in message
    assert "--help')" in message


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lyapunov", "--neurons", "0"], "neurons = 0"),
        (["lyapunov", "--scale", "-1"], "scale = -1"),
        (["lyapunov", "--steps", "0"], "steps = 0"),
        (["lyapunov", "--seed", str(2**33)], f"seed = {2**33}"),
        (["classify", "--horizon", "1"], "horizon = 1"),
        (["recall", "--temperature", "-1"], "temperature = -1"),
        (["recall", "--seed", "-1"], "seed = -1"),
        (["recall", "--center", "x"], "center = 'x': expected a number or 'mean'"),
        (["attractor", "--neurons", "1000000", "--inputs", "1000000", "-o", "a.npy"], "neurons"),
    ],
)  # fmt: skip
def test_what_the_core_refuses_is_one_line_that_names_the_parameter(arguments, words):
    assert words in fault(*arguments)


def test_a_model_cannot_be_changed_by_flags(folder):
    done("attractor", "-o", "net.safetensors")
    assert "--scale" in fault("lyapunov", "--model", "net.safetensors", "--scale", 2.0)


def test_a_file_that_is_no_model_is_named(folder):
    (folder / "net.safetensors").write_bytes(b"no model")
    assert "net.safetensors: not a safetensors file" in fault(
        "lyapunov", "--model", "net.safetensors"
    )


@pytest.mark.parametrize("arguments", [["attractor"], ["lyapunov", "--plot", "a.png"]])
def test_a_picture_without_matplotlib_says_what_to_install(monkeypatch, arguments):
    without_matplotlib(monkeypatch)
    assert "pip install 'attractornet[plot]'" in fault(*arguments)


def test_numbers_need_no_matplotlib(monkeypatch):
    without_matplotlib(monkeypatch)
    done("attractor", *SHORT, "-o", "orbit.npy")
    done("lyapunov", *SHORT)


@pytest.mark.parametrize("status", ["diverged", "imprecise"])
def test_failed_mathematics_is_shown_and_exits_with_1(monkeypatch, status):
    monkeypatch.setattr(an, "lyapunov_spectrum", lambda network, **options: spectrum_with(status))
    result = call("lyapunov", "--json")
    assert result.exit_code == 1
    assert strict_json(result.stdout)["status"] == status
    assert result.stderr == f"Error: lyapunov_spectrum: {status}\n"


def test_an_interruption_exits_with_130(monkeypatch):
    def interrupt(network, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(an, "lyapunov_spectrum", interrupt)
    result = call("lyapunov")
    assert result.exit_code == 130
    assert result.stdout == ""


def test_a_bug_of_ours_is_not_dressed_up_as_wrong_usage(monkeypatch):
    def fail(network, **options):
        raise RuntimeError("impossible")

    monkeypatch.setattr(an, "lyapunov_spectrum", fail)
    assert isinstance(call("lyapunov").exception, RuntimeError)


# --- as a process ---------------------------------------------------------------------------------


def test_the_bar_goes_to_standard_error():
    command = ["lyapunov", *SHORT, "--progress", "--json"]
    result = subprocess.run(
        [sys.executable, "-P", "-m", "attractornet", *command],
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(strict_json(result.stdout)["exponents"]) == 16
    assert "%|" in result.stderr


def test_ctrl_c_stops_a_long_run_at_once():
    command = ["lyapunov", "--steps", "100000000000", "--progress"]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "attractornet", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell's background job, as these tests may be, hands down a Ctrl-C that is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            process.stderr.read(1)  # the bar is there: the core is at work
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10.0)
        finally:
            process.kill()
    assert process.returncode == 130
    assert stdout == b""
    assert b"Error: interrupted" in stderr
    assert b"Traceback" not in stderr


def test_starting_loads_neither_matplotlib_nor_a_bar():
    code = (
        "import sys, attractornet.cli;"
        "print([name for name in ('matplotlib', 'tqdm') if name in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout == "[]\n"


def test_a_diverged_network_is_one_line_and_no_picture(tmp_path):
    model, picture = tmp_path / "diverged.safetensors", tmp_path / "spectrum.png"
    an.FeedbackNetwork([[1.0], [1.0]], [1e308, 1e308]).save(model)
    flags = ["lyapunov", "--model", str(model), "--steps", "100", "--plot", str(picture)]
    for extra in ([], ["--json"]):
        done = CliRunner().invoke(cli.main, [*flags, *extra])
        assert done.exit_code == 1
        assert done.stderr == "Error: lyapunov_spectrum: diverged\n"
    assert not picture.exists()


def test_a_large_network_is_measured_without_its_origin():
    flags = ["lyapunov", "--inputs", "2000", "--k", "1", "--steps", "100", "--discard", "0"]
    done = CliRunner().invoke(cli.main, [*flags, "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["origin"] is None
