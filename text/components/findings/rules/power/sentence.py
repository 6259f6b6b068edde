"""What a sentence says of the power of limbs, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...chinese_numbers import grade
from ...context.changes import was

if TYPE_CHECKING:
    from ...reading import Finding, Reading

_AND = re.compile(r"肌?力?[、及和与/,]?(?:以及)?")
"""What stands between the limbs of a list: 左上肢、左下肢."""
_GRADE = re.compile(r"([0-5])([+\-]?)")
_ANOTHER = re.compile(r"[、,/和](?=\d|[ⅠⅡⅢⅣⅤiv])")
_RIGHT_AFTER = re.compile(r"侧?(?:肌力)?[ :(为约]{0,3}")
_LIMB_BEHIND = re.compile(r"\((上肢|下肢)\)")
"""The limb that stands after its grade: 3级（上肢）."""
_OF_ELSE = re.compile(
    r"侧?(?:利手?|[^,。;\n肢手臂腿脚足瘫力上下]{0,6}?"
    r"(?:瞳孔?|基底|丘脑|[额颞顶枕]|壳核|脑|出血|血肿|凝视|鼻唇|面[瘫部纹]|伸舌|巴[宾彬氏]|病理|锥体|babinski|眼|头皮))"
)
"""What a side is said of, if not of limbs."""
_TURNED = tuple("偏向")
"""What stands before the side that a tongue, the eyes or a head is turned to."""
Target = tuple[str | None, str]
"""A side and arm, leg or limbs."""
_LIMBS = {
    "上肢": ["arm"],
    "下肢": ["leg"],
    "上": ["arm"],
    **dict.fromkeys(("手", "臂", "上臂", "前臂"), ["arm"]),
    **dict.fromkeys(("腿", "脚", "足", "大腿", "小腿"), ["leg"]),
    "下": ["leg"],
    **dict.fromkeys(("肱二头肌", "肱三头肌", "三角肌", "腕伸肌", "腕屈肌"), ["arm"]),
    **dict.fromkeys(("股四头肌", "胫前肌", "腓肠肌", "髂腰肌", "腘绳肌"), ["leg"]),
    "肢体": ["limbs"],
    "肢": ["limbs"],
}


class Sentence:
    """What a sentence has said so far, so that a grade finds its side and limbs."""

    def __init__(self, record: Reading) -> None:
        self._record = record
        self._side: str | None = None
        self._limbs: list[str] = []
        self._begin: int | None = None  # of the evidence for the next grade
        self._active = False  # grades are of power
        self._palsy = False  # 偏瘫 was said, so that a grade right after a limb is of power
        self._limb_end = -1
        self._side_end = -1
        self._apart = False  # 上/下肢: of two grades the first is the arm's
        self._list: list[Target] = []  # limbs of the list before the side that was said last
        self._next = -1  # after 分别: the limb whose grade comes next
        self._rest = False  # 余肢体: all that was not told
        self._told: set[tuple[str, str]] = set()

    def take_word(self, token: re.Match[str]) -> None:
        """Take a word that is no grade."""
        kind = token.lastgroup
        if kind == "off":
            self._active, self._begin, self._list = False, None, []
            if token[0] != "肌张力":  # 左上肢肌张力1+级，肌力2级 is of the arm
                self._limbs = []
        elif kind == "palsy":
            self._palsy = True
        elif kind == "each":
            self._next = 0
        elif kind == "then":
            # 入院时3级，出院时4级: of the limb that was named before
            if self._begin is None and self._active and self._side:
                self._begin = token.start()
        elif kind in ("side", "rest"):
            text = self._record.text
            if _OF_ELSE.match(text, token.end()) or text[: token.start()].endswith(_TURNED):
                self._side, self._limbs, self._list, self._begin = None, [], [], None
                self._limb_end = self._side_end = -1
                return
            joint = text[self._limb_end : token.start()]
            of_all = self._side == "both" and joint == "肌力"  # 四肢肌力左侧3级，右侧5级
            if self._limb_end >= 0 and self._limbs and _AND.fullmatch(joint) and not of_all:
                self._list += [(self._side, limb) for limb in self._limbs]
            else:
                self._list, self._begin = [], token.start()
            self._limbs, self._rest, self._limb_end = [], kind == "rest", -1
            self._side = side_of(self._record, token[0]) if kind == "side" else None
            self._side_end = token.end()
        else:
            self._begin = token.start() if self._begin is None else self._begin
            if kind == "power":
                self._active = True
            elif kind == "part" and self._limbs:
                self._limb_end = token.end()  # 上肢近端2，远端1
            elif kind == "limb":
                # 上肢及下肢, and 肢体肌力上肢: the narrower one counts.
                both = "上" in token[0] and "下" in token[0]
                self._apart = both and "/" in token[0]
                self._limbs = ["arm", "leg"] if both else _LIMBS[token[0]]
                self._next, self._limb_end = -1, token.end()

    def take_grade(self, token: re.Match[str]) -> Iterator[Finding]:
        """Find what a grade, or 肌力正常, is said of."""
        if token["loose"]:
            named = self._record.text[max(self._limb_end, self._side_end, 0) : token.start()]
            if self._begin is None or not self._active or not _RIGHT_AFTER.fullmatch(named):
                return
        elif token["grade"]:
            adjoins = self._limb_end == token.start()
            of_palsy = adjoins and self._palsy
            if adjoins and self._side and self._limbs != ["limbs"] and "级" in token[0]:
                self._active = True  # 左上肢2级 needs no word for power
            if self._begin is None or not (self._active or of_palsy):
                return  # 高血压3级; but 右侧偏瘫，上肢0级 is of power
            if was(self._record.text, token.start(), token.end()):
                for value, sign, where in self._grades(token):
                    for of_side, of_limb in where:
                        if of_side is not None:
                            yield self._record.finding(
                                "limb_power", self._begin, token.end(), value, "MRC",
                                "historical", of_side, limb=of_limb, modifier=sign,
                            )  # fmt: skip
                return
        else:
            self._active = True
        begin = token.start() if self._begin is None else self._begin
        if self._next < 0 and self._list and _ANOTHER.match(self._record.text, token.end()):
            self._next = 0  # 左上肢/左下肢肌力2级/3级
        for value, sign, where in self._grades(token):
            certainty = self._record.certainty(begin, token.end(), 0)
            # A grade is never denied: 右侧肢体不能活动，肌力0级.
            certainty = "historical" if certainty == "historical" else "affirmed"
            for of_side, of_limb in _others(self._told) if self._rest else where:
                if of_side is None:
                    continue
                self._told |= _each(of_side, of_limb)
                yield self._record.finding(
                    "limb_power", begin, token.end(), value, "MRC", certainty, of_side,
                    limb=of_limb, modifier=sign,
                )  # fmt: skip
        self._begin = None
        if behind := _LIMB_BEHIND.match(self._record.text, token.end()):
            self._begin = behind.end()
        if self._next >= 0:
            self._next += 1
            more = self._next < len(self._targets())
            self._begin = token.end() if more else None
        else:
            self._list, self._limb_end = [], -1

    def take_twin(self, token: re.Match[str]) -> Iterator[Finding]:
        """Find the grades of two limbs, 左上/下肢：2/3级; or one of five, 2/5级."""
        if self._apart and self._active:
            arm: list[Target] = [(self._side, "arm")]
            leg: list[Target] = [(self._side, "leg")]
            yield from self._find(
                token,
                [
                    (float(token["t1"]), token["ts1"], arm),
                    (float(token["t2"]), token["ts2"], leg),
                ],
            )
        elif token["t2"] == "5" and not token["ts2"] and self._active:
            yield from self._find(token, [(float(token["t1"]), token["ts1"], self._targets())])

    def _find(
        self, token: re.Match[str], grades: list[tuple[float, str | None, list[Target]]]
    ) -> Iterator[Finding]:
        begin = token.start() if self._begin is None else self._begin
        for value, sign, where in grades:
            for side, limb in _together(where):
                if side is not None:
                    yield self._record.finding(
                        "limb_power", begin, token.end(), value, "MRC", side=side,
                        limb=limb, modifier=sign,
                    )  # fmt: skip
        self._begin = None

    def take_series(self, token: re.Match[str]) -> Iterator[Finding]:
        """Find the grades of 分别为2、3、5、5级, where as many limbs were listed before."""
        targets, grades = self._targets(), _GRADE.findall(token[0])
        if self._begin is None or not self._active or len(targets) != len(grades):
            return
        for (side, limb), (written, sign) in zip(targets, grades, strict=True):
            if side is not None:
                yield self._record.finding(
                    "limb_power", self._begin, token.end(), float(written), "MRC",
                    side=side, limb=limb, modifier=sign or None,
                )  # fmt: skip
        self._begin, self._list, self._limb_end, self._next = None, [], -1, -1

    def _targets(self) -> list[Target]:
        """Return what the next grades are of, each limb by itself."""
        return [*self._list, *((self._side, limb) for limb in self._limbs or ["limbs"])]

    def _grades(self, token: re.Match[str]) -> Iterator[tuple[float, str | None, list[Target]]]:
        """Yield the value of each grade in a word, its sign, and the limbs that it is of."""
        targets = self._targets()
        together = _together(targets)
        behind = _LIMB_BEHIND.match(self._record.text, token.end())
        if behind:
            together = [(self._side, _LIMBS[behind[1]][0])]
        if token["normal"]:
            yield 5.0, None, together
            return
        if token["loose"]:
            value = grade(token["lg"])
            if value is not None:
                yield float(value), token["ls"], together
            return
        if token["bare"]:
            grades = [(token["b"], token["bs"], together)]
        elif token["g2"] and self._next == 0 and "、" in token[0]:  # 上、下肢分别为1、2级
            first, last = targets[0], targets[-1]
            grades = [(token["g"], token["s"], [first]), (token["g2"], token["s2"], [last])]
        else:
            where = targets[self._next : self._next + 1] if self._next >= 0 else together
            value, upper = grade(token["g"]), grade(token["g2"] or "")
            if value is not None:
                middle = value if upper is None else (value + upper) / 2
                yield float(middle), token["s"] or token["s3"], where or together
            return
        for written, sign, of in grades:
            value = grade(written)
            if value is not None:
                yield float(value), sign, of


def side_of(record: Reading, word: str) -> str | None:
    """Return the side that a word such as 左, 双 or R names."""
    return {"r": "right", "l": "left"}.get(word[0]) or record.side_named(word[0])


def _together(targets: list[Target]) -> list[Target]:
    """Return limbs with both of a side as one: a grade of 左上肢、左下肢 is of the left limbs."""
    sides = dict.fromkeys(side for side, _ in targets)
    limbs = {side: dict.fromkeys(limb for s, limb in targets if s == side) for side in sides}
    return [
        (side, limb)
        for side, of_side in limbs.items()
        for limb in (["limbs"] if len(of_side) > 1 else of_side)
    ]


def _each(side: str, limb: str) -> set[tuple[str, str]]:
    sides = ("left", "right") if side == "both" else (side,)
    limbs = ("arm", "leg") if limb == "limbs" else (limb,)
    return {(each, part) for each in sides for part in limbs}


def _others(told: set[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the sides and limbs that 余肢体 is, after what the sentence told; none if nothing."""
    others = []
    for side in ("left", "right") if told else ():
        limbs = [limb for limb in ("arm", "leg") if (side, limb) not in told]
        if limbs:
            others.append((side, "limbs" if len(limbs) == 2 else limbs[0]))
    return others
