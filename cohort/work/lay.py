"""The files of items put into the folder that they are for, when all of them are done."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cohort.work.completed import Completed

CASES = "cases"
"""Folder in the work folder, with a folder for each item."""


def lay_files(done: Completed, folder: Path) -> None:
    """Put the files `cases/<id>/<name>` of what was done into `folder`, as `<name>`.

    Where the file system allows it they are the same files under a second name, which takes neither
    time nor room; one that is changed later is then not as it was made, and is made again. So who
    makes one again makes a new file, and never writes over the one that is there.

    Parameters
    ----------
    done
        What was done.
    folder
        Where to; it is new.
    """
    for entry in done.entries:
        for name, digest in entry.files.items():
            done.files.put(name, digest, folder / Path(name).relative_to(CASES, entry.id))


def lay_file(file: Path, target: Path) -> None:
    """Make `target`, which isn't there, the same file as `file`, or a copy of it."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
