"""Stores: what is there is proven, and what is torn, changed or lost is noticed and made again."""

import contextlib
import errno
import functools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
import scan_cases
from scan_cases import LOGISTIC, MEASURE, NETWORKS, SHORT, digest, mean_output, scanned, tree

import attractornet as an
from attractornet._scan import _ledger, _store
from attractornet._scan._sources import Stored

pytest.importorskip("zarr")
xarray = pytest.importorskip("xarray")

HERE = Path(__file__).parent
LEDGER = "status/ledger"


class Stop(Exception):
    """Ends a scan early."""


def stop_after(points):
    def tell(done, total):
        if done >= points:
            raise Stop

    return tell


@pytest.fixture
def store(tmp_path):
    return tmp_path / "scan.zarr"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store that was written without an interruption."""
    store = tmp_path_factory.mktemp("whole") / "scan.zarr"
    scanned(store=store, chunk_size=3)
    return store


@pytest.fixture(scope="module")
def expected(whole):
    return tree(whole)


def again(store, **options):
    return scanned(store=store, **options)


# --- opening --------------------------------------------------------------------------------------

MANY = np.random.default_rng(0).uniform(0.1, 5.0, 1200)  # more than the ledger has in full


@pytest.mark.parametrize(
    "arguments",
    [
        {"grid": an.Grid(scale=MANY, seed=[3, 1], neurons=3, inputs=2)},
        {"grid": an.Grid(distribution=["uniform", "gaussian"], scale=[1, 2])},
        {"grid": an.Sample(9, {"scale": (0.1, 5.0), "seed": (0, 99)}, inputs=4)},
        {"system": an.textbook.Henon(b=0.2), "grid": an.Grid(a=[1.0, 1.4])},
        {"system": an.Discretised(an.textbook.Lorenz(), 0.01), "grid": an.Grid(rho=[20, 28])},
    ],
)
def test_a_store_opens_without_the_call(store, tmp_path, arguments):
    arguments = {"system": an.FeedbackNetwork, "measure": "exponent", **SHORT, **arguments}
    made = an.scan(store=store, **arguments)
    opened = an.scan_open(store)
    assert opened.to_xarray().identical(made.to_xarray())
    assert opened.columns == made.columns
    assert opened.spec == made.spec
    assert opened.coords.keys() == made.coords.keys()
    for result, name in ((made, "made.csv"), (opened, "opened.csv")):
        result.to_csv(tmp_path / name)
    assert (tmp_path / "made.csv").read_bytes() == (tmp_path / "opened.csv").read_bytes()


def test_an_open_store_checks_what_it_reads(store):
    an.scan(an.FeedbackNetwork, an.Grid(scale=MANY), "exponent", **SHORT, store=store)
    (store / "scale" / "c" / "0").write_bytes(b"")
    with pytest.raises(ValueError, match=r"scan_open: store: .*scale.* not as it was written"):
        an.scan_open(store)


def test_a_store_that_is_not_done_opens(store):
    with pytest.raises(Stop):
        scanned(store=store, chunk_size=3, progress=stop_after(6))
    opened = an.scan_open(store)
    done = an.scan_status(store).points_done
    assert np.count_nonzero(opened["status"] >= 0) == done < opened.points
    assert sum(opened.status_counts.values()) == done


@pytest.mark.parametrize(("store", "error"), [(3, TypeError), (".", ValueError), ("x", ValueError)])
def test_what_is_no_store_does_not_open(store, error):
    with pytest.raises(error, match="scan_open: store"):
        an.scan_open(store)


# --- what is written ------------------------------------------------------------------------------


def test_a_store_is_a_zarr_group_that_others_read(whole):
    result = scanned()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = xarray.open_zarr(whole, consolidated=False, chunks=None)
    for name in result.columns:
        assert data[name].to_numpy().tobytes() == result[name].tobytes(), name
        assert data[name].attrs["long_name"]
    assert data["exponent"].dims == ("seed", "scale")
    assert data["seed"].to_numpy().tolist() == [0, 1, 2, 3]
    assert np.array_equal(data["scale"], np.linspace(0.1, 5.0, 5))
    assert data["neurons"] == 3
    assert "neurons" in data.coords
    spec = json.loads(data.attrs["attractornet_scan"])
    assert spec == result.spec


def test_every_chunk_is_a_file_with_the_asked_codecs(whole, expected):
    tiles = an.scan_status(whole).chunks_total
    chunks = [path for path in expected if path.startswith("exponent/c/")]
    assert len(chunks) == tiles == 8
    codecs = json.loads(expected["exponent/zarr.json"])["codecs"]
    assert [codec["name"] for codec in codecs] == ["bytes", "zstd", "crc32c"]


def test_columns_of_fill_values_are_written(store):
    found = an.scan(an.textbook.Logistic, LOGISTIC, {"n": lambda s: np.nan}, store=store)
    assert np.all(np.isnan(found["n"]))
    assert (store / "n" / "c" / "0").is_file()
    assert an.scan_verify(store).ok


@pytest.mark.parametrize("chunk_size", [1, 4, 1000])
def test_stores_of_every_shape_come_back(store, chunk_size):
    cases = [
        an.Grid(r=3.7),
        an.Grid(),
        an.Grid(r=[3.5]),
        an.Sample(9, {"r": (3.0, 4.0)}),
    ]
    for i, grid in enumerate(cases):
        options = {**SHORT, "chunk_size": chunk_size}
        path = store.with_name(f"{i}.zarr")
        inside = an.scan(an.textbook.Logistic, grid, ["kind", "final_state"], **options)
        found = an.scan(an.textbook.Logistic, grid, ["kind", "final_state"], store=path, **options)
        assert digest(found) == digest(inside)
        assert found.to_xarray().load().identical(inside.to_xarray())
        data = xarray.open_zarr(path, consolidated=False, chunks=None)
        assert np.array_equal(data["kind"], inside["kind"])
        assert set(data.coords) == set(inside.to_xarray().coords)
    assert "r" in data.coords


def test_strings_are_coordinates(store):
    grid = an.Grid(distribution=["uniform", "gaussian"], seed=range(3), inputs=3)
    found = an.scan(an.FeedbackNetwork, grid, {"mean": mean_output}, store=store)
    data = xarray.open_zarr(store, consolidated=False, chunks=None)
    assert data["distribution"].to_numpy().tolist() == ["uniform", "gaussian"]
    assert np.array_equal(data["mean"], found["mean"])
    assert found.to_xarray().identical(found.to_xarray())


def test_a_store_is_read_lazily_and_in_part(whole):
    found = again(whole)
    data, numbers = found.to_xarray(), scanned()
    shutil.move(whole / "kind" / "c" / "3", whole / "kind" / "away")
    try:
        lazy = found.to_xarray()
        assert np.array_equal(lazy["kind"][:3], numbers["kind"][:3])
        with pytest.raises(ValueError, match="chunk 6 of kind cannot be read"):
            lazy["kind"].load()
    finally:
        shutil.move(whole / "kind" / "away", whole / "kind" / "c" / "3")
    keys = [
        (slice(None), 2),
        (slice(3, None, -2), slice(1, 4)),
        (1, [4, 0, 0]),
        (slice(2, 2), slice(None)),
        (np.array([3, 0]), np.array([True, False, True, False, True])),
        (-1, -1),
    ]
    for key in keys:
        for name in ("kind", "ends"):
            rows, columns = key
            picked = numbers[name][rows][..., columns, :, :] if name == "ends" else None
            value = data[name].isel(seed=rows, scale=columns).to_numpy()
            direct = xarray.DataArray(numbers[name]).isel(dim_0=rows, dim_1=columns).to_numpy()
            assert np.array_equal(value, direct), key
            assert picked is None or value.shape[-2:] == picked.shape[-2:]


def test_numbers_of_a_store_are_under_the_memory_limit(whole, monkeypatch):
    found = again(whole)
    monkeypatch.setenv("ATTRACTORNET_MEMORY_LIMIT", "100")
    with pytest.raises(MemoryError, match="ScanResult: column 'kind'"):
        found["kind"]


# --- going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [0, 1, 7, 19])
def test_an_interrupted_scan_ends_in_the_same_bytes(store, expected, points):
    with pytest.raises(Stop) as caught:
        again(store, chunk_size=3, progress=stop_after(points))
    status = an.scan_status(store)
    # Points are told of when they are computed; their chunk is written after that.
    assert points - 3 <= status.points_done < 20
    assert not status.complete
    assert f"scan: {status.points_done} of 20 points are in {store}" in caught.value.__notes__[0]
    assert an.scan_verify(store).ok
    found = again(store)
    assert tree(store) == expected
    assert digest(found) == digest(scanned())


def test_what_is_not_done_reads_as_nothing(store):
    with pytest.raises(Stop):
        again(store, chunk_size=3, progress=stop_after(7))
    ledger, numbers = _ledger.read(store / LEDGER), scanned()
    source = Stored(_store.Chunks(store, ledger))
    columns = {column.name: column for column in ledger.header.columns}
    exponent, status = (
        source.part(columns[name], (slice(None), slice(None))) for name in ("exponent", "status")
    )
    done = status.ravel() >= 0
    assert np.array_equal(done, np.arange(20) < ledger.counts.sum())
    assert np.array_equal(exponent.ravel()[done], numbers["exponent"].ravel()[done])
    assert np.all(np.isnan(exponent.ravel()[~done]))
    assert np.all(status.ravel()[~done] == -1)


def test_a_complete_scan_computes_nothing(whole, expected, monkeypatch):
    def fail(*args):
        raise AssertionError

    monkeypatch.setattr("attractornet._scan._engine.compute", fail)
    monkeypatch.setattr("attractornet._scan._chunking.evaluate", fail)
    found = again(whole)
    assert found.points_per_second == 0.0
    assert found["exponent"].shape == (4, 5)
    assert tree(whole) == expected


def test_points_done_before_are_not_measured_again(store):
    seen = []

    def note(system):
        seen.append(system.r)
        return system.r

    options = {"store": store, "chunk_size": 5}
    with pytest.raises(Stop):
        an.scan(an.textbook.Logistic, LOGISTIC, [note], **options, progress=stop_after(11))
    done = an.scan_status(store).points_done
    seen.clear()
    an.scan(an.textbook.Logistic, LOGISTIC, [note], store=store)
    assert len(seen) == 23 - done


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 101}, "options.steps is 100 there and 101 here"),
        ({"blocks": 16}, "options.blocks is 32 there and 16 here"),
        ({"initial": [0.0] * 4}, "initial is null there"),
        ({"grid": an.Grid(seed=range(4), scale=1.0)}, "grid.axes is .* there"),
        ({"measure": ["exponent"]}, "measure.core is .* there.*; measure.own.mean is only there"),
        ({"system": an.textbook.Logistic, "grid": LOGISTIC, "measure": "kind"}, "system.class is"),
    ],
)
def test_a_store_of_another_scan_is_refused(whole, expected, changes, message):
    arguments = {"system": an.FeedbackNetwork, "grid": NETWORKS, "measure": MEASURE, **SHORT}
    with pytest.raises(ValueError, match=f"scan: store: .* is of another scan: .*{message}"):
        an.scan(**{**arguments, **changes}, store=whole)
    assert tree(whole) == expected


def test_a_store_of_other_code_is_refused(whole, monkeypatch):
    def other(network):
        return 3.0

    monkeypatch.setattr(scan_cases.mean_output, "__code__", other.__code__)
    with pytest.raises(ValueError, match=r"is of another scan: measure\.own\.mean\.code is"):
        again(whole)


def test_what_a_function_uses_belongs_to_it(store, monkeypatch):
    an.scan(an.textbook.Logistic, LOGISTIC, [scan_cases.gained], store=store)
    for name, changed in (("GAIN", 3.0), ("gain", lambda: 4.0)):
        with monkeypatch.context() as patch:
            patch.setattr(scan_cases, name, changed)
            with pytest.raises(ValueError, match=rf"measure.own.gained.*{name}"):
                an.scan(an.textbook.Logistic, LOGISTIC, [scan_cases.gained], store=store)
    an.scan(an.textbook.Logistic, LOGISTIC, [scan_cases.gained], store=store)


def test_the_order_of_measurements_does_not_matter(store):
    names = ["exponent", "final_state"]
    options = {**SHORT, "store": store}
    first = an.scan(an.FeedbackNetwork, NETWORKS, names, **options)
    assert digest(an.scan(an.FeedbackNetwork, NETWORKS, names[::-1], **options)) == digest(first)


def test_a_store_of_another_core_is_refused(whole, monkeypatch):
    facts = {**an.info(), "version": "9.9"}
    monkeypatch.setattr("attractornet._scan._job.info", lambda: facts)
    with pytest.raises(ValueError, match=r'core is "0.1.0" there and "9.9" here'):
        again(whole)


def test_chunks_of_another_size_are_refused_only_if_asked_for(whole, expected):
    assert digest(again(whole, chunk_size=3)) == digest(scanned())
    assert digest(again(whole, chunk_size=4 - 1)) == digest(scanned())
    with pytest.raises(ValueError, match=r"scan: chunk_size: .* has chunks of 3 points"):
        again(whole, chunk_size=5)
    assert tree(whole) == expected


def test_what_is_no_store_is_left_alone(store):
    store.mkdir()
    (store / "mine").write_text("x")
    with pytest.raises(ValueError, match=r"scan: store = .*: exists, and is no store of a scan"):
        again(store)
    file = store.with_name("file")
    file.write_text("x")
    with pytest.raises(ValueError, match="exists, and is no store of a scan"):
        again(file)
    with pytest.raises(FileNotFoundError, match="no such directory"):
        again(store / "no" / "scan.zarr")
    assert (store / "mine").read_text() == file.read_text() == "x"


def test_an_empty_folder_may_be_the_store(store, expected):
    store.mkdir()
    again(store, chunk_size=3)
    assert tree(store) == expected


def test_a_link_may_be_the_store(store, expected, tmp_path):
    target = tmp_path / "far"
    target.mkdir()
    store.symlink_to(target)
    again(str(store), chunk_size=3)
    assert tree(target) == expected
    assert store.is_symlink()


def test_a_store_has_one_writer_at_a_time(store):
    def tell(done, total):
        with pytest.raises(ValueError, match="another process is writing to this store"):
            again(store)
        assert an.scan_status(store).points_total == 20
        raise Stop

    with pytest.raises(Stop):
        again(store, chunk_size=3, progress=tell)
    assert digest(again(store)) == digest(scanned())


def test_what_was_half_made_is_swept_away(store, expected):
    leftover = store.with_name(f".{store.name}.0123abcd.partial")
    leftover.mkdir()
    (leftover / "zarr.json").write_text("{")
    other = store.with_name(".other.zarr.0123abcd.partial")
    other.mkdir()
    again(store, chunk_size=3)
    assert not leftover.exists()
    assert other.exists()
    (store / "status" / "partial").write_bytes(b"torn")
    (store / "status" / "ledger.partial").write_bytes(b"torn")
    again(store)
    assert tree(store) == expected


def test_what_another_process_is_making_is_not_swept(store):
    building = store.with_name(f".{store.name}.0123abcd.partial")
    (building / "status").mkdir(parents=True)
    descriptor = _ledger.make(building / LEDGER)
    again(store, chunk_size=20)
    assert building.exists()
    os.close(descriptor)
    shutil.rmtree(store)
    again(store, chunk_size=20)
    assert not building.exists()


# --- damage ---------------------------------------------------------------------------------------


def edited(store, path, change):
    file = store / path
    file.write_bytes(change(file.read_bytes()))


def flip(content, bit):
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def damage(store, rng):
    """Do one thing to one file; what was done."""
    files = sorted(path for path in store.rglob("*") if path.is_file())
    path = rng.choice([*files, *[store / LEDGER] * (len(files) // 4)])
    kind = rng.choice(["flip", "cut", "delete", "flip", "garbage"])
    size = path.stat().st_size
    if kind == "flip":
        path.write_bytes(flip(path.read_bytes(), rng.randrange(8 * size)))
    elif kind == "cut":
        path.write_bytes(path.read_bytes()[: rng.randrange(size)])
    elif kind == "garbage":
        path.write_bytes(path.read_bytes() + rng.randbytes(rng.randrange(1, 50)))
    else:
        path.unlink()
    return f"{kind} {path.relative_to(store)}"


def small(store, **options):
    """A scan with few columns: there will be many of them."""
    measure = ["final_state", mean_output]
    return an.scan(an.FeedbackNetwork, NETWORKS, measure, store=store, **SHORT, **options)


def check_damage(whole, expected, numbers, store, seed):
    """One corruption: no wrong number is read, and it is reported or mended to the same bytes."""
    shutil.copytree(whole, store)
    data = small(store).to_xarray()
    what = damage(store, random.Random(seed))
    for name, right in numbers.items():
        with contextlib.suppress(ValueError):
            assert data[name].to_numpy().tobytes() == right.tobytes(), what
    problems = an.scan_verify(store).problems
    refused = mended(store)
    if refused is None:
        assert tree(store) == expected, what
        assert an.scan_verify(store).ok
    else:
        assert "remove the store" in refused, what
        assert problems, what
    shutil.rmtree(store)
    return bool(problems)


def mended(store):
    """Scan again; why that is refused, if it is."""
    try:
        small(store)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    "seeds",
    [range(150), pytest.param(range(150, 1150), marks=pytest.mark.slow)],
    ids=["150", "1000"],
)
def test_no_corruption_goes_unnoticed(seeds):
    # In memory where that is possible: nothing here depends on what a disk has written.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        whole = Path(folder) / "whole.zarr"
        result = small(whole, chunk_size=3)
        numbers = {name: result[name] for name in result.columns}
        case = functools.partial(check_damage, whole, tree(whole), numbers)
        reported = [case(Path(folder) / "scan.zarr", seed) for seed in seeds]
    # The rest cut off whole lines of the ledger: those chunks are just not done.
    assert np.mean(reported) > 0.95


def test_problems_name_the_file_and_the_remedy(store, whole):
    shutil.copytree(whole, store)
    edited(store, "kind/c/2/1", lambda content: flip(content, 77))
    (store / "exponent/c/0/0").unlink()
    edited(store, "scale/c/0", lambda content: content[:-1])
    edited(store, "zarr.json", lambda content: content + b" ")
    lines = (store / LEDGER).read_bytes().splitlines(keepends=True)
    (store / LEDGER).write_bytes(b"".join([*lines[:4], lines[4][:-9], *lines[5:]]))
    found = an.scan_verify(store)
    assert not found.ok
    assert repr(found) == "ScanVerification(6 chunks, 5 problems)"
    for path, text in [
        (f"{LEDGER}", "line 5 is damaged"),
        ("zarr.json", "not as it was written"),
        ("scale/c/0", "a coordinate, not as it was written"),
        ("exponent/c/0/0", "chunk 0 of exponent cannot be read"),
        ("kind/c/2/1", "chunk 5 of kind is not as it was written"),
    ]:
        (problem,) = [each for each in found.problems if each.startswith(f"{store / path}: ")]
        assert text in problem
        assert problem.endswith("the same scan, called again, mends it")


def test_a_damaged_header_is_refused_and_reported(store, whole):
    shutil.copytree(whole, store)
    edited(store, LEDGER, lambda content: flip(content, 5000))
    for call in (again, an.scan_status):
        with pytest.raises(ValueError, match=r"first line is damaged.*remove the store"):
            call(store)
    (problem,) = an.scan_verify(store).problems
    assert "first line is damaged" in problem
    (store / LEDGER).unlink()
    with pytest.raises(ValueError, match="the ledger is missing: remove the store"):
        again(store)
    with pytest.raises(ValueError, match=r"scan_status: store: .*ledger cannot be read"):
        an.scan_status(store)
    (problem,) = an.scan_verify(store).problems
    assert "the ledger cannot be read (No such file or directory): remove the store" in problem


def test_every_flipped_bit_of_a_ledger_line_makes_it_void(whole):
    content = (whole / LEDGER).read_bytes()
    line = content.splitlines(keepends=True)[1]
    assert _ledger._content(line) is not None
    assert all(_ledger._content(flip(line, bit)) is None for bit in range(8 * len(line)))
    assert all(_ledger._content(line[:length]) is None for length in range(len(line)))


def test_later_lines_of_a_chunk_win(store, whole, expected):
    shutil.copytree(whole, store)
    lines = (store / LEDGER).read_bytes().splitlines(keepends=True)
    (store / LEDGER).write_bytes(b"".join([*lines, lines[3], lines[2]]))
    assert an.scan_verify(store).ok
    again(store)
    assert tree(store) == expected


def test_metadata_that_cannot_be_restored_are_refused(store, whole, monkeypatch):
    shutil.copytree(whole, store)
    (store / "seed/c/0").unlink()
    monkeypatch.setattr("attractornet._scan._open.coordinate_files", lambda job: [])
    with pytest.raises(ValueError, match="seed/c/0: damaged, and another Zarr wrote it"):
        again(store)


# --- status and verification ----------------------------------------------------------------------


def test_status_tells_what_there_is(store):
    with pytest.raises(Stop):
        again(store, chunk_size=3, progress=stop_after(5))
    status = an.scan_status(str(store))
    assert (status.points_total, status.chunks_total) == (20, 8)
    assert 0 < status.chunks_done < 8
    assert status.points_done == sum(status.by_status.values())
    assert not status.complete
    assert status.spec == scanned().spec
    assert repr(status) == f"ScanStatus({status.points_done} of 20 points: {status.points_done} ok)"
    again(store)
    assert an.scan_status(store).complete
    assert again(store).status_counts == an.scan_status(store).by_status


@pytest.mark.parametrize("function", [an.scan_status, an.scan_verify])
def test_what_is_no_store_has_no_status(function, tmp_path):
    name = function.__name__
    (tmp_path / "file").write_text("x")
    for path in [tmp_path, tmp_path / "none", tmp_path / "file"]:
        with pytest.raises(ValueError, match=f"{name}: store = .*: expected the folder of a scan"):
            function(path)
    for value in [3, None, b"x", ["x"]]:
        with pytest.raises((TypeError, ValueError), match=f"{name}: store = "):
            function(value)


# --- a disk that is full, or not ours -------------------------------------------------------------


def test_a_disk_that_is_full_loses_nothing(store, expected, monkeypatch):
    whole_write = _store.write_whole
    left = [17]

    def full(*arguments):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole_write(*arguments)

    monkeypatch.setattr(_store, "write_whole", full)
    with pytest.raises(OSError, match="scan: store: No space left on device; what was written"):
        again(store, chunk_size=3)
    assert an.scan_status(store).chunks_done == 2
    assert an.scan_verify(store).ok
    monkeypatch.undo()
    again(store)
    assert tree(store) == expected


LIMITED = """
import resource, signal, sys
sys.path.insert(0, {here!r})
import attractornet as an
from scan_cases import scanned
scanned(chunk_size=3)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, -1))
try:
    scanned(store="scan.zarr", chunk_size=3)
except OSError as error:
    print(type(error).__name__, error)
"""


def test_a_line_that_does_not_fit_into_the_ledger_is_void(tmp_path, expected):
    header = len(expected[LEDGER].splitlines(keepends=True)[0])
    script = LIMITED.format(here=str(HERE), limit=header + 2000)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "OSError [Errno 27] scan: store: File too large" in done.stdout
    status = an.scan_status(tmp_path / "scan.zarr")
    assert 0 < status.chunks_done < 8
    assert an.scan_verify(tmp_path / "scan.zarr").ok
    again(tmp_path / "scan.zarr")
    assert tree(tmp_path / "scan.zarr") == expected


def test_a_small_disk(tmp_path, expected):
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(mount)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting is not allowed")
    try:
        with pytest.raises(OSError, match="No space left on device"):
            again(mount / "scan.zarr", chunk_size=1)
        files = tree(mount / "scan.zarr")
        assert an.scan_verify(mount / "scan.zarr").ok
        shutil.copytree(mount / "scan.zarr", tmp_path / "scan.zarr")
    finally:
        subprocess.run(["umount", str(mount)], check=True)
    assert files
    found = again(tmp_path / "scan.zarr")
    assert digest(found) == digest(scanned())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_ours(store):
    store.parent.chmod(0o500)
    try:
        with pytest.raises(PermissionError, match="scan: store"):
            again(store)
    finally:
        store.parent.chmod(0o700)
