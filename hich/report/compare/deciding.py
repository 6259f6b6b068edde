"""Limits that decide: what CT and record lie on two sides of, even where they agree within a band.

Surgeons choose by a few limits (`cohort.facts.limits`): the volume of a hematoma, another one in
the cerebellum, the shift of the midline, and whether there is blood in the ventricles. A value that
meets a limit exactly has reached it. Where the record can be read in several ways, gives a range or
is not sure, CT and record lie on two sides for sure only if they do by every reading.

That a bleed lies in the cerebellum only a record can tell. Masks tell that it lies below the
tentorium: where the record names no site, the cerebellum's limit counts for it, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cohort.facts.limits import LARGE_IN_CEREBELLUM_ML, LARGE_ML, LARGE_SHIFT_MM
from hich.report.compare.aspect import RecordClaims
from hich.report.compare.mass_effect import MidlineShiftAspect
from hich.report.compare.ventricular_blood import VentricularBloodAspect
from hich.report.compare.volume import VolumeAspect
from hich.report.messages import Message
from hich.report.model.comparison import Crossed, Row, Value

LARGE, CEREBELLUM, SHIFT, BLOOD = "volume", "volume_in_cerebellum", "shift", "ventricular_blood"
LIMITS = {
    LARGE: Value(LARGE_ML, "ml"),
    CEREBELLUM: Value(LARGE_IN_CEREBELLUM_ML, "ml"),
    SHIFT: Value(LARGE_SHIFT_MM, "mm"),
    BLOOD: None,
}
"""Each with where it lies; None of a yes or no."""


def crossed_limits(
    aspect: str, ct: Value, said: RecordClaims, in_cerebellum: bool
) -> tuple[Crossed, ...]:
    """Return the limits that CT and record lie on two sides of.

    Parameters
    ----------
    aspect
        What they are compared in.
    ct
        What the CT says.
    said
        What the record says of it.
    in_cerebellum
        Whether the cerebellum's limit counts.
    """
    sure = not said.statements.hedged
    if aspect == VentricularBloodAspect.name:
        terms = {claim.value.term for claim in said.claims}
        return () if not terms or ct.term in terms else (Crossed(BLOOD, None, sure),)
    names = {
        VolumeAspect.name: (LARGE, CEREBELLUM) if in_cerebellum else (LARGE,),
        MidlineShiftAspect.name: (SHIFT,),
    }.get(aspect, ())
    found = [_crossed(name, ct, said, sure) for name in names]
    return tuple(one for one in found if one is not None)


def may_be_in_cerebellum(site_by_ct: str | None, sites_in_record: Iterable[str | None]) -> bool:
    """Whether the cerebellum's limit counts: by the record, or by the CT where that is silent."""
    named = set(sites_in_record)
    return "cerebellum" in named or (not named and site_by_ct == "infratentorial")


def all_crossed(rows: Sequence[Row], sure: bool) -> list[str]:
    """Return the names of the limits that are crossed in any row, for sure or perhaps."""
    return [one.name for row in rows for one in row.crossed if one.sure == sure]


def crossed_message(crossed: Crossed) -> Message:
    """Return what is said of a limit that is crossed."""
    key = f"limit.{crossed.name}" if crossed.sure else "limit.perhaps"
    if crossed.limit is None:
        return Message(f"{key}_blood" if not crossed.sure else key)
    return Message(key, {"limit": (crossed.limit,)})


def _crossed(name: str, ct: Value, said: RecordClaims, sure: bool) -> Crossed | None:
    limit = LIMITS[name]
    assert limit is not None and limit.number is not None
    readings = _numbers(said)
    known = [number for number in readings if number is not None]
    if ct.number is None or not known:
        return None
    reached = ct.number >= limit.number
    apart = [(number >= limit.number) != reached for number in known]
    if not any(apart):
        return None
    return Crossed(name, limit, sure and all(apart) and len(known) == len(readings))


def _numbers(said: RecordClaims) -> list[float | None]:
    """Return the ways to read a record as numbers, None of no number.

    Of a bound or a range these are its ends: less than 30 mL is not 30 mL.
    """
    found: list[float | None] = []
    for claim in said.claims:
        absent = claim.value.term == "absent"
        found += [0.0] if absent else (claim.value.reach or [None])
    if len(said.claims) == 1 and not said.claims[0].parts:
        ends = [end for f in said.statements.findings for end in f.extra.get("range") or ()]
        found += [float(end) for end in ends]
    return found
