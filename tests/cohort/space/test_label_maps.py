"""Label maps: structures by label, and what they hide of each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.facts.structures import BY_ID, STRUCTURES
from cohort.space.affine import make_affine
from cohort.space.file_types import files_of, read_header, read_volume
from cohort.space.grid import Grid
from cohort.space.label_maps import INTENT, hidden_file, is_hidden_file, label_map, label_of
from cohort.space.nifti.volume import save_volume
from cohort.space.nrrd.volume import save_volume as save_nrrd

SHAPE = (12, 10, 6)
AFFINE = make_affine("RAS", (0.5, 0.7, 5.0), SHAPE)


def masks() -> dict[str, NDArray[np.uint8]]:
    """Return masks of which the first three overlap."""
    found = {s.id: np.zeros(SHAPE, np.uint8) for s in STRUCTURES}
    found["hematoma"][2:6, 3:8, 1:4] = 1
    found["midline"][5:7, :, 2] = 1
    found["ventricle_left"][4:9, 6:9, 2:5] = 1
    found["ventricle_right"][9:11, 1, 5] = 1
    return found


def save_hidden(path: Path, bits: NDArray, affine: NDArray = AFFINE) -> None:
    image = nib.Nifti1Image(bits, affine)
    image.header.set_intent("none", name=INTENT)
    nib.save(image, path)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return a label map, with the file beside it that keeps what it hides."""
    found = label_map(masks())
    save_volume(tmp_path / "p1_labels.nii.gz", found.labels, AFFINE)
    save_hidden(tmp_path / "p1_labels.hidden.nii.gz", found.bits)
    return tmp_path / "p1_labels.nii.gz"


def read(path: Path, name: str) -> tuple[NDArray, list[str]]:
    mask, header = read_volume(path / f"label={label_of(BY_ID[name])}")
    return mask, [note.what for note in header.notes]


def edit(path: Path, where: Any, label: int) -> None:
    labels, _ = read_volume(path)
    labels = labels.copy()
    labels[where] = label
    save_volume(path, labels, AFFINE)


def test_the_midline_hides_the_bleed_and_that_hides_ventricles() -> None:
    found = label_map(masks())
    expected = np.zeros(SHAPE, np.uint8)
    for name, label in (("ventricle_right", 4), ("ventricle_left", 3), ("hematoma", 1)):
        expected[masks()[name] > 0] = label
    expected[masks()["midline"] > 0] = 2
    assert np.array_equal(found.labels, expected)
    # By hand: the bleed lies under the midline at x=5, y=3..7 of z=2.
    assert {name: int(where.sum()) for name, where in found.hidden.items()} == {
        "hematoma": 5,
        # Under the bleed x=4..5, y=6..7, z=2..3; under the midline x=5..6, y=6..8, z=2.
        "ventricle_left": 8 + 6 - 2,
    }


def test_an_unedited_label_map_comes_back_whole(saved: Path) -> None:
    for name, mask in masks().items():
        back, notes = read(saved, name)
        assert np.array_equal(back, mask), name
        expected = {
            "hematoma": ["5 voxels of hematoma that other structures hide were added"],
            "ventricle_left": ["12 voxels of ventricle_left that other structures hide were added"],
        }.get(name, [])
        assert [note.partition(" (they")[0] for note in notes] == expected
    assert files_of(saved / "label=1") == [saved, hidden_file(saved)]


def test_without_the_file_beside_it_only_what_is_shown_comes_back(saved: Path) -> None:
    hidden_file(saved).unlink()
    back, notes = read(saved, "hematoma")
    assert back.sum() == 55 and not notes
    assert files_of(saved / "label=1") == [saved]


def test_where_somebody_drew_nothing_is_added(saved: Path) -> None:
    edit(saved, np.s_[5, 3:5, 2], 0)  # two voxels of the midline erased, over the bleed
    edit(saved, np.s_[0, 0, 0], 1)  # and one added to the bleed
    expected = masks()["hematoma"]
    expected[5, 3:5, 2] = 0
    expected[0, 0, 0] = 1
    back, notes = read(saved, "hematoma")
    assert np.array_equal(back, expected)
    assert notes[0].startswith("5 voxels of hematoma that other structures hide were added where")
    assert "nobody drew: 3" in notes[0]


def test_a_structure_that_was_erased_stays_erased(saved: Path) -> None:
    labels, _ = read_volume(saved)
    save_volume(saved, np.where(labels == 3, 0, labels), AFFINE)
    back, notes = read(saved, "ventricle_left")
    assert not back.any() and not notes
    assert np.array_equal(read(saved, "hematoma")[0], masks()["hematoma"])


def test_a_structure_that_was_hidden_entirely_comes_back(tmp_path: Path) -> None:
    small = {"hematoma": masks()["hematoma"], "ventricle_left": np.zeros(SHAPE, np.uint8)}
    small["ventricle_left"][3:5, 4:6, 2] = 1
    found = label_map(small)
    save_volume(tmp_path / "a.nii", found.labels, AFFINE)
    save_hidden(tmp_path / "a.hidden.nii.gz", found.bits)
    assert np.array_equal(read(tmp_path / "a.nii", "ventricle_left")[0], small["ventricle_left"])


def test_files_of_another_origin_are_not_taken_for_hidden_voxels(saved: Path) -> None:
    save_volume(hidden_file(saved), np.full(SHAPE, 3, np.uint8), AFFINE)
    assert read(saved, "hematoma")[0].sum() == 55
    save_hidden(hidden_file(saved), np.full((3, 3, 3), 3, np.uint8))
    with pytest.raises(DataError, match="it keeps what another label map hides"):
        read(saved, "hematoma")
    assert is_hidden_file(hidden_file(saved)) and not is_hidden_file(saved)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("suffix", [".nii.gz", ".nii", ".nrrd"])
def test_labels_of_other_tools(tmp_path: Path, dtype: Any, suffix: str) -> None:
    labels = (np.arange(720).reshape(SHAPE) % 5).astype(dtype)
    path = tmp_path / f"case_1{suffix}"
    if suffix == ".nrrd":
        save_nrrd(path, labels, Grid(SHAPE, AFFINE))
    else:
        save_volume(path, labels, AFFINE)
    for part, inside in (("3", {3}), ("1+2", {1, 2}), ("4+2", {2, 4}), ("77", set())):
        mask, header = read_volume(path / f"label={part}")
        assert mask.dtype == np.uint8
        assert np.array_equal(mask, np.isin(labels, list(inside)))
        np.testing.assert_allclose(header.affine, AFFINE)
        assert read_header(path / f"label={part}").shape == SHAPE


def test_what_is_no_label_is_said(tmp_path: Path) -> None:
    soft = np.linspace(0, 1, 720, dtype=np.float32).reshape(SHAPE)
    save_volume(tmp_path / "soft.nii", soft, AFFINE)
    save_volume(tmp_path / "good.nii", np.zeros(SHAPE, np.uint8), AFFINE)
    for name, said in (
        ("soft.nii/label=1", "holds values that are not whole numbers"),
        ("good.nii/label=0", "the label 0 is what belongs to no structure"),
        ("good.nii/label=-1", "'-1' is not a label"),
        ("good.nii/label=1+", "'1+' is not a label"),
        ("good.nii/label=ICH", "'ICH' is not a label"),
        ("good.nii/label=" + "9" * 300, "is not a label"),
        ("good.nii/label=٣", "is not a label"),
        ("missing.nii/label=1", "missing.nii: no such file"),
    ):
        with pytest.raises(DataError, match=re.escape(said)):
            read_volume(tmp_path / name)
