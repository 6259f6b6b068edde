"""Files of items, loose in a folder or many in one archive: a pack.

Where the number of files is limited, a shard puts those of each N items into a zip in the work
folder, `packs/1-of-3-00001.zip`, uncompressed, since most are compressed already, and removes the
files. A pack is complete before that; so what a run was ended in the middle of is there once, or
twice.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from cohort.base.code.contents import sha256_of
from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from cohort.work.lay import CASES, lay_file
from cohort.work.ledger import Entry, work_folder

PACKS = "packs"
_BLOCK = 1 << 20
_OPEN = 64
"""How many packs are held open at most."""


class ItemFiles:
    """Finds the files of items, wherever they lie.

    Parameters
    ----------
    output
        What the command writes.
    place
        Folder that names of files are relative to.
    """

    def __init__(self, output: Path, place: Path) -> None:
        self.place = place
        self._folder = work_folder(output) / PACKS
        self._at: dict[tuple[str, str], Path] = {}
        self._open: dict[Path, zipfile.ZipFile] = {}
        self._packs: dict[str, list[Path]] = {}
        for pack in sorted(self._folder.glob("*.zip")):
            for name in self._zip(pack).namelist():
                self._packs.setdefault(name, []).append(pack)

    @property
    def any_packed(self) -> bool:
        """Whether there are packs."""
        return bool(self._packs)

    def stands(self, entry: Entry) -> bool:
        """Return whether the files of an entry are there as they were made."""
        return all(self._find(name, digest) is not None for name, digest in entry.files.items())

    def loose(self, entry: Entry) -> list[str]:
        """Return the files of an entry that stands which aren't in packs alone."""
        return [
            name for name, digest in entry.files.items() if self._find(name, digest) == self.place
        ]

    def read(self, name: str, digest: str) -> bytes:
        """Return what a file holds that stands.

        Raises
        ------
        DataError
            If it isn't there.
        """
        where = self._find(name, digest)
        if where is None:
            raise DataError(f"{self.place / name}: is missing, or was changed since it was made.")
        at_place = where == self.place
        return (where / name).read_bytes() if at_place else self._zip(where).read(name)

    def read_all(self, entry: Entry) -> list[bytes]:
        """Return what the files of an entry that stands hold."""
        return [self.read(name, digest) for name, digest in entry.files.items()]

    def put(self, name: str, digest: str, target: Path) -> None:
        """Make `target`, which isn't there, a file that stands, under a second name if can be."""
        target.parent.mkdir(parents=True, exist_ok=True)
        where = self._find(name, digest)
        if where in (None, self.place):
            lay_file(self.place / name, target)
            return
        assert where is not None
        with self._zip(where).open(name) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, _BLOCK)

    def unpack(self, entries: Iterable[Entry]) -> None:
        """Write the files of entries that stand to their place, where they aren't there."""
        for entry in entries:
            for name, digest in entry.files.items():
                if self._find(name, digest) != self.place:
                    with atomic_file(self.place / name) as temporary:
                        self.put(name, digest, temporary)
                    self._at[name, digest] = self.place

    def remove_packs(self) -> None:
        """Remove all packs."""
        for pack in self._open.values():
            pack.close()
        self._open, self._packs, self._at = {}, {}, {}
        shutil.rmtree(self._folder, ignore_errors=True)

    def _find(self, name: str, digest: str) -> Path | None:
        """Return the pack that holds a file, `place` if it is loose; None if it doesn't stand."""
        key = (name, digest)
        if key not in self._at:
            with suppress(OSError):
                if sha256_of(self.place / name).hex() == digest:
                    self._at[key] = self.place
        if key not in self._at:
            for pack in reversed(self._packs.get(name, [])):
                # A pack of which a byte has changed holds no such file.
                with suppress(zipfile.BadZipFile), self._zip(pack).open(name) as file:
                    if _sha256(file) == digest:
                        self._at[key] = pack
                        break
        return self._at.get(key)

    def _zip(self, pack: Path) -> zipfile.ZipFile:
        if pack not in self._open:
            if len(self._open) == _OPEN:
                self._open.pop(next(iter(self._open))).close()
            try:
                self._open[pack] = zipfile.ZipFile(pack)
            except (zipfile.BadZipFile, OSError):  # as if it weren't there: its items are missing
                self._open[pack] = zipfile.ZipFile(io.BytesIO(_NOTHING))
        return self._open[pack]


class Packer:
    """Packs the files of a shard's items, so many items at a time.

    Parameters
    ----------
    output, place
        As `ItemFiles` has them.
    stem
        What the names of the shard's packs begin with.
    size
        Items of a pack.
    """

    def __init__(self, output: Path, place: Path, stem: str, size: int) -> None:
        self._folder, self._place = work_folder(output) / PACKS, place
        self._stem, self._size = stem, size
        self._items: dict[str, list[str]] = {}

    def add(self, item_id: str, files: Iterable[str]) -> None:
        """Add an item that is noted as done, and the names of its files."""
        self._items[item_id] = list(files)
        if len(self._items) >= self._size:
            self.flush()

    def flush(self) -> None:
        """Pack what was added, and remove it."""
        items, self._items = self._items, {}
        # Another task, of another number of shards, may have packed and removed some.
        names = [name for of_one in items.values() for name in of_one]
        self._pack([name for name in names if (self._place / name).is_file()])
        # Those of an item alone: in others, shards that run may be about to write.
        for item_id in items:
            _remove_empty(self._place / CASES / item_id)

    def _pack(self, names: Sequence[str]) -> None:
        if not names:
            return
        before = max(map(_number, _packs_of(self._folder, self._stem)), default=0)
        pack = self._folder / f"{self._stem}-{before + 1:05d}.zip"
        with atomic_file(pack) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for name in names:
                # Without the time, so that the same files make the same pack.
                with (
                    (self._place / name).open("rb") as source,
                    archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target,
                ):
                    shutil.copyfileobj(source, target, _BLOCK)
        for name in names:
            (self._place / name).unlink(missing_ok=True)


def remove_packs_of(output: Path, stem: str) -> None:
    """Remove a shard's packs."""
    for pack in _packs_of(work_folder(output) / PACKS, stem):
        pack.unlink(missing_ok=True)


def _packs_of(folder: Path, stem: str) -> list[Path]:
    return list(folder.glob(f"{stem}-[0-9]*.zip"))


def _number(pack: Path) -> int:
    return int(pack.stem.rpartition("-")[2])


def _remove_empty(folder: Path) -> None:
    """Remove a folder that holds no file, and folders in it."""
    for below in sorted(folder.rglob("*"), reverse=True):
        with suppress(OSError):
            below.rmdir()
    with suppress(OSError):
        folder.rmdir()


def _sha256(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


_NOTHING = b"PK\5\6" + b"\0" * 18
"""A zip without files."""
