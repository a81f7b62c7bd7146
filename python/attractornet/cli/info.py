"""`attractornet info`: what is installed."""

from __future__ import annotations

import click

import attractornet as an
from attractornet.cli.options import json_option
from attractornet.cli.output import print_json


@click.command()
@json_option
def info(as_json: bool) -> None:
    """Show version, instruction-set level, threads and build."""
    facts = dict(an.info())
    if as_json:
        print_json(facts)
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name:<{width}}  {value}")
