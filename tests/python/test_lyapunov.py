"""Lyapunov spectra against the QR oracle, published spectra and cases that are known exactly."""

import functools
import math

import numpy as np
import pytest
from reference import feedback, lyapunov

import attractornet as an

LIMIT_CYCLE, TOROIDAL, STRANGE = (example.network() for example in an.feedback.PUBLISHED)
CHAOTIC = an.feedback.CONTRAST.network()
CHAOTIC_LARGEST, CHAOTIC_ERROR = 0.06903, 8e-5  # of 10^7 steps


def oracle_of(net):
    return feedback.FeedbackNetwork(net.w.copy(), net.b.copy())


def tame(seed):
    return an.FeedbackNetwork.random(neurons=3, inputs=5, scale=1.3, seed=seed)


def both(net, steps, discard, initial, **options):
    """The same run by the core and by a QR factorisation every step."""
    oracle = oracle_of(net)
    slow = lyapunov.spectrum(oracle.step, oracle.jacobian, initial, steps, discard, **options)
    fast = an.lyapunov_spectrum(net, steps=steps, discard=discard, initial=initial, **options)
    return fast, slow


def errors(*spectra, published=0.0):
    """Standard errors of several results, taken together."""
    return np.sqrt(published**2 + sum(spectrum.standard_error**2 for spectrum in spectra))


@functools.cache
def published_run(net):
    return an.lyapunov_spectrum(net, steps=300_000, discard=50_000)


# --- the oracle -----------------------------------------------------------------------------------


@pytest.mark.parametrize("net", [*map(tame, range(4)), STRANGE])
def test_tame_spectra_are_the_oracles(net):
    initial = np.linspace(-0.5, 0.7, net.dimension)
    fast, slow = both(net, 10_000, 1_000, initial)
    # The orbit is the same; what differs is how long the first frame is remembered.
    assert np.all(np.abs(fast.exponents - slow.exponents) < 3.0 * errors(fast, slow) + 1e-9)
    assert np.max(errors(fast, slow)) < 1e-3
    assert fast.exponents.sum() == pytest.approx(slow.exponents.sum(), abs=1e-10)
    tolerance = 3.0 * fast.standard_error[0]
    assert fast.kaplan_yorke_dimension == lyapunov.kaplan_yorke(slow.exponents, tolerance)


def test_a_chaotic_spectrum_is_the_oracles_within_the_errors():
    fast, slow = both(CHAOTIC, 20_000, 2_000, CHAOTIC.start())
    # Two orbits by now, since rounding differs: only the averages can agree.
    assert np.all(np.abs(fast.exponents - slow.exponents) < 4.0 * errors(fast, slow))
    assert np.max(errors(fast, slow)[:4]) < 4e-3


def test_a_leading_part_is_the_oracles():
    fast, slow = both(STRANGE, 10_000, 2_000, STRANGE.start(), k=3)
    assert fast.exponents.shape == (3,)
    assert np.all(np.abs(fast.exponents - slow.exponents) < 3.0 * errors(fast, slow) + 1e-9)


# --- published spectra ----------------------------------------------------------------------------

# Good to about 1e-5; a value with an error of its own carries it.
SPECTRA = {
    LIMIT_CYCLE: """0 -.003215 -.003216 -.008149x2 -.018870x2 -.020934x2 -.021126 -.028639x2
        -.055013x2 -.063690x2 -.064315x2 -.066644 -.067333x2 -.079114 -.079113 -.083482 -.083483
        -.100885 -.100884 -.107693x2 -.128487 -.128484 -.198381""",
    TOROIDAL: """0 -.022244x2 -.023103x2 -.028930x2 -.031352 -.031351 -.037380 -.037379 -.037943
        -.039777 -.039791 -.059408 -.059407 -.062125 -.063029x2 -.065423 -.073332x2 -.074669
        -.074672 -.077459 -.108267x2 -.147931 -.191361 -.204026(13) -.40898(3) -.49777(8)""",
    STRANGE: """0 -.021027 -.021017 -.035769 -.035766 -.046744x2 -.067738x2 -.074277 -.074279
        -.116884 -.128313 -.176906x2 -.186446""",
}
# Finite sums err by the last turn of the orbit; on the second, ln|g_D| has poles.
SUMS = {
    LIMIT_CYCLE: (-1.945786396, 1e-5),
    TOROIDAL: (-2.81599, 1e-4),
    STRANGE: (-1.276550482, 1e-5),
}
CASES = pytest.mark.parametrize("net", list(SPECTRA), ids=["limit cycle", "toroidal", "strange"])


def parsed(text):
    """Values of a list such as "-.5x2 -.204026(13)", and their errors."""
    values, deviations = [], []
    for word in text.split():
        number, _, times = word.partition("x")
        number, _, digits = number.partition("(")
        unit = 10.0 ** -len(number.partition(".")[2])
        error = max(1e-5, float(digits.rstrip(")")) * unit if digits else 0.0)
        values += [float(number)] * int(times or 1)
        deviations += [error] * int(times or 1)
    return np.array(values), np.array(deviations)


@CASES
def test_published_spectra(net):
    spec = published_run(net)
    values, deviations = parsed(SPECTRA[net])
    assert len(values) == net.dimension
    error = errors(spec, published=deviations)
    assert np.all(np.abs(spec.exponents - np.sort(values)[::-1]) < 4.0 * error)
    assert np.max(spec.standard_error) < 2e-4
    assert np.max(spec.standard_error[:8]) < 5e-5


@CASES
def test_published_sums(net):
    value, tolerance = SUMS[net]
    assert published_run(net).exponents.sum() == pytest.approx(value, abs=tolerance)


@CASES
def test_the_articles_nets_are_circles(net):
    spec = published_run(net)
    assert spec.status == "ok"
    assert spec.kaplan_yorke_dimension == 1.0
    assert spec.entropy == 0.0
    assert abs(spec.exponents[0]) < 1e-5
    assert spec.exponents[1] + 10.0 * spec.standard_error[1] < 0.0


@pytest.mark.parametrize("steps", [20_000, 50_000, 100_000, 200_000, 300_000])
@CASES
def test_errors_cover_zero_on_a_circle(net, steps):
    # 9375 steps are 2676.995 half turns of the first net: 32 blocks of that length would all end
    # at nearly one phase, and their scatter would say nothing of what the whole run is off by.
    for discard in (10_000, 20_000, 30_000):
        spec = an.lyapunov_spectrum(net, steps=steps, discard=discard, k=1)
        assert abs(spec.exponents[0]) < 4.0 * spec.standard_error[0] + 1e-12
        assert spec.entropy == 0.0


def test_the_chaotic_net():
    spec = an.lyapunov_spectrum(CHAOTIC, steps=1_000_000, k=8)
    error = math.hypot(spec.standard_error[0], CHAOTIC_ERROR)
    assert error < 5e-4
    assert abs(spec.exponents[0] - CHAOTIC_LARGEST) < 4.0 * error
    assert abs(spec.exponents[1] - 0.0046) < 4.0 * math.hypot(spec.standard_error[1], 3e-4)
    assert spec.kaplan_yorke_dimension == pytest.approx(3.311, abs=0.05)
    assert spec.entropy == pytest.approx(spec.exponents[:2].sum(), rel=1e-14)
    assert spec.status == "ok"


def test_a_stable_origin_has_the_exponents_of_its_eigenvalues():
    net = an.FeedbackNetwork.random(neurons=4, inputs=16, scale=0.2, seed=174658140)
    spec = an.lyapunov_spectrum(net, steps=200_000)
    assert spec.exponents == pytest.approx(net.origin().exponents, abs=1e-5)
    assert spec.kaplan_yorke_dimension == 0.0


# --- cases by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize("product", [1.5, 3.0, 40.0, -3.0])
def test_one_neuron_one_input(product):
    # y* = b tanh(w y*), or y* -> -y* if b w < -1: lambda = ln|b w sech^2(w y*)|.
    net = an.FeedbackNetwork([[1.5]], [product / 1.5])
    y = net.trajectory(1, discard=2_000, observe="y")[0, 0]
    expected = math.log(abs(product)) - 2.0 * math.log(math.cosh(1.5 * y))
    spec = an.lyapunov_spectrum(net, steps=1_000, discard=2_000)
    assert spec.exponents == pytest.approx([expected], rel=1e-12)


def test_a_dead_direction_is_minus_infinity():
    narrow = tame(1)
    wide = an.FeedbackNetwork(np.hstack([narrow.w, np.zeros((3, 1))]), narrow.b)
    expected = an.lyapunov_spectrum(narrow, steps=20_000)
    spec = an.lyapunov_spectrum(wide, steps=20_000)
    assert spec.exponents[-1] == -math.inf
    assert np.all(np.abs(spec.exponents[:-1] - expected.exponents) < 4.0 * errors(expected) + 1e-9)
    assert spec.kaplan_yorke_dimension == expected.kaplan_yorke_dimension
    assert spec.status == "ok"
    assert spec.history[:, -1].tolist() == [-math.inf] * len(spec.history)
    dead = an.lyapunov_spectrum(an.FeedbackNetwork(np.zeros((2, 3)), np.ones(2)))
    assert dead.exponents.tolist() == [-math.inf] * 3
    assert dead.kaplan_yorke_dimension == 0.0


def test_saturated_nets_do_not_take_the_logarithm_of_zero():
    # Slopes of 1e-50 and less: 1 - tanh^2 would be 0 at every step.
    for inputs, scale in ((4, 16.0), (16, 8.0), (4, 200.0)):
        net = an.FeedbackNetwork.random(neurons=4, inputs=inputs, scale=scale, seed=174658140)
        spec = an.lyapunov_spectrum(net, steps=20_000)
        assert not np.any(np.isnan(spec.exponents))
        assert np.all(np.diff(spec.exponents[np.isfinite(spec.exponents)]) <= 0.0)
        gain = [abs(net.jacobian(y)[0, -1]) for y in net.trajectory(2_000, observe="y")]
        run = an.lyapunov_spectrum(net, steps=2_000, discard=0)
        # Beyond the digits of a double the smallest exponents are rounding, and the result says so.
        volume = np.mean(np.log(gain))
        assert abs(run.exponents.sum() - volume) <= run.volume_defect + 1e-9 * abs(volume)
        assert run.status == ("ok" if run.volume_defect < 1e-6 else "imprecise")


@pytest.mark.parametrize("neurons", [2, 4, 8])
@pytest.mark.parametrize("inputs", [8, 32])
@pytest.mark.parametrize("scale", [6, 10, 40])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_largest_exponent_of_a_full_spectrum_is_that_of_one_vector(
    neurons, inputs, scale, seed
):
    """One vector is never orthogonalised; in a full frame, digits lost below must not reach it."""
    net = an.FeedbackNetwork.random(neurons=neurons, inputs=inputs, scale=scale, seed=seed)
    full, one = an.lyapunov_spectrum(net, steps=4000), an.lyapunov_spectrum(net, steps=4000, k=1)
    error = full.standard_error[0] + one.standard_error[0]
    difference = abs(full.exponents[0] - one.exponents[0])
    assert difference < 5 * error + 1e-3 * abs(one.exponents[0])


def test_a_superstable_cycle_has_the_exponents_of_its_monodromy():
    # Period 2; the eigenvalues of the product of its Jacobians, in 80 digits: all -3.861 to -3.874.
    net = an.FeedbackNetwork.random(neurons=2, inputs=16, scale=6, seed=1)
    spec = an.lyapunov_spectrum(net)
    assert np.all((spec.exponents > -3.875) & (spec.exponents < -3.860))
    assert spec.kaplan_yorke_dimension == 0.0


def test_a_slope_that_no_double_holds_is_not_made_up():
    # y* = 1e6: the slope is 4e6 exp(-2e6), so lambda = -2e6 + ln(4e6), or a direction that dies.
    spec = an.lyapunov_spectrum(an.FeedbackNetwork([[1.0]], [1e6]), steps=1_000)
    assert spec.exponents[0] == -math.inf or spec.exponents[0] == pytest.approx(-2e6, rel=1e-4)


def test_an_orbit_that_leaves_the_finite_numbers_says_so():
    net = an.FeedbackNetwork([[1.0], [1.0]], [1e308, 1e308])
    assert np.isinf(net.trajectory(5, observe="y0")[-1])
    spec = an.lyapunov_spectrum(net, steps=1_000)
    assert spec.status == "diverged"
    assert np.all(np.isnan(spec.exponents))
    assert math.isnan(spec.kaplan_yorke_dimension)


# --- identities of a run --------------------------------------------------------------------------


@pytest.mark.parametrize("interval", [1, 7, 64, None])
@pytest.mark.parametrize("net", [STRANGE, TOROIDAL])
def test_sum_of_exponents_is_the_mean_log_volume(net, interval):
    # The states at which the Jacobian acts: the initial one, and all but the last of the orbit.
    y = net.trajectory(1, discard=5_000, observe="y")[0]
    orbit = np.vstack([y, net.trajectory(2_999, initial=y, observe="y")])
    oracle = oracle_of(net)
    volume = np.mean([math.log(abs(oracle.jacobian(row)[0, -1])) for row in orbit])
    spec = an.lyapunov_spectrum(net, steps=3_000, discard=0, initial=y, interval=interval)
    assert spec.exponents.sum() == pytest.approx(volume, abs=1e-8)
    assert spec.volume_defect < 1e-8


def test_partial_sums_are_below_the_singular_values():
    y = CHAOTIC.trajectory(1, discard=500, observe="y")[0]
    orbit = np.vstack([y, CHAOTIC.trajectory(1_999, initial=y, observe="y")])
    values = np.linalg.svd([CHAOTIC.jacobian(row) for row in orbit], compute_uv=False)
    bounds = np.cumsum(np.log(values).mean(axis=0))
    spec = an.lyapunov_spectrum(CHAOTIC, steps=2_000, discard=0, initial=y)
    # The frame's columns are in order of growth only on average: sort by what the run says.
    assert np.all(np.cumsum(spec.exponents) <= bounds + 1e-9)


# --- options --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("net", "tolerance"), [(STRANGE, 1e-9), (TOROIDAL, 1e-9), (CHAOTIC, 1e-4)])
def test_the_chosen_interval_loses_nothing(net, tolerance):
    every = an.lyapunov_spectrum(net, steps=30_000, interval=1)
    chosen = an.lyapunov_spectrum(net, steps=30_000)
    assert every.interval == 1.0
    assert chosen.interval > 2.0
    assert chosen.exponents == pytest.approx(every.exponents, abs=tolerance)


@pytest.mark.parametrize("interval", [1, 3, 20, 1024])
def test_an_interval_is_an_upper_bound(interval):
    spec = an.lyapunov_spectrum(CHAOTIC, steps=10_000, interval=interval)
    assert 1.0 <= spec.interval <= interval
    # Directions grow apart by e^0.9 a step: at 1024 steps nothing of the last would be left.
    assert spec.exponents == pytest.approx(
        an.lyapunov_spectrum(CHAOTIC, steps=10_000).exponents, abs=1e-4
    )
    assert spec.status == "ok"


@pytest.mark.parametrize("net", [STRANGE, CHAOTIC])
@pytest.mark.parametrize("k", [1, 2, 5, 15])
def test_fewer_exponents_are_the_leading_ones(net, k):
    whole = an.lyapunov_spectrum(net, steps=50_000)
    part = an.lyapunov_spectrum(net, steps=50_000, k=k)
    assert part.exponents.shape == part.standard_error.shape == (k,)
    assert part.history.shape == (32, k)
    # A pair of equal exponents may be cut in two, and is then shared out differently.
    apart = np.abs(part.exponents - whole.exponents[:k])
    assert np.all(apart < 2.0 * errors(whole)[:k] + 1e-9)
    assert part.exponents[0] == pytest.approx(whole.exponents[0], abs=1e-9)


def test_too_few_exponents_leave_the_dimension_open():
    assert math.isnan(an.lyapunov_spectrum(CHAOTIC, k=3).kaplan_yorke_dimension)
    assert 3.2 < an.lyapunov_spectrum(CHAOTIC, k=4).kaplan_yorke_dimension < 3.5
    assert math.isnan(an.lyapunov_spectrum(STRANGE, k=1).kaplan_yorke_dimension)
    assert an.lyapunov_spectrum(STRANGE, k=2).kaplan_yorke_dimension == 1.0


@pytest.mark.parametrize("net", [STRANGE, TOROIDAL, CHAOTIC])
def test_the_first_frame_is_forgotten_within_the_errors(net):
    one, two = (an.lyapunov_spectrum(net, steps=50_000, seed=seed) for seed in (0, 2**40))
    assert not np.array_equal(one.exponents, two.exponents)
    assert np.all(np.abs(one.exponents - two.exponents) < 3.0 * errors(one, two))
    again = an.lyapunov_spectrum(net, steps=50_000, seed=0)
    assert again.exponents.tobytes() == one.exponents.tobytes()
    assert again.standard_error.tobytes() == one.standard_error.tobytes()


def test_without_an_initial_state_it_starts_at_start():
    options = {"steps": 500, "discard": 0}
    default = an.lyapunov_spectrum(CHAOTIC, **options)
    given = an.lyapunov_spectrum(CHAOTIC, initial=CHAOTIC.start(), **options)
    other = an.lyapunov_spectrum(CHAOTIC, initial=np.ones(16), **options)
    assert np.array_equal(default.exponents, given.exponents)
    assert not np.array_equal(default.exponents, other.exponents)


def test_errors_are_honest():
    # The scatter of independent runs is what their own errors say, within the spread of chi^2.
    starts = np.random.RandomState(0).uniform(-1.0, 1.0, (24, 16))
    runs = [an.lyapunov_spectrum(CHAOTIC, steps=20_000, k=1, initial=y) for y in starts]
    scatter = np.std([run.exponents[0] for run in runs], ddof=1)
    claimed = math.sqrt(np.mean([run.standard_error[0] ** 2 for run in runs]))
    assert 0.5 < scatter / claimed < 1.6


# --- the result -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("steps", "blocks"), [(10_000, 32), (1_003, 10), (64, 64), (7, 2)])
def test_history_ends_in_the_exponents(steps, blocks):
    spec = an.lyapunov_spectrum(CHAOTIC, steps=steps, discard=200, blocks=blocks)
    assert spec.steps == steps
    assert spec.history.shape == (blocks, 16)
    assert spec.history_steps.shape == (blocks,)
    assert spec.history_steps[-1] == steps
    lengths = np.diff(spec.history_steps, prepend=0)
    # Not all alike, lest they keep time with the orbit; but of one size.
    assert np.all(lengths >= max(1, steps // blocks // 2))
    assert np.all(lengths <= 2 * (steps // blocks) + 1)
    assert spec.history[-1] == pytest.approx(spec.exponents, rel=1e-12)
    # The errors are the scatter of the blocks, which the history gives back.
    totals = np.diff(spec.history * spec.history_steps[:, None], axis=0, prepend=0.0)
    deviations = totals - spec.exponents * lengths[:, None]
    error = np.sqrt(np.sum(deviations**2, axis=0) * blocks / (blocks - 1)) / steps
    assert spec.standard_error == pytest.approx(error, rel=1e-6)


def test_history_is_what_a_shorter_run_would_have_given():
    long = an.lyapunov_spectrum(STRANGE, steps=32_000)
    for block in (0, 8, 30):
        short = an.lyapunov_spectrum(STRANGE, steps=int(long.history_steps[block]))
        assert np.sort(long.history[block])[::-1] == pytest.approx(short.exponents, abs=1e-9)


@pytest.mark.parametrize("net", [CHAOTIC, STRANGE, tame(1)])
def test_derived_numbers_follow_from_the_exponents(net):
    spec = an.lyapunov_spectrum(net, steps=50_000)
    assert np.all(np.diff(spec.exponents) <= 0.0)
    assert np.all(spec.standard_error >= 0.0)
    significant = spec.exponents > 3.0 * spec.standard_error + 1e-12
    assert spec.entropy == pytest.approx(spec.exponents[significant].sum(), abs=1e-15)
    # The oracle drops exponents near 0, which on a strange attractor are part of the sum.
    tolerance = 0.0 if spec.entropy else 3.0 * spec.standard_error[0]
    assert spec.kaplan_yorke_dimension == pytest.approx(
        lyapunov.kaplan_yorke(spec.exponents, tolerance), abs=1e-12
    )
    assert spec.status == "ok"


def test_results_cannot_be_changed_from_outside():
    spec = an.lyapunov_spectrum(STRANGE, steps=1_000)
    before = spec.exponents.copy()
    spec.exponents[:] = 7.0
    assert np.array_equal(spec.exponents, before)
    with pytest.raises(AttributeError):
        spec.status = "better"


def test_repr_has_the_leading_values_and_the_status():
    spec = an.lyapunov_spectrum(CHAOTIC)
    text = repr(spec)
    assert text.startswith(f"LyapunovSpectrum({spec.exponents[0]:.3g} +- 0.00")
    assert text.endswith("...; status 'ok')")
    assert "..." not in repr(an.lyapunov_spectrum(CHAOTIC, k=4))
    # A dead direction has no scatter; C would print the sign of its nan.
    dead = repr(an.lyapunov_spectrum(an.FeedbackNetwork([[0.0]], [1.0])))
    assert dead.startswith("LyapunovSpectrum(-inf")
    assert "-nan" not in dead


# --- progress -------------------------------------------------------------------------------------


def test_progress_is_told_rising_steps_up_to_the_total():
    told = []
    spec = an.lyapunov_spectrum(
        CHAOTIC, steps=600_000, discard=1_000, progress=lambda *args: told.append(args)
    )
    done, totals = zip(*told, strict=True)
    assert set(totals) == {601_000}
    assert all(type(value) is int for value in done)
    assert list(done) == sorted(done)
    assert done[-1] == 601_000
    assert len(done) >= 3
    silent = an.lyapunov_spectrum(CHAOTIC, steps=600_000, discard=1_000)
    assert np.array_equal(spec.exponents, silent.exponents)


def test_a_progress_bar_appears_on_standard_error(capsys):
    an.lyapunov_spectrum(STRANGE, steps=1_000, progress=True)
    streams = capsys.readouterr()
    assert "Lyapunov spectrum" in streams.err
    assert streams.out == ""
    an.lyapunov_spectrum(STRANGE, steps=1_000, progress=False)
    assert capsys.readouterr().err == ""
