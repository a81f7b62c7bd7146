"""MNIST, and Fashion-MNIST, which took over its format."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet.datasets import _idx
from attractornet.datasets._places import in_cache, in_directory, of_environment
from attractornet.datasets._published import FASHION_MNIST, MNIST, DataSet

_PIXELS = (28, 28)
_LAST_CLASS = 9


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """Grey images, each with the number of its class.

    Attributes
    ----------
    images
        Grey values 0 to 255, uint8 (n, 28, 28); the upper row first.
    labels
        Classes 0 to 9, uint8 (n,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __repr__(self) -> str:
        return f"LabelledImages({len(self.images)} images)"


def load_mnist(
    split: Literal["train", "test"] = "train",
    directory: str | os.PathLike[str] | None = None,
    *,
    progress: bool | Callable[[int, int], object] = False,
) -> LabelledImages:
    """Load MNIST, handwritten digits, in the published order.

    The files are looked for in the folder that the environment variable ATTRACTORNET_DATA names,
    then in the cache, ``attractornet/mnist`` in XDG_CACHE_HOME or ``~/.cache``. What neither has is
    downloaded into the cache (12 MB in all), and kept if its SHA-256 is the published file's.

    Parameters
    ----------
    split
        "train", 60,000 images, or "test", 10,000.
    directory
        Folder with the files, or with a folder ``mnist`` of them; then they are looked for nowhere
        else. Here, and in ATTRACTORNET_DATA, they have their published names, such as
        ``train-images-idx3-ubyte.gz``, without the ``.gz`` if they are unpacked, and may hold other
        images.
    progress
        True shows the progress bar of a download; a callable is told ``progress(done, total)``, in
        bytes.

    Returns
    -------
    LabelledImages
        Labels are the digits.

    Raises
    ------
    MemoryError
        If a file holds more than a result may take.
    OSError
        If no mirror has the files as they were published, as when there is no network, or if the
        cache cannot be written.
    TypeError, ValueError
        If an argument is not allowed, the files are not in `directory`, or one of them is damaged
        or holds something else.

    Notes
    -----
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86, 2278 (1998).

    Examples
    --------
    >>> load_mnist("test").images.shape
    (10000, 28, 28)
    """
    return _load("load_mnist", MNIST, split, directory, progress)


def load_fashion_mnist(
    split: Literal["train", "test"] = "train",
    directory: str | os.PathLike[str] | None = None,
    *,
    progress: bool | Callable[[int, int], object] = False,
) -> LabelledImages:
    """Load Fashion-MNIST, articles of clothing, in the published order.

    The files are looked for, downloaded (31 MB in all) and checked as those of `load_mnist`, in
    folders named ``fashion-mnist``.

    Parameters
    ----------
    split
        "train", 60,000 images, or "test", 10,000.
    directory
        Folder with the files, or with a folder ``fashion-mnist`` of them, as in `load_mnist`. Files
        of MNIST have the same names, and are refused.
    progress
        True shows the progress bar of a download; a callable is told ``progress(done, total)``, in
        bytes.

    Returns
    -------
    LabelledImages
        Labels are 0 T-shirt or top, 1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt,
        7 sneaker, 8 bag, 9 ankle boot.

    Raises
    ------
    MemoryError, OSError, TypeError, ValueError
        As `load_mnist`.

    Notes
    -----
    H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms", arXiv:1708.07747 (2017).
    """
    return _load("load_fashion_mnist", FASHION_MNIST, split, directory, progress)


def _load(
    function: str, data: DataSet, split: object, directory: object, progress: object
) -> LabelledImages:
    chosen = _check.choice(f"{function}: split", split, tuple(data.splits))
    shown = _check.progress(f"{function}: progress", progress)
    wanted = data.splits[chosen]
    if directory is not None:
        paths = in_directory(function, directory, data, wanted)
    else:
        paths = of_environment(function, data, wanted) or in_cache(function, data, wanted, shown)
    images, labels = _idx.read(paths[0], _PIXELS), _idx.read(paths[1], ())
    if len(images) != len(labels):
        raise ValueError(f"{paths[1]}: {len(labels)} labels, expected {len(images)}, of {paths[0]}")
    _check_labels(paths[1], labels, data, chosen)
    return LabelledImages(images, labels)


def _check_labels(path: Path, labels: NDArray[np.uint8], data: DataSet, split: str) -> None:
    if np.any(labels > _LAST_CLASS):
        raise ValueError(f"{path}: holds the label {labels.max()}, expected 0 to {_LAST_CLASS}")
    for other in (MNIST, FASHION_MNIST):
        first = other.first_labels[split]
        if other.name != data.name and labels[: len(first)].tolist() == first:
            raise ValueError(
                f"{path}: the labels of {other.name}, expected those of {data.name}: both have "
                "files of these names"
            )
