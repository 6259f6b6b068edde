"""Annotated records cut into documents, such that spaCy can learn entities from them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from cohort.base.errors import DataError
from cohort.tags.scheme import Span
from text.corpus.annotated import MarkedRecord

LONGEST = 1_000_000
"""Characters of the longest document that spaCy takes, in training and in scoring (its E088)."""

TRAINABLE = 50_000
"""Characters of the longest document to train on: `ner_best.cfg` needs 4 GB of memory for one, and
8 GB for one of 100,000 characters (measured)."""

# A sentence ends with its closing quotes and the white space behind it.
_SENTENCE_END = re.compile(r"(?:[。！？；!?;]+[”’」』）)]*\s*|\n\s*)")
_CLAUSE_ENDS = "，,、 \t"


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
    cut
        Ids of the records that were cut, though nobody asked for it: longer ones cannot be trained
        on, or scored.
    cut_sentences
        Sentences too long for that, cut at commas, or at any place outside of the entities.
    long
        Documents that are whole, but long to train on (`TRAINABLE`).
    """

    trimmed: int = 0
    blank: int = 0
    too_long: int = 0
    cut: list[str] = field(default_factory=list)
    cut_sentences: int = 0
    long: int = 0


class Piece(NamedTuple):
    """A document to be: characters of a note from `start` on, and the entities in them."""

    start: int
    text: str
    entities: list[Span]


def longest_of(part: str, is_split: bool) -> int:
    """Return how many characters a document of a part may have."""
    return TRAINABLE if is_split and part == "train" else LONGEST


def pieces(
    note: MarkedRecord, repairs: Repairs, max_length: int = 0, *, longest: int = LONGEST
) -> Iterator[Piece]:
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
    longest
        Longer notes are cut into pieces of `TRAINABLE` characters without `max_length` too.

    Raises
    ------
    DataError
        If an entity is longer than any document may be.
    """
    entities = trimmed_entities(note, repairs)
    if not max_length and len(note.text) > longest:
        max_length = TRAINABLE
        repairs.cut.append(note.id)
    if not max_length or len(note.text) <= max_length:
        repairs.long += len(note.text) > TRAINABLE
        yield Piece(0, note.text, entities)
        return
    starts = [entity.start for entity in entities]
    for start, end in _cuts(note.text, entities, max_length, repairs):
        if end - start > LONGEST:
            raise DataError(
                f"The record {note.id} has an entity of about {end - start:,} characters, and "
                f"spaCy takes no document of more than {LONGEST:,}; mark single words."
            )
        repairs.too_long += end - start > max_length
        inside = [
            Span(entity.start - start, entity.end - start, entity.label)
            for entity in entities[bisect_left(starts, start) : bisect_left(starts, end)]
        ]
        yield Piece(start, note.text[start:end], inside)


def trimmed_entities(note: MarkedRecord, repairs: Repairs) -> list[Span]:
    """Return entities without white space at their edges: spaCy's oracle fails on it (E024)."""
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


def _cuts(
    text: str, entities: list[Span], max_length: int, repairs: Repairs
) -> Iterator[tuple[int, int]]:
    """Yield start and end of each piece: as many whole sentences as `max_length` has room for."""
    inside = {i for entity in entities for i in range(entity.start + 1, entity.end)}
    ends = [match.end() for match in _SENTENCE_END.finditer(text) if match.end() not in inside]
    ends = list(_with_cuts(text, [*ends, len(text)], inside, max(max_length, TRAINABLE), repairs))
    start = last = 0
    for end in ends:
        if end - start > max_length and last > start:
            yield start, last
            start = last
        last = end
    if start < len(text):
        yield start, len(text)


def _with_cuts(
    text: str, ends: list[int], inside: set[int], most: int, repairs: Repairs
) -> Iterator[int]:
    """Yield `ends`, and between them the places to cut sentences of more than `most` characters."""
    most = min(most, LONGEST)
    start = 0
    for end in ends:
        repairs.cut_sentences += end - start > most
        while end - start > most:
            clause = max(text.rfind(sign, start, start + most) for sign in _CLAUSE_ENDS) + 1
            cut = clause if clause > start else start + most
            while cut in inside:
                cut += 1
            if cut >= end:
                break
            yield cut
            start = cut
        yield end
        start = end
