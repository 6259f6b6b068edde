"""Random changes of training batches."""

from __future__ import annotations

import pytest
import torch

from cohort.facts.structures import BY_ID, STRUCTURE_IDS
from imaging.training.batches.augment import AugmentBatch, blurred, flip_left_right, warp
from imaging.training.batches.batch import PrepareBatch
from imaging.training.loss import NOT_ANNOTATED

HEMATOMA, MIDLINE, LEFT, RIGHT = (
    1 << BY_ID[name].channel
    for name in ("hematoma", "midline", "ventricle_left", "ventricle_right")
)
NOTHING = dict.fromkeys(("flip", "affine", "intensity"), 0.0)


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Return a slice of 8 × 6 pixels, x toward the patient's left: all is at its place."""
    hu, label = torch.zeros(1, 1, 8, 6), torch.zeros(1, 1, 8, 6, dtype=torch.uint8)
    hu[0, 0, 5, 2] = 40
    label[0, 0, 5, 2] = LEFT + MIDLINE
    label[0, 0, 6, 4] = HEMATOMA
    return hu, label


def flat(value: float = 30.0, slices: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    label = torch.zeros(slices, 1, 40, 32, dtype=torch.uint8)
    return torch.full(label.shape, value), label


def seeded(**changes: float) -> AugmentBatch:
    augment = AugmentBatch(**(NOTHING | changes))
    augment.seed(0)
    return augment


def annotated(label: torch.Tensor, *names: str) -> torch.Tensor:
    """Return that these structures are annotated in each slice; without names that all are."""
    drawn = torch.tensor([not names or name in names for name in STRUCTURE_IDS])
    return drawn.expand(len(label), -1)


def changed(
    augment: AugmentBatch, hu: torch.Tensor, label: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    return augment(hu, label, annotated(label))[:2]


def test_flip_swaps_ventricles() -> None:
    hu, label = flip_left_right(*batch())
    assert hu[0, 0].nonzero().tolist() == [[2, 2]]
    assert label[0, 0].nonzero().tolist() == [[1, 4], [2, 2]]
    assert label[0, 0, 2, 2] == RIGHT + MIDLINE and label[0, 0, 1, 4] == HEMATOMA


def test_flipping_twice_changes_nothing() -> None:
    hu, label = flip_left_right(*flip_left_right(*batch()))
    assert torch.equal(hu, batch()[0]) and torch.equal(label, batch()[1])


def test_warp_moves_image_and_label_together() -> None:
    # Each pixel of the result shows the source two pixels (of eight) further left.
    matrix = torch.tensor([[[1, 0, 2 / 8], [0, 1, 0]]])
    hu, label = warp(*batch(), matrix)
    assert hu[0, 0].nonzero().tolist() == [[3, 2]]
    assert label[0, 0].nonzero().tolist() == [[3, 2], [4, 4]]
    assert label[0, 0, 3, 2] == LEFT + MIDLINE


def test_warp_turns_by_right_angles_without_distortion() -> None:
    hu, label = torch.zeros(1, 1, 8, 4), torch.zeros(1, 1, 8, 4, dtype=torch.uint8)
    label[0, 0, 5, 2] = LEFT  # 1.5 and 0.5 pixels from the centre
    quarter = torch.tensor([[[0.0, 1, 0], [-1, 0, 0]]])  # shows at (x, y) the source's (y, -x)
    _, turned = warp(hu, label, quarter)
    assert turned[0, 0].nonzero().tolist() == [[3, 3]]


def test_bending_displaces_each_pixel_by_itself() -> None:
    bend = torch.zeros(1, 2, 8, 6)
    bend[0, 1, 5, 0] = 2.0  # the pixel (5, 0) shows what lay two pixels behind it
    straight = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]])
    hu, label = warp(*batch(), straight, bend)
    assert hu[0, 0, 5, 0] == pytest.approx(40) and label[0, 0, 5, 0] == LEFT + MIDLINE
    assert hu[0, 0, 5, 2] == pytest.approx(40)


def test_blurring_keeps_the_sum_and_spreads_by_one_pixel() -> None:
    hu = torch.zeros(1, 1, 11, 11)
    hu[0, 0, 5, 5] = 1
    spread = blurred(hu)[0, 0]
    away = torch.arange(11) - 5.0
    assert float(spread.sum()) == pytest.approx(1)
    assert float(spread.sum(1) @ away.square()) == pytest.approx(1)
    assert torch.allclose(spread, spread.T)


def test_the_same_seed_gives_the_same_changes() -> None:
    hu = torch.rand(6, 1, 16, 12, generator=torch.Generator().manual_seed(1)) * 80
    label = (hu > 60).to(torch.uint8)
    results = []
    for seed in (3, 3, 4):
        augment = AugmentBatch()
        augment.seed(seed)
        results.append(changed(augment, hu.clone(), label.clone()))
    assert all(torch.equal(a, b) for a, b in zip(results[0], results[1], strict=True))
    assert not torch.equal(results[0][0], results[2][0])


def test_labels_stay_bit_fields() -> None:
    hu, label = flat()
    label[:, :, 10:20, 10:20] = LEFT + MIDLINE
    _, after = changed(seeded(flip=0.5, affine=1, intensity=1), hu, label)
    assert after.dtype == torch.uint8
    assert set(after.unique().tolist()) == {0, LEFT + MIDLINE, RIGHT + MIDLINE}


def test_nothing_changes_when_nothing_is_asked_for() -> None:
    hu, label = batch()
    after = changed(seeded(), hu.clone(), label.clone())
    assert torch.equal(after[0], hu) and torch.equal(after[1], label)


@pytest.mark.parametrize(
    ("changes", "lowest", "highest"),
    [
        ({"offset": 6.0}, 24.0, 36.0),
        ({"contrast": 0.5}, 27.5, 32.5),  # 30 HU lie 5 below the brain's own
    ],
)
def test_levels_change_by_no_more_than_asked(
    changes: dict[str, float], lowest: float, highest: float
) -> None:
    others = dict.fromkeys(("contrast", "offset", "shade", "noise", "blur", "cut"), 0.0)
    hu, _ = changed(seeded(intensity=1, **(others | changes)), *flat(slices=64))
    levels = hu[:, 0, 0, 0]
    assert levels.min() >= lowest and levels.max() <= highest
    assert levels.max() - levels.min() > 0.7 * (highest - lowest)
    assert torch.equal(hu, levels[:, None, None, None].expand_as(hu))


def test_noise_is_as_strong_as_asked_and_partly_correlated() -> None:
    others = dict.fromkeys(("contrast", "offset", "shade", "blur", "cut"), 0.0)
    hu, _ = changed(seeded(intensity=1, noise=5, **others), *flat(slices=64))
    noise = hu[:, 0] - 30
    strength = noise.flatten(1).std(1)
    assert strength.max() < 5.5 and strength.max() > 3
    neighbours = (noise[:, 1:] * noise[:, :-1]).flatten(1).mean(1) / strength**2
    assert neighbours.max() > 0.5 and neighbours.min() < 0.2


def test_some_scans_are_cut_off_like_stored_windows() -> None:
    others = dict.fromkeys(("contrast", "offset", "shade", "noise", "blur"), 0.0)
    hu, _ = changed(seeded(intensity=1, cut=0.5, **others), *flat(900.0, slices=64))
    highest = hu[:, 0, 0, 0]
    cut = highest < 900
    assert 16 < int(cut.sum()) < 48
    assert highest[cut].min() >= 80 and highest[cut].max() <= 255


def test_what_nobody_drew_stays_unknown_in_the_mirror_image() -> None:
    hu, label = batch()
    label[0, 0, 6, 4] = 0
    _, _, drawn = seeded(flip=1)(hu.clone(), label.clone(), annotated(label, "ventricle_left"))
    assert [name for name, is_drawn in zip(STRUCTURE_IDS, drawn[0], strict=True) if is_drawn] == [
        "ventricle_right"
    ]


def test_one_ventricle_drawn_is_never_taught_as_missing() -> None:
    # Half of the slices are mirrored: in them the drawn left ventricle is a right one.
    hu, label = flat(slices=64)
    label[:, :, 25:30, 10:20] = LEFT
    given = {"hu": hu, "label": label, "annotated": annotated(label, "ventricle_left")}
    prepare = PrepareBatch(seeded(flip=0.5), [(0, 80), (20, 120), (0, 255)])
    _, found = prepare(given, torch.device("cpu"), False)
    left, right = (STRUCTURE_IDS.index(f"ventricle_{side}") for side in ("left", "right"))
    mirrored = (found[:, right] == 1).flatten(1).any(1)
    assert 16 < int(mirrored.sum()) < 48
    for drawn, other, which in ((left, right, ~mirrored), (right, left, mirrored)):
        assert (found[which, other] == NOT_ANNOTATED).all()
        assert int((found[which, drawn] == 1).sum()) == 50 * int(which.sum())
        assert (found[which, drawn] != NOT_ANNOTATED).all()
    others = [channel for channel in range(len(STRUCTURE_IDS)) if channel not in (left, right)]
    assert (found[:, others] == NOT_ANNOTATED).all()
