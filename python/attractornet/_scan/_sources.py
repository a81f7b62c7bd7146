"""Where a result's numbers are: in memory, or in a store that is read part by part."""

from __future__ import annotations

import itertools
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from attractornet._scan._axes import Array
from attractornet._scan._columns import STATUS, Column
from attractornet._scan._store import Chunks
from attractornet._scan._tiles import Chunk, Tiles, tiles_of

Key = tuple[int | slice, ...]

_ROWS = 1 << 16  # points that are handled at a time where they lie in memory


class Source(Protocol):
    """Columns over an array of points."""

    @property
    def tiles(self) -> Tiles:
        """Chunks in which the numbers are best read."""

    def block(self, number: int, column: Column) -> Array:
        """A chunk of a column, (points along each dimension, ...)."""

    def part(self, column: Column, key: Key) -> Array:
        """What a key of an index or a slice for each dimension takes from a column."""

    def status_counts(self) -> NDArray[np.int64]:
        """Points with each status."""


class Memory:
    """Columns in memory.

    Parameters
    ----------
    shape
        Of the array of points.
    columns
        The columns; they hold nothing at first.
    """

    def __init__(self, shape: tuple[int, ...], columns: tuple[Column, ...]) -> None:
        self.tiles = tiles_of(shape, _ROWS)
        self._arrays = {column.name: column.empty(shape) for column in columns}

    def commit(self, chunk: Chunk, columns: dict[str, Array]) -> None:
        """Take in a chunk's points."""
        for name, array in self._arrays.items():
            flat = array.reshape(-1, *columns[name].shape[1:])  # a view: the array is contiguous
            flat[chunk.first : chunk.first + chunk.count] = columns[name]

    def block(self, number: int, column: Column) -> Array:
        return self._arrays[column.name][self.tiles.slices(number)]

    def part(self, column: Column, key: Key) -> Array:
        return np.array(self._arrays[column.name][key])

    def status_counts(self) -> NDArray[np.int64]:
        status = self._arrays["status"].ravel()
        return np.bincount(status[status >= 0], minlength=len(STATUS))


class Stored:
    """Columns in a store; every chunk is checked before its numbers are handed out.

    Parameters
    ----------
    chunks
        The store.
    """

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    @property
    def tiles(self) -> Tiles:
        return self._chunks.header.tiles

    def block(self, number: int, column: Column) -> Array:
        return self._chunks.read(number, column)

    def part(self, column: Column, key: Key) -> Array:
        shape = self.tiles.shape + column.shape
        wanted = [
            np.arange(length)[each if isinstance(each, slice) else slice(each, each + 1)]
            for each, length in zip(key, shape, strict=True)
        ]
        taken = column.empty(())[..., None].dtype  # the type alone
        values = np.empty([len(each) for each in wanted], dtype=taken)
        sides = self.tiles.tile + column.shape
        pieces = [_pieces(*each) for each in zip(wanted, sides, strict=True)]
        for places in itertools.product(*pieces):
            here = [places[i][0] for i in range(len(self.tiles.shape))]
            block = self._chunks.read(self.tiles.number(here), column)
            target = tuple(each for _, each, _ in places)
            values[target] = block[np.ix_(*(inside for *_, inside in places))]
        return values[tuple(0 if isinstance(each, int) else slice(None) for each in key)]

    def status_counts(self) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = self._chunks.ledger.counts.sum(axis=0)
        return counts


def _pieces(wanted: NDArray[np.int64], side: int) -> list[tuple[int, slice, NDArray[np.int64]]]:
    """Rising indices by the chunk they lie in: the chunk, which of them, and where inside it."""
    if not len(wanted):
        return []
    chunks, starts = np.unique(wanted // side, return_index=True)
    stops = [*starts[1:].tolist(), len(wanted)]
    pairs = zip(chunks.tolist(), starts.tolist(), stops, strict=True)
    return [
        (chunk, slice(start, stop), wanted[start:stop] - chunk * side)
        for chunk, start, stop in pairs
    ]
