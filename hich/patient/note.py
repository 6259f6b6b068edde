"""The patient's note: read, divided into sections, searched for findings and, perhaps, entities."""

from __future__ import annotations

from pathlib import Path

from cohort.base.errors import DataError
from cohort.schema.problems import parse
from cohort.schema.record import AnnotatedRecord
from text.corpus.docx import SUFFIX, read_docx
from text.corpus.record_text import RECORD_SUFFIX, read_record

NOTES = (RECORD_SUFFIX, SUFFIX)
"""How the names of notes end that are read."""
DOCUMENTS = (".doc", ".pdf", ".rtf", ".odt", ".wps", ".htm", ".html", ".xml")
"""Of documents of which only another program shows the text."""


def read_note(path: Path) -> str:
    """Read a note: its text, with LF line ends.

    Raises
    ------
    DataError
        If it is no text, in an unknown encoding, or empty; of a Word document, if it is damaged or
        which text counts is not clear.
    """
    if path.name.lower().endswith(DOCUMENTS):
        raise DataError(
            f"{path}: is a document, of which another program shows the text; open it there and "
            "save it as plain text (.txt, UTF-8)."
        )
    is_word = path.name.lower().endswith(SUFFIX)
    text = read_docx(path) if is_word else read_record(path)[0]
    if not text.strip():
        what = "holds no text (is it a picture?)" if is_word else "is empty"
        raise DataError(f"{path}: {what}; name the file that holds the note.")
    return text


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
