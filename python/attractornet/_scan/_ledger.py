"""The ledger: which chunks of a store are done, and the hash of every file.

A text of lines, each a JSON object that carries a checksum of itself: what was cut off or changed
is void, and never read as something else. The first line, the header, says what the store holds;
each one after it that a chunk's files are on the disk. Lines are only ever added, in the order in
which chunks come; once all are there the ledger is written again in the order of the chunks.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attractornet._scan._columns import STATUS, Column, column_of
from attractornet._scan._disk import lock, open_locked, sync_folder
from attractornet._scan._job import FORMAT, canonical
from attractornet._scan._tiles import Tiles

_CHECK = 16  # hexadecimal digits of a line's checksum


@dataclass(frozen=True)
class Header:
    """What a store holds.

    Attributes
    ----------
    spec
        What the results depend on.
    tiles
        How the points are cut into chunks.
    columns
        The arrays that have a file for each chunk.
    metadata
        Text of each "zarr.json", by its path in the store.
    coordinates
        SHA-256, in hexadecimal, of each file of a coordinate.
    """

    spec: Mapping[str, Any]
    tiles: Tiles
    columns: tuple[Column, ...]
    metadata: Mapping[str, str]
    coordinates: Mapping[str, str]

    def describe(self) -> dict[str, Any]:
        """The header in types of JSON."""
        return {
            "format": FORMAT,
            "spec": dict(self.spec),
            "shape": list(self.tiles.shape),
            "tile": list(self.tiles.tile),
            "columns": [column.describe() for column in self.columns],
            "metadata": dict(self.metadata),
            "coordinates": dict(self.coordinates),
        }


def _header_of(told: Mapping[str, Any]) -> Header:
    tiles = Tiles(tuple(told["shape"]), tuple(told["tile"]))
    columns = tuple(column_of(each) for each in told["columns"])
    return Header(told["spec"], tiles, columns, told["metadata"], told["coordinates"])


class Ledger:
    """What a ledger says.

    Attributes
    ----------
    header
        Its first line.
    done
        Whether each chunk is done.
    digests
        SHA-256 of the file of each chunk and column, (chunks, columns, 32).
    counts
        How many points of each chunk have each status, (chunks, 4).
    void
        Numbers of the lines, from 1, that were damaged.
    tidy
        Whether it is written as it is once all is done: every line counts, and in order.
    """

    def __init__(self, header: Header) -> None:
        chunks, columns = header.tiles.size, len(header.columns)
        self.header = header
        self.done = np.zeros(chunks, dtype=bool)
        self.digests: NDArray[np.uint8] = np.zeros((chunks, columns, 32), dtype=np.uint8)
        self.counts: NDArray[np.int64] = np.zeros((chunks, len(STATUS)), dtype=np.int64)
        self.void: list[int] = []
        self.tidy = True

    @property
    def complete(self) -> bool:
        return bool(self.done.all())

    def enter(self, chunk: int, digests: Sequence[bytes], counts: Sequence[int]) -> None:
        """Note that a chunk is done."""
        self.digests[chunk] = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, 32)
        self.counts[chunk] = counts
        self.done[chunk] = True

    def line(self, chunk: int) -> bytes:
        """The line of a chunk that is done."""
        hashes = [digest.tobytes().hex() for digest in self.digests[chunk]]
        return _line({"chunk": chunk, "sha256": hashes, "status": self.counts[chunk].tolist()})

    def lines(self) -> Iterator[bytes]:
        """All lines, in the order of the chunks."""
        yield _line(self.header.describe())
        for chunk in np.flatnonzero(self.done):
            yield self.line(int(chunk))


def _line(content: Mapping[str, Any]) -> bytes:
    return (canonical({**content, "check": _checksum(content)}) + "\n").encode()


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(content).encode()).hexdigest()[:_CHECK]


def _content(line: bytes) -> dict[str, Any] | None:
    """What a line says; None if it is not, to the byte, as it was written."""
    try:
        content = json.loads(line)
        check = content.pop("check")
        return content if check == _checksum(content) and _line(content) == line else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class LedgerError(ValueError):
    """A ledger without which nothing in its store can be trusted."""


def read(path: Path) -> Ledger:
    """Read a ledger; damaged lines are void, a damaged header is a LedgerError."""
    with open(path, "rb") as file:
        first = _content(file.readline())
        if first is None or "spec" not in first:
            raise LedgerError(
                f"{path}: its first line is damaged, which says what the store holds: "
                "remove the store and scan again"
            )
        if first["format"] != FORMAT:
            raise LedgerError(f"{path}: format {first['format']}, expected {FORMAT}")
        ledger = Ledger(_header_of(first))
        last = -1
        for number, line in enumerate(file, start=2):
            content = _content(line)
            if content is None or "chunk" not in content:
                ledger.void.append(number)
                continue
            chunk = content["chunk"]
            ledger.tidy = ledger.tidy and chunk > last
            last = chunk
            ledger.enter(
                chunk, [bytes.fromhex(each) for each in content["sha256"]], content["status"]
            )
    ledger.tidy = ledger.tidy and not ledger.void
    return ledger


class LedgerFile:
    """A ledger that this process alone adds to.

    Parameters
    ----------
    path
        The file.
    descriptor
        The file, opened and locked.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor

    def append(self, line: bytes) -> None:
        """Add a line that is on the disk when this returns; all of it or nothing."""
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        if end and os.pread(self._descriptor, 1, end - 1) != b"\n":
            line = b"\n" + line  # the last line was cut off: it stays void
        try:
            _write_all(self._descriptor, line)
        except OSError:
            os.ftruncate(self._descriptor, end)
            raise
        os.fsync(self._descriptor)

    def rewrite(self, ledger: Ledger) -> None:
        """Put the lines in order, in one move."""
        partial = partial_of(self._path)
        fresh = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            lock(fresh)  # it is the store's lock once it has the ledger's name
            for line in ledger.lines():
                _write_all(fresh, line)
            os.fsync(fresh)
            partial.replace(self._path)
        except BaseException:
            os.close(fresh)
            raise
        self.close()
        self._descriptor = fresh
        sync_folder(self._path.parent)

    def close(self) -> None:
        """Let others write."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


def partial_of(path: Path) -> Path:
    """Where the ledger is made before it is moved into place."""
    return path.with_name(f"{path.name}.partial")


def make(path: Path) -> int:
    """Make an empty ledger, open and locked."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    lock(descriptor)
    return descriptor


def fill(path: Path, descriptor: int, ledger: Ledger) -> LedgerFile:
    """Write what a ledger says into one that was just made."""
    file = LedgerFile(path, descriptor)
    for line in ledger.lines():
        file.append(line)
    return file


def open_for_writing(path: Path) -> LedgerFile:
    """Lock a ledger, or say who has it."""
    descriptor = open_locked(path)
    if descriptor is None:
        raise ValueError(f"{path}: another process is writing to this store")
    return LedgerFile(path, descriptor)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
