"""How the slices of a series lie, before pixels are read: their plane and their distance."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cohort.space.dicom.instance import Series

Plane = Literal["axial", "coronal", "sagittal"]
_PLANES: tuple[Plane, Plane, Plane] = ("sagittal", "coronal", "axial")
"""By the axis, x, y or z, that is closest to the slices' normal."""

SAME_PLACE_MM = 0.01


def plane_of(orientation: Sequence[float] | None) -> Plane | None:
    """Return the plane that direction cosines are closest to; None where they are none.

    A tilted gantry and a turned head leave axial slices closest to axial.

    Examples
    --------
    >>> plane_of((1, 0, 0, 0, 0.9483, -0.3173)), plane_of((1, 0, 0, 0, 0, -1))
    ('axial', 'coronal')
    """
    normal = _normal(orientation)
    return None if normal is None else _PLANES[int(np.abs(normal).argmax())]


def levels_mm(series: Series) -> list[float]:
    """Return where the slices of a series lie along their normal, in mm, each place once.

    Not by Slice Thickness, which says how thick a slice is and not how far it is to the next. Empty
    if the slices have no places.
    """
    normal = _normal(series.first.orientation)
    if normal is None:
        return []
    places = [one.position for one in series.instances if one.position is not None]
    if not places or any(len(place) != 3 for place in places):
        return []
    levels = np.sort(np.asarray(places, float) @ normal)
    apart = np.diff(levels, prepend=-np.inf)
    return [float(level) for level in levels[apart > SAME_PLACE_MM]]


def distance_mm(levels: Sequence[float]) -> float | None:
    """Return how far slices are apart: the median, as one that is missing changes nothing.

    Examples
    --------
    >>> distance_mm([0, 5, 10, 20]), distance_mm([3])
    (5, None)
    """
    return median(b - a for a, b in zip(levels, levels[1:], strict=False)) if levels[1:] else None


def _normal(orientation: Sequence[float] | None) -> NDArray[np.float64] | None:
    if orientation is None or len(orientation) != 6 or not np.isfinite(orientation).all():
        return None
    normal = np.cross(orientation[:3], orientation[3:])
    length = float(np.linalg.norm(normal))
    return normal / length if length > 0.5 else None
