"""Names of minorities: with a middle dot, or made of parts that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import NAME, Identity
from ..lexicon import NameParts
from .shapes import NameShapes
from .slots import NameSlots

_WRITTEN_WITH = frozenset(
    "阿艾安敖奥巴白班保贝比毕别波布策茨曹查昌朝彻成次达代旦丹当道德登迪第丁顶东杜多额恩尔凡芳菲费佛夫"
    "富嘎盖干刚高戈格各葛贡古固关果哈海汉罕杭和赫黑亨洪胡华霍吉加佳贾江姜杰金津久居卡凯坎康考科柯克肯孔库"
    "拉来莱兰朗劳勒雷黎李里丽利莲列林琳灵龙隆卢鲁路伦罗洛旅吕马玛迈麦曼芒毛梅美门蒙孟米密明莫默姆木穆那纳"
    "娜乃南尼娘宁牛努诺欧帕派潘庞培佩蓬皮普其奇齐恰钦琴青仁日荣如茹瑞若萨赛桑色森沙莎山珊尚绍沈圣史书舒斯"
    "松苏索塔泰坦唐陶特腾提图吐托瓦万旺威维文沃乌吾伍武西希锡喜夏香肖辛欣兴雄修旭雅亚延扬央耶叶伊依以益尹英"
    "永尤于玉约月云则泽扎珍芝志治智朱竹卓孜子宗佐甫牙生仙荪措珠堆旺"
)
"""What names of other languages are written with; most verbs and particles are not among it."""
_NEVER_LAST = frozenset(
    "的了是在因被把给对将由诉称说述按签死现代及与或等也已未能会要并予经送殡兄嫂"
)


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
        self._written = _WRITTEN_WITH | frozenset(parts.morphemes) - {"|"}
        self._goes_on = re.compile(rf"(?:{parts.morphemes})")
        self._known_end = re.compile(rf"(?:{parts.morphemes})+[江汗罕尼提]?$")

    def find(self, text: str, enough: float) -> Iterator[Identity]:
        """Yield the names in a text of which looks and surroundings say enough."""
        for match in self._shapes.dotted.finditer(text):
            start, stop = match.span()
            while "·" in text[start:stop]:
                start += self.swallowed(text[start:stop])
                end = self.dotted_end(text, start, stop)
                if end - start > 1:
                    yield Identity(start, end, NAME)
                start = end
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
        last = text.index("·", start, end) + 1
        for at in range(last + 1, end):
            if text[at - 1] in "· ":
                continue
            one = text[at]
            if one in _NEVER_LAST:
                return at
            known = one in self._written
            if self._slots.right(text, at) >= 1.1 and not self._goes_on.match(text, at):
                return at
            if not known and one not in "· " and self._known_end.search(text[last:at]):
                return at
            if not known and text[at : at + 2] in self._of.words:
                return at
        return end

    def swallowed(self, name: str) -> int:
        """Return where a dotted name begins in a run that holds the words before it, too."""
        first = re.split(r"\s?·", name)[0]
        match = self._known_end.search(first)
        least = match.start() if match else max(0, len(first) - 2)
        for start in range(least, 0, -1):
            if (
                self._slots.left(name, start) >= 1.0
                or first[max(0, start - 2) : start] in self._of.words
                or first[start - 1] in _NEVER_LAST
            ):
                return start
        for start in range(least, 0, -1):
            if first[start - 1] not in self._written and (
                start > 3 or self._ends_word(first, start)
            ):
                return start
        return 0

    def _ends_word(self, text: str, end: int) -> bool:
        """Return whether a word ends at a place, before a name perhaps."""
        return bool(self._slots.left(text, end)) or text[max(0, end - 2) : end] in self._of.words
