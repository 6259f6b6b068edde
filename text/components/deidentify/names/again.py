"""Where a name stands once more in its record, or stands as a signature again and again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..identity import NAME, Identity
from ..lexicon import NameParts, compiled
from .shapes import is_han
from .slots import NameSlots

_NICK = compiled(
    r"(?:(?<![HAN])|(?<=患者)|(?<=病人)|(?<=家属)|(?<=邻居)|(?<=系人))[老小大阿](?P<surname>[HAN])"
    r"(?=[^HAN]|打|在|说|电|写|带|您|的|接|来|手|联|1|头[^HAN晕痛颅皮部]|汉[^HAN]|师傅|爷子|太太)"
    r"|(?<=[让叫找给和与跟请喊告由见])[老小](?P<called>[HAN])"
    r"(?=[去抽看催量送也今不回先再给拿带说接查换配值,。;、)\n])"
)
_PAIR = compiled(r"(?:^|(?<=\n))[ ]*(?P<names>[HAN]{2,4}(?:/[HAN]{2,4}){1,3})[ ]*(?=\n|$)")
_HAN_RUN = compiled(r"[HAN]+")
_SIGNED = compiled(r"(?:[。!;]\s?| {2,}|\t)(?P<name>[HAN]{2,4})[ ]*(?=\n|$)")


class Mentions:
    """Finds where names are repeated.

    Parameters
    ----------
    parts
        What names are made of.
    slots
        Weighs what stands around them.
    """

    def __init__(self, parts: NameParts, slots: NameSlots) -> None:
        self._of, self._slots = parts, slots
        self._kin = frozenset(parts.kin.split("|"))

    def signed(self, text: str) -> Iterator[Identity]:
        """Yield words that end several lines as signatures do, even if they are ordinary ones."""
        for match in _PAIR.finditer(text):
            names = match["names"].split("/")
            if all(self._of.surname_of(n, True) and n not in self._of.right for n in names):
                yield from (
                    Identity(*m.span(), NAME) for m in _HAN_RUN.finditer(text, *match.span())
                )
        ends: dict[str, list[re.Match[str]]] = {}
        for match in _SIGNED.finditer(text):
            ends.setdefault(match["name"], []).append(match)
        for name, matches in ends.items():
            if len(matches) > 1 and self._of.surname_of(name, rare=True):
                for match in matches:
                    yield Identity(*match.span("name"), NAME)

    def again(self, text: str, found: list[Identity], known: Iterable[str]) -> Iterator[Identity]:
        """Yield where a name stands once more, or its surname as one is called by."""
        names = {text[i.start : i.end] for i in found if i.end - i.start > 1} | {
            name for name in known if len(name) > 1
        }
        surnames = {
            text[i.start : i.end][: self._of.surname_of(text[i.start : i.end], True)] for i in found
        }
        for name in names:
            parts = {name} | {p for p in re.split(r"\s?·\s?", name) if len(p) > 2}
            given = name[self._of.surname_of(name, True) :]
            if len(given) == 2 and self._is_given(given):
                parts.add(given)
            for part in parts:
                sure = part not in self._of.words and not self._of.words & {part[:2], part[:3]}
                if len(part) == 2 and part != given and not self._is_name_like(part):
                    sure = False
                start = text.find(part)
                while start >= 0:
                    end = start + len(part)
                    if sure or self._is_one(text, start, end):
                        yield Identity(start, end, NAME)
                    start = text.find(part, end)
        for match in _NICK.finditer(text):
            surname = match["surname"] or match["called"]
            is_word = match[0] in self._of.words  # 大黄 is a drug, and 老张 a dictionary's word
            if is_word and (match[0][0] == "大" or surname not in self._of.pure):
                continue
            if surname in surnames or surname in self._of.common:
                yield Identity(match.start(), match.end(), NAME)

    def _is_given(self, given: str) -> bool:
        """Return whether a name without its surname can be nothing else: 丽华, but not 建设."""
        of = self._of
        known = given not in of.words and given not in of.right and given not in of.left
        return (
            known
            and given[0] in of.given
            and given[1] in of.given
            and given not in of.kin.split("|")
        )

    def _is_name_like(self, name: str) -> bool:
        length = self._of.surname_of(name, rare=True)
        return bool(length) and is_han(name) and name[length:] in self._of.given

    def _is_one(self, text: str, start: int, end: int) -> bool:
        """Return whether a word that is a name of the record's people stands for one here."""
        if text[start : end + 1] in self._of.words or text[start : end + 2] in self._of.words:
            return False
        left, right = self._slots.left(text, start), self._slots.right(text, end)
        return left + right >= 1.85 and max(left, right) >= 1.1
