"""`attractornet scan`: flags and plans become the call of Python that is printed."""

import csv
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from scan_cases import digest, tree

import attractornet as an
from attractornet import _core, cli
from attractornet._scan._evaluate import option_fields
from attractornet.cli.plans import EXAMPLE

AXES = ["--axis", "seed=0:4", "--axis", "scale=0.5:5:3", "--set", "neurons=3", "--set", "inputs=4"]
SHORT = ["--steps", "100", "--discard", "10"]
BOTH = ["--measure", "exponent", "--measure", "kind"]
RECALLS = ["--system", "HopfieldNetwork", "--axis", "alpha=0.1:0.3:3", "--set", "units=40",
           "--measure", "overlap"]  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"


pytestmark = pytest.mark.usefixtures("folder")


def call(*arguments):
    return CliRunner().invoke(cli.main, ["scan", *map(str, arguments)])


def done(*arguments):
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def fault(*arguments, code=2):
    result = call(*arguments)
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def report(*arguments):
    return json.loads(done(*arguments, "--json"))


def evaluated(line):
    return eval(line, {"an": an, "np": np})


@pytest.mark.parametrize("command", ["run", "status", "verify"])
def test_every_command_has_help(command):
    assert done(command, "--help").startswith(f"Usage: main scan {command}")
    assert "--json" in done(command, "-h")
    assert command in done("--help")


def test_every_option_of_the_core_is_a_flag():
    text = " ".join(done("run", "--help").split())
    assert option_fields()
    for field in option_fields():
        assert f"--{field.name.replace('_', '-')} " in text
        assert " ".join(field.meaning.split()) in text


@pytest.mark.parametrize(
    "arguments",
    [
        [*AXES, *BOTH, *SHORT],
        [*AXES, *BOTH, *SHORT, "--store", "scan.zarr", "--threads", 2, "--chunk-size", 5],
        ["--axis", "inputs=2,5", "--axis", "scale=1.5", "--measure", "spectrum", "--k", 2, *SHORT],
        ["--axis", "scale=0.1:10:5:log", "--measure", "exponent", *SHORT],
        ["--axis", "seed=9:3:-2", "--axis", "distribution=gaussian,uniform", *BOTH, *SHORT],
        ["--system", "Henon", "--axis", "a=1:1.4:3", "--set", "b=0.3", *BOTH, *SHORT],
        ["--system", "Lorenz", "--dt", 0.01, "--axis", "rho=20:28:2", *BOTH[:2], *SHORT],
        ["--measure", "final_state", *SHORT],
        [*RECALLS, "--axis", "rule=hebbian,storkey", "--axis", "diagonal=true,False", *SHORT],
        [*RECALLS, "--set", "diagonal=true", *SHORT],
    ],
)
def test_the_printed_line_repeats_the_scan(arguments):
    told = report("run", *arguments)
    found = evaluated(told["python"])
    assert told["points"] == found.points
    assert told["columns"] == list(found.columns)
    assert sum(told["status"].values()) == found.points
    if "--store" in arguments:
        assert told["points_per_second"] > 0.0
        assert found.points_per_second == 0.0
    assert done("run", *arguments).splitlines()[-1] == told["python"]


def test_text_says_what_was_done(folder):
    text = done("run", *AXES, *BOTH, *SHORT, "--store", "scan.zarr", "--csv", "scan.csv",
                "--threads", 1)  # fmt: skip
    facts = {line[:24].strip(): line[24:] for line in text.splitlines()[:4]}
    assert facts["points"] == "4 x 3"
    assert facts["ok"] == "12"
    assert float(facts["points a second"]) > 0.0
    assert facts["threads"] == "1"
    assert "wrote scan.csv" in text
    with open("scan.csv", newline="") as file:
        assert len(list(csv.DictReader(file))) == 12
    again = done("run", *AXES, *BOTH, *SHORT, "--store", "scan.zarr")
    assert "none: all were there" in again


def test_pictures_are_written(folder):
    told = report("run", *AXES, *BOTH, *SHORT, "--map", "map.png", "--fraction", "share.png")
    assert told["files"] == ["map.png", "share.png"]
    assert (folder / "map.png").read_bytes().startswith(PNG)
    assert (folder / "share.png").read_bytes().startswith(PNG)
    three = ["--axis", "seed=0:2", "--axis", "scale=0.5:5:3", "--axis", "inputs=2,4", *SHORT]
    done("run", *three, *BOTH, "--map", "a.svg", "--sel", "inputs=4")
    done("run", *three, *BOTH, "--map", "b.svg", "--value", "exponent", "--by", "inputs",
         "--fraction", "c.svg", "--along", "scale")  # fmt: skip
    assert all((folder / f"{name}.svg").stat().st_size > 1000 for name in "abc")


def test_phase_diagrams_are_written(folder):
    told = report("run", *RECALLS, "--axis", "seed=0:2", *SHORT, "--phase-diagram", "a.png")
    assert told["files"] == ["a.png"]
    plane = ["--axis", "temperature=0:0.5:2", "--axis", "flips=0,0.1", *SHORT]
    done("run", *RECALLS, *plane, "--sel", "flips=0.1", "--phase-diagram", "b.png")
    done("run", *RECALLS, *plane, "--sel", "flips=0.1", "--map", "c.png")
    for name in "abc":
        assert (folder / f"{name}.png").read_bytes().startswith(PNG)


PLAN = """
system = "FeedbackNetwork"
measure = ["exponent", "kind"]
store = "scan.zarr"
threads = 1
chunk_size = 5

[axes]
seed = "0:4"
scale = [0.5, 2.75, 5.0]

[set]
neurons = 3
inputs = "4"

[options]
steps = 100
discard = 10
"""


def test_a_plan_says_what_flags_say(folder):
    (folder / "plan.toml").write_text(PLAN)
    done("run", "--plan", "plan.toml")
    done("run", *AXES, *BOTH, *SHORT, "--store", "other.zarr", "--chunk-size", 5)
    assert tree("scan.zarr") == tree("other.zarr")
    told = report("run", "--plan", "plan.toml", "--axis", "scale=2", "--steps", 50, "--measure",
                  "final_state", "--store", "third.zarr")  # fmt: skip
    assert told["shape"] == [4, 1]
    assert "steps=50, discard=10" in told["python"] or "discard=10, steps=50" in told["python"]
    assert "final_state" in told["columns"]
    assert digest(evaluated(told["python"]))
    told = report("run", "--plan", "plan.toml", "--set", "scale=2", "--axis", "inputs=2,3",
                  "--store", "fourth.zarr")  # fmt: skip
    assert told["dims"] == ["seed", "inputs"]


def test_the_example_of_a_plan_runs():
    text = done("run", "--help")
    assert all(line.strip() in text for line in EXAMPLE.splitlines())
    with open("plan.toml", "w") as file:
        file.write(EXAMPLE)
    told = report("run", "--plan", "plan.toml", "--steps", 100, "--axis", "seed=0:2")
    assert (told["dims"], told["shape"]) == (["seed", "scale", "inputs"], [2, 9, 2])
    assert "np.geomspace(0.1, 10.0, 9)" in told["python"]


def test_a_plan_may_have_one_measurement(folder):
    (folder / "plan.toml").write_text('measure = "exponent"\n[axes]\nseed = "0:2"')
    told = report("run", "--plan", "plan.toml", *SHORT)
    assert told["columns"] == ["exponent", "exponent_error", "status"]
    assert "['exponent']" in told["python"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("measure = 3", "measure = 3: of another type"),
        ("[axes]\nscale = '0.1:1:3:log'", "--measure: give at least one of"),
        ("axes = 3", "axes = 3: of another type"),
        ("threads = true", "threads = True: of another type"),
        ("nonsense = 3", "unknown entry 'nonsense'; a plan has system, dt, measure"),
        ("[axes", "no plan in TOML"),
        ("measure = ['kind']\n[options]\nstepps = 3", "stepps"),
        ("measure = ['kind']\n[axes]\nseed = ['x']", "seed"),
    ],
)
def test_wrong_plans_are_refused(folder, text, message):
    (folder / "plan.toml").write_text(text)
    assert message in fault("run", "--plan", "plan.toml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--measure: give at least one of final_state, occupied, exponent, spectrum"),
        ([*AXES, *BOTH, "--axis", "seed=4:8"], "--axis: 'seed' is given twice"),
        ([*AXES, *BOTH, "--set", "inputs=5"], "--set: 'inputs' is given twice"),
        (["--axis", "scale=0:1:3:log"], "axis scale = '0:1:3:log': expected ends on one side of 0"),
        (["--axis", "scale=1:2:0"], "axis scale = '1:2:0': expected a count of at least 1"),
        (["--axis", "scale=1:2:3:geo"], "axis scale = '1:2:3:geo': expected values with commas"),
        (["--axis", "seed=1:8:4:log"], "axis seed = '1:8:4:log': expected values with commas"),
        (["--measure", "nonsense"], "nonsense"),
        (["--axis", "seed"], "--axis: 'seed': expected NAME=VALUE"),
        (["--axis", "seeds=1"], "no parameter 'seeds'; there are neurons, inputs"),
        (["--axis", "seed=a:b"], "seed: 'a' is no integer"),
        (["--axis", "scale=x"], "scale: 'x' is no number"),
        (["--axis", "scale=0:1"], "axis scale = '0:1': expected values with commas, or first:last"),
        (
            ["--axis", "seed=0:1:2:3"],
            "axis seed = '0:1:2:3': expected values with commas, or first",
        ),
        (["--axis", "scale=-1,1", "--measure", "kind"], "scan: grid: scale = -1.0"),
        (["--system", "Nonsense"], "--system: no system 'Nonsense'; there are FeedbackNetwork"),
        (["--system", "Lorenz"], "--dt: Lorenz is a flow"),
        ([*RECALLS, "--set", "diagonal=1"], "diagonal: '1' is not true or false"),
        ([*RECALLS, "--set", "neurons=1"], "no parameter 'neurons'; there are units, alpha, rule"),
        ([*RECALLS, "--k", 3], "k = 3: expected no such option"),
        (["--steps", "-1", *AXES, "--measure", "kind"], "steps = -1"),
        ([*AXES, "--measure", "kind", "--map", "x.gif"], "expected a name ending in"),
        (["--axis", "seed=1", "--measure", "kind", "--map", "x.png"], "--map: draws two axes"),
        ([*AXES, "--axis", "inputs=2,3"], "--set: 'inputs' is an axis already"),
        (
            [*AXES, *BOTH, "--axis", "distribution=uniform,gaussian", "--map", "x.png"],
            "give --sel for each further",
        ),
        ([*AXES, *BOTH, "--fraction", "x.png", "--along", "b"], "--along: no axis 'b'"),
        ([*AXES, *BOTH, "--store", "no/such/scan.zarr"], "no such directory"),
    ],
)
def test_wrong_flags_are_one_line(arguments, message):
    assert message in fault("run", *arguments)


MAP, SHARE = ["--map", "x.png"], ["--fraction", "x.png"]
PHASES = ["--phase-diagram", "x.png"]
FURTHER = ["--axis", "distribution=uniform,gaussian"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            [*MAP, "--measure", "final_state"],
            "--map: measure 'kind', 'exponent' or 'overlap', or name",
        ),
        (
            [*MAP, *BOTH[:2], "--value", "kind"],
            "--value: no column 'kind'; with one number a point",
        ),
        ([*MAP, *BOTH, "--value", "nonsense"], "there are exponent, exponent_error, kind, period"),
        ([*MAP, "--measure", "spectrum", "--value", "spectrum"], "--value: no column 'spectrum'"),
        ([*MAP, *BOTH, "--sel", "foo=3"], "--sel: no axis 'foo'; there are seed, scale"),
        ([*MAP, *BOTH, "--sel", "inputs=3"], "--sel: no axis 'inputs'"),
        ([*MAP, *BOTH, "--sel", "seed=x"], "--sel: seed: 'x' is no number"),
        ([*MAP, *BOTH, "--sel", "seed=nan"], "--sel: seed: 'nan' is no number"),
        ([*MAP, *BOTH, "--sel", "seed=1", "--sel", "seed=2"], "--sel: 'seed' is given twice"),
        ([*MAP, *BOTH, "--sel", "seed=1"], "--map: draws two axes, and there are scale: give two"),
        ([*MAP, *BOTH, *FURTHER], "seed, scale, distribution: give --sel for each further one"),
        ([*MAP, *BOTH, *FURTHER, "--value", "status"], "give --sel for each further one"),
        (
            [*MAP, *BOTH, *FURTHER, "--sel", "distribution=x"],
            "no value 'x'; there are gaussian, un",
        ),
        ([*SHARE, "--measure", "final_state"], "--fraction: measure 'kind' or 'exponent'"),
        ([*SHARE, *BOTH, "--along", "b"], "--along: no axis 'b'; there are seed, scale"),
        ([*SHARE, *BOTH, "--by", "b"], "--by: no further axis 'b'"),
        ([*SHARE, *BOTH, "--by", "seed", "--along", "seed"], "--by: no further axis 'seed'"),
        ([*BOTH, "--value", "kind"], "--value: is for --map, which is not given"),
        (
            [*SHARE, *BOTH, "--sel", "foo=3"],
            "--sel: is for --map or --phase-diagram, which is not given",
        ),
        ([*MAP, *BOTH, "--by", "seed"], "--by: is for --fraction, which is not given"),
        ([*PHASES, *BOTH], "--phase-diagram: measure 'overlap' of HopfieldNetwork"),
    ],
)
def test_pictures_are_refused_before_a_point_is_computed(monkeypatch, folder, arguments, message):
    monkeypatch.setattr(an, "scan", lambda *args, **options: pytest.fail("it ran"))
    assert message in fault("run", *AXES, *SHORT, *arguments)
    assert not any(folder.iterdir())


def test_a_phase_diagram_needs_a_load_and_no_other_axes(monkeypatch):
    monkeypatch.setattr(an, "scan", lambda *args, **options: pytest.fail("it ran"))
    noisy = ["--axis", "temperature=0,1", "--axis", "units=40,50", *RECALLS[:4]]
    for arguments, message in [
        ([*RECALLS, "--sel", "alpha=0.1"], "--phase-diagram: draws along alpha"),
        ([*RECALLS, "--axis", "flips=0,1"], "--phase-diagram: give --sel for flips"),
        ([*noisy, "--measure", "overlap"], "--phase-diagram: give --sel for units"),
    ]:
        assert message in fault("run", *arguments, *SHORT, *PHASES)


def test_a_share_needs_an_axis(monkeypatch):
    monkeypatch.setattr(an, "scan", lambda *args, **options: pytest.fail("it ran"))
    assert "--fraction: draws along an axis" in fault("run", *BOTH, *SHARE)
    line = ["--axis", "seed=0:3", *BOTH, *SHARE, "--by", "seed"]
    assert "--by: 'seed' is the only axis" in fault("run", *line)


def test_a_picture_that_fails_leaves_the_table_and_the_report(monkeypatch, folder):
    def broken(*args, **options):
        raise ValueError("scan_map: no ink")

    monkeypatch.setattr(an.plot, "scan_map", broken)
    result = call("run", *AXES, *BOTH, *SHORT, *MAP, "--csv", "scan.csv")
    assert result.exit_code == 2
    assert result.stderr == "Error: scan_map: no ink\n"
    assert "wrote scan.csv" in result.stdout
    assert digest(evaluated(result.stdout.splitlines()[-1]))
    assert (folder / "scan.csv").read_text().count("\n") == 13
    assert not (folder / "x.png").exists()


def test_every_measurement_is_named():
    with pytest.raises(ValueError, match="expected one of ") as error:
        an.scan(an.FeedbackNetwork, an.Grid(), "nonsense")
    known = _core.scan_measurements(an.FeedbackNetwork)
    assert str(error.value).endswith(f"expected one of {', '.join(known)}")
    others = _core.scan_measurements(an.HopfieldNetwork)
    for names in (known, others):
        assert ", ".join(names) in " ".join(done("run", "--help").split())
    entry = an.scan.__doc__.partition("    measure\n")[2].partition("And functions:")[0]
    assert re.findall(r'"(\w+)"', entry) == [*known, *others]


def test_points_that_fail_are_exit_code_1(monkeypatch):
    failed = SimpleNamespace(
        points=7, shape=(7,), dims=("seed",), columns=("kind", "status"), threads=1, elapsed=1.0,
        points_per_second=7.0, status_counts={"ok": 4, "failed": 3},
    )  # fmt: skip
    monkeypatch.setattr(an, "scan", lambda *args, **options: failed)
    assert "scan: 3 of 7 points failed" in fault("run", *AXES, "--measure", "kind", code=1)


def test_interruptions_say_how_to_go_on(monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt("scan: 3 of 7 points are in scan.zarr; the same call goes on")

    monkeypatch.setattr(an, "scan", interrupted)
    result = call("run", *AXES, "--measure", "kind")
    assert result.exit_code == 130
    assert "Error: interrupted: scan: 3 of 7 points are in scan.zarr" in result.stderr


def test_status_tells_what_there_is(folder):
    done("run", *AXES, *BOTH, *SHORT, "--store", "scan.zarr", "--chunk-size", 5)
    told = report("status", "scan.zarr")
    assert told["complete"] is True
    assert (told["points_done"], told["points_total"], told["chunks_total"]) == (12, 12, 4)
    assert told["by_status"]["ok"] == 12
    text = done("status", "scan.zarr")
    assert "12 of 12" in text
    assert "exponent, kind" in text
    (folder / "empty").mkdir()
    assert "expected the folder of a scan's store" in fault("status", "empty")
    assert "does not exist" in fault("status", "nonsense")


def test_verify_finds_damage(folder):
    done("run", *AXES, *BOTH, *SHORT, "--store", "scan.zarr", "--chunk-size", 5)
    assert "4 chunks looked at, 0 problems" in done("verify", "scan.zarr")
    assert report("verify", "scan.zarr") == {"ok": True, "problems": [], "chunks": 4}
    (folder / "scan.zarr" / "kind" / "c" / "0" / "0").unlink()
    result = call("verify", "scan.zarr", "--json")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["problems"]) == 1
    assert "scan_verify: 1 problems" in result.stderr
    assert "kind/c/0/0: chunk 0 of kind cannot be read" in call("verify", "scan.zarr").stdout
