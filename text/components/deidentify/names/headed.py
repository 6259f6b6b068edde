"""Names under headings: 姓名:张伟, 记录者 李强/王芳."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import NAME, Identity
from ..lexicon import HAN, IdentityLists, any_of, compiled, spaced
from .foreign import ForeignNames
from .latin import LatinNames
from .rows import LISTED, NameRows
from .shapes import NameShapes
from .slots import TOLD, NameSlots
from .terms import TermsOfText

_ENOUGH = 3.55
_FIRM, _HEADED = 0.5, 1.4
_MASKED = compiled(
    r"[HAN]{1,2}(?:某{1,3}|[*×xX○〇]{1,3}(?![a-zA-Z\d]))[HAN]?(?=[^HAN]|$)|[HAN][*×○〇]+[HAN]?"
)
_SPACED = compiled(r"[HAN](?: {1,4}[HAN]){1,3}(?= *(?:[^HAN ]|$)|  )")
_APART = compiled(r"(?P<surname>[HAN]{1,2}) {1,3}(?P<given>[HAN]{1,2})(?= |[^HAN :]|$)")
_WHOLE = compiled(r"[HAN]{2,4}(?![HAN ])|[HAN]{2,4}(?=  | [HAN]{2,8}[:：]| \d|$)")
_ALONE = compiled(
    r"(?P<name>[HAN]{2,3})(?=[ ]*(?:\n|$)|  |[ ][HAN]{2,6}[:：]|[,、;][HAN]{2,4}[:：])"
)
_RUN = compiled(r"[HAN]{2,8}")
NOTE = r"(?:记录单?|小结|讨论|摘要|同意书|告知书|通知书|报告单?|申请单?|会诊单?|查房)"
"""How headings of notes end: 副主任医师 查房记录."""
_BEFORE = compiled(r"(?<![HAN])[HAN]{2,4}$")
_SPEAKER = re.compile(r"(?:医师|医生|主任|教授|护士长?|大夫)$")
_BRACKET = re.compile(r"\s?[(/]\s?(?=[A-Z])")


class HeadedNames:
    """Finds names under headings.

    Parameters
    ----------
    lexicon
        The lists.
    shapes, slots, rows, foreign, latin
        Judge looks and surroundings, and read what else may stand there.
    """

    def __init__(
        self,
        lexicon: IdentityLists,
        shapes: NameShapes,
        slots: NameSlots,
        rows: NameRows,
        foreign: ForeignNames,
        latin: LatinNames,
    ) -> None:
        of = self._of = lexicon.names
        self._shapes, self._slots, self._rows = shapes, slots, rows
        self._foreign, self._latin = foreign, latin
        lists = lexicon.all
        self._never = frozenset(lists["no_names"]) | frozenset(lists["kin"])
        heads = spaced(lists["heads"]["name"])
        in_latin = any_of(lists["heads"]["name_latin"])
        self._heads = re.compile(
            rf"(?:(?P<zh>{heads})|(?<![A-Za-z])(?:{in_latin}))[)）】\]\"']?"
            r"(?:\((?:签名|签字|签章|患者|家属|盖章)\))?\s{0,4}"
            rf"(?:(?P<colon>[:|=_]|\">|>)|(?<=名)[ \t]|(?<=[人员者师士])[ \t]"
            rf"(?=[ \t]{{0,3}}[{HAN}]{{2,4}}(?![{HAN}:])))"
            r"[\s_|:\"'\[]{0,8}"
        )
        self._no_name = re.compile(
            rf"(?:{any_of(lists['no_names'])}|{of.persons}|{of.kin})(?![{HAN}])"
            rf"|(?:{of.persons})[之的]|[{HAN}]{{1,3}}{NOTE}"
            rf"|{any_of(field for field in lists['fields'] if len(field) > 1)}|[性年日男女因系]|是$"
        )
        self._signs = re.compile(
            r"(?:记录|审核|复核|核对|查对|校对|汇总|书写|录入|操舱|执行|主持|签名|签字"
            r"|[记交接录写审签]|制表|整理|值班|二线)[:_] ?$"
        )
        self._kin = re.compile(rf"(?:患者|其)?(?:之)?(?:{of.kin})(?=[{HAN}]{{2,3}}(?![{HAN}]))")
        self._field = re.compile(any_of(lists["fields"]))
        self._firm = re.compile(
            r"名|[Nn]ame|NAME|[医者师手员人长]|护士|签|xm|lxr|ys$|主刀|参会|席|麻\s*醉|器\s*械|巡\s*回"
        )

    def find(self, text: str, terms: TermsOfText) -> Iterator[Identity]:
        """Yield the names in a text in the form to be searched.

        Parameters
        ----------
        text
            The text.
        terms
            Where words are that are no names.
        """
        for head in self._heads.finditer(text):
            start = head.end()
            if head["colon"] == "|" and "\n" in text[start - 1 : start]:
                continue
            # 高兴主任医师:出血量大 — what is behind a speaker is what they say.
            before = _BEFORE.search(text[max(0, head.start() - 5) : head.start()])
            speaks = before is not None and _SPEAKER.search(head["zh"] or "") is not None
            speaks = speaks and before is not None and self._of.surname_of(before[0]) > 0
            firm = not speaks and self._firm.search(head[0]) is not None
            if kin := self._kin.match(text, start):  # 监护人:儿子张伟
                start = kin.end()
            end = self.name_at(text, start, terms, firm)
            while end is not None and not terms.forbid(start, end):
                yield Identity(start, end, NAME, 2)
                if latin := self._in_latin(text, end):
                    yield latin
                between = self._rows.next(text, end)
                if between is None:
                    break
                start, last = between, text[end:between].strip()
                end = self.name_at(text, between, terms, False, LISTED)
                run = _WHOLE.match(text, start) if last in ("/", "、", '","') else None
                if end is None and run and self._of.surname_of(run[0], rare=True):
                    end = None if run[0] in self._never else run.end()

    def _in_latin(self, text: str, end: int) -> Identity | None:
        """Return a name in Latin letters that stands in brackets or behind a slash after a name."""
        sign = _BRACKET.match(text, end)
        last = self._latin.at(text, sign.end()) if sign else None
        return Identity(sign.end(), last, NAME, 2) if sign and last else None

    def name_at(
        self,
        text: str,
        start: int,
        terms: TermsOfText,
        firm: bool = False,
        listed: float | None = None,
    ) -> int | None:
        """Return the end of the name that begins at a place under a heading; None if none does.

        `firm`: the heading says that it is one even where no surname is known; `listed`: how much
        it says that another name stands before.
        """
        for form in (self._shapes.dotted, _MASKED):
            if match := form.match(text, start):
                if form is _MASKED and not self._of.surname_of(match[0], rare=listed is None):
                    continue
                if form is _MASKED:
                    return match.end()
                if self._foreign.swallowed(match[0]):  # 护士长帕提古丽·肉孜
                    return None
                return self._foreign.dotted_end(text, start, match.end())
        if listed is None:
            if match := _SPACED.match(text, start):
                bare = match[0].replace(" ", "")
                if self._of.surname_of(bare, rare=True) and not self._no_name.match(bare):
                    return match.end()
            if match := _APART.match(text, start):
                first, last = match["surname"], match["given"]
                whole = self._of.surname_of(first, rare=True) == len(first)
                if whole and not self._no_name.match(last) and not self._field.match(last):
                    return match.end()
            if (end := self._latin.at(text, start)) is not None:
                return end
        if self._no_name.match(text, start) or self._heads.match(text, start):
            return None
        foreign = self._shapes.foreign.match(text, start)
        if foreign and foreign.end() - start > 2:
            return foreign.end()
        least = _ENOUGH - listed if listed else _FIRM if firm else _HEADED
        best: tuple[float, int] | None = None
        for shape in self._shapes.beginning(text, start):
            if shape.alone and not self._rows.title.match(text, shape.end):
                continue
            if terms.forbid(shape.start, shape.end):
                continue
            right = self._slots.right(text, shape.end)
            score = shape.looks - (0.0 if right >= TOLD else shape.word) + right
            if score >= least and (best is None or score > best[0]):
                best = (score, shape.end)
        run = _WHOLE.match(text, start)
        if best is None and self._signs.search(text, max(0, start - 12), start):
            # 记录:江山 — a word that may be a name, alone where somebody signs.
            signed = _ALONE.match(text, start)
            if signed and signed["name"][0] in self._of.surnames:
                return None if terms.forbid(start, signed.end("name")) else signed.end("name")
        if best and not (
            firm and run and run.end() - start == 4 and text[start + 1] in self._of.surnames
        ):
            return best[1]
        if not firm and not listed and run and run[0] not in self._of.words:
            return run.end() if self._of.surname_of(run[0], rare=True) else None
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
        return end if end - start < 5 and text[start:end] not in self._of.words else None
