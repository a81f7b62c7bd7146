"""Learning: Wilson-Cowan networks that settle on the pattern of a class.

`train` trains a `WilsonCowanModel`; `WilsonCowanClassifier` is both as a scikit-learn estimator.
`attractornet.torch` has the same network as a layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attractornet._core.learn import (
    Epoch,
    Moments,
    StateLoss,
    probabilities,
    state_loss,
    train_epoch,
)
from attractornet.learn._checkpoint import read_checkpoint
from attractornet.learn._history import EpochRecord, History, Training
from attractornet.learn._model import Evaluation, WilsonCowanModel
from attractornet.learn._recipes import Recipe, recipe
from attractornet.learn._train import train

if TYPE_CHECKING:
    from attractornet.learn._classifier import WilsonCowanClassifier

__all__ = [
    "Epoch",
    "EpochRecord",
    "Evaluation",
    "History",
    "Moments",
    "Recipe",
    "StateLoss",
    "Training",
    "WilsonCowanClassifier",
    "WilsonCowanModel",
    "probabilities",
    "read_checkpoint",
    "recipe",
    "state_loss",
    "train",
    "train_epoch",
]

if not TYPE_CHECKING:  # scikit-learn is an extra

    def __getattr__(name: str) -> Any:
        if name != "WilsonCowanClassifier":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from attractornet.learn._classifier import WilsonCowanClassifier

        return WilsonCowanClassifier
