"""The files of annotated records in a folder, each with the text that it annotates."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from text.corpus.formats import bioes, brat, table
from text.corpus.formats.registry import SUFFIXES
from text.corpus.part_names import part_of
from text.corpus.record_text import RECORD_SUFFIX, record_beside


@dataclass(frozen=True)
class File:
    """A file of annotated records.

    Attributes
    ----------
    path
        The file.
    record
        The text file that it annotates, if the record is not in it.
    case
        Id of the case whose record it is; None for one that names its records itself.
    """

    path: Path
    record: Path | None = None
    case: str | None = None


class Files:
    """Files of a folder, by name; a million of them take some 15 MB.

    Parameters
    ----------
    folder
        The folder.
    names
        Their names, in order.
    """

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._folder = folder
        # A path for each would take half a gigabyte for a million.
        self._names = b"".join(os.fsencode(name) + b"\0" for name in names)

    def __len__(self) -> int:
        return self._names.count(b"\0")

    def names(self) -> Iterator[str]:
        """Yield their names."""
        start = 0
        while (end := self._names.find(b"\0", start)) >= 0:
            yield os.fsdecode(self._names[start:end])
            start = end + 1

    def __iter__(self) -> Iterator[File]:
        for name in self.names():
            yield annotated_file(self._folder / name)


def annotated_file(path: Path) -> File:
    """Return a file of annotations with the record beside it, if it has one."""
    return File(path, record_beside(path) if _takes_a_record(path.name) else None)


def files_of(folder: Path, left_out: Callable[[str, str], None]) -> Files:
    """Return the files with annotations in a folder, each with its record beside it.

    `left_out` is told why a file is left out, and its name.
    """
    with os.scandir(folder) as entries:
        names = sorted(one.name for one in entries if one.is_file() and one.name[0] != ".")
    stems = {Path(name).stem for name in names if _takes_a_record(name)}
    has_brat = any(name.lower().endswith(brat.SUFFIX) for name in names)
    kept = []
    for name in names:
        path = folder / name
        if not has_annotations(path):
            left_out(f"is not a file of annotations ({', '.join(SUFFIXES)})", name)
        elif path.suffix.lower() != RECORD_SUFFIX or not (path.stem in stems or has_brat):
            kept.append(name)
        elif path.stem not in stems:
            left_out(f"has no {brat.SUFFIX} file beside it", name)
    return Files(folder, kept)


def has_annotations(path: Path) -> bool:
    """Return whether a file can be one of annotations by its name, of a table by its headings."""
    # Widely used corpora are called example.train, example.dev and example.test.
    suffix = path.suffix.lower()
    if suffix == table.SUFFIX:
        return table.is_annotated(path)
    return suffix in SUFFIXES or part_of(suffix or path.name) is not None


def _takes_a_record(name: str) -> bool:
    suffix = Path(name).suffix.lower()
    return suffix == brat.SUFFIX or (suffix in bioes.SUFFIXES and suffix != RECORD_SUFFIX)
