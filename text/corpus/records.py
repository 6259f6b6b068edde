"""Medical records to annotate: files, folders of text files, cohorts."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cohort.base.errors import DataError, UsageError, few, raise_all
from cohort.links.read_split import read_split
from cohort.schema.case_files import id_problems
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import PARTS
from text.corpus.docx import SUFFIX as WORD_SUFFIX
from text.corpus.record_files import Record, is_one_record, read_records
from text.corpus.record_text import RECORD_SUFFIX, is_word, read_record


class RecordFile(NamedTuple):
    """A file of records; its id is that of its one record, None if it names several itself."""

    path: Path
    id: str | None

    def records(self) -> Iterator[Record]:
        """Yield its records, read when they are asked for."""
        if self.id is None:
            yield from read_records(self.path)
        else:
            yield Record(self.id, *read_record(self.path))


class FolderFiles:
    """Files of records in a folder, by name; a million of them take some 15 MB.

    Parameters
    ----------
    folder
        The folder.
    names
        Names of the files, in order.
    several
        Which of them hold more than one record each.
    """

    def __init__(self, folder: Path, names: Iterable[str], several: Collection[str]) -> None:
        self._folder = folder
        # A path for each would take half a gigabyte for a million.
        self._names = b"".join(os.fsencode(name) + b"\0" for name in names)
        self._several = frozenset(several)

    def __iter__(self) -> Iterator[RecordFile]:
        start = 0
        while (end := self._names.find(b"\0", start)) >= 0:
            name = os.fsdecode(self._names[start:end])
            path = self._folder / name
            yield RecordFile(path, None if name in self._several else path.stem)
            start = end + 1


@dataclass
class Records:
    """Which records there are.

    Attributes
    ----------
    groups
        Their files.
    left_out
        Why something was left out, to what it is.
    count
        How many are not empty; found by `check`, as is all that follows.
    encodings
        Records by encoding.
    characters, longest
        Characters of all records, and of the longest one.
    unread
        Files that can't be read, with the reasons, where they don't end the check.
    """

    groups: list[Iterable[RecordFile]] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    count: int = 0
    encodings: Counter[str] = field(default_factory=Counter)
    characters: int = 0
    longest: int = 0
    unread: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    @property
    def files(self) -> Iterator[RecordFile]:
        """The files, one after the other."""
        return chain.from_iterable(self.groups)

    def leave_out(self, reason: str, what: str) -> None:
        """Remember that `what` was left out, and why."""
        self.left_out.setdefault(reason, []).append(what)

    def check(self, seen: Callable[[str], None] | None = None) -> None:
        """Read every record once, keep none; leave out the empty ones.

        Parameters
        ----------
        seen
            Is told the id of each record that is not empty, in order, and of each file that can't
            be read `/` and its name; such files then don't end the check, and stand in `unread`.

        Raises
        ------
        DataError
            With all records that cannot be read, that share an id or whose id cannot name a file,
            or if all are empty.
        """
        problems: list[str] = []
        ids = _Ids()
        for file in self.files:
            records = file.records()
            if seen is not None and file.id is not None:
                # Of a file of several, half of the records would be there, and half not.
                try:
                    records = iter(list(records))
                except DataError as error:
                    self.unread[file.path] = error.problems
                    seen(f"/{file.path.name}")
                    continue
            try:
                for record in records:
                    problems += ids.add(record.id, file.path)
                    if not record.text.strip():
                        self.leave_out("is empty", record.id)
                        continue
                    if seen is not None:
                        seen(record.id)
                    self.count += 1
                    self.encodings[record.encoding] += 1
                    self.characters += len(record.text)
                    self.longest = max(self.longest, len(record.text))
            except DataError as error:
                problems += error.problems
        problems += ids.twice(self._named())
        raise_all(problems)
        if not self.count:
            paths = [str(file.path) for file in self.files]
            raise DataError(f"all records are empty: {few(paths)}")

    def _named(self) -> Iterator[tuple[str, Path]]:
        for file in self.files:
            try:
                for record in file.records():
                    yield record.id, file.path
            except DataError:
                continue  # told when it was read first

    def __iter__(self) -> Iterator[Record]:
        """Yield each record that is not empty, read when it is asked for."""
        for file in self.files:
            for record in file.records():
                if record.text.strip():
                    yield record


def find_records(
    inputs: Sequence[Path], split: Path | None = None, part: str | None = None
) -> Records:
    """Find the records at `inputs`.

    Parameters
    ----------
    inputs
        Files (see `text.corpus.record_files`), folders of `.txt` and `.docx` files,
        folders of cohorts.
    split, part
        Take of cohorts the cases of this part of this split only.

    Raises
    ------
    DataError
        If there are none, or two of one id, or an id that cannot name a file.
    UsageError
        If `split` and `part` don't go together, or an input is not a cohort.
    """
    if (split is None) != (part is None):
        raise UsageError("--split and --part go together: give both or neither.")
    if part is not None and part not in PARTS:
        raise UsageError(f"--part {part}: the parts are {', '.join(PARTS)}.")
    records = Records()
    found: list[Iterable[RecordFile]] = []
    for path in map(Path, inputs):
        if (path / MANIFEST).is_file():
            cohort = Cohort.load(path)
            part_of = read_split(split, cohort).cases if split else None
            found.append(_of_cohort(cohort, part_of, part, records))
        elif split:
            raise UsageError(
                f"{path}: is not a cohort (no {MANIFEST}), so it has no part {part!r}."
            )
        elif path.is_dir():
            found.append(_of_folder(path, records))
        elif path.is_file():
            found.append([_of_file(path)])
        else:
            raise DataError(f"{path}: no such file or folder.")
    records.groups = found
    if next(records.files, None) is None:
        raise DataError(f"{', '.join(map(str, inputs))}: no medical records found.")
    ids = _Ids()
    problems = [p for file in records.files if file.id for p in ids.add(file.id, file.path)]
    problems += ids.twice((file.id, file.path) for file in records.files if file.id)
    raise_all(problems)
    return records


def _of_file(path: Path) -> RecordFile:
    return RecordFile(path, path.stem if is_one_record(path) else None)


def _of_cohort(
    cohort: Cohort, part_of: Mapping[str, str] | None, part: str | None, records: Records
) -> list[RecordFile]:
    found = []
    for case in cohort.cases:
        if part_of is not None and part_of.get(case.id) != part:
            records.leave_out(f"not in the part {part}", case.id)
        elif not case.record:
            records.leave_out("has no record", case.id)
        else:
            found.append(RecordFile(cohort.path(case.record), case.id))
    return found


def _of_folder(folder: Path, records: Records) -> FolderFiles:
    kinds = f"{RECORD_SUFFIX} or {WORD_SUFFIX}"
    names, several = [], []
    for name in sorted(os.listdir(folder)):
        if name.startswith((".", "~$")):
            # ._p1.txt: what macOS puts beside p1.txt on other systems' disks; ~$p1.docx: what Word
            # puts beside a document that it has open.
            continue
        path = folder / name
        if (name.lower().endswith(RECORD_SUFFIX) or is_word(path)) and path.is_file():
            names.append(name)
            several += [] if is_one_record(path) else [name]
        else:
            records.leave_out(f"no {kinds} file", name)
    if not names:
        raise DataError(f"{folder}: holds no {kinds} files and is not a cohort.")
    return FolderFiles(folder, names, several)


class _Ids:
    """The ids of records. A hash of each is kept, eight bytes: they may be a million."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(self, record_id: str, path: Path) -> list[str]:
        """Take the id of a record in the file `path`; return what is wrong with it."""
        # Pages of "P1" and "p1" would be one file on Windows and macOS.
        self._hashes.append(hash(record_id.casefold()))
        return [f"{path}: {problem}" for problem in id_problems(record_id)]

    def twice(self, named: Iterable[tuple[str, Path]]) -> list[str]:
        """Return what is wrong with ids that more than one record has.

        `named` are all ids and their files once more, which are only gone through if some hash is
        there twice.
        """
        in_order = np.sort(np.asarray(self._hashes))
        again = set(in_order[1:][in_order[1:] == in_order[:-1]].tolist())
        problems: list[str] = []
        if not again:
            return problems
        seen: dict[str, Path] = {}
        for record_id, path in named:
            key = record_id.casefold()
            if hash(key) not in again:
                continue
            if key not in seen:
                seen[key] = path
            elif seen[key] == path:
                problems.append(f"{path}: holds two records with the id {record_id!r}.")
            else:
                problems.append(
                    f"{path}: is called {record_id!r} like {seen[key]}; annotate them separately."
                )
        return problems
