"""What is to be read: a cohort, or a folder of scans and notes, of which a cohort is made.

Notes lie beside the scans, in a folder of their own, or in a table (`cohort.importing`). They are
written as UTF-8 to one folder, whatever they were, and paired with the scans by their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cohort.base.cli import counted
from cohort.base.errors import DataError, UsageError, few
from cohort.base.files import atomic_folder, write_text
from cohort.import_files import import_files
from cohort.importing.case_names import find_files
from cohort.importing.match_files import SCANS
from cohort.importing.record_table import UnreadRow, read_record_table
from cohort.schema.case_files import id_problems, one_file_key
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.space.file_types import DICOM, holds_dicom, read_header, type_of
from hich.patient.note import notes_of_file
from hich.read.failures import Failure
from text.corpus.note_file import DOCUMENTS, NOTES, read_note

TABLES = (".csv", ".xlsx")
_SLICES = (".dcm", ".ima")
MARKER = "notes.txt"
"""File that every folder of notes holds: what it is."""


@dataclass
class ReadInputs:
    """What was found to be read.

    Attributes
    ----------
    cohort
        Its cases.
    failures
        Scans and notes that can't be read.
    facts
        What was done on the way, a sentence each.
    named
        Case to its scan as it was named, where the cohort holds links to the scans.
    """

    cohort: Cohort
    failures: list[Failure] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    named: Mapping[str, Path] = field(default_factory=dict)


def find_inputs(
    source: Path,
    output: Path,
    notes: Path | None = None,
    id_column: str | None = None,
    text_column: str | None = None,
) -> ReadInputs:
    """Find scans and notes; of a folder, make a cohort of links in `output`.

    Parameters
    ----------
    source
        Folder of a cohort; or of scans, files or DICOM folders, with or without notes beside them.
    output
        Where `cohort` and `notes` are made.
    notes
        Folder or table of the notes, where they don't lie beside the scans.
    id_column, text_column
        Headings in the table; known ones are found without.

    Raises
    ------
    DataError
        If there is nothing that can be read, or names don't tell which note is of which scan.
    UsageError
        If options don't go together.
    """
    is_table = notes is not None and notes.suffix.lower() in TABLES
    if (id_column or text_column) and not is_table:
        raise UsageError("--id and --text name columns of a table; name the table by --notes.")
    if (source / MANIFEST).is_file():
        if notes is not None:
            raise UsageError(f"--notes: {source} is a cohort, which names its records itself.")
        return ReadInputs(Cohort.load(source))
    if source.is_file():
        raise DataError(
            f"{source}: is a file; name a folder of scans and notes, or a cohort. `hich patient` "
            "reads the files of one patient."
        )
    if not source.is_dir():
        raise DataError(f"{source}: no such folder; name a cohort, or a folder of scans and notes.")
    images = _scans_of(source)
    scans, unread, failures = _sift(images, output) if images else ({}, set(), [])
    images = images if scans else None
    facts: list[str] = []
    if is_table and notes is not None:
        found = _of_table(notes, scans, id_column, text_column, facts, failures)
    else:
        by_name, unread_notes = _of_folder(notes or source, facts)
        failures += unread_notes
        known = {one_file_key(name): name for name in scans}
        found = {known.get(one_file_key(name), name): text for name, text in by_name.items()}
        alone = [name for name in found if one_file_key(name) not in known]
        if scans and alone:
            facts.append(f"{counted(len(alone), 'note')} without a scan of that name: {few(alone)}")
    for name in [name for name in found if id_problems(name)]:
        failures += [Failure(name, "record", why) for why in id_problems(name)]
        del found[name]
    staged = output / "notes"
    with atomic_folder(staged, MARKER) as folder:
        write_text(folder / MARKER, "The notes that hich.read reads, in UTF-8.\n")
        (folder / "read").mkdir()
        for name, text in found.items():
            write_text(folder / "read" / f"{name}.txt", text)
    if not (images or found):
        what = [failure.why for failure in failures]
        raise DataError(*what or [f"{source}: holds neither scans nor notes ({', '.join(NOTES)})."])
    records = str(staged / "read" / "*.txt") if found else None
    imported = import_files(output / "cohort", images, records=records, without=unread)
    cohort = replace(imported.cohort, name=source.resolve().name)  # not that of the links' folder
    cohort.save()
    return ReadInputs(cohort, failures, facts + imported.facts, scans)


def _scans_of(source: Path) -> str | None:
    """Return the glob of the scans in a folder; None if there are none."""
    there = (path for path in source.iterdir() if not path.name.startswith("."))
    if not any(map(_is_scan, there)):
        return None
    return str(source / "*")


def _is_scan(path: Path) -> bool:
    """Return whether a file or folder is a scan by its name, or holds DICOM."""
    if path.is_dir():
        return holds_dicom(path)
    return path.name.lower().endswith(SCANS) and type_of(path).scans


def _sift(images: str, output: Path) -> tuple[dict[str, Path], set[Path], list[Failure]]:
    """Return id to path of the scans that can be imported; and what can't, with the reasons.

    One that cannot be read ends nothing. Of DICOM the headers are read, since of a folder they say
    which series is meant; other files are read when they are segmented.
    """
    names, unnamed, no_files = find_files(images, None, holds_dicom)
    unread = {path for path in names if output.resolve().is_relative_to(path.resolve())}
    scans: dict[str, Path] = {}
    failures: list[Failure] = []
    first: dict[str, Path] = {}
    loose: list[Path] = []
    for path, name in names.items():
        if path in unread or not _is_scan(path):
            continue
        why = id_problems(name)
        other = first.setdefault(one_file_key(name), path)
        if other is not path:
            why = [f"{path}: {other} has its name, and is read; rename one."]
        elif not why and type_of(path) is DICOM:
            try:
                header = read_header(path)
                if header.shape[2] == 1 and path.name.lower().endswith(_SLICES):
                    loose.append(path)
                    continue
            except DataError as error:
                why = list(error.problems)
        failures += [Failure(name, "ct", problem) for problem in why]
        if why:
            unread.add(path)
        else:
            scans[name] = path
    if loose:
        unread.update(loose)
        why_loose = (
            f"{loose[0]}: is a slice, and so are {len(loose) - 1} others beside it; put the slices "
            "of each scan into a folder, or a zip, of their own."
        )
        failures.append(Failure(loose[0].stem, "ct", why_loose))
    failures += [Failure(path.name, "ct", f"{path}: {why}.") for path, why in no_files.items()]
    return scans, unread, failures


def _of_folder(folder: Path, facts: list[str]) -> tuple[dict[str, str], list[Failure]]:
    """Return name to text of the notes in a folder, and those that can't be read."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder or table ({', '.join(TABLES)}) of notes.")
    found: dict[str, str] = {}
    first: dict[str, Path] = {}
    failures = []
    changed: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.name.lower().endswith((*NOTES, *DOCUMENTS)):
            continue
        if other := first.get(one_file_key(path.stem)):
            why = f"{path}: {other.name} has its name, and is read; rename one."
            failures.append(Failure(path.stem, "record", why))
            continue
        try:
            found[path.stem] = read_note(path)
            first[one_file_key(path.stem)] = path
            changed += [path.name] if notes_of_file(path) else []
        except DataError as error:
            failures += [Failure(path.stem, "record", why) for why in error.problems]
    if changed:
        facts.append(f"tracked changes read as if accepted: {few(changed)}")
    return found, failures


def _of_table(
    table: Path,
    ids: Iterable[str],
    id_column: str | None,
    text_column: str | None,
    facts: list[str],
    failures: list[Failure],
) -> dict[str, str]:
    """Return id to text of the rows that are of a scan; of all rows, where there are no scans."""
    unread: list[UnreadRow] = []
    rows = read_record_table(table, id_column, text_column, unread)
    failures += [Failure(f"{table.name}, row {row.line}", "record", row.why) for row in unread]
    known = {one_file_key(name): name for name in ids}
    found: dict[str, str] = {}
    others = without_zeros = 0
    bare = {key.lstrip("0") for key in known}
    alike: dict[str, str] = {}  # P1 and p1 are one
    empty: dict[str, int] = {}
    for row in rows:
        own = row.patient or row.accession
        key = one_file_key(own)
        name = known.get(key) if known else alike.setdefault(key, own)
        if name is None:
            others += 1
            without_zeros += key.lstrip("0") in bare
            continue
        if not row.text:
            empty.setdefault(name, row.line)
            continue
        # Several rows of a patient are one record, as in `cohort.importing.join_records`.
        found[name] = f"{found[name]}\n\n{row.text}" if name in found else row.text
    failures += [
        Failure(name, "record", f"{table.name}, row {line}: has no text.")
        for name, line in empty.items()
        if name not in found
    ]
    if without_zeros:
        why = (
            f"{table}: {counted(without_zeros, 'id')} would be the name of a scan but for zeros at "
            "the beginning, which spreadsheets drop; make it a column of text, with the zeros."
        )
        if not found:
            raise DataError(why)
        facts.append(why)
    if others:
        facts.append(f"{counted(others, 'row')} of {table.name} without a scan of that name")
    if not found:
        raise DataError(
            f"{table}: none of its {counted(len(rows), 'row')} has the name of a scan as its id; "
            "name the column by --id."
        )
    return found
