"""Where annotated records come from: a cohort, a file, a folder of files, or one with parts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import DataError, UsageError, few, raise_all
from cohort.links.read_split import read_split
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import PARTS
from text.corpus.annotated import (
    EMPTY_RECORDS,
    REPAIRED,
    UNTAGGED,
    Kind,
    MarkedRecord,
    ReadingTally,
)
from text.corpus.formats.registry import SUFFIXES, reader_of
from text.corpus.part_names import named_part, parts_of
from text.corpus.source_files import File, Files, annotated_file, files_of

_FOLDER = "is a folder"


class Part:
    """The records of one part, read from their files anew each time that they are iterated.

    Records of white space alone are left out, and counted. A file that cannot be read is skipped,
    and what is wrong with it is kept in `problems`, so that all problems of all files can be named
    at once: raise them (`Source.raise_problems`) before anything is made of the records.

    Attributes
    ----------
    files
        The files.
    tally, problems
        What the last reading showed.
    """

    def __init__(self, files: Iterable[File]) -> None:
        self.files = files
        self.tally = ReadingTally()
        self.problems: list[str] = []

    def __iter__(self) -> Iterator[MarkedRecord]:
        self.tally, self.problems = ReadingTally(), []
        for file in self.files:
            try:
                for note in reader_of(file.path)(file.path, file.record, self.tally):
                    if not note.text.strip():
                        self.tally.remarks[EMPTY_RECORDS] += 1
                    elif file.case:
                        yield MarkedRecord(file.case, note.text, note.entities)
                    else:
                        yield note
            except DataError as error:
                self.problems += error.problems
            except RecursionError:
                self.problems.append(f"{file.path}: holds lists in lists too deep to be read.")


@dataclass
class Source:
    """Annotated records by part.

    Attributes
    ----------
    parts
        Name of the part to its records; a source without parts has one, of its own name.
    split
        Whether the parts are train, val and test.
    left_out
        Why something was left out, to what it is.
    """

    parts: dict[str, Part] = field(default_factory=dict)
    split: bool = False
    left_out: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kinds(self) -> Counter[Kind]:
        """Kind of file to how many were read."""
        return sum((part.tally.kinds for part in self.parts.values()), Counter())

    @property
    def untagged(self) -> Counter[str]:
        """Part to its characters without a tag."""
        return self.remarks(UNTAGGED)

    @property
    def repaired(self) -> Counter[str]:
        """Part to its illegal tags."""
        return self.remarks(REPAIRED)

    def remarks(self, remark: str) -> Counter[str]:
        """Part to how often reading it showed `remark` (see `text.corpus.annotated`)."""
        return Counter({name: part.tally.remarks[remark] for name, part in self.parts.items()})

    def leave_out(self, reason: str, what: str) -> None:
        """Remember that `what` was left out, and why."""
        self.left_out.setdefault(reason, []).append(what)

    def raise_problems(self) -> None:
        """Raise a `DataError` if reading the parts met any problem."""
        raise_all([problem for part in self.parts.values() for problem in part.problems])


def read_source(path: Path, split: Path | None = None) -> Source:
    """Find the annotated records at `path`; they are read when the parts are iterated.

    Parameters
    ----------
    path
        A cohort's folder; a file (see `text.corpus.formats`); a folder of files; or a folder with
        `train.*`, `val.*` or `dev.*`, and `test.*`, each a file or a folder of files (see
        `text.corpus.part_names`). In a folder, a text file beside an annotation file of the same
        name is its record.
    split
        The cohort's split, for train, val and test; without it the cohort stays whole.

    Raises
    ------
    DataError
        If there are none, or a part of the split has none.
    UsageError
        If there is a split but no cohort.
    """
    path = Path(path)
    if (path / MANIFEST).is_file():
        return _of_cohort(Cohort.load(path), split)
    if split is not None:
        raise UsageError(
            f"{path}: is not a cohort (no {MANIFEST}), so --split has nothing to split."
        )
    if path.is_file():
        return Source({path.stem: Part([annotated_file(path)])})
    if not path.is_dir():
        raise DataError(f"{path}: no such file or folder.")
    return _of_folder(path)


def _of_cohort(cohort: Cohort, split_file: Path | None) -> Source:
    source = Source(split=split_file is not None)
    split = read_split(split_file, cohort) if split_file else None
    files: dict[str, list[File]] = {}
    for case in cohort.cases:
        part = split.cases.get(case.id) if split else cohort.folder.resolve().name
        if not case.record:
            source.leave_out("has no record", case.id)
        elif not case.tags:
            source.leave_out("has a record without tags", case.id)
        elif part is None:
            source.leave_out("is not in the split", case.id)
        else:
            file = File(cohort.path(case.tags), cohort.path(case.record), case.id)
            files.setdefault(part, []).append(file)
    if not files:
        raise DataError(
            f"{cohort.folder}: no case has a record with tags, so there is nothing to convert."
        )
    if split:
        raise_all(
            [
                f"{split_file}: the part {part!r} has no tagged records; split again with other "
                "ratios or another seed, or add cases with tagged records."
                for part in PARTS
                if part not in files
            ]
        )
        files = {part: files[part] for part in PARTS}
    source.parts = {part: Part(its) for part, its in files.items()}
    return source


def _of_folder(folder: Path) -> Source:
    source = Source()
    inside = _folders_in(folder)
    names = [entry.name for entry in inside]
    files = files_of(folder, source.leave_out)
    if not inside and not files and not source.left_out:
        raise DataError(f"{folder}: the folder is empty; put tag files into it.")
    # Words inside of the names of folders count only where there is nothing else to read.
    named = list(map(named_part, names)) if files else parts_of(folder, names)
    folders: dict[str, list[Path]] = {}
    for entry, part in zip(inside, named, strict=True):
        if part:
            folders.setdefault(part, []).append(entry)
        else:
            source.leave_out(_FOLDER, entry.name)
    by_part: dict[str, list[str]] = {}
    others: list[str] = []
    names = list(files.names())
    for name, part in zip(names, parts_of(folder, names), strict=True):
        (by_part.setdefault(part, []) if part else others).append(name)
    if not by_part and not folders:
        if not others:
            raise DataError(
                f"{folder}: holds no tag files nor others with annotations; their names end in "
                f"{', '.join(SUFFIXES)}.{_unread_folders(source)}"
            )
        source.parts = {folder.resolve().name: Part(files)}
        return source
    source.split = True
    source.parts = _parts_of(folder, by_part, folders, others, source)
    return source


def _folders_in(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        names = sorted(one.name for one in entries if one.is_dir() and one.name[0] != ".")
    return [folder / name for name in names]


def _parts_of(
    folder: Path,
    by_part: dict[str, list[str]],
    folders: dict[str, list[Path]],
    others: Sequence[str],
    source: Source,
) -> dict[str, Part]:
    """Return the parts in the order train, val, test."""
    problems = []
    parts: dict[str, Part] = {}
    for name in PARTS:
        own, its_folders = by_part.get(name, []), folders.get(name, [])
        files = Files(folder, own)
        if len(own) + len(its_folders) > 1:
            names = ", ".join(sorted([*own, *(entry.name for entry in its_folders)]))
            problems.append(f"{folder}: {names} are all the part {name!r}; leave one of them.")
        elif its_folders:
            files = files_of(its_folders[0], source.leave_out)
            for entry in _folders_in(its_folders[0]):
                source.leave_out(_FOLDER, f"{its_folders[0].name}/{entry.name}")
            if not files:
                problems.append(f"{its_folders[0]}: holds no tag files nor others.")
        if files:
            parts[name] = Part(files)
    if others:
        problems.append(f"{folder}: beside its parts it holds {few(others)}; move them elsewhere.")
    raise_all(problems)
    for name in PARTS:
        if name not in parts:
            source.leave_out("has no file", f"the part {name!r}")
    return parts


def _unread_folders(source: Source) -> str:
    names = source.left_out.get(_FOLDER)
    return f" Folders in it ({few(names)}) are read only if they are parts." if names else ""
