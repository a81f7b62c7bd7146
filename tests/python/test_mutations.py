"""Model files that were damaged, or written to do harm: the same network, or an error that names
the file.

What a mutation may leave in place is what the hash does not cover: the order of keys, blanks, and
entries that `load` does not read.
"""

import json
import os
import random
import resource
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

import attractornet as an
from attractornet import _files

MUTATIONS = 2_000  # of each kind
ADDRESS_SPACE = 1 << 30  # bytes beyond what the process has
NET = an.FeedbackNetwork.random(neurons=3, inputs=5, scale=1.3, seed=7)

EXTREMES = [0, 1, -1, 7, 2**31 - 1, 2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64]


@pytest.fixture(scope="module", autouse=True)
def bounded():
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ADDRESS_SPACE, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """A saved network, as bytes."""
    file = tmp_path_factory.mktemp("saved") / "model.safetensors"
    NET.save(file)
    return file.read_bytes()


# --- bytes ----------------------------------------------------------------------------------------


def place(rng, content):
    """Somewhere in the file; every third time in its first bytes, the length of the header."""
    return rng.randrange(rng.choice([9, len(content), len(content)]))


def flip_bits(rng, content):
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        changed[place(rng, content)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(rng, content):
    at, many = place(rng, content), rng.choice([1, 2, 8, 40])
    filling = rng.choice([b"\x00", b"\xff", b'"', b"{", b"9", b"\\", rng.randbytes(1)])
    return (content[:at] + filling * many + content[at + many :])[: len(content)]


def cut(rng, content):
    return content[: place(rng, content)]


def insert(rng, content):
    at = place(rng, content)
    return content[:at] + rng.randbytes(rng.choice([1, 3, 8, 500])) + content[at:]


def remove(rng, content):
    at = place(rng, content)
    return content[:at] + content[at + rng.choice([1, 2, 8, 100]) :]


def move(rng, content):
    """Put a part of the file over another, or in between."""
    start, at = place(rng, content), place(rng, content)
    part = content[start : start + rng.choice([1, 8, 64])]
    return content[:at] + part + content[at + rng.choice([0, len(part)]) :]


def change_length(rng, content):
    """Say that the header is of another length."""
    length = int.from_bytes(content[:8], "little")
    numbers = [*EXTREMES, length - 1, length + 1, len(content) - 8, len(content) - 7, 10**8 + 1]
    return (rng.choice(numbers) % 2**64).to_bytes(8, "little") + content[8:]


# --- headers --------------------------------------------------------------------------------------


def parts(content):
    """Header and data of a safetensors file."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def joined(header, data):
    text = (header if isinstance(header, str) else json.dumps(header)).encode("utf-8", "replace")
    return len(text).to_bytes(8, "little") + text + data


STRANGE = [
    *EXTREMES, None, True, False, 1.5, -0.0, 1e308, 10**400, float("nan"), float("inf"), "", "w",
    "\ud800", "a\0b", "a\nb", "x" * 10_000, [], [[]], {}, {"": 0}, [0], [0, 0], [3, 5], [5, 3],
    [15], [0, 2**63], [2**32, 2**32], [1] * 100, [0, 120], [120, 144], [0, 144], [144, 0],
    {"float": "nan"}, {"float": "abc"}, {"float": [1]}, {"float": None}, {"int": "1"},
    {"float": "9" * 5000}, "F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2", "F4", "BOOL", "I8",
    "I64", "U64", "C64", "f64", "FeedbackNetwork", "System", "object", "sha256",
]  # fmt: skip


def nodes(tree):
    """Every (container, key) in a JSON tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(items):
        yield tree, key
        if isinstance(value, dict | list):
            yield from nodes(value)


def change_tree(rng, tree):
    """Replace, drop, add or rename one entry."""
    container, key = rng.choice(list(nodes(tree)))
    action = rng.randrange(5)
    if action == 0:
        del container[key]
    elif action == 1 and isinstance(container, dict):
        container[rng.choice(["w", "b", "c", "spec", "__metadata__", "\ud800", ""])] = container[
            key
        ]
    elif action == 2 and isinstance(container, dict):
        other = rng.choice(list(container))
        container[key], container[other] = container[other], container[key]
    else:
        container[key] = rng.choice(STRANGE)


def change_header(rng, content):
    """The list of tensors: types, shapes, offsets."""
    header, data = parts(content)
    for _ in range(rng.choice([1, 1, 2])):
        change_tree(rng, header)
    return joined(header, data)


def change_metadata(rng, content):
    """Our own entry: version, type, scalars, hash."""
    header, data = parts(content)
    own = json.loads(header["__metadata__"]["attractornet"])
    change_tree(rng, own)
    header["__metadata__"]["attractornet"] = json.dumps(own)
    return joined(header, data)


def change_text(rng, content):
    """The header's text as it stands: twice the same key, deep nesting, what is no JSON."""
    header, data = parts(content)
    text = json.dumps(header)
    own = header["__metadata__"]["attractornet"]
    deep = 10 ** rng.randrange(1, 6)
    changed = rng.choice(
        [
            text.replace('"w": {', '"b": {', 1),
            text.replace('"b": {', '"w": {', 1),
            text[:-1] + ', "w": ' + json.dumps(header["w"]) + "}",
            text[:-1] + ', "__metadata__": {"attractornet": "{}"}}',
            text.replace('"shape": [', '"shape": ' + "[" * deep, 1),
            text.replace("[", "[" * deep, 1).replace("]", "]" * deep, 1),
            json.dumps({**header, "__metadata__": {"attractornet": "[" * deep + "]" * deep}}),
            json.dumps({**header, "__metadata__": {"attractornet": '{"spec":' * deep + own}}),
            json.dumps({**header, "__metadata__": {"attractornet": own.replace("{}", "NaN")}}),
            json.dumps({**header, "__metadata__": {"attractornet": own + own}}),
            json.dumps({**header, "__metadata__": {"attractornet": own.replace(" ", "\t")}}),
            json.dumps({**header, "__metadata__": {**header["__metadata__"], "other": "x"}}),
            " " * deep + text,
            text + " " * deep,
            "\ufeff" + text,
            text.replace('"', "'"),
            text.replace("0", "00", rng.randrange(1, 5)),
            text.replace("5", "5e0", 1),
            text.replace("3", "-3", 1),
            text.replace('"dtype"', '"\\u0064type"'),
            text.swapcase(),
            text * 2,
        ]
    )
    return joined(changed, data)


# --- forgeries: the hash fits ---------------------------------------------------------------------

FORGED = [
    np.zeros((3, 5)), np.zeros(3), np.zeros((5, 3)), np.zeros((0, 5)), np.zeros((3, 0)),
    np.zeros(0), np.array(1.0), np.zeros((3, 5, 1)), np.full((3, 5), np.nan), np.full(3, np.inf),
    np.zeros((3, 5), "f4"), np.zeros(3, "f2"), np.zeros((3, 5), bool), np.zeros(3, "i1"),
    np.full(3, 2**63 - 1), np.full(3, 2**64 - 1, "u8"), np.full((3, 5), 1e308), np.zeros((1, 1)),
    np.zeros((1,) * 30), np.zeros(3, np.complex64), np.full((3, 5), 5e-324),
]  # fmt: skip


def forge(rng, content):
    """Other arrays and scalars, under a hash of their own: what only the type itself can refuse."""
    arrays = {"w": NET.w, "b": NET.b}
    for name in rng.sample(["w", "b", "c", "\u00e9"], rng.choice([1, 2])):
        arrays[name] = rng.choice(FORGED)
    if rng.randrange(4) == 0:
        arrays.pop(rng.choice(list(arrays)))
    spec = {}
    if rng.randrange(2):
        spec[rng.choice(["w", "b", "self", "spec", "", "\ud800"])] = rng.choice(STRANGE)
    return forged(_files._Parts("FeedbackNetwork", spec, arrays))


def forged(state):
    """A file with the state as it is; what strict JSON cannot hold has no hash that fits."""
    header = {"version": 1, "type": state.type, "spec": state.spec, "sha256": "0" * 64}
    with suppress(ValueError):
        header["sha256"] = _files._digest(state)
    return _files.serialized(state.arrays, {"attractornet": json.dumps(header)})


# --- the test -------------------------------------------------------------------------------------

KINDS = [
    flip_bits, set_bytes, cut, insert, remove, move, change_length, change_header, change_metadata,
    change_text, forge,
]  # fmt: skip


@contextmanager
def in_memory(content):
    """A file of that content; on some disks, writing thousands takes minutes."""
    number = os.memfd_create("model")
    try:
        os.write(number, content)
        yield Path(f"/proc/self/fd/{number}")
    finally:
        os.close(number)


def what_is_wrong(file, kind):
    """None if the file gives the network that was saved, or is refused as it should be."""
    start = time.perf_counter()
    try:
        again = an.FeedbackNetwork.load(file)
    except ValueError as error:
        text = str(error)
        if not text.startswith(f"{file}: ") or "\n" in text or len(text) > 500 + len(str(file)):
            return f"ValueError: {text[:200]}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    else:
        same = again.w.tobytes() == NET.w.tobytes() and again.b.tobytes() == NET.b.tobytes()
        if kind is not forge and not (same and again.w.shape == NET.w.shape):
            return "another network"
    return "slow" if time.perf_counter() - start > 2.0 else None


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_files_are_refused_or_the_same(content, kind):
    rng = random.Random(kind.__name__)
    faults = {}
    for number in range(MUTATIONS):
        with in_memory(kind(rng, content)) as file:
            wrong = what_is_wrong(file, kind)
        if wrong:
            faults.setdefault(wrong.replace(str(file), "FILE"), []).append(number)
    told = [f"{what} ({len(at)}, first in mutation {at[0]})" for what, at in faults.items()]
    assert not told, f"{len(told)} faults\n" + "\n".join(told[:40])
