"""Attractor dynamics of neural networks, with numbers that can be trusted.

Everything public is here; `help(attractornet.FeedbackNetwork)` and `fields()` tell the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attractornet import _loader

_loader.install()

# The core is loaded at the first use of a name: what only asks where the package lies, such as a
# build that wants its CMake files, works on a machine that cannot run it.
if TYPE_CHECKING:
    from attractornet import (
        datasets,
        feedback,
        hopfield,
        learn,
        math,
        plot,
        textbook,
        wilson_cowan,
    )
    from attractornet import torch as torch  # not in __all__: a star would need torch itself
    from attractornet._core import (
        Attractor,
        AttractorSet,
        BackendUnavailable,
        Basins,
        Classification,
        ContinuousHopfield,
        CorrelationDimension,
        DenseAssociativeMemory,
        Discretised,
        FeedbackNetwork,
        Field,
        Flow,
        HopfieldNetwork,
        InternalError,
        LyapunovSpectrum,
        OriginStability,
        Recurrence,
        Solution,
        System,
        WilsonCowanNetwork,
        WilsonCowanNode,
        ZeroOne,
        __version__,
        attractors,
        basins,
        classify,
        correlation_dimension,
        fields,
        info,
        integrate,
        lyapunov_spectrum,
        recurrence,
        zero_one_test,
    )
    from attractornet._scan import (
        Grid,
        Sample,
        ScanResult,
        ScanStatus,
        ScanVerification,
        end_with_parent,
        scan,
        scan_open,
        scan_status,
        scan_verify,
    )

__all__ = [
    "Attractor",
    "AttractorSet",
    "BackendUnavailable",
    "Basins",
    "Classification",
    "ContinuousHopfield",
    "CorrelationDimension",
    "DenseAssociativeMemory",
    "Discretised",
    "FeedbackNetwork",
    "Field",
    "Flow",
    "Grid",
    "HopfieldNetwork",
    "InternalError",
    "LyapunovSpectrum",
    "OriginStability",
    "Recurrence",
    "Sample",
    "ScanResult",
    "ScanStatus",
    "ScanVerification",
    "Solution",
    "System",
    "WilsonCowanNetwork",
    "WilsonCowanNode",
    "ZeroOne",
    "__version__",
    "attractors",
    "basins",
    "classify",
    "correlation_dimension",
    "datasets",
    "end_with_parent",
    "feedback",
    "fields",
    "hopfield",
    "info",
    "integrate",
    "learn",
    "lyapunov_spectrum",
    "math",
    "plot",
    "recurrence",
    "scan",
    "scan_open",
    "scan_status",
    "scan_verify",
    "textbook",
    "wilson_cowan",
    "zero_one_test",
]

_MODULES = (
    "datasets",
    "feedback",
    "hopfield",
    "learn",
    "math",
    "plot",
    "textbook",
    "torch",
    "wilson_cowan",
)

if not TYPE_CHECKING:  # a type checker would take every name for granted

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        core = import_module(f"{__name__}._core")
        value = getattr(core if hasattr(core, name) else import_module(f"{__name__}._scan"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
