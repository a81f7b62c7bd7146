"""What a training was like, epoch by epoch."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, SupportsIndex, overload

from attractornet import _check
from attractornet.learn._model import WilsonCowanModel


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """An epoch of a training.

    Attributes
    ----------
    epoch
        Its number, from 1 on.
    loss, accuracy
        Of the examples it trained on, each as its batch ran, without the penalty of orthogonality.
    validation_loss, validation_accuracy
        After it, of the validation examples; None without any.
    long_accuracy, on_pattern
        Of some validation examples after a long time: share of the right classes, and of the
        examples that are on a pattern then.
    gamma
        Time scale of inhibition over that of excitation.
    eigenvalue_min, eigenvalue_max
        Least and largest real part of an eigenvalue of Gamma A.
    condition
        Of the eigenvectors; None of a projected coupling, which has no need of an inverse.
    seconds
        That it took.
    """

    epoch: int
    loss: float
    accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    long_accuracy: float | None
    on_pattern: float | None
    gamma: float
    eigenvalue_min: float
    eigenvalue_max: float
    condition: float | None
    seconds: float

    @property
    def score(self) -> float | None:
        """By which epochs are compared: both validation accuracies' mean."""
        if self.validation_accuracy is None or self.long_accuracy is None:
            return None
        return 0.5 * (self.validation_accuracy + self.long_accuracy)

    def __str__(self) -> str:
        """One line, as a training shows it."""
        parts = [f"epoch {self.epoch:3d}  loss {self.loss:.4g}  accuracy {self.accuracy:.4f}"]
        if self.validation_accuracy is not None:
            parts.append(
                f"validation {self.validation_accuracy:.4f}  later {self.long_accuracy:.4f}  "
                f"on pattern {self.on_pattern:.3f}"
            )
        parts.append(f"gamma {self.gamma:.3f}")
        parts.append(f"eigenvalues {self.eigenvalue_min:.3g} to {self.eigenvalue_max:.3g}")
        if self.condition is not None:
            parts.append(f"condition {self.condition:.3g}")
        return "  ".join(parts)


_COLUMNS = tuple(one.name for one in fields(EpochRecord))


class History(tuple[EpochRecord, ...]):
    """Records of all epochs, a tuple; `plot.history` draws it."""

    __slots__ = ()

    @overload
    def __getitem__(self, key: SupportsIndex, /) -> EpochRecord: ...
    @overload
    def __getitem__(self, key: slice[Any, Any, Any], /) -> History: ...
    def __getitem__(self, key: Any, /) -> EpochRecord | History:
        found = super().__getitem__(key)
        return found if isinstance(found, EpochRecord) else History(found)

    def column(self, name: str) -> list[float | None]:
        """One number of all epochs, such as "loss"."""
        _check.choice("History.column: name", name, _COLUMNS)
        return [getattr(record, name) for record in self]

    def to_json(self) -> str:
        """All of it as JSON: a list of objects."""
        return json.dumps([asdict(record) for record in self])

    @classmethod
    def from_json(cls, text: str) -> History:
        """What `to_json` wrote.

        Raises
        ------
        ValueError
            If the text is something else.
        """
        expected = f"JSON, a list of objects of {', '.join(_COLUMNS)}"
        text = _check.text("History.from_json: text", text)
        try:
            return cls(EpochRecord(**record) for record in json.loads(text))
        except (TypeError, ValueError, RecursionError):
            _check.refuse(ValueError, "History.from_json: text", text, expected)

    def __repr__(self) -> str:
        return f"History({len(self)} epochs)"


@dataclass(frozen=True, slots=True)
class Training:
    """What a training ended with.

    Attributes
    ----------
    model
        Trained: that of the best epoch, or of the last one, as `keep` says.
    history
        Records of the epochs.
    status
        "finished"; "stopped early", where the validation got no better for long; "diverged", where
        numbers were no longer finite, and the model is the last good one; "running", of one that
        was interrupted.
    best_epoch
        That of the model; 0 before training.
    """

    model: WilsonCowanModel
    history: History
    status: str
    best_epoch: int
