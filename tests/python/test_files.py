"""Model files: what goes in comes out, and what was touched is refused by name."""

import json
import os
import pickle

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

import attractornet as an
from attractornet import _files


class Thing:
    """The least that a model file can hold: its state is its dict."""

    def __init__(self, **state):
        self.__dict__.update(state)

    def __getstate__(self):
        return dict(self.__dict__)

    def __setstate__(self, state):
        self.__dict__.update(state)


class Picky(Thing):
    """Needs a key, as a constructor behind a pickle does."""

    def __setstate__(self, state):
        self.needed = state["needed"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.fixture
def network():
    return an.FeedbackNetwork.random(neurons=3, inputs=5, scale=1.3, seed=7)


def rewritten(file, edit):
    """Write the file again with its metadata edited and nothing else changed."""
    with safe_open(file, framework="numpy") as source:
        header = json.loads(source.metadata()["attractornet"])
        arrays = {name: source.get_tensor(name) for name in source.keys()}  # noqa: SIM118
    edit(header)
    save_file(arrays, file, {"attractornet": json.dumps(header)})


# --- round trips --------------------------------------------------------------------------------


def test_a_network_comes_back_bit_for_bit(file, network):
    network.save(file)
    again = an.FeedbackNetwork.load(file)
    assert again.w.tobytes() == network.w.tobytes()
    assert again.b.tobytes() == network.b.tobytes()
    assert np.array_equal(again.trajectory(50), network.trajectory(50))


def test_the_file_agrees_with_pickle(file, network):
    network.save(str(file))  # a str is a path as well
    loaded, pickled = an.FeedbackNetwork.load(str(file)), pickle.loads(pickle.dumps(network))
    assert np.array_equal(loaded.w, pickled.w)
    assert np.array_equal(loaded.b, pickled.b)


def test_scalars_keep_value_and_type(file):
    scalars = {
        "count": 2**60, "step": 0.1, "rule": "hebbian", "flag": True, "absent": None,
        "order": np.inf, "low": -np.inf, "tiny": 5e-324, "numpy": np.float64(0.3),
    }  # fmt: skip
    _files.save(Thing(**scalars), file)
    assert vars(_files.load(file, Thing)) == scalars
    assert vars(_files.load(file, Thing))["flag"] is True


def test_nan_comes_back_as_nan(file):
    _files.save(Thing(value=np.nan), file)
    assert np.isnan(_files.load(file, Thing).value)


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(12.0)[::2],
        np.arange(6.0).astype(">f8"),
        np.float32([[1.5, -0.0]]),
        np.array([True, False]),
        np.arange(4, dtype=np.int8),
        np.array(3.25),
        np.empty((0, 4)),
    ],
    ids=["fortran", "strided", "big-endian", "float32", "bool", "int8", "0-d", "empty"],
)
def test_arrays_keep_shape_type_and_values(file, array):
    _files.save(Thing(array=array), file)
    again = _files.load(file, Thing).array
    assert again.shape == array.shape
    assert again.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(again, array)


def test_the_same_object_gives_the_same_bytes(tmp_path, network):
    files = [tmp_path / f"{i}.safetensors" for i in range(5)]
    for file in files:
        network.save(file)
    assert len({file.read_bytes() for file in files}) == 1


# --- what cannot be written -----------------------------------------------------------------------


def test_a_state_that_is_no_array_or_scalar_names_its_key(file):
    with pytest.raises(TypeError, match=r"Thing: parts is a list"):
        _files.save(Thing(parts=[1, 2]), file)
    assert not file.exists()


def test_a_missing_directory_is_named(tmp_path, network):
    with pytest.raises(FileNotFoundError, match="no such directory"):
        network.save(tmp_path / "nowhere" / "model.safetensors")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(file, network):
    network.save(file)
    before = file.read_bytes()

    def fail():
        with _files.replacing(file) as temporary:
            temporary.write_bytes(b"half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail()
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_saving_replaces_and_leaves_no_temporary_file(file, network):
    _files.save(Thing(a=1), file)
    network.save(file)
    assert np.array_equal(an.FeedbackNetwork.load(file).w, network.w)
    assert list(file.parent.iterdir()) == [file]


def test_the_file_obeys_the_umask_and_a_link_stays_a_link(tmp_path, network):
    link, target = tmp_path / "link.safetensors", tmp_path / "target.safetensors"
    link.symlink_to(target)
    before = os.umask(0o027)
    try:
        network.save(link)
    finally:
        os.umask(before)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640


# --- what is refused ------------------------------------------------------------------------------


def refusal(file, cls=an.FeedbackNetwork):
    """Message of the ValueError that loading must raise, which names the file."""
    with pytest.raises(ValueError, match=r"model\.safetensors: ") as caught:
        _files.load(file, cls)
    assert str(caught.value).startswith(f"{file}: ")
    return str(caught.value)


def test_a_missing_file_stays_a_file_not_found_error(file):
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors"):
        an.FeedbackNetwork.load(file)


def test_a_directory_is_an_os_error(tmp_path):
    with pytest.raises(IsADirectoryError):
        an.FeedbackNetwork.load(tmp_path)


def test_pipes_are_neither_read_nor_replaced(file, network):
    os.mkfifo(file)
    assert "not a regular file" in refusal(file)
    with pytest.raises(
        FileExistsError, match=r"model\.safetensors: exists, and is no regular file"
    ):
        network.save(file)
    assert file.is_fifo()
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff" * 100, b"PK\x03\x04" + bytes(60)])
def test_other_files_are_no_safetensors_files(file, content):
    file.write_bytes(content)
    assert "not a safetensors file" in refusal(file)


def test_a_safetensors_file_of_others_is_refused(file):
    save_file({"w": np.zeros((2, 3))}, file, {"format": "pt"})
    assert "no attractornet model" in refusal(file)


def test_another_type_is_refused_with_both_names(file):
    _files.save(Thing(a=1), file)
    assert "holds a Thing, expected a FeedbackNetwork" in refusal(file)


def test_a_truncated_file_is_refused_at_every_length(file, network):
    network.save(file)
    content = file.read_bytes()
    for length in range(0, len(content), 23):
        file.write_bytes(content[:length])
        refusal(file)


def test_any_changed_byte_is_noticed(file, network):
    network.save(file)
    content = file.read_bytes()
    for at in range(0, len(content), 7):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        refusal(file)


@pytest.mark.parametrize("key", ["type", "spec", "sha256"])
def test_changed_metadata_are_a_hash_mismatch(file, key):
    _files.save(Thing(a=1), file)
    changed = {"type": "Picky", "spec": {"a": 2}, "sha256": "0" * 64}
    rewritten(file, lambda header: header.update({key: changed[key]}))
    assert "hash mismatch" in refusal(file, Thing)


@pytest.mark.parametrize("key", ["version", "type", "spec", "sha256"])
def test_missing_metadata_are_named(file, key):
    _files.save(Thing(a=1), file)
    rewritten(file, lambda header: header.pop(key))
    assert f"missing key '{key}'" in refusal(file, Thing)


def test_a_later_version_is_refused(file):
    _files.save(Thing(a=1), file)
    rewritten(file, lambda header: header.update(version=99))
    assert "version 99" in refusal(file, Thing)


def test_a_key_that_the_type_misses_is_named(file):
    _files.save(Picky(other=1), file)
    assert "missing key 'needed'" in refusal(file, Picky)


def test_a_network_without_its_weights_is_refused(file):
    impostor = type("FeedbackNetwork", (Thing,), {})
    _files.save(impostor(w=np.zeros((2, 3))), file)
    assert "FeedbackNetwork" in refusal(file)
