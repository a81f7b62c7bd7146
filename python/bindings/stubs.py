"""Write the type stubs of a built core: `python stubs.py CORE_FILE OUTPUT_FOLDER`."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pybind11_stubgen

MODULE = "attractornet._core"

core_file, output = sys.argv[1:]
# An empty package stands in for ours, which may be absent, or installed in another version.
sys.modules["attractornet"] = ModuleType("attractornet")
spec = spec_from_file_location(MODULE, core_file)
sys.modules[MODULE] = module_from_spec(spec)
spec.loader.exec_module(sys.modules[MODULE])
pybind11_stubgen.main([MODULE, "--output-dir", output, "--exit-code"])
