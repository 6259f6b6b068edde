"""What files are called in a provenance: nothing in it tells of the machine or its user.

A file is named relative to the project, which is the working directory of its commands, or to the
cohort that it belongs to. Of any other only the last part of its name is told.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from cohort.base.configs import PLACES

ELSEWHERE = "…/"
"""Stands for the way to a file outside of the project."""

_ABSOLUTE = re.compile(r"""(?<![^\s=:,;"'(\[])(?:~|/|\\\\|[A-Za-z]:[\\/])[^\s,;"')\]]*""")


def name_in(path: Path, project: Path) -> str:
    """Return the name of a file or a folder, which ends with a slash.

    Examples
    --------
    >>> name_in(Path("corpus/split.json"), Path.cwd())
    'corpus/split.json'
    >>> name_in(Path("/home/someone/split.json"), Path("/data/project"))
    '…/split.json'
    """
    slash = "/" if path.is_dir() else ""
    whole = Path(os.path.abspath(path))
    for place in (Path(os.path.abspath(project)), *map(Path, map(os.path.abspath, PLACES[1:]))):
        if whole.is_relative_to(place):
            name = whole.relative_to(place).as_posix()
            return name if name == "." else name + slash
    return f"{ELSEWHERE}{whole.name}{slash}"


def found_at(name: str, project: Path) -> Path | None:
    """Return where a file of that name is: in the project, or with the program; None if elsewhere.

    What is gone is where it would be in the project.
    """
    if name.startswith(ELSEWHERE):
        return None
    places = (project, *PLACES[1:])
    return next((at / name for at in places if (at / name).exists()), project / name)


def words_in(words: list[str], project: Path) -> Iterator[str]:
    """Yield a command's words, the paths in them named as `name_in` names files.

    Examples
    --------
    >>> list(words_in(["--config=/home/someone/a b.yaml", "x=../../x/y", "n/m"], Path("/p")))
    ['--config=…/a b.yaml', 'x=…/y', 'n/m']
    >>> list(words_in(["hematoma=/p/masks/*_h.nii.gz,~/b"], Path("/p")))
    ['hematoma=masks/*_h.nii.gz,…/b']
    """
    for word in words:
        head = found[0] if (found := re.match(r"[\w.-]+=", word)) else ""
        value = word[len(head) :]
        path = Path(value)
        whole = value.startswith("~") or path.is_absolute() or ".." in path.parts
        if whole and not re.search(r"[,;]\s*(?:~|/|[A-Za-z]:[\\/])", value):
            yield head + _named(value, project)
        else:
            yield head + _ABSOLUTE.sub(lambda match: _named(match[0], project), value)


def _named(path: str, project: Path) -> str:
    return name_in(Path(path).expanduser(), project).rstrip("/") or "/"
