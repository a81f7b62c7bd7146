"""`attractornet info`: what is installed."""

from __future__ import annotations

import click

import attractornet as an
from attractornet import _device
from attractornet.cli.options import json_option
from attractornet.cli.output import print_json


@click.command()
@json_option
def info(as_json: bool) -> None:
    """Show version, instruction-set level, threads, build and CUDA devices."""
    facts = {**an.info(), "cuda": _device.found()}
    if as_json:
        print_json(facts)
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name:<{width}}  {value}")
