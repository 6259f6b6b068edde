"""One way of writing for the many ways a record is written, with the way back to its offsets.

Full-width letters, digits and punctuation become ASCII, capitals small, traditional characters
simplified: a character for a character. Control characters, quotation marks, HTML tags and the
single spaces between Chinese characters, or between single letters (``G C S``), are left out, and
each single space of a text that has one after every character, as OCR writes it; a block tag
(``<p>``, ``<br>``) becomes a line break, an entity (``&lt;``) its character. So
``<p>左側 基底節區，１４ ＭＬ</p>`` reads ``左侧基底节区,14 ml``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters, digits and signs, as code points, to the ASCII that they stand for."""
_CAPITALS = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ALIKE = str.maketrans(
    "\u3000\xa0\u2009\t×✕﹡∗·～〜∼—–﹣−〇°",
    "    ****.~~~----零度",
)
_CONTROLS = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
    r"“”„\"‘’'「」『』]"
)
_QUICK = re.compile(rf"{_CONTROLS}|[<& ]")
_LEFT_OUT = re.compile(
    rf"{_CONTROLS}"
    r"|</?(?P<tag>[a-z][a-z0-9]{0,10})\b[^<>]{0,200}>"
    r"|&nbsp;|&#?(?P<entity>lt|gt|le|ge|amp|plusmn|times|60|62|38);"
    r"|(?<= ) +|(?<![a-z0-9 ]) (?! )|(?<![ ]) (?![a-z0-9 ])"
    r"|(?:(?<=[^a-z0-9][a-z])|(?<=\A[a-z])) (?=[a-z](?![a-z0-9]))"
)
_ENTITIES = {"lt": "<", "60": "<", "gt": ">", "62": ">", "le": "≤", "ge": "≥"} | {
    "amp": "&", "38": "&", "plusmn": "±", "times": "*"
}  # fmt: skip
"""HTML entities, to the character that they stand for."""
_EACH_SPACE = re.compile(rf"{_CONTROLS}|(?<! ) | (?= )")
_SPACED_OUT = 0.45
"""The share of spaces from which on they stand between all characters, also of a number."""
_BLOCKS = frozenset(
    ("p", "br", "div", "tr", "td", "th", "li", "ul", "ol", "table", "hr", "pre", "body", "html")
    + ("h1", "h2", "h3", "h4", "h5", "h6")
)


def translation(traditional: str, simplified: str) -> dict[int, int]:
    """Return the table of what is written otherwise, a character for a character."""
    alike = {**HALF_WIDTH, **_ALIKE}
    # A full-width capital is a small letter at once.
    folded = {code: _CAPITALS.get(to, to) for code, to in alike.items()}
    return {**_CAPITALS, **folded, **str.maketrans(traditional, simplified)}


class NormalForm:
    """A text in its normal form.

    Parameters
    ----------
    text
        As it is written.
    table
        See `translation`.

    Attributes
    ----------
    text
        The normal form.

    Examples
    --------
    >>> form = NormalForm("左側 丘腦，１４ ＭＬ", translation("側腦", "侧脑"))
    >>> form.text
    '左侧丘脑,14 ml'
    >>> form.original(2), form.original(5)
    (3, 6)
    """

    def __init__(self, text: str, table: dict[int, int]) -> None:
        written = text.translate(table)
        self._at = [0]
        self._from = [0]
        self._to: dict[int, int] = {}  # piece that was replaced: where it ends in the text
        if not _QUICK.search(written):
            self.text = written
            return
        pieces: list[str] = []
        length = last = 0

        def keep(piece: str, start: int) -> None:
            nonlocal length
            if piece:
                pieces.append(piece)
                self._at.append(length)
                self._from.append(start)
                length += len(piece)

        spaced_out = written.count(" ") > _SPACED_OUT * len(written)
        for match in (_EACH_SPACE if spaced_out else _LEFT_OUT).finditer(written):
            keep(written[last : match.start()], last)
            if not spaced_out and match["tag"] in _BLOCKS:
                keep("\n", match.start())
            elif not spaced_out and match["entity"]:
                keep(_ENTITIES[match["entity"]], match.start())
            last = match.end()
        keep(written[last:], last)
        self.text = "".join(pieces)

    def original(self, position: int) -> int:
        """Return where the character at `position` of the normal form stands in the text."""
        piece = bisect_right(self._at, position) - 1
        at = self._from[piece] + position - self._at[piece]
        return min(at, self._to[piece] - 1) if piece in self._to else at

    def original_end(self, position: int) -> int:
        """Return where what ends at `position` of the normal form ends in the text."""
        piece = bisect_right(self._at, position - 1) - 1
        last = piece + 1 == len(self._at) or self._at[piece + 1] == position
        return self._to[piece] if last and piece in self._to else self.original(position - 1) + 1

    def replace(self, pattern: re.Pattern[str], word: Callable[[re.Match[str]], str]) -> None:
        """Put `word` of each match of `pattern` in its place; the evidence stays the match.

        Examples
        --------
        >>> form = NormalForm("左BG区血肿", {})
        >>> form.replace(re.compile("BG"), lambda match: "基底节")
        >>> form.text, form.original(1), form.original_end(4), form.original(4)
        ('左基底节区血肿', 1, 3, 3)
        """
        found = [(m.start(), m.end(), word(m)) for m in pattern.finditer(self.text)]
        found = [(start, end, put) for start, end, put in found if put != self.text[start:end]]
        if not found:
            return
        pieces: list[str] = []
        at, from_, to = [0], [0], dict[int, int]()
        length = last = 0

        def keep(first: int, end: int) -> None:
            nonlocal length
            while first < end:  # what is kept goes on in the pieces that it had
                piece = bisect_right(self._at, first) - 1
                after = self._at[piece + 1] if piece + 1 < len(self._at) else len(self.text)
                stop = min(end, after)
                if piece in self._to:
                    to[len(at)] = self._to[piece]
                add(self.text[first:stop], self.original(first))
                first = stop

        def add(piece: str, start: int) -> None:
            nonlocal length
            pieces.append(piece)
            at.append(length)
            from_.append(start)
            length += len(piece)

        for start, end, put in found:
            keep(last, start)
            last = end
            if put:
                end = start + len(self.text[start:end].rstrip())
                to[len(at)] = self.original(end - 1) + 1
                add(put, self.original(start))
        keep(last, len(self.text))
        self.text, self._at, self._from, self._to = "".join(pieces), at, from_, to

    def normal(self, position: int) -> int:
        """Return where the text's character at `position`, or the next one kept, stands now."""
        piece = bisect_right(self._from, position) - 1
        end = self._at[piece + 1] if piece + 1 < len(self._at) else len(self.text)
        return min(self._at[piece] + position - self._from[piece], end)
