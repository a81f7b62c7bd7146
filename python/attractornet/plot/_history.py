"""Pictures of training: learning curves, confusions, how results depend on size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attractornet import _check
from attractornet.plot._common import (
    NEGATIVE,
    POSITIVE,
    QUIET,
    colour_bar,
    colour_map,
    finish,
    labels_of,
    measured,
    names_of,
    new_axes,
    palette,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet.learn import History, Training

_CURVES = {
    "accuracy": {
        "accuracy": "training",
        "validation_accuracy": "validation",
        "long_accuracy": "validation, later",
        "on_pattern": "on a pattern, later",
    },
    "loss": {"loss": "training", "validation_loss": "validation"},
    "gamma": {"gamma": r"$\gamma$"},
    "eigenvalues": {"eigenvalue_min": "least", "eigenvalue_max": "largest"},
    "condition": {"condition": r"of $\Phi$"},
}
_MOST_CLASSES = 200
_AXES = {
    "accuracy": "share of examples",
    "loss": "loss",
    "gamma": r"$\gamma$",
    "eigenvalues": r"real part of $\Gamma\lambda$",
    "condition": "condition number",
}


def history(
    history: History | Training,
    ax: Axes | None = None,
    *,
    value: Literal["accuracy", "loss", "gamma", "eigenvalues", "condition"] = "accuracy",
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw learning curves: what a training was like, epoch by epoch.

    Parameters
    ----------
    history
        A `Training`, or the history of one, or of a `WilsonCowanClassifier`.
    ax
        Axes to draw on; a new figure by default.
    value
        What is drawn; a loss has a logarithmic axis.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    value = _check.choice("history: value", value, tuple(_CURVES))  # type: ignore[assignment]
    records: Any = getattr(history, "history", history)
    measured("history: history", records, "a history, that of a training", "column")
    epochs = np.array(records.column("epoch"), np.float64)
    columns = {name: records.column(key) for key, name in _CURVES[value].items()}
    shown = {name: column for name, column in columns.items() if any(x is not None for x in column)}
    if not shown:
        raise ValueError(f"history: history has no {value}: expected an epoch of it at least")
    names = labels_of("history", labels)
    title = title_of("history", title)
    ax = new_axes("history", ax, (6.4, 4.2))
    for (name, column), colour in zip(shown.items(), palette(len(shown), curves=True), strict=True):
        # A line of few points is no line.
        style: Any = {"linewidth": 1.4, "marker": "o" if len(epochs) <= 3 else None}
        ax.plot(epochs, np.array(column, np.float64), color=colour, label=name, **style)
    if value in ("loss", "condition"):
        ax.set_yscale("log")
    ax.locator_params(axis="x", integer=True)
    if len(shown) > 1:
        ax.legend(frameon=False, fontsize="small")
    finish(ax, names or ("epoch", _AXES[value]), title)
    return ax


def confusion(
    true: ArrayLike,
    predicted: ArrayLike,
    ax: Axes | None = None,
    *,
    names: Sequence[str] | None = None,
    cmap: str = "Blues",
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw which classes are taken for which: counts of examples, those that are wrong coloured.

    Parameters
    ----------
    true, predicted
        Classes of examples (examples,): integers from 0 on, or strings.
    ax
        Axes to draw on; a new figure by default.
    names
        Of the classes, in order; by default their numbers, or those strings.
    cmap
        Matplotlib colour map, of the wrong ones.
    labels
        Axis labels.
    title
        Title; by default the accuracy.

    Returns
    -------
    matplotlib.axes.Axes
    """
    first, second = _classes_of(true, predicted)
    if first.dtype.kind == "U":
        known, places = np.unique(np.concatenate([first, second]), return_inverse=True)
        first, second = np.split(places, 2)
    else:
        known = np.arange(max(first.max(), second.max()) + 1)
    count = len(known)
    counts = np.bincount(first * count + second, minlength=count * count).reshape(count, count)
    columns = names_of("confusion", names, count) or [str(each) for each in known]
    axis_names = labels_of("confusion", labels)
    title = title_of("confusion", title) or f"{100 * np.mean(first == second):.2f} % right"
    ax = new_axes("confusion", ax, (6.2, 5.2))
    colours = colour_map("confusion", cmap)
    wrong = counts.astype(np.float64)
    np.fill_diagonal(wrong, 0.0)
    image = ax.imshow(wrong, cmap=colours, vmin=0.0, vmax=max(1.0, float(wrong.max())))
    colour_bar(ax, image, "examples that are wrong")
    if count <= 20:
        _write_counts(ax, counts, float(wrong.max()))
    ticks = range(count) if count <= 20 else range(0, count, 10)
    ax.set_xticks(
        ticks, [columns[k] for k in ticks], rotation=90 if max(map(len, columns)) > 3 else 0
    )
    ax.set_yticks(ticks, [columns[k] for k in ticks])
    finish(ax, axis_names or ("taken for", "class"), title)
    return ax


def _classes_of(true: Any, predicted: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both as arrays of integers or of strings, of the same shape."""
    first, second = _classes("true", true), _classes("predicted", predicted)
    if first.shape != second.shape:
        raise ValueError(
            f"confusion: predicted has shape {second.shape}: expected that of true, {first.shape}"
        )
    if first.dtype.kind != second.dtype.kind:
        kinds = "integers, or strings, as those of true"
        _check.refuse(TypeError, "confusion: predicted", predicted, kinds)
    return first, second


def _classes(name: str, given: Any) -> NDArray[Any]:
    expected = "an array of integers or strings (examples,)"
    array = _check.array(f"confusion: {name}", given, expected)
    if array.dtype.kind == "O" and array.size and all(isinstance(each, str) for each in array.flat):
        array = array.astype(str)
    if array.dtype.kind not in "iuU":
        _check.refuse(TypeError, f"confusion: {name}", given, expected)
    _check.expect_memory("confusion", f"{name} of shape {array.shape}", array.size)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"confusion: {name} has shape {array.shape}: expected (examples,)")
    if array.dtype.kind == "U":
        if len(np.unique(array)) > _MOST_CLASSES:
            raise ValueError(f"confusion: {name}: expected {_MOST_CLASSES} classes at most")
        return array
    if array.min() < 0 or array.max() >= _MOST_CLASSES:
        worst = array.min() if array.min() < 0 else array.max()
        raise ValueError(
            f"confusion: {name} holds {worst}: expected classes from 0 to {_MOST_CLASSES - 1}"
        )
    return array.astype(np.int64)


def _write_counts(ax: Axes, counts: NDArray[Any], most: float) -> None:
    """The numbers themselves, but for 0."""
    for (row, column), number in np.ndenumerate(counts):
        if number:
            dark = row != column and number > 0.6 * most
            ax.text(
                column,
                row,
                str(number),
                ha="center",
                va="center",
                fontsize="x-small",
                color="white" if dark else QUIET if row == column else "black",
            )


def scaling(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    ax: Axes | None = None,
    *,
    labels: tuple[str, str] | None = None,
    title: str | None = None,
) -> Axes:
    """Draw how accuracy depends on the size of images, or anything else on nodes.

    Parameters
    ----------
    curves
        By name, nodes (sizes,) and values (sizes,), or (runs, sizes), whose mean is drawn with bars
        of a standard deviation.
    ax
        Axes to draw on; a new figure by default.
    labels
        Axis labels.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> plot.scaling({"paper": ([196, 289, 784], [0.9746, 0.98, 0.9813])})
    """
    if not isinstance(curves, Mapping) or not curves:
        _check.refuse(TypeError, "scaling: curves", curves, "a dict with an entry at least")
    read = {
        _check.text("scaling: curves: name", name): _curve(name, each)
        for name, each in curves.items()
    }
    names = labels_of("scaling", labels)
    title = title_of("scaling", title)
    ax = new_axes("scaling", ax, (6.4, 4.2))
    colours = (
        (NEGATIVE, POSITIVE)[: len(read)] if len(read) <= 2 else palette(len(read), curves=True)
    )
    for (name, (nodes, values)), colour in zip(read.items(), colours, strict=True):
        spread = values.std(axis=0, ddof=1) if len(values) > 1 else None
        ax.errorbar(
            nodes, values.mean(axis=0), spread, color=colour, marker="o", markersize=4, label=name
        )
    ax.legend(frameon=False, fontsize="small")
    finish(ax, names or ("nodes", "accuracy"), title)
    return ax


def _curve(name: str, pair: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    where = f"scaling: curves[{name!r}]"
    nodes, values = _check.pair(
        where, pair, lambda place, value: _check.numbers(place, value, "numbers (sizes,)")
    )
    _check.expect_memory(where, "numbers", max(nodes.size, values.size))
    rows = np.atleast_2d(np.asarray(values, np.float64))
    if nodes.ndim != 1 or nodes.size == 0 or rows.shape[1:] != nodes.shape:
        raise ValueError(f"{where}: expected nodes (sizes,) and values (sizes,) or (runs, sizes)")
    if not (np.all(np.isfinite(rows)) and np.all(np.isfinite(nodes))):
        raise ValueError(f"{where}: expected finite numbers")
    return np.asarray(nodes, np.float64), rows
