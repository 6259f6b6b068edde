"""Characters that a browser would not show, or that would change how it shows others, as signs.

One character stands for one, so that no offset moves.
"""

from __future__ import annotations

VISIBLE = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n"} | {
    # What turns the text around on the screen, so that 14ml would read lm41: ␦.
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0x2426),
    0x7F: 0x2421,
}
"""For `str.translate`: control characters as their pictures (␛)."""
