"""Slices that are missing, empty, repeated or out of order are noted, however many there are."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import thumbnail
from tests.cohort.checks.conftest import SIZE, check, header, notes


@pytest.mark.parametrize("first", [10, 12, 14])
def test_missing_slices_are_a_note(head: NDArray, first: int) -> None:
    gone = np.delete(head, [first, first + 1], axis=2)
    assert notes(check(gone)) == f"changes abruptly above slice {first}: are slices missing?"


def test_empty_and_repeated_slices_are_named(head: NDArray) -> None:
    empty, twice = head.copy(), head.copy()
    empty[..., 9] = -1024
    twice[..., 9] = twice[..., 8]
    assert notes(check(empty)) == "has no image in slice 10 between others that have."
    assert notes(check(twice)) == "repeats the slice below in slice 10: were slices lost?"


def test_slices_out_of_order_are_a_note(head: NDArray) -> None:
    interleaved = np.concatenate([head[..., ::2], head[..., 1::2]], axis=2)
    assert "is their order lost?" in notes(check(interleaved))


def test_one_slice_few_and_many_are_taken(head: NDArray) -> None:
    one, three = check(head[..., 10:11]), check(head[..., 10:13])
    assert notes(one) == notes(three) == ""
    unproved = {"part": True, "spacing_checked": False}
    assert one.facts["coverage"] == {"slices": 1, "height_mm": 5.5, **unproved}
    assert three.facts["coverage"] == {"slices": 3, "height_mm": 16.5, **unproved}
    proved = {"part": False, "spacing_checked": True}
    assert check(head).facts["coverage"] == {"slices": 24, "height_mm": 132.0, **proved}
    many = head[:, :, np.linspace(0, SIZE[2] - 1, 1000).round().astype(int)]
    many = many + (np.arange(1000) % 2)  # so that neighbours differ
    said = notes(check(many, (2.0, 2.0, 0.132)))
    assert said == "has an unusual spacing, 2×2×0.132 mm."


def test_coarse_copy_of_a_thousand_slices_stays_small() -> None:
    voxels = np.zeros((512, 512, 1), np.int16).repeat(1000, axis=2)
    small = thumbnail(voxels, header(voxels, (0.4, 0.4, 0.15)))
    assert small.voxels.shape == (128, 128, 62)
    assert small.spacing == pytest.approx((1.6, 1.6, 2.4))


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 20), (64, 1, 9), (50, 50, 2), (3, 70, 70)])
@pytest.mark.parametrize("value", [-1000, 0, 40])
def test_any_shape_is_judged_without_an_error(shape: tuple[int, ...], value: int) -> None:
    noise = np.random.default_rng(0).normal(value, 300, shape)
    assert check(noise).problems is not None
    assert len(check(np.full(shape, value)).problems) == 1
