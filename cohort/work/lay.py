"""The files of items put into the folder that they are for, when all of them are done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from cohort.work.ledger import Entry

CASES = "cases"
"""Folder in the work folder, with a folder for each item."""


def lay_files(entries: Iterable[Entry], place: Path, folder: Path) -> None:
    """Put the files `cases/<id>/<name>` of entries into `folder`, as `<name>`.

    Where the file system allows it they are the same files under a second name, which takes neither
    time nor room; one that is changed later is then not as it was made, and is made again.

    Parameters
    ----------
    entries
        What was done.
    place
        The work folder.
    folder
        Where to; it is new.
    """
    for entry in entries:
        for name in entry.files:
            target = folder / Path(name).relative_to(CASES, entry.id)
            target.parent.mkdir(parents=True, exist_ok=True)
            lay_file(place / name, target)


def lay_file(file: Path, target: Path) -> None:
    """Make `target`, which isn't there, the same file as `file`, or a copy of it."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
