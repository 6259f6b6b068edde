"""How the numbers of an NRRD file are arranged: sizes, axes, where they lie in space.

Array axes are those of the file, the fastest one first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.space.affine import is_a_volume, times
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.nifti.faults import FARTHEST_MM, POSSIBLE_MM
from cohort.space.nrrd.data import dtype_of
from cohort.space.nrrd.fields import HeaderText, read_fields

MOST_VOXELS = 2**31
"""Of all layers; no scan has more, and headers that tell of more are damaged."""

SPACES: dict[str, tuple[int, int, int]] = {
    "right-anterior-superior": (1, 1, 1),
    "ras": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
    "las": (-1, 1, 1),
    "left-posterior-superior": (-1, -1, 1),
    "lps": (-1, -1, 1),
}
"""Name of a space in which patients lie, to the signs that turn its axes to RAS+."""

SLICE_PLACES_KEY = "HICH_SlicePlaces"
"""Key of the RAS+ mm of the first voxel of each slice, where these are not evenly far apart."""

_MILLIMETRES = ("", "mm", "millimeter", "millimetre", "millimeters", "millimetres")
_AGAIN = "export it again from its source."


@dataclass(frozen=True, eq=False)
class Layout:
    """How the numbers of an NRRD file are arranged.

    Attributes
    ----------
    header
        What the file says of its volume.
    text
        The same, word for word.
    sizes
        Of all axes of the file.
    layers_axis
        The axis along which several volumes lie; None if there is one volume.
    """

    header: Header
    text: HeaderText
    sizes: tuple[int, ...]
    layers_axis: int | None

    @property
    def layers(self) -> int:
        """How many volumes the file holds, all on one grid."""
        return 1 if self.layers_axis is None else self.sizes[self.layers_axis]


def read_layout(path: Path) -> Layout:
    """Read the header of a file that may hold several volumes, as segmentations do.

    Raises
    ------
    DataError
        As `read_header` does.
    """
    text = read_fields(path)
    if "data file" in text.fields:
        raise DataError(
            f"{path}: has its voxels in another file (a detached header); "
            "save both as one .nrrd file."
        )
    sizes = _sizes(path, text)
    dtype = dtype_of(path, text)
    directions = _directions(path, text, len(sizes))
    spatial, layers_axis = _axes(path, sizes, directions)
    first, second, third = (sizes[axis] for axis in spatial)
    oriented, affine = _affine(path, text, [directions[axis] for axis in spatial])
    grid = Grid((first, second, third), affine, _places(path, text, (first, second, third), affine))
    return Layout(Header(grid, dtype.name, oriented), text, sizes, layers_axis)


def _sizes(path: Path, text: HeaderText) -> tuple[int, ...]:
    words = text.fields.get("sizes", "").split()
    dimension = text.fields.get("dimension", "")
    if not words or not all(word.isdecimal() and len(word) < 10 for word in words):
        raise DataError(f"{path}: its header is damaged (no sizes, or not whole numbers).")
    if dimension != str(len(words)):
        raise DataError(
            f"{path}: its header is damaged ({len(words)} sizes, dimension {dimension[:9]!r})."
        )
    sizes = tuple(map(int, words))
    if min(sizes) < 1:
        raise DataError(f"{path}: holds no voxels ({times(sizes)}).")
    if math.prod(sizes) > MOST_VOXELS:
        raise DataError(
            f"{path}: its header tells of {times(sizes)} voxels, more than any scan has; {_AGAIN}"
        )
    return sizes


def _directions(path: Path, text: HeaderText, dimension: int) -> list[NDArray | None]:
    """Return the direction of each axis in mm; None for one that has none."""
    if stated := text.fields.get("space directions"):
        found = _vectors(path, stated, "space directions")
        if len(found) != dimension:
            raise DataError(
                f"{path}: its header is damaged ({len(found)} space directions, {dimension} axes)."
            )
        return found
    words = text.fields.get("spacings", "1 1 1").split()
    steps = [_number(path, word, "spacings") for word in words]
    if dimension != 3 or len(steps) != 3:
        raise DataError(
            f"{path}: is {dimension}D and states no space directions; give one 3D volume a file."
        )
    return [step * unit for step, unit in zip(steps, np.eye(3), strict=True)]


def _axes(
    path: Path, sizes: tuple[int, ...], directions: list[NDArray | None]
) -> tuple[list[int], int | None]:
    """Return the three axes in space, and the one along which volumes lie, if there is one."""
    spatial = [axis for axis, direction in enumerate(directions) if direction is not None]
    others = [axis for axis in range(len(sizes)) if axis not in spatial and sizes[axis] > 1]
    if len(spatial) != 3 or len(others) > 1:
        raise DataError(
            f"{path}: is {len(sizes)}D ({times(sizes)} voxels); give one 3D volume a file."
        )
    # An axis of one volume is none; a list of one layer is written so, too.
    return spatial, others[0] if others else None


def _affine(
    path: Path, text: HeaderText, directions: list[NDArray | None]
) -> tuple[bool, NDArray[np.float64]]:
    """Return whether the file says how the patient lies, and the affine to RAS+ mm."""
    space = text.fields.get("space", "").lower()
    units = {unit.strip('" ').lower() for unit in text.fields.get("space units", "").split()}
    if not units <= set(_MILLIMETRES):
        raise DataError(f"{path}: its space has the units {sorted(units)}, not mm; {_AGAIN}")
    if space.endswith("-time") or space[3:] == "t":
        raise DataError(f"{path}: has an axis of time; give one 3D volume a file.")
    affine = np.eye(4)
    affine[:3, :3] = np.array(directions).T
    if origin := text.fields.get("space origin"):
        (place,) = _vectors(path, origin, "space origin")[:1] or [None]
        if place is None:
            raise DataError(f"{path}: its header is damaged (a space origin without numbers).")
        affine[:3, 3] = place
    # Unknown ones are what they look like, as for a NIfTI file that states no orientation.
    affine = np.diag([*SPACES.get(space, (1, 1, 1)), 1]) @ affine + 0.0
    with np.errstate(all="ignore"):
        if not is_a_volume(affine):
            raise DataError(
                f"{path}: its space directions span no volume (a spacing of zero, or not a "
                f"number); {_AGAIN}"
            )
        spacing = Grid((1, 1, 1), affine).spacing
    if not POSSIBLE_MM[0] <= min(spacing) <= max(spacing) <= POSSIBLE_MM[1]:
        raise DataError(f"{path}: states a spacing of {times(spacing)} mm; {_AGAIN}")
    if (farthest := float(np.abs(affine[:3, 3]).max())) > FARTHEST_MM:
        raise DataError(
            f"{path}: lies {farthest / 1e6:.3g} km from the scanner's centre by its space origin; "
            f"{_AGAIN}"
        )
    return space in SPACES and "space directions" in text.fields, affine


def _places(
    path: Path, text: HeaderText, shape: tuple[int, int, int], affine: NDArray
) -> NDArray[np.float64] | None:
    """Return where each slice lies, if the file says so."""
    stated = text.keys.get(SLICE_PLACES_KEY)
    if stated is None:
        return None
    try:
        places = np.array([place.split() for place in stated.split(";")], float)
    except ValueError:
        places = np.empty(0)
    if places.shape != (shape[Grid(shape, affine).axial_axis], 3) or not np.isfinite(places).all():
        raise DataError(f"{path}: its header is damaged (the places of its slices).")
    return places


def _vectors(path: Path, stated: str, name: str) -> list[NDArray | None]:
    """Return vectors such as `none (0.5,0,0) (0,0.5,0)`."""
    found: list[NDArray | None] = []
    rest = stated.strip()
    while rest:
        if rest.lower().startswith("none"):
            found.append(None)
            rest = rest[4:].lstrip()
            continue
        inside, closed, rest = rest.removeprefix("(").partition(")")
        numbers = [_number(path, word, name) for word in inside.split(",")]
        if not closed or len(numbers) != 3:
            raise DataError(f"{path}: its header is damaged ({name!r} is {stated[:60]!r}).")
        found.append(None if np.isnan(numbers).all() else np.array(numbers))
        rest = rest.strip()
    return found


def _number(path: Path, word: str, name: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise DataError(f"{path}: its header is damaged ({name!r} has {word[:20]!r}).") from None
