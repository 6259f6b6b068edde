"""Several scans of one patient: what changed, what that is called, and on what it rests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cohort.facts.limits import GROWTH_WITHIN_HOURS
from hich.report.compare.repeats import repeat_statements
from hich.report.compare.surgery import shows_surgery, told_surgery
from hich.report.follow_up.after_surgery import surgery_of_scans
from hich.report.follow_up.changes import MEASURES, change_of, shows_part, value_of
from hich.report.follow_up.growth import clearance_of, growth_of
from hich.report.gather.predictions import Prediction
from hich.report.messages import Message
from hich.report.model.finding import Finding
from hich.report.model.follow_up import (
    FollowedScan,
    FollowUp,
    FollowUpStep,
    Surgery,
    TimesBy,
)

SURGERY_OPEN = "follow.surgery_open"
"""Said of a step of which it isn't known whether there was surgery between its scans."""


@dataclass(frozen=True)
class TimedScan:
    """A scan with its time.

    Attributes
    ----------
    id
        Of the scan.
    hours
        Since the patient's first scan, also where that can't be used; None where only the order is
        known.
    prediction
        What was predicted of it.
    cut
        Structures whose masks go on beyond an edge of the scan.
    """

    id: str
    hours: float | None
    prediction: Prediction
    cut: frozenset[str] = frozenset()


def cut_in(notes: Iterable[Message]) -> frozenset[str]:
    """Return the structures of which the notes of a scan say that they go on beyond an edge."""
    return frozenset(n.values["structure"] for n in notes if n.key == "note.touches_border")


def follow_up_of(
    scans: Sequence[TimedScan],
    times_by: TimesBy,
    text: str = "",
    findings: Sequence[Finding] = (),
    notes: Sequence[Message] = (),
    elsewhere: Sequence[Finding] = (),
    first_missing: bool = False,
) -> FollowUp:
    """Compare each later scan with the one that it is to be compared with.

    Parameters
    ----------
    scans
        Two or more of one patient, by time.
    times_by
        What tells the times.
    text, findings
        The patient's record, and what it states.
    notes
        What is to be said of the scans' order.
    elsewhere
        Findings of other records of the patient, which may tell of surgery.
    first_missing
        Whether the patient's first scan is not among these, as far as hours don't say so; where
        they don't, they are since the first of these.
    """
    told = (*findings, *elsewhere)
    shown = [shows_surgery(note.kind for note in scan.prediction.notes) for scan in scans]
    first = shown.index(True) if True in shown else len(shown)
    followed = tuple(
        FollowedScan(
            scan.id,
            scan.hours,
            "seen" if number >= first else None,
            tuple(value_of(scan.prediction, measure) for measure in MEASURES),
            frozenset(scan.prediction.untold),
        )
        for number, scan in enumerate(scans)
    )
    since_first = bool(scans[0].hours)
    has_first = not (first_missing or since_first)
    hours = [scan.hours if has_first or since_first else None for scan in scans]
    statements = repeat_statements(text, findings, followed, hours, has_first)

    def is_larger(one: int, other: int) -> bool:
        change = change_of("hematoma", scans[one].prediction, scans[other].prediction)
        return change.verdict in ("more", "unjudged") and (change.difference or 0.0) > 0

    surgery = surgery_of_scans(hours, shown, told_surgery(told), statements, text, is_larger)
    followed = tuple(replace(one, surgery=at) for one, at in zip(followed, surgery, strict=True))
    missing = () if has_first else (Message("follow.first_missing"),)
    return FollowUp(
        followed,
        times_by,
        tuple(_step(number, scans, surgery, has_first) for number in range(1, len(scans))),
        statements,
        (*notes, *missing, *_notes(times_by, surgery, told)),
        has_first,
    )


def _step(
    number: int, scans: Sequence[TimedScan], surgery: Sequence[Surgery | None], has_first: bool
) -> FollowUpStep:
    before = [n for n in range(number) if surgery[n] is None]
    after = surgery[number] in ("seen", "told")
    baseline = before[-1] if surgery[number] and before else 0
    one, two = scans[baseline], scans[number]
    hours = None if one.hours is None or two.hours is None else two.hours - one.hours
    cut = one.cut | two.cut
    changes = tuple(change_of(name, one.prediction, two.prediction, cut) for name in MEASURES)
    by_name = {change.measure: change for change in changes}
    notes: list[Message] = []
    if shows_part(one.prediction) or shows_part(two.prediction):
        notes.append(Message("follow.part_of_head"))
    if after:
        unknown = [n + 1 for n in range(number) if surgery[n] == "open"]
        if not before:
            notes.append(Message("follow.no_scan_before_surgery"))
        elif unknown:
            notes.append(Message("follow.unknown_before_surgery", {"number": unknown[-1]}))
        clearance = clearance_of(by_name["hematoma"], bool(before) and not unknown)
        return FollowUpStep(
            number, baseline, hours, changes, clearance=clearance, notes=tuple(notes)
        )
    apart = hours if has_first else None
    growth = growth_of(by_name["hematoma"], by_name["ventricular_blood"], apart)
    if surgery[number] == "open":
        growth = replace(growth, standard="open", revised="open")
        notes.append(Message(SURGERY_OPEN))
    if growth.in_window is False:
        notes.append(Message("follow.beyond_window", {"within": GROWTH_WITHIN_HOURS}))
    return FollowUpStep(number, baseline, hours, changes, growth, notes=tuple(notes))


def _notes(
    times_by: TimesBy, surgery: Sequence[Surgery | None], findings: Sequence[Finding]
) -> list[Message]:
    notes: list[Message] = []
    if times_by == "order":
        notes.append(Message("follow.order_only", {"within": GROWTH_WITHIN_HOURS}))
    if "seen" in surgery:
        first = surgery.index("seen")
        notes.append(Message("follow.surgery_seen", {"number": first + 1}))
        if first > 1:
            notes.append(Message("follow.before_it"))
    elif "told" in surgery:
        first = surgery.index("told")
        notes.append(Message("follow.surgery_told", {"number": first + 1}))
        if first > 1 and surgery[first - 1] is None:
            notes.append(Message("follow.told_before_it"))
    elif told_surgery(findings):
        if "open" not in surgery:
            notes.append(Message("follow.surgery_later"))
    elif told_surgery(findings, "uncertain"):
        notes.append(Message("follow.surgery_planned"))
    return notes
