"""Zarr: the metadata of a store, and its chunks as bytes. Nothing here touches the disk.

Files are written and read by `_store`, which has a hash of every byte; Zarr is asked for the bytes
on stores in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from attractornet._scan._attributes import column_attributes, parameter_attributes, provenance
from attractornet._scan._axes import Array, Kind
from attractornet._scan._extras import require
from attractornet._scan._job import Job
from attractornet._scan._tiles import Tiles, tiles_of

_NEEDED = "scan: store"
_COORDINATE_CHUNK = 1 << 20  # values in a file of a coordinate
_TYPES: dict[str, Any] = {"int": "int64", "float": "float64", "str": str, "bool": "bool"}


def chunk_path(name: str, place: Sequence[int], beyond: int = 0) -> str:
    """Path of an array's chunk; it is whole along the dimensions `beyond` the place."""
    return "/".join([name, "c", *map(str, [*place, *[0] * beyond])])


def encode(block: Array) -> bytes:
    """A chunk's bytes."""
    store: dict[str, Any] = {}
    array = _create(store, "chunk", block.shape, block.shape, block.dtype, None, {})
    array[...] = block
    content: bytes = store[chunk_path("chunk", [0] * block.ndim)].to_bytes()
    return content


def decode(content: bytes, shape: tuple[int, ...], dtype: Any) -> Array:
    """The chunk that `encode` made these bytes of."""
    buffers = require("zarr.core.buffer", _NEEDED).default_buffer_prototype().buffer
    store: dict[str, Any] = {}
    array = _create(store, "chunk", shape, shape, dtype, None, {})
    store[chunk_path("chunk", [0] * len(shape))] = buffers.from_bytes(content)
    return np.asarray(array[...])


def metadata(job: Job, tiles: Tiles) -> dict[str, str]:
    """Text of every "zarr.json" of a store, by its path."""
    zarr = require("zarr", _NEEDED)
    store: dict[str, Any] = {}
    zarr.open_group(store, mode="w", zarr_format=3, attributes=provenance(job))
    others = " ".join([*job.design.drawn, *job.design.fixed])
    for column in job.columns:
        told = column_attributes(column)
        if others and not column.coordinate:
            told["coordinates"] = others  # where xarray looks for those that are no dimension
        shape, chunk = tiles.shape + column.shape, tiles.tile + column.shape
        dims = [*job.design.dims, *(name for name, _ in column.dims)]
        _create(store, column.name, shape, chunk, column.dtype, dims, told)
    for name, values in _coordinates(job).items():
        tile = tiles_of(values.shape, _COORDINATE_CHUNK).tile
        dims = [name] if values.shape else []
        told = parameter_attributes(job, name)
        _create(store, name, values.shape, tile, values.dtype, dims, told)
    return {key: content.to_bytes().decode() for key, content in store.items()}


def coordinate_files(job: Job) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every file of the coordinates that are there from the start."""
    for name, values in _coordinates(job).items():
        tiles = tiles_of(values.shape, _COORDINATE_CHUNK)
        for chunk in tiles:
            block = np.full(tiles.tile, _fill(values.dtype), dtype=values.dtype)
            part = values[tiles.slices(chunk.number)]
            block[tuple(slice(length) for length in part.shape)] = part
            yield chunk_path(name, tiles.place(chunk.number)), encode(block)


def coordinate(name: str, size: int, kind: Kind, content: Callable[[str], bytes]) -> Array:
    """The values of an axis, from its files: `content` gives the bytes of a path."""
    tiles = tiles_of((size,), _COORDINATE_CHUNK)
    paths = (chunk_path(name, tiles.place(number)) for number in range(tiles.size))
    blocks = [decode(content(path), tiles.tile, _TYPES[kind]) for path in paths]
    return np.concatenate(blocks)[:size]


def _coordinates(job: Job) -> dict[str, Array]:
    """The values of the axes, and of what is the same at every point."""
    axes = {name: axis.part(0, axis.size) for name, axis in job.design._axes.items()}
    fixed = {name: np.array(value) for name, value in job.design.fixed.items()}
    return {name: each.astype(_TYPES[job.kinds[name]]) for name, each in {**axes, **fixed}.items()}


def _fill(dtype: Any) -> Any:
    return {"f": np.nan, "i": -1, "U": "", "b": False}[np.dtype(dtype).kind]


def _create(
    store: dict[str, Any],
    name: str,
    shape: tuple[int, ...],
    chunk: tuple[int, ...],
    dtype: Any,
    dims: Sequence[str] | None,
    attributes: Mapping[str, Any],
) -> Any:
    """An array as all of a store are, in memory."""
    codecs = require("zarr.codecs", _NEEDED)
    kind = np.dtype(dtype).kind
    return require("zarr", _NEEDED).create_array(
        store,
        name=name,
        shape=shape,
        chunks=chunk,
        dtype=str if kind == "U" else dtype,
        compressors=[codecs.ZstdCodec(level=3), codecs.Crc32cCodec()],
        fill_value=_fill(dtype),
        dimension_names=dims,
        attributes=dict(attributes),
        zarr_format=3,
        # A chunk that holds nothing but fill values is a chunk that was measured.
        config={"write_empty_chunks": True},
    )
