"""Files of character tags: one character and its tag a line.

Read are all common kinds (see `cohort.tagscheme` for the tags), written is one: the character,
one space, the BIOES tag; LF; UTF-8; no line for a line break of the record.

The character is taken by position, since it may itself be a space: `"  O"` is a space that is
tagged O, and so is `" O"`, as HICH-IT writes it. Lines that are empty or white part documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from cohort.errors import DataError
from cohort.files import write_text
from cohort.tagscheme import OUTSIDE, Scheme, detect, repair
from cohort.textfile import read_text

LINE_BREAKS = "\r\n"
_FORM = "a line holds one character, a tab or a space, and its tag"


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
        Numbers of the lines whose tag broke its scheme (see `cohort.tagscheme`).
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
    path = Path(path)
    text, encoding = read_text(path)
    lines = text.replace("\r\n", "\n").split("\n")
    # Tag files repeat a few thousand lines over and over: each is understood once.
    parsed = {line: _parse(line) for line in dict.fromkeys(lines)}
    _refuse_untagged(path, lines, parsed)
    _refuse_malformed(path, lines, parsed)
    scheme = detect(row.tag for row in parsed.values() if row.character)
    tag_of = _to_bioes(path, lines, parsed, scheme)
    documents, repaired = _documents(lines, parsed, tag_of, scheme)
    return TagFile(
        path=path,
        documents=documents,
        encoding=encoding,
        separator=_separator(parsed.values()),
        scheme=str(scheme) if scheme else "none",
        untagged=_line_numbers(lines, {line for line, row in parsed.items() if row.untagged}),
        repaired=repaired,
    )


def write_bioes(path: Path, text: str, tags: list[str]) -> None:
    """Write `text` and its BIOES `tags`, one a character, in our own form, atomically."""
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
        With file and line, if `path` is no tag file or its characters are not the record's.
    """
    return read_record_tags(path, text).documents[0].tags


def read_record_tags(path: Path, text: str) -> TagFile:
    """Read the tags of the record `text` as one document that holds all its characters.

    Line breaks of the record stand in the document with the tag O and the line number 0.

    Raises
    ------
    DataError
        With file and line, if `path` is no tag file or its characters are not the record's.
    """
    file = read_tag_file(path)
    characters = "".join(document.text for document in file.documents)
    wanted = text.translate({ord(character): None for character in LINE_BREAKS})
    tags = [tag for document in file.documents for tag in document.tags]
    lines = [line for document in file.documents for line in document.lines]
    if characters != wanted:
        raise DataError(_mismatch(path, characters, wanted, lines))
    pairs = iter(zip(tags, lines, strict=True))
    full = [(OUTSIDE, 0) if character in LINE_BREAKS else next(pairs) for character in text]
    document = TaggedText(text, [tag for tag, _ in full], [line for _, line in full])
    return replace(file, documents=[document])


class _Row(NamedTuple):
    """What a line holds; a blank line has no character, a malformed line has a problem."""

    character: str = ""
    tag: str = OUTSIDE
    separator: str = ""
    untagged: bool = False
    problem: str = ""


def _parse(line: str) -> _Row:
    if not line.strip():
        return _Row()
    character, rest = line[0], line[1:].strip()
    if not rest:
        return _Row(character, untagged=True)
    if character.isspace():
        separator = ""  # `" O"` and `"  O"` are both a space, so neither tells
    elif line[1].isspace():
        separator = "tab" if line[1] == "\t" else "space"
    elif len(line.split()) == 1:
        return _Row(problem="holds more than one character and no tag", untagged=True)
    else:
        return _Row(problem="holds more than one character before its tag")
    columns = len(rest.split()) + 1
    if columns > 2:
        return _Row(problem=f"has {columns} columns")
    return _Row(character, rest, separator)


def _refuse_untagged(path: Path, lines: list[str], parsed: dict[str, _Row]) -> None:
    counts = Counter(lines)
    tagged = untagged = 0
    for line, row in parsed.items():
        if row.untagged:
            untagged += counts[line]
        elif row.character or row.problem:
            tagged += counts[line]
    if not tagged and not untagged:
        raise DataError(f"{path}: is empty; {_FORM}.")
    if untagged > tagged:
        first = next(n for n, line in enumerate(lines, 1) if line.strip())
        raise DataError(
            f"{path}, line {first}: the file holds no tags, or too few "
            f"({untagged} of its lines have none); {_FORM}."
        )


def _refuse_malformed(path: Path, lines: list[str], parsed: dict[str, _Row]) -> None:
    bad = {line: row.problem for line, row in parsed.items() if row.problem}
    _refuse(path, lines, bad, _FORM)


def _to_bioes(
    path: Path, lines: list[str], parsed: dict[str, _Row], scheme: Scheme | None
) -> dict[str, str]:
    tag_of: dict[str, str] = {}
    bad: dict[str, str] = {}
    for line, row in parsed.items():
        if not row.character:
            continue
        tag = scheme.to_bioes(row.tag) if scheme else row.tag
        if tag is None or (scheme is None and tag != OUTSIDE):
            named = f", as the others are of {scheme}" if scheme else ""
            bad[line] = f"has the unknown tag {row.tag!r}{named}"
        else:
            tag_of[line] = tag
    _refuse(path, lines, bad, "a tag is O, or like B-TYPE in BIO, BIOES or BMES, or like TYPE-B")
    return tag_of


def _refuse(path: Path, lines: list[str], bad: dict[str, str], advice: str, most: int = 5) -> None:
    if not bad:
        return
    numbers = _line_numbers(lines, bad.keys())
    problems = [f"{path}, line {n}: {bad[lines[n - 1]]}; {advice}." for n in numbers[:most]]
    if len(numbers) > most:
        problems.append(f"{path}: {len(numbers) - most} more lines like these.")
    raise DataError(*problems)


def _documents(
    lines: list[str], parsed: dict[str, _Row], tag_of: dict[str, str], scheme: Scheme | None
) -> tuple[list[TaggedText], list[int]]:
    blank = {line for line, row in parsed.items() if not row.character}
    ends = _line_numbers(lines, blank) + [len(lines) + 1]
    documents: list[TaggedText] = []
    repaired: list[int] = []
    start = 0
    for end in ends:
        rows = lines[start : end - 1]
        if rows:
            tags = [tag_of[line] for line in rows]
            if scheme:
                tags, illegal = repair(tags, scheme)
                repaired += [start + 1 + index for index in illegal]
            text = "".join([line[0] for line in rows])
            documents.append(TaggedText(text, tags, list(range(start + 1, end))))
        start = end
    return documents, repaired


def _line_numbers(lines: list[str], wanted: Iterable[str]) -> list[int]:
    wanted = set(wanted)
    return [number for number, line in enumerate(lines, 1) if line in wanted] if wanted else []


def _separator(rows: Iterable[_Row]) -> str:
    found = {row.separator for row in rows if row.separator}
    return " and ".join(sorted(found, reverse=True)) or "space"


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
