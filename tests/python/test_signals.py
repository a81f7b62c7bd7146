"""Ctrl-C ends long work at once, other signals do not disturb it, and progress may stop it."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import attractornet as an

# Seconds from the signal to the caller's `except`; more for an instrumented core, which is slow.
LATEST = 0.2 * float(os.environ.get("ATTRACTORNET_TEST_PATIENCE", "1"))

# Runs in a process of its own, which a Python thread interrupts. That thread notes the time, so
# that neither the start of the process nor its end is measured.
SCRIPT = """
import os, signal, threading, time
import numpy as np
import attractornet as an

# A shell's background jobs ignore Ctrl-C, and so would their children.
signal.signal(signal.SIGINT, signal.default_int_handler)
random = an.FeedbackNetwork.random
net = {network}
sent = []

def interrupt():
    time.sleep(0.25)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)

for _ in range({rounds}):
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        {call}
        print("finished before it was interrupted")
    except KeyboardInterrupt:
        print(time.perf_counter() - sent[-1])
    thread.join()
"""


def answers(network, call, rounds=1):
    """Seconds that each of `rounds` calls took to answer Ctrl-C, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(network=network, call=call, rounds=rounds)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [float(line) for line in done.stdout.splitlines()]


SMALL, LARGE = "random(inputs=32)", "random(neurons=2048, inputs=2048, scale=0.01)"
CHAOTIC, FLOW = "an.feedback.CONTRAST.network()", "an.textbook.Lorenz()"
POINTS = "random(inputs=32).trajectory(1_000_000)"
MEMORY = "an.HopfieldNetwork.store(np.random.default_rng(0).choice([-1, 1], ({}, {})))"
LONG = "steps=10**12"  # weeks
HOT = "temperature=1.0, max_sweeps=10**9"
UNSEEN = "1, discard=10**12"

WORK = {
    "spectrum": (SMALL, f"an.lyapunov_spectrum(net, {LONG})"),
    "spectrum, settling": (SMALL, "an.lyapunov_spectrum(net, discard=10**12)"),
    "spectrum, one of many": (LARGE, f"an.lyapunov_spectrum(net, {LONG}, k=1)"),
    "spectrum, wide": ("random(inputs=1000)", f"an.lyapunov_spectrum(net, {LONG})"),
    # Here the first frame alone takes seconds.
    "spectrum, wider": ("random(inputs=2500)", f"an.lyapunov_spectrum(net, {LONG})"),
    "spectrum, long": ("random(inputs=2**18)", f"an.lyapunov_spectrum(net, {LONG}, k=1)"),
    "spectrum, told": (SMALL, f"an.lyapunov_spectrum(net, {LONG}, progress=lambda *_: None)"),
    "trajectory": (SMALL, f"net.trajectory({UNSEEN})"),
    "trajectory, kept": (SMALL, "net.trajectory(60_000_000, observe='y0')"),
    "trajectory, large": (LARGE, f"net.trajectory({UNSEEN})"),
    "trajectory, large, kept": (LARGE, "net.trajectory(20_000, observe='y0')"),
    "batch": (SMALL, f"net.trajectory({UNSEEN}, initial=np.zeros((5, 32)), threads=3)"),
    "batch, one thread": (SMALL, f"net.trajectory({UNSEEN}, initial=np.zeros((5, 32)), threads=1)"),
    "batch, large": (LARGE, f"net.trajectory({UNSEEN}, initial=np.zeros((3, 2048)), threads=2)"),
    "origin": ("random(inputs=800)", "net.origin()"),
    "classify": (CHAOTIC, "an.classify(net, horizon=10**12)"),
    "classify, large": (LARGE, "an.classify(net, horizon=10**12)"),
    "classify, long periods": (CHAOTIC, "an.classify(net, horizon=10**12, max_period=2**18)"),
    "attractors": (CHAOTIC, "an.attractors(net, np.zeros((9, 16)), discard=10**11)"),
    "attractors, classifying": (CHAOTIC, "an.attractors(net, np.ones((9, 16)), horizon=10**12)"),
    "attractors, many": (SMALL, "an.attractors(net, np.random.normal(size=(100_000, 32)))"),
    "basins": (CHAOTIC, "an.basins(net, [0.1, 0.2], [0.1, 0.2], discard=10**11)"),
    "integrate": (FLOW, "an.integrate(net, 1e12, max_steps=10**9)"),
    "sampled flow": (FLOW, "an.lyapunov_spectrum(an.Discretised(net, 0.01), steps=10**12)"),
    "sampled with a tolerance": (
        FLOW,
        "an.Discretised(net, 100.0, scheme='dormand_prince', rtol=1e-12).trajectory(10**6)",
    ),
    "training": (
        "an.learn.WilsonCowanModel.plant(10, 100)",
        "an.learn.train(net, np.ones((400, 100)), np.arange(400) % 10, epochs=10**6)",
    ),
    "an epoch": (
        "an.learn.WilsonCowanModel.plant(10, 784, 'spectral').coupling",
        "an.learn.train_epoch(net, np.ones((9, 784)), np.zeros(9, int), np.ones((2, 784)), "
        "np.zeros(90_000, int), np.ones((450, 3)), scale=0.04)",
    ),
    "recall": (MEMORY.format(5, 1000), f"net.recall(np.ones(1000), {HOT})"),
    "recall, one thread": (
        MEMORY.format(5, 1000),
        f"net.recall(np.ones((9, 1000)), {HOT}, threads=1)",
    ),
    "recall, threads": (
        MEMORY.format(5, 1000),
        f"net.recall(np.ones((9, 1000)), {HOT}, threads=3)",
    ),
    "recall, all at once": (
        MEMORY.format(5, 1000),
        f"net.recall(np.ones(1000), {HOT}, update='synchronous')",
    ),
    "recall, large": (MEMORY.format(40, 200_000), f"net.recall(np.ones(200_000), {HOT})"),
    "recall, many": (
        f"({MEMORY.format(50, 1000)}, np.ones((200_000, 1000), np.int8))",
        "net[0].recall(net[1])",  # NumPy itself may take long for so much memory
    ),
    "correlation dimension": (POINTS, "an.correlation_dimension(net)"),
    "correlation dimension, one thread": (POINTS, "an.correlation_dimension(net, threads=1)"),
    "0-1 test": (POINTS, "an.zero_one_test(net[:, 0])"),
    "recurrence": (POINTS, "an.recurrence(net)"),
}


@pytest.mark.parametrize(("network", "call"), WORK.values(), ids=WORK.keys())
def test_ctrl_c_is_answered_at_once(network, call):
    (answer,) = answers(network, call)
    assert answer < LATEST


def test_an_interrupted_call_can_be_made_again():
    batch = f"net.trajectory({UNSEEN}, initial=np.zeros((5, 32)), threads=3)"
    times = answers(SMALL, batch, rounds=3)
    assert len(times) == 3
    assert max(times) < LATEST


def test_handlers_run_during_a_call_and_do_not_disturb_it():
    """As a profiler or an alarm clock does."""
    net = an.feedback.CONTRAST.network()
    expected = an.lyapunov_spectrum(net, steps=1_000_000).exponents
    calls = []
    before = signal.signal(signal.SIGALRM, lambda *_: calls.append(time.perf_counter()))
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    try:
        start = time.perf_counter()
        exponents = an.lyapunov_spectrum(net, steps=1_000_000).exponents
        stop = time.perf_counter()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert np.array_equal(exponents, expected)
    assert sum(start < t < stop for t in calls) >= 2


def test_a_handler_that_raises_ends_the_call():
    class Alarm(Exception):
        pass

    def ring(*_):
        raise Alarm

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    start = time.perf_counter()
    try:
        with pytest.raises(Alarm):
            an.feedback.CONTRAST.network().trajectory(1, discard=10**12)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert time.perf_counter() - start < 0.05 + LATEST


# --- progress -------------------------------------------------------------------------------------


class Stop(Exception):
    """What a progress function of these tests raises."""


def stop(done, total):
    raise Stop(done, total)


PROGRESS = {
    "spectrum": lambda net, tell: an.lyapunov_spectrum(net, steps=10**12, progress=tell),
    "trajectory": lambda net, tell: net.trajectory(1, discard=10**12, progress=tell),
    "batch": lambda net, tell: net.trajectory(
        1, discard=10**12, initial=np.zeros((5, 16)), threads=3, progress=tell
    ),
}


@pytest.mark.parametrize("run", PROGRESS.values(), ids=PROGRESS.keys())
@pytest.mark.parametrize("kind", [Stop, KeyboardInterrupt, SystemExit, StopIteration])
def test_what_progress_raises_reaches_the_caller(run, kind):
    net, threads = an.feedback.CONTRAST.network(), threading.active_count()
    error = kind("from progress")

    def tell(done, total):
        raise error

    with pytest.raises(kind) as caught:
        run(net, tell)
    assert caught.value is error
    assert threading.active_count() == threads
    # Nothing is left behind: the network and the next call are as before.
    fresh = an.feedback.CONTRAST.network()
    assert np.array_equal(net.trajectory(50), fresh.trajectory(50))


@pytest.mark.parametrize("run", PROGRESS.values(), ids=PROGRESS.keys())
def test_progress_may_stop_the_work_when_it_likes(run):
    told = []

    def tell(done, total):
        told.append(done)
        if len(told) == 4:
            raise Stop

    start = time.perf_counter()
    with pytest.raises(Stop):
        run(an.feedback.CONTRAST.network(), tell)
    assert len(told) == 4
    assert told == sorted(told)
    assert time.perf_counter() - start < 2.0


def test_what_progress_raises_at_the_very_end_counts_too():
    def tell(done, total):
        if done == total:
            raise Stop

    with pytest.raises(Stop):
        an.lyapunov_spectrum(an.feedback.CONTRAST.network(), steps=100, progress=tell)


def test_progress_of_the_wrong_shape_is_pythons_own_error():
    with pytest.raises(TypeError, match="positional argument"):
        an.feedback.CONTRAST.network().trajectory(5, progress=lambda: None)
