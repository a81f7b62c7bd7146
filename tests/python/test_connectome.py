"""Connectomes from files."""

import bz2
import contextlib
import re
import zipfile

import numpy as np
import pytest

import attractornet as an
from attractornet.datasets import Connectome, load_connectome

WEIGHTS = np.array([[0.0, 1.5, 0.0], [2.0, 0.0, 0.25], [1.0, 0.0, 0.0]])
LENGTHS = np.array([[0.0, 12.5, 3.0], [12.5, 0.0, 40.0], [3.0, 40.0, 0.0]])
CENTRES = "rA1 1.0 2.0 3.0\nrA2 1.5 2.0 3.0\n\nlA1 -1.0 2.0 3.0\n"


def text_of(matrix, between=" "):
    return "\n".join(between.join(map(str, row)) for row in matrix.tolist()) + "\n"


def same(found):
    assert np.array_equal(found.weights, WEIGHTS)
    assert np.array_equal(found.lengths, LENGTHS)
    assert found.labels == ("rA1", "rA2", "lA1")
    assert repr(found) == "Connectome(3 regions, lengths, labels)"


def test_a_folder(tmp_path):
    (tmp_path / "weights.txt").write_text(text_of(WEIGHTS))
    (tmp_path / "tract_lengths.txt").write_text(text_of(LENGTHS, "\t"))
    (tmp_path / "centres.txt").write_text(CENTRES)
    (tmp_path / "hemispheres.txt").write_bytes(b"\xff\x00")
    same(load_connectome(tmp_path))


def test_a_zip_file_with_packed_texts(tmp_path):
    with zipfile.ZipFile(tmp_path / "brain.zip", "w") as files:
        files.writestr("brain/weights.txt.bz2", bz2.compress(text_of(WEIGHTS).encode()))
        files.writestr("brain/tract_lengths.txt", text_of(LENGTHS))
        files.writestr("brain/centres.txt", CENTRES)
    same(load_connectome(str(tmp_path / "brain.zip")))


@pytest.mark.parametrize("between", [" ", ",", ", ", ";", "\t"])
def test_weights_alone(tmp_path, between):
    (tmp_path / "a.csv").write_text(text_of(WEIGHTS, between))
    found = load_connectome(tmp_path / "a.csv")
    assert np.array_equal(found.weights, WEIGHTS)
    assert found.lengths is None
    np.save(tmp_path / "a.npy", WEIGHTS.astype(np.float32))
    assert np.array_equal(load_connectome(tmp_path / "a.npy").weights, WEIGHTS)


def test_a_network_of_it_runs_with_its_delays(tmp_path):
    brain = Connectome(WEIGHTS, LENGTHS)
    net = an.WilsonCowanNetwork(brain.weights, scale=0.1, **an.wilson_cowan.preset("excitable"))
    out = net.integrate(
        [0.1, 0.2, 0.3], steps=50, dt=0.1, delay=brain.lengths / 10.0, noise=0.01, seed=1
    )
    assert np.isfinite(out.x).all()


@pytest.mark.parametrize(
    ("name", "data", "error", "message"),
    [
        ("a.txt", b"1 2\n3 4\n5 6\n", ValueError, "has shape (3, 2): expected a square matrix"),
        ("a.txt", b"1 2\n3 x\n", ValueError, "expected text with rows of numbers"),
        ("a.txt", b"1 2\n3\n", ValueError, "expected text with rows of numbers"),
        ("a.txt", b" \n", ValueError, "expected text with rows of numbers"),
        ("a.mat", bytes(range(256)), ValueError, "a.mat in"),
        ("a.txt.bz2", b"no archive", ValueError, "expected text packed by bzip2"),
        ("a.npy", b"", ValueError, "expected an array of NumPy"),
        ("a.txt", b"1 nan\n3 4\n", ValueError, "expected a square matrix of finite numbers"),
        ("a.npy", b"no array", ValueError, "expected an array of NumPy"),
        ("a.zip", b"no archive", ValueError, "expected a whole zip file"),
        ("A.ZIP", b"no archive", ValueError, "expected a whole zip file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, data, error, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(error, match=re.escape(message)):
        load_connectome(tmp_path / name)


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_damaged_archives_are_named(tmp_path):
    path = zipped(tmp_path / "a.zip", {"weights.txt": text_of(WEIGHTS) * 50})
    whole = path.read_bytes()
    for seed in range(200):
        rng = np.random.default_rng(seed)
        broken = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            broken[place] ^= int(rng.integers(1, 256))
        path.write_bytes(broken)
        with contextlib.suppress(ValueError, FileNotFoundError):
            load_connectome(path)


def test_an_archive_of_two_connectomes_is_refused(tmp_path):
    text = text_of(WEIGHTS)
    path = zipped(tmp_path / "a.zip", {"one/weights.txt": text, "two/weights.txt": text})
    with pytest.raises(ValueError, match="expected one connectome, not"):
        load_connectome(path)


def test_a_mark_of_the_byte_order_is_no_number(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + text_of(WEIGHTS).encode())
    assert np.array_equal(load_connectome(tmp_path / "a.txt").weights, WEIGHTS)


def test_a_connectome_is_a_square_matrix():
    with pytest.raises(TypeError, match="Connectome: weights = 'abc': expected numbers"):
        Connectome("abc")
    with pytest.raises(ValueError, match=r"Connectome: weights has shape \(2,\): expected"):
        Connectome(np.zeros(2))


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="expected a file or folder"):
        load_connectome(tmp_path / "no.txt")
    with pytest.raises(FileNotFoundError, match=r"expected weights\.txt in it"):
        load_connectome(tmp_path)
    (tmp_path / "weights.txt").write_text(text_of(WEIGHTS))
    (tmp_path / "tract_lengths.txt").write_text(text_of(-LENGTHS))
    with pytest.raises(ValueError, match=r"tract_lengths in .*: expected 3 x 3 numbers, none"):
        load_connectome(tmp_path)
    with pytest.raises(TypeError, match="load_connectome: path = 3: expected a path"):
        load_connectome(3)
