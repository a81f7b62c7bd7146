"""Trainings behind the tables of bench/TRAINING.md: hours of them, each from a command of its own.

python bench/train.py                     # what there is, and what is done
python bench/train.py mnist-784-s0 ...    # these
python bench/train.py 'mnist-*'           # all of a pattern
python bench/train.py --tables            # fill the tables of TRAINING.md

A run is `attractornet train` with the flags that are listed here. It writes a checkpoint after each
epoch into bench/runs, goes on from it when it is called again, and leaves model, history and report
in bench/results/training. One run takes one core: start two of them side by side.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNS, RESULTS = HERE / "runs", HERE / "results" / "training"

# The paper's sizes, appendix D.
SIDES = (14, 17, 21, 24, 28, 31, 35)
OURS = {
    "mnist": ["--data", "mnist", "--epochs", "52", "--noise", "0.25"],
    "fashion": ["--data", "fashion-mnist", "--epochs", "35", "--noise", "0.1"],
}


def flags() -> dict[str, list[str]]:
    """The flags of every run by its name."""
    runs = {}
    for data, common in OURS.items():
        for seed in range(3):
            for kind in ("spectral", "projected"):
                name = f"{data}-784-{kind}-s{seed}"
                runs[name] = [*common, "--recipe", kind, "--seed", str(seed)]
        for side in SIDES:
            if side != 28:
                name = f"{data}-{side**2}-spectral-s0"
                runs[name] = [*common, "--recipe", "spectral", "--side", str(side), "--seed", "0"]
    return runs


def command(name: str) -> list[str]:
    """A run's command."""
    return ["attractornet", "train", *flags()[name], "--validation", "0"]


def run(name: str) -> None:
    """Run it to its end, or go on with it."""
    for folder in (RUNS, RESULTS):
        folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *command(name),
            *("--threads", "1", "--json", "--no-progress"),
            *("--checkpoint", str(RUNS / f"{name}.safetensors")),
            *("--output", str(RESULTS / f"{name}.safetensors")),
            *("--history", str(RESULTS / f"{name}.history.json")),
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    report = json.loads(done.stdout)
    del report["model"]
    report["command"] = " ".join(command(name))
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")


def report_of(name: str) -> dict[str, object] | None:
    """What a finished run reported."""
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="runs, or patterns of their names")
    chosen = parser.parse_args()
    names = [
        name
        for pattern in chosen.names
        for name in sorted(flags())
        if fnmatch.fnmatch(name, pattern)
    ]
    if not chosen.names:
        for name in sorted(flags()):
            print("done" if report_of(name) else "    ", name, " ".join(command(name)))
    elif not names:
        parser.error(f"no run {chosen.names}")
    for name in names:
        if report_of(name) is None:
            run(name)
        print(name, json.dumps(report_of(name)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
