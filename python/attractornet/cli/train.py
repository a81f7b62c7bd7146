"""`attractornet train`: a Wilson-Cowan network that learns to tell images apart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click
import numpy as np
from numpy.typing import NDArray

import attractornet as an
from attractornet import _files, datasets
from attractornet._device import Products
from attractornet.cli.options import (
    device_option,
    fields_as_options,
    json_option,
    output_option,
    progress_option,
)
from attractornet.cli.output import (
    MODELS,
    PICTURES,
    new_figure,
    plot_module,
    print_json,
    print_table,
    require,
    save_figure,
)
from attractornet.datasets import LabelledImages
from attractornet.wilson_cowan import SpectralCoupling

Floats = NDArray[np.float32]

SOURCES: dict[str, Callable[..., LabelledImages]] = {
    "digits": lambda split, progress: datasets.load_digits(split),
    "mnist": lambda split, progress: datasets.load_mnist(split, progress=progress),
    "fashion-mnist": lambda split, progress: datasets.load_fashion_mnist(split, progress=progress),
}
_STEPS = {"digits": 25, "mnist": 25, "fashion-mnist": 35}
# Of an image of 28 pixels a side, larger ones average more of it; of the digits as they are.
_NOISE = {"digits": 0.1, "mnist": 0.25, "fashion-mnist": 0.1}
_DIGITS = {"batch_size": 50, "epochs": 100}  # fewer examples, more epochs
_OF_RECIPE = "default: of --recipe paper its own, else"
_CLASSES = 10
LATER = 400
_SAID = {"long_accuracy": f"accuracy at {LATER} steps", "on_pattern": "on a pattern then"}


def examples_of(
    data: str, split: str, side: int | None, progress: bool
) -> tuple[Floats, NDArray[np.uint8]]:
    """Pixels from 0 to 1 (examples, pixels) and labels of a data set."""
    loaded = SOURCES[data](split, progress)
    images = loaded.images if side is None else datasets.resize(loaded.images, side)
    return np.asarray(images, np.float32).reshape(len(images), -1) / np.float32(255), loaded.labels


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags that say what is trained, on what, and how."""
    positive: Any = {"type": click.IntRange(1)}
    rate: Any = {"type": click.FloatRange(0.0)}
    share = click.FloatRange(0.0, 0.9)
    file: Any = {"type": click.Path(dir_okay=False, path_type=Path)}
    decorators = [
        click.option(
            "--data", type=click.Choice(list(SOURCES)), default="digits", show_default=True
        ),
        click.option("--side", help="Resize images to this many pixels a side.", **positive),
        click.option(
            "--recipe",
            type=click.Choice(["projected", "spectral", "paper"]),
            default="projected",
            show_default=True,
            help="The coupling and how it is trained; paper: as the authors' code does.",
        ),
        click.option(
            "--epochs",
            help="Epochs.  [default: 40; of digits 100, else of --recipe paper 525]",
            **positive,
        ),
        click.option(
            "--batch-size", help="Examples of a batch.  [default: 200, of digits 50]", **positive
        ),
        click.option(
            "--steps", help="Steps of a run.  [default: 25; of fashion-mnist 35]", **positive
        ),
        click.option(
            "--learning-rate", help=f"Of weights or eigenvectors.  [{_OF_RECIPE} 0.01]", **rate
        ),
        click.option(
            "--eigenvalue-rate", help=f"Of eigenvalues.  [{_OF_RECIPE} 0.2 / scale]", **rate
        ),
        click.option("--gamma-rate", help=f"Of gamma.  [{_OF_RECIPE} 0.01]", **rate),
        click.option(
            "--noise",
            help="Standard deviation of noise on examples.  [default: of --recipe paper 0, else "
            "0.25 of mnist, 0.1 of others, in proportion to --side]",
            **rate,
        ),
        click.option(
            "--loss",
            help="mean_square, sum_of_squares, cross_entropy or binary_cross_entropy.  "
            f"[{_OF_RECIPE} cross_entropy]",
        ),
        click.option(
            "--orthogonality",
            help="Weight of the penalty on eigenvectors at other than right angles.  [default: 0; "
            "of --recipe paper 0.01]",
            **rate,
        ),
        click.option(
            "--validation",
            type=share,
            default=0.1,
            show_default=True,
            help="Share of the training images that is held back and chooses the epoch; 0: none.",
        ),
        click.option(
            "--patience", help="Stop after so many epochs without a better one.", **positive
        ),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True),
        device_option,
        click.option(
            "--products",
            type=click.Choice(get_args(Products)),
            help="How a device multiplies matrices: tf32x3 on tensor cores, nearly as exact as "
            "float32; tf32 with 11 bits.  [default: float32]",
        ),
        click.option("--threads", help="Threads.  [default: all]", **positive),
        click.option("--checkpoint", help="Write after each epoch, and go on from there.", **file),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


# Of a spectral coupling; its seed is the training's.
_PLANTING = [
    field
    for subject in (SpectralCoupling.plant, SpectralCoupling)
    for field in an.fields(subject)
    if field.name != "seed"
]


@click.command()
@_options
@fields_as_options(_PLANTING, "planting")
@click.option("--train-planted", is_flag=True, help="Train the planted columns as well.")
@output_option("--output", "-o", suffixes=MODELS, default="model.safetensors", text="The model.")
@output_option("--history", suffixes=(".json",), default=None, text="Numbers of all epochs.")
@output_option("--curves", suffixes=PICTURES, default=None, text="Picture of the learning curves.")
@output_option("--confusion", suffixes=PICTURES, default=None, text="Which is taken for which.")
@output_option("--weights", suffixes=PICTURES, default=None, text="Picture of the coupling.")
@json_option
@progress_option
def train(
    output: Path,
    history: Path | None,
    curves: Path | None,
    confusion: Path | None,
    weights: Path | None,
    as_json: bool,
    progress: bool,
    planting: dict[str, Any],
    train_planted: bool,
    **given: Any,
) -> None:
    """Train a Wilson-Cowan network to settle on the pattern of an image's class.

    The digits come with scikit-learn; MNIST and Fashion-MNIST are read from the folder that
    ATTRACTORNET_DATA names, or downloaded. Test images are looked at once, at the end: after the
    steps of the training, and after 400, which tells whether what was reached stays.
    """
    from attractornet import learn  # here: other commands need not pay for it

    if curves or confusion or weights:
        plot_module()
    written = [file.resolve() for file in (output, history, given["checkpoint"]) if file]
    if len(set(written)) < len(written):
        raise click.UsageError("--output, --history, --checkpoint: expected a file for each")
    x, labels = examples_of(given["data"], "train", given["side"], progress)
    recipe = learn.recipe(given["recipe"])
    if train_planted:
        planting["train_planted"] = True
    if planting and recipe.model["coupling"] != "spectral":
        flag = next(iter(planting)).replace("_", "-")
        raise click.UsageError(f"--{flag}: is for --recipe spectral or paper")
    model = learn.WilsonCowanModel.plant(
        _CLASSES,
        x.shape[1],
        seed=given["seed"],
        steps=given["steps"] or _STEPS[given["data"]],
        **recipe.model,
        **planting,
    )
    training = learn.train(
        model,
        x,
        labels,
        progress=progress,
        checkpoint=given["checkpoint"],
        device=given["device"] or "cpu",
        products=given["products"] or "float32",
        threads=given["threads"],
        seed=given["seed"],
        validation=given["validation"] or None,
        patience=given["patience"],
        **{"noise": _noise(given), **recipe.training, **_changes(given)},
    )
    _draw_training(training, curves, weights)
    training.model.save(output)
    if history is not None:
        with _files.replacing(history) as temporary:
            temporary.write_text(training.history.to_json() + "\n")
    x, labels = examples_of(given["data"], "test", given["side"], progress)
    report = {
        "data": given["data"],
        "nodes": model.nodes,
        "recipe": given["recipe"],
        "seed": given["seed"],
        "epochs": len(training.history),
        "best_epoch": training.best_epoch,
        "status": training.status,
        **judged(training.model, x, labels, confusion, **place_of(given)),
        "gamma": training.model.gamma,
        "model": output,
    }
    if as_json:
        print_json(report)
    else:
        print_report(report)
    require(training.status != "diverged", "train: diverged: smaller learning rates help")


def _noise(given: dict[str, Any]) -> float:
    """What was found best on examples held back."""
    side = 28 if given["data"] == "digits" else given["side"] or 28
    return float(_NOISE[given["data"]] * side / 28)


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    """What the flags change of a recipe."""
    rates = ("learning_rate", "eigenvalue_rate", "gamma_rate")
    names = ("epochs", "batch_size", *rates, "noise", "loss", "orthogonality")
    changes = {name: given[name] for name in names if given[name] is not None}
    return {**_DIGITS, **changes} if given["data"] == "digits" else changes


def place_of(given: dict[str, Any]) -> dict[str, Any]:
    """Where predictions are made, as flags say."""
    return {"device": given["device"] or "cpu", "threads": given["threads"]}


def judged(
    model: Any,
    x: Floats,
    labels: NDArray[Any],
    confusion: Path | None,
    steps: int | None = None,
    **place: Any,
) -> dict[str, Any]:
    """How a model does, at some steps, or its own, and much later."""
    now = model.evaluate(x, labels, steps, **place)
    later = model.evaluate(x, labels, LATER, **place)
    if confusion is not None:
        figure = new_figure(6.2, 5.2)
        predicted = model.predict(x, steps, **place)
        plot_module().confusion(labels, predicted, figure.add_subplot())
        save_figure(figure, confusion, 150)
    return {
        "accuracy": now.accuracy,
        "long_accuracy": later.accuracy,
        "on_pattern": later.on_pattern,
    }


def _draw_training(training: Any, curves: Path | None, weights: Path | None) -> None:
    if curves is not None and training.history:
        figure = new_figure(6.4, 4.2)
        plot_module().history(training, figure.add_subplot())
        save_figure(figure, curves, 150)
    if weights is not None:
        figure = new_figure(6.2, 5.2)
        plot_module().weights(training.model.network, figure.add_subplot())
        save_figure(figure, weights, 150)


def print_report(report: dict[str, Any]) -> None:
    """Numbers beside what they are."""
    print_table({_SAID.get(name, name): _text(value) for name, value in report.items()})


def _text(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['class']}  ({value['probability']:.3f})"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
