"""Build, test, sanitise and time what runs on a CUDA device, in one call.

    python bench/on_device.py [--out FOLDER] [--only STEP[,STEP...]] [--quick]

Steps are build (into build/cuda), tests (those of the package that use a device, on this one),
memcheck, racecheck, initcheck and synccheck (some of these tests again, by compute-sanitizer) and
bench (`run.py cuda`). What each printed is in FOLDER/STEP.log, how it went in FOLDER/steps.json,
timings in FOLDER/cuda.json. A step that fails does not stop those after it; the exit status is 1.

It needs nvcc, CMake, pybind11, Eigen (or cmeel-eigen), pytest, and what the package needs; torch
with CUDA for its layer and as a rival.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "cuda"
SITE = BUILD / "site"
TESTS = ROOT / "tests" / "python" / "test_cuda.py"
SANITISED = "scans_are_those or training_is_that or penalty or predictions"


def main() -> int:
    """Run the steps that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=BUILD / "report", help="folder of the report")
    parser.add_argument("--only", default=",".join(STEPS), help="steps, with commas between them")
    parser.add_argument("--quick", action="store_true", help="timings that prove nothing")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := set(names) - set(STEPS):
        parser.error(f"no step {sorted(unknown)}; there are {', '.join(STEPS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    report = {}
    for name in names:
        begin = time.perf_counter()
        with open(options.out / f"{name}.log", "w", encoding="utf-8") as log:
            status = STEPS[name](log, options)
        seconds = round(time.perf_counter() - begin, 1)
        report[name] = {"ok": status == 0, "seconds": seconds}
        print(f"{name}: {'ok' if status == 0 else 'FAILED'}, {seconds} s", flush=True)
        (options.out / "steps.json").write_text(json.dumps(report, indent=2) + "\n")
    return 0 if all(step["ok"] for step in report.values()) else 1


def _run(log, *command: object) -> int:
    """Exit status of a command, on the package that was built."""
    path = os.pathsep.join(filter(None, [str(SITE), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, "ATTRACTORNET_TEST_DEVICE": "cuda"}
    words = [str(word) for word in command]
    log.write(f"$ {' '.join(words)}\n")
    log.flush()
    done = subprocess.run(
        words, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode


def _build(log, _: argparse.Namespace) -> int:
    import pybind11

    shutil.rmtree(SITE, ignore_errors=True)
    configure = (
        *("cmake", "-S", ROOT, "-B", BUILD, "-DCMAKE_BUILD_TYPE=Release"),
        *(
            "-DATTRACTORNET_PYTHON=ON",
            "-DATTRACTORNET_CUDA=ON",
        ),
        *(f"-DPython_EXECUTABLE={sys.executable}", f"-Dpybind11_DIR={pybind11.get_cmake_dir()}"),
    )
    package = SITE / "attractornet"
    commands = (
        configure,
        ("cmake", "--build", BUILD, "--parallel", os.cpu_count()),
        ("cmake", "--install", BUILD, "--prefix", package),
    )
    for command in commands:
        if status := _run(log, *command):
            return status
    shutil.copytree(ROOT / "python" / "attractornet", package, dirs_exist_ok=True)
    about = (
        SITE / "attractornet-0.0.0.dist-info"
    )  # what gives the command line its name and version
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: attractornet\nVersion: 0.0.0\n")
    return 0


def _pytest(log, *more: object, before: tuple[object, ...] = ()) -> int:
    plain = ("-q", "--capture=sys", "-p", "no:cacheprovider")
    return _run(log, *before, sys.executable, "-m", "pytest", *plain, TESTS, *more)


def _tests(log, _: argparse.Namespace) -> int:
    return _pytest(log)


def _sanitiser(tool: str) -> Callable[..., int]:
    def step(log, _: argparse.Namespace) -> int:
        before = ("compute-sanitizer", "--tool", tool, "--error-exitcode", 9)
        return _pytest(log, "-k", SANITISED, before=before)

    return step


def _bench(log, options: argparse.Namespace) -> int:
    keep = "--quick" if options.quick else "--save"
    status = _run(log, sys.executable, ROOT / "bench" / "run.py", "cuda", keep)
    result = ROOT / "bench" / "results" / "cuda.json"
    if result.exists() and not options.quick:
        shutil.copy(result, options.out)
    return status


STEPS: dict[str, Callable[..., int]] = {
    "build": _build,
    "tests": _tests,
    "bench": _bench,
    **{tool: _sanitiser(tool) for tool in ("memcheck", "racecheck", "initcheck", "synccheck")},
}


if __name__ == "__main__":
    sys.exit(main())
