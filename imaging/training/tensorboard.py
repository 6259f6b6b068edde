"""TensorBoard files of a training."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from ignite.engine import Engine
from monai.handlers import TensorBoardStatsHandler

from cohort.base.errors import DataError


def require_tensorboard() -> None:
    """Make sure that TensorBoard is installed.

    Raises
    ------
    DataError
        If it is not.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise DataError(
            "TensorBoard is not installed; run `pip install tensorboard`, "
            "or set --train.tensorboard false."
        )


def attach_tensorboard(folder: Path, trainer: Engine, evaluator: Engine | None) -> None:
    """Write losses and scores to `folder` as a training goes on."""
    losses = TensorBoardStatsHandler(log_dir=str(folder), output_transform=_loss_of)
    losses.attach(trainer)
    if evaluator is None:
        return
    scores = TensorBoardStatsHandler(
        log_dir=str(folder),
        iteration_log=False,
        global_epoch_transform=lambda _: trainer.state.epoch,
    )
    scores.attach(evaluator)


def _loss_of(output: Any) -> float:
    return float(output["loss"].detach())
