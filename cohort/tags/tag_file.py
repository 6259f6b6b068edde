"""Files of character tags: one character and its tag a line.

Read are all common kinds (see `cohort.tags.scheme` for the tags), written is one: the character,
one space, the BIOES tag; LF; UTF-8; no line for a line break of the record.

The character is taken by position, since it may itself be a space: `"  O"` is a space that is
tagged O, and so is `" O"`, as HICH-IT writes it. Lines that are empty or white part documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cohort.base.errors import DataError
from cohort.base.files import write_text
from cohort.tags.scheme import OUTSIDE, Span, bioes
from cohort.tags.tag_reader import Document, TagReader

LINE_BREAKS = "\r\n"


@dataclass(frozen=True)
class TaggedText:
    """One document.

    Attributes
    ----------
    text
        The characters.
    tags
        The BIOES tag of each, legal.
    lines
        The number of the line that each stands on, from 1.
    """

    text: str
    tags: list[str]
    lines: list[int]


@dataclass(frozen=True)
class TagFile:
    """What a file of character tags holds.

    Attributes
    ----------
    path
        The file.
    documents
        Its documents, their tags repaired.
    encoding
        "UTF-8", "UTF-8 with BOM" or "GB18030".
    separator
        "tab", "space" or "tab and space".
    scheme
        Name of the scheme: "BIO", "BIOES", "BMES", "BMEWO", "BILOU", with ", reversed (TYPE-B)"
        for `SIGNS-B`; "none" if every tag is O.
    untagged
        Numbers of the lines with a character but no tag, read as O.
    repaired
        Numbers of the lines whose tag broke its scheme (see `cohort.tags.scheme`).
    """

    path: Path
    documents: list[TaggedText]
    encoding: str
    separator: str
    scheme: str
    untagged: list[int]
    repaired: list[int]


def read_tag_file(path: Path) -> TagFile:
    """Read a file of character tags of any common kind.

    Raises
    ------
    DataError
        With file and line: no tags, more than two columns, more than one character on a line,
        unknown tags, schemes mixed, another encoding, an empty file.
    """
    reader = TagReader(path)
    documents = [
        TaggedText(text, bioes(entities, len(text)), list(range(line, line + len(text))))
        for text, entities, line in reader.documents()
    ]
    return TagFile(
        path=reader.path,
        documents=documents,
        encoding=reader.encoding,
        separator=reader.separator,
        scheme=reader.scheme,
        untagged=reader.untagged,
        repaired=reader.repaired,
    )


def write_bioes(path: Path, text: str, tags: list[str]) -> None:
    """Write `text` and its BIOES `tags`, one per character, in our own form, atomically."""
    rows = [
        f"{character} {tag}\n"
        for character, tag in zip(text, tags, strict=True)
        if character not in LINE_BREAKS
    ]
    write_text(path, "".join(rows))


def read_bioes(path: Path, text: str) -> list[str]:
    """Return the BIOES tag of each character of the record `text`; its line breaks get O.

    Raises
    ------
    DataError
        With file and line, if `path` is not a tag file or its characters are not the record's.
    """
    return read_record_tags(path, text).documents[0].tags


def read_record_tags(path: Path, text: str) -> TagFile:
    """Read the tags of the record `text` as one document that holds all its characters.

    Line breaks of the record stand in the document with the tag O and the line number 0.

    Raises
    ------
    DataError
        With file and line, if `path` is not a tag file or its characters are not the record's.
    """
    reader, documents = _read_record(path, text)
    places = _places(text)
    tags, lines = [OUTSIDE] * len(text), [0] * len(text)
    offset = 0
    for characters, entities, line in documents:
        for index, tag in enumerate(bioes(entities, len(characters))):
            tags[places[offset + index]] = tag
            lines[places[offset + index]] = line + index
        offset += len(characters)
    return TagFile(
        path=reader.path,
        documents=[TaggedText(text, tags, lines)],
        encoding=reader.encoding,
        separator=reader.separator,
        scheme=reader.scheme,
        untagged=reader.untagged,
        repaired=reader.repaired,
    )


def read_record_entities(path: Path, text: str) -> tuple[TagReader, list[Span]]:
    """Read the entities of the record `text`; they go on over its line breaks.

    Returns
    -------
    reader, entities
        What kind of file it was, and the entities in characters of `text`.

    Raises
    ------
    DataError
        With file and line, if `path` is not a tag file or its characters are not the record's.
    """
    reader, documents = _read_record(path, text)
    places = _places(text)
    found, offset = [], 0
    for characters, entities, _ in documents:
        for start, end, label in entities:
            found.append(Span(places[offset + start], places[offset + end - 1] + 1, label))
        offset += len(characters)
    return reader, found


def _read_record(path: Path, text: str) -> tuple[TagReader, list[Document]]:
    reader = TagReader(path)
    documents = list(reader.documents())
    characters = "".join(document.text for document in documents)
    wanted = text.translate(dict.fromkeys(map(ord, LINE_BREAKS)))
    if characters != wanted:
        lines = [d.line + index for d in documents for index in range(len(d.text))]
        raise DataError(_mismatch(path, characters, wanted, lines))
    return reader, documents


def _places(text: str) -> Sequence[int]:
    """Return where in `text` each of its characters that is not a line break stands."""
    if not any(character in text for character in LINE_BREAKS):
        return range(len(text))
    return [index for index, character in enumerate(text) if character not in LINE_BREAKS]


def _mismatch(path: Path, characters: str, wanted: str, lines: list[int]) -> str:
    pairs = zip(characters, wanted, strict=False)
    index = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
    if index is not None:
        return (
            f"{path}, line {lines[index]}: has {characters[index]!r} where the record has "
            f"{wanted[index]!r} (character {index + 1} without line breaks); "
            "tags and record must hold the same characters."
        )
    return (
        f"{path}, line {lines[-1]}: ends after {len(characters)} characters, "
        f"but the record has {len(wanted)} without line breaks; "
        "tags and record must hold the same characters."
    )
