"""Private temporary files of a backup or a restore; what a killed process left goes at the next start."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from suite.kernel import system

_FOLDER, _HELD = "backup-work", "held"


@contextmanager
def room() -> Iterator[Path]:
    """Give a folder of this process that nobody else may read, and remove it at the end."""
    _place().mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone():
        _clear()
        own = Path(tempfile.mkdtemp(dir=_place()))
        held = (own / _HELD).open("wb")
        fcntl.flock(held, fcntl.LOCK_EX)
    with held:
        try:
            yield own
        finally:
            shutil.rmtree(own, ignore_errors=True)


def nameless(room: Path) -> BinaryIO:
    """Give a temporary file without a name, which goes with the process that has it."""
    return cast("BinaryIO", tempfile.TemporaryFile(dir=room))


def clear() -> None:
    """Remove what processes left that were killed."""
    if _place().exists():
        with _alone():
            _clear()


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make or clear rooms: one just being made looks like one that was left."""
    folder = os.open(_place(), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _clear() -> None:
    for left in _place().glob("*/"):
        with contextlib.suppress(FileNotFoundError):
            if not _is_held(left):
                shutil.rmtree(left, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    """Say whether a living process uses a folder; one without a mark was left half made."""
    mark = folder / _HELD
    if not mark.exists():
        return False
    with mark.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _place() -> Path:
    return system.current().settings.data_folder / _FOLDER
