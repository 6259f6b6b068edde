"""One way of writing for the many ways a record is written, with the way back to its offsets.

Full-width letters, digits and punctuation become ASCII, capitals small, traditional characters
simplified: a character for a character. Control characters, quotation marks, HTML tags and the
single spaces between Chinese characters, or between single letters (``G C S``), are left out, and
each single space of a text that has one after every character, as OCR writes it; a block tag
(``<p>``, ``<br>``) becomes a line break, an entity (``&lt;``, ``&#65292;``) its character. Signs
that PDF files give for characters become these: ``⾎`` (a Kangxi radical) 血, ``㎖`` ml. So
``<p>左側 基底節區，１４ ＭＬ</p>`` reads ``左侧基底节区,14 ml``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable

import numpy as np

from .sought import Sought

HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters, digits and signs, as code points, to the ASCII that they stand for."""
_CAPITALS = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ALIKE = str.maketrans(
    "\u3000\xa0\u2009\t×✕﹡∗·～〜∼—–﹣−〇°",
    "    ****.~~~----零度",
)
COMPATIBLE = {
    code: ord(alike)
    for code in (*range(0x2E80, 0x2FD6), *range(0xF900, 0xFAFF))
    if len(alike := unicodedata.normalize("NFKC", chr(code))) == 1
}
"""Kangxi radicals and compatibility ideographs, as PDF files have them, to the usual characters."""
_SQUARED = r"[\u3380-\u33df]"
"""Units in one character: ㎖, ㎜."""
_CONTROLS = (
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
    r"“”„\"‘’'「」『』]"
)
_QUICK = re.compile(rf"{_CONTROLS}|[<& ]|{_SQUARED}")
_CONTROL = re.compile(_CONTROLS)
_BLOCKS = frozenset(
    ("p", "br", "div", "tr", "td", "th", "li", "ul", "ol", "table", "hr", "pre", "body", "html")
    + ("h1", "h2", "h3", "h4", "h5", "h6")
)
_TAGS = _BLOCKS | frozenset(
    ("a", "b", "i", "u", "s", "em", "strong", "span", "font", "img", "sup", "sub", "small", "big")
    + ("center", "style", "script", "head", "title", "meta", "link", "tbody", "thead", "tfoot")
    + ("caption", "col", "colgroup", "input", "label", "form", "select", "option", "button")
    + ("dl", "dt", "dd", "section", "article", "header", "footer", "strike", "del", "ins", "code")
)
"""HTML's tags, as hospitals' exports have them."""
_LEFT_OUT = Sought(
    rf"{_CONTROLS}|[<& ]|{_SQUARED}",
    rf"{_CONTROLS}"
    # A name alone may be any tag's; with attributes only a known one's: 肌力<iv, gcs>8 is text.
    rf"|</?(?P<tag>(?:{'|'.join(sorted(_TAGS))})(?=\s+[a-z][^<>]{{0,200}}>)|"
    r"[a-z][a-z0-9]{0,10}(?::[a-z]{1,20})?(?=\s*/?>))[^<>]{0,202}>"
    r"|&(?:amp;){0,2}(?P<entity>#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});"
    rf"|(?P<squared>{_SQUARED})"
    r"|(?<= ) +|(?<![a-z0-9 ]) (?! )|(?<![ ]) (?![a-z0-9 ])"
    r"|(?:(?<=[^a-z0-9][a-z])|(?<=\A[a-z])) (?=[a-z](?![a-z0-9]))",
)
_EACH_SPACE = re.compile(rf"{_CONTROLS}|(?<! ) | (?= )")
_SPACED_OUT = 0.36
"""The share of spaces from which on they stand between all characters, also of a number."""


_FIRST_PLANE = 0x10000
"""As many code points a `Translation` looks up at once: no other has an entry."""


class Translation(dict[int, int]):
    """Code points to those that are written for them; `of` is `str.translate`, but faster."""

    def __init__(self, pairs: dict[int, int]) -> None:
        super().__init__(pairs)
        self._to = np.arange(_FIRST_PLANE, dtype="<u4")
        for code, to in pairs.items():
            self._to[code] = to

    def of(self, text: str) -> str:
        """Return a text, a character for a character."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        try:
            return self._to[codes].tobytes().decode("utf-32-le", "surrogatepass")
        except IndexError:  # a character of another plane
            return text.translate(self)


def translation(traditional: str, simplified: str) -> Translation:
    """Return the table of what is written otherwise, a character for a character."""
    alike = {**HALF_WIDTH, **_ALIKE, **COMPATIBLE}
    simple = {**_CAPITALS, **str.maketrans(traditional, simplified)}
    # A full-width capital is a small letter at once.
    return Translation({**{code: simple.get(to, to) for code, to in alike.items()}, **simple})


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
    >>> form = NormalForm("血&gt;14㎖", translation("", ""))
    >>> form.text, form.original(1), form.original_end(2), form.original_end(6)
    ('血>14ml', 1, 5, 8)
    """

    def __init__(self, text: str, table: Translation) -> None:
        written = table.of(text)
        self._at = [0]
        self._from = [0]
        self._until: dict[int, int] = {}  # of pieces that stand for something else: where it ends
        if not _QUICK.search(written):
            self.text = written
            return
        pieces: list[str] = []
        length = last = 0

        def keep(piece: str, start: int, until: int | None = None) -> None:
            nonlocal length
            if piece:
                if until is not None:
                    self._until[len(self._at)] = until
                pieces.append(piece)
                self._at.append(length)
                self._from.append(start)
                length += len(piece)

        spaced_out = written.count(" ") > _SPACED_OUT * len(written)
        for match in (_EACH_SPACE if spaced_out else _LEFT_OUT).finditer(written):
            keep(written[last : match.start()], last)
            if not spaced_out:
                keep(_stands_for(match, table), *match.span())
            last = match.end()
        keep(written[last:], last)
        self.text = "".join(pieces)

    def original(self, position: int) -> int:
        """Return where the character at `position` of the normal form starts in the text."""
        piece = bisect_right(self._at, position) - 1
        if piece in self._until:
            return self._from[piece]
        return self._from[piece] + position - self._at[piece]

    def original_end(self, position: int) -> int:
        """Return where what ends at `position` of the normal form ends in the text."""
        piece = bisect_right(self._at, position - 1) - 1
        return self._until.get(piece, self._from[piece] + position - self._at[piece])

    def replace(
        self, pattern: re.Pattern[str] | Sought, word: Callable[[re.Match[str]], str]
    ) -> None:
        """Put `word` of each match of `pattern` in its place; the evidence stays the match.

        Examples
        --------
        >>> form = NormalForm("左BG区血肿", translation("", ""))
        >>> form.replace(re.compile("bg"), lambda match: "基底节")
        >>> form.text, form.original(1), form.original_end(4), form.original(4)
        ('左基底节区血肿', 1, 3, 3)
        """
        self.put([(m.start(), m.end(), word(m)) for m in pattern.finditer(self.text)])

    def put(self, words: Iterable[tuple[int, int, str]]) -> None:
        """Put words in the places text[start:end] that they come with, in order."""
        found = [(start, end, put) for start, end, put in words if put != self.text[start:end]]
        if not found:
            return
        pieces: list[str] = []
        at, from_, until = [0], [0], dict[int, int]()
        length = last = 0

        def keep(first: int, end: int) -> None:
            nonlocal length
            while first < end:  # what is kept goes on in the pieces that it had
                piece = bisect_right(self._at, first) - 1
                after = self._at[piece + 1] if piece + 1 < len(self._at) else len(self.text)
                stop = min(end, after)
                if piece in self._until:
                    until[len(at)] = self._until[piece]
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
                until[len(at)] = self.original_end(end)
                add(put, self.original(start))
        keep(last, len(self.text))
        self.text, self._at, self._from, self._until = "".join(pieces), at, from_, until

    def normal(self, position: int) -> int:
        """Return where the text's character at `position`, or the next one kept, stands now."""
        piece = bisect_right(self._from, position) - 1
        end = self._at[piece + 1] if piece + 1 < len(self._at) else len(self.text)
        return min(self._at[piece] + position - self._from[piece], end)


def _stands_for(match: re.Match[str], table: Translation) -> str:
    """Return what a piece that is left out stands for: a line break, a character, nothing."""
    if match["tag"]:
        return "\n" if match["tag"] in _BLOCKS else ""
    if match["squared"]:
        return unicodedata.normalize("NFKC", match[0]).lower()
    if not match["entity"]:
        return ""
    entity = f"&{match['entity']};"
    character = html.unescape(entity).translate(table)
    if character == entity:
        return match[0]  # no entity, whatever it looks like
    return "" if character in ("\r", " ") or _CONTROL.fullmatch(character) else character
