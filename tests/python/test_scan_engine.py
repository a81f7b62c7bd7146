"""Executors, threads and chunks change how long a scan takes, and no number."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import textwrap
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from scan_cases import LOGISTIC, NETWORKS, SHORT, digest, mean_output, picky, scanned, slow

import attractornet as an
from attractornet._scan import _worker
from attractornet._scan._chunking import How
from attractornet._scan._plan import plan, with_all_columns
from attractornet._scan._tiles import Tiles, tiles_of

HERE = Path(__file__).parent
# Seconds; more for an instrumented core, which is slow.
PATIENCE = 1.0 * float(os.environ.get("ATTRACTORNET_TEST_PATIENCE", "1"))
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(scope="module")
def expected():
    return digest(scanned())


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        yield pool


@pytest.fixture(scope="module")
def dask():
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client.get_executor()


# --- the same bits --------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("chunk_size", [None, 1, 3, 7, 20, 10**9])
def test_numbers_do_not_depend_on_threads_and_chunks(expected, threads, chunk_size):
    assert digest(scanned(threads=threads, chunk_size=chunk_size)) == expected


@pytest.mark.parametrize("chunk_size", [None, 3, 20])
def test_numbers_do_not_depend_on_the_store(expected, chunk_size, tmp_path):
    assert digest(scanned(chunk_size=chunk_size, store=tmp_path / "scan.zarr")) == expected


@pytest.mark.parametrize("chunk_size", [None, 3])
@pytest.mark.parametrize("threads", [None, 2])
def test_numbers_do_not_depend_on_threads_of_python(expected, threads, chunk_size):
    with ThreadPoolExecutor(3) as pool:
        found = scanned(executor=pool, threads=threads, chunk_size=chunk_size)
    assert digest(found) == expected
    assert found.threads == 3 * (threads or 1)


@pytest.mark.parametrize("chunk_size", [None, 3])
def test_numbers_do_not_depend_on_processes(expected, processes, chunk_size, tmp_path):
    found = scanned(executor=processes, chunk_size=chunk_size, store=tmp_path / "scan.zarr")
    assert digest(found) == expected
    assert found.threads == 2
    assert found.points_per_second > 0.0


@pytest.mark.parametrize("chunk_size", [None, 3])
def test_numbers_do_not_depend_on_dask(expected, dask, chunk_size):
    found = scanned(executor=dask, chunk_size=chunk_size)
    assert digest(found) == expected
    assert found.threads == 2


OF_MPI = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from mpi4py.futures import MPIPoolExecutor
from scan_cases import digest, scanned

if __name__ == "__main__":
    with MPIPoolExecutor() as pool:
        found = scanned(executor=pool, chunk_size=3)
    print(found.threads, digest(found))
"""


def test_numbers_do_not_depend_on_mpi(expected, tmp_path):
    pytest.importorskip("mpi4py")
    scripts = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    launcher = shutil.which("mpiexec", path=scripts) or pytest.skip("no mpiexec")
    (tmp_path / "script.py").write_text(OF_MPI)
    command = [launcher, "-n", "3", sys.executable, "-m", "mpi4py.futures", "script.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(HERE)}, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["2", expected]


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_samples_are_the_same_everywhere(processes, method):
    sample = an.Sample(50, {"r": (3.4, 4.0)}, method=method)
    found = [
        an.scan(an.textbook.Logistic, sample, ["final_state"], **SHORT, **options)
        for options in (
            {},
            {"chunk_size": 3},
            {"executor": processes, "chunk_size": 4},
            {"executor": processes, "chunk_size": 9},
        )
    ]
    assert len({digest(each) for each in found}) == 1


class Backwards(Executor):
    """Runs tasks at once, and lets none be done before another one is submitted."""

    num_workers = 2

    def __init__(self):
        self.held = []

    def submit(self, function, *args):
        future = Future()
        self.held.insert(0, (future, function(*args)))
        if len(self.held) >= 3 or args[2].first + args[2].count == 23:
            for each, result in self.held:
                each.set_result(result)
            self.held = []
        return future


def test_chunks_may_come_in_any_order(tmp_path):
    options = {**SHORT, "chunk_size": 2, "store": tmp_path / "scan.zarr"}
    found = an.scan(an.textbook.Logistic, LOGISTIC, "kind", executor=Backwards(), **options)
    assert digest(found) == digest(an.scan(an.textbook.Logistic, LOGISTIC, "kind", **SHORT))
    assert an.scan_status(options["store"]).complete


# --- chunks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (7,), (4, 5), (3, 1, 4), (2, 3, 2, 5)])
@pytest.mark.parametrize("points", [1, 2, 3, 5, 8, 20, 1000])
def test_chunks_are_runs_of_points_that_cover_all(shape, points):
    tiles = tiles_of(shape, points)
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    seen = []
    for chunk in tiles:
        assert 1 <= chunk.count <= points
        inside = numbers[tiles.slices(chunk.number)].ravel()
        assert inside.tolist() == list(range(chunk.first, chunk.first + chunk.count))
        assert tiles.number(tiles.place(chunk.number)) == chunk.number
        seen += inside.tolist()
    assert seen == list(range(numbers.size))
    assert tiles.size == len(list(tiles))


def test_a_million_chunks_cost_nothing():
    tiles = Tiles((10**6, 10**6), (1, 1000))
    assert tiles.size == 10**9
    assert tiles.chunk(10**9 - 1).first == 10**12 - 1000


def test_chunks_are_about_four_seconds_and_two_a_worker():
    def chosen(measure, executor=None):
        job = plan(an.textbook.Logistic, LOGISTIC, measure, None, "float64", False, {})
        return How(executor, 1, None).tiles(with_all_columns(job))

    assert chosen("final_state").size == 1
    with ThreadPoolExecutor(3) as pool:
        assert chosen("final_state", pool).size in (6, 7, 8)
    assert chosen({"slow": slow}).tile == (23,)

    def slower(system):
        time.sleep(0.5)
        return 1.0

    assert 5 <= chosen({"slower": slower}).tile[0] <= 9


# --- workers --------------------------------------------------------------------------------------


def test_functions_that_pickle_cannot_name_travel_too(processes):
    pytest.importorskip("cloudpickle")
    factor = 2.0
    found = an.scan(
        an.textbook.Logistic,
        LOGISTIC,
        {"twice": lambda system: factor * system.r},
        executor=processes,
        chunk_size=5,
    )
    assert np.array_equal(found["twice"], 2.0 * LOGISTIC.points()["r"])


def test_functions_that_cannot_travel_are_refused(processes, monkeypatch):
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises(TypeError, match=r"scan: measure = \['f'\]: expected .*cloudpickle"):
        an.scan(an.textbook.Logistic, LOGISTIC, {"f": lambda s: s.r}, executor=processes)


def test_errors_of_workers_name_the_point(processes):
    with pytest.raises(RuntimeError, match="scan: measure 'picky' at seed=") as caught:
        an.scan(
            an.FeedbackNetwork,
            an.Grid(seed=range(5), scale=[0.1] * 20 + [5.0] * 2),
            [picky],
            executor=processes,
            chunk_size=2,
            on_error="raise",
        )
    assert "ArithmeticError" in str(caught.value) or "ValueError" in str(caught.value)


def test_a_worker_that_would_compute_something_else_refuses(monkeypatch):
    job = with_all_columns(
        plan(an.FeedbackNetwork, NETWORKS, {"mean": mean_output}, None, "float64", False, {})
    )
    payload = _worker.payload_of(job)
    chunk = tiles_of(NETWORKS.shape, 5).chunk(0)
    assert _worker.compute_elsewhere(payload, os.getpid(), chunk, 1)["mean"].shape == (5,)
    _worker._loaded.cache_clear()
    monkeypatch.setattr("attractornet._scan._job.info", lambda: {"version": "9", "isa_level": "x"})
    with pytest.raises(RuntimeError, match=r'scan: executor: a worker .*core is .* there and "9"'):
        _worker.compute_elsewhere(payload, os.getpid(), chunk, 1)


def changed(network):
    return 2.0


def test_a_worker_with_other_code_refuses(monkeypatch):
    measure = {"mean": mean_output}
    job = with_all_columns(plan(an.FeedbackNetwork, NETWORKS, measure, None, "float64", False, {}))
    payload = _worker.payload_of(job)
    _worker._loaded.cache_clear()
    monkeypatch.setattr("scan_cases.mean_output.__code__", changed.__code__)
    with pytest.raises(
        RuntimeError, match=r"would compute something else: measure\.own\.mean\.code is"
    ):
        _worker.compute_elsewhere(payload, os.getpid(), tiles_of((4, 5), 5).chunk(0), 1)


def die(system):
    if system.r > 3.9:
        os.kill(os.getpid(), signal.SIGKILL)
    return system.r


def test_a_worker_that_is_killed_loses_nothing_that_is_there(tmp_path):
    store = tmp_path / "scan.zarr"
    options = {"store": store, "chunk_size": 1}
    grid = an.Grid(r=np.linspace(3.0, 4.0, 12))
    with (
        ProcessPoolExecutor(2, mp_context=SPAWN) as pool,
        pytest.raises(BrokenProcessPool) as caught,
    ):
        an.scan(an.textbook.Logistic, grid, {"rate": die}, executor=pool, **options)
    done = an.scan_status(store).points_done
    assert 0 < done < 12
    assert caught.value.__notes__ == [
        f"scan: {done} of 12 points are in {store}; the same call goes on from there"
    ]


def test_a_scan_that_fails_leaves_no_tasks(tmp_path):
    started = []

    def count(system):
        started.append(1)
        time.sleep(0.01)
        return 1.0

    def tell(done, total):
        if done:
            raise ArithmeticError

    grid = an.Grid(r=np.linspace(3.0, 4.0, 1000))
    with ThreadPoolExecutor(2) as pool:
        with pytest.raises(ArithmeticError):
            an.scan(
                an.textbook.Logistic, grid, {"n": count}, executor=pool, chunk_size=1, progress=tell
            )
        begun = time.perf_counter()
    assert time.perf_counter() - begun < PATIENCE
    assert len(started) < 50


def test_no_more_tasks_wait_than_workers_need():
    class Counting(Executor):
        _max_workers = 3
        most = now = 0
        full = threading.Event()

        def submit(self, function, *args):
            self.now += 1
            self.most = max(self.most, self.now)
            if self.now == 12:
                self.full.set()
            future = Future()

            def later():
                self.full.wait(10.0)
                time.sleep(0.002)
                self.now -= 1
                future.set_result(function(*args))

            threading.Thread(target=later).start()
            return future

    executor = Counting()
    an.scan(an.textbook.Logistic, an.Grid(r=np.linspace(3, 4, 100)), "final_state", steps=10,
            executor=executor, chunk_size=1)  # fmt: skip
    assert executor.most == 12


# --- Ctrl-C ---------------------------------------------------------------------------------------

INTERRUPTED = """
import os, signal, sys, threading, time
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
sys.path.insert(0, {here!r})
import attractornet as an
import numpy as np
from scan_cases import slow

def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    grid = an.Grid(r=np.linspace(3.0, 4.0, 100))
    pools = {{
        "none": lambda: None,
        "threads": lambda: ThreadPoolExecutor(2),
        "processes": lambda: ProcessPoolExecutor(2, multiprocessing.get_context("spawn")),
    }}
    pool = pools[{pool!r}]()
    sent = []

    def tell(done, total):
        if done >= 12 and not sent:
            sent.append(time.perf_counter())
            threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()

    try:
        an.scan(an.textbook.Logistic, grid, [slow], store="scan.zarr", chunk_size=4, executor=pool,
                progress=tell)
        print("finished")
    except KeyboardInterrupt as error:
        print(time.perf_counter() - sent[0] - 0.02, "|", error)
    if pool is not None:
        pool.shutdown(cancel_futures=True)

if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("pool", ["none", "threads", "processes"])
def test_ctrl_c_ends_a_scan_which_then_goes_on(pool, tmp_path):
    script = tmp_path / "interrupted.py"
    script.write_text(textwrap.dedent(INTERRUPTED.format(here=str(HERE), pool=pool)))
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    seconds, _, message = done.stdout.partition("|")
    assert float(seconds) < PATIENCE
    assert "points are in" in message
    assert "the same call goes on from there" in message
    status = an.scan_status(tmp_path / "scan.zarr")
    # Points are told when they are computed: the third chunk may have been on its way to the disk.
    assert 8 <= status.points_done < 100
    assert an.scan_verify(tmp_path / "scan.zarr").ok
    told = []
    grid = an.Grid(r=np.linspace(3.0, 4.0, 100))
    found = an.scan(
        an.textbook.Logistic,
        grid,
        [slow],
        store=tmp_path / "scan.zarr",
        progress=lambda done, total: told.append(done),
    )
    assert told[0] == status.points_done
    assert told[-1] == 100
    assert np.all(np.isfinite(found["slow"]))
