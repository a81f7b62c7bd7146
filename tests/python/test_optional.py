"""Extras are optional: the package works, and says what is missing, without them."""

import json
import os
import subprocess
import sys

import pytest

EXTRAS = ["matplotlib", "xarray", "zarr", "sklearn", "torch", "panel", "distributed", "scipy"]

HIDE = f"""
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {EXTRAS!r}:
            raise ModuleNotFoundError("No module named " + repr(name), name=name)

sys.meta_path.insert(0, Hidden())
"""


def run(code, cwd):
    return subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_everything_imports_without_extras(tmp_path):
    code = HIDE + "from attractornet import *; print(FeedbackNetwork.random().origin().unstable)"
    done = run(code, tmp_path)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 0


def test_a_picture_says_what_to_install(tmp_path):
    code = HIDE + "import attractornet as an; an.plot.attractor(an.FeedbackNetwork.random())"
    done = run(code, tmp_path)
    assert done.returncode == 1
    assert "ImportError" in done.stderr
    assert "pip install 'attractornet[plot]'" in done.stderr


def test_demo_without_pictures_still_measures(tmp_path):
    done = run(HIDE + "from attractornet.cli import main; main(['demo', '--json'])", tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["picture"] is None
    assert [case["printed_lambda"] for case in report["networks"]] == [-3.65, -0.20, 0.32, None]
    assert "attractornet[plot]" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_importing_the_package_imports_no_extra_and_no_command_line(tmp_path):
    code = (
        "import sys, attractornet as an; an.FeedbackNetwork.random().trajectory(3); "
        "print(*(name.partition('.')[0] for name in sys.modules))"
    )
    loaded = set(run(code, tmp_path).stdout.split())
    assert "attractornet" in loaded
    assert not loaded & {*EXTRAS, "click", "tqdm", "safetensors"}


@pytest.mark.skipif(
    "san" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer's extension takes longer to load"
)
@pytest.mark.parametrize("rounds", [5])
def test_import_costs_little_beyond_numpy(rounds, tmp_path):
    code = (
        "import time, numpy; t = time.perf_counter(); "
        "import attractornet; attractornet.FeedbackNetwork; print(time.perf_counter() - t)"
    )
    best = min(float(run(code, tmp_path).stdout) for _ in range(rounds))
    assert best < 0.05
