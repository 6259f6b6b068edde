"""Surgery, by what a scan shows and by what a record tells.

A scan shows it by air inside the skull (`imaging.scans.foreign`), which drains and open skulls
leave behind as well, and by a skull that lacks a piece (`imaging.measure.skull.opened`); a flap
that was put back or a drain without air is not looked for. A record tells of it by its operations:
one that was done, or one that is planned or not sure.
"""

from __future__ import annotations

from collections.abc import Iterable

from hich.report.model.finding import Finding
from text.components.findings.rules.operation import OPERATIONS

AFTER_SURGERY = frozenset(("air in skull", "open skull"))
"""Kinds of the notes on a scan that shows what surgery leaves."""
SURGERY = frozenset(OPERATIONS) - {"lumbar_drain"}
"""Operations after which a scan no longer shows the bleed as it was at presentation."""


def shows_surgery(kinds: Iterable[str]) -> bool:
    """Whether a scan with notes of these kinds was taken after surgery."""
    return not AFTER_SURGERY.isdisjoint(kinds)


def told_surgery(findings: Iterable[Finding], certainty: str = "affirmed") -> tuple[Finding, ...]:
    """Return where a record tells of surgery, done (affirmed) or planned (uncertain)."""
    found = [f for f in findings if f.name in ("operation", "treatment")]
    # Files of earlier versions have treatments only.
    name = "operation" if any(f.name == "operation" for f in found) else "treatment"
    return tuple(
        f for f in found if f.name == name and f.value in SURGERY and f.certainty == certainty
    )
