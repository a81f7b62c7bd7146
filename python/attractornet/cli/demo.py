"""`attractornet demo`: the article's networks, measured and drawn."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

import attractornet as an
from attractornet import feedback
from attractornet.cli.options import json_option, output_option, progress_option
from attractornet.cli.output import (
    PICTURES,
    decimals,
    fixed,
    new_figure,
    picked,
    plot_module,
    print_json,
    require_ok,
    save_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTE = """\
What the article prints as Lyapunov exponents is ln(b_1 ||w_1||), w_1 the first
input column of w: how far one step stretches a nudge of the first hidden unit
at the origin. These numbers say nothing of the attractors. All three networks
are quasi-periodic, the "strange" one too: averages along the orbit agree to 6
digits and more, the largest exponent is 0 within its error, and neighbouring
states do not separate. The contrast is the "strange" network at a larger scale:
its averages do not agree and its largest exponent is positive, which is chaos
for as long as it was watched."""


@click.command()
@output_option(
    "--output",
    "-o",
    suffixes=PICTURES,
    default="attractornet-demo.png",
    text="Picture to write (.png, .svg, .pdf).",
)
@json_option
@progress_option
def demo(output: Path, as_json: bool, progress: bool) -> None:
    """Measure and draw the networks of an article.

    The article is A. Korsakova's "Attractors in Neural Network Circuits: Beauty and Chaos" (2025).
    Prints the Lyapunov exponents of its three networks, and of a chaotic one for contrast, beside
    the numbers that it printed, and draws all four. Without Matplotlib there is no picture.
    """
    cases = [
        _measured_case(example, progress) for example in (*feedback.PUBLISHED, feedback.CONTRAST)
    ]
    picture, remark = _draw(cases, output)
    if as_json:
        networks = [case.report() for case in cases]
        print_json({"networks": networks, "note": NOTE, "picture": picture})
    else:
        _print_table(cases)
        click.echo(f"\n{NOTE}")
    click.echo(f"\n{remark}", err=as_json)
    for case in cases:
        require_ok(case.spectrum.status, f"lyapunov_spectrum of the network '{case.example.name}'")


class _Case(NamedTuple):
    example: feedback.PublishedNetwork
    network: an.FeedbackNetwork
    spectrum: an.LyapunovSpectrum
    found: an.Classification

    def report(self) -> dict[str, Any]:
        example, spectrum = self.example, self.spectrum
        return {
            "name": example.name,
            "neurons": example.neurons,
            "inputs": example.inputs,
            "scale": example.scale,
            "seed": example.seed,
            "printed_lambda": example.printed_lambda,
            "one_step_stretch": self.network.one_step_stretch(),
            **picked(spectrum, "exponents", "standard_error", "kaplan_yorke_dimension", "status"),
            "class": picked(
                self.found,
                "kind",
                "period",
                "rotation_number",
                "horizon",
                "exponent",
                "exponent_error",
                "digits",
                "reason",
            ),
        }


def _measured_case(example: feedback.PublishedNetwork, progress: bool) -> _Case:
    network = example.network()
    spectrum = an.lyapunov_spectrum(network, progress=progress)
    return _Case(example, network, spectrum, an.classify(network, progress=progress))


def _print_table(cases: Sequence[_Case]) -> None:
    def row(label: str, cells: Iterable[object]) -> None:
        click.echo(f"{label:<24}" + "".join(f"{cell!s:>14}" for cell in cells))

    examples = [case.example for case in cases]
    spectra = [case.spectrum for case in cases]
    row("the article's name", (example.name for example in examples))
    for field in ("neurons", "inputs", "scale", "seed"):
        row(field, (getattr(example, field) for example in examples))
    click.echo()
    for k, name in enumerate(("largest exponent", "second", "third", "fourth")):
        pairs = [(spec.exponents[k], spec.standard_error[k]) for spec in spectra]
        row(name, (fixed(value, decimals([error])) for value, error in pairs))
        row("  standard error", (fixed(error, decimals([error])) for _, error in pairs))
    row("Kaplan-Yorke dimension", (f"{spec.kaplan_yorke_dimension:.2f}" for spec in spectra))
    click.echo()
    found = [case.found for case in cases]
    row("class", (each.kind for each in found))
    row("  rotation number", (_or_dash(each.rotation_number, 8) for each in found))
    row("  steps watched", (each.horizon for each in found))
    click.echo()
    printed = [example.printed_lambda for example in examples]
    row("printed by the article", (_or_dash(value, 2) for value in printed))
    row("one_step_stretch()", (f"{case.network.one_step_stretch():.8f}" for case in cases))


def _or_dash(value: float | None, digits: int) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"


class _Picture(NamedTuple):
    path: Path | None
    remark: str


def _draw(cases: Sequence[_Case], path: Path) -> _Picture:
    try:
        plot = plot_module()
    except ImportError as error:
        return _Picture(None, f"no picture: {error}")
    figure = new_figure(16.0, 9.2)
    figure.set_layout_engine("constrained")  # "compressed" cuts off what subfigures have outside
    halves: Any = figure.subfigures(2, 1, height_ratios=(1.12, 1.0))
    upper, lower = halves
    upper.suptitle(
        "As the article draws them: straight chords between hidden states 16/3 steps apart"
    )
    lower.suptitle("The states themselves: each output against the one before it")
    for case, above, below in zip(cases, upper.subplots(1, 4), lower.subplots(1, 4), strict=True):
        _draw_case(plot, case, above, below)
    save_figure(figure, path, 150)
    return _Picture(path, f"wrote {path}")


def _draw_case(plot: Any, case: _Case, above: Axes, below: Axes) -> None:
    """Above the article's picture, below the set itself, in two of the state's own coordinates."""
    # The first network takes this long to settle: its slowest exponent is -0.003.
    orbit = functools.partial(case.network.trajectory, feedback.PICTURE_STEPS, discard=10_000)
    plot.attractor(orbit(), above, labels=("$x_1$", "$x_2$"), title=_case_title(case))
    outputs = orbit(observe="y0")
    plot.attractor(outputs, below, style="points", labels=("$y_0(t)$", "$y_0(t + 1)$"))
    for ax in (above, below):
        ax.set_box_aspect(1.0)
        ax.set_aspect("equal", adjustable="datalim")


def _case_title(case: _Case) -> str:
    example, error = case.example, case.spectrum.standard_error[0]
    digits = decimals([error])
    measured = f"{fixed(case.spectrum.exponents[0], digits)} \\pm {fixed(error, digits)}"
    name = f'"{example.name}"' if example in feedback.PUBLISHED else example.name
    return f"{name}\n{case.found.kind}, $\\lambda_1 = {measured}$"
