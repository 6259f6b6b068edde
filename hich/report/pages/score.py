"""The ICH score as the page of a case shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from cohort.base.html.visible import VISIBLE
from hich.report.model.finding import Finding, id_of
from hich.report.model.score import IchScore, ScoreItem, ScorePoints, Source, SourcePoints
from hich.report.pages.words import Words


def evidence_of(score: IchScore | None) -> list[Finding]:
    """Return the findings that a score rests on."""
    items = score.items if score else ()
    return [finding for item in items if item.record for finding in item.record.evidence]


def score_in_words(score: IchScore, words: Words) -> str:
    """Return the score on a line: a number or a range, and both where there are two."""
    total = words("ich.of", _written(score.total, words))
    return f"{total}. {by_both}" if (by_both := _by_both(score, words)) else total


def score_context(
    score: IchScore, numbers: Mapping[tuple[int, int], int], words: Words
) -> dict[str, Any]:
    """Return what the template of a case's page shows of its score.

    `numbers` are those of the pieces of evidence on the page.
    """
    by_both, total = _by_both(score, words), score.total
    return {
        "total": words("ich.of", _written(total, words)),
        "open": words("ich.open") if total.low < total.high and not by_both else None,
        "by_both": by_both,
        "items": [_item(item, numbers, words) for item in score.items],
        "notes": [words.say(note) for note in score.notes],
    }


def _by_both(score: IchScore, words: Words) -> str | None:
    if not score.is_contradicted:
        return None
    both = [_written(score.total_by(source), words) for source in get_args(Source)]
    return words("ich.by_both", *both)


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
