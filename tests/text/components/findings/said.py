"""Short for what a sentence says of one name: its value, how certain, on which side."""

from __future__ import annotations

from typing import Any

Said = tuple[Any, str, str | None]
"""Value, certainty and side."""


def yes(value: Any = None, side: str | None = None) -> Said:
    return (value, "affirmed", side)


def no(side: str | None = None) -> Said:
    return (None, "negated", side)


def maybe(value: Any = None, side: str | None = None) -> Said:
    return (value, "uncertain", side)


def once(value: Any = None, side: str | None = None) -> Said:
    return (value, "historical", side)
