"""spaCy documents of tagged records, such that its named-entity recogniser can learn from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as DocSpan

from cohort.tagscheme import Span
from text.sources import Note

# A sentence ends with its closing quotes and the white space behind it.
_SENTENCE_END = re.compile(r"(?:[。！？；!?;]+[”’」』）)]*\s*|\n\s*)")


@dataclass
class Repairs:
    """What was changed so that spaCy can take the entities.

    Attributes
    ----------
    trimmed
        Entities whose white space at an edge was cut off.
    blank
        Entities of white space alone, left out.
    too_long
        Sentences longer than the longest piece asked for, kept whole.
    """

    trimmed: int = 0
    blank: int = 0
    too_long: int = 0


def make_docs(nlp: Language, note: Note, repairs: Repairs, max_length: int = 0) -> Iterator[Doc]:
    """Yield the documents of `note`: one, or its pieces of at most `max_length` characters.

    Each document carries `doc.user_data["case"]`, the note's id, and `["start"]`, where in the
    note it starts.

    Parameters
    ----------
    nlp
        The pipeline whose tokenizer cuts the text.
    note
        The tagged record.
    repairs
        Counts, added to.
    max_length
        Length of the pieces in characters; 0 for the whole note. Pieces end at the ends of
        sentences, never inside an entity, so a long sentence makes a longer piece.
    """
    entities = _trim(note, repairs)
    for start, end in _pieces(note.text, entities, max_length):
        repairs.too_long += bool(max_length and end - start > max_length)
        doc = nlp.make_doc(note.text[start:end])
        inside = [entity for entity in entities if start <= entity.start < end]
        doc.ents = [_span(doc, entity, start) for entity in inside]
        doc.user_data.update({"case": note.id, "start": start})
        yield doc


def _span(doc: Doc, entity: Span, offset: int) -> DocSpan:
    span = doc.char_span(entity.start - offset, entity.end - offset, label=entity.label)
    if span is None:  # never with one token a character
        raise ValueError(f"the tokens of {doc.text!r} don't fit {entity}")
    return span


def _trim(note: Note, repairs: Repairs) -> list[Span]:
    """Cut white space off the edges of entities: spaCy's oracle fails on it (E024)."""
    trimmed = []
    for entity in note.entities:
        covered = note.text[entity.start : entity.end]
        start = entity.start + len(covered) - len(covered.lstrip())
        end = entity.end - (len(covered) - len(covered.rstrip()))
        if start >= end:
            repairs.blank += 1
            continue
        repairs.trimmed += (start, end) != (entity.start, entity.end)
        trimmed.append(Span(start, end, entity.label))
    return trimmed


def _pieces(text: str, entities: list[Span], max_length: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each piece: as many whole sentences as `max_length` has room for."""
    if not max_length or len(text) <= max_length:
        yield 0, len(text)
        return
    inside = {i for entity in entities for i in range(entity.start + 1, entity.end)}
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() not in inside]
    start = last = 0
    for end in [*ends, len(text)]:
        if end - start > max_length and last > start:
            yield start, last
            start = last
        last = end
    if start < len(text):
        yield start, len(text)
