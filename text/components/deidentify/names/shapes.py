"""How much a piece of text looks like the name of a person, by itself."""

from __future__ import annotations

from typing import NamedTuple

from ..lexicon import NameParts, compiled
from .slots import GIVEN_WITH_SEX

SURNAME_ONLY = 1.0
_LONGEST = 4
_EVEN_SO, _GOES_ON = frozenset("来今行之为和主"), 1.2
"""Given names that are far more often the next word, as in 胡来; how much that says against one."""


class Shape(NamedTuple):
    """A piece that may be a name, and how much it looks like one.

    Attributes
    ----------
    start, end
        Where it stands.
    looks
        The more, the more it looks like a name; below 0 it is a word, rather.
    alone
        Whether it is a surname alone.
    word
        How much it looks like words; counts unless a title or sex and age stand after it.
    """

    start: int
    end: int
    looks: float
    alone: bool
    word: float = 0.0


class NameShapes:
    """Judges shapes.

    Parameters
    ----------
    parts
        What names are made of.
    """

    def __init__(self, parts: NameParts) -> None:
        self._of = parts
        # Of one syllable alone nothing can be told: 提, say, is a verb.
        first = "".join(sorted({part[0] for part in parts.morphemes.split("|")}))
        self.foreign = compiled(
            rf"(?=[{first}])(?:{parts.morphemes}){{1,4}}[提江汗罕扁尼陶]?(?![·HAN]{{0,8}}·)"
        )
        self.dotted = compiled(r"[HAN]{1,10}(?:\s?·\s?[HAN]{1,10}){1,4}")

    def beginning(self, text: str, start: int) -> list[Shape]:
        """Return the shapes of a surname with one or two characters that begin at a place."""
        of = self._of
        piece = text[start : start + 6]
        length = of.surname_of(piece, rare=True)
        if not length:
            return []
        found = []
        for size in (length + 2, length + 1):
            name = piece[:size]
            if (
                len(name) == size
                and is_han(name[length:])
                and (name[length:] not in of.right or name[length:] in _EVEN_SO)
                and "副" not in name
                and name[-1] not in "科室部院"
            ):
                looks, word = self._looks(name, length, text, start)
                found.append(Shape(start, start + size, looks, False, word))
        rare = 0.0 if length > 1 or piece[0] in of.surnames else -0.6
        alone = (
            1.6 if length > 1 else SURNAME_ONLY if piece[0] in of.common | of.pure else 0.7 + rare
        )
        if length == 1 and piece[0] in of.word_surnames:
            alone -= 1.5
        found.append(Shape(start, start + length, alone, True))
        return found

    def _looks(self, name: str, length: int, text: str, start: int) -> tuple[float, float]:
        """Return how much a piece looks like a name, and how much like words."""
        of = self._of
        given = name[length:]
        if length > 1:
            looks = 1.9
        elif name[0] in of.pure:
            looks = 1.1
        elif name[0] in of.common:
            looks = 0.7
        else:
            looks = 0.4 if name[0] in of.surnames else -0.4
        if len(given) == 2:
            alike = (given[0] in of.given_first) + (given[1] in of.given)
            if given in GIVEN_WITH_SEX:
                alike = 2
            looks += 0.55 * alike + 0.2 * (alike == 2)
        else:
            alike = int(given in of.given)
            looks += 0.6 * alike
        if given in of.right:
            looks -= _GOES_ON
        end = start + len(name)
        word = 0.0
        if length == 1:
            if name in of.words:
                looks -= 1.2
            elif name[:2] in of.words:  # and another character: 明确表
                looks -= 0.0 if name[0] in of.pure else 0.5
                word += 0.5 if name[2] in of.given else 1.5
            if text[start : end + 1] in of.words or text[start : end + 2] in of.words:
                looks -= 2.5
            if name[0] in of.word_surnames:
                looks -= 0.8
        if text[end - 1 : end + 1] in of.words:  # a word goes on beyond: 王明|显
            word += 0.7 if alike == len(given) else 1.2
        if len(given) == 2 and alike < 2 and given in of.words:
            word += 0.3 if name[0] in of.pure else 1.0 if name[0] in of.word_surnames else 0.6
        if text[start - 1 : start + 1] in of.words and start:  # it began before: 左|侧
            looks -= 2.0 if text[start - 1 : start + 1] in of.left else 0.6
        longer = text[max(0, start - 2) : start + 1]
        if longer in of.left or longer in of.right:  # 护士|长
            looks -= 2.0
        if name in of.right or name in of.left:
            looks -= 1.5
        return looks, word


def is_han(text: str) -> bool:
    """Return whether all characters are Chinese ones."""
    return all(
        "\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" or c >= "\U00020000" for c in text
    )
