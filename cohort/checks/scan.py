"""Check one case's CT and masks: is it a head CT, grid, mask values, left and right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from cohort.base.errors import DataError
from cohort.checks.head.sides import Centres, side_offsets
from cohort.checks.masks.check import MaskCheck
from cohort.checks.masks.look import HeadLook
from cohort.checks.plausible import check_plausible
from cohort.facts.structures import BY_ID
from cohort.faults import CheckResult
from cohort.links.same_scan import scan_key
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from cohort.space.header import Header
from cohort.space.masks import binary_mask, read_mask_volume
from cohort.space.same_grid import grid_difference

SWAPPED = (
    "the left ventricle's mask lies on the patient's right of {reference} and the right one's on "
    "the left, by the affine: {why}."
)
LABELS = "the labels are swapped, image and masks are mirrored, or the masks are another image's"
OTHERS = (
    "the masks seem to be another image's, since they do not lie on what they name; if they are "
    "this one's, the labels are swapped"
)


def check_scan(cohort: Cohort, case: Case) -> CheckResult:
    """Read the CT and the masks of `case` and say what is wrong with them.

    Facts are `image` (shape, spacing_mm, axcodes, dtype, hu_min, hu_max), `coverage` (slices,
    height_mm and whether that is part of a head only), `masks` (voxels, volume_ml and, where the
    scan is a head CT, mean_hu of each) and `sides` (whether each ventricle lies on the patient's
    side it should). Masks are compared with a scan that is a head CT only.
    """
    found = CheckResult()
    path = cohort.path(case.image or "")
    header = masks = None
    is_ct = False
    try:
        voxels, header = read_volume(path)
    except (DataError, OSError) as error:
        found.failed(path, error)
    else:
        found.facts["image"] = _describe(voxels, header)
        found.keys["scan"] = scan_key(voxels)
        scan = check_plausible(path, voxels, header)
        found.add(scan)
        is_ct = not scan.problems
        masks = MaskCheck(path, HeadLook(voxels, header))
    for structure, relative in case.masks.items():
        file = cohort.path(relative)
        mask = _check_mask(file, header, found, structure)
        if mask is not None and masks is not None:
            masks.add(structure, file, mask)
    if masks is None:
        return found
    masks.finish()
    if is_ct:
        found.add(masks.found)
        for structure, look in masks.looks.items():
            found.facts["masks"][structure]["mean_hu"] = round(look.mean, 1)
    centres = Centres(masks.head.centre)
    for structure, look in masks.looks.items():
        centres.add(structure, look.points)
    _check_sides(path, centres, _doubted(masks), found)
    return found


def _describe(voxels: np.ndarray, header: Header) -> dict[str, Any]:
    # The extremes are finite if all voxels are: no copy is needed to see it.
    finite = voxels
    if not np.isfinite([voxels.min(), voxels.max()]).all():
        finite = voxels[np.isfinite(voxels)]
    return {
        "shape": list(header.shape),
        "spacing_mm": [round(mm, 4) for mm in header.spacing],
        "axcodes": header.axcodes,
        "dtype": header.dtype,
        "hu_min": float(finite.min()) if finite.size else None,
        "hu_max": float(finite.max()) if finite.size else None,
    }


def _check_mask(
    path: Path, header: Header | None, found: CheckResult, structure: str
) -> np.ndarray | None:
    try:
        # Without an image there is no grid to put it on.
        values, own = read_mask_volume(path, header.grid) if header else read_volume(path)
        mask, written = binary_mask(values)
    except (DataError, OSError) as error:
        found.failed(path, error)
        return None
    except ValueError as error:
        found.problem(path, f"{error}; a mask has 0 and 1, one file per structure.")
        return None
    if written:
        found.note(path, "mask values", f"is written with {written}, read as 0 and 1.")
    found.notes += own.notes
    if header is not None and (difference := grid_difference(own.grid, header.grid)):
        found.problem(path, f"{difference}; a mask must lie on its image's grid.")
        return None
    voxels = int(np.count_nonzero(mask))
    ml = (own if header is None else header).grid.volume_ml(mask)
    found.facts.setdefault("masks", {})[structure] = {"voxels": voxels, "volume_ml": round(ml, 3)}
    return mask  # an empty one is a fact like others


def _doubted(masks: MaskCheck) -> bool:
    """Whether the image shows something else under a ventricle's mask than a ventricle."""
    files = [str(path) for name, path in masks.paths.items() if BY_ID[name].side]
    odd = {note.file for note in masks.found.notes}
    said = masks.found.problems
    return any(file in odd or any(p.startswith(f"{file}: ") for p in said) for file in files)


def _check_sides(path: Path, centres: Centres, doubted: bool, found: CheckResult) -> None:
    offsets, reference = side_offsets(centres)
    if not offsets:
        return
    found.facts["sides"] = {structure: mm >= 0 for structure, mm in offsets.items()}
    wrong = {structure: -mm for structure, mm in offsets.items() if mm < 0}
    if len(wrong) == 2:
        found.problem(path, SWAPPED.format(reference=reference, why=OTHERS if doubted else LABELS))
        return
    for structure, mm in wrong.items():
        other = "left" if BY_ID[structure].side == "right" else "right"
        found.note(
            path,
            "sides",
            f"the mask of {structure} lies {mm:.0f} mm on the patient's {other} of {reference}: "
            "mass effect, or the wrong label?",
        )
