"""Wilson-Cowan networks as a scikit-learn estimator."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check, _files
from attractornet._core.learn import Moments
from attractornet._device import Device, Products
from attractornet._progress import Progress
from attractornet.learn._history import History
from attractornet.learn._inputs import Inputs
from attractornet.learn._model import WilsonCowanModel
from attractornet.learn._place import Place
from attractornet.learn._train import Loss, default_rates, run_epoch, train

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "WilsonCowanClassifier needs scikit-learn: pip install 'attractornet[learn]'"
    ) from error

Array = NDArray[Any]


class WilsonCowanClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # untyped bases
    """Classifier by a Wilson-Cowan network that settles on the pattern of a class.

    Features become the activities of nodes at the start, both populations alike; they are scaled to
    0 to 1, and nodes beyond them start at 0.

    Parameters
    ----------
    nodes
        Nodes of the network, as many as there are features at least; None: that many, but eight
        for each class and two more at least.
    coupling
        "projected", ours, or "spectral", the paper's.
    scaling
        "features", each feature from its own range; "all", all from their common range, as suits
        pixels; None: features are from 0 to 1 as they are.
    steps, dt
        Of the run that classifies.
    epochs, learning_rate, eigenvalue_rate, gamma_rate, loss, noise, orthogonality
        As in `train`, of scaled features; without noise, small tables are learnt less reliably.
    batch_size
        Examples of a batch; None: a tenth of all, 10 to 200.
    validation_fraction
        Share of the examples that is held back, and chooses the best epoch; 0: none, and the last
        epoch is kept.
    patience
        Training ends after so many epochs without a better validation, of which there must be one;
        None: never.
    random_state
        Seed, or what scikit-learn takes for one, of what is random.
    checkpoint
        File that `fit` writes after each epoch and goes on from, as `train` does. It is of one fit:
        searches over parameters and folds are to leave it None.
    device, products
        As in `train`; predictions are made there, too.
    threads
        Threads to use; None: ATTRACTORNET_NUM_THREADS, else all.
    progress
        As in `train`.

    Attributes
    ----------
    model_ : WilsonCowanModel
        The trained network.
    history_ : History
        Records of the epochs that `fit` made.
    classes_ : ndarray
        Labels.
    targets_ : ndarray
        Pattern of each class (classes, nodes).
    n_features_in_ : int
        Number of features.

    References
    ----------
    R. Marino et al., arXiv:2406.16453.

    Examples
    --------
    >>> digits = sklearn.datasets.load_digits()
    >>> classifier = WilsonCowanClassifier(scaling="all", random_state=0)
    >>> classifier.fit(digits.data[:1400], digits.target[:1400])
    >>> classifier.score(digits.data[1400:], digits.target[1400:])
    """

    model_: WilsonCowanModel
    history_: History
    classes_: Array
    _inputs: Inputs
    _moments: Moments | None
    _calls: int
    _seed: int

    def __init__(
        self,
        nodes: int | None = None,
        coupling: Literal["projected", "spectral"] = "projected",
        *,
        scaling: Literal["features", "all"] | None = "features",
        steps: int = 25,
        dt: float = 0.1,
        epochs: int = 100,
        batch_size: int | None = None,
        learning_rate: float = 0.01,
        eigenvalue_rate: float | None = None,
        gamma_rate: float = 0.01,
        loss: Loss = "cross_entropy",
        noise: float = 0.05,
        orthogonality: float = 0.0,
        validation_fraction: float = 0.0,
        patience: int | None = None,
        random_state: Any = None,
        checkpoint: str | os.PathLike[str] | None = None,
        device: Device = "cpu",
        products: Products = "float32",
        threads: int | None = None,
        progress: Progress = False,
    ) -> None:
        self.nodes = nodes
        self.coupling = coupling
        self.scaling = scaling
        self.steps = steps
        self.dt = dt
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.eigenvalue_rate = eigenvalue_rate
        self.gamma_rate = gamma_rate
        self.loss = loss
        self.noise = noise
        self.orthogonality = orthogonality
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.checkpoint = checkpoint
        self.device = device
        self.products = products
        self.threads = threads
        self.progress = progress

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # scikit-learn's name
        """Train from scratch.

        Parameters
        ----------
        X
            Examples (samples, features).
        y
            Their classes (samples,), two or more of any kind that scikit-learn takes.

        Returns
        -------
        WilsonCowanClassifier
            Itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is not allowed.
        RuntimeError
            If the training diverged in its first epoch.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If it diverged later: the last good network is kept.
        """
        examples, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self._check_validation()
        with self._starting(examples, np.unique(labels)):
            training = train(
                self.model_,
                self._activities(examples),
                np.searchsorted(self.classes_, labels),
                epochs=self.epochs,
                batch_size=self._batch(examples),
                learning_rate=self.learning_rate,
                eigenvalue_rate=self.eigenvalue_rate,
                gamma_rate=self.gamma_rate,
                loss=self.loss,
                noise=self.noise,
                orthogonality=self.orthogonality,
                validation=self.validation_fraction or None,
                patience=self.patience,
                seed=self._seed,
                checkpoint=self.checkpoint,
                device=self.device,
                products=self.products,
                threads=self.threads,
                progress=self.progress,
            )
            done = len(training.history)
            if training.status == "diverged":
                where = "WilsonCowanClassifier.fit"
                text = f"{where}: the training diverged in epoch {done + 1}; smaller rates help"
                if done == 0:
                    raise RuntimeError(text)
                warnings.warn(text, ConvergenceWarning, stacklevel=2)
        self.model_, self.history_ = training.model, training.history
        return self

    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Train one epoch more, on these examples, at constant rates.

        Inputs are scaled by the range of the first call's examples: give it enough of them, or
        scale them yourself, with ``scaling=None``.

        Parameters
        ----------
        X, y
            As in `fit`.
        classes
            All classes that there will be, in the first call.

        Returns
        -------
        WilsonCowanClassifier
            Itself.

        Raises
        ------
        TypeError, ValueError
            If an argument is not allowed, or `y` holds other classes.
        RuntimeError
            If the training diverged; the classifier stays as it was.
        """
        first = not hasattr(self, "model_")
        examples, labels = validate_data(self, X, y, dtype=np.float64, reset=first)
        check_classification_targets(labels)
        if not first:
            return self._go_on(examples, labels)
        with self._starting(examples, np.unique(labels if classes is None else classes)):
            return self._go_on(examples, labels)

    def _go_on(self, examples: Array, labels: Array) -> Self:
        """One epoch more."""
        where = "WilsonCowanClassifier.partial_fit"
        unknown = labels[~np.isin(labels, self.classes_)].tolist()
        if unknown:
            raise ValueError(
                f"{where}: y holds the class {unknown[0]!r}: expected one of "
                f"{self.classes_.tolist()}"
            )
        rates = default_rates(
            self.model_, self.learning_rate, self.eigenvalue_rate, self.gamma_rate
        )
        batch_size = self._batch(examples)
        place = Place.of(where, self.model_, self.loss, self.device, self.products)
        result = run_epoch(
            place,
            self.model_,
            place.examples(self._activities(examples)),
            np.searchsorted(self.classes_, labels).astype(np.int32),
            np.arange(len(examples)),
            np.tile(rates, (-(-len(examples) // batch_size), 1)),
            np.random.default_rng([self._seed, self._calls]),
            self._moments,
            loss=self.loss,
            batch_size=batch_size,
            noise=self.noise,
            orthogonality=self.orthogonality,
            beta2=0.99,
            threads=self.threads,
        )
        if result.status != "ok":
            raise RuntimeError(f"{where}: the training diverged; smaller rates help")
        self.model_ = self.model_.with_trained(result.coupling, result.gamma)
        self._moments, self._calls = result.moments, self._calls + 1
        return self

    def predict_proba(
        self,
        X: ArrayLike,
        steps: int | None = None,
    ) -> NDArray[np.float64]:
        """Probabilities of classes (samples, classes), eq. 10 to 12 of the paper.

        Parameters
        ----------
        X
            Examples (samples, features).
        steps
            Of the run; None: as it was trained. Results at 400 tell whether states stay.

        Returns
        -------
        ndarray
            (samples, classes), in the order of `classes_`.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        TypeError, ValueError
            If an argument is not allowed.
        """
        check_is_fitted(self, "model_")
        examples = validate_data(self, X, dtype=np.float64, reset=False)
        return self.model_.probabilities(
            self._activities(examples), steps, device=self.device, threads=self.threads
        )

    def predict(
        self,
        X: ArrayLike,
        steps: int | None = None,
    ) -> Array:
        """Classes (samples,), of the largest probabilities; all else as in `predict_proba`."""
        best = self.predict_proba(X, steps).argmax(axis=1)
        found: Array = self.classes_[best]
        return found

    @property
    def targets_(self) -> NDArray[np.float64]:
        """Pattern of each class (classes, nodes)."""
        check_is_fitted(self, "model_")
        return self.model_.targets

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a model file (safetensors), all or nothing.

        Its loss must be one of those with a name; `checkpoint`, `random_state`, `device`,
        `products`, `threads` and `progress` are of this machine, and are left out, as is
        `history_`. `partial_fit` goes on
        after `load` as it would have gone on here.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        TypeError
            If a class is neither a number nor a string, or the loss is a function.
        """
        where = "WilsonCowanClassifier.save"
        check_is_fitted(self, "model_")
        if not isinstance(self.loss, str):
            _check.refuse(TypeError, f"{where}: loss", self.loss, "one with a name")
        kind = self.classes_.dtype.kind
        names = self.classes_.tolist()
        if kind == "O" and not all(isinstance(name, str) for name in names):
            _check.refuse(TypeError, f"{where}: classes_", names, "numbers or strings")
        params = {name: getattr(self, name) for name in _KEPT}
        state = _files.embedded(self.model_, "model.")
        if self._moments is not None:
            state |= _files.embedded(self._moments, "moments.")
        _files.write_state(
            type(self).__name__,
            {
                # Numbers may be NumPy's, as those that a search over parameters has chosen.
                "params": json.dumps(params, default=lambda number: number.item()),
                "seed": self._seed,
                "calls": self._calls,
                "classes": json.dumps(names),
                "classes_type": "O" if kind == "O" else self.classes_.dtype.str,
                "low": self._inputs.low,
                "span": self._inputs.span,
                "features": self.n_features_in_,
                **state,
            },
            _check.path(f"{where}: path", path),
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read one that `save` wrote; it predicts, and can be fitted anew.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file holds something else, or was changed after it was written.
        """
        file = _check.path("WilsonCowanClassifier.load: path", path)
        state = _files.read_state(file, cls.__name__)
        with _files.naming(file, cls.__name__):
            self = cls(**json.loads(state["params"]))
            model = _files.extracted(WilsonCowanModel, state, "model.")
            classes = np.array(json.loads(state["classes"]), state["classes_type"])
            self._reset(model, classes, int(state["seed"]))
            self._calls = int(state["calls"])
            if "moments.steps" in state:
                self._moments = _files.extracted(Moments, state, "moments.")
            self._inputs = Inputs(state["low"], state["span"])
            self.n_features_in_ = int(state["features"])
            shape = (self.n_features_in_,)
            if state["low"].shape != shape or state["span"].shape != shape:
                raise ValueError(f"low has shape {state['low'].shape}: expected {shape}")
            if len(self.classes_) != model.classes or model.nodes < shape[0]:
                raise ValueError(f"{len(self.classes_)} classes of {model!r}")
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    @contextmanager
    def _starting(self, examples: Array, classes: Array) -> Iterator[None]:
        """Not fitted if the training fails."""
        self._start(examples, classes)
        try:
            yield
        except BaseException:
            del self.model_
            raise

    def _check_validation(self) -> None:
        where = "WilsonCowanClassifier"
        share = _check.real(f"{where}: validation_fraction", self.validation_fraction, 0.0, 1.0)
        if self.patience is not None and share == 0:
            expected = "None, where validation_fraction is 0"
            _check.refuse(ValueError, f"{where}: patience", self.patience, expected)

    def _start(self, examples: Array, classes: Array) -> None:
        """A model before training, and the range of its inputs."""
        where = "WilsonCowanClassifier"
        if len(classes) < 2:
            raise ValueError(
                f"{where}: y has one class only, {classes.tolist()}: expected two classes at least"
            )
        features = examples.shape[1]
        nodes = self.nodes
        if nodes is None:
            nodes = max(features, 8 * (len(classes) + 2))
        elif _check.whole(f"{where}: nodes", nodes) < features:
            _check.refuse(ValueError, f"{where}: nodes", nodes, f"{features} features at least")
        seed = int(check_random_state(self.random_state).randint(2**31))
        model = WilsonCowanModel.plant(
            len(classes), nodes, self.coupling, steps=self.steps, dt=self.dt, seed=seed
        )
        self._inputs = Inputs.of(where, self.scaling, examples)
        self._reset(model, classes, seed)

    def _reset(self, model: WilsonCowanModel, classes: Array, seed: int) -> None:
        self.model_, self.classes_, self.history_ = model, classes, History()
        self._moments, self._calls, self._seed = None, 0, seed

    def _batch(self, examples: Array) -> int:
        """Examples of a batch."""
        if self.batch_size is None:
            return min(200, max(10, len(examples) // 10))
        return _check.whole("WilsonCowanClassifier: batch_size", self.batch_size, 1)

    def _activities(self, examples: Array) -> NDArray[np.float32]:
        return self._inputs.activities(examples, self.model_.nodes)


_KEPT = (
    "nodes",
    "coupling",
    "scaling",
    "steps",
    "dt",
    "epochs",
    "batch_size",
    "learning_rate",
    "eigenvalue_rate",
    "gamma_rate",
    "loss",
    "noise",
    "orthogonality",
    "validation_fraction",
    "patience",
)
