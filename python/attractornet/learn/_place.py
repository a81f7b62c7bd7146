"""Where epochs are computed: by the core, or on a CUDA device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from attractornet import _check, _device
from attractornet._core.learn import Epoch, train_epoch
from attractornet._device import Device, Products
from attractornet.learn._model import WilsonCowanModel


@dataclass(frozen=True, slots=True)
class Place:
    """Where epochs are computed."""

    device: Device = "cpu"
    products: Products = "float32"

    @classmethod
    def of(
        cls, where: str, model: WilsonCowanModel, loss: object, device: object, products: object
    ) -> Place:
        """Where a training of this model can be."""
        place = _device.read(where, device)
        how = _device.products(where, place, products)
        if place == "cuda":
            model._expect_on_device(where)
            if not isinstance(loss, str):
                expected = "one with a name, where device = 'cuda'"
                _check.refuse(ValueError, f"{where}: loss", loss, expected)
        return cls(place, how)

    def examples(self, x: NDArray[Any]) -> Any:
        """Examples where epochs take them."""
        return x if self.device == "cpu" else _device.backend("train").Examples(x)

    def epoch(self, *arguments: Any, **options: Any) -> Epoch:
        """One epoch, as `train_epoch` makes it."""
        if self.device == "cpu":
            return train_epoch(*arguments, **options)
        made: Epoch = _device.backend("train").train_epoch(
            *arguments, products=self.products, **options
        )
        return made
