"""Pictures of training: what they show, and what they refuse."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from attractornet import plot
from attractornet.learn import EpochRecord, History, Training


@pytest.fixture(autouse=True)
def _figures():
    yield
    plt.close("all")


def record(epoch, accuracy, validation=None):
    later = None if validation is None else validation - 0.1
    return EpochRecord(
        epoch,
        1.0 / epoch,
        accuracy,
        validation,
        validation,
        later,
        later,
        0.9,
        -3.0,
        1.0,
        40.0,
        0.1,
    )


HISTORY = History([record(1, 0.5, 0.6), record(2, 0.7, 0.75)])


def test_curves_are_the_history_s():
    ax = plot.history(HISTORY)
    assert [line.get_label() for line in ax.lines] == [
        "training",
        "validation",
        "validation, later",
        "on a pattern, later",
    ]
    assert ax.lines[0].get_xdata().tolist() == [1.0, 2.0]
    assert ax.lines[0].get_ydata().tolist() == [0.5, 0.7]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "share of examples")


def test_what_was_not_measured_is_left_out():
    bare = History([record(1, 0.5), record(2, 0.6)])
    ax = plot.history(bare)
    assert len(ax.lines) == 1
    assert ax.get_legend() is None


def test_a_training_of_one_epoch_is_seen():
    training = Training(None, HISTORY[:1], "finished", 1)
    assert [line.get_marker() for line in plot.history(training).lines] == ["o"] * 4


@pytest.mark.parametrize("value", ["loss", "gamma", "eigenvalues", "condition"])
def test_other_values(value):
    ax = plot.history(HISTORY, value=value)
    assert ax.get_yscale() == ("log" if value in ("loss", "condition") else "linear")


def test_confusion_counts():
    ax = plot.confusion([0, 0, 1, 2, 2, 2], [0, 1, 1, 2, 2, 0])
    image = ax.images[0].get_array()
    assert image.tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]
    found = {text.get_position(): text.get_text() for text in ax.texts}
    assert found == {(0, 0): "1", (1, 0): "1", (1, 1): "1", (2, 2): "2", (0, 2): "1"}
    assert ax.get_title() == "66.67 % right"
    named = plot.confusion([0, 1], [0, 1], names=["cat", "dog"])
    assert [label.get_text() for label in named.get_yticklabels()] == ["cat", "dog"]


def test_classes_may_be_strings():
    ax = plot.confusion(["b", "a", "c", "a"], np.array(["b", "c", "c", "a"], object))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "c"]
    assert ax.images[0].get_array().tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 0]]
    assert ax.get_title() == "75.00 % right"


def test_scaling_shows_spread():
    ax = plot.scaling({"ours": ([1, 2], [[0.5, 0.6], [0.7, 0.8]]), "theirs": ([1, 2], [0.4, 0.5])})
    ours, theirs = ax.containers
    assert ours.lines[0].get_ydata().tolist() == pytest.approx([0.6, 0.7])
    assert ours.has_yerr
    assert not theirs.has_yerr


BAD = {
    "history": (lambda: plot.history([1, 2]), TypeError, "history: history = .*a history, that of"),
    "value": (lambda: plot.history(HISTORY, value="x"), ValueError, "history: value = 'x'"),
    "nothing": (
        lambda: plot.history(History([]), value="loss"),
        ValueError,
        "history: history has no loss",
    ),
    "shapes": (lambda: plot.confusion([0], [0, 1]), ValueError, "predicted has shape .*of true"),
    "floats": (
        lambda: plot.confusion([0.5], [0]),
        TypeError,
        "confusion: true = .*integers or strings",
    ),
    "kinds": (lambda: plot.confusion(["a"], [0]), TypeError, "predicted = .*as those of true"),
    "negative": (lambda: plot.confusion([0], [-1]), ValueError, "predicted holds -1: expected cl"),
    "many": (lambda: plot.confusion([500], [0]), ValueError, "true holds 500: expected classes"),
    "names": (lambda: plot.confusion([0, 1], [0, 1], names=["a"]), ValueError, "names = .*2 stri"),
    "curves": (lambda: plot.scaling([1]), TypeError, "scaling: curves = .*a dict"),
    "curve": (lambda: plot.scaling({"a": ([1, 2], [0.5])}), ValueError, "expected nodes"),
    "nan": (lambda: plot.scaling({"a": ([1], [np.nan])}), ValueError, "expected finite numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments(case):
    call, kind, text = BAD[case]
    with pytest.raises(kind, match=text):
        call()
