"""How often networks are chaotic, and how often still so after a longer wait.

    PYTHONPATH=tests python tests/python/late_chaos.py    # writes tests/data/chaos_counts_late.csv

The counts of tests/data/chaos_counts.csv, by the core, after transients of several lengths.
"""

from pathlib import Path
from typing import NamedTuple

from reference import scan as reference
from reference.scan import Counts

import attractornet as an

TABLE = Path(__file__).parents[1] / "data" / "chaos_counts_late.csv"
DISCARDS = (reference.DISCARD, 100_000, 2_000_000)
HEADER = f"""\
# How many of {len(reference.SEEDS)} feedback networks are chaotic/neutral/stable, as in
# chaos_counts.csv, with other numbers of steps discarded. Made by
# `python tests/python/late_chaos.py` (three minutes), by a core that has fma.
"""


class Row(NamedTuple):
    """Networks of one shape and scale; counts[i] after DISCARDS[i] steps."""

    neurons: int
    inputs: int
    scale: float
    counts: tuple[Counts, ...]


def count(neurons: int, inputs: int, scale: float, discard: int) -> Counts:
    grid = an.Grid(seed=reference.SEEDS, neurons=neurons, inputs=inputs, scale=scale)
    options = {"steps": reference.STEPS, "discard": discard}
    found = an.scan(an.FeedbackNetwork, grid, ["exponent"], **options)
    return reference.count(reference.sides(found["exponent"]))


def tabulate() -> list[Row]:
    cells = [(cell.neurons, cell.inputs, cell.scale) for cell in reference.read()]
    return [Row(*cell, tuple(count(*cell, discard) for discard in DISCARDS)) for cell in cells]


def write(rows: list[Row]) -> None:
    lines = [",".join(["neurons", "inputs", "scale", *(f"after_{n}" for n in DISCARDS)])]
    for row in rows:
        counts = ("/".join(map(str, each)) for each in row.counts)
        lines.append(",".join([*map(str, row[:3]), *counts]))
    TABLE.write_text(HEADER + "\n".join(lines) + "\n")


def read() -> list[Row]:
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    rows = []
    for line in lines[1:]:
        neurons, inputs, scale, *counts = line.split(",")
        parsed = tuple(Counts(*map(int, each.split("/"))) for each in counts)
        rows.append(Row(int(neurons), int(inputs), float(scale), parsed))
    return rows


if __name__ == "__main__":
    write(tabulate())
