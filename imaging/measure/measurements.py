"""What a clinician would measure on the masks of a scan: blood, edema, midline and ventricles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from numpy.typing import NDArray

from cohort.facts.limits import NO_SHIFT_MM
from cohort.schema.measurements import Edema, Hematoma, Measurements, Midline, OuterBlood
from cohort.space.grid import Grid
from imaging.measure.head_plane import head_plane
from imaging.measure.hematoma import measure_hematoma
from imaging.measure.midline import SliceMidline, largest_shift, midlines
from imaging.measure.midplane import Midplane, between_ventricles, middle_of_array
from imaging.measure.ventricles import measure_ventricles
from imaging.measure.ventricular_blood import measure_ventricular_blood
from imaging.space.cut import Cut
from imaging.space.orientation import file_slice, lps_view


def measure(masks: Mapping[str, NDArray], grid: Grid, hu: NDArray | None = None) -> Measurements:
    """Measure the structures of a scan.

    Parameters
    ----------
    masks
        Structure (`cohort.facts.structures`) to its mask, [I, J, K] in any orientation; what is not
        zero belongs to it. One that is missing was not looked for, which an empty one was.
    grid
        Where the masks' voxels lie.
    hu
        The scan itself on the same grid, in HU. Where no midline is marked, its skull tells the
        brain's middle; else the ventricles do, and if they can't, the array's middle is taken:
        `side_by` says which.

    Raises
    ------
    ValueError
        If there is no mask.

    Examples
    --------
    >>> import numpy as np
    >>> mask = np.zeros((40, 50, 8), np.uint8)
    >>> mask[5:15, 20:30, 2:6] = 1
    >>> grid = Grid(mask.shape, np.diag([-1.0, -1.0, 5.0, 1.0]))
    >>> found = measure({"hematoma": mask}, grid).hematoma
    >>> found.volume_ml, found.side, found.side_by, found.components
    (2.0, 'right', 'array', 1)
    """
    if not masks:
        raise ValueError("no mask to measure")
    affine, shape, upright = grid.affine, grid.shape, grid.lps
    seen = {name: lps_view(mask, affine) for name, mask in masks.items()}
    spacing = upright.spacing
    cuts = {name: Cut.of(mask) for name, mask in seen.items()}
    volumes = {name: cut.volume_ml(upright) if cut else 0.0 for name, cut in cuts.items()}
    lines = midlines(seen["midline"], spacing) if "midline" in seen else {}
    hematoma = Hematoma(None)
    if "hematoma" in seen:
        left, right = cuts.get("ventricle_left"), cuts.get("ventricle_right")
        middle = (
            (Midplane.of_lines(lines, upright) if lines else None)
            or (None if hu is None else head_plane(lps_view(hu, affine), upright))
            or (between_ventricles(left, right, spacing) if left and right else None)
            or middle_of_array(seen["hematoma"].shape, spacing)
        )
        # Which ventricle is the nearer one, and their common centre, take both.
        both = {"ventricle_left", "ventricle_right"} <= seen.keys()
        ventricles = [cut for cut in (left, right) if cut is not None and both]
        hematoma = measure_hematoma(cuts["hematoma"], upright, middle, ventricles)
        if hematoma.abc2:
            of_file = file_slice(hematoma.abc2.slice, affine, shape)
            hematoma = replace(hematoma, abc2=replace(hematoma.abc2, slice=of_file))
    return Measurements(
        hematoma,
        _midline(lines, affine, shape),
        measure_ventricles(
            volumes.get("ventricle_left"),
            volumes.get("ventricle_right"),
            hematoma.side,
            hematoma.site == "infratentorial",
        ),
        measure_ventricular_blood(seen, upright),
        Edema(volumes.get("edema")),
        OuterBlood(volumes.get("outer_blood")),
    )


def _midline(lines: Mapping[int, SliceMidline], affine: NDArray, shape: tuple[int, ...]) -> Midline:
    shift = largest_shift(lines)
    if shift is None:
        return Midline()
    toward = shift.side if shift.mm >= NO_SHIFT_MM else None
    return Midline(shift.mm, toward, file_slice(shift.slice, affine, shape))
