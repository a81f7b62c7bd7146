"""Hostile values in every argument of every public callable: refused by name, or they work.

The calls come from the signatures (`public_api`), so that what is added later is tested unchanged.
"""

import array
import collections
import contextlib
import datetime
import decimal
import faulthandler
import fractions
import functools
import inspect
import math
import operator
import os
import pathlib
import re
import resource
import signal
import sys
import typing
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from matplotlib import pyplot as plt
from public_api import PUBLIC, bits, fields_of, right

import attractornet as an

LONGEST = 0.05  # seconds until a call that is right, and long, is ended
MEMORY_LIMIT = "2e7"  # bytes, for results
ADDRESS_SPACE = 3 << 30  # bytes beyond what the process has: an array of terabytes must fail
EXAMPLES = 250  # calls with random values, of each callable


class TooLong(Exception):
    """Ends a call that would go on for weeks."""


class Mine(Exception):
    """Raised by a value itself; may come through as it is, or be taken for a wrong value."""


# --- a call and its judge -------------------------------------------------------------------------


def _ring(_, frame):
    # Only from the package's own work: in a finaliser nobody would catch it. It rings again.
    if frame.f_globals["__name__"].startswith(("public_api", "attractornet.")):
        raise TooLong


@pytest.fixture(scope="module", autouse=True)
def bounded():
    """Little memory, an alarm clock, and a trace of all threads should something hang."""
    plt.switch_backend("agg")
    before = signal.signal(signal.SIGALRM, _ring)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ADDRESS_SPACE, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def _environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", MEMORY_LIMIT)
    # Where right() makes data sets: no call, not one without a directory either, asks the net.
    monkeypatch.setenv("ATTRACTORNET_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # a hostile path is a file here
    os.mkfifo("device")
    # Not sys.stderr, which has no file number where pytest captures it.
    faulthandler.dump_traceback_later(300, exit=True, file=sys.__stderr__)
    yield
    faulthandler.cancel_dump_traceback_later()
    plt.close("all")  # ax=None makes figures


@contextlib.contextmanager
def alarm():
    """Raises TooLong in the block after LONGEST seconds, and every 50 ms from then on."""
    signal.setitimer(signal.ITIMER_REAL, LONGEST, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def fault(public, names, error):
    """What is wrong with a refusal; None where it is as it should be."""
    text = str(error)
    if not isinstance(error, TypeError | ValueError | MemoryError):
        return "another type of error"
    if not any(re.search(rf"\b{re.escape(name)}\b", text) for name in names):
        return "names no argument"
    if public.short not in text:
        return "does not name the function"
    if "pybind11" in text or "\n" in text or len(text) > 500:
        return "shows the machinery, or too much"
    return None


def of_file(error, path):
    """Whether an error tells of the file that there is, or is not."""
    if isinstance(error, OSError):
        return True
    return isinstance(path, str | pathlib.Path) and str(error).startswith(f"{path}: ")


def verdict(public, arguments, names):
    """None if the call worked or was refused as it should be; else what it did.

    `names` are those of the arguments that are not right.
    """
    try:
        with alarm(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            public.call(arguments)
    except (TooLong, Mine):
        return None
    except Exception as error:
        if any(name in names and callable(arguments[name]) for name in ("progress", "loss")):
            return None  # the callable's own error
        files = ("path", "store", "checkpoint")
        if any(name in names and of_file(error, arguments[name]) for name in files):
            return None
        wrong = fault(public, names, error)
        return wrong and f"{wrong}: {type(error).__name__}: {str(error)[:300]}"
    unlawful = [name for name in names if must_refuse(public, name, arguments[name])]
    return f"accepted {unlawful}" if unlawful else None


# --- what may never be accepted -------------------------------------------------------------------


RECORDS = {
    f"{name}.__init__"
    for name in (
        "Connectome",
        "EpochRecord",
        "Evaluation",
        "LabelledImages",
        "PublishedNetwork",
        "Recipe",
        "ScanResult",
        "ScanStatus",
        "ScanVerification",
        "Training",
    )
}


def of_core(public):
    """Whether the core reads the arguments, or functions as strict; records take anything."""
    return not inspect.isfunction(public.function) and public.name not in RECORDS


@functools.cache
def bounds_of(name):
    return fields_of(PUBLIC[name])


def outside(field, value):
    low, high = field.minimum, field.maximum
    return not (
        (low < value if field.minimum_open else low <= value)
        and (value < high if field.maximum_open else value <= high)
    )


def refuses_integer(value, field):
    if isinstance(value, bool | np.bool_) or (isinstance(value, np.ndarray) and value.ndim):
        return True
    try:
        number = operator.index(value)
    except Exception:
        return True
    return abs(number) > 2**63 or (field is not None and outside(field, number))


def refuses_number(value, field):
    if isinstance(value, bool | np.bool_ | str | bytes | complex | None):
        return True
    try:
        number = float(value)
    except Exception:
        return True
    return field is not None and (math.isnan(number) or outside(field, number))


def refuses_array(value):
    try:
        values = np.asarray(value)
    except Exception:
        return True
    if values.dtype.kind not in "fiu":
        return True
    return values.size < 10**6 and not np.all(np.isfinite(values))


def must_refuse(public, name, value):
    """Whether the signature and the bounds alone forbid the value."""
    if not of_core(public):
        return False
    if name == "self":
        return not isinstance(value, public.owner)
    annotation = next(each.annotation for each in public.parameters if each.name == name)
    field = bounds_of(public.name).get(name)
    kind, _, optional = annotation.partition(" | None")
    if value is None and (optional or annotation.endswith("None")):
        return False
    if kind.startswith("typing.Literal"):
        return not isinstance(value, str) or value not in eval(kind, {"typing": typing}).__args__
    rules = {
        "int": lambda: refuses_integer(value, field),
        "float": lambda: refuses_number(value, field),
        "bool": lambda: not isinstance(value, bool | np.bool_),
        "numpy.typing.ArrayLike": lambda: refuses_array(value),
        "str | os.PathLike[str]": lambda: not isinstance(value, str | os.PathLike),
        "System": lambda: not isinstance(value, an.System) or isinstance(value, an.Flow),
        "Flow": lambda: not isinstance(value, an.Flow),
        "bool | collections.abc.Callable[[int, int], object]": lambda: (
            not (isinstance(value, bool) or callable(value))
        ),
    }
    return kind in rules and rules[kind]()


# --- the values -----------------------------------------------------------------------------------


def raising(name, error=Exception):
    """An object whose method of that name raises."""

    def method(self, *args, **kwargs):
        raise type("Own", (Mine, error), {})(name)

    return type("Raising", (), {name: method})()


def answering(name, value):
    """An object whose method of that name answers with that value."""
    return type("Answering", (), {name: lambda self, *args, **kwargs: value})()


class Plain:
    """Callable as a class, and never right."""


class Text(str):
    """A string of another type."""

    __slots__ = ()


SPECIAL = [
    "__array__", "__array_interface__", "__bool__", "__buffer__", "__call__", "__float__",
    "__fspath__", "__getitem__", "__hash__", "__index__", "__int__", "__iter__", "__len__",
    "__repr__", "__str__", "__eq__",
]  # fmt: skip

CYCLE = []
CYCLE.append(CYCLE)

# Each is made afresh, since some can be read once only.
HOSTILE = {
    # not of any kind that is asked for
    "None": lambda: None,
    "Ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "object": object,
    "class": lambda: Plain,
    "lambda": lambda: lambda: 1,
    "builtin": lambda: print,
    "module": lambda: math,
    "generator": lambda: (i for i in range(3)),
    "iterator": lambda: iter([1.0, 2.0]),
    "dict": lambda: {"w": 1},
    "set": lambda: {1, 2},
    "frozenset": frozenset,
    "slice": lambda: slice(3),
    "range": lambda: range(4),
    "range of 2^40": lambda: range(2**40),
    "range of 2^70": lambda: range(2**70),
    "exception": lambda: ValueError("x"),
    "namespace": lambda: SimpleNamespace(__name__="FeedbackNetwork"),
    "name that is no utf-8": lambda: SimpleNamespace(__name__="\ud800"),
    "half-made network": lambda: an.FeedbackNetwork.__new__(an.FeedbackNetwork),
    "network class": lambda: an.FeedbackNetwork,
    "half-made flow": lambda: an.textbook.Lorenz.__new__(an.textbook.Lorenz),
    "field": lambda: an.fields(an.FeedbackNetwork)[0],
    "date": lambda: datetime.date(2020, 1, 1),
    "datetime": lambda: datetime.datetime(2020, 1, 1),
    "timedelta": lambda: datetime.timedelta(3),
    # numbers
    "True": lambda: True,
    "False": lambda: False,
    "0": lambda: 0,
    "1": lambda: 1,
    "-1": lambda: -1,
    "-0.0": lambda: -0.0,
    "-0.5": lambda: -0.5,
    "0.5": lambda: 0.5,
    "3.0": lambda: 3.0,
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "-inf": lambda: -math.inf,
    "1e308": lambda: 1e308,
    "5e-324": lambda: 5e-324,
    "2^31": lambda: 2**31,
    "-2^31 - 1": lambda: -(2**31) - 1,
    "2^32": lambda: 2**32,
    "2^53 + 1": lambda: 2**53 + 1,
    "2^63 - 1": lambda: 2**63 - 1,
    "2^63": lambda: 2**63,
    "-2^63": lambda: -(2**63),
    "2^64": lambda: 2**64,
    "10^30": lambda: 10**30,
    "10^400": lambda: 10**400,
    "10^5000": lambda: 10**5000,  # too long for repr
    "complex": lambda: 1j,
    "Decimal": lambda: decimal.Decimal("0.1"),
    "Decimal sNaN": lambda: decimal.Decimal("sNaN"),
    "Fraction": lambda: fractions.Fraction(1, 3),
    "np.int8": lambda: np.int8(-3),
    "np.uint64": lambda: np.uint64(2**64 - 1),
    "np.float32": lambda: np.float32("nan"),
    "np.longdouble": lambda: np.longdouble("1e4000"),
    "np.bool": lambda: np.True_,
    "np.datetime64": lambda: np.datetime64("2020"),
    "np.str": lambda: np.str_("y"),
    "np.void": lambda: np.void(b"abc"),
    # text
    "''": lambda: "",
    "'3'": lambda: "3",
    "'x'": lambda: "x",
    "'nan'": lambda: "nan",
    "NUL": lambda: "a\0b",
    "surrogate": lambda: "\ud800",
    "half a surrogate escape": lambda: "\udcff",
    "braces": lambda: "{0} %s %n",
    "long text": lambda: "x" * 100_000,
    "lines": lambda: "a\nb\r\nc",
    "subclass of str": lambda: Text("x"),
    "bytes": lambda: b"x",
    "bytearray": lambda: bytearray(8),
    "directory": lambda: pathlib.Path(),
    "root": lambda: "/",  # a directory, which is never written to
    "no such directory": lambda: pathlib.Path("no/such/folder"),
    "device": lambda: "device",  # a pipe: as root, a real device might be replaced
    # arrays
    "[]": list,
    "()": tuple,
    "[[]]": lambda: [[]],
    "ragged": lambda: [[1.0], [1.0, 2.0]],
    "ragged deep": lambda: [1.0, [2.0, [3.0]]],
    "list of None": lambda: [None] * 5,
    "list of text": lambda: ["a"] * 5,
    "list of lists of text": lambda: [["1", "2"]],
    "list in itself": lambda: CYCLE,
    "nested 80 deep": lambda: functools.reduce(lambda inner, _: [inner], range(80), 1.0),
    "huge integers": lambda: [2**80] * 5,
    "0-d": lambda: np.array(3.0),
    "0-d integer": lambda: np.array(3),
    "1-d of one": lambda: np.array([3]),
    "3-d": lambda: np.zeros((2, 2, 2)),
    "32-d": lambda: np.zeros((1,) * 32),
    "empty": lambda: np.empty(0),
    "empty columns": lambda: np.empty((5, 0)),
    "empty rows": lambda: np.empty((0, 5)),
    "array of nan": lambda: np.full(5, np.nan),
    "array of inf": lambda: np.full((3, 5), np.inf),
    "array of bool": lambda: np.ones(5, bool),
    "array of complex": lambda: np.ones(5, complex),
    "array of objects": lambda: np.array([1.0, "a", None, [], 2], object),
    "empty array of objects": lambda: np.empty(0, object),
    "array of text": lambda: np.array(["1"] * 5),
    "array of dates": lambda: np.zeros(5, "M8[s]"),
    "array of records": lambda: np.zeros(5, [("a", "f8")]),
    "array of voids": lambda: np.zeros(5, "V8"),
    "array of long doubles": lambda: np.full(5, np.longdouble("1e4000")),
    "broadcast 2^33": lambda: np.broadcast_to(0.0, (2**33,)),
    "broadcast 5 x 2^40": lambda: np.broadcast_to(0.0, (5, 2**40)),
    "broadcast 2^40 x 5": lambda: np.broadcast_to(np.float32(0.0), (2**40, 5)),
    "broadcast 2^60": lambda: np.broadcast_to(np.int8(0), (2**60,)),
    "broadcast text": lambda: np.broadcast_to("a", (2**40,)),
    "masked": lambda: np.ma.masked,
    "masked array": lambda: np.ma.masked_all(5),
    "memoryview": lambda: memoryview(b"abcde"),
    "released memoryview": lambda: released(),
    "array.array": lambda: array.array("d", [1.0] * 4),
    "subclass of ndarray": lambda: np.zeros(5).view(type("Own", (np.ndarray,), {})),
    "interface of null": lambda: SimpleNamespace(
        __array_interface__={"shape": (5,), "typestr": "<f8", "data": None, "version": 3}
    ),
    "interface of nonsense": lambda: SimpleNamespace(__array_interface__=3),
    # objects that answer, and do not hold to what they said
    "index of text": lambda: answering("__index__", "x"),
    "index of 2^80": lambda: answering("__index__", 2**80),
    "float of text": lambda: answering("__float__", "x"),
    "float of nan": lambda: answering("__float__", math.nan),
    "array of nothing": lambda: answering("__array__", None),
    "array of nan, asked": lambda: answering("__array__", np.full(5, np.nan)),
    "length below 0": lambda: answering("__len__", -1),
    "length 2^70": lambda: answering("__len__", 2**70),
    "path of bytes": lambda: answering("__fspath__", b"x"),
    "path of a number": lambda: answering("__fspath__", 3),
    "repr of a number": lambda: answering("__repr__", 3),
    "repr of a surrogate": lambda: answering("__repr__", "\ud800"),
    **{f"{name} raises": functools.partial(raising, name) for name in SPECIAL},
    **{
        f"{name} raises {error.__name__}": functools.partial(raising, name, error)
        for name in ["__array__", "__index__", "__float__", "__fspath__", "__repr__", "__len__"]
        for error in [ValueError, OverflowError, RecursionError, OSError, StopIteration]
    },
}


def released():
    view = memoryview(bytearray(8))
    view.release()
    return view


def near(value):
    """Arrays almost like one that is right: its shape or one of its values is wrong."""
    good = np.asarray(value)
    if good.dtype.kind != "f" or good.ndim == 0:
        return {}
    cases = {"with an axis": good[None], "with an axis behind": good[..., None], "flat": good[0]}
    for axis in range(good.ndim):
        length = good.shape[axis]
        cases[f"shorter along {axis}"] = np.delete(good, 0, axis)
        cases[f"longer along {axis}"] = np.repeat(good, [2] + [1] * (length - 1), axis)
        cases[f"nothing along {axis}"] = np.take(good, [], axis)
        endless = np.expand_dims(np.take(good, 0, axis), axis)
        shape = [*good.shape]
        shape[axis] = 2**33
        cases[f"2^33 along {axis}"] = np.broadcast_to(endless, shape)
    for bad in [np.nan, np.inf, -np.inf]:
        holed = good.copy()
        holed.flat[-1] = bad
        cases[f"{bad} at its end"] = holed
    if good.ndim == 2 and good.shape[0] != good.shape[1]:
        cases["transposed"] = good.T
    return cases


def edges(field):
    """Values just inside and just outside a field's bounds."""
    if field.type == "str":
        return {}
    step = 1 if field.type == "int" else 1e-9
    whole = int if field.type == "int" else float
    ends = [whole(end) for end in (field.minimum, field.maximum) if math.isfinite(end)]
    return {repr(value): value for end in ends for value in (end - step, end, end + step)}


def cases(public, arguments):
    """(argument, what its value is, the value) for one hostile value at a time."""
    fields = fields_of(public)
    for parameter in public.parameters:
        name = parameter.name
        if name == "self" and inspect.isfunction(public.function):
            continue  # Python itself calls such a method
        for label, make in HOSTILE.items():
            yield name, label, make
        derived = {
            **near(arguments.get(name, 0.0)),
            **(edges(fields[name]) if name in fields else {}),
        }
        for label, value in derived.items():
            yield name, label, functools.partial(copied, value)


def copied(value):
    return value


# --- tests ----------------------------------------------------------------------------------------


def each_public(choose=lambda public: True):
    chosen = {name: public for name, public in PUBLIC.items() if choose(public)}
    return pytest.mark.parametrize("public", chosen.values(), ids=chosen)


@each_public()
def test_every_public_callable_has_a_right_call(public, tmp_path):
    arguments = right(public, tmp_path)
    arrays = [each.name for each in public.parameters if "ArrayLike" in each.annotation]
    assert not set(arrays) - set(arguments), "add a value to VALUES in public_api.py"
    assert bits(public.call(arguments)) == bits(public.call(right(public, tmp_path)))


def summary(faults):
    """The faults found, those alike told once."""
    groups = collections.defaultdict(list)
    for where, what in faults:
        groups[what].append(where)
    lines = [f"{what}\n      for {'; '.join(each[:6])}" for what, each in groups.items()]
    return f"{len(faults)} faults\n" + "\n".join(lines[:40])


def mistaken(public):
    """Arguments that may be wrong; Python itself checks the self of its own methods."""
    ours = not inspect.isfunction(public.function)
    return [each.name for each in public.parameters if ours or each.name != "self"]


@each_public(mistaken)
def test_one_hostile_argument(public, tmp_path):
    expected = bits(public.call(right(public, tmp_path)))
    faults = []
    for name, label, make in cases(public, right(public, tmp_path)):
        what = verdict(public, {**right(public, tmp_path), name: make()}, [name])
        if what:
            faults.append((f"{name}: {label}", what))
    assert not faults, summary(faults)
    # And nothing that went before has left a trace.
    assert bits(public.call(right(public, tmp_path))) == expected


COUNTS = st.one_of(st.integers(-3, 50), st.integers(-(2**70), 2**70))
NUMBERS = st.one_of(COUNTS, st.floats(), st.complex_numbers(), st.booleans())
ARRAYS = arrays(
    st.sampled_from(["f8", "f4", ">f8", "i4", "u1", "?", "c16", "U2", "M8[s]"]),
    array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6),
)
TEXT = st.text(max_size=8).filter(lambda text: "/" not in text)  # a path leads nowhere else
KNOWN = st.sampled_from(sorted(HOSTILE)).map(lambda label: HOSTILE[label]())
RUBBISH = st.one_of(KNOWN, NUMBERS, ARRAYS, TEXT, st.lists(NUMBERS | TEXT, max_size=6))


@each_public(lambda public: len(mistaken(public)) > 1)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a file of one run is another's right one: nothing would shrink
)
@given(data=st.data())
def test_several_hostile_arguments(public, tmp_path, data):
    possible = mistaken(public)
    names = data.draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True))
    arguments = {**right(public, tmp_path), **{name: data.draw(RUBBISH) for name in names}}
    what = verdict(public, arguments, names)
    assert what is None, f"{names}: {what}"


def test_there_are_enough_calls(tmp_path):
    single = sum(len(list(cases(each, right(each, tmp_path)))) for each in PUBLIC.values())
    several = EXAMPLES * sum(len(mistaken(each)) > 1 for each in PUBLIC.values())
    assert single + several >= 20_000, (single, several)


# --- arrays of any kind ---------------------------------------------------------------------------


OF_FILES = (
    *(".load", ".save", "_mnist", "load_connectome", "read_checkpoint"),
    *("scan_status", "scan_verify"),
)


def array_arguments():
    folder = pathlib.Path()
    for public in PUBLIC.values():
        if public.name not in RECORDS and not public.name.endswith(OF_FILES):
            for name, value in right(public, folder).items():
                if isinstance(value, np.ndarray):
                    yield public, name


def strided(values):
    """The values in every other place of larger memory, last ones first."""
    inner = np.zeros([2 * length + 1 for length in values.shape])
    view = inner[(slice(1, None, 2),) * values.ndim][(slice(None, None, -1),) * values.ndim]
    view[...] = values
    return view


def read_only(values):
    values = values.copy()
    values.flags.writeable = False
    return values


def unaligned(values):
    memory = bytearray(values.nbytes + 1)
    view = np.frombuffer(memory, values.dtype, offset=1).reshape(values.shape)
    view[...] = values
    return view


def tuples(values):
    return tuple(map(tuples, values)) if isinstance(values, list) else values


ALIKE = {
    "read-only": read_only,
    "fortran": np.asfortranarray,
    "strided": strided,
    "transposed twice": lambda values: values.T.copy().T,
    "unaligned": unaligned,
    "lists": lambda values: values.tolist(),
    "tuples": lambda values: tuples(values.tolist()),
    "rows": list,
    "memoryview": memoryview,
    "masked array without mask": np.ma.array,
    "object with __array__": lambda values: answering("__array__", values),
    "object with an interface": lambda values: SimpleNamespace(
        __array_interface__=values.__array_interface__, base=values
    ),
    "array.array": lambda values: array.array("d", values) if values.ndim == 1 else values,
    **{
        order + dtype: functools.partial(np.asarray, dtype=order + dtype)
        for dtype in ["f2", "f4", "f8", "g", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
        for order in "<>"
    },
}


def plain(public, kind, values):
    """The array of doubles, or of the type that the result takes over from the argument."""
    kept = {
        "tanh": "f4",
        "HopfieldNetwork.recall": "i1",
        "DenseAssociativeMemory.recall": "i1",
        **{f"WilsonCowanNetwork.{name}": "f4" for name in ("adjoint", "integrate", "tape")},
        **{f"{kind}Coupling.__init__": "f4" for kind in ("Projected", "Spectral")},
        **{f"learn.{name}": "f4" for name in ("probabilities", "state_loss")},
    }
    dtype = kept.get(public.name, "f8")
    return values.astype(dtype if kind.endswith(dtype) else "f8")


def of_any_type(name, good):
    """An array that is as right, of numbers that every type holds."""
    if set(good.flat) <= {-1.0, 1.0}:
        return np.ones(good.shape)
    count = 2 if set(good.flat) <= {0.0, 1.0} or name == "x" else 3  # examples end at 1
    return np.arange(good.size, dtype=float).reshape(good.shape) % count


WHOLE = ("labels", "order", "true", "predicted")  # arrays of integers
EACH_ARRAY = pytest.mark.parametrize(
    ("public", "name"),
    [pytest.param(*each, id=f"{each[0].name}-{each[1]}") for each in array_arguments()],
)


@EACH_ARRAY
def test_arrays_of_any_kind_give_the_same_bits(public, name, tmp_path):
    if name in WHOLE:
        pytest.skip("integers of all sizes are in the tests of learning; numbers are refused")
    values = of_any_type(name, right(public, tmp_path)[name])

    def result(values):
        return bits(public.call({**right(public, tmp_path), name: values}))

    for kind, made in ALIKE.items():
        assert result(made(values)) == result(plain(public, kind, values)), kind
    if name != "phi":  # which has an inverse
        assert result(np.broadcast_to(1.0, values.shape)) == result(np.ones(values.shape))


def peak():
    """The most memory that the process had at a time, in bytes, since reset_peak()."""
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status)[1])


@EACH_ARRAY
def test_endless_arrays_take_no_memory(public, name, tmp_path):
    # Views of one number; a copy of one has three times what a result may take, or more.
    good = right(public, tmp_path)[name]
    for axis in range(good.ndim):
        shape = [*good.shape]
        shape[axis] = 2**23
        given = np.broadcast_to(np.float32(0.5), shape)
        pathlib.Path("/proc/self/clear_refs").write_text("5")
        before = peak()
        what = verdict(public, {**right(public, tmp_path), name: given}, [name])
        assert what is None
        assert peak() - before < 3e7
