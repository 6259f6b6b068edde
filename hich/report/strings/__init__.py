"""All words of the report, a file for each language; those of an aspect stand in its class.

A string has places for values. A place with a name says how its value is written, as in
`{difference:mm}` (`hich.report.messages.Kind`); with nothing said, it is text, shown as it is.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Literal, NamedTuple

from cohort.facts.sites import SITES
from cohort.facts.structures import STRUCTURES

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Text(NamedTuple):
    """The same words in each language."""

    en: str
    zh: str


def read_language(lang: Language) -> dict[str, str]:
    """Return the strings of the file of a language."""
    text = files(__name__).joinpath(f"{lang}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found


def _read() -> dict[str, Text]:
    english, chinese = map(read_language, LANGUAGES)
    return {
        # As they stand within a sentence.
        **{f"term.{site.id}": Text(site.name_en, site.name_zh) for site in SITES},
        **{f"term.{one.id}": Text(one.name_en.lower(), one.name_zh) for one in STRUCTURES},
        **{key: Text(words, chinese[key]) for key, words in english.items()},
    }


STRINGS = _read()
"""Key to the words in each language. The words of the aspects join as their classes are made."""
