"""IDX files, the format of MNIST, of unsigned bytes.

Big-endian: two bytes of 0, the type (8, unsigned byte), the number of axes; the length of each axis
in four bytes; the values, the last axis fastest.
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attractornet import _check

_UNSIGNED_BYTE = 0x800
_GZIP = b"\x1f\x8b"


def read(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Read items of one shape.

    Parameters
    ----------
    path
        The file, compressed by gzip or not.
    shape
        Of each item; () for numbers.

    Returns
    -------
    numpy.ndarray
        The items, uint8 (n, *shape).

    Raises
    ------
    MemoryError
        If they are more than a result may take.
    ValueError
        If the file is damaged, or of another format or shape; the message names it.
    """
    try:
        with open(path, "rb") as raw:
            # By content: some programs unpack what they download, and keep its name.
            if raw.peek(len(_GZIP))[: len(_GZIP)] != _GZIP:
                return _items(raw, path, shape)
            with gzip.GzipFile(fileobj=raw) as unpacked:
                return _items(unpacked, path, shape)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: a damaged gzip file: {error}") from error


def _items(file: io.BufferedIOBase, path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    count = _count(file, path, shape)
    _check.expect_memory(str(path), f"{count} items", count * math.prod(shape), 1)
    items = np.empty((count, *shape), np.uint8)
    there = file.readinto(items.data)
    if there < items.size:
        raise ValueError(f"{path}: ends after {there} of the {items.size} values of its header")
    if file.read(1):
        raise ValueError(f"{path}: goes on after the {items.size} values of its header")
    return items


def _count(file: io.BufferedIOBase, path: Path, shape: tuple[int, ...]) -> int:
    """The number of items, which the header says."""
    expected = _UNSIGNED_BYTE + 1 + len(shape)
    header = struct.Struct(f">{2 + len(shape)}I")
    content = file.read(header.size)
    if len(content) < header.size:
        raise ValueError(f"{path}: ends within its header, {header.size} bytes of an IDX file")
    magic, count, *rest = header.unpack(content)
    if magic != expected:
        raise ValueError(
            f"{path}: starts with the magic number 0x{magic:08x}, expected 0x{expected:08x}: IDX, "
            f"unsigned bytes, {1 + len(shape)} axes"
        )
    if tuple(rest) != shape:
        raise ValueError(f"{path}: holds items of shape {tuple(rest)}, expected {shape}")
    return int(count)
