"""How a training went: table and picture."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from PIL import Image

from cohort.facts.structures import STRUCTURE_IDS
from imaging.training.history import Epoch, History


def epoch(number: int, *dice: float | None) -> Epoch:
    """Return an epoch with the Dice of the first structures."""
    return Epoch(number, 1 / number, 0.001, dict(zip(STRUCTURE_IDS, dice, strict=False)), 2.5)


def history() -> History:
    result = History()
    result.epochs = [
        epoch(1, 0.1, None, 0.3, 0.2),
        epoch(2, 0.8, None, 0.7, 0.6),
        epoch(3, 0.7, None, 0.8, 0.6),
    ]
    return result


def test_mean_is_over_the_structures_that_could_be_scored() -> None:
    assert round(epoch(1, 0.1, None, 0.3, 0.2).mean_dice, 6) == 0.2
    assert epoch(1, None, None, None, None).mean_dice == 0
    # Blood outside the brain, the last one, counts in no mean.
    assert epoch(1, *[0.4] * 6, 1.0).mean_dice == pytest.approx(0.4)
    assert not epoch(1, *[None] * 6, 1.0).is_scored


def test_best_is_the_first_of_the_highest_mean() -> None:
    best, last = history().best, history().last
    assert best is not None and best.number == 2
    assert last is not None and last.number == 3
    assert History().best is None and History().last is None


def test_a_speck_of_what_no_case_has_does_not_choose_the_best() -> None:
    cases = dict.fromkeys(STRUCTURE_IDS, 3) | {"ventricular_blood": 0}
    first = {"hematoma": 0.8, "midline": 0.7, "ventricular_blood": None}
    better = {"hematoma": 0.9, "midline": 0.8, "ventricular_blood": 0.0}  # one false voxel
    result = History()
    result.epochs = [
        Epoch(number, 0.1, 0.001, dice, 2.5, cases) for number, dice in ((1, first), (2, better))
    ]
    assert result.best is result.epochs[1] and result.stale == 0
    assert result.best.mean_dice == pytest.approx(0.85)
    again = History()
    again.load_state_dict(result.state_dict())
    assert again.epochs == result.epochs


def test_an_epoch_of_an_earlier_version_counts_all_that_was_scored() -> None:
    state = history().state_dict()
    for one in state["epochs"]:
        del one["cases"]
    again = History()
    again.load_state_dict(state)
    assert [one.mean_dice for one in again.epochs] == [one.mean_dice for one in history().epochs]


def test_best_was_validated_if_any_was() -> None:
    plain = Epoch(1, 1.0, 0.001, {}, 2.5)
    result = History()
    result.epochs = [plain]
    assert result.best is plain
    result.epochs.append(epoch(2, 0.0, 0.0, 0.0, 0.0))
    assert result.best is not None and result.best.number == 2


def test_table_and_picture_are_written(tmp_path: Path) -> None:
    history().save(tmp_path)
    history().draw(tmp_path)
    with (tmp_path / "history.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "epoch",
        "loss",
        "learning_rate",
        *(f"val_dice_{name}" for name in STRUCTURE_IDS),
        "val_mean_dice",
        "seconds",
    ]
    assert rows[1]["val_dice_hematoma"] == "0.8000" and rows[1]["val_dice_midline"] == ""
    assert rows[1]["val_mean_dice"] == "0.7000" and rows[1]["loss"] == "0.50000"
    assert Image.open(tmp_path / "learning_curve.png").size == (900, 360)
    assert len(list(tmp_path.iterdir())) == 2


def test_history_survives_a_checkpoint(tmp_path: Path) -> None:
    torch.save(history().state_dict(), tmp_path / "checkpoint.pt")
    restored = History()
    restored.load_state_dict(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    assert restored.epochs == history().epochs
