"""Arguments of functions written in Python, refused in the core's words: function, argument, value
and what is allowed.
"""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

# As in the core: characters of a value that an error shows, and items that its repr may take.
_MOST, _MOST_ITEMS = 60, 1000


def refuse(kind: type[Exception], where: str, value: object, expected: str) -> NoReturn:
    """Raise "function: argument = value: expected what"; `where` is "function: argument"."""
    raise kind(f"{where} = {shown(value)}: expected {expected}") from None


def shown(value: object) -> str:
    """The value's repr on one short line, or its type where repr fails or would take long."""
    if isinstance(value, list | tuple | dict | set | frozenset | str | bytes):
        count = len(value)
        if count > _MOST_ITEMS:
            return f"<{type(value).__name__} of length {count}>"
    try:
        text = repr(value)
    except Exception:
        return f"<{type(value).__name__}>"
    text = " ".join(text.split("\n"))
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."


def whole(where: str, value: object, least: int | None = None) -> int:
    """An integer, from `least` on."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # for which there is the except
    except TypeError:
        refuse(TypeError, where, value, "an integer")
    if isinstance(value, bool):
        refuse(TypeError, where, value, "an integer")
    if not -(2**63) <= number < 2**63:
        refuse(ValueError, where, value, "an integer of 64 bits")
    if least is not None and number < least:
        refuse(ValueError, where, value, f"a value in [{least}, inf)")
    return number


def real(
    where: str, value: object, least: float, most: float = math.inf, *, above: bool = False
) -> float:
    """A finite number within bounds; `above` leaves the least one out."""
    if isinstance(value, bool | np.bool_ | str | bytes | bytearray):
        refuse(TypeError, where, value, "a number")
    try:
        number = float(value)  # type: ignore[arg-type]  # for which there is the except
    except (TypeError, ValueError):
        refuse(TypeError, where, value, "a number")
    except OverflowError:
        refuse(ValueError, where, value, "a number that a double can hold")
    inside = least < number if above else least <= number
    if not (inside and number <= most and math.isfinite(number)):
        start, end = "(" if above else "[", ")" if math.isinf(most) else "]"
        refuse(ValueError, where, value, f"a value in {start}{least:g}, {most:g}{end}")
    return number


def text(where: str, value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        refuse(TypeError, where, value, "a string")
    return value


def path(where: str, value: object) -> Path:
    """A path that a file system can have."""
    try:
        name = os.fspath(value)  # type: ignore[call-overload]  # for which there is the except
    except TypeError:
        refuse(TypeError, where, value, "a path")
    if not isinstance(name, str):
        refuse(TypeError, where, value, "a path that is a string")
    try:
        fine = bool(name) and b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        fine = False
    if not fine:
        refuse(ValueError, where, value, "a path")
    return Path(name)


def flag(where: str, value: object, expected: str = "True or False") -> bool:
    """True or False, as of Python or of NumPy."""
    if type(value).__name__ not in ("bool", "bool_"):
        refuse(TypeError, where, value, expected)
    return bool(value)


def progress(where: str, value: object) -> bool | Callable[[int, int], object]:
    """True, False, or what is told progress(done, total)."""
    return value if callable(value) else flag(where, value, "True, False or a callable")


def pair(where: str, values: Any, read: Callable[[str, object], T]) -> tuple[T, T]:
    """Two values, each read on its own."""
    try:
        first, second = values
    except (TypeError, ValueError):
        refuse(TypeError, where, values, "a pair")
    return read(where, first), read(where, second)


def choice(where: str, value: object, choices: Sequence[str]) -> str:
    """One of these strings."""
    expected = "one of " + ", ".join(repr(each) for each in choices)
    if not isinstance(value, str):
        refuse(TypeError, where, value, expected)
    if value not in choices:
        refuse(ValueError, where, value, expected)
    return str(value)


def array(where: str, value: Any, expected: str) -> NDArray[Any]:
    """What NumPy makes an array of, of any kind and shape."""
    try:
        return np.asarray(value)
    except MemoryError:
        refuse(MemoryError, where, value, expected)
    except (TypeError, ValueError) as error:
        refuse(TypeError if isinstance(error, TypeError) else ValueError, where, value, expected)


def numbers(where: str, value: Any, expected: str) -> NDArray[Any]:
    """An array of real numbers, of any shape."""
    values = array(where, value, expected)
    if values.dtype.kind not in "fiu":
        refuse(TypeError, where, value, expected)
    return values


@contextmanager
def calling(where: str) -> Iterator[None]:
    """Name the function that handed arguments on in what is said of them."""
    try:
        yield
    except (TypeError, ValueError, MemoryError) as error:
        raise type(error)(f"{where}: {error}") from error


def expect_memory(where: str, what: str, numbers: int, size: int = 8) -> None:
    """Refuse what is more than a result may take: what is made of it would not fit either.

    `size` is that of a number, in bytes.
    """
    from attractornet._core import info  # here: this module is imported before the core is needed

    if size * numbers > info()["memory_limit"]:
        raise MemoryError(
            f"{where}: {what}: {numbers} numbers are more than the memory limit "
            "(environment: ATTRACTORNET_MEMORY_LIMIT)"
        )
