"""The commands train and predict."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.image import imsave
from public_api import made_data

from attractornet import cli, datasets, learn

PNG = b"\x89PNG\r\n\x1a\n"
QUICK = ("--epochs", "2", "--no-progress", "--threads", "1")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def done(*arguments):
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def fault(*arguments, code=2):
    result = call(*arguments)
    assert result.exit_code == code, result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_digits_from_start_to_end(folder):
    pictures = [f"--{name}={name}.png" for name in ("curves", "confusion", "weights")]
    files = ["--history", "h.json", "--checkpoint", "run.safetensors"]
    report = json.loads(done("train", *QUICK, *pictures, *files, "--json"))
    assert report["epochs"] == 2
    assert report["nodes"] == 64
    assert report["status"] == "finished"
    for name in ("curves", "confusion", "weights"):
        assert (folder / f"{name}.png").read_bytes().startswith(PNG)
    history = learn.History.from_json((folder / "h.json").read_text())
    assert [record.epoch for record in history] == [1, 2]
    model = learn.WilsonCowanModel.load("model.safetensors")
    test = datasets.load_digits("test")
    x = test.images.reshape(-1, 64) / np.float32(255)
    assert model.evaluate(x, test.labels).accuracy == report["accuracy"]
    again = json.loads(done("train", *QUICK, *files, "--json"))  # read, not made anew
    assert again["accuracy"] == report["accuracy"]
    text = done("predict", "model.safetensors", "--data", "digits", "--settling", "s.png")
    assert f"{report['accuracy']:.4f}" in text
    assert f"{report['long_accuracy']:.4f}" in text
    later = done("predict", "model.safetensors", "--data", "digits", "--steps", "400", "--json")
    assert json.loads(later)["accuracy"] == report["long_accuracy"]
    assert done("predict", "run.safetensors", "--data", "digits") == text  # of a checkpoint
    assert (folder / "s.png").read_bytes().startswith(PNG)


def test_it_learns():
    report = json.loads(
        done("train", "--epochs", "30", "--no-progress", "--json", "--noise", "0.1")
    )
    assert report["accuracy"] > 0.85
    assert report["long_accuracy"] > 0.8


def test_recipes_and_flags():
    for recipe in ("spectral", "paper"):
        report = json.loads(done("train", *QUICK, "--recipe", recipe, "--json"))
        assert report["recipe"] == recipe
        kind = learn.WilsonCowanModel.load("model.safetensors").coupling
        assert type(kind).__name__ == "SpectralCoupling"
    done("train", *QUICK, "--validation", "0", "--steps", "10", "--seed", "3", "--side", "6")
    model = learn.WilsonCowanModel.load("model.safetensors")
    assert (model.steps, model.nodes) == (10, 36)


def test_ablations_are_flags():
    spectral = [*QUICK, "--recipe", "spectral"]
    done("train", *spectral, "--planted", "none", "--train-planted")
    model = learn.WilsonCowanModel.load("model.safetensors")
    assert model.coupling.train_columns.all()
    assert not model.coupling.train_eigenvalues[-10:].any()
    done("train", *spectral, "--planted-eigenvalue", "0.1")
    model = learn.WilsonCowanModel.load("model.safetensors")
    assert np.allclose(model.coupling.eigenvalues[-10:], 0.1)
    unstable = ["--eigenvalue-mean", "400", "--eigenvalue-min", "302", "--eigenvalue-max", "900"]
    done("train", *spectral, *unstable)
    model = learn.WilsonCowanModel.load("model.safetensors")
    assert (model.coupling.eigenvalue_min, model.coupling.eigenvalue_max) == (302.0, 900.0)
    done("train", *spectral, "--eigenvalue-max", "none", "--loss", "mean_square")
    assert learn.WilsonCowanModel.load("model.safetensors").coupling.eigenvalue_max is None
    assert "loss = 'l1': expected one of 'mean_square'" in fault("train", *QUICK, "--loss", "l1")
    assert "--planted: is for --recipe spectral" in fault("train", *QUICK, "--planted", "raw")


def test_images_of_files(folder, monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_DATA", str(made_data(folder)))
    learn.WilsonCowanModel.plant(10, 196).save("m.safetensors")
    imsave("digit.png", np.random.default_rng(0).random((28, 28)), cmap="gray")
    report = json.loads(done("predict", "m.safetensors", "digit.png", "--json"))
    assert set(report["digit.png"]) == {"class", "probability"}
    inverted = json.loads(done("predict", "m.safetensors", "digit.png", "--invert", "--json"))
    assert inverted != report
    assert "digit.png" in done("predict", "m.safetensors", "digit.png", "--steps", "3")


def test_what_is_refused(folder):
    assert "not a safetensors file" in fault("predict", __file__, "--data", "digits")
    model = folder / "m.safetensors"
    learn.WilsonCowanModel.plant(10, 64).save(model)
    assert "give image files, or --data" in fault("predict", model)
    assert "--confusion: needs true classes" in fault(
        "predict", model, model, "--confusion", "c.png"
    )
    learn.WilsonCowanModel.plant(10, 65).save(model)
    assert "65 nodes, which are no square image" in fault("predict", model, "--data", "digits")
    assert "epochs" in fault("train", "--epochs", "0")
    assert "no such directory" in fault("train", "--output", "none/m.safetensors")
    same = ["--output", "m.safetensors", "--checkpoint", folder / "m.safetensors"]
    assert "--output, --history, --checkpoint: expected a file" in fault("train", *QUICK, *same)
    done("train", *QUICK, "--checkpoint", "c.safetensors")
    text = fault("train", *QUICK, "--checkpoint", "c.safetensors", "--noise", "0.5")
    assert "is of another training, of noise = 0.1, not 0.5" in text


def test_a_training_that_diverges_is_a_failure():
    text = fault("train", *QUICK, "--learning-rate", "3e38", code=1)
    assert "diverged: smaller learning rates help" in text
