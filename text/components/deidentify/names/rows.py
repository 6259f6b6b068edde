"""Where the next of several names in one row would begin: 张伟、李强主任/王芳."""

from __future__ import annotations

import re

from ..lexicon import NameParts

_BETWEEN = re.compile(
    r"[\"'],[ ]?[\"']|_{0,6}\s?[/、,;+和及与]\s?_{0,6}| {1,3}|\s?\((?:大|小|[^()\n]{1,12})\)[、,/]"
)
LISTED = 2.4
"""How much a name before it says that one begins there."""


class NameRows:
    """Goes on from name to name.

    Parameters
    ----------
    parts
        What names are made of, and what stands around them.
    """

    def __init__(self, parts: NameParts) -> None:
        self.title = re.compile(rf"\s?(?:{parts.titles})")

    def next(self, text: str, end: int) -> int | None:
        """Return where the next of several names would begin; None if none would."""
        title = self.title.match(text, end)
        match = _BETWEEN.match(text, title.end() if title else end)
        return match.end() if match else None
