"""Files and folders that one process at a time may have.

Locks are the system's: they end with the process that holds them, however it ends. Those of files
hold among all machines that share a file system; those of folders on NFS only among the processes
of one machine. Where the file system knows no such locks, what is asked for counts as free.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cohort.base.errors import DataError

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_PATIENCE = 60.0
"""How long to wait for another process that reads and writes a small file, in seconds."""


def take(path: Path, *, alone: bool = True) -> IO[bytes] | None:
    """Open a file that no other process has taken, and take it; None if another one has.

    It is made if it isn't there. It is given back when it is closed, or the process ends. Those
    that don't want it `alone` have it together; on Windows, which knows no such locks, none of
    these keeps another one out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+b")  # NFS lets only those that may read take a lock together
    try:
        _lock(file.fileno(), alone=alone)
    except OSError as error:
        if error.errno in _TAKEN:
            file.close()
            return None
    return file


def give_back(file: IO[bytes]) -> None:
    """Close a file that was taken."""
    with suppress(OSError):
        file.close()


@contextmanager
def one_after_another(path: Path) -> Iterator[None]:
    """Wait until no other process is in such a block with the same `path`, a file of its own.

    For what is read, changed and written again within moments. The file is gone afterwards.

    Raises
    ------
    DataError
        If another one is in it for a minute.
    """
    until = time.monotonic() + _PATIENCE
    while (file := _take_current(path)) is None:
        if time.monotonic() > until:
            raise DataError(
                f"{path}: another process has held this for {_PATIENCE:.0f} s; end it if it hangs, "
                "and try again."
            )
        time.sleep(0.01)
    try:
        yield
    finally:
        if sys.platform != "win32":
            path.unlink(missing_ok=True)
        give_back(file)
        if sys.platform == "win32":
            with suppress(OSError):  # the next one has it
                path.unlink(missing_ok=True)


def _take_current(path: Path) -> IO[bytes] | None:
    """Take a file that its last holder has not removed meanwhile."""
    try:
        file = take(path)
    except PermissionError:
        if sys.platform == "win32":  # it is being removed
            return None
        raise
    if file is None:
        return None
    try:
        is_current = os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        is_current = False
    if not is_current:
        give_back(file)
        return None
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock(number: int, *, alone: bool = True) -> None:
        if alone:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)

    @contextmanager
    def being_written(path: Path, mode: int = 0o666) -> Iterator[None]:
        """Do nothing: Windows removes no file that is open, and a locked one can't be written."""
        yield

    def is_being_written(path: Path) -> bool:
        """Return whether a file or folder can't be told to be left over; never, here."""
        return False

    @contextmanager
    def writing_to(folder: Path, *, alone: bool) -> Iterator[None]:
        """Do nothing: Windows has no locks of folders."""
        yield

else:
    import fcntl

    def _lock(number: int, *, alone: bool = True) -> None:
        fcntl.flock(number, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)

    @contextmanager
    def being_written(path: Path, mode: int = 0o666) -> Iterator[None]:
        """Hold a new file, which is made, or a folder, so that `is_being_written` knows it."""
        number = _opened(path, os.O_CREAT, mode)
        try:
            with suppress(OSError):
                _lock(number)
            yield
        finally:
            os.close(number)

    def is_being_written(path: Path) -> bool:
        """Return whether a process may be writing a file or folder, here or elsewhere.

        So may one of another user, whose files may not be opened.
        """
        try:
            number = _opened(path, 0)
        except OSError:  # it has its name by now, or is another user's
            return True
        try:
            _lock(number)
        except OSError as error:
            return error.errno in _TAKEN
        finally:
            os.close(number)
        return False

    @contextmanager
    def writing_to(folder: Path, *, alone: bool) -> Iterator[None]:
        """Hold a folder that is written to, which is made: alone, or beside others that are not.

        Raises
        ------
        DataError
            If another process holds it, and one of them wants it alone.
        """
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        number = _opened(folder)
        try:
            try:
                _lock(number, alone=alone)
            except OSError as error:
                if error.errno in _TAKEN:
                    raise DataError(
                        f"{folder}: another process is writing to it; wait for it, or name another "
                        "folder. Nothing was changed."
                    ) from None
            yield
        finally:
            os.close(number)
            if is_new and alone:
                with suppress(OSError):  # it holds something now
                    folder.rmdir()

    def _opened(path: Path, create: int = os.O_CREAT, mode: int = 0o666) -> int:
        if path.is_dir():
            return os.open(path, os.O_RDONLY)
        return os.open(path, os.O_RDWR | create, mode)
