"""The build and what it installs: C++ tests, downstream CMake projects, the loader, the sdist."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

import attractornet
from attractornet import _loader

ROOT = Path(__file__).resolve().parents[2]
CPP_TESTS = ROOT / "tests" / "cpp"
JOBS = "2"


def run(*command, cwd=ROOT, **env):
    """Output of a command that must succeed; `env` adds to the environment."""
    # CMake and Ninja may be this environment's, which need not be activated.
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, **env}
    if shutil.which("ninja", path=path):
        environment.setdefault("CMAKE_GENERATOR", "Ninja")
    done = subprocess.run(
        [shutil.which(command[0], path=path) or command[0], *map(str, command[1:])],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        words = " ".join(map(str, command))
        pytest.fail(f"{words}\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


def python(*arguments, **env):
    """Output of this Python, run outside the sources."""
    return run(sys.executable, *arguments, cwd=Path(sys.prefix), **env)


def refused(*arguments, **env):
    """Error output of this Python for something that must fail."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=sys.prefix,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    return done.stderr


# ------------------------------------------------------------------------------------- the C++ side


@pytest.fixture(scope="session")
def configured():
    """Folder of the configured `dev` preset; kept, so that a second run builds only changes."""
    run("cmake", "--preset", "dev", f"-DPython_EXECUTABLE={sys.executable}")
    return ROOT / "build" / "dev"


def test_cpp(configured):
    run("cmake", "--build", "--preset", "dev", "--parallel", JOBS)
    print(run("ctest", "--preset", "dev", "--parallel", JOBS))


def requires(tool, packages):
    return pytest.mark.skipif(not shutil.which(tool), reason=f"apt-get install {packages}")


@pytest.mark.slow
@pytest.mark.parametrize(
    "preset",
    [
        "generic",
        pytest.param(
            "aarch64",
            marks=[
                requires("aarch64-linux-gnu-g++", "g++-aarch64-linux-gnu"),
                requires("qemu-aarch64-static", "qemu-user-static"),
            ],
        ),
        "asan",
        "tsan",
    ],
)
def test_workflow(preset):
    """`cmake --workflow --preset ...` in its three steps, the first of which takes options."""
    if preset in ("asan", "tsan"):
        pytest.importorskip("pybind11")
    run("cmake", "--preset", preset, f"-DPython_EXECUTABLE={sys.executable}")
    run("cmake", "--build", "--preset", preset, "--parallel", JOBS)
    print(run("ctest", "--preset", preset))


def test_every_cpp_source_is_built():
    """Sources are listed by name, and a forgotten one would never run."""
    for folder, pattern in [(CPP_TESTS, "*/test_*.cpp"), (ROOT / "cpp" / "examples", "**/*.cpp")]:
        listed = "".join(file.read_text() for file in folder.rglob("CMakeLists.txt"))
        for source in folder.glob(pattern):
            assert re.search(rf"\b{source.stem}\b", listed), f"{source} is not in CMakeLists.txt"


# ---------------------------------------------------------------------------- downstream, in CMake


@pytest.fixture(params=["prefix", "wheel"])
def package(request, tmp_path):
    """Folder of the CMake package, in a staged install and in the installed Python package."""
    if request.param == "wheel":
        return Path(python("-m", "attractornet", "--cmake-dir").strip())
    request.getfixturevalue("configured")
    run("cmake", "--install", "build/dev", "--prefix", tmp_path / "prefix")
    return next((tmp_path / "prefix").glob("lib*/cmake/attractornet"))


def configure_consumer(build, *options):
    run(
        "cmake",
        *("-S", ROOT / "tests" / "consume", "-B", build),
        "-DCMAKE_BUILD_TYPE=Release",
        "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror",
        "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
        *options,
    )
    return (build / "compile_commands.json").read_text()


def check_consumer(program):
    version, *numbers = run(program).split()
    assert version == importlib.metadata.version("attractornet")
    # Compiled without -march: equal to rounding where there is no fma, else to the bit.
    network = attractornet.feedback.PUBLISHED[2].network()
    spectrum = attractornet.lyapunov_spectrum(network, steps=2000, discard=500)
    expected = [*network.trajectory(5).ravel(), *spectrum.exponents[:3]]
    assert [float(number) for number in numbers] == pytest.approx(expected, rel=1e-9)


def test_consumer(package, tmp_path):
    command = configure_consumer(tmp_path / "build", f"-Dattractornet_DIR={package}")
    prefix = package.parents[2]
    assert f"{prefix}/include/attractornet/third_party/eigen" in command
    assert "-ffp-contract=off" in command
    assert str(ROOT / "cpp") not in command
    run("cmake", "--build", tmp_path / "build")
    check_consumer(tmp_path / "build" / "consume")


def test_consumer_of_the_sources(tmp_path):
    command = configure_consumer(
        tmp_path / "build", f"-DCONSUME_SOURCES={ROOT}", f"-DPython_EXECUTABLE={sys.executable}"
    )
    assert str(ROOT / "cpp" / "include") in command
    assert "-ffp-contract=off" in command
    run("cmake", "--build", tmp_path / "build")
    check_consumer(tmp_path / "build" / "consume")
    # What is ours stays ours: only the consumer's program is installed.
    run("cmake", "--install", tmp_path / "build", "--prefix", tmp_path / "prefix")
    installed = [file.name for file in (tmp_path / "prefix").rglob("*") if file.is_file()]
    assert installed == ["consume"]


def test_consumer_behind_scikit_build_core(tmp_path):
    """No hint: scikit-build-core asks the entry point `cmake.root`."""
    run(
        *(sys.executable, "-m", "pip", "wheel", ROOT / "tests" / "consume"),
        *("--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", tmp_path),
        *("-C", f"build-dir={tmp_path / 'build'}"),
    )
    (wheel,) = tmp_path.glob("consume-*.whl")
    shutil.unpack_archive(wheel, tmp_path / "wheel", "zip")
    program = tmp_path / "wheel" / "consume" / "consume"
    program.chmod(0o755)
    check_consumer(program)


def test_simulator_builds_on_its_own(tmp_path):
    """The example's folder is a project, here against the installed package."""
    source = shutil.copytree(ROOT / "cpp" / "examples" / "simulator", tmp_path / "source")
    package = python("-m", "attractornet", "--cmake-dir").strip()
    run(
        *("cmake", "-S", source, "-B", tmp_path / "build", "-DCMAKE_BUILD_TYPE=Release"),
        f"-Dattractornet_ROOT={package}",
    )
    run("cmake", "--build", tmp_path / "build")
    simulator = tmp_path / "build" / "simulator"
    table, spectrum = run(simulator, "feel=0").split("Lyapunov exponents per second:\n")
    assert len(table.splitlines()) == 11
    # A cart that is not felt leaves the network its exponents, which Python knows too.
    network = attractornet.FeedbackNetwork.random(neurons=8, inputs=12, scale=1.5, seed=3)
    alone = attractornet.lyapunov_spectrum(network, steps=100_000)
    exponents = [float(line.split()[0]) for line in spectrum.splitlines()[:3]]
    assert exponents == pytest.approx(alone.exponents[:3] / 0.1, abs=0.03)
    wrong = subprocess.run([simulator, "mass=0"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr == "Cart: mass = 0: expected a value in (0, inf)\n"


def test_readme_program(tmp_path):
    """README's C++ is built as it stands, against the installed package, and agrees with Python."""
    source = tmp_path / "source"
    shutil.copytree(ROOT / "tests" / "consume", source)
    readme = (ROOT / "README.md").read_text()
    (program,) = re.findall(r"^```cpp\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    (source / "main.cpp").write_text(program)
    package = python("-m", "attractornet", "--cmake-dir").strip()
    run(
        *("cmake", "-S", source, "-B", tmp_path / "build", "-DCMAKE_BUILD_TYPE=Release"),
        f"-Dattractornet_ROOT={package}",
    )
    run("cmake", "--build", tmp_path / "build")
    numbers = [float(number) for number in run(tmp_path / "build" / "consume").split()]
    network = attractornet.feedback.PUBLISHED[2].network()
    spectrum = attractornet.lyapunov_spectrum(network, steps=50_000)
    assert numbers == pytest.approx(spectrum.exponents[:3], abs=1e-7)


def test_consumer_keeps_its_own_eigen_and_arithmetic(package, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    command = configure_consumer(
        tmp_path / "build",
        f"-Dattractornet_DIR={package}",
        f"-DCONSUME_EIGEN={own}",
        "-DATTRACTORNET_STRICT_FP=OFF",
    )
    assert str(own) in command
    assert "third_party/eigen" not in command
    assert "-ffp-contract" not in command


# -------------------------------------------------------------------------------------- the loader


def test_levels_of_cpus(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    v2 = _loader.LEVELS["x86-64-v2"]
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: fpu sse2 {v2}\nbugs\t\t: none\n")
    assert _loader.runnable_levels(_loader.cpu_flags(cpuinfo)) == ["generic", "x86-64-v2"]
    assert _loader.runnable_levels(_loader.cpu_flags(tmp_path / "absent")) == ["generic"]
    every = set(" ".join(_loader.LEVELS.values()).split())
    assert _loader.runnable_levels(every) == list(_loader.LEVELS)
    # One feature less, and the levels that build on it are gone too.
    assert _loader.runnable_levels(every - {"fma"}) == ["generic", "x86-64-v2"]


@pytest.fixture
def cores(tmp_path, monkeypatch):
    """Makes a package of two folders, with empty core files for the levels given."""
    monkeypatch.delenv(_loader.OVERRIDE, raising=False)

    def make(machine, *levels):
        monkeypatch.setattr(_loader, "runnable_levels", lambda flags: machine)
        for level in levels:
            (tmp_path / "b" / "_isa" / level).mkdir(parents=True)
            (tmp_path / "b" / "_isa" / level / f"_core{EXTENSION_SUFFIXES[0]}").touch()
        return [str(tmp_path / "a"), str(tmp_path / "b")]

    return make


def test_best_runnable_level_is_chosen(cores):
    folders = cores(["generic", "x86-64-v2", "x86-64-v3"], "x86-64-v2", "x86-64-v4")
    assert _loader.choose(folders).parent.name == "x86-64-v2"


def test_override_names_the_level(cores, monkeypatch):
    folders = cores(["generic", "x86-64-v2"], "x86-64-v2", "x86-64-v4")
    monkeypatch.setenv(_loader.OVERRIDE, "x86-64-v4")
    assert _loader.choose(folders).parent.name == "x86-64-v4"
    monkeypatch.setenv(_loader.OVERRIDE, "x86-64-v3")
    with pytest.raises(ImportError, match=r"LEVEL=x86-64-v3: .* there is: x86-64-v2, x86-64-v4"):
        _loader.choose(folders)


def test_lesser_machine_is_told_what_to_do(cores):
    folders = cores(["generic", "x86-64-v2"], "x86-64-v4")
    with pytest.raises(ImportError, match=r"sets x86-64-v4, .* most x86-64-v2: reinstall"):
        _loader.choose(folders)


def test_another_pythons_core_is_no_core(cores):
    folders = cores(["generic"])
    stray = Path(folders[0], "_isa", "generic", "_core.cpython-30-riscv64-linux-gnu.so")
    stray.parent.mkdir(parents=True)
    stray.touch()
    with pytest.raises(ImportError, match="instruction sets none"):
        _loader.choose(folders)


def test_core_is_imported_by_its_own_name():
    """As a pickle does in a fresh process, where the package has not touched the core yet."""
    code = "import sys, attractornet._core as c; print(c.__name__, c is sys.modules[c.__name__])"
    assert python("-c", code).split() == ["attractornet._core", "True"]


def test_unknown_level_is_refused():
    message = refused("-c", "import attractornet._core", **{_loader.OVERRIDE: "x86-64-v9"})
    assert f"ImportError: {_loader.OVERRIDE}=x86-64-v9" in message


def test_cmake_dir_does_not_load_the_core():
    # A core that cannot be loaded does not matter.
    python("-m", "attractornet", "--cmake-dir", **{_loader.OVERRIDE: "x86-64-v9"})
    (entry,) = importlib.metadata.entry_points(group="cmake.root", name="attractornet")
    code = f"import sys, {entry.value}; print('attractornet._core' in sys.modules)"
    assert python("-c", code).strip() == "False"


# ---------------------------------------------------------------------------------- what is shipped

SHIPPED = [
    r"_core/__init__\.pyi",
    r"_isa/[^/]+/_core\..*",
    r"py\.typed",
    r"include/attractornet/core/math\.hpp",
    r"include/attractornet/version\.hpp",
    r"include/attractornet/third_party/eigen/Eigen/Core",
    r"include/attractornet/third_party/eigen/COPYING\.MPL2",
    r"lib/cmake/attractornet/attractornetConfig\.cmake",
]


def check_shipped(files):
    for pattern in SHIPPED:
        assert any(re.fullmatch(f"attractornet/{pattern}", file) for file in files), pattern
    top_level = {file.split("/")[0] for file in files if not file.startswith("..")}
    assert {name.split("-")[0] for name in top_level} == {"attractornet"}
    assert not any("unsupported" in file for file in files)


def test_installed_files():
    if len(attractornet.__path__) > 1:
        pytest.skip("an editable install lies in two places")
    files = importlib.metadata.files("attractornet")
    check_shipped([str(file) for file in files])


def test_types(tmp_path):
    """Our Python and the generated stubs, as mypy sees them in the installed package."""
    if len(attractornet.__path__) > 1:
        pytest.skip("an editable install lies in two places")
    cache = ROOT / "build" / "mypy"
    config = ROOT / "pyproject.toml"
    run(
        *(sys.executable, "-m", "mypy", "--config-file", config, "--cache-dir", cache),
        cwd=tmp_path,  # elsewhere, so that the sources are not found instead
    )


@pytest.mark.slow
def test_sdist_builds_without_network(tmp_path):
    """Needs the build requirements of pyproject.toml in this environment."""
    build = "import sys; from scikit_build_core.build import build_sdist; build_sdist(sys.argv[1])"
    run(sys.executable, "-c", build, tmp_path)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as sdist:
        sdist.extractall(tmp_path, filter="data")
    source = next(tmp_path.glob("attractornet-*/"))
    # Without a Python to ask for cmeel-eigen, the sdist's own copy is the next in line.
    offline = "-DCMAKE_DISABLE_FIND_PACKAGE_Python=ON"
    output = run("cmake", "-S", source, "-B", tmp_path / "build", offline)
    assert f"Eigen: {source}/third_party/eigen/include" in output
    run(
        *(sys.executable, "-m", "pip", "wheel", source, "--wheel-dir", tmp_path / "wheel"),
        *("--no-deps", "--no-index", "--no-build-isolation"),
    )
    with zipfile.ZipFile(next((tmp_path / "wheel").glob("*.whl"))) as wheel:
        check_shipped(wheel.namelist())
