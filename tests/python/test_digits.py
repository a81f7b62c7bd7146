"""Digits that need no file, and images of another size."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from attractornet import datasets


def test_digits_are_scikit_learn_s():
    everything = datasets.load_digits("all")
    published = load_digits()
    assert np.array_equal(everything.labels, published.target)
    assert everything.images.dtype == np.uint8
    np.testing.assert_allclose(everything.images, published.images * 255 / 16, atol=0.5)


def test_every_fifth_is_a_test():
    everything = datasets.load_digits("all")
    train, test = datasets.load_digits(), datasets.load_digits("test")
    assert (len(train.images), len(test.images)) == (1438, 359)
    assert np.array_equal(test.images, everything.images[4::5])
    assert set(test.labels) == set(range(10))
    with pytest.raises(ValueError, match="load_digits: split = 'valid': expected one of 'train'"):
        datasets.load_digits("valid")


def covered(image, side):
    """By definition: each new pixel is the mean of what it covers, in a grid of common parts."""
    fine = np.kron(image, np.ones((side, side)))
    height, width = image.shape
    return fine.reshape(side, height, side, width).mean(axis=(1, 3))


@pytest.mark.parametrize("side", [1, 3, 7, 8, 14, 20])
def test_a_new_pixel_is_the_mean_of_what_it_covers(side):
    images = np.random.default_rng(0).uniform(0.0, 255.0, (3, 7, 5))
    found = datasets.resize(images, side)
    assert (found.dtype, found.shape) == (np.float32, (3, side, side))
    for image, resized in zip(images, found, strict=True):
        np.testing.assert_allclose(resized, covered(image, side), rtol=1e-5)
        assert resized.mean() == pytest.approx(image.mean(), rel=1e-5)


def test_the_same_size_is_the_same_image():
    images = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    assert np.array_equal(datasets.resize(images, 28), images)
    white = np.full((3, 28, 28), 255, np.uint8)
    assert all(datasets.resize(white, side).max() <= 255 for side in range(1, 60))
    assert datasets.resize(images[:0], 14).shape == (0, 14, 14)


@pytest.mark.parametrize(
    ("images", "side", "text"),
    [
        (np.zeros((4, 4)), 2, r"resize: images has shape \(4, 4\): expected \(n, height, width\)"),
        (np.zeros((1, 4, 0)), 2, r"resize: images has shape \(1, 4, 0\)"),
        (np.zeros((1, 4, 4)), 0, r"resize: side = 0: expected a value in \[1, inf\)"),
    ],
)
def test_bad_arguments(images, side, text):
    with pytest.raises(ValueError, match=text):
        datasets.resize(images, side)
