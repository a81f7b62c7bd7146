"""Wilson-Cowan networks against the oracle: runs, delays, noise, gradients, errors."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from reference import wilson_cowan as reference
from sklearn.datasets import load_digits

import attractornet as an

NODES, SAMPLES = 7, 3
GENERAL = {
    "alpha_e": 1.2,
    "alpha_i": 0.7,
    "w_ee": 3.0,
    "w_ei": 1.5,
    "w_ie": 2.5,
    "w_ii": 0.8,
    "h_e": -0.6,
    "h_i": 0.2,
    "beta_e": 1.7,
    "beta_i": 1.3,
    "amplitude_e": 0.3,
    "amplitude_i": 0.4,
    "offset_e": 0.6,
    "offset_i": 0.55,
    "gamma": 0.6,
}
SCHEMES = ("euler", "runge_kutta_4", "exponential_euler")
ARRAYS = ("coupling", "input_e", "input_i")


def make(seed=0, nodes=NODES, params=GENERAL, scale=0.4):
    """A network and its oracle."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(nodes, nodes))
    inputs = rng.normal(scale=0.3, size=(2, nodes))
    net = an.WilsonCowanNetwork(a, scale=scale, input_e=inputs[0], input_i=inputs[1], **params)
    oracle = reference.WilsonCowanNetwork(
        scale * a, reference.Params(**params), inputs[0], inputs[1]
    )
    return net, oracle


def starts(seed=1, shape=(SAMPLES, NODES)):
    rng = np.random.default_rng(seed)
    return rng.random(shape), rng.random(shape)


def near(found, expected, rel=1e-12):
    np.testing.assert_allclose(found, expected, rtol=rel, atol=rel)
    return True


# --- the flow -------------------------------------------------------------------------------------


def test_the_right_hand_side_and_its_jacobian_are_the_oracle_s():
    net, oracle = make()
    x, y = starts(shape=NODES)
    state = np.concatenate([x, y])
    assert near(net.rhs(state), np.concatenate(oracle.rhs(x, y)))
    assert near(net.jacobian(state), oracle.jacobian(x, y))


def test_exchanging_nodes_exchanges_the_result():
    net, _ = make()
    order = np.random.default_rng(5).permutation(NODES)
    other = an.WilsonCowanNetwork(
        net.coupling[np.ix_(order, order)],
        scale=net.scale,
        input_e=net.input_e[order],
        input_i=net.input_i[order],
        **GENERAL,
    )
    x, y = starts()
    ends, moved = net.integrate(x, y, 30), other.integrate(x[:, order], y[:, order], 30)
    assert near(moved.x, ends.x[:, order], 1e-13)
    assert near(moved.y, ends.y[:, order], 1e-13)


# --- in time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("shape", [(NODES,), (SAMPLES, NODES), (0, NODES)])
def test_runs_follow_the_oracle(scheme, shape):
    net, oracle = make()
    x, y = starts(shape=shape)
    found = net.integrate(x, y, 20, dt=0.07, scheme=scheme)
    end = oracle.end(x, y, 20, dt=0.07, scheme=scheme)
    assert near(found.x, end.x)
    assert near(found.y, end.y)
    assert found.x.shape == shape
    assert found.x_trace is None
    assert found.times is None


def test_the_state_after_no_step_is_the_first():
    net, _ = make()
    x, y = starts()
    found = net.integrate(x, y, 0, trace_every=3)
    assert np.array_equal(found.x, x)
    assert np.array_equal(found.y_trace, y[None])


def test_a_trace_has_every_step_that_was_asked_for():
    net, oracle = make()
    x, y = starts()
    found = net.integrate(x, y, 11, dt=0.1, trace_every=3)
    states = [reference.State(x, y), *oracle.integrate(x, y, 11, dt=0.1)]
    assert near(found.x_trace, [state.x for state in states[::3]])
    assert near(found.y_trace, [state.y for state in states[::3]])
    assert near(found.times, [0.0, 0.3, 0.6, 0.9])
    assert np.array_equal(found.x, net.integrate(x, y, 11, dt=0.1).x)


def test_y_is_x_unless_given():
    net, _ = make()
    x, _ = starts()
    assert np.array_equal(net.integrate(x, steps=5).y, net.integrate(x, x, 5).y)


def test_a_run_is_made_in_the_type_of_its_start():
    net, _ = make()
    x, y = starts()
    exact = net.integrate(x, y, 25)
    single = net.integrate(x.astype(np.float32), y, 25)
    assert (exact.x.dtype, single.x.dtype) == (np.float64, np.float32)
    assert near(single.x, exact.x, 1e-5)
    assert net.integrate(x, y, 1, dtype="float32").y.dtype == np.float32
    assert net.integrate(x.astype(np.float32), dtype="float64", steps=1).x.dtype == np.float64
    assert net.integrate(np.zeros(NODES, int), steps=1).x.dtype == np.float64


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_neither_threads_nor_the_batch_change_a_bit(dtype, scheme):
    net, _ = make(nodes=37)
    x, y = starts(shape=(41, 37))
    run = {"steps": 9, "scheme": scheme, "dtype": dtype, "noise": 0.1, "seed": 4}
    first = net.integrate(x, y, threads=1, **run)
    for threads in (2, 5):
        other = net.integrate(x, y, threads=threads, **run)
        assert other.x.tobytes() == first.x.tobytes()
        assert other.y.tobytes() == first.y.tobytes()
    del run["noise"]
    first = net.integrate(x, y, **run)
    assert net.integrate(x[7], y[7], **run).x.tobytes() == first.x[7].tobytes()


@pytest.mark.parametrize(
    ("scheme", "order"), [("euler", 1), ("exponential_euler", 1), ("runge_kutta_4", 4)]
)
def test_schemes_have_their_order(scheme, order):
    net, _ = make()
    x, y = starts()
    true = net.integrate(x, y, 4096, dt=1 / 4096, scheme="runge_kutta_4").x

    def error(steps):
        return np.max(np.abs(net.integrate(x, y, steps, dt=1 / steps, scheme=scheme).x - true))

    assert np.log2(error(16) / error(32)) == pytest.approx(order, abs=0.2)


def test_backwards_leads_to_the_start():
    net = an.WilsonCowanNetwork(np.zeros((NODES, NODES)), gamma=1.2)
    x, y = starts()
    end = net.integrate(x, y, 350, dt=1e-2, scheme="runge_kutta_4")
    back = net.integrate(end.x, end.y, 350, dt=1e-2, reverse=True, trace_every=350)
    assert np.max(np.abs(back.x - x)) < 1e-8
    assert np.max(np.abs(back.y - y)) < 1e-10
    assert near(back.times, [0.0, -3.5])
    single = net.integrate(end.x.astype(np.float32), end.y, 1, reverse=True)
    assert single.x.dtype == np.float64


@pytest.mark.parametrize(
    ("scheme", "dt", "x_error", "y_error"),
    # The paper has Euler at 1e-4; a trained network of 196 nodes had 9e-3, 9e-4 and 4e-10.
    [
        ("euler", 1e-3, 1e-2, 2e-3),
        ("euler", 1e-4, 1e-3, 2e-4),
        ("runge_kutta_4", 1e-2, 1e-8, 1e-10),
        ("runge_kutta_4", 2e-3, 2e-11, 1e-12),
    ],
)
def test_images_come_back(scheme, dt, x_error, y_error):
    images = load_digits().data[:16] / 16.0
    planted = an.wilson_cowan.ProjectedCoupling.plant(an.wilson_cowan.block_targets(10, 64))
    net = an.WilsonCowanNetwork(planted.coupling, scale=1.0, gamma=1.235)
    steps = round(3.5 / dt)
    end = net.integrate(images, steps=steps, dt=dt, scheme=scheme)
    back = net.integrate(end.x, end.y, steps, dt=dt, scheme=scheme, reverse=True)
    errors = np.abs(back.x - images).max(), np.abs(back.y - images).max()
    assert errors[0] < x_error
    assert errors[1] < y_error
    if scheme == "euler":  # of first order, no less
        assert errors[0] > x_error / 30.0


def test_the_bistable_node_settles_where_the_reference_says():
    net = an.WilsonCowanNetwork(np.zeros((2, 2)))
    end = net.integrate([0.0, 1.0], steps=2000, dt=0.1)
    assert near(end.x, [0.213590341241998360, 0.373268984633266146], 1e-14)
    assert near(end.y, 0.452562450770461772, 1e-14)


# --- delays and noise -----------------------------------------------------------------------------


def test_delays_are_the_oracle_s():
    net, oracle = make()
    x, y = starts()
    lags = np.random.default_rng(3).integers(0, 6, (NODES, NODES))
    found = net.integrate(x, y, 25, dt=0.1, delay=lags * 0.1)
    *_, end = oracle.delayed(x, y, 25, 0.1, lags)
    assert near(found.x, end.x)
    assert near(found.y, end.y)
    uniform = net.integrate(x, y, 25, dt=0.1, delay=0.3)
    *_, end = oracle.delayed(x, y, 25, 0.1, np.full((NODES, NODES), 3))
    assert near(uniform.x, end.x)
    none = net.integrate(x, y, 25, dt=0.1, delay=0.0)
    assert none.x.tobytes() == net.integrate(x, y, 25, dt=0.1).x.tobytes()


def test_noise_is_normal_of_the_size_that_was_asked_for():
    net = an.WilsonCowanNetwork(np.zeros((50, 50)))
    x = np.full((400, 50), 0.3)
    still = net.integrate(x, steps=1, dt=0.04)
    moved = net.integrate(x, steps=1, dt=0.04, noise=0.5, seed=3)
    for clean, noisy in ((still.x, moved.x), (still.y, moved.y)):
        normals = (noisy - clean) / (0.5 * 0.2)
        assert np.mean(normals) == pytest.approx(0.0, abs=4 / np.sqrt(normals.size))
        assert np.std(normals) == pytest.approx(1.0, abs=4 / np.sqrt(normals.size))
    assert np.corrcoef((moved.x - still.x).ravel(), (moved.y - still.y).ravel())[
        0, 1
    ] == pytest.approx(0.0, abs=0.03)
    other = net.integrate(x, steps=1, dt=0.04, noise=0.5, seed=4)
    assert not np.any(other.x == moved.x)


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", SCHEMES)
def test_gradients_are_the_oracle_s(scheme):
    net, oracle = make()
    x, y = starts()
    dx, dy = starts(2)
    options = {"steps": 6, "dt": 0.1, "scheme": scheme}
    found = net.adjoint(x, y, 6, dx, dy, dt=0.1, scheme=scheme)

    def expected(name):
        return reference.gradient(oracle, name, x, y, dx, dy, **options)

    by_coupling = expected("coupling")
    assert near(found.coupling, net.scale * by_coupling)
    assert near(found.scale, np.sum(by_coupling * net.coupling))
    assert near(found.x0, expected("x"))
    assert near(found.y0, expected("y"))
    assert near(found.input_e, expected("input_e"))
    assert near(found.input_i, expected("input_i"))
    for name in reference.NAMES:
        assert near(getattr(found, name), expected(name)), name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_gradients_in_single_precision_are_near(scheme):
    net, _ = make(nodes=50)
    x, y = starts(shape=(20, 50))
    dx, dy = starts(2, (20, 50))
    exact = net.adjoint(x, y, 25, dx, dy, scheme=scheme)
    single = net.adjoint(x, y, 25, dx, dy, scheme=scheme, dtype="float32")
    for name in ("coupling", "x0", "y0", "input_e", "input_i", "scale", *reference.NAMES):
        a, b = np.asarray(getattr(exact, name)), np.asarray(getattr(single, name))
        assert np.linalg.norm(a - b) < 1e-3 * np.linalg.norm(a), name


@pytest.mark.parametrize("memory", ["store", "checkpoint", "recompute"])
def test_a_tape_answers_more_than_once(memory):
    net, _ = make()
    x, y = starts()
    tape = net.tape(x, y, 10, memory=memory)
    end = net.integrate(x, y, 10)
    assert np.array_equal(tape.x, end.x)
    assert np.array_equal(tape.y, end.y)
    first = tape.adjoint(tape.x)
    assert tape.adjoint(2 * tape.x).gamma == 2 * first.gamma
    assert tape.adjoint(tape.x, None).coupling.tobytes() == first.coupling.tobytes()
    assert net.adjoint(x, y, 10, tape.x).coupling.tobytes() == first.coupling.tobytes()


def test_threads_may_share_a_tape():
    net, _ = make(nodes=150)
    x, y = starts(shape=(40, 150))
    for memory in ("store", "checkpoint"):
        tape = net.tape(x, y, 30, memory=memory, threads=1)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _, tape=tape: tape.adjoint(tape.x), range(8)))
        assert len({each.coupling.tobytes() for each in found}) == 1
        assert len({each.gamma for each in found}) == 1
        assert found[0].gamma == net.adjoint(x, y, 30, tape.x).gamma


@pytest.mark.parametrize("memory", ["store", "checkpoint"])
def test_an_adjoint_that_was_stopped_can_be_asked_for_again(memory):
    net, _ = make(nodes=200)
    x, y = starts(shape=(200, 200))
    tape = net.tape(x, y, 250, memory=memory, threads=1)

    def stop(done, total):
        if 0 < done < total:
            raise InterruptedError(f"{done} of {total}")

    with pytest.raises(InterruptedError):
        tape.adjoint(tape.x, progress=stop)
    again, fresh = tape.adjoint(tape.x), net.adjoint(x, y, 250, tape.x)
    assert again.coupling.tobytes() == fresh.coupling.tobytes()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_neither_memory_nor_threads_change_a_bit_of_a_gradient(scheme):
    net, _ = make(nodes=61)
    x, y = starts(shape=(33, 61))
    dx, dy = starts(2, (33, 61))
    run = {"scheme": scheme, "dtype": "float32"}
    first = net.adjoint(x, y, 12, dx, dy, threads=1, **run)
    for memory in ("store", "checkpoint", "recompute"):
        for threads in (1, 3):
            other = net.adjoint(x, y, 12, dx, dy, threads=threads, memory=memory, **run)
            assert pickle.dumps(other) == pickle.dumps(first)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_table_of_inhibition_changes_no_bit(scheme, dtype):
    # A full store looks y up where it has few starts; recomputation does not.
    rng = np.random.default_rng(11)
    coupling, input_e = rng.normal(size=(NODES, NODES)), rng.normal(size=NODES)
    pixels = (rng.integers(0, 256, (40, NODES)) / 255.0).astype(dtype)
    pixels[0, :2] = -0.0, 0.0
    dx, dy = rng.normal(size=(2, 40, NODES)).astype(dtype)
    few, many = pixels, rng.random((40, NODES)).astype(dtype)
    for y0, inputs in ((few, 0.3), (many, 0.3), (few, np.linspace(0.0, 1.0, NODES))):
        net = an.WilsonCowanNetwork(
            coupling, scale=0.4, input_e=input_e, input_i=inputs, **{**GENERAL, "w_ie": 0.0}
        )
        options = {"steps": 11, "scheme": scheme}
        plain = net.tape(pixels, y0, memory="recompute", threads=1, **options)
        table = net.tape(pixels, y0, memory="store", threads=3, **options)
        assert table.x.tobytes() == plain.x.tobytes()
        assert table.y.tobytes() == plain.y.tobytes()
        expected = plain.adjoint(dx, dy)
        for found in (table.adjoint(dx, dy), table.adjoint(dx, dy)):
            for name in ("x0", "y0", "coupling", "input_e", "input_i"):
                assert getattr(found, name).tobytes() == getattr(expected, name).tobytes(), name
            for name in (*GENERAL, "scale"):
                assert getattr(found, name) == getattr(expected, name), name


def test_a_loss_may_be_of_y_alone():
    net, oracle = make()
    x, y = starts()
    _, dy = starts(2)
    found = net.adjoint(x, y, 3, dy=dy)
    expected = reference.gradient(oracle, "gamma", x, y, 0 * dy, dy, steps=3, dt=0.1)
    assert near(found.gamma, expected)
    with pytest.raises(ValueError, match=r"Network\.adjoint: dx = None: expected an array, unless"):
        net.adjoint(x, y, 3)


# --- objects --------------------------------------------------------------------------------------


def test_networks_keep_what_they_were_made_of(tmp_path):
    net, _ = make()
    net.save(tmp_path / "net.safetensors")
    for other in (
        pickle.loads(pickle.dumps(net)),
        an.WilsonCowanNetwork.load(tmp_path / "net.safetensors"),
    ):
        for name in ("nodes", "scale", *reference.NAMES):
            assert getattr(other, name) == getattr(net, name)
        for name in ARRAYS:
            assert np.array_equal(getattr(other, name), getattr(net, name))


def test_scale_may_follow_from_the_nodes():
    a = np.zeros((16, 16))
    assert an.WilsonCowanNetwork(a).scale == 1 / 16
    assert an.WilsonCowanNetwork(a, scale="1/sqrt(N)").scale == 1 / 4
    assert an.WilsonCowanNetwork(a, scale=2).scale == 2.0


def test_inputs_may_be_one_number():
    net = an.WilsonCowanNetwork(np.zeros((3, 3)), input_e=0.2)
    assert np.array_equal(net.input_e, [0.2] * 3)
    assert np.array_equal(net.input_i, [0.0] * 3)
    other = an.WilsonCowanNetwork(np.zeros((3, 3)), h_e=-1.0)
    x, y = starts(shape=3)
    assert near(net.integrate(x, y, 9).x, other.integrate(x, y, 9).x)


def test_what_differs_from_the_paper_is_shown():
    net = an.WilsonCowanNetwork(np.zeros((4, 4)), gamma=0.5)
    assert repr(net) == "WilsonCowanNetwork(nodes=4, scale=0.25, gamma=0.5)"


def test_what_a_run_found_is_shown():
    net = an.WilsonCowanNetwork(np.zeros((4, 4)))
    out = net.integrate(np.zeros((2, 4), dtype=np.float32), steps=3)
    assert repr(out) == "Integration(x=<float32 (2, 4)>, y=<float32 (2, 4)>, status='ok')"
    assert "coupling=<float64 (4, 4)>, scale=0.0, x0=<float64 (4,)>" in repr(
        net.adjoint(np.zeros(4), dx=np.zeros(4))
    )


def test_analyses_take_networks():
    net = an.WilsonCowanNetwork(np.zeros((2, 2)))
    spectrum = an.lyapunov_spectrum(an.Discretised(net, 0.1), steps=2000, discard=500)
    # Both nodes rest: a step of runge_kutta_4 grows by the series of e^z, up to z^4.
    rest = net.integrate(net.start()[:2], net.start()[2:], 3000)
    z = 0.1 * np.linalg.eigvals(net.jacobian(np.concatenate([rest.x, rest.y]))).real
    grown = 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24
    assert near(np.sort(spectrum.exponents), np.sort(np.log(grown) / 0.1), 1e-9)
    assert an.classify(an.Discretised(net, 0.1)).kind == "fixed point"


# --- mistakes -------------------------------------------------------------------------------------

BAD_NETWORKS = {
    "shape": (((2, 3),), {}, r"coupling has shape \(2, 3\): expected \(nodes, nodes\)"),
    "empty": (((0, 0),), {}, r"coupling has shape \(0, 0\)"),
    "scale": (((2, 2),), {"scale": "1/n"}, "scale = '1/n': expected a number, '1/N' or"),
    "input": (((2, 2),), {"input_e": [1.0]}, r"input_e has shape \(1,\): expected a number or \(2"),
    "gamma": (((2, 2),), {"gamma": 0.0}, r"gamma = 0: expected a value in \(0, inf\)"),
}


@pytest.mark.parametrize(
    ("shapes", "arguments", "message"), BAD_NETWORKS.values(), ids=BAD_NETWORKS
)
def test_a_network_names_what_is_wrong(shapes, arguments, message):
    with pytest.raises(ValueError, match=message):
        an.WilsonCowanNetwork(*map(np.zeros, shapes), **arguments)


BAD_RUNS = {
    "nan": ({"x0": np.full(3, np.nan)}, "x0 holds nan at flat index 0"),
    "shape": ({"x0": np.zeros(4)}, r"x0 has shape \(4,\): expected \(3,\) or \(samples, 3\)"),
    "y0": (
        {"x0": np.zeros((2, 3)), "y0": np.zeros(3)},
        r"y0 has shape \(3,\): expected \(2, 3\), that",
    ),
    "steps": ({"steps": -1}, "steps = -1"),
    "dt": ({"dt": 0.0}, r"dt = 0: expected a value in \(0, inf\)"),
    "scheme": ({"scheme": "heun"}, "scheme = 'heun': expected 'euler'"),
    "trace": ({"trace_every": 0}, "trace_every = 0"),
    "delay": ({"delay": -0.1}, "delay = -0.1: expected values from 0"),
    "delays": ({"delay": [0.1]}, r"delay has shape \(1,\)"),
    "delay back": (
        {"delay": 0.1, "reverse": True, "y0": np.zeros(3)},
        "delay and reverse = True: expected one",
    ),
    "noise back": (
        {"noise": 0.1, "reverse": True, "y0": np.zeros(3)},
        "noise = 0.1: expected 0, where reverse = True",
    ),
    "back from x": ({"reverse": True}, "reverse = True without y0: expected y of the state"),
    "delay runge_kutta_4": (
        {"delay": 0.1, "scheme": "runge_kutta_4"},
        "scheme = 'runge_kutta_4': expected 'euler'",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), BAD_RUNS.values(), ids=BAD_RUNS)
def test_a_run_names_what_is_wrong(arguments, message):
    net = an.WilsonCowanNetwork(np.zeros((3, 3)))
    with pytest.raises(ValueError, match=message):
        net.integrate(**{"x0": np.zeros(3), **arguments})


def test_a_tape_names_what_is_wrong():
    net = an.WilsonCowanNetwork(np.zeros((3, 3)))
    tape = net.tape(np.zeros((2, 3)), steps=2)
    with pytest.raises(
        ValueError, match=r"Tape\.adjoint: dx has shape \(3,\): expected \(2, 3\), "
    ):
        tape.adjoint(np.zeros(3))
    with pytest.raises(ValueError, match=r"Tape\.adjoint: dy holds inf at flat index 5"):
        tape.adjoint(dy=[[0, 0, 0], [0, 0, np.inf]])
    with pytest.raises(ValueError, match=r"Tape\.adjoint: dx = None"):
        tape.adjoint()
    flat = an.WilsonCowanNetwork(np.zeros((3, 3)), beta_i=0.0)
    with pytest.raises(ValueError, match="beta_i = 0: expected another value: gradients are div"):
        flat.tape(np.zeros(3))
    assert flat.integrate(np.zeros(3)).status == "ok"


def test_a_run_that_diverged_says_so():
    net = an.WilsonCowanNetwork(np.zeros((3, 3)))
    start = {"x0": np.full((2, 3), 0.3), "steps": 100, "scheme": "runge_kutta_4"}
    assert net.integrate(**start).status == net.tape(**start).status == "ok"
    assert net.integrate(**start, dt=10.0).status == "diverged"
    assert net.tape(**start, dt=10.0).status == "diverged"


def test_delays_that_memory_cannot_hold(monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "1e6")
    net = an.WilsonCowanNetwork(np.zeros((20, 20)))
    message = "nodes x steps of delay x states at a time = 20 x 131072 x 1 doubles"
    with pytest.raises(MemoryError, match=message):
        net.integrate(np.zeros(20), dt=0.01, delay=1000.0)


def test_a_tape_that_memory_cannot_hold_says_what_else_there_is(monkeypatch):
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "1e6")
    net = an.WilsonCowanNetwork(np.zeros((20, 20)))
    with pytest.raises(MemoryError, match=r"x0 has 9 states: 1000 steps .* memory = 'store' take"):
        net.tape(np.zeros((9, 20)), steps=1000)
    net.tape(np.zeros((9, 20)), steps=1000, memory="checkpoint")
    with pytest.raises(MemoryError, match=r"'checkpoint' take .*LIMIT\)$"):
        net.tape(np.zeros((9, 20)), steps=1000000, memory="checkpoint")
