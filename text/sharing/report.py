"""What was replaced, what a second look found, and what failed: never the words."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import open_table, write_json
from text.components.deidentify.finder import Finder
from text.components.deidentify.replace import Replaced
from text.sharing.alike import Alike
from text.sharing.second_look import leftovers

REPORT = "deidentified.json"
FAILED = "failed.csv"


@dataclass
class Sharing:
    """What was done.

    Attributes
    ----------
    records, characters
        How many were read.
    kinds
        Kind of identity to how many were replaced.
    of_records
        Name of each record to what was replaced in it, and what a second look found.
    columns
        Columns of a table that a person should look at, with the reason.
    alike
        Finds numbers that can be taken for another's.
    failed
        Name of each record that was left out since it could not be read, with the reason; neither
        says who anybody is.
    problems
        The same for who ran it, with the files' own names.
    left_out
        Why something was left out, to what it is.
    """

    records: int = 0
    characters: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    of_records: dict[str, dict[str, Any]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    alike: Alike = field(default_factory=Alike)
    failed: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    @property
    def leftovers(self) -> int:
        """How many places a person should look at."""
        places = sum(len(one["look_at"]) for one in self.of_records.values())
        return places + len(self.columns) + len(self.alike.places())

    def add(self, name: str, before: str, replaced: Replaced, finder: Finder) -> None:
        """Count what was replaced in a record, and look at it once more."""
        self.records += 1
        self.add_piece(name, before, replaced, finder, always=True)

    def add_piece(
        self, name: str, before: str, replaced: Replaced, finder: Finder, always: bool = False
    ) -> None:
        """Count what was replaced in a piece of a record, and tell of it if there is anything."""
        kinds = self.count(name, before, replaced)
        found = leftovers(before, replaced, finder)
        if not (kinds or found or always):
            return
        told = self.of_records.setdefault(name, {"replaced": {}, "look_at": []})
        told["replaced"] = dict(sorted((Counter(told["replaced"]) + kinds).items()))
        told["look_at"] += [
            {"start": one.start, "end": one.end, "kind": one.kind, "why": why} for one, why in found
        ]

    def count(self, name: str, before: str, replaced: Replaced) -> Counter[str]:
        """Count what was replaced in a text of that name, by kind."""
        self.characters += len(before)
        self.alike.add(name, before, replaced)
        kinds = Counter(one.kind for one in replaced.identities)
        self.kinds.update(kinds)
        return kinds

    def fail(self, name: str, error: Exception, path: Path | None = None) -> None:
        """Remember that a record was left out.

        Parameters
        ----------
        name
            What it would have been called; no identity.
        error
            What is wrong with it: of a `DataError` the sentences, of another fault its kind alone,
            since its words may quote the record.
        path
            The file, which the sentences may name.
        """
        if isinstance(error, DataError):
            self.problems += error.problems
            told = [problem.removeprefix(f"{path}: ") for problem in error.problems]
            # A sentence that names a file still, or quotes what stands in it, isn't passed on.
            bare = path is not None and not any(path.stem in sentence for sentence in told)
            why = " ".join(told) if bare else "could not be read."
        else:
            why = f"the rules stumbled over it ({type(error).__name__})."
            self.problems.append(f"{path or name}: {why} Please report it, without the record.")
        self.failed.append((name, why))

    def write(self, folder: Path) -> None:
        """Write the report into `folder`, and beside it what failed, if anything did."""
        write_json(folder / REPORT, self.as_json())
        if self.failed:
            with open_table(folder / FAILED, "w") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(("record", "why"))
                writer.writerows(self.failed)

    def as_json(self) -> dict[str, Any]:
        """Return what the report's file holds."""
        return {
            "records": self.records,
            "characters": self.characters,
            "replaced": dict(sorted(self.kinds.items())),
            "failed": len(self.failed),
            "to_look_at": self.leftovers,
            "columns": dict(self.columns),
            "alike": self.alike.places(),
            "of_records": self.of_records,
        }
