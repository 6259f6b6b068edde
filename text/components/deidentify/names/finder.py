"""Names of people: under headings, by surroundings and looks, in Latin letters, and once more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..identity import NAME, Identity
from ..learned.candidates import judge_of
from ..lexicon import HAN, IdentityLists, any_of, compiled
from .again import Mentions
from .called import CalledNames
from .cued import CuedNames
from .foreign import ForeignNames
from .headed import NOTE, HeadedNames
from .latin import LatinNames
from .plain import GOES_ON, PlainNames
from .rows import NameRows
from .shapes import NameShapes
from .slots import SURE, NameSlots
from .terms import Terms
from .weighed import WeighedNames

_FOREIGN = 3.35
"""What surroundings and looks of names of minorities have to say."""

_MENTION = compiled(
    r"(?<![HAN])[HAN]某{1,2}(?![HAN]?(?:种|些|个|日|医院|市|县))"
    r"|[HAN](?:某某|[*]{1,2}(?![*\d])|××|XX|xx|○○)(?=[^HAN]|主任|医|教授|护|男|女|因)"
    r"|[HAN](?:某某|××)(?![HAN]{0,4}(?:院|市|县|区|省|镇|乡|村|校|公司|厂|路|[种些个日年月]))"
)
_SURNAME = compiled(
    r"(?:(?<![百贵尊同老大冠夫])姓(?P<told>[HAN]{1,2})(?=[,。;、)的]|$)"
    r"|[妻母媳婶嫂姨]亲?(?P<born>[HAN]{1,2})氏"
    r"|Dr\.? ?(?P<doctor>[HAN]{1,2})(?![HAN])"
    r"|(?<=[欠给由找叫])(?P<sister>[HAN]{1,2})[姐哥叔姨嫂](?![夫妹弟])"
    r"|小(?P<young>[HAN])(?=共同|[一二两三]人|\((?:女儿|儿子|妻|丈夫|孙|侄|媳|女婿|弟|妹|家属)))"
)
"""Surnames alone, where what stands around them tells: 姓王, 其妻王氏, Dr. 王."""
_DOT = compiled(r"(?<=[HAN])[.](?=[HAN])")
_FOURTH = compiled(r"[HAN]{4}(?![HAN])")
_LAST = compiled(r"\n[ ]*(?P<name>[HAN]{2,4}|[HAN]{1,8}(?:·[HAN]{1,8})+)\s*$")
_COUNT = re.compile(
    r"第五[天次日周月年组床个例层区位名节]|[一二三四五六七八九十两百]+[个天周月年日次岁点片支人名]"
)
_IS_NOTE = re.compile(rf"{NOTE}$")


class NameFinder:
    """Finds names.

    Parameters
    ----------
    lexicon
        The lists.
    network
        What `learned/network.json` holds.
    """

    def __init__(self, lexicon: IdentityLists, network: dict[str, Any]) -> None:
        of = self._of = lexicon.names
        terms = (word for word in lexicon.terms if word not in of.compound)  # 左丘
        self._terms = Terms(terms, lexicon.maybe_terms, lexicon.drug_ends)
        shapes, slots, rows = NameShapes(of), NameSlots(of), NameRows(of)
        self._slots = slots
        self._latin = LatinNames(of)
        self._foreign = ForeignNames(of, shapes, slots)
        self._headed = HeadedNames(lexicon, shapes, slots, rows, self._foreign, self._latin)
        judge = judge_of(lexicon, network)
        plain = PlainNames(of, slots, self._terms.words, lexicon.all["fields"])
        self._weighed = WeighedNames(of, judge, shapes, slots, rows, plain)
        self._plain, self._called = plain, CalledNames(of)
        no_names = lexicon.all["no_names"]
        fields = lexicon.all["fields"]
        self._cued = CuedNames(of, slots, {*no_names, *fields, *lexicon.all["kin"]})
        self._mentions = Mentions(of, slots)
        self._never = frozenset(no_names) | frozenset(lexicon.all["kin"])
        self._no_name = re.compile(rf"(?:{any_of(no_names)}|{of.persons}|{of.kin})(?![{HAN}])")
        parts = of.morphemes
        self._before_dot = re.compile(rf"(?:{parts})[江汗罕尼提]?$")
        self._after_dot = compiled(rf"[HAN]{{0,2}}(?:{parts})")

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
        words = self._plain.words_of(text)
        terms = self._terms.in_text(text, words.terms)
        found = [
            *self._headed.find(text, terms),
            *self._foreign.find(text, _FOREIGN),
            *self._latin.find(text),
        ]
        found += self._weighed.find(text, {i.end: i.start for i in found}, terms, words)
        found += self._called.find(text, words)
        found += self._cued.find(text, words, terms)
        found += self._mentions.signed(text)
        last = _LAST.search(text)
        if last and self._may_sign(last["name"]):
            found.append(Identity(*last.span("name"), NAME))
        found += [
            Identity(m.start(), m.end(), NAME)
            for m in _MENTION.finditer(text)
            if self._of.surname_of(m[0])
        ]
        for match in _SURNAME.finditer(text):
            group = match.lastgroup or 0
            if self._of.surname_of(match[group], rare=True) == len(match[group]):
                found.append(Identity(*match.span(group), NAME))
        found = [
            self._with_fourth(text, one)
            for one in found
            if one.sure > 1 or not terms.forbid(one.start, one.end)
        ]
        found += list(self._mentions.again(text, found, known))
        return [
            one
            for one in found
            if not self._is_never(text, one)
            and text[one.end - 1] != "族"
            and not _IS_NOTE.search(text, one.start, one.end)
        ]

    def _may_sign(self, name: str) -> bool:
        """Return whether what stands alone in the last line of a letter may be a name."""
        size = self._of.surname_of(name)
        given = len(name) - size
        return bool(size) and (given < 3 or "·" in name) and not self._no_name.match(name)

    def _is_never(self, text: str, one: Identity) -> bool:
        """Return whether a name is a word that is none, unless what follows says otherwise."""
        name = text[one.start : one.end]
        if name not in self._never:
            return "姓名" in name or _COUNT.match(name) is not None
        if name[0] not in self._of.surnames or name in self._of.left:
            return True
        # 程度 男 63岁, 程度医生
        right = self._slots.right(text, one.end)
        return right < SURE or (right < 3 and name in self._of.not_before_title)

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
            and fourth in self._of.given
            and _FOURTH.match(text, one.start)
            and pair not in self._of.words
            and fourth not in self._of.right
            and fourth not in "家会行兄年中核加"
            and fourth not in GOES_ON
        ):
            return one._replace(end=end + 1)
        return one
