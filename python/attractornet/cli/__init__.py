"""The command line: the group of commands, and the exit code of each failure.

Each command is a module of its name. It uses `options` and `output`, and never the group.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from attractornet import BackendUnavailable
from attractornet.cli import attractor, classify, demo, info, lyapunov, predict, recall, scan, train

COMMANDS = (
    demo.demo,
    attractor.attractor,
    classify.classify,
    lyapunov.lyapunov,
    recall.recall,
    train.train,
    predict.predict,
    scan.scan,
    info.info,
)


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


_TOLD = (ValueError, TypeError, MemoryError, OSError, ImportError, BackendUnavailable)


def _exit_code(run: Callable[[], object]) -> int:
    """The exit code of a run, after one line about what stopped it."""
    try:
        code = run()
    except (click.Abort, KeyboardInterrupt) as error:
        return _complain(_interruption(error), 130)
    except click.UsageError as error:
        hint = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        return _complain(error.format_message().rstrip(".") + hint, error.exit_code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except _TOLD as error:
        # The core names the parameter, its value and what is allowed; a traceback adds nothing.
        return _complain(str(error) or type(error).__name__, 2)
    return code if isinstance(code, int) else 0


def _interruption(error: BaseException) -> str:
    """What an interruption says, such as how to go on; click hides it behind its own."""
    told = [str(each) for each in (error, error.__cause__) if isinstance(each, KeyboardInterrupt)]
    return ": ".join(["interrupted", *filter(None, told)])


def _complain(message: str, code: int) -> int:
    click.echo(f"Error: {' '.join(message.split())}", err=True)
    return code


@click.group(
    cls=_Main,
    commands=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="attractornet")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Attractor dynamics of neural networks.

    Start with 'attractornet demo'. 'attractornet COMMAND --help' explains a command.

    With --json, standard output is one JSON document and nothing else. Infinities and NaN, which
    JSON has no numbers for, are the strings "Infinity", "-Infinity" and "NaN".

    \b
    Exit codes:
      0    done
      1    the computation failed: it diverged, is imprecise or undecided
      2    wrong usage, an unusable file or a missing package
      130  interrupted
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
