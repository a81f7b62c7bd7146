"""The flags that commands share, and the system that they describe.

Flags of systems and analyses are made from the core's field lists (`attractornet.fields`): what a
parameter is called, what it means and what it defaults to is not repeated here.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

import attractornet as an

Command = TypeVar("Command", bound=Callable[..., None])


class _NumberOrNone(click.ParamType[Any]):
    """A number, or "none" where a parameter may be None; that None is not a flag left out."""

    name = "float"
    none = object()

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if isinstance(value, str) and value.lower() == "none":
            return self.none
        return click.FLOAT.convert(value, param, ctx)


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
            given = {name: value for name, value in taken.items() if value is not None}
            none = _NumberOrNone.none
            command(**values, **{into: {k: None if v is none else v for k, v in given.items()}})

        decorated: Any = collected
        for key, field in reversed(listed.items()):
            flag = (flags or {}).get(field.name, field.name.replace("_", "-"))
            decorated = _option(field, flag, key)(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


def _option(field: an.Field, flag: str, key: str) -> Callable[[Command], Command]:
    kinds: dict[str, Any] = {"int": click.INT, "float": click.FLOAT, "str": click.STRING}
    name = f"--{flag}/--no-{flag}" if field.type == "bool" else f"--{flag}"
    if field.optional and field.default is not None:
        kinds["float"] = _NumberOrNone()
    kind = click.Choice(field.choices) if field.choices else kinds.get(field.type, click.BOOL)
    return click.option(name, key, type=kind, default=None, help=_help(field))


def _help(field: an.Field) -> str:
    """Meaning, unit, bounds and default of a field."""
    notes = [field.unit] if field.unit else []
    if field.type in ("int", "float"):
        notes += _bounds(field)
    if field.default is not None:
        notes.append(f"default {field.default}")
    elif field.optional:
        notes.append("None if left out")
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
        text = "Read the network from this .safetensors file instead of making a random one."
        model_option = click.option("--model", type=existing, help=text)
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


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document, not text."
)
progress_option = click.option(
    "--progress/--no-progress",
    default=None,
    callback=lambda ctx, param, value: sys.stderr.isatty() if value is None else value,
    help="Show a progress bar on standard error. By default only if that is a terminal.",
)
device_option = click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    help="cuda: on a CUDA device, where this build has them.  [default: cpu]",
)
