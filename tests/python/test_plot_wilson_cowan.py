"""Pictures of Wilson-Cowan nodes and networks: what is drawn is what was found."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import attractornet as an
from attractornet import plot

NODE = an.WilsonCowanNode()
OSCILLATOR = an.WilsonCowanNode(**an.wilson_cowan.preset("limit_cycle"))
REST = NODE.equilibria()


@pytest.fixture
def ax():
    return Figure().add_subplot()


def dots(ax):
    """Where markers are, filled ones and hollow ones."""
    found = {"filled": [], "hollow": []}
    for line in ax.get_lines():
        if line.get_marker() == "o":
            kind = "hollow" if line.get_markerfacecolor() == "white" else "filled"
            found[kind] += list(zip(*line.get_data(), strict=True))
    return found


def test_the_phase_plane_has_nullclines_and_rest_states(ax):
    plot.phase_plane(NODE, ax, starts=[[0.9, 0.1]], duration=30.0)
    curves = NODE.nullclines(points=2000)
    lines = {line.get_label(): line.get_xydata() for line in ax.get_lines()}
    np.testing.assert_array_equal(lines["$dx/dt = 0$"], curves.x)
    np.testing.assert_array_equal(lines["$dy/dt = 0$"], curves.y)
    assert dots(ax)["filled"] == [(REST.x[k], REST.y[k]) for k in (0, 2)]
    assert dots(ax)["hollow"] == [(REST.x[1], REST.y[1])]
    (orbit,) = (x.get_xydata() for x in ax.get_lines() if x.get_linewidth() == 0.9)
    assert orbit[0].tolist() == [0.9, 0.1]
    assert np.allclose(orbit[-1], [REST.x[2], REST.y[2]], atol=1e-6)


def test_the_profile_is_zero_at_rest(ax):
    plot.profile(NODE, ax)
    (curve,) = (x.get_xydata() for x in ax.get_lines() if len(x.get_xdata()) > 10)
    signs = np.flatnonzero(np.diff(np.sign(curve[:, 1])))
    crossings = curve[signs, 0]
    np.testing.assert_allclose(crossings, REST.x, atol=2e-3)
    assert len(dots(ax)["filled"]) == 2
    for x, slope in curve[::200]:
        assert slope == pytest.approx(NODE.rhs([x, REST.y[0]])[0], abs=1e-9)


def test_stability_curves_are_those_of_the_node(ax):
    across = np.linspace(-5.0, 60.0, 14)
    plot.stability(NODE, ax, couplings=across, eigenvalues=[-1.0, -0.9, 0.0])
    drawn = [line.get_xydata() for line in ax.get_lines() if len(line.get_xdata()) == 14]
    for curve, expected in zip(drawn, REST.exponents(across), strict=True):
        np.testing.assert_array_equal(curve, np.stack([across, expected], axis=1))
    beside = next(each for each in ax.figure.axes if each is not ax)
    assert sum(bar.get_height() for bar in beside.patches) == 3
    low, high = ax.get_ylim()
    assert low < REST.exponents(across)[[0, 2]].min()
    assert high < REST.exponents(across)[1].max()


def test_a_bifurcation_has_its_states_and_cycles(ax):
    found = OSCILLATOR.bifurcation("h_e", np.linspace(-3.05, -2.85, 5))
    plot.bifurcation(found, ax)
    lines = {line.get_label(): line.get_xydata() for line in ax.get_lines()}
    states = np.stack([found.rest_values, found.x], axis=1)
    np.testing.assert_array_equal(lines["at rest, stable"], states[found.stable])
    np.testing.assert_array_equal(lines["unstable"], states[~found.stable])
    ends = lines["ends of a stable cycle"]
    np.testing.assert_array_equal(ends[:, 1], found.x_low)
    other = Figure().add_subplot()
    plot.bifurcation(found, other, value="y")
    assert other.get_ylabel() == "$y$"


def test_nodes_settle(ax):
    net = an.WilsonCowanNetwork(np.zeros((4, 4)))
    x0 = np.array([[0.0, 0.1, 0.5, 0.9], [1.0, 1.0, 0.0, 0.0]])
    out = net.integrate(x0, steps=40, trace_every=4)
    plot.settling(out, ax, state=1, levels=REST.x)
    lines = [x for x in ax.get_lines() if len(x.get_xdata()) == 11]
    for k, line in enumerate(lines):
        np.testing.assert_array_equal(line.get_xydata()[:, 1], out.x_trace[:, 1, k])
        np.testing.assert_array_equal(line.get_xdata(), out.times)
    assert len(lines) == 4
    single = net.integrate(x0[0], steps=4, trace_every=1)
    assert len(plot.settling(single, Figure().add_subplot(), value="y").get_lines()) == 4


def test_images_share_their_levels(ax):
    rows = {"low": np.zeros((2, 9)), "high": np.arange(18.0).reshape(2, 9)}
    plot.images(rows, ax, names=["a", "b"])
    assert len(ax.get_images()) == 4
    for image, state in zip(ax.get_images(), [*rows["low"], *rows["high"]], strict=True):
        assert image.get_clim() == (0.0, 17.0)
        np.testing.assert_array_equal(image.get_array(), state.reshape(3, 3))
    assert [each.get_text() for each in ax.get_yticklabels()] == ["low", "high"]
    wide = plot.images(np.ones(6), Figure().add_subplot(), shape=(2, 3), levels=(0.0, 2.0))
    assert wide.get_images()[0].get_array().shape == (2, 3)


def test_the_reversed_image_is_the_input(ax):
    # Fig. 8 of the paper, by Runge-Kutta in float64.
    rng = np.random.default_rng(3)
    x0 = rng.random((2, 16))
    net = an.WilsonCowanNetwork(rng.normal(size=(16, 16)), scale="1/sqrt(N)", gamma=1.2)
    end = net.integrate(x0, steps=350, dt=0.01, scheme="runge_kutta_4")
    back = net.integrate(end.x, end.y, 350, dt=0.01, reverse=True)
    assert np.abs(back.x - x0).max() < 1e-7
    plot.images({"input": x0, "end": end.x, "back": back.x}, ax)
    inputs, ends, returned = np.array([i.get_array() for i in ax.get_images()]).reshape(3, 2, 4, 4)
    assert np.allclose(inputs, returned, atol=1e-7)
    assert not np.allclose(inputs, ends, atol=0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot.phase_plane(NODE, limits=(1.0, 0.0)), "phase_plane: limits = .*smaller one"),
        (lambda: plot.phase_plane(NODE, starts=[0.1, 0.2]), r"starts has shape \(2,\): expected"),
        (lambda: plot.phase_plane(NODE, starts=[[0.1, np.nan]]), "starts has values that are not"),
        (lambda: plot.stability(NODE, eigenvalues=[np.inf]), "eigenvalues has values that are not"),
        (lambda: plot.stability(NODE, couplings=[]), r"couplings has shape \(0,\): expected"),
        (
            lambda: plot.settling(an.WilsonCowanNetwork([[0.0]]).integrate([0.1])),
            "settling: result has no trace: give integrate trace_every=1",
        ),
        (lambda: plot.images({}), "images: rows = {}: expected a dict with an entry at least"),
        (
            lambda: plot.images({"a": np.ones(4), "b": np.ones(9)}),
            r"images: rows have shapes \(1, 4\), \(1, 9\): expected one shape",
        ),
        (lambda: plot.images(np.ones(4), levels=(1.0, 1.0)), "images: levels = .*smaller one"),
        (
            lambda: plot.images(np.ones(5)),
            "images: rows has images of 5 units, no square: give their shape",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_couplings_of_networks_are_drawn():
    net = an.WilsonCowanNetwork(np.arange(9.0).reshape(3, 3))
    spectral = an.wilson_cowan.SpectralCoupling.plant([[0.2, 0.4, 0.2]])
    projected = an.wilson_cowan.ProjectedCoupling.plant([[0.2, 0.4, 0.2]])
    for network in (net, spectral, projected):
        (image,) = plot.weights(network, Figure().add_subplot()).get_images()
        assert np.array_equal(image.get_array(), network.coupling)
