r"""Where an annotation tool's offsets lie in a record.

Python counts characters as Unicode code points; a program in a browser may count UTF-16 units, of
which an emoji or a rare Chinese character (𠮷) takes two, and counts the two characters of a
Windows line end (`\r\n`), which becomes one `\n` here. Tools that write the marked text beside its
offsets tell by it how they counted, and are checked by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cohort.base.errors import DataError
from cohort.tags.scheme import Span
from text.corpus.annotated import EMPTY_MARKS, MarkedRecord, ReadingTally, settle

CODE_POINTS, UTF_16 = "code points", "UTF-16 units"


class Mark(NamedTuple):
    """What a tool says is marked: offsets, the label, the marked text (if it says), the line."""

    start: int
    end: int
    label: str
    quote: str | None
    line: int


def to_note(
    path: Path,
    note_id: str,
    text: str,
    marks: Sequence[Mark],
    units: Sequence[str],
    tally: ReadingTally,
) -> MarkedRecord:
    """Return the record with its entities in characters.

    Parameters
    ----------
    path
        The tool's file, for messages.
    note_id, text
        The record, its line ends as the tool holds them.
    marks
        Its annotations.
    units
        How the tool counts, and how else its offsets are to be read if that does not fit:
        the first way is taken by which every annotation lies in the record and on its text.
    tally
        Counts, added to.

    Raises
    ------
    DataError
        With file and line, if an annotation does not fit the record in any way of counting.
    """
    for words in (note_id, text, *(mark.label for mark in marks)):
        refuse_half_characters(path, note_id, words)
    clean, places = _clean(text)
    readings = [(unit, table) for unit in units for table in _tables(text, clean, places, unit)]
    marked: list[tuple[int, int] | None] = []
    for number, (unit, table) in enumerate(readings):
        marked = [_place(mark, table, clean) for mark in marks]
        if all(marked):
            if number:
                tally.remarks[f"records whose offsets fit only as {unit}"] += 1
            break
    else:
        raise DataError(*_misfits(path, note_id, marks, readings[0][1], clean))
    spans = [
        Span(place[0], place[1], mark.label)
        for mark, place in zip(marks, marked, strict=True)
        if place and place[0] < place[1]
    ]
    tally.remarks[EMPTY_MARKS] += len(marks) - len(spans)
    return MarkedRecord(note_id, clean, settle(spans, tally))


def utf16_offsets(text: str) -> Sequence[int]:
    """Return where each character of `text` starts in UTF-16 units, and where the last ends."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return range(len(text) + 1)
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + 1 + (character > "\uffff"))
    return offsets


def refuse_half_characters(path: Path, note_id: str, words: str) -> None:
    """Refuse what JSON can hold and no text file can: half of a UTF-16 pair (a lone surrogate).

    Raises
    ------
    DataError
        If there is one in `words`, which are of the record `note_id` in the file `path`.
    """
    try:
        words.encode()
    except UnicodeEncodeError:
        shown = note_id.encode(errors="backslashreplace").decode()
        raise DataError(
            f"{path}: the record {shown} holds half a character (a lone surrogate)."
        ) from None


def _clean(text: str) -> tuple[str, Sequence[int]]:
    """Return `text` with LF line ends, and where each of its offsets lies in that."""
    if "\r" not in text:
        return text, range(len(text) + 1)
    places, length = [0], 0
    for index, character in enumerate(text):
        length += not (character == "\r" and text[index + 1 : index + 2] == "\n")
        places.append(length)
    return text.replace("\r\n", "\n").replace("\r", "\n"), places


def _tables(text: str, clean: str, places: Sequence[int], unit: str) -> list[Sequence[int | None]]:
    """Return the offset tables to try: of the text as it stands, and of it with LF line ends."""
    tables = [_by_unit(text, places, unit)]
    if clean != text:
        tables.append(_by_unit(clean, range(len(clean) + 1), unit))
    return tables


def _by_unit(text: str, places: Sequence[int], unit: str) -> Sequence[int | None]:
    offsets = utf16_offsets(text) if unit == UTF_16 else range(len(text) + 1)
    if isinstance(offsets, range):
        return places
    table: list[int | None] = [None] * (offsets[-1] + 1)  # None: inside a character
    for offset, place in zip(offsets, places, strict=True):
        table[offset] = place
    return table


def _place(mark: Mark, table: Sequence[int | None], text: str) -> tuple[int, int] | None:
    """Return the characters that are marked, None if the mark does not fit."""
    if not 0 <= mark.start <= mark.end < len(table):
        return None
    start, end = table[mark.start], table[mark.end]
    if start is None or end is None:
        return None
    # Tools fold white space, and write line breaks as spaces.
    if mark.quote is not None and _bare(mark.quote) != _bare(text[start:end]):
        return None
    return start, end


def _bare(text: str) -> str:
    return "".join(text.split())


def _misfits(
    path: Path, note_id: str, marks: Sequence[Mark], table: Sequence[int | None], text: str
) -> list[str]:
    problems = []
    for mark in marks:
        if _place(mark, table, text):
            continue
        where = f"{path}, line {mark.line}: {mark.label} {mark.start} to {mark.end}"
        if mark.end < mark.start:
            problems.append(f"{where} ends before it begins.")
        elif not 0 <= mark.start <= mark.end < len(table):
            problems.append(f"{where} lies outside the record {note_id} (0 to {len(table) - 1}).")
        else:
            found = text[table[mark.start] or 0 : table[mark.end] or 0]
            problems.append(
                f"{where} should be {mark.quote!r}, but the record {note_id} has {found!r} there; "
                "was the record changed after it was annotated?"
            )
    return problems[:5]
