"""What a check finds: facts, problems and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cohort.errors import DataError


class Note(NamedTuple):
    """Something about a file that is worth a look but stops no step."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


@dataclass
class Findings:
    """What was found out about one case.

    Attributes
    ----------
    facts
        What its files are like, in plain JSON values.
    problems
        Sentences on what would make a later step fail, or its results wrong.
    notes
        What is worth a look.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def problem(self, path: Path, what: str) -> None:
        """Add a problem with the file `path`."""
        self.problems.append(f"{path}: {what}")

    def note(self, path: Path, what: str) -> None:
        """Add a note on the file `path`."""
        self.notes.append(Note(str(path), what))

    def add(self, other: Findings) -> None:
        """Add what another check found."""
        self.facts.update(other.facts)
        self.problems += other.problems
        self.notes += other.notes

    def failed(self, path: Path, error: DataError | OSError) -> None:
        """Add what kept the file `path` from being read."""
        if isinstance(error, DataError):
            self.problems += error.problems
        else:
            self.problem(path, f"{error.strerror or error}.")
