"""Files that one process at a time may have."""

from __future__ import annotations

import errno
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


def take(path: Path) -> IO[bytes] | None:
    """Open a file that no other process has taken, and take it; None if another one has.

    It is given back when it is closed, or the process ends, however it does. Where the file system
    knows no such locks, the file counts as free.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    try:
        _lock(file.fileno())
    except OSError as error:
        if error.errno in _TAKEN:
            file.close()
            return None
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock(number: int) -> None:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(number: int) -> None:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


def give_back(file: IO[bytes]) -> None:
    """Close a file that was taken."""
    with suppress(OSError):
        file.close()
