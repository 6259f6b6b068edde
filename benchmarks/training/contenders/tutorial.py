"""The plain MONAI recipe as a contender; the recipe itself stands in `tutorial_recipe.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.training.contenders import tutorial_recipe
from benchmarks.training.contenders.base import Contender
from benchmarks.training.contenders.budget import Trained
from benchmarks.training.contenders.process import Command, Spent, run
from imaging.model.config import DEFAULT_CONFIG

RECIPE = Path(tutorial_recipe.__file__)


class Tutorial(Contender):
    """The recipe, on slices exported as this project exports them (configs/imaging/unet.yaml)."""

    name = "tutorial"
    title = "MONAI tutorial"
    unit = "steps"
    calibration = (5, 50)

    @property
    def settings(self) -> dict[str, Any]:  # noqa: D102
        return tutorial_recipe.SETTINGS

    @property
    def corpus(self) -> Path:
        """Where its slices lie."""
        return self.work / "corpus"

    def prepare(self) -> Spent:  # noqa: D102
        command: Command = [sys.executable, "-m", "imaging.export", self.task.cohort.folder]
        command += [self.corpus, "--split", self.task.split, "--config", DEFAULT_CONFIG]
        return run(command, self.work / "export.log")

    def train(self, units: int, folder: Path) -> Trained:  # noqa: D102
        command: Command = [sys.executable, RECIPE, "train", self.corpus, folder]
        command += ["--steps", str(units)]
        return Trained(units, units, run(command, folder / "train.log"))

    def predict(self, folder: Path, masks: Path) -> Spent:  # noqa: D102
        command: Command = [sys.executable, RECIPE, "predict", self.corpus, folder]
        command += ["--output", masks, "--split", self.task.split]
        command += ["--cohort", self.task.cohort.folder]
        return run(command, folder / "predict.log")
