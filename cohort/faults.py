"""What a check finds: facts, problems, notes, and what cannot be told."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from cohort.base.errors import DataError
from cohort.facts.doubts import SIZES

FORCED = "forced"
"""Kind of the notes on what would have been refused without `--force`."""
_ADVICE = " (--force takes it all the same.)"


class FileNote(NamedTuple):
    """Something about a file that is worth a look but stops no step.

    Attributes
    ----------
    file
        The file that it is about.
    kind
        A word or two that notes of one kind share, such as `spacing`: they are counted by it.
    what
        The sentence, which begins after the file's name.
    """

    file: str
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


def without_advice(problem: str) -> str:
    """Return a problem as commands say it that have no `--force`."""
    return problem.removesuffix(_ADVICE)


@dataclass
class CheckResult:
    """What was found out about one case.

    Attributes
    ----------
    facts
        What its files are like, in plain JSON values.
    problems
        Sentences on what would make a later step fail, or its results wrong.
    notes
        What is worth a look.
    untold
        Id of a structure (`cohort.facts.structures`) to why nothing that is measured on it could be
        believed: it is then neither segmented nor measured. Or a doubt (`cohort.facts.doubts`) to
        the reason for it: what rests on what is doubted is then not told, of any structure.
    untold_kinds
        The kind of each of these reasons, as notes have one: a translation goes by it.
    keys
        `scan` and `record`, to what is equal for the same scan or record in another case
        (`cohort.links.same_scan`, `cohort.links.same_record`).
    """

    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[FileNote] = field(default_factory=list)
    untold: dict[str, str] = field(default_factory=dict)
    untold_kinds: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Hashable] = field(default_factory=dict)

    def problem(self, path: Path, what: str) -> None:
        """Add a problem with the file `path`."""
        self.problems.append(f"{path}: {what}")

    def note(self, path: Path, kind: str, what: str) -> None:
        """Add a note of a kind on the file `path`."""
        self.notes.append(FileNote(str(path), kind, what))

    def cannot_tell(self, structures: Iterable[str], reason: str, kind: str | None = None) -> None:
        """Say why nothing about `structures` can be told; the first reason stays.

        Without a kind it has that of the note that was made last: such a reason goes with a note on
        what is unusual.
        """
        if kind is None:
            kind = self.notes[-1].kind if self.notes else ""
        for structure in structures:
            if structure not in self.untold:
                self.untold[structure], self.untold_kinds[structure] = reason, kind

    def add(self, other: CheckResult) -> None:
        """Add what another check found."""
        self.facts.update(other.facts)
        self.problems += other.problems
        self.notes += other.notes
        self.keys.update(other.keys)
        for structure, reason in other.untold.items():
            self.cannot_tell([structure], reason, other.untold_kinds.get(structure, ""))

    def required(self, force: bool = False) -> CheckResult:
        """Return the result without problems: they are notes if told to go ahead with them.

        Sizes that could not be told for a doubtful spacing are then told as well, with a note.

        Raises
        ------
        DataError
            If there are problems, and not `force`.
        """
        if self.problems and not force:
            raise DataError(*(said + _ADVICE for said in self.problems))
        parts = [said.partition(": ") for said in self.problems]
        forced = [FileNote(file, FORCED, f"Taken by --force: {what}") for file, _, what in parts]
        untold = dict(self.untold)
        if force and (why := untold.pop(SIZES, None)):
            file = parts[0][0] if parts else self.notes[0].file if self.notes else ""
            said = f"Taken by --force, volumes and lengths as the spacing has them: {why}"
            forced.append(FileNote(file, FORCED, said))
        return replace(self, problems=[], notes=forced + self.notes, untold=untold)

    def failed(self, path: Path, error: DataError | OSError) -> None:
        """Add what kept the file `path` from being read."""
        if isinstance(error, DataError):
            self.problems += error.problems
        else:
            self.problem(path, f"{error.strerror or error}.")
