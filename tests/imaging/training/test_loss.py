"""The training loss."""

from __future__ import annotations

import math

import pytest
import torch

from cohort.facts.structures import STRUCTURE_IDS
from imaging.training.loss import NOT_ANNOTATED, AnnotatedDiceBCELoss

S = len(STRUCTURE_IDS)


def test_loss_is_dice_plus_cross_entropy() -> None:
    logits, label = torch.zeros(1, S, 2, 2), torch.zeros(1, S, 2, 2)
    label[0, :, 0] = 1
    loss = AnnotatedDiceBCELoss(positive=3, smooth=0)
    # Of 4 pixels 2 are the structure's; all have probability 1/2, whose square is 1/4.
    dice = 2 * (2 / 2) / (4 / 4 + 2)
    entropy = (2 * 3 + 2 * 1) / 4 * math.log(2)
    assert float(loss(logits, label)) == pytest.approx(1 - dice + entropy)


def test_a_structure_may_have_a_weight_of_its_own() -> None:
    logits, label = torch.zeros(1, S, 2, 2), torch.ones(1, S, 2, 2)
    one = AnnotatedDiceBCELoss(positive=[5, *[1] * (S - 1)])(logits, label)
    none = AnnotatedDiceBCELoss(positive=1)(logits, label)
    assert float(one - none) == pytest.approx((5 - 1) * math.log(2) / S)
    with pytest.raises(ValueError, match="positive must be one number, or one per structure"):
        AnnotatedDiceBCELoss(positive=[1, 2])
    named = AnnotatedDiceBCELoss(positive={"midline": 3.0})
    assert named.positive.flatten().tolist() == [50, 3, *[50] * (S - 2)]
    with pytest.raises(ValueError, match="positive names knee, which is not a structure"):
        AnnotatedDiceBCELoss(positive={"knee": 3.0})
    with pytest.raises(ValueError, match="positive must be above 0"):
        AnnotatedDiceBCELoss(positive=0)


def test_weight_of_structures_falls_by_the_same_factor_each_step() -> None:
    loss = AnnotatedDiceBCELoss(
        positive=[100, *[4] * (S - 1)], positive_last=[1, 4, *[1] * (S - 2)]
    )
    weights = []
    for share in (0.0, 0.5, 1.0):
        loss.set_progress(share)
        weights.append(loss.positive.flatten().tolist())
    assert weights[0] == pytest.approx([100, *[4] * (S - 1)])
    assert weights[1] == pytest.approx([10, 4, *[2] * (S - 2)])
    assert weights[2] == pytest.approx([1, 4, *[1] * (S - 2)])


def test_perfect_prediction_costs_nothing_and_the_opposite_much() -> None:
    label = (torch.rand(2, S, 8, 8, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    loss = AnnotatedDiceBCELoss()
    assert float(loss(40 * label - 20, label)) == pytest.approx(0, abs=1e-6)
    assert float(loss(20 - 40 * label, label)) > 20


def test_what_is_not_annotated_causes_no_gradient() -> None:
    logits = torch.randn(2, S, 8, 8, requires_grad=True)
    label = (torch.rand(2, S, 8, 8) > 0.5).float()
    label[0, 1] = NOT_ANNOTATED  # the midline, in one of two slices
    label[:, 3] = NOT_ANNOTATED  # a ventricle, in both
    AnnotatedDiceBCELoss()(logits, label).backward()
    assert logits.grad is not None
    assert not logits.grad[0, 1].any() and not logits.grad[:, 3].any()
    assert logits.grad[1, 1].all() and logits.grad[:, [0, 2]].all()


def test_what_is_not_annotated_does_not_change_the_loss_of_the_rest() -> None:
    logits = torch.randn(2, S, 8, 8)
    label = (torch.rand(2, S, 8, 8) > 0.5).float()
    label[:, 3] = NOT_ANNOTATED
    others = logits.clone()
    others[:, 3] = 9
    loss = AnnotatedDiceBCELoss()
    assert float(loss(logits, label)) == pytest.approx(float(loss(others, label)))


def test_batch_without_any_annotation_has_loss_zero() -> None:
    logits = torch.randn(2, S, 8, 8, requires_grad=True)
    loss = AnnotatedDiceBCELoss()(logits, torch.full((2, S, 8, 8), float(NOT_ANNOTATED)))
    loss.backward()
    assert float(loss) == 0 and not logits.grad.any()


def test_weights_balance_the_structures() -> None:
    logits, label = torch.zeros(1, S, 8, 8), torch.ones(1, S, 8, 8)
    logits[:, 0] = 20
    label[:, 0] = 0
    plain = AnnotatedDiceBCELoss(positive=1)(logits, label)
    assert AnnotatedDiceBCELoss([3, *[1] * (S - 1)], positive=1)(logits, label) > plain
    with pytest.raises(ValueError, match=r"one per structure \(7\)"):
        AnnotatedDiceBCELoss([1, 1])


def test_dice_of_what_no_slice_of_a_batch_shows_weighs_less() -> None:
    logits = torch.zeros(1, S, 4, 4)
    nothing, something = torch.zeros(1, S, 4, 4), torch.zeros(1, S, 4, 4)
    something[0, :, 0] = 1
    usual, half = AnnotatedDiceBCELoss(), AnnotatedDiceBCELoss(absent=0.5)
    assert float(half(logits, something)) == float(usual(logits, something))
    # Probabilities of 1/2 on 16 pixels: 1 - 1 / (4 + 1), beside a cross entropy of log 2.
    assert float(usual(logits, nothing)) == pytest.approx(0.8 + math.log(2))
    assert float(half(logits, nothing)) == pytest.approx(0.4 + math.log(2))
    with pytest.raises(ValueError, match="absent must be 0 to 1"):
        AnnotatedDiceBCELoss(absent=2)
