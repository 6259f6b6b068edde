"""`python -m hich.merge`: the last step of a command that was done in shards."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cohort.base.cli import counted, run, say_note
from cohort.base.code.contents import PROVENANCE, PROVENANCE_LOCK
from cohort.base.errors import DataError, raise_all
from cohort.provenance.note import note_made
from cohort.provenance.read import read_provenance
from cohort.work.completed import completed
from cohort.work.job import Shard
from cohort.work.ledger import FAILED, Noted, read_entries, work_folder, write_failed
from cohort.work.noting import own_shard

LAST_STEPS = {
    "predict": "imaging.jobs.predict",
    "annotate": "text.annotation.parts",
    "evaluate": "imaging.jobs.evaluate",
    "export": "imaging.jobs.export",
    "check": "cohort.jobs.check",
    "synthesize": "cohort.jobs.synthesize",
    "convert": "text.jobs.convert",
}
"""Command to the module whose function `finish` does its last step."""


def main(
    output: Annotated[
        Path, typer.Argument(metavar="OUT", help="The output that all shards were given.")
    ],
) -> None:
    """Make of what shards have done the tables and files that one machine would have made.

    All shards need to be done. What failed in them is named at the end, with exit code 1; of what
    is left scans and records are merged, but no scores, corpus or cohort is made. Shards that were
    done on machines of their own: copy OUT and OUT.work together first.
    """
    lines, failures = merge(output)
    console = Console(soft_wrap=True, highlight=False)
    for line in lines:
        console.print(f"✔ {line}", markup=False)
    _note(output)
    if failures:
        say_note(f"failed: {counted(len(failures), 'item')}, {work_folder(output) / FAILED}")
    raise_all([why for of_one in failures.values() for why in of_one])


def merge(output: Path) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Do the last step for `output`; return what was done, in words, and what had failed.

    Raises
    ------
    DataError
        If nothing was begun there, something is missing, is being done or of another run; or the
        last step can't be done. Nothing is changed then. Also if a cohort that was checked has
        problems, which its report then holds.
    """
    noted = Noted.read(output)
    if noted is None and work_folder(output / "predictions" / "imaging").is_dir():
        raise DataError(f"{output}: is of `hich read`; call that again, without --shard.")
    if noted is not None and noted.command not in LAST_STEPS:
        raise DataError(
            f"{work_folder(output)}: is of `hich {noted.command}`, which this version doesn't "
            "merge; merge with the version that did the shards."
        )
    with own_shard(output, Shard()) if noted else nullcontext():
        done = completed(output)
        write_failed(output, done.noted.items)
        in_output = done.noted.keeps == "output"
        if in_output:
            done.files.unpack(done.entries)
        finish = import_module(LAST_STEPS[done.noted.command]).finish
        said = finish(output, done)
        if in_output:
            done.files.remove_packs()
    return said, done.failures


def _note(output: Path) -> None:
    """Note how the last step made what no shard has made."""
    noted = Noted.read(output)
    if noted is None or noted.keeps == "work":
        made: list[str] = []  # all
    else:
        told = read_provenance(output)
        by_shards = {name for run in told.runs for name in run.made} if told else set()
        by_shards &= {name for entry in read_entries(output) for name in entry.files}
        there = {path.name for path in output.iterdir()} - {PROVENANCE, PROVENANCE_LOCK}
        made = sorted(there - by_shards)
    note_made(output, made, of=[work_folder(output)])


if __name__ == "__main__":
    run(main)
