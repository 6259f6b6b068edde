"""The picture of a scan with its segmentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cohort.facts.structures import BY_ID
from cohort.space.grid import Grid
from imaging.prediction import montage as drawing
from imaging.prediction.montage import choose_slices, save_montage


def montage(hu: NDArray, masks: Any, spacing: Any, **more: Any) -> Image.Image:
    return drawing.montage(hu, masks, Grid.with_spacing(hu.shape, spacing), **more)


SPACING = (1.0, 1.0, 5.0)


def a_head(n_slices: int = 1) -> NDArray:
    """A grey head that fills the grid [64, 80, Z], so that tiles are not cut."""
    return np.full((64, 80, n_slices), 40.0)


def pixels_of(picture: Image.Image, structure: str) -> NDArray:
    """Rows and columns of the outline of a structure, legend left out."""
    pixels = np.asarray(picture)[:512]
    return np.argwhere((pixels == BY_ID[structure].colour).all(axis=2))


def test_patients_left_is_on_the_right_and_anterior_on_top() -> None:
    mask = np.zeros((64, 80, 1), np.uint8)
    mask[48:56, 8:16] = 1  # far left of the patient, far anterior
    rows, columns = pixels_of(montage(a_head(), {"hematoma": mask}, SPACING), "hematoma").T
    assert columns.min() > 0.7 * 410 and rows.max() < 0.25 * 512


def test_structures_keep_their_colours() -> None:
    masks = {name: np.zeros((64, 80, 1), np.uint8) for name in ("ventricle_left", "midline")}
    masks["ventricle_left"][40:50, 30:50] = 1
    masks["midline"][31:32, 5:75] = 1
    picture = montage(a_head(), masks, SPACING)
    left = pixels_of(picture, "ventricle_left")[:, 1].mean()
    assert left > pixels_of(picture, "midline")[:, 1].mean() > 150
    assert not pixels_of(picture, "hematoma").size


def test_line_of_one_voxel_is_seen_in_a_large_scan() -> None:
    hu, mask = np.full((512, 512, 6), 40.0), np.zeros((512, 512, 6), np.uint8)
    mask[256, 100:400] = 1
    rows = pixels_of(montage(hu, {"midline": mask}, (0.45, 0.45, 5)), "midline")[:, 0]
    assert np.unique(rows[rows < 256]).size > 140


def test_tiles_have_the_scans_proportions_in_mm() -> None:
    picture = montage(np.full((64, 64, 1), 40.0), {}, (1.0, 0.5, 5.0))
    grey = np.asarray(picture)[..., 0] == 127
    assert (grey.sum(axis=1) > 400).sum() == pytest.approx(256, abs=30)
    assert (grey.sum(axis=0) > 200).sum() == pytest.approx(512, abs=30)


def test_legend_tells_the_volume_of_a_leaning_grid() -> None:
    mask = np.zeros((64, 80, 1), np.uint8)
    mask[20:40, 20:40] = 1  # 400 voxels: 2 mL, and 1.6 mL with slices 4 mm apart
    upright = montage(a_head(), {"hematoma": mask}, (1.0, 1.0, 4.0))
    affine = np.diag([-1.0, -1.0, 4.0, 1.0])
    affine[1, 2] = 3.0  # the slices' places are 5 mm apart, their planes 4 mm
    leaning = drawing.montage(a_head(), {"hematoma": mask}, Grid(a_head().shape, affine))
    np.testing.assert_array_equal(np.asarray(leaning), np.asarray(upright))
    assert np.any(np.asarray(montage(a_head(), {"hematoma": mask}, SPACING)) != upright)


def test_picture_shows_the_head_not_the_air_around_it() -> None:
    hu = np.full((200, 200, 1), -1000.0)
    hu[80:120, 80:120] = 40
    grey = np.asarray(montage(hu, {}, SPACING))[:512, :512, 0]
    assert (grey > 100).mean() > 0.4


def test_chosen_slices_are_those_with_structures() -> None:
    mask = np.zeros((4, 4, 30))
    mask[1, 1, 7:12] = 1
    assert choose_slices({"midline": mask}, 30, 20) == [7, 8, 9, 10, 11]


def test_many_slices_are_thinned_but_keep_the_largest_hematoma() -> None:
    line, hematoma = np.ones((8, 8, 300)), np.zeros((8, 8, 300))
    hematoma[:, :, 103] = 1
    hematoma[:4, :, 98:110] = 1
    chosen = choose_slices({"midline": line, "hematoma": hematoma}, 300, 20)
    assert len(chosen) == 20
    assert chosen == sorted(set(chosen))
    assert 103 in chosen
    assert chosen[0] == 0 and chosen[-1] == 299


@pytest.mark.parametrize(("n_slices", "shown"), [(1, 1), (6, 6), (100, 20)])
def test_without_structures_slices_of_the_whole_scan_are_shown(n_slices: int, shown: int) -> None:
    chosen = choose_slices({"hematoma": np.zeros((4, 4, n_slices))}, n_slices, 20)
    assert len(chosen) == shown
    assert (chosen[0], chosen[-1]) == (0, n_slices - 1)


def test_scan_of_air_and_a_chinese_caption_are_drawn(tmp_path: Path) -> None:
    picture = montage(np.full((16, 12, 3), -1000.0), {}, SPACING, caption="病例 p1")
    save_montage(picture, tmp_path / "p1.png")
    with Image.open(tmp_path / "p1.png") as saved:
        assert (saved.mode, saved.size) == ("RGB", picture.size)
