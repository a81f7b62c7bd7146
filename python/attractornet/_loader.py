"""Which file of the core this machine loads.

`attractornet._core` is one module in several files, `_isa/<level>/_core*.so`, one for each level of
the instruction set. After `install()` an import of it takes the best file that the CPU can run. Run
as a script, this prints the machine's level: a build asks here too, so the two never disagree.

NOTE: a finder, not a call from `__init__`: a pickle imports `attractornet._core` by itself, and the
folder `_core/` with the type stubs would otherwise be taken for an empty namespace package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

MODULE = "attractornet._core"
OVERRIDE = "ATTRACTORNET_ISA_LEVEL"

# What each level asks of the CPU beyond the level before it, as Linux spells it.
LEVELS = {
    "generic": "",
    "x86-64-v2": "cx16 lahf_lm pni popcnt sse4_1 sse4_2 ssse3",
    "x86-64-v3": "abm avx avx2 bmi1 bmi2 f16c fma movbe xsave",
    "x86-64-v4": "avx512bw avx512cd avx512dq avx512f avx512vl",
}


def cpu_flags(cpuinfo: str = "/proc/cpuinfo") -> set[str]:
    """Features of the CPU; none where the system does not say, or names them differently."""
    try:
        with open(cpuinfo, encoding="ascii", errors="replace") as lines:
            return next((set(line.split()) for line in lines if line.startswith("flags")), set())
    except OSError:
        return set()


def runnable_levels(flags: set[str]) -> list[str]:
    """Levels that a CPU with these features can run, the lowest first."""
    levels = list(LEVELS)
    missing = (i for i, level in enumerate(levels) if not flags >= set(LEVELS[level].split()))
    return levels[: next(missing, len(levels))]


def cpu_level() -> str:
    """The highest level that this machine runs."""
    return runnable_levels(cpu_flags())[-1]


def core_files(folders: Iterable[str]) -> dict[str, Path]:
    """The core's file for each level that is present under the package's folders."""
    # Levels are read off the disk, so that a level unknown here can still be asked for by name.
    paths = (Path(folder, "_isa") for folder in folders)
    found = (file for path in paths for file in sorted(path.glob("*/_core*")))
    suffixes = tuple("_core" + suffix for suffix in EXTENSION_SUFFIXES)
    return {file.parent.name: file for file in found if file.name in suffixes}


def choose(folders: Iterable[str]) -> Path:
    """The file to load: the best that the CPU can run, or the one that the environment names."""
    files = core_files(folders)
    present = ", ".join(sorted(files)) or "none"
    if wanted := os.environ.get(OVERRIDE):
        if wanted in files:
            return files[wanted]
        raise ImportError(f"{OVERRIDE}={wanted}: no such level is installed; there is: {present}")
    runnable = runnable_levels(cpu_flags())
    for level in reversed(runnable):
        if level in files:
            return files[level]
    raise ImportError(
        f"attractornet is installed for the instruction sets {present}, but this machine runs at "
        f"most {runnable[-1]}: reinstall it from source here (pip install --force-reinstall "
        f"--no-binary attractornet attractornet), or set {OVERRIDE} if the machine is misread"
    )


class CoreFinder:
    """Finds `attractornet._core` in whichever entry of the package's path has the best file."""

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The core's file as a module of that name; None for any other module."""
        return spec_from_file_location(name, choose(path or ())) if name == MODULE else None


def install() -> None:
    """Make `import attractornet._core` work; the first thing that the package does."""
    if CoreFinder not in sys.meta_path:
        sys.meta_path.insert(0, CoreFinder)


if __name__ == "__main__":
    print(cpu_level())
