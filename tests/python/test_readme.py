"""README is executable: what it shows is run."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from attractornet.cli import main
from attractornet.cli.plans import EXAMPLE
from attractornet.learn import WilsonCowanModel

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def commands():
    lines = "".join(blocks("console")).splitlines()
    return [line.split("#")[0].strip() for line in lines]


def test_the_first_two_shell_blocks_install_run_and_test():
    first, second = blocks("sh")
    assert 'pip install ".[plot]" && attractornet demo' in first
    assert "doctest-dev" in second
    assert second.splitlines()[-1] == "python -m pytest"


def test_ci_runs_the_second_block_and_nothing_else():
    script = (ROOT / ".ci" / "run").read_text()
    assert "README.md" in script
    assert not re.search(r"pytest|pip install|apt-get", script)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg", "MPLCONFIGDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_console_lines_are_found():
    assert {shlex.split(line)[1] for line in commands()} == set(main.commands)


@pytest.mark.parametrize("line", commands())
def test_console_runs(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (plan,) = blocks("toml")
    (tmp_path / "sizes.toml").write_text(plan)
    WilsonCowanModel.plant(10, 64).save(tmp_path / "model.safetensors")  # what `train` writes
    program, *arguments = shlex.split(line)
    assert program == "attractornet"
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output


def test_the_plan_is_the_one_in_the_help():
    assert blocks("toml") == [EXAMPLE]


def test_error_quoted_is_the_error_given():
    import attractornet as an

    (quoted,) = re.findall(r"`(FeedbackNetwork\.random: .*?)`", README)
    with pytest.raises(ValueError, match=re.escape(quoted)):
        an.FeedbackNetwork.random(scale=-1)
