"""What the text half found in each record: the lines of `annotations.jsonl`.

The file is gone through once to learn where each record's line begins; a line is read when its
case's turn comes, so that memory doesn't grow with the cohort.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.schema.problems import Names, in_brackets, parse
from cohort.schema.records.findings import StatedFinding
from cohort.schema.records.record import AnnotatedRecord, MarkedSpan
from cohort.tags.scheme import Span
from hich.report.model.finding import Finding

ANNOTATIONS = "annotations.jsonl"
"""Name of the file, as `text.annotate` has it, which imports much more than a report needs."""


@dataclass(frozen=True)
class AnnotationsLine:
    """Where an annotated record stands.

    Attributes
    ----------
    path
        The file.
    offset
        Byte where the line begins.
    number
        Of the line, from 1 on.
    """

    path: Path
    offset: int
    number: int

    def __str__(self) -> str:
        return f"{self.path}, line {self.number}"


@dataclass(frozen=True)
class AnnotatedText:
    """An annotated record.

    Attributes
    ----------
    text
        What was annotated; offsets are in it.
    spans
        Entities, in text order, not overlapping.
    sections
        In text order.
    findings
        In text order; None if the pipeline that annotated finds none.
    entities_untold
        Why no entities were looked for; None if they were.
    """

    text: str
    spans: tuple[Span, ...] = ()
    sections: tuple[Span, ...] = ()
    findings: tuple[Finding, ...] | None = None
    entities_untold: str | None = None


@dataclass
class Index:
    """Which records are annotated.

    Attributes
    ----------
    lines
        Id of the record to its line.
    problems
        Sentences on lines that can't be read.
    """

    lines: dict[str, AnnotationsLine] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def find_annotations(folder: Path) -> Index | None:
    """List the annotated records in the folder that `text.annotate` wrote; None if there are none.

    Of lines with one id the first counts.
    """
    path = folder / ANNOTATIONS
    if not path.is_file():
        return None
    index, offset = Index(), 0
    with path.open("rb") as file:
        for number, content in enumerate(file, 1):
            line, offset = AnnotationsLine(path, offset, number), offset + len(content)
            if not content.strip():
                continue
            try:
                record_id = _parse(line, content)["id"]
            except DataError as error:
                index.problems += error.problems
                continue
            if not isinstance(record_id, str):
                index.problems.append(f"{line}: has no id; annotate the records again.")
            elif record_id in index.lines:
                first = index.lines[record_id].number
                index.problems.append(f"{line}: is of {record_id!r} like line {first}; not used.")
            else:
                index.lines[record_id] = line
    return index


def read_annotation(line: AnnotationsLine) -> AnnotatedText:
    """Read a line.

    Raises
    ------
    DataError
        If it is not an annotated record, or has offsets outside of its text.
    """
    with line.path.open("rb") as file:
        file.seek(line.offset)
        value = _parse(line, file.readline())
    text = value.get("text")
    if not isinstance(text, str):
        raise DataError(f"{line}: has no text; annotate the records again.")
    read, problems = parse(AnnotatedRecord, value, _Called())
    if read is None:
        why = in_brackets(problems)
        raise DataError(f"{line}: is not an annotated record {why}; annotate the records again.")
    annotation = annotated_text(read)
    findings = annotation.findings or ()
    placed: list[Span | Finding] = [*annotation.spans, *annotation.sections, *findings]
    if not all(0 <= span.start <= span.end <= len(text) for span in placed):
        raise DataError(f"{line}: has offsets outside of its text; annotate the records again.")
    if not all(text[f.start : f.end] == f.text for f in findings):
        raise DataError(f"{line}: quotes what isn't in its text; annotate the records again.")
    return annotation


def annotated_text(read: AnnotatedRecord) -> AnnotatedText:
    """Return an annotated record as the report has it."""
    found = None if read.findings is None else [_finding(f) for f in read.findings]
    return AnnotatedText(
        read.text,
        _spans(read.spans),
        _spans(read.sections),
        None if found is None else tuple(sorted(found, key=_start)),
        read.cannot_be_told.get("entities"),
    )


def _parse(line: AnnotationsLine, content: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or lists in lists without end
        value = None
    if not isinstance(value, dict):
        raise DataError(f"{line}: is not an annotated record in UTF-8; annotate the records again.")
    return {"id": None, **value}


class _Called(Names):
    """What stands in a patient's record isn't repeated."""

    shows_values = False


def _spans(marked: Sequence[MarkedSpan]) -> tuple[Span, ...]:
    """Return spans in text order; of two that overlap, the first."""
    kept: list[Span] = []
    for span in sorted((Span(m.start, m.end, m.label) for m in marked), key=_start):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)


def _finding(read: StatedFinding) -> Finding:
    value = dict(read)  # with the keys of its name, and those that a later version may write
    return Finding(**{key: value.pop(key) for key in StatedFinding.model_fields}, extra=value)


def _start(span: Span | Finding) -> int:
    return span.start
