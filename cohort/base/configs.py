"""Where the project's configurations lie: in the checkout, or where the wheel put them."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

PLACES = (
    Path(),
    Path(__file__).resolve().parents[2],
    Path(sysconfig.get_path("data")) / "share" / "hich-workflow",
)
"""Where they are looked for: the working directory, the checkout, what a wheel put beside."""

Shelf = Literal["imaging", "text", "report"]
"""A folder of `configs`."""
SUFFIXES: dict[Shelf, str] = {"imaging": ".yaml", "text": ".cfg", "report": ".yaml"}


def find_config(path: Path, shelf: Shelf) -> Path:
    """Return the configuration file `path`, also from another working directory.

    A path that is not there, such as `configs/imaging/unet.yaml`, is looked for in the project's
    checkout and where its wheel is installed. Its name is enough, and the suffix may be left out:
    `unet`. A file that is nowhere comes back as it is.

    Parameters
    ----------
    path
        File, or the name of one.
    shelf
        Of what kind the configuration is.
    """
    if path.is_file() or path.is_absolute() or not path.name:
        return path
    return next((found for found in _candidates(path, shelf) if found.is_file()), path)


def _candidates(path: Path, shelf: Shelf) -> Iterator[Path]:
    names = [path, path.with_name(path.name + SUFFIXES[shelf])]
    for place in PLACES:
        yield from (place / name for name in names)
        if path.name == str(path):
            yield from (place / "configs" / shelf / name for name in names)
