"""The files of a path: of a folder however deep, of the zips in it, or the one that it names."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

from cohort.space.dicom.files.parse import Damaged, NotRead
from cohort.space.dicom.files.zips import members, open_zip, packed_as_usual
from cohort.space.dicom.instance import Stored


class Skipped(NamedTuple):
    """A file that was passed over.

    Attributes
    ----------
    reason
        Why: a sentence that begins after its name.
    damaged
        Whether it is DICOM, or a zip, that cannot be read for damage.
    series_uid
        Of the series that it belongs to, where its header says so nevertheless.
    """

    stored: Stored
    reason: str
    damaged: bool = False
    series_uid: str = ""

    @classmethod
    def by(cls, stored: Stored, error: NotRead) -> Skipped:
        """Take what kept a file from being read."""
        uid = error.series_uid if isinstance(error, Damaged) else ""
        return cls(stored, str(error), isinstance(error, Damaged), uid)

    def __str__(self) -> str:
        return f"{self.stored}: {self.reason}"


class Opener:
    """Opens files, those in zips among them; each zip is opened and checked once.

    A context: at its end what is open is closed.
    """

    def __init__(self) -> None:
        self._zips: dict[Path, zipfile.ZipFile] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Opener:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        self._zips.clear()

    def open(self, stored: Stored) -> tuple[IO[bytes], int]:
        """Open a file; return it and its size in bytes.

        Raises
        ------
        NotRead
            If it lies in a zip that cannot be read, or is not there any more.
        OSError
            If the system lets nobody read it.
        """
        if stored.member is None:
            file = stored.path.open("rb")
            return file, os.fstat(file.fileno()).st_size
        archive = self.zip(stored.path)
        try:
            info = archive.getinfo(stored.member)
            return archive.open(info), info.file_size
        except OSError:
            raise
        except Exception:  # KeyError, BadZipFile, NotImplementedError
            raise Damaged("cannot be read from its zip (damaged).") from None

    def zip(self, path: Path) -> zipfile.ZipFile:
        """Return a zip, opened; raises as `open_zip` does."""
        if path not in self._zips:
            if len(self._zips) >= 16:
                self._stack.close()
                self._zips.clear()
            self._zips[path] = self._stack.enter_context(open_zip(path))
        return self._zips[path]


def walk(path: Path, opener: Opener, skipped: list[Skipped]) -> Iterator[Stored]:
    """Yield the files of `path`, in the order of their names.

    Links to files are followed. Links to folders are not, so that no loop and nothing outside of
    `path` is walked through; `path` itself may be one.

    Parameters
    ----------
    skipped
        Takes what is passed over, with the reason.
    """
    if path.is_dir():
        yield from _folder(path, opener, skipped)
    else:
        yield from _file(path, opener, skipped)


def _folder(top: Path, opener: Opener, skipped: list[Skipped]) -> Iterator[Stored]:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            skipped.append(Skipped(Stored(folder), f"cannot be opened ({error.strerror})."))
            continue
        folders = []
        for entry in listed:
            path = folder / entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                elif entry.is_symlink() and entry.is_dir():
                    why = "is a link to a folder, which is not followed; name that folder itself."
                    skipped.append(Skipped(Stored(path), why))
                else:
                    yield from _file(path, opener, skipped)
            except OSError as error:  # a link to itself
                skipped.append(Skipped(Stored(path), f"cannot be opened ({error.strerror})."))
        waiting += reversed(folders)


def _file(path: Path, opener: Opener, skipped: list[Skipped]) -> Iterator[Stored]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            skipped.append(Skipped(Stored(path), "is neither a file nor a folder."))
            return
    except OSError as error:
        skipped.append(Skipped(Stored(path), f"cannot be opened ({error.strerror})."))
        return
    if path.suffix.lower() != ".zip":
        yield Stored(path)
        return
    try:
        archive = opener.zip(path)
    except NotRead as error:
        skipped.append(Skipped.by(Stored(path), error))
        return
    except OSError as error:
        skipped.append(Skipped(Stored(path), f"cannot be opened ({error.strerror})."))
        return
    for info in members(archive):
        if packed_as_usual(info):
            yield Stored(path, info.filename)
        else:
            why = "is packed in a way that is not read (neither stored nor deflated)."
            skipped.append(Skipped(Stored(path, info.filename), why))
