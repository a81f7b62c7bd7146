"""Files that are there in full or not at all, also after a crash, and locks on them."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(target: Path, content: bytes, partial: Path) -> None:
    """Write a file in one move, from `partial`; that its folder is synced is left to the caller."""
    with open(partial, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each of which is on the disk when this returns."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Put every folder at and below this one on the disk."""
    for below, _, _ in os.walk(folder):
        sync_folder(Path(below))


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def lock(descriptor: int) -> bool:
    """Lock an open file against other processes; False if another one has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_locked(path: Path) -> int | None:
    """Open a file that nobody replaces meanwhile, and lock it; None if another process has it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if not lock(descriptor):
                os.close(descriptor)
                return None
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was replaced between the two: the lock is on the old one


@contextmanager
def folder_locked(folder: Path) -> Iterator[None]:
    """Keep others who use this out for as long as it lasts, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EBADF, errno.EINVAL):
                raise
        yield
    finally:
        os.close(descriptor)


_KEPT = "what was written stays, and the same call goes on from there"


@contextmanager
def explained(path: Path, lost: str = _KEPT) -> Iterator[None]:
    """Say of an error of the system whose it is, and what is lost."""
    try:
        yield
    except OSError as error:
        inside = error.filename is not None and Path(error.filename).is_relative_to(path)
        text = f"scan: store: {error.strerror or error}; {lost}"
        raise OSError(error.errno, text, str(error.filename if inside else path)) from error
