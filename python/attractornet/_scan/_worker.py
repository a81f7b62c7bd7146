"""One chunk, computed wherever the executor puts it."""

from __future__ import annotations

import functools
import os
import pickle
from typing import Any

from attractornet import _check
from attractornet._scan._axes import Array
from attractornet._scan._evaluate import evaluate
from attractornet._scan._job import Job, canonical, differences, spec_of
from attractornet._scan._measures import Told
from attractornet._scan._tiles import Chunk
from attractornet._scan._watch import end_with_parent


def compute(
    job: Job, chunk: Chunk, threads: int | None, told: Told | None = None
) -> dict[str, Array]:
    """The columns of a chunk's points."""
    varying = job.design._part(chunk.first, chunk.count)
    return evaluate(job, varying, chunk.count, threads, told)


def compute_elsewhere(
    payload: bytes, driver: int, chunk: Chunk, threads: int | None
) -> dict[str, Array]:
    """The same in a worker; `payload` is the job, `driver` the process that asks."""
    if os.getpid() != driver:
        end_with_parent()
    return compute(_loaded(payload), chunk, threads)


@functools.lru_cache(maxsize=2)
def _loaded(payload: bytes) -> Job:
    job: Job = pickle.loads(payload)
    here = spec_of(job, job.spec["options"])
    if canonical(here) != canonical(job.spec):
        told = "; ".join(differences(here, job.spec))
        raise RuntimeError(f"scan: executor: a worker would compute something else: {told}")
    return job


def payload_of(job: Job) -> bytes:
    """The job as bytes that another process can read."""
    if not any(_of_main(each) for each in job.measures.own.values()):
        try:
            return pickle.dumps(job)
        except (pickle.PicklingError, AttributeError, TypeError):
            pass  # such as a lambda: cloudpickle may know how
    try:
        import cloudpickle

        return bytes(cloudpickle.dumps(job))
    except ImportError:
        return _as_it_is(job, "a function that pickle can name (or install cloudpickle)")
    except Exception:
        return _as_it_is(job, "functions that can be pickled")


def _as_it_is(job: Job, expected: str) -> bytes:
    try:
        return pickle.dumps(job)
    except Exception:
        _check.refuse(TypeError, "scan: measure", list(job.measures.own), expected)


def _of_main(function: Any) -> bool:
    """Whether plain pickle would only name it, in a module that other processes do not have."""
    return getattr(function, "__module__", None) == "__main__"
