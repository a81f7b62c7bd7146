"""What a training goes on from: all that its next epoch depends on, in one file."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attractornet import _check, _files
from attractornet._core.learn import Moments
from attractornet.learn._history import History, Training
from attractornet.learn._model import WilsonCowanModel


@dataclass(slots=True)
class Checkpoint:
    """A training between two epochs.

    Attributes
    ----------
    spec
        What its numbers depend on, as JSON: a file goes on with the same call alone.
    model, best
        After the last epoch, and of the best one.
    moments
        Of Adam; None before the first epoch.
    history
        Epochs so far.
    best_epoch
        Its number; 0 before the first.
    status
        "running", or how the training ended.
    """

    spec: str
    model: WilsonCowanModel
    best: WilsonCowanModel
    moments: Moments | None = None
    history: History = field(default_factory=History)
    best_epoch: int = 0
    status: str = "running"

    def save(self, path: Path) -> None:
        """Write it, all or nothing."""
        _files.save(self, path)

    @classmethod
    def load(cls, path: Path, spec: str) -> Checkpoint:
        """Read the checkpoint of a call.

        Raises
        ------
        ValueError
            If the file holds something else, or that of another call: the message names what
            differs.
        """
        found = _files.load(path, cls)
        if found.spec != spec:
            here, there = json.loads(spec), json.loads(found.spec)
            names = [name for name in here if here[name] != there.get(name)] or ["version"]
            texts = [
                f"{name} = {_brief(there.get(name))}, not {_brief(here.get(name))}"
                for name in names
            ]
            raise ValueError(
                f"train: checkpoint = {str(path)!r} is of another training, of "
                f"{'; '.join(texts)}: expected that of this call, or a new file"
            )
        return found

    def __getstate__(self) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "spec": self.spec,
            "history": self.history.to_json(),
            "best_epoch": self.best_epoch,
            "status": self.status,
        }
        for name in ("model", "best", "moments"):
            part = getattr(self, name)
            if part is not None:
                parts |= _files.embedded(part, f"{name}/")
        return parts

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.spec, self.status = str(state["spec"]), str(state["status"])
        self.history = History.from_json(state["history"])
        self.best_epoch = int(state["best_epoch"])
        self.model = _files.extracted(WilsonCowanModel, state, "model/")
        self.best = _files.extracted(WilsonCowanModel, state, "best/")
        has_moments = "moments/steps" in state
        self.moments = _files.extracted(Moments, state, "moments/") if has_moments else None


def read_checkpoint(path: str | os.PathLike[str]) -> Training:
    """Read how far a training came: its history, and its best model so far.

    Parameters
    ----------
    path
        What `train` got as `checkpoint`.

    Returns
    -------
    Training
        With the status "running" where it was interrupted, or runs still.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file holds something else, or was changed after it was written.
    """
    state = _files.load(_check.path("read_checkpoint: path", path), Checkpoint)
    return Training(state.best, state.history, state.status, state.best_epoch)


def spec_of(options: Mapping[str, object], arrays: Mapping[str, NDArray[Any]]) -> str:
    """JSON of a call's options, and of what tells its arrays from others."""
    prints = {name: _fingerprint(array) for name, array in arrays.items()}
    return json.dumps({**options, **prints}, sort_keys=True, default=repr)


def _fingerprint(array: NDArray[Any]) -> str:
    checksum = zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data)
    return f"{array.dtype} {array.shape} {checksum:08x}"


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
