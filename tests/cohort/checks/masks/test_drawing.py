"""Masks that are drawn too wide, or as boxes, are noted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from tests.cohort.checks.masks.conftest import SOME_AXCODES, Scan, compare, make_scan, quiet, said


def wider(mask: NDArray[np.uint8], pixels: int) -> NDArray[np.uint8]:
    return binary_dilation(mask, np.ones((3, 3, 1)), iterations=pixels).astype(np.uint8)


def boxes(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = np.zeros_like(mask)
    for k in np.flatnonzero(mask.any(axis=(0, 1))):
        i, j = np.nonzero(mask[..., k])
        found[i.min() : i.max() + 1, j.min() : j.max() + 1, k] = 1
    return found


@pytest.mark.parametrize("axcodes", SOME_AXCODES)
@pytest.mark.parametrize("pixels", [2, 3])
def test_a_hematoma_drawn_too_wide_is_noted(axcodes: str, pixels: int) -> None:
    hu, masks = make_scan(bleed=(28, -28, 0), size=9)
    assert quiet(compare(hu, masks))
    found = compare(hu, {**masks, "hematoma": wider(masks["hematoma"], pixels)}, axcodes)
    assert not found.problems
    assert "hematoma.nii.gz: follows no edge of the image" in said(found)


@pytest.mark.parametrize("axcodes", SOME_AXCODES)
@pytest.mark.parametrize("structure", ["hematoma", "ventricle_left"])
def test_boxes_are_noted(scan: Scan, axcodes: str, structure: str) -> None:
    hu, masks = scan
    found = compare(hu, {**masks, structure: boxes(masks[structure])}, axcodes)
    assert not found.problems
    assert f"{structure}.nii.gz: fills 100% of the boxes around it" in said(found)


def test_few_pixels_a_slice_are_no_box(scan: Scan) -> None:
    hu, masks = scan
    small = np.zeros_like(masks["hematoma"])
    small[60:64, 36:41, 14:17] = 1
    assert small.sum() == (small & masks["hematoma"]).sum()
    assert "boxes" not in said(compare(hu, {"hematoma": small}))
