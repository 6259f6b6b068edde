"""Values that look like Hounsfield units, and are off their scale or scaled: brain tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import oriented
from cohort.checks.plausible import check_plausible
from cohort.facts.structures import LANDMARKS
from cohort.faults import CheckResult
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.header import Header

Head = tuple[NDArray[np.float32], tuple[float, float, float]]


def drawn(number: int) -> Head:
    """Return HU of a generated head in LPS, and its spacing."""
    from cohort.synthetic.head import draw_head

    head = draw_head(np.random.SeedSequence(number), size=128, slices=22)
    axcodes: Any = nib.aff2axcodes(head.affine)
    x, y, z = np.linalg.norm(head.affine[:3, :3], axis=0)
    hu = oriented(head.hu, "".join(axcodes)).astype(np.float32)
    return hu, (float(x), float(y), float(z))


@pytest.fixture(scope="module", params=range(3))
def generated(request: pytest.FixtureRequest) -> Head:
    return drawn(request.param)


def check(voxels: NDArray, spacing: tuple[float, float, float]) -> CheckResult:
    i, j, k = voxels.shape
    affine = make_affine("LPS", spacing, (i, j, k))
    at = Header(Grid((i, j, k), affine), str(voxels.dtype))
    return check_plausible(Path("scan.nii.gz"), voxels, at)


def said(found: CheckResult) -> list[str]:
    return found.problems + [note.what for note in found.notes]


def window(low: float, high: float, levels: int = 255, least: int = 0, whole: bool = True) -> Any:
    """Return a change to the levels of a window, from `least` on."""

    def change(hu: NDArray) -> NDArray:
        level = (hu.clip(low, high) - low) / (high - low) * levels + least
        return level.round() if whole else level

    return change


def soft(change: Any) -> Any:
    """Return a change of all but air."""
    return lambda hu: np.where(hu > -500, change(hu), hu)


def again(low: float, high: float) -> Any:
    """Return a change to 256 levels of a window, in HU again."""
    levels = window(low, high)
    return lambda hu: (levels(hu) / 255 * (high - low) + low).round()


IMPOSSIBLE = {
    **{f"{by:+}": (lambda hu, by=by: hu + by) for by in (-60, -40, -30, 30, 40, 60)},
    "slope 1.5": lambda hu: (hu + 1024) * 1.5 - 1024,
    "soft tissue by 1.5": soft(lambda hu: hu / 1.5),
    "soft tissue by 1.5, whole": soft(lambda hu: (hu / 1.5).round()),
    "soft tissue by 1.25": soft(lambda hu: (hu / 1.25).round()),
    **{
        f"{low} to {low + wide}": window(low, low + wide)
        for low in (-50, -25, 0, 20)
        for wide in (300, 350, 400)
    },
    "0 to 350, fractions": window(0, 350, whole=False),
    "0 to 600": window(0, 600),
    "0 to 200, as 0 to 100": window(0, 200, 100),
    "0 to 400, as 0 to 100": window(0, 400, 100),
    "-50 to 150, as 0 to 100": window(-50, 150, 100),
    "0 to 400, as 0 to 200": window(0, 400, 200),
    "0 to 1500, as 0 to 1000": window(0, 1500, 1000),
    "-100 to 200, as int8": window(-100, 200, 255, -128),
    "-125 to 225, as int8": window(-125, 225, 255, -128),
    "-160 to 240, as int8": window(-160, 240, 255, -128),
    "-150 to 150, as int8": window(-150, 150, 255, -128),
    "cut at 0 to 255, and +40": lambda hu: hu.clip(0, 255) + 40,
    "cut at 0 to 255, by 1.5": lambda hu: (hu.clip(0, 255) / 1.5).round(),
}


@pytest.mark.parametrize("change", IMPOSSIBLE)
def test_values_off_the_scale_are_refused(generated: Head, change: str) -> None:
    hu, spacing = generated
    found = check(IMPOSSIBLE[change](hu), spacing)
    assert len(found.problems) == 1, said(found)


DOUBTFUL = {
    "-24": lambda hu: hu - 24,
    "+24": lambda hu: hu + 24,
    "all halved": lambda hu: hu / 2,
    "soft tissue halved": soft(lambda hu: hu / 2),
    "0 to 200, as 0 to 100, fractions": window(0, 200, 100, whole=False),
    "cut at 0 to 255, and -10": lambda hu: hu.clip(0, 255) - 10,
    "cut at 0 to 255, and +8": lambda hu: hu.clip(0, 255) + 8,
    "whole range in 8 bits, in HU again": lambda hu: again(hu.min(), hu.max())(hu),
}


@pytest.mark.parametrize("change", DOUBTFUL)
def test_values_that_may_be_off_the_scale_tell_no_landmark(generated: Head, change: str) -> None:
    hu, spacing = generated
    found = check(DOUBTFUL[change](hu), spacing)
    assert found.problems or set(found.untold) == set(LANDMARKS), said(found)
    assert said(found)


def test_levels_that_lie_apart_are_named(generated: Head) -> None:
    hu, spacing = generated
    found = check(again(-1024, 3071)(hu), spacing)
    assert found.problems == [] and set(found.untold) == set(LANDMARKS)
    assert "16 apart, as when they were scaled to 8 bits" in said(found)[0]


def _smoothed(hu: NDArray, sigma: tuple[float, ...]) -> NDArray:
    from scipy.ndimage import gaussian_filter

    smooth: NDArray = gaussian_filter(hu, sigma)
    return smooth


def _around(hu: NDArray, value: int) -> NDArray:
    x, y = (np.linspace(-1, 1, n) for n in hu.shape[:2])
    return np.where((x[:, None] ** 2 + y**2 > 1)[..., None], value, hu)


TRUE = {
    **{f"cut below at {at}": (lambda hu, at=at: hu.clip(at)) for at in (-300, -600, -700, -900)},
    "bone window": lambda hu: hu.clip(-600, 1400),
    "0 to 255, smoothed": lambda hu: _smoothed(hu.clip(0, 255), (0.6, 0.6, 0)),
    "0 to 255, smoothed over slices": lambda hu: _smoothed(hu.clip(0, 255), (0.6, 0.6, 0.4)),
    "smoothed": lambda hu: _smoothed(hu, (0.6, 0.6, 0)),
    "0 to 400, of 256 levels": again(0, 400),
    "0 to 1000, of 256 levels": again(0, 1000),
    "-200 to 400, of 256 levels": again(-200, 400),
    "even values": lambda hu: (hu / 2).round() * 2,
    "padded with -32768": lambda hu: _around(hu, -32768),
    "padded with -9999": lambda hu: _around(hu, -9999),
    "calibration a little off": lambda hu: (hu * 0.96 - 3).round(),
}


@pytest.mark.parametrize("change", TRUE)
def test_true_values_are_taken_without_a_word(generated: Head, change: str) -> None:
    hu, spacing = generated
    found = check(TRUE[change](hu), spacing)
    assert said(found) == [] and found.untold == {}


@pytest.mark.parametrize("cut", [None, 255])
@pytest.mark.parametrize("slices", [1, 2, 4])
def test_slices_of_the_vertex_are_not_taken_for_mr(
    generated: Head, slices: int, cut: int | None
) -> None:
    hu, spacing = generated
    top = int(np.flatnonzero((hu > 300).any(axis=(0, 1)))[-1]) + 1
    part = hu[..., top - slices : top]
    found = check(part if cut is None else part.clip(0, cut), spacing)
    assert found.problems == []


def test_slice_above_the_brain_is_a_note() -> None:
    scalp = np.full((80, 80, 1), -1000.0)
    scalp[30:50, 30:50] = 700
    scalp[25:30, 30:50] = -100
    scalp += np.random.default_rng(0).normal(0, 3, scalp.shape)
    found = check(scalp, (2.0, 2.0, 5.0))
    assert found.problems == [] and "is it a slice above or below the brain?" in said(found)[0]


def test_wide_ventricles_are_no_offset(generated: Head) -> None:
    hu, spacing = generated
    x, y, z = np.meshgrid(*(np.linspace(-1, 1, n) for n in hu.shape), indexing="ij")
    fluid = (x / 0.2) ** 2 + (y / 0.27) ** 2 + (z / 0.8) ** 2 < 1
    noise = np.random.default_rng(0).normal(6, 4, hu.shape).round()
    assert said(check(np.where(fluid & (np.abs(hu) < 100), noise, hu), spacing)) == []


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        (lambda hu: hu.astype(np.int16).view(np.uint16), True),
        (window(0, 80, 65535), False),
        (window(-160, 240, 65535), False),
        (lambda hu: window(hu.min(), 800, 65535)(hu), False),
    ],
)
def test_lost_sign_is_told_from_a_scale_of_16_bits(
    generated: Head, change: Any, sign: bool
) -> None:
    hu, spacing = generated
    (problem,) = check(change(hu).astype(np.uint16), spacing).problems
    assert ("read the file as int16" in problem) == sign


@pytest.mark.parametrize("by", [-40, -30, 40, 60])
def test_one_real_slice_tells_an_offset(shared_data: Path, by: int) -> None:
    for path in sorted((shared_data / "bhsd-dev").glob("*.nii.gz"))[::9]:
        voxels, at = read_volume(path)
        if "_" not in path.name:
            assert check_plausible(path, voxels + by, at).problems, path
