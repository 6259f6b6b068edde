"""Rows of JSON files, one after the other: one list of all rows, or one row behind the other.

The second is JSONL where each row stands on a line of its own; a row may also go over many lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import TextIOBase
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError

_BLOCK = 1 << 20  # characters read at once
_CUT = 16  # so close to the end of what was read, a fault may be that the rest isn't read yet
_SPACE = " \t\r\n"


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row of `path` and the number of the line on which it starts, from 1.

    No more than a row and a block of the file are in memory at a time.

    Raises
    ------
    DataError
        With file and line: what is not JSON, or no object; if the file is missing, is no UTF-8
        text, or holds no rows.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            found = False
            for line, row in _values(path, file):
                if not isinstance(row, dict):
                    raise DataError(f"{path}, line {line}: is not a JSON object, like {{…}}.")
                found = True
                yield line, row
    except RecursionError:
        raise DataError(f"{path}: holds lists in lists too deep to be read.") from None
    except FileNotFoundError:
        raise DataError(f"{path}: no such file.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text; save it as UTF-8.") from None
    if not found:
        raise DataError(f"{path}: is empty.")


def first_row(path: Path) -> dict[str, Any]:
    """Return the first row of `path`; see `rows`."""
    return next(rows(path))[1]


def _values(path: Path, file: TextIOBase) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder(object_pairs_hook=_object)
    text, line, position = "", 1, 0
    in_list: bool | None = None  # None: the file's first character is not read yet
    while True:
        start = _skip(text, position, _SPACE + "," if in_list else _SPACE)
        line += text.count("\n", position, start)
        position = start
        if position == len(text):
            text, position = file.read(_BLOCK), 0
            if text:
                continue
            if in_list:
                raise DataError(f"{path}, line {line}: ends before its list does (no ]).")
            return
        if in_list is None:
            in_list = text[position] == "["
            position += in_list
            continue
        if in_list and text[position] == "]":
            _refuse_more(path, file, text[position + 1 :], line)
            return
        try:
            row, end = decoder.raw_decode(text, position)
        except ValueError as error:
            if _may_go_on(error, text):
                # Twice as much each time, so that the longest row is parsed a few times only.
                more = file.read(max(_BLOCK, len(text) - position))
                if more:
                    text, position = text[position:] + more, 0
                    continue
            raise DataError(_broken(path, line, text, position, error)) from None
        yield line, row
        line += text.count("\n", position, end)
        position = end


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; of a key that it has twice, Python would drop the first without a word."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the key {twice!r} twice")
    return found


def _skip(text: str, position: int, characters: str) -> int:
    """Return the next position that holds none of `characters`."""
    while position < len(text) and text[position] in characters:
        position += 1
    return position


def _may_go_on(error: ValueError, text: str) -> bool:
    """Return whether a row is perhaps only not read to its end."""
    # A string must end on its line, and one that does not shows another fault there.
    return isinstance(error, json.JSONDecodeError) and (
        error.pos > len(text) - _CUT or error.msg.startswith("Unterminated string")
    )


def _refuse_more(path: Path, file: TextIOBase, text: str, line: int) -> None:
    while text:
        if text.strip():
            line += text.count("\n", 0, len(text) - len(text.lstrip()))
            raise DataError(
                f"{path}, line {line}: goes on behind the end of its list; "
                "put all rows into one list, or each list into a file of its own."
            )
        line += text.count("\n")
        text = file.read(_BLOCK)


def _broken(path: Path, line: int, text: str, start: int, error: ValueError) -> str:
    if not isinstance(error, json.JSONDecodeError):  # a number of thousands of digits
        return f"{path}, line {line}: is not valid JSON ({error})."
    further = text.count("\n", start, error.pos)
    where = f" in line {line + further}" if further else ""
    return f"{path}, line {line}: is not valid JSON ({error.msg}{where})."
