"""A store on the disk: a Zarr group with a ledger, written chunk by chunk and checked when read.

The ledger lies beside the chunks of the column "status": in the group itself, Zarr would take it
for an array and warn of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from attractornet._scan import _ledger
from attractornet._scan._axes import Array
from attractornet._scan._columns import STATUS, Column
from attractornet._scan._disk import explained, make_folder, sha256, sync_folder, write_whole
from attractornet._scan._ledger import Header, Ledger, LedgerFile
from attractornet._scan._tiles import Chunk
from attractornet._scan._zarr import chunk_path, decode, encode

LEDGER = "status/ledger"
_PARTIAL = "status/partial"  # where a chunk is made before it is moved into place


def ledger_path(store: Path) -> Path:
    return store / LEDGER


def sweep(store: Path) -> None:
    """Remove what a killed writer may have left half-made."""
    for each in (store / _PARTIAL, _ledger.partial_of(ledger_path(store))):
        each.unlink(missing_ok=True)


class Chunks:
    """The chunks of a store, each checked against the ledger whenever it is read.

    Parameters
    ----------
    store
        The store's folder.
    ledger
        What its ledger says.
    """

    def __init__(self, store: Path, ledger: Ledger) -> None:
        self.store, self.ledger = store, ledger

    @property
    def header(self) -> Header:
        return self.ledger.header

    def path(self, chunk: int, column: Column) -> Path:
        """The file of a chunk."""
        place = self.header.tiles.place(chunk)
        return self.store / chunk_path(column.name, place, len(column.dims))

    def fault(self, chunk: int, column: Column) -> str | None:
        """What is wrong with the file of a chunk that is done; None if it is as it was written."""
        return self._checked(chunk, column)[1]

    def read(self, chunk: int, column: Column) -> Array:
        """A chunk's values, (points along each dimension, ...)."""
        tiles = self.header.tiles
        spans = tuple(len(span) for span in tiles.spans(chunk))
        if not self.ledger.done[chunk]:
            return column.empty(spans)
        content, fault = self._checked(chunk, column)
        if fault is not None:
            raise ValueError(f"{fault}: the same scan, called again, computes it anew")
        block = decode(content, tiles.tile + column.shape, column.dtype)
        return block[tuple(slice(length) for length in spans)]

    def _checked(self, chunk: int, column: Column) -> tuple[bytes, str | None]:
        path = self.path(chunk, column)
        number = self.header.columns.index(column)
        try:
            content = path.read_bytes()
        except OSError as error:
            return b"", f"{path}: chunk {chunk} of {column.name} cannot be read: {error.strerror}"
        if sha256(content) != self.ledger.digests[chunk, number].tobytes():
            return b"", f"{path}: chunk {chunk} of {column.name} is not as it was written"
        return content, None

    def sound(self, chunk: int) -> bool:
        """Whether every file of a chunk is as the ledger says."""
        return not any(self.fault(chunk, column) for column in self.header.columns)


class Writer:
    """A store that this process alone writes to.

    Parameters
    ----------
    chunks
        The store.
    file
        Its ledger, locked.
    """

    def __init__(self, chunks: Chunks, file: LedgerFile) -> None:
        self.chunks, self._file = chunks, file
        self._ledger = chunks.ledger

    def pending(self) -> Iterator[Chunk]:
        """The chunks that are not done."""
        for number in range(len(self._ledger.done)):
            if not self._ledger.done[number]:
                yield self._ledger.header.tiles.chunk(number)

    @property
    def points_done(self) -> int:
        """How many points are done."""
        return int(self._ledger.counts[self._ledger.done].sum())

    def commit(self, chunk: Chunk, columns: dict[str, Array]) -> None:
        """Put a chunk on the disk, and only then into the ledger."""
        header, folders, digests = self._ledger.header, set(), []
        shape = tuple(len(span) for span in header.tiles.spans(chunk.number))
        with explained(self.chunks.store):
            for column in header.columns:
                block = column.empty(header.tiles.tile)
                part = columns[column.name].reshape(shape + column.shape)
                block[tuple(slice(length) for length in shape)] = part
                content = encode(block)
                path = self.chunks.path(chunk.number, column)
                self._write(path, content)
                folders.add(path.parent)
                digests.append(sha256(content))
            for folder in folders:
                sync_folder(folder)
            counts = np.bincount(columns["status"], minlength=len(STATUS))
            self._ledger.enter(chunk.number, digests, counts.tolist())
            self._file.append(self._ledger.line(chunk.number))
            self._ledger.tidy = False

    def _write(self, path: Path, content: bytes) -> None:
        make_folder(path.parent)
        partial = self.chunks.store / _PARTIAL
        try:
            write_whole(path, content, partial)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    def finish(self) -> None:
        """Leave a complete store as it would be had nothing ever gone wrong."""
        if self._ledger.complete and not self._ledger.tidy:
            with explained(self.chunks.store):
                self._file.rewrite(self._ledger)
                self._ledger.tidy = True

    def close(self) -> None:
        """Let others write."""
        self._file.close()


def is_store(path: Path) -> bool:
    """Whether there is a scan's store, whole or damaged."""
    if ledger_path(path).is_file():
        return True
    group = path / "zarr.json"
    return group.is_file() and b"attractornet_scan" in group.read_bytes()
