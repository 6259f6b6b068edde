"""What a clinician would measure on the masks of a scan: blood, edema, midline and ventricles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from numpy.typing import NDArray

from cohort.schema.scans.measurements import Edema, Hematoma, Measurements, Midline, OuterBlood
from cohort.space.grid import Grid
from cohort.space.shapes.cut import Cut
from imaging.measure.hematoma import measure_hematoma
from imaging.measure.midline import midlines
from imaging.measure.midplane import Midplane, between_ventricles, middle_of_array
from imaging.measure.shift import MeasuredShift, measure_shift, side_of
from imaging.measure.skull.head_frame import HeadFrame
from imaging.measure.ventricles import measure_ventricles
from imaging.measure.ventricular_blood import measure_ventricular_blood
from imaging.space.orientation import file_slice, lps_view

VENTRICLES = ("ventricle_left", "ventricle_right")


def measure(
    masks: Mapping[str, NDArray],
    grid: Grid,
    hu: NDArray | HeadFrame | None = None,
    midline: NDArray | None = None,
) -> Measurements:
    """Measure the structures of a scan.

    Parameters
    ----------
    masks
        Structure (`cohort.facts.structures`) to its mask, [I, J, K] in any orientation; what is not
        zero belongs to it. One that is missing was not looked for, which an empty one was.
    grid
        Where the masks' voxels lie.
    hu
        The scan itself on the same grid, in HU. Its skull tells where the midline would be without
        a shift, and where none is marked, the brain's middle; else the ventricles do, and if they
        can't, the array's middle is taken: `side_by` says which. Where several masks of one scan
        are measured, its `HeadFrame`.
    midline
        Probabilities of the midline on that grid, uint8 in 255ths or 0 to 1: what its shift is
        measured on, instead of its mask.

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
    frame = hu if hu is None or isinstance(hu, HeadFrame) else HeadFrame.of(hu, grid)
    hematoma = Hematoma(None)
    if "hematoma" in seen:
        left, right = cuts.get("ventricle_left"), cuts.get("ventricle_right")
        middle = (
            (Midplane.of_lines(lines, upright) if lines else None)
            or (None if frame is None else frame.plane)
            or (between_ventricles(left, right, spacing) if left and right else None)
            or middle_of_array(seen["hematoma"].shape, spacing)
        )
        # Which ventricle is the nearer one, and their common centre, take both.
        both = seen.keys() >= set(VENTRICLES)
        ventricles = [cut for cut in (left, right) if cut is not None and both]
        hematoma = measure_hematoma(cuts["hematoma"], upright, middle, ventricles)
        if hematoma.abc2:
            of_file = file_slice(hematoma.abc2.slice, affine, shape)
            hematoma = replace(hematoma, abc2=replace(hematoma.abc2, slice=of_file))
    measured = Midline()
    if "midline" in seen:
        marked = seen["midline"] if midline is None else lps_view(midline, affine)
        walls = cuts.get(VENTRICLES[0]), cuts.get(VENTRICLES[1])
        shift = measure_shift(marked, upright, walls, frame, probable=midline is not None)
        measured = _midline(shift, affine, shape)
    return Measurements(
        hematoma,
        measured,
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


def _midline(shift: MeasuredShift, affine: NDArray, shape: tuple[int, ...]) -> Midline:
    def of_file(of: int | None) -> int | None:
        return None if of is None else file_slice(of, affine, shape)

    return Midline(
        shift_mm=None if shift.septum_mm is None else abs(shift.septum_mm),
        toward=shift.side,
        slice=of_file(shift.slice),
        largest_mm=None if shift.largest_mm is None else abs(shift.largest_mm),
        largest_toward=side_of(shift.largest_mm),
        largest_slice=of_file(shift.largest_slice),
        error_mm=shift.error_mm,
        support=shift.support,
        septum_by=shift.septum_by,
        unknown=shift.unknown,
    )
