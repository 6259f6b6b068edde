"""The ICH score as the page of a case shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cohort.base.html.visible import VISIBLE
from hich.report.model.finding import Finding, id_of
from hich.report.model.score import IchScore, ScoreItem, ScorePoints, SourcePoints
from hich.report.pages.words import Words


def evidence_of(score: IchScore | None) -> list[Finding]:
    """Return the findings that a score rests on."""
    items = score.items if score else ()
    return [finding for item in items if item.record for finding in item.record.evidence]


def score_context(
    score: IchScore, numbers: Mapping[tuple[int, int], int], words: Words
) -> dict[str, Any]:
    """Return what the template of a case's page shows of its score.

    `numbers` are those of the pieces of evidence on the page.
    """
    by_both = None
    if score.is_contradicted:
        both = [_written(score.total_by(source), words) for source in ("ct", "record")]
        by_both = words("ich.by_both", *both)
    total = score.total
    return {
        "total": words("ich.of", _written(total, words)),
        "open": words("ich.open") if total.low < total.high and not by_both else None,
        "by_both": by_both,
        "items": [_item(item, numbers, words) for item in score.items],
        "notes": [words.say(note) for note in score.notes],
    }


def _item(item: ScoreItem, numbers: Mapping[tuple[int, int], int], words: Words) -> dict[str, Any]:
    evidence = {id_of(f): f for f in item.record.evidence} if item.record else {}
    return {
        "name": words(f"ich.{item.name}"),
        "points": _written(item.points, words),
        "ct": _said(item.ct, words),
        "record": _said(item.record, words),
        "evidence": [(numbers[key], f.text.translate(VISIBLE)) for key, f in evidence.items()],
        "reasons": [words.say(reason) for reason in item.reasons],
        "is_contradicted": item.is_contradicted,
    }


def _said(source: SourcePoints | None, words: Words) -> str:
    if source is None or not source.values:
        return words("value.none")
    said = words.joined([words.value(value) for value in source.values])
    return f"{said} ({words.value(source.beside)})" if source.beside else said


def _written(points: ScorePoints, words: Words) -> str:
    if points.low == points.high:
        return str(points.low)
    return words("ich.range", points.low, points.high)
