"""Slices may state rescales of their own, as long as their HU fit each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from write_series import slice_of, write_slice

from cohort.base.errors import DataError
from cohort.space.file_types import read_volume

COUNT = 33


def head() -> NDArray[np.int16]:
    """Return an egg of bone and brain in air, [I, J, K], that ends within the stack."""
    i, j, k = np.indices((48, 48, COUNT))
    radius = np.hypot(np.hypot(i - 23.5, j - 23.5) / 20, (k - 14) / 17)
    hu = np.select([radius < 0.85, radius < 1], [35, 900], -1000)
    return (hu + np.random.default_rng(0).integers(-9, 9, hu.shape)).astype(np.int16)


def write(
    folder: Path, true: Sequence[tuple[float, float]], stated: Sequence[tuple[float, float]]
) -> NDArray[np.int16]:
    """Write the head, stored by the one slope and intercept of each slice, and stating others."""
    hu = head()
    for k in range(COUNT):
        (slope, intercept), (said_slope, said_intercept) = true[k], stated[k]
        dataset = slice_of(
            hu[:, :, k], (0, 0, 5 * k), slope=slope, intercept=intercept, signed=True
        )
        dataset.RescaleSlope, dataset.RescaleIntercept = said_slope, said_intercept
        dataset.InstanceNumber = k + 1
        write_slice(folder / f"{k}.dcm", dataset)
    return hu


# Slices of air alone read nearly the same with a slope that is twice as steep.
WRONG = [
    *(((1, by), where) for by in (0, -24, -2048) for where in [(0, 1, 2), (4, 14, 30), (32,)]),
    *(((by, -1024), where) for by in (2, 4) for where in [(15, 16, 17), (14,)]),
]


@pytest.mark.parametrize(("wrong", "where"), WRONG)
def test_slices_with_the_rescale_of_others_are_refused(
    tmp_path: Path, wrong: tuple[float, float], where: tuple[int, ...]
) -> None:
    right = [(1.0, -1024.0)] * COUNT
    write(tmp_path, right, [wrong if k in where else right[k] for k in range(COUNT)])
    with pytest.raises(DataError, match="state different rescales, and their HU don't fit") as said:
        read_volume(tmp_path)
    first = next(k for k in range(COUNT - 1) if (k in where) != (k + 1 in where))
    assert f"slices {first + 1} and {first + 2} from below" in str(said.value)


def test_rescales_that_fit_their_slices_are_read(tmp_path: Path) -> None:
    """As PET and some machines' CT state one for each slice."""
    made = np.random.default_rng(1)
    own = [(float(made.uniform(0.2, 3)), float(made.integers(-2000, 0))) for _ in range(COUNT)]
    own[20:] = [(1.0, 0.0)] * 13
    hu = write(tmp_path, own, own)
    voxels, header = read_volume(tmp_path)
    assert np.abs(voxels - hu).max() < 2 and not header.notes


def test_padding_does_not_hide_it(tmp_path: Path) -> None:
    hu = np.full((9, 9, 2), 30, np.int16)
    hu[:3] = -1024
    for k, intercept in enumerate((-1024, 0)):
        dataset = slice_of(hu[:, :, k], (0, 0, 5 * k), PixelPaddingValue=0, signed=True)
        dataset.RescaleIntercept = intercept
        write_slice(tmp_path / f"{k}.dcm", dataset)
    with pytest.raises(DataError, match="differ by 1024 HU on average, and by 0 HU if both"):
        read_volume(tmp_path)
