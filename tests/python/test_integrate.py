"""Flows: the adaptive solver against closed forms, its dense output, and the maps that sample."""

import inspect
import itertools
import math
import pickle

import numpy as np
import pytest
from reference import textbook as reference

import attractornet as an

LORENZ, VAN_DER_POL = an.textbook.Lorenz(), an.textbook.VanDerPol()
# x'' = -x, a harmonic oscillator.
CIRCLE = an.textbook.VanDerPol(mu=0.0)
SCHEMES = ["euler", "runge_kutta_4", "dormand_prince"]


class Stop(Exception):
    """What a progress function of these tests raises."""


def circle(times):
    """The oscillator's exact solution from (2, 0)."""
    times = np.asarray(times, dtype=float)
    return 2.0 * np.stack([np.cos(times), -np.sin(times)], axis=-1)


# --- arguments and results ------------------------------------------------------------------------


def test_keywords_are_the_fields():
    names = [field.name for field in an.fields(an.integrate)]
    assert names == ["rtol", "atol", "first_step", "max_step", "max_steps"]
    signature = inspect.getdoc(an.integrate).partition("\n")[0]
    assert all(f"{name}: " in signature for name in names)
    solution = an.integrate(
        LORENZ, 1.0, LORENZ.start(),
        rtol=1e-6, atol=1e-9, first_step=None, max_step=None, max_steps=1_000_000, progress=False,
    )  # fmt: skip
    again = an.integrate(LORENZ, 1.0)  # all of these are the defaults
    assert np.array_equal(solution.times, again.times)
    assert np.array_equal(solution.states, again.states)


def test_shapes_and_types():
    solution = an.integrate(LORENZ, 2.0)
    assert isinstance(solution, an.Solution)
    assert (solution.status, solution.steps) == ("ok", len(solution.times) - 1)
    assert solution.times.shape == (solution.steps + 1,)
    assert solution.states.shape == (solution.steps + 1, 3)
    assert solution.times.dtype == solution.states.dtype == np.float64
    assert isinstance(solution.rejected, int)
    assert solution.times[0] == 0.0
    assert solution.times[-1] == 2.0
    assert np.all(np.diff(solution.times) > 0.0)
    assert np.array_equal(solution.states[0], LORENZ.start())


def test_arrays_are_the_callers_own():
    solution = an.integrate(LORENZ, 1.0)
    expected = solution.states.copy()
    solution.states[:] = 7.0
    assert np.array_equal(solution.states, expected)


def test_repr_fits_a_line():
    assert repr(an.integrate(CIRCLE, 1.5)) == (
        f"Solution(0 to 1.5 in {an.integrate(CIRCLE, 1.5).steps} steps; status 'ok')"
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("duration", [1.5, -1.5, 0.0])
def test_pickles_are_equal(protocol, duration):
    solution = an.integrate(CIRCLE, duration)
    again = pickle.loads(pickle.dumps(solution, protocol))
    assert repr(again) == repr(solution)
    for name in ("times", "states"):
        assert getattr(again, name).tobytes() == getattr(solution, name).tobytes()
    assert (again.rejected, again.status) == (solution.rejected, solution.status)
    times = np.linspace(0.0, duration, 9)
    assert again(times).tobytes() == solution(times).tobytes()


# --- closed forms ---------------------------------------------------------------------------------


@pytest.mark.parametrize("duration", [10.0, -10.0, 0.3, 1e-12])
@pytest.mark.parametrize("rtol", [1e-4, 1e-8, 1e-12])
def test_an_oscillator_is_a_circle(rtol, duration):
    solution = an.integrate(CIRCLE, duration, rtol=rtol, atol=rtol)
    assert solution.status == "ok"
    assert solution.times[-1] == duration
    assert solution.states == pytest.approx(circle(solution.times), abs=300 * rtol)


@pytest.mark.parametrize("rtol", [1e-6, 1e-9])
def test_dense_output_is_as_good_as_the_steps(rtol):
    solution = an.integrate(CIRCLE, 10.0, rtol=rtol, atol=rtol)
    times = np.linspace(0.0, 10.0, 2_001)
    assert solution(times) == pytest.approx(circle(times), abs=1000 * rtol)
    # The extension is of order 4: a shorter step is better by its fourth power or more.
    shorter = an.integrate(CIRCLE, 10.0, rtol=rtol, atol=rtol, max_step=0.01)
    assert shorter(times) == pytest.approx(circle(times), abs=1e-10)


def test_dense_output_passes_through_the_steps():
    for duration in (5.0, -5.0):
        solution = an.integrate(LORENZ, duration / 5.0)
        scale = np.max(np.abs(solution.states))
        assert solution(solution.times) == pytest.approx(solution.states, abs=1e-13 * scale)
        assert np.array_equal(solution(0.0), LORENZ.start())


def test_dense_output_has_the_shape_of_the_times():
    solution = an.integrate(LORENZ, 1.0)
    times = np.linspace(0.0, 1.0, 6)
    assert solution(0.5).shape == (3,)
    assert solution(np.float32(0.5)).shape == (3,)
    assert solution([]).shape == (0, 3)
    assert solution(times).shape == (6, 3)
    assert solution(times.reshape(2, 3)).shape == (2, 3, 3)
    assert np.array_equal(solution(times.reshape(2, 3)).reshape(6, 3), solution(times))
    assert np.array_equal(solution(times[::-1]), solution(times)[::-1])


@pytest.mark.parametrize("time", [-1e-9, 1.0000001, math.nan, math.inf])
def test_times_outside_are_refused(time):
    with pytest.raises(ValueError, match=r"Solution.*times"):
        an.integrate(LORENZ, 1.0)(time)


def test_a_flow_is_solved_as_in_numpy():
    entry = reference.SYSTEMS["Lorenz"]
    step, state = reference.runge_kutta_4(entry.function, 1e-3), np.array(entry.start)
    for _ in range(1_000):
        state = step(state)
    solution = an.integrate(LORENZ, 1.0, rtol=1e-12, atol=1e-12)
    assert solution.states[-1] == pytest.approx(state, rel=1e-8)


def test_there_and_back():
    there = an.integrate(LORENZ, 1.0, rtol=1e-12, atol=1e-12).states[-1]
    back = an.integrate(LORENZ, -1.0, there, rtol=1e-12, atol=1e-12).states[-1]
    assert back == pytest.approx(LORENZ.start(), abs=1e-6)


# --- options --------------------------------------------------------------------------------------


def test_steps_keep_to_their_bounds():
    solution = an.integrate(LORENZ, 1.0, first_step=1e-5, max_step=0.003)
    lengths = np.diff(solution.times)
    assert lengths[0] == pytest.approx(1e-5)
    assert np.max(lengths) < 0.003 * (1.0 + 1e-9)


def test_a_tighter_tolerance_takes_more_steps():
    steps = [an.integrate(LORENZ, 2.0, rtol=rtol).steps for rtol in (1e-3, 1e-6, 1e-9)]
    assert steps == sorted(set(steps))


def test_no_time_is_no_step():
    solution = an.integrate(LORENZ, 0.0)
    assert (solution.steps, solution.status) == (0, "ok")
    assert np.array_equal(solution.states, [LORENZ.start()])
    assert np.array_equal(solution(0.0), LORENZ.start())


# --- failures are a status ------------------------------------------------------------------------


def test_too_many_steps():
    solution = an.integrate(LORENZ, 100.0, max_steps=10)
    assert solution.status == "too many steps"
    assert solution.steps <= 10
    assert solution.times[-1] < 100.0
    assert np.all(np.isfinite(solution(solution.times)))
    assert "too many steps" in repr(solution)


def test_a_singularity_ends_the_solution():
    # z' grows like z^2 beyond c: infinity in a finite time.
    solution = an.integrate(an.textbook.SimplestQuadratic(), 100.0, [50.0, 500.0, 5000.0])
    assert solution.status in ("diverged", "step too small")
    assert 0.0 < solution.times[-1] < 100.0
    assert np.all(np.isfinite(solution.states))


# --- progress -------------------------------------------------------------------------------------


def test_progress_is_told():
    told = []
    an.integrate(LORENZ, 200.0, progress=lambda *pair: told.append(pair))
    assert told
    done, totals = zip(*told, strict=True)
    assert list(done) == sorted(done)
    assert len(set(totals)) == 1
    assert done[-1] == totals[0]


@pytest.mark.parametrize("kind", [Stop, KeyboardInterrupt, SystemExit])
def test_what_progress_raises_reaches_the_caller(kind):
    error = kind("from progress")

    def tell(done, total):
        raise error

    with pytest.raises(kind) as caught:
        an.integrate(LORENZ, 1e6, progress=tell, max_steps=10**9)
    assert caught.value is error


# --- the maps that sample -------------------------------------------------------------------------


def sampled(scheme="runge_kutta_4", flow=VAN_DER_POL, dt=0.05, **options):
    return an.Discretised(flow, dt, scheme=scheme, **options)


def test_keywords_of_discretised_are_the_fields():
    assert [field.name for field in an.fields(an.Discretised)] == ["scheme", "rtol", "atol"]
    plain = an.Discretised(VAN_DER_POL, 0.05)
    full = an.Discretised(VAN_DER_POL, dt=0.05, scheme="runge_kutta_4", rtol=None, atol=None)
    assert repr(plain) == repr(full)


def test_a_sampled_flow_knows_what_it_is_made_of():
    system = sampled("euler")
    assert (system.scheme, system.dt, system.time_step) == ("euler", 0.05, 0.05)
    assert system.flow is VAN_DER_POL
    assert system.dimension == 2
    assert np.array_equal(system.start(), VAN_DER_POL.start())
    assert system.observe([0.3, 0.4]) == VAN_DER_POL.observe([0.3, 0.4])
    for name in ("scheme", "dt", "flow"):
        with pytest.raises(AttributeError):
            setattr(system, name, 1)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_step_is_the_flows(scheme):
    system, state = sampled(scheme), np.array([1.2, -0.7])
    exact = an.integrate(VAN_DER_POL, 0.05, state, rtol=1e-13, atol=1e-13).states[-1]
    tolerance = {"euler": 5e-3, "runge_kutta_4": 1e-6, "dormand_prince": 1e-8}[scheme]
    assert system.step(state) == pytest.approx(exact, abs=tolerance)
    if scheme == "euler":
        assert np.array_equal(system.step(state), state + 0.05 * VAN_DER_POL.rhs(state))


@pytest.mark.parametrize(("scheme", "order"), [("euler", 1), ("runge_kutta_4", 4)])
def test_schemes_have_their_order(scheme, order):
    state = np.array([1.2, -0.7])
    exact = an.integrate(VAN_DER_POL, 0.4, state, rtol=1e-13, atol=1e-13).states[-1]

    def error(dt):
        orbit = sampled(scheme, dt=dt).trajectory(round(0.4 / dt), initial=state)
        return np.linalg.norm(orbit[-1] - exact)

    assert math.log2(error(0.02) / error(0.01)) == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_tangent_of_a_sample_is_its_derivative(scheme):
    system, state, h = sampled(scheme), np.array([1.2, -0.7]), 1e-6
    columns = [system.step(state + h * e) - system.step(state - h * e) for e in np.eye(2)]
    assert system.jacobian(state) == pytest.approx(np.array(columns).T / (2.0 * h), abs=1e-6)


def test_the_tangent_of_a_flow_is_that_of_its_right_hand_side():
    state, h = np.array([1.0, -2.0, 20.0]), 1e-6
    columns = [LORENZ.rhs(state + h * e) - LORENZ.rhs(state - h * e) for e in np.eye(3)]
    assert LORENZ.jacobian(state) == pytest.approx(np.array(columns).T / (2.0 * h), abs=1e-6)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_trajectories_of_a_sample(scheme):
    system = sampled(scheme)
    starts = np.random.default_rng(2).uniform(-2.0, 2.0, (4, 2))
    batch = system.trajectory(30, 5, starts, threads=2)
    assert batch.shape == (4, 30, 2)
    for start, orbit in zip(starts, batch, strict=True):
        assert np.array_equal(system.trajectory(30, 5, start), orbit)
        assert np.array_equal(system.trajectory(35, initial=start)[5:], orbit)


def test_exponents_are_per_unit_time():
    spectra = [
        an.lyapunov_spectrum(sampled(dt=dt, flow=LORENZ), steps=round(500 / dt), discard=1000)
        for dt in (0.01, 0.02)
    ]
    for spectrum in spectra:
        # Their sum is the trace of the Jacobian, -(sigma + 1 + beta).
        assert spectrum.exponents.sum() == pytest.approx(-(11.0 + 8.0 / 3.0), abs=1e-2)
        assert spectrum.exponents[0] == pytest.approx(0.9056, abs=5 * spectrum.standard_error[0])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("scheme", SCHEMES)
def test_pickles_of_a_sample_are_equal(scheme, protocol):
    adaptive = scheme == "dormand_prince"
    system = sampled(scheme, **({"rtol": 1e-7, "atol": 1e-8} if adaptive else {}))
    again = pickle.loads(pickle.dumps(system, protocol))
    ours, theirs = again.__getstate__(), system.__getstate__()
    assert repr(ours.pop("flow")) == repr(theirs.pop("flow"))
    assert ours == theirs
    assert repr(again) == repr(system)
    assert np.array_equal(again.trajectory(20), system.trajectory(20))


@pytest.mark.parametrize("scheme", ["euler", "runge_kutta_4"])
@pytest.mark.parametrize("name", ["rtol", "atol"])
def test_a_tolerance_is_refused_where_it_means_nothing(scheme, name):
    with pytest.raises(ValueError, match=f"Discretised: {name} = 1e-06: expected scheme='dormand"):
        sampled(scheme, **{name: 1e-6})


def test_a_sample_keeps_its_flow_alive():
    system = an.Discretised(an.textbook.Lorenz(rho=30.0), 0.01)
    assert np.all(np.isfinite(system.trajectory(10)))
    assert system.flow.rho == 30.0


@pytest.mark.parametrize("dt", [0.0, -0.1, math.nan, math.inf])
def test_time_between_samples_is_above_zero(dt):
    with pytest.raises(ValueError, match=r"Discretised: dt = .*: expected a value in \(0, inf\)"):
        an.Discretised(LORENZ, dt)


def test_a_dense_solution_and_samples_agree():
    solution = an.integrate(VAN_DER_POL, 2.0, rtol=1e-11, atol=1e-11)
    orbit = sampled("dormand_prince", dt=0.1).trajectory(20)
    assert solution(0.1 * np.arange(1, 21)) == pytest.approx(orbit, abs=1e-7)


def test_results_do_not_depend_on_threads_or_progress():
    for threads, progress in itertools.product((1, 3), (False, lambda done, total: None)):
        starts = [VAN_DER_POL.start()] * 3
        orbit = sampled().trajectory(9, 1, starts, threads=threads, progress=progress)
        assert np.array_equal(orbit[2], sampled().trajectory(9, 1))
