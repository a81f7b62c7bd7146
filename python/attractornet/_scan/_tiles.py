"""How the points of a scan are cut into chunks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """Points that are computed, written and checked together."""

    number: int
    first: int
    count: int


@dataclass(frozen=True)
class Tiles:
    """Chunks of an array of points, each of which is one row-major run of points.

    Attributes
    ----------
    shape
        Lengths of the array's dimensions.
    tile
        Lengths of a chunk: 1 along the first dimensions, any length along one, all along the rest.
    """

    shape: tuple[int, ...]
    tile: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Chunks along each dimension."""
        pairs = zip(self.shape, self.tile, strict=True)
        return tuple(-(-length // side) for length, side in pairs)

    @property
    def size(self) -> int:
        """Chunks in all."""
        return math.prod(self.counts)

    @property
    def points(self) -> int:
        """Points in all."""
        return math.prod(self.shape)

    def place(self, number: int) -> tuple[int, ...]:
        """Where a chunk lies: its index along each dimension."""
        place = []
        for count in reversed(self.counts):
            number, index = divmod(number, count)
            place.append(index)
        return tuple(reversed(place))

    def number(self, place: Sequence[int]) -> int:
        """The chunk that lies there; chunks are numbered in row-major order."""
        number = 0
        for count, index in zip(self.counts, place, strict=True):
            number = number * count + index
        return number

    def spans(self, number: int) -> tuple[range, ...]:
        """The indices that a chunk has along each dimension."""
        triples = zip(self.place(number), self.tile, self.shape, strict=True)
        return tuple(range(i * side, min(i * side + side, length)) for i, side, length in triples)

    def slices(self, number: int) -> tuple[slice, ...]:
        """The same as slices."""
        return tuple(slice(each.start, each.stop) for each in self.spans(number))

    def chunk(self, number: int) -> Chunk:
        """The points of a chunk."""
        spans = self.spans(number)
        first = 0
        for length, span in zip(self.shape, spans, strict=True):
            first = first * length + span.start
        return Chunk(number, first, math.prod(len(span) for span in spans))

    def __iter__(self) -> Iterator[Chunk]:
        return (self.chunk(number) for number in range(self.size))


def tiles_of(shape: tuple[int, ...], points: int) -> Tiles:
    """Cut an array into chunks of about so many points, at most."""
    tile = [1] * len(shape)
    inner = 1  # points that one step along the dimension at hand holds
    for i in reversed(range(len(shape))):
        tile[i] = max(1, min(shape[i], points // inner))
        if tile[i] < shape[i]:
            break
        inner *= shape[i]
    return Tiles(shape, tuple(tile))
