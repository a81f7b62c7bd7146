"""Rivals of scans, each in a process of its own: loops in numba over all cores, and JAX.

Thread counts and XLA's flags are read when a library is loaded, hence the processes. All solve the
same task: networks w (P, N, D), b (P, N) start from registers y (P, D), newest value first, and
make `steps` steps

    y0 = b . tanh(w y),   shift y0 into the register;

what comes back are the last registers, or, with a tangent that is scaled to length 1 every 8 steps,
the mean growth of its logarithm per step. Weights are ready, on the device, before time counts.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Protocol

import numpy as np

BLOCK = 40  # steps of JAX's inner loop; `steps` is a multiple of it for everyone
INTERVAL = 8  # steps between two normalisations; divides BLOCK


@dataclass(frozen=True)
class Task:
    """What to compute: `exponent` or last registers, of the first `networks`, in a variant."""

    variant: str
    dtype: str
    exponent: bool
    networks: int

    @property
    def what(self) -> str:
        """Which family of loops."""
        return "exponent" if self.exponent else "orbit"


@dataclass(frozen=True)
class Answer:
    """Seconds by the wall and of CPU time, and the result: (P, D) or (P, 1)."""

    wall: float
    cpu: float
    result: np.ndarray


Run = Callable[[int], np.ndarray]


class Library(Protocol):
    """A rival library: it prepares tasks, compiled and with weights in place."""

    def prepare(self, task: Task, w: np.ndarray, b: np.ndarray, y: np.ndarray) -> Run:
        """Return a call that makes so many steps from y and waits for the result."""


# --- processes ------------------------------------------------------------------------------------


class Rival:
    """A library in a process of its own, with this environment, that answers tasks.

    Parameters
    ----------
    library
        "numba" or "jax".
    environment
        Variables that differ from ours.
    w, b, y
        Networks and starts that tasks take the first of.
    """

    def __init__(
        self,
        library: str,
        environment: dict[str, str],
        w: np.ndarray,
        b: np.ndarray,
        y: np.ndarray,
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(library, theirs), daemon=True)
        saved = dict(os.environ)
        os.environ.update(environment)
        try:
            self._process.start()
        finally:
            os.environ.clear()
            os.environ.update(saved)
        theirs.close()
        self._pipe.send((w, b, y))

    def run(self, task: Task, steps: int) -> Answer:
        """Make so many steps; what has to be compiled is, before time counts."""
        self._pipe.send((task, steps))
        answer = self._pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def __enter__(self) -> Rival:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()  # what ends the process
        self._process.join(timeout=10.0)
        if self._process.is_alive():
            self._process.terminate()


def _serve(library: str, pipe: Connection) -> None:
    """Answer tasks until the other end is closed."""
    loaded: Library = {"numba": Numba, "jax": Jax}[library]()
    networks = pipe.recv()
    ready: dict[Task, Run] = {}
    while True:
        try:
            task, steps = pipe.recv()
        except EOFError:
            return
        try:
            if task not in ready:
                some = (a[: task.networks].astype(task.dtype) for a in networks)
                ready[task] = loaded.prepare(task, *some)
                ready[task](BLOCK)
            wall, cpu = time.perf_counter(), time.process_time()
            result = ready[task](steps)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            pipe.send(Answer(wall, cpu, result))
        except Exception:  # is raised again where the task came from
            pipe.send(traceback.format_exc())


# --- numba ----------------------------------------------------------------------------------------


class Numba:
    """One network an iteration of `prange`; sizes and type are known to the compiler."""

    def prepare(self, task: Task, w: np.ndarray, b: np.ndarray, y: np.ndarray) -> Run:
        """Build the loop named like "ring" or "ring, fastmath"."""
        name, _, fastmath = task.variant.partition(", ")
        loops = numba_exponents if task.exponent else numba_orbits
        loop = loops(*w.shape[1:], w.dtype.type, bool(fastmath))[name]
        return lambda steps: loop(w, b, y, steps)


def numba_orbits(neurons: int, inputs: int, real: type, fastmath: bool) -> dict[str, Callable]:
    """Loops that return last registers.

    "shift" and "ring" are written from the equations; in "transposed" partial sums move instead of
    the register, s[j] <- s[j + 1] + w[:, j] y0, which is our own algorithm for one orbit.
    """
    import numba

    jit = numba.njit(fastmath=fastmath)
    zero, size = real(0), neurons * inputs

    @jit
    def shift(w, b, start, steps):
        y = start.copy()
        for _ in range(steps):
            newest = zero
            for i in range(neurons):
                u = zero
                for j in range(inputs):
                    u += w[i, j] * y[j]
                newest += b[i] * math.tanh(u)
            for j in range(inputs - 1, 0, -1):
                y[j] = y[j - 1]
            y[0] = newest
        return y

    @jit
    def ring(w, b, start, steps):
        # Each value is written twice, a register's length apart: a window never wraps.
        y, head = np.concatenate((start, start)), 0
        for _ in range(steps):
            newest = zero
            for i in range(neurons):
                u = zero
                for j in range(inputs):
                    u += w[i, j] * y[head + j]
                newest += b[i] * math.tanh(u)
            head = inputs - 1 if head == 0 else head - 1
            y[head] = newest
            y[head + inputs] = newest
        return y[head : head + inputs].copy()

    @jit
    def transposed(w, b, start, steps):
        s, last = np.zeros(size + neurons, real), start[::-1].copy()
        wt = w.T.copy().reshape(-1)
        for y0 in start[::-1]:
            for k in range(size):
                s[k] = s[k + neurons] + wt[k] * y0
        for t in range(steps):
            newest = zero
            for i in range(neurons):
                newest += b[i] * math.tanh(s[i])
            last[t % inputs] = newest
            for k in range(size):
                s[k] = s[k + neurons] + wt[k] * newest
        out = np.empty(inputs, real)
        for j in range(inputs):
            out[j] = last[(steps - 1 - j) % inputs]
        return out

    def over_networks(one):
        @numba.njit(parallel=True)
        def loop(w, b, y, steps):
            out = np.empty_like(y)
            for p in numba.prange(len(y)):
                out[p] = one(w[p], b[p], y[p], steps)
            return out

        return loop

    return {one.__name__: over_networks(one) for one in (shift, ring, transposed)}


def numba_exponents(neurons: int, inputs: int, real: type, fastmath: bool) -> dict[str, Callable]:
    """The same loops with a tangent beside the orbit; they return exponents (P, 1)."""
    import numba

    jit = numba.njit(fastmath=fastmath)
    zero, one, size = real(0), real(1), neurons * inputs

    @jit
    def unit(v):
        total = zero
        for j in range(inputs):
            total += v[j] * v[j]
        return one / math.sqrt(total)

    @jit
    def shift(w, b, start, tangent, steps):
        y, v, growth = start.copy(), tangent.copy(), 0.0
        for t in range(steps):
            newest, growing = zero, zero
            for i in range(neurons):
                u, du = zero, zero
                for j in range(inputs):
                    u += w[i, j] * y[j]
                    du += w[i, j] * v[j]
                x = math.tanh(u)
                newest += b[i] * x
                growing += b[i] * (one - x * x) * du
            for j in range(inputs - 1, 0, -1):
                y[j] = y[j - 1]
                v[j] = v[j - 1]
            y[0], v[0] = newest, growing
            if t % INTERVAL == INTERVAL - 1:
                factor = unit(v)
                growth -= math.log(factor)
                for j in range(inputs):
                    v[j] *= factor
        return growth / steps

    @jit
    def ring(w, b, start, tangent, steps):
        y, v = np.concatenate((start, start)), np.concatenate((tangent, tangent))
        head, growth = 0, 0.0
        for t in range(steps):
            newest, growing = zero, zero
            for i in range(neurons):
                u, du = zero, zero
                for j in range(inputs):
                    u += w[i, j] * y[head + j]
                    du += w[i, j] * v[head + j]
                x = math.tanh(u)
                newest += b[i] * x
                growing += b[i] * (one - x * x) * du
            head = inputs - 1 if head == 0 else head - 1
            y[head], v[head] = newest, growing
            y[head + inputs], v[head + inputs] = newest, growing
            if t % INTERVAL == INTERVAL - 1:
                factor = unit(v[head:])
                growth -= math.log(factor)
                for j in range(2 * inputs):
                    v[j] *= factor
        return growth / steps

    @jit
    def transposed(w, b, start, tangent, steps):
        s, ds = np.zeros(size + neurons, real), np.zeros(size + neurons, real)
        wt, v, growth = w.T.copy().reshape(-1), tangent[::-1].copy(), 0.0
        for j in range(inputs - 1, -1, -1):
            for k in range(size):
                s[k] = s[k + neurons] + wt[k] * start[j]
                ds[k] = ds[k + neurons] + wt[k] * tangent[j]
        for t in range(steps):
            newest, growing = zero, zero
            for i in range(neurons):
                x = math.tanh(s[i])
                newest += b[i] * x
                growing += b[i] * (one - x * x) * ds[i]
            v[t % inputs] = growing
            for k in range(size):
                s[k] = s[k + neurons] + wt[k] * newest
                ds[k] = ds[k + neurons] + wt[k] * growing
            if t % INTERVAL == INTERVAL - 1:
                factor = unit(v)
                growth -= math.log(factor)
                for j in range(inputs):
                    v[j] *= factor
                for k in range(size):
                    ds[k] *= factor
        return growth / steps

    def over_networks(single):
        @numba.njit(parallel=True)
        def loop(w, b, y, tangent, steps):
            out = np.empty((len(y), 1))
            for p in numba.prange(len(y)):
                out[p, 0] = single(w[p], b[p], y[p], tangent, steps)
            return out

        return lambda w, b, y, steps: loop(w, b, y, first_tangent(y), steps)

    return {single.__name__: over_networks(single) for single in (shift, ring, transposed)}


def first_tangent(y: np.ndarray) -> np.ndarray:
    """Unit vector (D,), the same for all networks."""
    v = np.random.RandomState(0).standard_normal(y.shape[1])
    return (v / np.linalg.norm(v)).astype(y.dtype)


# --- JAX ------------------------------------------------------------------------------------------


class Jax:
    """`vmap` of a `lax.scan` over one network's steps, jitted, on one or on several host devices.

    On several, networks are divided among them by `shard_map`. `w @ y` was the fastest way to write
    the sums by far (others tried: products and a sum, with networks first or last; the register as
    a tuple of D arrays; blocks of steps on a line of memory; transposed sums).
    """

    def __init__(self) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.mesh = jax.sharding.Mesh(np.array(jax.devices()), ("networks",))

    def prepare(self, task: Task, w: np.ndarray, b: np.ndarray, y: np.ndarray) -> Run:
        """Place the weights, and compile on the first call; the variant is "unroll K"."""
        import jax

        split = jax.sharding.PartitionSpec("networks")
        unroll = int(task.variant.removeprefix("unroll "))
        loop = _jax_exponents(unroll) if task.exponent else _jax_orbits(unroll)
        if self.mesh.size > 1:
            whole = jax.sharding.PartitionSpec()
            loop = jax.shard_map(
                loop, mesh=self.mesh, in_specs=(split,) * 4 + (whole,), out_specs=split
            )
        v = np.tile(first_tangent(y), (len(y), 1))
        sharding = jax.sharding.NamedSharding(self.mesh, split)
        placed = [jax.device_put(a, sharding) for a in (w, b, y, v)]
        compiled = jax.jit(loop)

        def run(steps: int) -> np.ndarray:
            found = np.asarray(compiled(*placed, steps // BLOCK).block_until_ready())
            return found / steps if task.exponent else found

        return run


def _jax_step(w, b, y):
    import jax.numpy as jnp

    newest = b @ jnp.tanh(w @ y)
    return jnp.concatenate((newest[None], y[:-1]))


def _jax_orbits(unroll: int) -> Callable:
    import jax
    from jax import lax

    def block(w, b, y):
        def step(y, _):
            return _jax_step(w, b, y), None

        return lax.scan(step, y, None, length=BLOCK, unroll=unroll)[0]

    # The number of blocks is an argument, so that probe, check and run share what is compiled.
    def loop(w, b, y, v, blocks):
        return lax.fori_loop(0, blocks, lambda _, y: jax.vmap(block)(w, b, y), y)

    return loop


def _jax_exponents(unroll: int) -> Callable:
    import jax
    import jax.numpy as jnp
    from jax import lax

    def block(w, b, y, v, growth):
        def step(carried, _):
            return jax.jvp(lambda y: _jax_step(w, b, y), carried[:1], carried[1:]), None

        def interval(carried, _):
            y, v, growth = carried
            (y, v), _ = lax.scan(step, (y, v), None, length=INTERVAL, unroll=unroll)
            length = jnp.sqrt(v @ v)
            return (y, v / length, growth + jnp.log(length)), None

        return lax.scan(interval, (y, v, growth), None, length=BLOCK // INTERVAL)[0]

    def loop(w, b, y, v, blocks):
        carried = (y, v, 0.0 * y[:, 0])
        *_, growth = lax.fori_loop(0, blocks, lambda _, c: jax.vmap(block)(w, b, *c), carried)
        return growth[:, None]

    return loop
