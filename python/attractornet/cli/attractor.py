"""`attractornet attractor`: a network's orbit as a picture or as numbers, or the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

import attractornet as an
from attractornet import feedback
from attractornet.cli.options import (
    Source,
    json_option,
    output_option,
    progress_option,
    system_options,
)
from attractornet.cli.output import (
    MODELS,
    PICTURES,
    TABLES,
    new_figure,
    plot_module,
    print_json,
    save_figure,
    save_orbit,
)


@click.command()
@system_options(an.FeedbackNetwork)
@click.option(
    "--steps",
    type=int,
    default=feedback.PICTURE_STEPS,
    show_default=True,
    help="Steps that are drawn or saved.",
)
@click.option(
    "--discard",
    type=int,
    default=feedback.PICTURE_DISCARD,
    show_default=True,
    help="Steps before them, in which the orbit settles.",
)
@click.option(
    "--observe",
    type=click.Choice(["x", "y0", "y"]),
    default="x",
    show_default=True,
    help="x: the hidden units; y0: the output; y: the whole register of past outputs.",
)
@click.option(
    "--style",
    type=click.Choice(["segments", "points"]),
    default="segments",
    show_default=True,
    help="segments: straight chords across the attractor, as the article draws it; "
    "points: the states themselves.",
)
@output_option(
    "--output",
    "-o",
    suffixes=PICTURES + TABLES + MODELS,
    default="attractor.png",
    text="File to write: a picture (.png, .svg, .pdf), the orbit (.npy, .csv), "
    "or the network (.safetensors).",
)
@json_option
@progress_option
def attractor(
    source: Source,
    steps: int,
    discard: int,
    observe: str,
    style: str,
    output: Path,
    as_json: bool,
    progress: bool,
) -> None:
    """Draw a network's attractor, or save its orbit or the network.

    The network is a random one of the given size and scale, or that of --model. The ending of
    --output decides what is written: a picture, the orbit's numbers, or the network.
    """
    suffix = output.suffix.lower()
    if suffix in PICTURES:
        plot_module()  # a missing Matplotlib shows before the work, not after it
    network = source.build()
    report = {"system": source.describe(), "output": output}
    if suffix in MODELS:
        network.save(output)
    else:
        orbit = network.trajectory(steps, discard=discard, observe=observe, progress=progress)
        if not np.all(np.isfinite(orbit)):
            raise click.ClickException("the orbit diverged: it left the finite numbers")
        report |= {"steps": steps, "discard": discard, "observe": observe, "shape": orbit.shape}
        if suffix in PICTURES:
            _draw_orbit(orbit, source.title(), style, observe, output)
        else:
            save_orbit(orbit, observe, output)
    if as_json:
        print_json(report)
    else:
        click.echo(f"wrote {output}")


def _draw_orbit(
    orbit: np.ndarray[Any, Any], title: str, style: str, observe: str, path: Path
) -> None:
    flat = orbit.ndim == 1 or orbit.shape[1] == 1
    name = "y_0" if observe == "y0" else f"{observe}_1"
    labels = (f"${name}(t)$", f"${name}(t + 1)$") if flat else (f"${observe}_1$", f"${observe}_2$")
    figure = new_figure(8.0, 8.2)
    plot_module().attractor(orbit, figure.add_subplot(), style=style, labels=labels, title=title)
    save_figure(figure, path, 200)
