"""Two-state Hopfield networks: the core against the oracle, exact laws, and what theory says."""

import functools
import itertools
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import hopfield as reference
from remaking import remade
from scipy import stats

import attractornet as an

UPDATES = ["asynchronous", "sequential", "random", "synchronous"]
ONE_AT_A_TIME = UPDATES[:3]
RULES = ["hebbian", "storkey", "pseudoinverse", "low_activity"]
CODINGS = ["bipolar", "binary"]
TIES = ["keep", "plus"]

# The same examples on every run: a failure is a change of ours, not luck.
EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True)

store = an.HopfieldNetwork.store


# --- networks and states --------------------------------------------------------------------------


def patterns(count, units, seed=0, coding="bipolar", activity=0.5):
    """Random patterns, int8."""
    drawn = np.random.default_rng([count, units, seed]).random((count, units)) < activity
    return (drawn if coding == "binary" else 2 * drawn - 1).astype(np.int8)


def flipped(states, share, seed=0):
    """The states with that share of their units at the other value."""
    hit = np.random.default_rng(seed).random(states.shape) < share
    return np.where(hit, states.min() + 1 - states, states).astype(states.dtype)


def symmetric(units, seed, diagonal=0.0):
    """Random symmetric weights, normal, with a given diagonal."""
    w = np.random.default_rng([units, seed]).normal(size=(units, units))
    w = (w + w.T) / math.sqrt(2.0 * units)
    np.fill_diagonal(w, diagonal)
    return w


def drawn(units, seed, size=0.5):
    """Thresholds, normal."""
    return size * np.random.default_rng([seed, units]).normal(size=units)


def whole(units, seed, largest=2):
    """Symmetric weights, and thresholds, that are small whole numbers: fields of 0 are common."""
    random = np.random.default_rng([units, seed])
    w = np.triu(random.integers(-largest, largest + 1, (units, units)), 1)
    return (w + w.T).astype(float), random.integers(-1, 2, units).astype(float)


def oracle(net):
    """The same network, slow; its weights and thresholds are compared on their own."""
    return reference.HopfieldNetwork(net.weights, net.thresholds, lower(net))


def lower(net):
    return 0.0 if net.coding == "binary" else -1.0


def bits(*results):
    """Everything that recalls told, to the bit."""
    names = ["states", "energies", "sweeps", "cycle_length", "converged"]
    return [getattr(result, name).tobytes() for result in results for name in names]


def near(found, expected, tolerance=1e-13):
    """Whether numbers are equal up to rounding, on the scale of the largest of them."""
    found, expected = np.asarray(found), np.asarray(expected)
    size = np.max(np.abs(expected), initial=1.0)
    return found.shape == expected.shape and np.all(np.abs(found - expected) <= tolerance * size)


# --- storage --------------------------------------------------------------------------------------


def expected_weights(rule, xi, **options):
    """The oracle's weights of patterns of -1 and 1, or of 0 and 1 for low activity."""
    if rule == "low_activity":
        return reference.low_activity(xi, options["a"], options["b"])
    return getattr(reference, rule)(xi.astype(float))


@pytest.mark.parametrize("diagonal", [False, True])
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("count", "units"), [(1, 1), (1, 2), (2, 2), (3, 7), (5, 16), (7, 17)])
def test_weights_are_the_oracles(count, units, rule, coding, diagonal):
    xi = patterns(count, units, coding=coding)
    xi = xi[:1] if rule == "pseudoinverse" and count == units else xi
    numbers = {"a": 0.3, "b": 0.1} if rule == "low_activity" else {}
    net = store(xi, rule, diagonal=diagonal, coding=coding, **numbers)
    values = reference.bipolar(xi) if coding == "binary" else xi.astype(float)
    if rule == "low_activity":
        values = (values + 1.0) / 2.0
    w = expected_weights(rule, values, **numbers)
    if rule == "low_activity" and coding == "bipolar":
        w = w / 2.0
    w = w if diagonal else reference.without_diagonal(w)
    assert near(net.weights, w)
    assert (net.units, net.dimension, net.coding, net.rule) == (units, units, coding, rule)
    assert net.symmetric == (rule != "low_activity")
    assert np.array_equal(net.patterns, xi)
    assert net.patterns.dtype == np.int8


@pytest.mark.parametrize("rule", ["hebbian", "pseudoinverse"])
@pytest.mark.parametrize("count", [127, 128, 130, 260])
def test_weights_of_many_patterns_are_the_oracles(count, rule):
    # Beyond 127 patterns a byte does not hold a count, and tables are summed in several parts.
    xi = patterns(count, 300)
    assert near(store(xi, rule, diagonal=True).weights, expected_weights(rule, xi), 1e-12)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("center", [0.0, 0.25, -1.5, "mean"])
def test_what_is_taken_away_is_the_oracles(center, coding):
    xi = patterns(4, 30, coding=coding, activity=0.3)
    values = reference.bipolar(xi) if coding == "binary" else xi.astype(float)
    number = values.mean() if center == "mean" else center
    net = store(xi, center=center, diagonal=True)
    assert near(net.weights, reference.hebbian(values, number))


@pytest.mark.parametrize(("a", "b"), [(None, None), (0.2, None), (None, 0.1), (0.2, 0.0)])
@pytest.mark.parametrize("coding", CODINGS)
def test_low_activity_takes_its_activity_from_the_patterns(coding, a, b):
    xi = patterns(4, 50, coding=coding, activity=0.2)
    net = store(xi, "low_activity", a=a, b=b)
    activity = np.mean(xi == 1) if a is None else a
    level = activity if b is None else b
    w = reference.without_diagonal(reference.low_activity(xi == 1, activity, level))
    assert near(net.weights, w if coding == "binary" else w / 2.0)
    assert net.symmetric == (activity == level)
    assert np.array_equal(net.thresholds, np.full(50, 0.5 - level))


def test_the_coding_is_that_of_the_patterns():
    assert store([[1, -1]]).coding == "bipolar"
    assert store([[1, 0]]).coding == "binary"
    assert store([[1, 1]]).coding == "bipolar"
    assert store([[1, 1]], coding="binary").coding == "binary"
    assert store([[True, True]]).coding == "binary"
    assert np.array_equal(store([[True, False]]).patterns, [[1, 0]])
    ones = store([[1, 1]], coding="binary")
    assert np.array_equal(ones.patterns, [[1, 1]])


# --- thresholds, energies, fields, overlaps -------------------------------------------------------


def test_default_thresholds_are_those_of_the_coding_and_the_rule():
    for coding in CODINGS:
        xi = patterns(3, 20, coding=coding)
        for rule in RULES[:3]:
            net = store(xi, rule)
            half = reference.binary_thresholds(net.weights, np.zeros(20))
            assert near(net.thresholds, half if coding == "binary" else np.zeros(20))
    given = an.HopfieldNetwork([[0, 1], [1, 0]], coding="binary")
    assert np.array_equal(given.thresholds, [0.5, 0.5])
    assert np.array_equal(an.HopfieldNetwork([[0, 1], [1, 0]], 3).thresholds, [3.0, 3.0])
    assert np.array_equal(store([[1, -1]], thresholds=[1, 2]).thresholds, [1.0, 2.0])


@pytest.mark.parametrize("thresholds", [None, 0.0, "drawn"])
@pytest.mark.parametrize("diagonal", [False, True])
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("rule", [*RULES, "given", "given whole", "given asymmetric"])
def test_energies_and_fields_are_the_oracles(rule, coding, diagonal, thresholds):
    units = 21
    theta = np.random.default_rng(1).normal(size=units) if thresholds == "drawn" else thresholds
    if rule.startswith("given"):
        w = whole(units, 2)[0] if "whole" in rule else symmetric(units, 2, float(diagonal))
        if "asymmetric" in rule:
            w = np.random.default_rng(3).normal(size=(units, units))
        net = an.HopfieldNetwork(w, theta, coding=coding, symmetric="asymmetric" not in rule)
        assert np.array_equal(net.weights, w)
    else:
        xi = patterns(4, units, coding=coding, activity=0.4)
        numbers = {"a": 0.3, "b": 0.1} if rule == "low_activity" else {}
        net = store(xi, rule, thresholds=theta, diagonal=diagonal, **numbers)
    if theta is not None:
        assert np.array_equal(net.thresholds, np.broadcast_to(theta, units))
    slow = oracle(net)
    states = patterns(6, units, seed=9, coding=coding)
    assert near(net.fields(states), [slow.field(s) for s in states])
    assert near(net.energy(states), [slow.energy(s) for s in states])
    for s, h in zip(states, net.fields(states), strict=True):
        clear = np.abs(h) > 1e-12  # elsewhere a rounding decides
        assert np.array_equal(net.step(s)[clear], slow.synchronous(s)[clear])


@pytest.mark.parametrize("coding", CODINGS)
def test_overlaps_are_the_oracles(coding):
    xi, states = (patterns(5, 70, seed, coding) for seed in (0, 1))
    turn = reference.bipolar if coding == "binary" else np.asarray
    expected = [reference.overlaps(turn(xi), turn(s)) for s in states]
    for rule in RULES[:3]:
        net = store(xi, rule)
        assert near(net.overlaps(states), expected, 1e-15)
        assert np.array_equal(np.diag(net.overlaps(xi)), np.ones(5))


@pytest.mark.parametrize("coding", CODINGS)
def test_overlaps_of_low_activity_are_one_on_a_pattern_of_that_activity(coding):
    xi = np.full((2, 40), 0 if coding == "binary" else -1)
    xi[0, :8], xi[1, 4:12] = 1, 1
    net = store(xi, "low_activity", a=0.2)
    states = patterns(3, 40, coding=coding)
    c = (1.0 if coding == "binary" else 0.5) / (0.2 * 0.8 * 40)
    assert near(net.overlaps(states), c * states @ ((xi == 1) - 0.2).T)
    assert near(np.diag(net.overlaps(xi)), np.ones(2))


# Two networks with one behaviour: what stores the patterns, and what is told its weights. Sizes and
# rules are such that each form of the weights is met: bytes, two bytes, the signs of the patterns,
# numbers, and two narrow factors of them.
FORMS = {
    "bytes": functools.partial(store, patterns(5, 65)),
    "bytes, binary": functools.partial(store, patterns(4, 49, coding="binary")),
    "bytes, diagonal": functools.partial(store, patterns(6, 130), diagonal=True),
    "two bytes": functools.partial(store, patterns(200, 150)),
    "two bytes, large sums": functools.partial(store, patterns(120, 1100)),
    "signs": functools.partial(store, patterns(4, 2500)),
    "signs, binary, diagonal": functools.partial(
        store, patterns(3, 2500, coding="binary"), diagonal=True
    ),
    "signs, thresholds": functools.partial(store, patterns(3, 2500), thresholds=0.01),
    "numbers": functools.partial(store, patterns(9, 60), "pseudoinverse"),
    "storkey": functools.partial(store, patterns(9, 60), "storkey", diagonal=True),
    "factors": functools.partial(store, patterns(3, 600), "pseudoinverse"),
    "factors, asymmetric": functools.partial(
        store, patterns(3, 600, coding="binary", activity=0.2), "low_activity", b=0.0
    ),
}


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_the_weights_recalls_alike(make):
    net = make()
    own = None if net.coding == "binary" and net.rule == "hebbian" else net.thresholds
    given = an.HopfieldNetwork(net.weights, own, coding=net.coding, symmetric=net.symmetric)
    states = np.vstack(
        [flipped(net.patterns, 0.2), patterns(4, net.units, seed=2, coding=net.coding)]
    )[-8:]
    assert near(given.energy(states), net.energy(states), 1e-12)
    assert near(given.fields(states), net.fields(states), 1e-12)
    for update, temperature in itertools.product(UPDATES, [0.0, 0.2]):
        options = {"update": update, "temperature": temperature, "max_sweeps": 15, "seed": 5}
        one, two = net.recall(states, **options), given.recall(states, **options)
        assert np.array_equal(one.states, two.states), update
        assert np.array_equal(one.sweeps, two.sweeps), update
        assert np.array_equal(one.cycle_length, two.cycle_length), update


@pytest.mark.parametrize("units", [49, 103])
def test_a_networks_own_thresholds_change_nothing(units):
    # P even: many fields are 0.
    xi, states = (patterns(count, units, coding="binary") for count in (4, 100))
    net = store(xi)
    again = store(xi, thresholds=net.thresholds)
    assert bits(again.recall(states)) == bits(net.recall(states))


@pytest.mark.parametrize("units", [1_000, 40_000])
def test_large_networks_agree_with_overlaps(units):
    # Beyond 32,767 units an overlap needs more than two bytes.
    xi = patterns(5, units)
    net, s = store(xi), flipped(patterns(5, units)[0], 0.3)
    m = xi.astype(float) @ s
    h = (m @ xi - 5.0 * s) / units
    assert np.array_equal(net.fields(s), h)
    assert near(net.energy(s), 2.5 - np.sum(m**2) / (2.0 * units))
    assert np.array_equal(net.step(s), np.where(h == 0, s, np.sign(h)))
    assert np.array_equal(net.recall(s).states, xi[0])


# --- recall, flip for flip ------------------------------------------------------------------------


def orders(update, units, sweeps, batch=1, seed=0):
    """The units in the order in which they were visited, (batch, sweeps, units).

    A unit that inhibits nothing but itself flips whenever it is visited; streams depend on neither
    weights nor temperature.
    """
    net = an.HopfieldNetwork(-np.eye(units))
    options = {"update": update, "seed": seed, "max_sweeps": sweeps}
    states = net.recall(np.ones((batch, units)), trace="state", trace_every=1, **options)
    visits = np.diff(states.state_trace, axis=1) != 0
    assert np.all(visits.sum(axis=2) == 1)
    return visits.argmax(axis=2).reshape(batch, sweeps, units)


def agrees(found, k, expected):
    """Whether the k-th of a batch ended where, when and how the oracle says."""
    ending = (found.sweeps[k], found.cycle_length[k])
    return np.array_equal(found.states[k], expected.state) and ending == expected[1:]


@EXAMPLES
@given(
    units=st.sampled_from([1, 2, 3, 5, 8, 9, 16, 17, 33, 65]),  # around the widths of registers
    seed=st.integers(0, 10_000),
    tie=st.sampled_from(TIES),
    coding=st.sampled_from(CODINGS),
    exact=st.booleans(),
)
def test_recall_is_the_oracles_flip_for_flip(units, seed, tie, coding, exact):
    w, theta = whole(units, seed) if exact else (symmetric(units, seed), drawn(units, seed))
    net = an.HopfieldNetwork(w, theta, coding=coding)
    slow, states = oracle(net), patterns(4, units, seed, coding)
    for update in ("sequential", "asynchronous"):
        found = net.recall(states, update=update, tie=tie, seed=seed)
        assert np.all(found.converged)
        order = orders(update, units, int(found.sweeps.max()), 4, seed)
        for k, s in enumerate(states):
            assert agrees(found, k, reference.recall(slow, s, order[k], tie))
    found = net.recall(states, update="synchronous", tie=tie)
    for k, s in enumerate(states):
        assert agrees(found, k, reference.recall_synchronous(slow, s, 100, tie))
    # A sweep at random may miss the unit that would flip: it proves nothing, all units do.
    found = net.recall(states, update="random", tie=tie, seed=seed, max_sweeps=5)
    for k, sites in enumerate(orders("random", units, 5, 4, seed)):
        end = slow.updated(states[k], sites[: found.sweeps[k]].ravel(), tie)
        assert np.array_equal(found.states[k], end)
        assert found.sweeps[k] == 5 or found.converged[k]
        if found.converged[k]:
            assert np.array_equal(slow.synchronous(end, tie), end)


@pytest.mark.parametrize("tie", TIES)
@pytest.mark.parametrize("count", [2, 4, 8])
def test_ties_of_stored_patterns_are_the_oracles(count, tie):
    # An even number of patterns: whole fields, many of them 0.
    xi, states = patterns(count, 30), patterns(40, 30, seed=1)
    net = store(xi)
    exact = reference.HopfieldNetwork(np.rint(30 * net.weights), np.zeros(30))
    assert np.mean([exact.field(s) == 0 for s in states]) > 0.05
    for update in ("sequential", "synchronous"):
        found = net.recall(states, update=update, tie=tie)
        for k, s in enumerate(states):
            slow = (
                reference.recall(exact, s, [range(30)] * 100, tie)
                if update == "sequential"
                else reference.recall_synchronous(exact, s, 100, tie)
            )
            assert agrees(found, k, slow)


def test_orders_are_permutations_all_of_which_are_equally_likely():
    found = orders("asynchronous", 4, sweeps=6, batch=4_000)
    assert np.array_equal(np.sort(found, axis=2), np.broadcast_to(np.arange(4), found.shape))
    counts = np.unique(found.reshape(-1, 4), axis=0, return_counts=True)[1]
    assert len(counts) == 24
    assert stats.chisquare(counts).pvalue > 1e-4
    assert np.array_equal(orders("sequential", 5, 3)[0], [range(5)] * 3)


def test_random_sites_are_drawn_with_replacement_one_as_often_as_another():
    found = orders("random", 5, sweeps=20, batch=1_000)
    pairs = found[:, :, :-1] * 5 + found[:, :, 1:]  # one after the other
    for values, many in ((found, 5), (pairs, 25)):
        assert stats.chisquare(np.bincount(values.ravel(), minlength=many)).pvalue > 1e-4


def test_two_units_that_inhibit_each_other_flip_together_for_ever():
    net = an.HopfieldNetwork([[0, -1], [-1, 0]])
    found = net.recall([[1, 1], [-1, -1], [1, -1]], update="synchronous")
    assert found.cycle_length.tolist() == [2, 2, 1]
    assert found.sweeps.tolist() == [2, 2, 1]
    assert found.converged.tolist() == [False, False, True]
    assert found.energies.tolist() == [1.0, 1.0, -1.0]
    assert np.array_equal(found.states, [[1, 1], [-1, -1], [1, -1]])
    assert np.all(net.recall([[1, 1], [-1, -1]]).converged)


@EXAMPLES
@given(units=st.integers(1, 7), seed=st.integers(0, 10_000), tie=st.sampled_from(TIES))
def test_cycles_without_symmetry_have_the_length_that_steps_tell(units, seed, tie):
    w = np.random.default_rng(seed).integers(-3, 4, (units, units)).astype(float)
    net = an.HopfieldNetwork(w, symmetric=False)
    slow, states = oracle(net), patterns(5, units, seed)
    found = net.recall(states, update="synchronous", tie=tie, max_sweeps=1_000)
    for k, s in enumerate(states):
        orbit = [tuple(s)]
        while len(set(orbit)) == len(orbit):
            orbit.append(tuple(slow.synchronous(np.array(orbit[-1]), tie)))
        before = orbit.index(orbit[-1])
        period = len(orbit) - 1 - before
        assert found.cycle_length[k] == period
        enough = 3 * max(period, before)
        soon = net.recall(s, update="synchronous", tie=tie, max_sweeps=enough)
        assert soon.cycle_length == period
        assert tuple(found.states[k]) in orbit[orbit.index(orbit[-1]) :]


def test_a_ring_of_units_has_a_long_cycle():
    w = np.roll(np.eye(11), 1, axis=0)
    s = np.ones(11)
    s[0] = -1.0
    for sign, period in ((1.0, 11), (-1.0, 22)):  # the last unit may inhibit the first
        w[0, -1] = sign
        found = an.HopfieldNetwork(w, symmetric=False).recall(s, update="synchronous")
        assert int(found.cycle_length) == period
        assert not found.converged


def test_weights_that_are_symmetric_but_for_rounding_are_made_so():
    w = symmetric(30, 1)
    uneven = w + 1e-12 * np.random.default_rng(1).normal(size=w.shape)
    net = an.HopfieldNetwork(uneven)
    assert np.array_equal(net.weights, (uneven + uneven.T) / 2.0)
    assert np.array_equal(an.HopfieldNetwork(w).weights, w)
    assert np.array_equal(an.HopfieldNetwork(uneven, symmetric=False).weights, uneven)
    # Units that would chase each other through four states, beside a pair with large weights.
    chase = np.zeros((4, 4))
    chase[0, 1], chase[1, 0] = 4e-11, -4e-11
    free = an.HopfieldNetwork(chase, symmetric=False).recall([1, 1, 1, 1], update="synchronous")
    assert int(free.cycle_length) == 4
    chase[2, 3] = chase[3, 2] = 1.0
    still = an.HopfieldNetwork(chase).recall([1, 1, 1, 1], update="synchronous")
    assert int(still.cycle_length) == 1


def test_cycles_that_rounding_makes_are_found():
    # Fields of 0.7, 1.4, ... do not cancel to the bit: units that are tied in theory turn in some
    # states and not in others, and symmetric weights have a cycle of ten states.
    w = 0.7 * np.array(
        [
            [0, 2, 0, 2, 1, 1],
            [2, -2, -1, 0, 0, 1],
            [0, -1, 1, 2, 2, 2],
            [2, 0, 2, -2, -1, 2],
            [1, 0, 2, -1, 2, -2],
            [1, 1, 2, 2, -2, 2],
        ]
    )
    states = reference.all_states(6)
    found = an.HopfieldNetwork(w).recall(states, update="synchronous")
    assert np.all(found.cycle_length > 0)
    exact = an.HopfieldNetwork(np.rint(w / 0.7)).recall(states, update="synchronous")
    assert set(exact.cycle_length.tolist()) <= {1, 2}


# --- energies never rise --------------------------------------------------------------------------


@EXAMPLES
@given(
    units=st.integers(1, 12),
    seed=st.integers(0, 10_000),
    update=st.sampled_from(ONE_AT_A_TIME),
    coding=st.sampled_from(CODINGS),
    tie=st.sampled_from(TIES),
    diagonal=st.floats(0.0, 2.0),
)
def test_single_updates_never_raise_the_energy(units, seed, update, coding, tie, diagonal):
    net = an.HopfieldNetwork(symmetric(units, seed, diagonal), drawn(units, seed), coding=coding)
    states = patterns(4, units, seed, coding)
    found = net.recall(
        states, update=update, tie=tie, seed=seed, trace=("energy", "state"), trace_every=1
    )
    assert np.all(found.converged)
    scale = float(np.abs(net.weights).sum() + np.abs(net.thresholds).sum() + 1.0)
    for energies, way in zip(found.energy_trace, found.state_trace, strict=True):
        assert np.all(np.diff(energies[~np.isnan(energies)]) <= 1e-15 * scale * units)
        assert np.all(np.abs(np.diff(way.astype(int), axis=0)).sum(axis=1) <= 1 - lower(net))
    slow = oracle(net)
    for s in found.states:
        h = slow.field(s)
        assert np.all((h >= -1e-14 * scale) | (s != 1))
        assert np.all((h <= 1e-14 * scale) | (s == 1))


@EXAMPLES
@given(
    units=st.integers(1, 12),
    seed=st.integers(0, 10_000),
    tie=st.sampled_from(TIES),
    exact=st.booleans(),
)
def test_synchronous_steps_never_raise_the_energy_of_two_steps(units, seed, tie, exact):
    w, theta = (
        whole(units, seed, 3) if exact else (symmetric(units, seed, -0.3), drawn(units, seed))
    )
    net = an.HopfieldNetwork(w, theta)
    found = net.recall(patterns(4, units, seed), update="synchronous", tie=tie, trace="state")
    assert np.all((found.cycle_length == 1) | (found.cycle_length == 2))
    slow = oracle(net)
    for way, sweeps in zip(found.state_trace.astype(float), found.sweeps, strict=True):
        pairs = itertools.pairwise(way[: sweeps + 1])
        energies = [reference.two_step_energy(slow, after, before) for before, after in pairs]
        assert np.all(np.diff(energies) <= 1e-13 * units)


# --- symmetries -----------------------------------------------------------------------------------


@EXAMPLES
@given(units=st.integers(1, 40), seed=st.integers(0, 10_000), update=st.sampled_from(UPDATES))
def test_without_thresholds_the_opposite_state_does_the_opposite(units, seed, update):
    net = store(patterns(4, units, seed))
    states = patterns(5, units, seed + 1)
    one, two = (net.recall(s, update=update, seed=seed) for s in (states, -states))
    assert np.array_equal(two.states, -one.states)
    assert np.array_equal(two.energies, one.energies)
    assert np.array_equal(two.sweeps, one.sweeps)


@EXAMPLES
@given(
    units=st.integers(1, 40),
    seed=st.integers(0, 10_000),
    update=st.sampled_from(UPDATES),
    rule=st.sampled_from(RULES[:3]),
)
def test_a_gauge_of_patterns_and_states_changes_no_more(units, seed, update, rule):
    xi, states = patterns(min(4, units), units, seed), patterns(5, units, seed + 1)
    g = patterns(1, units, seed + 2)[0]
    net, turned = store(xi, rule), store(g * xi, rule)
    assert near(turned.weights, net.weights * np.outer(g, g))
    assert near(turned.fields(g * states), g * net.fields(states))
    if rule == "hebbian":  # whose fields are exact, those of 0 among them
        one = net.recall(states, update=update, seed=seed)
        two = turned.recall(g * states, update=update, seed=seed)
        assert np.array_equal(two.states, g * one.states)
        assert np.array_equal(two.energies, one.energies)
        assert np.array_equal(two.sweeps, one.sweeps)


@EXAMPLES
@given(units=st.integers(2, 40), seed=st.integers(0, 10_000))
def test_an_exchange_of_units_exchanges_synchronous_steps_and_the_order_of_others(units, seed):
    xi, states = patterns(3, units, seed), patterns(5, units, seed + 1)
    order = np.random.default_rng(seed).permutation(units)
    net, moved = store(xi), store(xi[:, order])
    assert np.array_equal(moved.weights, net.weights[np.ix_(order, order)])
    assert np.array_equal(moved.energy(states[:, order]), net.energy(states))
    one, two = (
        each.recall(s, update="synchronous")
        for each, s in ((net, states), (moved, states[:, order]))
    )
    assert np.array_equal(two.states, one.states[:, order])
    assert np.array_equal(two.sweeps, one.sweeps)
    # And sequential sweeps are those of the other network in the order of the exchange.
    found = moved.recall(states[:, order], update="sequential")
    exact = reference.HopfieldNetwork(np.rint(units * net.weights), np.zeros(units))
    for k, s in enumerate(states):
        slow = reference.recall(exact, s, [order] * 100)
        assert np.array_equal(found.states[k], slow.state[order])
        assert found.sweeps[k] == slow.sweeps


@EXAMPLES
@given(count=st.integers(1, 9), units=st.integers(1, 60), seed=st.integers(0, 10_000))
def test_fields_and_energies_are_those_of_the_overlaps(count, units, seed):
    xi, s = patterns(count, units, seed), patterns(1, units, seed + 1)[0]
    for diagonal in (True, False):
        net = store(xi, diagonal=diagonal)
        m, own = net.overlaps(s), 0.0 if diagonal else count / units
        assert near(net.fields(s), m @ xi - own * s, 1e-14)
        energy = -0.5 * units * np.sum(m**2) + 0.5 * units * own
        assert near(net.energy(s), energy, 1e-14)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("rule", RULES[:3])
def test_both_codings_have_one_trajectory(rule, update, temperature):
    ones = patterns(4, 60, coding="binary", activity=0.3)
    states = flipped(ones, 0.25)
    binary, bipolar = store(ones, rule), store(2 * ones - 1, rule)
    options = {"update": update, "seed": 3, "trace": ("state", "energy"), "max_sweeps": 20}
    # Fields of 0 and 1 are half as large, and a flip makes half the difference.
    one = bipolar.recall(2 * states - 1, temperature=temperature, **options)
    two = binary.recall(states, temperature=temperature / 4.0, **options)
    assert np.array_equal(2 * two.state_trace - 1, one.state_trace)
    assert np.array_equal(two.sweeps, one.sweeps)
    changes = [np.diff(each.energy_trace, axis=1) for each in (one, two)]
    assert changes[0] == pytest.approx(4.0 * changes[1], abs=1e-12, nan_ok=True)
    assert np.array_equal(binary.overlaps(states), bipolar.overlaps(2 * states - 1))


def test_binary_networks_without_thresholds_forget():
    ones = patterns(4, 400, coding="binary", activity=0.3)
    states = flipped(ones, 0.1)
    assert np.array_equal(store(ones).recall(states).states, ones)
    forgot = store(ones, thresholds=0.0).recall(states).states
    assert np.mean(forgot == ones) < 0.6


# --- temperature: exact laws ----------------------------------------------------------------------

# Many short recalls, each with a stream of its own, against every state's probability.
BATCH = 200_000


def numbers_of(states):
    """Their places in itertools.product((lower, 1), repeat=units)."""
    return (states > 0) @ (1 << np.arange(states.shape[-1])[::-1])


def p_value(states, law):
    """Of the chi-square test that the states, (batch, units), are independent and of this law."""
    counts = np.bincount(numbers_of(states), minlength=len(law))
    assert len(states) * law.min() > 5.0
    return stats.chisquare(counts, len(states) * law).pvalue


def small(units=6, seed=1):
    """A network with thresholds, fast and slow, whose states are all met."""
    w, theta = symmetric(units, seed), drawn(units, seed, 0.4)
    return an.HopfieldNetwork(w, theta), reference.HopfieldNetwork(w, theta)


def sweep_laws(slow, update, temperature):
    """The transition probabilities of one sweep."""
    units = len(slow.theta)
    if update == "synchronous":
        return reference.synchronous_kernel(slow, temperature)
    if update == "random":
        one = reference.random_site_kernel(slow, temperature)
        return np.linalg.matrix_power(one, units)
    one = [range(units)]
    some = one if update == "sequential" else list(itertools.permutations(range(units)))
    return sum(reference.sweep_kernel(slow, order, temperature) for order in some) / len(some)


@pytest.mark.parametrize("sweeps", [1, 2, 4])
@pytest.mark.parametrize("update", UPDATES)
def test_sweeps_have_the_transition_probabilities_of_theory(update, sweeps):
    net, slow = small(units=4)
    start, temperature = np.array([1, -1, -1, 1]), 0.9
    found = net.recall(
        np.tile(start, (BATCH, 1)),
        update=update,
        temperature=temperature,
        max_sweeps=sweeps,
        seed=sweeps,
    )
    kernel = np.linalg.matrix_power(sweep_laws(slow, update, temperature), sweeps)
    assert p_value(found.states, kernel[numbers_of(start)]) > 1e-4
    assert np.all(found.sweeps == sweeps)
    assert np.all(found.cycle_length == 0)
    assert not np.any(found.converged)


def stationary(update, slow, temperature):
    law = reference.peretto if update == "synchronous" else reference.boltzmann
    return law(slow, temperature)


@pytest.mark.parametrize("update", UPDATES)
def test_long_recalls_have_the_law_of_theory(update):
    net, slow = small()
    law = stationary(update, slow, 1.1)
    # From states of that law, which must stay; after 40 sweeps from one state little is left of it.
    drawn = np.random.default_rng(2).choice(64, BATCH, p=law)
    starts = reference.all_states(6)[drawn]
    for begin, sweeps in ((starts, 3), (np.ones_like(starts), 40)):
        found = net.recall(begin, update=update, temperature=1.1, max_sweeps=sweeps, seed=sweeps)
        assert p_value(found.states, law) > 1e-4


def test_laws_that_are_wrong_are_noticed():
    net, slow = small()
    one_at_a_time = net.recall(np.ones((BATCH, 6)), temperature=1.1, max_sweeps=40).states
    together = net.recall(
        np.ones((BATCH, 6)), temperature=1.1, max_sweeps=40, update="synchronous"
    ).states
    assert p_value(one_at_a_time, reference.boltzmann(slow, 1.1)) > 1e-4
    assert p_value(one_at_a_time, reference.peretto(slow, 1.1)) < 1e-50
    assert p_value(together, reference.boltzmann(slow, 1.1)) < 1e-50
    for change in (0.97, 1.03):
        assert p_value(one_at_a_time, reference.boltzmann(slow, 1.1 * change)) < 1e-8
        assert p_value(together, reference.peretto(slow, 1.1 * change)) < 1e-8
    opposite = reference.HopfieldNetwork(slow.w, -slow.theta)
    assert p_value(one_at_a_time, reference.boltzmann(opposite, 1.1)) < 1e-50
    # Nor do neighbours in the batch resemble each other.
    pairs = np.hstack([one_at_a_time[0::2, :3], one_at_a_time[1::2, :3]])
    marginal = reference.boltzmann(slow, 1.1).reshape(8, 8).sum(axis=1)
    assert p_value(pairs, np.outer(marginal, marginal).ravel()) > 1e-4


def test_random_sites_are_in_detailed_balance():
    net, slow = small(units=4)
    law = reference.boltzmann(slow, 0.9)
    starts = reference.all_states(4)[np.random.default_rng(3).choice(16, BATCH, p=law)]
    ends = net.recall(starts, update="random", temperature=0.9, max_sweeps=1).states
    counts = np.bincount(16 * numbers_of(starts) + numbers_of(ends), minlength=256).reshape(16, 16)
    there, back = (each[np.triu_indices(16, 1)] for each in (counts, counts.T))
    seen = there + back > 20
    squares = (there - back)[seen] ** 2 / (there + back)[seen]
    assert stats.chi2.sf(squares.sum(), np.count_nonzero(seen)) > 1e-4


@pytest.mark.parametrize("update", ONE_AT_A_TIME)
def test_one_update_has_the_transition_probabilities_of_theory(update):
    net, slow = small(units=5)
    start = np.array([1, -1, -1, 1, 1])
    found = net.recall(
        np.tile(start, (BATCH, 1)),
        update=update,
        temperature=0.7,
        max_sweeps=1,
        trace="state",
        trace_every=1,
    )
    kernel = (
        reference.site_kernel(slow, 0, 0.7)
        if update == "sequential"
        else reference.random_site_kernel(slow, 0.7)
    )
    law = kernel[numbers_of(start)]
    counts = np.bincount(numbers_of(found.state_trace[:, 1]), minlength=32)
    assert counts[law == 0].sum() == 0
    assert stats.chisquare(counts[law > 0], BATCH * law[law > 0]).pvalue > 1e-4


@pytest.mark.parametrize("update", ONE_AT_A_TIME[:2])
def test_binary_units_have_their_own_temperature(update):
    w, theta = symmetric(5, 4), np.array([0.3, -0.2, 0.5, 0.0, -0.4])
    net = an.HopfieldNetwork(w, theta, coding="binary")
    found = net.recall(np.zeros((BATCH, 5)), update=update, temperature=0.6, max_sweeps=40).states
    energies = net.energy((reference.all_states(5) + 1.0) / 2.0)
    law = np.exp(-energies / 0.6)
    assert p_value(found, law / law.sum()) > 1e-4
    one = an.HopfieldNetwork([[0.0]], 0.8, coding="binary")
    ups = one.recall(np.zeros((BATCH, 1)), temperature=0.5, max_sweeps=1).states.mean()
    expected = reference.upper_probability(-0.8, 0.5, lower=0.0)
    assert ups == pytest.approx(expected, abs=4.0 * math.sqrt(expected * (1 - expected) / BATCH))


def test_very_low_and_very_high_temperatures_have_their_limits():
    xi, states = patterns(5, 100), patterns(20, 100, seed=1)  # odd fields: none is 0
    net = store(xi)
    for update in ("sequential", "synchronous"):
        cold = net.recall(states, update=update, temperature=1e-9, max_sweeps=20)
        still = net.recall(states, update=update, max_sweeps=20)
        settled = still.cycle_length == 1
        assert np.array_equal(cold.states[settled], still.states[settled])
        hot = net.recall(states, update=update, temperature=1e300, max_sweeps=3).states
        assert abs(hot.mean()) < 4.0 / math.sqrt(hot.size)


# --- the pseudo-inverse ---------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "units"), [(6, 25), (50, 200), (64, 64), (6, 700)])
def test_the_pseudoinverse_is_the_projector_and_patterns_may_depend_on_each_other(count, units):
    xi = patterns(count, units)
    if count < units:
        xi[-1], xi[-2] = xi[0], -xi[1]  # one stored twice, one stored as its opposite
    rank = np.linalg.matrix_rank(xi)
    w = store(xi, "pseudoinverse", diagonal=True).weights
    assert np.array_equal(w, w.T)
    assert near(w @ w, w, 1e-12)
    assert near(xi @ w, xi, 1e-12)
    assert np.trace(w) == pytest.approx(rank, abs=1e-10)
    bare = store(xi, "pseudoinverse")
    assert near(bare.weights, reference.without_diagonal(w), 1e-12)
    if count < units:
        assert np.all(bare.recall(xi).states == xi)


@pytest.mark.parametrize(("load", "share"), [(1 / 4, 0.2), (1 / 8, 0.3)])
def test_the_pseudoinverse_recalls_where_hebb_cannot(load, share):
    # 30 % of the units flipped at P = N / 4 lie outside of the basins.
    xi = patterns(round(1000 * load), 1000)
    states = flipped(xi, share)
    recalled = store(xi, "pseudoinverse").recall(states).states
    assert np.mean(np.all(recalled == xi, axis=1)) > 0.97
    if load > 0.138:
        assert np.mean(store(xi).recall(states).states * xi.astype(float)) < 0.5


# --- capacity -------------------------------------------------------------------------------------


def one_step_errors(units, count, diagonal, networks):
    """The share of the units of stored patterns that a step changes, of each network."""
    result = []
    for k in range(networks):
        xi = patterns(count, units, k)
        step = store(xi, diagonal=diagonal).recall(xi, update="synchronous", max_sweeps=1)
        result.append(np.mean(step.states != xi))
    return np.array(result)


@pytest.mark.parametrize("load", [0.138, 0.185, 0.37])
def test_one_step_errors_are_those_of_theory(load):
    # (N - 1) / (P - 1) = 1 / load. A unit of a pattern has the field 1 - 1/N, with the diagonal
    # P / N more, and (N - 1)(P - 1) independent signs over N: exactly binomial.
    units, count = 1001, 1 + round(1000 * load)
    signs = (units - 1) * (count - 1)
    for diagonal in (False, True):
        errors = one_step_errors(units, count, diagonal, networks=12)
        least = units - 1 + diagonal * count  # the sum of the signs must be below -least
        exact = stats.binom.cdf((signs - least - 1) // 2, signs, 0.5)
        assert errors.mean() == pytest.approx(exact, abs=4.0 * standard_error(errors))
        if diagonal:
            assert exact < 0.35 * reference.one_step_error(load)  # it holds units where they are
        else:
            assert exact == pytest.approx(reference.one_step_error(load), rel=0.01)


def standard_error(values):
    return float(np.std(values, ddof=1) / math.sqrt(len(values)))


def remaining(units, load, temperature=0.0, networks=12, states=100, **options):
    """Overlaps with the pattern that recall begins with, one mean for each network."""
    result = []
    for k in range(networks):
        xi = patterns(round(load * units), units, k)
        some = xi[:states]
        found = store(xi).recall(some, temperature=temperature, seed=k, **options)
        result.append(np.mean(found.states * some.astype(float)))
    return np.array(result)


@pytest.mark.parametrize("load", [0.08, 0.1, 0.12])
def test_overlaps_at_zero_temperature_are_those_of_mean_field(load):
    # N = 4000: the effect of the size is below a standard error of twelve networks. At N = 2000
    # and a load of 0.12 it is five (150 networks: 0.99258 +- 0.00013 in place of 0.99322).
    found = remaining(4000, load, max_sweeps=300)
    expected = an.hopfield.mean_field_overlap(load)
    assert found.mean() == pytest.approx(expected, abs=3.0 * standard_error(found))


def test_few_patterns_are_remembered_almost_without_errors_and_too_many_not():
    assert 1.0 - remaining(2000, 0.05, networks=4).mean() < 5e-5
    overload = remaining(2000, 0.2, networks=2, max_sweeps=500)
    assert overload.mean() == pytest.approx(0.30, abs=0.05)  # what remains is not 0
    assert an.hopfield.mean_field_overlap(0.2) == 0.0


@pytest.mark.parametrize(("load", "temperature"), [(0.05, 0.3), (0.02, 0.5)])
def test_overlaps_at_a_temperature_are_those_of_mean_field(load, temperature):
    # Many networks rather than many states: of ten, the standard error is itself uncertain.
    found = remaining(4000, load, temperature, networks=30, states=15, max_sweeps=25)
    expected = an.hopfield.mean_field_overlap(load, temperature)
    assert found.mean() == pytest.approx(expected, abs=3.0 * standard_error(found))


# Shares of patterns of 200 units that are fixed points, measured on 20,000 patterns and more,
# without and with the diagonal. The first would be 0.984 if 8.2e-5 of the units, as one-step errors
# are there, erred independently.
SHARES = {
    ("hebbian", 15): (0.98582, 0.99620),
    ("hebbian", 20): (0.90840, 0.96938),
    ("hebbian", 60): (0.00143, 0.21284),
    ("storkey", 20): (1.0, 1.0),
    ("storkey", 60): (0.99214, 0.99995),
    ("storkey", 100): (0.47780, 0.95635),
    ("pseudoinverse", 60): (1.0, 1.0),
    ("pseudoinverse", 140): (1.0, 1.0),
}


@pytest.mark.parametrize(("rule", "count"), SHARES)
def test_shares_of_patterns_that_are_fixed_points(rule, count):
    networks = math.ceil(2_000 / count)
    for diagonal, expected in zip((False, True), SHARES[rule, count], strict=True):
        still = []
        for k in range(networks):
            xi = patterns(count, 200, k + 1_000)
            net = store(xi, rule, diagonal=diagonal)
            still.append(net.recall(xi, update="synchronous", max_sweeps=1).converged.mean())
        error = math.sqrt(expected * (1.0 - expected) / (networks * count))
        assert np.mean(still) == pytest.approx(expected, abs=3.0 * error + 1e-12)


# --- threads, batches, types ----------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.0, 0.4])
@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("rule", ["hebbian", "storkey"])
def test_threads_do_not_change_a_bit(rule, update, temperature):
    net, states = store(patterns(6, 65), rule), patterns(300, 65, seed=1)
    options = {"update": update, "temperature": temperature, "max_sweeps": 12, "seed": 8}
    first = bits(net.recall(states, threads=1, **options))
    for threads in (2, 3, 7):
        assert bits(net.recall(states, threads=threads, **options)) == first


@pytest.mark.parametrize("temperature", [0.0, 0.4])
@pytest.mark.parametrize("update", UPDATES)
def test_states_do_not_depend_on_those_beside_them(update, temperature):
    net, states = store(patterns(6, 65)), patterns(40, 65, seed=1)
    options = {"update": update, "temperature": temperature, "max_sweeps": 12, "seed": 8}
    whole_batch = net.recall(states, **options)
    others = patterns(40, 65, seed=2)
    for k in (0, 1, 7, 39):
        cut = net.recall(states[: k + 1], **options)
        assert np.array_equal(cut.states, whole_batch.states[: k + 1])
        assert np.array_equal(cut.energies, whole_batch.energies[: k + 1])
        assert np.array_equal(cut.sweeps, whole_batch.sweeps[: k + 1])
        changed = others.copy()
        changed[k] = states[k]
        assert np.array_equal(net.recall(changed, **options).states[k], whole_batch.states[k])
    # The stream is that of the place in the batch.
    same = net.recall(np.tile(states[0], (40, 1)), temperature=1.0, max_sweeps=5).states
    assert len(np.unique(same, axis=0)) == 40


def test_seeds_have_streams_of_their_own():
    net, states = store(patterns(6, 65)), patterns(10, 65, seed=1)
    drawn = [net.recall(states, temperature=1.0, max_sweeps=3, seed=k).states for k in range(3)]
    assert np.array_equal(net.recall(states, temperature=1.0, max_sweeps=3).states, drawn[0])
    for one, two in itertools.combinations(drawn, 2):
        assert abs(np.mean(one == two) - 0.5) < 0.15
    last = net.recall(states, temperature=1.0, max_sweeps=3, seed=2**53 - 1)
    assert last.states.shape == states.shape


def test_states_have_any_axes_in_front():
    net = store(patterns(3, 10))
    many = patterns(6, 10, seed=1).reshape(2, 3, 10)
    options = {"trace": ("energy", "overlap", "state"), "max_sweeps": 50}
    flat, shaped = net.recall(many.reshape(6, 10), **options), net.recall(many, **options)
    for name in ("states", "energies", "sweeps", "converged", "cycle_length"):
        one, two = getattr(flat, name), getattr(shaped, name)
        assert two.shape == (2, 3) + one.shape[1:]
        assert np.array_equal(two.reshape(one.shape), one)
    for name in ("energy_trace", "overlap_trace", "state_trace"):
        one, two = getattr(flat, name), getattr(shaped, name)
        assert np.array_equal(two.reshape(one.shape), one, equal_nan=name != "state_trace")
    single = net.recall(many[0, 0])
    assert single.states.shape == (10,)
    assert single.energies.shape == single.sweeps.shape == single.converged.shape == ()
    assert np.array_equal(single.states, shaped.states[0, 0])
    assert net.energy(many).shape == (2, 3)
    assert net.fields(many).shape == (2, 3, 10)
    assert net.overlaps(many).shape == (2, 3, 3)
    assert net.overlaps(many[0, 0]).shape == (3,)
    assert float(net.energy(many[1, 2])) == net.energy(many)[1, 2]


@pytest.mark.parametrize("shape", [(0, 10), (0, 3, 10), (3, 0, 10)])
@pytest.mark.parametrize("threads", [1, 3])
def test_no_states_are_no_work(shape, threads):
    net = store(patterns(3, 10))
    found = net.recall(np.zeros(shape), trace=("energy", "overlap", "state"), threads=threads)
    assert found.states.shape == shape
    assert found.energies.shape == found.sweeps.shape == shape[:-1]
    assert found.energy_trace.shape == (*shape[:-1], 0)
    assert found.overlap_trace.shape == (*shape[:-1], 0, 3)
    assert found.state_trace.shape == (*shape[:-1], 0, 10)
    assert found.trace_updates.shape == (0,)
    assert net.energy(np.zeros(shape)).shape == shape[:-1]
    assert net.overlaps(np.zeros(shape)).shape == (*shape[:-1], 3)
    assert repr(found) == "Recall(0 states, 0 converged)"


def test_types_of_states():
    for coding, kinds in (("bipolar", "f8 f4 f2 i8 i4 i2 g"), ("binary", "f8 u1 u8 i4 ? g")):
        net, s = store(patterns(3, 70, coding=coding)), patterns(4, 70, 1, coding)
        bytes_ = net.recall(s)
        assert bytes_.states.dtype == np.int8
        for kind in kinds.split():
            other = net.recall(s.astype(kind))
            assert other.states.dtype == np.float64
            assert np.array_equal(other.states, bytes_.states)
            assert np.array_equal(other.energies, bytes_.energies)
            assert np.array_equal(net.energy(s.astype(kind)), net.energy(s))
            assert np.array_equal(store(net.patterns.astype(kind)).weights, net.weights)
        assert np.array_equal(net.recall(s.tolist()).states, bytes_.states)
        assert np.array_equal(net.recall(np.asfortranarray(s)).states, bytes_.states)


@pytest.mark.parametrize("update", UPDATES)
def test_the_largest_weights_have_finite_fields_and_energies(update):
    for coding in CODINGS:
        net = an.HopfieldNetwork(np.full((50, 50), -1e290), 1e290, coding=coding)
        found = net.recall(patterns(5, 50, coding=coding), update=update)
        assert np.all(np.isfinite(net.fields(found.states)))
        assert np.all(np.isfinite(found.energies))


@pytest.mark.parametrize("update", UPDATES)
def test_one_unit_is_a_network(update):
    for net, ends in (
        (store([[1]]), [1, -1]),  # nothing acts on it
        (store([[1]], thresholds=-1.0), [1, 1]),
        (store([[-1]], diagonal=True), [1, -1]),
        (an.HopfieldNetwork([[1.0]], 2.0), [-1, -1]),
    ):
        found = net.recall([[1], [-1]], update=update)
        assert np.array_equal(found.states[:, 0], ends)
        assert np.all(found.converged)
    assert np.array_equal(store([[1]]).recall([[1], [-1]], tie="plus").states, [[1], [1]])


def test_no_sweeps_change_nothing():
    net, s = store(patterns(3, 10)), patterns(2, 10, seed=1)
    found = net.recall(s, max_sweeps=0, trace="energy")
    assert np.array_equal(found.states, s)
    assert not np.any(found.sweeps)
    assert not np.any(found.cycle_length)
    assert not np.any(found.converged)
    assert np.array_equal(found.energy_trace[:, 0], net.energy(s))


def test_too_few_sweeps_are_told():
    ring = np.roll(np.eye(9), 1, axis=0)
    s = np.ones(9)
    s[0] = -1.0
    found = an.HopfieldNetwork(ring, symmetric=False).recall(s, update="synchronous", max_sweeps=8)
    assert (int(found.sweeps), int(found.cycle_length), bool(found.converged)) == (8, 0, False)
    assert repr(found) == "Recall(1 state, 0 converged)"


def test_cycles_are_told():
    found = an.HopfieldNetwork([[0.0, -1.0], [-1.0, 0.0]]).recall(
        [[1, 1], [1, -1], [-1, -1]], update="synchronous"
    )
    assert found.cycle_length.tolist() == [2, 1, 2]
    assert repr(found) == "Recall(3 states, 1 converged, 2 in cycles)"


def test_arguments_are_not_changed_and_results_are_the_callers_own():
    net, s = store(patterns(3, 10)), patterns(2, 10, seed=1)
    before, kept = s.copy(), pickle.dumps(net)
    found = net.recall(s, trace="state")
    assert np.array_equal(s, before)
    assert not np.shares_memory(found.states, s)
    found.states[:], found.energies[:] = 0, 7.0
    net.weights[:], net.patterns[:] = 7.0, 0
    assert pickle.dumps(net) == kept
    w = symmetric(4, 1)
    given = an.HopfieldNetwork(w)
    w[:] = 0.0
    assert np.any(given.weights)
    with pytest.raises(ValueError, match="read-only"):
        net.thresholds[0] = 1.0
    with pytest.raises(AttributeError):
        net.coding = "binary"


# --- traces ---------------------------------------------------------------------------------------

ALL = ("energy", "overlap", "state")


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("update", UPDATES)
def test_traces_tell_the_way(update, coding):
    net = store(patterns(4, 33, coding=coding))
    states = patterns(6, 33, seed=1, coding=coding)
    found = net.recall(states, update=update, trace=ALL, seed=2)
    assert bits(found) == bits(net.recall(states, update=update, seed=2))
    records = int(found.sweeps.max()) + 1
    assert np.array_equal(found.trace_updates, 33 * np.arange(records))
    assert found.energy_trace.shape == (6, records)
    assert found.overlap_trace.shape == (6, records, 4)
    assert found.state_trace.shape == (6, records, 33)
    assert found.state_trace.dtype == np.int8
    for k, sweeps in enumerate(found.sweeps):
        way = found.state_trace[k]
        assert np.array_equal(way[0], states[k])
        assert np.array_equal(way[sweeps:], np.tile(found.states[k], (records - sweeps, 1)))
        energies, overlaps = found.energy_trace[k], found.overlap_trace[k]
        assert near(energies[: sweeps + 1], net.energy(way[: sweeps + 1]))
        assert np.array_equal(overlaps[: sweeps + 1], net.overlaps(way[: sweeps + 1]))
        assert np.all(np.isnan(energies[sweeps + 1 :]))
        assert np.all(np.isnan(overlaps[sweeps + 1 :]))
        # Each sweep on its own ends where the next one begins.
        for most in range(sweeps):
            cut = net.recall(states, update=update, seed=2, max_sweeps=most)
            assert np.array_equal(cut.states[k], way[most])


@pytest.mark.parametrize("every", [1, 3, 10, 33, 40, 10**15])
@pytest.mark.parametrize("update", ONE_AT_A_TIME)
def test_traces_have_a_record_every_so_many_updates(update, every):
    net, states = store(patterns(4, 33)), patterns(6, 33, seed=1)
    options = {"update": update, "temperature": 0.3, "max_sweeps": 4, "trace": ALL}
    each = net.recall(states, trace_every=1, **options)
    assert each.state_trace.shape == (6, 4 * 33 + 1, 33)
    assert np.all(np.count_nonzero(np.diff(each.state_trace, axis=1), axis=2) <= 1)
    assert np.array_equal(each.state_trace[:, -1], each.states)
    some = net.recall(states, trace_every=every, **options)
    assert np.array_equal(some.trace_updates, np.arange(0, 4 * 33 + 1, every))
    for name in ("state_trace", "energy_trace", "overlap_trace"):
        assert np.array_equal(getattr(some, name), getattr(each, name)[:, ::every])
    assert bits(some) == bits(each)


def test_a_synchronous_step_is_not_made_before_all_of_its_updates():
    net, s = store(patterns(3, 10)), patterns(1, 10, seed=5)[0]
    found = net.recall(s, update="synchronous", max_sweeps=2, trace="state", trace_every=5)
    assert found.trace_updates.tolist() == [0, 5, 10, 15, 20]
    assert np.array_equal(found.state_trace[1], s)


def test_what_is_not_asked_for_is_not_there():
    net, s = store(patterns(4, 33)), patterns(6, 33, seed=1)
    none = net.recall(s)
    assert none.energy_trace is none.overlap_trace is none.state_trace is none.trace_updates is None
    one = net.recall(s, trace=["overlap"])
    assert one.energy_trace is one.state_trace is None
    assert one.overlap_trace is not None
    assert np.array_equal(net.recall(s, trace="energy").energy_trace[:, 0], net.energy(s))


@pytest.mark.parametrize("make", FORMS.values(), ids=FORMS.keys())
def test_energies_stay_true_over_many_flips(make):
    net = make()
    states = patterns(3, net.units, seed=3, coding=net.coding)
    found = net.recall(states, temperature=1.0, max_sweeps=30, trace=("energy", "state"))
    scale = np.max(np.abs(found.energy_trace))
    truth = net.energy(found.state_trace)
    assert found.energy_trace == pytest.approx(truth, abs=1e-12 * scale)
    assert found.energies == pytest.approx(net.energy(found.states), abs=1e-12 * scale)


# --- adding and removing --------------------------------------------------------------------------

STORED = {
    "hebbian": {},
    "hebbian, diagonal": {"diagonal": True},
    "hebbian, center": {"center": 0.2},
    "hebbian, thresholds": {"thresholds": 0.3},
    "storkey": {"rule": "storkey"},
    "storkey, diagonal": {"rule": "storkey", "diagonal": True},
    "pseudoinverse": {"rule": "pseudoinverse"},
    "low_activity": {"rule": "low_activity", "a": 0.3, "b": 0.1},
}


def stored_by(net):
    """How a network stores patterns."""
    return net.rule, net.diagonal, net.center, net.a, net.b


def alike(one, two, tolerance=1e-13):
    """Whether two networks have stored the same, in the same way."""
    assert near(one.weights, two.weights, tolerance)
    assert near(one.thresholds, two.thresholds, tolerance)
    assert np.array_equal(one.patterns, two.patterns)
    return (one.rule, one.coding, one.symmetric) == (two.rule, two.coding, two.symmetric)


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("options", STORED.values(), ids=STORED.keys())
def test_adding_is_storing_anew(options, coding):
    xi = patterns(7, 40, coding=coding)
    net = store(xi[:3], **options)
    before = pickle.dumps(net)
    more = net.add(xi[3:6]).add(xi[6:])
    assert alike(more, store(xi, **options))
    assert pickle.dumps(net) == before
    # The weights of Storkey's rule depend on the order, and no other's.
    if net.rule != "storkey":
        assert alike(more.remove(xi[[5, 3, 4, 6]]), net)
        assert alike(more.remove(xi[:3]), store(xi[3:], **options))


def test_a_pattern_that_is_stored_twice_is_removed_once():
    xi = patterns(3, 20)
    twice = store(xi).add(xi[:1])
    assert np.array_equal(twice.weights, store(xi[[0, 1, 2, 0]]).weights)
    once = twice.remove(xi[:1])
    assert np.array_equal(np.sort(once.patterns, axis=0), np.sort(xi, axis=0))
    assert np.array_equal(once.weights, store(xi).weights)
    assert np.array_equal(twice.remove(xi[[0, 0]]).weights, store(xi[1:]).weights)


def test_numbers_that_were_taken_from_the_patterns_stay():
    # The activity, and what is taken away: they are those of the patterns that came first.
    ones = patterns(4, 40, coding="binary", activity=0.3)
    first = np.mean(ones[:2])
    low = store(ones[:2], "low_activity").add(ones[2:])
    assert alike(low, store(ones, "low_activity", a=first))
    assert (low.a, low.b) == (first, first)
    mean = store(ones[:2], center="mean").add(ones[2:])
    assert alike(mean, store(ones, center=2.0 * first - 1.0))
    assert mean.center == 2.0 * first - 1.0
    for net in (low, mean):
        assert stored_by(net.remove(ones[:2])) == stored_by(net)


def test_networks_tell_how_they_store():
    xi = patterns(3, 8)
    assert stored_by(store(xi)) == ("hebbian", False, 0.0, None, None)
    assert stored_by(store(xi, center=0.25, diagonal=True)) == ("hebbian", True, 0.25, None, None)
    for rule in ("storkey", "pseudoinverse"):
        assert stored_by(store(xi, rule, diagonal=True)) == (rule, True, None, None, None)
    low = store(xi, "low_activity", a=0.25, b=0.125)
    assert stored_by(low) == ("low_activity", False, None, 0.25, 0.125)
    assert stored_by(an.HopfieldNetwork(np.eye(3))) == (None,) * 5
    drawn = an.HopfieldNetwork.random(units=20, rule="low_activity", activity=0.25, diagonal=True)
    assert stored_by(drawn) == ("low_activity", True, None, 0.25, 0.25)


# --- copies and files -----------------------------------------------------------------------------

KEPT = {
    **STORED,
    "added to": None,
    "given": {"weights": symmetric(9, 1)},
    "given, binary": {"weights": whole(9, 1)[0], "thresholds": 0.5, "coding": "binary"},
    "given, asymmetric": {"weights": np.arange(81.0).reshape(9, 9), "symmetric": False},
}


def kept_network(options):
    if options is None:
        return store(patterns(2, 40), thresholds=0.1).add(patterns(3, 40, seed=1))
    if "weights" in options:
        return an.HopfieldNetwork(**options)
    return store(patterns(5, 40, coding="binary"), **options)


@pytest.mark.parametrize("how", ["pickle", "copy", "file"])
@pytest.mark.parametrize("options", KEPT.values(), ids=KEPT.keys())
def test_a_network_comes_back_as_it_was(options, how, tmp_path):
    net = kept_network(options)
    again = remade(net, how, tmp_path / "net.safetensors")
    assert again.weights.tobytes() == net.weights.tobytes()
    assert again.thresholds.tobytes() == net.thresholds.tobytes()
    assert again.patterns.tobytes() == net.patterns.tobytes()
    assert stored_by(again) == stored_by(net)
    assert repr(again) == repr(net)
    states = patterns(20, net.units, coding=net.coding)
    assert bits(again.recall(states)) == bits(net.recall(states))
    assert pickle.dumps(again) == pickle.dumps(net)
    if net.rule is not None:  # whether thresholds were given is remembered too
        more = patterns(1, net.units, seed=7, coding=net.coding)
        assert again.add(more).thresholds.tobytes() == net.add(more).thresholds.tobytes()


def test_a_network_that_learned_pattern_by_pattern_comes_back_as_it_was():
    net = store(patterns(1, 60), "storkey")
    for seed in range(1, 10):
        net = net.add(patterns(1, 60, seed))
    assert pickle.loads(pickle.dumps(net)).weights.tobytes() == net.weights.tobytes()


def test_recalls_can_be_pickled():
    found = store(patterns(4, 33)).recall(patterns(6, 33, seed=1), trace=ALL)
    again = pickle.loads(pickle.dumps(found))
    assert bits(again) == bits(found)
    assert np.array_equal(again.energy_trace, found.energy_trace, equal_nan=True)
    assert np.array_equal(again.state_trace, found.state_trace)


def test_networks_tell_what_they_are():
    xi, w = patterns(3, 8), [[0.0, 1.0], [1.0, 0.0]]
    for net, text in (
        (store(xi), "HopfieldNetwork(units=8, patterns=3, rule='hebbian')"),
        (
            store((xi + 1) // 2, "low_activity", b=0.0),
            "HopfieldNetwork(units=8, patterns=3, rule='low_activity', coding='binary', "
            "symmetric=False)",
        ),
        (an.HopfieldNetwork(w), "HopfieldNetwork(units=2)"),
        (an.HopfieldNetwork(w, symmetric=False), "HopfieldNetwork(units=2, symmetric=False)"),
    ):
        assert repr(net) == text
    given = an.HopfieldNetwork(w)
    assert given.rule is None
    assert given.patterns.shape == (0, 2)
    assert isinstance(given, an.System)
    assert an.hopfield.HopfieldNetwork is an.HopfieldNetwork
    assert isinstance(given.recall([1, 1]), an.hopfield.Recall)


# --- progress -------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 3])
def test_progress_counts_states(threads):
    calls = []
    net, states = store(patterns(6, 65)), patterns(300, 65, seed=1)
    found = net.recall(states, threads=threads, progress=lambda *at: calls.append(at))
    assert calls[-1] == (300, 300)
    assert {total for _, total in calls} == {300}
    done = [each for each, _ in calls]
    assert done == sorted(done)
    assert bits(found) == bits(net.recall(states))


def test_progress_may_stop_a_recall():
    class Stop(Exception):
        pass

    def stop(done, total):
        raise Stop

    net = store(patterns(6, 65))
    with pytest.raises(Stop):
        net.recall(patterns(1, 65), temperature=1.0, max_sweeps=2**32 - 1, progress=stop)


# --- what is refused ------------------------------------------------------------------------------

XI = patterns(3, 8)
NAMES = {
    "an": an,
    "inf": math.inf,
    "nan": math.nan,
    "np": np,
    "store": store,
    "Net": an.HopfieldNetwork,
    "xi": XI,
    "bits": (XI + 1) // 2,
    "s": XI[0].astype(float),
    "net": store(XI),
    "binary": store((XI + 1) // 2),
    "given": an.HopfieldNetwork(store(XI).weights),
    "many": patterns(9, 8),
    "million": np.ones((2, 10**6), np.int8),
}

VALUE_ERRORS = {
    # patterns
    "store([1, -1])": "store: patterns has shape (2,): expected (patterns, units)",
    "store([])": "store: patterns has shape (0,): expected (patterns, units)",
    "store([[]])": "store: patterns has shape (1, 0): expected (patterns, units)",
    "store(np.zeros((0, 3)))": "store: patterns has shape (0, 3): expected (patterns, units)",
    "store([[1, -1], [1]])": "store: patterns = [[1, -1], [1]]: expected an array of numbers",
    "store([[-1, 2]])": "store: patterns holds 2 at flat index 1: expected -1 and 1 only",
    "store([[0, 2]])": "store: patterns holds 2 at flat index 1: expected 0 and 1 only",
    "store([[0, 255]])": "store: patterns holds 255 at flat index 1: expected 0 and 1 only",
    "store([[0.0, nan]])": "store: patterns holds nan at flat index 1: expected 0 and 1 only",
    "store([[1, 0, -1]])": "store: patterns holds -1 at flat index 2: expected 0 and 1 only",
    "store(xi, coding='binary')": "store: patterns holds -1 at flat index ",
    "store(bits, coding='bipolar')": "store: patterns holds 0 at flat index ",
    "store(xi, coding='ternary')": "coding = 'ternary': expected 'bipolar' or 'binary'",
    # rules and what belongs to them
    "store(xi, 'hebb')": "rule = 'hebb': expected 'hebbian' or 'storkey' or 'pseudoinverse' or 'lo",
    "store(many, 'pseudoinverse')": "store: rows of patterns = 9: expected at most 8, the ",
    "store(xi, center=nan)": "store: center = nan: expected a finite value",
    "store(xi, center='median')": "store: center = 'median': expected a number or 'mean'",
    "store(xi, center=1e200)": "store: center = 1e+200: expected a finite value that makes no weig",
    "store(xi, 'storkey', center=0.5)": "store: center = 0.5: expected 0, except with rule = 'hebb",
    "store(xi, 'low_activity', center=0.5)": "store: center = 0.5: expected 0, except with rule = ",
    "store(xi, a=0.2)": "store: a = 0.2: expected None, except with rule = 'low_activity'",
    "store(xi, 'storkey', b=0.2)": "store: b = 0.2: expected None, except with rule = 'low_activi",
    "store(xi, 'storkey', center='mean')": "store: center = 'mean': expected 0, except with rule =",
    "store(xi, 'low_activity', a=0)": "store: a = 0: expected an activity in (0, 1)",
    "store(xi, 'low_activity', a=1)": "store: a = 1: expected an activity in (0, 1)",
    "store(xi, 'low_activity', a=nan)": "store: a = nan: expected an activity in (0, 1)",
    "store(xi, 'low_activity', a=1e-300)": "store: a = 1e-300: expected a finite value that makes ",
    "store(xi, 'low_activity', b=inf)": "store: b = inf: expected a finite value that makes no wei",
    "store(xi, 'low_activity', b=-1e300)": "store: b = -1e+300: expected a finite value that makes",
    "store(0 * xi, 'low_activity')": "store: activity of patterns = 0: expected a value in (0, 1), "
    "which a = None takes for a",
    "store(0 * xi + 1, 'low_activity', b=0.1)": "store: activity of patterns = 1: expected a value",
    # thresholds
    "store(xi, thresholds=[1, 2])": "store: thresholds has shape (2,): expected a number or (8,), ",
    "store(xi, thresholds=nan)": "store: thresholds holds nan at flat index 0: expected finite",
    "Net([[0]], [[0]])": "HopfieldNetwork: thresholds has shape (1, 1): expected a number or (1,)",
    # weights
    "Net([[0, 1]])": "HopfieldNetwork: weights has shape (1, 2): expected (units, units)",
    "Net(np.zeros((0, 0)), [1, 2])": "HopfieldNetwork: weights has shape (0, 0): expected (units, ",
    "store(xi, thresholds=-1e300)": "HopfieldNetwork.store: thresholds = -1e+300: expected finite ",
    "Net([[]])": "HopfieldNetwork: weights has shape (1, 0): expected (units, units)",
    "Net(3.0)": "HopfieldNetwork: weights has shape (): expected (units, units)",
    "Net(np.zeros((0, 0)))": "HopfieldNetwork: weights has shape (0, 0): expected (units, units), ",
    "Net([[nan]])": "HopfieldNetwork: weights holds nan at flat index 0: expected finite values",
    "Net([[0, 1], [2, 0]])": "HopfieldNetwork: weights[0, 1] = 1: expected weights[1, 0], which is "
    "2, but for 1e-10 of the largest weight: the energy needs symmetric weights (symmetric=False: ",
    "Net([[0, 1e308], [1e308, 0]])": "HopfieldNetwork: weights = 1e+308: expected finite values of "
    "at most 1e+290 in magnitude, so that sums of them are finite",
    "Net([[0]], 1e300)": "HopfieldNetwork: thresholds = 1e+300: expected finite values of at most",
    # states
    "net.recall(2 * s)": "recall: states holds 2 at flat index 0: expected -1 and 1 only",
    "net.recall(bits[0])": "recall: states holds 0 at flat index ",
    "binary.recall(s)": "recall: states holds -1 at flat index ",
    "net.recall(nan * s)": "recall: states holds nan at flat index 0: expected -1 and 1 only",
    "net.recall(s[:5])": "recall: states has shape (5,): expected (..., 8)",
    "net.recall(1.0)": "recall: states has shape (): expected (..., 8)",
    "net.recall(np.zeros((2, 0)))": "recall: states has shape (2, 0): expected (..., 8)",
    "net.energy(0 * s)": "energy: states holds 0 at flat index 0: expected -1 and 1 only",
    "net.fields(s[:1])": "fields: states has shape (1,): expected (..., 8)",
    "net.overlaps(s[:1])": "overlaps: states has shape (1,): expected (..., 8)",
    "given.overlaps(s)": "overlaps: self is a network of given weights, without patterns",
    "net.step(bits[0])": "step: state holds 0 at flat index ",
    "net.step(0.9 * s)": "step: state holds 0.9 at flat index 0: expected -1 and 1 only",
    "binary.step(s)": "step: state holds -1 at flat index ",
    "net.trajectory(3, 0, 0.5 * s)": "trajectory: initial holds 0.5 at flat index 0: expected -1 a",
    "net.trajectory(3, initial=[s, 0 * s])": "trajectory: initial holds 0 at flat index 8: expect",
    # options of recall
    "net.recall(s, max_sweeps=-1)": "recall: max_sweeps = -1: expected a value in [0, 4294967295]",
    "net.recall(s, temperature=-1)": "recall: temperature = -1: expected a value in [0, inf)",
    "net.recall(s, temperature=nan)": "recall: temperature = nan: expected a value in [0, inf)",
    "net.recall(s, update='parallel')": "recall: update = 'parallel': expected 'asynchronous' or ",
    "net.recall(s, tie='minus')": "recall: tie = 'minus': expected 'keep' or 'plus'",
    "net.recall(s, trace='energies')": "recall: trace = 'energies': expected 'energy', 'overlap' o",
    "net.recall(s, trace=['energy', 'x'])": "recall: trace = 'x': expected 'energy', 'overlap' or ",
    "given.recall(s, trace='overlap')": "recall: trace = 'overlap': expected 'energy', 'state' or",
    "net.recall(s, trace='energy', trace_every=0)": "recall: trace_every = 0: expected a value in",
    "net.recall(s, trace_every=5)": "recall: trace_every = 5: expected None, unless `trace` asks f",
    "net.recall(s, threads=0)": "recall: threads = 0: expected a value in [1, 4096]",
    # adding and removing
    "net.add(xi[0])": "add: patterns has shape (8,): expected (patterns, 8), ",
    "net.add(xi[:, :7])": "add: patterns has shape (3, 7): expected (patterns, 8), a row at least",
    "net.add(bits)": "add: patterns holds 0 at flat index ",
    "binary.add(xi)": "add: patterns holds -1 at flat index ",
    "given.add(xi)": "add: self is a network of given weights: expected one that has stored patter",
    "given.remove(xi)": "remove: self is a network of given weights: expected one that has stored",
    "net.remove(-xi[:1])": "remove: patterns[0] = [-1, 1, -1, -1, -1, 1, 1, 1]: expected a pa",
    "net.remove(xi[[0, 0]])": "remove: patterns[1] = [1, -1, 1, 1, 1, -1, -1, -1]: expected",
    "binary.remove(1 - bits[:1])": "remove: patterns[0] = [0, 1, 0, 0, 0, 1, 1, 1]: expected a pa",
    "store(million).remove(-million)": "remove: patterns[0] = [-1, -1, -1, -1, -1, -1, -1, -1, ...",
    "net.remove(xi)": "remove: rows of patterns = 3: expected fewer than the 3 that are stored: on",
    "store(xi, 'storkey').remove(xi[:1])": "remove: self stores by rule = 'storkey': expected anot",
    "store(many[:8], 'pseudoinverse').add(xi)": "add: rows of patterns = 3: expected at most 0 bes",
}

TYPE_ERRORS = {
    "net.recall(s > 0)": "truth values stand for 0 and 1",
    "store([['a', 'b']])": "store: patterns = [['a', 'b']]: expected an array of real numbers",
    "store([[1j]])": "store: patterns = [[1j]]: expected an array of real numbers",
    "store(xi, 3)": "store: rule = 3: expected 'hebbian' or 'storkey' or ",
    "store(xi, center=None)": "store: center = None: expected a number or 'mean'",
    "store(xi, thresholds='x')": "store: thresholds = 'x': expected an array of real numbers",
    "store(xi, diagonal=1)": "store: diagonal = 1: expected True or False",
    "store(xi, 'hebbian', 0)": "store: too many positional arguments, the first of them 0",
    "store()": "store: argument 'patterns' is missing",
    "Net([['a']])": "HopfieldNetwork: weights = [['a']]: expected an array of real numbers",
    "Net([[0]], 0, 'binary')": "HopfieldNetwork: too many positional arguments, the first of them ",
    "Net([[0]], symmetric=1)": "HopfieldNetwork: symmetric = 1: expected True or False",
    "net.recall('x')": "recall: states = 'x': expected an array of real numbers",
    "net.recall(None)": "recall: states = None: expected an array of real numbers",
    "net.recall(1j * s)": "recall: states = array([",
    "net.recall(s, 4)": "recall: too many positional arguments, the first of them 4; it takes st",
    "net.recall(s, sweeps=4)": "recall: unknown argument 'sweeps'; it takes states, update, max_",
    "net.recall(s, max_sweeps=1.5)": "recall: max_sweeps = 1.5: expected an integer",
    "net.recall(s, temperature='x')": "recall: temperature = 'x': expected a number",
    "net.recall(s, trace=3)": "recall: trace = 3: expected 'energy', 'overlap' or 'state', or",
    "net.recall(s, trace=None)": "recall: trace = None: expected 'energy', 'overlap' or 'state', ",
    "net.recall(s, trace='energy', trace_every=1.5)": "recall: trace_every = 1.5: expected an ",
    "net.recall(s, progress=3)": "recall: progress = 3: expected True, False or a callable",
    "net.jvp(s, s)": "HopfieldNetwork has no tangent",
    "net.trajectory(3)": "HopfieldNetwork has no start state: give an initial one",
}

MEMORY_ERRORS = {
    "store(million).weights": "weights: units x units = 1000000 x 1000000 doubles are 7.45e+03 GiB",
    "store(million, 'storkey')": "units x units = 1000000 x 1000000 doubles are 7.45e+03 GiB",
    "Net(np.broadcast_to(0.0, (10**6, 10**6)))": "HopfieldNetwork: weights has shape (1000000, 10",
}


def error_of(call):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        eval(call, dict(NAMES))
    return caught.value


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        pytest.param(call, kind, message, id=call)
        for kind, table in [
            (ValueError, VALUE_ERRORS),
            (TypeError, TYPE_ERRORS),
            (MemoryError, MEMORY_ERRORS),
        ]
        for call, message in table.items()
    ],
)
def test_bad_calls_say_what_is_wrong(call, kind, message):
    error = error_of(call)
    assert type(error) is kind
    assert message in str(error)
    assert str(error).startswith("HopfieldNetwork")
    assert "\n" not in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize("patterns", ["None", "'abc'", "object()", "{}"])
def test_patterns_that_are_no_numbers_are_of_the_wrong_type(patterns):
    assert type(error_of(f"store({patterns})")) is TypeError


def test_a_seed_beyond_the_last_is_refused():
    assert "seed = 9007199254740993: expected" in str(error_of("net.recall(s, seed=2**53 + 1)"))


def test_weights_that_take_too_much_memory_are_an_error_of_store():
    assert "HopfieldNetwork.store: units x units" in str(error_of("store(million, 'storkey')"))


# --- memory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["energy", "fields", "overlaps", "recall", "add", "remove"])
def test_states_that_no_memory_holds_are_a_memory_error(call):
    script = (
        "import numpy as np, attractornet as an\n"
        "net = an.HopfieldNetwork.store([[1, -1, 1]])\n"
        "try:\n"
        f"    net.{call}(np.broadcast_to(1.0, (2**45, 3)))\n"
        "except MemoryError:\n"
        "    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "refused\n"


def test_a_trace_beyond_the_memory_limit_is_refused_before_it_is_taken(monkeypatch):
    net, s = store(patterns(2, 1000)), patterns(1, 1000, seed=1)[0]
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "1e6")
    calls = []
    with pytest.raises(MemoryError, match=r"HopfieldNetwork\.recall"):
        net.recall(
            s,
            temperature=1.0,
            max_sweeps=20,
            trace="state",
            trace_every=1,
            progress=lambda *at: calls.append(at),
        )
    assert (1, 1) not in calls


def test_a_trace_within_the_memory_limit_is_taken(monkeypatch):
    net, s = store(patterns(2, 100)), patterns(1, 100, seed=1)[0]
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "1e6")
    found = net.recall(s, temperature=1.0, max_sweeps=10, trace="state", trace_every=1)
    assert found.state_trace.nbytes == 100_100
