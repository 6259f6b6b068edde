"""What a record says of nobody, of somebody else, or of what only may come.

A sentence of a guideline (幕上血肿>30ml为手术指征), of another patient (邻床患者脑疝), of a risk
(可能出现脑疝、再出血), a normal range, or a form that nobody filled in (脑疝 有□ 无□) tells nothing
of the patient. Each `Rule` names words of one kind, the direction in which they reach, how far, and
what turns back to the patient; the findings that start within that reach are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ...sought import holds
from .scope_rules import RULES, Rule

_ITEM = re.compile(r"[;\n]{1,2} ?(?:[(]?\d{1,2}[.、)](?!\d)|[①-⑳])")


class Scopes:
    """Where a text tells nothing of the patient; each rule is looked for once, if at all.

    Parameters
    ----------
    text
        A record in its normal form.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[int, list[tuple[int, int]]] = {}
        self._of: dict[int, list[tuple[int, int]]] = {}

    def of(self, name: str) -> list[tuple[int, int]]:
        """Return where the text tells nothing of the patient that has that name."""
        kind, rules = _rules_of(name)
        spans = self._of.get(kind)
        if spans is None:
            found = self._found
            for number in rules:
                if number not in found:
                    rule = RULES[number]
                    needed = holds(self._text, rule.needs)
                    found[number] = list(_spans(rule, self._text)) if needed else []
            spans = self._of[kind] = [span for number in rules for span in found[number]]
        return spans

    def take(self, name: str, start: int, end: int) -> bool:
        """Whether a finding of that name whose evidence is text[start:end] is not the patient's."""
        return any(first <= start < last or first < end <= last for first, last in self.of(name))


@cache
def _rules_of(name: str) -> tuple[int, tuple[int, ...]]:
    """Return the rules that may take a finding of that name away, and one number for them all."""
    rules = tuple(n for n, rule in enumerate(RULES) if rule.names is None or name in rule.names)
    return sum(1 << number for number in rules), rules


def _spans(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a rule says that a text tells nothing of the patient."""
    for cue in rule.cue.finditer(text):
        start, end = cue.span()
        if rule.before is not None:
            start = _last(text, start, rule.before)
            if rule.ends and rule.ends.search(text, start, cue.start()):
                start = cue.start()
        if rule.after is not None:
            stop = _next(text, end, rule.after)
            if ":" in text[end - 1 : end + 1]:
                stop = _list_end(text, stop)
            turn = rule.ends.search(text, end, stop) if rule.ends else None
            end = turn.start() if turn else stop
        yield start, end


def _list_end(text: str, stop: int) -> int:
    """Return where the list ends that a colon began: 并发症包括：1、再出血；2、脑疝."""
    while stop < len(text) and _ITEM.match(text, stop):
        stop = _next(text, stop + 2, ";\n")
    return stop


def _last(text: str, position: int, marks: str) -> int:
    return max((text.rfind(mark, 0, position) for mark in marks), default=-1) + 1


def _next(text: str, position: int, marks: str) -> int:
    places = [place for mark in marks if (place := text.find(mark, position)) >= 0]
    return min(places, default=len(text) if marks else position)
