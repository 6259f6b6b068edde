"""The arithmetic and file formats of `segmentation_peers`; what it trains is not run here."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURES
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from cohort.space.nifti.volume import save_volume


@pytest.fixture
def task(tmp_path: Path):
    """Return a task of one case a part, each in another orientation, with overlapping masks."""
    from benchmarks.training.contenders.base import Task

    folder, rng = tmp_path / "cohort", np.random.default_rng(0)
    cases, parts = [], ("train", "val", "test")
    for part, axcodes in zip(parts, ("RAS", "LPS", "SAL"), strict=True):
        shape = (5, 6, 7)
        affine = make_affine(axcodes, (0.5, 0.7, 3.0), shape)
        save_volume(folder / f"{part}.nii.gz", rng.integers(-9, 90, shape, np.int16), affine)
        masks = {s.id: f"{part}_{s.id}.nii.gz" for s in STRUCTURES}
        for name in masks.values():
            save_volume(folder / name, rng.integers(0, 2, shape, np.uint8), affine)
        cases.append(Case(part, image=f"{part}.nii.gz", masks=masks))
    Cohort(folder, "made", tuple(cases)).save()
    split = tmp_path / "split.json"
    Split("made", "patient", 0, (0.4, 0.3, 0.3), {part: part for part in parts}).save(split)
    return Task.load(folder, split, tmp_path / "work")


def trainer(start: float, unit: float, stops_after: int = 10**9):
    """Return a training of known cost, and the list of the schedules it was run with."""
    from benchmarks.training.contenders.budget import Trained
    from benchmarks.training.contenders.process import Spent

    run: list[int] = []

    def train(units: int) -> Trained:
        run.append(units)
        done = min(units, stops_after)
        return Trained(units, done, Spent(start + unit * done, 1.0))

    return train, run


def test_two_trainings_tell_the_cost() -> None:
    from benchmarks.training.contenders.budget import Cost, calibrate

    assert calibrate(trainer(10, 2)[0], 1, 3) == Cost(10, 2)


def test_noise_plans_a_schedule_that_is_rather_too_short() -> None:
    from benchmarks.training.contenders.budget import Cost

    assert Cost.through((1, 20.0), (4, 18.0)) == Cost(0.0, 4.5)
    assert Cost.through((1, 1.0), (4, 8.0)) == Cost(0.0, 2.0)


def test_longest_schedule_within_the_budget_is_trained_once() -> None:
    from benchmarks.training.contenders.budget import Cost, train_within

    train, run = trainer(10, 2)
    trained, cost = train_within(100, train, Cost(10, 2))
    assert run == [43]  # 10 + 2 * 43 = 96 of the 97 s aimed at
    assert trained.spent.cpu == 96
    assert cost == Cost(10, 2)


def test_training_over_its_budget_is_done_anew_shorter() -> None:
    from benchmarks.training.contenders.budget import Cost, train_within

    train, run = trainer(10, 3)
    trained, cost = train_within(100, train, Cost(10, 2))
    assert run == [43, 29]
    assert trained.spent.cpu == 97
    assert cost == Cost(10, 3)


def test_training_that_leaves_much_of_its_budget_is_done_anew_longer() -> None:
    from benchmarks.training.contenders.budget import Cost, train_within

    train, run = trainer(10, 1)
    trained, _ = train_within(100, train, Cost(10, 2))
    assert run == [43, 87]
    assert trained.spent.cpu == 97


def test_training_that_stops_early_of_itself_stands() -> None:
    from benchmarks.training.contenders.budget import Cost, train_within

    train, run = trainer(10, 2, stops_after=20)
    trained, cost = train_within(100, train, Cost(10, 2))
    assert run == [43]
    assert (trained.done, trained.spent.cpu) == (20, 50)
    assert cost == Cost(10, 2)


def test_budget_below_the_shortest_schedule_is_refused() -> None:
    from benchmarks.training.contenders.budget import Cost, train_within

    train, run = trainer(10, 2)
    with pytest.raises(DataError, match="11 CPU-seconds are not enough"):
        train_within(11, train, Cost(10, 2))
    assert not run


def test_cpu_seconds_are_those_of_the_whole_tree_of_processes(tmp_path: Path) -> None:
    from benchmarks.training.contenders.process import run

    burn = "import time\nwhile time.process_time() < 0.4: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    assert run([sys.executable, "-c", parent], tmp_path / "log").cpu > 0.4


def test_failing_program_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    from benchmarks.training.contenders.process import run

    with pytest.raises(DataError, match="ended with 3") as caught:
        run([sys.executable, "-c", "print('no space left'); exit(3)"], tmp_path / "log")
    assert caught.value.problems[-1] == "no space left"


def test_nnunet_gets_overlapping_structures_and_gives_them_back(task, tmp_path: Path) -> None:
    from benchmarks.training.contenders import nnunet_data
    from benchmarks.training.contenders.scoring import score_masks

    everywhere = SimpleNamespace(**{**vars(task), "train": task.test, "val": task.train})
    nnunet_data.write_dataset(everywhere, tmp_path / "raw")
    label = nib.load(tmp_path / "raw" / "labelsTr" / "test.nii.gz")
    assert nib.aff2axcodes(label.affine) == ("R", "A", "S")
    bits = np.asarray(label.dataobj)
    # A perfect prediction, as nnU-Net would write it: [region, Z, Y, X].
    regions = np.stack([bits >> s.channel & 1 for s in STRUCTURES]).transpose(0, 3, 2, 1)
    (tmp_path / "predicted").mkdir()
    np.savez(tmp_path / "predicted" / "test.npz", probabilities=0.2 + 0.6 * regions)
    nnunet_data.write_masks(task, tmp_path / "predicted", tmp_path / "masks")
    summary = score_masks(task, tmp_path / "masks")
    assert [summary["structures"][s.id]["dice"]["mean"] for s in STRUCTURES] == [1.0] * len(
        STRUCTURES
    )


def test_scorer_sees_a_shifted_mask(task, tmp_path: Path) -> None:
    from benchmarks.training.contenders.scoring import score_masks

    case = task.test[0]
    for structure, path in case.masks.items():
        mask, header = read_volume(task.cohort.path(path))
        moved = np.zeros_like(mask) if structure == "midline" else mask
        save_volume(tmp_path / f"{case.id}_{structure}.nii.gz", moved, header.affine)
    scored = score_masks(task, tmp_path)["structures"]
    assert scored["midline"]["dice"]["mean"] == 0.0
    assert scored["hematoma"]["dice"]["mean"] == 1.0


def test_later_call_replaces_the_runs_it_makes_again(tmp_path: Path) -> None:
    from benchmarks.training.contenders.results import Results

    first = Results(tmp_path, {"cohort": "made"})
    for name in ("ours", "nnunet"):
        first.add_contender(name, {"title": name})
        first.add_run({"contender": name, "budget_s": 30.0, "train_cpu_s": 29, "mean_dice": 0.5})
    again = Results(tmp_path, {"cohort": "made"})
    again.add_run({"contender": "ours", "budget_s": 30.0, "train_cpu_s": 28, "mean_dice": 0.7})
    found = {run["contender"]: run["mean_dice"] for run in again.value["runs"]}
    assert found == {"nnunet": 0.5, "ours": 0.7}
    with pytest.raises(DataError, match="is about other cases"):
        Results(tmp_path, {"cohort": "another"})
