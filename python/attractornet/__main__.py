"""`python -m attractornet`: the command line, and where the CMake package is."""

from __future__ import annotations

import sys
from pathlib import Path

import attractornet


def cmake_dir() -> Path:
    """Folder of attractornetConfig.cmake, for `-Dattractornet_DIR=...`."""
    # An editable install has two folders: the sources, and what the build installed.
    for folder in attractornet.__path__:
        found = Path(folder, "lib", "cmake", "attractornet")
        if found.is_dir():
            return found
    sys.exit(f"no CMake package under {', '.join(attractornet.__path__)}: reinstall attractornet")


def main() -> None:
    """Answer `--cmake-dir` without loading the core, leave the rest to the command line."""
    if sys.argv[1:] == ["--cmake-dir"]:
        print(cmake_dir())
        return
    from attractornet.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
