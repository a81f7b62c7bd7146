"""`attractornet recall`: images stored in a Hopfield network, damaged and recalled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from click.core import ParameterSource
from numpy.typing import NDArray

import attractornet as an
from attractornet import _check
from attractornet.cli.images import DATA, Damage, Images, States, of_classes, of_files
from attractornet.cli.options import (
    fields_as_options,
    json_option,
    output_option,
    progress_option,
)
from attractornet.cli.output import (
    PICTURES,
    new_figure,
    picked,
    plot_module,
    print_json,
    require,
    save_figure,
)
from attractornet.plot._grid import figure_size

INVERSE = """\
An inverted pattern is as good a memory as the pattern: without thresholds the
energy of -s is that of s. Where a pattern is a fixed point, so is its negative,
and recall from the negative ends there."""

MIXED = """\
Hebbian weights mix up patterns that resemble each other: {unstable} of these {count} are no
fixed points; two of them have an overlap of {overlap:.2f}. With --rule pseudoinverse
each is a fixed point."""

COMPARED = """\
The tutorial is "Hopfield Neural Network" (GeeksforGeeks, 2026). What it takes from
each unit is meant to be the mean activity of the patterns, {mean:.3f} here; its code
takes the mean of their sums, {sums:.1f}. Where that is large, all weights are nearly
equal, and states run into one that is the same everywhere. "corrected" takes the
mean. Hebbian weights still mix up patterns that resemble each other, here with
overlaps of up to {overlap:.2f}; the pseudo-inverse allows for the overlaps."""


def _image_options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags that say what is stored, and what recall starts from."""
    share: Any = {"type": click.FloatRange(0.0, 1.0), "metavar": "SHARE"}
    existing = click.Path(exists=True, dir_okay=False, path_type=Path)
    classes = "Classes, such as 3,5,5: the first images of each are stored.  [default: 0,1,2]"
    crop = "Make this share of the rows dark, the lower ones."
    flips = "Flip this share of the units.  [default: 0.2, unless a flag above changes the start]"
    decorators = [
        click.argument("files", nargs=-1, type=existing),
        click.option(
            "--data",
            type=click.Choice(list(DATA)),
            help="Where images are from.  [default: digits]",
        ),
        click.option("--patterns", metavar="CLASSES", help=classes),
        click.option("--another", is_flag=True, help="Start from the next image of each class."),
        click.option("--invert", is_flag=True, help="Start from the negative."),
        click.option("--crop", default=0.0, help=crop, **share),
        click.option("--flips", help=flips, **share),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def _network_options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags that say how it is stored and recalled."""
    rules = click.Choice(["hebbian", "storkey", "pseudoinverse", "low_activity"])
    rule = "How patterns become weights.  [default: pseudoinverse, as images resemble each other]"
    center = "What rule hebbian takes from each unit of a pattern; mean: the mean of all."
    compare = "Recall by the rule of a tutorial, as its code has it, and by others."
    decorators = [
        click.option("--rule", type=rules, help=rule),
        click.option("--center", metavar="NUMBER|mean", help=center),
        click.option("--compare", is_flag=True, help=compare),
        fields_as_options(an.fields(an.HopfieldNetwork.recall), "options"),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def _picture_options(command: Callable[..., None]) -> Callable[..., None]:
    """The flags of pictures."""
    panels = "Picture to write: patterns, starts and ends (.png, .svg, .pdf)."
    decorators = [
        output_option("--output", "-o", suffixes=PICTURES, default="recall.png", text=panels),
        output_option("--energy", suffixes=PICTURES, default=None, text="Energies on the way."),
        output_option("--weights", suffixes=PICTURES, default=None, text="Weights."),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@click.command()
@_image_options
@_network_options
@_picture_options
@json_option
@progress_option
def recall(
    output: Path,
    energy: Path | None,
    weights: Path | None,
    as_json: bool,
    progress: bool,
    **given: Any,
) -> None:
    """Store images in a Hopfield network, damage them, and recall them.

    The images are handwritten digits, or those of FILES; a unit is 1 where its pixel is brighter
    than the image's mean, else -1. --seed is that of the units that flip, too. With --compare it is
    the experiment of a tutorial, which starts from --another image of each class. Without
    Matplotlib there is no picture.
    """
    pictures = _Pictures(output, energy, weights)
    _refuse_idle(given, pictures)
    setup = _setup(given, progress)
    trace: dict[str, Any] = {}
    if energy:
        trace = {"trace": "energy", "trace_every": max(1, setup.starts.shape[1] // 50)}
    cases = [
        _case(name, setup, storing, progress=progress, **trace)
        for name, storing in _rules(setup.images.patterns, given).items()
    ]
    written, remark = pictures.draw(setup, cases)
    notes = _notes(setup, cases, given["compare"])
    if as_json:
        print_json(_report(setup, cases, notes, written))
    else:
        click.echo(f"{setup.text()}\n")
        (_print_rules if given["compare"] else _print_states)(setup, cases)
        for note in notes:
            click.echo(f"\n{note}")
    click.echo(f"\n{remark}", err=as_json)
    if setup.options["temperature"] == 0.0:
        lost = sum(int(np.count_nonzero(case.out.cycle_length == 0)) for case in cases)
        require(not lost, f"recall: {lost} states did not settle: give more --max-sweeps")


def _refuse_idle(given: Mapping[str, Any], pictures: _Pictures) -> None:
    """Refuse flags that would do nothing, and pictures that cannot be drawn."""
    for name in ("data", "patterns", "another"):
        if given["files"] and given[name]:
            raise click.UsageError(f"--{name}: is for images that have classes, not for files")
    for name in ("rule", "center"):
        if given["compare"] and given[name] is not None:
            raise click.UsageError(f"--{name}: --compare has rules of its own")
    for name in ("energy", "weights"):
        if given["compare"] and getattr(pictures, name):
            raise click.UsageError(f"--{name}: is of one rule, and --compare has several")
    source = click.get_current_context().get_parameter_source("output")
    if pictures.energy or pictures.weights or source is not ParameterSource.DEFAULT:
        plot_module()


# --- what is recalled -----------------------------------------------------------------------------


class _Setup(NamedTuple):
    """What is stored, what recall starts from, and how that was made."""

    images: Images
    starts: States
    another: bool
    damage: Damage
    options: dict[str, Any]  # of recall, defaults included

    def text(self) -> str:
        height, width = self.images.shape
        count = len(self.images.names)
        first = ["another image of each class"] if self.another else []
        starts = ", ".join([*first, *self.damage.words()]) or "the patterns"
        return (
            f"{count} pattern{'' if count == 1 else 's'} of {height} x {width} units; "
            f"starts: {starts}"
        )


def _setup(given: Mapping[str, Any], progress: bool) -> _Setup:
    files, another, flips = given["files"], given["another"], given["flips"]
    if files:
        images = of_files(files)
    else:
        data, patterns = given["data"] or "digits", given["patterns"] or "0,1,2"
        images = of_classes(data, patterns, another, progress)
    if flips is None:
        flips = 0.0 if another or given["invert"] or given["crop"] else 0.2
    damage = Damage(given["invert"], given["crop"], flips)
    defaults = {field.name: field.default for field in an.fields(an.HopfieldNetwork.recall)}
    options: dict[str, Any] = {**defaults, **given["options"]}
    seed = _check.whole("HopfieldNetwork.recall: seed", options["seed"], 0)
    starts = damage.of(images.starts, images.shape, seed)
    return _Setup(images, starts, another, damage, options)


def _rules(patterns: States, given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Arguments of `HopfieldNetwork.store`, by what the rule is called."""
    if not given["compare"]:
        rule, center = given["rule"] or "pseudoinverse", given["center"]
        storing = {"rule": rule} | ({"center": _center(center)} if center is not None else {})
        return {rule: storing}
    return {
        "tutorial": {"rule": "hebbian", "center": _mean_of_sums(patterns)},
        "corrected": {"rule": "hebbian", "center": "mean"},
        "hebbian": {"rule": "hebbian"},
        "pseudoinverse": {"rule": "pseudoinverse"},
    }


def _center(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text  # 'mean'; the core refuses all else


def _mean_of_sums(patterns: States) -> float:
    return float(np.mean(np.sum(patterns, axis=1)))


class _Case(NamedTuple):
    """What one rule made of the starts."""

    name: str
    storing: dict[str, Any]
    network: an.HopfieldNetwork
    out: an.hopfield.Recall
    hamming: NDArray[np.intp]
    overlaps: NDArray[np.float64]

    @property
    def recalled(self) -> NDArray[np.bool_]:
        return np.asarray(self.hamming == 0)


def _case(name: str, setup: _Setup, storing: dict[str, Any], **rest: Any) -> _Case:
    patterns = setup.images.patterns
    network = an.HopfieldNetwork.store(patterns, **storing)
    out = network.recall(setup.starts, **setup.options, **rest)
    hamming = np.count_nonzero(out.states != patterns, axis=1)
    return _Case(name, storing, network, out, hamming, network.overlaps(out.states))


# --- what is said ---------------------------------------------------------------------------------


def _largest_overlap(patterns: States) -> float:
    """Of two different patterns."""
    among = patterns @ patterns.T.astype(np.float64) / patterns.shape[1]
    return float(np.max(among[~np.eye(len(among), dtype=bool)], initial=-1.0))


def _notes(setup: _Setup, cases: Sequence[_Case], compare: bool) -> list[str]:
    patterns, network = setup.images.patterns, cases[0].network
    overlap, notes = _largest_overlap(patterns), []
    if compare:
        mean, sums = float(np.mean(patterns)), _mean_of_sums(patterns)
        notes.append(COMPARED.format(mean=mean, sums=sums, overlap=overlap))
    elif network.rule == "hebbian":
        unstable = np.any(network.fields(patterns) * patterns < 0.0, axis=1)
        if (lost := int(np.count_nonzero(unstable))) and len(patterns) > 1:
            notes.append(MIXED.format(unstable=lost, count=len(patterns), overlap=overlap))
    if setup.damage.invert and not np.any(network.thresholds):
        notes.append(INVERSE)
    return notes


def _report(
    setup: _Setup, cases: Sequence[_Case], notes: Sequence[str], written: Sequence[Path]
) -> dict[str, Any]:
    patterns = setup.images.patterns
    measured = ("energies", "sweeps", "converged", "cycle_length")
    return {
        "patterns": setup.images.names,
        "shape": setup.images.shape,
        "starts": {"another": setup.another, **setup.damage._asdict()},
        "options": setup.options,
        "hamming_before": np.count_nonzero(setup.starts != patterns, axis=1),
        "rules": [
            {
                "name": case.name,
                **case.storing,
                **picked(case, "hamming", "overlaps", "recalled"),
                **picked(case.out, *measured),
            }
            for case in cases
        ],
        "notes": notes,
        "files": written,
    }


def _print_states(setup: _Setup, cases: Sequence[_Case]) -> None:
    """A line for each state, of one rule."""
    (case,) = cases
    names, patterns = setup.images.names, setup.images.patterns
    before = np.count_nonzero(setup.starts != patterns, axis=1)
    wide = max(9, *map(len, names)) + 2
    heads = f"{'wrong at start':>16}{'end':>7}{'overlap':>10}{'energy':>12}{'sweeps':>9}"
    click.echo(f"{'pattern':<{wide}}{heads}  ends at")
    for k, name in enumerate(names):
        click.echo(
            f"{name:<{wide}}{before[k]:>16}{case.hamming[k]:>7}{case.overlaps[k, k]:>10.3f}"
            f"{case.out.energies[k]:>12.5g}{case.out.sweeps[k]:>9}  "
            + _end(case.out.states[k], patterns, names)
        )
    click.echo(f"\n{case.name}: {np.sum(case.recalled)} of {len(names)} recalled")


def _end(state: States, patterns: States, names: Sequence[str]) -> str:
    """What a state is among the patterns."""
    alike = np.count_nonzero(state == patterns, axis=1)
    nearest, units = int(np.argmax(alike)), len(state)
    if alike[nearest] == units:
        return names[nearest]
    if not np.all(alike):
        return f"{names[int(np.argmin(alike))]}, inverted"
    return f"none of them; nearest {names[nearest]}"


def _print_rules(setup: _Setup, cases: Sequence[_Case]) -> None:
    """A line for each rule, with the overlap of each state and its pattern."""
    names = setup.images.names
    before = cases[0].network.overlaps(setup.starts).diagonal()
    click.echo(f"{'overlap with pattern':<22}" + "".join(f"{name:>9.8}" for name in names))
    click.echo(f"{'at the start':<22}" + "".join(f"{each:>9.3f}" for each in before))
    for case in cases:
        cells = "".join(f"{each:>9.3f}" for each in case.overlaps.diagonal())
        click.echo(f"{case.name:<22}{cells}   {np.sum(case.recalled)} of {len(names)} recalled")


# --- pictures -------------------------------------------------------------------------------------


class _Pictures(NamedTuple):
    """Files that pictures are written to."""

    output: Path
    energy: Path | None
    weights: Path | None

    def draw(self, setup: _Setup, cases: Sequence[_Case]) -> tuple[list[Path], str]:
        """The files that were written, and a remark about them."""
        try:
            plot = plot_module()
        except ImportError as error:
            return [], f"no picture: {error}"
        images, case = setup.images, cases[0]
        ends = {each.name: each.out for each in cases}
        names = [name[:12] for name in images.names]
        figure = new_figure(*figure_size(images.shape, 2 + len(cases), len(names)))
        panels = figure.add_subplot()
        plot.recall(images.patterns, setup.starts, ends, panels, shape=images.shape, names=names)
        save_figure(figure, self.output, 150)
        written = [self.output]
        if self.energy:
            figure = new_figure(7.4, 4.6)
            plot.energy(case.out, figure.add_subplot(), names=[f"start {name}" for name in names])
            save_figure(figure, self.energy, 150)
            written.append(self.energy)
        if self.weights:
            figure = new_figure(7.2, 6.0)
            plot.weights(case.network, figure.add_subplot(), title=repr(case.network))
            save_figure(figure, self.weights, 150)
            written.append(self.weights)
        return written, "wrote " + ", ".join(map(str, written))
