"""Values that are no Hounsfield units are refused, unusual ones noted, and cuts told."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.cohort.checks.conftest import check, notes, problem


def mr(hu: NDArray, scale: float) -> NDArray:
    """Return MR-like intensities: dark air and bone, bright scalp, brain between."""
    signal = np.where(hu < 10, 8.0, np.where(hu > 300, 60.0, 250 + 6 * hu.clip(0, 80)))
    return np.abs(signal + np.random.default_rng(0).normal(0, 12, hu.shape)) * scale


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda hu: (hu + 1024).clip(0).astype(np.uint16), "raw values, not Hounsfield units"),
        (lambda hu: (hu + 1000).clip(0).astype(np.uint16), "apply the rescale intercept"),
        (lambda hu: hu - 1024, "was subtracted twice"),
        (lambda hu: hu.astype(np.int16).view(np.uint16), "without their sign"),
        (lambda hu: -hu, "inverted; multiply by -1"),
        (lambda hu: 255 - hu.clip(0, 255), "inverted"),
        (lambda hu: mr(hu, 1).astype(np.int16), "is it MR"),
        (lambda hu: mr(hu, 5), "is it MR"),
        (lambda hu: mr(hu, 0.3).astype(np.uint8), "is it MR"),
        (lambda hu: hu.clip(0, 80) * (255 / 80), "a picture with grey levels"),
        (lambda hu: (hu + 1000) / 4000, "normalised, not Hounsfield units"),
        (lambda hu: (hu - hu.mean()) / hu.std(), "normalised, not Hounsfield units"),
        (lambda hu: hu * 0, "holds the value 0 only"),
        (lambda hu: np.full_like(hu, -1000) + hu % 7, "air only"),
        (
            lambda hu: np.where(np.arange(hu.size).reshape(hu.shape) % 50, -1000, 400),
            "nothing of the",
        ),
    ],
)
def test_values_that_make_every_result_meaningless_are_refused(
    head: NDArray, make: Any, said: str
) -> None:
    assert said in problem(check(make(head)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda hu: np.where(hu == hu.max(), 1023, hu.clip(0, 1000)), "scaled to 10 bits"),
        (lambda hu: np.where(hu == hu.max(), 40_000, hu), "far beyond what CT measures."),
    ],
)
def test_unusual_values_are_a_note(head: NDArray, make: Any, said: str) -> None:
    assert said in notes(check(make(head)))


CUTS = {
    "cut at 199": (lambda hu: hu.clip(0, 199), 199),
    "cut at 150": (lambda hu: hu.clip(-1024, 150), 150),
    "cut at 100": (lambda hu: hu.clip(0, 100), 100),
    "cut, and resampled": (lambda hu: np.where(hu > 120, 120 + (hu % 7 - 3) / 10, hu), 120),
    "cut below, and a marker": (lambda hu: _marked(hu.clip(0, 120)), 120),
}


def _marked(hu: NDArray) -> NDArray:
    marked = hu.copy()
    marked[:4, :4] = 3000
    return marked


@pytest.mark.parametrize("cut", CUTS)
def test_scan_cut_between_100_and_200_is_a_note_and_below_150_tells_blood_only(
    generated: tuple[NDArray, tuple[float, float, float]], cut: str
) -> None:
    hu, spacing = generated
    change, level = CUTS[cut]
    found = check(change(hu), spacing)
    said = re.search(r"cut at (\d+) HU", notes(found))
    assert said and abs(int(said[1]) - level) <= 1
    untold = {"midline", "ventricle_left", "ventricle_right"} if level < 150 else set()
    assert set(found.untold) == untold


def window(low: float, high: float, levels: int = 255) -> Any:
    """Return a change to the grey levels of a window."""
    return lambda hu: ((hu.clip(low, high) - low) / (high - low) * levels).round()


def _each_slice(hu: NDArray) -> NDArray:
    low, high = (f(hu, axis=(0, 1), keepdims=True) for f in (np.min, np.max))
    scaled: NDArray = (hu - low) / np.maximum(high - low, 1) * 255
    return scaled


GREY = {
    "cut at 80": lambda hu: hu.clip(0, 80),
    "only the top cut, at 80": lambda hu: hu.clip(-1024, 80),
    "cut at 99": lambda hu: hu.clip(0, 99).astype(np.float32),
    "brain window": window(0, 80),
    "brain window, fractions": lambda hu: (hu.clip(-20, 100) + 20) / 120 * 255,
    "brain window, inverted": window(80, 0),
    "brain window, gamma": lambda hu: ((hu.clip(0, 80) / 80) ** 2 * 255).round(),
    "a window 200 HU wide": window(0, 200),
    "a window 80 HU wide, 0 to 100": window(0, 80, 100),
    "bone window": window(-500, 1500),
    "soft tissue window of a large range": window(-200, 800),
    "whole range, 8 bits": lambda hu: window(hu.min(), hu.max())(hu),
    "whole range, 8 bits with sign": lambda hu: window(hu.min(), hu.max())(hu) - 128,
    "whole range, 12 bits": lambda hu: window(hu.min(), hu.max(), 4095)(hu),
    "whole range, 16 bits": lambda hu: window(hu.min(), hu.max(), 65535)(hu),
    "whole range, 16 bits with sign": lambda hu: window(hu.min(), hu.max(), 65535)(hu) - 32768,
    "each slice's range": _each_slice,
    "twice as large": lambda hu: hu * 2.0,
}


@pytest.mark.parametrize("levels", GREY)
def test_grey_levels_and_what_is_cut_into_blood_are_refused(
    generated: tuple[NDArray, tuple[float, float, float]], levels: str
) -> None:
    hu, spacing = generated
    assert len(check(GREY[levels](hu.astype(np.float32)), spacing).problems) == 1


def test_air_at_half_its_value_is_told(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    hu, spacing = generated
    found = check(hu / 2, spacing)
    said = found.problems + [note.what for note in found.notes]
    assert "where air has -1000: are they HU?" in said[0] or "grey levels" in said[0]


def test_values_left_out_by_a_real_scanner_are_no_window(head: NDArray) -> None:
    # One HU in twelve, as in BHSD's 160021; a window of 200 HU in 256 levels leaves out one in 4.6.
    scaled = (head.clip(0, 240) * 1.08).round().clip(0, 255)
    assert notes(check(scaled)) == ""


@pytest.mark.parametrize("k", [0, 12, 23])
def test_one_slice_tells_its_cut_as_well(
    generated: tuple[NDArray, tuple[float, float, float]], k: int
) -> None:
    hu, spacing = generated
    one = hu[..., min(k, hu.shape[2] - 3) :][..., :1]
    assert check(one.clip(0, 255), spacing).problems == []
    assert "cut at 80" in problem(check(one.clip(0, 80), spacing))
