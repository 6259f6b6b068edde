"""A midline that does not run in the head's middle is noted."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cohort.checks.masks.conftest import (
    SIZE,
    SOME_AXCODES,
    Scan,
    compare,
    ellipsoid,
    quiet,
    said,
)


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL"])
def test_midline_off_the_middle_or_not_thin_is_noted(scan: Scan, axcodes: str) -> None:
    hu, masks = scan
    off = np.roll(masks["midline"], 10, axis=0)
    assert "22 mm to the patient's left of the middle of the head" in said(
        compare(hu, {"midline": off}, axcodes)
    )
    ball = ellipsoid((4, 0, 5), (30, 30, 30)).astype(np.uint8)
    assert "is not a thin plane" in said(compare(hu, {"midline": ball}, axcodes))


@pytest.mark.parametrize("axcodes", SOME_AXCODES)
@pytest.mark.parametrize("pixels", [-7, 7])  # 15 mm
def test_a_midline_beside_the_heads_middle_is_noted(scan: Scan, axcodes: str, pixels: int) -> None:
    hu, masks = scan
    moved = np.roll(masks["midline"], pixels, axis=0)
    where = "left" if pixels > 0 else "right"
    found = compare(hu, {"midline": moved}, axcodes)
    assert f"15 mm to the patient's {where} of the middle of the head in front" in said(found)


def test_a_midline_that_is_bent_by_a_bleed_passes(scan: Scan) -> None:
    hu, masks = scan[0].copy(), dict(scan[1])
    bent = np.zeros_like(masks["midline"])
    for y in range(SIZE[1]):
        by = round(6 * np.exp(-(((y - 48) / 20) ** 2)))  # 13 mm in the middle
        bent[:, y] = np.roll(masks["midline"][:, y], by, axis=0)
    hu[masks["midline"] > 0] = 33
    hu[bent > 0] = 42
    found = compare(hu, {"midline": bent})
    assert quiet(found), said(found)


def test_a_midline_on_nothing_but_brain_is_noted(scan: Scan) -> None:
    hu, masks = scan
    moved = np.roll(masks["midline"], 3, axis=0)  # 7 mm
    hu = np.where(masks["ventricle_left"] | masks["hematoma"], 33, hu)
    assert "midline.nii.gz: shows neither falx nor CSF" in said(compare(hu, {"midline": moved}))


def test_a_midline_whose_fissure_is_too_narrow_to_be_seen_passes(scan: Scan) -> None:
    hu, masks = scan
    hidden = hu.copy()
    midline = np.argwhere(masks["midline"] > 0)
    hidden[tuple(midline.T)] = 33
    hidden[tuple(midline[::40].T)] = 42  # falx, here and there
    found = compare(hidden, {"midline": masks["midline"]})
    assert quiet(found), said(found)
