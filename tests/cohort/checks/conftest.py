"""A drawn head, generated ones, and what the check says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import oriented
from cohort.checks.plausible import check_plausible
from cohort.faults import CheckResult
from cohort.space.affine import make_affine
from cohort.space.grid import Grid
from cohort.space.header import Header

SIZE = (96, 112, 24)
SPACING = (2.0, 2.0, 5.5)
SCAN = Path("scan.nii.gz")


def ellipsoid(centre: tuple[float, ...], radii: tuple[float, ...]) -> NDArray[np.bool_]:
    index = np.indices(SIZE).transpose(1, 2, 3, 0)
    mm = (index - (np.array(SIZE) - 1) / 2) * SPACING
    inside: NDArray[np.bool_] = (((mm - centre) / radii) ** 2).sum(axis=-1) < 1
    return inside


@pytest.fixture(scope="module")
def head() -> NDArray[np.float32]:
    """Return HU in LPS: scalp, skull, brain with a bleed; low down sinuses in front, and bone."""
    hu = np.full(SIZE, -1000.0)
    for radii, value in (((76, 96, 104), 40), ((72, 92, 100), 900), ((65, 85, 93), 33)):
        hu[ellipsoid((0, 0, -45), radii)] = value
    for side in (-1, 1):
        hu[ellipsoid((side * 34, 10, -50), (36, 10, 18))] = 700
    hu[ellipsoid((0, -55, -55), (14, 20, 22))] = -950
    hu[ellipsoid((12, 0, 5), (18, 22, 14))] = 64
    noise = np.random.default_rng(0).normal(0, 3, SIZE)
    return (hu + noise).round().astype(np.float32)


@pytest.fixture(scope="module", params=range(3))
def generated(request: pytest.FixtureRequest) -> tuple[NDArray, tuple[float, float, float]]:
    """Return HU of a generated head in LPS, and its spacing."""
    from cohort.synthetic.head import draw_head

    drawn = draw_head(np.random.SeedSequence(request.param), size=96, slices=22)
    axcodes: Any = nib.aff2axcodes(drawn.affine)
    x, y, z = np.linalg.norm(drawn.affine[:3, :3], axis=0)
    return oriented(drawn.hu, "".join(axcodes)), (float(x), float(y), float(z))


def header(
    voxels: NDArray, spacing: tuple[float, float, float] = SPACING, axcodes: str = "LPS"
) -> Header:
    i, j, k = voxels.shape
    affine = make_affine(axcodes, spacing, (i, j, k))
    return Header(Grid((i, j, k), affine), str(voxels.dtype))


def check(voxels: NDArray, spacing: tuple[float, float, float] = SPACING) -> CheckResult:
    return check_plausible(SCAN, voxels, header(voxels, spacing))


def notes(found: CheckResult) -> str:
    """Return all notes as one text, after asserting that nothing is refused."""
    assert found.problems == []
    return "\n".join(note.what for note in found.notes)


def problem(found: CheckResult) -> str:
    (said,) = found.problems
    assert said.startswith("scan.nii.gz: ")
    return said
