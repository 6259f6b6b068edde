"""nnU-Net v2 (2d) as a contender, in a virtual environment of its own."""

from __future__ import annotations

import json
import shutil
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.training.contenders import nnunet_data
from benchmarks.training.contenders.base import Contender, Task
from benchmarks.training.contenders.budget import Trained
from benchmarks.training.contenders.process import THREADS, Command, Spent, run
from cohort.base.files import write_json

RELEASE = "2.8.1"
DATASET = "Dataset001_HICH"
PLANS = "nnUNetPlansCPU"
PROGRAM = Path(__file__).with_name("nnunet_program.py")

ITERATIONS = 10
"""Of an epoch (250), so that a short budget too has epochs for the learning rate to fall in."""

CUT: dict[str, Any] = {
    "batch_size": 4,  # instead of about 50: steps are what a CPU's minutes lack
    "patch_size": [192, 160],  # rows, columns: a head at 1 mm, as the others get it
    "spacing": [1.0, 1.0],
}
"""What replaces the planner's choice of its configuration 2d."""

ARCHITECTURE: dict[str, Any] = {
    "n_stages": 6,  # down to 6×5 pixels: nnU-Net's rule for this patch
    "features_per_stage": [16, 32, 64, 128, 128, 128],  # instead of 32, 64, 128, 256, 512, 512
    "kernel_sizes": [[3, 3]] * 6,
    "strides": [[1, 1], *[[2, 2]] * 5],
    "n_conv_per_stage": [2] * 6,
    "n_conv_per_stage_decoder": [2] * 5,
}
"""What replaces the planner's choice of its network, a plain U-Net with deep supervision."""


class NNUNet(Contender):
    """nnU-Net v2, configuration 2d, with plan and schedule cut for a CPU.

    Parameters
    ----------
    task
        What it is given.
    environment
        Folder of its virtual environment; made if there is none.
    """

    name = "nnunet"
    title = f"nnU-Net {RELEASE} (2d)"
    unit = f"epochs of {ITERATIONS} iterations"
    calibration = (1, 4)

    def __init__(self, task: Task, environment: Path) -> None:
        super().__init__(task)
        self.environment = environment.resolve()

    @property
    def settings(self) -> dict[str, Any]:  # noqa: D102
        return {
            "release": RELEASE,
            "plan": {**CUT, "architecture": ARCHITECTURE},
            "iterations_per_epoch": ITERATIONS,
            "validation": "one batch an epoch; the last weights are used",
            "mirroring": "none, in training and prediction: it would swap left and right",
            "rotation": "up to 15 degrees",
            "regions": "each structure a sigmoid output; labels are a bit field",
            "orientation": "RAS",
            "augmentation": "nnU-Net's own, in the training process (nnUNet_n_proc_DA=0)",
        }

    def prepare(self) -> Spent:
        """Write the dataset, plan, cut the plan, preprocess."""
        install(self.environment, self.work / "install.log")
        shutil.rmtree(self._raw, ignore_errors=True)
        shutil.rmtree(self._preprocessed, ignore_errors=True)
        start_cpu, start = time.process_time(), time.perf_counter()
        nnunet_data.write_dataset(self.task, self._raw / DATASET)
        spent = Spent(time.process_time() - start_cpu, time.perf_counter() - start)
        processes = ["-npfp", str(THREADS), "--verify_dataset_integrity"]
        command: Command = [self._command("plan_and_preprocess"), "-d", "1", "--no_pp", *processes]
        spent += self._run(command, self.work / "plan.log")
        folder = self._preprocessed / DATASET
        write_json(folder / f"{PLANS}.json", cut_plans(folder / "nnUNetPlans.json"))
        write_json(folder / "splits_final.json", nnunet_data.splits_of(self.task))
        command = [self._command("preprocess"), "-d", "1", "-plans_name", PLANS, "-c", "2d"]
        command += ["-np", str(THREADS)]
        return spent + self._run(command, self.work / "preprocess.log")

    def train(self, units: int, folder: Path) -> Trained:  # noqa: D102
        command: Command = [*self._program("train"), self._preprocessed / DATASET, "--plans", PLANS]
        command += ["--epochs", str(units), "--iterations", str(ITERATIONS)]
        return Trained(units, units, self._run(command, folder / "train.log", folder))

    def predict(self, folder: Path, masks: Path) -> Spent:  # noqa: D102
        probabilities = folder / "probabilities"
        command: Command = [*self._program("predict"), folder, self._raw / DATASET / "imagesTs"]
        spent = self._run([*command, probabilities], folder / "predict.log", folder)
        nnunet_data.write_masks(self.task, probabilities, masks)
        shutil.rmtree(probabilities)  # many times the size of the masks
        return spent

    @property
    def _raw(self) -> Path:
        return self.work / "raw"

    @property
    def _preprocessed(self) -> Path:
        return self.work / "preprocessed"

    def _command(self, name: str) -> Path:
        """Return one of nnU-Net's own commands."""
        return self.environment / "bin" / f"nnUNetv2_{name}"

    def _program(self, command: str) -> Command:
        """Return our program around nnU-Net's classes, which sees nnU-Net's environment only."""
        python = self.environment / "bin" / "python"
        return [python, "-I", PROGRAM, command, "--threads", str(THREADS)]

    def _run(self, command: Command, log: Path, results: Path | None = None) -> Spent:
        variables = {
            "nnUNet_raw": str(self._raw),
            "nnUNet_preprocessed": str(self._preprocessed),
            "nnUNet_results": str(results or self.work),
            # Augmentation in the training's own process; the planner wants at least one.
            "nnUNet_n_proc_DA": "0" if results else "1",
            "nnUNet_def_n_proc": str(THREADS),
            "PYTHONPATH": "",
        }
        return run(command, log, variables)


def cut_plans(path: Path) -> dict[str, Any]:
    """Return the planner's plans with only the configuration 2d, cut for a CPU."""
    plans = json.loads(path.read_text(encoding="utf-8"))
    chosen = plans["configurations"]["2d"]
    chosen |= {**CUT, "data_identifier": f"{PLANS}_2d"}
    chosen["architecture"]["arch_kwargs"] |= ARCHITECTURE
    # Axial slices whatever the spacings of a cohort.
    axes = {"transpose_forward": [0, 1, 2], "transpose_backward": [0, 1, 2]}
    return {**plans, **axes, "plans_name": PLANS, "configurations": {"2d": chosen}}


def install(environment: Path, log: Path) -> None:
    """Make the virtual environment with nnU-Net and this project's own release of torch.

    Both are named in one call, so that pip finds releases that go together; a CPU build of torch
    is taken where pip is configured with one.

    Raises
    ------
    DataError
        If pip fails.
    """
    python = environment / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", environment], log)
    if not (environment / "bin" / "nnUNetv2_train").exists():
        torch = version("torch").split("+")[0]
        packages = [f"torch=={torch}", f"nnunetv2=={RELEASE}"]
        run([python, "-m", "pip", "install", *packages], log)
