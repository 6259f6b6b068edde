"""What is written of annotated records: lines, table, pages, and files of annotation tools."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.files import atomic_folder, refuse_sources_inside
from cohort.base.note_lines import NoteCounts
from cohort.tags.scheme import Span
from text.corpus.annotated import MarkedRecord
from text.corpus.formats.registry import WRITERS
from text.pages.findings_table import FindingsCsv
from text.preannotation.evidence import PreAnnotations

if TYPE_CHECKING:
    from text.sharing.tasks import SharedTasks

ANNOTATIONS = "annotations.jsonl"

Rows = Iterable[tuple[str, dict[str, Any]]]
"""Of each record its line of `annotations.jsonl`, and what stands in it."""


@dataclass
class Annotation:
    """What `annotate` read and wrote.

    Attributes
    ----------
    folder
        Where it was written.
    records
        How many records were annotated.
    characters
        Their characters.
    labels
        Entities by label.
    encodings
        Records by encoding.
    left_out
        Why something was left out, to what it is.
    notes
        How many records have notes, by kind.
    untold
        What the pipeline cannot tell, with the reason.
    preannotations
        What became of the findings, where they were given labels.
    shared
        What was replaced in the tasks; None if they hold the records as they are.
    problems
        Sentences on records that could not be read, where the others go on.
    """

    folder: Path
    records: int = 0
    characters: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    notes: NoteCounts = field(default_factory=NoteCounts)
    untold: Mapping[str, str] = field(default_factory=dict)
    preannotations: PreAnnotations | None = None
    shared: SharedTasks | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class WhatToWrite:
    """What is to be written.

    Attributes
    ----------
    model
        What was named to load the pipeline; None for rules only.
    labels
        Those of entities that it knows.
    formats
        Names of formats for annotation tools.
    pages
        Whether to write web pages.
    sources
        Files and folders that may not lie in the output.
    """

    model: str | None
    labels: Sequence[str]
    formats: Sequence[str] = ()
    pages: bool = True
    sources: Sequence[Path] = ()


def write_annotations(rows: Rows, output: Path, wanted: WhatToWrite, result: Annotation) -> None:
    """Write the folder `output`, all or nothing, and count in `result` what was written.

    Parameters
    ----------
    rows
        The annotated records in order; gone through once.
    output
        Folder to make; an earlier one of the same kind is replaced.
    wanted
        What to write.
    result
        Its `preannotations` and `shared` say what tasks hold.

    Raises
    ------
    DataError
        If `output` holds something else, or one of the sources, or a label can't be written.
    """
    from text.pages.record_page import Palette, index_page, record_page

    palette, found = Palette(list(wanted.labels)), result.preannotations
    to_write = sorted({*wanted.labels, *(found.wanted.labels if found else ())})
    index = []
    with atomic_folder(output, ANNOTATIONS) as folder, ExitStack() as stack:
        refuse_sources_inside(output, wanted.sources)
        lines = stack.enter_context(
            (folder / ANNOTATIONS).open("w", encoding="utf-8", newline="\n")
        )
        writers = [
            stack.enter_context(closing(WRITERS[name](folder, to_write)))
            for name in dict.fromkeys(wanted.formats)
        ]
        table = stack.enter_context(closing(FindingsCsv(folder)))
        if wanted.pages:
            (folder / "pages").mkdir()
        for line, row in rows:
            lines.write(line)
            notes = [(n["kind"], n["what"]) for n in row["notes"]]
            result.notes.add(row["id"], notes)
            if row["findings"] is not None:
                table.add(row["id"], row["findings"], row["icd10"], [what for _, what in notes])
            if writers:
                note = _note(row, found)
                task = result.shared(note) if result.shared else note
                if task is not None:
                    for writer in writers:
                        writer.add(task)
            if wanted.pages:
                page = record_page(row, palette)
                (folder / "pages" / f"{row['id']}.html").write_text(page, encoding="utf-8")
                index.append((row["id"], len(row["text"]), len(row["spans"])))
            result.records += 1
            result.characters += len(row["text"])
            result.labels.update(span["label"] for span in row["spans"])
        if result.shared:
            result.shared.report(folder)
            result.problems += result.shared.sharing.problems
        if wanted.pages:
            page = index_page(wanted.model, index, result.untold)
            (folder / "index.html").write_text(page, encoding="utf-8")


def _note(row: dict[str, Any], found: PreAnnotations | None) -> MarkedRecord:
    spans = [Span(span["start"], span["end"], span["label"]) for span in row["spans"]]
    if found:
        spans = found.entities(row["text"], spans, row["findings"])
    return MarkedRecord(row["id"], row["text"], spans)
