"""The places of uneven slices, in a file beside a NIfTI volume, whose affine can't hold them.

The volume's header names the file in its field `aux_file`. The name is made of what the file
holds, so that the masks of a scan share one, a file that was changed is recognised, and copies
into one folder never overwrite each other::

    {"schema_version": 1, "places_mm": [[10.0, 20.0, -30.0], [10.0, 20.0, -26.0], ...]}

`places_mm` has for each slice along the volume's axial axis where its first voxel lies, RAS+ in mm
(`Grid.places`).
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from cohort.space.grid import Grid
from cohort.space.slices.stack import SAME_MM

NAME = re.compile(r"slices-[0-9a-f]{10}[.]json")
"""Of such a file; `aux_file` has room for 24 bytes."""


def write_places(folder: Path, grid: Grid) -> str:
    """Write where the slices of an uneven grid lie into a folder; return the file's name."""
    assert grid.places is not None
    content = _content(grid.places)
    name = _name(content)
    path = folder / name
    if not (path.is_file() and path.read_bytes() == content):
        with atomic_file(path) as temporary:
            temporary.write_bytes(content)
    return name


def places_name(grid: Grid) -> str:
    """Return the name of the file that `write_places` writes."""
    assert grid.places is not None
    return _name(_content(grid.places))


def read_places(volume: Path, name: str, grid: Grid) -> Grid:
    """Return the grid of a NIfTI volume with its slices where the file beside it says.

    Parameters
    ----------
    volume
        The NIfTI file, for its folder and for messages.
    name
        What its header has as `aux_file`.
    grid
        What its affine says.

    Raises
    ------
    DataError
        If the file is missing, was changed or belongs to another volume: by the affine alone every
        volume and distance would be wrong.
    """
    path = volume.parent / name
    where = f"{volume}: its slices are not evenly spaced, and where each of them lies stands in"
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(
            f"{where} {name}, which is missing beside it; copy that file too, or convert the scan "
            "again from its source."
        ) from None
    places = _places(content) if _name(content) == name else None
    if places is None:
        raise DataError(f"{where} {name}, which was changed or is damaged; copy it again.")
    found = Grid(grid.shape, grid.affine, places)
    ends = np.zeros((2, 3))
    ends[1, grid.axial_axis] = grid.shape[grid.axial_axis] - 1
    if (
        len(places) != grid.shape[grid.axial_axis]
        or np.abs(found.to_mm(ends) - grid.to_mm(ends)).max() > 10 * SAME_MM
        or (np.diff(found.levels_mm) * np.sign(found.levels_mm[-1]) <= 0).any()
    ):
        raise DataError(
            f"{where} {name}, which belongs to another volume: the number of slices or the affine "
            "was changed. Give the volume as it was written."
        )
    return found


def _content(places: NDArray) -> bytes:
    rows = [[round(float(mm), 6) + 0.0 for mm in place] for place in places]
    return (json.dumps({"schema_version": 1, "places_mm": rows}) + "\n").encode()


def _name(content: bytes) -> str:
    return f"slices-{hashlib.sha256(content).hexdigest()[:10]}.json"


def _places(content: bytes) -> NDArray[np.float64] | None:
    try:
        places = np.array(json.loads(content)["places_mm"], np.float64)
    except (ValueError, KeyError, TypeError):
        return None
    if places.ndim != 2 or places.shape[1] != 3 or len(places) < 2 or not np.isfinite(places).all():
        return None
    return places
