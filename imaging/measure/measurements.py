"""What a clinician would measure on the masks of a scan: hematoma, midline and ventricles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from numpy.typing import NDArray

from cohort.facts.limits import NO_SHIFT_MM
from imaging.measure.diameters import Abc2
from imaging.measure.head_plane import head_plane
from imaging.measure.hematoma import Hematoma, measure_hematoma
from imaging.measure.midline import Line, largest_shift, midlines
from imaging.measure.midplane import Midplane, between_ventricles, middle_of_array
from imaging.measure.ventricles import Ventricles, measure_ventricles
from imaging.space.cut import Cut
from imaging.space.orientation import file_slice, lps_affine, lps_spacing, lps_view
from imaging.space.volume import voxel_ml

DIGITS = 3
"""Of values in files: microlitres and micrometres."""


@dataclass(frozen=True)
class Midline:
    """What the mask of the midline tells; all None where it can't be measured.

    Attributes
    ----------
    shift_mm
        Midline shift in mm (`imaging.measure.midline.midline_shift`).
    toward
        The patient's side that the midline is pushed to; None where it is straight, which it is
        below `cohort.facts.limits.NO_SHIFT_MM`.
    slice
        Index of the axial slice where it was found, as the file counts them.
    """

    shift_mm: float | None = None
    toward: Literal["left", "right"] | None = None
    slice: int | None = None


@dataclass(frozen=True)
class Measurements:
    """What the masks of a scan tell; left is the patient's left.

    What can't be measured is None; a structure that is absent has a volume of 0 and else None.
    """

    hematoma: Hematoma
    midline: Midline
    ventricles: Ventricles

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts, lists and numbers, these with three digits."""
        result = _plain(asdict(self))
        assert isinstance(result, dict)
        return result


def measure(
    masks: Mapping[str, NDArray], affine: NDArray, hu: NDArray | None = None
) -> Measurements:
    """Measure the structures of a scan.

    Parameters
    ----------
    masks
        Structure (`cohort.facts.structures`) to its mask, [I, J, K] in any orientation; what is not
        zero belongs to it. One that is missing was not looked for, which an empty one was.
    affine
        [4, 4], from the masks' indices to RAS+ mm.
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
    >>> found = measure({"hematoma": mask}, np.diag([-1.0, -1.0, 5.0, 1.0])).hematoma
    >>> found.volume_ml, found.side, found.side_by, found.components
    (2.0, 'right', 'array', 1)
    """
    if not masks:
        raise ValueError("no mask to measure")
    shape = next(iter(masks.values())).shape
    seen = {name: lps_view(mask, affine) for name, mask in masks.items()}
    spacing, upright = lps_spacing(affine), lps_affine(affine, shape)
    cuts = {name: Cut.of(mask) for name, mask in seen.items()}
    ml = voxel_ml(affine)
    volumes = {name: cut.voxels * ml if cut else 0.0 for name, cut in cuts.items()}
    lines = midlines(seen["midline"], spacing) if "midline" in seen else {}
    hematoma = Hematoma(None)
    if "hematoma" in seen:
        left, right = cuts.get("ventricle_left"), cuts.get("ventricle_right")
        middle = (
            (Midplane.of_lines(lines) if lines else None)
            or (None if hu is None else head_plane(lps_view(hu, affine), spacing))
            or (between_ventricles(left, right, spacing) if left and right else None)
            or middle_of_array(seen["hematoma"].shape, spacing)
        )
        # Which ventricle is the nearer one, and their common centre, take both.
        both = {"ventricle_left", "ventricle_right"} <= seen.keys()
        ventricles = [cut for cut in (left, right) if cut is not None and both]
        hematoma = measure_hematoma(cuts["hematoma"], upright, spacing, middle, ventricles)
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
    )


def as_row(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return measurements as a row of a table: flat, the units in the names.

    Parameters
    ----------
    value
        What `Measurements.to_json` returned. The site's reason is no column: it is a sentence.
    """
    bleed, midline, ventricles = (value[key] for key in ("hematoma", "midline", "ventricles"))
    shape = bleed["abc2"] or dict.fromkeys(field.name for field in fields(Abc2))
    centre = bleed["centroid_mm"] or [None] * 3
    return {
        "hematoma_ml": bleed["volume_ml"],
        "hematoma_abc2_ml": bleed["abc2_ml"],
        **{f"hematoma_{name}": shape[name] for name in ("a_mm", "b_mm", "c_mm", "c_slices")},
        "hematoma_slice": shape["slice"],
        **{
            f"hematoma_{name}": bleed[name]
            for name in ("side", "left_ml", "right_ml", "side_by", "components")
        },
        **{f"hematoma_{axis}_mm": mm for axis, mm in zip("xyz", centre, strict=True)},
        **{
            f"hematoma_{name}": bleed[name]
            for name in ("largest_diameter_mm", "distance_to_ventricle_mm", "site")
        },
        "midline_shift_mm": midline["shift_mm"],
        "midline_toward": midline["toward"],
        "midline_slice": midline["slice"],
        "ventricle_left_ml": ventricles["left_ml"],
        "ventricle_right_ml": ventricles["right_ml"],
        "ventricle_left_right_ratio": ventricles["left_right_ratio"],
        "ventricle_compressed": ventricles["compressed"],
    }


def _midline(lines: Mapping[int, Line], affine: NDArray, shape: tuple[int, ...]) -> Midline:
    shift = largest_shift(lines)
    if shift is None:
        return Midline()
    toward = shift.side if shift.mm >= NO_SHIFT_MM else None
    return Midline(shift.mm, toward, file_slice(shift.slice, affine, shape))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return round(value, DIGITS) if isinstance(value, float) else value
