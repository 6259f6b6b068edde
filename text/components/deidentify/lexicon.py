"""The lists that the rules of identities read, compiled once."""

from __future__ import annotations

import re
from typing import Any

from .written import table_of

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"


class NameParts:
    """What names are made of.

    Attributes
    ----------
    surnames
        Those that a name in running text may begin with.
    any_surnames
        Those that one may begin with where a heading says that it is a name.
    compound
        Surnames of two characters and more.
    given
        Characters of given names.
    words
        Words that look like names.
    """

    def __init__(self, lists: dict[str, Any]) -> None:
        self.surnames = frozenset(lists["surnames"])
        self.any_surnames = self.surnames | frozenset(lists["rare_surnames"])
        self.compound = tuple(sorted(lists["compound"], key=len, reverse=True))
        self.given = frozenset(lists["given"])
        self.words = frozenset(lists["words"])
        self.pinyin = "|".join(sorted(lists["pinyin_surnames"].split(), key=len, reverse=True))

    def surname_of(self, text: str, rare: bool = False) -> int:
        """Return how many characters the surname has that a text begins with; 0 if none."""
        for compound in self.compound:
            if text.startswith(compound):
                return len(compound)
        return int(text[:1] in (self.any_surnames if rare else self.surnames) and text != "")


class IdentityLists:
    """All lists.

    Parameters
    ----------
    lists
        What `lists.json` holds.
    """

    def __init__(self, lists: dict[str, Any]) -> None:
        self.names = NameParts(lists)
        self.provinces = "|".join(lists["provinces"])
        self.cities = "|".join(sorted(lists["cities"].split(), key=len, reverse=True))
        self.table = table_of(*lists["traditional"])
        self.stand_ins: dict[str, Any] = lists["stand_ins"]


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern in which H stands for the inside of a class of Chinese characters."""
    return re.compile(pattern.replace("HAN", HAN))
