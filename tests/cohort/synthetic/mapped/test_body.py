"""Heads made from a label map: masks, sides, and what the map's anatomy becomes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cohort.synthesize import synthesize
from cohort.synthetic import head as module
from cohort.synthetic.head import Head, draw_head
from cohort.synthetic.mapped import body
from cohort.synthetic.mapped.choose import ChosenMap
from cohort.synthetic.mapped.head_map import HeadMap
from cohort.synthetic.mapped.warp import Warp, draw_warp
from tests.cohort.synthetic.mapped.toy_head import save_map, toy_labels
from tests.cohort.synthetic.plans import usual_plan
from tests.cohort.test_synthesize import hashes

SMALL = {"size": 96, "slices": 20}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("anatomy")
    save_map(made / "toy.nii.gz", toy_labels())
    return made


def made(
    monkeypatch: pytest.MonkeyPatch, folder: Path, mirrored: bool, side: str, seed: int = 3
) -> Head:
    def warp(rng: np.random.Generator, head: HeadMap) -> Warp:
        return replace(draw_warp(rng, head), mirrored=mirrored)

    monkeypatch.setattr(body, "draw_warp", warp)
    monkeypatch.setattr(body, "SIDE_MM", 0.0)
    monkeypatch.setattr(body, "WIDENING_MM", 0.0)
    monkeypatch.setattr(
        module, "draw_plan", lambda *_: usual_plan(side=side, volume_ml=2.0, shift_mm=0.0)
    )
    chosen = ChosenMap(folder / "toy.nii.gz", 0.5)
    return draw_head(np.random.SeedSequence(seed), **SMALL, chosen=chosen)


def leftwards(head: Head, structure: str) -> float:
    """Return the mean position of a structure in mm toward the patient's left, by the affine."""
    voxels = np.argwhere(head.masks[structure])
    return float(-nib.affines.apply_affine(head.affine, voxels)[:, 0].mean())


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("side", ["left", "right"])
def test_left_and_right_come_from_the_labels(
    mirrored: bool, side: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = made(monkeypatch, folder, mirrored, side)
    middle = leftwards(head, "midline")
    assert leftwards(head, "ventricle_left") > middle + 3
    assert leftwards(head, "ventricle_right") < middle - 3
    assert (leftwards(head, "hematoma") - middle > 8) == (side == "left")
    left, right = (int(head.masks[f"ventricle_{s}"].sum()) for s in ("left", "right"))
    # The map's left ventricle is the larger; in its mirror image the right one is.
    assert (left > 1.2 * right) != mirrored and (right > 1.2 * left) == mirrored


def test_tissues_have_their_hu_and_bleeds_arise_in_their_structure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = made(monkeypatch, folder, False, "left")
    ventricles = (head.masks["ventricle_left"] | head.masks["ventricle_right"]) > 0
    hematoma = head.masks["hematoma"] > 0
    assert np.median(head.hu[hematoma]) > 48
    assert np.median(head.hu[ventricles & ~hematoma]) < 30
    assert (head.hu >= 255).sum() > 1000  # bone, however it is coded
    assert head.story.site == "basal_ganglia" and head.story.volume_ml == pytest.approx(2, rel=0.2)


def test_a_cohort_names_its_maps_and_not_their_folder(folder: Path, tmp_path: Path) -> None:
    """The same maps under other names, in another order of processes: the same files.

    Of images the last bit of a sum may differ from process to process, and so a few voxels by 1 HU.
    """
    first = tmp_path / "first"
    synthesize(first, 2, seed=5, anatomy=folder, processes=1, **SMALL)
    manifest = (first / "cohort.json").read_text(encoding="utf-8")
    assert '"maps": 1' in manifest and '"sha256"' in manifest and str(folder) not in manifest
    other = tmp_path / "renamed"
    other.mkdir()
    shutil.copy(folder / "toy.nii.gz", other / "training_seg_01.nii.gz")
    second = tmp_path / "b" / "first"
    synthesize(second, 2, seed=5, anatomy=other, processes=2, **SMALL)
    one, two = hashes(first), hashes(second)
    assert one.keys() == two.keys()
    for name in (name for name in one if one[name] != two[name]):
        assert name.startswith("images/"), name
        pair = [np.asarray(nib.load(where / name).dataobj).astype(int) for where in (first, second)]
        apart = np.abs(pair[0] - pair[1])
        assert apart.max() <= 1 and np.count_nonzero(apart) < 1e-4 * apart.size, name
