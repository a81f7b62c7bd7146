"""Losses, Adam and an epoch of training against the oracle, and what the core refuses."""

import pickle
import threading

import numpy as np
import pytest
from reference import learn as oracle
from reference import wilson_cowan as wc

import attractornet as an
from attractornet import learn
from attractornet.learn._model import LOSSES
from attractornet.wilson_cowan import ProjectedCoupling, SpectralCoupling, block_targets

NODES, CLASSES, EXAMPLES = 13, 3, 11
TARGETS = block_targets(CLASSES, NODES)
RNG = np.random.default_rng(5)
X = RNG.uniform(0.0, 1.0, (EXAMPLES, NODES))
LABELS = RNG.integers(0, CLASSES, EXAMPLES)
ORDER = RNG.permutation(EXAMPLES)
BATCH = 4
RATES = RNG.uniform(0.01, 0.05, (3, 3))
STEPS, DT, GAMMA = 4, 0.1, 0.6


def spectral(dtype="float64"):
    """A coupling whose columns are at no right angles, where the penalty has a kink."""
    start = SpectralCoupling.plant(TARGETS, seed=2, dtype=dtype, threads=1)
    skew = 0.05 * RNG.normal(size=(NODES, NODES)) * start.train_columns
    return start.replace(start.phi + skew, start.eigenvalues)


def projected(dtype="float64"):
    start = ProjectedCoupling.plant(TARGETS, dtype=dtype)
    return start.replace(start.weights + 0.2 * RNG.normal(size=(NODES, NODES)))


COUPLINGS = {"spectral": spectral(), "projected": projected()}


def trained(coupling, **options):
    given = {
        "rates": RATES,
        "order": ORDER,
        "batch_size": BATCH,
        "steps": STEPS,
        "gamma": GAMMA,
        "threads": 1,
        **options,
    }
    order, rates = given.pop("order"), given.pop("rates")
    return learn.train_epoch(coupling, X, LABELS, TARGETS, order, rates, **given)


def numbers_of(coupling):
    if isinstance(coupling, SpectralCoupling):
        return np.concatenate([coupling.phi.ravel(), coupling.eigenvalues])
    return coupling.weights.ravel()


@pytest.mark.parametrize("kind", LOSSES)
def test_losses_are_the_paper_s(kind):
    found = learn.state_loss(X, LABELS, TARGETS, loss=kind)
    assert found.value == pytest.approx(oracle.loss(kind, X, LABELS, TARGETS).real, rel=1e-13)
    expected = oracle.loss_gradient(kind, X, LABELS, TARGETS)
    np.testing.assert_allclose(found.dx, expected, rtol=1e-11, atol=1e-15)
    rough = learn.state_loss(X.astype(np.float32), LABELS, TARGETS, loss=kind)
    assert rough.dx.dtype == np.float32
    np.testing.assert_allclose(rough.dx, expected, rtol=1e-4, atol=1e-6)


def test_probabilities_are_those_of_eq_12():
    found = learn.probabilities(X, TARGETS)
    np.testing.assert_allclose(found, oracle.probabilities(X, TARGETS), rtol=1e-13)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-14)
    on = learn.probabilities(TARGETS, TARGETS)
    np.testing.assert_allclose(on, np.eye(CLASSES), atol=1e-8)


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("name", COUPLINGS)
def test_an_epoch_is_the_oracle_s(name, kind):
    coupling = COUPLINGS[name]
    penalty = 0.3 if name == "spectral" else 0.0
    result = trained(coupling, loss=kind, orthogonality=penalty, scale=0.7)
    weights = (
        oracle.Spectral(NODES, CLASSES, penalty)
        if name == "spectral"
        else oracle.Projected(TARGETS.T)
    )
    start = np.append(numbers_of(coupling), GAMMA)
    adam = oracle.Adam(start, np.zeros(len(start)), np.zeros(len(start)))
    loss = oracle.epoch(
        weights,
        adam,
        X,
        LABELS,
        TARGETS,
        ORDER,
        RATES,
        kind=kind,
        batch_size=BATCH,
        steps=STEPS,
        dt=DT,
        scale=0.7,
        params=wc.Params(),
    )
    assert result.status == "ok"
    assert result.loss + result.penalty == pytest.approx(loss, rel=1e-9)
    assert (result.penalty > 0) == (name == "spectral")
    assert result.moments.steps == adam.steps == 3
    # A gradient of 1e-12 moves as far as one of 1: where it is all rounding, so is the move.
    clear = np.sqrt(adam.square) > 1e-9
    np.testing.assert_allclose(result.moments.mean, adam.mean, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(
        numbers_of(result.coupling)[clear[:-1]], adam.values[:-1][clear[:-1]], rtol=1e-6, atol=1e-8
    )
    assert result.gamma == pytest.approx(adam.values[-1], rel=1e-8)


@pytest.mark.parametrize("make", [spectral, projected])
def test_no_bit_depends_on_threads(make):
    coupling = make("float32")
    one = trained(coupling, noise=0.1, noise_seed=3)
    for threads in (2, 5):
        other = trained(coupling, noise=0.1, noise_seed=3, threads=threads)
        assert numbers_of(one.coupling).tobytes() == numbers_of(other.coupling).tobytes()
        assert one.moments.square.tobytes() == other.moments.square.tobytes()
        assert (one.loss, one.gamma) == (other.loss, other.gamma)


@pytest.mark.parametrize("name", COUPLINGS)
def test_two_epochs_are_one_of_twice_the_order(name):
    first = trained(COUPLINGS[name], order=ORDER[:8], rates=RATES[:2])
    second = trained(
        first.coupling, order=ORDER[8:], rates=RATES[2:], moments=first.moments, gamma=first.gamma
    )
    whole = trained(COUPLINGS[name])
    assert numbers_of(second.coupling).tobytes() == numbers_of(whole.coupling).tobytes()
    assert second.moments.mean.tobytes() == whole.moments.mean.tobytes()


def test_a_loss_of_one_s_own():
    def mine(x, labels):
        assert x.flags.c_contiguous
        found = learn.state_loss(x, labels, TARGETS, loss="sum_of_squares")
        return found.value, found.dx

    own = trained(COUPLINGS["projected"], loss=mine)
    named = trained(COUPLINGS["projected"], loss="sum_of_squares")
    assert own.moments.mean.tobytes() == named.moments.mean.tobytes()
    assert own.accuracy == named.accuracy
    assert own.loss == pytest.approx(named.loss, rel=1e-14)


def test_a_loss_of_one_s_own_that_fails():
    coupling = COUPLINGS["projected"]
    with pytest.raises(ZeroDivisionError):
        trained(coupling, loss=lambda x, labels: 1 / 0)
    with pytest.raises(TypeError, match=r"train_epoch: loss = 1.0: expected a function that"):
        trained(coupling, loss=lambda x, labels: 1.0)
    with pytest.raises(ValueError, match=r"dx of loss has shape \(2,\): expected that of x"):
        trained(coupling, loss=lambda x, labels: (0.0, np.zeros(2)))
    assert trained(coupling, loss=lambda x, y: (0.0, np.full(x.shape, np.nan))).status == "diverged"
    assert trained(coupling, loss=lambda x, y: (np.inf, np.zeros(x.shape))).status == "diverged"


def test_what_is_not_trained_stays():
    result = trained(COUPLINGS["spectral"], rates=np.zeros((3, 3)))
    assert numbers_of(result.coupling).tobytes() == numbers_of(COUPLINGS["spectral"]).tobytes()
    assert result.gamma == GAMMA
    moved = trained(COUPLINGS["spectral"]).coupling
    fixed = ~moved.train_columns
    assert np.array_equal(moved.phi[:, fixed], COUPLINGS["spectral"].phi[:, fixed])
    assert np.array_equal(moved.eigenvalues[fixed], np.zeros(CLASSES))


def test_a_step_that_leaves_the_finite_numbers():
    result = trained(spectral("float32"), rates=np.full((3, 3), 1e38))
    assert result.status == "diverged"
    assert result.coupling is None


def test_gamma_has_a_least_value():
    result = trained(COUPLINGS["projected"], rates=np.full((3, 3), 10.0), least_gamma=0.2)
    assert result.gamma >= 0.2


def test_results_pickle():
    result = trained(COUPLINGS["projected"])
    again = pickle.loads(pickle.dumps(result))
    assert numbers_of(again.coupling).tobytes() == numbers_of(result.coupling).tobytes()
    assert again.moments.mean.tobytes() == result.moments.mean.tobytes()
    assert (again.loss, again.status) == (result.loss, "ok")


def test_other_threads_run_meanwhile():
    ticks = []
    stop = threading.Event()

    def count():
        while not stop.wait(0.001):
            ticks.append(1)

    thread = threading.Thread(target=count)
    thread.start()
    x = np.tile(X, (300, 1))
    learn.train_epoch(
        COUPLINGS["projected"],
        x,
        np.tile(LABELS, 300),
        TARGETS,
        np.arange(len(x)),
        np.full((17, 3), 0.01),
        steps=100,
        threads=1,
    )
    stop.set()
    thread.join()
    assert len(ticks) > 3


BAD = {
    "coupling": ("coupling", np.eye(3), TypeError, "a SpectralCoupling or a ProjectedCoupling"),
    "x": ("x", X[:, :4], ValueError, r"x has shape \(11, 4\): expected \(examples, 13\)"),
    "x nan": ("x", np.full(X.shape, np.nan), ValueError, "x holds nan at flat index 0"),
    "labels": ("labels", LABELS + 9, ValueError, r"labels = \d+: expected values from 0 to 2"),
    "labels' type": ("labels", LABELS / 2.0, TypeError, "an array of integers"),
    "labels' size": ("labels", LABELS[1:], ValueError, r"labels has shape \(10,\)"),
    "targets": ("targets", TARGETS[:, 1:], ValueError, r"targets has shape \(3, 12\)"),
    "order": ("order", [0, 11], ValueError, "order = 11: expected values from 0 to 10"),
    "no order": ("order", np.array([], int), ValueError, "order is empty"),
    "rates": ("rates", RATES[:2], ValueError, r"rates has shape \(2, 3\): expected \(3, 3\)"),
    "moments": ("moments", learn.Moments, TypeError, "moments = .*: expected a Moments"),
    "steps": ("steps", 0, ValueError, r"steps = 0: expected a value in \[1, inf\)"),
    "loss": ("loss", "huber", ValueError, "loss = 'huber': expected 'mean_square' or"),
    "scale": ("scale", np.inf, ValueError, "scale = inf: expected a finite value"),
    "dt": ("dt", 0.0, ValueError, "dt = 0"),
    "batch": ("batch_size", 0, ValueError, "batch_size = 0"),
    "orthogonality": ("orthogonality", 0.1, ValueError, "0, where coupling is no Spectral"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments(case):
    name, value, kind, text = BAD[case]
    given = {
        "coupling": COUPLINGS["projected"],
        "x": X,
        "labels": LABELS,
        "targets": TARGETS,
        "order": ORDER,
        "rates": RATES,
        "batch_size": BATCH,
        name: value,
    }
    with pytest.raises(kind, match=f"train_epoch: .*{text}"):
        learn.train_epoch(**given)


def test_moments_of_another_coupling():
    result = trained(COUPLINGS["projected"])
    with pytest.raises(ValueError, match="moments are of another coupling: expected those of the"):
        trained(COUPLINGS["spectral"], moments=result.moments)


def test_bad_states():
    with pytest.raises(ValueError, match=r"probabilities: targets has shape \(13,\)"):
        learn.probabilities(X, TARGETS[0])
    with pytest.raises(ValueError, match=r"state_loss: labels has shape \(3,\)"):
        learn.state_loss(X, [0, 1, 2], TARGETS)
    with pytest.raises(ValueError, match="state_loss: x is empty"):
        learn.state_loss(X[:0], np.array([], int), TARGETS)
    with pytest.raises(ValueError, match=r"probabilities: targets has shape \(0, 13\)"):
        learn.probabilities(X, TARGETS[:0])


def test_a_single_class():
    q = learn.probabilities(X, TARGETS[:1])
    assert np.array_equal(q, np.ones((EXAMPLES, 1)))
    for kind in LOSSES:
        assert np.isfinite(
            learn.state_loss(X, np.zeros(EXAMPLES, int), TARGETS[:1], loss=kind).value
        )


@pytest.mark.parametrize("kind", ["<i1", "<u1", ">i2", "<u4", "<i8", ">u8"])
def test_integers_of_all_sizes(kind):
    given = [np.asarray(each, kind) for each in (LABELS, ORDER)]
    options = {"batch_size": 11, "steps": 2, "threads": 1}
    rates = RATES[:1]
    found = learn.train_epoch(
        COUPLINGS["projected"], X, given[0], TARGETS, given[1], rates, **options
    )
    same = learn.train_epoch(COUPLINGS["projected"], X, LABELS, TARGETS, ORDER, rates, **options)
    assert numbers_of(found.coupling).tobytes() == numbers_of(same.coupling).tobytes()


def test_the_core_names_its_fields():
    names = {field.name for field in an.fields(learn.train_epoch)}
    assert {"batch_size", "dt", "orthogonality", "noise", "beta1", "gamma"} <= names
