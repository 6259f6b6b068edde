"""Read medical records from Python: findings and sections by rules, entities by a pipeline.

Examples
--------
::

    record = Reader.load()("患者，男，62岁…")
    record.findings, record.sections
    record = Reader.load("training/text/model-best")(Path("note.txt"))
    record.entities
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cohort.base.cli import progress as with_bar
from cohort.base.errors import DataError, Problem, UsageError, several
from cohort.schema.problems import parse
from cohort.schema.records.findings import StatedFinding
from cohort.schema.records.record import AnnotatedRecord, DiagnosisCode, MarkedSpan
from cohort.schema.scans.scan import Note
from text.corpus.formats.offsets import refuse_half_characters
from text.corpus.note_file import DOCUMENTS, NOTES, read_note
from text.corpus.record_text import with_lf
from text.model.each import Stumbled, each_doc
from text.model.rules import pipeline_or_rules, untold_by
from text.pages.annotation_line import to_json

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

UNNAMED = "record"
"""How a record is called that has no file."""
_FILES = (*NOTES, *DOCUMENTS, ".md", ".csv", ".xlsx", ".json", ".jsonl", ".nii", ".nii.gz", ".dcm")
_AT_ONCE = 64  # records
_CHARACTERS_AT_ONCE = 100_000


class Reader:
    """A pipeline that reads medical records.

    Parameters
    ----------
    nlp
        spaCy's pipeline.
    untold
        What it cannot tell, with the reason; None for what its components show.
    """

    def __init__(self, nlp: Language, untold: Mapping[str, str] | None = None) -> None:
        self.nlp = nlp
        self.untold = dict(untold_by(nlp, nlp.meta["name"]) if untold is None else untold)

    @classmethod
    def load(cls, pipeline: str | Path | None = None, device: str | int = "cpu") -> Reader:
        """Load a pipeline.

        Parameters
        ----------
        pipeline
            Folder of a trained pipeline, or name of an installed one; None for the rules alone,
            which find sections and findings and need no training.
        device
            `cpu`, `cuda`, `cuda:1`, …; or `mps`.

        Raises
        ------
        DataError
            If it cannot be loaded.
        UsageError
            If there is no such device.
        """
        named = None if pipeline is None else str(pipeline)
        nlp = pipeline_or_rules(named, device)
        return cls(nlp, untold_by(nlp, named))

    def __call__(self, record: str | Path) -> ReadRecord:
        """Read one record.

        Parameters
        ----------
        record
            Its text; or the path of a text file or a Word document (.docx), as `Path`.

        Raises
        ------
        DataError
            If it is empty, or its file is no text.
        UsageError
            If it is the name of a file, and no `Path`.
        """
        name, text = text_of(record, UNNAMED)
        return self._done(name, self._doc(text))

    def annotated(self, name: str, text: str) -> AnnotatedRecord:
        """Return a text's record as files have it (`text.annotate`'s line), called `name`."""
        return self._annotated(name, self._doc(text))

    def pipe(
        self, records: Iterable[str | Path], *, progress: bool = False
    ) -> Iterator[ReadRecord | Problem]:
        """Yield for each record, in order, what it says, or what is wrong with it.

        Parameters
        ----------
        records
            Each as `__call__` takes it.
        progress
            Show a bar, on a terminal or in a notebook.

        Raises
        ------
        UsageError
            At once, if it is one text or path instead of several.
        """
        return self._pipe(several(records, "records"), progress)

    def _pipe(
        self, records: Iterable[str | Path], progress: bool
    ) -> Iterator[ReadRecord | Problem]:
        outcomes: Iterable[ReadRecord | Problem] = self._in_batches(records)
        if progress:
            total = len(records) if isinstance(records, Sized) else None
            outcomes = with_bar(outcomes, "Reading", total)
        yield from outcomes

    def _in_batches(self, records: Iterable[str | Path]) -> Iterator[ReadRecord | Problem]:
        batch: list[tuple[str, str] | Problem] = []
        waiting = 0
        for number, record in enumerate(records, 1):
            one = _attempt(record, f"{UNNAMED}-{number}")
            batch.append(one)
            waiting += 0 if isinstance(one, Problem) else len(one[1])
            if len(batch) >= _AT_ONCE or waiting >= _CHARACTERS_AT_ONCE:
                yield from self._read(batch)
                batch, waiting = [], 0
        yield from self._read(batch)

    def _read(self, batch: list[tuple[str, str] | Problem]) -> Iterator[ReadRecord | Problem]:
        texts = [one[1] for one in batch if not isinstance(one, Problem)]
        for text in texts:
            self._allow(text)
        docs = each_doc(self.nlp, texts)
        for one in batch:
            if isinstance(one, Problem):
                yield one
                continue
            name, doc = one[0], next(docs)
            if isinstance(doc, Stumbled):
                yield Problem(name, (doc.sentence(name),))
            else:
                yield self._done(name, doc)

    def _doc(self, text: str) -> Doc:
        self._allow(text)
        return self.nlp(text)

    def _allow(self, text: str) -> None:
        self.nlp.max_length = max(self.nlp.max_length, len(text) + 1)

    def _annotated(self, name: str, doc: Doc) -> AnnotatedRecord:
        annotated, problems = parse(AnnotatedRecord, to_json(name, doc, self.untold))
        assert annotated is not None, problems
        return annotated

    def _done(self, name: str, doc: Doc) -> ReadRecord:
        annotated = self._annotated(name, doc)
        return ReadRecord(
            id=name,
            text=annotated.text,
            findings=annotated.findings or (),
            sections=annotated.sections,
            entities=annotated.spans,
            icd10=annotated.icd10,
            notes=annotated.notes,
            doc=doc,
            cannot_be_told=dict(self.untold),
        )


@dataclass(frozen=True)
class ReadRecord:
    """What a record says.

    Attributes
    ----------
    id
        Name of its file without suffix, or a number.
    text
        What was read; line ends count as one character.
    findings
        Values that it states, in text order, each with certainty and evidence.
    sections
        Its sections: start, end, label.
    entities
        Its entities: start, end, label, text, section.
    icd10
        Codes of its bleeds (WHO, 2019), each with certainty and evidence.
    notes
        What is unusual about it.
    doc
        spaCy's document.
    cannot_be_told
        `entities`, `findings` or `sections`, to why the pipeline finds none: then there being
        none says nothing of the record.
    """

    id: str
    text: str
    findings: tuple[StatedFinding, ...]
    sections: tuple[MarkedSpan, ...]
    entities: tuple[MarkedSpan, ...]
    icd10: tuple[DiagnosisCode, ...]
    notes: tuple[Note, ...]
    doc: Doc = field(repr=False, compare=False)
    cannot_be_told: dict[str, str] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        """Show in a notebook what a page of `text.annotate` does: marked text, and findings."""
        from text.pages.record_page import record_in_notebook

        return record_in_notebook(to_json(self.id, self.doc, self.cannot_be_told))


def text_of(record: str | Path, name: str) -> tuple[str, str]:
    """Return the name of a record and its text: see `Reader`.

    Raises
    ------
    DataError
        If it is empty, or its file is no text.
    UsageError
        If it is neither text nor a path, or the name of a file as text.
    """
    if isinstance(record, Path):
        if record.is_dir():
            raise DataError(f"{record}: is a folder; name the file that holds the note.")
        name, text = record.stem, read_note(record)
    elif isinstance(record, str):
        if _is_file(record) or _is_called_like_one(record):
            raise UsageError(f"{record}: is the name of a file; to read it, give Path({record!r}).")
        text = with_lf(record)
        refuse_half_characters(Path(name), name, text)
    else:
        raise UsageError(f"{type(record).__name__}: is not a record; give its text, or a Path.")
    if not text.strip():
        raise DataError(f"{record if isinstance(record, Path) else name}: is empty.")
    return name, text


def _is_file(text: str) -> bool:
    """Whether a text is the path of a file, which a record's hardly is."""
    try:
        return "\n" not in text and Path(text).is_file()
    except (OSError, ValueError):  # too long, or with characters that no path has
        return False


def _is_called_like_one(text: str) -> bool:
    """Whether a text is but the name of a file, which then isn't there, or no note."""
    return re.fullmatch(r"[^\s，。；：]{1,255}", text) is not None and text.lower().endswith(_FILES)


def _attempt(record: str | Path, name: str) -> tuple[str, str] | Problem:
    called = str(record) if isinstance(record, Path) else name
    try:
        return text_of(record, name)
    except DataError as error:
        return Problem(called, error.problems)
    except UsageError as error:
        return Problem(called, (str(error),))
    except OSError as error:
        return Problem(called, (f"{called}: {error.strerror or error}.",))
