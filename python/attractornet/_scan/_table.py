"""Results as a table of text, a row for each point."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from attractornet._scan._axes import Array
from attractornet._scan._columns import Column, names_of_values
from attractornet._scan._job import Job
from attractornet._scan._sources import Source


def write_csv(job: Job, source: Source, path: Path) -> None:
    """Write coordinates and columns, chunk by chunk."""
    varying = [*job.design._axes, *job.design.drawn]
    names = [name for column in job.results for name in names_of_values(column)]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*varying, *names])
        for chunk in source.tiles:
            points = job.typed(job.design._part(chunk.first, chunk.count))
            columns: list[Sequence[Any]] = [_texts(np.asarray(points[name])) for name in varying]
            for column in job.results:
                block = source.block(chunk.number, column).reshape(chunk.count, -1)
                columns += _of_column(column, block)
            writer.writerows(zip(*columns, strict=True))


def _of_column(column: Column, block: Array) -> Iterator[Sequence[Any]]:
    for values in block.T:
        if column.choices:
            yield [column.choices[code] if code >= 0 else "" for code in values]
        else:
            yield _texts(values)


def _texts(values: Array) -> Sequence[Any]:
    """Values whose text is the shortest that reads back as the same number."""
    return values.tolist() if values.dtype != np.float32 else [str(each) for each in values]
