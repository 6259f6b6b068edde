"""How much what stands around a place says that a person's name begins or ends there."""

from __future__ import annotations

import re

from ..lexicon import HAN, NameParts

_LINE, _CELL, _CLAUSE, _SPACE = 0.9, 1.3, 0.7, 0.6
_AFTER_CELL, _AFTER_LINE, _AFTER_SIGN, _AFTER_SPACE = 1.3, 1.1, 0.9, 0.6
SURE, TOLD = 2.4, 2.5
_ROLE = 1.7
_BED, _SEX_AND_AGE = 2.7, 3.7
_NEXT = 1.2
_TELLING = "男女之的其0123456789一二三四五六七八九妻子女父母儿丈手电联"
_KIN = "妻夫子女父母兄弟姐妹哥嫂媳婿"
_LONGEST = 6
GIVEN_WITH_SEX = frozenset(f"{first}男" for first in "若亚胜雅超如一佳冠俊浩志思盛赛婉")
"""Given names of women that end as what says that somebody is a man: 陶若男."""


class NameSlots:
    """Weighs what stands around names.

    Parameters
    ----------
    parts
        What stands around them.
    """

    def __init__(self, parts: NameParts) -> None:
        self._left, self._right = parts.left, parts.right
        kin = f"{parts.kin}|[子女妻夫父母兄弟姐妹侄]"
        self._sex = re.compile(
            rf"[\s,、/|(;:。\"']{{0,5}}(?:性别[:\s]{{0,3}})?[男女](?:性"
            rf"|的|孩|童)?(?![{HAN}]?(?:子|儿|婿|友|厕|科))"
            r"(?=[\s,、/|);:。\"']|\d|[一二三四五六七八九]|性|汉|已|未|患|$|因|系|,)"
            r"|[\s,、/|(;:\"']{1,4}[MF](?=[\s,、/|;)\d\"'])"
        )
        self._age = re.compile(
            r"[\s,、/|(;:]{0,4}(?:\d{1,3}|[一二三四五六七八九]?十[一二三四五六七八九]?)\s?"
            r"(?:周?岁|[Yy](?![a-z])|[,、] ?[男女])|,\d{2},"
        )
        self._note = re.compile(
            rf"\s?\((?:其|患者|病人|与患者|系患者)?之?(?:{kin}|{parts.titles}"
            rf"|男|女|电话|手机|身份证|[\d+]|关系|签|患者|病人|住院号|本人"
            rf"|邻|指印|代"
            rf"|[^()]{{0,8}}(?:科|医院|局|公司|厂|职工))"
        )
        self._in_bed = re.compile(r"\s?\((?:加?\d{1,3}|加)床\)")
        self._phone = re.compile(
            r"[\s,:(]{0,2}(?:联系)?(?:手机|电话|Tel|TEL|身份证|住院号|病案号"
            r"|病历号|门诊号|微信|警号|工号)|\s?1[3-9]\d[\d -]{8}|\s?0\d{2,3}-?\d{7}"
        )
        self._clock = re.compile(r" {1,2}[012]?\d[:时点][0-5]?\d")
        self._dated = re.compile(r" {1,12}(?:19|20)\d\d[-/.年][01]?\d[-/.月][0-3]?\d日?\s*(?:\n|$)")
        self._people = re.compile(rf"[\s,、]{{1,3}}[{HAN}]{{1,5}}族(?=[,。;\s])")
        self._kin = re.compile(rf"(?:之|的|其)?(?:{kin})(?![{HAN}]?院)")

    def left(self, text: str, start: int) -> float:
        """Return how much what stands before a place says that a name begins there."""
        if start == 0:
            return _LINE
        before = text[start - 1]
        if before in "\n。;】!?":
            return _LINE
        if before == " ":
            if text[start - 2 : start - 1] in (" ", "", "\n", "|", "。"):
                return _CELL if text[start - 2 : start - 1] != "\n" else _LINE
            at = start - 1
            word = self.word(text, at)
            return max(_SPACE, word - 0.3) if word else _SPACE
        if before in "\t|\"'>^[=":
            return _CELL
        if before == "床" and text[start - 2 : start - 1].isdigit():
            return _BED
        if before == "名" and text[start - 2 : start - 1] in tuple(",。;(\n"):
            return _BED
        if before == "@" or (before in ",/" and text[start - 2 : start - 1] in ("岁", "Y", "y")):
            return 1.8
        if before in _KIN and text[max(0, start - 2) : start - 1] in (
            "",
            ",",
            "。",
            ";",
            "\n",
            "(",
            "、",
        ):
            return 2.1
        if before in ",、/(-:":
            if before in ":(" or before == "-":
                return max(_CLAUSE, self.word(text, start - 1) * 0.9)
            return _CLAUSE
        if before in '“「"' and start > 1:
            return max(_CLAUSE, self.word(text, start - 1))
        found = self.word(text, start)
        if not found and not ("\u4e00" <= before <= "\u9fff"):
            return 0.4 if before.isdigit() else 0.5
        return found

    def word(self, text: str, end: int) -> float:
        """Return how much the word that ends at a place says that a name follows."""
        left = self._left
        best = 0.0
        for size in range(_LONGEST, 0, -1):
            found = left.get(text[max(0, end - size) : end])
            if found is not None and found > best:
                best = found
        if best < _ROLE and text[end - 1 : end] in ("者", "员") and end > 1:
            return _ROLE  # 抄方者, 接线员: whoever they are
        return best

    def right(self, text: str, end: int) -> float:
        """Return how much what stands after a place says that a name ends there."""
        after = text[end : end + 1]
        if not after:
            return _AFTER_LINE
        best = 0.0
        if after in "\n":
            best = _AFTER_LINE
        elif after in "\t|\"'<^]":
            best = _AFTER_CELL
        elif after == ":":
            best = 1.1
        elif after in ",。;)、/(!?":
            best = _AFTER_SIGN
        elif after == " ":
            best = _AFTER_CELL if text[end + 1 : end + 2] in (" ", "", "\n", "|") else _AFTER_SPACE
            if best < _NEXT and any(
                self._left.get(text[end + 1 : end + 1 + size], 0.0) >= SURE for size in (2, 3, 4)
            ):
                best = _NEXT  # 护士 连翘 驾驶员
        else:
            right = self._right
            for size in range(5, 0, -1):
                found = right.get(text[end : end + size])
                if found is not None and found > best:
                    best = found
            if best < _NEXT and self._left.get(text[end : end + 2], 0.0) >= 1.7:
                best = _NEXT  # the next role begins
            if best < SURE and after in _TELLING:
                best = max(best, self._told(text, end))
            return best
        if best < SURE:
            best = max(best, self._told(text, end))
        return best

    def _told(self, text: str, end: int) -> float:
        if text[end] == "男" and text[end - 1 : end + 1] in GIVEN_WITH_SEX:
            return 0.0
        if sex := self._sex.match(text, end):
            if text[end] in "男女" and text[end + 1 : end + 2] == "性":
                return 1.2
            return 3.2 if self._age.match(text, sex.end()) is None else _SEX_AND_AGE
        if self._age.match(text, end):
            return 2.0
        if self._in_bed.match(text, end):
            return 3.2
        if self._note.match(text, end):
            return 2.2
        if self._phone.match(text, end):
            return 2.2
        if self._people.match(text, end):
            return 2.6
        if self._clock.match(text, end):
            return 1.6
        if self._dated.match(text, end):
            return 1.8
        if "\u4e00" <= text[end : end + 1] <= "\u9fff" and self._kin.match(text, end):
            return 1.8
        return 0.0
