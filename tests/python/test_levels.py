"""One core in several files: what one instruction set writes, raises and names, the others know.

Runs on whichever levels are installed; the portable wheel has three (test_wheel.py).
"""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

import attractornet
from attractornet import _loader

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = _loader.core_files(attractornet.__path__)
LEVELS = [level for level in _loader.runnable_levels(_loader.cpu_flags()) if level in INSTALLED]
PAIRS = list(itertools.product(LEVELS, repeat=2))


def python(level, code, *arguments):
    """What a script prints in a process of its own, where that level is loaded."""
    environment = {**os.environ, _loader.OVERRIDE: level or ""}
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"import pickle, sys, attractornet as an\n{code}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_best_level_is_loaded():
    assert python(None, "print(an.info()['isa_level'])").strip() == LEVELS[-1]


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_loaded_by_name(level):
    assert python(level, "print(an.info()['isa_level'])").strip() == level


WRITE = """
network = an.FeedbackNetwork.random(neurons=5, inputs=9, scale=1.3, seed=8)
errors = [an.InternalError("one"), an.BackendUnavailable("two")]
with open(sys.argv[1], "wb") as file:
    pickle.dump({"network": network, "errors": errors, "class": an.LyapunovSpectrum}, file)
network.save(sys.argv[2])

import numpy as np
x = np.random.default_rng(1).random((60, 24), np.float32)
labels = x.reshape(60, 3, 8).mean(axis=2).argmax(axis=1)
for kind, file in (("projected", sys.argv[3]), ("spectral", sys.argv[4])):
    model = an.learn.WilsonCowanModel.plant(3, 24, kind)
    options = {"batch_size": 20, "learning_rate": 0.03, "validation": None}
    model = an.learn.train(model, x, labels, epochs=60, **options).model
    model.save(file)
    np.save(f"{file}.npy", model.probabilities(x))
"""
READ = """
with open(sys.argv[1], "rb") as file:
    read = pickle.load(file)
fresh = an.FeedbackNetwork.random(neurons=5, inputs=9, scale=1.3, seed=8)
for network in (read["network"], an.FeedbackNetwork.load(sys.argv[2])):
    assert type(network) is an.FeedbackNetwork and isinstance(network, an.System)
    assert network.w.tobytes() == fresh.w.tobytes() and network.b.tobytes() == fresh.b.tobytes()
    assert network.trajectory(50).tobytes() == fresh.trajectory(50).tobytes()
assert read["class"] is an.LyapunovSpectrum
import numpy as np
x = np.random.default_rng(1).random((60, 24), np.float32)
for file in sys.argv[3:5]:
    q, there = an.learn.WilsonCowanModel.load(file).probabilities(x), np.load(f"{file}.npy")
    assert np.array_equal(q.argmax(axis=1), there.argmax(axis=1))
    assert np.abs(q - there).max() < 1e-3
one, two = read["errors"]
assert type(one) is an.InternalError and one.args == ("one",)
try:
    raise two
except an.BackendUnavailable as error:
    print(error)
"""


@pytest.mark.parametrize(("writer", "reader"), PAIRS)
def test_pickles_and_model_files_cross_levels(writer, reader, tmp_path):
    names = ("pickle", "model.safetensors", "projected.safetensors", "spectral.safetensors")
    files = [str(tmp_path / name) for name in names]
    python(writer, WRITE, *files)
    assert python(reader, READ, *files) == "two\n"


NAMES = """
def names(kind):
    return [f"{base.__module__}.{base.__qualname__}" for base in kind.__mro__]
for name in an.__all__:
    thing = getattr(an, name)
    print(name, names(thing if isinstance(thing, type) else type(thing)))
for call in (
    lambda: an.FeedbackNetwork.random(scale=-1),
    lambda: an.FeedbackNetwork.random(size=-1),
    lambda: an.FeedbackNetwork.random().trajectory(10**15),
    lambda: an.lyapunov_spectrum("no system"),
):
    try:
        call()
    except Exception as error:
        print(names(type(error)), str(error).split(", more than the memory limit")[0])
"""


def test_classes_and_errors_have_one_name_on_every_level():
    first, *others = (python(level, NAMES) for level in LEVELS)
    assert "FeedbackNetwork.random: scale = -1: expected a value in" in first
    assert "attractornet._core.BackendUnavailable" in first
    assert all(other == first for other in others)


NUMBERS = """
import hashlib
network = an.feedback.CONTRAST.network()
spectrum = an.lyapunov_spectrum(network, steps=5_000)
numbers = network.trajectory(2_000), spectrum.exponents, spectrum.history, an.math.tanh(network.w)
print(an.info()["fma"], hashlib.sha256(b"".join(part.tobytes() for part in numbers)).hexdigest())
"""


def test_levels_with_fma_have_the_same_bits():
    told = [python(level, NUMBERS).split() for level in LEVELS]
    assert len({digest for fma, digest in told if fma == "True"}) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_the_suite_passes_on_every_level(level):
    """All that computes; what compiles, types and these tests themselves do not ask the level."""
    tests = ROOT / "tests" / "python"
    others = ["test_build.py", "test_levels.py", "test_typing.py", "test_wheel.py"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow"),
            *("-c", ROOT / "pyproject.toml", tests),
            *(f"--ignore={tests / file}" for file in others),
        ],
        env={**os.environ, _loader.OVERRIDE: level},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout.splitlines()[-1])
