"""Packages that only some scans need, and what to install where one is missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXTRAS = {"distributed": "dask"}  # all others are in "scan"


def require(package: str, what: str) -> Any:
    """The package, or an ImportError that names the extra; `what` needs it."""
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        extra = _EXTRAS.get(package, "scan")
        raise ImportError(f"{what} needs {package}: pip install 'attractornet[{extra}]'") from error
