"""Last line of a step that makes many files: note what they hold, in one small file.

The next steps depend on that file instead of the folder, which weasel would read whole each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cohort.base.cli import counted, run
from cohort.base.code.contents import CACHE, FOLDER, Contents, made_files
from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json

_MADE = FOLDER / "made"


def note(folder: Path, names_only: bool = False) -> Path:
    """Write what the files in `folder` hold to `.fingerprints/made/<folder>.json`.

    Parameters
    ----------
    folder
        Folder that a step has made.
    names_only
        Whether to note only which files there are: what they hold may then be edited, and others
        may be added, but none may be missing.

    Raises
    ------
    DataError
        If there is no such folder, or it is empty.
    """
    files = made_files(folder)
    if not files:
        raise DataError(f"{folder}: holds no files; the step that makes it went wrong.")
    target = _MADE / f"{folder.as_posix()}.json"
    noted: dict[str, Any] = {"folder": folder.as_posix()}
    if names_only:
        noted["names"] = [path.relative_to(folder).as_posix() for path in files]
    else:
        contents = Contents(CACHE)
        hashes = contents.of(files)
        contents.save()
        noted["files"] = {
            path.relative_to(folder).as_posix(): digest for path, digest in hashes.items()
        }
    write_json(target, noted)
    return target


def folder_of(noted: Path) -> Path:
    """Return the folder that a file of `.fingerprints/made` is about."""
    return noted.relative_to(_MADE).with_suffix("")


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
        if "names" in noted:
            changed = [name for name in noted["names"] if not (folder / name).is_file()]
            what = "missing"
        else:
            changed, what = _changed(folder, noted["files"], contents), "not as made"
        if changed:
            path.unlink()
            yield (
                f"{folder}: {counted(len(changed), 'file')} {what} (such as {changed[0]}); "
                "made again."
            )
    contents.save()


def _changed(folder: Path, noted: Mapping[str, str], contents: Contents) -> list[str]:
    """Return the files that hold something else than was noted, are missing, or were not there."""
    hashes = contents.of(folder / name for name in noted)
    changed = [name for name, digest in noted.items() if hashes[folder / name] != digest]
    there = set(made_files(folder))
    return changed + sorted(file.relative_to(folder).as_posix() for file in there - hashes.keys())


def main(
    folder: Annotated[Path, typer.Argument(help="Folder that a step has made.")],
    names: Annotated[
        bool, typer.Option("--names", help="Note which files there are, not what they hold.")
    ] = False,
    used: Annotated[
        Path | None,
        typer.Option(
            "--for",
            metavar="COHORT",
            help="The cohort that is used: nothing is noted of FOLDER if it is another one.",
        ),
    ] = None,
) -> None:
    """Note what a folder holds that a step of project.yml has made."""
    if used is None or used.resolve() == folder.resolve():
        note(folder, names)


if __name__ == "__main__":
    run(main)
