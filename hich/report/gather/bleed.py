"""Presence and side of a case's bleed in a word, by its scan and by its record."""

from __future__ import annotations

from collections.abc import Sequence

from hich.report.compare.hematoma import PresenceAspect, SideAspect
from hich.report.gather.measured import measurements_of
from hich.report.model.comparison import Bleed, Row, Value
from hich.report.model.masks import CaseMeasurements, CaseVoxels
from hich.report.settings import CompareSettings

MASKS = ("hematoma", "midline")
"""What it takes to tell presence and side."""


def bleed_of(
    drawn: CaseMeasurements | None,
    predicted: CaseMeasurements | None,
    rows: Sequence[Row],
    settings: CompareSettings,
) -> Bleed | None:
    """Return what scan and record tell; None where one of them doesn't.

    Parameters
    ----------
    drawn, predicted
        Measurements of reference masks, which count if there are any, and of predicted ones.
    rows
        The comparison of the case.
    """
    compared = {row.aspect: row.compared for row in rows}
    there, side = compared.get(PresenceAspect.name), compared.get(SideAspect.name)
    said = _word(there, side)
    measured = drawn or predicted
    if measured is None or said is None:
        return None
    seen = _word(PresenceAspect(settings).ct(measured), SideAspect(settings).ct(measured))
    return Bleed(seen, said, drawn is not None) if seen else None


def _word(there: Value | None, side: Value | None) -> str | None:
    if there is None:
        return None
    return there.term if there.term == "absent" else side.term if side else None


def measure_drawn(volumes: CaseVoxels) -> CaseMeasurements | None:
    """Return what is measured on the reference masks of the hematoma; None if there is no mask."""
    from imaging.measure.measurements import measure

    masks = {name: mask for name, mask in volumes.reference.items() if name in MASKS}
    if "hematoma" not in masks:
        return None
    return measurements_of(measure(masks, volumes.grid, volumes.image).rounded())
