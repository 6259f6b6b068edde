"""Globs as people mean them: brackets may be part of a name, and a suffix is written in any case.

`data [CT]/*.nii.gz` finds the scans in a folder of that name, where there is one; the shell's
meaning, one of the characters C and T, is taken where there is none. `*.nii.gz` finds `P1.NII.GZ`
on every system, as it does on Windows.
"""

from __future__ import annotations

import glob
import re
from pathlib import Path, PurePath

_LITERAL = "[[]"  # a bracket that is not a wildcard, as glob.escape writes it
_WILDCARD = re.compile(r"\*|\?|\[(?!\[\])[^\]]+\]")
_SUFFIX = re.compile(r"([.]nii)?[.][^.\[]*$", re.IGNORECASE)


def expand(pattern: str) -> tuple[tuple[str, ...], list[Path]]:
    """Find what the glob `pattern` names: files, folders and links to nothing, sorted.

    Returns
    -------
    parts, paths
        The parts of the pattern, brackets that belong to a name escaped (see `wildcards`); and what
        they name.
    """
    parts: list[str] = []
    for part in Path(pattern).expanduser().parts:
        literal = part.replace("[", _LITERAL)
        parts.append(literal if literal != part and _find([*parts, literal]) else part)
    return tuple(parts), sorted(map(Path, _find(parts)))


def portable_glob(pattern: str) -> str:
    """Return what results may say of a glob: nothing about the machine.

    Examples
    --------
    >>> portable_glob("scans/*.nii.gz"), portable_glob("/home/me/scans/*/ct.nii.gz")
    ('scans/*.nii.gz', '*/ct.nii.gz')
    """
    path = Path(pattern).expanduser()
    if not path.is_absolute():
        return pattern
    is_wild = [bool(_WILDCARD.search(part)) for part in path.parts]
    first = is_wild.index(True) if any(is_wild) else -1
    return "/".join(path.parts[first:])


def wildcards(part: str) -> tuple[int, int] | None:
    """Return how many characters of a name stand before the first wildcard and after the last.

    Examples
    --------
    >>> wildcards("scan_*_[ab].nii"), wildcards("[[]CT]*.nii"), wildcards("[[]CT]")
    ((5, 4), (4, 4), None)
    """
    found = list(_WILDCARD.finditer(part))
    if not found:
        return None
    before, after = part[: found[0].start()], part[found[-1].end() :]
    return len(before.replace(_LITERAL, "[")), len(after.replace(_LITERAL, "["))


def has_suffix(part: str) -> bool:
    """Return whether a pattern's last part asks for a kind of file, as `*.txt` does."""
    return _SUFFIX.search(part) is not None


def _find(parts: list[str]) -> list[str]:
    *folders, name = parts
    whole = PurePath(*folders, _SUFFIX.sub(_any_case, name))
    return glob.glob(str(whole), recursive=True)


def _any_case(suffix: re.Match[str]) -> str:
    return "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else c for c in suffix[0])
