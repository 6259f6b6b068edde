"""How much of a head a scan shows, in words: what its volumes are volumes of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cohort.facts.limits import HEAD_HEIGHT_MM

SHARES: tuple[tuple[float, str], ...] = (
    *((0.06, "a small part"), (0.13, "a tenth"), (0.22, "a sixth")),
    *((0.29, "a quarter"), (0.42, "a third"), (0.6, "half")),
)
"""Share of `HEAD_HEIGHT_MM` to how those up to it are called."""


def is_part(coverage: Mapping[str, Any]) -> bool:
    """Whether less than a head is in view, between slices or within them."""
    return bool(coverage.get("part") or coverage.get("cut_off"))


def coverage_words(coverage: Mapping[str, Any]) -> str:
    """Say how much of a head is in view.

    Parameters
    ----------
    coverage
        The fact of that name, as `cohort.checks.scan.check_scan` has it.

    Examples
    --------
    >>> coverage_words({"slices": 5, "height_mm": 27.5, "part": True})
    'part: 5 slices, 27.5 mm, about a sixth of a head'
    >>> coverage_words({"slices": 24, "height_mm": 132.0, "part": False, "spacing_checked": True})
    'whole'
    """
    slices, mm = coverage["slices"], coverage["height_mm"]
    said = []
    if coverage.get("part"):
        share = next((name for most, name in SHARES if mm < most * HEAD_HEIGHT_MM), None)
        of = f"about {share} of a head" if share else "not up to the vertex"
        said.append(f"{slices} slice{'s' * (slices != 1)}, {mm:g} mm, {of}")
    if coverage.get("cut_off"):
        said.append("the field of view ends within the head")
    words = f"part: {'; '.join(said)}" if said else "whole"
    if coverage.get("spacing_checked") is False:
        words += "; the image cannot prove the distance between slices"
    return words
