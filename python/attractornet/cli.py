"""The command line: one small function a command.

Flags of systems and analyses are made from the core's field lists (`attractornet.fields`): what a
parameter is called, what it means and what it defaults to is not repeated here.
"""

from __future__ import annotations

import functools
import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
import numpy as np

import attractornet as an
from attractornet import _files, feedback

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURES = (".png", ".svg", ".pdf")
TABLES = (".npy", ".csv")
MODELS = (".safetensors",)

Command = TypeVar("Command", bound=Callable[..., None])


class _Main(click.Group):
    """A group whose every failure is one line on standard error and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and leave with its exit code."""
        run = functools.partial(super().main, args, prog_name, complete_var, **extra)
        if not standalone_mode:
            return run(standalone_mode=False)
        sys.exit(_exit_code(functools.partial(run, standalone_mode=False)))


def _exit_code(run: Callable[[], object]) -> int:
    """The exit code of a run, after one line about what stopped it."""
    try:
        code = run()
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted", 130)
    except click.UsageError as error:
        hint = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        return _complain(error.format_message().rstrip(".") + hint, error.exit_code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except (ValueError, TypeError, MemoryError, OSError, ImportError) as error:
        # The core names the parameter, its value and what is allowed; a traceback adds nothing.
        return _complain(str(error) or type(error).__name__, 2)
    return code if isinstance(code, int) else 0


def _complain(message: str, code: int) -> int:
    click.echo(f"Error: {' '.join(message.split())}", err=True)
    return code


@click.group(
    cls=_Main,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="attractornet")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Attractor dynamics of neural networks.

    With --json a command prints one JSON document on standard output and nothing else there;
    numbers that JSON lacks are the strings "Infinity", "-Infinity" and "NaN".

    Exit codes: 0 done, 1 the mathematics failed (a run diverged or is imprecise), 2 wrong usage,
    130 interrupted.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


# ---------------------------------------------------------------------------------- shared options


def fields_as_options(
    fields: Iterable[an.Field], into: str, flags: Mapping[str, str] | None = None
) -> Callable[[Command], Command]:
    """Give a command a flag for every field; the given ones arrive as one dict, argument `into`.

    Parameters
    ----------
    fields
        A field list of the core.
    into
        The command's argument that receives them by field name. What was not given is left out:
        the core knows the defaults.
    flags
        Other flags than the fields' names, where two lists meet in one command.
    """
    listed = {f"{into}_{field.name}": field for field in fields}

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def collected(**values: Any) -> None:
            taken = {field.name: values.pop(key) for key, field in listed.items()}
            command(**values, **{into: {k: v for k, v in taken.items() if v is not None}})

        decorated: Any = collected
        for key, field in reversed(listed.items()):
            flag = (flags or {}).get(field.name, field.name.replace("_", "-"))
            decorated = _option(field, flag, key)(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


def _option(field: an.Field, flag: str, key: str) -> Callable[[Command], Command]:
    kinds: dict[str, Any] = {
        "int": click.INT,
        "float": click.FLOAT,
        "str": click.STRING,
    }
    name = f"--{flag}/--no-{flag}" if field.type == "bool" else f"--{flag}"
    kind = click.Choice(field.choices) if field.choices else kinds.get(field.type, click.BOOL)
    return click.option(name, key, type=kind, default=None, help=_help(field))


def _help(field: an.Field) -> str:
    """Meaning, unit, bounds and default of a field."""
    notes = [field.unit] if field.unit else []
    if field.type in ("int", "float"):
        notes += _bounds(field)
    if field.default is not None:
        notes.append(f"default {field.default}")
    return f"{field.meaning}  [{'; '.join(notes)}]" if notes else field.meaning


def _bounds(field: an.Field) -> list[str]:
    """The bounds in words; those that only say "finite" or "fits an integer" are left out."""
    low = None if abs(field.minimum) >= 2.0**53 else f"{field.minimum:.10g}"
    high = None if abs(field.maximum) >= 2.0**53 else f"{field.maximum:.10g}"
    if low and high and not (field.minimum_open or field.maximum_open):
        return [f"{low} to {high}"]
    lower = [f"above {low}" if field.minimum_open else f"at least {low}"] if low else []
    upper = [f"below {high}" if field.maximum_open else f"at most {high}"] if high else []
    return lower + upper


class Source(NamedTuple):
    """The system that a command works on: drawn from flags, or read from a model file."""

    cls: Any
    given: dict[str, Any]
    model: Path | None

    def build(self) -> Any:
        """Draw or read it."""
        if self.model is not None:
            return self.cls.load(self.model)
        return self.cls.random(**self.given)

    def describe(self) -> dict[str, Any]:
        """Say what it takes to build it again."""
        if self.model is not None:
            return {"type": self.cls.__name__, "model": str(self.model)}
        drawn = {
            field.name: self.given.get(field.name, field.default) for field in an.fields(self.cls)
        }
        return {"type": self.cls.__name__, **drawn}

    def title(self) -> str:
        """Describe it in one line."""
        kind, *rest = self.describe().items()
        return f"{kind[1]}: " + ", ".join(f"{key} {value}" for key, value in rest)


def system_options(cls: Any) -> Callable[[Command], Command]:
    """Give a command the flags of a system's ensemble and --model; it receives a `source`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def collected(given: dict[str, Any], model: Path | None, **values: Any) -> None:
            if model is not None and given:
                flag = next(iter(given)).replace("_", "-")
                raise click.UsageError(
                    f"--model holds a finished network: --{flag} cannot change it",
                    click.get_current_context(),
                )
            command(source=Source(cls, given, model), **values)

        existing = click.Path(exists=True, dir_okay=False, path_type=Path)
        model_option = click.option(
            "--model", type=existing, help="Read the network from this file."
        )
        decorated: Any = fields_as_options(an.fields(cls), "given")(model_option(collected))
        return decorated  # type: ignore[no-any-return]

    return decorate


def output_option(
    *names: str, suffixes: Sequence[str], default: str | None, text: str
) -> Callable[[Command], Command]:
    """Give a command a flag for a file to write; its ending decides the format."""

    def check(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
        # Both faults are found now rather than after the computation.
        if path is not None and path.suffix.lower() not in suffixes:
            raise click.BadParameter(f"'{path}': expected a name ending in {', '.join(suffixes)}")
        if path is not None and not path.parent.is_dir():
            raise click.BadParameter(f"'{path}': no such directory: '{path.parent}'")
        return path

    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(
        *names, type=kind, default=default, callback=check, help=text, show_default=True
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
progress_option = click.option(
    "--progress/--no-progress",
    default=None,
    callback=lambda ctx, param, value: sys.stderr.isatty() if value is None else value,
    help="Show progress on standard error; by default if that is a terminal.",
)


# ------------------------------------------------------------------------------------- the commands


@main.command()
@output_option(
    "--output", "-o", suffixes=PICTURES, default="attractornet-demo.png", text="Picture to write."
)
@json_option
@progress_option
def demo(output: Path, as_json: bool, progress: bool) -> None:
    """Measure and draw the networks of the article.

    Prints the Lyapunov exponents of its three networks, and of a truly chaotic one, beside the
    numbers that the article printed.
    """
    cases = [
        _measured_case(example, progress) for example in (*feedback.PUBLISHED, feedback.CONTRAST)
    ]
    picture, remark = _demo_picture(cases, output)
    if as_json:
        networks = [case.report() for case in cases]
        _print_json({"networks": networks, "note": DEMO_NOTE, "picture": picture})
    else:
        _print_demo_table(cases)
        click.echo(f"\n{DEMO_NOTE}")
    click.echo(f"\n{remark}", err=as_json)
    for case in cases:
        _require_ok(case.spectrum.status, f"lyapunov_spectrum of the network '{case.example.name}'")


@main.command()
@system_options(an.FeedbackNetwork)
@click.option(
    "--steps",
    type=int,
    default=feedback.PICTURE_STEPS,
    show_default=True,
    help="Length of the orbit.",
)
@click.option(
    "--discard",
    type=int,
    default=feedback.PICTURE_DISCARD,
    show_default=True,
    help="Steps left out before it.",
)
@click.option(
    "--observe",
    type=click.Choice(["x", "y0", "y"]),
    default="x",
    show_default=True,
    help="Hidden units, output, or the whole register.",
)
@click.option(
    "--style",
    type=click.Choice(["segments", "points"]),
    default="segments",
    show_default=True,
    help="The article's chords across the attractor, or the states themselves.",
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
    """Draw or save a network's attractor.

    The ending of --output decides what is written: a picture, the orbit's numbers, or the network.
    """
    suffix = output.suffix.lower()
    if suffix in PICTURES:
        _plot_module()  # a missing Matplotlib shows before the work, not after it
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
            _save_orbit(orbit, observe, output)
    if as_json:
        _print_json(report)
    else:
        click.echo(f"wrote {output}")


@main.command()
@system_options(an.FeedbackNetwork)
@fields_as_options(an.fields(an.lyapunov_spectrum), "options", flags={"seed": "frame-seed"})
@output_option(
    "--plot", suffixes=PICTURES, default=None, text="Draw spectrum and convergence to this file."
)
@json_option
@progress_option
def lyapunov(
    source: Source, options: dict[str, Any], plot: Path | None, as_json: bool, progress: bool
) -> None:
    """Compute a network's Lyapunov spectrum.

    Exponents are per step, in natural logarithms, each with the standard error from the scatter of
    the run's blocks.
    """
    if plot is not None:
        _plot_module()
    network = source.build()
    spectrum = an.lyapunov_spectrum(network, progress=progress, **options)
    if plot is not None:
        _draw_spectrum(spectrum, source.title(), plot)
    if as_json:
        _print_json({"system": source.describe(), **_spectrum_report(network, spectrum)})
    else:
        _print_spectrum(network, spectrum, source.title())
        if plot is not None:
            click.echo(f"\nwrote {plot}")
    _require_ok(spectrum.status, "lyapunov_spectrum")


@main.command()
@json_option
def info(as_json: bool) -> None:
    """Show version, instruction-set level, threads and build."""
    facts = dict(an.info())
    if as_json:
        _print_json(facts)
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name:<{width}}  {value}")


# -------------------------------------------------------------------------------------- their parts

DEMO_NOTE = """\
What the article prints as Lyapunov exponents is ln(b_1 ||w_1||), w_1 the first
input column of w: how far one step stretches a nudge of the first hidden unit
at the origin. These numbers say nothing of the attractors. All three networks
are quasi-periodic, the "strange" one too: the largest exponent is 0 within its
error, and neighbouring states do not separate. The contrast is the "strange"
network at a larger scale: its largest exponent is positive, which is chaos for
as long as it was watched."""


class _Case(NamedTuple):
    example: feedback.PublishedNetwork
    network: an.FeedbackNetwork
    spectrum: an.LyapunovSpectrum

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
            **_picked(spectrum, "exponents", "standard_error", "kaplan_yorke_dimension", "status"),
        }


def _measured_case(example: feedback.PublishedNetwork, progress: bool) -> _Case:
    network = example.network()
    return _Case(example, network, an.lyapunov_spectrum(network, progress=progress))


def _print_demo_table(cases: Sequence[_Case]) -> None:
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
        row(name, (_fixed(value, _decimals([error])) for value, error in pairs))
        row("  standard error", (_fixed(error, _decimals([error])) for _, error in pairs))
    row("Kaplan-Yorke dimension", (f"{spec.kaplan_yorke_dimension:.2f}" for spec in spectra))
    click.echo()
    printed = [example.printed_lambda for example in examples]
    row("printed by the article", ("-" if value is None else f"{value:.2f}" for value in printed))
    row("one_step_stretch()", (f"{case.network.one_step_stretch():.8f}" for case in cases))


def _spectrum_report(network: Any, spectrum: an.LyapunovSpectrum) -> dict[str, Any]:
    origin = network.origin()
    return {
        **_picked(
            spectrum,
            "exponents",
            "standard_error",
            "kaplan_yorke_dimension",
            "entropy",
            "status",
            "steps",
            "interval",
            "volume_defect",
            "history",
            "history_steps",
        ),
        "origin": _picked(origin, "exponents", "unstable", "critical_factor", "rotation"),
        "one_step_stretch": network.one_step_stretch(),
    }


def _picked(result: object, *names: str) -> dict[str, Any]:
    return {name: getattr(result, name) for name in names}


def _print_spectrum(network: Any, spectrum: an.LyapunovSpectrum, title: str) -> None:
    click.echo(f"{title}\n")
    decimals = _decimals(spectrum.standard_error)
    click.echo("   k    exponent  standard error   (1/step)")
    rows = zip(spectrum.exponents, spectrum.standard_error, strict=True)
    for k, (value, error) in enumerate(rows, start=1):
        click.echo(f"{k:>4}  {_fixed(value, decimals):>10}  {_fixed(error, decimals):>14}")
    origin = network.origin()
    facts = {
        "Kaplan-Yorke dimension": f"{spectrum.kaplan_yorke_dimension:.4g}",
        "entropy": f"{spectrum.entropy:.4g} per step",
        "steps": f"{spectrum.steps}, QR every {spectrum.interval:.3g}",
        "status": spectrum.status,
        "origin": f"{origin.unstable} unstable directions; stable if b is less than "
        f"{origin.critical_factor:.6g} times as large",
    }
    click.echo()
    for name, fact in facts.items():
        click.echo(f"{name:<24}{fact}")


def _require_ok(status: str, what: str) -> None:
    if status != "ok":
        raise click.ClickException(f"{what}: {status}")


# ----------------------------------------------------------------------------- numbers and pictures


def _decimals(errors: Iterable[float]) -> int:
    """Decimals that show the smallest error with two digits, 4 at least and 7 at most."""
    useful = [error for error in errors if math.isfinite(error) and error > 0.0]
    return min(7, max(4, 1 - math.floor(math.log10(min(useful))))) if useful else 7


def _fixed(value: float, decimals: int) -> str:
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}"  # + 0.0 turns -0.0 into 0.0


def _print_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(_plain(document), allow_nan=False))


def _plain(value: Any) -> Any:
    """A value in JSON's types; see `main` for numbers that are not finite."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0.0 else "-Infinity"
    return str(value) if isinstance(value, Path) else value


def _save_orbit(orbit: np.ndarray[Any, Any], observe: str, path: Path) -> None:
    with _files.replacing(path) as temporary:
        if path.suffix.lower() == ".npy":
            with temporary.open("wb") as file:
                np.save(file, orbit)
        else:
            columns = orbit.reshape(len(orbit), -1)
            names = (
                [observe]
                if orbit.ndim == 1
                else [f"{observe}{i + 1}" for i in range(columns.shape[1])]
            )
            np.savetxt(temporary, columns, "%.17g", ",", header=",".join(names), comments="")


def _plot_module() -> Any:
    from attractornet import plot  # here: only a picture pays for Matplotlib

    plot.require_matplotlib()
    return plot


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure  # not pyplot: it asks for a display and keeps state

    return Figure(figsize=(width, height), layout="constrained")


def _save_figure(figure: Figure, path: Path, dpi: int) -> None:
    with _files.replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower()[1:], dpi=dpi)


def _draw_orbit(
    orbit: np.ndarray[Any, Any], title: str, style: str, observe: str, path: Path
) -> None:
    flat = orbit.ndim == 1 or orbit.shape[1] == 1
    name = "y_0" if observe == "y0" else f"{observe}_1"
    labels = (f"${name}(t)$", f"${name}(t + 1)$") if flat else (f"${observe}_1$", f"${observe}_2$")
    figure = _figure(8.0, 8.2)
    _plot_module().attractor(orbit, figure.add_subplot(), style=style, labels=labels, title=title)
    _save_figure(figure, path, 200)


def _draw_spectrum(spectrum: an.LyapunovSpectrum, title: str, path: Path) -> None:
    plot = _plot_module()
    figure = _figure(12.0, 5.0)
    left, right = figure.subplots(1, 2)
    plot.spectrum(spectrum, left)
    plot.convergence(spectrum, right)
    figure.suptitle(title, fontsize="medium")
    _save_figure(figure, path, 150)


class _Picture(NamedTuple):
    path: Path | None
    remark: str


def _demo_picture(cases: Sequence[_Case], path: Path) -> _Picture:
    try:
        plot = _plot_module()
    except ImportError as error:
        return _Picture(None, f"no picture: {error}")
    figure = _figure(16.0, 9.2)
    halves: Any = figure.subfigures(2, 1, height_ratios=(1.12, 1.0))
    upper, lower = halves
    upper.suptitle(
        "As the article draws them: straight chords between hidden states 16/3 steps apart"
    )
    lower.suptitle("The states themselves: each output against the one before it")
    for case, above, below in zip(cases, upper.subplots(1, 4), lower.subplots(1, 4), strict=True):
        _draw_case(plot, case, above, below)
    _save_figure(figure, path, 150)
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
    decimals = _decimals([error])
    measured = f"{_fixed(case.spectrum.exponents[0], decimals)} \\pm {_fixed(error, decimals)}"
    name = f'"{example.name}"' if example in feedback.PUBLISHED else example.name
    return f"{name}\n$\\lambda_1 = {measured}$"
