"""What a family of systems has to say about one of its own, beside what is measured of any system.

A family adds a function here and registers it for its class.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import attractornet as an
from attractornet.cli.output import picked


class Remarks(NamedTuple):
    """Facts about a system: members of a JSON document, and lines of a table by their names."""

    report: dict[str, Any]
    lines: dict[str, str]


@functools.singledispatch
def remarks(system: an.System) -> Remarks:
    """Say what is known of a system of this family; nothing where the family is not known."""
    return Remarks({}, {})


MOST_INPUTS_OF_ORIGIN = 256  # beyond it the eigenvalues take longer than a remark is worth


@remarks.register(an.FeedbackNetwork)
def _of_feedback_network(network: an.FeedbackNetwork) -> Remarks:
    origin = _origin(network)
    report = {
        "origin": picked(origin, "exponents", "unstable", "critical_factor", "rotation")
        if origin
        else None,
        "one_step_stretch": network.one_step_stretch(),
    }
    lines = {}
    if origin:
        lines["origin"] = f"{origin.unstable} unstable directions; " + (
            f"stable if b is less than {origin.critical_factor:.6g} times as large"
            if math.isfinite(origin.critical_factor)
            else "stable whatever the scale of b"
        )
    return Remarks(report, lines)


def _origin(network: an.FeedbackNetwork) -> an.OriginStability | None:
    """The origin's stability, unless it costs too much or a double cannot hold it."""
    if network.inputs > MOST_INPUTS_OF_ORIGIN:
        return None
    try:
        return network.origin()
    except ValueError:
        return None
