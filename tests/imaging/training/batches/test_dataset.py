"""Exported slices as patches and volumes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from imaging.scans.slices import write_slice, write_slice_label
from imaging.training.batches.dataset import (
    CutOutHeadd,
    SliceSampler,
    training_patches,
    unpack_label,
    validation_volumes,
)
from imaging.training.loss import NOT_ANNOTATED


def entry(folder: Path, index: int, structures: tuple[str, ...] = STRUCTURE_IDS) -> dict[str, Any]:
    """Write a slice of 40 × 30 pixels with a head of 20 × 16, its grey level the slice's number."""
    image, label = np.zeros((3, 40, 30), np.uint8), np.zeros((len(STRUCTURE_IDS), 40, 30), np.uint8)
    image[:, 4:24, 9:25] = 100 + index
    label[0, 10:14, 12:15] = 1
    label[1, 13, 9:25] = 1
    paths = {"image": folder / f"{index}.png", "label": folder / f"{index}_mask.png"}
    write_slice(paths["image"], image)
    write_slice_label(paths["label"], label)
    return {**paths, "case": "p1", "slice": index, "structures": list(structures)}


WINDOWS = [(0.0, 80.0), (20.0, 120.0), (0.0, 255.0)]
LEVEL_100_HU = 100 * 80 / 255
"""What 100 grey levels in all windows are, by the narrowest of them."""


def test_patches_hold_the_head_and_its_structures(tmp_path: Path) -> None:
    patches = training_patches([entry(tmp_path, 0)], WINDOWS, (20, 16), cache_slices=5)
    item = patches[0]
    assert item["hu"].shape == item["label"].shape == (1, 20, 16)
    assert item["hu"].float().numpy() == pytest.approx(LEVEL_100_HU, abs=1 / 16)
    assert (item["label"][0] & 1).nonzero()[0].tolist() == [6, 3]
    assert int((item["label"][0] & 2).count_nonzero()) == 16
    assert item["annotated"].all()


def test_structures_that_are_not_annotated_are_marked_everywhere(tmp_path: Path) -> None:
    entries = [entry(tmp_path, 0, structures=("hematoma",))]
    for patch in ((20, 16), (48, 48)):  # cut, and padded
        item = training_patches(entries, WINDOWS, patch, cache_slices=5)[0]
        assert item["annotated"].tolist() == [name == "hematoma" for name in STRUCTURE_IDS]
        label = unpack_label(item["label"][None], item["annotated"][None])[0]
        assert (label[1:] == NOT_ANNOTATED).all()
        assert sorted(label[0].unique().tolist()) == [0, 1]


def test_label_is_unpacked_bit_by_bit() -> None:
    bits = torch.tensor([[[[0, 1, 6, 127]]]], dtype=torch.uint8)
    label = unpack_label(bits, torch.ones(1, len(STRUCTURE_IDS), dtype=torch.bool))
    none = [0] * len(STRUCTURE_IDS)
    expected = [none, [1, *none[1:]], [0, 1, 1, *none[3:]], [1] * len(STRUCTURE_IDS)]
    assert label[0, :, 0].T.tolist() == expected


def test_random_patches_depend_on_the_seed_alone(tmp_path: Path) -> None:
    patches = training_patches([entry(tmp_path, 0)], WINDOWS, (8, 8), cache_slices=5)

    def draw(seed: int) -> torch.Tensor:
        patches.transform.set_random_state(seed)
        return torch.stack([patches[0]["label"] for _ in range(5)])

    assert torch.equal(draw(1), draw(1))
    assert not torch.equal(draw(1), draw(2))


def test_slices_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patches = training_patches([entry(tmp_path, 0)], WINDOWS, (8, 8), cache_slices=5)
    for path in tmp_path.iterdir():
        path.unlink()
    assert patches[0]["hu"].shape == (1, 8, 8)


def test_head_is_found_beside_its_thin_rest_and_centred() -> None:
    hu, label = torch.zeros(1, 40, 40), torch.zeros(1, 40, 40, dtype=torch.uint8)
    hu[:, 2:18, 3:15] = 90
    hu[:, :, 36:38] = 200
    cut = CutOutHeadd((24, 8))({"hu": hu, "label": label})
    assert cut["hu"].shape == (1, 24, 12) and cut["label"].shape == (1, 24, 12)
    assert (cut["hu"][:, 4:20] == 90).all()
    assert not cut["hu"][:, :4].any() and not cut["hu"][:, 20:].any()


def test_slice_of_air_is_a_patch_of_air() -> None:
    cut = CutOutHeadd((16, 16))({"hu": torch.zeros(1, 12, 30), "label": torch.zeros(1, 12, 30)})
    assert cut["hu"].shape == (1, 16, 16) and not cut["hu"].any()


def test_volumes_are_stacked_in_the_order_of_slices(tmp_path: Path) -> None:
    entries = [entry(tmp_path, index, ("hematoma", "midline")) for index in (10, 2, 9)]
    (volume,) = validation_volumes(entries)
    assert volume["image"][0, 5, 10].tolist() == [102, 109, 110]
    assert volume["label"].shape == (len(STRUCTURE_IDS), 40, 30, 3)
    assert (volume["label"][2:] == NOT_ANNOTATED).all()
    assert int(volume["label"][0].sum()) == 3 * 12


def test_slices_of_different_size_are_refused(tmp_path: Path) -> None:
    entries = [entry(tmp_path, 0), entry(tmp_path, 1)]
    write_slice(tmp_path / "1.png", np.zeros((3, 9, 9), np.uint8))
    with pytest.raises(DataError, match="1_mask.png: differs in size"):
        validation_volumes(entries)
    write_slice_label(tmp_path / "1_mask.png", np.zeros((len(STRUCTURE_IDS), 9, 9), np.uint8))
    with pytest.raises(DataError, match="'p1': its slices differ in size"):
        validation_volumes(entries)


def test_damaged_and_foreign_pictures_are_refused(tmp_path: Path) -> None:
    slice_ = entry(tmp_path, 0)
    swapped = {**slice_, "image": slice_["label"], "label": slice_["image"]}
    with pytest.raises(DataError, match="is a picture in mode P, not RGB"):
        validation_volumes([swapped])
    (tmp_path / "0.png").write_bytes((tmp_path / "0.png").read_bytes()[:90])
    with pytest.raises(DataError, match=r"0\.png: is not a PNG, or damaged"):
        validation_volumes([slice_])
    (tmp_path / "0.png").unlink()
    with pytest.raises(DataError, match=r"0\.png: no such file"):
        validation_volumes([slice_])


def test_sampler_shows_all_structures_and_some_background() -> None:
    shown = [True, False, False, True, False, False]
    sampler = SliceSampler(shown, background=0.5)
    epochs = []
    for seed in range(20):
        sampler.seed(seed)
        epochs.append(list(sampler))
    assert all(len(epoch) == len(sampler) == 4 and {0, 3} < set(epoch) for epoch in epochs)
    assert {index for epoch in epochs for index in epoch} == set(range(6))
    sampler.seed(0)
    assert list(sampler) == epochs[0]
