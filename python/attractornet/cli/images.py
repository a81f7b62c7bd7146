"""Images that `attractornet recall` stores, and what it makes recall start from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from attractornet import datasets
from attractornet.cli.output import plot_module
from attractornet.datasets._digits import digits as _digits_of

States = NDArray[np.int8]


class Images(NamedTuple):
    """Patterns of one shape, each with a name, and what recall starts from before any damage."""

    names: list[str]
    shape: tuple[int, int]
    patterns: States
    starts: States


class Damage(NamedTuple):
    """What is done to states before they are recalled, in this order."""

    invert: bool
    crop: float
    flips: float

    def of(self, states: States, shape: tuple[int, int], seed: int) -> States:
        """The states, damaged; which units flip is drawn for each state."""
        damaged = np.negative(states) if self.invert else states.copy()
        rows = round(self.crop * shape[0])
        damaged.reshape(-1, *shape)[:, shape[0] - rows :] = -1
        rng = np.random.default_rng(seed)
        count = round(self.flips * states.shape[1])
        for state in damaged:
            state[rng.choice(len(state), count, replace=False)] *= -1
        return damaged

    def words(self) -> list[str]:
        """What is done."""
        done = ["inverted"] if self.invert else []
        done += [f"the lower {100 * self.crop:g} % of the rows dark"] if self.crop else []
        done += [f"{100 * self.flips:g} % of the units flipped"] if self.flips else []
        return done


def of_files(paths: Sequence[Path]) -> Images:
    """One pattern of each file."""
    plot_module()  # Matplotlib reads them
    images = [grey(path) for path in paths]
    for path, image in zip(paths, images, strict=True):
        if image.shape != images[0].shape:
            height, width = images[0].shape
            raise ValueError(
                f"{path}: {image.shape[0]} x {image.shape[1]} pixels, expected {height} x {width}, "
                f"as {paths[0]} has"
            )
    return _images([path.stem for path in paths], np.stack(images))


def of_classes(data: str, wanted: str, another: bool, progress: bool) -> Images:
    """The first image of each class that is named, the next one where a class is named again.

    With `another` recall starts from images of these classes that are not stored.
    """
    images, labels = DATA[data](progress)
    classes = _classes(wanted, sorted(set(labels.tolist())))
    names, first, then, seen = [], [], [], Counter[int]()
    for each in classes:
        places = np.flatnonzero(labels == each)
        last = seen[each] + (classes.count(each) if another else 0)
        if last >= len(places):
            raise click.UsageError(f"--patterns: {data} has only {len(places)} of class {each}")
        first.append(places[seen[each]])
        then.append(places[last])
        seen[each] += 1
        names.append(f"{each}" if seen[each] == 1 else f"{each} ({seen[each]})")
    return _images(names, images[first], images[then])


def _images(names: list[str], first: NDArray[Any], then: NDArray[Any] | None = None) -> Images:
    """A unit is 1 where its pixel is brighter than the image's mean."""
    height, width = first.shape[1:]
    patterns = datasets.bipolar(first, "mean")
    starts = patterns if then is None else datasets.bipolar(then, "mean")
    return Images(names, (height, width), patterns, starts)


def _classes(wanted: str, known: Sequence[int]) -> list[int]:
    try:
        classes = [int(each) for each in wanted.split(",")]
    except ValueError:
        raise click.UsageError(
            f"--patterns: '{wanted}': expected classes with commas, such as 0,1,2"
        ) from None
    for each in classes:
        if each not in known:
            raise click.UsageError(
                f"--patterns: there is no class {each}; there are {known[0]} to {known[-1]}"
            )
    return classes


# --- where images come from -----------------------------------------------------------------------


def _digits(progress: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    return _digits_of("the digits of --data digits", "--data mnist, or files")


def _mnist(progress: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    loaded = datasets.load_mnist(progress=progress)
    return loaded.images, loaded.labels


def _fashion_mnist(progress: bool) -> tuple[NDArray[Any], NDArray[Any]]:
    loaded = datasets.load_fashion_mnist(progress=progress)
    return loaded.images, loaded.labels


DATA: dict[str, Callable[[bool], tuple[NDArray[Any], NDArray[Any]]]] = {
    "digits": _digits,
    "mnist": _mnist,
    "fashion-mnist": _fashion_mnist,
}


def grey(path: Path) -> NDArray[np.float64]:
    """Grey values 0 to 1 of a file's image, on white where it is transparent."""
    from matplotlib.image import imread

    try:
        pixels = imread(path)
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{path}: no image that can be read, such as .png: {error}") from error
    if pixels.dtype.kind in "iu":
        pixels = pixels / np.iinfo(pixels.dtype).max
    if pixels.ndim == 2:
        return np.asarray(pixels, dtype=np.float64)
    grey = pixels[..., :3].mean(axis=-1, dtype=np.float64)
    if pixels.shape[-1] == 4:
        alpha = pixels[..., 3]
        grey = grey * alpha + (1.0 - alpha)
    return np.asarray(grey)
