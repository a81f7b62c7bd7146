"""What tells one measuring function from another, in this process and in the next."""

from __future__ import annotations

import dis
import functools
import hashlib
from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

_PLAIN = (type(None), bool, int, float, complex, str, bytes)


def identity(value: object) -> Any:
    """Equal for equal values and for functions of the same code; in types of JSON.

    A function is its name, its code, its defaults, what it encloses, and the global values that it
    uses: functions of its own module as they are, all others and modules and classes by their name.
    """
    return _of(value, ())


def _of(value: object, above: tuple[int, ...]) -> Any:
    if isinstance(value, _PLAIN):
        return repr(value)
    if id(value) in above:  # a function may enclose itself
        return "itself"
    above = (*above, id(value))
    if isinstance(value, FunctionType):
        return _of_function(value, above)
    if isinstance(value, MethodType):
        return ["method", _of(value.__func__, above), _of(value.__self__, above)]
    if isinstance(value, functools.partial):
        return ["partial", *(_of(each, above) for each in (value.func, value.args, value.keywords))]
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, type | BuiltinFunctionType):
        return _path(value)
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(_of(each, above) for each in value)]
    if isinstance(value, set | frozenset):  # whose order is another one in every process
        return ["set", *sorted(str(_of(each, above)) for each in value)]
    if isinstance(value, dict):
        return ["dict", *([_of(key, above), _of(each, above)] for key, each in value.items())]
    return _of_object(value, above)


def _of_function(function: FunctionType, above: tuple[int, ...]) -> Any:
    names = sorted(set(_global_names(function.__code__)) & function.__globals__.keys())
    used = {name: function.__globals__[name] for name in names}
    return {
        "function": _path(function),
        "code": _of_code(function.__code__),
        "defaults": _of([function.__defaults__, function.__kwdefaults__], above),
        "encloses": _of([cell.cell_contents for cell in function.__closure__ or ()], above),
        "globals": {
            name: _path(each) if _is_foreign(each, function.__module__) else _of(each, above)
            for name, each in used.items()
        },
    }


def _global_names(code: CodeType) -> Iterator[str]:
    for each in dis.get_instructions(code):
        if each.opname == "LOAD_GLOBAL":
            yield each.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)


def _is_foreign(value: object, module: str) -> bool:
    return isinstance(value, FunctionType) and value.__module__ != module


def _path(named: Any) -> str:
    return f"{named.__module__}.{named.__qualname__}"


def _of_code(code: CodeType) -> str:
    """A hash of what the code does; where it stands in its file does not matter."""
    digest = hashlib.sha256(code.co_code)
    constants = [
        _of_code(each) if isinstance(each, CodeType) else identity(each) for each in code.co_consts
    ]
    digest.update(repr([code.co_names, code.co_varnames, code.co_flags, constants]).encode())
    return digest.hexdigest()


def _of_object(value: object, above: tuple[int, ...]) -> Any:
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, np.ndarray) and value.dtype != object:
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()
        return [name, value.dtype.str, list(value.shape), digest]
    if isinstance(value, np.generic):
        return [name, repr(value)]
    call = getattr(type(value), "__call__", None)  # noqa: B004  # its code, not whether it is there
    code = _of_code(call.__code__) if isinstance(call, FunctionType) else None
    try:
        state = _of(value.__getstate__(), above)
    except (TypeError, RecursionError):
        state = None  # such as of a lock, or of an object without end: its type must do
    return [name, getattr(value, "__name__", None), code, state]
