"""How sure the network is of a structure."""

from __future__ import annotations

import numpy as np
import pytest

from cohort.space.grid import Grid
from imaging.model.uncertainty import confidence


def test_figures_by_hand() -> None:
    levels = np.zeros((4, 4, 2), np.uint8)
    levels[0, 0] = (255, 204)  # 1, 0.8
    levels[1, 0] = (102, 51)  # 0.4, 0.2
    found = confidence(
        levels, (levels >= 128).astype(np.uint8), Grid.with_spacing(levels.shape, (2, 1, 5))
    )
    assert found.certainty == pytest.approx(0.9)
    assert found.expected_dice == pytest.approx(2 * 1.8 / (2.4 + 2))
    assert found.volume_ml_low == pytest.approx(0.02)
    assert found.volume_ml_high == pytest.approx(0.03)
    assert found.highest_probability == 1


def test_sure_of_everything_is_1() -> None:
    mask = np.ones((2, 2, 2), np.uint8)
    found = confidence(mask * 255, mask, Grid.with_spacing(mask.shape, (1, 1, 1)))
    assert (found.certainty, found.expected_dice) == (1, 1)


def test_empty_mask_has_no_certainty_but_tells_how_near_it_came() -> None:
    levels = np.full((2, 2, 2), 102, np.uint8)
    found = confidence(levels, np.zeros_like(levels), Grid.with_spacing(levels.shape, (10, 10, 10)))
    assert (found.certainty, found.expected_dice) == (None, None)
    assert found.highest_probability == pytest.approx(0.4)
    assert (found.volume_ml_low, found.volume_ml_high) == (0, 8)
    assert found.as_json()["certainty"] is None


def test_pieces_that_rules_removed_lower_the_expected_dice() -> None:
    levels = np.array([[[255, 255, 255, 0]]], np.uint8)
    grid = Grid.with_spacing(levels.shape, (1, 1, 1))
    kept = confidence(levels, np.array([[[1, 1, 1, 0]]], np.uint8), grid).expected_dice
    cleaned = confidence(levels, np.array([[[1, 1, 0, 0]]], np.uint8), grid).expected_dice
    assert kept == 1 and cleaned == pytest.approx(0.8)
