"""Which case a file is of: by what a glob's wildcards stand for, or by a regular expression.

The id is taken from the last part of the path that has a wildcard other than `**`, so that
`cases/*/ct.nii.gz` takes it from the folder's name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from cohort.base.errors import DataError, UsageError
from cohort.importing.globs import expand, has_suffix, wildcards
from cohort.space.file_types import SUFFIXES, strip_suffix


def find_files(
    pattern: str, id_pattern: str | None = None, folders: Callable[[Path], bool] | None = None
) -> tuple[dict[Path, str], list[Path], dict[Path, str]]:
    r"""Find the files that the glob `pattern` names, and the text that names each one's case.

    Parameters
    ----------
    pattern
        Glob with `*`, `?`, `[…]`, and `**` for any folders (see `cohort.importing.globs`).
    id_pattern
        Regular expression that finds the id in a file's path (its first group, or all of it),
        instead of the wildcards.
    folders
        Says of a folder whether it stands for a file, as one of DICOM files does.

    Returns
    -------
    names, unnamed, no_files
        Path to name, sorted; the files in whose path no name is found; and what is called like a
        file but is not one, to what it is.

    Raises
    ------
    UsageError
        If `pattern` or `id_pattern` cannot be read.
    """
    regex = _compile(id_pattern) if id_pattern else None
    names: dict[Path, str] = {}
    unnamed = []
    no_files = {}
    parts, found = expand(pattern)
    for path in found:
        of_folder = folders is not None and path.is_dir() and parts[-1] != "**" and folders(path)
        if path.is_file() or of_folder:
            name = _by_regex(path, regex) if regex else _by_wildcards(path, parts)
            if name:
                names[path] = name
            else:
                unnamed.append(path)
        elif not path.exists():
            no_files[path] = "is a link to nothing"
        elif has_suffix(parts[-1]) or path.name.lower().endswith(SUFFIXES):
            no_files[path] = "is a folder" if path.is_dir() else "is not a file"
    return names, unnamed, no_files


def match_ids(names: dict[Path, str], ids: Collection[str]) -> tuple[dict[Path, str], str]:
    """Say which of the case `ids` each name means.

    A name is an id, or, if none of the names is, an id and an ending that is the same for all,
    as in `p1_hem` and `p2_hem` for `p1` and `p2`.

    Returns
    -------
    matched, ending
        Path to id, for those that have one; and the ending, often empty.

    Raises
    ------
    DataError
        If names with different endings mean one case: which of them is meant can't be guessed.

    Examples
    --------
    >>> matched, ending = match_ids({Path("seg/p1_hem.nii"): "p1_hem"}, ["p1", "p2"])
    >>> list(matched.values()), ending
    (['p1'], '_hem')
    """
    known = set(ids)
    exact = {path: name for path, name in names.items() if name in known}
    if exact or not known:
        return exact, ""
    starts = {path: start for path, name in names.items() if (start := _id_at_start(name, known))}
    endings_of: dict[str, set[str]] = {}
    for path, case_id in starts.items():
        endings_of.setdefault(case_id, set()).add(names[path].removeprefix(case_id))
    several = sorted({e for endings in endings_of.values() if len(endings) > 1 for e in endings})
    if several:
        raise DataError(
            f"names several files of one case, with the endings {', '.join(map(repr, several))}; "
            "choose a narrower glob, or give --id-pattern."
        )
    counts = Counter(ending for endings in endings_of.values() for ending in endings)
    if not counts:
        return {}, ""
    ending = min(counts, key=lambda ending: (-counts[ending], len(ending), ending))
    return {path: i for path, i in starts.items() if names[path] == i + ending}, ending


def _id_at_start(name: str, known: Collection[str]) -> str:
    """Return the longest of the known ids that `name` starts with, or nothing.

    The longest, so that "p1_2_hem" is not taken for another patient's "p1".
    """
    found = [i for i in known if name.startswith(i) and name[len(i) :][:1] in tuple("_-. ")]
    return max(found, key=len, default="")


def _by_wildcards(path: Path, pattern: tuple[str, ...]) -> str:
    """Return the text from the first to the last wildcard of the telling part of `pattern`."""
    parts = path.parts
    # Counted from the end, since "**" stands for any number of parts.
    for back in range(1, len(pattern) + 1):
        if pattern[-back] == "**":
            break
        if ends := wildcards(pattern[-back]):
            before, after = ends
            text = parts[-back]
            text = text[before : len(text) - after]
            return strip_suffix(text) if back == 1 and not after else text
    return strip_suffix(path.name)


def _by_regex(path: Path, regex: re.Pattern[str]) -> str:
    match = regex.search(path.as_posix())
    if not match:
        return ""
    return (match[1] if regex.groups else match[0]) or ""


def _compile(id_pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(id_pattern)
    except re.error as error:
        raise UsageError(f"--id-pattern {id_pattern}: {error}.") from None
