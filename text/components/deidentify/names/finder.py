"""Names of people: under headings, and where what stands around them and what they look like tell.

Each place in a text that may begin with a surname is weighed: the words before (a role, a relative,
"called"), the words after (a title, sex and age, "signed"), and the piece itself (surname, given
name, no ordinary word). The weights are this project's; the sum decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..identity import NAME, Identity
from ..lexicon import HAN, IdentityLists, any_of, compiled, spaced
from ..learned.candidates import judge_of
from .again import Mentions
from .foreign import ForeignNames
from .latin import LatinNames
from .shapes import NameShapes, Shape
from .slots import NameSlots

_ENOUGH = 3.55
_CONTEXT = 1.5
_LEAST_ODDS, _RULES, _ACCEPT, _UNRULED = -7.0, 3.0, -4.6, 1.5
_CLOSE, _TWICE, _WORD = -6.0, 1.0, 2.3
_CALLED, _RARE = 3.0, 2.2
_DENSE, _OFTEN = 2.0, 0.04
_ROLE, _SLOT = 2.6, 0.9
_MOST = 4.2  # that what stands after a name can say, and that both sides do
_LISTED = 2.4
_FIRM, _HEADED = 0.5, 1.4
_TOLD = 2.5
_MASKED = compiled(
    r"[HAN]{1,2}(?:某{1,3}|[*×xX○〇]{1,3}(?![a-zA-Z\d]))[HAN]?(?=[^HAN]|$)|[HAN][*×○〇]+[HAN]?"
)
_MENTION = compiled(
    r"(?<![HAN])[HAN]某{1,2}(?![HAN]?(?:种|些|个|日|医院|市|县))"
    r"|[HAN](?:某某|[*]{1,2}(?![*\d])|××|XX|xx|○○)(?=[^HAN]|主任|医|教授|护|男|女|因)"
    r"|[HAN](?:某某|××)(?![HAN]{0,4}(?:院|市|县|区|省|镇|乡|村|校|公司|厂|路|[种些个日年月]))"
)
_SURNAME = compiled(
    r"(?:(?<![百贵尊同老大冠夫])姓(?P<told>[HAN]{1,2})(?=[,。;、)]|$)"
    r"|[妻母媳婶嫂姨]亲?(?P<born>[HAN]{1,2})氏"
    r"|Dr\.? ?(?P<doctor>[HAN]{1,2})(?![HAN])"
    r"|(?<=[欠给由找叫])(?P<sister>[HAN]{1,2})[姐哥叔姨嫂](?![夫妹弟])"
    r"|小(?P<young>[HAN])(?=共同|[一二两三]人))"
)
"""Surnames alone, where what stands around them tells: 姓王, 其妻王氏, Dr. 王."""
_DOT = compiled(r"(?<=[HAN])[.](?=[HAN])")
_FOURTH = compiled(r"[HAN]{4}(?![HAN])")
_SPACED = compiled(r"[HAN](?: {1,4}[HAN]){1,3}(?= *(?:[^HAN ]|$)|  )")
_APART = compiled(r"(?P<surname>[HAN]{1,2}) {1,3}(?P<given>[HAN]{1,2})(?= |[^HAN :]|$)")
_WHOLE = compiled(r"[HAN]{2,4}(?![HAN ])|[HAN]{2,4}(?=  | [HAN]{2,8}[:：]| \d|$)")
_LAST = compiled(r"\n[ ]*(?P<name>[HAN]{2,4}|[HAN]{1,8}(?:·[HAN]{1,8})+)\s*$")
_RUN = compiled(r"[HAN]{2,8}")
_NOTE = r"(?:记录单?|小结|讨论|摘要|同意书|告知书|通知书|报告单?|申请单?|会诊单?|查房)"
_IS_NOTE = re.compile(rf"{_NOTE}$")
"""How headings of notes end: 副主任医师 查房记录."""
_BEFORE = compiled(r"(?<![HAN])[HAN]{2,4}$")
_SPEAKER = re.compile(r"(?:医师|医生|主任|教授|护士长?|大夫)$")
_BRACKET = re.compile(r"\s?[(/]\s?(?=[A-Z])")
_BETWEEN = re.compile(
    r"[\"'],[ ]?[\"']|\s?[/、,;+和及与]\s?| {1,3}|\s?\((?:大|小|[^()\n]{1,12})\)[、,/]"
)


class NameFinder:
    """Finds names.

    Parameters
    ----------
    lexicon
        The lists.
    """

    def __init__(self, lexicon: IdentityLists, network: dict[str, Any]) -> None:
        of = self.of = lexicon.names
        self._judge = judge_of(lexicon, network)
        lists = lexicon.all
        self.shapes, self.slots = NameShapes(of), NameSlots(of)
        self._latin = LatinNames(of)
        self._foreign = ForeignNames(of, self.shapes, self.slots)
        self._mentions = Mentions(of, self.slots)
        self._may_begin = re.compile(
            "[" + "".join(sorted(of.any_surnames | {c[0] for c in of.compound})) + "]"
        )
        self._never = frozenset(lists["no_names"]) | frozenset(lists["kin"])
        parts = of.morphemes
        self._before_dot = re.compile(rf"(?:{parts})[江汗罕尼提]?$")
        self._after_dot = compiled(rf"[HAN]{{0,2}}(?:{parts})")
        self._title = re.compile(rf"\s?(?:{of.titles})")
        heads = spaced(lists["heads"]["name"])
        latin = any_of(lists["heads"]["name_latin"])
        self._heads = re.compile(
            rf"(?:(?P<zh>{heads})|(?<![A-Za-z])(?:{latin}))[)）】\]\"']?"
            r"(?:\((?:签名|签字|签章|患者|家属|盖章)\))?\s{0,4}"
            rf"(?:(?P<colon>[:|=_]|\">|>)|(?<=名)[ \t]|(?<=[人员者师])[ \t]"
            rf"(?=[ \t]{{0,3}}[{HAN}]{{2,4}}(?![{HAN}:])))"
            r"[\s_|:\"'\[]{0,8}"
        )
        self._no_name = re.compile(
            rf"(?:{any_of(lists['no_names'])}|{of.persons}|{of.kin})(?![{HAN}])"
            rf"|(?:{of.persons})[之的]|[{HAN}]{{1,3}}{_NOTE}"
            rf"|{any_of(lists['fields'])}\s?[:：]|年|日|是$"
        )
        self._field = re.compile(any_of(lists["fields"]))
        self._firm = re.compile(
            r"名|[Nn]ame|NAME|[医者师手员人长]|签|xm|lxr|ys$|主刀|参会|席|麻\s*醉|器\s*械|巡\s*回"
        )

    def find(self, text: str, known: Iterable[str] = ()) -> list[Identity]:
        """Return the names in a text in the form to be searched.

        Parameters
        ----------
        text
            The text.
        known
            Names that are known otherwise.
        """
        if "." in text:  # 努尔兰.吐逊: as its dot is typed where no middle one is at hand
            text = _DOT.sub(self._dotted, text)
        found = [
            *self._headed(text),
            *self._foreign.find(text, _ENOUGH - 0.2),
            *self._latin.find(text),
        ]
        found += self._weighed(text, {i.end: i.start for i in found})
        found += self._mentions.signed(text)
        last = _LAST.search(text)
        if last and self.of.surname_of(last["name"]) and not self._no_name.match(last["name"]):
            found.append(Identity(*last.span("name"), NAME))
        found += [
            Identity(m.start(), m.end(), NAME)
            for m in _MENTION.finditer(text)
            if self.of.surname_of(m[0])
        ]
        for match in _SURNAME.finditer(text):
            group = match.lastgroup or 0
            if self.of.surname_of(match[group], rare=True) == len(match[group]):
                found.append(Identity(*match.span(group), NAME))
        found = [self._with_fourth(text, one) for one in found]
        found += list(self._mentions.again(text, found, known))
        return [
            one
            for one in found
            if text[one.start : one.end] not in self._never
            and text[one.end - 1] != "族"
            and not _IS_NOTE.search(text, one.start, one.end)
        ]

    def _dotted(self, dot: re.Match[str]) -> str:
        """Return a middle dot for a full stop within the name of a minority."""
        at = dot.start()
        within = self._before_dot.search(dot.string[max(0, at - 6) : at])
        return "·" if within or self._after_dot.match(dot.string, at + 1) else "."

    def _with_fourth(self, text: str, one: Identity) -> Identity:
        """Return a name of three characters with a fourth that can be nothing but its end."""
        end = one.end
        fourth, pair = text[end : end + 1], text[end - 1 : end + 1]
        if (
            end - one.start == 3
            and fourth in self.of.given
            and _FOURTH.match(text, one.start)
            and pair not in self.of.words
            and fourth not in self.of.right
            and fourth not in "家会行代兄年中接送签核述诉告"
        ):
            return one._replace(end=end + 1)
        return one

    def _headed(self, text: str) -> Iterator[Identity]:
        for head in self._heads.finditer(text):
            start = head.end()
            if head["colon"] == "|" and "\n" in text[start - 1 : start]:
                continue
            # 高兴主任医师:出血量大 — what is behind a speaker is what they say.
            before = _BEFORE.search(text[max(0, head.start() - 5) : head.start()])
            speaks = before is not None and _SPEAKER.search(head["zh"] or "") is not None
            speaks = speaks and before is not None and self.of.surname_of(before[0]) > 0
            firm = not speaks and self._firm.search(head[0]) is not None
            end = self.name_at(text, start, firm)
            while end is not None:
                yield Identity(start, end, NAME, 2)
                if latin := self._in_latin(text, end):
                    yield latin
                between = self._next(text, end)
                if between is None:
                    break
                start, last = between, text[end:between].strip()
                end = self.name_at(text, between, False, _LISTED)
                run = _WHOLE.match(text, start) if last in ("/", "、", '","') else None
                if end is None and run and self.of.surname_of(run[0], rare=True):
                    end = None if run[0] in self._never else run.end()

    def _in_latin(self, text: str, end: int) -> Identity | None:
        """Return a name in Latin letters that stands in brackets or behind a slash after a name."""
        sign = _BRACKET.match(text, end)
        last = self._latin.at(text, sign.end()) if sign else None
        return Identity(sign.end(), last, NAME, 2) if sign and last else None

    def _next(self, text: str, end: int) -> int | None:
        """Return where the next of several names would begin."""
        title = self._title.match(text, end)
        match = _BETWEEN.match(text, title.end() if title else end)
        return match.end() if match else None

    def name_at(
        self, text: str, start: int, firm: bool = False, listed: float | None = None
    ) -> int | None:
        """Return the end of the name that begins at a place under a heading; None if none does.

        `firm`: the heading says that it is one even where no surname is known; `listed`: how much
        it says that another name stands before.
        """
        for form in (self.shapes.dotted, _MASKED):
            if match := form.match(text, start):
                if form is _MASKED and not self.of.surname_of(match[0], rare=listed is None):
                    continue
                if form is _MASKED:
                    return match.end()
                return self._foreign.dotted_end(text, start, match.end())
        if listed is None:
            if match := _SPACED.match(text, start):
                bare = match[0].replace(" ", "")
                if self.of.surname_of(bare, rare=True) and not self._no_name.match(bare):
                    return match.end()
            if match := _APART.match(text, start):
                first, last = match["surname"], match["given"]
                whole = self.of.surname_of(first, rare=True) == len(first)
                if whole and not self._no_name.match(last) and not self._field.match(last):
                    return match.end()
            if (end := self._latin.at(text, start)) is not None:
                return end
        if self._no_name.match(text, start) or self._heads.match(text, start):
            return None
        foreign = self.shapes.foreign.match(text, start)
        if foreign and foreign.end() - start > 2:
            return foreign.end()
        least = _ENOUGH - listed if listed else _FIRM if firm else _HEADED
        best: tuple[float, int] | None = None
        for shape in self.shapes.beginning(text, start):
            if shape.alone and not self._title.match(text, shape.end):
                continue
            right = self.slots.right(text, shape.end)
            score = shape.looks - (0.0 if right >= _TOLD else shape.word) + right
            if score >= least and (best is None or score > best[0]):
                best = (score, shape.end)
        run = _WHOLE.match(text, start)
        if best and not (
            firm and run and run.end() - start == 4 and text[start + 1] in self.of.surnames
        ):
            return best[1]
        if not firm and not listed and run and run[0] not in self.of.words:
            return run.end() if self.of.surname_of(run[0], rare=True) else None
        if not firm or listed:
            return None
        if run:
            return run.end()
        # Under a heading, a name whose beginning is not known as a surname: of a minority, say.
        run = _RUN.match(text, start)
        if run is None:
            return None
        field = self._field.search(run[0], 2)
        end = start + field.start() if field else run.end()
        return end if end - start < 5 and text[start:end] not in self.of.words else None

    def _weighed(self, text: str, before: dict[int, int]) -> list[Identity]:
        """Return the names whose surroundings and looks say together that they are some."""
        found = self._judged(text)
        ends = {end: start for _, start, end in found} | before
        starts = {start: end for end, start in ends.items()}
        fresh = list(ends)
        while fresh:  # what stands in one row with a name
            end = fresh.pop()
            at = self._next(text, end)
            if at is not None and at not in starts and text[at - 1] != " ":
                for score, start, stop in self._scored(
                    text, _LISTED, self.shapes.beginning(text, at)
                ):
                    if score < _ENOUGH:
                        continue
                    found.append((score - _ENOUGH, start, stop))
                    if stop not in ends:
                        ends[stop], starts[start] = start, stop
                        fresh.append(stop)
        for start in sorted(starts, reverse=True):
            while text[start - 1 : start] in ("、", "/") and start > 2:
                row = [
                    (s.looks + self.slots.left(text, s.start), s.start)
                    for size in (2, 3, 4)
                    for s in self.shapes.beginning(text, start - 1 - size)
                    if start - 1 - size >= 0 and s.end == start - 1 and not s.alone
                ]
                if not row or max(row)[0] + _LISTED < _ENOUGH:
                    break
                found.append((max(row)[0] + _LISTED - _ENOUGH, max(row)[1], start - 1))
                start = max(row)[1]
        return _chosen(found)

    def _judged(self, text: str) -> list[tuple[float, int, int]]:
        """Return the pieces of which network and rules together say that they are names."""
        ruled: dict[int, dict[int, float]] = {}
        lefts: dict[int, float] = {}
        nearly: list[tuple[float, int, int]] = []
        close: dict[str, list[tuple[float, int, int]]] = {}
        found: list[tuple[float, int, int]] = []
        for odds, start, end in self._judge(text):
            if odds < _LEAST_ODDS or text[end - 1] in "科室部院":
                continue
            if start not in ruled:
                left = lefts[start] = self.slots.left(text, start)
                ruled[start] = {
                    stop: score
                    for score, _, stop in self._scored(
                        text, left, self.shapes.beginning(text, start)
                    )
                }
            name = text[start:end]
            score = odds + _RULES * (ruled[start].get(end, _UNRULED) - _ENOUGH)
            if name in self.of.words:
                score -= _WORD
            if text[start] not in self.of.surnames and name[:2] not in self.of.compound:
                score -= _RARE
            called = lefts[start] >= _CALLED and ruled[start].get(end, 0.0) >= _ENOUGH
            if score > _ACCEPT or called:
                found.append((score, start, end))
                continue
            if score > _ACCEPT - _DENSE and name not in self.of.words:
                nearly.append((score, start, end))
            if score > _CLOSE and end - start > 2 and name not in self.of.words:
                close.setdefault(name, []).append((score, start, end))
        for several in close.values():  # each place says a little
            if len(several) > 1 and max(several)[0] + _TWICE * (len(several) - 1) > _ACCEPT:
                found += several
        # Where many are named, as on a duty roster, more is likely to be a name.
        if len(found) > 1 and sum(end - start for _, start, end in found) > _OFTEN * len(text):
            found += nearly
        return found

    def _scored(
        self, text: str, left: float, shapes: list[Shape]
    ) -> Iterator[tuple[float, int, int]]:
        for shape in shapes:
            if left < 0.5 and not self.of.surname_of(text[shape.start : shape.end]):
                continue  # a rare surname within a sentence: 会诊后|敖教授
            right = self.slots.right(text, shape.end)
            score = left + shape.looks + right
            if right < _TOLD:
                score -= shape.word
                if not right and text[shape.end - 1] in self.of.right:
                    score -= 0.8  # 张岩|行
            if right >= _TOLD and left >= 0.5 or right >= 2.0 and left >= 1.7:
                score += 0.5
            if left >= _ROLE and 0.9 <= right < _TOLD and self._stands_alone(text, shape):
                score += _SLOT
            if shape.alone:
                if not self._is_titled(text, shape, left):
                    continue
                score += 0.2
            if left + right < _CONTEXT:
                score = min(score, _ENOUGH - 1.0)
            yield score, shape.start, shape.end

    def _stands_alone(self, text: str, shape: Shape) -> bool:
        """Return whether two characters behind a role are a word that can be nothing but a name."""
        name, after = text[shape.start : shape.end], text[shape.end : shape.end + 1]
        return len(name) == 2 and name[0] in self.of.surnames and after in ("", *",。;、)\n")

    def _is_titled(self, text: str, shape: Shape, left: float) -> bool:
        """Return whether a title stands after a surname, and no word of which it is the end."""
        if shape.end - shape.start > 1:
            return self.slots.right(text, shape.end) >= 2.0
        title = self._title.match(text, shape.end)
        if title is None:
            return False
        start, end = shape.start, shape.end
        bad = self.of.not_before_title
        sizes: tuple[int, ...] = (
            (2, 3) if left >= 0.9 and text[start] in "任何查方易向" else (1, 2, 3)
        )
        if text[max(0, start - 2) : start] == "医院":
            sizes = ()
        if any(text[max(0, end - size) : end] in bad for size in sizes):
            return False
        word = text[max(0, start - 1) : end]
        if left >= 1.1 and text[start - 1] in self.of.left:  # 请|任医生
            return True
        if word in self.of.words and text[max(0, start - 2) : start] not in self.of.words:
            return False
        after = text[title.end() : title.end() + 1]
        return title[0] != "总" or (left >= 0.5 and after not in tuple("量体计共数是结面"))

    def looks_like_one(self, name: str) -> bool:
        """Return whether a word is a surname with the characters of a given name."""
        if "·" in name:
            return self.shapes.dotted.fullmatch(name) is not None
        return any(
            s.end == len(name) and s.looks >= 0.9 and not s.alone
            for s in self.shapes.beginning(name, 0)
        )


def _chosen(found: list[tuple[float, int, int]]) -> list[Identity]:
    """Return the best of those that overlap."""
    taken: list[Identity] = []
    for _, start, end in sorted(found, key=lambda one: (-one[0], one[1])):
        if all(end <= one.start or one.end <= start for one in taken):
            taken.append(Identity(start, end, NAME))
    return taken
