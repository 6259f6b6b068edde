"""The patient's note: read, divided into sections, searched for findings and, perhaps, entities."""

from __future__ import annotations

from pathlib import Path

from cohort.base.errors import DataError
from cohort.schema.problems import parse
from cohort.schema.record import AnnotatedRecord
from hich.report.messages import Message
from text.corpus.docx import SUFFIX, has_tracked_changes, read_docx
from text.corpus.record_text import RECORD_SUFFIX, read_record

NOTES = (RECORD_SUFFIX, SUFFIX)
"""How the names of notes end that are read."""
DOCUMENTS = (".doc", ".pdf", ".rtf", ".odt", ".wps", ".htm", ".html", ".xml")
"""Of documents of which only another program shows the text."""


_DISGUISED = {
    b"%PDF-": "a PDF",
    b"{\\rtf": "an RTF document",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel document",
    b"PK\x03\x04": "a Word document, a workbook or another zip",
}


def read_note(path: Path) -> str:
    """Read a note: its text, with LF line ends.

    Raises
    ------
    DataError
        If it is no text, in an unknown encoding, or empty; of a Word document, if it is damaged.
    """
    if path.name.lower().endswith(DOCUMENTS):
        raise DataError(
            f"{path}: is a document, of which another program shows the text; open it there and "
            "save it as plain text (.txt, UTF-8)."
        )
    is_word = path.name.lower().endswith(SUFFIX)
    if not is_word:
        _refuse_disguised(path)
    text = read_docx(path) if is_word else read_record(path)[0]
    if not any(map(str.isalnum, text)):
        what = "holds no text (is it a picture?)" if is_word else "is empty"
        raise DataError(f"{path}: {what}; name the file that holds the note.")
    return text


def notes_of_file(path: Path) -> list[Message]:
    """Return what is odd about a note's file: tracked changes, of which one reading is taken.

    Raises
    ------
    DataError
        As `read_note`.
    """
    is_changed = path.name.lower().endswith(SUFFIX) and has_tracked_changes(path)
    return [Message("note.tracked_changes")] if is_changed else []


def _refuse_disguised(path: Path) -> None:
    """Refuse a document of another program by how it begins, whatever its name."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except FileNotFoundError:
        return  # said where it is read
    for begins, what in _DISGUISED.items():
        if head.startswith(begins):
            raise DataError(
                f"{path}: is {what} by its content, whatever its name; open it in its program and "
                "save it as plain text (.txt, UTF-8)."
            )


def annotate_note(
    note_id: str, text: str, pipeline: str | None = None, device: str | int = "cpu"
) -> AnnotatedRecord:
    """Find sections, findings and, with a pipeline that looks for them, entities of a note.

    Parameters
    ----------
    note_id
        Id of the record.
    text
        What `read_note` returned.
    pipeline
        Folder of a spaCy pipeline, or name of an installed one; None for rules only.
    device
        As `cohort.base.devices` has it: `cpu`, `cuda:1`, … or a number of a GPU.

    Raises
    ------
    DataError
        If the pipeline cannot be loaded.
    UsageError
        If there is no such device.
    """
    from text.model.rules import pipeline_or_rules, untold_by
    from text.pages.annotation_line import to_json

    nlp = pipeline_or_rules(pipeline, device)
    nlp.max_length = max(nlp.max_length, len(text) + 1)
    record, problems = parse(AnnotatedRecord, to_json(note_id, nlp(text), untold_by(nlp, pipeline)))
    assert record is not None, problems
    return record
