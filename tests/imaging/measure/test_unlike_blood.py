"""What is marked as a hematoma and looks unlike fresh blood is noted; what looks like it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from cohort.space.grid import Grid
from cohort.space.nifti.volume import read_volume, save_volume
from imaging.measure.unlike_blood import unlike_blood
from imaging.predict import predict
from imaging.space.orientation import lps_view

SHAPE, SPACING = (80, 80, 12), (1.0, 1.0, 5.0)
X, Y, Z = np.ogrid[: SHAPE[0], : SHAPE[1], : SHAPE[2]]


def away(x: float = 40, y: float = 40, z: float = 6) -> NDArray:
    """Return the distance from a place, mm."""
    return np.sqrt((X - x) ** 2 + (Y - y) ** 2 + (5.0 * (Z - z)) ** 2)


def said(inside: NDArray | float, marked: NDArray, axcodes: str = "LPS") -> str | None:
    """Return what is said of a mask over HU with noise, 30 HU around it."""
    noise = np.random.default_rng(0).normal(0, 6, SHAPE)
    hu = np.where(marked, inside, 30.0) + noise
    grid = Grid.with_spacing(SHAPE, SPACING, axcodes)
    # `lps_view` of what is stored is what is meant, whichever way it is stored.
    return unlike_blood(lps_view(marked, grid.affine), lps_view(hu, grid.affine), grid)


BALL = away() < 16
LAYERS = 60 + 8 * np.sin(away() * np.pi / 3)
RIM = np.where(away() > 13, 48.0, 66.0)
LEVEL = np.where(Y < 38, 44.0, 66.0) + 0 * X + 0 * Z


@pytest.mark.parametrize("hu", [50.0, 65.0, 82.0, LAYERS, RIM, LEVEL])
def test_fresh_blood_is_not_noted(hu: NDArray | float) -> None:
    assert said(hu, BALL) is None


def test_a_mass_hardly_denser_than_brain_is_noted_with_its_slices() -> None:
    assert said(40.0, BALL) == (
        "the hematoma's density is unlike fresh blood in slices 3 to 9: 40 HU in the median; "
        "tumour, older blood or calcification?"
    )
    upper = away(z=8) < 12
    assert "in slices 6 to 10:" in str(said(40.0, upper))
    assert "in slices 1 to 5:" in str(said(40.0, upper, "RAI"))


@pytest.mark.parametrize("marked", [BALL, BALL & (away() > 9)], ids=["as a whole", "as a ring"])
def test_a_ring_around_a_dark_core_is_noted(marked: NDArray[np.bool_]) -> None:
    ring = np.where(away() > 9, 56.0, 20.0)
    hu = np.where(BALL, ring, 30.0) + np.random.default_rng(0).normal(0, 6, SHAPE)
    found = unlike_blood(marked, hu, Grid.with_spacing(SHAPE, SPACING, "LPS"))
    assert "darker within (35 HU) than in a ring around it (56)" in str(found)


def test_calcification_is_noted_and_bone_beside_the_mask_is_not() -> None:
    chalk = np.where((np.abs(X - 40) < 5) & (np.abs(Y - 40) < 5), 180.0, 60.0) + 0 * Z
    assert "of it above 100 HU" in str(said(chalk, BALL))
    # Brain and bone share the voxels at its border.
    noise = np.random.default_rng(0).normal(0, 6, SHAPE)
    beside = np.where(BALL, 65.0, 30.0) + noise
    beside[54:58] = 900
    beside[53] = 400
    beside[52] = 150
    marked = BALL & (X < 53)
    assert unlike_blood(marked, beside, Grid.with_spacing(SHAPE, SPACING, "LPS")) is None


def test_each_piece_is_judged_by_itself() -> None:
    bleed, mass = away(20, 20) < 12, away(60, 60, 3) < 12
    hu = np.where(bleed, 65.0, 38.0)
    assert "in slices 1 to 5: 38 HU" in str(said(hu, bleed | mass))


def test_nothing_marked_or_too_little_says_nothing() -> None:
    assert said(38.0, np.zeros(SHAPE, bool)) is None
    assert said(38.0, away() < 5) is None


def test_predict_tells_of_it_and_changes_no_number(
    tmp_path: Path, oracle: Path, phantom: Any
) -> None:
    file = tmp_path / "scans/p1.nii.gz"
    phantom(file)
    (plain,) = predict(oracle, [file], tmp_path / "plain").scans
    assert "unlike blood" not in [note["kind"] for note in plain["notes"]]
    hu, header = read_volume(file)
    bleed, _ = read_volume(tmp_path / "plain/p1_hematoma.nii.gz")
    deep = binary_erosion(bleed > 0)
    file.unlink()
    save_volume(file, np.where(deep, 105, hu), header.affine)  # to the oracle still a hematoma
    (scan,) = predict(oracle, [file], tmp_path / "out").scans
    assert "above 100 HU" in dict((n["kind"], n["what"]) for n in scan["notes"])["unlike blood"]
    assert scan["volumes_ml"] == plain["volumes_ml"]
