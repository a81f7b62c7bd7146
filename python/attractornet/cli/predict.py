"""`attractornet predict`: what a trained network takes images for."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click
import numpy as np

from attractornet import _files, datasets
from attractornet.cli.images import grey
from attractornet.cli.options import device_option, json_option, output_option, progress_option
from attractornet.cli.output import PICTURES, new_figure, plot_module, print_json, save_figure
from attractornet.cli.train import (
    LATER,
    SOURCES,
    Floats,
    examples_of,
    judged,
    place_of,
    print_report,
)

_SHOWN = 8

existing: Any = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("model", type=existing)
@click.argument("files", nargs=-1, type=existing)
@click.option("--data", type=click.Choice(list(SOURCES)), help="Test images of a data set.")
@click.option("--invert", is_flag=True, help="Images of FILES are dark on bright.")
@click.option("--steps", type=click.IntRange(0), help="Steps of a run.  [default: the model's]")
@device_option
@click.option("--threads", type=click.IntRange(1), help="Threads.  [default: all]")
@output_option("--confusion", suffixes=PICTURES, default=None, text="Which is taken for which.")
@output_option("--settling", suffixes=PICTURES, default=None, text="The first images on their way.")
@json_option
@progress_option
def predict(
    model: Path,
    files: tuple[Path, ...],
    data: str | None,
    invert: bool,
    steps: int | None,
    confusion: Path | None,
    settling: Path | None,
    as_json: bool,
    progress: bool,
    **given: Any,
) -> None:
    """Say what class a MODEL takes images for: those of FILES, or the test images of a data set.

    MODEL is what train wrote; of a checkpoint, the best model so far. Images are resized to the
    model's square of nodes. With --data the accuracy is printed.
    """
    from attractornet import learn

    if bool(files) == bool(data):
        raise click.UsageError("give image files, or --data, and not both")
    if confusion and files:
        raise click.UsageError("--confusion: needs true classes, which files have not")
    if confusion or settling or files:
        plot_module()
    is_checkpoint = _files.type_of(model) == "Checkpoint"
    load = learn.WilsonCowanModel.load
    trained = learn.read_checkpoint(model).model if is_checkpoint else load(model)
    side = math.isqrt(trained.nodes)
    if side**2 != trained.nodes:
        raise ValueError(f"{model}: a model of {trained.nodes} nodes, which are no square image")
    if data:
        x, labels = examples_of(data, "test", side, progress)
        numbers = judged(trained, x, labels, confusion, steps, **place_of(given))
        report: dict[str, Any] = {"data": data, **numbers}
        true = labels[:_SHOWN].tolist()
    else:
        true = None
        x = np.concatenate([_read(file, side, invert) for file in files])
        found = trained.probabilities(x, steps, **place_of(given))
        report = {
            str(file): {"class": int(q.argmax()), "probability": float(q.max())}
            for file, q in zip(files, found, strict=True)
        }
    if settling is not None:
        _draw(trained, x[:_SHOWN], trained.steps if steps is None else steps, true, settling)
    if as_json:
        print_json(report)
    else:
        print_report(report)


def _read(file: Path, side: int, invert: bool) -> Floats:
    """An image (1, pixels), from 0 to 1."""
    image = datasets.resize(grey(file)[None], side).reshape(1, -1)
    return np.clip(1 - image if invert else image, 0, 1)


def _draw(model: Any, x: Floats, steps: int, true: list[int] | None, path: Path) -> None:
    """The first images at some times, and the patterns of the classes that they are taken for."""
    times = sorted({0, steps // 5, 2 * steps // 5, steps, max(steps, LATER)})
    rows = {"input" if k == 0 else f"{k} steps": model.settle(x, k).x for k in times}
    found = model.predict(x, steps)
    rows["pattern"] = model.targets[found]
    names = [f"a {k}" for k in found]
    if true is not None:
        names = [f"{k}" if k == y else f"{k}, not {y}" for k, y in zip(found, true, strict=True)]
    figure = new_figure(1.1 * len(x), 1.1 * len(rows))
    plot_module().images(rows, figure.add_subplot(), names=names, levels=(0.0, 0.6))
    save_figure(figure, path, 150)
