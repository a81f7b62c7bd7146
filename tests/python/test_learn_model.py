"""Models that classify, and their files."""

import copy
import pickle

import numpy as np
import pytest
from damaged import loaded
from reference import learn as oracle

import attractornet as an
from attractornet import learn
from attractornet.learn import WilsonCowanModel
from attractornet.wilson_cowan import ProjectedCoupling

NODES, CLASSES = 20, 3
MODELS = {
    "projected": WilsonCowanModel.plant(CLASSES, NODES),
    "spectral": WilsonCowanModel.plant(CLASSES, NODES, "spectral", seed=3, steps=30),
    "float64": WilsonCowanModel.plant(CLASSES, NODES, dtype="float64", scheme="runge_kutta_4"),
}
X = np.random.default_rng(0).uniform(0.0, 1.0, (7, NODES))
REST = an.WilsonCowanNode().equilibria().x


@pytest.mark.parametrize("name", MODELS)
def test_planted_patterns_are_rest_states(name):
    model = MODELS[name]
    assert np.array_equal(model.targets, an.wilson_cowan.block_targets(CLASSES, NODES))
    y = an.WilsonCowanNode().equilibria().y[0]
    ends = model.network.integrate(model.targets, np.full(model.targets.shape, y), 50).x
    np.testing.assert_allclose(ends, model.targets, atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_classes_are_those_of_the_nearest_patterns(name):
    model = MODELS[name]
    settled = model.settle(X)
    assert settled.x.dtype == model.dtype
    same = model.network.integrate(
        X.astype(model.dtype), steps=model.steps, dt=model.dt, scheme=model.scheme
    )
    assert np.array_equal(settled.x, same.x)
    q = oracle.probabilities(settled.x.astype(float), model.targets)
    np.testing.assert_allclose(model.probabilities(X), q, rtol=1e-4)
    assert np.array_equal(model.predict(X), q.argmax(axis=1))
    assert np.array_equal(model.predict(X, 400), model.probabilities(X, 400).argmax(axis=1))


def test_evaluation_counts():
    model = MODELS["spectral"]
    labels = model.predict(X).copy()
    labels[:2] = (labels[:2] + 1) % CLASSES
    found = model.evaluate(X, labels)
    assert found.accuracy == pytest.approx(5 / 7)
    states = model.settle(X).x
    assert found.loss == learn.state_loss(states, labels, model.targets).value
    ends = model.settle(X, 3000).x
    far = np.abs(ends - model.targets[model.predict(X, 3000)]).max(axis=1)
    assert model.evaluate(X, labels, 3000).on_pattern == np.mean(far < 1e-3)


def test_options_reach_the_run():
    traced = MODELS["projected"].settle(X, 8, trace_every=4)
    assert traced.x_trace.shape == (3, 7, NODES)
    finer = MODELS["projected"].settle(X, 8, dt=0.05)
    assert not np.array_equal(finer.x, traced.x)


def test_scale_of_couplings():
    assert MODELS["projected"].scale == 1.0
    assert MODELS["spectral"].scale == NODES**-0.5
    assert WilsonCowanModel.plant(3, 20, "spectral", scale="1/N").scale == 1 / 20
    assert WilsonCowanModel.plant(3, 20, scale=0.5).scale == 0.5


def test_nodes_of_one_s_own():
    slow = WilsonCowanModel.plant(CLASSES, NODES, parameters={"gamma": 0.4, "h_e": -1.19})
    rest = an.WilsonCowanNode(h_e=-1.19).equilibria().x
    assert slow.gamma == 0.4
    assert np.array_equal(np.unique(slow.targets), rest[[0, 2]])


@pytest.mark.parametrize("name", MODELS)
def test_files_and_pickles(name, tmp_path):
    model = MODELS[name]
    file = tmp_path / "model.safetensors"
    model.save(file)
    copies = [
        WilsonCowanModel.load(file),
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
    ]
    for again in copies:
        assert again.settle(X, 60).x.tobytes() == model.settle(X, 60).x.tobytes()
        assert repr(again) == repr(model)
        assert (again.steps, again.dt, again.scheme) == (model.steps, model.dt, model.scheme)
        assert type(again.coupling) is type(model.coupling)
    once = file.read_bytes()
    copies[0].save(file)
    assert file.read_bytes() == once


def test_a_thousand_damaged_files(tmp_path):
    good = tmp_path / "good.safetensors"
    MODELS["spectral"].save(good)
    content = good.read_bytes()
    file = tmp_path / "bad.safetensors"
    rng = np.random.default_rng(1)
    expected = MODELS["spectral"].predict(X)
    for trial in range(1000):
        damaged = bytearray(content)
        place = int(rng.integers(len(content)))
        if trial % 4 == 0:
            damaged = damaged[:place]
        elif trial % 4 == 1:
            damaged[place:place] = rng.bytes(int(rng.integers(1, 9)))
        else:
            for _ in range(int(rng.integers(1, 4))):
                damaged[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
        file.write_bytes(damaged)
        if (model := loaded(WilsonCowanModel, file)) is not None:
            assert np.array_equal(model.predict(X), expected)


def test_files_of_other_things(tmp_path):
    file = tmp_path / "other.safetensors"
    MODELS["projected"].coupling.save(file)
    with pytest.raises(ValueError, match="holds a ProjectedCoupling, expected a WilsonCowanModel"):
        WilsonCowanModel.load(file)
    with pytest.raises(FileNotFoundError):
        WilsonCowanModel.load(tmp_path / "none")


BAD = {
    "coupling": (
        lambda: WilsonCowanModel(np.eye(3), np.eye(3)),
        TypeError,
        "coupling = .*Spectral",
    ),
    "targets": (
        lambda: WilsonCowanModel(MODELS["projected"].coupling, np.eye(3)),
        ValueError,
        r"targets has shape \(3, 3\): expected \(classes, 20\)",
    ),
    "steps": (
        lambda: WilsonCowanModel(MODELS["projected"].coupling, np.ones((2, NODES)), steps=0),
        ValueError,
        "steps = 0",
    ),
    "dt": (lambda: WilsonCowanModel.plant(3, 20, dt=2.0), ValueError, "dt = 2: expected at most"),
    "kind": (
        lambda: WilsonCowanModel.plant(3, 20, "low rank"),
        ValueError,
        "coupling = 'low rank'",
    ),
    "nodes": (lambda: WilsonCowanModel.plant(3, 4), ValueError, "nodes = 4: expected at least"),
    "classes": (lambda: WilsonCowanModel.plant(0, 4), ValueError, "classes = 0"),
    "node": (
        lambda: WilsonCowanModel.plant(3, 20, parameters={"h_e": 5.0}),
        ValueError,
        "a node has 1 stable rest states: expected two",
    ),
    "parameter": (
        lambda: WilsonCowanModel.plant(3, 20, parameters={"gama": 5.0}),
        ValueError,
        "parameters: name = 'gama': expected one of 'alpha_e'",
    ),
    "x": (lambda: MODELS["projected"].predict(X[:, 1:]), ValueError, r"x has shape \(7, 19\)"),
    "pixels": (
        lambda: MODELS["projected"].predict(9 * X),
        ValueError,
        "0 to 1, such as pixels / 2",
    ),
    "text": (lambda: MODELS["projected"].predict(["a"]), TypeError, "x = .*an array of numbers"),
    "labels": (
        lambda: MODELS["projected"].evaluate(X, np.full(7, 3)),
        ValueError,
        "evaluate: labels holds 3 to 3: expected 0 to 2, of 3 classes",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments(case):
    call, kind, text = BAD[case]
    with pytest.raises(kind, match=text):
        call()


def test_a_coupling_stays_the_same_object():
    targets = an.wilson_cowan.block_targets(2, 9)
    coupling = ProjectedCoupling.plant(targets, dtype="float32")
    model = WilsonCowanModel(coupling, targets)
    assert model.coupling is coupling
    assert model.with_trained(coupling, 0.5).gamma == 0.5
    assert model.gamma == an.WilsonCowanNode().gamma
