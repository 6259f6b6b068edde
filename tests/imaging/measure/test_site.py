"""Coarse sites of bleeds beside ventricles whose place is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cohort.space.grid import Grid
from imaging.measure.measurements import Measurements, measure

# Places in mm from the centre of both lateral ventricles, LPS+.
PLACES = {
    "putamen": ((28, -16, -3), "deep"),
    "thalamus": ((-13, 2, -4), "deep"),
    "large, into the corona radiata": ((29, -20, 11), "deep"),
    "temporal": ((-45, -4, -20), "lobar"),
    "frontal": ((26, -54, 18), "lobar"),
    "parietal": ((31, 18, 27), "lobar"),
    "occipital": ((-27, 50, 3), "lobar"),
    "cerebellum": ((22, 44, -44), "infratentorial"),
    "pons": ((0, 6, -40), "infratentorial"),
    "insula": ((37, -15, -2), None),
    "midbrain": ((3, 6, -32), None),
    "below the temporal lobe": ((42, 10, -40), "lobar"),
}


def site_of(
    grid: Any, place: tuple[float, float, float], centre: tuple[float, float, float], **more: Any
) -> Measurements:
    x, y, z = centre
    masks = {
        "hematoma": grid.ellipsoid(np.add(place, centre), (6, 6, 6)),
        "midline": (np.abs(grid.world[..., 0] - x) < 1.5).astype(np.uint8),
        "ventricle_left": grid.ellipsoid((x + 14, y, z), (6, 45, 12)),
        "ventricle_right": grid.ellipsoid((x - 14, y, z), (6, 45, 12)),
        **more,
    }
    return measure(masks, Grid(grid.shape, grid.affine))


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("axcodes", ["LPS", "SAR"])
def test_site_by_the_place_beside_the_ventricles(make_grid: Any, axcodes: str, name: str) -> None:
    place, expected = PLACES[name]
    grid = make_grid(axcodes, (2.0, 2.0, 4.0), (130, 170, 140))
    found = site_of(grid, place, (4, -8, 12)).hematoma
    assert found.site == expected
    aside, _, upward = place
    assert found.site_reason is not None and found.site_reason.endswith("centre.")
    assert f"{abs(aside)} mm from the midline" in found.site_reason
    level = "above" if upward > 0 else "below"
    assert f"{abs(upward)} mm {level} the lateral ventricles" in found.site_reason


def test_where_little_is_marked_no_site_is_told(make_grid: Any) -> None:
    grid = make_grid("LPS", (2.0, 2.0, 4.0), (130, 170, 140))
    empty = np.zeros(grid.shape, np.uint8)
    stumps = {
        "ventricle_left": grid.ellipsoid((14, 20, 0), (6, 20, 8)),
        "ventricle_right": grid.ellipsoid((-14, 20, 0), (6, 20, 8)),
    }
    none = dict.fromkeys(stumps, empty)
    for ventricles, word, unknown in (
        (stumps, "Too little", "short_ventricles"),
        (none, "No lateral ventricle", "no_ventricles"),
    ):
        found = site_of(grid, (28, -16, -3), (0, 0, 0), **ventricles).hematoma
        assert found.site is None and found.site_reason is not None
        assert word in found.site_reason and found.site_unknown == unknown


def test_bleeds_below_the_tentorium_press_on_no_lateral_ventricle(make_grid: Any) -> None:
    grid = make_grid("LPS", (2.0, 2.0, 4.0), (130, 170, 140))
    thin = {"ventricle_left": grid.ellipsoid((14, 0, 0), (3, 45, 8))}
    above = site_of(grid, (28, -16, -3), (0, 0, 0), **thin)
    below = site_of(grid, (22, 44, -44), (0, 0, 0), **thin)
    assert (above.hematoma.site, above.ventricles.compressed) == ("deep", "left")
    assert (below.hematoma.site, below.ventricles.compressed) == ("infratentorial", None)
