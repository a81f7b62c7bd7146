"""The scikit-learn estimator: its contract, its files, what it refuses."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from damaged import loaded
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from attractornet.learn import WilsonCowanClassifier, WilsonCowanModel

DIGITS = load_digits()
SMALL = {"nodes": 30, "epochs": 4, "threads": 1, "random_state": 0}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 5))
Y = np.where(X[:, 0] > 0.0, "up", "down")


@parametrize_with_checks(
    [WilsonCowanClassifier(coupling=kind, threads=1) for kind in ("projected", "spectral")]
)
def test_scikit_learn_takes_it_for_an_estimator(estimator, check):
    check(estimator)


def fitted(**options):
    return WilsonCowanClassifier(**{**SMALL, **options}).fit(X, Y)


@pytest.fixture(scope="module")
def digits():
    options = {"scaling": "all", "epochs": 40, "random_state": 0, "noise": 0.1, "threads": 1}
    classifier = WilsonCowanClassifier(**options)
    return classifier.fit(DIGITS.data[:1200], DIGITS.target[:1200])


def test_digits(digits):
    assert digits.score(DIGITS.data[1200:], DIGITS.target[1200:]) > 0.9
    assert digits.targets_.shape == (10, 96)
    assert digits.model_.nodes == 96
    assert len(digits.history_) == 40
    later = digits.predict(DIGITS.data[1200:], steps=400)
    assert np.mean(later == DIGITS.target[1200:]) > 0.88


def test_it_is_the_model_s_answer(digits):
    x = np.zeros((5, 96), np.float32)
    x[:, :64] = DIGITS.data[:5] / 16.0
    q = digits.predict_proba(DIGITS.data[:5])
    assert np.array_equal(q, digits.model_.probabilities(x))
    assert np.array_equal(digits.predict(DIGITS.data[:5]), digits.classes_[q.argmax(axis=1)])


def test_files(digits, tmp_path):
    file = tmp_path / "digits.safetensors"
    digits.save(file)
    again = WilsonCowanClassifier.load(file)
    x = DIGITS.data[1200:]
    assert again.predict_proba(x).tobytes() == digits.predict_proba(x).tobytes()
    assert again.get_params()["scaling"] == "all"
    assert again.n_features_in_ == 64
    names = fitted()
    names.save(file)
    assert np.array_equal(WilsonCowanClassifier.load(file).predict(X), names.predict(X))
    for _ in range(3):
        names.partial_fit(X, Y)
    names.save(file)
    again = WilsonCowanClassifier.load(file)
    for classifier in (names, again):  # it learns on as if it had never been away
        classifier.partial_fit(X, Y)
    assert again.classes_.tolist() == ["down", "up"]
    assert np.array_equal(again.predict_proba(X), names.predict_proba(X))


def test_hostile_files(tmp_path):
    good, file = tmp_path / "good.safetensors", tmp_path / "bad.safetensors"
    fitted().save(good)
    content = good.read_bytes()
    for trial in range(200):
        damaged = bytearray(content)
        damaged[int(RNG.integers(len(content)))] ^= 1 << int(RNG.integers(8))
        file.write_bytes(damaged[: int(RNG.integers(len(content)))] if trial % 5 == 0 else damaged)
        if (again := loaded(WilsonCowanClassifier, file)) is not None:
            assert np.array_equal(again.predict(X), fitted().predict(X))
    WilsonCowanModel.plant(2, 9).save(file)
    with pytest.raises(ValueError, match="holds a WilsonCowanModel, expected a WilsonCowanClass"):
        WilsonCowanClassifier.load(file)


def test_files_hold_names_and_numbers(tmp_path):
    file = tmp_path / "c.safetensors"
    for labels in (Y, Y == "up", np.where(Y == "up", 7, -3), np.where(Y == "up", 1.5, 2.5)):
        classifier = WilsonCowanClassifier(**SMALL)
        try:
            classifier.fit(X, labels)
        except ValueError:
            continue  # numbers with fractions are no classes
        classifier.save(file)
        again = WilsonCowanClassifier.load(file).predict(X)
        assert again.dtype == classifier.predict(X).dtype
        assert np.array_equal(again, classifier.predict(X))
    mine = fitted(loss=lambda x, y: (0.0, np.zeros(x.shape)))
    with pytest.raises(TypeError, match=r"WilsonCowanClassifier.save: loss = .*one with a name"):
        mine.save(file)


def test_pickles_and_clones(digits):
    again = pickle.loads(pickle.dumps(digits))
    x = DIGITS.data[:20]
    assert np.array_equal(again.predict(x), digits.predict(x))
    assert clone(digits).get_params() == digits.get_params()
    assert not hasattr(clone(digits), "model_")


def test_epochs_of_partial_fit():
    classifier = WilsonCowanClassifier(**SMALL)
    for _ in range(40):
        classifier.partial_fit(X, Y, classes=["down", "up"])
    assert classifier.score(X, Y) > 0.85
    with pytest.raises(ValueError, match=r"partial_fit: y holds the class .*sideways.*: expected"):
        classifier.partial_fit(X[:3], ["up", "down", "sideways"])
    before = classifier.model_
    classifier.learning_rate = 1e38
    with pytest.raises(RuntimeError, match="diverged; smaller rates help"):
        classifier.partial_fit(X, Y)
    assert classifier.model_ is before


def test_partial_fit_of_classes_that_are_not_there_yet():
    classifier = WilsonCowanClassifier(**SMALL).partial_fit(X[:5], ["a"] * 5, classes=list("abc"))
    assert classifier.classes_.tolist() == ["a", "b", "c"]
    assert classifier.predict_proba(X).shape == (60, 3)


def test_a_training_that_diverges():
    with pytest.raises(RuntimeError, match=r"Classifier.fit: the training diverged in epoch 1; sm"):
        fitted(learning_rate=1e38)
    later = iter(range(100))

    def loss(x, labels):
        return (np.inf if next(later) > 15 else 0.0), np.zeros(x.shape)

    with pytest.warns(ConvergenceWarning, match="diverged in epoch 3; smaller rates help"):
        classifier = fitted(loss=loss)
    assert len(classifier.history_) == 2
    assert classifier.predict(X).shape == (60,)


def test_a_fit_that_fails_leaves_nothing():
    classifier = WilsonCowanClassifier(**{**SMALL, "loss": lambda x, labels: 1 / 0})
    for call in (classifier.fit, classifier.partial_fit):
        with pytest.raises(ZeroDivisionError):
            call(X, Y)
        with pytest.raises(NotFittedError):
            classifier.predict(X)


def test_what_a_search_chose_can_be_saved(tmp_path):
    grid = {"steps": np.array([5, 9]), "learning_rate": [np.float32(0.01)]}
    search = GridSearchCV(WilsonCowanClassifier(**SMALL), grid, cv=2).fit(X, Y)
    search.best_estimator_.save(tmp_path / "best.safetensors")
    again = WilsonCowanClassifier.load(tmp_path / "best.safetensors")
    assert np.array_equal(again.predict(X), search.predict(X))


def test_it_works_in_pipelines():
    pipeline = make_pipeline(StandardScaler(), WilsonCowanClassifier(**{**SMALL, "epochs": 40}))
    assert cross_val_score(pipeline, X, Y, cv=3).mean() > 0.7


def test_scaling():
    wide = X * np.array([1.0, 10.0, 100.0, 1e3, 1e4]) + 5.0
    assert np.array_equal(fitted().predict(X), fitted().fit(wide, Y).predict(wide))
    assert not np.array_equal(fitted().predict_proba(X), fitted(scaling="all").predict_proba(X))
    unit = (X - X.min()) / (X.max() - X.min())
    plain = WilsonCowanClassifier(**SMALL, scaling=None).fit(unit, Y)
    assert np.array_equal(plain.predict(unit), fitted(scaling="all").predict(X))
    with pytest.raises(ValueError, match=r"X holds values from -.*: expected 0 to 1, or a scaling"):
        fitted(scaling=None)


def test_validation_and_checkpoint(tmp_path):
    options = {
        "validation_fraction": 0.25,
        "patience": 30,
        "checkpoint": tmp_path / "c.safetensors",
        "epochs": 8,
    }
    first = fitted(**options)
    assert first.history_[-1].validation_accuracy is not None
    assert fitted(**options).history_ == first.history_  # read, not made anew


BAD = {
    "one class": ({}, X, ["a"] * 60, ValueError, "y has one class only, .*expected two classes"),
    "nan": ({}, np.where(X > 2, np.nan, X), Y, ValueError, "contains NaN"),
    "empty": ({}, X[:0], Y[:0], ValueError, "0 sample"),
    "nodes": ({"nodes": 4}, X, Y, ValueError, "nodes = 4: expected 5 features at least"),
    "kind": ({"coupling": "full"}, X, Y, ValueError, "coupling = 'full'"),
    "scaling": ({"scaling": "none"}, X, Y, ValueError, "scaling = 'none'"),
    "loss": ({"loss": "l1"}, X, Y, ValueError, "loss = 'l1'"),
    "epochs": ({"epochs": -1}, X, Y, ValueError, "epochs = -1"),
    "share": (
        {"validation_fraction": 2},
        X,
        Y,
        ValueError,
        "WilsonCowanClassifier: validation_fraction = 2: expected a value in",
    ),
    "patience": (
        {"patience": 3},
        X,
        Y,
        ValueError,
        "patience = 3: expected None, where validation_fraction is 0",
    ),
    "batch": ({"batch_size": 0}, X, Y, ValueError, "batch_size = 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments(case):
    options, x, y, kind, text = BAD[case]
    with pytest.raises(kind, match=text):
        WilsonCowanClassifier(**{**SMALL, **options}).fit(x, y)


def test_constant_images():
    classifier = WilsonCowanClassifier(**SMALL).fit(np.ones((20, 4)), np.arange(20) % 2)
    assert np.isfinite(classifier.predict_proba(np.ones((3, 4)))).all()


def test_it_must_be_fitted():
    for call in ("predict", "predict_proba"):
        with pytest.raises(NotFittedError):
            getattr(WilsonCowanClassifier(), call)(X)
    with pytest.raises(NotFittedError):
        WilsonCowanClassifier().save("x")
