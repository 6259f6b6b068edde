"""What the CT measures beside what the record says: agreement and disagreement, with reasons.

Which statements of a record count stands in `hich.report.compare.statements`; what is compared and
how, in `hich.report.compare.hematoma`, `hich.report.compare.site`, `hich.report.compare.volume`,
`hich.report.compare.mass_effect` and `hich.report.compare.ventricular_blood`. Where a record can be
read in several ways the CT is compared with each: if the outcome is the same, that is the verdict,
else it is `uncertain`. So it is where they differ and the record itself is not sure: what it holds
possible, the CT can confirm, but not contradict. Reference masks have no part in verdicts. Limits
that surgeons use are looked at besides, whatever the verdict (`hich.report.compare.deciding`).
"""

from __future__ import annotations

from collections.abc import Sequence

from hich.report.compare.aspect import Aspect, RecordClaims
from hich.report.compare.deciding import crossed_limits, may_be_in_cerebellum
from hich.report.compare.hematoma import CountAspect, PresenceAspect, SideAspect
from hich.report.compare.mass_effect import (
    MidlineShiftAspect,
    ShiftDirectionAspect,
    VentricleCompressionAspect,
)
from hich.report.compare.site import SiteAspect
from hich.report.compare.ventricular_blood import VentricularBloodAspect
from hich.report.compare.volume import VolumeAspect
from hich.report.messages import Message
from hich.report.model.comparison import Crossed, Row, Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.settings import CompareSettings

ASPECTS: dict[str, type[Aspect]] = {
    aspect.name: aspect
    for aspect in (
        PresenceAspect,
        SideAspect,
        VolumeAspect,
        SiteAspect,
        CountAspect,
        MidlineShiftAspect,
        ShiftDirectionAspect,
        VentricleCompressionAspect,
        VentricularBloodAspect,
    )
}
"""What CT and record are compared in, by name, in the order of the report."""

VERDICTS_BY_OUTCOME = {True: "agree", False: "differ", None: "uncertain"}


def compare(
    ct: CaseMeasurements | Message,
    record: Sequence[Finding] | Message,
    settings: CompareSettings | None = None,
    reference: CaseMeasurements | None = None,
) -> tuple[Row, ...]:
    """Compare a case's CT with its record.

    Parameters
    ----------
    ct
        What was measured on the predicted masks, or why there is nothing.
    record
        The record's findings, or why there are none.
    settings
        Bands and sections; the defaults if None.
    reference
        What was measured on the reference masks.

    Returns
    -------
    tuple of Row
        One for each aspect of which CT or record says anything, in the order of `ASPECTS`.
    """
    settings = settings or CompareSettings()
    rows = (_row(aspect(settings), ct, record, reference) for aspect in ASPECTS.values())
    return tuple(row for row in rows if row is not None)


def _row(
    aspect: Aspect,
    ct: CaseMeasurements | Message,
    record: Sequence[Finding] | Message,
    reference: CaseMeasurements | None,
) -> Row | None:
    said = None if isinstance(record, Message) else aspect.said(record)
    claims = said.claims if said else ()
    told = None if isinstance(ct, Message) or _untold(aspect, ct) else ct
    found = aspect.ct_beside(told, claims) if told else None
    true = aspect.ct_beside(reference, claims) if reference else None
    if said is not None and said.claims:
        if told is not None and found is not None:
            verdict, reason = _verdict(aspect, told, said)
        else:
            verdict = "only_record"
            reason = ct if isinstance(ct, Message) else _why_not_measured(aspect, ct)
    elif found is not None:
        verdict = "only_ct"
        reason = record if isinstance(record, Message) else _why_not_said(aspect, found, said)
    else:
        return None
    values = [part for claim in claims for part in claim.parts or (claim.value,)]
    return Row(
        aspect.name,
        found,
        true,
        tuple(dict.fromkeys(values)),
        claims[0].value if len(claims) == 1 else None,
        said.statements.findings if said and claims else (),
        verdict,
        reason,
        _crossed(aspect, told, found, said, record),
    )


def _crossed(
    aspect: Aspect,
    ct: CaseMeasurements | None,
    found: Value | None,
    said: RecordClaims | None,
    record: Sequence[Finding] | Message,
) -> tuple[Crossed, ...]:
    if ct is None or found is None or said is None or isinstance(record, Message):
        return ()
    site = SiteAspect(aspect.settings)
    by_ct = None if _untold(site, ct) else site.ct(ct)
    sites = [claim.value.term for claim in site.said(record).claims]
    below = may_be_in_cerebellum(by_ct.term if by_ct else None, sites)
    return crossed_limits(aspect.name, found, said, below)


def _untold(aspect: Aspect, ct: CaseMeasurements) -> str | None:
    """Return the structure that keeps an aspect from being told, if one does."""
    return next((name for name in aspect.structures if name in ct.untold), None)


def _why_not_measured(aspect: Aspect, ct: CaseMeasurements) -> Message:
    structure, own = _untold(aspect, ct), aspect.why_not_measured(ct)
    if structure is None and own.key == "reason.not_measured":
        structure = next((doubt for doubt in aspect.doubts if doubt in ct.untold), None)
    if structure is None:
        return own
    values = {"structure": structure, "what": ct.untold[structure]}
    return Message("reason.cannot_be_told", values)


def _verdict(aspect: Aspect, ct: CaseMeasurements, said: RecordClaims) -> tuple[str, Message]:
    judgements = [aspect.weigh(ct, claim) for claim in said.claims]
    outcomes = {judgement.agrees for judgement in judgements}
    if said.statements.hedged and outcomes != {True}:
        return "uncertain", Message("reason.hedged")
    if len(outcomes) > 1:
        values = [claim.value for claim in said.claims]
        fits = [v for v, judgement in zip(values, judgements, strict=True) if judgement.agrees]
        return "uncertain", Message("reason.conflict", {"record": values, "fits": fits})
    return VERDICTS_BY_OUTCOME[outcomes.pop()], judgements[0].reason


def _why_not_said(aspect: Aspect, found: Value, said: RecordClaims | None) -> Message:
    not_stated = Message("reason.not_stated")
    if said and said.why_none and not (aspect.is_usual(found) and said.why_none == not_stated):
        return said.why_none
    usual = aspect.is_usual(found)
    return Message("reason.not_mentioned_normal" if usual else "reason.not_mentioned")
