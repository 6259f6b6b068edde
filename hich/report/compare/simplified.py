"""Records in simplified characters, a character for a character, for words that are sought."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


def simplified(text: str) -> str:
    """Return a text with traditional characters simplified and full-width digits as ASCII.

    Places stay where they are.

    Examples
    --------
    >>> simplified("２４小時後複查頭部電腦斷層")
    '24小时后复查头部电脑断层'
    """
    return text.translate(_table())


@cache
def _table() -> dict[int, int]:
    vocabulary = files("text.components.findings").joinpath("vocabulary.json")
    traditional, simple = json.loads(vocabulary.read_text(encoding="utf-8"))["traditional"][""]
    return str.maketrans(traditional + "０１２３４５６７８９", simple + "0123456789")
