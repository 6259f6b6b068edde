"""Notes for a terminal: few of them one by one, many as counts, so that nothing is buried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cohort.base.cli import counted


def note_lines(
    notes: Mapping[str, Sequence[tuple[str, str]]], place: str, total: int | None = None
) -> list[str]:
    """Return notes for a terminal: a line each where they are few, else counts of each kind.

    Parameters
    ----------
    notes
        Id of a case to the kind and the sentence of each of its notes.
    place
        Where all of them stand with their ids, in words.
    total
        How many cases there are; None where `notes` has all of them.

    Examples
    --------
    >>> lost = ("spacing", "has a spacing of 1 mm.")
    >>> note_lines({"p1": [lost], "p2": []}, "check.json")
    ['p1: has a spacing of 1 mm.']
    >>> note_lines({"p1": [lost], "p2": [lost]}, "check.json")
    ['2 of 2 cases (spacing), such as p1: has a spacing of 1 mm.', 'Each with its ids: check.json']
    """
    by_kind: dict[str, dict[str, str]] = {}
    for case, said in notes.items():
        for kind, what in said:
            # Several of a kind in one case are one case with such a note.
            by_kind.setdefault(kind, {}).setdefault(case, what)
    lines, hidden = [], False
    for kind, cases in by_kind.items():
        case, what = next(iter(cases.items()))
        of_kind = [w for said in notes.values() for k, w in said if k == kind]
        if len(cases) == 1:
            lines += [f"{case}: {sentence}" for sentence in of_kind]
        else:
            of_all = f"{len(cases)} of {counted(len(notes) if total is None else total, 'case')}"
            lines.append(f"{of_all} ({kind}), such as {case}: {what}")
            hidden = True
    return [*lines, f"Each with its ids: {place}"] if hidden else lines
