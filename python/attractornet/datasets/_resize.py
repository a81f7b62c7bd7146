"""Images of another size."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check


def resize(images: ArrayLike, side: int) -> NDArray[np.float32]:
    """Give images another size: a pixel is the mean of what it covers.

    The mean of an image stays as it is. Where the new size divides the old one, that is averaging
    blocks of pixels.

    Parameters
    ----------
    images
        Images (n, height, width), numbers of any type.
    side
        Height and width that they get.

    Returns
    -------
    numpy.ndarray
        float32 (n, side, side), values in the old range.

    Raises
    ------
    MemoryError
        If the result would be larger than the memory limit.
    TypeError, ValueError
        If an argument is not allowed.

    Notes
    -----
    R. Marino et al., arXiv:2406.16453, appendix D trains on images of 14 to 35 pixels a side.

    Examples
    --------
    >>> resize(load_mnist("test").images, 14).shape
    (10000, 14, 14)
    """
    array = _check.numbers("resize: images", images, "images (n, height, width)")
    side = _check.whole("resize: side", side, 1)
    if array.ndim != 3 or 0 in array.shape[1:]:
        raise ValueError(
            f"resize: images has shape {array.shape}: expected (n, height, width), the last two "
            "not 0"
        )
    what = f"images of shape {array.shape} at side = {side}"
    _check.expect_memory("resize", what, max(array.size, len(array) * side * side), 4)
    rows, columns = (_shares(length, side) for length in array.shape[1:])
    result: NDArray[np.float32] = rows @ array.astype(np.float32) @ columns.T
    if array.size:  # a mean is within, but for rounding; fmin and fmax pass over NaN
        least, most = np.fmin.reduce(array, axis=None), np.fmax.reduce(array, axis=None)
        np.clip(result, least, most, out=result)
    return result


def _shares(before: int, after: int) -> NDArray[np.float32]:
    """Shares (after, before) of old pixels in new ones, along one axis."""
    edges = np.arange(after + 1) * (before / after)
    old = np.arange(before)
    overlap = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    shares: NDArray[np.float32] = (np.maximum(overlap, 0.0) * (after / before)).astype(np.float32)
    return shares
