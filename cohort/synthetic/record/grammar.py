"""Phrases with alternatives, slots and entities, written out as characters with BIOES tags.

A phrase is plain text with four marks, all ASCII, since the text itself uses full-width forms:

======================  ==================================================================
``(a|b|)``              one of the alternatives (the last one here: nothing)
``<name>``              a rule by that name: one of its phrases, written out in turn
``{LABEL:text}``        an entity; entities don't nest
``~``                   a thin space, which some writers leave out (``14~ml``)
======================  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

Rules = Mapping[str, str | Sequence[str]]
"""Phrases by rule name: one phrase, or several to choose from."""


def write(
    phrase: str, rules: Rules, rng: np.random.Generator, thin_space: str = ""
) -> tuple[str, list[str]]:
    """Write out a phrase.

    Parameters
    ----------
    phrase
        Text with the marks of this module.
    rules
        What ``<name>`` stands for.
    rng
        Chooses among alternatives.
    thin_space
        What ``~`` becomes.

    Returns
    -------
    text, tags
        The characters, and one BIOES tag each.

    Raises
    ------
    ValueError
        If a mark is left open, a rule is unknown, or an entity stands within another.

    Examples
    --------
    >>> rules = {"side": "右", "weak": ["无力"]}
    >>> text, tags = write("突发{SYMPTOM:<side>侧<weak>}", rules, np.random.default_rng(0))
    >>> text, tags[2:]
    ('突发右侧无力', ['B-SYMPTOM', 'I-SYMPTOM', 'I-SYMPTOM', 'E-SYMPTOM'])
    """
    writer = _Writer(rules, rng, thin_space)
    writer.write(parse_phrase(phrase))
    return "".join(writer.characters), writer.tags


@dataclass(frozen=True)
class Slot:
    """``<name>``."""

    name: str


@dataclass(frozen=True)
class Choice:
    """``(a|b)``."""

    options: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Marked:
    """``{LABEL:text}``."""

    label: str
    content: tuple[Node, ...]


Node = str | Slot | Choice | Marked

_MARK = re.compile(r"<(\w+)>|\{([A-Z]+):|[()|{}<>]")


@cache
def parse_phrase(phrase: str) -> tuple[Node, ...]:
    """Read a phrase's marks.

    Raises
    ------
    ValueError
        If a mark is left open or stands alone.
    """
    options, end = _parse_options(phrase, 0)
    if end != len(phrase) or len(options) != 1:
        raise ValueError(f"Unexpected {phrase[end : end + 1] or '|'!r} in phrase {phrase!r}.")
    return options[0]


def _parse_options(phrase: str, start: int) -> tuple[tuple[tuple[Node, ...], ...], int]:
    """Read alternatives up to a closing mark; return them and the position of that mark."""
    options: list[list[Node]] = [[]]
    while mark := _MARK.search(phrase, start):
        if mark.start() > start:
            options[-1].append(phrase[start : mark.start()])
        start = mark.end()
        if mark[1]:
            options[-1].append(Slot(mark[1]))
        elif mark[2] or mark[0] == "(":
            inner, end = _parse_options(phrase, start)
            closing = "}" if mark[2] else ")"
            if phrase[end : end + 1] != closing or (mark[2] and len(inner) != 1):
                raise ValueError(f"{mark[0]!r} is not closed by {closing!r} in {phrase!r}.")
            options[-1].append(Marked(mark[2], inner[0]) if mark[2] else Choice(inner))
            start = end + 1
        elif mark[0] == "|":
            options.append([])
        else:
            return tuple(map(tuple, options)), mark.start()
    if start < len(phrase):
        options[-1].append(phrase[start:])
    return tuple(map(tuple, options)), len(phrase)


@dataclass
class _Writer:
    rules: Rules
    rng: np.random.Generator
    thin_space: str
    characters: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    inside: bool = False

    def write(self, nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            if isinstance(node, str):
                text = node.replace("~", self.thin_space)
                self.characters.extend(text)
                self.tags.extend("O" * len(text))
            elif isinstance(node, Slot):
                self.write(parse_phrase(self._rule(node.name)))
            elif isinstance(node, Choice):
                self.write(node.options[self._pick(len(node.options))])
            else:
                self._entity(node)

    def _rule(self, name: str) -> str:
        if name not in self.rules:
            raise ValueError(f"No rule is called {name!r}.")
        rule = self.rules[name]
        return rule if isinstance(rule, str) else rule[self._pick(len(rule))]

    def _pick(self, count: int) -> int:
        return int(self.rng.integers(count)) if count > 1 else 0

    def _entity(self, entity: Marked) -> None:
        if self.inside:
            raise ValueError(f"Entity {entity.label} stands within another entity.")
        start = len(self.tags)
        self.inside = True
        self.write(entity.content)
        self.inside = False
        length = len(self.tags) - start
        if length == 0:
            raise ValueError(f"Entity {entity.label} is empty.")
        if length == 1:
            self.tags[start] = f"S-{entity.label}"
            return
        middle = [f"I-{entity.label}"] * (length - 2)
        self.tags[start:] = [f"B-{entity.label}", *middle, f"E-{entity.label}"]
