"""Pictures of Lyapunov spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attractornet import _check
from attractornet.plot._common import (
    NEGATIVE,
    POSITIVE,
    QUIET,
    ZERO,
    calm,
    measured,
    new_axes,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attractornet import LyapunovSpectrum

_SIGMAS = 3.0  # as in the core: nearer to 0 than this many standard errors counts as 0
_NEEDED = ("exponents", "standard_error", "history", "history_steps", "status")


def spectrum(spec: LyapunovSpectrum, ax: Axes | None = None, *, title: str | None = None) -> Axes:
    """Draw a Lyapunov spectrum: every exponent with its standard error, and the zero line.

    An exponent within three standard errors of 0 is drawn as zero; one of -inf, a direction that
    dies in a finite number of steps, is an arrow at the lower edge.

    Parameters
    ----------
    spec
        Result of `lyapunov_spectrum`.
    ax
        Axes to draw on; a new figure by default.
    title
        Title; by default the Kaplan-Yorke dimension.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured("spectrum: spec", spec, "a LyapunovSpectrum", *_NEEDED)
    title = title_of("spectrum", title)
    ax = new_axes("spectrum", ax, (6.4, 4.4))
    from matplotlib.ticker import MaxNLocator

    index = np.arange(1, len(spec.exponents) + 1)
    ax.axhline(0.0, color=QUIET, linewidth=0.8, zorder=1)
    for group in _groups(spec):
        k, value = index[group.member], spec.exponents[group.member]
        error = spec.standard_error[group.member]
        ax.vlines(k, 0.0, value, color=group.colour, linewidth=1.0, alpha=0.35, zorder=2)
        ax.errorbar(
            k,
            value,
            error,
            fmt="o",
            color=group.colour,
            markersize=4.5,
            capsize=2.5,
            linewidth=1.0,
            label=group.label,
            zorder=3,
        )
    _draw_dead(ax, index[np.isneginf(spec.exponents)])
    ax.set(xlabel="index k", ylabel=r"Lyapunov exponent $\pm$ standard error, per unit time")
    ax.set_xlim(0.4, len(index) + 0.6)
    ax.set_title(_summary(spec) if title is None else title)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False, loc="lower left")
    calm(ax)
    return ax


def convergence(
    spec: LyapunovSpectrum,
    ax: Axes | None = None,
    *,
    leading: int = 4,
    title: str | None = None,
) -> Axes:
    """Draw how the leading exponents settled: running mean over the steps averaged so far.

    The band about each line is the final value and its standard error.

    Parameters
    ----------
    spec
        Result of `lyapunov_spectrum`.
    ax
        Axes to draw on; a new figure by default.
    leading
        How many exponents, the largest first.
    title
        Title.

    Returns
    -------
    matplotlib.axes.Axes
    """
    measured("convergence: spec", spec, "a LyapunovSpectrum", *_NEEDED)
    leading = _check.whole("convergence: leading", leading, 1)
    title = title_of("convergence", title)
    if not len(spec.history_steps):
        raise ValueError(f"convergence: spec has no history: its status is '{spec.status}'")
    ax = new_axes("convergence", ax, (6.4, 4.4))
    from matplotlib import colormaps

    count = min(leading, len(spec.exponents))
    ax.axhline(0.0, color=QUIET, linewidth=0.8, zorder=1)
    for k, shade in enumerate(np.linspace(0.0, 0.75, count)):
        colour = colormaps["viridis"](shade)
        value, error = spec.exponents[k], spec.standard_error[k]
        ax.plot(
            spec.history_steps,
            spec.history[:, k],
            color=colour,
            linewidth=1.2,
            label=rf"$\lambda_{{{k + 1}}}$",
            zorder=3,
        )
        if np.isfinite(value) and np.isfinite(error):
            ax.axhspan(value - error, value + error, color=colour, alpha=0.15, linewidth=0)
    ax.set(xlabel="steps averaged", ylabel="running mean of the exponent, per unit time")
    ax.set_xlim(0, spec.history_steps[-1])
    ax.set_title("Convergence" if title is None else title)
    ax.legend(frameon=False, ncols=count, loc="best")
    calm(ax)
    return ax


class _Group(NamedTuple):
    member: NDArray[np.bool_]
    colour: str
    label: str


def _groups(spec: LyapunovSpectrum) -> list[_Group]:
    """Exponents by sign, as far as their errors tell; empty groups and -inf are left out."""
    value, error = spec.exponents, spec.standard_error
    finite = np.isfinite(value)
    zero = finite & (np.abs(value) <= _SIGMAS * np.nan_to_num(error))
    groups = [
        _Group(finite & ~zero & (value > 0.0), POSITIVE, "positive"),
        _Group(zero, ZERO, f"zero within {_SIGMAS:g} errors"),
        _Group(finite & ~zero & (value < 0.0), NEGATIVE, "negative"),
    ]
    return [group for group in groups if np.any(group.member)]


def _draw_dead(ax: Axes, index: NDArray[np.int_]) -> None:
    if len(index) == 0:
        return
    edge = ax.get_xaxis_transform()  # y in fractions of the axes: the lower edge
    ax.plot(
        index,
        np.full(len(index), 0.03),
        "v",
        color=NEGATIVE,
        transform=edge,
        label=r"$-\infty$",
        clip_on=False,
    )


def _summary(spec: LyapunovSpectrum) -> str:
    """The dimension, and the status unless all is well."""
    dimension = spec.kaplan_yorke_dimension
    parts = [] if np.isnan(dimension) else [f"Kaplan-Yorke dimension {dimension:.3g}"]
    parts += [] if spec.status == "ok" else [f"status: {spec.status}"]
    return ", ".join(parts) or "Lyapunov spectrum"
