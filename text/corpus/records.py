"""Medical records to annotate: files, folders of text files, cohorts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from cohort.base.errors import DataError, UsageError, few, raise_all
from cohort.schema.case_files import id_problems
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import PARTS, Split
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


@dataclass
class Records:
    """Which records there are.

    Attributes
    ----------
    files
        Their files.
    left_out
        Why something was left out, to what it is.
    ids
        Ids of the records that are not empty; found by `check`, as is all that follows.
    encodings
        Records by encoding.
    characters, longest
        Characters of all records, and of the longest one.
    """

    files: list[RecordFile] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    encodings: Counter[str] = field(default_factory=Counter)
    characters: int = 0
    longest: int = 0

    def leave_out(self, reason: str, what: str) -> None:
        """Remember that `what` was left out, and why."""
        self.left_out.setdefault(reason, []).append(what)

    def check(self) -> None:
        """Read every record once, keep none; leave out the empty ones.

        Raises
        ------
        DataError
            With all records that cannot be read, that share an id or whose id cannot name a file,
            or if all are empty.
        """
        problems: list[str] = []
        ids = _Ids()
        for file in self.files:
            try:
                for record in file.records():
                    problems += ids.problems(record.id, file.path)
                    if not record.text.strip():
                        self.leave_out("is empty", record.id)
                        continue
                    self.ids.append(record.id)
                    self.encodings[record.encoding] += 1
                    self.characters += len(record.text)
                    self.longest = max(self.longest, len(record.text))
            except DataError as error:
                problems += error.problems
        raise_all(problems)
        if not self.ids:
            paths = [str(file.path) for file in self.files]
            raise DataError(f"all records are empty: {few(paths)}")

    def texts(self) -> Iterator[str]:
        """Yield the text of each record that is not empty, read when it is asked for."""
        for file in self.files:
            for record in file.records():
                if record.text.strip():
                    yield record.text


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
    part_of = Split.load(split).cases if split else None
    records, found = Records(), []
    for path in map(Path, inputs):
        if (path / MANIFEST).is_file():
            found += _of_cohort(Cohort.load(path), part_of, part, records)
        elif split:
            raise UsageError(
                f"{path}: is not a cohort (no {MANIFEST}), so it has no part {part!r}."
            )
        elif path.is_dir():
            found += _of_folder(path, records)
        elif path.is_file():
            found.append(_of_file(path))
        else:
            raise DataError(f"{path}: no such file or folder.")
    if not found:
        raise DataError(f"{', '.join(map(str, inputs))}: no medical records found.")
    ids = _Ids()
    raise_all([p for file in found if file.id for p in ids.problems(file.id, file.path)])
    records.files = found
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


def _of_folder(folder: Path, records: Records) -> list[RecordFile]:
    found = []
    kinds = f"{RECORD_SUFFIX} or {WORD_SUFFIX}"
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")):
            # ._p1.txt: what macOS puts beside p1.txt on other systems' disks; ~$p1.docx: what Word
            # puts beside a document that it has open.
            continue
        if path.is_file() and (path.suffix.lower() == RECORD_SUFFIX or is_word(path)):
            found.append(_of_file(path))
        else:
            records.leave_out(f"no {kinds} file", path.name)
    if not found:
        raise DataError(f"{folder}: holds no {kinds} files and is not a cohort.")
    return found


class _Ids:
    """The ids of records: what is wrong with each is told when it comes."""

    def __init__(self) -> None:
        self._seen: dict[str, Path] = {}
        self._count = 0

    def problems(self, record_id: str, path: Path) -> list[str]:
        """Return what is wrong with the id of a record in the file `path`."""
        problems = [f"{path}: {problem}" for problem in id_problems(record_id)]
        # Pages of "P1" and "p1" would be one file on Windows and macOS.
        first = self._seen.setdefault(record_id.casefold(), path)
        if first is not path:
            problems.append(
                f"{path}: is called {record_id!r} like {first}; annotate them separately."
            )
        elif len(self._seen) == self._count:
            problems.append(f"{path}: holds two records with the id {record_id!r}.")
        self._count = len(self._seen)
        return problems
