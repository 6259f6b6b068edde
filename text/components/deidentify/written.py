"""A record as the rules of identities read it, with the way back to where each character stands.

Unlike `text.components.normal_form`, which findings are read in, white space stays: it parts the
fields of a form, and so the name from what follows it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from ..normal_form import COMPATIBLE, HALF_WIDTH

_ALIKE = str.maketrans("\u3000\xa0\u2009｜│┃∣〜～∼—–﹣−•・‧∙・．", "   ||||~~~----·····.")
_LEFT_OUT = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2060\ufeff]"
    r"|&(?:\#\d{1,7}|\#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"
    r"|</?(?:a|b|i|u|p|br|hr|h[1-6]|td|th|tr|table|tbody|thead"
    r"|div|span|font|html|body|head|ul|li|ol"
    r"|strong|em|center|section|text)(?:[ ][^<>\n\d@.\u4e00-\u9fff]{0,80}"
    r"(?:\"\d{1,3}%?\")?[^<>\n\d@.\u4e00-\u9fff]{0,80})?/?>"
)
_ONE_SPACE = re.compile(r"(?<! ) ")
_INNER_SPACE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_SPACED_OUT = 0.4
"""The share of spaces from which on they stand between all characters, as some OCR writes them."""
_HEADING = (
    r"[\u4e00-\u9fffA-Za-z]{1,8}[ ]{0,2}[:：=]|[A-Za-z]/[A-Z]"
    r"|[\d一二三四五六七八九十]{1,2}[、.)]|[-=*#【\[|]"
)
_DATED = (
    r"(?<!年\d\n)(?:(?:19|20)\d\d|\d\d?)[年\-./月]\d|\d{1,3}[ ]?(?:mm|cm|m[lL]|床|[:：/])"
    r"|[^\n\t|]{1,12}[\t|]|(?<=[A-Za-z]\n)[A-Za-z]|(?<=\d\n)[A-Z][a-z]"
)
_BREAK = re.compile(
    rf"(?<=[\u4e00-\u9fffA-Za-z0-9.@\-])[ ]?\n[ ]?(?=[\u4e00-\u9fffA-Za-z0-9]"
    rf"|\.\d)(?!{_HEADING}|{_DATED})"
)
_FEWEST_BREAKS = 2
_NEAR, _FAR = 40, 120
"""How far from a break sentences are read, and to where the end of one is sought."""
_END = re.compile(r"[。\n]")


def table_of(traditional: str, simplified: str) -> dict[int, int]:
    """Return the table of characters that are written otherwise, one for one; capitals stay."""
    return {**HALF_WIDTH, **_ALIKE, **COMPATIBLE, **str.maketrans(traditional, simplified)}


class Written:
    """A text to look for identities in.

    Parameters
    ----------
    text
        In the form to be searched.
    starts, ends
        Where each of its characters starts and ends in the record; None where nothing was left out.
    """

    def __init__(
        self, text: str, starts: Sequence[int] | None = None, ends: Sequence[int] | None = None
    ) -> None:
        self.text = text
        self._starts = range(len(text)) if starts is None else starts
        self._ends = range(1, len(text) + 1) if ends is None else ends

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where a piece of at least one character stands in the record."""
        return self._starts[start], self._ends[end - 1]

    def piece(self, start: int, end: int) -> Written:
        """Return a piece of the text."""
        return Written(self.text[start:end], self._starts[start:end], self._ends[start:end])

    def without(self, pattern: re.Pattern[str]) -> Written:
        """Return the text without what a pattern finds."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            kept = slice(last, match.start())
            pieces.append(self.text[kept])
            starts += self._starts[kept]
            ends += self._ends[kept]
            last = match.end()
        if not last:
            return self
        pieces.append(self.text[last:])
        return Written(
            "".join(pieces), [*starts, *self._starts[last:]], [*ends, *self._ends[last:]]
        )


def written(text: str, table: dict[int, int]) -> Written:
    r"""Return a record in the form that is searched.

    Full-width and traditional characters become the usual ones, entities of HTML what they stand
    for, tags spaces; zero-width and control characters are left out, and so are the spaces of a
    text that has one after every character.

    Examples
    --------
    >>> view = written("姓\u200b名：張<b>偉", table_of("張偉", "张伟"))
    >>> view.text, view.original(3, 4)
    ('姓名:张   伟', (4, 5))
    """
    found = text.translate(table)
    view = Written(found)
    if _LEFT_OUT.search(found):
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in _LEFT_OUT.finditer(found):
            start, end = match.span()
            pieces.append(found[last:start])
            starts += range(last, start)
            ends += range(last + 1, start + 1)
            last = end
            read = html.unescape(match[0]) if match[0][0] == "&" else ""
            if match[0][0] == "<" or read == match[0]:
                pieces.append(match[0] if read else " " * (end - start))
                starts += range(start, end)
                ends += range(start + 1, end + 1)
            elif read:
                # One character for one place; of the few entities that are two, the first.
                pieces.append(read.translate(table)[0])
                starts.append(start)
                ends.append(end)
        pieces.append(found[last:])
        starts += range(last, len(found))
        ends += range(last + 1, len(found) + 1)
        view = Written("".join(pieces), starts, ends)
    if view.text.count(" ") > _SPACED_OUT * len(view.text):
        view = view.without(_ONE_SPACE)
    return view


def unbroken(view: Written) -> Written | None:
    """Return a text without the line breaks within its sentences; None if it has hardly any."""
    breaks = sum(1 for _ in zip(_BREAK.finditer(view.text), range(_FEWEST_BREAKS), strict=False))
    return view.without(_BREAK) if breaks >= _FEWEST_BREAKS else None


def beside_breaks(whole: Written, view: Written) -> list[Written]:
    """Return the sentences around the places where an unbroken text had its breaks.

    Parameters
    ----------
    whole
        What `unbroken` made of a text.
    view
        The text.
    """
    text, found = whole.text, list[tuple[int, int]]()
    left_out = 0
    for match in _BREAK.finditer(view.text):
        at = match.start() - left_out
        left_out += len(match[0])
        start, end = max(0, at - _NEAR), min(len(text), at + _NEAR)
        ends = [one.end() for one in _END.finditer(text, max(0, at - _FAR), start)]
        start = ends[-1] if ends else max(0, at - _FAR)
        last = _END.search(text, end, at + _FAR)
        end = last.end() if last else min(len(text), at + _FAR)
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return [whole.piece(start, end) for start, end in found]


def tight(view: Written) -> Written:
    """Return a text without the single spaces between Chinese characters."""
    return view.without(_INNER_SPACE)
