"""States of networks, made of images."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check


def bipolar(images: ArrayLike, threshold: float | Literal["mean"] = 127.0) -> NDArray[np.int8]:
    """Turn grey images into bipolar states, patterns for a Hopfield network: a unit a pixel.

    Parameters
    ----------
    images
        Grey values, (n, height, width).
    threshold
        A unit is 1 where its pixel is brighter than this, else -1. By default 127, the middle of
        0 to 255. "mean" is the mean of each image.

    Returns
    -------
    numpy.ndarray
        States in {-1, 1}, int8 (n, height * width); an image's rows one after another.

    Raises
    ------
    MemoryError
        If the states are more than a result may take.
    TypeError, ValueError
        If `images` is not such an array of finite numbers, or `threshold` neither a finite
        number nor "mean".

    Examples
    --------
    >>> bipolar(load_mnist("test").images[:100]).shape
    (100, 784)
    """
    own = isinstance(threshold, str) and threshold == "mean"
    if isinstance(threshold, str) and not own:
        _check.refuse(TypeError, "bipolar: threshold", threshold, "a number or 'mean'")
    level = None if own else _check.real("bipolar: threshold", threshold, -math.inf, above=True)
    grey = _check.numbers("bipolar: images", images, "an array of real numbers")
    if grey.ndim != 3:
        raise ValueError(f"bipolar: images has shape {grey.shape}: expected (n, height, width)")
    _check.expect_memory("bipolar", f"images of shape {grey.shape}", grey.size, 1)
    if not np.all(np.isfinite(grey)):
        raise ValueError("bipolar: images has values that are not finite: expected grey values")
    n, height, width = grey.shape
    limits = _means(grey) if level is None else level
    return np.where(grey > limits, np.int8(1), np.int8(-1)).reshape(n, height * width)


def _means(grey: NDArray[Any]) -> NDArray[np.longdouble]:
    """The mean of each image, (n, 1, 1), also of grey values whose sum no double can hold."""
    sums = grey.sum(axis=(1, 2), dtype=np.longdouble, keepdims=True)
    return np.asarray(sums / max(1, grey.shape[1] * grey.shape[2]))
