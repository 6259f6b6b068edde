"""Characters that a browser would not show, or that would change how it shows others, as signs.

One character stands for one, so that no offset moves.
"""

from __future__ import annotations

from unicodedata import category

HIDDEN = 0x2426
"""␦, for what has no picture of its own."""


class _Signs(dict[int, int]):
    """Character to what is shown of it, filled as characters turn up."""

    def __missing__(self, code: int) -> int:
        self[code] = _sign(code)
        return self[code]


def _sign(code: int) -> int:
    kind = category(chr(code))
    if kind == "Cc":
        return 0x2400 + code if code < 0x20 else 0x2421 if code == 0x7F else HIDDEN
    # Cf: zero-width characters, and those that turn the text around on the screen, so that 14ml
    # would read lm41. Zl and Zp end lines and paragraphs.
    return HIDDEN if kind in ("Cf", "Zl", "Zp") else code


VISIBLE = _Signs({ord("\t"): ord("\t"), ord("\n"): ord("\n")})
"""For `str.translate`: control characters as their pictures (␛)."""


def in_one_line(text: str) -> str:
    r"""Return what is shown of a text within a line: its line ends and tabs as signs, too.

    Examples
    --------
    >>> in_one_line("血压\x07高\n呕吐\u200b")
    '血压␇高⏎呕吐␦'
    """
    return text.translate(VISIBLE).replace("\n", "⏎").replace("\t", "⇥")
