"""Scans that several tests make, and what they measure, where other processes find it too."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np

import attractornet as an

NETWORKS = an.Grid(seed=range(4), scale=np.linspace(0.1, 5.0, 5), neurons=3, inputs=4)
LOGISTIC = an.Grid(r=np.linspace(3.4, 4.0, 23))
SHORT = {"steps": 100, "discard": 10}


def mean_output(network):
    return float(np.mean(network.trajectory(50, observe="y0")))


def extremes(network):
    """Two numbers for each component."""
    orbit = network.trajectory(30)
    return np.array([orbit.min(axis=0), orbit.max(axis=0)])


def picky(network):
    """Fails at some points, and gives another shape at others."""
    if network.b[0] > 3.0:
        raise ArithmeticError("too large")
    return np.zeros(3) if network.b[0] > 1.5 else 1.0


def slow(system):
    time.sleep(0.02)
    return float(system.step(system.start())[0])


GAIN = 2.0


def gain():
    return GAIN


def gained(system):
    return gain() * system.r


MEASURE = {"exponent": "exponent", "kind": "kind", "mean": mean_output, "ends": extremes}


def scanned(**options):
    """A scan with columns of every type."""
    return an.scan(an.FeedbackNetwork, NETWORKS, MEASURE, **{**SHORT, **options})


def digest(result):
    """A hash of all numbers."""
    whole = hashlib.sha256()
    for name in result.columns:
        values = result[name]
        whole.update(f"{name} {values.dtype} {values.shape}".encode())
        whole.update(values.tobytes())
    return whole.hexdigest()


def tree(folder):
    """Every file of a store: its bytes by its path."""
    files = (path for path in sorted(Path(folder).rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
