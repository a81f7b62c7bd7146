"""Memory that runs out in the core: a MemoryError, nothing lost, and the next call works.

The n-th allocation of a call fails, for each n that there is, in a process of its own.
"""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from public_api import INSTANCES, PUBLIC

HERE = Path(__file__).parent
MOST = 2_000  # allocations of a call, of which each in turn fails

# What draws uses Matplotlib's own C++ code, whose allocations fail as well.
CALLS = [name for name in PUBLIC if not name.startswith("plot.")]


def pickled(make):
    """The object's pickle, or None."""
    try:
        return pickle.dumps(make())
    except (TypeError, pickle.PicklingError):
        return None


PICKLES = [name for name, make in INSTANCES.items() if pickled(make)]

SCRIPT = """
import ctypes, gc, json, mmap, os, sys
from pathlib import Path

sys.path.insert(0, {here!r})
from public_api import INSTANCES, PUBLIC, bits, right
import attractornet._core
import pickle

preloaded = ctypes.CDLL(None)
preloaded.fail_live.restype = ctypes.c_long
preloaded.fail_watch.argtypes = [ctypes.c_size_t] * 2
for line in Path("/proc/self/maps").read_text().splitlines():
    addresses, permissions, *_, file = line.split()
    if "x" in permissions and file == attractornet._core.__file__:
        preloaded.fail_watch(*(int(address, 16) for address in addresses.split("-")))


def told(call, n):
    # Whether an allocation failed, the error's name, and the result.
    preloaded.fail_at(ctypes.c_long(n), {all})
    try:
        result = call()
    except BaseException as error:
        return preloaded.fail_off(), type(error).__name__, None
    return preloaded.fail_off(), None, result


def lost(before):
    # Allocations that were not there before.
    if preloaded.fail_live() != before:
        gc.collect()
    return preloaded.fail_live() - before


def faults(call, first, reached):
    expected = bits(call())
    for n in range(first, {most} + 1):
        reached[:8] = n.to_bytes(8, "little")
        before = preloaded.fail_live()
        failed, error, result = told(call, n)
        if error is None and bits(result) != expected:
            yield n, "another result"
        del result
        if not failed:
            yield from () if error is None else [(n, error)]
            break
        if error not in (None, "MemoryError"):
            yield n, error
        if (many := lost(before)) > 0:
            yield n, f"{{many}} allocations lost"
        before = preloaded.fail_live()
        if bits(call()) != expected:
            yield n, "the next call has another result"
        if (many := lost(before)) > 0:
            yield n, f"{{many}} allocations lost by the call after it"
    yield n - 1, "calls"


def in_child(name, call, first, reached):
    # Reports the faults, and answers with the number that was reached and with the exit status.
    child = os.fork()
    if child == 0:
        for n, what in faults(call, first, reached):
            print(json.dumps([name, n, what]), flush=True)
        os._exit(0)
    return os.waitpid(child, 0)[1], int.from_bytes(reached[:8], "little")


gc.disable()
gc.freeze()
reached = mmap.mmap(-1, 8)


def called(name):
    public, arguments = PUBLIC[name], right(PUBLIC[name], Path.cwd())
    return lambda: public.call(arguments)


def unpickled(name):
    content = pickle.dumps(INSTANCES[name]())
    return lambda: pickle.loads(content)


calls = [(name, called, name) for name in {calls!r}]
calls += [(f"pickled {{name}}", unpickled, name) for name in {pickles!r}]
for name, make, of in calls:
    call = make(of)
    call()
    status, n = in_child(name, call, 1, reached)
    while status:
        print(json.dumps([name, n, f"died of {{status}}"]), flush=True)
        status, n = in_child(name, call, n + 1, reached)
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """The library that lets allocations fail."""
    compiler = shutil.which("c++") or pytest.skip("no C++ compiler")
    library = tmp_path_factory.mktemp("shim") / "fail_alloc.so"
    options = ["-std=c++20", "-O1", "-shared", "-fPIC"]
    subprocess.run([compiler, *options, HERE / "fail_alloc.cpp", "-o", library], check=True)
    return library


@pytest.fixture(scope="module")
def processes(shim, tmp_path_factory):
    """Both runs, one beside the other, by whether what follows a failure fails as well."""
    started = {}
    for follow in (False, True):
        script = SCRIPT.format(
            here=str(HERE), most=MOST, calls=CALLS, pickles=PICKLES, all=int(follow)
        )
        started[follow] = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=tmp_path_factory.mktemp("calls"),
            env={**os.environ, "LD_PRELOAD": str(shim)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    yield started
    for process in started.values():
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")
@pytest.mark.skipif(
    "san" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer has the allocations"
)
@pytest.mark.parametrize("follow", [False, True], ids=["one fails", "all fail from there on"])
def test_memory_that_runs_out_is_a_memory_error(processes, follow):
    output, errors = processes[follow].communicate(timeout=300)
    assert processes[follow].returncode == 0, errors
    found = [json.loads(line) for line in output.splitlines()]
    tried = {name: n for name, n, what in found if what == "calls"}
    print(sum(tried.values()), "allocations failed:", tried)
    assert set(tried) == {*CALLS, *(f"pickled {name}" for name in PICKLES)}, errors
    assert max(tried.values()) < MOST
    assert tried["FeedbackNetwork.trajectory"] > 10
    faults = [f"{name}, allocation {n}: {what}" for name, n, what in found if what != "calls"]
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:40])
