"""Pictures: what is drawn is what was given, on the Axes that were given."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
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


@pytest.fixture(scope="module")
def drawable(network, measured):
    """The first argument of every function, by its name."""
    plane = an.FeedbackNetwork.random(neurons=4, inputs=2, scale=3.5, seed=14)
    grid = np.linspace(-3.0, 3.0, 12)
    orbit = network.trajectory(300, discard=100)
    return {
        "attractor": orbit,
        "basins": an.basins(plane, grid, grid, horizon=20_000),
        "convergence": measured,
        "correlation_dimension": an.correlation_dimension(orbit, theiler=10),
        "recurrence": orbit,
        "spectrum": measured,
    }


FUNCTIONS = sorted(set(plot.__all__) - {"require_matplotlib"})


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


def attractor_of(kind, share, points, period=np.nan):
    return SimpleNamespace(
        kind=kind,
        share=share,
        points=np.array(points, dtype=float),
        classification=SimpleNamespace(period=period),
    )


def basins_of(labels, attractors, u=None, v=None, axes=(0, 1)):
    """Basins with made-up labels, on a grid of whole numbers."""
    labels = np.array(labels)
    return SimpleNamespace(
        labels=labels,
        attractors=tuple(attractors),
        u=np.arange(labels.shape[1], dtype=float) if u is None else np.array(u, dtype=float),
        v=np.arange(labels.shape[0], dtype=float) if v is None else np.array(v, dtype=float),
        u_axis=axes[0],
        v_axis=axes[1],
        diverged_share=float(np.mean(labels == -1)),
    )


def dimension_of(value=1.2, error=0.03, smallest=1e-2, largest=1.0):
    """A correlation dimension with a made-up slope."""
    radii = np.logspace(-4, 1, 30)
    return SimpleNamespace(
        radii=radii,
        slopes=np.linspace(3.0, 0.0, 30),
        dimension=value,
        scatter=error,
        smallest=smallest,
        largest=largest,
    )


def only(axes, kind):
    (found,) = [artist for artist in axes.collections if isinstance(artist, kind)]
    return found


def rendered(axes):
    axes.figure.savefig(io.BytesIO(), format="png", dpi=40)


# --- attractor ------------------------------------------------------------------------------------


def test_every_function_is_drawn_in_these_tests(drawable):
    assert sorted(drawable) == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_draws_on_the_axes_it_is_given(ax, drawable, name):
    assert getattr(plot, name)(drawable[name], ax) is ax
    assert plt.get_fignums() == []
    rendered(ax)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_makes_a_figure_of_its_own(drawable, name):
    first, second = (getattr(plot, name)(drawable[name]) for _ in range(2))
    assert first.figure is not second.figure
    rendered(first)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_title_can_be_given(ax, drawable, name):
    assert getattr(plot, name)(drawable[name], ax, title="mine").get_title() == "mine"
    with pytest.raises(TypeError, match=rf"{name}: title = 3: expected a string"):
        getattr(plot, name)(drawable[name], ax, title=3)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_axes_of_something_else_are_refused(drawable, name):
    with pytest.raises(TypeError, match=rf"{name}: ax = 3: expected Axes of Matplotlib"):
        getattr(plot, name)(drawable[name], 3)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"attractor", "recurrence"}))
def test_what_is_no_result_is_refused(ax, name):
    with pytest.raises(TypeError, match=rf"{name}: \w+ = \[1.0\]: expected a"):
        getattr(plot, name)([1.0], ax)


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_picture_can_be_saved(drawable, name, suffix, tmp_path):
    file = tmp_path / f"picture.{suffix}"
    getattr(plot, name)(drawable[name]).figure.savefig(file, dpi=40)
    assert file.stat().st_size > 1000


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
    assert "per unit time" in ax.get_ylabel()
    assert ax.get_xlabel()


# --- basins ---------------------------------------------------------------------------------------


def face_colours(axes):
    """The colour of each cell of the grid, row by row."""
    mesh = only(axes, QuadMesh)
    rendered(axes)
    return mesh.get_facecolors().reshape(*mesh.get_array().shape, 4)


def legend_of(axes):
    return {
        text.get_text(): patch.get_facecolor()
        for text, patch in zip(
            axes.get_legend().get_texts(), axes.get_legend().get_patches(), strict=True
        )
    }


TWO = [
    attractor_of("periodic", 0.5, [[0.2, 0.5], [1.5, 0.5]], period=2.0),
    attractor_of("chaotic", 0.25, [[1.0, 1.0]] * 5),
]


def test_every_cell_has_the_colour_of_its_attractor(ax):
    drawn = plot.basins(basins_of([[0, 0, 1], [-1, 0, 1]], TWO), ax)
    colours = face_colours(drawn)
    legend = legend_of(drawn)
    assert list(legend) == ["periodic, period 2 (50.0%)", "chaotic (25.0%)", "diverges (16.7%)"]
    assert len(set(legend.values())) == 3
    cycle, chaos, diverged = map(np.array, legend.values())
    np.testing.assert_allclose(colours[0], [cycle, cycle, chaos])
    np.testing.assert_allclose(colours[1], [diverged, cycle, chaos])


def test_no_divergence_is_named_where_there_is_none(ax):
    assert len(legend_of(plot.basins(basins_of([[0, 1]], TWO), ax))) == 2


def test_cells_are_where_their_starts_are(ax):
    # Neither sorted nor equally far apart.
    drawn = plot.basins(basins_of([[0, 1, 0], [1, 0, -1]], TWO, u=[2, 0, 1], v=[5, 1]), ax)
    mesh = only(drawn, QuadMesh)
    np.testing.assert_array_equal(mesh.get_array(), [[0, -1, 1], [1, 0, 0]])
    np.testing.assert_allclose(mesh.get_coordinates()[0, :, 0], [-0.5, 0.5, 1.5, 2.5])
    np.testing.assert_allclose(mesh.get_coordinates()[:, 0, 1], [-1.0, 3.0, 7.0])
    assert ax.get_xlim() == (-0.5, 2.5)
    assert ax.get_ylim() == (-1.0, 7.0)


def test_a_line_of_starts_can_be_drawn(ax):
    rendered(plot.basins(basins_of([[0], [1]], TWO), ax))
    rendered(plot.basins(basins_of([[0]], TWO), ax))


def test_attractors_are_drawn_in_the_plane_of_the_basins(ax):
    three = [attractor_of("fixed point", 1.0, [[7.0, 0.1, 0.2]])]
    plot.basins(basins_of([[0, 0], [0, 0]], three, axes=(2, 1)), ax)
    np.testing.assert_array_equal(only(ax, PathCollection).get_offsets(), [[0.2, 0.1]])
    assert ax.get_xlabel() == "initial state, component 3"
    assert ax.get_ylabel() == "initial state, component 2"
    plot.basins(basins_of([[0]], three), bare := Figure().add_subplot(), attractors=False)
    assert not [one for one in bare.collections if isinstance(one, PathCollection)]


@pytest.mark.parametrize("count", [8, 40])
def test_many_attractors_have_colours_of_their_own(ax, count):
    many = [attractor_of("fixed point", 1.0 / count, [[0.0, 0.0]]) for _ in range(count)]
    plot.basins(basins_of([range(-1, count)], many), ax)
    assert len(np.unique(face_colours(ax).reshape(-1, 4), axis=0)) == count + 1
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(names) == (9 if count == 8 else 14)
    assert ("and 28 more" in names) == (count == 40)


def test_all_starts_may_diverge(ax):
    plot.basins(basins_of([[-1, -1]], []), ax)
    assert list(legend_of(ax)) == ["diverges (100.0%)"]
    rendered(ax)


def test_basins_refuse_wrong_arguments(ax):
    some = basins_of([[0]], TWO)
    with pytest.raises(TypeError, match="basins: attractors = 1: expected True or False"):
        plot.basins(some, ax, attractors=1)
    with pytest.raises(TypeError, match="basins: labels = 'x': expected a pair"):
        plot.basins(some, ax, labels="x")


# --- correlation dimension ------------------------------------------------------------------------


def test_the_slope_is_drawn_over_the_radius(ax):
    result = dimension_of()
    plot.correlation_dimension(result, ax)
    assert ax.get_xscale() == "log"
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), result.radii)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), result.slopes)
    assert "slope" in ax.get_ylabel()
    assert "radius" in ax.get_xlabel()


def test_the_dimension_is_a_line_across_the_range_and_the_title(ax):
    plot.correlation_dimension(dimension_of(1.21234, 0.0341), ax)
    (line,) = [line for line in ax.lines if line.get_label().startswith("$D_2")]
    assert list(line.get_xdata()) == [1e-2, 1.0]
    assert list(line.get_ydata()) == [1.21234, 1.21234]
    assert ax.get_title() == r"Correlation dimension $1.212 \pm 0.034$"


def test_no_scaling_range_is_said(ax):
    plot.correlation_dimension(dimension_of(*[np.nan] * 4), ax)
    assert ax.get_title() == "No scaling range"
    assert ax.get_legend() is None
    rendered(ax)


def test_the_dimension_of_one_repeated_point_can_be_drawn(ax):
    rendered(plot.correlation_dimension(an.correlation_dimension(np.zeros((300, 2))), ax))


# --- recurrence -----------------------------------------------------------------------------------


def image_of(axes):
    (image,) = axes.images
    return np.asarray(image.get_array())


@pytest.mark.parametrize("threshold", [None, 0.5])
@pytest.mark.parametrize("columns", [1, 3])
def test_the_plot_is_what_recurrence_counts(ax, walk, columns, threshold):
    points = walk[:, :columns]
    drawn = image_of(plot.recurrence(points, ax, threshold))
    counted = an.recurrence(points, threshold=threshold)
    assert np.array_equal(drawn, drawn.T)
    assert np.all(np.diag(drawn))
    recurring = np.count_nonzero(np.triu(drawn, 1))
    assert recurring / (400 * 399 / 2) == counted.rate
    assert ax.get_title().startswith(f"threshold {counted.threshold:.3g}, ")


def test_the_plot_is_the_definition(ax):
    points = np.random.default_rng(5).normal(size=(600, 2))  # of several blocks
    distance = np.linalg.norm(points[:, None] - points, axis=2)
    assert np.array_equal(image_of(plot.recurrence(points, ax, threshold=0.7)), distance <= 0.7)


def test_a_series_is_a_set_of_points_of_one_component(walk):
    line, column = (Figure().add_subplot() for _ in range(2))
    plot.recurrence(walk[:, 0], line)
    plot.recurrence(walk[:, :1], column)
    assert np.array_equal(image_of(line), image_of(column))


@pytest.mark.parametrize("threshold", [5e-324, 1e200, 1e308])
def test_thresholds_of_any_size_can_be_drawn(ax, walk, threshold):
    drawn = image_of(plot.recurrence(walk, ax, threshold))
    assert np.array_equal(drawn, np.ones((400, 400)) if threshold > 1.0 else np.eye(400))


def test_an_orbit_at_rest_recurs_everywhere(ax):
    assert np.all(image_of(plot.recurrence(np.ones((30, 2)), ax)))


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((5_001, 2)), "points has 5001 points: expected 5000 at most"),
        (np.zeros((2, 2, 2)), "points has shape"),
        (np.zeros((1, 2)), "points has shape"),
        (np.zeros((5, 0)), "points has shape"),
        (np.array([0.0, np.nan]), "points has values that are not finite"),
    ],
)
def test_points_that_cannot_be_drawn_are_refused(ax, points, message):
    with pytest.raises(ValueError, match=f"recurrence: {message}"):
        plot.recurrence(points, ax)


@pytest.mark.parametrize("threshold", [0.0, -1.0, np.nan, np.inf])
def test_a_threshold_is_above_zero(ax, walk, threshold):
    with pytest.raises(
        ValueError, match=r"recurrence: threshold = .*: expected a value in \(0, inf"
    ):
        plot.recurrence(walk, ax, threshold)


# --- without Matplotlib ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_missing_matplotlib_says_what_to_install(monkeypatch, drawable, name):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'attractornet\[plot\]'"):
        getattr(plot, name)(drawable[name])
