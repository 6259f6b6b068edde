"""The patient's note: divided into sections, searched for findings and, perhaps, entities."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from cohort.base.processes import cores, interrupt_held
from cohort.schema.problems import parse
from cohort.schema.record import AnnotatedRecord
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
    from text.model.rules import pipeline_or_rules, untold_by
    from text.pages.annotation_line import to_json

    nlp = pipeline_or_rules(pipeline, device)
    nlp.max_length = max(nlp.max_length, len(text) + 1)
    record, problems = parse(AnnotatedRecord, to_json(note_id, nlp(text), untold_by(nlp, pipeline)))
    assert record is not None, problems
    return record


@contextmanager
def annotated_aside(note_id: str, text: str) -> Iterator[Callable[[], AnnotatedRecord]]:
    """Annotate a note by rules in a process of its own, while the caller goes on.

    spaCy takes seconds to import, as does what scans need; side by side both take half as long.
    Gives what waits for the record. On one core, or where spaCy is imported already, the note is
    annotated here, and so it is if the process is ended from outside.
    """
    if cores() < 2 or "spacy" in sys.modules:
        record = annotate_note(note_id, text)
        yield lambda: record
        return
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe(duplex=False)
    process = context.Process(target=_send, args=(its, note_id, text), daemon=True)
    with interrupt_held():
        process.start()
    its.close()

    def wait() -> AnnotatedRecord:
        try:
            found: AnnotatedRecord = ours.recv()
        except EOFError:
            return annotate_note(note_id, text)
        return found

    try:
        yield wait
    finally:
        process.terminate()  # where nobody has waited: after Ctrl-C, or a problem with the scans
        process.join()
        ours.close()


def _send(place: Connection, note_id: str, text: str) -> None:
    place.send(annotate_note(note_id, text))
