"""Connectomes: weights and fibre lengths between regions of a brain, from files."""

from __future__ import annotations

import bz2
import io
import zipfile
import zlib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attractornet import _check

Floats = NDArray[np.float64]

_WHERE = "load_connectome"
_TEXTS = (".txt", ".csv", ".txt.bz2", ".csv.bz2")


@dataclass(frozen=True, eq=False)
class Connectome:
    """Weights between regions, and what else the files told.

    Parameters
    ----------
    weights
        (regions, regions), from region j to region i.
    lengths
        Of the fibres, (regions, regions), in the file's unit; None if it had none.
    labels
        Names of the regions; None if it had none.

    Raises
    ------
    ValueError
        If the weights are not (regions, regions).
    """

    weights: Floats
    lengths: Floats | None = None
    labels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        weights = _check.numbers("Connectome: weights", self.weights, "numbers (regions, regions)")
        if weights.ndim != 2 or weights.shape[0] != weights.shape[1]:
            raise ValueError(
                f"Connectome: weights has shape {weights.shape}: expected (regions, regions)"
            )

    def __repr__(self) -> str:
        """Regions, and what is known of them."""
        known = [name for name in ("lengths", "labels") if getattr(self, name) is not None]
        return f"Connectome({len(self.weights)} regions{''.join(', ' + name for name in known)})"


def load_connectome(path: str | PathLike[str]) -> Connectome:
    """Read a connectome: coupling of a `WilsonCowanNetwork`, and delays in it.

    Parameters
    ----------
    path
        A folder, or a zip file, of The Virtual Brain's kind, with weights.txt, and
        tract_lengths.txt and centres.txt if they are there, as text, or that packed by bzip2. Or a
        file with the weights alone: text (.txt, .csv) or an array of NumPy (.npy).

    Returns
    -------
    Connectome

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no weights in it.
    ValueError
        If the weights are no square matrix of finite numbers, or the lengths not one of the same
        size, none of them negative.

    Examples
    --------
    >>> brain = load_connectome("connectivity_76.zip")
    >>> net = WilsonCowanNetwork(brain.weights, scale=0.02, **wilson_cowan.preset("excitable"))
    >>> net.integrate(x0, steps=5000, dt=0.05, delay=brain.lengths / speed, noise=0.01)
    """
    given = _check.path(f"{_WHERE}: path", path)
    if given.is_dir():
        wanted = (each for each in given.iterdir() if _wanted(each.name) and each.is_file())
        return _of_files({each.name: each.read_bytes() for each in wanted}, given)
    if not given.is_file():  # opening a pipe might wait for ever
        raise FileNotFoundError(f"{_WHERE}: path = {str(given)!r}: expected a file or folder")
    ending = given.suffix.lower()
    if ending == ".zip":
        return _of_files(_members(given), given)
    if ending == ".npy":
        return Connectome(_square("weights", _loaded(given), given))
    return Connectome(_square("weights", _table(given.name, given.read_bytes(), given), given))


def _wanted(name: str) -> bool:
    stems = ("weights", "tract_lengths", "centres", "centers")
    return any(name == stem + end for stem in stems for end in _TEXTS)


def _members(archive: Path) -> dict[str, bytes]:
    """What a zip file has of the files wanted, in whatever folder."""
    data = io.BytesIO(archive.read_bytes())
    try:
        with zipfile.ZipFile(data) as files:
            wanted = [each for each in files.namelist() if _wanted(Path(each).name)]
            read = {Path(each).name: files.read(each) for each in wanted}
    # What is thrown of files that are damaged, encrypted, or packed in ways that zipfile lacks.
    except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, EOFError) as error:
        raise ValueError(
            f"{_WHERE}: path = {str(archive)!r}: expected a whole zip file, not encrypted"
        ) from error
    if len(read) < len(wanted):
        raise ValueError(
            f"{_WHERE}: path = {str(archive)!r}: expected one connectome, not {wanted}"
        )
    return read


def _of_files(files: dict[str, bytes], source: Path) -> Connectome:
    """A connectome of the files' contents."""
    contents = {name.partition(".")[0]: (name, data) for name, data in files.items()}
    if "weights" not in contents:
        raise FileNotFoundError(f"{_WHERE}: path = {str(source)!r}: expected weights.txt in it")
    weights = _square("weights", _table(*contents["weights"], source), source)
    lengths = labels = None
    if "tract_lengths" in contents:
        lengths = _square("tract_lengths", _table(*contents["tract_lengths"], source), source)
        if lengths.shape != weights.shape or np.min(lengths) < 0.0:
            raise ValueError(
                f"{_WHERE}: tract_lengths in {str(source)!r}: expected {len(weights)} x "
                f"{len(weights)} numbers, none of them negative"
            )
    for stem in ("centres", "centers"):
        if stem in contents:
            lines = _text(*contents[stem], source).split("\n")
            named = tuple(line.split()[0] for line in lines if line.strip())
            labels = named if len(named) == len(weights) else None
    return Connectome(weights, lengths, labels)


def _text(name: str, data: bytes, source: Path) -> str:
    try:
        plain = bz2.decompress(data) if name.endswith(".bz2") else data
    except (ValueError, OSError) as error:
        raise ValueError(
            f"{_WHERE}: {name} in {str(source)!r}: expected text packed by bzip2"
        ) from error
    return plain.decode("utf-8-sig", "replace")


def _table(name: str, data: bytes, source: Path) -> Floats:
    """Numbers of a text, between spaces or commas."""
    text = _text(name, data, source).replace(",", " ").replace(";", " ")
    try:
        if text.strip():
            return np.loadtxt(io.StringIO(text), ndmin=2)
        problem = None
    except ValueError as error:
        problem = error
    raise ValueError(
        f"{_WHERE}: {name} in {str(source)!r}: expected text with rows of numbers"
    ) from problem


def _loaded(file: Path) -> NDArray[np.generic]:
    try:
        return np.asarray(np.load(file, allow_pickle=False))
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{_WHERE}: path = {str(file)!r}: expected an array of NumPy") from error


def _square(name: str, values: NDArray[np.generic], source: Path) -> Floats:
    """A square matrix of finite numbers."""
    fits = values.ndim == 2 and values.shape[0] == values.shape[1] and values.size > 0
    if not fits or values.dtype.kind not in "fiu" or not np.all(np.isfinite(values)):
        raise ValueError(
            f"{_WHERE}: {name} in {str(source)!r} has shape {values.shape}: expected a square "
            "matrix of finite numbers"
        )
    return np.asarray(values, dtype=np.float64)
