"""The summary on the terminal."""

from __future__ import annotations

from typing import Any

import pytest

from imaging.scores.agreement import agreement
from imaging.scores.lesions import Lesions
from imaging.scores.metrics import StructureScore
from imaging.scores.scoreboard import print_summary
from imaging.scores.summary import summarise


def row(case: str, structure: str, status: str = "found", **more: Any) -> StructureScore:
    dice = 0.912 if status == "found" else 0.0
    shares = dict.fromkeys(("iou", "precision", "recall", "nsd_1mm", "nsd_2mm"), dice)
    volumes = {"volume_ml": 18.25, "reference_ml": 8.25}
    return StructureScore(
        case, structure, status, dice=dice, hd95_mm=250.3, **shares, **volumes, **more
    )


def absent(case: str) -> StructureScore:
    nothing = [None] * 5
    return StructureScore(
        case, "hematoma", "absent", *nothing, 0.0, 0.0, None, None, Lesions(0, 0, 0, 0)
    )


SHIFTS = {"shift_mm": 3.5, "reference_shift_mm": 3.0}


def printed(rows: list[StructureScore], capsys: pytest.CaptureFixture[str], **more: Any) -> str:
    about = {"cases": 250, "part": "train", "split_by": "patient", "left_out": {}}
    print_summary({**about, **summarise(rows, {}), **more})
    return capsys.readouterr().out


def test_it_fits_a_terminal_of_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    rows = [
        row(f"p{i}", name) for i in range(120) for name in ("ventricle_right", "ventricle_left")
    ]
    rows += [row(f"p{i}", "hematoma", lesions=Lesions(3, 2, 3, 1)) for i in range(120)]
    rows += [row(f"p{i}", "midline", "missed", **SHIFTS) for i in range(120)]
    rows += [row(f"q{i}", "hematoma", "false_alarm") for i in range(110)]
    lines = printed(rows, capsys).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert "…" not in "".join(lines)


def test_what_concerns_one_structure_stands_below_the_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [row("p1", "hematoma", lesions=Lesions(2, 1, 3, 2)), absent("p2"), row("p3", "hematoma")]
    rows += [row("p1", "midline", **SHIFTS), row("p2", "midline", reference_shift_mm=2.0)]
    out = " ".join(printed(rows, capsys).split())
    agreed = "Hematoma volume: bias +10.0 mL (95% limits +10.0 to +10.0), ICC"
    assert agreed in out
    assert "Lesions: 1 of 2 found (sensitivity 0.50), 2 false (precision 0.33)" in out
    assert "Bleed-free: no hematoma reported in 1 of 1 cases (95% CI 0.21–1.00)" in out
    assert "Midline shift: median error 10.2 mm (95% CI 0.5–20.0), 2 cases, 1 not predicted" in out


def test_measurements_are_compared_with_the_references(capsys: pytest.CaptureFixture[str]) -> None:
    side = {"cases": 120, "agree": 118, "share": 0.98, "ci95": [0.9, 1.0]}
    keys = ("hematoma_side", "hematoma_site", "midline_toward", "ventricle_compressed")
    measurements = {
        "hematoma_abc2_ml": agreement([10.0, 22.0, 31.0], [10.0, 20.0, 30.0]),
        **dict.fromkeys(keys, side),
    }
    out = printed([row("p1", "hematoma")], capsys, measurements=measurements)
    assert "ABC/2: bias +1.0 mL (95% limits -1.0 to +3.0), ICC 0.99" in out
    lines = [line for line in out.splitlines() if line.startswith("As the reference")]
    assert lines == [
        "As the reference: side of the bleed in 118 of 120, site in 118 of 120",
        "As the reference: way of the shift in 118 of 120, compressed side in 118 of 120",
    ]


def test_what_was_not_there_is_not_mentioned(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed([row("p1", "ventricle_left")], capsys)
    for word in ("Lesions", "Bleed-free", "shift", "bias", "As the reference"):
        assert word not in out


def test_split_by_slice_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed([row("p1", "hematoma")], capsys, split_by="slice", left_out={"without masks": 3})
    assert "Split by slice: slices of these patients were in training as well" in out
    assert "Left out: 3 cases without masks." in out
