"""Sentences of the checks and readers, made in English, in Chinese.

Whatever looks at a file says in English what is wrong with it, with its numbers. The file
`said.json` has what each kind of note means, and the sentences that people meet most; of the others
a page in Chinese says only what is known of their kind.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import cast

_PLACE = re.compile(r"{(\w+)}")
_ENGLISH = re.compile(r"[A-Za-z]{2,}[,;:]? [a-z]{2,}")
"""Two words in a row: what stands in no place, unless it can be said in Chinese, too."""
_FILE = re.compile(
    r"(?P<file>[^:]+?(?::[\\/][^:]*)?)(?P<line>, (?:line|row) \d+)?: (?P<what>.+)", re.DOTALL
)


@cache
def _read() -> dict[str, dict[str, str]]:
    found = files(__package__).joinpath("said.json").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, str]]", json.loads(found))


def kinds() -> dict[str, str]:
    """Return what each kind of note means, in Chinese."""
    return _read()["kinds"]


def sentences() -> dict[str, str]:
    """Return what can be said in Chinese; places, as `{a}`, stand for numbers and the like."""
    return _read()["sentences"]


def in_chinese(sentence: str) -> str | None:
    """Return a sentence in Chinese, without a full stop; None where that is not known.

    Examples
    --------
    >>> in_chinese("reaches over 612 mm, more than a head.")
    '扫描长 612 mm，超过头颅'
    >>> in_chinese("is nothing of the kind.") is None
    True
    """
    sentence = sentence.strip().rstrip(".?")
    for pattern, chinese in _patterns():
        if match := pattern.fullmatch(sentence):
            places = {name: _of_place(value) for name, value in match.groupdict().items()}
            used = set(_PLACE.findall(chinese))
            if all(places[name] is not None for name in used):
                return chinese.format(**places)
    return None


def problem_in_chinese(problem: str) -> tuple[str | None, str | None]:
    """Return the file that a problem is of, and what is wrong with it in Chinese, if known.

    Examples
    --------
    >>> problem_in_chinese("ct.nii.gz: no such file.")
    ('ct.nii.gz', '没有此文件')
    """
    if match := _FILE.fullmatch(problem):
        number = re.search(r"\d+", match["line"] or "")
        file = f"{match['file']}（第 {number[0]} 行）" if number else match["file"]
        return file, in_chinese(match["what"])
    return None, in_chinese(problem)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    most_words_first = sorted(sentences().items(), key=lambda item: -len(_PLACE.sub("", item[0])))
    return tuple((_pattern(english.rstrip("?")), chinese) for english, chinese in most_words_first)


def _pattern(english: str) -> re.Pattern[str]:
    parts = _PLACE.split(english)
    said = "".join(f"(?P<{p}>.+?)" if k % 2 else re.escape(p) for k, p in enumerate(parts))
    return re.compile(said, re.DOTALL)


def _of_place(value: str) -> str | None:
    known = in_chinese(value)
    return known if known is not None or _ENGLISH.search(value) else value
