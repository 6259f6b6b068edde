"""The documents of a part, and the files that they become."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cohort.tags.scheme import Span
from text.corpus.conversion import Converted
from text.corpus.docs import pieces
from text.corpus.sources import Part

SHARD = 500_000
"""Characters of one `.spacy` file, some 50 MB in memory; a longer part becomes a folder."""


def file_is_full(characters: int) -> bool:
    """Return whether a file of so many characters ends here."""
    return characters >= SHARD


class CorpusDocument(NamedTuple):
    """What becomes one document of spaCy's.

    Attributes
    ----------
    text
        At least one character.
    entities
        Entities in characters of `text`.
    user_data
        What becomes its `doc.user_data`.
    """

    text: str
    entities: list[Span]
    user_data: dict[str, Any]


def documents_of(
    part: Part, counts: Converted, max_length: int, longest: int
) -> Iterator[CorpusDocument]:
    """Yield the documents of a part's records, and count what they are.

    Parameters
    ----------
    part
        The records.
    counts
        Added to.
    max_length, longest
        As `text.corpus.docs.pieces` has them.
    """
    for note in part:
        counts.records += 1
        counts.characters += len(note.text)
        counts.hashes.append(hash(note.text))
        counts.marked.append(hash((note.text, *note.entities)))
        for start, text, entities in pieces(note, counts.repairs, max_length, longest=longest):
            counts.documents += 1
            counts.entities.update([entity.label for entity in entities])
            yield CorpusDocument(text, entities, {"case": note.id, "start": start})


def files_of_documents(documents: Iterable[CorpusDocument]) -> Iterator[list[CorpusDocument]]:
    """Yield the documents of each file: it ends with the one that fills it."""
    file: list[CorpusDocument] = []
    characters = 0
    for document in documents:
        file.append(document)
        characters += len(document.text)
        if file_is_full(characters):
            yield file
            file, characters = [], 0
    if file:
        yield file
