"""What every system promises, and every field list; a new family adds one line to a table."""

import copy
import functools
import inspect
import math
import pickle

import numpy as np
import pytest

import attractornet as an

CATALOGUE = {name: getattr(an.textbook, name) for name in an.textbook.__all__}
NETWORK = an.FeedbackNetwork.random(inputs=2)
ORBIT = an.textbook.Henon().trajectory(300)


@functools.wraps(an.HopfieldNetwork.recall)
def recall(**fields):
    """In place of the method, which has no hash."""
    return an.HopfieldNetwork([[0.0]]).recall([1.0], **fields)


recall.__fields_of__ = an.HopfieldNetwork.recall


def varied(cls, seed):
    """One of the textbook's systems, its parameters a little off the textbook's values."""
    return cls(
        **{field.name: round(field.default * (1 - 0.02 * seed), 4) for field in an.fields(cls)}
    )


# Makes each system that the package exports, from a seed; small, and away from any special point.
SYSTEMS = {
    an.FeedbackNetwork: lambda seed: an.FeedbackNetwork.random(
        neurons=3, inputs=5, scale=1.7, seed=seed
    ),
    an.ContinuousHopfield: lambda seed: an.ContinuousHopfield(
        np.random.RandomState(seed).standard_normal((5, 5)), 0.3, gain=1.2, symmetric=False
    ),
    an.DenseAssociativeMemory: lambda seed: an.DenseAssociativeMemory(
        np.random.RandomState(seed).standard_normal((7, 5)), order=math.inf, beta=1.3
    ),
    an.Discretised: lambda seed: an.Discretised(
        varied(an.textbook.Lorenz, seed),
        0.02,
        scheme=["euler", "runge_kutta_4", "dormand_prince"][seed],
    ),
    an.HopfieldNetwork: lambda seed: an.HopfieldNetwork(
        np.random.RandomState(seed).standard_normal((5, 5)), 0.3, symmetric=False
    ),
    an.WilsonCowanNetwork: lambda seed: an.WilsonCowanNetwork(
        np.random.RandomState(seed).standard_normal((3, 3)), scale=0.7, w_ie=2.0, beta_e=1.5
    ),
    an.WilsonCowanNode: functools.partial(varied, an.WilsonCowanNode),
    **{cls: functools.partial(varied, cls) for cls in CATALOGUE.values()},
}
# Those that have a vjp.
ADJOINT = {
    an.ContinuousHopfield,
    an.DenseAssociativeMemory,
    an.FeedbackNetwork,
    an.WilsonCowanNetwork,
    an.WilsonCowanNode,
}
# Those of two-valued units: neither a tangent nor a state to start from.
TWO_VALUED = {an.HopfieldNetwork}
# Where the states of the tests are taken from: elsewhere these jump, or break.
DOMAINS = {an.textbook.GaussMap: (0.55, 0.95), an.textbook.CuspMap: (0.2, 0.9)}
# Calls whatever takes the fields of that class or function.
TAKERS = {
    an.FeedbackNetwork: an.FeedbackNetwork.random,
    an.HopfieldNetwork: an.HopfieldNetwork.random,
    an.ContinuousHopfield: functools.partial(an.ContinuousHopfield, [[0.5]]),
    an.DenseAssociativeMemory: functools.partial(an.DenseAssociativeMemory, [[1.0, -1.0]]),
    an.Discretised: functools.partial(an.Discretised, an.textbook.Lorenz(), 0.1),
    an.attractors: functools.partial(an.attractors, NETWORK, [[0.1, 0.2]]),
    an.basins: functools.partial(an.basins, NETWORK, [0.1], [0.2]),
    an.classify: functools.partial(an.classify, NETWORK),
    an.correlation_dimension: functools.partial(an.correlation_dimension, ORBIT),
    an.integrate: functools.partial(an.integrate, an.textbook.Lorenz(), 1.0),
    an.lyapunov_spectrum: functools.partial(an.lyapunov_spectrum, NETWORK),
    an.recurrence: functools.partial(an.recurrence, ORBIT),
    an.scan: functools.partial(an.scan, an.FeedbackNetwork, an.Grid(neurons=2), ["exponent"]),
    an.zero_one_test: functools.partial(an.zero_one_test, ORBIT[:, 0]),
    an.WilsonCowanNetwork: functools.partial(an.WilsonCowanNetwork, [[0.5]]),
    an.WilsonCowanNode: an.WilsonCowanNode,
    recall: recall,
    **{cls: cls for cls in CATALOGUE.values()},
}

FIELDS = [
    pytest.param(subject, field, id=f"{subject.__name__}-{field.name}")
    for subject in TAKERS
    for field in an.fields(subject)
]


def made(choose):
    """Arguments of parametrize: three systems of every class that is chosen."""
    chosen = [(cls, seed) for cls in SYSTEMS if choose(cls) for seed in range(3)]
    return chosen, [f"{cls.__name__}-{seed}" for cls, seed in chosen]


def each(choose):
    """Mark a test that is of some classes only."""
    cases, names = made(choose)
    return pytest.mark.parametrize("system", cases, ids=names, indirect=True)


EVERY, NAMES = made(lambda cls: True)


@pytest.fixture(params=EVERY, ids=NAMES)
def system(request):
    cls, seed = request.param
    return SYSTEMS[cls](seed)


def is_map(cls):
    return not issubclass(cls, an.Flow)


def has_tangent(cls):
    return cls not in TWO_VALUED


def states(system, count=2):
    domain = DOMAINS.get(type(system), (-1.5, 1.5))
    drawn = np.random.RandomState(3).uniform(*domain, (count, system.dimension))
    return np.sign(drawn) if type(system) in TWO_VALUED else drawn


def vectors(system, columns=()):
    return np.random.RandomState(4).standard_normal((system.dimension, *columns))


def rule(system):
    """What the system is: its step, or the right-hand side of a flow."""
    return "rhs" if isinstance(system, an.Flow) else "step"


def exported():
    """Every public name's value; those of the catalogue and the methods with fields too."""
    named = [getattr(an, name) for name in an.__all__]
    return named + [recall] + list(CATALOGUE.values())


# --- the lists are complete -----------------------------------------------------------------------


def test_every_exported_system_is_under_contract():
    found = {each for each in exported() if inspect.isclass(each) and issubclass(each, an.System)}
    assert found - {an.System, an.Flow} == set(SYSTEMS)


def test_every_field_list_is_under_contract():
    listed = set()
    for subject in exported():
        try:
            an.fields(subject)
        except TypeError:
            continue
        listed.add(subject)
    assert listed == set(TAKERS)


# --- systems --------------------------------------------------------------------------------------


def test_dimensions_agree(system):
    n = system.dimension
    (y,) = states(system, 1)
    assert isinstance(n, int)
    assert getattr(system, rule(system))(y).shape == (n,)
    assert isinstance(system.observe(y), float)


@each(has_tangent)
def test_dimensions_of_tangents_agree(system):
    n = system.dimension
    (y,) = states(system, 1)
    assert system.start().shape == (n,)
    assert system.jacobian(y).shape == (n, n)
    assert system.jvp(y, vectors(system)).shape == (n,)
    if type(system) in ADJOINT:
        assert system.vjp(y, vectors(system)).shape == (n,)
    for k in (0, 1, 7):
        assert system.jvp(y, vectors(system, (k,))).shape == (n, k)
    if is_map(type(system)):
        spectrum = an.lyapunov_spectrum(system, steps=40, discard=0)
        assert spectrum.exponents.shape == (n,)


@pytest.mark.parametrize("size", [-1, 1])
@pytest.mark.parametrize("method", ["step", "jacobian", "jvp", "vjp"])
def test_other_dimensions_are_refused(system, method, size):
    wrong, right = np.zeros(system.dimension + size), np.zeros(system.dimension)
    more = [right] if method in ("jvp", "vjp") else []
    with pytest.raises(ValueError, match=rf"{method}: state has shape"):
        getattr(system, method)(wrong, *more)
    if more:
        with pytest.raises(ValueError, match=rf"{method}: (co)?tangents? has shape"):
            getattr(system, method)(right, wrong)


def test_the_rule_is_pure(system):
    (y,), v, many = states(system, 1), vectors(system), vectors(system, (3,))
    tangent = {"jacobian": (y,), "jvp": (y, many), "start": ()}
    calls = {
        rule(system): (y,),
        "observe": (y,),
        **(tangent if has_tangent(type(system)) else {}),
        **({"vjp": (y, v)} if type(system) in ADJOINT else {}),
    }
    before = [y.copy(), v.copy(), many.copy(), pickle.dumps(system)]
    first = {name: getattr(system, name)(*args) for name, args in calls.items()}
    if is_map(type(system)) and has_tangent(type(system)):
        an.lyapunov_spectrum(system, steps=100, initial=y)
        an.classify(system, y, horizon=1_000)
    again = {name: getattr(system, name)(*args) for name, args in calls.items()}
    # Neither the arguments nor the system changed, and so the answers did not.
    assert np.array_equal(y, before[0])
    assert np.array_equal(v, before[1])
    assert np.array_equal(many, before[2])
    assert pickle.dumps(system) == before[3]
    assert all(np.array_equal(first[name], again[name]) for name in calls)
    assert not any(np.shares_memory(first[name], again[name]) for name in calls)


def test_results_are_the_callers_own(system):
    (y,) = states(system, 1)
    result = getattr(system, rule(system))(y)
    expected = result.copy()
    result[:] = 7.0
    assert np.array_equal(getattr(system, rule(system))(y), expected)


@each(has_tangent)
def test_starts_are_the_callers_own(system):
    result = system.start()
    result[:] = 7.0
    assert not np.any(system.start() == 7.0)


@each(has_tangent)
def test_the_tangent_is_the_finite_difference(system):
    h, image = 1e-5, getattr(system, rule(system))
    for y in states(system):
        v = vectors(system)
        difference = (image(y + h * v) - image(y - h * v)) / (2.0 * h)
        # The error is h^2 times a third derivative, plus rounding over h.
        assert system.jvp(y, v) == pytest.approx(difference, rel=1e-6, abs=1e-7)
        columns = [image(y + h * e) - image(y - h * e) for e in np.eye(len(y))]
        columns = np.array(columns).T / (2.0 * h)
        assert system.jacobian(y) == pytest.approx(columns, rel=1e-8, abs=1e-7)


@each(has_tangent)
def test_the_tangent_is_linear(system):
    for y in states(system):
        v = vectors(system)
        expected = system.jacobian(y) @ v
        assert system.jvp(y, v) == pytest.approx(expected, rel=1e-12, abs=1e-12)
        many = system.jvp(y, vectors(system, (3,)))
        assert many == pytest.approx(system.jacobian(y) @ vectors(system, (3,)), abs=1e-11)


@each(lambda cls: not has_tangent(cls))
def test_a_missing_tangent_is_said_to_be_missing(system):
    y, v = states(system)
    for call in (lambda: system.jacobian(y), lambda: system.jvp(y, v), lambda: an.classify(system)):
        with pytest.raises(
            TypeError, match=f"^{type(system).__name__} has no (tangent|start state)"
        ):
            call()


@each(lambda cls: cls not in ADJOINT)
def test_a_missing_adjoint_is_said_to_be_missing(system):
    with pytest.raises(TypeError, match=f"^{type(system).__name__} has no adjoint$"):
        system.vjp(*states(system))


@each(lambda cls: cls in ADJOINT)
def test_the_adjoint_is_the_tangents_transpose(system):
    for y in states(system):
        a, v = vectors(system), vectors(system)[::-1]
        assert system.vjp(y, a) @ v == pytest.approx(a @ system.jvp(y, v), rel=1e-12, abs=1e-12)
        jacobian = system.jacobian(y)
        assert system.vjp(y, a) == pytest.approx(jacobian.T @ a, rel=1e-12, abs=1e-12)


@each(is_map)
def test_a_trajectory_repeats_the_step(system):
    (y,) = states(system, 1)
    whole = {"observe": "y"} if "observe : " in type(system).trajectory.__doc__ else {}
    for row in system.trajectory(12, initial=y, **whole):
        y = system.step(y)
        assert np.array_equal(row, y, equal_nan=True)


def same(one, two):
    """Whether two systems are equal in all that they are made of, and behave as one."""
    left, right = one.__getstate__(), two.__getstate__()
    assert list(left) == list(right)
    for key, value in left.items():
        assert type(value) is type(right[key])
        if isinstance(value, an.System):
            assert same(value, right[key])
        else:
            assert np.asarray(value).tobytes() == np.asarray(right[key]).tobytes()
    (y,) = states(one, 1)
    return np.array_equal(getattr(one, rule(one))(y), getattr(two, rule(two))(y))


def test_pickles_are_equal(system):
    again = pickle.loads(pickle.dumps(system))
    assert type(again) is type(system)
    assert same(system, again)


@pytest.mark.parametrize("cls", SYSTEMS, ids=lambda cls: cls.__name__)
def test_a_system_that_was_never_made_is_not_pickled(cls):
    # It holds memory that nothing has written.
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=f"^{cls.__name__}.* never initialised"):
            copied(cls.__new__(cls))


@each(lambda cls: hasattr(cls, "save"))
def test_saved_files_are_equal(system, tmp_path):
    file = tmp_path / "system.safetensors"
    system.save(file)
    assert same(system, type(system).load(file))


def test_repr_names_the_class_and_fits_a_line(system):
    assert repr(system).startswith(f"{type(system).__name__}(")
    assert "\n" not in repr(system)
    assert len(repr(system)) < 120


# --- field lists ----------------------------------------------------------------------------------


class TookIt(Exception):
    """A value that should have been refused got through to the work."""


def taken(subject, field, value):
    """Call the subject's taker with one field given; never start long work with a wrong value."""

    def stop(done, total):
        raise TookIt(f"{field.name} = {value!r}")

    guard = {} if inspect.isclass(subject) else {"progress": stop}
    return TAKERS[subject](**{field.name: value}, **guard)


def outside(field):
    """Values that the field's bounds exclude, just beyond them and far away."""
    low, high = field.minimum, field.maximum
    if field.type == "int":
        values = [int(low) - 1, int(high) + 1, -(2**31), -(2**63), 2**63, -(2**80), 2**80]
        values += [np.int64(int(low) - 1)]
    elif field.type == "float":
        values = [math.nan, math.inf, -math.inf, -1e308]
        values += [math.nextafter(low, -math.inf), math.nextafter(high, math.inf)]
        values += [low] * field.minimum_open + [high] * field.maximum_open
    else:
        values = [] if field.type == "bool" else ["", "nonsense", field.choices[0].upper()]
    return [value for value in values if not allowed(field, value)]


def allowed(field, value):
    if field.type not in ("int", "float"):
        return value in field.choices
    above = value > field.minimum if field.minimum_open else value >= field.minimum
    below = value < field.maximum if field.maximum_open else value <= field.maximum
    return bool(above and below)


WRONG_TYPES = {
    "int": [1.0, "1", True, np.True_, [1], 1j, np.array([1]), object(), b"1", math.nan],
    "float": ["1", True, [1.0], 1j, np.array([1.0]), object(), b"1"],
    "bool": [0, 1.0, "yes", [True], object()],
    "str": [0, True, b"uniform", ["uniform"], object()],
}


@pytest.mark.parametrize(("subject", "field"), FIELDS)
def test_out_of_bounds_is_a_value_error_that_names_the_field(subject, field):
    assert outside(field) or field.type == "bool"
    for value in outside(field):
        with pytest.raises(ValueError, match=rf"{subject.__name__}.*: {field.name} = ") as caught:
            taken(subject, field, value)
        message = str(caught.value)
        assert "expected" in message
        if field.choices:
            assert all(f"'{choice}'" in message for choice in field.choices)


@pytest.mark.parametrize(("subject", "field"), FIELDS)
def test_a_wrong_type_is_a_type_error_that_names_the_field(subject, field):
    for value in WRONG_TYPES[field.type] + ([] if field.optional else [None]):
        with pytest.raises(TypeError, match=rf"{subject.__name__}.*: {field.name} = .*: expected"):
            taken(subject, field, value)


@pytest.mark.parametrize(("subject", "field"), FIELDS)
def test_a_field_says_all_about_itself(subject, field):
    assert field.name.isidentifier()
    assert field.type in WRONG_TYPES
    assert len(field.meaning) > 5
    assert (field.type == "str") == bool(field.choices)
    if field.default is None:
        assert field.optional
    else:
        assert type(field.default).__name__ == field.type
        assert field.type == "bool" or allowed(field, field.default)
    assert repr(field) == f"Field({field.name}: {field.type} = {field.default!r})"


@pytest.mark.parametrize("subject", list(TAKERS), ids=lambda subject: subject.__name__)
def test_fields_are_in_the_documentation(subject):
    text = subject.__doc__
    if inspect.isclass(subject):
        made_by = getattr(subject, "random", subject)
        text = made_by.__init__.__doc__ if inspect.isclass(made_by) else made_by.__doc__
    for field in an.fields(subject):
        assert f"{field.name} : " in text
        assert field.meaning in text


def test_fields_of_a_dense_recall_are_those_of_recalls_and_a_tolerance():
    one, other = (an.fields(cls.recall) for cls in (an.HopfieldNetwork, an.DenseAssociativeMemory))
    assert [field.name for field in other] == [*(field.name for field in one), "tolerance"]


@pytest.mark.parametrize(("subject", "field"), FIELDS)
def test_fields_cannot_be_changed(subject, field):
    with pytest.raises(AttributeError):
        field.default = 3
    assert isinstance(an.fields(subject), tuple)


def test_fields_of_a_method_of_an_instance():
    net = an.HopfieldNetwork.store([[1, -1]])
    assert an.fields(net.recall) is an.fields(an.HopfieldNetwork.recall)


# --- progress -------------------------------------------------------------------------------------

SIGNS = np.ones((2, 3))
# Each function with a bar, and what it counts.
BARS = {
    "attractors": ("starts", functools.partial(an.attractors, NETWORK, [[0.1, 0.2]])),
    "basins": ("starts", functools.partial(an.basins, NETWORK, [0.1], [0.2])),
    "classify": ("steps", functools.partial(an.classify, NETWORK)),
    "correlation_dimension": ("points", functools.partial(an.correlation_dimension, ORBIT)),
    "integrate": ("thousandths", functools.partial(an.integrate, an.textbook.Lorenz(), 1.0)),
    "Lyapunov spectrum": ("steps", functools.partial(an.lyapunov_spectrum, NETWORK, steps=100)),
    "recall": ("states", functools.partial(an.HopfieldNetwork.store(SIGNS).recall, SIGNS)),
    "recall, dense": ("states", functools.partial(an.DenseAssociativeMemory(SIGNS).recall, SIGNS)),
    "recall, softmax": (
        "states",
        functools.partial(an.DenseAssociativeMemory(SIGNS, order=math.inf).recall, SIGNS),
    ),
    "recurrence": ("lines", functools.partial(an.recurrence, ORBIT)),
    "scan": (
        "points",
        functools.partial(an.scan, an.FeedbackNetwork, an.Grid(neurons=2), ["exponent"]),
    ),
    "trajectory": ("steps", functools.partial(NETWORK.trajectory, 10)),
    "0-1 test": ("angles", functools.partial(an.zero_one_test, ORBIT[:, 0])),
}


@pytest.mark.parametrize("name", BARS)
def test_a_progress_bar_says_what_it_counts(name, capsys):
    unit, call = BARS[name]
    call(progress=True)
    shown = capsys.readouterr().err
    assert name.partition(",")[0] in shown
    assert f" {unit}/s" in shown
    call(progress=False)
    assert capsys.readouterr().err == ""
