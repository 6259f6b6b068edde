"""What could not be read, `failed.csv`: the case, which half of it, and why."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from cohort.base.files import atomic_file, open_table

FAILED = "failed.csv"


class Failure(NamedTuple):
    """What could not be read.

    Attributes
    ----------
    case
        Id of the case, or name of the note.
    half
        `ct` or `record`.
    why
        A sentence.
    """

    case: str
    half: Literal["ct", "record"]
    why: str


def write_failures(folder: Path, failures: Sequence[Failure]) -> None:
    """Write `failed.csv`, with its heading alone where nothing failed."""
    with atomic_file(folder / FAILED) as temporary, open_table(temporary, "w") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Failure._fields)
        writer.writerows(failures)
