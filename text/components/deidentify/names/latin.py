"""Names in Latin letters: pinyin, and what stands after Dr or under a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..identity import NAME, Identity
from ..lexicon import NameParts

_WORD = r"[A-Z][a-z]+(?:[-'][A-Za-z]?[a-z]+)?"
_HEADED = re.compile(
    rf"[A-Z]{{2,12}}(?: [A-Z]{{2,12}})?[ ,]{{1,2}}{_WORD}(?: {_WORD})?"
    rf"|{_WORD}(?:[ \^,]{{1,2}}{_WORD}|[ .]{{1,2}}[A-Z]\.?){{1,3}}"
    rf"|[A-Z]{{2,12}}(?:[ \^,=]{{1,2}}[A-Z]{{1,12}}){{1,3}}"
)
_TITLED = re.compile(
    r"\b(?:Drs?|Prof|Mrs?|Ms|Miss|Nurse|Professor|Son|Wife|Husband"
    r"|Daughter|Father|Mother|Brother|Sister|Pt|by)\b\.?[ ]{1,2}"
    r"(?!(?:Drs?|Prof|Mrs?|Ms|Miss)\b)"
    rf"(?P<name>[A-Z]{{2,8}}(?: [A-Z]{{2,8}})?(?: {_WORD}){{1,2}}"
    rf"|{_WORD}(?:[ ,]{{1,2}}{_WORD}){{0,2}}(?:[ ][A-Z]\.[A-Z]\."
    rf"|[ ][A-Z]\.)?|[A-Z]\.[ ]?{_WORD})"
)
_NOT = re.compile(r"(?:The|Left|Right|No|CT|MR|In|On|At|With|From|ICU|For|To)\b")
_ABBREVIATED = re.compile(r"(?<![A-Za-z.])[A-Z]\.[ ]?(?P<name>[A-Z][a-z]{1,6})(?![A-Za-z])")


class LatinNames:
    """Finds names in Latin letters.

    Parameters
    ----------
    parts
        What names are made of.
    """

    def __init__(self, parts: NameParts) -> None:
        surname = parts.pinyin
        capitals = surname.upper()
        self._surname = re.compile(rf"(?:{surname})", re.IGNORECASE)
        self._pinyin = re.compile(
            rf"(?<![A-Za-z])(?=[A-Z])(?:(?:{surname}|{capitals})[ \^,]{{1,2}}[A-Z][a-z]{{1,6}}"
            rf"(?:[- ]?[A-Z]?[a-z]{{1,6}})?"
            rf"|(?:{capitals})[ \^,]{{1,2}}[A-Z]{{2,7}}(?:[ -]?[A-Z]{{2,6}})?"
            rf"|(?!(?:Dr|Pt|Prof|Mrs?|Ms|Miss|Wife|Son|Seen|Ref|Left|Right"
            rf"|The|Nurse|In|On|At|By|To"
            r"|Next|First|Last|For|No|With|Day|Plan|Post|Under|After)\b)"
            rf"[A-Z][a-z]{{1,6}}(?:-?[a-z]{{1,6}})? "
            rf"(?:{surname}|{capitals})|(?:{surname}) [A-Z]\.[A-Z]\.)(?![A-Za-z])"
        )

    def find(self, text: str) -> Iterator[Identity]:
        """Yield the names in a text in the form to be searched."""
        for match in self._pinyin.finditer(text):
            yield Identity(match.start(), match.end(), NAME)
        for match in _TITLED.finditer(text):
            if not _NOT.match(match["name"]):
                yield Identity(match.start("name"), match.end("name"), NAME)
        for match in _ABBREVIATED.finditer(text):
            if self._surname.fullmatch(match["name"]):
                yield Identity(match.start(), match.end(), NAME)

    def at(self, text: str, start: int) -> int | None:
        """Return the end of the name that begins at a place under a heading; None if none does."""
        match = _HEADED.match(text, start)
        return match.end() if match else None
