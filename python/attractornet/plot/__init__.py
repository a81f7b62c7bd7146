"""Pictures of attractors and of what was measured on them, with Matplotlib (the extra "plot").

Every function takes ``ax=None``, a new figure where it is None, and returns the Axes it drew on;
none calls ``show()``.
"""

from attractornet.plot._attractor import attractor
from attractornet.plot._common import require_matplotlib
from attractornet.plot._spectra import convergence, spectrum

__all__ = ["attractor", "convergence", "require_matplotlib", "spectrum"]
