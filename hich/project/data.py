"""Step after `synthesize`, never skipped: note what the cohort's scans and records hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import counted, run
from cohort.base.code.contents import CACHE, FOLDER, Contents
from cohort.base.errors import DataError
from cohort.base.files import write_json
from cohort.jobs.generated import is_generated
from cohort.provenance.hashes import record_files, scan_files
from cohort.schema.manifest import Cohort

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
    contents, count = Contents(CACHE), 0
    for target, files in ((SCANS, scan_files(cohort)), (RECORDS, record_files(cohort))):
        hashes = contents.of(files)
        count += len(files) - 1  # the manifest
        relative = {str(path): digest for path, digest in hashes.items()}
        write_json(target, relative)
    contents.save()
    return count


def main(cohort: Annotated[Path, typer.Argument(help="Folder of a cohort.")]) -> None:
    """Note what the cohort's scans and records hold, reading only those that have changed."""
    count = note(cohort)
    Console(soft_wrap=True, highlight=False).print(
        f"[green]✔[/green] contents of {counted(count, 'file')} noted"
    )


if __name__ == "__main__":
    run(main)
