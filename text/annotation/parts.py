"""Annotating records part by part: a job that any machine can do.

A part is some records that follow each other. Where one ends depends on the records' ids alone, so
that a record more changes one part, not all those after it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple
from zlib import crc32

from cohort.base.errors import DataError
from cohort.base.files import write_text
from cohort.work.completed import Completed
from cohort.work.job import (
    Item,
    Job,
    JobIdentity,
    Made,
    digest_of,
    digest_of_code,
    digest_of_files,
    digests,
)
from cohort.work.ledger import Entry, work_folder
from text.annotation.write import Annotation, Rows, WhatToWrite, write_annotations
from text.model.each import Stumbled, each_doc
from text.preannotation.evidence import PreAnnotations
from text.preannotation.finding_labels import FindingLabels

if TYPE_CHECKING:
    from spacy.language import Language

    from text.corpus.records import Records

MOST = 256
"""Records of a part, on average; of fewer than 64 times as many, parts are smaller."""
_CODE = (
    "text.annotation.parts",
    "text.model.rules",
    "text.components.deidentify.component",
    "text.components.findings.component",
    "text.components.ner.component",
    "text.components.sections",
)
"""The modules that annotate, with all that they import, and components that pipelines name."""
_LIBRARIES = ("spacy", "thinc", "numpy", "torch", "spacy-transformers")
BATCH = 100_000
"""Characters annotated at once."""


class Unread(NamedTuple):
    """In the place of a part: a file that can't be read, and why."""

    problems: tuple[str, ...]


def size_of_parts(records: int) -> int:
    """Return how many records parts have on average, a power of two.

    Examples
    --------
    >>> size_of_parts(30), size_of_parts(1000), size_of_parts(1_000_000)
    (1, 8, 256)
    """
    size = 1
    while size < MOST and size * 128 <= records:
        size *= 2
    return size


def ends_part(record_id: str, size: int) -> bool:
    """Return whether a part of that size on average ends with this record."""
    return crc32(record_id.encode()) % size == 0


def record_parts(records: Records) -> Iterator[Item]:
    """Yield the parts of records that were checked, each read when it is asked for."""
    size = size_of_parts(records.count)
    part: list[tuple[str, str]] = []
    for file in records.files:
        if file.path in records.unread:
            yield Item(file.path.name, Unread(records.unread[file.path]))
            continue
        for record in file.records():
            if not record.text.strip():
                continue
            part.append((record.id, record.text))
            if ends_part(record.id, size) or len(part) >= 4 * size:
                yield Item(part[0][0], part)
                part = []
    if part:
        yield Item(part[0][0], part)


def part_ids(records: Records, ids: Iterable[str]) -> list[str]:
    """Return the ids of `record_parts`, of the ids that `Records.check` has gone through.

    An id that begins with a slash is the name of a file that can't be read.
    """
    size = size_of_parts(records.count)
    found, length, first = [], 0, ""
    for one in ids:
        if one.startswith("/"):
            found.append(one[1:])
            continue
        first = first if length else one
        length += 1
        if ends_part(one, size) or length >= 4 * size:
            found.append(first)
            length = 0
    return found + ([first] if length else [])


@dataclass
class AnnotateJob(Job):
    """A pipeline that annotates parts of records.

    Attributes
    ----------
    place
        Folder that the parts are written to.
    model, device
        As `text.model.rules.pipeline_or_rules` has them.
    untold
        What the pipeline cannot tell.
    """

    place: Path
    model: str | None
    identity: JobIdentity
    untold: Mapping[str, str] = field(default_factory=dict)
    device: str | int = "cpu"
    command: str = "annotate"
    keeps: ClassVar[Literal["output", "work"]] = "work"
    _nlp: Language | None = None

    @classmethod
    def of(
        cls,
        nlp: Language,
        model: str | None,
        output: Path,
        untold: Mapping[str, str],
        device: str | int = "cpu",
    ) -> AnnotateJob:
        """Return the job of a pipeline that is loaded here; other processes load it again."""
        from cohort.base.devices import parse_device

        kind = parse_device(device).kind if model is not None else "cpu"
        identity = JobIdentity(
            digest_of([kind, nlp.pipe_names, dict(untold)]),
            _digest_of_pipeline(nlp, model),
            digest_of_code(_CODE, _LIBRARIES),
        )
        return cls(work_folder(output), model, identity, untold, device, _nlp=nlp)

    def digest(self, item: Item) -> str:
        """Return the SHA-256 of a part's ids and texts.

        Raises
        ------
        DataError
            If it stands for a file that can't be read.
        """
        if isinstance(item.payload, Unread):
            raise DataError(*item.payload.problems)
        return digest_of(item.payload)

    def code_here(self) -> str:
        """Return the SHA-256 of the code that annotates, and libraries' versions."""
        return digest_of_code(_CODE, _LIBRARIES)

    def load(self) -> _Annotating:
        """Load the pipeline."""
        from text.model.rules import pipeline_or_rules

        return _Annotating(self, self._nlp or pipeline_or_rules(self.model, self.device))


class _Annotating:
    """A loaded pipeline."""

    def __init__(self, job: AnnotateJob, nlp: Language) -> None:
        self._job, self._nlp = job, nlp

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Annotate parts; the lines of each are a file."""
        for item in items:
            try:
                yield self._annotate(item)
            except DataError as error:
                yield error

    def _annotate(self, item: Item) -> Made:
        from text.pages.annotation_line import to_json

        digest = self._job.digest(item)
        texts = [text for _, text in item.payload]
        longest, characters = max(map(len, texts)), sum(map(len, texts))
        self._nlp.max_length = max(self._nlp.max_length, longest + 1)
        at_once = max(1, min(len(texts), BATCH * len(texts) // characters))
        rows, problems = [], []
        docs = each_doc(self._nlp, texts, at_once)
        for (record_id, _), doc in zip(item.payload, docs, strict=True):
            if isinstance(doc, Stumbled):
                problems.append(doc.sentence(record_id))
            else:
                rows.append(to_json(record_id, doc, self._job.untold))
        if problems:
            others = f"{len(rows)} other records that were read with it are left out, too."
            raise DataError(*problems, *([others] if rows else []))
        name = f"parts/{item.id}.jsonl"
        write_text(self._job.place / name, "".join(map(as_line, rows)))
        return Made(digest, digests({name: self._job.place / name}))


def as_line(row: Mapping[str, Any]) -> str:
    """Return what stands in `annotations.jsonl` of a record."""
    return json.dumps(row, ensure_ascii=False) + "\n"


def rows_of(entries: Iterable[Entry], place: Path) -> Rows:
    """Yield line and row of each record of the parts, in order."""
    for entry in entries:
        for name in entry.files:
            with (place / name).open(encoding="utf-8", newline="\n") as lines:
                for line in lines:
                    yield line, json.loads(line)


def as_last_step(wanted: WhatToWrite, result: Annotation) -> dict[str, Any]:
    """Return what `finish` needs to know, as JSON has it."""
    found = result.preannotations
    choices = found.wanted.choices if found else {}
    return {
        "model": wanted.model,
        "labels": list(wanted.labels),
        "formats": list(wanted.formats),
        "pages": wanted.pages,
        "untold": dict(result.untold),
        "encodings": dict(result.encodings),
        "left_out": result.left_out,
        "finding_labels": None if found is None else found.wanted.path.name,
        # Pairs, since keys are numbers, too.
        "choices": [[name, list(map(list, its.items()))] for name, its in choices.items()],
    }


def finish(output: Path, done: Completed) -> list[str]:
    """Write the folder `output` of all parts; return what was done, in words."""
    step = done.noted.last_step
    found = None
    if step["finding_labels"] is not None:
        choices = {name: {key: label for key, label in its} for name, its in step["choices"]}
        found = PreAnnotations(FindingLabels(Path(step["finding_labels"]), choices))
    result = Annotation(
        output,
        encodings=Counter(step["encodings"]),
        left_out=step["left_out"],
        untold=step["untold"],
        preannotations=found,
    )
    wanted = WhatToWrite(step["model"], step["labels"], step["formats"], step["pages"])
    rows = rows_of(done.entries, work_folder(output))
    write_annotations(rows, output, wanted, result)
    return [f"{result.records:,} records, {result.characters:,} characters in {output}"]


def _digest_of_pipeline(nlp: Language, model: str | None) -> str:
    """Return the SHA-256 of a pipeline's files; "" for that of rules, which are code."""
    if model is None:
        return ""
    folder = nlp.path or Path(model)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = "\n".join(path.relative_to(folder).as_posix() for path in files)
    return digest_of_files(files, names)
