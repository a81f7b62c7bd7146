"""Labels of feedback networks from very long runs: the oracle of any fast classifier.

    python tests/reference/long_runs.py [PATH]    # writes tests/data/feedback_labels.csv, or PATH

Each network is iterated for 5 10^6 steps from the article's start, with one tangent vector, and is
told by what the definitions say of the end of that run. It uses neither the fast core nor the
tricks of a fast classifier (weighted averages, QR, early ends): patience takes their place.

    fixed point    y_0 stays where it is
    periodic       y_0 comes back after p <= 10^4 steps, each time
    quasiperiodic  never comes back, but neighbours keep their distance
    chaotic        neighbours part exponentially
    unclear        none of these, or two judges disagree

Growth below is sum_t ln(|v_t| / |v_{t-1}|), the logarithm of what became of a tangent vector v; the
largest exponent is its mean per step. The rules, why they are what they are, and what was seen in
the 1000 networks of the table:

- **Closure.** |y_0(t) - y_0(t-p)| <= 1e-9 of the orbit's extent for each of the last 20 000 t. So
  many equal outputs fill the register over and over: the state itself comes back. Orbits that
  close do so to 2e-11 or better; the nearest miss of one that does not was 1.5e-6. A torus passes
  near its past too, but at its best lag by some 1e-5 of its extent.
- **One regime.** A chaotic transient may end within the window that the exponent is averaged over.
  The growth of a closed orbit has a standard error below 40 over the window; with the end of a
  transient in it, over 1700. The line is at 300; beyond it a network runs on.
- **Bounded growth.** On a smooth invariant torus the growth is, but for what it starts with, itself
  a quasi-periodic function of time, so it stays within a band however long the window: 5.2 at
  most, while the two weakest cases of anything else had 18 and 180. The band allowed is 10. An
  exponent of 0 is thus known to 10 / window (4e-6), since its error falls as 1 / T.
- **Twins.** The orbit is run once more from 1e-9 of its extent away, for a tenth of the run. This
  knows no tangent, so it would find a wrong derivative. Twins stayed within 5e-7 on tori, and in
  chaos parted to 4e-3 (a narrow band) or more. The line is at 1e-5.
- **Chaos.** Twins apart, growth of 100 over the window, and five standard errors from 0. Growth and
  not the exponent, since what tells chaos from a torus is how far it leaves the band.

What is unclear is run four times as long. No run can tell an orbit locked so weakly that its
exponent is within 10 / window of 0 from a torus, nor chaos from a transient that outlives the run.

Where the growth passed ln(2^53) on the way to an orbit that is not chaotic, one rounding was blown
up to the size of the attractor. With another library's tanh such a network may take another time
to settle, or settle elsewhere, and its label is to be read with that in mind (`transient`). With
the start moved by 1e-12 of itself, 11 of the 66 such networks got another label or period, or
settled much later, and 2 of the 110 chaotic ones left chaos within the run.

The weakest chaos is seed 596: growth of 66 in a million steps, kept up for 5 10^7 steps. The one
left unclear is seed 533: its growth creeps up, ever more slowly, by 50 in 5 10^7 steps, as on a
torus that is losing its smoothness.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

NEURONS, INPUTS = 4, 16
SCALES = (0.2, 0.4, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0, 6.0, 8.0)
SEEDS = range(1000)
TABLE = Path(__file__).parents[1] / "data" / "feedback_labels.csv"

STEPS = 5_000_000
LONGER = 20_000_000
CHUNK = 200  # networks at once: their weights stay in a core's cache

ROUND = 20  # steps between two normalisations of the tangent
SPAN = 1_000  # steps whose growth is kept as one number
RECORDED = 40  # spans at the end whose y_0 is kept
HELD = 20_000  # steps for which an orbit has to close
LONGEST = 10_000  # largest period looked for
BLOCKS = 50

CLOSED = 1e-9
NUDGE = 1e-9
PARTED = 1e-5
BAND = 10.0
CHAOS = 100.0
ERRORS = 5.0
MIXED = 300.0
ROUNDING = 53.0 * math.log(2.0)

TINY = 1e-250  # smaller values of y are 0: subnormal numbers are slow and say nothing here
FLOOR = 1e-290  # least length of a tangent, reached where sech^2 underflows


class Verdict(NamedTuple):
    """What is known of one network.

    `period` is 0 unless the orbit closes; `error` is one standard error of `exponent`;
    `transient` is the number of steps of a chaotic transient, 0 if there was none.
    """

    label: str
    period: int
    exponent: float
    error: float
    transient: int


class Window(NamedTuple):
    """Growth over the second half of a run: per step, its standard error, its band, its steps."""

    exponent: float
    error: float
    band: float
    steps: int


# --- iterating --------------------------------------------------------------------------------


def draw(
    seeds: Iterable[int],
    scales: Iterable[float],
    neurons: int = NEURONS,
    inputs: int = INPUTS,
) -> tuple[np.ndarray, np.ndarray]:
    """Weights w (M, N, D) in [-1, 1) and b (M, N) in [0, scale): w first, row by row, then b."""
    drawn = []
    for seed, scale in zip(seeds, scales, strict=True):
        stream = np.random.RandomState(seed)
        w = 2.0 * stream.random_sample((neurons, inputs)) - 1.0
        drawn.append((w, scale * stream.random_sample(neurons)))
    return np.array([w for w, _ in drawn]), np.array([b for _, b in drawn])


class Batch:
    """Orbits of M networks, each with one tangent vector, all advanced together.

    Outputs are written on a tape, oldest first, so that a register is D rows of it in a row and
    nothing is shifted; every ROUND steps the last D rows become the first. Networks lie along
    the last axis, orbit and tangent along the second: one product serves both.

    Parameters
    ----------
    w, b
        Weights (M, N, D) and (M, N).
    state
        Registers and tangents (D, 2, M), oldest row first; None is the article's start.
    """

    def __init__(self, w: np.ndarray, b: np.ndarray, state: np.ndarray | None = None) -> None:
        networks, neurons, inputs = w.shape
        self.weights = w, b
        self._w = np.ascontiguousarray(w.T[::-1, None])
        self._b = np.ascontiguousarray(b.T)
        self._fresh = np.random.RandomState(0).standard_normal((inputs, 1))
        self._tape = np.zeros((inputs + ROUND, 2, 1, networks))
        if state is None:
            self._tape[inputs - 1, 0, 0] = np.sum(0.001 * b, axis=1)
            self._tape[:inputs, 1, 0] = self._fresh
        else:
            self._tape[:inputs, :, 0] = state
        self._products = np.empty((inputs, 2, neurons, networks))
        self._sums = np.empty((2, neurons, networks))
        self._terms = np.empty((neurons, networks))

    @property
    def state(self) -> np.ndarray:
        """Registers and tangents (D, 2, M), a copy."""
        return self._tape[: len(self._w), :, 0].copy()

    def select(self, which: np.ndarray, nudge: np.ndarray | float = 0.0) -> Batch:
        """The same orbits, of these networks only, with `nudge` added to the newest output."""
        w, b = self.weights
        state = self.state[..., which]
        state[-1, 0] += nudge
        return Batch(w[which], b[which], state)

    def advance(self) -> tuple[np.ndarray, np.ndarray]:
        """Take ROUND steps: their y_0 (ROUND, M), and the growth (M,)."""
        inputs = len(self._w)
        with np.errstate(over="ignore"):  # cosh^2: its reciprocal is 0 then, as it should
            for k in range(ROUND):
                self._step(k)
        newest = self._tape[inputs:, 0, 0].copy()
        self._tape[:inputs] = self._tape[ROUND:]
        y, v = self._tape[:inputs, 0, 0], self._tape[:inputs, 1, 0]
        y[np.abs(y) < TINY] = 0.0
        return newest, self._normalise(v)

    def run(self, spans: int, record: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Growth by span (spans, M), and y_0 of the last `record` spans."""
        growth = np.zeros((spans, self._b.shape[1]))
        kept = [np.empty((0, self._b.shape[1]))]
        for span in range(spans):
            for _ in range(SPAN // ROUND):
                newest, logs = self.advance()
                growth[span] += logs
                if span >= spans - record:
                    kept.append(newest)
        return growth, np.concatenate(kept)

    def _step(self, k: int) -> None:
        """Write y_0 = sum_i b_i tanh u_i and v_0 = sum_i b_i (w_i . v) / cosh^2 u_i.

        1 / cosh^2 rather than 1 - tanh^2, which cancels to 0 once |u| > 19.
        """
        end, x, (u, slope) = k + len(self._w), self._terms, self._sums
        np.multiply(self._w, self._tape[k:end], out=self._products)
        np.add.reduce(self._products, axis=0, out=self._sums)
        np.tanh(u, out=x)
        np.multiply(self._b, x, out=x)
        np.add.reduce(x, axis=0, out=self._tape[end, 0, 0])
        np.cosh(u, out=x)
        np.multiply(x, x, out=x)
        np.divide(slope, x, out=x)
        np.multiply(self._b, x, out=x)
        np.add.reduce(x, axis=0, out=self._tape[end, 1, 0])

    def _normalise(self, v: np.ndarray) -> np.ndarray:
        """Scale tangents (D, M) to largest component 1; ln of what they were."""
        length = np.max(np.abs(v), axis=0)
        lost = length < FLOOR
        if lost.any():
            v[:, lost] = FLOOR * self._fresh
            length[lost] = FLOOR
        v /= length
        return np.log(length)


# --- measuring --------------------------------------------------------------------------------


def period(y0: np.ndarray, bound: float) -> int:
    """Smallest p <= LONGEST with y_0(t) = y_0(t-p) for the last HELD t, 0 if there is none.

    `bound` is a size that y_0 cannot pass; an orbit that moves by less than CLOSED of it is
    at rest.
    """
    last = y0[-HELD:]
    extent = np.ptp(last)
    if extent <= CLOSED * bound:
        return 1
    past = y0[-2 : -2 - LONGEST : -1]
    for p in 1 + np.flatnonzero(np.abs(y0[-1] - past) <= CLOSED * extent):
        if np.max(np.abs(last - y0[-HELD - p : -p])) <= CLOSED * extent:
            return int(p)
    return 0


def windows(growth: np.ndarray) -> list[Window]:
    """The second half of a run by its growth (spans, M), for each network.

    The error is the scatter of up to 50 blocks. Their lengths vary, by up to a half: equal blocks
    may keep time with a rotation and then all err alike.
    """
    late = growth[len(growth) // 2 :]
    spans, blocks = len(late), max(2, min(BLOCKS, len(late) // 8))
    jitter = np.random.RandomState(1).uniform(-0.25, 0.25, blocks)
    jitter[0] = 0.0
    starts = np.round((np.arange(blocks) + jitter) * spans / blocks).astype(int)
    lengths = np.diff(starts, append=spans)
    mean = late.mean(axis=0)
    excess = np.add.reduceat(late, starts, axis=0) - lengths[:, None] * mean
    error = np.sqrt(blocks / (blocks - 1) * np.sum(excess**2, axis=0)) / spans
    band = np.ptp(np.cumsum(late, axis=0), axis=0)
    return [
        Window(*row, spans * SPAN) for row in np.column_stack((mean / SPAN, error / SPAN, band))
    ]


def separation(batch: Batch, extent: np.ndarray, spans: int) -> np.ndarray:
    """Largest distance to a twin started NUDGE away, both in units of the extent."""
    every = np.arange(len(extent))
    one, other = batch.select(every), batch.select(every, NUDGE * extent)
    largest = np.zeros(len(extent))
    for _ in range(spans * SPAN // ROUND):
        apart = np.abs(one.advance()[0] - other.advance()[0])
        np.maximum(largest, np.max(apart, axis=0), out=largest)
    return largest / extent


def transient(growth: np.ndarray) -> int:
    """Steps until the growth (spans,) is within BAND of its highest, if that passed ROUNDING."""
    sums = np.cumsum(growth)
    highest = np.max(sums)
    return SPAN * int(np.argmax(sums > highest - BAND) + 1) if highest > ROUNDING else 0


# --- judging ----------------------------------------------------------------------------------


def label(closes: int, window: Window, apart: float) -> str:
    """The label by period (0: none), growth over the window, and the twins' distance."""
    total, error = window.exponent * window.steps, window.error * window.steps
    if closes:
        if error > MIXED:
            return "unclear"
        return "fixed point" if closes == 1 else "periodic"
    if apart > PARTED and total > max(CHAOS, ERRORS * error):
        return "chaotic"
    if apart <= PARTED and window.band <= BAND:
        return "quasiperiodic"
    return "unclear"


def judge(batch: Batch, growth: np.ndarray, y0: np.ndarray) -> list[Verdict]:
    """Verdicts on networks at the end of a run, by all its growth and its last y_0."""
    bounds = np.sum(np.abs(batch.weights[1]), axis=1)
    periods = np.array([period(*pair) for pair in zip(y0.T, bounds, strict=True)])
    apart = np.zeros(len(periods))
    if np.any(unclosed := periods == 0):
        extent = np.ptp(y0[-HELD:, unclosed], axis=0)
        apart[unclosed] = separation(batch.select(unclosed), extent, len(growth) // 10)
    verdicts = []
    for m, window in enumerate(windows(growth)):
        name = label(periods[m], window, apart[m])
        wandered = 0 if name == "chaotic" else transient(growth[:, m])
        exponent, error, *_ = window
        verdicts.append(Verdict(name, int(periods[m]), exponent, error, wandered))
    return verdicts


def classify(
    w: np.ndarray, b: np.ndarray, steps: int = STEPS, longer: int = LONGER
) -> list[Verdict]:
    """Verdicts on the networks w (M, N, D), b (M, N) after `steps`; the unclear after `longer`."""
    batch = Batch(w, b)
    growth, y0 = batch.run(steps // SPAN, RECORDED)
    verdicts = judge(batch, growth, y0)
    unclear = np.array([verdict.label == "unclear" for verdict in verdicts])
    if longer > steps and np.any(unclear):
        batch = batch.select(unclear)
        more, y0 = batch.run((longer - steps) // SPAN, RECORDED)
        again = judge(batch, np.concatenate((growth[:, unclear], more)), y0)
        for m, verdict in zip(np.flatnonzero(unclear), again, strict=True):
            verdicts[m] = verdict
    return verdicts


# --- the table --------------------------------------------------------------------------------

HEADER = f"""\
# Feedback networks of {NEURONS} hidden units and {INPUTS} inputs, uniform ensemble drawn by NumPy's
# RandomState(seed), run for {STEPS} steps from the article's start; the unclear, {LONGER}.
# Made by `python tests/reference/long_runs.py` (half an hour), where the rules are told.
# period: 0 unless the orbit closes. exponent: the largest, per step, over the second half of the
# run; error: its standard error. transient: steps of a chaotic transient, 0 if there was none;
# rounding decides where and when such networks settle, so other code may rightly differ there,
# as it may on how long chaos lasts.
"""


def read(path: Path = TABLE) -> list[tuple[int, float, Verdict]]:
    """Rows (seed, scale, verdict) of a table."""
    with open(path, newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [(int(r["seed"]), float(r["scale"]), _verdict(r)) for r in rows]


def _verdict(row: dict[str, str]) -> Verdict:
    kinds = {"label": str, "period": int, "exponent": float, "error": float, "transient": int}
    return Verdict(**{name: kind(row[name]) for name, kind in kinds.items()})


def write(rows: Iterable[tuple[int, float, Verdict]], path: Path = TABLE) -> None:
    """Write a table."""
    lines = [",".join(("seed", "scale", *Verdict._fields))]
    for seed, scale, v in rows:
        numbers = f"{v.period},{v.exponent:.4e},{v.error:.1e},{v.transient}"
        lines.append(f"{seed},{scale},{v.label},{numbers}")
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + "\n".join(lines) + "\n")


def main(arguments: Sequence[str]) -> None:
    """Classify SEEDS, chunk by chunk, and write the table after each chunk."""
    path = Path(*arguments) if arguments else TABLE
    rows = []
    for start in range(0, len(SEEDS), CHUNK):
        some = SEEDS[start : start + CHUNK]
        scales = [SCALES[seed % len(SCALES)] for seed in some]
        rows += zip(some, scales, classify(*draw(some, scales)), strict=True)
        write(rows, path)
        print(f"{len(rows)} of {len(SEEDS)} networks", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
