"""Threads change how long a call takes, and nothing else."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

import attractornet as an

CHAOTIC = an.feedback.CONTRAST.network()
STARTS = np.random.RandomState(2).uniform(-1.0, 1.0, (13, 16))
TASKS = Path("/proc/self/task")


def running():
    """Threads of this process, as the system counts them."""
    return len(list(TASKS.iterdir()))


def at_rest():
    """The same outside of calls: the system counts a thread a moment longer than `join` does."""
    counts = [running()]
    while len(counts) < 5 or len(set(counts[-5:])) > 1:
        time.sleep(0.02)
        counts.append(running())
    return counts[-1]


# --- the same bits --------------------------------------------------------------------------------


@pytest.mark.parametrize("observe", ["x", "y0", "y"])
@pytest.mark.parametrize("threads", [2, 3, 8, 100])
def test_batches_have_the_same_bits_on_any_number_of_threads(threads, observe):
    # Long enough for a chaotic orbit to blow any difference up to the size of the attractor.
    options = {"discard": 3_000, "initial": STARTS, "observe": observe}
    one = CHAOTIC.trajectory(500, threads=1, **options)
    assert np.all(np.isfinite(one))
    assert CHAOTIC.trajectory(500, threads=threads, **options).tobytes() == one.tobytes()


def test_batches_have_the_bits_of_single_calls():
    batch = CHAOTIC.trajectory(500, discard=3_000, initial=STARTS, threads=3)
    for row, start in zip(batch, STARTS, strict=True):
        assert CHAOTIC.trajectory(500, discard=3_000, initial=start).tobytes() == row.tobytes()


def test_calls_from_several_python_threads_have_the_same_bits():
    expected = CHAOTIC.trajectory(2_000, discard=20_000)
    spectrum = an.lyapunov_spectrum(CHAOTIC, steps=20_000).exponents
    results = []

    def work():
        orbit = CHAOTIC.trajectory(2_000, discard=20_000)
        results.append((orbit, an.lyapunov_spectrum(CHAOTIC, steps=20_000).exponents))

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(results) == 6
    for orbit, exponents in results:
        assert orbit.tobytes() == expected.tobytes()
        assert exponents.tobytes() == spectrum.tobytes()


# --- how many -------------------------------------------------------------------------------------


class Enough(Exception):
    """Ends a call that has told what was asked."""


def threads_of(**options):
    """How many threads a batch starts, counted while it runs."""
    before, counts = at_rest(), []

    def count(done, total):
        counts.append(running() - before)
        if len(counts) == 3:
            raise Enough

    with pytest.raises(Enough):
        CHAOTIC.trajectory(1, discard=10**12, initial=STARTS[:6], progress=count, **options)
    # They end with the call, also with one that failed.
    assert at_rest() == before
    return max(counts)


@pytest.fixture
def unset(monkeypatch):
    monkeypatch.delenv("ATTRACTORNET_NUM_THREADS", raising=False)
    return monkeypatch


needs_proc = pytest.mark.skipif(not TASKS.is_dir(), reason="counts threads as Linux does")


@needs_proc
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_argument_is_obeyed(unset, count):
    assert threads_of(threads=count) == count


@needs_proc
def test_there_are_no_more_threads_than_orbits(unset):
    assert threads_of(threads=64) == 6


@needs_proc
def test_the_environment_is_obeyed_and_the_argument_wins(unset):
    unset.setenv("ATTRACTORNET_NUM_THREADS", "3")
    assert threads_of() == 3
    assert threads_of(threads=None) == 3
    assert threads_of(threads=4) == 4


@needs_proc
def test_without_either_all_hardware_threads_are_used(unset):
    assert threads_of() == min(6, an.info()["threads"])


@needs_proc
def test_single_orbits_and_spectra_start_no_threads(unset):
    before, counts = at_rest(), []

    def count(done, total):
        counts.append(running())

    CHAOTIC.trajectory(100, discard=200_000, threads=8, progress=count)
    an.lyapunov_spectrum(CHAOTIC, steps=20_000, progress=count)
    assert set(counts) == {before}


# --- progress of a batch --------------------------------------------------------------------------


@pytest.mark.parametrize("initial", [None, STARTS[0], STARTS], ids=["start", "one", "batch"])
def test_progress_is_told_rising_steps_up_to_the_total(initial):
    told = []
    CHAOTIC.trajectory(
        1_000, discard=50_000, initial=initial, progress=lambda *args: told.append(args)
    )
    done, totals = zip(*told, strict=True)
    orbits = 1 if initial is None else len(np.atleast_2d(initial))
    assert set(totals) == {51_000 * orbits}
    assert list(done) == sorted(done)
    assert done[-1] == 51_000 * orbits


def test_a_short_run_reports_its_end():
    told = []
    CHAOTIC.trajectory(3, progress=lambda *args: told.append(args))
    assert told[-1] == (3, 3)


# --- Python goes on -------------------------------------------------------------------------------


class Pulse:
    """A Python thread that notes when it runs."""

    def __enter__(self):
        self.times, self.ended = [], threading.Event()
        self.thread = threading.Thread(target=self.beat)
        self.thread.start()
        while not self.times:
            time.sleep(0.001)
        return self

    def beat(self):
        while not self.ended.is_set():
            self.times.append(time.perf_counter())
            time.sleep(0.001)

    def __exit__(self, *exc):
        self.ended.set()
        self.thread.join()

    def longest_pause(self, start, stop):
        inside = [t for t in self.times if start < t < stop]
        return float(np.max(np.diff([start, *inside, stop])))


def test_long_calls_let_other_threads_run():
    calls = [
        lambda: CHAOTIC.trajectory(100, discard=15_000_000),
        lambda: CHAOTIC.trajectory(100, discard=5_000_000, initial=STARTS[:4], threads=2),
        lambda: an.lyapunov_spectrum(CHAOTIC, steps=1_000_000),
        lambda: an.FeedbackNetwork.random(inputs=500).origin(),
    ]
    with Pulse() as pulse:
        for call in calls:
            start = time.perf_counter()
            call()
            stop = time.perf_counter()
            assert stop - start > 0.05
            # A beat takes a millisecond; but another process may hold the core for a while.
            assert pulse.longest_pause(start, stop) < 0.5 * (stop - start)


LARGE = 2048


@pytest.fixture(scope="module")
def large():
    """A network whose single step takes milliseconds."""
    return an.FeedbackNetwork.random(neurons=LARGE, inputs=LARGE, scale=0.01)


@pytest.mark.parametrize("name", ["random", "init", "step", "hidden", "jacobian", "jvp", "vjp"])
def test_every_call_over_a_millisecond_lets_other_threads_run(large, name):
    y, many = np.full(LARGE, 0.01), np.ones((LARGE, 40))
    calls = {
        "random": lambda: an.FeedbackNetwork.random(neurons=LARGE, inputs=LARGE),
        "init": lambda: an.FeedbackNetwork(large.w, large.b),
        "step": lambda: large.step(y),
        "hidden": lambda: large.hidden(y),
        "jacobian": lambda: large.jacobian(y),
        "jvp": lambda: large.jvp(y, many),
        "vjp": lambda: large.vjp(y, y),
    }
    starts, stops = [], []
    with Pulse() as pulse:
        for _ in range(8):
            starts.append(time.perf_counter())
            calls[name]()
            stops.append(time.perf_counter())
    busy = np.sum(np.subtract(stops, starts))
    assert busy > 8e-3
    calls = zip(starts, stops, strict=True)
    beats = sum(start < t < stop for start, stop in calls for t in pulse.times)
    # A quarter of what a free thread beats; one that waits for the lock gets one beat a call.
    assert beats > 0.25 * busy / 1.2e-3
