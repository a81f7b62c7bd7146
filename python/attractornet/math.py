"""The core's elementary functions, as its kernels use them."""

from attractornet._core.math import tanh

__all__ = ["tanh"]
