"""Hopfield networks: the core against the oracle and the literature."""

import pickle

import numpy as np
import pytest
from reference import hopfield as reference

import attractornet as an


def test_the_critical_load_is_the_oracles():
    found, expected = an.hopfield.critical_load(), reference.critical_load()
    assert found.alpha == pytest.approx(expected.alpha, rel=1e-12)
    assert found.overlap == pytest.approx(expected.overlap, rel=1e-12)
    assert repr(found).startswith("CriticalLoad(alpha 0.13790")
    assert pickle.loads(pickle.dumps(found)).alpha == found.alpha


@pytest.mark.parametrize("temperature", [0.0, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1, 0.15])
def test_overlaps_are_the_oracles(alpha, temperature):
    expected = reference.mean_field(alpha, temperature).m
    found = an.hopfield.mean_field_overlap(alpha, temperature)
    assert found == pytest.approx(expected if expected > 0.1 else 0.0, abs=1e-8)


def test_retrieval_ends_at_its_temperature():
    for alpha in (0.01, 0.05, 0.1):
        end = an.hopfield.retrieval_temperature(alpha)
        assert an.hopfield.mean_field_overlap(alpha, 0.999 * end) > 0.5
        assert an.hopfield.mean_field_overlap(alpha, 1.001 * end) == 0.0
        assert an.hopfield.critical_load(end).alpha == pytest.approx(alpha, rel=1e-9)
    small = 1e-4
    assert 1.0 - an.hopfield.retrieval_temperature(small) == pytest.approx(
        1.95 * np.sqrt(small), rel=0.05
    )


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"mean_field_overlap: alpha = -1: expected a value in"):
        an.hopfield.mean_field_overlap(-1.0)
    with pytest.raises(TypeError, match=r"temperature = 'x': expected a"):
        an.hopfield.critical_load(temperature="x")
