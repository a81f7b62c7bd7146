"""The portable wheel: one file for every x86-64, built, audited, installed and tested."""

import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from attractornet import _loader

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ["x86-64-v2", "x86-64-v3", "x86-64-v4"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="levels of x86-64"),
]


def run(*command, **env):
    """Output of a command that must succeed, run outside the sources."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=sys.prefix,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Needs the build requirements of pyproject.toml in this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        *(sys.executable, "-m", "pip", "wheel", ROOT, "--wheel-dir", folder),
        *("--no-deps", "--no-index", "--no-build-isolation"),
        *("-C", f"cmake.define.ATTRACTORNET_ISA_LEVELS={';'.join(LEVELS)}"),
    )
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def repaired(wheel):
    """The wheel with the tag that its symbols allow, as cibuildwheel makes it."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    tool = shutil.which("auditwheel", path=path)
    if not tool:
        pytest.skip('no auditwheel here: pip install ".[wheel]"')
    run(tool, "repair", wheel, "--wheel-dir", wheel.parent / "repaired", PATH=path)
    (file,) = (wheel.parent / "repaired").glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Python of a fresh environment with the wheel; what that needs is this environment's."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel)
    # NOTE: not before, or pip would find this environment's attractornet and install nothing.
    (site / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_size_and_content(wheel):
    # Three cores of 2.4 MB each (0.8 of them Wilson-Cowan networks), and Eigen's headers of 1.2 MB.
    assert wheel.stat().st_size < 9.2e6
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    cores = [re.fullmatch(r"attractornet/_isa/([^/]+)/_core\..*\.so", name) for name in names]
    assert sorted(core[1] for core in cores if core) == LEVELS
    assert "attractornet/_core/__init__.pyi" in names
    assert "attractornet/lib/cmake/attractornet/attractornetConfig.cmake" in names


def test_auditwheel_asks_for_nothing_but_the_system(wheel, repaired):
    assert re.search(r"-manylinux_2_\d+_x86_64\.whl$", repaired.name)
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(repaired) as after:
        # No library had to be copied in.
        files = [{name for name in file.namelist() if name[-1] != "/"} for file in (before, after)]
        assert files[0] == files[1]


def test_the_wheel_and_nothing_else_is_tested(installed):
    code = "import attractornet; print(*attractornet.__path__, attractornet.info()['isa_level'])"
    environment = {_loader.OVERRIDE: ""}
    path, level = run(installed, "-P", "-c", code, **environment).split()
    assert Path(path).is_relative_to(installed.parents[1])
    assert level == _loader.cpu_level()


@pytest.mark.parametrize("marked", ["not slow", "slow"])
def test_levels(installed, marked):
    """Pickles, errors and the suite on every level: the tests of test_levels.py."""
    print(
        run(
            *(installed, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-m", marked),
            *("-c", ROOT / "pyproject.toml", ROOT / "tests" / "python" / "test_levels.py"),
            **{_loader.OVERRIDE: ""},
        )
    )
