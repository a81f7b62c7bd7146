"""What arrays say of themselves, in the words of netCDF's conventions."""

from __future__ import annotations

from typing import Any

from attractornet._scan._columns import Column
from attractornet._scan._job import Job, canonical, fingerprint


def column_attributes(column: Column) -> dict[str, Any]:
    """Meaning, unit and codes of a column."""
    told: dict[str, Any] = {"long_name": column.meaning or column.name}
    if column.unit:
        told["units"] = column.unit
    if column.choices:
        told["flag_values"] = list(range(len(column.choices)))
        # The convention has blanks between the meanings, and none inside.
        told["flag_meanings"] = " ".join(choice.replace(" ", "_") for choice in column.choices)
    return told


def choices_of(attributes: dict[str, Any]) -> tuple[str, ...]:
    """Names of the codes, from such attributes."""
    return tuple(each.replace("_", " ") for each in attributes.get("flag_meanings", "").split())


def parameter_attributes(job: Job, name: str) -> dict[str, str]:
    """Meaning and unit of a parameter."""
    field = job.subject.fields[name]
    return {"long_name": field.meaning or name} | ({"units": field.unit} if field.unit else {})


def provenance(job: Job) -> dict[str, str]:
    """Where a result comes from; without a date, so that equal results are equal files."""
    return {
        "attractornet_version": str(job.spec["core"]),
        "attractornet_scan": canonical(job.spec),
        "attractornet_fingerprint": fingerprint(job.spec),
    }
