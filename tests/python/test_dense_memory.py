"""Dense associative memories: the core against the oracle, and what theory says of them."""

import gc
import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import hopfield as reference
from remaking import remade

import attractornet as an

INF = math.inf
# Around the widths of packs, of the patterns taken together, and of words and blocks of them.
UNITS = [1, 2, 7, 8, 9, 33, 64, 100]
COUNTS = [1, 2, 4, 5, 63, 64, 65, 200]


def signs(*shape, seed=0):
    return np.random.default_rng([*shape, seed]).choice([-1.0, 1.0], shape)


def reals(*shape, seed=0):
    return np.random.default_rng([*shape, seed]).normal(size=shape)


def softmax(count, units, beta=1.0):
    """The fast memory and the oracle, of patterns of length 1 or so."""
    patterns = reals(count, units) / math.sqrt(units)
    fast = an.DenseAssociativeMemory(patterns, order=INF, beta=beta)
    return fast, reference.SoftmaxMemory(patterns, beta)


def noisy(patterns, share, seed=1):
    """The patterns with that share of the units turned."""
    turned = np.random.default_rng(seed).random(patterns.shape).argsort(axis=1)
    return np.where(turned < share * patterns.shape[1], -patterns, patterns)


# --- of some order, against the oracle ------------------------------------------------------------


@pytest.mark.parametrize("order", [2, 3, 4, 5])
@pytest.mark.parametrize("units", UNITS)
def test_energies_and_overlaps_are_the_oracles(units, order):
    states = signs(5, units, seed=1)
    for count in COUNTS:
        xi = signs(count, units)
        memory, oracle = (
            an.DenseAssociativeMemory(xi, order=order),
            reference.DenseMemory(xi, order),
        )
        assert memory.energy(states).tolist() == [oracle.energy(s) for s in states]
        assert np.array_equal(memory.overlaps(states), states @ xi.T / units)


def oracle_recall(oracle, s):
    """The state in which whole sweeps in the order of the units end, and their number."""
    sweeps, before = 0, None
    while not np.array_equal(s, before):
        before, s = s, oracle.updated(s, range(len(s)))
        sweeps += 1
    return s, sweeps


@pytest.mark.parametrize("order", [2, 3, 4, 7])
@pytest.mark.parametrize("shape", [(3, 9), (10, 12), (70, 11), (40, 30)])
def test_recall_is_the_oracles_flip_for_flip(shape, order):
    xi = signs(*shape)
    memory, oracle = an.DenseAssociativeMemory(xi, order=order), reference.DenseMemory(xi, order)
    states = signs(6, shape[1], seed=2)
    out = memory.recall(states, update="sequential")
    for k, s in enumerate(states):
        expected, sweeps = oracle_recall(oracle, s)
        assert np.array_equal(out.states[k], expected)
        assert out.sweeps[k] == sweeps
        assert out.energies[k] == oracle.energy(expected)
    assert out.converged.all()
    assert np.all(out.cycle_length == 1)


@pytest.mark.parametrize("order", [2, 3, 6])
def test_a_step_turns_every_unit_to_lower_energy_at_once(order):
    xi = signs(30, 20)
    memory, oracle = an.DenseAssociativeMemory(xi, order=order), reference.DenseMemory(xi, order)
    for s in signs(5, 20, seed=3):
        expected = [oracle.updated(s, [i])[i] for i in range(20)]
        assert memory.step(s).tolist() == expected
        once = memory.recall(s, update="synchronous", max_sweeps=1)
        assert once.states.tolist() == expected
    assert np.array_equal(memory.trajectory(3, initial=s)[0], memory.step(s))
    assert set(memory.start()) == {-1.0, 1.0}


@pytest.mark.parametrize("units", [20, 65])
def test_order_two_is_the_classical_network(units):
    xi = signs(3, units)
    memory = an.DenseAssociativeMemory(xi, order=2)
    kept = reference.HopfieldNetwork(reference.hebbian(xi), np.zeros(units))
    bare = reference.HopfieldNetwork(reference.without_diagonal(kept.w), np.zeros(units))
    starts = signs(10, units, seed=4)
    out = memory.recall(starts, update="sequential")
    both = memory.recall(starts, update="synchronous")
    for k, s in enumerate(starts):
        expected = reference.recall(bare, s, itertools.repeat(range(units)))
        assert np.array_equal(out.states[k], expected.state)
        assert out.sweeps[k] == expected.sweeps
        assert out.energies[k] == pytest.approx(2 * units * kept.energy(out.states[k]))
        assert out.energies[k] == pytest.approx(2 * units * bare.energy(out.states[k]) - units * 3)
        expected = reference.recall_synchronous(bare, s, 100)
        assert np.array_equal(both.states[k], expected.state)
        assert both.cycle_length[k] == expected.cycle


def test_numbers_beyond_a_doubles_integers_are_rounded_and_no_more():
    xi, states = signs(200, 90), signs(4, 90, seed=5)
    memory = an.DenseAssociativeMemory(xi, order=40)
    exact = [-sum(int(x) ** 40 for x in xi @ s) for s in states]
    assert memory.energy(states) == pytest.approx([float(e) for e in exact], rel=1e-14)
    fields = memory.recall(xi, max_sweeps=1)
    assert fields.converged.all()


# --- what theory says of orders -------------------------------------------------------------------


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    units=st.integers(1, 40),
    count=st.integers(1, 90),
    order=st.integers(2, 9),
    seed=st.integers(0, 10_000),
    update=st.sampled_from(["asynchronous", "sequential", "random"]),
    tie=st.sampled_from(["keep", "plus"]),
)
def test_no_sweep_raises_the_energy(units, count, order, seed, update, tie):
    memory = an.DenseAssociativeMemory(signs(count, units, seed=seed), order=order)
    start = signs(1, units, seed=seed + 1)
    before = memory.energy(start)[0]
    for sweeps in range(1, 6):
        out = memory.recall(start, update=update, tie=tie, seed=seed, max_sweeps=sweeps)
        assert out.energies[0] <= before
        assert out.energies[0] == memory.energy(out.states)[0]
        before = out.energies[0]


@pytest.mark.parametrize(("order", "count"), [(2, 110), (2, 300), (3, 9_900), (3, 18_000)])
def test_one_step_errors_are_those_of_theory(order, count):
    # A field has the mean 2 n N^(n-1) and the variance 4 n^2 (2n-3)!! P N^(n-1).
    units, odd = 300, {2: 1, 3: 3}[order]
    xi = signs(count, units)
    memory = an.DenseAssociativeMemory(xi, order=order)
    turned = memory.recall(xi[:300], update="synchronous", max_sweeps=1).states != xi[:300]
    expected = reference.one_step_error(odd * count / units ** (order - 1))
    assert np.mean(turned) == pytest.approx(expected, rel=0.15)


def test_higher_orders_hold_far_more_patterns():
    # Without errors: N^(n-1) / (2 (2n-3)!! ln N), 11 patterns of order 2 and 362 of order 3.
    xi = signs(200, 100)
    recalled = {
        order: an.DenseAssociativeMemory(xi, order=order).recall(noisy(xi, 0.1)).states
        for order in (2, 3, 4)
    }
    exact = {order: np.mean(np.all(states == xi, axis=1)) for order, states in recalled.items()}
    assert exact[2] == 0.0
    assert exact[3] > 0.95
    assert exact[4] == 1.0


def test_even_orders_hold_the_negatives_as_well():
    xi, states = signs(40, 50), signs(8, 50, seed=2)
    for order in (2, 4):
        memory = an.DenseAssociativeMemory(xi, order=order)
        out, mirrored = memory.recall(states), memory.recall(-states)
        assert np.array_equal(mirrored.states, -out.states)
        assert np.array_equal(mirrored.energies, out.energies)
    odd = an.DenseAssociativeMemory(xi, order=3)
    assert np.array_equal(odd.energy(-states), -odd.energy(states))


def test_an_exchange_of_units_and_patterns_exchanges_the_results():
    xi, states = signs(70, 40), signs(5, 40, seed=2)
    order = np.random.default_rng(3).permutation(40)
    memory = an.DenseAssociativeMemory(xi)
    moved = an.DenseAssociativeMemory(xi[::-1, order])
    assert np.array_equal(moved.energy(states[:, order]), memory.energy(states))
    for s in states:
        assert np.array_equal(moved.step(s[order]), memory.step(s)[order])
    assert np.array_equal(moved.overlaps(states[:, order]), memory.overlaps(states)[:, ::-1])


@pytest.mark.parametrize("update", ["asynchronous", "random"])
def test_at_a_temperature_states_have_boltzmanns_law(update):
    xi = signs(3, 5, seed=1)
    oracle, temperature = reference.DenseMemory(xi, 3), 60.0
    weight = np.exp([-oracle.energy(s) / temperature for s in reference.all_states(5)])
    memory = an.DenseAssociativeMemory(xi, order=3)
    starts = signs(40_000, 5, seed=2).astype(np.int8)
    out = memory.recall(starts, update=update, temperature=temperature, max_sweeps=15)
    assert not out.converged.any()
    assert np.all(out.sweeps == 15)
    number = (out.states > 0) @ (1 << np.arange(5)[::-1])
    share = np.bincount(number, minlength=32) / len(starts)
    assert np.max(weight) > 3.0 * np.min(weight)
    assert 0.5 * np.sum(np.abs(share - weight / weight.sum())) < 0.015


def test_ties_are_broken_as_asked():
    both = np.array([[1.0, 1.0, -1.0, -1.0], [-1.0, -1.0, 1.0, 1.0]])  # odd orders cancel
    memory = an.DenseAssociativeMemory(both, order=3)
    s = np.array([1.0, -1.0, 1.0, -1.0])
    assert memory.recall(s).states.tolist() == s.tolist()
    assert memory.recall(s, tie="plus").states.tolist() == [1.0, 1.0, 1.0, 1.0]


# --- softmax, against the oracle ------------------------------------------------------------------


@pytest.mark.parametrize("beta", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("units", UNITS)
def test_softmax_steps_and_energies_are_the_oracles(units, beta):
    for count in COUNTS:
        memory, oracle = softmax(count, units, beta)
        states = reals(3, units, seed=1)
        steps = np.array([oracle.step(x) for x in states])
        assert [memory.step(x) for x in states] == pytest.approx(steps, rel=0, abs=1e-14)
        expected = [oracle.energy(x) for x in states]
        assert memory.energy(states) == pytest.approx(expected, rel=1e-13, abs=1e-13)
        assert memory.overlaps(states) == pytest.approx(
            states @ oracle.patterns.T / units, abs=1e-15
        )
        once = memory.recall(states, max_sweeps=1)
        assert np.array_equal(once.states, [memory.step(x) for x in states])


@pytest.mark.parametrize("beta", [0.3, 5.0])
def test_softmax_tangents_are_the_covariance(beta):
    memory, oracle = softmax(90, 20, beta)
    x, v = reals(2, 20, seed=3)
    score = beta * oracle.patterns @ x
    p = np.exp(score - score.max())
    p /= p.sum()
    jacobian = beta * oracle.patterns.T @ (np.diag(p) - np.outer(p, p)) @ oracle.patterns
    assert memory.jacobian(x) == pytest.approx(jacobian, rel=0, abs=1e-14)
    assert memory.jvp(x, v) == pytest.approx(jacobian @ v, rel=0, abs=1e-14)
    assert memory.vjp(x, v) == pytest.approx(jacobian @ v, rel=0, abs=1e-14)


def test_one_step_is_attention_and_a_large_beta_retrieves():
    memory, oracle = softmax(50, 60, beta=200.0)
    x = oracle.patterns + 0.1 * reals(50, 60, seed=1) / math.sqrt(60)
    out = memory.recall(x, max_sweeps=1)
    assert out.states == pytest.approx(oracle.patterns, abs=1e-12)
    settled = memory.recall(x)
    assert settled.converged.all()
    assert np.all(settled.sweeps == 2)
    assert np.all(settled.cycle_length == 1)
    assert settled.states == pytest.approx(oracle.patterns, abs=1e-12)


def test_a_small_beta_gives_the_mean_of_all_patterns():
    memory, oracle = softmax(50, 60, beta=1e-6)
    out = memory.recall(oracle.patterns)
    assert out.states == pytest.approx(np.tile(oracle.patterns.mean(axis=0), (50, 1)), abs=1e-5)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    units=st.integers(1, 20),
    count=st.integers(1, 150),
    beta=st.floats(0.01, 100.0),
    seed=st.integers(0, 10_000),
)
def test_no_step_raises_the_softmax_energy(units, count, beta, seed):
    patterns = reals(count, units, seed=seed)
    memory = an.DenseAssociativeMemory(patterns, order=INF, beta=beta)
    path = np.vstack([2.0 * reals(units, seed=seed + 1), memory.trajectory(30)])
    path[1:] = memory.trajectory(30, initial=path[0])
    energies = memory.energy(path)
    rounding = 1e-15 * (np.sum(path[0] ** 2) + np.max(np.sum(patterns**2, axis=1)) + 10.0 / beta)
    assert np.all(np.diff(energies) <= rounding)
    assert np.all(energies >= -rounding)


def test_recall_ends_at_fixed_points():
    memory, _ = softmax(40, 30, beta=60.0)
    out = memory.recall(reals(20, 30, seed=1) / 5.0, tolerance=1e-13, max_sweeps=2_000)
    assert out.converged.all()
    for x, energy in zip(out.states, out.energies, strict=True):
        assert memory.step(x) == pytest.approx(x, rel=0, abs=1e-12)
        assert np.max(np.abs(np.linalg.eigvalsh(memory.jacobian(x)))) < 1.0
        assert energy == memory.energy(x)


def test_recall_that_is_cut_short_says_so():
    memory, _ = softmax(40, 30)
    x = reals(30, seed=1)
    out = memory.recall(x, tolerance=0.0, max_sweeps=3)
    assert (out.sweeps, out.converged, out.cycle_length) == (3, False, 0)
    assert np.array_equal(out.states, memory.trajectory(3, initial=x)[-1])
    still = memory.recall(x, max_sweeps=0)
    assert np.array_equal(still.states, x)
    assert (still.sweeps, still.converged) == (0, False)


def test_exponents_at_a_fixed_point_are_its_eigenvalues():
    # However small they are: at a pattern that is alone nothing cancels.
    memory, _ = softmax(12, 4, beta=40.0)
    end = memory.recall(memory.patterns[0], tolerance=0.0, max_sweeps=500).states
    expected = np.sort(np.log(np.abs(np.linalg.eigvalsh(memory.jacobian(end)))))[::-1]
    spectrum = an.lyapunov_spectrum(memory, steps=200, discard=50, initial=end)
    assert spectrum.exponents[:2] == pytest.approx(expected[:2], rel=1e-6)
    assert an.classify(memory, end).kind == "fixed point"


# --- what is common to all orders -----------------------------------------------------------------


@pytest.mark.parametrize("order", [3, INF])
def test_threads_and_company_change_nothing(order):
    memory = an.DenseAssociativeMemory(signs(60, 40), order=order)
    states = signs(200, 40, seed=1)
    options = {"temperature": 900.0, "max_sweeps": 5, "seed": 7} if order == 3 else {}
    one = memory.recall(states, threads=1, **options)
    for threads in (2, 5):
        many = memory.recall(states, threads=threads, **options)
        for name in ("states", "energies", "sweeps", "converged", "cycle_length"):
            assert getattr(many, name).tobytes() == getattr(one, name).tobytes()
    first = memory.recall(states[:3], **options)
    assert np.array_equal(first.states, one.states[:3])
    if order == 3:
        other = memory.recall(states, **{**options, "seed": 8})
        assert not np.array_equal(other.states, one.states)


@pytest.mark.parametrize("order", [3, INF])
def test_results_have_the_axes_of_the_states(order):
    memory = an.DenseAssociativeMemory(signs(6, 5), order=order)
    states = signs(2, 3, 5, seed=1)
    for given_, axes in [
        (states, (2, 3)),
        (states[0], (3,)),
        (states[0, 0], ()),
        (states[:0], (0, 3)),
    ]:
        out = memory.recall(given_)
        assert out.states.shape == (*axes, 5)
        for values in (out.energies, out.sweeps, out.converged, out.cycle_length):
            assert values.shape == axes
        assert memory.energy(given_).shape == axes
        assert memory.overlaps(given_).shape == (*axes, 6)
    # A state's stream of random numbers is that of its place.
    assert np.array_equal(memory.recall(states).states[0], memory.recall(states[0]).states)


def test_states_come_back_in_the_type_they_had():
    memory = an.DenseAssociativeMemory(signs(6, 5))
    s = signs(3, 5, seed=1)
    expected = memory.recall(s).states
    for dtype, back in [("i1", "i1"), ("i8", "f8"), ("f4", "f8"), (">f8", "f8"), ("f2", "f8")]:
        out = memory.recall(s.astype(dtype))
        assert out.states.dtype == back
        assert np.array_equal(out.states, expected)
    real = an.DenseAssociativeMemory(signs(6, 5), order=INF)
    assert real.recall(s.astype(np.int8)).states.dtype == np.float64


def test_arguments_and_attributes():
    xi = signs(6, 5)
    memory = an.DenseAssociativeMemory(xi)
    assert (memory.order, memory.beta, memory.dimension) == (3, None, 5)
    assert isinstance(memory.order, int)
    assert memory.patterns.dtype == np.int8
    assert np.array_equal(memory.patterns, xi)
    assert repr(memory) == "DenseAssociativeMemory(patterns=6, units=5, order=3)"
    real = an.DenseAssociativeMemory(xi, order=INF)
    assert (real.order, real.beta, real.dimension) == (INF, 1.0, 5)
    assert np.array_equal(real.patterns, xi)
    assert repr(real) == "DenseAssociativeMemory(patterns=6, units=5, order=inf, beta=1)"
    assert an.DenseAssociativeMemory(xi, order=4.0).order == 4
    assert an.hopfield.DenseAssociativeMemory is an.DenseAssociativeMemory
    out = memory.recall(xi)
    assert repr(out) == f"Recall(6 states, {np.sum(out.converged)} converged)"
    assert isinstance(out, an.hopfield.Recall)


@pytest.mark.parametrize("order", [3, INF])
def test_patterns_are_copied_in_and_shown_read_only(order):
    xi = signs(6, 5)
    memory = an.DenseAssociativeMemory(xi, order=order)
    expected = xi.copy()
    xi[:] = 1.0
    view = memory.patterns
    assert np.array_equal(view, expected)
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1.0
    with pytest.raises(AttributeError):
        memory.order = 4
    del memory
    gc.collect()
    assert np.array_equal(view, expected)


@pytest.mark.parametrize("how", ["pickle", "copy", "file"])
@pytest.mark.parametrize("options", [{"order": 5}, {"order": INF, "beta": 1.0 / 3.0}])
def test_a_memory_comes_back_as_it_was(how, options, tmp_path):
    memory = an.DenseAssociativeMemory(signs(6, 70), **options)
    again = remade(memory, how, tmp_path / "memory.safetensors")
    assert again.patterns.dtype == memory.patterns.dtype
    assert again.patterns.tobytes() == memory.patterns.tobytes()
    assert (again.order, again.beta) == (memory.order, memory.beta)
    assert not np.shares_memory(again.patterns, memory.patterns)
    states = signs(4, 70, seed=1)
    assert np.array_equal(again.energy(states), memory.energy(states))


def test_results_pickle():
    out = an.DenseAssociativeMemory(signs(6, 5)).recall(signs(2, 5, seed=1))
    again = pickle.loads(pickle.dumps(out))
    for name in ("states", "energies", "sweeps", "converged", "cycle_length"):
        assert getattr(again, name).tobytes() == getattr(out, name).tobytes()


def test_progress_is_told():
    told = []
    memory = an.DenseAssociativeMemory(signs(6, 5))
    memory.recall(signs(100, 5), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (100, 100)
    assert told == sorted(told)


XI = signs(6, 5)

REFUSED = [
    ({"order": 1}, r"order = 1: expected a value in \[2, inf\]"),
    ({"order": 2.5}, "order = 2.5: expected an integer from 2 to 1023, or inf"),
    ({"order": math.nan}, r"order = nan: expected a value in \[2, inf\]"),
    ({"order": -INF}, r"order = -inf: expected a value in \[2, inf\]"),
    ({"order": 1024}, "order = 1024: expected an integer from 2 to 1023, or inf"),
    ({"order": 440}, "order = 440: expected at most 439: energies of 6 patterns of 5 units are"),
    ({"beta": 1.0}, "beta = 1: expected order=inf beside it"),
    ({"order": INF, "beta": 0.0}, r"beta = 0: expected a value in \(0, inf\)"),
    ({"order": INF, "beta": INF}, r"beta = inf: expected a value in \(0, inf\)"),
    ({"patterns": XI > 0}, "patterns = array.*: expected an array of -1 and 1: truth values stand"),
    ({"patterns": (XI + 1) / 2}, r"patterns holds 0 at flat index \d+: expected -1 and 1 only"),
    ({"patterns": [[1, -1, 2]]}, "patterns holds 2 at flat index 2: expected -1 and 1 only"),
    ({"patterns": [[1.0, math.nan]]}, "patterns holds nan at flat index 1: expected -1 and 1"),
    ({"patterns": XI[0]}, r"patterns has shape \(5,\): expected \(patterns, units\)"),
    ({"patterns": XI[:0]}, r"patterns = 0: expected 1 to 2\^30 of them"),
    ({"patterns": XI[:, :0]}, r"patterns has shape \(6, 0\): expected \(..., units\)"),
    ({"patterns": XI[0], "order": INF}, r"patterns has shape \(5,\): expected \(patterns, units\)"),
    ({"patterns": XI[:0], "order": INF}, r"patterns = 0: expected 1 to 2\^30 of them"),
    ({"patterns": XI[:, :0], "order": INF}, "units = 0: expected 1 to 1048576 of them"),
    ({"patterns": [[0.0, INF]], "order": INF}, "patterns holds inf at flat index 1: expected fin"),
    ({"patterns": [[0.0], [1e200]], "order": INF}, r"patterns\[1\] = inf: expected finite values"),
    ({"patterns": "x", "order": INF}, "patterns = 'x': expected an array of real numbers"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_is_refused(arguments, message):
    with pytest.raises((ValueError, TypeError), match="^DenseAssociativeMemory: " + message):
        an.DenseAssociativeMemory(**{"patterns": XI, **arguments})


FINITE = "expected a finite order beside it"

REFUSED_RECALLS = [
    (3, {"tolerance": 1e-6}, "tolerance = 1e-06: expected order=inf beside it"),
    (3, {"temperature": -1.0}, r"temperature = -1: expected a value in \[0, inf\)"),
    (3, {"update": "x"}, "update = 'x': expected 'asynchronous' or"),
    (3, {"states": XI[:, :4]}, r"states has shape \(6, 4\): expected \(..., 5\), a value for each"),
    (3, {"states": 1.0}, r"states has shape \(\): expected \(..., 5\), a value for each unit"),
    (3, {"states": 0.5 * XI}, r"states holds -?0.5 at flat index 0: expected -1 and 1 only"),
    (3, {"states": np.zeros(5, np.int8)}, "states holds 0 at flat index 0: expected -1 and 1 only"),
    (3, {"states": XI == 1}, "states = array.*: expected an array of -1 and 1: truth values stand"),
    (3, {"states": 1j * XI}, "states = array.*: expected an array of real numbers"),
    (INF, {"temperature": 0.5}, f"temperature = 0.5: {FINITE}"),
    (INF, {"update": "sequential"}, f"update = 'sequential': {FINITE}"),
    (INF, {"tie": "keep"}, f"tie = 'keep': {FINITE}"),
    (INF, {"seed": 0}, f"seed = 0: {FINITE}"),
    (INF, {"tolerance": -1.0}, r"tolerance = -1: expected a value in \[0, inf\)"),
    (INF, {"max_sweeps": -1}, r"max_sweeps = -1: expected a value in \[0, 4294967295\]"),
    (INF, {"states": XI[:, :4]}, r"states has shape \(6, 4\): expected \(..., 5\), the dimension"),
    (INF, {"states": [math.nan] * 5}, "states holds nan at flat index 0: expected finite values"),
]


@pytest.mark.parametrize(("order", "arguments", "message"), REFUSED_RECALLS)
def test_what_recall_refuses(order, arguments, message):
    memory = an.DenseAssociativeMemory(XI, order=order)
    with pytest.raises((ValueError, TypeError), match="^DenseAssociativeMemory.recall: " + message):
        memory.recall(**{"states": XI, **arguments})


def test_the_first_wrong_value_is_named():
    memory = an.DenseAssociativeMemory(signs(2, 10_000))
    states = np.ones((3, 10_000), np.int8)
    states[1, 7], states[2, 0] = 3, 5
    with pytest.raises(ValueError, match="energy: states holds 3 at flat index 10007"):
        memory.energy(states)


def test_the_update_that_is_its_own_is_no_mistake():
    memory = an.DenseAssociativeMemory(XI, order=INF)
    assert memory.recall(XI, update="synchronous", max_sweeps=7).sweeps.max() <= 7


def test_two_values_have_no_tangent():
    memory = an.DenseAssociativeMemory(XI)
    missing = r"^DenseAssociativeMemory has no tangent or adjoint: its units have two values"
    for call in (
        lambda: memory.jvp(XI[0], XI[0]),
        lambda: memory.vjp(XI[0], XI[0]),
        lambda: memory.jacobian(XI[0]),
        lambda: an.lyapunov_spectrum(memory),
    ):
        with pytest.raises(TypeError, match=missing):
            call()


# --- scans ----------------------------------------------------------------------------------------


def test_beta_is_an_axis_of_scans(tmp_path):
    memory, _ = softmax(12, 4)
    betas = [0.5, 4.0, 40.0]
    measure = {"exponent": "exponent", "energy": lambda each: each.energy(memory.patterns).mean()}
    options = {"steps": 60, "discard": 60, "store": tmp_path / "scan.zarr"}
    result = an.scan(memory, an.Grid(beta=betas), measure, **options)
    for k, beta in enumerate(betas):
        one = an.DenseAssociativeMemory(memory.patterns, order=INF, beta=beta)
        spectrum = an.lyapunov_spectrum(one, k=1, steps=60, discard=60)
        assert result["exponent"][k] == spectrum.exponents[0]
        assert result["energy"][k] == one.energy(memory.patterns).mean()
    assert an.scan_open(tmp_path / "scan.zarr").shape == (3,)
    again = an.scan(memory, an.Grid(beta=betas), measure, **options)
    assert np.array_equal(again["energy"], result["energy"])
    with pytest.raises(ValueError, match=r"system\.patterns"):
        an.scan(softmax(13, 4)[0], an.Grid(beta=betas), measure, **options)


def recalled_share(memory):
    xi = memory.patterns
    return np.mean(np.all(memory.recall(noisy(xi, 0.1)).states == xi, axis=1))


def test_the_order_is_an_axis_of_scans():
    memory = an.DenseAssociativeMemory(signs(60, 50))
    result = an.scan(memory, an.Grid(order=[2, 3, 4]), recalled_share)
    share = result["recalled_share"]
    assert share[0] < 0.1
    assert share[1] > share[0]
    assert share[2] == 1.0
    with pytest.raises(ValueError, match=r"scan: grid: order = 1: expected values in \[2, inf\]"):
        an.scan(memory, an.Grid(order=[1, 2]), recalled_share)
