"""Notes for a terminal: few of them one by one, many as counts, so that nothing is buried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cohort.base.cli import counted


class NoteCounts:
    """How many cases have notes, kind by kind; kept are those of each kind's first case alone.

    So the notes of a million records need no more memory than those of ten.
    """

    def __init__(self) -> None:
        self._cases = 0
        self._of_kind: dict[str, int] = {}
        self._first: dict[str, tuple[str, list[str]]] = {}

    def add(self, case: str, notes: Iterable[tuple[str, str]]) -> None:
        """Count the notes of a case, the kind and the sentence of each; each case comes once."""
        self._cases += 1
        seen = set()
        for kind, what in notes:
            first, sentences = self._first.setdefault(kind, (case, []))
            if first == case:
                sentences.append(what)
            if kind not in seen:
                # Several of a kind in one case are one case with such a note.
                self._of_kind[kind] = self._of_kind.get(kind, 0) + 1
                seen.add(kind)

    def lines(self, place: str) -> list[str]:
        """Return lines for a terminal; see `note_lines`."""
        lines, hidden = [], False
        for kind, (case, sentences) in self._first.items():
            if self._of_kind[kind] == 1:
                lines += [f"{case}: {sentence}" for sentence in sentences]
            else:
                of_all = f"{self._of_kind[kind]} of {counted(self._cases, 'case')}"
                lines.append(f"{of_all} ({kind}), such as {case}: {sentences[0]}")
                hidden = True
        return [*lines, f"Each with its ids: {place}"] if hidden else lines


def note_lines(notes: Mapping[str, Sequence[tuple[str, str]]], place: str) -> list[str]:
    """Return notes for a terminal: a line each where they are few, else counts of each kind.

    Parameters
    ----------
    notes
        Id of every case to the kind and the sentence of each of its notes.
    place
        Where all of them stand with their ids, in words.

    Examples
    --------
    >>> lost = ("spacing", "has a spacing of 1 mm.")
    >>> note_lines({"p1": [lost], "p2": []}, "check.json")
    ['p1: has a spacing of 1 mm.']
    >>> note_lines({"p1": [lost], "p2": [lost]}, "check.json")
    ['2 of 2 cases (spacing), such as p1: has a spacing of 1 mm.', 'Each with its ids: check.json']
    """
    counts = NoteCounts()
    for case, said in notes.items():
        counts.add(case, said)
    return counts.lines(place)
