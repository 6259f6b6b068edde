"""Hashes of files and folders, and of what a cohort holds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from cohort.base.code.contents import CACHE, Contents, made_files
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.space.file_types import files_of


class Hasher:
    """SHA-256 of files and folders, read once; in a project, only what has changed is read.

    Parameters
    ----------
    project
        The project's folder, whose cache of hashes is used if it has one.
    """

    def __init__(self, project: Path) -> None:
        self._contents = Contents(project / CACHE)
        self._keeps = (project / CACHE).parent.is_dir()
        self._folders: dict[Path, dict[str, str | None]] = {}

    def files(self, paths: Iterable[Path]) -> dict[Path, str | None]:
        """Return the hash of each file; None of one that is missing."""
        return self._contents.of(paths)

    def of(self, path: Path) -> str | None:
        """Return the hash of a file, or of a folder; None if it is missing."""
        if path.is_dir():
            return one_hash(self.inside(path))
        return self._contents.of([path])[path]

    def inside(self, folder: Path) -> dict[str, str | None]:
        """Return the hashes of all files in a folder, by their names relative to it."""
        if folder not in self._folders:
            hashes = self._contents.of(made_files(folder))
            self._folders[folder] = {
                path.relative_to(folder).as_posix(): digest for path, digest in hashes.items()
            }
        return self._folders[folder]

    def save(self) -> None:
        """Keep the hashes for next time, where the project has a place for them."""
        if self._keeps:
            self._contents.save()


def one_hash(hashes: Mapping[str, str | None]) -> str:
    """Return one hash of names and contents of files."""
    lines = (f"{name}\t{digest}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()


def scan_files(cohort: Cohort, cases: Collection[str] | None = None) -> list[Path]:
    """Return the manifest, and the files of the scans and masks of those cases, of all if None."""
    found = {
        file
        for case in cohort.cases
        if cases is None or case.id in cases
        for name in (case.image, *case.masks.values())
        if name
        for file in files_of(cohort.path(name))
    }
    # Where uneven slices lie (`cohort.space.slices.places`).
    found |= {file for at in {f.parent for f in found} for file in at.glob("slices-*.json")}
    return [cohort.path(MANIFEST), *sorted(found)]


def record_files(cohort: Cohort, cases: Collection[str] | None = None) -> list[Path]:
    """Return the manifest, and the records and tag files of those cases, of all if None."""
    found = {
        cohort.path(name)
        for case in cohort.cases
        if cases is None or case.id in cases
        for name in (case.record, case.tags)
        if name
    }
    return [cohort.path(MANIFEST), *sorted(found)]
