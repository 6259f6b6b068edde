"""Writing files and folders so that none is ever half-written."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import shutil
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal

from cohort.base.errors import DataError
from cohort.base.locks import being_written, is_being_written

PARTIAL = re.compile(r"[.][0-9a-f]{8}[.]partial[.](.+?)([.]old)?")
"""Temporary names: of what is being written, and of what a folder is replaced by."""

DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of writing where there is no room: a full disk, a size limit, a quota used up."""


@contextmanager
def atomic_file(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """Give a temporary name beside `path`; rename it to `path` when the block ends well.

    The temporary name keeps the suffixes of `path`, since writers choose the format by them.
    When the block raises, the temporary file is removed and `path` is as it was before. If it
    raises since the disk is full, the error names `path`, whatever it named. `mode` says who may
    read and write the file, from its first byte on.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "volume.txt"
    >>> with atomic_file(path) as temporary:
    ...     _ = temporary.write_text("14 mL")
    >>> path.read_text()
    '14 mL'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        with being_written(temporary, mode):
            yield temporary
            os.replace(temporary, path)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise at_place(error, temporary, path) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path, marker: str) -> Iterator[Path]:
    """Give an empty temporary folder beside `path`; it becomes `path` when the block ends well.

    Parameters
    ----------
    path
        The folder to make. If it exists it is replaced, but only if it is empty or holds
        `marker`, so that no folder of the user's is ever deleted. Errors of a full disk name it,
        or the file in it.
    marker
        Path, relative to the folder, of a file that every folder of this kind holds.

    Raises
    ------
    DataError
        If `path` exists and is something else, or cannot be made.
    """
    require_replaceable(path, marker)
    asked, path = (
        path,
        path.resolve(),
    )  # a link to a folder stays a link; "." has a name and a parent
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    temporary.mkdir()
    try:
        with being_written(temporary):
            yield temporary
            replace(temporary, path)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise at_place(error, temporary, asked) from error
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def require_replaceable(path: Path, marker: str) -> None:
    """Make sure, before long work for it, that `atomic_folder` can make the folder `path`.

    Raises
    ------
    DataError
        If it exists and holds other files than `marker` and those beside it, or cannot be made.
    """
    require_place(path)
    require_exchange(path)
    if path.is_dir() and any(path.iterdir()) and not (path / marker).exists():
        raise DataError(
            f"{path}: holds other files (no {marker}), so it is not overwritten; "
            "name a new or empty folder."
        )


def at_place(error: OSError, temporary: Path, path: Path) -> OSError:
    """Return the error of a full disk with the place that is full: `path`, or what is in it.

    `temporary` is the name under which it was written. Most such errors name no file, and those of
    copying name the file that was read first.
    """
    for name in (error.filename2, error.filename):
        if isinstance(name, (str, Path)) and temporary in (Path(name), *Path(name).parents):
            path = path / Path(name).relative_to(temporary)
            break
    return OSError(error.errno, error.strerror, str(path))


def temporary_name(path: Path) -> Path:
    """Return a new name beside `path`, of the kind that `clear_partial` removes."""
    return path.with_name(f".{uuid.uuid4().hex[:8]}.partial.{path.name}")


def replace(new: Path, path: Path) -> None:
    """Put the file or folder `new` in the place of `path`, which may be either or nothing."""
    if not path.exists() or (path.is_file() and new.is_file()):
        os.replace(new, path)
        return
    old = new.with_name(new.name + ".old")
    os.replace(path, old)
    try:
        os.replace(new, path)
    except BaseException:  # Ctrl-C as well
        if not path.exists():
            os.replace(old, path)
        raise
    remove(old)


def remove(path: Path) -> None:
    """Remove the file or folder `path`."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def clear_partial(folder: Path, names: Collection[str] | None = None) -> None:
    """Remove what programs that were killed left half-written in `folder`.

    What a program that runs is writing stays (`cohort.base.locks`). If one was killed while it put
    a new folder in the place of an old one, the old one is back again.

    Parameters
    ----------
    folder
        Where to look; there need not be one.
    names
        Of the files that were to be written; None for all.
    """
    for path in list(folder.glob(".*.partial.*")):
        found = PARTIAL.fullmatch(path.name)
        if not found:
            continue
        name, is_old = found.groups()
        if (names is not None and name not in names) or is_being_written(path):
            continue
        if is_old and not (folder / name).exists():
            os.replace(path, folder / name)
        else:
            with suppress(PermissionError):  # Windows: a program that runs has it open
                remove(path)


def require_place(folder: Path) -> None:
    """Make sure, before long work for it, that `folder` is there or can be made.

    Raises
    ------
    DataError
        If it, or what it would lie in, is a file or may not be written to.
    """
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path())
    if not there.is_dir():
        raise DataError(f"{there}: is a file; name a folder to write to.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise DataError(f"{there}: may not be written to; name another folder.")


def require_exchange(folder: Path) -> None:
    """Make sure that `folder`, if it is there, can be exchanged for a new one, made beside it.

    Raises
    ------
    DataError
        If the folder that it lies in may not be written to.
    """
    above = folder.resolve().parent
    if folder.exists() and not os.access(above, os.W_OK | os.X_OK):
        raise DataError(
            f"{folder}: would be replaced as a whole, and the folder that it lies in may not be "
            "written to; name another folder."
        )


def portable(path: Path) -> str:
    """Return what results may say of a path: nothing about the machine.

    Examples
    --------
    >>> portable(Path("training/imaging")), portable(Path.cwd() / "training")
    ('training/imaging', 'training')
    """
    return path.name if path.is_absolute() else path.as_posix()


def refuse_sources_inside(folder: Path, sources: Iterable[Path]) -> None:
    """Refuse to make `folder` where it would replace one of the `sources` it is made from.

    Raises
    ------
    DataError
        If a source is the folder or lies in it.
    """
    whole = folder.resolve()
    for source in sources:
        inside = Path(os.path.abspath(source))
        if whole in (inside, inside.resolve(), *inside.parents, *inside.resolve().parents):
            at = "is the output folder" if whole == inside.resolve() else f"lies in {folder}"
            raise DataError(f"{source}: {at}, which would be replaced; name another folder.")


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8 with LF line ends, atomically."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write `value` to `path` as indented UTF-8 JSON, atomically; NaN is refused.

    Names of files that are not UTF-8 themselves, as Linux allows, get question marks.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    write_text(path, text.encode(errors="replace").decode())


def open_table(path: Path, mode: Literal["r", "w"] = "r") -> IO[str]:
    """Open a CSV file for the module `csv`.

    Written with the byte order mark, by which spreadsheets know that the Chinese in it is UTF-8;
    read with and without. Not atomically.
    """
    return path.open(mode, encoding="utf-8-sig", newline="")


def read_json(path: Path) -> Any:
    """Read the JSON file `path`.

    Raises
    ------
    DataError
        If it is missing, not UTF-8 or not JSON: NaN, for one, which Python would read, is not.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        value = json.loads(text, parse_float=_finite, parse_constant=_finite)
        if "\\ud" in text.lower():  # may be half a character, which no file can be written with
            json.dumps(value, ensure_ascii=False).encode()
        return value
    except FileNotFoundError:
        raise DataError(f"{path}: no such file.") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8 text; save it as UTF-8.") from None
    except UnicodeEncodeError:
        raise DataError(f"{path}: holds half a character (a lone surrogate).") from None
    except RecursionError:
        raise DataError(f"{path}: holds lists in lists too deep to be read.") from None
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path}: is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg})."
        ) from None
    except ValueError as error:
        raise DataError(f"{path}: is not valid JSON ({error}).") from None


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"it holds the number {number}")
    return value
