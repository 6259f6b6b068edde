"""What the template of a cohort's page is filled with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from cohort.facts.structures import STRUCTURES
from cohort.schema.scores import PipelineScores, ScoresFile
from hich.report.compare.aspect import Aspect
from hich.report.compare.rows import ASPECTS
from hich.report.gather.parts import TRAINED_ON
from hich.report.messages import VERDICTS
from hich.report.model.cohort import CaseSummary, CohortReport
from hich.report.model.score import HIGHEST_SCORE
from hich.report.pages.charts import (
    bland_altman,
    histogram,
    learning_curves,
    score_bar,
    verdict_bar,
    verdicts,
)
from hich.report.pages.follow_up import scan_name, step_in_short
from hich.report.pages.words import Words

FIELDS = ("id", "page", "part", "urgency", "verdicts")
"""What the script has of each case, before the numbers; `page` is a URL."""

MOST_LOOKS = 12
"""Cases that are named as the ones that need a look most; the table has them all."""

WEIGHTS = {"differ": 10_000, "uncertain": 100, "only_ct": 1, "only_record": 1}
"""What a verdict adds where cases are sorted by what their verdicts ask for."""


class Shown(NamedTuple):
    """A column of `hich.report.gather.table` on the page: how to call it, its unit and digits."""

    name: str
    head: Callable[[Words], str]
    unit: str
    digits: int
    upper: str = ""
    """Column of the upper end, of what may be a range."""


def _dice(words: Words) -> str:
    return words("column.dice_hematoma")


def _columns(of: Literal["listed", "spread"]) -> tuple[Shown, ...]:
    """Return the columns that the table lists, or whose spread is drawn."""
    found = [
        Shown(f"{prefix}_{aspect.column.name}", partial(_head, aspect, prefix), unit, 1)
        for aspect in ASPECTS.values()
        if (unit := aspect.column.unit)
        for prefix in getattr(aspect.column, of)
    ]
    return (*found, Shown("dice_hematoma", _dice, "", 2))


def _head(aspect: type[Aspect], prefix: str, words: Words) -> str:
    return words(f"column.{prefix}", words.of(aspect.column.head or aspect.label))


def _score(words: Words) -> str:
    return words("ich.title")


LISTED_COLUMNS = (*_columns("listed"), Shown("ich_score_low", _score, "", 0, "ich_score_high"))
"""Columns of numbers in the table of cases. Those that no case has a value for are left out."""

COUNTS = (
    *("cases", "with_image", "with_prediction", "with_reference", "with_record"),
    *("with_annotation", "needs_look"),
)
"""The counts at the top, in order."""

ALARMS = ("note.pairing", "note.pairing_after", "note.pairing_before")
"""Notes that stand at the top, since they put all that follows in doubt."""


def index_context(cohort: CohortReport, words: Words) -> dict[str, Any]:
    """Return what the template of the cohort's page needs."""
    pages = {case.id: case.page for case in cohort.cases if case.page is not None}
    looks = sorted((c for c in cohort.cases if c.looks), key=lambda case: -case.urgency)
    columns = [
        column
        for column in LISTED_COLUMNS
        if any(case.values.get(column.name) is not None for case in cohort.cases)
    ]
    counted = verdicts(cohort.cases)
    has_reference = cohort.counts["with_reference"] > 0
    # Where no case has reference masks, that is no news of each of them.
    unasked = () if has_reference else ("note.no_reference",)
    return {
        "cohort": cohort,
        "alarms": [note for note in cohort.notes if note.key in ALARMS],
        "models": [note for note in cohort.notes if note.key == TRAINED_ON],
        "notes": [note for note in cohort.notes if note.key not in (*ALARMS, TRAINED_ON)],
        "missing": {key: ids for key, ids in cohort.missing.items() if key not in unasked},
        "has_parts": _has_parts(cohort),
        "counts": [name for name in COUNTS if name != "with_reference" or has_reference],
        "looks": looks[:MOST_LOOKS],
        "columns": [(column.name, column.head(words), column.unit) for column in columns],
        "data": _data(cohort, columns, words),
        "verdicts": [
            (aspect, verdict_bar(counts, words(f"aspect.{aspect}"), words))
            for aspect, counts in counted
        ],
        "verdict_names": VERDICTS,
        "agreements": [bland_altman(pair, pages, words) for pair in cohort.agreements],
        "ich_scores": list(_ich_scores(cohort.cases, words)),
        "distributions": list(_distributions(cohort.cases, words)),
        "patients": list(_patients(cohort.cases, words)),
        "curves": [chart for curve in cohort.curves for chart in learning_curves(curve, words)],
        "imaging_scores": _imaging_scores(cohort.imaging_scores),
        "not_learnt": _not_learnt(cohort.imaging_scores),
        "score_hints": _score_hints(cohort.imaging_scores),
        "text_scores": _text_scores(cohort.text_scores),
    }


def _data(cohort: CohortReport, columns: Sequence[Shown], words: Words) -> dict[str, Any]:
    """Return what the script needs: a short list for each case, so that thousands stay light."""
    uppers = [column.upper for column in columns if column.upper]
    return {
        "columns": [
            {"name": column.name, "digits": column.digits, "upper": column.upper}
            for column in columns
        ],
        "fields": [*FIELDS, *(column.name for column in columns), *uppers],
        "aspects": [words(f"aspect.{aspect}") for aspect in ASPECTS],
        "verdicts": [words(f"verdict.{verdict}") for verdict in VERDICTS],
        "verdictIds": VERDICTS,
        "weights": [WEIGHTS.get(verdict, 0) for verdict in VERDICTS],
        "parts": {part: words(f"part.{part}") for part in cohort.parts},
        "hasParts": _has_parts(cohort),
        "texts": {name: words(f"table.{name}") for name in ("shown", "none")},
        "cases": [_compact(case, columns) for case in cohort.cases],
    }


def _has_parts(cohort: CohortReport) -> bool:
    """Whether any case is of a part of a split."""
    return any(number for part, number in cohort.parts.items() if part != "none")


def _compact(case: CaseSummary, columns: Sequence[Shown]) -> list[Any]:
    """Return the values of `FIELDS`, verdicts as digits (a dot for none), and the numbers."""
    digits = {verdict: str(i) for i, verdict in enumerate(VERDICTS)}
    return [
        case.id,
        quote(case.page) if case.page is not None else None,
        case.values.get("part") or "none",
        round(case.urgency, 2),
        "".join(digits.get(case.verdicts.get(aspect, ""), ".") for aspect in ASPECTS),
        *(_rounded(case.values.get(column.name), column.digits) for column in columns),
        *(_rounded(case.values.get(c.upper), c.digits) for c in columns if c.upper),
    ]


def _rounded(value: Any, places: int) -> float | None:
    return None if value is None else round(float(value), places)


def _distributions(cases: Sequence[CaseSummary], words: Words) -> Iterator[Any]:
    for name, head, unit, *_ in _columns("spread"):
        values = [float(c.values[name]) for c in cases if c.values.get(name) is not None]
        if values:
            axis = words(f"unit.{unit}") if unit else "Dice"
            yield histogram(values, head(words), axis, words)


def _ich_scores(cases: Sequence[CaseSummary], words: Words) -> Iterator[tuple[str, Markup, str]]:
    """Return of each score how many cases have it, and in how many it lies within their range."""
    found = [
        (case.values["ich_score_low"], case.values["ich_score_high"])
        for case in cases
        if case.values.get("ich_score_low") is not None
    ]
    for score in range(HIGHEST_SCORE + 1) if found else ():
        known = found.count((score, score))
        perhaps = sum(low <= score <= high for low, high in found) - known
        said = words("index.ich_counted", known, perhaps)
        yield str(score), score_bar(known, perhaps, len(found), said), said


def _patients(cases: Sequence[CaseSummary], words: Words) -> Iterator[dict[str, Any]]:
    """Return a row for each patient with several scans: volumes, and what changed."""
    pages = {case.id: case.page for case in cases}
    for case in cases:
        told = case.follow_up
        if told is None or told.scans[0].id != case.id:
            continue
        volumes = [scan.values[0] for scan in told.scans]
        yield {
            "scans": [(scan.id, pages.get(scan.id)) for scan in told.scans],
            "when": [scan_name(n, told, words)[1] for n in range(len(told.scans))],
            "volumes": [words.value(v) if v else words("value.untold") for v in volumes],
            "steps": [words("value.none"), *(step_in_short(step, words) for step in told.steps)],
        }


def _imaging_scores(scores: ScoresFile | None) -> list[dict[str, Any]]:
    """Return a row per structure: mean Dice and its interval, HD95, found and missed."""
    of = scores.structures if scores else {}
    return [
        {
            "id": s.id,
            "dice": of[s.id].dice.mean,
            "ci": of[s.id].dice.ci95,
            "hd95": of[s.id].hd95_mm.median,
            "found": of[s.id].found,
            "missed": of[s.id].missed,
            "false_alarms": of[s.id].false_alarms,
        }
        for s in STRUCTURES
        if s.id in of
    ]


def _not_learnt(scores: ScoresFile | None) -> list[tuple[str, str]]:
    """Return the structures that are not scored since the model has not learnt them, and why."""
    of = scores.not_learnt if scores else {}
    return [(s.id, of[s.id]) for s in STRUCTURES if s.id in of]


def _score_hints(scores: ScoresFile | None) -> list[str]:
    """Return the strings that say what the scores of some structures are worth."""
    of = scores.structures if scores else {}
    hints = ["case.edema_unjudged"] if "edema" in of else []
    apart = any(s.id in of for s in STRUCTURES if not s.in_means)
    return [*hints, *(["score.apart"] if apart else [])]


def _text_scores(scores: PipelineScores | None) -> list[tuple[str | None, list[float | None]]]:
    """Return precision, recall and F1 of all labels together, then of each; label None for all."""
    if scores is None or scores.ents_per_type is None:
        return []
    return [
        (None, [scores.ents_p, scores.ents_r, scores.ents_f]),
        *(
            (label, [found.p, found.r, found.f])
            for label, found in sorted(scores.ents_per_type.items())
        ),
    ]
