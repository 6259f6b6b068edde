"""Names of files in a report that may be sent away: nothing of the machine it was made on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def short_path(path: Path) -> str:
    """Return a relative path as it is, of an absolute one the last two parts.

    Examples
    --------
    >>> short_path(Path("predictions/text")), short_path(Path("/home/li/ward/predictions/text"))
    ('predictions/text', 'predictions/text')
    """
    return Path(*path.parts[-2:]).as_posix() if path.is_absolute() else path.as_posix()


def without_machine(sentence: str, files: Iterable[Path]) -> str:
    """Return a sentence with the paths of `files`, and of files beside them, shortened.

    Examples
    --------
    >>> without_machine("/home/li/masks/p2.nii.gz: is damaged.", [Path("/home/li/masks/p1.nii.gz")])
    'masks/p2.nii.gz: is damaged.'
    """
    folders = {path.parent for path in files if path.is_absolute()}
    # A folder within another first: it is its own name that is to stay.
    for folder in sorted(folders, key=lambda folder: len(folder.parts), reverse=True):
        sentence = sentence.replace(f"{folder / '_'}"[:-1], f"{folder.name}/")
    return sentence
