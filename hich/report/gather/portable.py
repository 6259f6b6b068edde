"""Names of files in a report that may be sent away: nothing of the machine it was made on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_BEGINS = r"(?<![^\s\"'(（：，、;=])"
_PATH = re.compile(
    _BEGINS + r"(?:(?:\.\.?[\\/])*\.\.[\\/]|/|[A-Za-z]:[\\/])"
    r"(?:[^\s\\/:\"',;，、；（）()]+[\\/])+(?P<last>[^\s\\/:\"',;，、；（）()]+)"
)
"""A path that is absolute or leads out of the working folder, up to a space or a mark."""


def short_path(path: Path) -> str:
    """Return a path within the working folder as it is, of others the last two parts.

    Examples
    --------
    >>> short_path(Path("predictions/text")), short_path(Path("/home/li/ward/predictions/text"))
    ('predictions/text', 'predictions/text')
    >>> short_path(Path("../../home/li/predictions/text"))
    'predictions/text'
    """
    if path.is_absolute() or ".." in path.parts:
        return Path(*[part for part in path.parts if part != ".."][-2:]).as_posix()
    return path.as_posix()


def without_machine(sentence: str, files: Iterable[Path]) -> str:
    """Return a sentence with the paths in it shortened.

    Of `files`, and of files beside them, the folder's name stays; of others that are absolute or
    lead out of the working folder, as far as no space is in them, the file's alone.

    Examples
    --------
    >>> without_machine("/home/li/masks/p2.nii.gz: is damaged.", [Path("/home/li/masks/p1.nii.gz")])
    'masks/p2.nii.gz: is damaged.'
    >>> without_machine("p1 is not of /home/li/x.json, ../li/y.json or data/z.json.", [])
    'p1 is not of x.json, y.json or data/z.json.'
    """
    folders = {path.parent for path in files if path.is_absolute() or ".." in path.parts}
    # A folder within another first: it is its own name that is to stay.
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        begins = re.escape(f"{folder / '_'}"[:-1])
        # Not within another path: /mnt/data/p1 has /data/p1 in it.
        name = f"{folder.name}/".replace("\\", r"\\")
        sentence = re.sub(rf"{_BEGINS}{begins}", name, sentence)
    return _PATH.sub(lambda match: match["last"], sentence)
