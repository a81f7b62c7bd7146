"""The oracle of scans: by hand, against the oracle of one network, and its table of chaos."""

import math

import numpy as np
import pytest
from reference import lyapunov, scan
from reference.feedback import FeedbackNetwork, article_orbit
from reference.scan import Cell, Counts

SEEDS, SCALES = [3, 5, 8, 174658140], [0.2, 1.4, 8.0, 6.0]


@pytest.fixture(scope="module")
def table():
    return {(row.neurons, row.inputs, row.scale): row for row in scan.read()}


def alone(*rows):
    """Weights of one network with these (b_i, w_i1, ..., w_iD), as a batch."""
    rows = np.array(rows, dtype=float)
    return rows[None, :, 1:], rows[None, :, 0]


# --- by hand ----------------------------------------------------------------------------------


def test_parts_by_hand():
    y = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert scan.push(np.array([7.0, 8.0]), y).tolist() == [[7.0, 1.0, 2.0], [8.0, 4.0, 5.0]]
    w = np.array([[[1.0, 0.0, 2.0]], [[0.0, -1.0, 1.0]]])
    assert scan.drive(w, y).tolist() == [[7.0], [1.0]]
    b = np.array([[1.0, 2.0], [3.0, 5.0]])
    expected = np.array([[0.003, 0.0], [0.008, 0.0]])
    assert scan.start(b, 2) == pytest.approx(expected, rel=1e-15)
    unit, length = scan.normalised(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert unit.tolist() == [[0.6, 0.8], [0.0, 0.0]]
    assert length.tolist() == [5.0, 0.0]


def test_cells_by_hand():
    x = np.array([[-1.0, 1.0, 9.0], [0.0, -0.0001, 9.0], [0.999, -0.981, 9.0]])
    first, second = scan.cells(x)
    assert first.tolist() == [0, 50, 99]
    assert second.tolist() == [99, 49, 0]


def test_rest_at_the_origin():
    # A fixed point in one cell, with J = (b . w) = 1/2.
    w, b = alone((1.0, 0.75), (-0.5, 0.5))
    found = scan.scan(w, b, 50, initial=np.zeros((1, 1)))
    assert found.final_state.tolist() == [[0.0]]
    assert found.occupied.tolist() == [1e-4]
    assert found.exponent == pytest.approx([math.log(0.5)], rel=1e-14)


def test_companion_at_the_origin():
    # z^2 = z + 1, whose larger root is the golden ratio.
    w, b = alone((1.0, 1.0, 0.0), (1.0, 0.0, 1.0))
    found = scan.scan(w, b, 100, discard=50, initial=np.zeros((1, 2)))
    assert found.exponent == pytest.approx([math.log((1.0 + math.sqrt(5.0)) / 2.0)], rel=1e-13)


def test_two_cycle():
    # y' = -3 tanh(2 y) / 2 - 3 tanh(2 y) / 2 flips between +y* and -y*, y* = 3 tanh(2 y*).
    w, b = alone((-1.5, 2.0), (-1.5, 2.0))
    fixed = 3.0
    for _ in range(100):
        fixed = 3.0 * math.tanh(2.0 * fixed)
    found = scan.scan(w, b, 100, discard=100)
    assert abs(found.final_state) == pytest.approx(np.array([[fixed]]), rel=1e-14)
    assert found.occupied.tolist() == [2e-4]
    slope = 6.0 / math.cosh(2.0 * fixed) ** 2
    assert found.exponent == pytest.approx([math.log(slope)], rel=1e-12)


def test_lost_tangents():
    w, b = alone((1.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    assert scan.scan(w, b, 1).exponent > -math.inf  # a register of two: it takes two steps
    assert scan.scan(w, b, 3).exponent.tolist() == [-math.inf]
    assert scan.scan(w, b, 3, discard=5).exponent.tolist() == [-math.inf]


# --- against one network at a time ------------------------------------------------------------


@pytest.mark.parametrize(("neurons", "inputs"), [(4, 16), (3, 1), (2, 5)])
def test_draw_is_the_definition(neurons, inputs):
    w, b = scan.draw(SEEDS, SCALES, neurons, inputs)
    assert w.shape == (4, neurons, inputs)
    for p, (seed, scale) in enumerate(zip(SEEDS, SCALES, strict=True)):
        net = FeedbackNetwork.random(neurons, inputs, scale, seed)
        assert np.array_equal(w[p], net.w)
        assert np.array_equal(b[p], net.b)


@pytest.mark.parametrize(("neurons", "inputs"), [(4, 16), (3, 1), (2, 5)])
def test_final_states_are_those_of_each_network(neurons, inputs):
    w, b = scan.draw(SEEDS, SCALES, neurons, inputs)
    initial = np.random.RandomState(2).uniform(-1.0, 1.0, (4, inputs))
    ours = scan.scan(w, b, 7, discard=33).final_state
    begun = scan.scan(w, b, 8, discard=33, initial=initial).final_state
    for p in range(len(SEEDS)):
        net = FeedbackNetwork(w[p], b[p])
        # Row 0 of a trajectory is the start itself, unless another one is given.
        last = net.trajectory(41, observe="y")[-1]
        assert ours[p] == pytest.approx(last, rel=1e-10, abs=1e-13)
        assert ours[p] == pytest.approx(article_orbit(net, 41).y[-1], rel=1e-10, abs=1e-13)
        last = net.trajectory(41, initial=initial[p], observe="y")[-1]
        assert begun[p] == pytest.approx(last, rel=1e-10, abs=1e-13)


def test_occupied_is_a_histogram():
    w, b = scan.draw(SEEDS[:3], [0.5, 1.0, 1.4], 4, 16)
    occupied = scan.scan(w, b, 2_000, discard=100).occupied
    for p in range(3):
        x = FeedbackNetwork(w[p], b[p]).trajectory(2_000, discard=101)
        counts, *_ = np.histogram2d(x[:, 0], x[:, 1], bins=100, range=[[-1, 1]] * 2)
        assert occupied[p] == pytest.approx(np.mean(counts > 0), abs=2e-4)  # two cells


def test_occupied_of_the_article():
    w, b = scan.draw([174658140], [1.4], 4, 16)
    occupied = scan.scan(w, b, 100_000, discard=1_000).occupied
    assert occupied == pytest.approx([0.0438], abs=5e-5)


def test_exponents_are_those_of_qr():
    w, b = scan.draw(SEEDS, SCALES, 4, 16)
    ours = scan.scan(w, b, 100, discard=50).exponent
    for p in range(len(SEEDS)):
        net = FeedbackNetwork(w[p], b[p])
        one = lyapunov.spectrum(net.step, net.jacobian, net.start(), 100, 50, k=1)
        assert ours[p] == pytest.approx(one.exponents[0], rel=1e-9, abs=1e-10)


def test_known_exponents():
    # A torus, and chaos: 0.06903(8).
    w, b = scan.draw([174658140] * 2, [1.4, 6.0], 4, 16)
    torus, chaos = scan.scan(w, b, 30_000, discard=10_000).exponent
    assert torus == pytest.approx(0.0, abs=2e-4)
    assert chaos == pytest.approx(0.06903, abs=4e-3)


# --- counting ---------------------------------------------------------------------------------


def test_counts_by_hand():
    values = np.array([-math.inf, -0.0021, -0.002, 0.0, 0.002, 0.0021, 0.3])
    assert scan.sides(values).tolist() == [-1, -1, 0, 0, 0, 1, 1]
    assert scan.count(scan.sides(values)) == Counts(chaotic=2, neutral=3, stable=2)
    assert scan.count(scan.sides(values, 0.2)) == Counts(chaotic=1, neutral=5, stable=1)


def test_counts_of_known_networks():
    # The scales make a fixed point, a torus and chaos of one seed.
    for scale, side in ((0.2, "stable"), (1.4, "neutral"), (6.0, "chaotic")):
        found = scan.chaos_counts(4, 16, scale, [174658140], 2_000, 4_000)
        assert found._asdict()[side] == sum(found) == 1


@pytest.mark.parametrize("cell", [(4, 4, 1.0), (4, 8, 8.0), (8, 8, 1.0), (8, 16, 0.5)])
def test_cells_without_doubt_come_out_exactly(table, cell):
    row = table[cell]
    assert not row.marginal + row.wandering
    assert scan.chaos_counts(*cell) == row.counts == row.earlier


def test_only_doubtful_networks_change(table):
    # Another start, or another library's rounding, may move them; the others stay put.
    row = table[4, 32, 2.0]
    doubtful = len(row.marginal + row.wandering)
    found = scan.chaos_counts(4, 32, 2.0)
    assert max(abs(a - b) for a, b in zip(found, row.counts, strict=True)) <= doubtful


def test_table_is_whole(table):
    expected = [(*shape, scale) for shape in scan.SHAPES for scale in scan.SCALES]
    assert list(table) == expected
    for row in table.values():
        assert sum(row.counts) == sum(row.earlier) == len(scan.SEEDS)
        assert set(row.marginal + row.wandering) <= set(scan.SEEDS)
        doubtful = len(row.marginal + row.wandering)
        for low, middle, high in zip(row.least, row.counts, row.most, strict=True):
            assert low <= middle <= high <= low + doubtful


def test_earlier_counts_differ_by_doubtful_networks(table):
    # That program rounds in its own way, and 20 nudges do not show every network that may change.
    for row in table.values():
        for low, earlier, high in zip(row.least, row.earlier, row.most, strict=True):
            assert low - 1 <= earlier <= high + 1
    assert [cell for cell, row in table.items() if row.apart] == [
        (4, 64, 2.0),
        (4, 64, 4.0),
        (4, 64, 8.0),
        (8, 16, 8.0),
        (8, 64, 8.0),
    ]


def test_table_is_written_and_read(tmp_path):
    counts = [Counts(3, 2, 1), Counts(0, 0, 6), Counts(0, 0, 1), Counts(3, 2, 6)]
    rows = [Cell(4, 16, 0.5, *counts, (), (10_001, 10_002))]
    scan.write(rows, tmp_path / "table.csv")
    assert scan.read(tmp_path / "table.csv") == rows
    assert rows[0].apart
