"""Pictures of attractors and of what was measured on them, with Matplotlib (the extra "plot").

Every function takes ``ax=None``, a new figure where it is None, and returns the Axes it drew on;
none calls ``show()``.
"""

from attractornet.plot._attractor import attractor
from attractornet.plot._basins import basins
from attractornet.plot._chaos_fraction import chaos_fraction
from attractornet.plot._common import require_matplotlib
from attractornet.plot._dimension import correlation_dimension
from attractornet.plot._history import confusion, history, scaling
from attractornet.plot._images import images
from attractornet.plot._nodes import bifurcation, phase_plane, profile, stability
from attractornet.plot._phase_diagram import phase_diagram
from attractornet.plot._recall import recall
from attractornet.plot._recurrence import recurrence
from attractornet.plot._scan_map import scan_map
from attractornet.plot._settling import settling
from attractornet.plot._spectra import convergence, spectrum
from attractornet.plot._traces import energy, overlaps
from attractornet.plot._weights import weights

__all__ = [
    "attractor",
    "basins",
    "bifurcation",
    "chaos_fraction",
    "confusion",
    "convergence",
    "correlation_dimension",
    "energy",
    "history",
    "images",
    "overlaps",
    "phase_diagram",
    "phase_plane",
    "profile",
    "recall",
    "recurrence",
    "require_matplotlib",
    "scaling",
    "scan_map",
    "settling",
    "spectrum",
    "stability",
    "weights",
]
