"""Arrays of a store for xarray, which reads what it needs of them when it needs it."""

from __future__ import annotations

from typing import Any

import numpy as np
from xarray.backends import BackendArray
from xarray.core import indexing

from attractornet._scan._axes import Array
from attractornet._scan._columns import Column
from attractornet._scan._sources import Source


class Lazy(BackendArray):
    """A column of a source."""

    def __init__(self, source: Source, column: Column, shape: tuple[int, ...]) -> None:
        self._source, self._column = source, column
        self.shape, self.dtype = shape, np.dtype(column.dtype)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Array:
        support = indexing.IndexingSupport.BASIC
        taken: Array = indexing.explicit_indexing_adapter(key, self.shape, support, self._taken)
        return taken

    def _taken(self, key: tuple[Any, ...]) -> Array:
        return self._source.part(self._column, key)
