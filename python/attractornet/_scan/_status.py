"""What a store holds, and whether it is as it was written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attractornet import _check
from attractornet._scan import _ledger
from attractornet._scan._columns import STATUS
from attractornet._scan._ledger import Ledger, LedgerError
from attractornet._scan._open import AGAIN, contents, same
from attractornet._scan._store import Chunks, is_store, ledger_path

_MEND = "the same scan, called again, mends it"


@dataclass(frozen=True)
class ScanStatus:
    """How far a scan has come, as its ledger says.

    Attributes
    ----------
    points_done, points_total
        Points.
    chunks_done, chunks_total
        Chunks in which they are computed and written.
    by_status
        How many of the points that are done have each status.
    spec
        What the numbers depend on, in types of JSON.
    """

    points_done: int
    points_total: int
    chunks_done: int
    chunks_total: int
    by_status: Mapping[str, int]
    spec: Mapping[str, Any]

    @property
    def complete(self) -> bool:
        """Whether every point is done."""
        return self.points_done == self.points_total

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self.by_status.items() if count)
        done = f"{self.points_done} of {self.points_total} points"
        return f"ScanStatus({done}{': ' if counts else ''}{counts})"


@dataclass(frozen=True)
class ScanVerification:
    """Whether a store is as it was written.

    Attributes
    ----------
    problems
        What is not, and what helps: a sentence for each.
    chunks
        How many chunks were done, and looked at.
    """

    problems: tuple[str, ...]
    chunks: int

    @property
    def ok(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def __repr__(self) -> str:
        return f"ScanVerification({self.chunks} chunks, {len(self.problems)} problems)"


def scan_status(store: str | os.PathLike[str]) -> ScanStatus:
    """Say how far a scan has come. The ledger alone is read; `scan_verify` looks at every file.

    Parameters
    ----------
    store
        Folder that `scan` wrote to, or is writing to.

    Returns
    -------
    ScanStatus

    Raises
    ------
    ValueError
        If there is no store, or its ledger is missing or damaged.
    """
    ledger = read_store("scan_status: store", store).ledger
    tiles, counts = ledger.header.tiles, ledger.counts.sum(axis=0).tolist()
    return ScanStatus(
        points_done=sum(counts),
        points_total=tiles.points,
        chunks_done=int(np.count_nonzero(ledger.done)),
        chunks_total=tiles.size,
        by_status=dict(zip(STATUS, counts, strict=True)),
        spec=ledger.header.spec,
    )


def scan_verify(store: str | os.PathLike[str]) -> ScanVerification:
    """Compare every file of a store with its ledger.

    A scan that was interrupted is no problem: what is not done is not looked at.

    Parameters
    ----------
    store
        Folder that `scan` wrote to.

    Returns
    -------
    ScanVerification
        With every problem that was found; damage raises nothing.

    Raises
    ------
    ValueError
        If there is no store of a scan.
    """
    path = _existing("scan_verify: store", store)
    try:
        ledger = _ledger.read(ledger_path(path))
    except LedgerError as error:
        return ScanVerification((str(error),), 0)
    except OSError as error:
        return ScanVerification((_unreadable(path, error),), 0)
    return ScanVerification(tuple(_problems(path, ledger)), int(np.count_nonzero(ledger.done)))


def _problems(path: Path, ledger: Ledger) -> Iterator[str]:
    chunks = Chunks(path, ledger)
    for number in ledger.void:
        yield f"{ledger_path(path)}: line {number} is damaged: {_MEND}"
    for name, text in ledger.header.metadata.items():
        if contents(path / name) != text.encode():
            yield f"{path / name}: not as it was written: {_MEND}"
    for name, digest in ledger.header.coordinates.items():
        if not same(chunks, name, digest):
            yield f"{path / name}: a coordinate, not as it was written: {_MEND}"
    for chunk in np.flatnonzero(ledger.done):
        for column in ledger.header.columns:
            if fault := chunks.fault(int(chunk), column):
                yield f"{fault}: {_MEND}"


def read_store(where: str, store: object) -> Chunks:
    """A store that is there, and its ledger; a ValueError if either cannot be read."""
    path = _existing(where, store)
    try:
        return Chunks(path, _ledger.read(ledger_path(path)))
    except OSError as error:
        raise ValueError(f"{where}: {_unreadable(path, error)}") from error


def _unreadable(path: Path, error: OSError) -> str:
    return f"{ledger_path(path)}: the ledger cannot be read ({error.strerror}): {AGAIN}"


def _existing(where: str, store: object) -> Path:
    path = _check.path(where, store)
    if not is_store(path):
        _check.refuse(ValueError, where, str(path), "the folder of a scan's store")
    return path
