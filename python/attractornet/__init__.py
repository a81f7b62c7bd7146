"""Attractor dynamics of neural networks: simulate, measure, train, scan.

Everything public is here; `help(attractornet.FeedbackNetwork)` and `fields()` tell the rest.
"""

from attractornet import _loader

_loader.install()

from attractornet._core import (  # noqa: E402
    BackendUnavailable,
    FeedbackNetwork,
    Field,
    InternalError,
    LyapunovSpectrum,
    OriginStability,
    System,
    __version__,
    fields,
    info,
    lyapunov_spectrum,
)

from . import feedback, math, plot  # noqa: E402

__all__ = [
    "BackendUnavailable",
    "FeedbackNetwork",
    "Field",
    "InternalError",
    "LyapunovSpectrum",
    "OriginStability",
    "System",
    "__version__",
    "feedback",
    "fields",
    "info",
    "lyapunov_spectrum",
    "math",
    "plot",
]
