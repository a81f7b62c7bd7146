"""The catalogue against the same systems in NumPy, and what Python sees of it."""

import inspect
import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
from reference import textbook as reference

import attractornet as an

NAMES = sorted(reference.SYSTEMS)
FLOWS = [name for name in NAMES if reference.SYSTEMS[name].time_step is not None]
MAPS = [name for name in NAMES if name not in FLOWS]
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


def made(name, **parameters):
    return getattr(an.textbook, name)(**parameters)


def map_of(name):
    """The map, or the one that samples the flow."""
    dt = reference.SYSTEMS[name].time_step
    return made(name) if dt is None else an.Discretised(made(name), dt)


def states(system, count=40):
    """Near the start, and anywhere."""
    random = np.random.default_rng(11)
    near = system.start() + random.normal(scale=0.1, size=(count // 2, system.dimension))
    return np.concatenate([near, random.uniform(-2.0, 2.0, near.shape)])


def image(system):
    return system.rhs if isinstance(system, an.Flow) else system.step


# --- the catalogue --------------------------------------------------------------------------------


def test_the_catalogue_is_the_references():
    assert sorted(an.textbook.__all__) == NAMES
    core = {name for name in dir(an._core.textbook) if not name.startswith("_")}
    assert core == set(NAMES)


def test_names_are_found_where_one_looks_for_them():
    code = (
        "from attractornet.textbook import Lorenz; import attractornet as an;"
        "assert an.textbook.Lorenz is Lorenz; print(an.classify(an.textbook.Henon(), horizon=2000))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("name", NAMES)
def test_flows_are_flows(name):
    system = made(name)
    assert isinstance(system, an.System)
    assert isinstance(system, an.Flow) == (name in FLOWS)
    assert hasattr(system, "rhs") == (name in FLOWS)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_the_references(name):
    expected = list(inspect.signature(reference.SYSTEMS[name].function).parameters.values())[1:]
    fields = an.fields(getattr(an.textbook, name))
    assert [field.name for field in fields] == [each.name for each in expected]
    assert [field.default for field in fields] == [each.default for each in expected]
    system = made(name)
    assert [getattr(system, field.name) for field in fields] == [each.default for each in expected]


@pytest.mark.parametrize("name", NAMES)
def test_the_start_is_the_references(name):
    start = made(name).start()
    assert start.dtype == np.float64
    assert tuple(start) == reference.SYSTEMS[name].start


# --- the rule -------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1.0, 0.9])
@pytest.mark.parametrize("name", NAMES)
def test_the_rule_is_the_references(name, factor):
    cls, function = getattr(an.textbook, name), reference.SYSTEMS[name].function
    parameters = {field.name: factor * field.default for field in an.fields(cls)}
    system = cls(**parameters)
    for state in states(system):
        one_or_many = state if system.dimension > 1 else state[0]
        expected = np.atleast_1d(function(one_or_many, **parameters))
        assert image(system)(state) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_observable_is_the_references(name):
    system, observe = made(name), reference.SYSTEMS[name].observe
    weights = 0.5 + np.mod(GOLDEN * np.arange(1, system.dimension + 1), 1.0)
    for state in states(system):
        expected = weights @ state if observe is None else observe(state)
        assert isinstance(system.observe(state), float)
        assert system.observe(state) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", FLOWS)
def test_a_sampled_flow_is_runge_kuttas(name):
    entry = reference.SYSTEMS[name]
    step = reference.runge_kutta_4(entry.function, entry.time_step)
    system = map_of(name)
    for state in states(system, 8):
        assert system.step(state) == pytest.approx(step(state), rel=1e-12, abs=1e-12)


# --- trajectories ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_trajectory_repeats_the_step(name):
    system = map_of(name)
    orbit = system.trajectory(20)
    assert orbit.shape == (20, system.dimension)
    assert orbit.dtype == np.float64
    state = system.start()
    for row in orbit:
        state = system.step(state)
        assert np.array_equal(row, state)
    assert np.array_equal(system.trajectory(5, discard=15), orbit[15:])
    assert np.array_equal(system.trajectory(20, initial=system.start()), orbit)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_its_orbits(name):
    system = map_of(name)
    # On the orbit: elsewhere some systems diverge.
    starts = system.trajectory(5, discard=50)
    batch = system.trajectory(7, 3, starts, threads=3)
    assert batch.shape == (5, 7, system.dimension)
    assert np.array_equal(batch, system.trajectory(7, 3, starts, threads=1))
    for start, orbit in zip(starts, batch, strict=True):
        assert np.array_equal(system.trajectory(7, 3, start), orbit)


@pytest.mark.parametrize("name", NAMES)
def test_orbits_stay_on_their_attractor(name):
    orbit = map_of(name).trajectory(2_000, discard=1_000)
    assert np.all(np.isfinite(orbit))
    assert np.all(np.ptp(orbit, axis=0) > 0.01)


# --- Python's view --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_repr_says_how_to_make_it(name):
    system = made(name)
    again = eval(repr(system), vars(an.textbook).copy())
    assert type(again) is type(system)
    assert repr(again) == repr(system)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", NAMES)
def test_pickles_are_equal(name, protocol):
    cls = getattr(an.textbook, name)
    system = cls(**{field.name: 0.9 * field.default for field in an.fields(cls)})
    again = pickle.loads(pickle.dumps(system, protocol))
    assert type(again) is cls
    assert again.__getstate__() == system.__getstate__()
    for state in states(system, 4):
        assert image(again)(state).tobytes() == image(system)(state).tobytes()


def test_pickles_are_read_by_a_fresh_process(tmp_path):
    file = tmp_path / "lorenz.pickle"
    file.write_bytes(pickle.dumps(an.Discretised(made("Lorenz", rho=20.0), 0.01)))
    code = f"import pickle; print(pickle.load(open({str(file)!r}, 'rb')))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert "Lorenz(sigma=10, rho=20" in done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_keywords_and_cannot_be_changed(name):
    cls = getattr(an.textbook, name)
    with pytest.raises(TypeError, match=name):
        cls(1.0)
    with pytest.raises(TypeError, match=rf"{name}.*nonsense"):
        cls(nonsense=1.0)
    for field in an.fields(cls):
        with pytest.raises(AttributeError):
            setattr(cls(), field.name, 1.0)


FLOW_CALLS = {
    "step": lambda flow: flow.step(flow.start()),
    "trajectory": lambda flow: flow.trajectory(5),
    "lyapunov_spectrum": an.lyapunov_spectrum,
    "classify": an.classify,
    "attractors": lambda flow: an.attractors(flow, [flow.start()]),
    "basins": lambda flow: an.basins(flow, [0.0], [1.0]),
    "plot.attractor": an.plot.attractor,
}


@pytest.mark.parametrize("call", FLOW_CALLS.values(), ids=FLOW_CALLS)
@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_says_that_it_must_be_sampled(name, call):
    with pytest.raises(TypeError, match=rf"{name} has no step.*Discretised\(flow, dt\)"):
        call(made(name))


@pytest.mark.parametrize("name", MAPS)
def test_a_map_is_no_flow(name):
    for call in (
        lambda system: an.integrate(system, 1.0),
        lambda system: an.Discretised(system, 1),
    ):
        with pytest.raises(TypeError, match=rf": flow = {name}\(.*: expected a flow"):
            call(made(name))


# --- what they are --------------------------------------------------------------------------------

CHAOTIC = {each.name: each for each in reference.PUBLISHED if each.exponent > 0.0}


@pytest.mark.parametrize("name", sorted(CHAOTIC))
def test_what_is_published_as_chaotic_is_chaotic(name):
    found = an.classify(map_of(name), horizon=400_000)
    assert found.kind == "chaotic"
    published = CHAOTIC[name]
    error = math.hypot(found.exponent_error, published.half_unit)
    assert abs(found.exponent - published.exponent) < 5.0 * error + 1e-9


REGULAR = {
    "cycle of a flow": (lambda: map_of("VanDerPol"), "periodic", 1),
    "2-torus": (lambda: made("CoupledCircles"), "quasiperiodic", 2),
    "circle": (lambda: made("SineCircle", omega=GOLDEN, k=0.5), "quasiperiodic", 1),
    "cycle": (lambda: made("Logistic", r=3.5), "periodic", 0),
    "fixed point": (lambda: made("Logistic", r=2.5), "fixed point", 0),
    "fixed point of a flow": (
        lambda: an.Discretised(made("Lorenz", rho=10.0), 0.01),
        "fixed point",
        0,
    ),
}


@pytest.mark.parametrize(("make", "kind", "dimension"), REGULAR.values(), ids=REGULAR)
def test_what_is_regular_is_named(make, kind, dimension):
    found = an.classify(make())
    assert (found.kind, found.torus_dimension) == (kind, dimension)


def test_a_parameter_that_diverges_is_said_to():
    assert an.classify(made("Logistic", r=4.5)).kind == "diverged"
