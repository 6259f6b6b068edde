"""What files hold, read again only where their size, times or inode changed.

As git does it with its index: beside the hash of a file's content stands what the file system says
of it, so that a cohort of a hundred gigabytes is told to be unchanged without being read.
(git-scm.com/docs/index-format, git-scm.com/docs/racy-git)
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import PARTIAL, read_json, write_json

FOLDER = Path(".fingerprints")
"""Where a project keeps all fingerprints, in its own folder."""
CACHE = FOLDER / "cache.json"
PROVENANCE = "provenance.json"
"""Says how what lies beside it was made (`cohort.schema.provenance`), and is no part of that: when
it was made, for one, is another each time."""
PROVENANCE_LOCK = f".{PROVENANCE}.lock"
"""Lies beside it for the moment in which it is written, or where a process was killed then."""

_BLOCK = 1 << 20
_RACY_NS = 2_000_000_000
"""A file that was changed so shortly before it was hashed may change again within one tick of the
file system's clock (2 s on FAT); it is read again next time."""


class Contents:
    """Hashes of files, with a cache in the file `cache`, which can be deleted at any time."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._known: dict[str, Any] = {}
        if cache.is_file():
            try:
                self._known = read_json(cache)["files"]
            except (DataError, KeyError, TypeError):
                self._known = {}

    def of(self, files: Iterable[Path]) -> dict[Path, str | None]:
        """Return the hash of each file's content, in their order; None of one that is missing."""
        found: dict[Path, str | None] = {}
        stale = []
        for path in files:
            found[path] = None  # its place
            signature = _signature(path)
            known = self._known.get(str(path.absolute()))
            if known and known[0] == signature:
                found[path] = known[1]
            elif signature is not None:
                stale.append(path)
        with ThreadPoolExecutor() as pool:  # hashing leaves the interpreter to others
            for path, digest in zip(stale, pool.map(self._read, stale), strict=True):
                found[path] = digest
        return found

    def save(self) -> None:
        """Write the cache."""
        write_json(self._cache, {"files": self._known})

    def _read(self, path: Path) -> str | None:
        before = _signature(path)
        try:
            digest = sha256_of(path).hex()
        except OSError:
            return None
        key = str(path.absolute())
        if before and time.time_ns() - max(before[1:3]) > _RACY_NS and before == _signature(path):
            self._known[key] = [before, digest]
        else:
            self._known.pop(key, None)
        return digest


def made_files(folder: Path) -> list[Path]:
    """Return the files in a folder, in a fixed order, without what says how they were made."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name not in (PROVENANCE, PROVENANCE_LOCK)
        and not PARTIAL.fullmatch(path.name)
    ]


def sha256_of(path: Path) -> bytes:
    """Return the SHA-256 of a file's content; raises OSError if it can't be read."""
    total = hashlib.sha256()  # hashlib.file_digest came with Python 3.11
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.digest()


def _signature(path: Path) -> list[int] | None:
    """Return size, time of modification and of change (ns), and inode; None if it is not a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
