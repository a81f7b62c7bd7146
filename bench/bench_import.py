"""Import of the package.

Question
    How long does `import attractornet` take, with its core and NumPy, beyond NumPy alone?
Rival
    `import numpy`.
Method
    The core is loaded at the first use of a name, so a name is used; arrays need NumPy, so that is
    imported on both sides. Fresh interpreters in turn, each with one import timed from inside
    (wall time, so the start of the interpreter does not count), files already cached by a first
    round; the goal holds for the difference of a pair.
"""

from __future__ import annotations

import subprocess
import sys

from harness import Effort, Row, Spread

CODE = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
NUMPY = "import numpy"
OURS = "import numpy; import attractornet; attractornet.FeedbackNetwork"


def run(effort: Effort) -> list[Row]:
    """Measure the two imports."""
    _milliseconds(NUMPY)
    _milliseconds(OURS)
    pairs = [(_milliseconds(OURS), _milliseconds(NUMPY)) for _ in range(effort.pairs)]
    numpy = Spread.of(b for _, b in pairs).median
    whole = Spread.of(a for a, _ in pairs).median
    over = Spread.of(a - b for a, b in pairs)
    detail = f"numpy {numpy:.3g} ms, attractornet with it {whole:.3g} ms"
    return [Row("import, beyond numpy", "ms", over, 50.0, at_most=True, detail=detail)]


def _milliseconds(statements: str) -> float:
    # -P: the working directory must not hide the installed package.
    command = [sys.executable, "-P", "-c", CODE.format(statements)]
    return 1e3 * float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
