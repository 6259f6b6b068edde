"""Where the slices of a series lie: from what each states of itself to one grid.

DICOM's coordinates are LPS, in mm: x toward the patient's left, y toward posterior, z toward
superior. Grids are RAS+. What is left or superior is read from the slices' direction cosines and
positions, never from Patient Position (how the patient lay), which they already allow for. Tilt and
uneven distances are kept; nothing is resampled.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from cohort.space.dicom.instance import Instance, Remark
from cohort.space.grid import Grid
from cohort.space.nifti.faults import FARTHEST_MM, POSSIBLE_MM
from cohort.space.slices.stack import grid_of_slices

LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])

PARALLEL = 1e-3
"""Direction cosines of parallel slices differ by no more: files state them with few decimals."""
OFF_LINE_MM = 0.5
"""Slices whose corners lie farther from one line are not those of one scan."""
REGULAR = 0.05
"""Distances are the same that differ by no more than this share of them."""
WIDE = 1.5
"""A distance so many times as wide as those before and after is a gap."""
UPRIGHT_DEGREES = 2.0
"""Tilts that differ by less are the same."""


def normal_of(instance: Instance) -> NDArray[np.float64]:
    """Return the unit vector [3], LPS, at right angles to a slice; toward superior if it is axial.

    Of other slices it points where rows and columns turn to, as a right hand does.
    """
    assert instance.orientation
    row, column = np.reshape(instance.orientation, (2, 3))
    normal = np.cross(row, column)
    normal = normal / np.linalg.norm(normal)
    axial = np.argmax(np.abs(normal)) == 2
    return np.asarray(-normal if axial and normal[2] < 0 else normal)


def levels_of(instances: Sequence[Instance]) -> NDArray[np.float64]:
    """Return how far each slice lies along the normal of the first, [slices], in mm."""
    positions = np.array([instance.position for instance in instances], float)
    return np.asarray(positions @ normal_of(instances[0]))


def stack_faults(instances: Sequence[Instance]) -> list[str]:
    """Say what keeps parallel slices of one size, in their order, from being a volume.

    Sentences begin after the name of the series.
    """
    first = instances[0]
    if not all(i.orientation and i.position for i in instances):
        return ["does not state where its slices lie (Image Position and Orientation)."]
    if first.pixel_spacing is None:
        return ["does not state how large its pixels are (Pixel Spacing)."]
    assert first.orientation is not None
    row, column = np.reshape(first.orientation, (2, 3))
    lengths = np.linalg.norm([row, column], axis=1)
    if np.abs(lengths - 1).max() > 0.01 or abs(row @ column) > 0.01:
        return ["states directions of rows and columns that are not at right angles."]
    if not POSSIBLE_MM[0] <= min(first.pixel_spacing) <= max(first.pixel_spacing) <= POSSIBLE_MM[1]:
        return [f"states pixels of {first.pixel_spacing[0]:.6g} × {first.pixel_spacing[1]:.6g} mm."]
    positions = np.array([instance.position for instance in instances], float)
    if np.abs(positions).max() > FARTHEST_MM:
        return ["lies kilometres from the scanner's centre by its positions."]
    if len(instances) == 1:
        thickness = _thickness(first)
        if thickness is None or not POSSIBLE_MM[0] <= thickness <= POSSIBLE_MM[1]:
            return ["is one slice and does not state its thickness (Slice Thickness)."]
        return []
    off = _off_line(positions)
    if off > OFF_LINE_MM:
        return [f"has slices that do not lie behind one another (up to {off:.1f} mm aside)."]
    try:
        grid_of(instances)
    except ValueError:
        return ["has slices at uneven distances that are not axial; such series are not read."]
    return []


def grid_of(instances: Sequence[Instance]) -> Grid:
    """Return the grid [I, J, K] of slices without faults: I along a row, J down a column.

    Parameters
    ----------
    instances
        In the order of their places, K.

    Raises
    ------
    ValueError
        If distances are uneven and the slices are not closest to axial.
    """
    first = instances[0]
    assert first.orientation and first.pixel_spacing
    row, column = np.reshape(first.orientation, (2, 3))
    between_rows, between_columns = first.pixel_spacing
    in_plane = np.column_stack([row * between_columns, column * between_rows])
    places = np.array([instance.position for instance in instances], float) * LPS_TO_RAS
    if len(places) == 1:
        return _of_one(first, in_plane, places)
    return grid_of_slices((first.columns, first.rows), in_plane * LPS_TO_RAS[:, None], places + 0.0)


def remarks_on(instances: Sequence[Instance]) -> Iterator[Remark]:
    """Say what is odd about where slices without faults lie."""
    wide = dict(_gaps(instances))
    yield from wide.values()
    yield from _numbered_gaps(instances, wide)
    if len({instance.frame_of_reference_uid for instance in instances}) > 1:
        yield Remark(
            "frame of reference",
            "states several frames of reference: the patient may have moved between its slices.",
        )
    first = instances[0]
    stated, shown = abs(first.gantry_tilt or 0.0), _shear_degrees(instances)
    if stated > UPRIGHT_DEGREES and shown is not None and abs(stated - shown) > UPRIGHT_DEGREES:
        yield Remark(
            "tilt",
            f"states a gantry tilt of {stated:.1f}°, while its slices lie one behind the other at "
            f"{shown:.1f}°; the places of the slices are believed.",
        )


def _of_one(first: Instance, in_plane: NDArray, places: NDArray) -> Grid:
    affine = np.eye(4)
    affine[:3, :2] = in_plane * LPS_TO_RAS[:, None]
    affine[:3, 2] = normal_of(first) * LPS_TO_RAS * (_thickness(first) or 1.0)
    affine[:3, 3] = places[0]
    return Grid((first.columns, first.rows, 1), affine + 0.0)


def _thickness(instance: Instance) -> float | None:
    return instance.slice_thickness or instance.spacing_between_slices


def _off_line(positions: NDArray) -> float:
    """Return how far, in mm, positions [n, 3] lie from the straight line that fits them best."""
    centred = positions - positions.mean(axis=0)
    direction = np.linalg.svd(centred, full_matrices=False)[2][0]
    return float(np.linalg.norm(centred - np.outer(centred @ direction, direction), axis=1).max())


def _gaps(instances: Sequence[Instance]) -> Iterator[tuple[int, Remark]]:
    """Find where slices are missing: distances much wider than those before and after.

    Where slices become thicker, as above the skull base, the distances after are as wide.
    """
    gaps = np.abs(np.diff(levels_of(instances)))
    for at, gap in enumerate(gaps):
        sides = [gaps[max(at - 3, 0) : at], gaps[at + 1 : at + 4]]
        usual = [float(np.median(side)) for side in sides if len(side)]
        if sum(map(len, sides)) < 2 or np.ptp(usual) > REGULAR * usual[0]:
            continue
        ratio = gap / float(np.mean(usual))
        if ratio < WIDE:
            continue
        missing = round(ratio) - 1
        number = "1 slice is" if missing == 1 else f"{missing} slices are"
        if abs(ratio - missing - 1) > REGULAR * (missing + 1):
            number = "slices are"
        yield (
            at,
            Remark(
                "missing slices",
                f"{number} missing between slices {_between(instances, at)}, {gap:.1f} mm apart "
                f"instead of {usual[0]:.1f} mm): nothing was scanned there, and volumes are "
                "interpolated, each slice beside the gap standing for half of it; find the missing "
                "images.",
            ),
        )


def _numbered_gaps(instances: Sequence[Instance], known: Container[int]) -> Iterator[Remark]:
    """Find missing slices that distances alone do not show, as where every second one is lost.

    Instance Numbers that are left out count where slices are as many times as far apart as numbers
    are: by the distance where numbers follow one another, else by the stated one. Numbers may be
    left out for other reasons, and then slices lie no farther apart.

    Parameters
    ----------
    known
        Gaps that distances show.
    """
    numbers = [image.instance_number for image in instances]
    stated = [number for number in numbers if number is not None]
    steps = np.diff(stated)
    if len(stated) < len(numbers) or not (np.all(steps > 0) or np.all(steps < 0)):
        return
    steps, gaps = np.abs(steps), np.abs(np.diff(levels_of(instances)))
    in_turn = np.flatnonzero(steps == 1)
    thickness = instances[0].spacing_between_slices or instances[0].slice_thickness
    found = []
    for at in np.flatnonzero(steps > 1):
        nearest = [*in_turn[in_turn < at][-1:], *in_turn[in_turn > at][:1]]
        usual = [float(gaps[near]) for near in nearest] or [thickness or 0.0]
        if at not in known and any(
            abs(gaps[at] - steps[at] * apart) <= 2 * REGULAR * gaps[at] for apart in usual
        ):
            found.append(int(at))
    if not found:
        return
    missing = int(sum(steps[at] - 1 for at in found))
    number = "1 slice is" if missing == 1 else f"{missing} slices are"
    where = "between" if len(found) == 1 else f"at {len(found)} places, the first one between"
    yield Remark(
        "missing slices",
        f"{number} missing by the numbers of the others (Instance Number), {where} slices "
        f"{_between(instances, found[0])}, {gaps[found[0]]:.1f} mm apart): volumes are "
        "interpolated there; find the missing images.",
    )


def _between(instances: Sequence[Instance], at: int) -> str:
    z = sorted(_centre_z(instance) for instance in instances[at : at + 2])
    return f"{at + 1} and {at + 2} from below (centres at z = {z[0]:.1f} and {z[1]:.1f} mm"


def _centre_z(instance: Instance) -> float:
    assert instance.position and instance.orientation and instance.pixel_spacing
    row, column = np.reshape(instance.orientation, (2, 3))
    down, along = instance.pixel_spacing
    centre = row * along * (instance.columns - 1) / 2 + column * down * (instance.rows - 1) / 2
    return float(instance.position[2] + centre[2])


def _shear_degrees(instances: Sequence[Instance]) -> float | None:
    """Return the angle between the slices' normal and the way from slice to slice."""
    if len(instances) < 2:
        return None
    way = np.subtract(instances[-1].position or (), instances[0].position or ())
    cosine = abs(way @ normal_of(instances[0])) / np.linalg.norm(way)
    return float(np.degrees(np.arccos(min(cosine, 1.0))))
