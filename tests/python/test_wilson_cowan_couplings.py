"""Couplings with planted attractors against the oracle: spectral and projected."""

import pickle
import re

import numpy as np
import pytest
from reference import wilson_cowan as reference

import attractornet as an
from attractornet.wilson_cowan import ProjectedCoupling, SpectralCoupling, block_targets

NODES, CLASSES = 24, 4
TARGETS = block_targets(CLASSES, NODES)
REST = an.WilsonCowanNode().equilibria()


def perturbed(spectral, seed=1, size=0.1):
    """A coupling some steps of training later."""
    rng = np.random.default_rng(seed)
    phi = spectral.phi + size * rng.normal(size=spectral.phi.shape) * spectral.train_columns
    lam = spectral.eigenvalues + rng.normal(size=spectral.nodes) * spectral.train_eigenvalues
    return spectral.replace(phi, lam)


def relative(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


def test_block_targets_are_the_oracle_s():
    for classes, nodes in ((10, 784), (4, 24), (2, 7), (1, 3)):
        found = block_targets(classes, nodes, low=0.1, high=0.9)
        assert np.array_equal(found, reference.block_targets(nodes, classes, 0.1, 0.9))
    assert set(TARGETS.flat) == {REST.x[0], REST.x[2]}


@pytest.mark.parametrize("planted", ["qr", "raw", "none"])
def test_a_frame_holds_what_is_planted(planted):
    spectral = SpectralCoupling.plant(TARGETS, planted=planted, seed=3)
    free, last = spectral.phi[:, :-CLASSES], spectral.phi[:, -CLASSES:]
    count = NODES if planted == "none" else NODES - CLASSES
    gram = spectral.phi[:, :count].T @ spectral.phi[:, :count]
    np.testing.assert_allclose(gram, 1.15**2 * np.eye(count), atol=1e-13)
    assert free.shape == (NODES, NODES - CLASSES)
    if planted == "raw":
        assert np.array_equal(last.T, TARGETS)
    elif planted == "qr":
        np.testing.assert_allclose(last.T @ last, np.eye(CLASSES), atol=1e-14)
        np.testing.assert_allclose(last @ (last.T @ TARGETS.T), TARGETS.T, atol=1e-14)
        assert (np.diagonal(last.T @ TARGETS.T) > 0.0).all()
    lam = spectral.eigenvalues
    assert np.array_equal(lam[-CLASSES:], np.zeros(CLASSES))
    assert abs(lam[:-CLASSES].mean() + np.sqrt(NODES)) < 0.8
    assert not spectral.train_columns[-CLASSES:].any()
    assert spectral.train_columns[:-CLASSES].all()
    assert np.array_equal(spectral.train_eigenvalues, spectral.train_columns)
    assert SpectralCoupling.plant(TARGETS, planted=planted, train_planted=True).train_columns.all()


def test_random_eigenvalues_are_normal_numbers():
    lam = SpectralCoupling.plant(
        block_targets(2, 400), eigenvalue_mean=-5.0, eigenvalue_spread=0.5, seed=7
    ).eigenvalues[:-2]
    assert abs(lam.mean() + 5.0) < 4 * 0.5 / np.sqrt(398)
    assert abs(lam.std() - 0.5) < 4 * 0.5 / np.sqrt(2 * 398)


@pytest.mark.parametrize("planted", ["qr", "raw"])
def test_planted_patterns_are_in_the_kernel(planted):
    spectral = perturbed(SpectralCoupling.plant(TARGETS, planted=planted))
    assert np.abs(spectral.coupling @ TARGETS.T).max() < 1e-12
    net = an.WilsonCowanNetwork(spectral.coupling, scale="1/sqrt(N)")
    for target in TARGETS:
        state = np.concatenate([target, np.full(NODES, REST.y[0])])
        assert np.abs(net.rhs(state)).max() < 1e-12
    single = perturbed(SpectralCoupling.plant(TARGETS, planted=planted, dtype="float32"))
    assert single.coupling.dtype == np.float32
    assert np.abs(single.coupling @ TARGETS.T.astype(np.float32)).max() < 1e-4


def test_a_planted_eigenvalue_that_is_not_zero():
    spectral = SpectralCoupling.plant(TARGETS, planted_eigenvalue=0.1)
    np.testing.assert_allclose(spectral.coupling @ TARGETS.T, 0.1 * TARGETS.T, atol=1e-13)


@pytest.mark.parametrize("nodes", [3, 24, 61])
def test_the_coupling_and_its_gradients_are_the_oracle_s(nodes):
    rng = np.random.default_rng(nodes)
    phi = rng.normal(size=(nodes, nodes)) + 2.0 * np.eye(nodes)
    lam, da = rng.normal(size=nodes), rng.normal(size=(nodes, nodes))
    spectral = SpectralCoupling(phi, lam)
    assert relative(spectral.coupling, reference.spectral(phi, lam)) < 1e-12 * nodes
    found, expected = spectral.adjoint(da), reference.spectral_gradient(phi, lam, da)
    assert relative(found.phi, expected[0]) < 1e-11 * nodes
    assert relative(found.eigenvalues, expected[1]) < 1e-11 * nodes
    # The length of a column is a gauge.
    along = np.sum(found.phi * phi, axis=0)
    assert np.abs(along).max() < 1e-10 * np.abs(found.phi).max() * nodes
    exact = 1.0 / (np.linalg.norm(phi, 1) * np.linalg.norm(np.linalg.inv(phi), 1))
    assert 1.0 / 3.0 < exact * spectral.condition < 3.0


def test_bounds_and_masks():
    rng = np.random.default_rng(4)
    phi, da = rng.normal(size=(2, 5, 5)) + 2.0 * np.eye(5)
    lam = np.array([-3.0, -1.0, 0.5, 1.0, 4.0])
    columns = np.array([True, False, True, True, False])
    values = np.array([True, True, False, True, True])
    spectral = SpectralCoupling(
        phi,
        lam,
        train_columns=columns,
        train_eigenvalues=values,
        eigenvalue_min=-2.0,
        eigenvalue_max=2.0,
    )
    inside = np.clip(lam, -2.0, 2.0)
    assert np.array_equal(spectral.eigenvalues, lam)
    np.testing.assert_allclose(spectral.coupling, reference.spectral(phi, inside), atol=1e-12)
    found, expected = spectral.adjoint(da), reference.spectral_gradient(phi, inside, da)
    np.testing.assert_allclose(found.phi, expected[0] * columns, atol=1e-11)
    kept = values & (lam == inside)
    np.testing.assert_allclose(found.eigenvalues, expected[1] * kept, atol=1e-11)
    other = spectral.replace(phi + 0.1, lam)
    assert np.array_equal(other.train_columns, columns)
    assert other.eigenvalue_max == 2.0


@pytest.mark.parametrize("kind", [SpectralCoupling, ProjectedCoupling])
def test_gradients_go_through_to_what_a_coupling_is_made_of(kind):
    # Central differences of a loss at the end of a run.
    rng = np.random.default_rng(5)
    x0, goal = rng.random((2, 3, NODES))
    start = kind.plant(TARGETS)

    def run(coupling):
        scale = 1.0 if kind is ProjectedCoupling else "1/sqrt(N)"
        return an.WilsonCowanNetwork(coupling.coupling, scale=scale, w_ie=0.4).tape(x0, steps=12)

    def loss(coupling):
        return np.sum((run(coupling).x - goal) ** 2)

    tape = run(start)
    da = tape.adjoint(2.0 * (tape.x - goal)).coupling
    h = 1e-6
    if kind is ProjectedCoupling:
        direction = rng.normal(size=start.weights.shape)
        slope = np.sum(start.adjoint(da) * direction)
        moved = [start.replace(start.weights + s * h * direction) for s in (1, -1)]
    else:
        direction = rng.normal(size=start.phi.shape) * start.train_columns
        bend = rng.normal(size=NODES) * start.train_eigenvalues
        gradient = start.adjoint(da)
        slope = np.sum(gradient.phi * direction) + np.sum(gradient.eigenvalues * bend)
        moved = [
            start.replace(start.phi + s * h * direction, start.eigenvalues + s * h * bend)
            for s in (1, -1)
        ]
    assert slope == pytest.approx((loss(moved[0]) - loss(moved[1])) / (2.0 * h), rel=1e-6)


def test_projected_couplings_are_the_oracle_s():
    rng = np.random.default_rng(6)
    b, da = rng.normal(size=(2, NODES, NODES))
    projected = ProjectedCoupling(b, TARGETS)
    expected = reference.projected(b, TARGETS.T)
    np.testing.assert_allclose(projected.coupling, expected, atol=1e-13)
    np.testing.assert_allclose(
        projected.adjoint(da), reference.projected(da, TARGETS.T), atol=1e-13
    )
    assert np.abs(projected.coupling @ TARGETS.T).max() < 1e-13
    q = projected.basis
    np.testing.assert_allclose(q.T @ q, np.eye(CLASSES), atol=1e-14)
    start = ProjectedCoupling.plant(TARGETS, diagonal=-0.5)
    assert np.array_equal(start.weights, -0.5 * np.eye(NODES))
    single = ProjectedCoupling(b.astype(np.float32), TARGETS)
    assert single.coupling.dtype == np.float32
    np.testing.assert_allclose(single.coupling, expected, atol=1e-5)


def test_thread_counts_give_the_same_bits():
    rng = np.random.default_rng(8)
    phi = rng.normal(size=(90, 90)) + 9.0 * np.eye(90)
    lam, da = rng.normal(size=90), rng.normal(size=(90, 90))
    one, two, three = (SpectralCoupling(phi, lam, threads=count) for count in (1, 2, 3))
    for other in (two, three):
        assert np.array_equal(one.coupling, other.coupling)
        assert np.array_equal(one.adjoint(da).phi, other.adjoint(da).phi)
        assert np.array_equal(one.adjoint(da).eigenvalues, other.adjoint(da).eigenvalues)


def by_file(coupling, folder):
    coupling.save(folder / "coupling.safetensors")
    return type(coupling).load(folder / "coupling.safetensors")


@pytest.mark.parametrize("copied", [lambda c, _: pickle.loads(pickle.dumps(c)), by_file])
def test_couplings_are_kept(copied, tmp_path):
    spectral = SpectralCoupling.plant(TARGETS, eigenvalue_max=7.0, dtype="float32")
    copy = copied(spectral, tmp_path)
    assert np.array_equal(copy.coupling, spectral.coupling)
    assert copy.coupling.dtype == np.float32
    assert np.array_equal(copy.train_columns, spectral.train_columns)
    assert (copy.eigenvalue_min, copy.eigenvalue_max) == (None, 7.0)
    projected = ProjectedCoupling.plant(TARGETS)
    copy = copied(projected, tmp_path)
    assert np.array_equal(copy.coupling, projected.coupling)
    assert np.array_equal(copy.basis, projected.basis)


def test_conditioning_is_watched():
    phi = np.random.default_rng(9).normal(size=(6, 6)).astype(np.float32)
    lam = np.arange(6.0)
    SpectralCoupling(phi, lam)
    near = phi.copy()
    near[:, 5] = near[:, 4] + 1e-4 * near[:, 5]
    with pytest.warns(RuntimeWarning, match=r"phi has the condition number .*float64"):
        SpectralCoupling(near, lam)
    SpectralCoupling(near.astype(float), lam)
    for singular in (np.zeros((6, 6)), np.ones((6, 6)), phi * (np.arange(6) != 2)):
        with pytest.raises(
            ValueError, match="nothing is left of an inverse: expected linearly ind"
        ):
            SpectralCoupling(singular, lam)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: block_targets(10, 11),
            "block_targets: nodes = 11: expected at least classes + 2 = 12, a node for each block",
        ),
        (lambda: block_targets(0, 11), "block_targets: classes = 0: expected a value in [1, inf)"),
        (
            lambda: SpectralCoupling.plant(TARGETS[:, :3]),
            "SpectralCoupling.plant: targets = 4: expected 1 to 3 patterns, the number of nodes",
        ),
        (
            lambda: SpectralCoupling.plant(TARGETS[[0, 1, 0]]),
            "pattern 2 of targets follows from those before it: expected linearly independent",
        ),
        (
            lambda: ProjectedCoupling.plant(TARGETS[[0, 0]]),
            "ProjectedCoupling.plant: pattern 1 of targets follows from those before it: expected",
        ),
        (
            lambda: SpectralCoupling.plant(np.zeros((0, 5))),
            "targets has shape (0, 5): expected one",
        ),
        (
            lambda: SpectralCoupling.plant(TARGETS, gain=0.0),
            "gain = 0: expected a value in [0.001, 1000]",
        ),
        (
            lambda: SpectralCoupling(np.eye(3), [1.0, 2.0]),
            "SpectralCoupling: eigenvalues has shape (2,): expected (3,), one for each column",
        ),
        (
            lambda: SpectralCoupling(np.eye(3)[:2], [1.0, 2.0]),
            "SpectralCoupling: phi has shape (2, 3): expected (2, 2)",
        ),
        (
            lambda: SpectralCoupling(np.eye(2), [1.0, np.nan]),
            "SpectralCoupling: eigenvalues holds nan at flat index 1: expected finite values only",
        ),
        (
            lambda: SpectralCoupling(np.eye(2), [1.0, 2.0], train_columns=[True]),
            "SpectralCoupling: train_columns has shape (1,): expected (2,), one for each column",
        ),
        (
            lambda: SpectralCoupling(np.eye(2), [1.0, 2.0], eigenvalue_min=3.0, eigenvalue_max=2.0),
            "SpectralCoupling: eigenvalue_min = 3: expected at most eigenvalue_max = 2",
        ),
        (
            lambda: SpectralCoupling(np.eye(2), [1.0, 2.0]).adjoint(np.eye(3)),
            "SpectralCoupling.adjoint: da has shape (3, 3): expected (2, 2)",
        ),
        (
            lambda: ProjectedCoupling(np.eye(3), TARGETS),
            "ProjectedCoupling: targets has shape (4, 24): expected (patterns, 3), a value",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()
