"""The oracle of labels: its parts by hand, known networks, and rows of its table once more."""

import math
from collections import Counter

import numpy as np
import pytest
from reference import long_runs
from reference.feedback import FeedbackNetwork
from reference.long_runs import Batch, Verdict, Window

SEED = 174658140  # of two of the article's three networks
SHORT = 120_000

# Rows whose labels show in a short run, as (seed, scale): two or more of each label.
ROWS = [
    (0, 0.2),
    (10, 0.2),
    (1, 0.4),
    (2, 0.7),
    (52, 0.7),
    (3, 1.0),
    (4, 1.4),
    (154, 1.4),
    (15, 2.0),
    (95, 2.0),
    (56, 3.0),
    (57, 4.0),
    (58, 6.0),
    (8, 6.0),
    (79, 8.0),
]


@pytest.fixture(scope="module")
def table():
    return {(seed, scale): verdict for seed, scale, verdict in long_runs.read()}


@pytest.fixture(scope="module")
def short():
    """Verdicts of short runs: the article's D = 16 network at several b, and ROWS."""
    nets = [(SEED, scale) for scale in (0.2, 1.4, 1.8, 6.0)] + ROWS
    w, b = long_runs.draw(*zip(*nets, strict=True))
    return dict(zip(nets, long_runs.classify(w, b, SHORT, longer=0), strict=True))


# --- iterating --------------------------------------------------------------------------------


def test_draw_and_orbit_are_the_definition():
    seeds, scales = [3, 5, 8], [0.2, 1.4, 8.0]
    newest, _ = Batch(*long_runs.draw(seeds, scales)).advance()
    for seed, scale, column in zip(seeds, scales, newest.T, strict=True):
        net = FeedbackNetwork.random(4, 16, scale, seed)
        expected = net.trajectory(long_runs.ROUND, discard=1, observe="y0")
        assert column == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("scale", [0.7, 8.0])
def test_growth_is_that_of_the_jacobians(scale):
    batch = Batch(*long_runs.draw([9], [scale]))
    before, net = batch.state[::-1, :, 0], FeedbackNetwork.random(4, 16, scale, 9)
    y, v = before.T
    for _ in range(long_runs.ROUND):
        y, v = net.step(y), net.jacobian(y) @ v
    _, logs = batch.advance()
    assert logs == pytest.approx([math.log(np.max(np.abs(v)))], rel=1e-10)
    assert batch.state[::-1, 1, 0] == pytest.approx(v / np.max(np.abs(v)), rel=1e-8)


def test_lost_tangents_hit_the_floor():
    # |u| = 1600 wherever y_0 is at its largest: sech^2 is 0 there.
    batch = Batch(np.full((1, 1, 2), 100.0), np.array([[8.0]]))
    growth, y0 = batch.run(1, record=1)
    assert y0[-1] == 8.0
    rounds = long_runs.SPAN // long_runs.ROUND
    assert growth[0, 0] == pytest.approx(rounds * math.log(long_runs.FLOOR), rel=0.02)


def test_selected_orbits_go_on():
    batch = Batch(*long_runs.draw([4, 5, 6], [1.4, 2.0, 3.0]))
    batch.run(1)
    part = batch.select(np.array([False, True, True]))
    assert part.advance()[0] == pytest.approx(batch.advance()[0][:, 1:], rel=1e-12)


# --- measuring --------------------------------------------------------------------------------

TIMES = np.arange(40_000)
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


def test_period():
    noise = 1e-11 * np.random.RandomState(0).uniform(-1.0, 1.0, len(TIMES))
    wave = np.cos(2.0 * np.pi * TIMES / 7.0)
    assert long_runs.period(noise, 1.0) == 1
    assert long_runs.period(wave + noise, 1.0) == 7
    assert long_runs.period(np.cos(2.0 * np.pi * GOLDEN * TIMES), 1.0) == 0
    assert long_runs.period(np.cos(2.0 * np.pi * TIMES * 3.0 / 10_000), 1.0) == 10_000
    assert long_runs.period(np.cos(2.0 * np.pi * TIMES * 3.0 / 10_001), 1.0) == 0


def test_period_has_to_hold():
    wave = np.cos(2.0 * np.pi * TIMES / 7.0)
    wave[-19_000] += 1e-3
    assert long_runs.period(wave, 1.0) == 0
    wave = np.cos(2.0 * np.pi * TIMES / 7.0)
    wave[: -long_runs.HELD - 14] = 0.0  # what was before does not matter
    assert long_runs.period(wave, 1.0) == 7


def test_windows_by_hand():
    # First half dropped; the band of a sum of +-1 in turn is 1.
    growth = np.concatenate((np.full(400, 77.0), np.tile([1.0, -1.0], 200)))[:, None]
    (window,) = long_runs.windows(np.hstack((growth, growth + 2.0)))[:1]
    assert window.exponent == 0.0
    assert window.band == 1.0
    assert window.steps == 400 * long_runs.SPAN
    # White noise of deviation 1 a span: error 1 / sqrt(spans).
    noise = np.random.RandomState(0).standard_normal((4000, 50))
    errors = [w.error * long_runs.SPAN for w in long_runs.windows(noise)]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(2000**-0.5, rel=0.05)


def test_transient_is_growth_beyond_rounding():
    rise, fall = np.full(50, 2.0), np.full(50, -1.0)
    assert long_runs.transient(np.concatenate((rise, fall))) == 46 * long_runs.SPAN
    assert long_runs.transient(np.concatenate((rise[:18], fall))) == 0


@pytest.mark.parametrize(
    ("closes", "growth", "error", "band", "apart", "expected"),
    [
        (1, -1e5, 1.0, 1e5, 0.0, "fixed point"),
        (158, -1e4, 20.0, 1e4, 0.0, "periodic"),
        (158, 1e4, 2e3, 1e4, 0.0, "unclear"),
        (0, 0.3, 5.0, 4.0, 1e-9, "quasiperiodic"),
        (0, 0.3, 5.0, 40.0, 1e-9, "unclear"),
        (0, 0.3, 5.0, 4.0, 1e-2, "unclear"),
        (0, -90.0, 5.0, 90.0, 1e-9, "unclear"),
        (0, 2e3, 30.0, 2e3, 0.1, "chaotic"),
        (0, 2e3, 500.0, 2e3, 0.1, "unclear"),
        (0, 2e3, 30.0, 2e3, 1e-9, "unclear"),
        (0, 40.0, 2.0, 45.0, 0.1, "unclear"),
    ],
)
def test_label(closes, growth, error, band, apart, expected):
    steps = 2_500_000
    assert long_runs.label(closes, Window(growth / steps, error / steps, band, steps), apart) == (
        expected
    )


# --- known networks ---------------------------------------------------------------------------


def test_article_networks_are_quasiperiodic(short):
    w, b = long_runs.draw([SEED, 3160697950], [0.22, 0.55], inputs=32)
    article = [*long_runs.classify(w, b, SHORT // 2, longer=0), short[SEED, 1.4]]
    assert [v.label for v in article] == 3 * ["quasiperiodic"]
    assert [v.exponent for v in article] == pytest.approx(3 * [0.0], abs=5e-5)


def test_other_scales_of_the_article(short):
    # Golden: -0.0462630 at the origin, period 158, and 0.06903(8).
    rest, locked, chaos = (short[SEED, scale] for scale in (0.2, 1.8, 6.0))
    assert rest[:2] == ("fixed point", 1)
    assert rest.exponent == pytest.approx(-0.0462630, abs=1e-5)
    assert locked[:2] == ("periodic", 158)
    assert chaos[:2] == ("chaotic", 0)
    assert chaos.exponent == pytest.approx(0.06903, abs=max(5.0 * chaos.error, 1e-3))


# --- the table --------------------------------------------------------------------------------


def test_table_is_whole(table):
    assert long_runs.TABLE.stat().st_size < 60_000
    scales = long_runs.SCALES
    assert list(table) == [(seed, scales[seed % 10]) for seed in long_runs.SEEDS]
    counts = Counter(v.label for v in table.values())
    assert set(counts) <= {"fixed point", "periodic", "quasiperiodic", "chaotic", "unclear"}
    assert counts["unclear"] < 0.01 * len(table)
    assert min(counts[label] for label in set(counts) - {"unclear"}) > 100


def test_table_agrees_with_itself(table):
    for verdict in table.values():
        closes = {"fixed point": [1], "periodic": range(2, 10_001)}.get(verdict.label, [0])
        assert verdict.period in closes
        if verdict.label == "chaotic":
            assert verdict.exponent > 5.0 * verdict.error
        elif verdict.label == "quasiperiodic":
            assert abs(verdict.exponent) < 4e-6
        elif verdict.label != "unclear":
            assert verdict.exponent < -4e-6


def test_rows_come_out_of_short_runs(table, short):
    for row in ROWS:
        long, again = table[row], short[row]
        assert again[:2] == long[:2], row
        tolerance = 5.0 * math.hypot(again.error, long.error) + 5e-5
        assert again.exponent == pytest.approx(long.exponent, abs=tolerance), row
    assert len({table[row].label for row in ROWS}) == 4


def test_fixed_points_at_the_origin_have_its_exponent(table):
    # Those at s = 0.2; w and b give the matrix there, and its eigenvalues are found by LAPACK.
    for seed in range(0, 200, 10):
        net, verdict = FeedbackNetwork.random(4, 16, 0.2, seed), table[seed, 0.2]
        leading = net.origin_exponents()[0]
        assert (verdict.label == "fixed point") or leading > 0.0
        if leading < 0.0:
            assert verdict.exponent == pytest.approx(leading, abs=1e-5)


def test_table_is_written_and_read(tmp_path):
    verdicts = [Verdict("chaotic", 0, 0.0693, 1e-4, 0), Verdict("periodic", 158, -0.01, 0.0, 4000)]
    rows = [(7, 4.0, verdicts[0]), (11, 0.4, verdicts[1])]
    long_runs.write(rows, tmp_path / "table.csv")
    assert long_runs.read(tmp_path / "table.csv") == rows
