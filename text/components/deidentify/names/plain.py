"""Names that nothing but their characters tell: a surname and a given name no word reaches into.

In 找萧凤芳谈 no two neighbouring characters are a word of the dictionary, and three characters one
after the other that are none, a surname first and then what given names are made of, are hardly
ever anything but a name. So such a piece is one whatever stands around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import add
from typing import NamedTuple

from ..lexicon import NameParts
from .shapes import is_han
from .slots import GIVEN_WITH_SEX, NameSlots

GOES_ON = frozenset(
    "的了是在于与及和并或也亦已未不可能将被把给对向从由让使叫请找呼告诉述说称问答报签看查来去到回走送接"
    "陪抱扶打做写录记谈讲喊哭闹要想会又再还都均仍就很太更最号某等之其此该各每谨代姐哥叔婶你您我他她吗呢吧啊呀嘛哦用家快拒予自收吐男女"
)
"""What a sentence goes on with after a name, or stands before one, rather than a name holds."""
EITHER = frozenset("来代想可向和之能会家")
"""What ends given names, too: 郝运来."""
_AFTER = frozenset(("家属", "家人", "家里", "家中", "主任", "医生", "医师", "护士", "老师", "教授"))
"""What is said right after names, though a word of the dictionary may reach into it."""
_CUE = 1.7
"""What the word before has to say where a surname is a rare one."""
_NO_END = frozenset("镇村乡庄沟屯路街县市区州院科室部氏族")
_COUNTED = tuple("天次日周月年组床个例层区位名节页条项题届人家")
"""What 第五 counts where it is no surname."""
_LONGEST = 6
_NO_WORD, _WORD, _TERM, _CALLED = range(4)


class WordsOfText(NamedTuple):
    """Where words stand in a text.

    Attributes
    ----------
    inner, starts, ends
        For each place, not 0 where it is within a word, where one starts, and where one ends.
    terms
        Where those start and end that `Terms` knows.
    called
        Where those do that people are called, too.
    """

    inner: bytearray
    starts: bytearray
    ends: bytearray
    terms: list[tuple[int, int]]
    called: list[tuple[int, int]]


class PlainNames:
    """Finds such names.

    Parameters
    ----------
    parts
        What names are made of.
    slots
        Weighs what stands before them.
    terms, words
        Words beside the ordinary ones; of terms `words_of` says where they stand.
    """

    def __init__(
        self, parts: NameParts, slots: NameSlots, terms: frozenset[str], words: Iterable[str]
    ) -> None:
        self._of, self._slots = parts, slots
        known = {*parts.words, *parts.left, *parts.right, *parts.kin.split("|"), *words}
        self._terms = terms
        self._words = terms | {word for word in known if 1 < len(word) <= _LONGEST}
        longer: dict[str, set[int]] = {}
        for word in self._words:
            sizes = longer.setdefault(word[:2], set())
            if len(word) > 2:
                sizes.add(len(word))
        self._pairs = {
            pair: (self._kind(pair), tuple(sorted(sizes))) for pair, sizes in longer.items()
        }
        self._surnames = frozenset(s for s in parts.any_surnames if len(s) == 1)
        self._frequent = parts.common | parts.pure
        self._double = frozenset(s[0] for s in parts.compound)

    def _kind(self, pair: str) -> int:
        """Return what two characters are: a term, what people are called, a word, or none."""
        if pair in self._terms:
            return _TERM
        if pair not in self._words:
            return _NO_WORD
        return _CALLED if pair in self._of.called else _WORD

    def find(self, text: str, words: WordsOfText) -> list[tuple[int, int]]:
        """Return where such names start and end in a text in the form to be searched.

        Parameters
        ----------
        text
            The text.
        words
            What `words_of` says of it.
        """
        inner, ends = words.inner, words.ends
        found: list[tuple[int, int]] = []
        final = len(text) - 1
        for at, character in enumerate(text):
            if character in self._double and text[at : at + 2] in self._of.compound:
                numbered = character == "第" and text[at + 2 : at + 3] in _COUNTED
                if not inner[at] and not inner[at + 2] and at + 2 <= final and not numbered:
                    end = self._given_end(text, at + 2, words)
                    if end is not None:
                        found.append((at, end))
            elif character in self._surnames and at < final and not inner[at] and not inner[at + 1]:
                end = self._given_end(text, at + 1, words)
                if end is None:
                    end = at + 3
                    if character in self._of.pure and self._is_word(text, at + 1, inner):
                        found.append((at, end))  # 王解放, 李胜利
                    continue
                if end - at == 2:
                    before = text[at - 1 : at]
                    alone = not before or not is_han(before) or ends[at] or before in GOES_ON
                    if not alone or not self._may_begin(text, at):
                        continue
                elif not self._may_begin(text, at):
                    continue
                second = text[at + 1]
                if end - at == 3 and second in self._of.pure and character in self._frequent:
                    # 王陈阿娇 has her husband's name before her own.
                    last = text[end : end + 1]
                    longer = last in self._of.given and last not in GOES_ON
                    if longer and not inner[end + 1] and text[end - 1] == "阿":
                        end += 1
                found.append((at, end))
        return found

    def _given_end(self, text: str, at: int, words: WordsOfText) -> int | None:
        """Return where a given name ends that begins at a place; None if there is none."""
        given, first = self._of.given, text[at]
        inner, starts = words.inner, words.starts
        if inner[at + 1] or first not in self._of.given_first:
            return None
        second = text[at + 1 : at + 2]
        if second in EITHER and not is_han(text[at + 2 : at + 3] or " "):
            return None if inner[at + 2] else at + 2
        if first + second in GIVEN_WITH_SEX and not inner[at + 2]:
            return at + 2
        if second in given and second not in GOES_ON and self._may_end(text, at + 2, words):
            return None if second in _NO_END else at + 2
        if first not in given or first in GOES_ON or first in _NO_END:
            return None
        if second and is_han(second) and not starts[at + 1] and second not in GOES_ON:
            return None
        return at + 1

    def _may_begin(self, text: str, at: int) -> bool:
        """Return whether a surname is one that needs no word before it that tells, or has one."""
        character = text[at]
        if character in self._frequent:
            return True
        return character not in GOES_ON and self._slots.word(text, at) >= _CUE

    @staticmethod
    def _may_end(text: str, end: int, words: WordsOfText) -> bool:
        """Return whether no word goes on beyond a place, or one begins there: 黄爱林|家属."""
        if not words.inner[end]:
            return True
        return text[end] in "于在" or text[end : end + 2] in _AFTER

    def _is_word(self, text: str, at: int, inner: bytearray) -> bool:
        """Return whether a given name that begins at a place is a word of the dictionary."""
        given = self._of.given
        return (
            text[at : at + 2] in self._of.words
            and text[at] in self._of.given_first
            and text[at + 1] in given
            and not inner[at + 2]
        )

    def words_of(self, text: str) -> WordsOfText:
        """Return where words stand in a text in the form to be searched."""
        count = len(text)
        inner, starts, ends = bytearray(count + 2), bytearray(count + 2), bytearray(count + 2)
        terms: list[tuple[int, int]] = []
        called: list[tuple[int, int]] = []
        known, words, find = self._terms, self._words, self._pairs.get
        for at, pair in enumerate(map(add, text, text[1:])):
            found = find(pair)
            if found is None:
                continue
            kind, longer = found
            if kind:
                starts[at] = inner[at + 1] = ends[at + 2] = 1
                if kind == _TERM:
                    terms.append((at, at + 2))
                elif kind == _CALLED:
                    called.append((at, at + 2))
            for size in longer:
                word = text[at : at + size]
                if word in words and at + size <= count:
                    starts[at] = ends[at + size] = 1
                    inner[at + 1 : at + size] = b"\1" * (size - 1)
                    if word in known:
                        terms.append((at, at + size))
        return WordsOfText(inner, starts, ends, terms, called)
