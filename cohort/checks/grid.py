"""What a scan's header says of its slices: orientation, tilt, spacing, how many."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cohort.checks.forms import form_differences
from cohort.checks.head.geometry import Judged
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.limits import SLAB_MM
from cohort.faults import CheckResult
from cohort.space.affine import times
from cohort.space.header import Header

TILT_DEG = 25.0
"""Gantries and heads are seldom tilted more."""
MOST_TILT_DEG = 40.0
"""Beyond it the slices are about as much coronal as axial, and which is up is a coin's toss."""
SHEAR_DEG = 2.0
MOST_PIXEL_MM = 10.0
"""A head is then less than 20 pixels wide."""
USUAL_PIXEL_MM = (0.25, 3.0)
USUAL_SLICE_MM = (0.3, 15.0)
UNIT_MM = (1.0, 1.0, 1.0)
"""What is written where the spacing isn't known."""
UNUSUAL = "has an unusual spacing"
OBLONG = 1.25
"""Pixels that are so much longer than broad are doubtful where no head proves them."""
NARROW_MM = 60.0
LONG_MM = 400.0


def check_header(path: Path, header: Header, found: CheckResult) -> None:
    """Add to `found` what is unusual, or useless, about orientation and spacing."""
    if not header.oriented:
        found.note(
            path,
            "orientation",
            f"states no orientation (neither sform nor qform); read as {header.axcodes}, "
            "so left and right are a guess.",
        )
        found.cannot_tell([SIDES], "The file states no orientation.")
    other = "pixdim" if header.qform is None else "qform"
    if differences := form_differences(header):
        found.note(
            path,
            "affines",
            f"contradicts itself: its sform, which is used, and its {other} differ in "
            f"{' and '.join(differences)}; make sure which is true.",
        )
        doubts = {SIZES: "spacing", SIDES: "orientation"}
        found.cannot_tell(
            [doubt for doubt, what in doubts.items() if any(what in d for d in differences)],
            f"The file's sform and its {other} contradict each other.",
        )
    found.notes += header.notes
    _check_directions(path, header, found)
    _check_spacing(path, header, found)


def _check_directions(path: Path, header: Header, found: CheckResult) -> None:
    directions = header.affine[:3, :3] / np.array(header.spacing)
    axis = header.axial_axis
    first, second = (directions[:, other] for other in range(3) if other != axis)
    normal = np.cross(first, second)
    normal /= np.linalg.norm(normal)
    tilt = _degrees(normal[2])
    if tilt > MOST_TILT_DEG:
        found.problem(
            path,
            f"its slices are tilted by {tilt:.0f}° against the axial plane, too far to be taken "
            "as axial; reformat it to axial slices.",
        )
    elif tilt > TILT_DEG:
        found.note(path, "tilt", f"its slices are tilted by {tilt:.0f}° against the axial plane.")
    shear = _degrees(normal @ directions[:, axis])
    if shear > SHEAR_DEG:
        found.note(
            path,
            "tilt",
            f"its slices are shifted against each other, {shear:.0f}° off the perpendicular "
            "(gantry tilt that was not corrected).",
        )


def _check_spacing(path: Path, header: Header, found: CheckResult) -> None:
    axis = header.axial_axis
    through, slices = header.spacing[axis], header.shape[axis]
    in_plane = [mm for other, mm in enumerate(header.spacing) if other != axis]
    if max(in_plane) > MOST_PIXEL_MM:
        found.problem(
            path,
            f"has axial pixels of {times(tuple(in_plane))} mm, too coarse to show a bleed; "
            "give the axial series.",
        )
    elif max(in_plane) > max(2.5 * min(in_plane), 2.0) and max(in_plane) > through:
        across = "LR" if header.axcodes[header.spacing.index(max(in_plane))] in "LR" else "PA"
        plane = "sagittal" if across == "LR" else "coronal"
        found.note(
            path,
            "spacing",
            f"holds {plane} slices, {max(in_plane):.3g} mm apart; the axial ones cut through "
            "them are coarse. Give the axial series if there is one.",
        )
    elif header.spacing == UNIT_MM:
        pass  # the head tells whether it is true: `cohort.checks.plausible`
    elif not (
        USUAL_PIXEL_MM[0] <= min(in_plane)
        and max(in_plane) <= USUAL_PIXEL_MM[1]
        and USUAL_SLICE_MM[0] <= through <= USUAL_SLICE_MM[1]
    ):
        found.note(path, "spacing", f"{UNUSUAL}, {times(header.spacing)} mm.")
    distances = np.abs(np.diff(header.grid.levels_mm))
    if not header.grid.even:
        found.note(
            path,
            "uneven slices",
            f"its slices lie {distances.min():.3g} to {distances.max():.3g} mm apart; each stands "
            "for the space half way to its neighbours.",
        )
    field = [mm * header.shape[other] for other, mm in enumerate(header.spacing) if other != axis]
    if min(field) < NARROW_MM and max(field) > 2.5 * NARROW_MM:
        found.problem(
            path,
            f"has axial slices of {field[0]:.0f}×{field[1]:.0f} mm, too narrow for a head, and "
            f"reaches over {slices * through:.0f} mm: the axes were exchanged without the affine, "
            "or the spacing is wrong.",
        )
    elif slices * through > LONG_MM:
        found.note(path, "extent", f"reaches over {slices * through:.0f} mm, more than a head.")
    height = slices * through if header.grid.even else float(header.grid.thicknesses_mm.sum())
    # A slab is not unusual: volumes are of the part of the head that is in view.
    found.facts["coverage"] = {
        "slices": slices,
        "height_mm": round(height, 1),
        "part": height < SLAB_MM,
    }


def check_unproved(path: Path, header: Header, judged: Judged, found: CheckResult) -> None:
    """Add to `found` what is doubtful of a spacing that the head itself does not prove.

    Parameters
    ----------
    path, header, found
        As `check_header` has them.
    judged
        What the head does prove.
    """
    found.facts["coverage"]["spacing_checked"] = judged.between
    if found.problems or judged.between:
        return
    axis = header.axial_axis
    in_plane = [mm for other, mm in enumerate(header.spacing) if other != axis]
    if header.spacing == UNIT_MM:
        said = "has a spacing of exactly 1×1×1 mm: is it true, or was it lost?"
    elif not (judged.within or SIZES in found.untold) and max(in_plane) > OBLONG * min(in_plane):
        said = f"has axial pixels of {times(tuple(in_plane))} mm; those of CT are square."
    elif any(note.what.startswith(UNUSUAL) for note in found.notes):
        found.cannot_tell([SIZES], "The spacing is unusual, and the image does not prove it.")
        return
    else:
        return
    found.note(path, "spacing", said)
    found.cannot_tell([SIZES], "The spacing may be wrong, and the image does not prove it.")


def _degrees(cosine: float) -> float:
    return float(np.degrees(np.arccos(min(1.0, abs(cosine)))))
