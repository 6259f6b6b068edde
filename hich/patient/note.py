"""The patient's note: divided into sections, searched for findings and, perhaps, entities."""

from __future__ import annotations

from pathlib import Path

from cohort.schema.records.record import AnnotatedRecord
from hich.report.messages import Message
from text.corpus.docx import SUFFIX, has_tracked_changes


def notes_of_file(path: Path) -> list[Message]:
    """Return what is odd about a note's file: tracked changes, of which one reading is taken.

    Raises
    ------
    DataError
        As `text.corpus.note_file.read_note`.
    """
    is_changed = path.name.lower().endswith(SUFFIX) and has_tracked_changes(path)
    return [Message("note.tracked_changes")] if is_changed else []


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
    from text.reader import Reader

    return Reader.load(pipeline, device).annotated(note_id, text)
