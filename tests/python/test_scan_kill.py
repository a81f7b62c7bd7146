"""Drivers and workers that are killed at any moment: nothing that was written is lost."""

import contextlib
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scan_cases import slow, tree

import attractornet as an
from attractornet._scan import _ledger
from attractornet._scan._store import Chunks

pytest.importorskip("zarr")
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")

HERE = Path(__file__).parent
# Seconds until all processes of a killed driver are gone; more for an instrumented core.
LATEST = 5.0 * float(os.environ.get("ATTRACTORNET_TEST_PATIENCE", "1"))
GRID = an.Grid(r=np.linspace(3.0, 4.0, 40))

DRIVER = f"""
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
sys.path.insert(0, {str(HERE)!r})

def main(store, pool):
    import attractornet as an
    from test_scan_kill import scanned
    spawn = multiprocessing.get_context("spawn")
    if pool == "none":
        scanned(store)
    else:
        with ProcessPoolExecutor(2, spawn, initializer=an.end_with_parent) as executor:
            scanned(store, executor=executor)

if __name__ == "__main__":
    main(*sys.argv[1:])
"""


def scanned(store, **options):
    return an.scan(an.textbook.Logistic, GRID, [slow], store=store, chunk_size=2, **options)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    store = tmp_path_factory.mktemp("whole") / "scan.zarr"
    scanned(store)
    return tree(store)


class Killing:
    """A driver, the processes that it starts, and their end."""

    def __init__(self, script, store, pool):
        self.mark = f"SCAN_KILL={secrets.token_hex(8)}"
        name, _, value = self.mark.partition("=")
        self.driver = subprocess.Popen(
            [sys.executable, script, store, pool],
            env={**os.environ, name: value},
            stderr=subprocess.DEVNULL,
        )

    def alive(self):
        """Processes of this driver, by what their environment says."""
        found = []
        for process in Path("/proc").iterdir():
            try:
                environment = (process / "environ").read_bytes()
                state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if self.mark.encode() in environment.split(b"\0") and state != "Z":
                found.append(int(process.name))
        return found

    def workers(self):
        """Those that compute; the pool has a helper beside them."""
        found = []
        for process in self.alive():
            try:
                command = Path(f"/proc/{process}/cmdline").read_bytes()
            except OSError:
                continue
            if b"spawn_main" in command:
                found.append(process)
        return found

    def kill(self, victim, rng):
        """Kill the driver, or one of its workers; whether there was one."""
        victims = [self.driver.pid] if victim == "driver" else self.workers()
        if not victims or self.driver.poll() is not None:
            return False
        os.kill(rng.choice(victims), signal.SIGKILL)
        return True

    def end(self):
        for process in self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.driver.wait()

    def ended(self, seconds):
        """Whether all processes end by themselves in time."""
        latest = time.monotonic() + seconds
        while time.monotonic() < latest:
            if self.driver.poll() is not None and not self.alive():
                return True
            time.sleep(0.05)
        return False


def wait_for(condition, seconds=30.0):
    latest = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < latest
        time.sleep(0.05)


def check_written(store, expected):
    """What the ledger says is done is there, to the byte, and nothing is half-made."""
    if not store.exists():
        return  # it was killed before the store was made: nothing has its name
    ledger = _ledger.read(store / "status" / "ledger")
    chunks = Chunks(store, ledger)
    for chunk in np.flatnonzero(ledger.done):
        for column in ledger.header.columns:
            path = chunks.path(int(chunk), column)
            assert path.read_bytes() == expected[str(path.relative_to(store))]
    assert an.scan_verify(store).ok or ledger.void  # a torn line is reported, and does no harm


@pytest.mark.parametrize(
    "kills", [3, pytest.param(48, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_what_is_killed_loses_nothing_and_leaves_nothing_behind(tmp_path, expected, kills):
    rng = random.Random(kills)
    script, store = tmp_path / "driver.py", tmp_path / "scan.zarr"
    script.write_text(DRIVER)
    killed = 0
    while killed < kills:
        pool = rng.choice(["none", "processes", "processes"])
        victim = "driver" if pool == "none" else rng.choice(["driver", "worker"])
        case = Killing(script, store, pool)
        try:
            time.sleep(rng.uniform(0.3, 1.8))
            struck = case.kill(victim, rng)
            # Only a killed driver's workers must be gone at once; one that lives ends by itself.
            latest = LATEST if struck and victim == "driver" else 4 * LATEST
            assert case.ended(latest), (pool, victim, case.alive())
        finally:
            case.end()
        killed += struck
        check_written(store, expected)
        if store.exists() and an.scan_status(store).complete:
            scanned(store)  # what is left of the end: the ledger in order
            assert tree(store) == expected
            shutil.rmtree(store)
    scanned(store)
    assert tree(store) == expected
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".partial")] == []


def test_workers_that_wait_for_tasks_end_with_their_driver(tmp_path):
    """Also those of a pool that has nothing to do any more."""
    script = tmp_path / "driver.py"
    # Their tasks have told them.
    script.write_text(
        DRIVER.replace(", initializer=an.end_with_parent", "").replace(
            "store, executor=executor)\n",
            "store, executor=executor)\n            import time; time.sleep(60)\n",
        )
    )
    store = tmp_path / "scan.zarr"
    case = Killing(script, store, "processes")
    try:
        wait_for(lambda: store.exists() and an.scan_status(store).complete)
        assert len(case.workers()) == 2
        case.driver.kill()
        assert case.ended(LATEST), case.alive()
    finally:
        case.end()


def test_workers_that_never_had_a_task_end_with_their_driver(tmp_path):
    """None of a scan, that is: this one has made a folder."""
    script, ready = tmp_path / "driver.py", tmp_path / "ready"
    script.write_text(
        DRIVER.replace(
            "scanned(store, executor=executor)\n",
            "executor.submit(os.mkdir, store).result()\n            import time; time.sleep(60)\n",
        )
    )
    case = Killing(script, ready, "processes")
    try:
        wait_for(ready.exists)
        assert case.workers()
        case.driver.kill()
        assert case.ended(LATEST), case.alive()
    finally:
        case.end()
