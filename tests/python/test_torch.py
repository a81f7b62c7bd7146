"""The torch layer: its gradients, its states, training through it."""

import copy
import pickle

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import attractornet as an  # noqa: E402
from attractornet import learn  # noqa: E402
from attractornet.torch import WilsonCowan  # noqa: E402

KINDS = ("projected", "spectral")
NODES, CLASSES = 12, 3
X = np.random.default_rng(0).uniform(0.0, 1.0, (4, NODES))


def layer(kind="projected", dtype=torch.float64, **options):
    return WilsonCowan(NODES, CLASSES, steps=6, coupling=kind, dtype=dtype, **options)


def moved(made, size=0.1):
    """Some steps of training later."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter += size * torch.randn_like(parameter)
    return made


@pytest.mark.parametrize("scheme", ["euler", "runge_kutta_4", "exponential_euler"])
@pytest.mark.parametrize("kind", KINDS)
def test_gradcheck(kind, scheme):
    made = moved(layer(kind, scheme=scheme))
    names = [name for name, _ in made.named_parameters()]
    values = [p.detach().clone().requires_grad_() for p in made.parameters()]
    x = torch.tensor(X, requires_grad=True)

    def call(x, *values):
        states = torch.func.functional_call(made, dict(zip(names, values, strict=True)), (x,))
        return states, made.probabilities(states)

    assert torch.autograd.gradcheck(call, (x, *values))


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_the_core(kind):
    made = moved(layer(kind))
    x = torch.tensor(X, requires_grad=True)
    labels = torch.tensor([0, 1, 2, 0])
    states = made(x)
    loss = torch.nn.functional.nll_loss(made.probabilities(states).log(), labels)
    loss.backward()
    model = made.to_model()
    tape = model.network.tape(X, steps=6)
    judged = learn.state_loss(tape.x, labels.numpy(), model.targets)
    gradient = tape.adjoint(judged.dx)
    assert loss.item() == pytest.approx(judged.value, rel=1e-12)
    np.testing.assert_allclose(x.grad.numpy(), gradient.x0 + gradient.y0, rtol=1e-8, atol=1e-14)
    assert made.gamma.grad.item() == pytest.approx(gradient.gamma, rel=1e-9)
    own = model.coupling.adjoint(gradient.coupling)
    if kind == "projected":
        np.testing.assert_allclose(made.weights.grad.numpy(), own, rtol=1e-7, atol=1e-13)
    else:
        trained = model.coupling.train_columns
        found = made.phi.grad.numpy()
        np.testing.assert_allclose(found, own.phi[:, trained], rtol=1e-7, atol=1e-13)
        found = made.eigenvalues.grad.numpy()
        np.testing.assert_allclose(found, own.eigenvalues[trained], rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_the_model(kind):
    made = moved(layer(kind, torch.float32))
    x = torch.tensor(X, dtype=torch.float32)
    model = made.to_model()
    for found in (made(x).detach(), torch.no_grad()(made)(x)):
        assert np.array_equal(found.numpy(), model.settle(X).x)
    np.testing.assert_allclose(
        made.probabilities(made(x)).detach().numpy(), model.probabilities(X), rtol=1e-4
    )


@pytest.mark.parametrize("kind", KINDS)
def test_state_dict(kind):
    first, second = moved(layer(kind, seed=1)), layer(kind, seed=2)
    second.load_state_dict(first.state_dict())
    x = torch.tensor(X)
    assert torch.equal(first(x), second(x))
    for again in (copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert torch.equal(again(x), first(x))


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_dict_has_the_options(kind):
    model = learn.WilsonCowanModel.plant(
        CLASSES, NODES, kind, steps=9, dt=0.05, parameters={"gamma": 0.25}, dtype="float64"
    )
    first, second = moved(WilsonCowan.from_model(model)), layer(kind)
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(torch.tensor(X)), second(torch.tensor(X)))
    assert second.to_model().steps == 9


def test_a_state_dict_of_other_patterns_is_refused():
    targets = np.random.default_rng(5).permuted(layer().to_model().targets, axis=1)
    coupling = an.wilson_cowan.ProjectedCoupling.plant(targets)
    other = WilsonCowan.from_model(learn.WilsonCowanModel(coupling, targets))
    made = layer()
    with pytest.raises(RuntimeError, match="targets are others than the layer's; from_model"):
        made.load_state_dict(other.state_dict())
    with pytest.raises(RuntimeError, match="targets are others than the layer's"):
        made.load_state_dict(WilsonCowan(NODES, 2).state_dict())


@pytest.mark.parametrize("kind", KINDS)
def test_other_types(kind):
    made = moved(layer(kind, torch.float32))
    before = made.to_model()
    x = torch.tensor(X)
    assert made.double().to_model().dtype == np.float64
    assert torch.autograd.gradcheck(made, (x.requires_grad_(),))
    made(x).sum().backward()
    assert made.gamma.grad.dtype == torch.float64
    again = made.float().to_model()
    assert again.dtype == np.float32
    assert np.array_equal(again.settle(X).x, before.settle(X).x)
    with pytest.raises(TypeError, match=r"the layer is torch.float16: expected torch.float32 or"):
        made.half()(x.half())


@pytest.mark.parametrize("kind", KINDS)
def test_models_and_layers(kind):
    model = learn.WilsonCowanModel.plant(CLASSES, NODES, kind, steps=9, dtype="float64")
    made = WilsonCowan.from_model(model)
    again = made.to_model()
    assert np.array_equal(again.settle(X).x, model.settle(X).x)
    assert repr(made) == "WilsonCowan(12, 3, steps=9, dt=0.1)"
    assert np.array_equal(made.targets.numpy(), model.targets)


def test_no_copy_of_states():
    made = layer(dtype=torch.float32)
    states = made(torch.tensor(X, dtype=torch.float32))
    assert states.dtype == torch.float32
    assert not states.numpy(force=True).flags.owndata  # the core's memory


@pytest.mark.parametrize("kind", KINDS)
def test_it_trains_behind_other_layers(kind):
    torch.manual_seed(0)
    front = torch.nn.Sequential(torch.nn.Linear(5, NODES), torch.nn.Sigmoid())
    made = layer(kind, torch.float32)
    network = torch.nn.Sequential(front, made)
    x = torch.randn(90, 5)
    labels = torch.arange(90) % CLASSES
    x[torch.arange(90), labels] += 3.0
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(150):
        states = network(x)
        loss = torch.nn.functional.nll_loss(made.probabilities(states).log(), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    right = made.probabilities(network(x)).argmax(dim=1) == labels
    assert right.float().mean() > 0.9


def test_training_curves_are_as_good_as_torch_s():
    """float32, from the same start: the driver's Adam and torch's."""
    labels = np.arange(120) % CLASSES
    x = np.random.default_rng(3).uniform(0.0, 0.6, (120, NODES)).astype(np.float32)
    for k in range(CLASSES):
        x[labels == k, 4 * k : 4 * k + 4] += 0.4
    model = learn.WilsonCowanModel.plant(CLASSES, NODES, steps=15)
    made = WilsonCowan.from_model(model)
    options = {"schedule": "constant", "warm_up": 0, "beta2": 0.999, "batch_size": 120}
    rates = {"learning_rate": 0.02, "gamma_rate": 0.02}
    ours = learn.train(model, x, labels, epochs=40, validation=None, **options, **rates).history
    optimiser = torch.optim.Adam(made.parameters(), lr=0.02, eps=1e-7)
    theirs = []
    for _ in range(40):
        q = made.probabilities(made(torch.from_numpy(x)))
        loss = torch.nn.functional.nll_loss(q.log(), torch.from_numpy(labels))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        theirs.append(loss.item())
    # Rounding is amplified as training goes on: at first the same, in the end as low.
    np.testing.assert_allclose([record.loss for record in ours[:10]], theirs[:10], rtol=2e-3)
    assert ours[-1].loss == pytest.approx(theirs[-1], rel=0.1)


def test_gamma_has_a_least_value():
    made = layer()
    with torch.no_grad():
        made.gamma.fill_(-1.0)
    made(torch.tensor(X)).sum().backward()
    assert made.gamma.grad.item() == 0.0
    assert made.to_model().gamma == 0.05


def test_bad_arguments():
    made = layer()
    with pytest.raises(TypeError, match=r"x is torch.float32: expected torch.float64"):
        made(torch.tensor(X, dtype=torch.float32))
    with pytest.raises(ValueError, match=r"x has shape \(4, 11\): expected \(batch, 12\)"):
        made(torch.tensor(X[:, 1:]))
    with pytest.raises(TypeError, match=r"WilsonCowan: x = .*expected a Tensor \(batch, nodes\)"):
        made(X)
    with pytest.raises(ValueError, match=r"states has shape \(12,\): expected \(batch, 12\)"):
        made.probabilities(made(torch.tensor(X))[0])
    with pytest.raises(TypeError, match=r"from_model: model = 3: expected a WilsonCowanModel"):
        WilsonCowan.from_model(3)
    with pytest.raises(ValueError, match=r"x is on meta: expected cpu, where the layer is"):
        made(torch.tensor(X).to("meta"))
    with pytest.raises(ValueError, match="x0 holds nan"):
        made(torch.full((2, NODES), torch.nan, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"WilsonCowan: dtype = torch.float16: expected torch.flo"):
        layer(dtype=torch.float16)
    with pytest.raises(ValueError, match="nodes = 4: expected at least"):
        WilsonCowan(4, 3)


def test_the_module_has_it():
    assert an.torch.WilsonCowan is WilsonCowan
