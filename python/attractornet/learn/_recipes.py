"""Ways to train that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from attractornet import _check


@dataclass(frozen=True, slots=True)
class Recipe:
    """Arguments that go together.

    Attributes
    ----------
    model
        Of `WilsonCowanModel.plant`.
    training
        Of `train`.
    """

    model: Mapping[str, Any]
    training: Mapping[str, Any]


_RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "projected": Recipe({"coupling": "projected"}, {}),
        "spectral": Recipe({"coupling": "spectral"}, {}),
        "paper": Recipe(
            {"coupling": "spectral", "parameters": {"gamma": 0.25}},
            {
                "epochs": 525,
                "learning_rate": 0.1,
                "eigenvalue_rate": 0.1,
                "gamma_rate": 0.1,
                "schedule": "constant",
                "warm_up": 0,
                "loss": "mean_square",
                "orthogonality": 0.01,
                "noise": 0.0,
                "beta2": 0.999,
                "epsilon": 1e-7,
                "keep": "last",
            },
        ),
    }
)


def recipe(name: str) -> Recipe:
    """Arguments of `WilsonCowanModel.plant` and `train` that go together.

    Parameters
    ----------
    name
        "projected" or "spectral", the defaults with one of both couplings; "paper", what the
        authors' code does: their coupling and its orthogonality penalty, all learning rates 0.1
        and constant, the mean square over nodes, no noise, gamma from 0.25, 525 epochs (350
        of Fashion-MNIST, with 35 steps).

    Returns
    -------
    Recipe
        Its parts, `model` and `training`, are keyword arguments.

    References
    ----------
    R. Marino et al., arXiv:2406.16453.

    Examples
    --------
    >>> paper = recipe("paper")
    >>> model = WilsonCowanModel.plant(10, 784, **paper.model)
    >>> training = train(model, images, labels, **{**paper.training, "epochs": 60})
    """
    return _RECIPES[_check.choice("recipe: name", name, tuple(_RECIPES))]
