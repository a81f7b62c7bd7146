"""Tables of bench/TRAINING.md, from what trainings reported: ours beside the paper's."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from attractornet import plot

HERE = Path(__file__).resolve().parent
RESULTS, PAGE = HERE / "results" / "training", HERE / "TRAINING.md"
NAMES = {"mnist": "MNIST", "fashion": "Fashion-MNIST"}
# R. Marino et al., arXiv 2406.16453: tables 1, 2, 6 and 7, appendix E.
GAMMA = {"mnist": "0.839(31)", "fashion": "0.922(35)"}
ACCURACY = {"mnist": "98.13(3)", "fashion": "88.39(19)"}
PERCEPTRON = {"mnist": "98.29(13)", "fashion": "89.55(30)"}
SCALING = {
    "mnist": {196: 97.46, 289: 98.0, 441: 98.18, 576: 98.15, 784: 98.13, 961: 97.81, 1225: 98.1},
    "fashion": {
        196: 87.52,
        289: 87.94,
        441: 87.88,
        576: 88.53,
        784: 88.39,
        961: 88.47,
        1225: 88.7,
    },
}
ABLATED = {
    "spectral": ("nothing", "98.13(3)"),
    "unstable": ("stability: Gamma lambda > 37.74", "infeasible"),
    "unplanted": ("planted eigenvectors", "97.83"),
    "no-kernel": ("the kernel: planted eigenvalues 0.1", "97.28"),
}

Report = dict[str, Any]


def report_of(name: str) -> Report | None:
    """What a finished run reported."""
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def of_seeds(stem: str) -> list[Report]:
    """Reports of the seeds that are done."""
    found = [report_of(f"{stem}-s{seed}") for seed in range(10)]
    return [report for report in found if report]


def mean(reports: Iterable[Report], key: str, factor: float = 100.0, digits: int = 2) -> str:
    """Mean over seeds, with the standard deviation in brackets."""
    values = [factor * report[key] for report in reports if key in report]
    if not values:
        return "-"
    text = f"{statistics.mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" ({statistics.stdev(values):.{digits}f})"
    return text


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def accuracies() -> str:
    """Tables 1 and 2."""
    rows = []
    for data, name in NAMES.items():
        theirs = {
            "spectral": ACCURACY[data],
            "paper": ACCURACY[data],
            "mlp": PERCEPTRON[data],
            "cnn": "99.31",
        }
        for kind in ("spectral", "projected", "paper", "mlp", "cnn"):
            reports = of_seeds(f"{data}-{kind}") or of_seeds(f"{data}-784-{kind}")
            if not reports:
                continue
            rows.append(
                [
                    name,
                    kind,
                    str(len(reports)),
                    str(reports[0]["epochs"]),
                    mean(reports, "accuracy"),
                    mean(reports, "long_accuracy"),
                    theirs.get(kind, "-"),
                    mean(reports, "gamma", 1.0, 3),
                    GAMMA[data] if kind in ("spectral", "paper") else "-",
                ]
            )
    head = ["data", "model", "seeds", "epochs", "accuracy, %", "after 400 steps", "paper's"]
    return table([*head, "gamma", "paper's gamma"], rows)


def sizes(data: str) -> str:
    """Table 6 or 7."""
    rows = []
    for nodes, theirs in SCALING[data].items():
        reports = of_seeds(f"{data}-{nodes}-spectral")
        if reports:
            rows.append(
                [
                    str(nodes),
                    str(len(reports)),
                    mean(reports, "gamma", 1.0, 3),
                    mean(reports, "accuracy"),
                    mean(reports, "long_accuracy"),
                    f"{theirs:.2f}",
                ]
            )
    return table(["nodes", "seeds", "gamma", "accuracy, %", "after 400 steps", "paper's"], rows)


def draw(path: Path) -> None:
    """Tables 6 and 7 as a picture."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(NAMES), figsize=(10, 4), layout="constrained")
    for ax, (data, name) in zip(axes, NAMES.items(), strict=True):
        stems = {nodes: f"{data}-{nodes}-spectral" for nodes in SCALING[data]}
        done = {nodes: of_seeds(stem) for nodes, stem in stems.items() if of_seeds(stem)}
        ours = {
            nodes: 100 * statistics.mean(report["accuracy"] for report in reports)
            for nodes, reports in done.items()
        }
        curves = {"ours": ours, "paper": SCALING[data]}
        plot.scaling(
            {who: (list(c), list(c.values())) for who, c in curves.items() if c},
            ax,
            labels=("nodes", "accuracy, %"),
            title=name,
        )
    figure.savefig(path, dpi=150)


def ablations() -> str:
    """Appendix E."""
    rows = []
    for kind, (what, theirs) in ABLATED.items():
        reports = of_seeds(f"mnist-784-{kind}")
        if reports:
            rows.append(
                [
                    what,
                    str(len(reports)),
                    str(reports[0]["epochs"]),
                    reports[0]["status"],
                    mean(reports, "accuracy"),
                    mean(reports, "long_accuracy"),
                    theirs,
                ]
            )
    head = ["taken away", "seeds", "epochs", "training", "accuracy, %", "after 400 steps"]
    return table([*head, "paper's"], rows)


def commands() -> str:
    """The command of each run that is in a table."""
    lines = []
    for file in sorted(RESULTS.glob("*-s?.json")):
        report = json.loads(file.read_text())
        lines.append(f"{report['command']}  # {file.stem}")
    return "\n".join(["```console", *lines, "```"])


TABLES: dict[str, Callable[[], str]] = {
    "accuracies": accuracies,
    "mnist": lambda: sizes("mnist"),
    "fashion": lambda: sizes("fashion"),
    "ablations": ablations,
    "commands": commands,
}


def fill() -> None:
    """Write the tables into the page, between their marks."""
    text = PAGE.read_text()
    for name, made in TABLES.items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = marks.sub(lambda found, made=made: f"{found[1]}{made()}\n{found[2]}", text)
    PAGE.write_text(text)
