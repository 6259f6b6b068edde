"""Check one case's CT and masks: grid, Hounsfield units, mask values, left and right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cohort.errors import DataError
from cohort.findings import Findings
from cohort.manifest import Case, Cohort
from cohort.nifti import Header, binary_mask, grid_difference, read_volume, times
from cohort.sides import Centres, head_centre, side_offsets
from cohort.structures import BY_ID

SWAPPED = (
    "the left ventricle's mask lies on the patient's right of {reference} and the right one's on "
    "the left, by the affine: the labels are swapped, or image and masks are mirrored."
)


def check_scan(cohort: Cohort, case: Case) -> Findings:
    """Read the CT and the masks of `case` and say what is wrong with them.

    Facts are `image` (shape, spacing_mm, axcodes, dtype, hu_min, hu_max), `masks` (voxels and
    volume_ml of each) and `sides` (whether each ventricle lies on the patient's side it should).
    """
    found = Findings()
    path = cohort.path(case.image or "")
    centres = Centres()
    header = None
    try:
        voxels, header = read_volume(path)
    except (DataError, OSError) as error:
        found.failed(path, error)
    else:
        found.facts["image"] = _describe(voxels, header)
        check_header(path, header, found)
        check_hu(path, voxels, found)
        centres.head = head_centre(voxels, header.affine)
        del voxels  # one volume at a time in memory
    for structure, relative in case.masks.items():
        mask = _check_mask(cohort.path(relative), header, found, structure)
        if mask is not None and header is not None:
            centres.add(structure, mask, header.affine)
    _check_sides(path, centres, found)
    return found


def _describe(voxels: np.ndarray, header: Header) -> dict[str, Any]:
    finite = voxels if voxels.dtype.kind in "iu" else voxels[np.isfinite(voxels)]
    return {
        "shape": list(header.shape),
        "spacing_mm": [round(mm, 4) for mm in header.spacing],
        "axcodes": header.axcodes,
        "dtype": header.dtype,
        "hu_min": float(finite.min()) if finite.size else None,
        "hu_max": float(finite.max()) if finite.size else None,
    }


def check_header(path: Path, header: Header, found: Findings) -> None:
    """Add to `found` what is unusual about orientation and spacing."""
    if not header.oriented:
        found.note(
            path,
            f"states no orientation (neither sform nor qform); read as {header.axcodes}, "
            "so left and right are a guess.",
        )
    through = header.spacing[header.axial_axis]
    in_plane = [mm for axis, mm in enumerate(header.spacing) if axis != header.axial_axis]
    if not all(0.1 <= mm <= 3 for mm in in_plane) or not 0.2 <= through <= 20:
        found.note(path, f"has an unusual spacing, {times(header.spacing)} mm.")
    elif header.spacing == (1.0, 1.0, 1.0):
        found.note(path, "has a spacing of exactly 1×1×1 mm: is it true, or was it lost?")


def check_hu(path: Path, voxels: np.ndarray, found: Findings) -> None:
    """Add to `found` why the voxels may not be Hounsfield units, or not all of them."""
    if voxels.dtype.kind == "f":
        bad = int(voxels.size - np.isfinite(voxels).sum())
        if bad:
            found.problem(path, f"holds {bad} voxels that are NaN or infinite.")
            return
    low, high = float(voxels.min()), float(voxels.max())
    span = f"{low:g} to {high:g}"
    if low == high:
        found.problem(path, f"holds the value {low:g} only; it is no CT.")
    elif low >= -1.5 and high <= 1.5:
        found.problem(path, f"holds values from {span}: normalised, not Hounsfield units.")
    elif low >= 0 and _typical(voxels) > 500:
        found.problem(
            path,
            f"holds values from {span}, most near {_typical(voxels):.0f}: raw values, not "
            "Hounsfield units; apply the rescale intercept (usually -1024).",
        )
    elif low > -500 and high < 300:
        found.note(path, f"holds values from {span}: Hounsfield units cut to a window.")
    elif low > -500:
        found.note(path, f"holds values from {span}: no air, which is near -1000 HU.")
    elif high < 300:
        found.note(path, f"holds values from {span}: no bone, which is above 300 HU.")
    elif low < -8192 or high > 32767:
        found.note(path, f"holds values from {span}: far beyond what CT measures.")


def _typical(voxels: np.ndarray) -> float:
    some = voxels.reshape(-1)[:: max(1, voxels.size // 200_000)]
    above = some[some > 0]
    return float(np.median(above)) if above.size else 0.0


def _check_mask(
    path: Path, header: Header | None, found: Findings, structure: str
) -> np.ndarray | None:
    try:
        values, own = read_volume(path)
        mask, written = binary_mask(values)
    except (DataError, OSError) as error:
        found.failed(path, error)
        return None
    except ValueError as error:
        found.problem(path, f"{error}; a mask has 0 and 1, one file a structure.")
        return None
    if written:
        found.note(path, f"is written with {written}, read as 0 and 1.")
    if header is not None and (difference := grid_difference(own, header)):
        found.problem(path, f"{difference}; a mask must lie on its image's grid.")
        return None
    voxels = int(np.count_nonzero(mask))
    ml = voxels * abs(float(np.linalg.det(own.affine[:3, :3]))) / 1000
    found.facts.setdefault("masks", {})[structure] = {"voxels": voxels, "volume_ml": round(ml, 3)}
    if not voxels:
        found.note(path, "is empty: annotated, and nothing there.")
        return None
    return mask


def _check_sides(path: Path, centres: Centres, found: Findings) -> None:
    offsets, reference = side_offsets(centres)
    if not offsets:
        return
    found.facts["sides"] = {structure: mm >= 0 for structure, mm in offsets.items()}
    wrong = {structure: -mm for structure, mm in offsets.items() if mm < 0}
    if len(wrong) == 2:
        found.problem(path, SWAPPED.format(reference=reference))
        return
    for structure, mm in wrong.items():
        other = "left" if BY_ID[structure].side == "right" else "right"
        found.note(
            path,
            f"the mask of {structure} lies {mm:.0f} mm on the patient's {other} of {reference}: "
            "mass effect, or the wrong label?",
        )
