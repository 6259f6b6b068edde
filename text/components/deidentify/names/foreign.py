"""Names of minorities: with a middle dot, or made of parts that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import NAME, Identity
from ..lexicon import NameParts
from .shapes import NameShapes
from .slots import NameSlots

_SYLLABLES = frozenset("阿艾巴布达尔哈加居卡克库拉玛买米木穆尼努帕热萨赛沙苏塔吐托瓦乌夏亚依尤玉扎")
"""What may stand before the parts of a dotted name that are known."""


class ForeignNames:
    """Finds such names.

    Parameters
    ----------
    parts
        What names are made of.
    shapes, slots
        Judge looks and surroundings.
    """

    def __init__(self, parts: NameParts, shapes: NameShapes, slots: NameSlots) -> None:
        self._of, self._shapes, self._slots = parts, shapes, slots
        self._known_end = re.compile(rf"(?:{parts.morphemes})+[江汗罕尼提]?$")

    def find(self, text: str, enough: float) -> Iterator[Identity]:
        """Yield the names in a text of which looks and surroundings say enough."""
        for match in self._shapes.dotted.finditer(text):
            start = match.start() + self._swallowed(match[0])
            yield Identity(start, self.dotted_end(text, start, match.end()), NAME)
        for match in self._shapes.foreign.finditer(text):
            start, end = match.span()
            if end - start < 2 or match[0] in self._of.words:
                continue
            looks = 1.3 if end - start == 2 else 2.6
            context = self._slots.left(text, start) + self._slots.right(text, end)
            if looks + context >= enough:
                yield Identity(start, end, NAME)

    def dotted_end(self, text: str, start: int, end: int) -> int:
        """Return where a dotted name ends in a run that holds the words after it, too."""
        for at in range(text.rindex("·", start, end) + 2, end):
            if self._slots.right(text, at) >= 1.1:
                return at
        return end

    def _swallowed(self, name: str) -> int:
        """Return where a dotted name begins in a run that holds the words before it, too."""
        first = re.split(r"\s?·", name)[0]
        if match := self._known_end.search(first):
            start = match.start()
            kept = (
                start < 3
                and first[:start] not in self._of.words
                and not self._slots.left(name, start)
            )
            return 0 if kept else start
        for start in range(len(first) - 1, 0, -1):
            if self._slots.left(name, start) >= 1.0:
                return start
        return 0
