"""Metal, and air beside the brain, are noted; sinuses, specks and plain heads are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.faults import CheckResult
from cohort.space.grid import Grid
from cohort.space.nifti.volume import read_volume, save_volume
from imaging.predict import predict
from imaging.scans.foreign import check_foreign, measured_beside_metal
from imaging.space.orientation import lps_view

SHAPE, SPACING = (120, 140, 10), (1.5, 1.5, 5.0)
X, Y, Z = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]


def ball(x: float, y: float, z: float, mm: float) -> NDArray[np.bool_]:
    offsets = ((X - x) * SPACING[0], (Y - y) * SPACING[1], (Z - z) * SPACING[2])
    return sum(np.square(offset) for offset in offsets) < mm**2


def head() -> NDArray[np.float64]:
    """Return a scalp, a skull and a brain in LPS, with a frontal sinus in the bone."""
    radius = np.hypot((X - 60) / 50, (Y - 70) / 60) + 0.0 * Z
    hu = np.select([radius < 0.85, radius < 0.95, radius < 1], [32.0, 900.0, 40.0], -1000.0)
    hu[ball(60, 16, 4, 10)] = 900
    hu[ball(60, 16, 4, 7)] = -950
    return hu


def notes(hu: NDArray, axcodes: str = "LPS") -> list[tuple[str, str]]:
    grid = Grid.with_spacing(SHAPE, SPACING, axcodes)
    # `lps_view` of what is written is what is meant, whichever way it is written.
    hu = lps_view(hu, grid.affine)
    found = CheckResult()
    check_foreign(Path("p.nii.gz"), hu, grid, found)
    return [(note.kind, note.what) for note in found.notes]


def test_a_plain_head_with_a_sinus_has_no_note() -> None:
    assert notes(head()) == []


@pytest.mark.parametrize(("axcodes", "where"), [("LPS", "slices 2 to 4"), ("RAI", "slices 5 to 7")])
def test_metal_is_noted_with_its_slices_as_the_file_counts_them(axcodes: str, where: str) -> None:
    hu = head()
    hu[70:73, 60:63, 2:5] = 3071
    ((kind, what),) = notes(hu, axcodes)
    assert kind == "metal" and f"metal in {where}: its streaks" in what


@pytest.mark.parametrize(("axcodes", "at"), [("LPS", 3), ("RAI", 6)])
def test_what_was_measured_beside_metal_is_told(axcodes: str, at: int) -> None:
    grid = Grid.with_spacing(SHAPE, SPACING, axcodes)
    hu, bleed = head(), np.zeros(SHAPE, bool)
    bleed[60:70, 60:70, 3:7] = True

    def said(there: NDArray[np.bool_] | None, shift_slice: int | None) -> str | None:
        mask = None if there is None else lps_view(there, grid.affine)
        return measured_beside_metal(mask, shift_slice, lps_view(hu, grid.affine), grid)

    assert said(bleed, at) is None
    hu[70:73, 60:63, 2:4] = 3071
    assert said(bleed, at) == (
        "25% of the hematoma lies and the midline shift was measured in slices with metal: "
        "not to be relied on."
    )
    assert said(bleed, 0) == "25% of the hematoma lies in slices with metal: not to be relied on."
    assert said(None, None) is None and said(np.zeros(SHAPE, bool), 0) is None


def test_a_bright_speck_is_no_metal() -> None:
    hu = head()
    hu[70, 60, 3] = 3071  # 0.011 mL
    assert notes(hu) == []


@pytest.mark.parametrize(
    "air",
    [
        pytest.param(ball(80, 70, 6, 8), id="in a cavity that was emptied"),
        # The skull's inner edge is at 0.85 · 60 pixels from the middle.
        pytest.param(ball(60, 30, 6, 12) & (Y > 21), id="on the frontal lobe"),
    ],
)
def test_air_beside_the_brain_is_noted(air: NDArray[np.bool_]) -> None:
    hu = head()
    hu[air] = -980
    ((kind, what),) = notes(hu)
    assert kind == "air in skull" and "as after surgery" in what
    assert "slices 5 to 7" in what or "slices 4 to 8" in what


def test_air_where_the_bone_flap_is_missing_is_noted() -> None:
    hu = head()
    flap = (hu > 300) & (X > 80) & (Y < 75) & (Z > 3)
    hu[flap] = 40
    assert notes(hu) == []
    hu[ball(80, 50, 6, 8)] = -980
    assert [kind for kind, _ in notes(hu)] == ["air in skull"]


def test_air_under_the_scalp_is_not_in_the_skull() -> None:
    hu = head()
    wide = np.where(hu > -500, hu, 40.0)  # soft tissue all around
    wide[:2] = wide[-2:] = wide[:, :2] = wide[:, -2:] = -1000
    wide[ball(6, 70, 6, 5)] = -980
    assert notes(wide) == []


def test_predict_tells_of_it(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    file = tmp_path / "scans/p1.nii.gz"
    phantom(file)
    voxels, header = read_volume(file)
    hu = voxels.copy()
    file.unlink()
    middle = tuple(n // 2 for n in hu.shape)
    hu[tuple(slice(n, n + 3) for n in middle)] = 3071
    save_volume(file, hu, header.affine)
    (scan,) = predict(oracle, [file], tmp_path / "out").scans
    assert "metal" in [note["kind"] for note in scan["notes"]]
