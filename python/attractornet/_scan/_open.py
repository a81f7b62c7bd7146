"""Makes a store, in one move, or takes one up where it was left."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from attractornet._scan import _ledger
from attractornet._scan._disk import (
    explained,
    folder_locked,
    make_folder,
    open_locked,
    sha256,
    sync_folder,
    sync_tree,
)
from attractornet._scan._job import Job, differences
from attractornet._scan._ledger import Header, Ledger
from attractornet._scan._store import LEDGER, Chunks, Writer, ledger_path, sweep
from attractornet._scan._tiles import Tiles
from attractornet._scan._zarr import coordinate_files, metadata

AGAIN = "remove the store and scan again"


# --- a new one ------------------------------------------------------------------------------------


def create(job: Job, store: Path, tiles: Tiles) -> Writer:
    """Make a store without any chunk; a process that is killed leaves nothing of that name."""
    if not store.parent.is_dir():
        raise FileNotFoundError(f"scan: store: {store}: no such directory: {store.parent}")
    if store.exists() and not (store.is_dir() and not any(store.iterdir())):
        raise ValueError(f"scan: store = {str(store)!r}: exists, and is no store of a scan")
    with explained(store, "it was not made"):
        building, descriptor = _building(store)
        try:
            header = _filled(building, job, tiles)
            ledger = Ledger(header)
            file = _ledger.fill(ledger_path(store), descriptor, ledger)  # the path it will have
            sync_tree(building)
            _move(building, store)
        except BaseException:
            os.close(descriptor)
            shutil.rmtree(building, ignore_errors=True)
            raise
        sync_folder(store.parent)
    return Writer(Chunks(store, ledger), file)


def _building(store: Path) -> tuple[Path, int]:
    """A folder beside the store to build it in, and its ledger, open and locked."""
    building = store.with_name(f".{store.name}.{secrets.token_hex(4)}.partial")
    with folder_locked(store.parent):  # or another process would sweep it before it is locked
        _sweep_killed(store)
        (building / LEDGER).parent.mkdir(parents=True)
        return building, _ledger.make(building / LEDGER)


def _sweep_killed(store: Path) -> None:
    """Remove what processes left that were killed while they made this store."""
    for each in store.parent.iterdir():
        if not (each.name.startswith(f".{store.name}.") and each.name.endswith(".partial")):
            continue
        try:
            descriptor = open_locked(each / LEDGER)
        except FileNotFoundError:
            shutil.rmtree(each, ignore_errors=True)
            continue
        if descriptor is not None:  # else its process is alive
            shutil.rmtree(each, ignore_errors=True)
            os.close(descriptor)


def _filled(folder: Path, job: Job, tiles: Tiles) -> Header:
    """Write all that is not a chunk; what the ledger has to know of it."""
    texts = metadata(job, tiles)
    for path, text in texts.items():
        _put(folder / path, text.encode())
    hashes = {}
    for path, content in coordinate_files(job):
        _put(folder / path, content)
        hashes[path] = sha256(content).hex()
    return Header(job.spec, tiles, job.columns, texts, hashes)


def _put(path: Path, content: bytes) -> None:
    make_folder(path.parent)
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _move(building: Path, store: Path) -> None:
    try:
        building.rename(store)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise ValueError(f"scan: store: {store}: another process made it meanwhile") from error


# --- one that is there ----------------------------------------------------------------------------


def take_up(job: Job, store: Path, tiles: Tiles | None) -> tuple[Job, Writer]:
    """Open a store of this job for writing, mended as far as its ledger tells.

    Parameters
    ----------
    job
        The scan, which may know no columns yet.
    store
        The store's folder.
    tiles
        The chunks that were asked for; None takes the store's.

    Returns
    -------
    tuple
        The job with the store's columns, and the store. Chunks that are not as the ledger says
        are not done.
    """
    try:
        file = _ledger.open_for_writing(ledger_path(store))
    except FileNotFoundError as error:
        raise ValueError(f"{ledger_path(store)}: the ledger is missing: {AGAIN}") from error
    try:
        ledger = _ledger.read(ledger_path(store))
        _expect_same(job, store, ledger.header, tiles)
        job = replace(job, columns=ledger.header.columns)
        chunks = Chunks(store, ledger)
        with explained(store):
            sweep(store)
            mend(chunks, lambda: dict(coordinate_files(job)))
        for chunk in np.flatnonzero(ledger.done):
            ledger.done[chunk] = chunks.sound(int(chunk))
        return job, Writer(chunks, file)
    except BaseException:
        file.close()
        raise


def _expect_same(job: Job, store: Path, header: Header, tiles: Tiles | None) -> None:
    other = differences(job.spec, header.spec)
    if other:
        told = "; ".join(other[:3]) + (f"; and {len(other) - 3} more" if len(other) > 3 else "")
        raise ValueError(f"scan: store: {store} is of another scan: {told}")
    if tiles is not None and tiles != header.tiles:
        first = header.tiles.chunk(0).count
        raise ValueError(f"scan: chunk_size: {store} has chunks of {first} points: leave it out")


def mend(chunks: Chunks, coordinates: Callable[[], dict[str, bytes]]) -> None:
    """Write metadata and coordinates again where they are not as the ledger says."""
    header = chunks.header
    for path, text in header.metadata.items():
        if contents(chunks.store / path) != text.encode():
            _replace(chunks.store / path, text.encode())
    damaged = [
        path for path, digest in header.coordinates.items() if not same(chunks, path, digest)
    ]
    fresh = coordinates() if damaged else {}
    for path in damaged:
        if sha256(fresh.get(path, b"")).hex() != header.coordinates[path]:
            where = chunks.store / path
            raise ValueError(f"{where}: damaged, and another Zarr wrote it: {AGAIN}")
        _replace(chunks.store / path, fresh[path])


def _replace(path: Path, content: bytes) -> None:
    _put(path, content)
    sync_folder(path.parent)


def same(chunks: Chunks, path: str, digest: str) -> bool:
    """Whether a file has this hash."""
    content = contents(chunks.store / path)
    return content is not None and sha256(content).hex() == digest


def contents(path: Path) -> bytes | None:
    """The bytes of a file; None if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None
