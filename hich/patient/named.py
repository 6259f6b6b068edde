"""What the arguments of `hich.patient` name: scans, a note or both, told by what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cohort.base.documents import is_document
from cohort.base.errors import DataError, UsageError
from cohort.base.textfile import read_text
from cohort.schema.manifest import MANIFEST
from cohort.space.address import Address
from cohort.space.file_types import FILE_TYPES, holds_dicom, may_be_scan
from text.corpus.note_file import DOCUMENTS, NOTES

TABLES = (".csv", ".tsv", ".xls", ".xlsx", ".json", ".jsonl")
"""How the names of files end that hold the notes of several patients."""
_SCANS = tuple(suffix for file_type in FILE_TYPES for suffix in file_type.suffixes)


@dataclass(frozen=True)
class PatientFiles:
    """What was given of a patient; at least one of the two.

    Attributes
    ----------
    scans
        Each a file, DICOM folder or zip, or address of a volume, as they were named.
    note
        A text file, or a document of which the text is read, or which is refused later.
    """

    scans: tuple[Path, ...] = ()
    note: Path | None = None

    def all(self) -> list[Path]:
        """Return the files and folders that there are."""
        files = [Address.of(scan).file for scan in self.scans]
        return [*files, *([self.note] if self.note else [])]


def tell_apart(named: Sequence[Path]) -> PatientFiles:
    """Return which of the arguments are scans, and which is the note.

    Raises
    ------
    DataError
        If one does not exist, or is neither.
    UsageError
        If there are two notes, or one is a cohort or a model.
    """
    scans: list[Path] = []
    notes: list[Path] = []
    for path in named:
        (notes if _is_note(path) else scans).append(path)
    if len(notes) > 1:
        raise UsageError(
            f"{notes[0]} and {notes[1]} are two notes: name one note of one patient, and others "
            "in a call of their own."
        )
    return PatientFiles(tuple(scans), notes[0] if notes else None)


def _is_note(path: Path) -> bool:
    """Return whether an argument is a note, and not a scan."""
    file = Address.of(path).file
    if not file.exists():
        raise DataError(f"{path}: no such file or folder.")
    if file.is_dir():
        _refuse_other_folders(file)
        return False
    name = file.name.lower()
    if name.endswith((*NOTES, *DOCUMENTS)):
        return True
    if name.endswith(TABLES):
        raise UsageError(
            f"{path}: may hold the notes of several patients; name the file of one note "
            f"({', '.join(NOTES)}). `hich read` takes a table (.csv, .xlsx) by --notes."
        )
    if name.endswith(_SCANS) or holds_dicom(file):
        return False
    if is_document(file):
        return True  # refused where it is read, by what it is
    try:
        read_text(file)
    except DataError:
        raise DataError(
            f"{path}: is neither a scan (NIfTI, NRRD, DICOM folder or zip) nor a note "
            f"({', '.join(NOTES)})."
        ) from None
    return True


def _refuse_other_folders(folder: Path) -> None:
    from imaging.model.folder import is_model
    from text.model.named import is_pipeline

    if (folder / MANIFEST).is_file():
        raise UsageError(f"{folder}: is a cohort of many patients; `hich report` makes its pages.")
    if is_model(folder):
        raise UsageError(f"{folder}: is a model; name it by --model.")
    if is_pipeline(folder):
        raise UsageError(f"{folder}: is a spaCy pipeline; name it by --pipeline.")
    inside = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    texts = [path for path in inside if path.name.lower().endswith((*NOTES, *DOCUMENTS))]
    if texts and not any(map(may_be_scan, inside)) and not holds_dicom(folder):
        raise UsageError(f"{folder}: is a folder of notes; name the note, such as {texts[0]}.")
