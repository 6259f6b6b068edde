"""Several scans of one patient, as a page shows them: tables, a curve, the record's 复查."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cohort.base.html.chart import Chart, line_chart
from cohort.base.html.plot import MINUS
from cohort.base.html.visible import VISIBLE
from cohort.facts.doubts import SIDES
from cohort.facts.limits import GROWTH_PERCENT, GROWTH_WITHIN_HOURS
from hich.report.follow_up.changes import MEASURES
from hich.report.follow_up.growth import growth_limit_ml
from hich.report.follow_up.put_together import SURGERY_OPEN
from hich.report.model.follow_up import (
    Change,
    FollowedScan,
    FollowUp,
    FollowUpStep,
    Judged,
    RepeatStatement,
)
from hich.report.pages.words import Words

_IN_CURVE = ("hematoma", "ventricular_blood", "edema")


def follow_up_context(told: FollowUp, text: str, words: Words) -> dict[str, Any]:
    """Return what the template needs.

    Parameters
    ----------
    told
        What is told of the scans.
    text
        The record.
    words
        Of the page's language.
    """
    return {
        "scans": [scan_name(number, told, words) for number in range(len(told.scans))],
        "letters": [_letters(scan, words) for scan in told.scans],
        "measures": [_measure(name, number, told, words) for number, name in enumerate(MEASURES)],
        "steps": [_step(step, words) for step in told.steps],
        "said": [_statements(number, told, text) for number in range(len(told.scans))],
        "unplaced": [
            (_quote(said, text), words.say(said.reason) if said.reason else "")
            for said in told.statements
            if said.scan is None
        ],
        "notes": [words.say(note) for note in told.notes],
        "curve": _curve(told, words).figure(),
    }


def scan_name(number: int, told: FollowUp, words: Words) -> tuple[str, str]:
    """Return how a scan is called, and what is said of its time."""
    scan = told.scans[number]
    since = "follow.hours_after" if told.from_first else "follow.hours_after_usable"
    if scan.hours is not None and (number or told.from_first > told.has_first):
        when = words(since, words.number(scan.hours, "hours"))
    elif number:
        when = words("follow.later")
    else:
        when = words("follow.first" if told.has_first else "follow.first_usable")
    after = [words("follow.after_surgery")] if scan.surgery in ("seen", "told") else []
    return words("follow.scan", number + 1), words.joined([when, *after])


def follow_up_in_words(told: FollowUp, words: Words) -> Iterator[str]:
    """Say of each later scan what the hematoma's change is called, and on what that rests."""
    for step in told.steps:
        since = words("follow.since", step.scan + 1, step.baseline + 1)
        yield f"{since}: {words('follow.hematoma')}: {_change(step.changes[0], words)}"
        for name, value in _called(step, words):
            yield f"  {name}: {value}"
        for note in step.notes:
            yield f"  {words.say(note)}"
    for note in told.notes:
        yield words.say(note)


def step_in_short(step: FollowUpStep, words: Words) -> str:
    """Say in a line what the change of the hematoma is called."""
    if step.growth:
        first = _judged(step.growth.standard, step, 1, words)
        return f"{words('follow.growth')}: {first}"
    rows = dict(_called(step, words))
    return f"{words('follow.cleared')}: {rows[words('follow.cleared')]}"


def _letters(scan: FollowedScan, words: Words) -> tuple[str, str, str]:
    """Return what stands at the right and the left of a scan's pictures, and a sentence of it."""
    return words.side_letters(SIDES not in scan.untold)


def _measure(name: str, number: int, told: FollowUp, words: Words) -> dict[str, Any]:
    return {
        "name": words(f"follow.{name}"),
        "values": [_value(scan, number, words) for scan in told.scans],
        "changes": [_change_cells(step.changes[number], words) for step in told.steps],
    }


def _value(scan: FollowedScan, number: int, words: Words) -> str:
    value = scan.values[number]
    return words("value.untold") if value is None else words.value(value)


def _change_cells(change: Change, words: Words) -> dict[str, str]:
    """Return a change's number, what it is called, and why."""
    if change.reason is not None:
        return {"difference": words("value.none"), "called": "", "why": words.say(change.reason)}
    unit = MEASURES[change.measure].unit
    if change.verdict == "unjudged":
        return {"difference": _signed(change, words), "called": "", "why": words("follow.unjudged")}
    # Nothing was amiss in the test where nothing was found: no error of 0.0 is promised.
    is_known = change.error is not None and round(change.error, 1) > 0
    reason = words("follow.error", words.number(change.error, unit)) if is_known else ""
    reason = reason or words("follow.error_unseen")
    called = words(f"follow.{change.verdict}")
    return {"difference": _signed(change, words), "called": called, "why": reason}


def _change(change: Change, words: Words) -> str:
    cells = _change_cells(change, words)
    return ". ".join(filter(None, (cells["difference"], cells["called"], cells["why"])))


def _signed(change: Change, words: Words) -> str:
    unit = MEASURES[change.measure].unit
    of_growth = change.measure == "hematoma"
    limit = growth_limit_ml(change) if of_growth else None
    parts = [_with_sign(words.number(change.difference, unit, limit))]
    if change.percent is not None:
        share = GROWTH_PERCENT if of_growth else None
        parts.append(_with_sign(words.number(change.percent, "percent", share)))
    return words("follow.by_percent", *parts) if len(parts) > 1 else parts[0]


def _with_sign(number: str) -> str:
    is_zero = not any(digit in number for digit in "123456789")
    return number if is_zero or number.startswith(MINUS) else f"+{number}"


def _step(step: FollowUpStep, words: Words) -> dict[str, Any]:
    return {
        "since": words("follow.since", step.scan + 1, step.baseline + 1),
        "title": words("follow.growth" if step.growth else "follow.clearance"),
        "rows": list(_called(step, words)),
        "notes": [
            *map(words.say, step.notes),
            *([_within(step, words)] if step.growth and step.growth.in_window else []),
        ],
    }


def _within(step: FollowUpStep, words: Words) -> str:
    apart, within = (words.number(h, "hours") for h in (step.hours, GROWTH_WITHIN_HOURS))
    return words("follow.in_window", apart, within)


def _called(step: FollowUpStep, words: Words) -> Iterator[tuple[str, str]]:
    """Return what the change of the hematoma is called: definitions, or residual and clearance."""
    if step.growth:
        limit = words("follow.standard", words.number(step.growth.limit_ml, "ml"))
        yield limit, _judged(step.growth.standard, step, 1, words)
        yield words("follow.revised"), _judged(step.growth.revised, step, 2, words)
    elif step.clearance:
        left = step.clearance
        residual = words("value.untold")
        if left.residual_ml is not None:
            residual = words.number(left.residual_ml, "ml")
        yield words("follow.residual"), residual
        cleared = words("value.untold")
        if left.percent is not None and left.error_percent is not None:
            percents = (words.number(p, "percent") for p in (left.percent, left.error_percent))
            cleared = words("follow.cleared_value", *percents)
        elif left.percent is not None:
            cleared = words("follow.cleared_alone", words.number(left.percent, "percent"))
        elif (step.changes[0].difference or 0.0) > 0 and step.changes[0].percent is not None:
            cleared = words("follow.cleared_none")
        yield words("follow.cleared"), cleared


def _judged(judged: Judged, step: FollowUpStep, measures: int, words: Words) -> str:
    """Say whether a limit is reached that goes by the first `measures` of a step's changes."""
    if any(note.key == SURGERY_OPEN for note in step.notes):
        return words("follow.open_surgery")
    changes = step.changes[:measures]
    known = all(change.error is not None and change.difference is not None for change in changes)
    return words("follow.open_value" if judged == "open" and not known else f"follow.{judged}")


def _statements(number: int, told: FollowUp, text: str) -> list[str]:
    return [_quote(said, text) for said in told.statements if said.scan == number]


def _quote(said: RepeatStatement, text: str) -> str:
    return text[said.start : said.end].strip("，, \n").translate(VISIBLE)


def _curve(told: FollowUp, words: Words) -> Chart:
    """Draw volumes along the hours, or along the scans where these aren't known."""
    hours = [scan.hours for scan in told.scans]
    known = [at for at in hours if at is not None]
    timed = len(known) == len(hours)
    places = known if timed else [float(n + 1) for n in range(len(hours))]
    series = []
    for number, name in enumerate(MEASURES):
        shown = [scan.values[number] for scan in told.scans]
        values = [None if value is None else value.number for value in shown]
        if name in _IN_CURVE and any(value is not None for value in values):
            series.append((words(f"follow.{name}"), values))
    since = "follow.hours" if told.from_first else "follow.hours_usable"
    axis = words(since if timed else "follow.numbers")
    return line_chart(words("follow.curve"), "", places, series, axes=(axis, words("follow.ml")))
