"""Where tagged records come from: a cohort, a tag file, a folder of them, or one with parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.errors import DataError, UsageError, raise_all
from cohort.manifest import MANIFEST, Case, Cohort
from cohort.splitfile import PARTS, Split
from cohort.tagfile import LINE_BREAKS, TagFile, read_record_tags, read_tag_file
from cohort.tagscheme import Span, spans
from text.records import read_record

TAG_SUFFIXES = (
    *(".txt", ".tsv", ".conll", ".iob", ".iob2", ".bio", ".bioes", ".bieos", ".bmes", ".bmewo"),
    *(".bilou", ".char", ".tag", ".tags"),
)
_PART_OF = {"train": "train", "val": "val", "valid": "val", "dev": "val", "test": "test"}


@dataclass(frozen=True)
class Note:
    """One tagged record.

    Attributes
    ----------
    id
        Case id, or the tag file's name and, if it holds several, the document's number.
    text
        The record.
    entities
        What is tagged in it, in character offsets.
    """

    id: str
    text: str
    entities: list[Span]


@dataclass
class Source:
    """Tagged records by part, and what reading them showed.

    Attributes
    ----------
    parts
        Name of the part to its records; a source without parts has one, of its own name.
    split
        Whether the parts are train, val and test.
    kinds
        Scheme, separator and encoding to the number of tag files of that kind.
    untagged, repaired
        Part to its number of characters without a tag and of illegal tags.
    left_out
        Why something was left out, to what it is.
    """

    parts: dict[str, list[Note]] = field(default_factory=dict)
    split: bool = False
    kinds: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    untagged: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def add(self, part: str, file: TagFile, name: str) -> None:
        """Add the documents of `file` to `part`, called `name` or `name-1`, `name-2`, …."""
        self.kinds[file.scheme, file.separator, file.encoding] += 1
        self.untagged[part] += len(file.untagged)
        self.repaired[part] += len(file.repaired)
        notes = self.parts.setdefault(part, [])
        for number, document in enumerate(file.documents, 1):
            gaps = {i for i, character in enumerate(document.text) if character in LINE_BREAKS}
            note_id = name if len(file.documents) == 1 else f"{name}-{number}"
            notes.append(Note(note_id, document.text, spans(document.tags, gaps)))

    def leave_out(self, reason: str, what: str) -> None:
        """Remember that `what` was left out, and why."""
        self.left_out.setdefault(reason, []).append(what)


def read_source(path: Path, split: Path | None = None) -> Source:
    """Read the tagged records at `path`.

    Parameters
    ----------
    path
        A cohort's folder; a tag file; a folder of tag files; or a folder with `train.*`,
        `val.*` or `dev.*`, and `test.*`, each a tag file or a folder of tag files.
    split
        The cohort's split, for train, val and test; without it the cohort stays whole.

    Raises
    ------
    DataError
        With all files that cannot be read; or if a part of the split has no tagged records.
    UsageError
        If there is a split but no cohort.
    """
    path = Path(path)
    if (path / MANIFEST).is_file():
        return _read_cohort(Cohort.load(path), split)
    if split is not None:
        raise UsageError(f"{path}: is no cohort (no {MANIFEST}), so --split has nothing to split.")
    if path.is_file():
        return _read_files({path.stem: [path]}, Source())
    if not path.is_dir():
        raise DataError(f"{path}: no such file or folder.")
    return _read_folder(path)


def _read_cohort(cohort: Cohort, split_file: Path | None) -> Source:
    source = Source(split=split_file is not None)
    split = Split.load(split_file) if split_file else None
    if split and split.cohort != cohort.name:
        raise DataError(
            f"{split_file}: splits the cohort {split.cohort!r}, not {cohort.name!r}; "
            "make its own split with `python -m cohort.split`."
        )
    problems: list[str] = []
    for case in cohort.cases:
        part = split.cases.get(case.id) if split else cohort.folder.resolve().name
        if not case.record:
            source.leave_out("has no record", case.id)
        elif not case.tags:
            source.leave_out("has a record without tags", case.id)
        elif part is None:
            source.leave_out("is not in the split", case.id)
        else:
            _read_case(cohort, case, part, source, problems)
    raise_all(problems)
    if not source.parts:
        raise DataError(
            f"{cohort.folder}: no case has a record with tags, so there is nothing to convert."
        )
    if split:
        _demand_parts(str(split_file), source)
    return source


def _read_case(cohort: Cohort, case: Case, part: str, source: Source, problems: list[str]) -> None:
    assert case.record and case.tags
    try:
        text, _ = read_record(cohort.path(case.record))
        source.add(part, read_record_tags(cohort.path(case.tags), text), case.id)
    except DataError as error:
        problems += error.problems


def _demand_parts(split_file: str, source: Source) -> None:
    raise_all(
        [
            f"{split_file}: the part {part!r} has no tagged records; split again with other "
            "ratios or another seed, or add cases with tagged records."
            for part in PARTS
            if part not in source.parts
        ]
    )
    source.parts = {part: source.parts[part] for part in PARTS}


def _read_folder(folder: Path) -> Source:
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    if not entries:
        raise DataError(f"{folder}: the folder is empty; put tag files into it.")
    source = Source()
    by_part: dict[str, list[Path]] = {}
    others: list[Path] = []
    for entry in entries:
        part = _PART_OF.get(entry.stem if entry.is_file() else entry.name)
        if entry.is_file() and entry.suffix.lower() not in TAG_SUFFIXES:
            source.leave_out(f"is no tag file ({', '.join(TAG_SUFFIXES)})", entry.name)
        elif part:
            by_part.setdefault(part, []).append(entry)
        elif entry.is_file():
            others.append(entry)
        else:
            source.leave_out("is a folder", entry.name)
    if not by_part:
        if not others:
            raise DataError(
                f"{folder}: holds no tag files; their names end in {', '.join(TAG_SUFFIXES)}."
            )
        return _read_files({folder.resolve().name: others}, source)
    source.split = True
    return _read_files(_parts_of(folder, by_part, others, source), source)


def _parts_of(
    folder: Path, by_part: dict[str, list[Path]], others: Sequence[Path], source: Source
) -> dict[str, list[Path]]:
    """Return the tag files of each part, in the order train, val, test."""
    problems = []
    files: dict[str, list[Path]] = {}
    for part in PARTS:
        entries = by_part.get(part, [])
        if len(entries) > 1:
            names = ", ".join(entry.name for entry in entries)
            problems.append(f"{folder}: {names} are all the part {part!r}; leave one of them.")
        elif entries and entries[0].is_dir():
            files[part] = [
                file for file in sorted(entries[0].iterdir()) if file.suffix in TAG_SUFFIXES
            ]
            if not files[part]:
                problems.append(f"{entries[0]}: holds no tag files.")
        elif entries:
            files[part] = entries
    if others:
        names = ", ".join(file.name for file in others)
        problems.append(f"{folder}: beside its parts it holds {names}; move them elsewhere.")
    raise_all(problems)
    for part in PARTS:
        if part not in files:
            source.leave_out("has no file", f"the part {part!r}")
    return files


def _read_files(parts: dict[str, list[Path]], source: Source) -> Source:
    problems: list[str] = []
    for part, files in parts.items():
        for file in files:
            try:
                source.add(part, read_tag_file(file), file.stem)
            except DataError as error:
                problems += error.problems
    raise_all(problems)
    return source
