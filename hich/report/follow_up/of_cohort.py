"""Patients of a cohort who have several scans: each of their cases with what changed."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hich.report.compare.repeats import repeat_findings
from hich.report.follow_up.put_together import TimedScan, cut_in, follow_up_of
from hich.report.gather.case import load_case
from hich.report.gather.case_source import CaseSource
from hich.report.gather.predictions import read_prediction
from hich.report.messages import Message
from hich.report.model.case import CaseReport
from hich.report.model.follow_up import TimesBy
from hich.report.model.masks import CaseVoxels
from hich.report.settings import Settings


class KnownScan(NamedTuple):
    """What was read of a scan: its report, and whether it has voxels to show."""

    report: CaseReport
    has_voxels: bool


def load_followed(
    source: CaseSource, settings: Settings, known: dict[str, KnownScan] | None = None
) -> tuple[CaseReport, CaseVoxels | None, tuple[CaseVoxels, ...]]:
    """Read all there is of a case, and of the other scans of its patient.

    The record of the first scan is compared with it without what it says of repeated CTs, and the
    ICH score, one at presentation, is of the first scan only, also where that can't be used.

    Parameters
    ----------
    source
        The case.
    settings
        Of the comparison.
    known
        What was read of the patient's other scans already, by their ids; what is read here is
        added. Voxels are read of all scans for the first case only.

    Returns
    -------
    report, volumes
        As `load_case` has them; with `follow_up` if two or more scans could be measured.
    scans
        The voxels of these, by time, where the case is the first; else none.
    """
    if not source.of_patient:
        return (*load_case(source, settings), ())
    is_first = source.of_patient[0].id == source.id
    case, volumes = load_case(source, settings, repeat_findings if is_first else None)
    if not is_first:
        case = replace(case, score=None)
    known = {} if known is None else known
    voxels: dict[str, CaseVoxels] = {}
    loaded = []
    for one in source.of_patient:
        report, of_one = (case, volumes) if one.id == source.id else (None, None)
        if report is None and (is_first or one.id not in known):
            report, of_one = load_case(one, settings)
        if report is not None:
            known[one.id] = KnownScan(report, of_one is not None)
        if is_first and of_one is not None:
            voxels[one.id] = of_one
        loaded.append((one, known[one.id]))
    usable = [
        (one, scan.report)
        for one, scan in loaded
        if scan.report.measurements and scan.has_voxels and one.prediction
    ]
    if source.id not in [one.id for one, *_ in usable] or len(usable) < 2:
        return case, volumes, ()
    are_timed = all(one.hours is not None for one, *_ in usable)
    by: TimesBy = "manifest" if are_timed else "order"
    scans = [
        TimedScan(
            one.id,
            one.hours if are_timed else None,
            read_prediction(one.prediction),
            cut_in(report.notes),
        )
        for one, report in usable
        if one.prediction
    ]
    others = [f for _, scan in loaded if scan.report.id != case.id for f in scan.report.findings]
    left_out = len(loaded) - len(usable)
    notes = [Message("follow.left_out", {"count": left_out})] if left_out else []
    missing = usable[0][0].id != source.of_patient[0].id
    told = follow_up_of(scans, by, case.text or "", case.findings, notes, others, missing)
    case = replace(case, follow_up=told)
    if scans[0].id != case.id:
        return case, volumes, ()
    # The first that can be used, if that isn't the patient's first.
    shown = [
        volumes if one.id == case.id else voxels.get(one.id) or load_case(one, settings)[1]
        for one, _ in usable
    ]
    return case, volumes, tuple(v for v in shown if v is not None)
