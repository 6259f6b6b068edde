"""A pipeline component that finds the sections of a medical record by their headings.

The headings stand in `headings.json`; from there they get into the component's configuration and
travel in the pipeline's `config.cfg`, where they can be changed. `headings` says what else counts
as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc, Span

from .document import as_seen, text_of
from .headings import OTHER, PREAMBLE, Headings

__all__ = ["HEADINGS", "OTHER", "PREAMBLE", "Sectionizer", "make_sections"]

_FILE = Path(__file__).with_name("headings.json")
HEADINGS: dict[str, list[str]] = (
    json.loads(_FILE.read_text(encoding="utf-8")) if _FILE.is_file() else {}
)
"""Section label to the headings that begin it.

Headings in a pipeline's configuration are added to these; those of a label that stands here
replace them, and an empty list takes the label away. A pipeline's wheel has no such file and
needs none: its configuration says them all.
"""


class Sectionizer:
    """Mark the sections of a record in `doc.spans`.

    A heading stands at the start of the record or a line, or after white space or a punctuation
    mark; it is in brackets (`【主诉】`), or a colon follows it (`主诉：`, `1、主 诉:`), or it
    stands at the start of a line and white space, a dash or the line's end follows it. A heading
    that isn't listed counts in brackets, and alone or before a colon at a line's start, where it
    ends as headings do (入院后情况, 会诊意见); its words give it a label, else it is `other`. Each
    section goes from its heading to the next one.

    Parameters
    ----------
    headings
        Section label to its headings.
    spans_key
        Key of the sections in `doc.spans`.
    """

    def __init__(self, headings: dict[str, list[str]], spans_key: str) -> None:
        self.spans_key = spans_key
        self.label_of = {
            re.sub(r"\s", "", h): label for label, variants in headings.items() for h in variants
        }
        self._headings = Headings(self.label_of)

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc.spans[spans_key]`: sections in order, white space at their edges left out."""
        doc.spans[self.spans_key] = list(self._sections(doc))
        return doc

    def _sections(self, doc: Doc) -> Iterator[Span]:
        written = text_of(doc)
        text, at = as_seen(written)
        starts = self._headings.starts(text)
        if at:
            starts = [(at[start] if start else 0, label) for start, label in starts]
        for (start, label), (end, _) in pairwise([*starts, (len(written), "")]):
            content = written[start:end]
            start += len(content) - len(content.lstrip())
            end -= len(content) - len(content.rstrip())
            if start < end:
                span = doc.char_span(start, end, label=label, alignment_mode="expand")
                if span is not None:
                    yield span


def make_sections(
    nlp: Language, name: str, headings: dict[str, list[str]], spans_key: str
) -> Sectionizer:
    """Make the component for `nlp.add_pipe("hich_sections")`; see `Sectionizer`."""
    return Sectionizer(headings, spans_key)


# A pipeline's wheel brings its own copy of this file. Where this project is installed too, both
# register the same component, and spaCy refuses the second (E004): the first one stays.
if not Language.has_factory("hich_sections"):
    Language.factory(
        "hich_sections",
        default_config={"headings": HEADINGS, "spans_key": "sections"},
        assigns=["doc.spans"],
        func=make_sections,
    )
