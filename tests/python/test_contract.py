"""What every system promises, and every field list; a new family adds one line to a table."""

import functools
import inspect
import math
import pickle

import numpy as np
import pytest

import attractornet as an

# Makes each system that the package exports, from a seed; small, and away from any special point.
SYSTEMS = {
    an.FeedbackNetwork: lambda seed: an.FeedbackNetwork.random(
        neurons=3, inputs=5, scale=1.7, seed=seed
    ),
}
# Calls whatever takes the fields of that class or function.
TAKERS = {
    an.FeedbackNetwork: an.FeedbackNetwork.random,
    an.lyapunov_spectrum: functools.partial(
        an.lyapunov_spectrum, an.FeedbackNetwork.random(inputs=2)
    ),
}

FIELDS = [
    pytest.param(subject, field, id=f"{subject.__name__}-{field.name}")
    for subject in TAKERS
    for field in an.fields(subject)
]


@pytest.fixture(
    params=[(cls, seed) for cls in SYSTEMS for seed in range(3)],
    ids=lambda made: f"{made[0].__name__}-{made[1]}",
)
def system(request):
    cls, seed = request.param
    return SYSTEMS[cls](seed)


def states(system, count=2):
    return np.random.RandomState(3).uniform(-1.5, 1.5, (count, system.dimension))


def vectors(system, columns=()):
    return np.random.RandomState(4).standard_normal((system.dimension, *columns))


# --- the lists are complete -----------------------------------------------------------------------


def test_every_exported_system_is_under_contract():
    exported = {
        value
        for value in (getattr(an, name) for name in an.__all__)
        if inspect.isclass(value) and issubclass(value, an.System)
    }
    assert exported - {an.System} == set(SYSTEMS)


def test_every_field_list_is_under_contract():
    listed = set()
    for name in an.__all__:
        try:
            an.fields(getattr(an, name))
        except TypeError:
            continue
        listed.add(getattr(an, name))
    assert listed == set(TAKERS)


# --- systems --------------------------------------------------------------------------------------


def test_dimensions_agree(system):
    n = system.dimension
    (y,) = states(system, 1)
    assert isinstance(n, int)
    assert system.start().shape == (n,)
    assert system.step(y).shape == (n,)
    assert system.jacobian(y).shape == (n, n)
    assert system.jvp(y, vectors(system)).shape == (n,)
    assert system.vjp(y, vectors(system)).shape == (n,)
    for k in (0, 1, 7):
        assert system.jvp(y, vectors(system, (k,))).shape == (n, k)
    assert an.lyapunov_spectrum(system, steps=40, discard=0).exponents.shape == (n,)


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
    calls = {
        "step": (y,),
        "jacobian": (y,),
        "jvp": (y, many),
        "vjp": (y, v),
        "start": (),
    }
    before = [y.copy(), v.copy(), many.copy(), pickle.dumps(system)]
    first = {name: getattr(system, name)(*args) for name, args in calls.items()}
    an.lyapunov_spectrum(system, steps=100, initial=y)
    again = {name: getattr(system, name)(*args) for name, args in calls.items()}
    # Neither the arguments nor the system changed, and so the answers did not.
    assert np.array_equal(y, before[0])
    assert np.array_equal(v, before[1])
    assert np.array_equal(many, before[2])
    assert pickle.dumps(system) == before[3]
    assert all(np.array_equal(first[name], again[name]) for name in calls)
    assert not any(np.shares_memory(first[name], again[name]) for name in calls)


def test_results_are_the_callers_own(system):
    result = system.start()
    result[:] = 7.0
    assert not np.any(system.start() == 7.0)


def test_the_tangent_is_the_finite_difference(system):
    h = 1e-5
    for y in states(system):
        v = vectors(system)
        difference = (system.step(y + h * v) - system.step(y - h * v)) / (2.0 * h)
        # The error is h^2 times a third derivative, plus rounding over h.
        assert system.jvp(y, v) == pytest.approx(difference, rel=1e-6, abs=1e-7)
        columns = [system.step(y + h * e) - system.step(y - h * e) for e in np.eye(len(y))]
        assert system.jacobian(y) == pytest.approx(np.array(columns).T / (2.0 * h), abs=1e-7)


def test_the_adjoint_is_the_tangents_transpose(system):
    for y in states(system):
        a, v = vectors(system), vectors(system)[::-1]
        assert system.vjp(y, a) @ v == pytest.approx(a @ system.jvp(y, v), rel=1e-12, abs=1e-12)
        jacobian = system.jacobian(y)
        assert system.jvp(y, v) == pytest.approx(jacobian @ v, rel=1e-12, abs=1e-12)
        assert system.vjp(y, a) == pytest.approx(jacobian.T @ a, rel=1e-12, abs=1e-12)


def test_a_trajectory_repeats_the_step(system):
    (y,) = states(system, 1)
    for row in system.trajectory(12, initial=y, observe="y"):
        y = system.step(y)
        assert np.array_equal(row, y)


def same(one, two):
    """Whether two systems are equal in all that they are made of, and behave as one."""
    left, right = one.__getstate__(), two.__getstate__()
    assert list(left) == list(right)
    for key, value in left.items():
        assert type(value) is type(right[key])
        assert np.asarray(value).tobytes() == np.asarray(right[key]).tobytes()
    (y,) = states(one, 1)
    return np.array_equal(one.step(y), two.step(y))


def test_pickles_are_equal(system):
    again = pickle.loads(pickle.dumps(system))
    assert type(again) is type(system)
    assert same(system, again)


def test_saved_files_are_equal(system, tmp_path):
    file = tmp_path / "system.safetensors"
    system.save(file)
    assert same(system, type(system).load(file))


def test_repr_names_the_class_and_fits_a_line(system):
    assert repr(system).startswith(f"{type(system).__name__}(")
    assert "\n" not in repr(system)
    assert len(repr(system)) < 100


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
    text = TAKERS[subject].__doc__ if inspect.isclass(subject) else subject.__doc__
    for field in an.fields(subject):
        assert f"{field.name} : " in text
        assert field.meaning in text


@pytest.mark.parametrize(("subject", "field"), FIELDS)
def test_fields_cannot_be_changed(subject, field):
    with pytest.raises(AttributeError):
        field.default = 3
    assert isinstance(an.fields(subject), tuple)
