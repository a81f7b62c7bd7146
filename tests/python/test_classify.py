"""What an orbit settles on: every class on systems whose class is known, with its evidence."""

import inspect
import math
import pickle

import numpy as np
import pytest

import attractornet as an

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
SILVER = math.sqrt(2.0) - 1.0
MEMBERS = {
    "kind", "reason", "period", "rotation_number", "frequencies", "torus_dimension", "exponent",
    "exponent_error", "exponents", "digits", "recurrence", "recurrence_lag", "horizon", "window",
    "state",
}  # fmt: skip


class Stop(Exception):
    """What a progress function of these tests raises."""


def logistic(r):
    return an.textbook.Logistic(r=r)


CASES = {
    "fixed point": lambda: logistic(2.5),
    "periodic": lambda: logistic(3.5),
    "quasiperiodic": lambda: an.feedback.PUBLISHED[2].network(),
    "chaotic": lambda: logistic(4.0),
    "diverged": lambda: logistic(4.5),
    "undecided": lambda: logistic(3.5699456718709),  # at the end of the doubling of periods
}


@pytest.fixture(scope="module")
def found():
    return {kind: an.classify(make(), horizon=200_000) for kind, make in CASES.items()}


# --- arguments and results ------------------------------------------------------------------------


def test_keywords_are_the_fields():
    assert [field.name for field in an.fields(an.classify)] == ["horizon", "max_period", "seed"]
    signature = inspect.getdoc(an.classify).partition("\n")[0]
    for field in an.fields(an.classify):
        assert f"{field.name}: {field.type} = {field.default}" in signature
    net = CASES["quasiperiodic"]()
    full = an.classify(
        net, net.start(), horizon=5_000_000, max_period=10_000, seed=0, progress=False
    )
    assert repr(full) == repr(an.classify(net))  # all of these are the defaults


@pytest.mark.parametrize("kind", CASES)
def test_each_class_is_found(found, kind):
    assert found[kind].kind == kind
    assert len(found[kind].reason) > 10


@pytest.mark.parametrize("kind", CASES)
def test_shapes_and_types(found, kind):
    result = found[kind]
    assert isinstance(result, an.Classification)
    assert {name for name in dir(result) if not name.startswith("_")} == MEMBERS
    assert result.state.shape == (CASES[kind]().dimension,)
    for name in ("frequencies", "exponents", "state"):
        assert getattr(result, name).ndim == 1
        assert getattr(result, name).dtype == np.float64
    for name in ("period", "rotation_number", "exponent", "exponent_error", "digits", "recurrence"):
        assert isinstance(getattr(result, name), float)
    for name in ("horizon", "window", "recurrence_lag"):
        assert isinstance(getattr(result, name), int)
    assert result.torus_dimension is None or isinstance(result.torus_dimension, int)
    assert 0 < result.window <= result.horizon


@pytest.mark.parametrize("kind", CASES)
def test_members_cannot_be_changed(found, kind):
    for name in MEMBERS:
        with pytest.raises(AttributeError):
            setattr(found[kind], name, 1)


@pytest.mark.parametrize("kind", CASES)
def test_repr_names_the_class_on_a_line(found, kind):
    text = repr(found[kind])
    assert text.startswith(f"Classification('{kind}'")
    assert "\n" not in text
    assert len(text) < 160


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", CASES)
def test_pickles_are_equal(found, kind, protocol):
    again = pickle.loads(pickle.dumps(found[kind], protocol))
    assert repr(again) == repr(found[kind])
    for name in MEMBERS:
        left, right = getattr(again, name), getattr(found[kind], name)
        assert type(left) is type(right)
        assert np.array_equal(left, right) or (math.isnan(left) and math.isnan(right))


def test_the_same_call_has_the_same_bits():
    first, second = (an.classify(CASES["chaotic"](), horizon=50_000, seed=3) for _ in range(2))
    assert first.__getstate__().keys() == second.__getstate__().keys()
    for key, value in first.__getstate__().items():
        assert np.asarray(value).tobytes() == np.asarray(second.__getstate__()[key]).tobytes()


# --- the evidence ---------------------------------------------------------------------------------


def test_a_fixed_point(found):
    result = found["fixed point"]
    assert result.state == pytest.approx([0.6], abs=1e-12)
    assert (result.period, result.torus_dimension) == (1.0, 0)
    assert math.isnan(result.rotation_number)
    assert result.exponent == pytest.approx(math.log(0.5), abs=1e-9)


@pytest.mark.parametrize(("r", "period"), [(3.2, 2), (3.5, 4), (3.55, 8), (3.83, 3), (3.74, 5)])
def test_a_cycle_has_its_period(r, period):
    result = an.classify(logistic(r))
    assert (result.kind, result.period, result.torus_dimension) == ("periodic", period, 0)
    assert result.recurrence_lag == period
    assert result.rotation_number * period == pytest.approx(round(result.rotation_number * period))
    cycle = logistic(r).trajectory(period, initial=result.state)
    multiplier = np.prod(r * (1.0 - 2.0 * cycle))
    assert result.exponent == pytest.approx(math.log(abs(multiplier)) / period, abs=1e-6)


def test_a_cycle_of_a_flow_has_a_period_in_time():
    # To order mu^2, of perturbation theory: the period is 2 pi (1 + mu^2 / 16).
    flow = an.textbook.VanDerPol(mu=0.1)
    for dt in (0.05, 0.1):
        result = an.classify(an.Discretised(flow, dt), flow.start())
        assert (result.kind, result.torus_dimension) == ("periodic", 1)
        assert result.period == pytest.approx(2.0 * math.pi * (1.0 + 0.01 / 16.0), rel=1e-5)
        assert result.rotation_number == pytest.approx(1.0 / result.period, rel=1e-9)


def test_a_circle_has_its_rotation_number():
    result = an.classify(an.textbook.SineCircle(omega=GOLDEN, k=0.0))
    assert (result.kind, result.torus_dimension) == ("quasiperiodic", 1)
    # A line is seen up to half the sampling rate; beyond it mirrored.
    assert min(result.rotation_number, 1.0 - result.rotation_number) == pytest.approx(
        1.0 - GOLDEN, abs=1e-9
    )
    assert math.isnan(result.period)
    assert abs(result.exponent) < 1e-9


def test_a_torus_has_its_frequencies():
    result = an.classify(an.textbook.CoupledCircles(k=0.0))
    assert (result.kind, result.torus_dimension) == ("quasiperiodic", 2)
    folded = sorted(min(f, 1.0 - f) for f in result.frequencies)
    assert folded == pytest.approx(sorted([1.0 - GOLDEN, SILVER]), abs=1e-9)
    assert result.frequencies[0] == result.rotation_number


def test_chaos_is_watched_to_the_horizon(found):
    result = found["chaotic"]
    assert result.horizon == 200_000
    assert abs(result.exponent - math.log(2.0)) < 4.0 * result.exponent_error
    assert result.digits < 4.0
    assert result.torus_dimension is None
    assert len(result.frequencies) == 0


def test_the_articles_networks_are_quasi_periodic():
    for example in an.feedback.PUBLISHED:
        result = an.classify(example.network())
        assert (result.kind, result.torus_dimension) == ("quasiperiodic", 1)
        assert abs(result.exponent) < 1e-8
    contrast = an.classify(an.feedback.CONTRAST.network())
    assert contrast.kind == "chaotic"
    assert contrast.exponent == pytest.approx(0.069, abs=5.0 * contrast.exponent_error)


def test_divergence_leaves_nothing_to_measure(found):
    assert math.isnan(found["diverged"].exponent) or found["diverged"].exponent == 0.0
    assert "finite" in found["diverged"].reason


def test_it_can_be_watched_on():
    net = CASES["quasiperiodic"]()
    first = an.classify(net)
    second = an.classify(net, initial=first.state)
    assert second.kind == "quasiperiodic"
    assert second.rotation_number == pytest.approx(first.rotation_number, abs=1e-9)
    # A transient has died: the averages know more than before.
    assert second.digits > 9.0


def test_a_longer_period_than_is_looked_for_is_not_called_periodic():
    system = logistic(3.55)  # of period 8
    assert an.classify(system, max_period=8).kind == "periodic"
    assert an.classify(system, max_period=7, horizon=100_000).kind == "undecided"


def test_an_orbit_on_an_unstable_point_is_not_called_stable():
    result = an.classify(logistic(4.0), initial=[0.75], horizon=10_000)
    assert result.kind != "fixed point"


# --- refusals -------------------------------------------------------------------------------------


def test_the_initial_state_is_checked():
    with pytest.raises(ValueError, match=r"classify: initial has shape \(2,\)"):
        an.classify(logistic(4.0), [0.1, 0.2])
    with pytest.raises(ValueError, match=r"classify: initial holds nan"):
        an.classify(logistic(4.0), [math.nan])
    with pytest.raises(TypeError, match=r"classify: system = 3: expected a system"):
        an.classify(3)


def test_options_are_keywords():
    with pytest.raises(TypeError, match="classify"):
        an.classify(logistic(4.0), None, 1000)


# --- progress -------------------------------------------------------------------------------------


def test_progress_is_told():
    told = []
    an.classify(logistic(4.0), horizon=2_000_000, progress=lambda *pair: told.append(pair))
    done = [each for each, _ in told]
    assert done == sorted(done)
    assert {total for _, total in told} == {2_000_000}
    assert told[-1] == (2_000_000, 2_000_000)


@pytest.mark.parametrize("kind", [Stop, KeyboardInterrupt, SystemExit])
def test_what_progress_raises_reaches_the_caller(kind):
    error = kind("from progress")

    def tell(done, total):
        raise error

    with pytest.raises(kind) as caught:
        an.classify(logistic(4.0), horizon=10**12, progress=tell)
    assert caught.value is error
