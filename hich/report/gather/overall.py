"""The cohort's report: cases counted, what is missing, and how CT, record and reference agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from hich.report.compare.pairing import PairedCase, Pairing, judge_pairing
from hich.report.gather.case_source import CaseSource, Sources
from hich.report.gather.parts import TRAINED_ON
from hich.report.gather.table import BESIDE, NUMBERS, both_of
from hich.report.messages import Message
from hich.report.model.cohort import BlandAltman, CaseSummary, CohortReport
from imaging.scores.agreement import agreement


def put_together(sources: Sources, cases: Sequence[CaseSummary]) -> CohortReport:
    """Return the report of a cohort, of which `cases` are in the order of `sources.cases`."""
    missing: dict[str, list[str]] = {}
    for case in cases:
        for key in dict.fromkeys(note.key for note in case.notes if note.key != TRAINED_ON):
            missing.setdefault(key, []).append(case.id)
    provenance = sources.cohort.provenance
    places = {case.id: place for place, case in enumerate(sources.cohort.cases)}
    bleeds = [(places[case.id], case.bleed) for case in cases if case.bleed is not None]
    pairing = judge_pairing([PairedCase(place, b.seen, b.said, b.drawn) for place, b in bleeds])
    return CohortReport(
        name=sources.cohort.name,
        made_up=str(provenance.get("note", "")) or None if "generator" in provenance else None,
        cases=tuple(cases),
        parts=sources.parts,
        counts=_counts(sources.cases, cases),
        missing={key: tuple(ids) for key, ids in missing.items()},
        notes=(*_wrong_pairing(pairing), *_models(cases), *sources.notes),
        imaging_scores=sources.imaging_scores,
        text_scores=sources.text_scores,
        curves=tuple(sources.curves),
        agreements=tuple(_agreements(cases)),
        pairing=pairing,
    )


def _models(cases: Sequence[CaseSummary]) -> list[Message]:
    """Return what is said of the models that predicted, each once."""
    found: dict[tuple[object, ...], Message] = {}
    for case in cases:
        for note in case.notes:
            if note.key == TRAINED_ON:
                found.setdefault((note.values["model"], note.values["what"]), note)
    return list(found.values())


def _wrong_pairing(pairing: Pairing | None) -> tuple[Message, ...]:
    if pairing is None or not pairing.looks_wrong:
        return ()
    now = pairing.agreement
    wrong = Message(
        "note.pairing", {"cases": now.cases, "agree": now.agree, "chance": round(now.chance)}
    )
    if pairing.offset is None or pairing.moved is None:
        return (wrong,)
    key = "note.pairing_after" if pairing.offset > 0 else "note.pairing_before"
    moved = {"cases": pairing.moved.cases, "agree": pairing.moved.agree}
    return (wrong, Message(key, {**moved, "offset": abs(pairing.offset)}))


def _counts(sources: Sequence[CaseSource], cases: Sequence[CaseSummary]) -> dict[str, int]:
    return {
        "cases": len(sources),
        "with_image": sum(s.image is not None for s in sources),
        "with_record": sum(s.record is not None for s in sources),
        "with_prediction": sum(s.prediction is not None for s in sources),
        "with_annotation": sum(s.annotation is not None for s in sources),
        "with_reference": sum(bool(s.reference) for s in sources),
        "needs_look": sum(case.urgency > 0 for case in cases),
    }


def _agreements(cases: Sequence[CaseSummary]) -> Iterable[BlandAltman]:
    for aspect, beside in product(NUMBERS, BESIDE):
        numbers = {case.id: both_of(case.values, aspect, beside) for case in cases}
        both = {case: pair for case, pair in numbers.items() if pair}
        if not both:
            continue
        measured, others = zip(*both.values(), strict=True)
        summary: dict[str, Any] = agreement(measured, others)
        unit = aspect.column.unit or ""
        yield BlandAltman(aspect.name, beside, unit, tuple(both), measured, others, summary)
