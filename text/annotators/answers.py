"""What each annotator marked: two sets of annotated records, or one export that names its people.

====================  ============================================================================
export                who annotated
====================  ============================================================================
Label Studio's JSON   `completed_by` of each annotation
doccano               a file for each person in one folder (`alice.jsonl`), as it exports projects
                      in which annotations aren't shared; `all.jsonl` is nobody's
brat                  a folder for each person in one folder, each with the same `.txt` files
====================  ============================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cohort.base.errors import DataError, UsageError
from text.corpus.annotated import MarkedRecord, ReadingTally
from text.corpus.docs import Repairs, trimmed_entities
from text.corpus.formats import brat, label_studio
from text.corpus.formats.rows import first_row
from text.corpus.sources import read_source

_JSON = (".json", ".jsonl")
_EVERYBODYS = "all"  # doccano's file of annotations that all share


@dataclass
class AnnotatorSet:
    """Records as one person annotated them.

    Attributes
    ----------
    name
        Who, or where it was read.
    records
        The records; no entity begins or ends with white space.
    remarks
        What was changed or left out on reading, to how often.
    """

    name: str
    records: list[MarkedRecord] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)

    @property
    def labels(self) -> Counter[str]:
        """Label to its entities."""
        return Counter(span.label for record in self.records for span in record.entities)


def read_two(
    one: Path, other: Path | None = None, annotators: Sequence[str] = ()
) -> tuple[AnnotatorSet, AnnotatorSet]:
    """Read what two people annotated.

    Parameters
    ----------
    one, other
        A set each, as `text.convert` reads them; or one export of several people.
    annotators
        Whom to take of an export; needed where it has more than two.

    Raises
    ------
    DataError
        If a set cannot be read, an export has one annotator only, or doesn't tell of any.
    UsageError
        If both sets are one, or `annotators` aren't two of the export's.
    """
    if other is not None:
        if annotators:
            raise UsageError(
                "--annotator: is of one export by several people; these are two sets, each of one."
            )
        if one.exists() and other.exists() and one.samefile(other):
            raise UsageError(f"{one}: is named twice; name two sets, or one export by annotators.")
        names = _names(one, other)
        return _set(one, names[0]), _set(other, names[1])
    found = _by_annotator(one)
    if len(found) < 2:
        who = ", ".join(found) or "nobody"
        raise DataError(
            f"{one}: has one annotator only ({who}); name the set of a second one beside it."
            if found
            else f"{one}: has no annotations of people."
        )
    listed = ", ".join(f"{name} ({len(its.records):,} records)" for name, its in found.items())
    chosen = list(annotators) or list(found)
    unknown = [name for name in chosen if name not in found]
    if unknown:
        raise UsageError(f"--annotator {unknown[0]}: did not annotate {one}; there are {listed}.")
    if len(chosen) != 2 or chosen[0] == chosen[1]:
        raise UsageError(f"{one}: has the annotators {listed}; name two by --annotator, twice.")
    return found[chosen[0]], found[chosen[1]]


def _by_annotator(path: Path) -> dict[str, AnnotatorSet]:
    """Return the name of each person to what they annotated."""
    if path.is_dir():
        inside = sorted(one for one in path.iterdir() if not one.name.startswith("."))
        folders = [one for one in inside if one.is_dir() and _has_brat(one)]
        if folders:
            return {folder.name: _set(folder, folder.name) for folder in folders}
        files = [one for one in inside if one.suffix.lower() in _JSON]
        if len(files) == 1 and label_studio.is_row(first_row(files[0])):
            return _by_annotator(files[0])
        people = [file for file in files if file.stem != _EVERYBODYS]
        if people:
            return {file.stem: _set(file, file.stem) for file in people}
    elif not path.exists():
        raise DataError(f"{path}: no such file or folder.")
    elif path.suffix.lower() in _JSON and label_studio.is_row(first_row(path)):
        return _of_label_studio(path)
    raise DataError(
        f"{path}: does not tell who annotated what. Name two sets; or Label Studio's JSON, the "
        "folder of doccano's export with a file for each person, or one with a brat folder for "
        "each."
    )


def _of_label_studio(path: Path) -> dict[str, AnnotatorSet]:
    tally = ReadingTally()
    found: dict[str, AnnotatorSet] = {}
    for name, record in label_studio.read_by_annotator(path, tally):
        its = found.setdefault(name, AnnotatorSet(name, remarks=tally.remarks))
        its.records.append(_trimmed(record))
    return dict(sorted(found.items()))


def _set(path: Path, name: str) -> AnnotatorSet:
    source = read_source(path)
    found = AnnotatorSet(name)
    for part in source.parts.values():
        found.records += map(_trimmed, part)
        found.remarks += part.tally.remarks
    source.raise_problems()
    if not found.records:
        raise DataError(f"{path}: has no annotated records.")
    return found


def _trimmed(record: MarkedRecord) -> MarkedRecord:
    """Return a record whose entities have no white space at their edges, which nobody means."""
    return replace(record, entities=trimmed_entities(record, Repairs()))


def _has_brat(folder: Path) -> bool:
    return any(path.suffix.lower() == brat.SUFFIX for path in folder.iterdir())


def _names(one: Path, other: Path) -> tuple[str, str]:
    """Return how two sets are called: as short as tells them apart."""
    paths = [path.resolve() for path in (one, other)]
    names = [path.stem if path.is_file() else path.name for path in paths]
    if names[0] == names[1]:
        names = [f"{path.parent.name}/{name}" for path, name in zip(paths, names, strict=True)]
    return (str(one), str(other)) if names[0] == names[1] else (names[0], names[1])
