"""Handwritten digits that come with scikit-learn: no file, no download."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet.datasets._mnist import LabelledImages

_FIFTH = 5


def load_digits(split: Literal["train", "test", "all"] = "train") -> LabelledImages:
    """Load 1,797 handwritten digits of 8 x 8 pixels, from scikit-learn.

    Parameters
    ----------
    split
        "test", every fifth image, 359 in all; "train", the 1,438 others; "all", in their order.

    Returns
    -------
    LabelledImages
        Grey values are the 17 levels of the original, times 255/16; labels are the digits.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    TypeError, ValueError
        If `split` is something else.

    Notes
    -----
    E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI Machine Learning
    Repository (1998), of which they are the test set.

    Examples
    --------
    >>> load_digits("test").images.shape
    (359, 8, 8)
    """
    chosen = _check.choice("load_digits: split", split, ("train", "test", "all"))
    levels, labels = digits("load_digits: the digits", "load_mnist")
    rows = np.arange(len(labels))
    fifth = rows % _FIFTH == _FIFTH - 1
    taken = {"train": ~fifth, "test": fifth, "all": rows >= 0}[chosen]
    images = np.rint(levels[taken] * (255.0 / 16.0)).astype(np.uint8)
    return LabelledImages(images, labels[taken].astype(np.uint8))


def digits(where: str, otherwise: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """All of them as scikit-learn has them: levels 0 to 16, and labels.

    `otherwise` is what one may take who has no scikit-learn.
    """
    try:
        from sklearn.datasets import load_digits as load
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "sklearn":
            raise
        raise ImportError(
            f"{where} are scikit-learn's: pip install 'attractornet[learn]', or take {otherwise}"
        ) from error
    loaded = load()
    return loaded.images, loaded.target
