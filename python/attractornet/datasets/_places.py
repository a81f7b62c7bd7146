"""Where the files of a data set are: where the user says, or in the cache, or still in the net."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from attractornet import _check
from attractornet._progress import Progress
from attractornet.datasets._published import DataSet, Files, Published

VARIABLE = "ATTRACTORNET_DATA"

Paths = tuple[Path, Path]  # images, labels


def in_directory(function: str, directory: object, data: DataSet, wanted: Files) -> Paths:
    """The files in a folder that the user gave, or a ValueError."""
    where = f"{function}: directory"
    folder = _folder(where, directory)
    found = _within(folder, data, wanted)
    if found is None:
        names = " and ".join(file.name for file in wanted)
        expected = (
            f"a directory with {names}, packed or not, or with a folder {data.folder} of them"
        )
        _check.refuse(ValueError, where, str(folder), expected)
    return found


def of_environment(function: str, data: DataSet, wanted: Files) -> Paths | None:
    """The files in the folder that the environment names, if it names one that has them."""
    value = os.environ.get(VARIABLE)
    if not value:
        return None
    return _within(_folder(f"{function}: environment: {VARIABLE}", value), data, wanted)


def in_cache(function: str, data: DataSet, wanted: Files, progress: Progress) -> Paths:
    """The files in the user's cache, downloaded if they are not there."""
    folder = _cache() / data.folder
    missing = [file for file in wanted if not (folder / file.name).is_file()]
    if missing:
        _download(function, data, missing, folder, progress)
    images, labels = (_unchanged(folder / file.name, file) for file in wanted)
    return images, labels


def _folder(where: str, value: object) -> Path:
    path = _check.path(where, value)
    try:
        exists = path.is_dir()
    except OSError:  # such as a name that is too long
        exists = False
    if not exists:
        _check.refuse(ValueError, where, str(path), "a directory that exists")
    return path


def _within(folder: Path, data: DataSet, wanted: Files) -> Paths | None:
    """The files in the folder, or in its folder of that data set; both, or none."""
    # That one first: directly in the folder another data set may have files of these names.
    for place in (folder / data.folder, folder):
        images, labels = (_file(place, file) for file in wanted)
        if images and labels:
            return images, labels
    return None


def _file(folder: Path, file: Published) -> Path | None:
    """The file packed, since that has a checksum of its own, or unpacked; None if there is none."""
    paths = (folder / file.name, folder / file.name.removesuffix(".gz"))
    return next((path for path in paths if path.is_file()), None)


def _cache() -> Path:
    # The XDG Base Directory Specification has relative paths ignored.
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (home if home.is_absolute() else Path("~/.cache").expanduser()) / "attractornet"


def _download(
    function: str, data: DataSet, files: Sequence[Published], folder: Path, progress: Progress
) -> None:
    # Here: most calls find the files, and need not pay for the import.
    from attractornet.datasets._download import fetch

    remedy = (
        f"get the files of {data.name} elsewhere, and give their folder as directory=, or in the "
        f"environment variable {VARIABLE}"
    )
    fetch(function, files, data.mirrors, folder, remedy, progress)


def _unchanged(path: Path, file: Published) -> Path:
    """The path, if the file is still as it was published."""
    with open(path, "rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != file.sha256:
        raise ValueError(
            f"{path}: damaged: SHA-256 {found}, expected {file.sha256}: delete the file, and the "
            "same call downloads it again"
        )
    return path
