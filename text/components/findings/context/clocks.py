"""Which of several hours of one paragraph comes first: 08:00 双瞳3mm；11:30 左瞳6mm.

An hour heads what was measured then where it begins a part of a sentence. A chart goes on from
one day to the next (22:00, 02:00), and some are written from the newest to the oldest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

DAY = 24 * 60
"""Minutes."""
_HEADS = re.compile(
    r"(?:(?<=[;。])|(?<=\n)|^) ?(?P<h>[01]?\d|2[0-4])(?::|时|点)(?P<min>[0-5]\d)?分?(?!\d)"
    r"(?! ?[~\-至到前后余许的])"
)
_LINE = "\n"


def direction(moments: Sequence[float], period: float) -> int:
    """Return 1 where moments go on, -1 where they go back, 0 where they do neither.

    A step back of half a `period` and more is one into the next: 22:00, 02:00.

    Examples
    --------
    >>> [direction(m, 24) for m in ((8, 11.5), (22, 2), (14, 13), (8, 11, 9))]
    [1, 1, -1, 0]
    """
    steps = [b - a for a, b in pairwise(moments)]
    if all(step >= 0 or step <= -period / 2 for step in steps):
        return 1
    return -1 if all(step <= 0 or step >= period / 2 for step in steps) else 0


def hours_told(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield the parts of lines that hours head: start, end, which line, and which in its order.

    A line whose hours go neither on nor back is left out.

    Examples
    --------
    >>> list(hours_told("08:00 gcs14分;11:30 gcs8分"))
    [(0, 13, 0, 0), (13, 24, 0, 1)]
    """
    lines: list[list[re.Match[str]]] = []
    for match in _HEADS.finditer(text):
        if not lines or _LINE in text[lines[-1][-1].start() : match.start()]:
            lines.append([])
        lines[-1].append(match)
    for line, heads in enumerate(lines):
        way = direction([int(m["h"]) * 60 + int(m["min"] or 0) for m in heads], DAY)
        stop = text.find(_LINE, heads[-1].end())
        ends = [*(m.start() for m in heads[1:]), stop if stop >= 0 else len(text)]
        for order, (head, end) in enumerate(zip(heads, ends, strict=True)):
            if way and len(heads) > 1:
                yield head.start(), end, line, order * way
