"""Step after `synthesize`, never skipped: note what the cohort's scans and records hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import counted, run
from cohort.base.code.contents import Contents
from cohort.base.errors import DataError
from cohort.base.files import write_json
from cohort.schema.manifest import Cohort
from cohort.space.file_types import files_of
from cohort.synthesize import is_generated
from hich.project.made import CACHE, FOLDER

SCANS, RECORDS = FOLDER / "scans.json", FOLDER / "records.json"


def note(folder: Path) -> int:
    """Write the hashes of the cohort's files: of scans and masks, and of records and tags.

    Files are read whose size, times or inode have changed; one that is missing stands as null.

    Returns
    -------
    int
        How many files there are.

    Raises
    ------
    DataError
        If the cohort's manifest cannot be read, or files that it lists are missing.
    """
    try:
        cohort = Cohort.load(folder)
    except DataError as error:
        if not is_generated(folder):
            raise
        raise DataError(
            *error.problems,
            f"{folder}: is a generated cohort; the workflow `synthesize` makes it again.",
        ) from None
    contents = Contents(CACHE)
    of_scans = {
        file
        for case in cohort.cases
        for name in (case.image, *case.masks.values())
        if name
        for file in files_of(cohort.path(name))
    }
    # Where uneven slices lie (`cohort.space.slice_places`).
    of_scans |= {file for at in {f.parent for f in of_scans} for file in at.glob("slices-*.json")}
    of_records = {cohort.path(p) for case in cohort.cases for p in (case.record, case.tags) if p}
    for target, files in ((SCANS, of_scans), (RECORDS, of_records)):
        hashes = contents.of([cohort.path("cohort.json"), *sorted(files)])
        relative = {str(path): digest for path, digest in hashes.items()}
        write_json(target, relative)
    contents.save()
    return len(of_scans) + len(of_records)


def main(cohort: Annotated[Path, typer.Argument(help="Folder of a cohort.")]) -> None:
    """Note what the cohort's scans and records hold, reading only those that have changed."""
    count = note(cohort)
    Console(soft_wrap=True, highlight=False).print(
        f"[green]✔[/green] contents of {counted(count, 'file')} noted"
    )


if __name__ == "__main__":
    run(main)
