"""Rows of JSON files, one after the other: a row a line (JSONL), or one list of all rows (JSON)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import TextIOBase
from pathlib import Path
from typing import Any

from cohort.errors import DataError

_BLOCK = 1 << 20  # characters read at once


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row of `path` and the number of the line on which it starts, from 1.

    No more than a row and a block of the file are in memory at a time.

    Raises
    ------
    DataError
        With file and line: what is no JSON, or no object; if the file is missing, is no UTF-8
        text, or holds no rows.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            found = False
            while (start := file.read(1)).isspace():
                pass
            file.seek(0)
            for line, row in _list(path, file) if start == "[" else _lines(path, file):
                if not isinstance(row, dict):
                    raise DataError(f"{path}, line {line}: is no JSON object, like {{…}}.")
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


def _lines(path: Path, file: TextIOBase) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise DataError(_broken(path, number, error)) from None


def _list(path: Path, file: TextIOBase) -> Iterator[tuple[int, Any]]:
    decoder = json.JSONDecoder()
    text = file.read(_BLOCK)
    line, position = 1, text.index("[") + 1
    line += text.count("\n", 0, position)
    while True:
        start = _skip(text, position)
        line += text.count("\n", position, start)
        position = start
        if text[position : position + 1] == "]":
            return
        try:
            row, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            # Either broken or not read to its end; twice as much each time, so that the longest
            # row is parsed a few times only.
            more = file.read(max(_BLOCK, len(text) - position))
            if not more:
                number = line + text.count("\n", position, error.pos)
                raise DataError(_broken(path, number, error)) from None
            text, position = text[position:] + more, 0
            continue
        yield line, row
        line += text.count("\n", position, end)
        position = end


def _skip(text: str, position: int) -> int:
    """Return the next position that is neither white space nor a comma between rows."""
    while position < len(text) and text[position] in " \t\r\n,":
        position += 1
    return position


def _broken(path: Path, line: int, error: json.JSONDecodeError) -> str:
    return f"{path}, line {line}: is not valid JSON ({error.msg}, column {error.colno})."
