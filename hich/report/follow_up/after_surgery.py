"""Which scans were taken after surgery: by what they show, else by what the record tells.

A scan that shows what surgery leaves was taken after it, and so was each later one. Where none
shows it and the record tells of surgery, the record's hours of the operation say which scans were
before it, else its order: a repeated CT (复查) that stands before the operation in a line was
taken before it, one that it calls 术后 after it. Of scans of which neither tells, the later ones
count as after it, except where the hematoma is larger than on the last scan before: that may be the
growth for which there was surgery, or a new bleed after it, and is left open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hich.report.compare.simplified import simplified
from hich.report.model.finding import Finding
from hich.report.model.follow_up import RepeatStatement, Surgery

IsLarger = Callable[[int, int], bool]
"""Says of the places of two scans whether the second one's hematoma is larger than the first's."""


def surgery_of_scans(
    hours: Sequence[float | None],
    shown: Sequence[bool],
    told: Sequence[Finding],
    statements: Sequence[RepeatStatement],
    text: str,
    is_larger: IsLarger,
) -> list[Surgery | None]:
    """Return what puts each scan after surgery; None of those before it.

    Parameters
    ----------
    hours
        Of each scan, since the first; None where that isn't known.
    shown
        Whether each scan shows what surgery leaves.
    told
        Operations that the patient's records tell of, done; those of `text` lie within it.
    statements
        What `text` says of repeated scans, each with the scan that it means.
    text
        The record.
    is_larger
        See `IsLarger`.
    """
    if True in shown:
        first = shown.index(True)
        return [("seen" if number >= first else None) for number in range(len(shown))]
    if not told:
        return [None] * len(shown)
    before, after = _by_order(told, statements, text)
    by_hours = [_by_hours(at, told) for at in hours]
    before |= {n for n, found in enumerate(by_hours) if found == "before"}
    after |= {n for n, found in enumerate(by_hours) if found == "after"}
    last_before = max(before - after, default=0)
    first_after = min((n for n in after if n > last_before), default=len(shown))
    surgery: list[Surgery | None] = []
    for number in range(len(shown)):
        if number <= last_before:
            surgery.append(None)
        elif number < first_after and is_larger(last_before, number):
            surgery.append("open")
        else:
            surgery.append("told")
    return surgery


def _by_hours(hours: float | None, told: Sequence[Finding]) -> str | None:
    """Say whether a scan was before or after the first operation, by the hours of that.

    Hours are those since the first scan. Since the admission they are about the same; the onset
    was earlier, so that of those since then only what is longer can be told.
    """
    known = [
        (float(f.extra["hours"]), str(f.extra["since"]))
        for f in told
        if f.extra.get("hours") is not None and f.extra.get("since") is not None
    ]
    if hours is None or not known or len(known) < len(told):
        return None
    at, since = min(known)
    if hours >= at:
        return "after"
    return "before" if since == "admission" else None


def _by_order(
    told: Sequence[Finding], statements: Sequence[RepeatStatement], text: str
) -> tuple[set[int], set[int]]:
    """Return the scans that the record puts before surgery, and those after it."""
    before, after = set(), set()
    text = simplified(text)
    for said in statements:
        if said.scan is None:
            continue
        line = text.rfind("\n", 0, said.start) + 1, (text + "\n").find("\n", said.start)
        places = [f.start for f in told if line[0] <= f.start < line[1]]
        head = text[said.start : min((f.start for f in said.findings), default=said.end)]
        if "术后" in head or any(at < said.start for at in places):
            after.add(said.scan)
        elif places:
            before.add(said.scan)
    return before, after
