"""Training from start to end: what it reaches, how it goes on, what it refuses."""

import io
import itertools
import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attractornet import learn
from attractornet.learn import History, WilsonCowanModel, train
from attractornet.learn._schedule import Rates

NODES, CLASSES = 24, 3
RNG = np.random.default_rng(11)


def examples(count=240):
    """Examples whose class is a third of the nodes that are more active."""
    labels = np.arange(count) % CLASSES
    x = RNG.uniform(0.0, 0.6, (count, NODES)).astype(np.float32)
    for k in range(CLASSES):
        x[labels == k, k * NODES // CLASSES : (k + 1) * NODES // CLASSES] += 0.4
    return x, labels


X, LABELS = examples()
PROJECTED = WilsonCowanModel.plant(CLASSES, NODES, steps=15)
SPECTRAL = WilsonCowanModel.plant(CLASSES, NODES, "spectral", steps=15, seed=1)
OPTIONS = {"epochs": 5, "batch_size": 30, "warm_up": 10, "long_steps": 60, "threads": 1}


def trained(model=PROJECTED, x=X, labels=LABELS, **options):
    return train(model, x, labels, **{**OPTIONS, **options})


def bits(training):
    """All that a training ends with, but for the seconds."""
    state = training.model.__getstate__()
    arrays = {name: v.tobytes() for name, v in state.items() if isinstance(v, np.ndarray)}
    scalars = {name: v for name, v in state.items() if not isinstance(v, np.ndarray)}
    records = [replace(record, seconds=0.0) for record in training.history]
    return arrays, scalars, records, training.status, training.best_epoch


# --- what it reaches ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [PROJECTED, SPECTRAL], ids=["projected", "spectral"])
def test_it_learns(model):
    result = trained(model, epochs=30, seed=2, learning_rate=0.03)
    assert result.status == "finished"
    assert len(result.history) == 30
    assert result.history[-1].loss < 0.3 * result.history[0].loss
    fresh_x, fresh_labels = examples(300)
    found = result.model.evaluate(fresh_x, fresh_labels)
    assert found.accuracy > 0.9
    later = result.model.evaluate(fresh_x, fresh_labels, 400)
    assert later.accuracy > 0.85
    assert later.on_pattern > 0.9


def test_patterns_stay_attractors():
    model = trained(SPECTRAL, epochs=10).model
    for pattern in model.targets:
        settled = model.network.integrate(pattern, np.full(NODES, 0.4525624507704618), 2000).x
        assert np.abs(settled - pattern).max() < 1e-5


def test_the_model_given_stays_as_it_is():
    before = PROJECTED.coupling.weights.tobytes()
    trained()
    assert PROJECTED.coupling.weights.tobytes() == before
    assert PROJECTED.gamma == 1.0


def test_no_bit_depends_on_threads():
    assert bits(trained(threads=1, noise=0.1)) == bits(trained(threads=3, noise=0.1))
    assert bits(trained(SPECTRAL, threads=1)) == bits(trained(SPECTRAL, threads=3))


def test_the_seed_decides_order_split_and_noise():
    base = bits(trained(noise=0.1, seed=4))
    assert bits(trained(noise=0.1, seed=4)) == base
    assert bits(trained(noise=0.1, seed=5)) != base


def test_float64_and_float32_agree_at_first():
    doubles = WilsonCowanModel.plant(CLASSES, NODES, steps=15, dtype="float64")
    single = trained(epochs=2).history
    double = trained(doubles, epochs=2).history
    for a, b in zip(single, double, strict=True):
        assert a.loss == pytest.approx(b.loss, rel=1e-3)
        assert a.gamma == pytest.approx(b.gamma, rel=1e-3)


def test_history_holds_what_was_measured():
    result = trained(SPECTRAL)
    last, model = result.history[-1], trained(SPECTRAL, keep="last").model
    assert last.gamma == model.gamma
    assert last.condition == model.coupling.condition
    eigenvalues = model.scale * model.coupling.eigenvalues
    assert last.eigenvalue_min == pytest.approx(eigenvalues.min(), rel=1e-6)
    assert last.eigenvalue_max == pytest.approx(eigenvalues.max(), rel=1e-6)
    own = trained(SPECTRAL, keep="last", validation=(X[:50], LABELS[:50]), long_examples=20)
    after = own.model.evaluate(X[:50], LABELS[:50])
    later = own.model.evaluate(X[:20], LABELS[:20], 60)
    last = own.history[-1]
    assert (last.validation_accuracy, last.validation_loss) == (after.accuracy, after.loss)
    assert (last.long_accuracy, last.on_pattern) == (later.accuracy, later.on_pattern)
    assert last.seconds > 0.0
    complex_ones = trained(keep="last")
    spectrum = np.linalg.eigvals(complex_ones.model.coupling.coupling).real
    assert complex_ones.history[-1].eigenvalue_min == pytest.approx(spectrum.min(), rel=1e-6)
    assert complex_ones.history[-1].condition is None


def test_the_best_epoch_is_kept():
    result = trained(epochs=8, learning_rate=0.3, schedule="constant")
    scores = [record.score for record in result.history]
    assert result.best_epoch == 8 - int(np.argmax(scores[::-1]))  # the last of the best
    best = trained(epochs=8, learning_rate=0.3, schedule="constant", keep="last")
    assert best.best_epoch == 8
    assert result.model.gamma == result.history[result.best_epoch - 1].gamma


def test_without_validation_the_last_epoch_is_kept():
    result = trained(validation=None)
    assert result.best_epoch == 5
    assert result.history[-1].validation_accuracy is None
    assert result.history[-1].score is None
    assert "validation" not in str(result.history[-1])
    assert bits(trained(validation=0.0)) == bits(result)


def test_patience_ends_it():
    result = trained(epochs=40, learning_rate=0.0, gamma_rate=0.0, patience=3)
    assert result.status == "finished"  # equal scores count as no worse
    result = trained(epochs=60, learning_rate=0.5, schedule="constant", patience=2)
    assert result.status == "stopped early"
    assert len(result.history) == result.best_epoch + 2


def test_a_training_that_diverges_keeps_the_last_good_state():
    def loss(x, labels):
        calls = next(counter)
        found = learn.state_loss(x, labels, PROJECTED.targets)
        return (np.nan if calls == 25 else found.value), found.dx

    counter = itertools.count()
    result = trained(loss=loss)  # 8 batches an epoch
    assert result.status == "diverged"
    assert len(result.history) == 3
    expected = trained(epochs=5)
    assert result.history[:2][1].accuracy == expected.history[1].accuracy
    assert np.isfinite(result.model.coupling.weights).all()


def test_rates_that_are_too_large_are_no_error():
    result = trained(SPECTRAL, learning_rate=1e30, schedule="constant", warm_up=0)
    assert result.status == "diverged"
    assert result.model.gamma == 1.0
    assert result.best_epoch == 0


def test_no_epochs():
    result = trained(epochs=0)
    assert result.status == "finished"
    assert result.history == ()
    assert result.model.coupling.weights.tobytes() == PROJECTED.coupling.weights.tobytes()


def test_rates_of_an_epoch():
    rates = Rates((1.0, 10.0, 0.0), "cosine", 4)
    whole = np.concatenate([rates.of_epoch(k, 3, 8) for k in range(3)])
    assert whole.shape == (24, 3)
    assert np.array_equal(whole[:, 1], 10.0 * whole[:, 0])
    assert not whole[:, 2].any()
    assert whole[0, 0] == pytest.approx(0.25, rel=0.01)
    assert whole[-1, 0] == pytest.approx(0.0, abs=1e-12)
    assert np.all(np.diff(whole[4:, 0]) < 0.0)
    constant = Rates((1.0, 10.0, 0.5), "constant", 0).of_epoch(2, 3, 8)
    assert np.array_equal(constant, np.tile([1.0, 10.0, 0.5], (8, 1)))


def test_the_paper_s_recipe():
    recipe = learn.recipe("paper")
    model = WilsonCowanModel.plant(CLASSES, NODES, **recipe.model)
    assert model.gamma == 0.25
    assert model.scale == pytest.approx(NODES**-0.5)
    assert model.coupling.eigenvalue_max == 200.0
    result = train(model, X, LABELS, **{**recipe.training, **OPTIONS, "epochs": 2, "warm_up": 0})
    assert len(result.history) == 2
    with pytest.raises(ValueError, match="recipe: name = 'none': expected one of 'projected'"):
        learn.recipe("none")


# --- going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [PROJECTED, SPECTRAL], ids=["projected", "spectral"])
def test_going_on_ends_in_the_same_bits(model, tmp_path):
    options = {"noise": 0.1, "seed": 3, "patience": 50}
    whole = trained(model, **options)

    class Enough(Exception):
        pass

    for stop in (0.3, 0.5, 0.7, 1.1, 3.3, 4.9):
        file = tmp_path / "run.safetensors"

        def progress(done, total, stop=stop):
            if done > stop * total / OPTIONS["epochs"]:
                raise Enough

        with pytest.raises(Enough):
            trained(model, checkpoint=file, progress=progress, **options)
        assert file.exists() == (stop > 1)
    assert bits(trained(model, checkpoint=file, **options)) == bits(whole)
    again = trained(model, checkpoint=file, **options)  # it is all there
    assert bits(again) == bits(whole)
    assert again.history == trained(model, checkpoint=file, **options).history


def test_an_interruption_says_how_to_go_on(tmp_path):
    file = tmp_path / "run.safetensors"

    def progress(done, total):
        if done > 0.5 * total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match=r"run.safetensors has 2 epochs: the same call"):
        trained(checkpoint=file, progress=progress)
    with pytest.raises(KeyboardInterrupt, match=r"after 2 epochs, which a checkpoint would have"):
        trained(progress=progress)
    found = learn.read_checkpoint(file)
    assert (found.status, found.best_epoch) == ("running", len(found.history))
    assert len(found.history) == 2
    assert found.model.evaluate(X, LABELS).accuracy > 0.3
    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        trained(progress=lambda done, total: (_ for _ in ()).throw(KeyboardInterrupt))


DRIVER = """
import sys
sys.path[:0] = {path!r}
from test_train import PROJECTED, trained
trained(checkpoint={file!r}, epochs=12, seed=9)
"""


def test_a_killed_training_loses_an_epoch_at_most(tmp_path):
    file = tmp_path / "run.safetensors"
    code = DRIVER.format(path=[str(Path(__file__).parent)], file=str(file))
    chance = random.Random(4)

    def epochs():
        if not file.exists():
            return 0
        spec = json.loads(header(file))["spec"]
        return len(json.loads(spec["history"]))

    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    long = time.perf_counter() - started
    file.unlink()
    kills = before = 0
    while kills < 20:
        process = subprocess.Popen([sys.executable, "-c", code])
        try:
            process.wait(chance.uniform(0.2, 1.0) * long)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        else:
            assert process.returncode == 0
            assert epochs() == 12
        assert epochs() >= before
        before = epochs()
        if before == 12:
            file.unlink()
            before = 0
    assert bits(trained(checkpoint=file, epochs=12, seed=9)) == bits(trained(epochs=12, seed=9))


def header(file):
    """The entry that a model file has in its metadata."""
    content = file.read_bytes()
    size = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + size])["__metadata__"]["attractornet"]


def test_a_checkpoint_is_of_one_call(tmp_path):
    file = tmp_path / "run.safetensors"
    trained(checkpoint=file, epochs=1)
    for change, text in (
        ({"epochs": 2}, "epochs = 1, not 2"),
        ({"epochs": 1, "noise": 0.5}, "noise = 0.0, not 0.5"),
        ({"epochs": 1, "seed": 1}, "seed = 0, not 1"),
        ({"epochs": 1, "x": X * 0.5}, "x = float32"),
        ({"epochs": 1, "labels": LABELS[::-1]}, "labels = int32"),
        ({"epochs": 1, "model": SPECTRAL}, "model kind = projected, not spectral"),
    ):
        with pytest.raises(ValueError, match=r"train: checkpoint = .*is of another training") as e:
            trained(checkpoint=file, **change)
        assert text in str(e.value)
    own = {"checkpoint": tmp_path / "own.safetensors", "epochs": 1}
    trained(**own, loss=lambda x, y: (0.0, np.zeros(x.shape)))
    with pytest.raises(ValueError, match=r"of another training, of loss = .*<lambda> "):
        trained(**own, loss=lambda x, y: (0.0, np.ones(x.shape)))
    other = tmp_path / "model.safetensors"
    PROJECTED.save(other)
    with pytest.raises(ValueError, match="holds a WilsonCowanModel, expected a Checkpoint"):
        trained(checkpoint=other)


# --- what is shown --------------------------------------------------------------------------------


def test_progress_counts_examples():
    told = []
    trained(progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 5 * 216)
    assert told[-1][0] <= 5 * 216
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_progress_shows_a_line_for_each_epoch(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    result = trained(SPECTRAL, progress=True)
    text = stream.getvalue()
    for record in result.history:
        assert str(record) in text
    for word in ("loss", "accuracy", "validation", "later", "on pattern", "gamma", "condition"):
        assert word in str(result.history[0])


def test_history_is_json():
    history = trained(epochs=2).history
    assert History.from_json(history.to_json()) == history
    assert repr(history) == "History(2 epochs)"
    assert history.column("epoch") == [1, 2]
    assert history[1:].column("epoch") == [2]
    assert history[-1].epoch == 2
    with pytest.raises(
        ValueError, match=r"History.from_json: text = .*: expected JSON, a list of obj"
    ):
        History.from_json('[{"epoch": 1}]')


# --- what it refuses ------------------------------------------------------------------------------


BAD = {
    "model": ({"model": None}, TypeError, "train: model = None: expected a WilsonCowanModel"),
    "x": ({"x": X[:, :5]}, ValueError, r"train: x has shape \(240, 5\): expected \(samples, 24\)"),
    "pixels": ({"x": 255 * X}, ValueError, "train: x holds values from .*: expected 0 to 1, such"),
    "nan": ({"x": np.full_like(X, np.nan)}, ValueError, "train: x holds nan: expected 0 to 1"),
    "no x": ({"x": X[:0], "labels": LABELS[:0]}, ValueError, "train: x has 0 examples, of which"),
    "labels": ({"labels": LABELS + 1}, ValueError, "train: labels holds 1 to 3: expected 0 to 2"),
    "label": ({"labels": LABELS - 1}, ValueError, "train: labels holds -1 to 1"),
    "names": ({"labels": ["a"] * 240}, TypeError, "train: labels = .*expected an array of int"),
    "floats": ({"labels": LABELS / 2.0}, TypeError, "train: labels = .*an array of integers"),
    "few": ({"labels": LABELS[1:]}, ValueError, r"train: labels has shape \(239,\)"),
    "epochs": ({"epochs": -1}, ValueError, "train: epochs = -1"),
    "batch": ({"batch_size": 0}, ValueError, "train: batch_size = 0"),
    "rate": ({"learning_rate": -0.1}, ValueError, "train: learning_rate = -0.1"),
    "schedule": ({"schedule": "step"}, ValueError, "train: schedule = 'step': expected one of"),
    "loss": ({"loss": "l1"}, ValueError, "loss = 'l1': expected one of 'mean_square'"),
    "validation": ({"validation": 1.5}, ValueError, "train: validation = 1.5"),
    "all": ({"validation": 1.0}, ValueError, "train: x has 240 examples, of which validation"),
    "pair": ({"validation": (X,)}, TypeError, "train: validation = .*: expected a pair"),
    "other": ({"validation": (X[:, 1:], LABELS)}, ValueError, r"train: validation\[0\] has shape"),
    "patience": (
        {"patience": 2, "validation": None},
        ValueError,
        "train: patience = 2: expected None, where there is no validation",
    ),
    "keep": ({"keep": "worst"}, ValueError, "train: keep = 'worst': expected one of 'best'"),
    "seed": ({"seed": -1}, ValueError, "train: seed = -1"),
    "noise": ({"noise": -1.0}, ValueError, "train: noise = -1.0"),
    "progress": ({"progress": 3}, TypeError, "train: progress = 3"),
    "threads": ({"threads": 0}, ValueError, "threads = 0"),
    "checkpoint": ({"checkpoint": 5}, TypeError, "train: checkpoint = 5: expected a path"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments(case):
    change, kind, text = BAD[case]
    with pytest.raises(kind, match=text):
        trained(**change)


def test_constant_images_are_no_error():
    result = trained(x=np.full_like(X, 0.5))
    assert result.status == "finished"
    assert result.history[-1].accuracy < 0.5
