"""Bland-Altman plots."""

from __future__ import annotations

from typing import Any

import pytest

from imaging.scores.agreement_plot import draw_agreement
from imaging.scores.metrics import StructureScore


def row(structure: str, volume: float, reference: float, **more: Any) -> StructureScore:
    shares = dict.fromkeys(("dice", "iou", "hd95_mm", "precision", "recall"), 0.5)
    return StructureScore(
        "p", structure, "found", **shares, volume_ml=volume, reference_ml=reference,
        nsd_1mm=0.5, nsd_2mm=0.5, **more,
    )  # fmt: skip


def test_differences_stand_over_means() -> None:
    figure = draw_agreement([row("hematoma", 12, 10), row("hematoma", 27, 31)])
    assert figure is not None
    (axes,) = figure.axes
    assert axes.get_title() == "Hematoma: volume, mL"
    assert axes.collections[-1].get_offsets().tolist() == [[11, 2], [29, -4]]
    assert [text.get_text() for text in axes.texts] == ["bias -1.0", "95 % -9.3", "95 % 7.3"]


def test_midline_is_shown_by_its_shift() -> None:
    shifts = [(3.0, 2.0), (-5.0, -4.5), (None, 1.0), (2.0, None)]
    rows = [row("midline", 1, 1, shift_mm=a, reference_shift_mm=b) for a, b in shifts]
    figure = draw_agreement(rows)
    assert figure is not None
    (axes,) = figure.axes
    assert axes.get_title() == "Brain midline: shift, mm"
    assert axes.collections[-1].get_offsets().tolist() == [[2.5, 1], [-4.75, -0.5]]


@pytest.mark.parametrize("rows", [[], [row("hematoma", 1, 1)], [row("midline", 1, 1)] * 2])
def test_nothing_to_compare_is_no_picture(rows: list[StructureScore]) -> None:
    assert draw_agreement(rows) is None
