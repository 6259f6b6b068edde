"""The lists that the rules of identities read, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .written import table_of

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"


class NameParts:
    """What names are made of, and what stands around them.

    Attributes
    ----------
    surnames
        Those that a name in running text may begin with.
    any_surnames
        Those that one may begin with where a heading says that it is a name.
    word_surnames
        Surnames that are far more often a word of the sentence.
    common, pure
        The most frequent surnames; those that are hardly ever anything else.
    compound
        Surnames of two characters and more.
    given
        Characters of given names; `given_first`, also: before another one.
    words
        Ordinary words of two to four characters.
    called
        Those of them that people are called, too; a pipeline of before them has none.
    morphemes
        What names of Uyghurs, Kazakhs, Tibetans, Mongols, Yi and Dai are made of.
    titles, kin, persons
        Alternatives of a pattern, the longest first.
    left, right
        Words right before and right after a name, to how much they say that it is one.
    """

    def __init__(self, lists: dict[str, Any]) -> None:
        self.surnames = frozenset(lists["surnames"])
        self.common = frozenset(lists["surnames"][:130])
        self.pure = frozenset(lists["pure_surnames"])
        self.any_surnames = self.surnames | frozenset(rare_surnames(lists))
        self.word_surnames = frozenset(lists["word_surnames"])
        self.compound = frozenset(lists["compound"])
        self._longest = max(map(len, self.compound))
        self.given = frozenset(lists["given"])
        self.given_first = self.given | frozenset(lists["given_first"])
        self.words = frozenset(" ".join([*lists["ordinary_words"], *lists["words"]]).split())
        self.called = frozenset(" ".join(lists.get("words_that_are_names", ())).split())
        self.morphemes = flat(lists["morphemes"])
        self.titles = flat(lists["titles"])
        self.kin = flat(lists["kin"])
        self.persons = flat(lists["persons"])
        self.pinyin = any_of(lists["pinyin_surnames"].split())
        self.not_before_title = frozenset(lists["not_before_title"])
        self.left = _weighed(lists["left"])
        self.right = _weighed(lists["right"])
        for title in lists["titles"]:
            self.right.setdefault(title, 2.5)

    def surname_of(self, text: str, rare: bool = False) -> int:
        """Return how many characters the surname has that a text begins with; 0 if none."""
        for size in range(min(self._longest, len(text)), 1, -1):
            if text[:size] in self.compound:
                return size
        return int(text[:1] in (self.any_surnames if rare else self.surnames) and text != "")


class IdentityLists:
    """All lists.

    Parameters
    ----------
    lists
        What `lists.json` holds.
    """

    def __init__(self, lists: dict[str, Any]) -> None:
        self.all = lists
        self.names = NameParts(lists)
        self.provinces = any_of(lists["provinces"])
        self.cities = any_of(lists["cities"].split())
        self.table = table_of(*lists["traditional"])
        self.stand_ins: dict[str, Any] = lists["stand_ins"]
        # A pipeline of before them has none.
        self.terms = " ".join(lists.get("terms", ())).split()
        self.maybe_terms = " ".join(lists.get("terms_soft", ())).split()
        self.drug_ends: list[str] = lists.get("drug_ends", ["沙坦"])


def rare_surnames(lists: dict[str, Any]) -> str:
    """Return the rare surnames, one character each.

    Without those that only words begin with (`no_surnames`: 人, 日), and with those by which no
    ordinary words were chosen (`further_surnames`). A pipeline of before these has neither.
    """
    none = lists.get("no_surnames", "")
    known = "".join(c for c in lists["rare_surnames"] if c not in none)
    return known + str(lists.get("further_surnames", ""))


def flat(words: Iterable[str]) -> str:
    """Return the alternatives of a pattern one after the other, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def any_of(words: Iterable[str]) -> str:
    """Return the alternatives of a pattern, the longest first, by what they begin with.

    Of a thousand words `re` would try one after the other wherever the first character of any
    stands; those that share their beginning are tried together.

    Examples
    --------
    >>> any_of(["上海", "上饶", "北京", "北京路"])
    '(?:上(?:海|饶)|北京(?:路|))'
    """
    return _tree(sorted({word for word in words if word}), "")


def spaced(words: Iterable[str]) -> str:
    """Return alternatives of headings, whose characters may stand apart: 姓  名."""
    return _tree(sorted({word for word in words if word}), r"\s{0,4}")


def _tree(words: list[str], between: str, first: bool = True) -> str:
    """Return a pattern for words in order, between whose characters something may stand."""
    branches = []
    at, gap = 0, "" if first else between
    ends = bool(words) and words[0] == ""
    while at < len(words):
        if not words[at]:
            at += 1
            continue
        last = at
        while last < len(words) and words[last][0] == words[at][0]:
            last += 1
        rest = _tree([word[1:] for word in words[at:last]], between, False)
        branches.append(gap + re.escape(words[at][0]) + rest)
        at = last
    if ends and not branches:
        return ""
    if len(branches) == 1 and not ends:
        return f"(?:{branches[0]})" if first else branches[0]
    return f"(?:{'|'.join(branches)}{'|' if ends else ''})"


def matches_at(
    pattern: re.Pattern[str], text: str, starts: Iterable[int]
) -> Iterator[re.Match[str]]:
    """Yield what a pattern finds at places in order, none of which overlap.

    `finditer` would try each character; a few places are known to be all that it can start at.
    """
    last = 0
    for start in starts:
        if start >= last and (match := pattern.match(text, start)) is not None:
            last = match.end()
            yield match


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern in which HAN stands for the inside of a class of Chinese characters."""
    return re.compile(pattern.replace("HAN", HAN))


def _weighed(groups: dict[str, list[str]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for weight, words in groups.items():
        for word in words:
            found[word] = max(float(weight), found.get(word, 0.0))
    return found
