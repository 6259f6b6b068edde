"""Medical records to annotate: text files, folders of them, cohorts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.errors import DataError, UsageError, few, raise_all
from cohort.manifest import MANIFEST, Cohort, id_problems
from cohort.splitfile import PARTS, Split
from cohort.textfile import read_text

RECORD_SUFFIX = ".txt"


@dataclass
class Records:
    """Which records there are.

    Attributes
    ----------
    paths
        Id of the record (case id, or the file's name without suffix) to its file.
    left_out
        Why something was left out, to what it is.
    encodings
        Records by encoding; counted by `check`.
    characters, longest
        Characters of all records, and of the longest one; counted by `check`.
    """

    paths: dict[str, Path] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
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
            With all records that cannot be read, or if all are empty.
        """
        problems: list[str] = []
        empty = []
        for record_id, path in self.paths.items():
            try:
                text, encoding = read_record(path)
            except DataError as error:
                problems += error.problems
                continue
            if not text.strip():
                empty.append(record_id)
                continue
            self.encodings[encoding] += 1
            self.characters += len(text)
            self.longest = max(self.longest, len(text))
        raise_all(problems)
        if len(empty) == len(self.paths):
            paths = [str(path) for path in self.paths.values()]
            raise DataError(f"all records are empty: {few(paths)}")
        for record_id in empty:
            self.leave_out("is empty", record_id)
            del self.paths[record_id]

    def texts(self) -> Iterator[str]:
        """Yield each record's text, read when it is asked for."""
        for path in self.paths.values():
            yield read_record(path)[0]


def find_records(
    inputs: Sequence[Path], split: Path | None = None, part: str | None = None
) -> Records:
    """Find the records at `inputs`.

    Parameters
    ----------
    inputs
        Text files, folders of `.txt` files, folders of cohorts.
    split, part
        Take of cohorts the cases of this part of this split only.

    Raises
    ------
    DataError
        If there are none, or two of one id, or an id that cannot name a file.
    UsageError
        If `split` and `part` don't go together, or an input is no cohort.
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
            raise UsageError(f"{path}: is no cohort (no {MANIFEST}), so it has no part {part!r}.")
        elif path.is_dir():
            found += _of_folder(path, records)
        elif path.is_file():
            found.append((path.stem, path))
        else:
            raise DataError(f"{path}: no such file or folder.")
    if not found:
        raise DataError(f"{', '.join(map(str, inputs))}: no medical records found.")
    raise_all(_id_problems(found))
    records.paths = dict(found)
    return records


def read_record(path: Path) -> tuple[str, str]:
    """Read a record: its text with LF line ends, and its encoding.

    Raises
    ------
    DataError
        If it is neither UTF-8 nor GB18030.
    """
    text, encoding = read_text(path)
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _of_cohort(
    cohort: Cohort, part_of: Mapping[str, str] | None, part: str | None, records: Records
) -> list[tuple[str, Path]]:
    found = []
    for case in cohort.cases:
        if part_of is not None and part_of.get(case.id) != part:
            records.leave_out(f"not in the part {part}", case.id)
        elif not case.record:
            records.leave_out("has no record", case.id)
        else:
            found.append((case.id, cohort.path(case.record)))
    return found


def _of_folder(folder: Path, records: Records) -> list[tuple[str, Path]]:
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue  # ._p1.txt: what macOS puts beside p1.txt on other systems' disks
        if path.is_file() and path.suffix.lower() == RECORD_SUFFIX:
            found.append((path.stem, path))
        else:
            records.leave_out(f"no {RECORD_SUFFIX} file", path.name)
    if not found:
        raise DataError(f"{folder}: holds no {RECORD_SUFFIX} files and is no cohort.")
    return found


def _id_problems(found: list[tuple[str, Path]]) -> list[str]:
    problems = []
    seen: dict[str, Path] = {}
    for record_id, path in found:
        problems += [f"{path}: {problem}" for problem in id_problems(record_id)]
        # Pages of "P1" and "p1" would be one file on Windows and macOS.
        key = record_id.casefold()
        if key in seen:
            problems.append(
                f"{path}: is called {record_id!r} like {seen[key]}; annotate them separately."
            )
        seen.setdefault(key, path)
    return problems
