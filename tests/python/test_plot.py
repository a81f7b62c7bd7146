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
    images = np.where(np.random.default_rng(8).random((3, 16)) < 0.5, -1, 1)
    memory = an.HopfieldNetwork.store(images, "pseudoinverse")
    recalled = memory.recall(np.roll(images, 1, axis=1), trace=["energy", "overlap"])
    node = an.WilsonCowanNode(**an.wilson_cowan.preset("excitable"))
    nodes = an.WilsonCowanNetwork(np.eye(16), scale=-1.0)
    return {
        "attractor": orbit,
        "bifurcation": node.bifurcation("h_e", np.linspace(-3.1, -2.8, 7)),
        "basins": an.basins(plane, grid, grid, horizon=20_000),
        "chaos_fraction": SCANNED,
        "confusion": np.array([0, 1, 2, 2]),
        "convergence": measured,
        "correlation_dimension": an.correlation_dimension(orbit, theiler=10),
        "energy": recalled,
        "history": trained().history,
        "images": dict.fromkeys("abcdef", images),
        "overlaps": recalled,
        "phase_plane": node,
        "profile": node,
        "settling": nodes.integrate(np.linspace(0.0, 1.0, 32).reshape(2, 16), trace_every=2),
        "stability": node,
        "phase_diagram": CAPACITY,
        "recall": recalled.states,
        "recurrence": orbit,
        "scaling": {"ours": ([4, 9], [0.5, 0.75])},
        "scan_map": SCANNED,
        "spectrum": measured,
        "weights": memory,
    }


SCANNED = an.scan(
    an.FeedbackNetwork,
    an.Grid(seed=range(3), scale=[0.1, 1.0, 5.0], inputs=8),
    ["kind", "exponent"],
    steps=1000,
)
CAPACITY = an.scan(
    an.HopfieldNetwork,
    an.Grid(alpha=[0.05, 0.1, 0.15], temperature=[0.0, 0.6, 1.3], units=60, seed=range(3)),
    ["overlap", "retrieved", "sweeps"],
    steps=100,
    discard=50,
)
FUNCTIONS = sorted(set(plot.__all__) - {"require_matplotlib"})
OF_NUMBERS = {"attractor", "energy", "images", "overlaps", "recall", "recurrence", "weights"}


def drawn(name, given, ax=None, **options):
    """The picture of what is drawable."""
    given = [given] * {"recall": 3, "confusion": 2}.get(name, 1)  # patterns, starts, ends
    return getattr(plot, name)(*given, ax, **options)


def trained():
    """A training of two epochs."""
    x = np.linspace(0.0, 1.0, 48).reshape(6, 8)
    model = an.learn.WilsonCowanModel.plant(2, 8, "spectral", steps=3)
    return an.learn.train(model, x, [0, 1] * 3, epochs=2, validation=0.5, long_steps=5, threads=1)


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
    assert drawn(name, drawable[name], ax) is ax
    assert plt.get_fignums() == []
    rendered(ax)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_makes_a_figure_of_its_own(drawable, name):
    first, second = (drawn(name, drawable[name]) for _ in range(2))
    assert first.figure is not second.figure
    rendered(first)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_title_can_be_given(ax, drawable, name):
    assert drawn(name, drawable[name], ax, title="mine").get_title() == "mine"
    with pytest.raises(TypeError, match=rf"{name}: title = 3: expected a string"):
        drawn(name, drawable[name], ax, title=3)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_axes_of_something_else_are_refused(drawable, name):
    with pytest.raises(TypeError, match=rf"{name}: ax = 3: expected Axes of Matplotlib"):
        drawn(name, drawable[name], 3)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - OF_NUMBERS))
def test_what_is_no_result_is_refused(ax, name):
    with pytest.raises(TypeError, match=rf"{name}: \w+ = \[1.0\]: expected a"):
        getattr(plot, name)([1.0], ax)


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_picture_can_be_saved(drawable, name, suffix, tmp_path):
    file = tmp_path / f"picture.{suffix}"
    drawn(name, drawable[name]).figure.savefig(file, dpi=40)
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


# --- maps of scans --------------------------------------------------------------------------------

A, B = np.linspace(1.0, 1.5, 7), np.array([0.4, 0.1, 0.25])  # not in order, nor even


@pytest.fixture(scope="module")
def henon():
    grid = an.Grid(a=A, b=B)
    return an.scan(an.textbook.Henon, grid, ["kind", "exponent", "spectrum"], steps=500)


@pytest.fixture(scope="module")
def cube():
    grid = an.Grid(seed=range(8), scale=[0.3, 4.0, 5.0], inputs=[4, 8])
    return an.scan(an.FeedbackNetwork, grid, ["kind", "exponent"], steps=3000)


def cells(ax):
    """Colours of the cells, row by row from below, and the edges between them."""
    mesh = only(ax, QuadMesh)
    corners = mesh.get_coordinates()
    shape = corners.shape[0] - 1, corners.shape[1] - 1
    mesh.update_scalarmappable()
    colours = np.array(mesh.to_rgba(mesh.get_array())).reshape(*shape, 4)
    return colours, corners[0, :, 0], corners[:, 0, 1]


def named(ax):
    """Colours of the legend, by name without the share."""
    patches = ax.get_legend().get_patches()
    texts = [text.get_text().rpartition(" (") for text in ax.get_legend().get_texts()]
    return {text[0]: patch.get_facecolor() for text, patch in zip(texts, patches, strict=True)}


def test_cells_have_the_colours_of_their_kinds(ax, henon):
    plot.scan_map(henon, ax)
    colours, across, up = cells(ax)
    legend, order = named(ax), np.argsort(B)
    for i in range(len(A)):
        for column, j in enumerate(order):
            kind = henon.codes("kind")[henon["kind"][i, j]]
            assert np.allclose(colours[i, column], legend[kind]), (i, j)
    assert np.allclose(across, [0.025, 0.175, 0.325, 0.475])
    assert np.allclose(up[[0, -1]], [A[0] - 0.5 / 12, A[-1] + 0.5 / 12])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("b", "a")


def test_a_kind_has_one_colour_in_all_pictures(henon, cube):
    legends = [named(plot.scan_map(henon)), named(plot.scan_map(cube, sel={"inputs": 8}))]
    for name in set(legends[0]) & set(legends[1]):
        assert legends[0][name] == legends[1][name]
    assert len(set(legends[1].values())) == len(legends[1])


def test_axes_can_be_chosen(ax, henon):
    colours, across, _ = cells(plot.scan_map(henon, ax, x="a", labels=("here", "there")))
    assert colours.shape[:2] == (3, 7)
    assert across[0] < 1.0 < across[1]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("here", "there")
    assert np.allclose(colours, cells(plot.scan_map(henon, y="b"))[0])
    assert np.allclose(colours, cells(plot.scan_map(henon, x="a", y="b"))[0])


def test_exponents_are_drawn_about_zero(ax, henon):
    plot.scan_map(henon, ax, value="exponent")
    mesh = only(ax, QuadMesh)
    assert mesh.norm(0.0) == 0.5
    drawn = np.ma.getdata(mesh.get_array())[..., np.argsort(np.argsort(B))]
    assert np.array_equal(drawn.reshape(7, 3), henon["exponent"], equal_nan=True)
    bar = ax.figure.axes[1]
    assert bar.get_ylabel() == "exponent (1/time)"


def made_up(values, **grid):
    """A scan whose exponent is what a function of the numbers along the axes says."""
    measure = {"exponent": lambda henon: float(values(henon.a, henon.b))}
    return an.scan(an.textbook.Henon, an.Grid(**grid), measure)


@pytest.mark.parametrize(("low", "high"), [(-4.3, 0.2), (-0.01, 3.0), (-0.049, 0.07), (-2.0, 0.0)])
def test_the_colour_bar_has_ticks_on_both_sides_of_zero(low, high):
    found = made_up(lambda a, b: low if a > b else high, a=[0.1, 0.9], b=[0.2, 0.5])
    bar = plot.scan_map(found, value="exponent").figure.axes[1]
    bar.figure.canvas.draw()
    texts = [each.get_text().replace("\N{MINUS SIGN}", "-") for each in bar.get_yticklabels()]
    ticks = np.array(texts, dtype=float)
    assert np.allclose(ticks, bar.get_yticks())
    assert np.all((ticks >= low) & (ticks <= max(high, -low)))
    assert 0.0 in ticks
    assert 2 <= np.sum(ticks < 0.0) <= 5
    assert 2 <= np.sum(ticks > 0.0) <= 5


def test_integers_have_ticks_at_integers(cube):
    axes = [plot.scan_map(cube, sel={"inputs": 8}).yaxis]
    axes.append(plot.chaos_fraction(cube, along="seed").xaxis)
    for axis in axes:
        ticks = axis.get_majorticklocs()
        assert len(ticks) > 3
        assert np.array_equal(ticks, np.round(ticks))
    found = made_up(lambda a, b: a, a=np.arange(8.0), b=[0.2, 0.5])
    assert plot.scan_map(found, value="exponent", y="b").get_xticks().size > 3


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([0.1, 0.5, 0.6], (0.0, 0.65)),
        ([-0.6, -0.5, -0.1], (-0.65, 0.0)),
        ([0.3], (0.0, 0.8)),
        ([0.0, 1.0], (-0.5, 1.5)),
        ([-0.1, 0.4], (-0.35, 0.65)),
        ([1.0, 1.5, 2.0], (0.75, 2.25)),
    ],
)
def test_cells_stay_on_the_side_of_zero_that_their_values_are_on(values, ends):
    _, across, _ = cells(
        plot.scan_map(made_up(lambda a, b: a, b=[0.1, 0.2], a=values), value="exponent")
    )
    assert np.allclose(across[[0, -1]], ends)


def test_values_at_equal_ratios_are_on_a_logarithmic_scale():
    values = np.geomspace(0.01, 10.0, 7)
    found = made_up(lambda a, b: a - b, a=values[::-1], b=[0.1, 0.2, 0.4])
    ax = plot.scan_map(found, value="exponent", x="a")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    _, across, up = cells(ax)
    assert np.allclose(across[1:-1], np.sqrt(values[1:] * values[:-1]))
    assert np.allclose(across[[0, -1]], [values[0] / 10**0.25, values[-1] * 10**0.25])
    assert np.allclose(up, 0.1 * 2.0 ** np.array([-0.5, 0.5, 1.5, 2.5]))
    ax.figure.canvas.draw()
    assert [each.get_text() for each in ax.get_yticklabels()] == ["0.1", "0.2", "0.4"]
    shown = [each.get_text() for each in ax.get_xticklabels()]
    assert {"0.01", "0.1", "0.5", "1", "10"} <= set(shown)
    assert not any(each.get_text() for each in ax.get_xticklabels(minor=True))
    assert plot.chaos_fraction(found, along="a", threshold=0.0).get_xscale() == "log"


@pytest.mark.parametrize("last", [1.4, 3.0, 9.0, 30.0, 1e3, 1e5, 1e9])
def test_a_logarithmic_axis_has_several_ticks(last):
    values = np.geomspace(1.0, last, 20)
    found = made_up(lambda a, b: b, a=values, b=[0.1, 0.3])
    ax = plot.scan_map(found, value="exponent", x="a")
    ax.figure.canvas.draw()
    inside = [tick for tick in ax.get_xticks() if values[0] <= tick <= values[-1]]
    assert 3 <= len(inside) <= 14


def test_powers_of_two_are_named():
    sizes = an.Grid(inputs=[2, 4, 8, 16, 32, 64], seed=range(2))
    found = an.scan(an.FeedbackNetwork, sizes, "kind", steps=100)
    ax = plot.chaos_fraction(found, along="inputs")
    assert [each.get_text() for each in ax.get_xticklabels()] == ["2", "4", "8", "16", "32", "64"]


@pytest.mark.parametrize(
    "values",
    [[0.1, 0.2], [0.1, 0.2, 0.3], [0.1, 0.2, 0.41], [-4.0, -2.0, -1.0], [0.0, 1.0, 2.0],
     np.linspace(1e6, 1e6 + 1.0, 5), [5e-324, 1.0, 1e300]],
)  # fmt: skip
def test_other_values_are_on_a_linear_scale(values):
    found = made_up(lambda a, b: b, b=[0.1, 0.3], a=values)
    assert plot.scan_map(found, value="exponent").get_xscale() == "linear"


def test_what_has_no_number_is_grey_and_in_the_legend(ax, henon):
    assert np.isnan(henon["exponent"]).any()
    colours, *_ = cells(plot.scan_map(henon, ax, value="exponent"))
    gone = np.isnan(henon["exponent"])[:, np.argsort(B)]
    (grey,) = named(ax).values()
    assert np.all(np.isclose(colours, grey).all(axis=-1) == gone)


@pytest.mark.filterwarnings("ignore:.*such points are:RuntimeWarning")
def test_what_failed_is_grey_and_in_the_legend(ax):
    def picky(system):
        return system.a / (system.b > 0.15)

    grid = an.Grid(a=A, b=[0.1, 0.2])
    measure = {"kind": "kind", "picky": lambda s: picky(s) if s.b > 0.15 else 1 / 0}
    found = an.scan(an.textbook.Henon, grid, measure, steps=100)
    colours, *_ = cells(plot.scan_map(found, ax))
    assert np.all(colours[:, 0] == named(ax)["failed"])
    assert "failed (50.0%)" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_further_axes_are_fixed_or_averaged(cube):
    exponent = cube["exponent"]
    fixed = plot.scan_map(cube, value="exponent", sel={"inputs": 9})  # the nearest is 8
    assert np.allclose(only(fixed, QuadMesh).get_array().reshape(8, 3), exponent[:, :, 1])
    mean = plot.scan_map(cube, value="exponent", x="scale", y="inputs", reduce="mean")
    drawn = only(mean, QuadMesh).get_array().reshape(2, 3)
    assert np.allclose(drawn, np.nanmean(exponent, axis=0).T)


def test_strings_are_named_at_their_cells(ax):
    grid = an.Grid(distribution=["uniform", "gaussian"], scale=[1.0, 2.0])
    plot.scan_map(an.scan(an.FeedbackNetwork, grid, "kind", steps=100), ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["uniform", "gaussian"]


def test_a_dataset_is_drawn_as_its_result(henon, cube):
    for value in ("kind", "exponent"):
        one = cells(plot.scan_map(henon, value=value))
        other = cells(plot.scan_map(henon.to_xarray(), value=value))
        assert all(map(np.array_equal, one, other))
    for threshold in (None, 0.01):
        options = {"by": "inputs", "threshold": threshold}
        one, other = (plot.chaos_fraction(each, **options) for each in (cube, cube.to_xarray()))
        for left, right in zip(one.lines, other.lines, strict=True):
            assert np.array_equal(left.get_xydata(), right.get_xydata())


@pytest.fixture(scope="module")
def sampled():
    box = {"a": (0.8, 1.5), "b": (0.1, 0.4)}
    return an.scan(an.textbook.Henon, an.Sample(64, box), ["kind", "exponent"], steps=500)


def test_points_of_a_sample_are_drawn_where_they_are(sampled):
    ax = plot.scan_map(sampled)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("b", "a")
    points = only(ax, PathCollection)
    places = np.column_stack([sampled.coords["b"], sampled.coords["a"]])
    assert np.array_equal(points.get_offsets(), places)
    points.update_scalarmappable()
    kinds = [sampled.codes("kind")[each] for each in sampled["kind"]]
    assert len(set(kinds)) >= 2
    assert np.allclose(points.get_facecolors(), [named(ax)[each] for each in kinds])


def test_points_without_a_number_are_grey(sampled):
    gone = np.isnan(sampled["exponent"])
    assert gone.any()
    ax = plot.scan_map(sampled.to_xarray(), value="exponent", x="a")
    points = only(ax, PathCollection)
    points.update_scalarmappable()
    (grey,) = named(ax).values()
    assert np.all(np.isclose(points.get_facecolors(), grey).all(axis=-1) == gone)
    assert np.array_equal(points.get_offsets()[:, 0], sampled.coords["a"])


def test_what_cannot_be_mapped_is_refused(ax, henon, cube, sampled):
    sample = an.scan(an.textbook.Henon, an.Sample(4, {"a": (1.0, 1.2)}), "kind", steps=100)
    point = an.scan(an.textbook.Henon, an.Grid(a=1.0), "kind", steps=100)
    line = an.scan(an.textbook.Henon, an.Grid(a=A), "kind", steps=100)
    for arguments, error, message in [
        ((sample,), ValueError, "result = .*: expected .* or of a Sample of two parameters"),
        ((point,), ValueError, "result = .*: expected a scan of a Grid that has axes"),
        ((sampled, {"sel": {"a": 1.0}}), ValueError, "sel = .*: expected None for a Sample"),
        (
            (sampled, {"value": "exponent", "reduce": "mean"}),
            ValueError,
            "reduce = 'mean': .* None",
        ),
        ((sampled, {"x": "point"}), ValueError, "x = 'point': expected one of 'a', 'b'"),
        ((line,), ValueError, "result = .*: expected a scan of a Grid with two axes"),
        ((cube,), ValueError, "sel = .*'seed'.*: expected a value for each"),
        ((cube, {"reduce": "mean"}), ValueError, "reduce = 'mean': expected None for codes"),
        ((cube, {"reduce": "median"}), ValueError, "reduce = 'median'"),
        ((henon, {"value": "nonsense"}), ValueError, "value = 'nonsense': expected one of"),
        ((henon, {"value": "spectrum"}), ValueError, "value = 'spectrum': expected a column with"),
        ((henon, {"x": "c"}), ValueError, "x = 'c': expected one of 'a', 'b'"),
        ((henon, {"x": "a", "y": "a"}), ValueError, "y = 'a': expected another axis"),
        ((henon, {"sel": {"c": 1}}), ValueError, "sel = 'c'"),
        ((henon, {"sel": {"a": "x"}}), TypeError, "sel = 'x'"),
        ((henon, {"sel": 3}), TypeError, "sel = 3"),
        ((henon, {"value": "exponent", "cmap": "nonsense"}), ValueError, "cmap = 'nonsense'"),
    ]:
        with pytest.raises(error, match=f"scan_map: {message}"):
            plot.scan_map(arguments[0], ax, **(arguments[1] if len(arguments) > 1 else {}))


# --- how often there is chaos ---------------------------------------------------------------------


def curve(ax, index=0):
    """Places, shares and the ends of the bars of a curve."""
    line, _, (bars,) = ax.containers[index]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    return line.get_xdata(), line.get_ydata(), ends


def wilson(chaotic, count, z=1.959963984540054):
    """The interval as the roots of its definition, (p - share)^2 = z^2 p (1 - p) / n."""
    share = chaotic / count
    return np.sort(np.roots([1 + z * z / count, -2 * share - z * z / count, share * share]).real)


def test_shares_are_counted_over_all_other_axes(ax, cube):
    places, shares, ends = curve(plot.chaos_fraction(cube, ax))
    chaotic = cube["kind"] == cube.codes("kind").index("chaotic")
    assert chaotic.any()
    assert np.array_equal(places, [0.3, 4.0, 5.0])
    assert np.allclose(shares, chaotic.mean(axis=(0, 2)))
    for count, (below, above) in zip(chaotic.sum(axis=(0, 2)), ends, strict=True):
        assert np.allclose([below, above], wilson(count, 16), atol=1e-12)


def test_there_is_a_curve_for_each_value(ax, cube):
    plot.chaos_fraction(cube, ax, by="inputs", threshold=0.02)
    assert len(ax.containers) == 2
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["inputs = 4", "inputs = 8"]
    chaotic = cube["exponent"] > 0.02
    for i in range(2):
        assert np.allclose(curve(ax, i)[1], chaotic[:, :, i].mean(axis=0))


def test_bars_are_as_wide_as_their_level(cube):
    widths = [
        np.diff(curve(plot.chaos_fraction(cube, level=level))[2]) for level in (0.5, 0.95, 0.999)
    ]
    assert np.all(widths[0] < widths[1])
    assert np.all(widths[1] < widths[2])


def test_the_share_is_drawn_along_scale_or_the_last_axis(henon, cube):
    line = an.scan(an.textbook.Henon, an.Grid(a=A), "kind", steps=100)
    for result, options, name in [
        (cube, {}, "scale"),
        (cube, {"by": "seed"}, "scale"),
        (cube, {"by": "scale"}, "inputs"),
        (cube, {"sel": {"scale": 0.3}}, "inputs"),
        (henon, {}, "b"),
        (henon, {"by": "b"}, "a"),
        (line, {}, "a"),
    ]:
        assert plot.chaos_fraction(result, **options).get_xlabel() == name


def test_the_legend_of_curves_is_beside_them(cube):
    ax = plot.chaos_fraction(cube, by="inputs")
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().x0 > ax.get_window_extent().x1


def test_what_cannot_be_counted_is_refused(ax, henon, cube, sampled):
    only_state = an.scan(an.textbook.Henon, an.Grid(a=A), "final_state", steps=100)
    only_kind = an.scan(an.textbook.Henon, an.Grid(a=A), "kind", steps=100)
    only_exponent = an.scan(an.textbook.Henon, an.Grid(a=A), "exponent", steps=100)
    for result, options, error, message in [
        (henon, {"along": "scale"}, ValueError, "along = 'scale': expected one of 'a', 'b'"),
        (cube, {"along": "scale", "by": "scale"}, ValueError, "by = 'scale': .* 'seed', 'inputs'"),
        (only_kind, {"by": "a"}, ValueError, "by = 'a': expected None"),
        (only_kind, {"sel": {"a": 1.0}}, ValueError, "result = .*: expected a scan of a Grid"),
        (sampled, {}, ValueError, "result = .*: expected a scan of a Grid, .* scan_map draws"),
        (sampled, {"sel": {"a": 1.0}}, ValueError, "result = .*: expected a scan of a Grid"),
        (cube, {"threshold": "x"}, TypeError, "threshold = 'x'"),
        (cube, {"level": 1.0}, ValueError, "level = 1.0"),
        (cube, {"level": "x"}, TypeError, "level = 'x'"),
        (cube, {"sel": {"scale": 0.3}, "along": "scale"}, ValueError, "along = 'scale'"),
        (only_exponent, {"along": "a"}, ValueError, "result = .*'kind', or threshold= for its"),
        (only_state, {}, ValueError, "result = .*: expected a scan with the column 'kind'$"),
        (only_kind, {"along": "a", "threshold": 0.0}, ValueError, "threshold = 'exponent'"),
    ]:
        with pytest.raises(error, match=f"chaos_fraction: {message}"):
            plot.chaos_fraction(result, ax, **options)


# --- how much Hopfield networks remember ----------------------------------------------------------


def capacity(measure=("overlap", "retrieved"), **grid):
    """A scan of small networks over three loads."""
    axes = {"alpha": [0.05, 0.12, 0.2], "units": 50, **grid}
    return an.scan(an.HopfieldNetwork, an.Grid(**axes), list(measure), steps=60, discard=10)


def numbers_of(ax, *shape):
    """What the colours stand for."""
    return np.ma.getdata(only(ax, QuadMesh).get_array()).reshape(shape)


def labelled(ax):
    """Lines by the labels that the legend shows."""
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def test_colours_are_means_over_the_seeds(ax):
    plot.phase_diagram(CAPACITY, ax)
    assert np.allclose(numbers_of(ax, 3, 3), CAPACITY["overlap"].mean(axis=2).T)
    assert (ax.get_xlabel(), ax.get_ylabel()) == (r"load $\alpha = P / N$", "temperature $T$")
    assert ax.figure.axes[-1].get_ylabel() == "overlap $m$"


def test_the_lines_of_the_mean_field_are_where_it_says(ax):
    lines = labelled(plot.phase_diagram(CAPACITY, ax))
    assert list(lines) == [
        r"$T_M(\alpha)$: end of retrieval", "$T_g$: end of all order", r"$\alpha_c$ = 0.138",
    ]  # fmt: skip
    retrieval, order, end = (line.get_xydata() for line in lines.values())
    for load, temperature in retrieval[30::20]:
        found = an.hopfield.retrieval_temperature(load)
        assert found == pytest.approx(temperature, abs=1e-6)
    assert np.allclose(order[:, 1], 1.0 + np.sqrt(order[:, 0]))
    assert end[0].tolist() == [an.hopfield.critical_load().alpha, 0.0]
    low = capacity(temperature=[0.2, 0.5])
    assert list(labelled(plot.phase_diagram(low))) == [r"$T_M(\alpha)$: end of retrieval"]


@pytest.mark.parametrize(
    "other", [{"rule": "pseudoinverse"}, {"diagonal": True}, {"update": "synchronous"}]
)
@pytest.mark.parametrize("temperature", [0.0, [0.0, 0.5]])
def test_no_lines_where_the_mean_field_does_not_hold(other, temperature):
    assert not labelled(plot.phase_diagram(capacity(temperature=temperature, **other)))
    holds = capacity(temperature=temperature)
    assert not labelled(plot.phase_diagram(holds, theory=False))
    assert labelled(plot.phase_diagram(holds))


def test_curves_have_means_and_errors_over_the_seeds(ax):
    found = capacity(seed=range(5), rule=["hebbian", "storkey"])
    plot.phase_diagram(found, ax)
    for i in range(2):
        places, means, ends = curve(ax, i)
        assert np.array_equal(places, [0.05, 0.12, 0.2])
        assert np.allclose(means, found["overlap"][:, :, i].mean(axis=1))
        error = found["overlap"][:, :, i].std(axis=1, ddof=1) / np.sqrt(5)
        assert np.allclose(np.diff(ends)[:, 0], 2.0 * error)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["hebbian", "storkey", "mean field, N → ∞", r"$\alpha_c$ = 0.138"]
    load, overlap = labelled(ax)["mean field, N → ∞"].get_data()
    assert (load[0], load[-1]) == (0.05, pytest.approx(an.hopfield.critical_load().alpha))
    assert overlap[0] == an.hopfield.mean_field_overlap(0.05)
    ax.figure.canvas.draw()
    assert ax.get_ylim()[0] == 0.0


def test_the_mean_field_has_the_temperature_of_the_scan():
    lines = labelled(plot.phase_diagram(capacity(temperature=0.4, units=[30, 40])))
    assert lines["mean field, N → ∞"].get_ydata()[0] == an.hopfield.mean_field_overlap(0.05, 0.4)
    names = [text.get_text() for text in lines["mean field, N → ∞"].axes.get_legend().get_texts()]
    assert names[:2] == ["N = 30", "N = 40"]
    hot = labelled(plot.phase_diagram(capacity(temperature=0.9)))
    assert "mean field, N → ∞" not in hot
    share = labelled(plot.phase_diagram(capacity(), value="retrieved"))
    assert list(share) == [r"$\alpha_c$ = 0.138"]


def test_further_axes_have_one_value_or_are_chosen():
    found = capacity(temperature=[0.0, 0.5], units=[30, 60], rule=["hebbian"], flips=[0.1])
    ax = plot.phase_diagram(found, sel={"units": 60})
    assert np.array_equal(numbers_of(ax, 2, 3), found["overlap"][:, 1, :, 0, 0].T)
    assert labelled(ax)
    kept = capacity(diagonal=[False, True])
    one, other = (plot.phase_diagram(kept, sel={"diagonal": each}) for each in (False, True))
    assert np.array_equal(one.lines[0].get_ydata(), kept["overlap"][:, 0])
    assert np.array_equal(other.lines[0].get_ydata(), kept["overlap"][:, 1])
    assert labelled(one)
    assert not labelled(other)


def test_datasets_of_recalls_are_drawn_as_their_results():
    found = capacity(seed=range(2), rule=["hebbian", "storkey"])
    data = found.to_xarray()
    one, other = plot.phase_diagram(found), plot.phase_diagram(data)
    for left, right in zip(one.lines, other.lines, strict=True):
        assert np.array_equal(left.get_xydata(), right.get_xydata())
    assert labelled(plot.phase_diagram(data.sel(rule="hebbian")))
    assert not labelled(plot.phase_diagram(data.sel(rule="storkey")))


def test_what_is_no_phase_diagram_is_refused(ax, henon):
    plane = capacity(temperature=[0.0, 0.5], units=[30, 60])
    sample = an.Sample(4, {"alpha": (0.05, 0.2)}, method="random", units=20)
    drawn = an.scan(an.HopfieldNetwork, sample, "overlap")
    for result, options, error, message in [
        (plane, {}, ValueError, r"result: units = \[30, 60\]: expected a value of units in sel"),
        (capacity(flips=[0.0, 0.1]), {}, ValueError, "result: flips = .*: means are taken over se"),
        (
            capacity(),
            {"sel": {"alpha": 0.1}},
            ValueError,
            "result = .*: expected .* the axis alpha",
        ),
        (drawn, {}, ValueError, "result = .*: expected a scan of a Grid; scan_map draws"),
        (henon, {}, ValueError, "value = 'overlap': expected one of 'exponent'"),
        (CAPACITY, {"value": "sweeps"}, ValueError, "value = 'sweeps': expected one of 'overlap'"),
        (CAPACITY, {"theory": 1}, TypeError, "theory = 1"),
        (CAPACITY, {"cmap": "nonsense"}, ValueError, "cmap = 'nonsense'"),
        (CAPACITY, {"sel": {"units": 3}}, ValueError, "sel = 'units'"),
    ]:
        with pytest.raises(error, match=f"phase_diagram: {message}"):
            plot.phase_diagram(result, ax, **options)


# --- recalls ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def patterns():
    return np.where(np.random.default_rng(4).random((5, 36)) < 0.5, np.int8(-1), np.int8(1))


@pytest.fixture(scope="module")
def starts(patterns):
    noisy = patterns.copy()
    noisy[:, :4] *= -1
    return noisy


@pytest.fixture(scope="module")
def memory(patterns):
    return an.HopfieldNetwork.store(patterns, "pseudoinverse")


@pytest.fixture(scope="module")
def recalled(memory, starts):
    return memory.recall(starts, trace=["energy", "overlap"], trace_every=6)


def panels(axes):
    """Images by row and column, from the upper left; y grows downwards."""
    assert axes.yaxis_inverted()
    left = sorted({round(image.get_extent()[0], 9) for image in axes.images})
    top = sorted({round(image.get_extent()[3], 9) for image in axes.images})
    where = {
        tuple(np.round([image.get_extent()[3], image.get_extent()[0]], 9)): image
        for image in axes.images
    }
    return [[np.asarray(where[y, x].get_array()) for x in left] for y in top]


def texts(axes):
    return [text.get_text() for text in axes.texts]


def lines_of(axes):
    """Points of each line with a name of its own."""
    return {
        line.get_label(): line.get_xydata()
        for line in axes.lines
        if not line.get_label().startswith("_")
    }


def test_a_recall_is_a_column_for_each_image(ax, patterns, starts, recalled):
    plot.recall(patterns, starts, recalled, ax, names=list("abcde"))
    drawn = panels(ax)
    for row, states in zip(drawn, (patterns, starts, recalled.states), strict=True):
        assert np.array_equal(row, states.reshape(5, 6, 6))
    assert [each.get_text() for each in ax.get_yticklabels()] == ["stored", "start", "recalled"]
    assert [each.get_text() for each in ax.get_xticklabels()] == list("abcde")
    assert {image.get_clim() for image in ax.images} == {(-1.0, 1.0)}


def test_the_distance_to_the_pattern_stands_below(ax, patterns, starts):
    ends = patterns.copy()
    ends[3] *= -1
    plot.recall(patterns, starts, ends, ax)
    assert texts(ax) == ["4 wrong"] * 5 + ["0 wrong"] * 3 + ["36 wrong", "0 wrong"]
    many = np.tile(patterns, (3, 1))
    plot.recall(many, -many, many, narrow := Figure().add_subplot())
    assert texts(narrow) == ["36"] * 15 + ["0"] * 15


def test_values_between_those_of_a_unit_count_as_the_nearer_one(ax):
    plot.recall([0, 1, 1, 0], [0.4, 0.6, 0.4, 0.6], [-0.1, 1.1, 0.9, 0.1], ax)
    assert texts(ax) == ["2 wrong", "0 wrong"]
    assert {image.get_clim() for image in ax.images} == {(0.0, 1.0)}
    plot.recall([-1, 1, 1, -1], [0.1] * 4, [-0.1] * 4, other := Figure().add_subplot())
    assert texts(other) == ["2 wrong", "2 wrong"]


def test_grey_patterns_are_off_by_a_root_mean_square(ax):
    grey = np.linspace(0.0, 16.0, 144).reshape(4, 36)
    off = grey + np.array([0.0, 0.25, -3.0, 1e-9])[:, np.newaxis]
    memory = an.DenseAssociativeMemory(grey / 16.0, order=np.inf, beta=1e3)
    ends = 16.0 * memory.recall(off / 16.0).states
    plot.recall(grey, off, ends, ax)
    assert texts(ax)[:4] == ["off by 0", "off by 0.25", "off by 3", "off by 1e-09"]
    assert {image.get_clim() for image in ax.images} == {(0.0, 16.0)}
    many = np.tile(grey, (5, 1))
    plot.recall(many, many + 2.0, many, narrow := Figure().add_subplot())
    assert texts(narrow) == ["2"] * 20 + ["0"] * 20


def test_one_pattern_is_repeated_for_all_starts(ax, patterns, starts):
    plot.recall(patterns[0], starts[:3], patterns[:3], ax)
    assert np.array_equal(panels(ax)[0], np.tile(patterns[0].reshape(6, 6), (3, 1, 1)))


def test_several_recalls_have_a_row_each(ax, patterns, starts, recalled):
    plot.recall(patterns, starts, {"one": recalled, "start": starts}, ax)
    assert [each.get_text() for each in ax.get_yticklabels()] == ["stored", "start", "one", "start"]
    assert np.array_equal(panels(ax)[3], starts.reshape(5, 6, 6))


@pytest.mark.parametrize("shape", [(4, 9), (36, 1), (2, 18)])
def test_images_of_any_shape_are_drawn(ax, patterns, starts, recalled, shape):
    plot.recall(patterns, starts, recalled, ax, shape=shape)
    assert panels(ax)[1][2].shape == shape
    rendered(ax)
    rendered(plot.recall(patterns, starts, recalled, shape=shape))


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_names_of_rows_are_on_the_page(patterns, rows):
    named = {"a name of some length, " + "x" * k: patterns for k in range(rows)}
    ax = plot.recall(patterns, patterns, named, title="and a title")
    rendered(ax)
    assert min(each.get_window_extent().x0 for each in ax.get_yticklabels()) >= 0.0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"shape": (5, 7)}, ValueError, r"shape = \(5, 7\): expected .* of 36 units"),
        ({"shape": (0, 7)}, ValueError, r"shape = 0: expected a value in \[1, inf\)"),
        ({"shape": 6}, TypeError, "shape = 6: expected a pair"),
        ({"names": ["a"]}, ValueError, r"names = \['a'\]: expected 5 strings"),
        ({"names": "abcde"}, TypeError, "names = 'abcde': expected 5 strings"),
        ({"cmap": "x"}, ValueError, "cmap = 'x'"),
        ({"patterns": np.zeros((5, 2, 18))}, ValueError, r"patterns has shape \(5, 2, 18\)"),
        ({"starts": np.zeros((4, 36))}, ValueError, r"shapes \(5, 36\), \(4, 36\), \(5, 36\)"),
        ({"starts": np.full((5, 36), np.nan)}, ValueError, "starts has values that are not finite"),
        ({"recalled": np.zeros((5, 25))}, ValueError, r"and recalled have shapes .*\(5, 25\)"),
        ({"recalled": {}}, ValueError, "recalled = {}: expected a dict with an entry"),
        ({"recalled": {3: np.zeros(36)}}, TypeError, "recalled: name = 3: expected a string"),
    ],
)
def test_a_recall_refuses_wrong_arguments(ax, patterns, starts, arguments, error, message):
    right = {"patterns": patterns, "starts": starts, "recalled": starts}
    with pytest.raises(error, match=f"recall: .*{message}"):
        plot.recall(**{**right, **arguments}, ax=ax)


def test_images_that_are_no_square_need_a_shape(ax):
    with pytest.raises(ValueError, match=r"recall: shape = None: .*since 35 units are no square"):
        plot.recall(*np.ones((3, 35)), ax)


# --- recalls on the way ---------------------------------------------------------------------------


def test_energies_are_drawn_over_the_updates(ax, recalled):
    plot.energy(recalled, ax)
    lines = lines_of(ax)
    assert list(lines) == [f"state {k}" for k in range(5)]
    for k, points in enumerate(lines.values()):
        there = ~np.isnan(recalled.energy_trace[k])
        assert np.array_equal(points[:, 0], recalled.trace_updates[there])
        assert np.array_equal(points[:, 1], recalled.energy_trace[k][there])
    assert ax.get_xlabel() == "updates of single units"
    assert "energy" in ax.get_ylabel()


def test_energies_may_be_any_numbers(ax):
    net = an.ContinuousHopfield([[0.0, 2.0], [2.0, 0.0]], 2.0)
    solution = an.integrate(net, 5.0, initial=[0.2, 0.1])
    energies = net.energy(solution.states)
    plot.energy(energies, ax, x=solution.times, labels=("time", "E"))
    assert np.array_equal(ax.lines[0].get_xydata(), np.column_stack([solution.times, energies]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time", "E")
    assert ax.get_legend() is None
    assert plot.energy(energies).get_xlabel() == "record"
    assert plot.energy(energies, x=solution.times).get_xlabel() == "time"


def test_many_energies_are_drawn_alike(ax):
    plot.energy(np.arange(60.0).reshape(3, 5, 4), ax)
    assert len(ax.lines) == 15
    assert len({str(line.get_color()) for line in ax.lines}) == 1
    assert ax.get_legend() is None
    rendered(ax)


def test_a_state_that_was_there_at_once_is_a_dot(ax, memory, patterns):
    plot.energy(memory.recall(patterns[0], max_sweeps=0, trace="energy"), ax)
    assert np.array_equal(ax.lines[0].get_xdata(), [0.0])
    rendered(plot.energy([np.nan, np.nan]))


def test_overlaps_of_one_state_are_drawn(ax, recalled):
    plot.overlaps(recalled, ax, state=2, names=list("abcde"))
    lines = lines_of(ax)
    assert next(iter(lines)) == "c"  # the largest at the end
    trace = recalled.overlap_trace[2]
    there = ~np.isnan(trace[:, 0])
    for name, points in lines.items():
        assert np.array_equal(points[:, 1], trace[there, "abcde".index(name)])
    assert ax.get_title() == "State 2 (of 5)"


@pytest.mark.parametrize(("count", "named"), [(6, 6), (7, 7), (40, 7)])
def test_the_legend_names_the_largest_overlaps(ax, count, named):
    ends = np.random.default_rng(2).uniform(-1.0, 1.0, count)
    plot.overlaps(np.outer([0.0, 0.5, 1.0], ends), ax)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    order = np.argsort(-np.abs(ends))
    assert len(legend) == named
    assert legend[:6] == [f"pattern {k}" for k in order[:6]]
    assert legend[6:] == ([f"{count - 6} others"] if count > 6 else [])
    assert len([line for line in ax.lines if len(line.get_xdata()) == 3]) == count
    rendered(ax)


def test_a_recall_without_the_trace_is_refused(ax, memory, starts):
    bare = memory.recall(starts)
    for name, kind in (("energy", "energy"), ("overlaps", "overlap")):
        with pytest.raises(ValueError, match=rf"{name}: result = .*trace='{kind}'"):
            getattr(plot, name)(bare, ax)


@pytest.mark.parametrize("name", ["energy", "overlaps"])
@pytest.mark.parametrize(
    ("result", "options", "error", "message"),
    [
        ("x", {}, TypeError, "result = 'x': expected what recall"),
        (np.zeros(()), {}, ValueError, r"result has shape \(\)"),
        (np.zeros((0, 3)), {}, ValueError, r"result has shape \(0, 3\)"),
        (np.full((3, 4), np.inf), {}, ValueError, "result has infinite values"),
        (np.zeros((3, 4)), {"x": [1.0]}, ValueError, r"x = \[1.0\]: expected finite numbers \("),
        (np.zeros((4, 4)), {"x": [1, 2, 3, np.nan]}, ValueError, "x = .*expected finite"),
        (np.zeros((4, 4)), {"names": ["a"]}, ValueError, r"names = \['a'\]: expected 4 strings"),
        (np.zeros((4, 4)), {"labels": "x"}, TypeError, "labels = 'x': expected a pair"),
    ],
)
def test_traces_refuse_wrong_arguments(ax, name, result, options, error, message):
    with pytest.raises(error, match=f"{name}: {message}"):
        getattr(plot, name)(result, ax, **options)


def test_there_is_no_such_state(ax, recalled):
    with pytest.raises(ValueError, match=r"overlaps: state = 5: expected a value in \[0, 4\]"):
        plot.overlaps(recalled, ax, state=5)


# --- weights --------------------------------------------------------------------------------------


def test_the_matrix_is_drawn_about_zero(ax, memory):
    plot.weights(memory, ax)
    assert np.array_equal(image_of(ax), memory.weights)
    low, high = ax.images[0].get_clim()
    assert high == -low == np.max(np.abs(memory.weights))
    bar = ax.figure.axes[1]
    assert "w_{ij}" in bar.get_ylabel()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("from unit $j$", "to unit $i$")


def test_weights_of_units_to_themselves_do_not_set_the_scale(ax, memory):
    for w, extend in ((memory.weights + np.eye(36), "both"), (memory.weights, "neither")):
        drawn = plot.weights(w, Figure().add_subplot()).images[0]
        assert drawn.get_clim()[1] == np.max(np.abs(memory.weights))
        assert drawn.colorbar.extend == extend
    assert plot.weights(np.eye(3), ax).images[0].get_clim() == (-1.0, 1.0)
    rendered(plot.weights(np.zeros((2, 2))))


def test_weights_to_a_unit_are_an_image(ax, memory):
    plot.weights(memory, ax, unit=7)
    assert np.array_equal(image_of(ax), memory.weights[7].reshape(6, 6))
    assert ax.get_title() == "Weights to unit 7"
    plot.weights(memory.weights, wide := Figure().add_subplot(), unit=7, shape=(4, 9))
    assert image_of(wide).shape == (4, 9)
    rendered(ax)


@pytest.mark.parametrize(
    ("network", "options", "error", "message"),
    [
        ("x", {}, TypeError, "network = 'x': expected a network with weights"),
        (an.textbook.Henon(), {}, TypeError, "network = .*: expected a network with weights"),
        (np.zeros((2, 3)), {}, ValueError, r"network has shape \(2, 3\): expected \(units, units"),
        (np.full((2, 2), np.nan), {}, ValueError, "network has weights that are not finite"),
        (np.eye(4), {"unit": 4}, ValueError, r"unit = 4: expected a value in \[0, 3\]"),
        (np.eye(4), {"shape": (2, 2)}, ValueError, r"shape = \(2, 2\): expected None"),
        (np.eye(5), {"unit": 1}, ValueError, "shape = None: .*since 5 units are no square"),
        (np.eye(4), {"cmap": 3}, TypeError, "cmap = 3"),
    ],
)
def test_weights_refuse_wrong_arguments(ax, network, options, error, message):
    with pytest.raises(error, match=f"weights: {message}"):
        plot.weights(network, ax, **options)


# --- without Matplotlib ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_missing_matplotlib_says_what_to_install(monkeypatch, drawable, name):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'attractornet\[plot\]'"):
        drawn(name, drawable[name])
