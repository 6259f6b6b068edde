"""`summary.json` of one patient: all values, and none of the note's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, get_args

from cohort.schema.patient import (
    ComparedAspect,
    ComparedValue,
    CrossedLimit,
    PatientFile,
    ScoredIch,
    ScoredItem,
    ScoredSource,
    UnquotedCode,
    UnquotedFinding,
    UnquotedRecord,
    UnquotedSpan,
)
from cohort.schema.problems import VERSION, VERSION_KEY, adapter
from cohort.schema.records.record import AnnotatedRecord
from cohort.schema.scans.scan import ScanResult
from hich.patient.summary_follow_up import summary_of_follow_up
from hich.report.compare.identity import attributes_apart
from hich.report.model.case import CaseReport
from hich.report.model.comparison import Row, Value
from hich.report.model.finding import Finding
from hich.report.model.score import IchScore, ScoreItem, ScorePoints, Source, SourcePoints
from hich.report.pages.words import Words

WORDS = Words("en")  # as all files that programs read


def summary_of_patient(
    case: CaseReport,
    scans: Sequence[ScanResult],
    record: AnnotatedRecord | None,
    folder: str,
    registered: tuple[bool, ...] | None = None,
) -> dict[str, Any]:
    """Return what stands in `summary.json`.

    Parameters
    ----------
    case
        What the page shows.
    scans
        What is told of each scan, whose files lie in `folder`, a path beside the summary.
    record
        What was found in the note.
    registered
        Whether each later scan is shown in the place of the first; None of one scan.
    """
    told = PatientFile(
        id=case.id,
        scans=tuple(_placed(scan, folder) for scan in scans),
        record=_unquoted(record) if record else None,
        comparison=tuple(map(_compared, case.rows)),
        ich_score=_scored(case.score) if case.score else None,
        follow_up=summary_of_follow_up(case.follow_up, registered) if case.follow_up else None,
        looks=tuple(map(WORDS.say, case.looks)),
        refused={str(half): why for half, why in case.refused.items()},
        patients_differ_in=attributes_apart(case.notes),
    )
    return {VERSION_KEY: VERSION, **adapter(PatientFile).dump_python(told, mode="json")}


def _placed(scan: ScanResult, folder: str) -> ScanResult:
    """Return what is told of a scan, with the places of its files as they are for the summary."""
    masks = {name: f"{folder}/{path}" for name, path in scan.masks.items()}
    montage = f"{folder}/{scan.montage}" if scan.montage else None
    return replace(scan, masks=masks, montage=montage)


def _unquoted(record: AnnotatedRecord) -> UnquotedRecord:
    findings = record.findings
    return UnquotedRecord(
        len(record.text),
        tuple(UnquotedSpan(s.start, s.end, s.label) for s in record.sections),
        tuple(UnquotedSpan(s.start, s.end, s.label) for s in record.spans),
        None
        if findings is None
        else tuple(UnquotedFinding(**f.model_dump(exclude={"text"})) for f in findings),
        tuple(UnquotedCode(c.code, c.certainty, c.evidence) for c in record.icd10),
        record.cannot_be_told,
    )


def _compared(row: Row) -> ComparedAspect:
    return ComparedAspect(
        aspect=row.aspect,
        ct=compared_value(row.ct),
        record=tuple(value for said in row.record if (value := compared_value(said))),
        evidence=places_of(row.evidence),
        verdict=row.verdict,
        reason=WORDS.say(row.reason),
        crossed=tuple(CrossedLimit(c.name, compared_value(c.limit), c.sure) for c in row.crossed),
    )


def _scored(score: IchScore) -> ScoredIch:
    by_ct, by_record = (
        _range(score.total_by(source)) if score.is_contradicted else None
        for source in get_args(Source)
    )
    return ScoredIch(
        _range(score.total),
        by_ct,
        by_record,
        tuple(map(_scored_item, score.items)),
        tuple(map(WORDS.say, score.notes)),
    )


def _scored_item(item: ScoreItem) -> ScoredItem:
    return ScoredItem(
        item.name,
        _range(item.points),
        _scored_source(item.ct),
        _scored_source(item.record),
        item.is_contradicted,
        tuple(map(WORDS.say, item.reasons)),
    )


def _scored_source(source: SourcePoints | None) -> ScoredSource | None:
    if source is None:
        return None
    return ScoredSource(
        _range(source.points),
        tuple(value for said in source.values if (value := compared_value(said))),
        compared_value(source.beside),
        places_of(source.evidence),
    )


def _range(points: ScorePoints) -> tuple[int, int]:
    return points.low, points.high


def compared_value(value: Value | None) -> ComparedValue | None:
    """Return a value as the summary has it."""
    return None if value is None else ComparedValue(**asdict(value))


def places_of(evidence: Sequence[Finding]) -> tuple[tuple[int, int], ...]:
    """Return start and end of each piece of evidence, each once."""
    return tuple(dict.fromkeys((finding.start, finding.end) for finding in evidence))
