"""Training of Wilson-Cowan models: splits, rates, epochs, checkpoints. The core runs an epoch."""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet._core.learn import Epoch, Moments
from attractornet._core.wilson_cowan import SpectralCoupling
from attractornet._device import Device, Products
from attractornet._identity import identity
from attractornet._progress import Progress, Teller, telling
from attractornet.learn._checkpoint import Checkpoint, spec_of
from attractornet.learn._history import EpochRecord, History, Training
from attractornet.learn._model import LOSSES, WilsonCowanModel, labels_of
from attractornet.learn._place import Place
from attractornet.learn._schedule import SCHEDULES, Rates, Schedule

# What the core's epoch is told as it is.
_OF_EPOCH = (
    "batch_size",
    "noise",
    "orthogonality",
    "beta1",
    "beta2",
    "epsilon",
    "least_gamma",
)

Array = NDArray[Any]
Loss = (
    Literal["mean_square", "sum_of_squares", "cross_entropy", "binary_cross_entropy"]
    | Callable[[Array, NDArray[np.int32]], tuple[float, ArrayLike]]
)


def train(
    model: WilsonCowanModel,
    x: ArrayLike,
    labels: ArrayLike,
    *,
    epochs: int = 40,
    batch_size: int = 200,
    learning_rate: float = 0.01,
    eigenvalue_rate: float | None = None,
    gamma_rate: float = 0.01,
    schedule: Schedule = "cosine",
    warm_up: int | None = None,
    loss: Loss = "cross_entropy",
    noise: float = 0.0,
    orthogonality: float = 0.0,
    beta1: float = 0.9,
    beta2: float = 0.99,
    epsilon: float = 1e-7,
    least_gamma: float = 0.05,
    validation: float | tuple[ArrayLike, ArrayLike] | None = 0.1,
    long_steps: int = 400,
    long_examples: int = 1000,
    patience: int | None = None,
    keep: Literal["best", "last"] = "best",
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | None = None,
    device: Device = "cpu",
    products: Products = "float32",
    threads: int | None = None,
    progress: Progress = False,
) -> Training:
    """Train a model on examples: its coupling and gamma, by Adam.

    Results do not depend on `threads`, nor on how often a training was stopped and went on from
    its checkpoint.

    Parameters
    ----------
    model
        What the training starts from; it stays as it is.
    x, labels
        Examples (examples, nodes), values from 0 to 1, and their classes (examples,), from 0 on.
    epochs, batch_size
        How often all examples are seen, and how many make a step.
    learning_rate, eigenvalue_rate, gamma_rate
        Largest rates of the weights (of a spectral coupling its eigenvectors), of the eigenvalues
        of a spectral coupling (None: 0.2 / scale), and of gamma.
    schedule, warm_up
        "cosine", rates fall to 0 at the end, or "constant"; batches in which they rise at first,
        None: a tenth of all batches, 100 at most.
    loss
        As in `state_loss`, by name; or a function of the last states (batch, nodes) and their
        labels that gives the loss and its derivatives by the states.
    noise
        Standard deviation of normal noise that is added to the examples as they are trained on.
    orthogonality
        Weight of a penalty on eigenvectors that are not at right angles, of a spectral coupling.
    beta1, beta2, epsilon
        Of Adam.
    least_gamma
        gamma does not fall below it.
    validation
        Share of the examples that are held back and looked at after each epoch, drawn by `seed`;
        or examples and labels of one's own; None: none.
    long_steps, long_examples
        Steps after which validation is looked at once more, to see whether what was reached stays,
        and how many examples of it.
    patience
        The training ends after so many epochs without a better validation; None: never.
    keep
        "best", the model of the epoch with the largest mean of both validation accuracies, at the
        model's steps and at `long_steps`; of the last epoch without validation. "last", that.
    seed
        Of the order of examples, the noise and the validation's share.
    checkpoint
        File that is written after each epoch. If it is there, the training goes on from it, in the
        same call; `read_checkpoint` says what is in it.
    device
        "cuda": epochs and validations are computed on a CUDA device, if this build has them; of a
        float32 model with Euler's steps, and losses by name. They are those of the CPU but for
        rounding, which grows on the way.
    products
        How a device multiplies matrices: of float32 as it is; "tf32x3", on tensor cores, nearly as
        exact; "tf32", with 11 bits.
    threads
        Threads to use; None: ATTRACTORNET_NUM_THREADS, else all.
    progress
        True shows a bar, and a line for each epoch; a callable is told ``progress(done, total)``,
        in examples.

    Returns
    -------
    Training
        The trained model, the history, and how the training ended.

    Raises
    ------
    TypeError, ValueError
        If an argument is not allowed, labels are out of range, or the checkpoint is of another
        call.
    BackendUnavailable
        If there is no CUDA in this build, or no device.
    MemoryError
        If the examples, or a batch with all its steps, do not fit memory, that of the device too.

    References
    ----------
    R. Marino et al., arXiv:2406.16453, section IV.
    """
    where = "train"
    if not isinstance(model, WilsonCowanModel):
        _check.refuse(TypeError, f"{where}: model", model, "a WilsonCowanModel")
    examples = model._examples(f"{where}: x", x)
    classes = labels_of(f"{where}: labels", labels, len(examples), model.classes)
    _check.choice(f"{where}: schedule", schedule, SCHEDULES)
    if warm_up is not None:
        _check.whole(f"{where}: warm_up", warm_up, 0)
    if patience is not None:
        _check.whole(f"{where}: patience", patience, 1)
    options: dict[str, Any] = {
        "epochs": _check.whole(f"{where}: epochs", epochs, 0),
        "batch_size": _check.whole(f"{where}: batch_size", batch_size, 1),
        "rates": default_rates(model, learning_rate, eigenvalue_rate, gamma_rate),
        "schedule": schedule,
        "warm_up": warm_up,
        "loss": _name_of(loss),
        "noise": _check.real(f"{where}: noise", noise, 0.0),
        "orthogonality": _check.real(f"{where}: orthogonality", orthogonality, 0.0),
        "beta1": _check.real(f"{where}: beta1", beta1, 0.0, 1.0),
        "beta2": _check.real(f"{where}: beta2", beta2, 0.0, 1.0),
        "epsilon": _check.real(f"{where}: epsilon", epsilon, 0.0, above=True),
        "least_gamma": _check.real(f"{where}: least_gamma", least_gamma, 0.0, above=True),
        "long_steps": _check.whole(f"{where}: long_steps", long_steps, 0),
        "long_examples": _check.whole(f"{where}: long_examples", long_examples, 1),
        "patience": patience,
        "keep": _check.choice(f"{where}: keep", keep, ("best", "last")),
        "seed": _check.whole(f"{where}: seed", seed, 0),
    }
    split = _split(where, model, examples, classes, validation, options["seed"])
    if patience is not None and split.validation is None:
        _check.refuse(
            ValueError, f"{where}: patience", patience, "None, where there is no validation"
        )
    shown = _check.progress(f"{where}: progress", progress)
    place = Place.of(where, model, loss, device, products)
    options |= {"device": place.device, "products": place.products}
    return _Run(split, options, loss, threads, place).go(model, checkpoint, shown)


@dataclass(frozen=True, slots=True, eq=False)
class _Split:
    """Examples that are trained on, and those that are looked at; where they are rows of one array,
    by their rows.
    """

    x: Array
    labels: NDArray[np.int32]
    rows: NDArray[np.int64]
    validation: tuple[Array, NDArray[np.int32]] | None


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """One call of train."""

    split: _Split
    options: dict[str, Any]
    loss: Loss
    threads: int | None
    place: Place

    def go(
        self, model: WilsonCowanModel, path: str | os.PathLike[str] | None, progress: Progress
    ) -> Training:
        """All epochs that are left to do."""
        file = None if path is None else _check.path("train: checkpoint", path)
        spec = self._spec(model)
        if file is not None and file.exists():
            state = Checkpoint.load(file, spec)
        else:
            state = Checkpoint(spec, model, model)
        total = self.options["epochs"] * len(self.split.rows)
        before = len(state.history) * len(self.split.rows)
        examples = self.place.examples(self.split.x)
        try:
            with telling(progress, total, "train", " examples", before) as tell:
                while state.status == "running":
                    self._advance(state, examples, tell)
                    if file is not None:
                        state.save(file)
        except KeyboardInterrupt:
            done = len(state.history)
            if not done:
                raise
            kept = f"{file} has {done} epochs: the same call goes on"
            lost = f"after {done} epochs, which a checkpoint would have kept"
            raise KeyboardInterrupt(lost if file is None else kept) from None
        return Training(state.best, state.history, state.status, state.best_epoch)

    def _advance(self, state: Checkpoint, examples: Any, tell: Teller) -> None:
        """One epoch more, or the end of all."""
        done, patience = len(state.history), self.options["patience"]
        if done == self.options["epochs"]:
            state.status = "finished"
        elif patience is not None and done - state.best_epoch >= patience:
            state.status = "stopped early"
        else:
            self._epoch(state, examples, done, tell)

    def _epoch(self, state: Checkpoint, x: Any, done: int, tell: Teller) -> None:
        """One epoch."""
        options, model = self.options, state.model
        started, first = time.perf_counter(), done * len(self.split.rows) - tell.before
        random = np.random.default_rng([options["seed"], done])
        batches = -(-len(self.split.rows) // options["batch_size"])
        rates = Rates(options["rates"], options["schedule"], options["warm_up"])
        result = run_epoch(
            self.place,
            model,
            x,
            self.split.labels,
            self.split.rows,
            rates.of_epoch(done, options["epochs"], batches),
            random,
            state.moments,
            loss=self.loss,
            threads=self.threads,
            progress=lambda examples, _: tell(first + examples),
            **{name: options[name] for name in _OF_EPOCH},
        )
        if result.status != "ok":
            state.status = "diverged"
            return
        state.model = model.with_trained(result.coupling, result.gamma)
        state.moments = result.moments
        record = self._record(state.model, done + 1, result.loss, result.accuracy, started)
        state.history = History((*state.history, record))
        tell.note(str(record))
        if self._is_best(state.history, state.best_epoch):
            state.best, state.best_epoch = state.model, record.epoch

    def _is_best(self, history: History, best: int) -> bool:
        if self.options["keep"] == "last" or best == 0:
            return True
        new, old = history[-1].score, history[best - 1].score
        return new is None or old is None or new >= old

    def _record(
        self, model: WilsonCowanModel, epoch: int, loss: float, accuracy: float, started: float
    ) -> EpochRecord:
        """What there is to say after an epoch."""
        now = later = None
        if self.split.validation is not None:
            x, labels = self.split.validation
            kind = self.loss if isinstance(self.loss, str) else "cross_entropy"
            at: dict[str, Any] = {"threads": self.threads, "device": self.place.device}
            now = model.evaluate(x, labels, loss=kind, **at)
            some = slice(self.options["long_examples"])
            later = model.evaluate(x[some], labels[some], self.options["long_steps"], **at)
        eigenvalues = _eigenvalues(model)
        return EpochRecord(
            epoch,
            loss,
            accuracy,
            None if now is None else now.loss,
            None if now is None else now.accuracy,
            None if later is None else later.accuracy,
            None if later is None else later.on_pattern,
            model.gamma,
            float(eigenvalues.min()),
            float(eigenvalues.max()),
            model.coupling.condition if isinstance(model.coupling, SpectralCoupling) else None,
            round(time.perf_counter() - started, 3),
        )

    def _spec(self, model: WilsonCowanModel) -> str:
        arrays = {"x": self.split.x, "labels": self.split.labels, "rows": self.split.rows}
        if self.split.validation is not None:
            arrays["validation x"], arrays["validation labels"] = self.split.validation
        state = model.__getstate__()
        arrays |= {f"model {k}": v for k, v in state.items() if isinstance(v, np.ndarray)}
        scalars = {f"model {k}": v for k, v in state.items() if not isinstance(v, np.ndarray)}
        return spec_of({**self.options, **scalars}, arrays)


def run_epoch(
    place: Place,
    model: WilsonCowanModel,
    x: Any,
    labels: NDArray[np.int32],
    rows: NDArray[np.int64],
    rates: NDArray[np.float64],
    random: np.random.Generator,
    moments: Moments | None,
    **options: Any,
) -> Epoch:
    """One epoch of these rows, in an order and with noise that are drawn.

    Examples `x` are where `place` has them.
    """
    return place.epoch(
        model.coupling,
        x,
        labels,
        model.targets,
        random.permutation(rows),
        rates,
        moments=moments,
        steps=model.steps,
        dt=model.dt,
        scheme=model.scheme,
        scale=model.scale,
        noise_seed=int(random.integers(2**53)),
        **options,
        **dict[str, Any](model.parameters),
    )


def _name_of(loss: object) -> str:
    """A loss's name; of a function also what tells it from others."""
    if callable(loss):
        checksum = zlib.crc32(json.dumps(identity(loss)).encode())
        return f"{getattr(loss, '__qualname__', type(loss).__qualname__)} {checksum:08x}"
    return _check.choice("train: loss", loss, LOSSES)


def default_rates(
    model: WilsonCowanModel, weights: float, eigenvalues: float | None, gamma: float
) -> tuple[float, float, float]:
    """Learning rates, with those that a model takes by default."""
    eigenvalues = 0.2 / abs(model.scale or 1.0) if eigenvalues is None else eigenvalues
    return (
        _check.real("train: learning_rate", weights, 0.0),
        _check.real("train: eigenvalue_rate", eigenvalues, 0.0),
        _check.real("train: gamma_rate", gamma, 0.0),
    )


def _split(
    where: str,
    model: WilsonCowanModel,
    x: Array,
    labels: NDArray[np.int32],
    validation: object,
    seed: int,
) -> _Split:
    rows = np.arange(len(x))
    held: tuple[Array, NDArray[np.int32]] | None = None
    if isinstance(validation, tuple):
        name = f"{where}: validation"
        other, classes = _check.pair(name, validation, lambda _, value: value)
        held_x = model._examples(f"{name}[0]", other)  # type: ignore[arg-type]
        held = held_x, labels_of(f"{name}[1]", classes, len(held_x), model.classes)  # type: ignore[arg-type]
    elif validation is not None:
        share = _check.real(f"{where}: validation", validation, 0.0, 1.0)
        count = round(share * len(x))
        if count > 0:
            rows = np.random.default_rng(seed).permutation(len(x))
            chosen, rows = rows[:count], rows[count:]
            held = x[chosen], labels[chosen]
    if len(rows) == 0:
        raise ValueError(
            f"{where}: x has {len(x)} examples, of which validation leaves none: expected one at "
            "least to train on"
        )
    return _Split(x, labels, rows, held)


def _eigenvalues(model: WilsonCowanModel) -> NDArray[np.float64]:
    """Real parts of the eigenvalues of Gamma A."""
    if isinstance(model.coupling, SpectralCoupling):
        low, high = model.coupling.eigenvalue_min, model.coupling.eigenvalue_max
        bounds = -np.inf if low is None else low, np.inf if high is None else high
        return model.scale * np.clip(model.coupling.eigenvalues.astype(np.float64), *bounds)
    return model.scale * np.linalg.eigvals(model.coupling.coupling).real.astype(np.float64)
