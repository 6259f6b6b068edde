"""Names that nothing but their surroundings and looks tell: what network and rules say together.

The network (`..learned`) says how likely each piece is a name. The rules add what they know of the
words before (a role, a relative, "called"), of those after (a title, sex and age, "signed"), and of
the piece itself (surname, given name, no ordinary word). The sum decides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator

from ..identity import NAME, Identity
from ..learned.candidates import Judge
from ..lexicon import NameParts
from .plain import PlainNames, WordsOfText
from .rows import LISTED, NameRows
from .shapes import NameShapes, Shape
from .slots import TOLD, NameSlots
from .terms import TermsOfText

_ENOUGH, _CONTEXT = 3.55, 1.5
"""What the rules ask for by themselves: in all, and of the surroundings."""
_LEAST_ODDS, _RULES, _ACCEPT, _UNRULED = -9.0, 3.0, -2.2, 1.5
"""Log odds below which nothing is looked at; how much the rules count against the network; what
both ask for; what the rules say of what they know nothing of."""
_CLOSE, _TWICE = -6.0, 1.0
"""From where on a piece counts that stands more than once; how much each other place adds."""
_WORD, _RARE = 2.3, 2.4
"""What is asked for beyond that of an ordinary word, and of a rare surname."""
_DENSE, _OFTEN = 4.4, 0.04
"""How much less is asked for where names make up more than this share of a text."""
_CALLED = 2.8
"""What has to stand on one side for the rules to decide alone: a role, a bed, a sex with an age."""
_ROLE, _SLOT = 2.6, 0.9
_PLAIN = 12.0
"""What those count that nothing but their characters tell."""
_NEVER_LAST = frozenset(
    "是由的了着被把让吗呢吧们这那测扶探录写签按抱背问答吃喝拿做诉述您你她它亦需并从"
)
"""Characters that end no name of three characters, but begin what follows: 贾莉|扶住."""


class WeighedNames:
    """Finds such names.

    Parameters
    ----------
    parts
        What names are made of.
    judge
        The network.
    shapes, slots, rows
        Judge looks and surroundings.
    plain
        Finds those that need neither.
    """

    def __init__(
        self,
        parts: NameParts,
        judge: Judge,
        shapes: NameShapes,
        slots: NameSlots,
        rows: NameRows,
        plain: PlainNames,
    ) -> None:
        self._of, self._judge, self._plain = parts, judge, plain
        self._shapes, self._slots, self._rows = shapes, slots, rows

    def find(
        self, text: str, before: dict[int, int], terms: TermsOfText, words: WordsOfText
    ) -> list[Identity]:
        """Return the names in a text in the form to be searched.

        Parameters
        ----------
        text
            The text.
        before
            Where names end that were found otherwise, and where they start.
        terms
            Where words are that are no names.
        words
            Where any words are.
        """
        plain = [one for one in self._plain.find(text, words) if not terms.forbid(*one)]
        taken = bytearray(len(text))
        for start, end in plain:
            taken[start:end] = b"\1" * (end - start)
        forbid = terms.forbid

        def is_settled(start: int, end: int) -> bool:
            return bool(taken[start] or taken[end - 1]) or forbid(start, end)

        found = [(_PLAIN, start, end) for start, end in plain]
        found += self._judged(text, is_settled, len(found))
        found += self._in_rows(text, {end: start for _, start, end in found} | before)
        return _chosen(found)

    def _in_rows(self, text: str, ends: dict[int, int]) -> list[tuple[float, int, int]]:
        """Return what stands in one row with names."""
        found: list[tuple[float, int, int]] = []
        starts = {start: end for end, start in ends.items()}
        fresh = list(ends)
        while fresh:  # what stands in one row with a name
            end = fresh.pop()
            at = self._rows.next(text, end)
            if at is not None and at not in starts and text[at - 1] != " ":
                for score, start, stop in self._scored(
                    text, LISTED, self._shapes.beginning(text, at)
                ):
                    if score < _ENOUGH:
                        continue
                    found.append((score - _ENOUGH, start, stop))
                    if stop not in ends:
                        ends[stop], starts[start] = start, stop
                        fresh.append(stop)
        walked: set[int] = set()
        for start in sorted(starts, reverse=True):
            # From a place where another name of the row has come by the rest is known.
            while text[start - 1 : start] in ("、", "/") and start > 2 and start not in walked:
                walked.add(start)
                row = [
                    (s.looks + self._slots.left(text, s.start), s.start)
                    for size in (2, 3, 4)
                    for s in self._shapes.beginning(text, start - 1 - size)
                    if start - 1 - size >= 0 and s.end == start - 1 and not s.alone
                ]
                if not row or max(row)[0] + LISTED < _ENOUGH:
                    break
                found.append((max(row)[0] + LISTED - _ENOUGH, max(row)[1], start - 1))
                start = max(row)[1]
        return found

    def _judged(
        self, text: str, forbid: Callable[[int, int], bool], named: int
    ) -> list[tuple[float, int, int]]:
        """Return the pieces of which network and rules together say that they are names.

        `forbid` says of which there is nothing to ask; `named` names are known already.
        """
        ruled: dict[int, dict[int, float]] = {}
        lefts: dict[int, float] = {}
        nearly: list[tuple[float, int, int]] = []
        close: dict[str, list[tuple[float, int, int]]] = {}
        found: list[tuple[float, int, int]] = []
        for odds, start, end in self._judge(text, forbid):
            if odds < _LEAST_ODDS or text[end - 1] in "科室部院":
                continue
            if text[start] in "称诉" or (end - start > 2 and text[end - 1] in _NEVER_LAST):
                continue
            if (
                end - start == 4
                and text[end - 2 : end] in self._of.words
                and text[start : start + 2] not in self._of.compound
            ):
                continue  # 靳东|解释
            if text[end - 1 : end + 1] == "现在":
                continue
            if text[end : end + 1] in ("了", "着") and text[end : end + 2] not in self._of.words:
                continue  # 护士来量|了血压: a verb
            if start not in ruled:
                left = lefts[start] = self._slots.left(text, start)
                ruled[start] = {
                    stop: score
                    for score, _, stop in self._scored(
                        text, left, self._shapes.beginning(text, start)
                    )
                }
            name = text[start:end]
            if end not in ruled[start] and (len(name) == 1 or name in self._of.compound):
                continue  # a surname that no title follows
            score = odds + _RULES * (ruled[start].get(end, _UNRULED) - _ENOUGH)
            if name in self._of.words:
                score -= _WORD * (end - start - 1)  # 高峰 is a name more often than 蒲公英
            if text[start] not in self._of.surnames and name[:2] not in self._of.compound:
                score -= _RARE
            called = ruled[start].get(end, 0.0) >= _ENOUGH and self._is_called(
                lefts[start], self._slots.right(text, end), name
            )
            if score > _ACCEPT or called:
                found.append((score, start, end))
                continue
            if score > _ACCEPT - _DENSE and name not in self._of.words:
                nearly.append((score, start, end))
            if score > _CLOSE and end - start > 2 and name not in self._of.words:
                close.setdefault(name, []).append((score, start, end))
        for several in close.values():  # each place says a little
            if len(several) > 1 and max(several)[0] + _TWICE * (len(several) - 1) > _ACCEPT:
                found += several
        # Where many are named, as on a duty roster, more is likely to be a name.
        count = 3 * named + sum(end - start for _, start, end in found)
        if len(found) + named > 1 and count > _OFTEN * len(text):
            found += nearly
        return found

    def _is_called(self, left: float, right: float, name: str) -> bool:
        """Return whether what stands on one side says by itself that a name stands here."""
        if max(left, right) >= _CALLED:
            return True
        # 通知程度医生
        return right >= TOLD and left >= 1.1 and name not in self._of.not_before_title

    def _scored(
        self, text: str, left: float, shapes: list[Shape]
    ) -> Iterator[tuple[float, int, int]]:
        for shape in shapes:
            if left < 0.5 and not self._of.surname_of(text[shape.start : shape.end]):
                continue  # a rare surname within a sentence: 会诊后|敖教授
            right = self._slots.right(text, shape.end)
            score = left + shape.looks + right
            if right < TOLD:
                score -= shape.word
                if not right and text[shape.end - 1] in self._of.right:
                    score -= 0.8  # 张岩|行
            if right >= TOLD and left >= 0.5 or right >= 2.0 and left >= 1.7:
                score += 0.5
            if left >= _ROLE and 0.9 <= right < TOLD and self._stands_alone(text, shape):
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
        return len(name) == 2 and name[0] in self._of.surnames and after in ("", *",。;、)\n")

    def _is_titled(self, text: str, shape: Shape, left: float) -> bool:
        """Return whether a title stands after a surname, and no word of which it is the end."""
        if shape.end - shape.start > 1:
            return self._slots.right(text, shape.end) >= 2.0
        title = self._rows.title.match(text, shape.end)
        if title is None:
            return False
        start, end = shape.start, shape.end
        bad = self._of.not_before_title
        sizes: tuple[int, ...] = (
            (2, 3) if left >= 0.9 and text[start] in "任何查方易向" else (1, 2, 3)
        )
        if text[max(0, start - 2) : start] == "医院":
            sizes = ()
        if any(text[max(0, end - size) : end] in bad for size in sizes):
            return False
        word = text[max(0, start - 1) : end]
        if left >= 1.1 and text[start - 1] in self._of.left:  # 请|任医生
            return True
        if word in self._of.words and text[max(0, start - 2) : start] not in self._of.words:
            return False
        after = text[title.end() : title.end() + 1]
        return title[0] != "总" or (left >= 0.5 and after not in tuple("量体计共数是结面"))


def _chosen(found: list[tuple[float, int, int]]) -> list[Identity]:
    """Return the best of those that overlap."""
    taken: list[Identity] = []  # in the order of the text
    for _, start, end in sorted(found, key=lambda one: (-one[0], one[1])):
        at = bisect_left(taken, start, key=lambda one: one.end - 1)
        if at == len(taken) or end <= taken[at].start:
            taken.insert(at, Identity(start, end, NAME))
    return taken
