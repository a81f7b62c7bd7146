"""States of networks, made of images."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check


def bipolar(images: ArrayLike, threshold: float = 127.0) -> NDArray[np.int8]:
    """Turn grey images into bipolar states, patterns for a Hopfield network: a unit a pixel.

    Parameters
    ----------
    images
        Grey values, (n, height, width).
    threshold
        A unit is 1 where its pixel is brighter than this, else -1. By default 127, the middle of
        0 to 255.

    Returns
    -------
    numpy.ndarray
        States in {-1, 1}, int8 (n, height * width); an image's rows one after another.

    Raises
    ------
    MemoryError
        If the states are more than a result may take.
    TypeError, ValueError
        If `images` is not such an array of finite numbers, or `threshold` not a finite number.

    Examples
    --------
    >>> bipolar(load_mnist("test").images[:100]).shape
    (100, 784)
    """
    level = _check.real("bipolar: threshold", threshold, -math.inf, above=True)
    grey = _check.numbers("bipolar: images", images, "an array of real numbers")
    if grey.ndim != 3:
        raise ValueError(f"bipolar: images has shape {grey.shape}: expected (n, height, width)")
    _check.expect_memory("bipolar", f"images of shape {grey.shape}", grey.size, 1)
    if not np.all(np.isfinite(grey)):
        raise ValueError("bipolar: images has values that are not finite: expected grey values")
    n, height, width = grey.shape
    return np.where(grey > level, np.int8(1), np.int8(-1)).reshape(n, height * width)
