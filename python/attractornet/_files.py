"""Model files: safetensors with the scalars and a hash in their metadata, never pickle.

The arrays of an object's state are the tensors. The metadata have one entry, "attractornet": a JSON
object with the file's version, the type's name, the scalars ("spec"), and a SHA-256 over all of
these and every array, which `load` checks. One entry, because safetensors writes several in random
order: the same object gives the same bytes.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialized

FORMAT = "attractornet"
VERSION = 1

Array = NDArray[Any]


class Stateful(Protocol):
    """What a model file can hold: an object whose pickle state is a dict of arrays and scalars."""

    def __getstate__(self) -> dict[str, Any]: ...

    def __setstate__(self, state: dict[str, Any], /) -> None: ...


S = TypeVar("S", bound=Stateful)


class _Parts(NamedTuple):
    """A state as the file holds it; the hash covers all three."""

    type: str
    spec: dict[str, Any]
    arrays: dict[str, Array]


def save(obj: Stateful, path: str | os.PathLike[str]) -> None:
    """Write an object's state to a safetensors file, replacing the file in one move.

    Parameters
    ----------
    obj
        Any object with ``__getstate__`` giving a dict of arrays and scalars.
    path
        The file. A crash while writing leaves the old content in place.

    Raises
    ------
    TypeError
        If the state holds something that is neither an array nor a scalar.
    """
    write_state(type(obj).__name__, obj.__getstate__(), path)


def write_state(name: str, state: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write the state of an object of a type, as `save` does."""
    parts = _split(name, state)
    header = {
        "version": VERSION,
        "type": parts.type,
        "spec": parts.spec,
        "sha256": _digest(parts),
    }
    content = serialized(parts.arrays, {FORMAT: _json(header)})
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def load(path: str | os.PathLike[str], cls: type[S]) -> S:
    """Read an object that `save` wrote.

    Parameters
    ----------
    path
        The file.
    cls
        The type that the file must hold.

    Raises
    ------
    ValueError
        If the file is no model file, holds another type, or was changed after it was written; the
        message names the file and what is wrong.
    FileNotFoundError
        If there is no such file.
    """
    state = read_state(path, cls.__name__)
    obj = cls.__new__(cls)
    with naming(path, cls.__name__):
        obj.__setstate__(state)
    return obj


def read_state(path: str | os.PathLike[str], name: str) -> dict[str, Any]:
    """Read the state of an object of a type, as `load` does."""
    parts = _read(path)
    if parts.type != name:
        raise ValueError(f"{path}: holds a {parts.type}, expected a {name}")
    with naming(path, name):
        scalars = {key: _decoded(key, value) for key, value in parts.spec.items()}
    return {**scalars, **parts.arrays}


def type_of(path: str | os.PathLike[str]) -> str:
    """Name of the type of the object that a file holds."""
    return _read(path).type


def embedded(obj: Stateful, prefix: str) -> dict[str, Any]:
    """An object's state as part of another's: its keys behind a prefix."""
    return {f"{prefix}{key}": value for key, value in obj.__getstate__().items()}


def extracted(cls: type[S], state: Mapping[str, Any], prefix: str) -> S:
    """The object whose state `embedded` put there."""
    obj = cls.__new__(cls)
    obj.__setstate__(
        {k.removeprefix(prefix): value for k, value in state.items() if k.startswith(prefix)}
    )
    return obj


@contextmanager
def naming(path: str | os.PathLike[str], name: str) -> Iterator[None]:
    """Name the file and the type in errors about a state that does not fit."""
    try:
        yield
    except KeyError as error:
        raise ValueError(f"{path}: {name}: missing key {error}") from error
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {name}: {error}") from error


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to, and move it there once that succeeded."""
    target = Path(path).resolve()  # through a link, so that the link stays
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if target.exists() and not target.is_file():  # root could replace a device
        raise FileExistsError(f"{path}: exists, and is no regular file")
    # Our own name rather than tempfile's: its files are readable by their owner only, and stay so.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(target)
    except FileNotFoundError as error:
        if target.parent.is_dir():
            raise
        raise FileNotFoundError(f"{path}: no such directory: {target.parent}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _split(name: str, state: Mapping[str, Any]) -> _Parts:
    arrays: dict[str, Array] = {}
    spec: dict[str, Any] = {}
    for key, value in state.items():
        if isinstance(value, np.ndarray):
            # NOTE: safetensors writes the memory as it lies, so it must lie in C order.
            arrays[key] = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
        else:
            spec[key] = _encoded(name, key, value)
    return _Parts(name, spec, arrays)


def _encoded(name: str, key: str, value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return strict(value)
    raise TypeError(
        f"{name}: {key} is a {type(value).__name__}: a model file holds arrays and scalars only"
    )


def strict(value: object) -> object:
    """A scalar as strict JSON, which has no infinities: those become {"float": "inf"}."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def _decoded(key: str, value: object) -> object:
    if value in ({"float": "inf"}, {"float": "-inf"}, {"float": "nan"}):
        return float(cast(dict[str, str], value)["float"])
    if isinstance(value, dict | list):
        raise ValueError(f"{key} is no scalar")
    return value


def _read(path: str | os.PathLike[str]) -> _Parts:
    mode = Path(path).stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise ValueError(f"{path}: not a regular file")  # opening a pipe might wait for ever
    with open(path, "rb"):
        pass  # a missing or unreadable file is the system's error, in the system's words
    try:
        with safe_open(path, framework="numpy") as file:
            header = _header(path, file.metadata() or {})
            arrays: dict[str, Array] = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path}: not a safetensors file: {_brief(error)}") from error
    parts = _Parts(header["type"], header["spec"], arrays)
    try:
        digest = _digest(parts)
    except (ValueError, RecursionError) as error:  # such as 1e999, which only reads
        raise ValueError(f"{path}: its metadata are not JSON: {_brief(error)}") from error
    if header["sha256"] != digest:
        raise ValueError(f"{path}: hash mismatch: the file was damaged or edited")
    return parts


def _header(path: str | os.PathLike[str], metadata: Mapping[str, str]) -> dict[str, Any]:
    if FORMAT not in metadata:
        raise ValueError(f"{path}: a safetensors file, but no attractornet model")
    try:
        header = json.loads(metadata[FORMAT])
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: its metadata are not JSON: {_brief(error)}") from error
    expected = {"version": int, "type": str, "spec": dict, "sha256": str}
    for key, kind in expected.items():
        if not isinstance(header, dict) or not isinstance(header.get(key), kind):
            raise ValueError(f"{path}: missing key {key!r} in its metadata")
        if key == "version" and header[key] != VERSION:
            raise ValueError(f"{path}: model file version {header[key]}, expected {VERSION}")
    return dict(header)


def _brief(error: Exception) -> str:
    """An error's text in one short line: it may quote the file at length."""
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else text[:197] + "..."


def _digest(parts: _Parts) -> str:
    """SHA-256 over type, scalars and arrays; each item goes in behind its length."""
    digest = hashlib.sha256()

    def add(item: bytes) -> None:
        digest.update(len(item).to_bytes(8, "little"))
        digest.update(item)

    add(_json([FORMAT, VERSION, parts.type, parts.spec]).encode())
    for key, array in sorted(parts.arrays.items()):
        add(key.encode())
        add(f"{array.dtype.name} {array.shape}".encode())
        add(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)
