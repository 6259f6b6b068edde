"""Lengths whose numbers may each have a unit of its own: 4.5cm×3.2cm×30mm."""

from __future__ import annotations

import re

UNIT = r"(?:cm|mm|厘米|毫米|公分|㎝|㎜)"
MILLIMETERS = ("mm", "毫米", "㎜")


def scale_of(unit: str) -> float:
    """Return how many mm a unit has."""
    return 1.0 if unit in MILLIMETERS else 10.0


def millimeters(match: re.Match[str]) -> list[float] | None:
    r"""Return the lengths in groups ``a``, ``b``, ``c``, in mm; None where no unit is written.

    Their units are in ``u1``, ``u2``, ``u3``. A number without one has that of the next that has
    (4.5×3.2×3.0cm), or else of the last (4.5cm×3.2×3.0).

    Examples
    --------
    >>> one = [rf"(?P<{n}>[\d.]+)(?P<{u}>{UNIT})?" for n, u in zip("abc", ("u1", "u2", "u3"))]
    >>> found = (re.match("x".join(one), t) for t in ("4.5x3.2cmx30mm", "45mmx3x2", "4x3x2"))
    >>> [millimeters(match) for match in found]
    [[45.0, 32.0, 30.0], [45.0, 3.0, 2.0], None]
    """
    written = [
        (match[n], match[u]) for n, u in zip("abc", ("u1", "u2", "u3"), strict=True) if match[n]
    ]
    found: list[float] = []
    unit = next((own for _, own in reversed(written) if own), None)
    for number, own in reversed(written):
        unit = own or unit
        if unit is None:
            return None
        found.append(round(float(number) * scale_of(unit), 2))
    return found[::-1]
