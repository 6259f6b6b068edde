"""Line breaks inside words and numbers, as OCR leaves them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ..normal_form import Translation
from ..sought import Sought, any_of

_BREAK = Sought(
    r"[\r\n]",
    r"(?<=[^\s。；;！!？?：:，,])\r?\n(?=\S)",
)
_WORD = 8
"""The longest words that a line may break in."""
_FULL_LINE = 30
"""How many characters a line has at least that breaks because it is full."""
_BROKEN = (
    "symptoms",
    "sites",
    "bleed",
    "says_volume",
    "hypertension",
    "anticoagulant",
    "antiplatelet",
)
"""Groups of the vocabulary whose words stay words where a line breaks inside them."""
_BROKEN_TOO = [
    *(
        "中线",
        "瞳孔",
        "肌力",
        "脑室",
        "侧脑室",
        "血压",
        "头痛",
        "呕吐",
        "昏迷",
        "对光反射",
        "光反射",
        "对光反应",
        "光反应",
    ),
    *(
        "破入",
        "上肢",
        "下肢",
        "肢体",
        "受压",
        "居中",
        "移位",
        "灵敏",
        "迟钝",
        "消失",
        "左侧",
        "右侧",
    ),
    *("双侧", "mmhg", "毫升", "评分", "否认", "未见"),
]
"""Further words that a line may break in."""
_ACROSS_BREAK = re.compile(
    r"[\u4e00-\u9fff]\x00[/、,)]|约\x00\d|[\dm][*x]\x00\d|[\dm]\x00[*x] ?\d|(?<![\d一二三四五六七八九十])、\x00[\u4e00-\u9fff]"
    r"|(?:gcs|nihss|mrs)(?:评分)?:?\x00\d{1,2}分|[上下]肢\x00肌力"
    r"|[左右双两]侧\x00(?:基底|丘脑|额|颞|顶|枕|壳核|小脑|侧?脑室|肢体|上肢|下肢|瞳孔)"
    r"|\d\x00 ?(?:ml|mm|cm|级|分|岁|毫升)"
)
"""What goes on after a break between words: a side and its site, a size and its unit."""
_IN_NUMBER = re.compile(
    r"(?<![\d./])\d{1,2}\x00\d{1,2}(?:\.\d)? ?(?:ml|mm|cm|级|分(?!钟)|岁|毫升|小时|天|年)"
)
"""A number of up to three digits that a line breaks in."""


def _wrapped(text: str) -> Iterator[tuple[int, int]]:
    """Yield the breaks after lines that are full, in a text whose lines break inside words."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"\r?\n", text)]
    lengths = [end - before for (_, before), (end, _) in pairwise([(0, 0), *lines])]
    full = max(_FULL_LINE, 0.75 * max(lengths, default=0))
    for (start, end), length in zip(lines, lengths, strict=True):
        more = not text[end : end + 1].isspace() and text[start - 1] not in "。.；;：:！!？?"
        if length >= full and more:
            yield start, end


class LineBreaks:
    """Finds the breaks that no word ends at.

    Parameters
    ----------
    value
        Group of the vocabulary to its words, each with its value.
    table
        Characters of the normal form (`normal_form.translation`).
    """

    def __init__(self, value: Mapping[str, Mapping[str, str]], table: Translation) -> None:
        self.table = table
        words = [word for group in _BROKEN for word in value.get(group, {}) if len(word) > 1]
        self._broken = re.compile(any_of([*words, *_BROKEN_TOO]))

    def mended(self, text: str) -> str:
        """Return a text in which no line breaks inside a word, as long as the text is.

        Such a break, as OCR leaves it, becomes a control character, which the normal form leaves
        out. A break counts as inside a word where one of the vocabulary, or a side and what it is
        the side of, or a number and its unit, goes on after it.
        """
        if "\n" not in text:
            return text
        breaks, in_numbers = [], []
        for match in _BREAK.finditer(text):
            start, end = match.span()
            before = text[max(0, start - _WORD) : start].translate(self.table)
            after = text[end : end + _WORD].translate(self.table)
            words = self._broken.finditer(before + after)
            inside = any(m.start() < len(before) < m.end() for m in words)
            if inside or _ACROSS_BREAK.search(f"{before}\x00{after}"):
                breaks.append((start, end))
            elif _IN_NUMBER.search(f"{before[-4:]}\x00{after}"):
                in_numbers.append((start, end))
        # Only where lines break in words, too: else two numbers may stand there.
        breaks = sorted({*breaks, *in_numbers, *_wrapped(text)}) if breaks else []
        pieces, last = [], 0
        for start, end in breaks:
            pieces += [text[last:start], "\x00" * (end - start)]
            last = end
        return "".join([*pieces, text[last:]])
