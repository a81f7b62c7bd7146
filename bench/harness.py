"""What all benchmarks share: paired timing, rows of a result, the machine, and where they are kept.

Time is CPU time of the process (`duel`). On one core it equals wall time on an idle machine, loses
little on a busy one, and would count every thread of a rival or of ours. What uses several cores is
measured in wall time (`contest`), with CPU time beside it: on a busy machine that tells what the
cores would have done had they been free.
"""

from __future__ import annotations

import importlib.metadata
import json
import multiprocessing
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
PACKAGES = (
    "attractornet",
    "numpy",
    "numba",
    "hopfieldnetwork",
    "scipy",
    "pynamicalsys",
    "mpmath",
    "jax",
    "torch",
    "neurolib",
    "zarr",
    "distributed",
)


@dataclass(frozen=True)
class Effort:
    """How long to measure: the pairs of a duel, and what the work is divided by in a smoke run."""

    pairs: int = 11
    shrink: int = 1

    def of(self, work: int) -> int:
        """Work (steps, samples) left of a full run's `work`."""
        return max(1, work // self.shrink)


FULL = Effort()
QUICK = Effort(pairs=3, shrink=20)


@dataclass(frozen=True)
class Spread:
    """Smallest, middle and largest of repeated measurements."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Spread of `values`."""
        ordered = sorted(values)
        return cls(ordered[0], statistics.median(ordered), ordered[-1])

    def scaled(self, factor: float) -> Spread:
        """The same in another unit."""
        return Spread(self.low * factor, self.median * factor, self.high * factor)

    def __format__(self, spec: str) -> str:
        """Median, then the two ends in brackets."""
        low, median, high = (format(x, spec) for x in (self.low, self.median, self.high))
        return median if low == high else f"{median} ({low}-{high})"


@dataclass(frozen=True)
class Side:
    """One party of a duel: a call, and how many units of work (steps, elements) one call does."""

    name: str
    call: Callable[[], object]
    work: int


@dataclass(frozen=True)
class Duel:
    """Throughputs (work per second) of both sides, and ours over theirs pair by pair."""

    against: str
    ours: Spread
    rival: Spread
    ratio: Spread

    def in_words(self, prefix: str = "M") -> str:
        """Both throughputs, in millions ("M") or thousands ("k") of units a second."""
        factor = {"k": 1e-3, "M": 1e-6}[prefix]
        ours, rival = (f"{side.scaled(factor):.4g}" for side in (self.ours, self.rival))
        return f"{ours} {prefix}/s against {rival} {prefix}/s of {self.against}"


@dataclass(frozen=True)
class Row:
    """One measured quantity and the goal it has to reach (None: printed for information).

    `next_goal` is the mark after the goal, `at_most` says that small is good; `detail` and `duel`
    are what lies behind the number.
    """

    what: str
    unit: str
    value: Spread
    goal: float | None = None
    next_goal: float | None = None
    at_most: bool = False
    detail: str = ""
    duel: Duel | None = None

    @classmethod
    def of(
        cls, what: str, duel: Duel, goal: float | None = None, next_goal: float | None = None
    ) -> Row:
        """How many times as fast as its rival a duel found us."""
        return cls(what, "x", duel.ratio, goal, next_goal, detail=duel.in_words(), duel=duel)

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the goal."""
        if self.goal is None:
            return None
        middle = self.value.median
        return middle <= self.goal if self.at_most else middle >= self.goal


def rate(side: Side) -> float:
    """Throughput of one call."""
    begin = time.process_time()
    side.call()
    return side.work / (time.process_time() - begin)


def duel(ours: Side, rival: Side, pairs: int) -> Duel:
    """Time both sides in turn, `pairs` times, after one call each that does not count."""
    ours.call()
    rival.call()
    measured = [(rate(ours), rate(rival)) for _ in range(pairs)]
    return Duel(
        against=rival.name,
        ours=Spread.of(a for a, _ in measured),
        rival=Spread.of(b for _, b in measured),
        ratio=Spread.of(a / b for a, b in measured),
    )


def fastest(sides: Sequence[Side], rounds: int = 5) -> Side:
    """The side with the highest median throughput, all taken in turn `rounds` times."""
    for side in sides:
        side.call()
    rates = [[rate(side) for side in sides] for _ in range(rounds)]
    medians = [statistics.median(column) for column in zip(*rates, strict=True)]
    return sides[medians.index(max(medians))]


@dataclass(frozen=True)
class Clocks:
    """Seconds that a call took, by the clock on the wall and by all threads together."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Timed:
    """One party of a contest: a call that does `work` and tells its own times."""

    name: str
    call: Callable[[], Clocks]
    work: int


def clocked(call: Callable[[], object]) -> Clocks:
    """Times of a call in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Clocks(time.perf_counter() - wall, time.process_time() - cpu)


def here(name: str, call: Callable[[], object], work: int) -> Timed:
    """A party whose call runs in this process."""
    return Timed(name, lambda: clocked(call), work)


def contest(ours: Timed, rival: Timed, pairs: int, prefix: str = "M") -> tuple[Duel, str]:
    """Time both in turn after a call each that does not count: by the wall, and in words."""
    ours.call()
    rival.call()
    taken = [(ours.call(), rival.call()) for _ in range(pairs)]
    result = Duel(
        against=rival.name,
        ours=Spread.of(ours.work / a.wall for a, _ in taken),
        rival=Spread.of(rival.work / b.wall for _, b in taken),
        ratio=Spread.of(ours.work / a.wall * b.wall / rival.work for a, b in taken),
    )
    cpu = Spread.of(ours.work / a.cpu * b.cpu / rival.work for a, b in taken)
    return result, f"{result.in_words(prefix)}; per second of CPU time {cpu:.3g} x"


def two_processes(call: Callable[[], object], work: int, pairs: int) -> Duel:
    """Two processes, which share nothing, against one: what the machine has to give.

    Each makes a picklable call that does `work`.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as first, ProcessPoolExecutor(1, context) as second:

        def there(*pools: ProcessPoolExecutor) -> None:
            for part in [pool.submit(call) for pool in pools]:
                part.result()

        two = here("two processes", partial(there, first, second), 2 * work)
        one = here("one process", partial(there, first), work)
        return contest(two, one, pairs, "k")[0]


def agree(what: str, error: float, tolerance: float) -> None:
    """Stop the benchmark where two sides do not compute the same thing."""
    if not error <= tolerance:  # also catches NaN
        raise AssertionError(f"{what}: differs by {error:.3g}, allowed {tolerance:.3g}")


def agree_in_the_mean(what: str, ours: np.ndarray, theirs: np.ndarray, bias: float = 0.0) -> None:
    """Compare means of what chance or chaos makes differ, case by case from the same start.

    Allowed are five standard errors of the mean difference, and a known `bias`.
    """
    difference = np.subtract(ours, theirs, dtype=float)
    error = np.std(difference, ddof=1) / np.sqrt(len(difference))
    agree(what, float(abs(np.mean(difference))), float(5.0 * error + bias))


def machine() -> dict[str, object]:
    """Processor, versions and instruction-set level: what a reader needs to judge a number."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "level": level(),
        "versions": versions,
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def _cpu_model() -> str:
    """Name, family and model: in a virtual machine the name alone may say little."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or "unknown"
    pairs = re.findall(r"^([^\t\n]+?)\s*: (.*)$", info.read_text(), flags=re.MULTILINE)
    first = dict(reversed(pairs))
    name = first.get("model name", "unknown")
    return f"{name} (family {first.get('cpu family')}, model {first.get('model')})"


def level() -> str:
    """Instruction-set level that the package loaded, such as "v4", as its `info()` tells it."""
    import attractornet as an

    texts = (value for value in an.info().values() if isinstance(value, str))
    found = (re.fullmatch(r"(?:x86-64-)?(v[2-4]|generic)", text) for text in texts)
    return next((match[1] for match in found if match), "unknown")


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table: goal beside what was reached."""
    heading = "| measurement | goal | reached (least-most) | met | detail |"
    lines = [heading, "|---|---|---|---|---|"]
    for row in rows:
        met = {None: "-", True: "yes", False: "**no**"}[row.met]
        reached = f"{row.value:.3g} {row.unit}"
        lines.append(f"| {row.what} | {_goal(row)} | {reached} | {met} | {row.detail} |")
    return "\n".join(lines)


def _goal(row: Row) -> str:
    if row.goal is None:
        return "-"
    bound = f"{'<=' if row.at_most else '>='} {row.goal:g} {row.unit}"
    return bound if row.next_goal is None else f"{bound}, next {row.next_goal:g}"


def save(name: str, rows: Sequence[Row], where: dict[str, object]) -> None:
    """Write results/NAME.json and put the table into the README between NAME's markers."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    result = {"name": name, "machine": where, "rows": [{**asdict(r), "met": r.met} for r in rows]}
    text = json.dumps(result, indent=2) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    readme = HERE / "README.md"
    opening, closing = f"<!-- result {name} -->", f"<!-- end {name} -->"
    before, rest = readme.read_text(encoding="utf-8").split(opening)
    after = rest.split(closing)[1]
    filled = f"{opening}\n{in_words(where)}\n\n{table(rows)}\n{closing}"
    readme.write_text(before + filled + after, encoding="utf-8")


def in_words(where: dict[str, object]) -> str:
    """The machine in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    start = "{date}, {cpu}, {cores} cores, level {level}, {system}, Python {python}"
    return f"{start.format(**where)}, {versions}."
