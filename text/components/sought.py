"""Patterns that are looked for only where they can begin, which is several times quicker.

The `re` module skips to where a pattern can begin only if that is a plain character, not if it
looks back first, or begins with something that may be absent. Such a pattern is written as a
`Sought`: with the characters that it can begin with, and with words of which a text needs one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

_LONGEST_MARK = 3
"""How many characters has at most what a pattern stands right behind."""


class Sought:
    r"""A pattern with the characters that it can begin with.

    Parameters
    ----------
    first
        Pattern of one character that holds wherever `pattern` does. It may look around itself.
    pattern
        What is looked for; it never matches an empty text.
    needs
        Words of which a text has one, if the pattern is in it; none for any text.
    after
        Pattern of what it may stand right behind instead, or else at the start of the text.

    Examples
    --------
    >>> age = Sought(r"[1-9]", r"(?<!\d)\d+岁", needs=("岁",))
    >>> [match[0] for match in age.finditer("3次，76岁，5岁")]
    ['76岁', '5岁']
    >>> age.search("76周"), age.search("3次，76岁")[0], age.match("76岁", 1)
    (None, '76岁', None)
    """

    def __init__(
        self, first: str, pattern: str, needs: tuple[str, ...] = (), after: str | None = None
    ) -> None:
        self.first = re.compile(first)
        self.after = re.compile(after) if after else None
        self.pattern = re.compile(pattern)
        self.needs = needs
        self.match = self.pattern.match

    def finditer(
        self, text: str, start: int = 0, end: int = sys.maxsize
    ) -> Iterator[re.Match[str]]:
        """Yield what `re.Pattern.finditer` does."""
        if self.needs and not holds(text, self.needs):
            return
        match = self.match
        places = [place.start() for place in self.first.finditer(text, start, end)]
        if self.after:
            # What it stands behind may begin before `start`.
            marks = self.after.finditer(text, max(0, start - _LONGEST_MARK), end)
            places = sorted({start, *places, *(mark.end() for mark in marks)})
        for at in places:
            if at >= start:
                found = match(text, at, end)
                if found:
                    yield found
                    start = found.end()

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return what `re.Pattern.search` does."""
        return next(self.finditer(text, start, end), None)


def holds(text: str, words: Iterable[str]) -> bool:
    """Return whether one of the words stands in a text."""
    for word in words:  # noqa: SIM110 - a loop is twice as quick as any() of a few words
        if word in text:
            return True
    return False


def last_of(
    pattern: re.Pattern[str], text: str, start: int = 0, end: int | None = None
) -> re.Match[str] | None:
    """Return the last of the pieces of text[start:end] that a pattern finds."""
    found = None
    for match in pattern.finditer(text, start, len(text) if end is None else end):
        found = match
    return found


def any_of(words: Iterable[str], between: str = "") -> str:
    """Return a pattern of words, the longest first: 既往病史 is not read as 既往.

    What words begin with alike stands in it once, so that each character is compared once.

    Parameters
    ----------
    words
        Empty ones don't count.
    between
        Pattern of what may stand between two characters of a word.

    Examples
    --------
    >>> any_of(["既往", "既往史", "主诉"])
    '(?:既往(?:史|)|主诉)'
    >>> any_of([])
    '(?!)'
    """
    return _tree(filter(None, dict.fromkeys(words)), between) or r"(?!)"


def ways_of(words: Iterable[str], behind: str = "") -> list[str]:
    """Return patterns that together are `any_of(words)`, each followed by `behind`.

    The `re` module knows what characters a pattern can begin with only where its alternatives
    begin with one each, not where they are alternatives themselves.

    Examples
    --------
    >>> ways_of(["ct", "ich", "ivh"], behind="(?![a-z])")
    ['ct(?![a-z])', 'i(?:ch|vh)(?![a-z])']
    """
    return [way + behind for way in _ways(filter(None, dict.fromkeys(words)), "")]


def _ways(words: Iterable[str], between: str) -> list[str]:
    """Return a pattern for each character that words which aren't empty begin with."""
    following: dict[str, list[str]] = {}
    for word in words:
        following.setdefault(word[0], []).append(word[1:])
    return [re.escape(first) + _tail(rest, between) for first, rest in following.items()]


def _tree(words: Iterable[str], between: str) -> str:
    """Return the pattern of words that aren't empty."""
    ways = _ways(words, between)
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})" if ways else ""


def _tail(rest: list[str], between: str) -> str:
    """Return the pattern of what goes on behind a first character."""
    if len(rest) == 1:  # as of most, and of words of any length
        return "".join(between + re.escape(character) for character in rest[0])
    more = _tree(filter(None, rest), between)
    if not more:
        return ""
    return f"(?:{between}{more}|)" if "" in rest else f"{between}{more}"
