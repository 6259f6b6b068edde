"""Random changes of training batches."""

from __future__ import annotations

import torch

from cohort.structures import BY_ID
from imaging.augment import AugmentBatch, flip_left_right, warp
from imaging.loss import NOT_ANNOTATED

LEFT, RIGHT = BY_ID["ventricle_left"].channel, BY_ID["ventricle_right"].channel
HEMATOMA, MIDLINE = BY_ID["hematoma"].channel, BY_ID["midline"].channel


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Return a slice of 8 × 6 pixels, x toward the patient's left: all is at its place."""
    image, label = torch.zeros(1, 3, 8, 6), torch.zeros(1, 4, 8, 6)
    image[0, :, 5, 2] = 0.4
    label[0, LEFT, 5, 2] = 1
    label[0, HEMATOMA, 6, 4] = 1
    label[0, RIGHT] = NOT_ANNOTATED
    return image, label


def test_flip_swaps_ventricles() -> None:
    image, label = flip_left_right(*batch())
    assert image[0, 0].nonzero().tolist() == [[2, 2]]
    assert label[0, RIGHT].nonzero().tolist() == [[2, 2]]
    assert (label[0, LEFT] == NOT_ANNOTATED).all()
    assert label[0, HEMATOMA].nonzero().tolist() == [[1, 4]]
    assert not label[0, MIDLINE].any()


def test_flipping_twice_changes_nothing() -> None:
    image, label = flip_left_right(*flip_left_right(*batch()))
    assert torch.equal(image, batch()[0]) and torch.equal(label, batch()[1])


def test_warp_moves_image_and_label_together() -> None:
    image, label = batch()
    # Each pixel of the result shows the source two pixels (of eight) further left.
    matrix = torch.tensor([[[1, 0, 2 / 8], [0, 1, 0]]])
    image, label = warp(image, label, matrix)
    assert image[0, 0].nonzero().tolist() == [[3, 2]]
    assert label[0, LEFT].nonzero().tolist() == [[3, 2]]
    assert label[0, HEMATOMA].nonzero().tolist() == [[4, 4]]
    assert (label[0, RIGHT] == NOT_ANNOTATED).all()


def test_warp_turns_by_right_angles_without_distortion() -> None:
    image, label = torch.zeros(1, 3, 8, 4), torch.zeros(1, 4, 8, 4)
    label[0, LEFT, 5, 2] = 1  # 1.5 and 0.5 pixels from the centre
    quarter = torch.tensor([[[0.0, 1, 0], [-1, 0, 0]]])  # shows at (x, y) the source's (y, -x)
    _, turned = warp(image, label, quarter)
    assert turned[0, LEFT].nonzero().tolist() == [[3, 3]]


def test_the_same_seed_gives_the_same_changes() -> None:
    image = torch.rand(6, 3, 16, 12, generator=torch.Generator().manual_seed(1))
    label = (image[:, [0, 1, 2, 0]] > 0.8).float()
    results = []
    for seed in (3, 3, 4):
        augment = AugmentBatch()
        augment.seed(seed)
        results.append(augment(image.clone(), label.clone()))
    assert all(torch.equal(a, b) for a, b in zip(results[0], results[1], strict=True))
    assert not torch.equal(results[0][0], results[2][0])


def test_values_stay_what_they_may_be() -> None:
    image, label = torch.rand(8, 3, 16, 12), torch.randint(0, 2, (8, 4, 16, 12)).float()
    label[:, MIDLINE] = NOT_ANNOTATED
    augment = AugmentBatch(flip=0.5, affine=1, intensity=1, contrast=1, brightness=1, noise=1)
    augment.seed(0)
    image, label = augment(image, label)
    assert image.min() >= 0 and image.max() <= 1
    assert (label[:, MIDLINE] == NOT_ANNOTATED).all()
    assert set(label[:, [HEMATOMA, LEFT, RIGHT]].unique().tolist()) == {0, 1}


def test_nothing_changes_when_nothing_is_asked_for() -> None:
    image, label = batch()
    changed = AugmentBatch(flip=0, affine=0, intensity=0)(image.clone(), label.clone())
    assert torch.equal(changed[0], image) and torch.equal(changed[1], label)
