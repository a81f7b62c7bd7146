"""Where work is done: on the CPU, or on a CUDA device by a module that not every build has."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Literal, cast, get_args

from attractornet import _check
from attractornet._core import BackendUnavailable

Device = Literal["cpu", "cuda"]
Products = Literal["float32", "tf32x3", "tf32"]


def read(where: str, device: object) -> Device:
    """The device of a function's argument, if this build and this machine have it."""
    if _check.choice(f"{where}: device", device, ("cpu", "cuda")) == "cpu":
        return "cpu"
    backend(where).devices()
    return "cuda"


def products(where: str, device: Device, value: object) -> Products:
    """How a device multiplies matrices; the CPU does it in one way."""
    choice = _check.choice(f"{where}: products", value, get_args(Products))
    if device == "cpu" and choice != "float32":
        _check.refuse(ValueError, f"{where}: products", value, "'float32', where device = 'cpu'")
    return cast(Products, choice)


def backend(where: str) -> ModuleType:
    """The compiled functions for CUDA devices, which have the names of the core's."""
    try:
        return import_module("attractornet._cuda")
    except ImportError as error:
        raise BackendUnavailable(
            f"{where}: device = 'cuda': this build has no CUDA backend; where nvcc 12 or later is, "
            "pip install from the sources with -C cmake.define.ATTRACTORNET_CUDA=ON"
        ) from error


def found() -> str:
    """The devices of this machine, or why there are none."""
    try:
        return ", ".join(backend("info").devices())
    except BackendUnavailable as error:
        return str(error).split(";")[0].removeprefix("info: device = 'cuda': ")
