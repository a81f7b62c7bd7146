"""What a feedback network settles on, by the method of the core and in NumPy.

The decisions are those of analysis/classify.hpp, under the same names: windows after transients of
their own length, closure, weighted Birkhoff averages, leading exponents by a frame that is carried
along, spectral lines. It knows how the core decides, not whether that is right.

An orbit is a line of memory filled from the back, so that every register is a slice of it and
nothing is shifted. Steps are a Python loop of `w @ y`; all that is done to a window is vectorised.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .feedback import sech2

LONGEST_WINDOW, LAST_WINDOW = 1 << 20, 1 << 18
CLOSED = 1e-8  # of the extent: a return that closes the orbit
ENOUGH_DIGITS = 6.0
INTERVAL = 8  # steps of a sample of local growth
DELAYS = 64  # last values that together stand for a state
BLOCKS = 32
GOLDEN = 0.6180339887498949
EPSILON = np.finfo(float).eps
SMALLEST = np.finfo(float).tiny


@dataclass
class Classification:
    """Kind, and the evidence; the fields mean what they mean in the core."""

    kind: str = "undecided"
    period: float = 0.0
    torus_dimension: int = -1
    frequencies: np.ndarray = field(default_factory=lambda: np.empty(0))
    exponent: float = math.nan
    exponent_error: float = math.nan
    digits: float = 0.0
    recurrence: float = math.nan
    recurrence_lag: int = 0
    horizon: int = 0
    window: int = 0


def classify(
    w: np.ndarray,
    b: np.ndarray,
    initial: np.ndarray | None = None,
    horizon: int = 5_000_000,
    max_period: int = 10_000,
    seed: int = 0,
    orbit: type[Orbit] | None = None,
) -> Classification:
    """Classify the orbit of the network with input weights w (N, D) and output weights b (N,).

    Parameters
    ----------
    initial
        Register (D,), newest value first; None is the article's start.
    horizon, max_period
        Steps until the answer is chaotic or undecided, and the longest period looked for.
    seed
        Seed of the first tangent vectors, which are not those of the core.
    orbit
        Orbit, or one that steps faster.
    """
    if initial is None:
        initial = np.zeros(w.shape[1])
        initial[0] = np.sum(0.001 * b)
    start = (orbit or Orbit)(w, b, np.asarray(initial, dtype=float))
    return _Classifier(start, horizon, max_period, seed)()


class Orbit:
    """A network and its register y (D,), newest value first."""

    PIECE = 1 << 17  # steps a line of memory is made for

    def __init__(self, w: np.ndarray, b: np.ndarray, y: np.ndarray) -> None:
        self.w, self.b, self.y = w, b, y.copy()

    def record(self, steps: int) -> np.ndarray:
        """Advance and return the outputs (steps,)."""
        inputs = len(self.y)
        line = np.empty(steps + inputs)
        line[steps:] = self.y
        self.fill(line, steps)
        self.y = line[:inputs].copy()
        return line[:steps][::-1].copy()

    def fill(self, line: np.ndarray, steps: int) -> None:
        """Write the outputs from line[steps - 1] down to line[0]."""
        w, b, inputs = self.w, self.b, len(self.y)
        for t in range(steps - 1, -1, -1):
            line[t] = b @ np.tanh(w @ line[t + 1 : t + 1 + inputs])

    def advance(self, steps: int) -> None:
        """Advance without keeping the outputs."""
        for done in range(0, steps, self.PIECE):
            self.record(min(self.PIECE, steps - done))


# --- weighted Birkhoff averages -------------------------------------------------------------------


def birkhoff_weights(n: int) -> np.ndarray:
    """The weights of n values, which add up to 1."""
    u = (np.arange(n) + 0.5) / n
    weights = np.exp(-1.0 / (u * (1.0 - u)))
    return weights / weights.sum()


def birkhoff_average(values: np.ndarray) -> tuple[float, float]:
    """A time average, and how far those over the two halves are apart."""
    half = len(values) // 2
    weights = birkhoff_weights(half)
    apart = weights @ values[:half] - weights @ values[-half:]
    return float(birkhoff_weights(len(values)) @ values), float(abs(apart))


def birkhoff_digits(series: np.ndarray) -> float:
    """Decimal digits that averages of the series and its square share between the two halves."""
    centred = series - birkhoff_average(series)[0]
    _, first = birkhoff_average(centred)
    variance, second = birkhoff_average(centred * centred)
    if not variance > 0.0:
        return 16.0 if variance == 0.0 else 0.0
    apart = max(first / math.sqrt(variance), second / variance)
    return min(16.0, -math.log10(apart)) if apart > 0.0 else 16.0


# --- closure --------------------------------------------------------------------------------------


def return_distances(series: np.ndarray, most: int) -> np.ndarray:
    """How far the last values are from those 1, ..., `most` steps before."""
    most = min(most, len(series) - DELAYS)
    last = series[-DELAYS - most :]
    states = np.lib.stride_tricks.sliding_window_view(last, DELAYS)
    return np.max(np.abs(states[:-1] - states[-1]), axis=1)[::-1]


def least_period(series: np.ndarray, distances: np.ndarray, tolerance: float) -> int:
    """The least lag after which the second half of the series repeats itself; 0 if none does."""
    half = len(series) // 2
    for lag in np.flatnonzero(distances <= tolerance) + 1:
        if lag <= half and return_distance(series, lag) <= tolerance:
            return int(lag)
    return 0


def return_distance(series: np.ndarray, lag: int) -> float:
    """Largest |s_t - s_(t - lag)| over the second half."""
    first = len(series) - len(series) // 2
    return float(np.max(np.abs(series[first:] - series[first - lag : -lag])))


# --- exponents ------------------------------------------------------------------------------------


@dataclass
class WindowExponents:
    """Leading exponents per step over a window, as weighted Birkhoff averages (k,)."""

    values: np.ndarray
    spreads: np.ndarray
    mean: float  # of the first, unweighted
    standard_error: float
    steps: int

    def neutral_count(self) -> int:
        """How many of the leading exponents are 0 as far as can be told."""
        neutral = np.abs(self.values) <= self._tolerance()
        if self.sheared():
            neutral |= np.abs(self.values) <= self._shear()
        return int(np.argmin(neutral)) if not neutral.all() else len(neutral)

    def sheared(self) -> bool:
        """Whether tangent vectors grow like the time."""
        return bool(self._tolerance()[0] < self.values[0] <= self._shear())

    def clearly_positive(self) -> bool:
        """Whether the first is chaos."""
        return self.mean > 5.0 * self.standard_error and self.mean * self.steps > 20.0

    def _tolerance(self) -> np.ndarray:
        return 3.0 * self.spreads + 1e-6

    def _shear(self) -> float:
        return 2.0 * math.log(self.steps) / self.steps


def local_growth(
    w: np.ndarray, b: np.ndarray, y: np.ndarray, series: np.ndarray, k: int, settle: int, seed: int
) -> np.ndarray:
    """Logarithms of growth (samples, k) of an orthonormal frame along a recorded series.

    The first `settle` steps align the frame; a QR factorisation follows every `INTERVAL` steps.
    """
    inputs = len(y)
    frame, _ = np.linalg.qr(np.random.RandomState(seed).standard_normal((inputs, k)))
    if k == 1:
        frame = frame[:, 0]
    # A frame is a register of rows, so it has a line as well.
    line = np.empty((INTERVAL + inputs, *frame.shape[1:]))
    growth, align = [], settle // INTERVAL
    for sample, rows in enumerate(samples_of_gradients(w, b, y, series, settle % INTERVAL)):
        line[-inputs:] = frame
        for t in range(INTERVAL - 1, -1, -1):
            line[t] = rows[INTERVAL - 1 - t].dot(line[t + 1 : t + 1 + inputs])
        frame, logs = orthonormalise(line[:inputs])
        if sample >= align:
            growth.append(logs)
    return np.array(growth).reshape(-1, k)


def samples_of_gradients(
    w: np.ndarray, b: np.ndarray, y: np.ndarray, series: np.ndarray, skip: int
) -> Iterator[np.ndarray]:
    """Gradients (INTERVAL, D) of each sample in turn, made piece by piece to save memory."""
    line, piece = np.concatenate((y[::-1], series)), 2048 * INTERVAL
    end = skip + (len(series) - skip) // INTERVAL * INTERVAL
    for first in range(skip, end, piece):
        last = min(first + piece, end)
        rows = gradients(w, b, line[first : last + len(y) - 1])
        yield from rows.reshape(-1, INTERVAL, len(y))


def gradients(w: np.ndarray, b: np.ndarray, line: np.ndarray) -> np.ndarray:
    """First rows (steps, D) of the Jacobians at all registers along a line of outputs."""
    oldest_first = np.lib.stride_tricks.sliding_window_view(line, w.shape[1])
    return (b * sech2(oldest_first @ w[:, ::-1].T)) @ w


def orthonormalise(frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The frame made orthonormal, and the logarithms of how much each direction had grown."""
    if frame.ndim == 1:
        norm = math.sqrt(frame.dot(frame))
        return (frame / norm, math.log(norm)) if norm > 0.0 else (frame, -math.inf)
    frame, r = np.linalg.qr(frame)
    with np.errstate(divide="ignore"):
        return frame, np.log(np.abs(np.diag(r)))


def block_ends(steps: int) -> np.ndarray:
    """Where blocks of unequal length begin and end, so that none is in step with a rotation."""
    share, rest = divmod(steps, BLOCKS)
    b = np.arange(BLOCKS + 1)
    shift = 0.5 * (b * GOLDEN % 1.0 - 0.5)
    shift[[0, -1]] = 0.0
    return b * share + np.minimum(b, rest) + np.trunc(shift * share).astype(int)


def summarise(growth: np.ndarray) -> WindowExponents:
    """Averages of local growth (samples, k), and the error of the first from blocks."""
    steps = len(growth) * INTERVAL
    with np.errstate(invalid="ignore"):
        averages = np.array([birkhoff_average(column / INTERVAL) for column in growth.T])
    averages[~np.isfinite(averages[:, 0])] = (-math.inf, 0.0)
    ends = block_ends(len(growth))
    sums, lengths = np.add.reduceat(growth[:, 0], ends[:-1]), np.diff(ends) * INTERVAL
    mean, error = float(sums.sum() / steps), math.nan
    if math.isfinite(mean):
        square = np.sum((sums - mean * lengths) ** 2)
        error = math.sqrt(square * BLOCKS / (BLOCKS - 1)) / steps
    return WindowExponents(averages[:, 0], averages[:, 1], mean, error, steps)


# --- frequencies ----------------------------------------------------------------------------------


class SpectralLines:
    """The lines of a series, the strongest first."""

    def __init__(self, series: np.ndarray) -> None:
        self.whole = birkhoff_weights(len(series))
        self.half = birkhoff_weights(len(series) // 2)
        self.rest = series - self.whole @ series
        self.time = np.arange(len(series))

    def next(self) -> tuple[float, float]:
        """Frequency and amplitude of the strongest line left, which is then taken off."""
        half = len(self.half)
        frequency = self._strongest_bin()
        for _ in range(3):
            turns = np.exp(-2j * np.pi * frequency * self.time[: 2 * half])
            values = self.rest[: 2 * half] * turns
            first, second = self.half @ values[:half], self.half @ values[half:]
            frequency += np.angle(second * np.conj(first)) / (2.0 * np.pi * half)
        frequency = abs(frequency)
        alternating = 0.5 - frequency < 1.0 / half
        if alternating:
            frequency = 0.5
        turns = np.exp(-2j * np.pi * frequency * self.time)
        a = (1.0 if alternating else 2.0) * (self.whole @ (self.rest * turns))
        self.rest = self.rest - (a * np.conj(turns)).real
        return float(frequency), float(abs(a))

    def _strongest_bin(self) -> float:
        n = 1 << (len(self.rest).bit_length() - 1)
        weights = self.whole if n == len(self.whole) else birkhoff_weights(n)
        power = np.abs(np.fft.rfft(weights * self.rest[:n]))
        return (1 + np.argmax(power[1:])) / n


def is_combination(
    f: float, frequencies: list[float], unit: float, most: int, tolerance: float
) -> bool:
    """Whether f is a whole-number combination of the frequencies and of `unit`."""
    left = np.array([f])
    for frequency in frequencies:
        left = np.subtract.outer(left, np.arange(-most, most + 1) * frequency).ravel()
    return bool(np.any(np.abs(left - unit * np.rint(left / unit)) <= tolerance))


def least_denominator(f: float, most: int, tolerance: float) -> int:
    """The least q for which q f is a whole number; 0 where there is none."""
    q = np.arange(1, most + 1)
    fits = np.flatnonzero(np.abs(f - np.rint(f * q) / q) <= tolerance)
    return int(fits[0]) + 1 if len(fits) else 0


def independent_frequencies(series: np.ndarray, most: int) -> np.ndarray:
    """Up to `most` frequencies of which all strong lines are combinations."""
    factors, faint, most_pieces = (0, 80, 24, 8), 1e-7, 64
    lines, result, pieces, strongest = SpectralLines(series), [], 1, 0.0
    tolerance = 1e-3 / len(series)
    for _ in range(40):
        if len(result) == min(most, 4):
            break
        frequency, amplitude = lines.next()
        strongest = max(strongest, amplitude)
        if not amplitude > faint * strongest:
            break
        if is_combination(frequency, result, 1.0 / pieces, factors[len(result)], tolerance):
            continue
        if q := least_denominator(frequency, most_pieces, tolerance):
            pieces = math.lcm(pieces, q)
        else:
            result.append(frequency)
    return np.array(result)


# --- decisions ------------------------------------------------------------------------------------


class _Classifier:
    """See classify.hpp, whose order of members this keeps."""

    def __init__(self, orbit: Orbit, horizon: int, most: int, seed: int) -> None:
        self.orbit, self.w, self.b, self.seed = orbit, orbit.w, orbit.b, seed
        self.horizon, self.max_period = horizon, most
        self.result = Classification()
        self.watched, self.settled = 0, False
        self.lowest, self.highest = math.inf, -math.inf

    def __call__(self) -> Classification:
        self.record(min(256, self.horizon // 4))
        self.see_range()
        limit, window, chaos_seen = self.horizon, self.first_window(), False
        while True:
            self.advance(window)
            self.result.kind = self.look(window)
            self.result.horizon = self.watched
            # What is left, as a window and as long a transient.
            rest = (limit - self.watched) // 64 * 32
            over = rest < self.first_window() // 2
            if self.result.kind == "chaotic" and not over:
                window = min(LAST_WINDOW, rest)
                self.advance(limit - self.watched - 2 * window)
                chaos_seen = True
                continue
            if self.result.kind != "undecided" or self.settled:
                break
            if chaos_seen:  # it has just ended: what follows deserves a look of its own
                limit = self.watched + self.horizon // 2
                window, chaos_seen = self.first_window(), False
                continue
            if over:
                break
            window = min(2 * window, LONGEST_WINDOW, rest)
        return self.result

    def first_window(self) -> int:
        wanted = max(1 << 15, 3 * self.max_period)
        return min(wanted, (self.horizon - min(256, self.horizon // 4)) // 2) // 32 * 32

    def advance(self, steps: int) -> None:
        self.orbit.advance(max(0, steps))
        self.watched += max(0, steps)

    def record(self, steps: int) -> None:
        self.start = self.orbit.y
        self.series = self.orbit.record(steps)
        self.watched += steps

    def see_range(self) -> None:
        self.lowest = min(self.lowest, float(self.series.min()))
        self.highest = max(self.highest, float(self.series.max()))

    def look(self, window: int) -> str:
        """Watch a window and say what it speaks for."""
        self.record(window)
        result, series = self.result, self.series
        result.window = window
        if not (np.isfinite(series).all() and np.isfinite(self.orbit.y).all()):
            return "diverged"
        self.see_range()
        extent = float(np.ptp(series[window // 2 :]))
        # Below the normal numbers nothing is left but rounding.
        rounding = max(16.0 * EPSILON * max(abs(self.lowest), abs(self.highest)), SMALLEST)
        distances = return_distances(series, self.max_period)
        result.recurrence_lag = int(np.argmin(distances)) + 1
        result.recurrence = float(distances.min()) / extent if extent > 0.0 else math.nan
        result.period, result.torus_dimension, result.frequencies = 0.0, -1, np.empty(0)

        reach = self.highest - self.lowest
        if extent <= max(CLOSED * reach, rounding):
            result.recurrence = extent / reach if reach > 0.0 else 0.0
            return self.judge_cycle(1, extent)
        if period := least_period(series, distances, max(CLOSED * extent, rounding)):
            misses = return_distance(series, period)
            result.recurrence = misses / extent
            return self.judge_cycle(period, misses)
        result.digits = birkhoff_digits(series)
        return self.judge_torus() if result.digits >= ENOUGH_DIGITS else self.judge_chaos()

    def judge_cycle(self, period: int, distance: float) -> str:
        result = self.result
        result.digits, result.recurrence_lag = 16.0, period
        exponents = self.measure(1)
        if exponents.values[0] > 3.0 * exponents.spreads[0] + 1e-7:
            self.settled = distance == 0.0
            return "undecided"  # repeats itself, but is unstable there
        result.torus_dimension, result.period = 0, float(period)
        if period == 1:
            return "fixed point"
        line, _ = SpectralLines(self.last_part()).next()
        result.frequencies = np.array([np.rint(line * period) / period])
        return "periodic"

    def judge_torus(self) -> str:
        inputs = self.w.shape[1]
        k = min(2, inputs)
        while True:
            exponents = self.measure(k)
            neutral = exponents.neutral_count()
            if neutral < k or k == inputs:
                break
            k = min(2 * k, inputs)
        if exponents.clearly_positive():
            return "chaotic"  # in bands so narrow that averages agree
        known = np.all(exponents.spreads[:neutral] <= 1e-5) or exponents.sheared()
        if neutral == 0 or not known:
            return "undecided"
        frequencies = independent_frequencies(self.last_part(), min(neutral, 4))
        if len(frequencies) == 0:
            return "undecided"
        self.result.torus_dimension = min(neutral, len(frequencies)) if neutral <= 4 else neutral
        self.result.frequencies = frequencies
        return "quasiperiodic"

    def judge_chaos(self) -> str:
        return "chaotic" if self.measure(1).clearly_positive() else "undecided"

    def last_part(self) -> np.ndarray:
        return self.series[-(1 << 17) :]

    def measure(self, k: int) -> WindowExponents:
        settle = self.result.window // 4
        growth = local_growth(self.w, self.b, self.start, self.series, k, settle, self.seed)
        exponents = summarise(growth)
        regular = self.result.digits >= ENOUGH_DIGITS
        self.result.exponent = float(exponents.values[0]) if regular else exponents.mean
        self.result.exponent_error = (
            float(exponents.spreads[0]) if regular else exponents.standard_error
        )
        return exponents
