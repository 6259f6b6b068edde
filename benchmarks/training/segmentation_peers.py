"""Dice against CPU-seconds of training: this project, MONAI's tutorial recipe and nnU-Net v2.

Run from the project's folder::

    python -m benchmarks.training.segmentation_peers COHORT SPLIT --budgets 180 600 1800 --output
    FOLDER

All contenders get the same training and validation cases of the cohort and the same budget of
CPU-seconds: user and system time of the training's whole tree of processes with one thread,
imports, reading, augmentation, validation and saving included. What is done once for a cohort
(exporting, nnU-Net's planning and preprocessing) is counted apart. For each budget each contender
is trained anew, with a schedule that ends within the budget: two short trainings tell what a unit
of its schedule costs, and a training that took more than the budget is done anew with a shorter
one (`contenders/budget.py`). All masks of the test part are scored by one scorer, on each scan's
own grid (`imaging.scores.metrics`).

==========  ================================================================================
ours        `python -m imaging.train --config configs/imaging/unet.yaml`, epochs as fit
ours-fast   the same with configs/imaging/unet_fast.yaml where there is one, up to 300 s
tutorial    UNet 16…256, two residual units, Dice + BCE, Adam 1e-3 with cosine decay, patches
            160×192, four a step, on our exported slices; see `contenders/tutorial_recipe.py`
nnunet      nnU-Net 2.8.1, 2d, in a virtual environment of its own: batch 4, patch 192×160 at
            1 mm, widths 16…128, SGD, polynomial decay and augmentation as they are, as many
            epochs of 10 iterations as fit; no mirroring, turned by up to 15°; regions for
            overlapping structures; see `contenders/nnunet.py` and `contenders/nnunet_program.py`
==========  ================================================================================

FOLDER gets peers.json (runs, settings, preprocessing), peers.csv and peers.png after each run. A
later call with the same FOLDER adds to them, replacing the runs that it makes again, so that
`--only ours` compares a changed training with peers that were measured before. Linux and macOS.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import signal
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.training.contenders.base import Contender, Task
from benchmarks.training.contenders.budget import Cost, Trained, calibrate, train_within
from benchmarks.training.contenders.nnunet import NNUNet
from benchmarks.training.contenders.ours import Ours
from benchmarks.training.contenders.process import THREADS
from benchmarks.training.contenders.results import Results, describe_run
from benchmarks.training.contenders.scoring import score_masks
from benchmarks.training.contenders.tutorial import Tutorial
from cohort.base.errors import DataError, UsageError
from imaging.model.config import DEFAULT_CONFIG

NAMES = ("ours", "tutorial", "nnunet")
FAST_CONFIG = DEFAULT_CONFIG.with_name("unet_fast.yaml")
FAST_UP_TO = 300.0
"""CPU-seconds up to which the fast configuration is tried too: it is made for five minutes."""

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path, help="folder of the cohort")
    parser.add_argument("split", type=Path, help="JSON file of its split, by patient")
    parser.add_argument("--budgets", type=float, nargs="+", default=[180.0, 600.0, 1800.0],
                        help="CPU-seconds of training")  # fmt: skip
    parser.add_argument("--output", type=Path, required=True, help="folder for results and models")
    parser.add_argument("--only", default=",".join(NAMES),
                        help="contenders, with commas: " + ",".join(NAMES))  # fmt: skip
    parser.add_argument("--nnunet-venv", type=Path,
                        help="nnU-Net's virtual environment, made if absent")  # fmt: skip
    given = parser.parse_args()
    # Ended by another program it ends what it started, as it does after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = given.only.split(",")
    if unknown := set(names) - set(NAMES):
        parser.error(f"--only: no such contender: {', '.join(sorted(unknown))}")
    environment = given.nnunet_venv or given.output / "nnunet-venv"
    try:
        compare(given.cohort, given.split, given.budgets, given.output, names, environment)
    except (DataError, UsageError) as error:
        console.print(f"[red]✘[/red] {error}")
        raise SystemExit(1) from None


def compare(
    cohort: Path,
    split: Path,
    budgets: Sequence[float],
    output: Path,
    names: Sequence[str],
    nnunet_environment: Path,
) -> None:
    """Train, use and score the contenders `names` at each budget; write to `output`."""
    task = Task.load(cohort.resolve(), split.resolve(), output.resolve())
    results = Results(task.work, _setting(task))
    for contender, up_to in _contenders(task, names, nnunet_environment):
        chosen = sorted(budget for budget in budgets if budget <= up_to)
        if not chosen:
            continue
        console.print(f"[bold]{contender.title}[/bold]: preparing")
        prepared = contender.prepare()
        description: dict[str, Any] = {"title": contender.title, "unit": contender.unit}
        description["prepare_cpu_s"] = round(prepared.cpu, 1)
        results.add_contender(contender.name, {**description, "settings": contender.settings})
        cost = calibrate(partial(_train, contender, name="calibration"), *contender.calibration)
        console.print(f"start {cost.start:.1f} s, then {cost.unit:.2f} s a unit ({contender.unit})")
        for budget in chosen:
            try:
                cost = _compete(contender, budget, cost, results)
            except DataError as error:
                console.print(f"[red]✘[/red] {contender.title}, {budget:g} s: {error}")


def _compete(contender: Contender, budget: float, cost: Cost, results: Results) -> Cost:
    """Train, predict and score at one budget; return the corrected cost."""
    name = f"{budget:g}s"
    trained, cost = train_within(budget, lambda n: _train(contender, n, name), cost)
    masks = contender.work / name / "masks"
    predicted = contender.predict(contender.work / name, masks)
    summary = score_masks(contender.task, masks)
    row = describe_run(contender.name, budget, trained, predicted, summary)
    results.add_run(row)
    dice = "  ".join(f"{k.removeprefix('dice_')} {row[k]:.3f}" for k in row
                     if k.startswith("dice_") and row[k] is not None)  # fmt: skip
    console.print(f"{budget:g} s: {trained.spent.cpu:.0f} s, {trained.done} {contender.unit}; "
                  f"Dice {dice}  mean {row['mean_dice']}")  # fmt: skip
    return cost


def _train(contender: Contender, units: int, name: str) -> Trained:
    folder = contender.work / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return contender.train(units, folder)


def _contenders(
    task: Task, names: Sequence[str], nnunet_environment: Path
) -> list[tuple[Contender, float]]:
    """Return the contenders, and up to which budget each of them runs."""
    always = float("inf")
    chosen: list[tuple[Contender, float]] = []
    if "ours" in names:
        chosen.append((Ours(task, "ours", DEFAULT_CONFIG), always))
        if FAST_CONFIG.is_file():
            chosen.append((Ours(task, "ours-fast", FAST_CONFIG), FAST_UP_TO))
    if "tutorial" in names:
        chosen.append((Tutorial(task), always))
    if "nnunet" in names:
        chosen.append((NNUNet(task, nnunet_environment), always))
    return chosen


def _setting(task: Task) -> dict[str, object]:
    return {
        "cohort": task.cohort.name,
        "cases": {part: [c.id for c in getattr(task, part)] for part in ("train", "val", "test")},
        "threads": THREADS,
        "machine": platform.machine(),
        "versions": {name: version(name) for name in ("torch", "monai")},
    }


if __name__ == "__main__":
    main()
