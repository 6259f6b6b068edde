"""What names and paths of a case must be, so that its files can lie on every system."""

from __future__ import annotations

import errno
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from cohort.space.address import Address

# Windows takes files of these names for devices, whatever their suffix.
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{d}{n}" for d in ("COM", "LPT") for n in range(1, 10))}


def id_problems(case_id: str) -> list[str]:
    """Say why `case_id` cannot name files on every system, if it cannot.

    Examples
    --------
    >>> id_problems("病例 12")
    []
    >>> id_problems("../p1")
    ["the id '../p1' cannot name a file; use letters, digits, '_' and '-'."]
    """
    bad = (
        not case_id.strip()
        or case_id != case_id.strip()
        or case_id.startswith(".")
        or case_id.endswith(".")
        or len(case_id.encode(errors="replace")) > 150
        or case_id.partition(".")[0].upper() in _DEVICES
        or any(
            character in '/\\:*?"<>|' or unicodedata.category(character) in ("Cc", "Cs")
            for character in case_id
        )
    )
    if not bad:
        return []
    return [f"the id {case_id!r} cannot name a file; use letters, digits, '_' and '-'."]


def one_file_key(case_id: str) -> str:
    """Return what is equal for ids whose files would be one file on Windows or macOS."""
    return unicodedata.normalize("NFC", case_id).casefold()


def repeated_ids(ids: Iterable[str]) -> list[str]:
    """Say which of the `ids` cannot stand in one cohort, since their files would be one.

    Examples
    --------
    >>> repeated_ids(["p1", "p2", "P1"]), repeated_ids(["p1", "p1"])
    (["two cases are called 'p1' and 'P1'."], ["two cases are called 'p1'."])
    """
    seen: dict[str, str] = {}
    problems = []
    for case_id in ids:
        key = one_file_key(case_id)
        if key in seen:
            other = f" and {case_id!r}" if case_id != seen[key] else ""
            problems.append(f"two cases are called {seen[key]!r}{other}.")
        seen.setdefault(key, case_id)
    return problems


def path_problem(folder: Path, relative: str, may_be_folder: bool = False) -> str | None:
    """Say why there is no file `relative` inside the folder of a cohort, if there is none.

    It may name a part of a file (`cohort.space.address`): whether that is in it, reading says.
    """
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or "\\" in relative or ":" in relative:
        return (
            f"the path {relative!r} leaves the cohort's folder; "
            "use a relative path with forward slashes inside it."
        )
    file = Address.of(folder / relative).file
    there = _is_file(file) or (may_be_folder and file.is_dir())
    return None if there else f"the file {relative!r} is missing."


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise
