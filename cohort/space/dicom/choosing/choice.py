"""Which series of a study is the one to measure: the plain axial head CT with a soft kernel.

Of several, first those whose slices are 2 to 6 mm apart, then thinner, then thicker ones: what
models are trained on, then what holds as much. Contrast, CT angiography, bone kernels and reformats
are never taken unasked: blood and contrast look alike, and a bone kernel's noise hides a bleed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cohort.base.errors import few
from cohort.space.dicom.choosing.kind import Reason, SeriesKind, kind_of
from cohort.space.dicom.choosing.studies import started
from cohort.space.dicom.instance import Remark, Series

NEAR_MM, FAR_MM, USUAL_MM = 2.0, 6.0, 5.0
"""Slices so far apart come first; of these, those closest to what is usual of the head."""
WHOLE_SHARE = 0.7
"""Of the highest stack's height: one that covers less is not the whole scan."""

NOTE = "series choice"
"""Kind of the notes on a choice."""

UNREADABLE = {"fault", "modality", "localizer"}
"""Kinds of reasons for which a series cannot be read as a scan, even if it is named."""

_SHORT = {
    "modality": "not CT",
    "orientation": "not axial",
    "body part": "another part of the body",
    "kernel": "bone kernel",
    "slices": "few slices",
    "fault": "faulty",
}
"""How a refusal names kinds of reasons, where not by the kind's own name."""


@dataclass(frozen=True)
class JudgedSeries:
    """A series, what it is, and why it was not chosen.

    Attributes
    ----------
    why_not
        Ends of a sentence on the series; empty for the one that was chosen.
    """

    series: Series
    kind: SeriesKind
    why_not: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How messages call it: its number."""
        return called(self.series)


@dataclass(frozen=True)
class SeriesChoice:
    """What was chosen from the series of a study.

    Attributes
    ----------
    judged
        All of them.
    chosen
        The one to read, with the notes on this choice among its own; None if there is none.
    why
        Why it was chosen, in words.
    notes
        What results have to say of the choice: sentences that begin after the series' name.
    refusal
        A sentence on why none was chosen.
    """

    judged: tuple[JudgedSeries, ...]
    chosen: Series | None = None
    why: str = ""
    notes: tuple[Remark, ...] = ()
    refusal: str | None = None


def choose(series: Sequence[Series], uid: str | None = None) -> SeriesChoice:
    """Choose from the series of one study.

    Parameters
    ----------
    uid
        Name of a series (`Series.name`), or its Series Instance UID: take that one, whatever it is.
        Of a UID that holds several stacks, the one that would be chosen among them.
    """
    judged = [JudgedSeries(one, kind_of(one, series)) for one in series]
    if uid is not None:
        return _named(judged, uid)
    fit = [one for one in judged if not one.kind.against]
    if not fit:
        why_not = [replace(one, why_not=_sentences(one.kind.against)) for one in judged]
        return SeriesChoice(tuple(why_not), refusal=_refusal(judged))
    return _best(judged, fit)


def is_named(series: Series, uid: str) -> bool:
    """Whether `--series` with that value means a series."""
    return uid in (series.name, series.uid)


def is_readable(one: JudgedSeries) -> bool:
    """Whether a series can be read as a scan, if it is named."""
    return not UNREADABLE & {why.kind for why in one.kind.against}


def called(series: Series) -> str:
    """Return how messages call a series: by its number, which says nothing of the patient."""
    number = series.first.series_number
    name = "a series without number" if number is None else f"series {number}"
    return name if series.part is None else f"{name}, part {series.part}"


def _named(judged: list[JudgedSeries], uid: str) -> SeriesChoice:
    named = [one for one in judged if is_named(one.series, uid)]
    if not named:
        return SeriesChoice(tuple(judged), refusal=f"there is no series {uid}")
    fit = [one for one in named if not one.kind.against]
    ties: tuple[Remark, ...] = ()
    if len(named) > 1:
        if not fit:
            refusal = f"series {uid} holds {len(named)} stacks"
            if readable := [one.series.name for one in named if is_readable(one)]:
                refusal += f"; name one of them: {few(readable)}"
            else:
                refusal += ", none of which can be read"
            return SeriesChoice(tuple(judged), refusal=refusal)
        best = _best(judged, fit)
        (one,) = (one for one in fit if best.chosen and one.series.name == best.chosen.name)
        ties = best.notes[len(_to_tell(one.kind)) :]
    else:
        (one,) = named
    how = "was named with --series"
    against = "; ".join(f"it {what}" for what in _sentences(one.kind.against))
    notes = [Remark(NOTE, f"{how}: {against}.")] if against else []
    notes += [*(Remark(NOTE, f"{doubt.what}.") for doubt in _to_tell(one.kind)), *ties]
    others = tuple(
        other if other is one else replace(other, why_not=("another was named",))
        for other in judged
    )
    chosen = replace(one.series, notes=(*one.series.notes, *notes))
    return SeriesChoice(others, chosen, how, tuple(notes))


def _best(judged: list[JudgedSeries], fit: list[JudgedSeries]) -> SeriesChoice:
    highest = max(one.kind.height_mm or 0 for one in fit)
    ranks = {id(one): _ranks(one.kind, highest) for one in fit}

    def rank(one: JudgedSeries) -> list[float]:
        return [number for number, _ in ranks[id(one)]]

    # Of equal ones the later: stable sorting of those in time.
    in_time = sorted(fit, key=lambda one: (_time(one), one.series.uid), reverse=True)
    best = min(in_time, key=rank)
    equal = [one for one in in_time if one is not best and rank(one) == rank(best)]
    later = all(_time(one) < _time(best) for one in equal)
    tie = "the latest of equal ones" if later else "one of equal ones"
    why_not = []
    for one in judged:
        if one is best:
            why_not.append(one)
        elif one.kind.against:
            why_not.append(replace(one, why_not=_sentences(one.kind.against)))
        elif one in equal:
            why_not.append(replace(one, why_not=(f"is as good as {best.name}, {tie}",)))
        else:
            pairs = zip(ranks[id(one)], ranks[id(best)], strict=True)
            worse = next(words for (number, words), (least, _) in pairs if number > least)
            why_not.append(replace(one, why_not=(worse,)))
    notes = [Remark(NOTE, f"{doubt.what}.") for doubt in _to_tell(best.kind)]
    if equal:
        others = few([one.name for one in equal])
        notes.append(Remark(NOTE, f"is read from {best.name}, {tie} (beside {others})."))
    chosen = replace(best.series, notes=(*best.series.notes, *notes))
    why = f"{best.kind.what}{_apart(best.kind)}"
    if equal:
        why += f"; {tie}"
    return SeriesChoice(tuple(why_not), chosen, why, tuple(notes))


def _ranks(kind: SeriesKind, highest: float) -> list[tuple[float, str]]:
    """Return what series are compared by, the less the better, each with words for who loses."""
    height, distance = kind.height_mm or 0, kind.distance_mm
    unsaid = [doubt for doubt in kind.doubts if doubt.kind != "kernel"]
    grades = {"soft": 0, "medium": 1, None: 2}
    if distance is None:
        band, off, apart = 3, 0.0, "does not state where its slices lie"
    else:
        apart = f"has slices {distance:.3g} mm apart"
        band = 1 if distance < NEAR_MM else 2 if distance > FAR_MM else 0
        off = round(abs(distance - USUAL_MM), 1)
    kernel = next((doubt.what for doubt in kind.doubts if doubt.kind == "kernel"), "")
    return [
        (height < WHOLE_SHARE * highest, f"covers {height:.0f} mm only"),
        (grades[kind.grade] if kind.grade != "bone" else 3, kernel),
        (len(unsaid), "; ".join(doubt.what for doubt in unsaid)),
        (band, f"{apart}; first come {NEAR_MM:g} to {FAR_MM:g}, then thinner, then thicker"),
        (off, apart),
    ]


def _to_tell(kind: SeriesKind) -> list[Reason]:
    """Return the doubts that results have to tell.

    Not that nothing is stated of kernel and body part, which a NIfTI file never does: whether it is
    a head is judged by its voxels.
    """
    return [
        doubt
        for doubt in kind.doubts
        if doubt.kind in ("contrast", "derived") or (doubt.kind, kind.grade) == ("kernel", "medium")
    ]


def _refusal(judged: list[JudgedSeries]) -> str:
    """Return why there is none to choose, as a sentence without its beginning and its end."""
    if not judged:
        return "there is no series"
    counts = Counter(one.kind.against[0].kind for one in judged)
    what = ", ".join(f"{_SHORT.get(kind, kind)}: {count}" for kind, count in counts.most_common())
    return f"there is no plain axial head CT with a soft kernel among its series ({what})"


def _sentences(reasons: Sequence[Reason]) -> tuple[str, ...]:
    return tuple(reason.what for reason in reasons)


def _apart(kind: SeriesKind) -> str:
    return "" if kind.distance_mm is None else f", slices {kind.distance_mm:.3g} mm apart"


def _time(one: JudgedSeries) -> tuple[str, int, int]:
    number = one.series.first.series_number
    return started([one.series]), -1 if number is None else number, one.series.part or 0
