"""Run the benchmarks: `python bench/run.py [NAME[:GROUP] ...] [--quick] [--save]`.

Without names all of them run that need no CUDA device; of a benchmark that has `GROUPS`, one can
run alone. `--quick` is a smoke run (few pairs, little work, numbers that prove nothing); `--save`
keeps the results under `bench/results/` and fills the tables of the README.
The exit status is 1 where two sides disagree; a goal that is missed is only printed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

BENCHMARKS = (
    "feedback",
    "lyapunov",
    "scan",
    "scan_engine",
    "classify",
    "hopfield",
    "wilson_cowan",
    "learn",
    "series",
    "integrate",
    "tanh",
    "import",
)
ALL = (*BENCHMARKS, "cuda")
THREADS = ("OPENBLAS", "OMP", "MKL", "NUMBA", "ATTRACTORNET")


def main() -> int:
    """Parse the command line, run what it names, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    parser.add_argument("--quick", action="store_true", help="smoke run")
    parser.add_argument("--save", action="store_true", help="keep the results")
    options = parser.parse_args()
    if unknown := {name.partition(":")[0] for name in options.names} - set(ALL):
        parser.error(f"no benchmark {sorted(unknown)}; there are {', '.join(ALL)}")
    if options.quick and options.save:
        parser.error("--quick proves nothing, so it is not saved")
    if options.save and any(":" in name for name in options.names):
        parser.error("a group is not the whole benchmark, so it is not saved")
    # Libraries read these when they are loaded, hence the imports inside functions.
    os.environ.update({f"{library}_NUM_THREADS": "1" for library in THREADS})
    failed = [n for n in options.names or BENCHMARKS if not run(n, options.quick, options.save)]
    return 1 if failed else 0


def run(name: str, quick: bool, keep: bool) -> bool:
    """Run one benchmark, print and perhaps keep its table; False where the sides disagree."""
    import harness

    name, _, group = name.partition(":")
    benchmark = importlib.import_module(f"bench_{name}")
    groups = getattr(benchmark, "GROUPS", {})
    if group and group not in groups:
        print(f"no group {group!r} of {name}; there are {', '.join(groups)}", file=sys.stderr)
        return False
    print(f"\n## {benchmark.__doc__.split(chr(10))[0]}\n", flush=True)
    measure = groups[group] if group else benchmark.run
    try:
        rows = list(measure(harness.QUICK if quick else harness.FULL))
    except AssertionError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return False
    print(harness.table(rows), flush=True)
    if keep:
        harness.save(name, rows, harness.machine())
    return True


if __name__ == "__main__":
    sys.exit(main())
