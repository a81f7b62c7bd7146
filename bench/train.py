"""Trainings behind the tables of bench/TRAINING.md: hours of them, each from a command of its own.

python bench/train.py                     # what there is, and what is done
python bench/train.py mnist-784-spectral-s0 ...
python bench/train.py 'mnist-*'           # all of a pattern
python bench/train.py --tables            # fill the tables of TRAINING.md
python bench/train.py --picture sizes.png # accuracy over the size of images

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

from training_tables import HERE, RESULTS, draw, fill, report_of

RUNS = HERE / "runs"
SIDES = (14, 17, 21, 24, 28, 31, 35)  # the paper's, appendix D
# A tenth of the paper's epochs; noise on images of 28 pixels a side.
EPOCHS = {"mnist": 52, "fashion": 35}
NOISE = {"mnist": 0.25, "fashion": 0.1}
NAMES = {"mnist": "mnist", "fashion": "fashion-mnist"}
# Appendix E: eigenvalues that are not stable (Gamma lambda > 37.74), of which few epochs tell all;
# patterns that are not planted, for which a validation split chose smaller rates; patterns that are
# not in the kernel.
UNSTABLE = {"mean": "1200", "min": "1057", "max": "2000"}
ABLATIONS = {
    "unstable": [
        *(word for name, value in UNSTABLE.items() for word in (f"--eigenvalue-{name}", value)),
        *("--epochs", "10"),
    ],
    "unplanted": ["--planted", "none", "--train-planted", "--learning-rate", "0.003"],
    "no-kernel": ["--planted-eigenvalue", "0.1"],
}


def common(data: str, kind: str, seed: int, side: int = 28) -> list[str]:
    """The flags that all runs have."""
    noise = NOISE[data] * side / 28  # larger images average more of it
    return [
        *("--data", NAMES[data], "--recipe", kind, "--validation", "0"),
        *("--epochs", str(EPOCHS[data]), "--noise", f"{noise:.3g}", "--seed", str(seed)),
        *(() if side == 28 else ("--side", str(side))),
    ]


def flags() -> dict[str, list[str]]:
    """The flags of every run by its name."""
    runs = {}
    for data in NAMES:
        for side in SIDES:
            for seed in range(3 if side in (14, 28) else 1):
                runs[f"{data}-{side**2}-spectral-s{seed}"] = common(data, "spectral", seed, side)
        for seed in range(3):
            runs[f"{data}-784-projected-s{seed}"] = common(data, "projected", seed)
    for name, more in ABLATIONS.items():
        runs[f"mnist-784-{name}-s0"] = [*common("mnist", "spectral", 0), *more]
    runs["mnist-784-paper-s0"] = [
        *("--data", "mnist", "--recipe", "paper", "--validation", "0", "--epochs", "60"),
        *("--seed", "0"),
    ]
    return runs


def command(name: str) -> list[str]:
    """A run's command."""
    return ["attractornet", "train", *flags()[name]]


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
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    report = json.loads(done.stdout)  # also of a training that diverged
    del report["model"]
    report["command"] = " ".join(command(name))
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="runs, or patterns of their names")
    parser.add_argument("--tables", action="store_true", help="fill the tables of TRAINING.md")
    parser.add_argument("--picture", type=Path, help="draw accuracy over the size of images")
    chosen = parser.parse_args()
    known = sorted(flags())
    names = [n for pattern in chosen.names for n in known if fnmatch.fnmatch(n, pattern)]
    if chosen.tables:
        fill()
    elif chosen.picture:
        draw(chosen.picture)
    elif not chosen.names:
        for name in known:
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
