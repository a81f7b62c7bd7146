"""Pictures: what is drawn is what was given, on the Axes that were given."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path

import attractornet as an
from attractornet import plot


@pytest.fixture(autouse=True)
def nothing_is_shown(monkeypatch):
    """No function may call show(), and no test leaves a figure open."""

    def fail(*args, **kwargs):
        raise AssertionError("show() was called")

    plt.switch_backend("agg")
    monkeypatch.setattr(plt, "show", fail)
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.fixture
def walk():
    return np.cumsum(np.random.default_rng(3).normal(size=(400, 3)), axis=0) / 20.0


@pytest.fixture(scope="module")
def network():
    return an.FeedbackNetwork.random(neurons=4, inputs=16, scale=6.0, seed=174658140)


@pytest.fixture(scope="module")
def measured(network):
    return an.lyapunov_spectrum(network, steps=2_000, discard=500)


def spectrum_of(exponents, errors, status="ok", dimension=1.0):
    """A spectrum with made-up numbers and a flat history."""
    exponents = np.array(exponents, dtype=float)
    return SimpleNamespace(
        exponents=exponents,
        standard_error=np.array(errors, dtype=float),
        history=np.tile(exponents, (5, 1)),
        history_steps=np.arange(1, 6) * 100,
        kaplan_yorke_dimension=dimension,
        status=status,
    )


def only(axes, kind):
    (found,) = [artist for artist in axes.collections if isinstance(artist, kind)]
    return found


def rendered(axes):
    axes.figure.savefig(io.BytesIO(), format="png", dpi=40)


# --- attractor ------------------------------------------------------------------------------------


def test_every_function_draws_on_the_axes_it_is_given(ax, walk, measured):
    assert plot.attractor(walk, ax) is ax
    assert plot.spectrum(measured, ax) is ax
    assert plot.convergence(measured, ax) is ax
    assert plt.get_fignums() == []


def test_every_function_makes_a_figure_of_its_own(walk, measured):
    axes = {plot.attractor(walk), plot.spectrum(measured), plot.convergence(measured)}
    assert len({one.figure for one in axes}) == 3
    for one in axes:
        rendered(one)


@pytest.mark.parametrize(("skip", "interpolate"), [(16, 3), (8, 1), (1, 5)])
def test_segments_are_the_articles(ax, walk, skip, interpolate):
    plot.attractor(walk, ax, skip=skip, interpolate=interpolate)
    lines = only(ax, LineCollection)
    # As the article builds them: interpolate with a Path, then skip, then join neighbours.
    points = Path(walk[:, :2]).interpolated(interpolate).vertices[::skip]
    expected = np.stack([points[:-1], points[1:]], axis=1)
    np.testing.assert_allclose(np.array(lines.get_segments()), expected, atol=1e-12)
    colours = np.abs(np.sin(1.6 * points[:-1, 1] + 0.4 * points[:-1, 0]))
    np.testing.assert_allclose(lines.get_array(), colours, atol=1e-12)


def test_segments_have_the_articles_look(ax, walk):
    lines = only(plot.attractor(walk, ax), LineCollection)
    assert lines.get_cmap().name == "Spectral"
    assert (lines.norm.vmin, lines.norm.vmax) == (0.0, 1.0)
    assert lines.get_linewidth() == pytest.approx(0.1)
    assert lines.get_alpha() == 0.1


def test_points_are_the_states_and_nothing_else(ax, walk):
    plot.attractor(walk, ax, style="points", units=(2, 0))
    assert np.array_equal(only(ax, PathCollection).get_offsets(), walk[:, [2, 0]])
    assert len(ax.collections) == 1


def test_a_network_is_drawn_from_its_orbit(network):
    drawn = plot.attractor(network, Figure().add_subplot(), steps=200, discard=30, style="points")
    orbit = network.trajectory(200, discard=30)
    assert np.array_equal(only(drawn, PathCollection).get_offsets(), orbit[:, :2])
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == ("$x_{1}$", "$x_{2}$")


@pytest.mark.parametrize("shape", [(50,), (50, 1)])
def test_one_component_is_drawn_against_itself_a_step_later(ax, shape):
    values = np.sin(np.arange(50.0)).reshape(shape)
    plot.attractor(values, ax, style="points")
    expected = np.column_stack([values.ravel()[:-1], values.ravel()[1:]])
    assert np.array_equal(only(ax, PathCollection).get_offsets(), expected)
    assert ax.get_xlabel() == "value at t"
    assert ax.get_ylabel() == "value at t + 1"


def test_labels_and_title_can_be_given(ax, walk):
    plot.attractor(walk, ax, labels=("left", "right"), title="walk")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("left", "right", "walk")


def test_both_axes_have_one_scale(ax, walk):
    assert plot.attractor(walk, ax).get_aspect() == 1.0


def test_a_point_attractor_can_be_drawn(ax):
    rendered(plot.attractor(np.zeros((100, 2)), ax))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"style": "dots"}, "style = 'dots'"),
        ({"units": (0, 3)}, "3 is none of the components 0 to 2"),
        ({"units": (-1, 0)}, "-1 is none of the components"),
        ({"skip": 0}, "skip = 0"),
        ({"interpolate": 0}, "interpolate = 0"),
    ],
)
def test_a_wrong_argument_is_named(ax, walk, arguments, message):
    with pytest.raises(ValueError, match=message):
        plot.attractor(walk, ax, **arguments)


@pytest.mark.parametrize("shape", [(2, 50, 3), (1, 2), (), (0, 2), (5, 0)])
def test_an_orbit_of_the_wrong_shape_is_refused(ax, shape):
    with pytest.raises(ValueError, match="shape"):
        plot.attractor(np.zeros(shape), ax)


def test_a_diverged_orbit_is_refused(ax, walk):
    walk[7, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        plot.attractor(walk, ax)


# --- spectra --------------------------------------------------------------------------------------


def marker_values(axes):
    """Heights of the error bars' markers, left to right."""
    points = [container.lines[0].get_xydata() for container in axes.containers]
    return np.concatenate(points)[:, 1][np.argsort(np.concatenate(points)[:, 0])]


def test_every_exponent_is_drawn_once(ax, measured):
    assert np.array_equal(marker_values(plot.spectrum(measured, ax)), measured.exponents)


def test_exponents_are_grouped_by_sign_as_far_as_errors_tell(ax):
    plot.spectrum(spectrum_of([0.5, 0.1, 0.0, -0.1, -0.5], [0.1, 0.1, 0.0, 0.1, 0.1]), ax)
    groups = {
        container.get_label(): len(container.lines[0].get_xdata()) for container in ax.containers
    }
    assert groups == {"positive": 1, "zero within 3 errors": 3, "negative": 1}


def test_a_direction_that_dies_is_shown_at_the_edge(ax):
    plot.spectrum(spectrum_of([0.1, -0.2, -np.inf], [0.0, 0.0, np.nan]), ax)
    assert len(marker_values(ax)) == 2
    (arrow,) = [line for line in ax.lines if line.get_label() == r"$-\infty$"]
    assert list(arrow.get_xdata()) == [3]
    rendered(ax)


def test_a_diverged_spectrum_says_so(ax):
    plot.spectrum(spectrum_of([np.nan] * 3, [np.nan] * 3, "diverged", np.nan), ax)
    assert ax.get_title() == "status: diverged"
    rendered(ax)


def test_the_title_gives_the_dimension(ax):
    plot.spectrum(spectrum_of([0.1, -0.2], [0.0, 0.0], dimension=1.5), ax)
    assert ax.get_title() == "Kaplan-Yorke dimension 1.5"


def test_convergence_draws_the_history_of_the_leading_exponents(ax, measured):
    plot.convergence(measured, ax, leading=3)
    lines = [line for line in ax.lines if line.get_label().startswith("$")]
    assert [line.get_label() for line in lines] == [rf"$\lambda_{{{k}}}$" for k in (1, 2, 3)]
    for k, line in enumerate(lines):
        assert np.array_equal(line.get_xdata(), measured.history_steps)
        assert np.array_equal(line.get_ydata(), measured.history[:, k])


def test_convergence_of_fewer_or_infinite_exponents(ax):
    plot.convergence(spectrum_of([0.1, -np.inf], [0.01, np.nan]), ax)
    rendered(ax)


@pytest.mark.parametrize("name", ["spectrum", "convergence"])
def test_axes_name_quantity_and_unit(ax, measured, name):
    getattr(plot, name)(measured, ax)
    assert "exponent" in ax.get_ylabel()
    assert "1/step" in ax.get_ylabel()
    assert ax.get_xlabel()


# --- without Matplotlib ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["attractor", "spectrum", "convergence"])
def test_a_missing_matplotlib_says_what_to_install(monkeypatch, walk, measured, name):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    argument = walk if name == "attractor" else measured
    with pytest.raises(ImportError, match=r"pip install 'attractornet\[plot\]'"):
        getattr(plot, name)(argument)
