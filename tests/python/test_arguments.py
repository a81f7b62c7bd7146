"""Bad calls say what is wrong: function, argument, value and what is allowed. Odd calls work."""

import datetime
import decimal
import fractions
import math
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import attractornet as an

NET = an.FeedbackNetwork.random(neurons=3, inputs=5, scale=1.3, seed=7)
Y = np.linspace(-0.5, 0.5, 5)

# What the expressions below may use.
NAMES = {
    "an": an,
    "inf": math.inf,
    "load": an.FeedbackNetwork.load,
    "longest": 2**63 - 1,
    "nan": math.nan,
    "Net": an.FeedbackNetwork,
    "net": NET,
    "np": np,
    "random": an.FeedbackNetwork.random,
    "spectrum": an.lyapunov_spectrum,
    "surrogate": "\ud800",
    "tanh": an.math.tanh,
    "y": Y,
}

TYPE_ERRORS = {
    # arrays
    "Net('w', [1])": "FeedbackNetwork: w = 'w': expected an array of real numbers",
    "Net(None, [1])": "FeedbackNetwork: w = None: expected an array of real numbers",
    "Net([[1j]], [1])": "FeedbackNetwork: w = [[1j]]: expected an array of real numbers",
    "Net([[True]], [1])": "FeedbackNetwork: w = [[True]]: expected an array of real numbers",
    "Net([[2**80]], [1])": "FeedbackNetwork: w = [[1208925819614629174706176]]: expected an array",
    "Net([[1.0]], {1: 2})": "FeedbackNetwork: b = {1: 2}: expected an array of real numbers",
    "net.step('abc')": "step: state = 'abc': expected an array of real numbers",
    "net.step(None)": "step: state = None: expected an array of real numbers",
    "net.hidden(y > 0)": "hidden: state = array([False, ",
    "net.jvp(y, 1j * y)": "jvp: tangents = array([",
    "net.vjp(y, [None] * 5)": "vjp: cotangent = [None, None, None, None, None]: expected an array",
    "net.trajectory(5, initial='y')": "trajectory: initial = 'y': expected an array of real number",
    "spectrum(net, initial=[None] * 5)": "lyapunov_spectrum: initial = [None, None, None, None, N",
    "tanh('x')": "tanh: x = 'x': expected an array of real numbers",
    "tanh(True)": "tanh: x = True: expected an array of real numbers",
    "tanh([1j])": "tanh: x = [1j]: expected an array of real numbers",
    # counts
    "net.trajectory('x')": "trajectory: steps = 'x': expected an integer",
    "net.trajectory(None)": "trajectory: steps = None: expected an integer",
    "net.trajectory(True)": "trajectory: steps = True: expected an integer",
    "net.trajectory(np.True_)": "trajectory: steps = np.True_: expected an integer",
    "net.trajectory(3.0)": "trajectory: steps = 3.0: expected an integer",
    "net.trajectory(np.float64(3))": "trajectory: steps = np.float64(3.0): expected an integer",
    "net.trajectory(np.array([5]))": "trajectory: steps = array([5]): expected an integer",
    "net.trajectory(5, discard=0.5)": "trajectory: discard = 0.5: expected an integer",
    "net.trajectory(5, threads=True)": "trajectory: threads = True: expected an integer",
    "random(neurons=True)": "FeedbackNetwork.random: neurons = True: expected an integer",
    "random(inputs=16.0)": "FeedbackNetwork.random: inputs = 16.0: expected an integer",
    "random(seed=None)": "FeedbackNetwork.random: seed = None: expected an integer",
    "spectrum(net, k=2.0)": "lyapunov_spectrum: k = 2.0: expected an integer",
    "spectrum(net, steps='1e5')": "lyapunov_spectrum: steps = '1e5': expected an integer",
    # numbers
    "random(scale='1')": "FeedbackNetwork.random: scale = '1': expected a number",
    "random(scale=True)": "FeedbackNetwork.random: scale = True: expected a number",
    "random(scale=1j)": "FeedbackNetwork.random: scale = 1j: expected a number",
    "random(scale=[1.0])": "FeedbackNetwork.random: scale = [1.0]: expected a number",
    "random(scale=np.array([1.0]))": "FeedbackNetwork.random: scale = array([1.]): expected a numb",
    # choices
    "random(distribution=0)": "distribution = 0: expected 'uniform' or 'gaussian'",
    "random(distribution=None)": "distribution = None: expected 'uniform' or 'gaussian'",
    "net.trajectory(5, observe=1)": "trajectory: observe = 1: expected 'x' or 'y0' or 'y'",
    "net.trajectory(5, observe=['x'])": "trajectory: observe = ['x']: expected 'x' or 'y0' or 'y'",
    # progress
    "net.trajectory(5, progress=None)": "progress = None: expected True, False or a callable",
    "net.trajectory(5, progress=1)": "progress = 1: expected True, False or a callable",
    "spectrum(net, progress='x')": "progress = 'x': expected True, False or a callable",
    # systems and subjects
    "spectrum(3)": "lyapunov_spectrum: system = 3: expected a system, such as a FeedbackNetwork",
    "spectrum(None)": "lyapunov_spectrum: system = None: expected a system",
    "spectrum(Net)": "lyapunov_spectrum: system = <class 'attractornet._core.FeedbackNetwork'>: ex",
    "spectrum(net.w)": "lyapunov_spectrum: system = array([[",
    "an.fields(3)": "fields: subject = 3: expected a class or function of attractornet",
    "an.fields(print)": "fields: subject = <built-in function print>: expected a class or",
    "an.fields(type('FeedbackNetwork', (), {}))": "fields: subject = <class 'FeedbackNetwork'>: e",
    # files
    "net.save(3)": "FeedbackNetwork.save: path = 3: expected",
    "net.save(None)": "FeedbackNetwork.save: path = None: expected",
    "load(3.5)": "FeedbackNetwork.load: path = 3.5: expected",
    "load(None)": "FeedbackNetwork.load: path = None: expected",
    # too many, too few, unknown, twice
    "Net()": "FeedbackNetwork: argument 'w' is missing",
    "Net([[1.0]])": "FeedbackNetwork: argument 'b' is missing",
    "Net([[1.0]], [1], 3)": "FeedbackNetwork: too many positional arguments, the first of them 3",
    "Net([[1.0]], [1], w=3)": "FeedbackNetwork: argument 'w' is given twice",
    "Net([[1.0]], b=[1], c=3)": "FeedbackNetwork: unknown argument 'c'; it takes w, b",
    "random(3)": "FeedbackNetwork.random: too many positional arguments, the first of them 3; it t",
    "random(neuron=3)": "random: unknown argument 'neuron'; it takes neurons, inputs, scale, seed",
    "net.trajectory()": "trajectory: argument 'steps' is missing",
    "net.trajectory(5, foo=1)": "trajectory: unknown argument 'foo'; it takes steps, discard, init",
    "net.trajectory(5, 0, None, 'x', 1)": "trajectory: too many positional arguments, the first o",
    "net.trajectory(5, steps=5)": "trajectory: argument 'steps' is given twice",
    "net.step()": "step: argument 'state' is missing",
    "net.step(y, y)": "step: too many positional arguments, the first of them array([",
    "net.step(y, copy=True)": "step: unknown argument 'copy'; it takes state",
    "net.vjp(y)": "vjp: argument 'cotangent' is missing",
    "net.start(1)": "start: too many positional arguments, the first of them 1; it takes none",
    "net.origin(1)": "origin: too many positional arguments, the first of them 1; it takes none",
    "net.one_step_stretch(x=2)": "one_step_stretch: unknown argument 'x'; it takes none",
    "net.save()": "save: argument 'path' is missing",
    "load()": "load: argument 'path' is missing",
    "spectrum()": "lyapunov_spectrum: argument 'system' is missing",
    "spectrum(net, 3)": "lyapunov_spectrum: too many positional arguments, the first of them 3",
    "spectrum(net, dt=0.1)": "lyapunov_spectrum: unknown argument 'dt'; it takes system, k, steps",
    "an.fields()": "fields: argument 'subject' is missing",
    "an.fields(Net, 1)": "fields: too many positional arguments, the first of them 1",
    "an.info(1)": "info: too many positional arguments, the first of them 1; it takes none",
    "an.info(a=1)": "info: unknown argument 'a'; it takes none",
    "tanh()": "tanh: argument 'x' is missing",
    "tanh(1, 2)": "tanh: too many positional arguments, the first of them 2; it takes x",
    # what is no instance at all
    "Net.step(3, y)": "step",
    "Net.step()": "step",
    "Net.trajectory(None, 5)": "trajectory",
    "an.System()": "System",
    "an.LyapunovSpectrum()": "LyapunovSpectrum",
}

VALUE_ERRORS = {
    # arrays
    "Net([[1, 2], [3]], [1])": "FeedbackNetwork: w = [[1, 2], [3]]: expected an array of numbers",
    "Net([1, 2], [3])": "FeedbackNetwork: w has shape (2,): expected (neurons, inputs)",
    "Net(3.0, [3])": "FeedbackNetwork: w has shape (): expected (neurons, inputs)",
    "Net([[1, 2]], [1, 2])": "FeedbackNetwork: b has shape (2,): expected (1,), one weight for",
    "Net([[1, 2]], [[1]])": "FeedbackNetwork: b has shape (1, 1): expected (1,)",
    "Net([[1.0, nan]], [1])": "FeedbackNetwork: w holds nan at flat index 1: expected finite",
    "Net([[1.0]], [-inf])": "FeedbackNetwork: b holds -inf at flat index 0: expected finite",
    "Net(np.zeros((0, 3)), [])": "FeedbackNetwork: neurons = 0: expected 1 to 1048576",
    "Net(np.zeros((1, 0)), [1])": "FeedbackNetwork: inputs = 0: expected 1 to 1048576",
    "net.step([1, [2]])": "step: state = [1, [2]]: expected an array of numbers",
    "net.step([1, 2])": "step: state has shape (2,): expected (5,), the dimension of the system",
    "net.step(np.zeros((5, 1)))": "step: state has shape (5, 1): expected (5,), the dimension",
    "net.step(y / 0)": "step: state holds -inf at flat index 0: expected finite values only",
    "net.hidden(3)": "hidden: state has shape (): expected (5,)",
    "net.jacobian(np.zeros(4))": "jacobian: state has shape (4,): expected (5,)",
    "net.jvp(y, np.zeros(4))": "jvp: tangents has shape (4,): expected (5,) or (5, k)",
    "net.jvp(y, np.zeros((2, 5)))": "jvp: tangents has shape (2, 5): expected (5,) or (5, k)",
    "net.jvp(y, np.zeros((5, 2, 2)))": "jvp: tangents has shape (5, 2, 2): expected (5,) or (5, k)",
    "net.vjp(y, np.zeros((5, 1)))": "vjp: cotangent has shape (5, 1): expected (5,)",
    "net.vjp(y, [nan] * 5)": "vjp: cotangent holds nan at flat index 0: expected finite values",
    "net.trajectory(5, initial=[1, 2])": "trajectory: initial has shape (2,): expected (5,) or (ba",
    "net.trajectory(5, initial=np.zeros((2, 4)))": "trajectory: initial has shape (2, 4): expected",
    "net.trajectory(5, initial=np.zeros((2, 2, 5)))": "trajectory: initial has shape (2, 2, 5): ex",
    "net.trajectory(5, initial=[nan] * 5)": "trajectory: initial holds nan at flat index 0",
    "spectrum(net, initial=[1])": "lyapunov_spectrum: initial has shape (1,): expected (5,)",
    "spectrum(net, initial=[y])": "lyapunov_spectrum: initial has shape (1, 5): expected (5,)",
    "tanh([1, [2]])": "tanh: x = [1, [2]]: expected an array of numbers",
    # counts
    "net.trajectory(0)": "trajectory: steps = 0: expected a value in [1, ",
    "net.trajectory(-1)": "trajectory: steps = -1: expected a value in [1, ",
    "net.trajectory(-2**63)": "trajectory: steps = -9223372036854775808: expected",
    "net.trajectory(2**63)": "trajectory: steps = 9223372036854775808: expected",
    "net.trajectory(2**80)": "trajectory: steps = 1208925819614629174706176: expected",
    "net.trajectory(5, discard=-1)": "trajectory: discard = -1: expected a value in [0, ",
    "net.trajectory(5, discard=2**63)": "trajectory: discard = 9223372036854775808: expected",
    "net.trajectory(5, threads=0)": "trajectory: threads = 0: expected a value in [1, 4096]",
    "net.trajectory(5, threads=-3)": "trajectory: threads = -3: expected a value in [1, 4096]",
    "net.trajectory(5, threads=2**31)": "trajectory: threads = 2147483648: expected a value in [1,",
    "random(neurons=0)": "FeedbackNetwork.random: neurons = 0: expected a value in [1, 1048576]",
    "random(neurons=2**31)": "neurons = 2147483648: expected a value in [1, 1048576]",
    "random(inputs=2**63)": "inputs = 9223372036854775808: expected a value in [1, 1048576]",
    "random(inputs=-2**80)": "inputs = -1208925819614629174706176: expected a value in [1, 1048576",
    "random(seed=-1)": "FeedbackNetwork.random: seed = -1: expected a value in [0, 4294967295]",
    "random(seed=2**32)": "FeedbackNetwork.random: seed = 4294967296: expected a value in [0, 4294",
    "spectrum(net, k=0)": "lyapunov_spectrum: k = 0: expected a value in [1, ",
    "spectrum(net, k=6)": "lyapunov_spectrum: k = 6: expected 1 to the dimension 5",
    "spectrum(net, steps=0)": "lyapunov_spectrum: steps = 0: expected a value in [1, ",
    "spectrum(net, steps=2**80)": "steps = 1208925819614629174706176: expected a value in [1, ",
    "spectrum(net, discard=-1)": "lyapunov_spectrum: discard = -1: expected a value in [0, ",
    "spectrum(net, interval=2000)": "interval = 2000: expected a value in [1, 1024]",
    "spectrum(net, blocks=1)": "lyapunov_spectrum: blocks = 1: expected a value in [2, 65536]",
    "spectrum(net, steps=10)": "lyapunov_spectrum: steps = 10: expected at least blocks = 32",
    # numbers
    "random(scale=nan)": "FeedbackNetwork.random: scale = nan: expected a value in [0, inf)",
    "random(scale=inf)": "FeedbackNetwork.random: scale = inf: expected a value in [0, inf)",
    "random(scale=-1)": "FeedbackNetwork.random: scale = -1: expected a value in [0, inf)",
    "random(scale=-5e-324)": "FeedbackNetwork.random: scale = -4.94066e-324: expected a value in [",
    "random(scale=10**400)": "scale = 1000000000000000000000000000000000000000000000000000",
    # choices
    "random(distribution='normal')": "distribution = 'normal': expected 'uniform' or 'gaussian'",
    "net.trajectory(5, observe='z')": "trajectory: observe = 'z': expected 'x' or 'y0' or 'y'",
    "net.trajectory(5, observe='X')": "trajectory: observe = 'X': expected 'x' or 'y0' or 'y'",
    "net.trajectory(5, observe='')": "trajectory: observe = '': expected 'x' or 'y0' or 'y'",
    "net.trajectory(5, observe=surrogate)": r"trajectory: observe = '\ud800': expected 'x' or 'y0'",
}

MEMORY_ERRORS = {
    "net.trajectory(10**12)": "trajectory: batch x steps x values = 1 x 1000000000000 x 3 doubles",
    "net.trajectory(10**12, observe='y0')": "= 1 x 1000000000000 x 1 doubles are 7.45e+03 GiB, mor",
    "net.trajectory(longest)": "trajectory: batch x steps x values = 1 x 9223372036854775807 x 3",
    "net.trajectory(2**62, initial=[y] * 9)": "= 9 x 4611686018427387904 x 3 doubles",
    "random(neurons=2**20, inputs=2**20)": "FeedbackNetwork.random: neurons x inputs = 1048576 x 1",
    "random(inputs=2**20).jacobian(np.zeros(2**20))": "jacobian: 2 x dimension x dimension = ",
    "random(inputs=2**20).origin()": "FeedbackNetwork.origin: 2 x inputs x inputs = 2 x 1048576 x ",
    "spectrum(random(inputs=2**20))": "lyapunov_spectrum: 5 x dimension x k = 5 x 1048576 x 104857",
}


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        pytest.param(call, kind, message, id=call)
        for kind, table in [
            (TypeError, TYPE_ERRORS),
            (ValueError, VALUE_ERRORS),
            (MemoryError, MEMORY_ERRORS),
        ]
        for call, message in table.items()
    ],
)
def test_bad_calls_say_what_is_wrong(call, kind, message):
    with np.errstate(divide="ignore", invalid="ignore"), pytest.raises(Exception) as caught:  # noqa: PT011
        eval(call, dict(NAMES))
    assert type(caught.value) is kind
    assert message in str(caught.value)
    # One line, and nothing of the machinery that bound the function.
    assert "\n" not in str(caught.value)
    assert "pybind11" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_memory_errors_name_the_limit_and_the_remedy():
    with pytest.raises(MemoryError, match=r"more than the memory limit of .* GiB .*_MEMORY_LIMIT"):
        NET.trajectory(10**12)


def test_values_in_messages_are_cut_to_a_readable_length():
    with pytest.raises(TypeError) as caught:
        NET.trajectory("x" * 1_000)
    assert "steps = 'xxxx" in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "call", [NET.trajectory, lambda value: an.plot.attractor(NET, steps=value)]
)
@pytest.mark.parametrize(
    "value", ["x" * 10_000, [[1] * 10] * 10_000, {i: i for i in range(10_000)}]
)
def test_values_too_long_for_repr_are_named_by_their_type(call, value):
    with pytest.raises(TypeError, match=f"steps = <{type(value).__name__} of length 10000>"):
        call(value)


@pytest.mark.parametrize("character", ["\u00e9", "\u2207", "\U0001d54f"])
def test_values_are_cut_between_characters(character):
    # Of two, three and four bytes; the first letters shift where the cut falls.
    for shift in range(4):
        with pytest.raises(TypeError, match=rf"steps = 'a*{character}+\.\.\.: expected an integer"):
            NET.trajectory("a" * shift + character * 100)


def test_values_whose_repr_fails_are_named_by_type():
    class Unprintable:
        def __repr__(self):
            raise RuntimeError("no")

    with pytest.raises(TypeError, match="steps = <Unprintable>: expected an integer"):
        NET.trajectory(Unprintable())


def test_values_whose_repr_is_no_utf8_are_named_by_type():
    class Surrogate:
        def __repr__(self):
            return "\ud800"

    with pytest.raises(TypeError, match=r"steps = .*: expected an integer"):
        NET.trajectory(Surrogate())


def test_unknown_arguments_need_not_be_utf8():
    with pytest.raises(TypeError, match="trajectory: unknown argument"):
        NET.trajectory(5, **{"\ud800": 1})


def test_an_index_that_fails_is_no_integer():
    class Broken:
        def __index__(self):
            raise ZeroDivisionError

    with pytest.raises(TypeError, match=r"steps = .*: expected an integer"):
        NET.trajectory(Broken())


def test_a_number_beyond_double_is_named():
    # NumPy warns of the overflow, which is an error here; either way the argument must be named.
    with pytest.raises((ValueError, RuntimeWarning), match=r"step: state|overflow"):
        NET.step(np.full(5, np.longdouble("1e4000")))


def test_a_huge_discard_does_not_overflow_the_count():
    # Steps and discarded steps together are more than 64 bits hold.
    def first(done, total):
        raise StopIteration(total)

    with pytest.raises((ValueError, StopIteration)) as caught:
        NET.trajectory(1, discard=2**63 - 1, progress=first)
    if caught.type is StopIteration:
        assert caught.value.args[0] > 0
    else:
        assert "trajectory: discard = 9223372036854775807: expected" in str(caught.value)


def test_load_does_not_take_a_file_descriptor():
    # `open` would take it, and close the caller's file on leaving.
    read, write = os.pipe()
    try:
        with pytest.raises(TypeError):
            an.FeedbackNetwork.load(read)
        os.fstat(read)
    finally:
        os.close(write)
        os.close(read)


# --- what must not end the interpreter ------------------------------------------------------------

CRASHES = {
    "half-made step": "an.FeedbackNetwork.__new__(an.FeedbackNetwork).step([0.0])",
    "half-made weights": "an.FeedbackNetwork.__new__(an.FeedbackNetwork).w",
    "half-made spectrum": "an.lyapunov_spectrum(an.FeedbackNetwork.__new__(an.FeedbackNetwork))",
    "pickle protocol 0": "pickle.dumps(an.FeedbackNetwork([[1.0]], [1.0]), 0)",
    "pickle protocol 1": "pickle.dumps(an.FeedbackNetwork([[1.0]], [1.0]), 1)",
    "state of another type": "an.FeedbackNetwork.__new__(an.FeedbackNetwork).__setstate__(3)",
    "state without weights": "an.FeedbackNetwork.__new__(an.FeedbackNetwork).__setstate__({})",
}


@pytest.mark.parametrize("code", CRASHES.values(), ids=CRASHES.keys())
def test_the_interpreter_survives(code):
    script = f"import pickle, attractornet as an\ntry:\n    {code}\nexcept Exception as e: print(e)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# --- the environment ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["x", "0", "-1", "1.5", "2 threads", "5000", str(2**80)])
def test_a_bad_number_of_threads_in_the_environment_is_named(monkeypatch, value):
    monkeypatch.setenv("ATTRACTORNET_NUM_THREADS", value)
    with pytest.raises(ValueError, match=r"environment.*ATTRACTORNET_NUM_THREADS = .*expected"):
        NET.trajectory(5, initial=[Y, Y])
    # An argument makes the variable irrelevant.
    assert NET.trajectory(5, initial=[Y, Y], threads=2).shape == (2, 5, 3)


def test_threads_of_the_environment_are_reported(monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_NUM_THREADS", "7")
    assert an.info()["threads"] == 7
    monkeypatch.setenv("ATTRACTORNET_NUM_THREADS", "")
    assert an.info()["threads"] >= 1


def test_the_memory_limit_of_the_environment_is_respected(monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "24e3")
    assert an.info()["memory_limit"] == 24_000
    assert NET.trajectory(1000).shape == (1000, 3)
    with pytest.raises(MemoryError, match=r"trajectory: .* = 1 x 1001 x 3 doubles"):
        NET.trajectory(1001)
    with pytest.raises(MemoryError, match=r"random: neurons x inputs = 4 x 1000 doubles"):
        an.FeedbackNetwork.random(inputs=1000)
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "1e30")
    assert an.info()["memory_limit"] == 2**64 - 1


@pytest.mark.parametrize("value", ["x", "0", "-5", "nan", "4 GB"])
def test_a_bad_memory_limit_is_named(monkeypatch, value):
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", value)
    with pytest.raises(ValueError, match=r"environment.*ATTRACTORNET_MEMORY_LIMIT = .*expected"):
        NET.trajectory(5)


# --- odd, and right -------------------------------------------------------------------------------

FORTRAN = np.asfortranarray(np.arange(15.0).reshape(3, 5) / 20.0)
STRIDED = np.zeros((6, 10))[::2, ::-2]
STRIDED[:] = FORTRAN
READ_ONLY = FORTRAN.copy()
READ_ONLY.flags.writeable = False

WEIGHTS = {
    "lists": FORTRAN.tolist(),
    "tuples": tuple(map(tuple, FORTRAN)),
    "rows": list(FORTRAN),
    "big-endian": FORTRAN.astype(">f8"),
    "fortran": FORTRAN,
    "strided": STRIDED,
    "read-only": READ_ONLY,
    "long double": FORTRAN.astype(np.longdouble),
    "buffer": memoryview(np.ascontiguousarray(FORTRAN)),
    "array interface": SimpleNamespace(__array_interface__=FORTRAN.__array_interface__),
}


@pytest.mark.parametrize("w", WEIGHTS.values(), ids=WEIGHTS.keys())
def test_arrays_of_any_layout(w):
    net = an.FeedbackNetwork(w, [1, 2, 3])
    assert np.array_equal(net.w, FORTRAN)
    expected = an.FeedbackNetwork(np.array(FORTRAN, order="C"), np.array([1.0, 2.0, 3.0]))
    many = net.trajectory(9, initial=w, observe="y")
    assert np.array_equal(many, expected.trajectory(9, initial=FORTRAN, observe="y"))
    assert np.array_equal(net.jvp(Y, FORTRAN.T), expected.jvp(Y, FORTRAN.T.copy()))


@pytest.mark.parametrize(
    "dtype", ["f2", "f4", ">f4", "i1", "i4", ">i8", "u1", "u8", np.longdouble, int, float]
)
def test_arrays_of_any_real_type(dtype):
    y = np.array([0, 1, 2, 0, 1]).astype(dtype)
    expected = NET.step([0.0, 1.0, 2.0, 0.0, 1.0])
    assert np.array_equal(NET.step(y), expected)
    assert NET.step(y).dtype == np.float64
    assert np.array_equal(NET.trajectory(1, initial=y, observe="y")[0], expected)


@pytest.mark.parametrize(
    "kind", [np.int8, np.uint16, np.int64, np.uint64, np.intp, np.array, lambda n: n]
)
def test_integers_of_any_kind(kind):
    expected = NET.trajectory(5, discard=2, threads=2)
    assert np.array_equal(NET.trajectory(kind(5), discard=kind(2), threads=kind(2)), expected)
    net = an.FeedbackNetwork.random(neurons=kind(3), inputs=kind(5), seed=kind(7), scale=kind(1))
    assert np.array_equal(net.w, NET.w)
    spec = an.lyapunov_spectrum(NET, k=kind(2), steps=kind(100), blocks=kind(4), discard=kind(0))
    assert spec.exponents.shape == (2,)


@pytest.mark.parametrize(
    "kind", [float, np.float32, np.float64, np.longdouble, fractions.Fraction, decimal.Decimal]
)
def test_numbers_of_any_kind(kind):
    plain = an.FeedbackNetwork.random(neurons=3, inputs=5, scale=0.5, seed=7)
    net = an.FeedbackNetwork.random(neurons=3, inputs=5, scale=kind(0.5), seed=7)
    assert np.array_equal(net.b, plain.b)


def test_strings_of_numpy():
    assert NET.trajectory(5, observe=np.str_("y")).shape == (5, 5)
    gaussian = an.FeedbackNetwork.random(distribution=np.str_("gaussian"))
    assert np.sum(gaussian.b**2) == pytest.approx(4.0)


def test_results_are_fresh_writable_arrays():
    orbit = NET.trajectory(5)
    orbit[:] = 0.0
    assert orbit.flags.c_contiguous
    assert np.any(NET.trajectory(5))


# --- rubbish --------------------------------------------------------------------------------------

settings.register_profile("attractornet", derandomize=True, deadline=None, max_examples=120)
settings.load_profile("attractornet")

# Counts are tiny or absurd, so that no call that happens to be right takes long.
COUNTS = st.one_of(st.integers(-3, 5), st.sampled_from([-(2**80), -(2**63), 2**63, 2**80]))
NUMBERS = st.one_of(COUNTS, st.floats(), st.complex_numbers(), st.booleans())
REAL_ARRAYS = arrays(
    st.sampled_from(["f8", "f4", ">f8", "i4", "u1"]),
    array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
)
OTHER_ARRAYS = arrays(
    st.sampled_from(["?", "c16", "U2", "S3", "M8[s]", "m8[s]"]),
    array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=5),
)
THINGS = st.sampled_from(
    [None, ..., NotImplemented, object(), NET, Y, range(5), {1: 2}, {3}, b"x", [[1], [1, 2]], [[]]]
    + [np.float32(2), np.int16(3), np.datetime64("2020"), datetime.date(2020, 1, 1)]
    + [decimal.Decimal("sNaN"), fractions.Fraction(1, 3), np.empty(5, object), [Y] * 2, "y", "x"]
    + [np.array(["a", 1.0], object), np.zeros(5, [("a", "f8")]), np.ma.masked, "gaussian"]
)
TEXT = st.text(max_size=8)
RUBBISH = st.one_of(THINGS, NUMBERS, TEXT, REAL_ARRAYS, OTHER_ARRAYS, st.lists(NUMBERS, max_size=6))

# Callable, names of its arguments, and a right value for each that is required or would be slow.
CALLABLES = {
    "FeedbackNetwork": (an.FeedbackNetwork, ["w", "b"], {"w": NET.w, "b": NET.b}),
    "random": (
        an.FeedbackNetwork.random,
        ["neurons", "inputs", "scale", "seed", "distribution"],
        {},
    ),
    "start": (NET.start, [], {}),
    "step": (NET.step, ["state"], {"state": Y}),
    "hidden": (NET.hidden, ["state"], {"state": Y}),
    "jacobian": (NET.jacobian, ["state"], {"state": Y}),
    "jvp": (NET.jvp, ["state", "tangents"], {"state": Y, "tangents": Y}),
    "vjp": (NET.vjp, ["state", "cotangent"], {"state": Y, "cotangent": Y}),
    "origin": (NET.origin, [], {}),
    "one_step_stretch": (NET.one_step_stretch, [], {}),
    "trajectory": (
        NET.trajectory,
        ["steps", "discard", "initial", "observe", "threads", "progress"],
        {"steps": 3},
    ),
    "lyapunov_spectrum": (
        an.lyapunov_spectrum,
        ["system", "k", "steps", "discard", "interval", "blocks", "seed", "initial", "progress"],
        {"system": NET, "steps": 40, "discard": 0},
    ),
    "fields": (an.fields, ["subject"], {"subject": an.FeedbackNetwork}),
    "info": (an.info, [], {}),
    "tanh": (an.math.tanh, ["x"], {"x": Y}),
}


@pytest.mark.parametrize("name", CALLABLES)
@given(data=st.data())
def test_rubbish_is_refused_by_name(name, data):
    function, names, right = CALLABLES[name]
    positional = data.draw(st.lists(RUBBISH, max_size=2))
    keys = st.sampled_from(names) | TEXT if names else TEXT
    given = data.draw(st.dictionaries(keys, RUBBISH, max_size=3))
    needed = {key: right[key] for key in right if key not in names[: len(positional)]}
    try:
        function(*positional, **{**needed, **given})
    except (TypeError, ValueError, MemoryError) as error:
        assert name in str(error)  # noqa: PT017
        assert "pybind11" not in str(error)  # noqa: PT017
