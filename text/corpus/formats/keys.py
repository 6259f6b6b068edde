"""What a row of JSON says beside what is read of it, so that no annotation is dropped unseen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from text.corpus.annotated import ReadingTally

_STARTS = ("start", "begin", "from", "offset")


def is_offset(value: object) -> bool:
    """Return whether `value` can be an offset; True and False, which Python counts, cannot."""
    return type(value) is int


def note_unread(
    path: Path, line: int, row: dict[str, Any], read: Collection[str], tally: ReadingTally
) -> None:
    """Count the keys of `row` whose lists or objects nobody reads.

    Parameters
    ----------
    path, line
        Where the row stands, for messages.
    row
        The row.
    read
        The keys that are read, or are known to hold no entities.
    tally
        Counts, added to.

    Raises
    ------
    DataError
        If under such a key there are annotations: something with offsets and a label.
    """
    for key, value in row.items():
        if key in read or not (isinstance(value, list | dict) and value):
            continue
        if _holds_marks(value):
            raise DataError(
                f"{path}, line {line}: has annotations under {key!r}, which is not read here; "
                f"{_known(read)}"
            )
        tally.remarks[f"rows with {key!r}, which is not read"] += 1


def unannotated(row: dict[str, Any], read: Sequence[str]) -> str:
    """Return the remark on a row that has none of the keys under which annotations are read."""
    keys = ", ".join(row)
    return f"rows without annotations ({keys}; no {' or '.join(read)}), left out"


def _known(read: Collection[str]) -> str:
    return f"read are {', '.join(map(repr, read))}: rename the key, or remove it."


def _holds_marks(value: Any) -> bool:
    """Return whether there is anything like [0, 2, "SIDE"] or {"start": 0, …} in `value`."""
    if isinstance(value, dict):
        starts = [v for k, v in value.items() if any(word in k.lower() for word in _STARTS)]
        return any(map(is_offset, starts)) or any(map(_holds_marks, value.values()))
    if not isinstance(value, list):
        return False
    offsets, words = sum(map(is_offset, value)), sum(isinstance(one, str) for one in value)
    return (offsets >= 2 and words >= 1) or any(map(_holds_marks, value))
