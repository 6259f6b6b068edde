"""Last line of a step that makes many files: note what they hold, in one small file.

The next steps depend on that file instead of the folder, which weasel would read whole each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cohort.base.cli import counted, run
from cohort.base.code.contents import Contents
from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json

FOLDER = Path(".fingerprints")
"""Where all fingerprints lie, in the project's folder."""
CACHE = FOLDER / "cache.json"
_MADE = FOLDER / "made"


def note(folder: Path) -> Path:
    """Write what the files in `folder` hold to `.fingerprints/made/<folder>.json`.

    Raises
    ------
    DataError
        If there is no such folder, or it is empty.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise DataError(f"{folder}: holds no files; the step that makes it went wrong.")
    contents = Contents(CACHE)
    hashes = contents.of(files)
    contents.save()
    target = (_MADE / folder).with_suffix(".json")
    held = {path.relative_to(folder).as_posix(): digest for path, digest in hashes.items()}
    write_json(target, {"folder": folder.as_posix(), "files": held})
    return target


def forget_changed() -> Iterator[str]:
    """Delete what was noted of folders that hold something else now, so that they are made again.

    Yields
    ------
    str
        What is not as it was made, a sentence for each such folder.
    """
    contents = Contents(CACHE)
    for path in sorted(_MADE.rglob("*.json")) if _MADE.is_dir() else ():
        noted = read_json(path)
        folder = Path(noted["folder"])
        hashes = contents.of(folder / name for name in noted["files"])
        changed = [
            name for name, digest in noted["files"].items() if hashes[folder / name] != digest
        ]
        there = {file for file in folder.rglob("*") if file.is_file()} if folder.is_dir() else set()
        changed += sorted(str(file) for file in there - hashes.keys())
        if changed:
            path.unlink()
            yield (
                f"{folder}: {counted(len(changed), 'file')} not as made (such as {changed[0]}); "
                "made again."
            )
    contents.save()


def main(folder: Annotated[Path, typer.Argument(help="Folder that a step has made.")]) -> None:
    """Note what a folder holds that a step of project.yml has made."""
    note(folder)


if __name__ == "__main__":
    run(main)
