"""What brings the most per CPU-second: settings of a training, compared at equal CPU-seconds.

Run from the project's folder::

    python benchmarks/settings.py COHORT SPLIT --heads 36 --budget 300 --output FOLDER

Each setting differs in one thing from `configs/imaging/unet.yaml`. It is trained anew on the same
heads of the split's part `train`, in one thread, for as many epochs as fit into the budget (two
short trainings tell what an epoch costs), with a schedule that ends there. What counts is the Dice
of the last validation, on the whole part `val`; the test part, and real slices, are not looked at.

FOLDER gets settings.json and the trainings; what is there already is not trained again.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contenders.budget import Trained, calibrate, train_within
from contenders.process import Command, run
from rich.console import Console
from rich.table import Table

from cohort.base.errors import DataError
from cohort.base.files import write_json
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.split import Split

CONFIG = "configs/imaging/unet.yaml"


@dataclass(frozen=True)
class Setting:
    """One way to spend the CPU-seconds.

    Attributes
    ----------
    what
        What it changes, for people.
    values
        Configuration values by their names on the command line, beside those of `unet.yaml`.
    heads
        How many times as many heads it sees, in fewer passes.
    """

    what: str
    values: Mapping[str, Any] = field(default_factory=dict)
    heads: float = 1.0


SETTINGS: dict[str, Setting] = {
    "usual": Setting("unet.yaml as it is"),
    "heads": Setting("twice as many heads, half as many passes", heads=2.0),
    "passes": Setting("half as many heads, twice as many passes", heads=0.5),
    "batch": Setting("batches of 4 slices, twice as many steps", {"train.batch_size": 4}),
    "wide": Setting(
        "half as many features again", {"network_def.channels": [24, 48, 96, 192, 192, 192]}
    ),
    "narrow": Setting("features halved", {"network_def.channels": [8, 16, 32, 64, 64, 64]}),
    "context": Setting(
        "one level more",
        {
            "network_def.channels": [16, 32, 64, 128, 128, 128, 128],
            "network_def.strides": [2, 2, 2, 2, 2, 2],
            "train.patch": [192, 192],
        },
    ),
    "residual": Setting("residual units of two convolutions", {"network_def.num_res_units": 2}),
    "absent": Setting("Dice of what a batch lacks counts, too", {"loss.absent": 1.0}),
    "background": Setting("all slices without a structure", {"train.background": 1.0}),
    "rate": Setting("half the learning rate", {"train.learning_rate": 0.002}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("split", type=Path)
    parser.add_argument("--heads", type=int, default=36, help="training heads of the usual setting")
    parser.add_argument("--budget", type=float, default=300.0, help="CPU-seconds of a training")
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each setting")
    parser.add_argument("--only", default=",".join(SETTINGS), help="settings, with commas")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := set(names) - set(SETTINGS):
        parser.error(f"--only: no such setting: {', '.join(sorted(unknown))}")
    console = Console(highlight=False, soft_wrap=True)
    try:
        for name in names:
            for seed in range(given.seeds):
                result = compete(name, seed, given)
                console.print(name, seed, result["epochs"], result["dice"], markup=False)
    except DataError as error:
        console.print(f"[red]✘[/red] {error}")
        raise SystemExit(1) from None
    console.print(table(json.loads((given.output / "settings.json").read_text("utf-8"))))


def compete(name: str, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    """Train one setting within the budget, and return what it came to."""
    file = given.output / "settings.json"
    known: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    key = f"{name}-{seed}"
    if key in known:
        return dict(known[key])
    setting = SETTINGS[name]
    corpus = exported(given, round(given.heads * setting.heads))

    def train(units: int, folder: Path) -> Trained:
        shutil.rmtree(folder, ignore_errors=True)
        command: Command = [sys.executable, "-m", "imaging.train", "--config", CONFIG]
        command += ["--corpus", corpus, "--output", folder, "--train.seed", str(seed)]
        values = {"train.max_epochs": units, "train.validate_every": units, **setting.values}
        for value, text in values.items():
            command += [f"--{value}", json.dumps(text)]
        spent = run(command, given.output / "logs" / f"{folder.name}.log")
        return Trained(units, units, spent)

    short = given.output / "calibration"
    cost = calibrate(lambda units: train(units, short), 1, 2)
    model = given.output / key
    trained, _ = train_within(given.budget, lambda units: train(units, model), cost)
    with (model / "history.csv").open(encoding="utf-8-sig", newline="") as rows:
        last = list(csv.DictReader(rows))[-1]
    dice = {name: float(last[f"val_dice_{name}"] or "nan") for name in STRUCTURE_IDS}
    result = {
        "what": setting.what,
        "heads": round(given.heads * setting.heads),
        "epochs": trained.done,
        "cpu_s": round(trained.spent.cpu, 1),
        "dice": {**dice, "mean": float(last["val_mean_dice"])},
    }
    write_json(file, {**known, key: result})
    return result


def exported(given: argparse.Namespace, heads: int) -> Path:
    """Return the corpus of the first training heads and of the whole validation part."""
    corpus: Path = given.output / f"corpus-{heads}"
    if (corpus / "datalist.json").is_file():
        return corpus
    split = Split.load(given.split)
    parts = {use: [c for c, of in split.cases.items() if of == use] for use in ("train", "val")}
    # Taken evenly, so that each kind of heads keeps its share.
    every, count = parts["train"], len(parts["train"])
    if heads > count:
        raise DataError(f"{given.split}: has {count} training heads, and {heads} are asked for.")
    chosen = [every[k * count // heads] for k in range(heads)]
    uses = {**dict.fromkeys(chosen, "train"), **dict.fromkeys(parts["val"], "val")}
    few = given.output / f"split-{heads}.json"
    Split(split.cohort, "patient", split.seed, split.ratios, uses).save(few)
    command: Command = [sys.executable, "-m", "imaging.export", given.cohort, corpus]
    run([*command, "--split", few, "--config", CONFIG], given.output / "logs" / "export.log")
    return corpus


def table(results: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return what all trainings came to, the best first."""
    found = Table("setting", "what", "heads", "epochs", "CPU s", *STRUCTURE_IDS, "mean")
    for key, row in sorted(results.items(), key=lambda item: -item[1]["dice"]["mean"]):
        numbers = [str(row["heads"]), str(row["epochs"]), f"{row['cpu_s']:.0f}"]
        found.add_row(key, row["what"], *numbers, *(f"{v:.3f}" for v in row["dice"].values()))
    return found


if __name__ == "__main__":
    main()
