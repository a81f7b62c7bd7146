"""Scans of feedback networks in NumPy: many networks at once, a row of each array a network.

    python tests/reference/scan.py [PATH]    # writes tests/data/chaos_counts.csv, or PATH

The networks are those of `feedback.py`, iterated together from the article's start. A scan drops
`discard` steps and watches the `steps` after them. Of these it measures

    final state    where the last one leads
    occupied       share of 100 x 100 cells of (x_1, x_2) in [-1, 1]^2 that they lead to
    exponent       mean of ln(|J(y) v| / |v|), y where a step begins; v, a tangent, is carried along
                   and scaled to length 1 at every step, the dropped ones included

The exponent of so many steps proves nothing of what comes after them: chaos may be a transient,
and on a torus the mean only creeps towards 0.

How often there is chaos (`chaos_counts`) is asked of 60 networks a shape and scale: 6000 steps are
dropped and 10 000 watched, and an exponent beyond 0.002 counts as chaos, one below -0.002 as
stable, the rest as neutral. Such a count is not a property of the networks alone. Within 16 000
steps many a chaotic transient ends, or has just not ended yet, and where it does is decided by the
last bits; so the table also tells how the counts change when the starts are nudged by 1e-12 of
themselves, and which networks do not keep to one side.
"""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

if __package__:
    from .feedback import FeedbackNetwork, sech2
else:  # run as a script
    from feedback import FeedbackNetwork, sech2

CELLS = 100  # along each side of the square of (x_1, x_2)

SHAPES = ((4, 4), (4, 8), (4, 32), (4, 64), (8, 4), (8, 8), (8, 16), (8, 64))
SCALES = (0.5, 1.0, 2.0, 4.0, 8.0)
SEEDS = range(10_000, 10_060)
DISCARD, STEPS, THRESHOLD = 6_000, 10_000, 0.002


class Scan(NamedTuple):
    """Measures of P networks: final state (P, D), occupied (P,), exponent (P,)."""

    final_state: np.ndarray
    occupied: np.ndarray
    exponent: np.ndarray


class Counts(NamedTuple):
    """How many networks are chaotic, neutral and stable by their largest exponent."""

    chaotic: int
    neutral: int
    stable: int


# --- iterating and measuring ------------------------------------------------------------------


def draw(
    seeds: Iterable[int], scales: Iterable[float], neurons: int, inputs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Weights w (P, N, D) and b (P, N) of one network for each pair of seed and scale."""
    pairs = zip(seeds, scales, strict=True)
    nets = [FeedbackNetwork.random(neurons, inputs, scale, seed) for seed, scale in pairs]
    return np.array([net.w for net in nets]), np.array([net.b for net in nets])


def start(b: np.ndarray, inputs: int) -> np.ndarray:
    """Registers (P, D) after the first iteration from x = 0.001, y = 0."""
    y = np.zeros((len(b), inputs))
    y[:, 0] = np.sum(b * 0.001, axis=1)
    return y


def drive(w: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What reaches the hidden units, u_i = sum_j w_ij y_j: (P, N)."""
    return (w @ y[:, :, None])[:, :, 0]


def push(newest: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Registers (P, D) with `newest` (P,) in front and the oldest values gone."""
    return np.concatenate((newest[:, None], y[:, :-1]), axis=1)


def normalised(v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows scaled to length 1, but for those of length 0; and the lengths that they had."""
    length = np.linalg.norm(v, axis=1)
    return v / np.where(length > 0.0, length, 1.0)[:, None], length


def cells(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which cells (x_1, x_2) lie in; the last ones also hold what is rounded to 1."""
    place = np.floor(0.5 * CELLS * (x[:, :2].T + 1.0)).astype(int)
    first, second = np.minimum(place, CELLS - 1)
    return first, second


def scan(
    w: np.ndarray, b: np.ndarray, steps: int, discard: int = 0, initial: np.ndarray | None = None
) -> Scan:
    """Measure the networks w (P, N, D), b (P, N), of two hidden units or more.

    Parameters
    ----------
    w, b
        Weights.
    steps, discard
        Steps that are watched, and steps before them.
    initial
        Where each network begins (P, D); None is `start`.

    Notes
    -----
    All networks begin with the same tangent, drawn at random. One that is mapped to 0 stays 0, and
    the exponent is -inf.
    """
    networks, _, inputs = w.shape
    y = start(b, inputs) if initial is None else np.asarray(initial, dtype=float)
    tangent = np.random.RandomState(0).standard_normal(inputs)
    v, _ = normalised(np.tile(tangent, (networks, 1)))
    u = drive(w, y)
    growth = np.zeros(networks)
    entered = np.zeros((networks, CELLS, CELLS), dtype=bool)
    for t in range(discard + steps):
        v, length = normalised(push(np.sum(b * sech2(u) * drive(w, v), axis=1), v))
        y = push(np.sum(b * np.tanh(u), axis=1), y)
        u = drive(w, y)
        if t >= discard:
            with np.errstate(divide="ignore"):
                growth += np.log(length)
            entered[np.arange(networks), *cells(np.tanh(u))] = True
    return Scan(y, entered.mean(axis=(1, 2)), growth / steps)


# --- how often there is chaos -----------------------------------------------------------------


def exponents(
    neurons: int,
    inputs: int,
    scales: Sequence[float],
    seeds: Sequence[int] = SEEDS,
    discard: int = DISCARD,
    steps: int = STEPS,
    nudge: float = 0.0,
    stream: int = 0,
) -> np.ndarray:
    """Largest exponents (scales, seeds) of a shape.

    Parameters
    ----------
    nudge, stream
        The starts are multiplied by 1 + nudge z, z normal from RandomState(stream).
    """
    pairs = list(itertools.product(scales, seeds))
    w, b = draw([seed for _, seed in pairs], [scale for scale, _ in pairs], neurons, inputs)
    z = np.random.RandomState(stream).standard_normal((len(b), 1))
    nudged = start(b, inputs) * (1.0 + nudge * z)
    return scan(w, b, steps, discard, nudged).exponent.reshape(len(scales), len(seeds))


def sides(exponents: np.ndarray, threshold: float = THRESHOLD) -> np.ndarray:
    """1 where chaotic, 0 where neutral, -1 where stable."""
    return (exponents > threshold).astype(int) - (exponents < -threshold).astype(int)


def count(sides: np.ndarray) -> Counts:
    """Number of networks on each side."""
    return Counts(*(int(np.count_nonzero(sides == side)) for side in (1, 0, -1)))


def chaos_counts(
    neurons: int,
    inputs: int,
    scale: float,
    seeds: Sequence[int] = SEEDS,
    discard: int = DISCARD,
    steps: int = STEPS,
    threshold: float = THRESHOLD,
) -> Counts:
    """Count chaotic, neutral and stable networks of a shape and scale, one a seed."""
    return count(sides(exponents(neurons, inputs, [scale], seeds, discard, steps), threshold))


# --- the table --------------------------------------------------------------------------------

TABLE = Path(__file__).parents[1] / "data" / "chaos_counts.csv"
RUNS, NUDGE = 20, 1e-12
APART = 2  # networks by which two counts may differ without being marked

# The same counts by an independent program, which rounds in other ways; scales in columns.
EARLIER = {
    (4, 4): "0/7/53 0/24/36 0/31/29 9/11/40 10/1/49",
    (4, 8): "0/21/39 1/32/27 5/27/28 10/6/44 4/1/55",
    (4, 32): "0/53/7 9/41/10 20/23/17 21/13/26 17/5/38",
    (4, 64): "2/54/4 20/33/7 27/15/18 36/2/22 36/4/20",
    (8, 4): "0/12/48 0/28/32 6/22/32 22/6/32 16/2/42",
    (8, 8): "0/42/18 6/31/23 12/10/38 16/4/40 8/1/51",
    (8, 16): "2/48/10 16/27/17 28/8/24 32/2/26 22/2/36",
    (8, 64): "16/41/3 41/14/5 48/6/6 54/3/3 50/2/8",
}


class Cell(NamedTuple):
    """A row of the table: its networks, three counts of them, and the seeds that make trouble.

    `least` and `most` are the extremes of the counts over RUNS runs with nudged starts, each of
    the three by itself. `marginal` are the seeds that do not keep to one side although their
    exponents stay within twice the threshold of one another, `wandering` those that change more.
    """

    neurons: int
    inputs: int
    scale: float
    counts: Counts
    earlier: Counts
    least: Counts
    most: Counts
    marginal: tuple[int, ...]
    wandering: tuple[int, ...]

    @property
    def apart(self) -> bool:
        """Whether a count differs from the earlier one by more than APART networks."""
        pairs = zip(self.counts, self.earlier, strict=True)
        return max(abs(a - b) for a, b in pairs) > APART


def tabulate(neurons: int, inputs: int) -> list[Cell]:
    """Rows of a shape, one a scale: a run from the article's start, then RUNS nudged ones."""
    nudges = ((0.0, 0), *((NUDGE, stream) for stream in range(RUNS)))
    runs = [exponents(neurons, inputs, SCALES, nudge=n, stream=s) for n, s in nudges]
    rows = []
    earlier = EARLIER[neurons, inputs].split()
    for scale, text, found in zip(SCALES, earlier, np.stack(runs, axis=1), strict=True):
        which = sides(found)
        counts = [count(run) for run in which]
        changing = np.ptp(which, axis=0) > 0
        far = np.ptp(found, axis=0) > 2.0 * THRESHOLD
        rows.append(
            Cell(
                neurons,
                inputs,
                scale,
                counts[0],
                Counts(*map(int, text.split("/"))),
                Counts(*map(min, zip(*counts, strict=True))),
                Counts(*map(max, zip(*counts, strict=True))),
                tuple(np.array(SEEDS)[changing & ~far].tolist()),
                tuple(np.array(SEEDS)[changing & far].tolist()),
            )
        )
    return rows


HEADER = f"""\
# How many of {len(SEEDS)} feedback networks (seeds {SEEDS[0]} to {SEEDS[-1]}, uniform ensemble drawn by NumPy's
# RandomState(seed), from the article's start) are chaotic/neutral/stable: largest exponent beyond
# {THRESHOLD}, within it of 0, below; {STEPS} steps after {DISCARD}.
# Made by `python tests/reference/scan.py` (four minutes), where the method is told.
# earlier: the same by an independent program. apart: yes where a count differs by more than {APART}.
# least, most: extremes of each count over {RUNS} more runs whose starts are nudged by {NUDGE:g} of themselves.
# marginal, wandering: seeds that are not on one side in all {RUNS + 1} runs. The exponents of the marginal
# lie within {2 * THRESHOLD} of one another; those of the wandering do not, since rounding decides when a
# chaotic transient ends or where the orbit settles.
"""  # noqa: E501


def write(rows: Iterable[Cell], path: Path = TABLE) -> None:
    """Write a table."""
    lines = ["neurons,inputs,scale,counts,earlier,apart,least,most,marginal,wandering"]
    for row in rows:
        counts, earlier, least, most = ("/".join(map(str, c)) for c in row[3:7])
        marginal, wandering = (" ".join(map(str, seeds)) for seeds in row[7:])
        shown = (*row[:3], counts, earlier, "yes" if row.apart else "no", least, most)
        lines.append(",".join(map(str, (*shown, marginal, wandering))))
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + "\n".join(lines) + "\n")


def read(path: Path = TABLE) -> list[Cell]:
    """Rows of a table."""

    def counts(text: str) -> Counts:
        return Counts(*map(int, text.split("/")))

    def seeds(text: str) -> tuple[int, ...]:
        return tuple(map(int, text.split()))

    with open(path, newline="") as file:
        return [
            Cell(
                int(r["neurons"]),
                int(r["inputs"]),
                float(r["scale"]),
                *(counts(r[name]) for name in ("counts", "earlier", "least", "most")),
                seeds(r["marginal"]),
                seeds(r["wandering"]),
            )
            for r in csv.DictReader(line for line in file if not line.startswith("#"))
        ]


def main(arguments: Sequence[str]) -> None:
    """Count the networks of all shapes, and write the table after each."""
    path = Path(*arguments) if arguments else TABLE
    rows = []
    for shape in SHAPES:
        rows += tabulate(*shape)
        write(rows, path)
        print(f"N = {shape[0]}, D = {shape[1]} done", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
