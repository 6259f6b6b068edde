"""Our own `imaging.export`, `imaging.train`, `imaging.predict`, as a user calls them."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

from benchmarks.training.contenders.base import Contender, Task
from benchmarks.training.contenders.budget import Trained
from benchmarks.training.contenders.process import Command, Spent, run
from imaging.model.config import read_config


class Ours(Contender):
    """A configuration of this project; the number of epochs sets its cosine schedule.

    Parameters
    ----------
    task
        What it is given.
    name
        Short name.
    config
        File of `configs/imaging`.
    """

    unit = "epochs"
    calibration = (1, 3)

    def __init__(self, task: Task, name: str, config: Path) -> None:
        self.name, self.title, self.config = name, f"this project ({config.name})", config
        super().__init__(task)
        self.corpus = self.work / "corpus"

    @property
    def settings(self) -> dict[str, Any]:  # noqa: D102
        return {"config": self.config.as_posix(), "values": read_config(self.config)}

    def prepare(self) -> Spent:  # noqa: D102
        command: Command = [*_module("export"), self.task.cohort.folder, self.corpus]
        command += ["--split", self.task.split, "--config", self.config]
        return run(command, self.work / "export.log")

    def train(self, units: int, folder: Path) -> Trained:  # noqa: D102
        command: Command = [*_module("train"), "--config", self.config, "--corpus", self.corpus]
        command += ["--output", folder, "--train.max_epochs", str(units)]
        spent = run(command, folder / "train.log")
        with (folder / "history.csv").open(encoding="utf-8-sig", newline="") as file:
            done = sum(1 for _ in csv.DictReader(file))
        return Trained(units, done, spent)

    def predict(self, folder: Path, masks: Path) -> Spent:  # noqa: D102
        command: Command = [*_module("predict"), folder / "model-best", self.task.cohort.folder]
        command += ["--split", self.task.split, "--part", "test", "--output", masks]
        return run(command, folder / "predict.log")


def _module(name: str) -> Command:
    return [sys.executable, "-m", f"imaging.{name}"]
