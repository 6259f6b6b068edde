"""The ICH score: five items, each by CT and by record, where these say anything of it.

Hemphill et al. 2001, Stroke 32:891-897, doi:10.1161/01.STR.32.4.891: a score at presentation, of
intracerebral hemorrhages without a tumour, a vessel's malformation or an injury.

=====================  ==========================================================================
item                   points
=====================  ==========================================================================
Glasgow coma scale     3 to 4: 2; 5 to 12: 1; 13 to 15: 0 (`hich.report.score.coma`)
volume                 30 mL or more: 1, by the bedside formula, which it was derived with
ventricular blood      any: 1
infratentorial origin  1
age                    80 years or more: 1; by the record, and by the CT's DICOM header
=====================  ==========================================================================

What is not known is a range of points, never a guess. So is a volume that lies closer to 30 mL than
the model's own error: the limits of agreement of its test for that size, or, if it had hardly any
of that size, the widest of other sizes. Where CT and record contradict each other, there are two
scores. A scan after surgery tells nothing of the presentation, nor does a later one than the first,
nor what the record says of repeated ones. For research, no advice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from cohort.facts.limits import BLEED_ML, LARGE_ML, OLDEST_YEARS, VENTRICULAR_BLOOD_ML
from cohort.facts.sites import INFRATENTORIAL
from cohort.schema.scans.measurements import Hematoma
from hich.report.compare.identity import attributes_apart
from hich.report.compare.surgery import shows_surgery, told_surgery
from hich.report.compare.volume import added
from hich.report.messages import Message
from hich.report.model.case import CaseReport
from hich.report.model.comparison import Row, Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.model.score import IchScore, ScoreItem, ScorePoints, SourcePoints
from hich.report.score.coma import coma

OLD_YEARS = 80
NO, YES, EITHER = ScorePoints(0, 0), ScorePoints(1, 1), ScorePoints(0, 1)


def ich_score(
    case: CaseReport,
    error_ml: float | None = None,
    at_first: Sequence[Row] | None = None,
    ventricular_error_ml: float | None = None,
) -> IchScore | None:
    """Return the ICH score of a case; None where neither CT nor record has a hematoma.

    Parameters
    ----------
    case
        Its CT compared with its record.
    error_ml
        How far off the model's volume of the hematoma may be; None where that isn't known.
    at_first
        The comparison without what the record says of repeated scans; None where it says nothing
        of any.
    ventricular_error_ml
        How far off its volume of the blood in the ventricles may be: a trace that is less than that
        leaves the item open, unless the record tells of blood there. None where that isn't known.
    """
    rows = {row.aspect: row for row in case.rows}
    site = rows.get("site")  # which is the same on later scans
    there = rows.get("hematoma")
    said = there is not None and there.compared == Value(term="present")
    seen = case.measurements.hematoma.volume_ml if case.measurements else None
    if not said and (seen is None or seen < BLEED_ML):
        return None
    repeated = frozenset(name for name, row in rows.items() if row.record)
    if at_first is not None:
        rows = {row.aspect: row for row in at_first}
    repeated -= {name for name, row in rows.items() if row.record}
    measured, why_not = _at_presentation(case)
    items = (
        _gcs(case),
        _told_first(
            _volume(measured, rows.get("volume"), case.coverage is not None, error_ml),
            "volume" in repeated,
        ),
        _told_first(
            _ventricular_blood(
                measured is not None,
                rows.get("ventricular_blood"),
                case.text or "",
                ventricular_error_ml,
            ),
            "ventricular_blood" in repeated,
        ),
        _infratentorial(measured, site),
        _age(case.findings, case.stated_ages),
    )
    notes = [why_not] if why_not else []
    if measured and there and there.compared == Value(term="absent"):
        notes.append(Message("ich.record_denies"))
    if measured and told_surgery(case.findings):
        notes.append(Message("ich.surgery_told"))
    elif measured and told_surgery(case.findings, "uncertain"):
        notes.append(Message("ich.surgery_planned"))
    if attributes_apart(case.notes):
        notes.append(Message("ich.other_patient"))
    return IchScore(items, tuple(notes))


def _at_presentation(case: CaseReport) -> tuple[CaseMeasurements | None, Message | None]:
    """Return the measurements if they can be of the presentation; and why not, if there are any."""
    measured = case.measurements
    if measured is None:
        return None, None
    if shows_surgery(note.values["what"].kind for note in case.notes if note.key == "note.of_scan"):
        return None, Message("ich.after_surgery")
    if any(note.key == "follow.first_refused" for note in case.notes):
        return None, Message("ich.later_scan")
    seen = measured.hematoma.volume_ml
    if seen is not None and seen < BLEED_ML:
        return None, Message("ich.no_hematoma")
    return measured, None


def _gcs(case: CaseReport) -> ScoreItem:
    found = coma(case.findings, case.text) if case.text is not None else None
    if isinstance(found, Message):
        return ScoreItem("gcs", 2, untold=(found,))
    return ScoreItem("gcs", 2, record=found)


def _volume(
    measured: CaseMeasurements | None, row: Row | None, is_part: bool, error: float | None
) -> ScoreItem:
    ct = _measured_volume(measured.hematoma, is_part, error) if measured else None
    return ScoreItem("volume", 1, ct, _stated_volume(row))


def _measured_volume(hematoma: Hematoma, is_part: bool, error: float | None) -> SourcePoints | None:
    ml, voxels = hematoma.tada_ml, hematoma.volume_ml
    if ml is None or voxels is None:
        return None
    value, beside = (Value(ml, "ml", "tada"),), Value(voxels, "ml", "voxels")
    if error is None:
        return SourcePoints(EITHER, value, Message("ich.error_unknown"), beside=beside)
    if abs(ml - LARGE_ML) < error:
        near = Message("ich.near", {"limit": LARGE_ML, "error": error})
        return SourcePoints(EITHER, value, near, beside=beside)
    large = ml >= LARGE_ML
    if is_part and not large:
        return SourcePoints(EITHER, value, Message("ich.part_of_head"), beside=beside)
    other = (voxels >= LARGE_ML) != large
    reason = Message("ich.voxels_differ", {"limit": LARGE_ML}) if other else None
    return SourcePoints(YES if large else NO, value, reason, beside=beside)


def _stated_volume(row: Row | None) -> SourcePoints | None:
    if row is None or not row.record:
        return None
    # What can be read as several scans can often be read as several hematomas, too.
    values = [row.compared] if row.compared else [*row.record, reduce(added, row.record)]
    found = [ml for value in values for ml in value.reach or ()]
    if len(row.record) == 1:
        found += [float(end) for f in row.evidence for end in f.extra.get("range") or ()]
    bound = any(value.sign for value in values)
    return _said(row, [YES if ml >= LARGE_ML else NO for ml in found], bound)


def _ventricular_blood(is_seen: bool, row: Row | None, text: str, error: float | None) -> ScoreItem:
    ct = None
    if is_seen and row and row.ct:
        ct = SourcePoints(YES if row.ct.term == "present" else NO, (row.ct,))
    said = [YES if value.term == "present" else NO for value in row.record] if row else []
    if row and YES in said and any(_denies_blood(finding, text) for finding in row.evidence):
        said.append(NO)  # of two scans, or two readers: which one is meant can't be told
    record = _said(row, said) if row and said else None
    # A trace that the record doesn't tell of may be a false alarm.
    alone = record is None or record.points != YES
    ml = row.ct.number if ct and row and row.ct else None
    if ct and alone and ml is not None and error and abs(ml - VENTRICULAR_BLOOD_ML) < error:
        near = Message("ich.near", {"limit": VENTRICULAR_BLOOD_ML, "error": error})
        ct = replace(ct, points=EITHER, reason=near)
    return ScoreItem("ventricular_blood", 1, ct, record)


def _denies_blood(finding: Finding, text: str) -> bool:
    """Whether a finding says that no ventricle has blood, not that one of them has none."""
    said = text[max(0, finding.start - 1) : finding.end]
    return finding.certainty == "negated" and not re.search(r"[三四34]脑室", said)


def _told_first(item: ScoreItem, only_repeated: bool) -> ScoreItem:
    """Return an item with the reason if the record tells it of a repeated scan only."""
    if not only_repeated:
        return item
    return replace(item, untold=(*item.untold, Message("ich.only_repeated")))


def _infratentorial(measured: CaseMeasurements | None, row: Row | None) -> ScoreItem:
    ct: SourcePoints | None = None
    untold: tuple[Message, ...] = ()
    if measured is not None and row and row.ct:
        ct = SourcePoints(YES if row.ct.term == "infratentorial" else NO, (row.ct,))
    elif measured is not None and measured.hematoma.site_unknown is not None:
        why = Message(f"reason.site_{measured.hematoma.site_unknown}")
        if measured.hematoma.site_unknown == "between":  # deep or lobar: above the tentorium
            ct = SourcePoints(NO, reason=why)
        else:
            untold = (why,)
    # Of several hematomas the row compares the largest; any of them may be the one that counts.
    named = {str(finding.value) for finding in row.evidence} if row else set()
    said = [YES if name in INFRATENTORIAL else NO for name in sorted(named)]
    record = _said(row, said) if row and said else None
    return ScoreItem("infratentorial", 1, ct, record, untold)


def _age(findings: Sequence[Finding], by_header: Sequence[float]) -> ScoreItem:
    ct = _age_by_header(by_header)
    stated = [
        f
        for f in findings
        if f.name == "age" and f.certainty == "affirmed" and isinstance(f.value, (int, float))
    ]
    if not stated:
        return ScoreItem("age", 1, ct)
    values = tuple(dict.fromkeys(Value(float(f.value), "years", sign=f.bound) for f in stated))
    points = [YES if age >= OLD_YEARS else NO for value in values for age in value.reach or ()]
    why = _why_open(points, any(value.sign for value in values))
    record = SourcePoints(_hull(points), values, why, tuple(stated))
    return ScoreItem("age", 1, ct, record)


def _age_by_header(ages: Sequence[float]) -> SourcePoints | None:
    if not ages:
        return None
    # Of older ones a cohort that was imported keeps no more than that.
    values = tuple(Value(y, "years", sign="≥" if y == OLDEST_YEARS else None) for y in ages)
    points = [YES if years >= OLD_YEARS else NO for years in ages]
    return SourcePoints(_hull(points), values, Message("ich.age_by_header"))


def _said(row: Row, points: Sequence[ScorePoints], bound: bool = False) -> SourcePoints:
    """Return what a record says of an item, maybe as a bound, of which it may not be sure."""
    if all(f.certainty == "uncertain" for f in row.evidence):
        return SourcePoints(EITHER, row.record, Message("ich.hedged"), row.evidence)
    return SourcePoints(_hull(points), row.record, _why_open(points, bound), row.evidence)


def _hull(points: Sequence[ScorePoints]) -> ScorePoints:
    first, *others = points
    for other in others:
        first = first.hull(other)
    return first


def _why_open(points: Sequence[ScorePoints], bound: bool = False) -> Message | None:
    if len(set(points)) <= 1:
        return None
    return Message("ich.bound" if bound else "ich.several")
