"""Data sets: what is read is what the files hold, what is downloaded is what was published, and
nothing half done ever counts.

Small files and a server of this machine stand for the published ones; nothing here asks the net.
"""

import gzip
import hashlib
import os
import pickle
import signal
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import FrozenInstanceError, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import attractornet as an
from attractornet.datasets import _download, _mnist
from attractornet.datasets._published import FASHION_MNIST, MNIST, Published

# Seconds from Ctrl-C to the caller's `except`.
LATEST = 0.2 * float(os.environ.get("ATTRACTORNET_TEST_PATIENCE", "1"))
REAL = os.environ.get("ATTRACTORNET_DATA")
NAMES = {
    split: (f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte")
    for split, prefix in [("train", "train"), ("test", "t10k")]
}
LOADERS = {"MNIST": an.datasets.load_mnist, "Fashion-MNIST": an.datasets.load_fashion_mnist}
IMAGES = np.random.RandomState(5).randint(0, 256, (7, 28, 28)).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9, 2], np.uint8)


def idx(values):
    """An IDX file of unsigned bytes."""
    return (
        struct.pack(f">{1 + values.ndim}I", 0x800 + values.ndim, *values.shape) + values.tobytes()
    )


def packed(content):
    return gzip.compress(content, mtime=0)


def write(folder, images=IMAGES, labels=LABELS, split="train", pack=True):
    """Write a data set's two files, and say where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / (name + ".gz" * pack) for name in NAMES[split]]
    for path, values in zip(paths, (images, labels), strict=True):
        path.write_bytes(packed(idx(values)) if pack else idx(values))
    return paths


def holds(found, images=IMAGES, labels=LABELS):
    return np.array_equal(found.images, images) and np.array_equal(found.labels, labels)


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """No setting of the user's, an empty cache, and no mirror."""
    monkeypatch.delenv("ATTRACTORNET_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("MNIST", "FASHION_MNIST"):
        monkeypatch.setattr(_mnist, name, replace(getattr(_mnist, name), mirrors=()))


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", LOADERS.values(), ids=LOADERS)
@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("pack", [True, False], ids=["packed", "unpacked"])
def test_files_are_read_as_they_are(tmp_path, load, split, pack):
    write(tmp_path, split=split, pack=pack)
    found = load(split, tmp_path)
    assert holds(found)
    for values in (found.images, found.labels):
        assert values.dtype == np.uint8
        assert values.flags.owndata
        assert values.flags.writeable
        assert values.flags.c_contiguous


def test_train_is_what_is_loaded_where_nothing_is_said(tmp_path):
    write(tmp_path)
    write(tmp_path, IMAGES[:2], LABELS[:2], split="test")
    assert holds(an.datasets.load_mnist(directory=str(tmp_path)))
    assert holds(an.datasets.load_mnist("test", str(tmp_path)), IMAGES[:2], LABELS[:2])


def test_a_file_that_was_unpacked_and_kept_its_name_is_read(tmp_path):
    for path, values in zip(write(tmp_path), (IMAGES, LABELS), strict=True):
        path.write_bytes(idx(values))
    assert holds(an.datasets.load_mnist("train", tmp_path))


def test_no_images_are_no_error(tmp_path):
    write(tmp_path, IMAGES[:0], LABELS[:0])
    assert an.datasets.load_mnist("train", tmp_path).images.shape == (0, 28, 28)


def test_results_are_small_named_values(tmp_path):
    write(tmp_path)
    found = an.datasets.load_mnist("train", tmp_path)
    assert isinstance(found, an.datasets.LabelledImages)
    assert repr(found) == "LabelledImages(7 images)"
    assert holds(pickle.loads(pickle.dumps(found)))
    with pytest.raises(FrozenInstanceError):
        found.labels = LABELS


# --- where they are looked for --------------------------------------------------------------------


def test_the_data_sets_own_folder_comes_first(tmp_path):
    write(tmp_path)
    write(tmp_path / "mnist", labels=LABELS[::-1])
    assert holds(an.datasets.load_mnist("train", tmp_path), labels=LABELS[::-1])
    assert holds(an.datasets.load_fashion_mnist("train", tmp_path))


def test_one_file_of_two_is_not_mixed_with_another_folders(tmp_path):
    write(tmp_path)
    write(tmp_path / "mnist", labels=LABELS[::-1])[0].unlink()
    assert holds(an.datasets.load_mnist("train", tmp_path))


@pytest.mark.parametrize("below", ["", "mnist"])
def test_the_environment_names_a_folder(tmp_path, monkeypatch, below):
    write(tmp_path / "data" / below)
    monkeypatch.setenv("ATTRACTORNET_DATA", str(tmp_path / "data"))
    assert holds(an.datasets.load_mnist())
    write(tmp_path / "mine", labels=LABELS[::-1])
    assert holds(an.datasets.load_mnist("train", tmp_path / "mine"), labels=LABELS[::-1])


def test_a_folder_of_the_environment_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_DATA", "no/such")
    expected = r"^load_mnist: environment: ATTRACTORNET_DATA = 'no/such': expected a directory that"
    with pytest.raises(ValueError, match=expected):
        an.datasets.load_mnist()


@pytest.mark.parametrize("value", ["", "no", "relative/folder"])
def test_the_cache_is_the_users(tmp_path, monkeypatch, value, mirror):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    if value == "no":
        monkeypatch.delenv("XDG_CACHE_HOME")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert holds(an.datasets.load_mnist())
    assert len(list((tmp_path / "home/.cache/attractornet/mnist").iterdir())) == 2


# --- what is refused ------------------------------------------------------------------------------

BAD_CALLS = {
    "load_mnist(3)": (TypeError, "load_mnist: split = 3: expected one of 'train', 'test'"),
    "load_mnist('t10k')": (ValueError, "load_mnist: split = 't10k': expected one of 'train', 't"),
    "load_mnist(directory=3)": (TypeError, "load_mnist: directory = 3: expected a path"),
    "load_mnist(directory='')": (ValueError, "load_mnist: directory = '': expected a path"),
    "load_mnist(directory='no/such')": (
        ValueError,
        "load_mnist: directory = 'no/such': expected a directory that exists",
    ),
    "load_mnist(directory='x' * 5000)": (ValueError, "load_mnist: directory = <str of length 500"),
    "load_mnist('test', '.')": (
        ValueError,
        "load_mnist: directory = '.': expected a directory with t10k-images-idx3-ubyte.gz and "
        "t10k-labels-idx1-ubyte.gz, packed or not, or with a folder mnist of them",
    ),
    "load_fashion_mnist('test', 'file')": (
        ValueError,
        "load_fashion_mnist: directory = 'file': expected a directory that exists",
    ),
    "load_fashion_mnist(progress=1)": (
        TypeError,
        "load_fashion_mnist: progress = 1: expected True, False or a callable",
    ),
    "bipolar('x')": (TypeError, "bipolar: images = 'x': expected an array of real numbers"),
    "bipolar([[1, 2]])": (ValueError, "bipolar: images has shape (1, 2): expected (n, height, wid"),
    "bipolar([[[nan]]])": (ValueError, "bipolar: images has values that are not finite: expected"),
    "bipolar([[[1]]], '1')": (TypeError, "bipolar: threshold = '1': expected a number"),
    "bipolar([[[1]]], 'median')": (
        TypeError,
        "bipolar: threshold = 'median': expected a number or 'mean'",
    ),
    "bipolar([[[1]]], nan)": (
        ValueError,
        "bipolar: threshold = nan: expected a value in (-inf, inf)",
    ),
}


@pytest.mark.parametrize("call", BAD_CALLS)
def test_bad_calls_say_what_is_wrong(folder, call):
    (folder / "file").touch()
    kind, text = BAD_CALLS[call]
    with pytest.raises(kind) as caught:
        eval(call, {**vars(an.datasets), "nan": np.nan})
    assert str(caught.value).startswith(text)


def gzip_with(content, at, byte):
    changed = bytearray(packed(content))
    changed[at] ^= byte
    return bytes(changed)


GOOD = idx(IMAGES)
DAMAGED = {
    "empty": (b"", "ends within its header, 16 bytes of an IDX file"),
    "a header's part": (GOOD[:10], "ends within its header"),
    "another format": (
        b"<!DOCTYPE html>  ",
        "starts with the magic number 0x3c21444f, expected 0x",
    ),
    "labels": (idx(IMAGES[0, 0]) + bytes(16), "magic number 0x00000801, expected 0x00000803: IDX"),
    "floats": (b"\0\0\x0d\3" + GOOD[4:], "starts with the magic number 0x00000d03, expected"),
    "other pixels": (idx(IMAGES[:, :20]), "holds items of shape (20, 28), expected (28, 28)"),
    "no pixels": (idx(IMAGES[:, :0]), "holds items of shape (0, 28), expected (28, 28)"),
    "truncated": (GOOD[:-1], "ends after 5487 of the 5488 values of its header"),
    "without values": (GOOD[:16], "ends after 0 of the 5488 values of its header"),
    "too long": (GOOD + b"\0", "goes on after the 5488 values of its header"),
    "too long inside": (packed(GOOD + b"\0"), "goes on after the 5488 values of its header"),
    "truncated inside": (packed(GOOD[:-1]), "ends after 5487 of the 5488 values of its header"),
    "truncated gzip": (packed(GOOD)[:-9], "a damaged gzip file: "),
    "gzip's start": (packed(GOOD)[:2], "a damaged gzip file: "),
    "checksum of gzip": (gzip_with(GOOD, -5, 1), "a damaged gzip file: CRC check failed"),
    "method of gzip": (gzip_with(GOOD, 2, 1), "a damaged gzip file: Unknown compression method"),
    "after gzip": (packed(GOOD) + b"x", "a damaged gzip file: "),
    "one image less": (idx(IMAGES[1:]), None),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_is_named_with_what_is_wrong(tmp_path, what):
    images, labels = write(tmp_path)
    content, text = DAMAGED[what]
    images.write_bytes(content)
    with pytest.raises(ValueError, match="-ubyte") as caught:
        an.datasets.load_mnist("train", tmp_path)
    if text is None:
        assert str(caught.value) == f"{labels}: 7 labels, expected 6, of {images}"
    else:
        assert str(caught.value).startswith(f"{images}: ")
        assert text in str(caught.value)


def test_a_label_beyond_the_classes_is_refused(tmp_path):
    _, labels = write(tmp_path, labels=LABELS + 1)
    with pytest.raises(ValueError, match="holds the label 10, expected 0 to 9") as caught:
        an.datasets.load_mnist("train", tmp_path)
    assert str(caught.value).startswith(f"{labels}: ")


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(("given", "other"), [(MNIST, FASHION_MNIST), (FASHION_MNIST, MNIST)])
def test_the_other_data_sets_files_are_refused(tmp_path, given, other, split):
    first = np.array(given.first_labels[split], np.uint8)
    write(tmp_path, np.resize(IMAGES, (len(first), 28, 28)), first, split)
    assert np.array_equal(LOADERS[given.name](split, tmp_path).labels, first)
    with pytest.raises(ValueError, match=f"of {given.name}, expected those of {other.name}: "):
        LOADERS[other.name](split, tmp_path)


def test_every_cut_and_every_changed_byte_is_noticed_or_harmless(tmp_path):
    images = np.zeros((2, 28, 28), np.uint8)
    path, _ = write(tmp_path, images, LABELS[:2])
    content = path.read_bytes()
    mutants = [content[:length] for length in range(len(content))]
    for at in range(len(content)):
        for change in (1, 0x80, 0xFF):
            mutant = bytearray(content)
            mutant[at] ^= change
            mutants.append(bytes(mutant))
    said = []
    for mutant in mutants:
        path.write_bytes(mutant)
        try:  # what gzip's header says of time and system may change
            assert holds(an.datasets.load_mnist("train", tmp_path), images, LABELS[:2])
        except ValueError as error:
            said.append(str(error))
    assert all(text.startswith(f"{path}: ") for text in said)
    assert len(said) >= len(content)  # at least all that were cut


@pytest.mark.parametrize("pack", [True, False], ids=["packed", "unpacked"])
def test_a_header_that_promises_too_much_takes_no_memory(tmp_path, monkeypatch, pack):
    path, _ = write(tmp_path, pack=pack)
    content = struct.pack(">4I", 0x803, 2**32 - 1, 28, 28)
    path.write_bytes(packed(content) if pack else content)
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "1e9")
    with pytest.raises(MemoryError, match="more than the memory limit") as caught:
        an.datasets.load_mnist("train", tmp_path)
    assert str(caught.value).startswith(f"{path}: 4294967295 items")


# --- downloading ----------------------------------------------------------------------------------


class Mirror:
    """A server on this machine: what it answers by path, and what it was asked."""

    def __init__(self, address):
        self.address = address
        self.files = {}
        self.asked = []

    def url(self, folder):
        return f"http://{self.address[0]}:{self.address[1]}/{folder}/"


@contextmanager
def serving():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            mirror.asked.append(self.path)
            content = mirror.files.get(self.path)
            if content is None:
                self.send_error(404)
            elif callable(content):
                with suppress(OSError):
                    content(self)
            else:
                send(self, content)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mirror = Mirror(server.server_address)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(handler, content, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    handler.end_headers()
    handler.wfile.write(content)


CONTENT = [packed(idx(IMAGES)), packed(idx(LABELS))]
FILES = tuple(
    Published(f"{name}.gz", len(content), hashlib.sha256(content).hexdigest())
    for name, content in zip(NAMES["train"], CONTENT, strict=True)
)
FIRST, SECOND = ([f"/{folder}/{file.name}" for file in FILES] for folder in ("first", "second"))


@pytest.fixture
def mirror(monkeypatch):
    """Two mirrors of MNIST, of which the first one has the files."""
    with serving() as server:
        server.files.update(zip(FIRST, CONTENT, strict=True))
        mirrors = (server.url("first"), server.url("second"))
        monkeypatch.setattr(
            _mnist, "MNIST", replace(MNIST, mirrors=mirrors, splits={"train": FILES, "test": FILES})
        )
        yield server


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "attractornet" / "mnist"


def in_cache(cache):
    """Names of all that is in the cache."""
    return {path.name for path in cache.iterdir()} if cache.exists() else set()


def test_what_is_downloaded_stays(mirror, cache):
    assert holds(an.datasets.load_mnist())
    assert [(cache / file.name).read_bytes() for file in FILES] == CONTENT
    assert in_cache(cache) == {file.name for file in FILES}
    assert mirror.asked == FIRST
    assert holds(an.datasets.load_mnist())
    assert mirror.asked == FIRST


def test_only_what_is_missing_is_asked_for(mirror, cache):
    an.datasets.load_mnist()
    (cache / FILES[1].name).unlink()
    assert holds(an.datasets.load_mnist())
    assert mirror.asked == [*FIRST, FIRST[1]]


def test_the_environment_comes_before_the_cache_and_the_net(mirror, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("ATTRACTORNET_DATA", str(tmp_path / "data"))
    assert holds(an.datasets.load_mnist())
    assert mirror.asked == FIRST
    write(tmp_path / "data", labels=LABELS[::-1])
    assert holds(an.datasets.load_mnist(), labels=LABELS[::-1])


def test_a_directory_is_never_completed_from_elsewhere(mirror, tmp_path):
    write(tmp_path / "mine")[1].unlink()
    with pytest.raises(ValueError, match=r"^load_mnist: directory = "):
        an.datasets.load_mnist("train", tmp_path / "mine")
    assert mirror.asked == []


def truncated(handler):
    send(handler, CONTENT[0][:-1], len(CONTENT[0]))


def broken(handler):
    handler.wfile.write(b"no such protocol\r\n\r\n")


def silent(handler):
    send(handler, b"", 100)
    time.sleep(1.0)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(1 << 16))


BAD_MIRRORS = {
    "has none": (None, "HTTP Error 404: Not Found"),
    "has another": (b"<html>", "SHA-256 of its first 6 bytes is "),
    "changed a byte": (CONTENT[0][:-1] + b"x", f"expected {FILES[0].sha256}"),
    "sends a part": (truncated, f"SHA-256 of its first {len(CONTENT[0]) - 1} bytes is "),
    "hangs up": (lambda handler: None, "closed connection"),
    "speaks otherwise": (broken, "no such protocol"),
    "falls silent": (silent, "timed out"),
    "never ends": (endless, "SHA-256 of its first "),
}


@pytest.mark.parametrize("what", BAD_MIRRORS)
def test_a_mirror_of_no_use_is_passed_over(mirror, cache, monkeypatch, what):
    monkeypatch.setattr(_download, "TIMEOUT", 0.2)
    answer, text = BAD_MIRRORS[what]
    mirror.files.update({FIRST[0]: answer, **dict(zip(SECOND, CONTENT, strict=True))})
    assert holds(an.datasets.load_mnist())
    assert mirror.asked == [FIRST[0], SECOND[0], FIRST[1]]
    for path in cache.iterdir():
        path.unlink()
    mirror.files[SECOND[0]] = None
    with pytest.raises(OSError, match=FILES[0].name) as caught:
        an.datasets.load_mnist()
    said = str(caught.value)
    assert said.startswith(f"load_mnist: {FILES[0].name} cannot be downloaded (http://127.0.0.1")
    assert text in said
    assert f"{mirror.url('second')}: HTTP Error 404: Not Found" in said
    assert in_cache(cache) == set()


def test_without_a_network_the_error_says_what_helps(monkeypatch, cache):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    monkeypatch.setattr(_mnist, "FASHION_MNIST", replace(FASHION_MNIST, mirrors=(url,)))
    with pytest.raises(OSError, match="Connection refused") as caught:
        an.datasets.load_fashion_mnist("test")
    said = str(caught.value)
    assert said.startswith("load_fashion_mnist: t10k-images-idx3-ubyte.gz cannot be downloaded (")
    assert "directory=" in said
    assert "ATTRACTORNET_DATA" in said
    assert in_cache(cache) == set()


def test_a_cached_file_that_changed_is_an_error_until_it_is_deleted(mirror, cache):
    an.datasets.load_mnist()
    path = cache / FILES[1].name
    path.write_bytes(b"x")
    with pytest.raises(ValueError, match="delete the file, and the same call down") as caught:
        an.datasets.load_mnist()
    assert str(caught.value).startswith(f"{path}: damaged: SHA-256 ")
    assert f"expected {FILES[1].sha256}" in str(caught.value)
    path.unlink()
    assert holds(an.datasets.load_mnist())


def test_a_cache_that_cannot_be_written_is_the_systems_error(mirror, tmp_path):
    (tmp_path / "cache").touch()
    with pytest.raises(OSError, match="cache"):
        an.datasets.load_mnist()
    assert mirror.asked == []


# --- progress and Ctrl-C --------------------------------------------------------------------------


def test_progress_is_told_in_bytes(mirror):
    told = []
    an.datasets.load_mnist(progress=lambda *pair: told.append(pair))
    done, totals = zip(*told, strict=True)
    assert set(totals) == {sum(map(len, CONTENT))}
    assert list(done) == sorted(done)
    assert (done[0], done[-1]) == (0, totals[0])
    told.clear()
    an.datasets.load_mnist(progress=lambda *pair: told.append(pair))
    assert told == []


def test_a_bar_counts_bytes(mirror, cache, capsys):
    an.datasets.load_mnist(progress=True)
    streams = capsys.readouterr()
    assert "load_mnist" in streams.err
    assert "B/s" in streams.err
    assert streams.out == ""
    (cache / FILES[0].name).unlink()
    an.datasets.load_mnist()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("kind", [ArithmeticError, OSError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("at", [0, len(CONTENT[0]), sum(map(len, CONTENT))])
def test_what_progress_raises_reaches_the_caller(mirror, cache, kind, at):
    error = kind("from progress")

    def tell(done, total):
        if done == at:
            raise error

    with pytest.raises(kind) as caught:
        an.datasets.load_mnist(progress=tell)
    assert caught.value is error
    # A file that was complete may stay; any other has left nothing.
    assert in_cache(cache) <= {file.name for file in FILES}
    assert holds(an.datasets.load_mnist())


def test_ctrl_c_ends_a_download_and_leaves_nothing(mirror, cache):
    def interrupt(handler):
        send(handler, CONTENT[0][:10], len(CONTENT[0]))
        time.sleep(0.05)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1.0)

    sent = []
    mirror.files[FIRST[0]] = interrupt
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            an.datasets.load_mnist()
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.perf_counter() - sent[0] < LATEST
    assert in_cache(cache) == set()
    mirror.files[FIRST[0]] = CONTENT[0]
    assert holds(an.datasets.load_mnist())


# --- states ---------------------------------------------------------------------------------------


def test_pixels_brighter_than_the_threshold_are_1():
    states = an.datasets.bipolar(IMAGES)
    assert states.shape == (7, 784)
    assert states.dtype == np.int8
    for i, r, c in np.ndindex(IMAGES.shape):
        assert states[i, 28 * r + c] == (1 if IMAGES[i, r, c] > 127 else -1)


def test_a_pixel_at_the_threshold_is_not_brighter():
    grey = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert np.count_nonzero(an.datasets.bipolar(grey) == 1) == 128
    assert np.count_nonzero(an.datasets.bipolar(grey, 254) == 1) == 1
    assert np.all(an.datasets.bipolar(grey, 255) == -1)
    assert np.all(an.datasets.bipolar(grey, threshold=-0.5) == 1)
    assert np.all(an.datasets.bipolar(grey, threshold=300) == -1)


def test_each_image_may_have_its_own_mean_as_threshold():
    states = an.datasets.bipolar(IMAGES, "mean")
    for image, state in zip(IMAGES, states, strict=True):
        assert np.array_equal(state, np.where(image > image.mean(), 1, -1).ravel())
    large = np.array([[[0.2e308, 1.7e308, 1.7e308, 1.6e308]]])  # whose sum no double can hold
    assert an.datasets.bipolar(large, "mean").tolist() == [[-1, 1, 1, 1]]
    assert an.datasets.bipolar(np.ones((2, 3, 3)), "mean").max() == -1
    assert an.datasets.bipolar(np.ones((2, 0, 3)), "mean").shape == (2, 0)


@pytest.mark.parametrize("shape", [(0, 28, 28), (3, 0, 5), (2, 3, 4), (1, 1, 1)])
def test_images_of_any_size_become_states(shape):
    states = an.datasets.bipolar(np.full(shape, 0.5), 0.25)
    assert states.shape == (shape[0], shape[1] * shape[2])
    assert np.all(states == 1)


# --- the published files --------------------------------------------------------------------------


@pytest.mark.skipif(not REAL, reason="ATTRACTORNET_DATA names no folder of data sets")
@pytest.mark.parametrize(
    ("load", "split", "counts", "mean", "deviation"),
    [
        (
            an.datasets.load_mnist,
            "train",
            [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
            0.13066,
            0.30811,
        ),
        (
            an.datasets.load_mnist,
            "test",
            [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
            0.13251,
            0.31048,
        ),
        (an.datasets.load_fashion_mnist, "train", [6000] * 10, 0.28604, 0.35302),
        (an.datasets.load_fashion_mnist, "test", [1000] * 10, 0.28685, 0.35244),
    ],
)
def test_the_published_files(monkeypatch, load, split, counts, mean, deviation):
    monkeypatch.setenv("ATTRACTORNET_DATA", REAL)
    found = load(split)
    assert np.bincount(found.labels).tolist() == counts
    assert found.images.shape == (sum(counts), 28, 28)
    assert np.mean(found.images) / 255 == pytest.approx(mean, abs=1e-5)
    assert np.std(found.images) / 255 == pytest.approx(deviation, abs=1e-5)
    data = MNIST if load is an.datasets.load_mnist else FASHION_MNIST
    assert found.labels[:10].tolist() == data.first_labels[split]
