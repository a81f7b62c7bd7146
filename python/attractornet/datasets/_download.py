"""Files from the net: there as they were published, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from attractornet._files import replacing
from attractornet._progress import Progress, telling
from attractornet.datasets._published import Published

TIMEOUT = 20.0  # seconds that a mirror may be silent
_PIECE = 1 << 16  # bytes


class _Unusable(Exception):
    """Why a mirror, or each of them, was of no use."""


def fetch(
    function: str,
    files: Sequence[Published],
    mirrors: Sequence[str],
    folder: Path,
    remedy: str,
    progress: Progress,
) -> None:
    """Download files into a folder, each from the first mirror that has it as it was published.

    Parameters
    ----------
    function
        Whom errors and the progress bar name.
    files
        What is wanted.
    mirrors
        Addresses that a file's name is appended to.
    folder
        Made if it is not there.
    remedy
        What helps where no mirror does.
    progress
        True shows a bar; a callable is told bytes.

    Raises
    ------
    OSError
        If no mirror has a file, or it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    with telling(progress, sum(file.size for file in files), function, "B") as tell:
        for file in files:
            try:
                content = _first(file, mirrors, done, tell)
            except _Unusable as why:
                raise OSError(
                    f"{function}: {file.name} cannot be downloaded ({why}): {remedy}"
                ) from None
            # Written once it is known to be right: what is interrupted leaves nothing behind.
            with replacing(folder / file.name) as temporary:
                temporary.write_bytes(content)
            done += file.size


def _first(
    file: Published, mirrors: Sequence[str], before: int, tell: Callable[[int], object]
) -> bytes:
    """The file, from the first mirror that has it; `tell` is told bytes, also those `before` it."""
    faults = []
    for mirror in mirrors:
        try:
            return _content(mirror + file.name, file, before, tell)
        except _Unusable as why:
            faults.append(f"{mirror}: {why}")
    raise _Unusable("; ".join(faults))


def _content(url: str, file: Published, before: int, tell: Callable[[int], object]) -> bytes:
    content = bytearray()
    for piece in _pieces(url):
        content += piece
        if len(content) > file.size:
            break  # it may never end
        tell(before + len(content))
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise _Unusable(
            f"SHA-256 of its first {len(content)} bytes is {found}, expected {file.sha256} of "
            f"{file.size} bytes"
        )
    return bytes(content)


def _pieces(url: str) -> Iterator[bytes]:
    """What the mirror sends; a generator, so that only the mirror's own errors are caught."""
    try:
        with urlopen(url, timeout=TIMEOUT) as answer:
            while piece := answer.read(_PIECE):
                yield piece
    except (OSError, HTTPException) as error:
        raise _Unusable(str(error)) from error
