"""Annotated records cut into documents, such that spaCy can learn entities from them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cohort.tagscheme import Span
from text.notes import Note

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


class Piece(NamedTuple):
    """A document to be: characters of a note from `start` on, and the entities in them."""

    start: int
    text: str
    entities: list[Span]


def pieces(note: Note, repairs: Repairs, max_length: int = 0) -> Iterator[Piece]:
    """Yield the documents of `note`: one, or its pieces of at most `max_length` characters.

    Parameters
    ----------
    note
        The tagged record.
    repairs
        Counts, added to.
    max_length
        Length of the pieces in characters; 0 for the whole note. Pieces end at the ends of
        sentences, never inside an entity, so a long sentence makes a longer piece.
    """
    entities = _trim(note, repairs)
    if not max_length or len(note.text) <= max_length:
        yield Piece(0, note.text, entities)
        return
    starts = [entity.start for entity in entities]
    for start, end in _cuts(note.text, entities, max_length):
        repairs.too_long += end - start > max_length
        inside = [
            Span(entity.start - start, entity.end - start, entity.label)
            for entity in entities[bisect_left(starts, start) : bisect_left(starts, end)]
        ]
        yield Piece(start, note.text[start:end], inside)


def _trim(note: Note, repairs: Repairs) -> list[Span]:
    """Cut white space off the edges of entities: spaCy's oracle fails on it (E024)."""
    text = note.text
    if not any(text[e.start].isspace() or text[e.end - 1].isspace() for e in note.entities):
        return note.entities
    trimmed = []
    for entity in note.entities:
        covered = text[entity.start : entity.end]
        start = entity.start + len(covered) - len(covered.lstrip())
        end = entity.end - (len(covered) - len(covered.rstrip()))
        if start >= end:
            repairs.blank += 1
            continue
        repairs.trimmed += (start, end) != (entity.start, entity.end)
        trimmed.append(Span(start, end, entity.label))
    return trimmed


def _cuts(text: str, entities: list[Span], max_length: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each piece: as many whole sentences as `max_length` has room for."""
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
