"""Training of the segmentation network with MONAI's engines and handlers."""

from __future__ import annotations

import copy
import importlib.util
import logging
import math
import pickle
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from ignite.engine import Engine, Events
from ignite.handlers import TerminateOnNan
from monai.bundle.config_parser import ConfigParser
from monai.engines import SupervisedTrainer
from monai.handlers import (
    CheckpointLoader,
    CheckpointSaver,
    EarlyStopHandler,
    LrScheduleHandler,
    TensorBoardStatsHandler,
    ValidationHandler,
)
from monai.utils import set_determinism
from torch.utils.data import DataLoader

from cohort.errors import DataError
from imaging.average import WeightAverage
from imaging.batch import PrepareBatch
from imaging.bundle import build_network, check_place, save_bundle
from imaging.datalist import EXPORT_ADVICE, read_datalist, read_preprocess
from imaging.dataset import SliceSampler, training_patches, validation_volumes
from imaging.history import Epoch, History
from imaging.metadata import describe
from imaging.postprocess import Postprocess
from imaging.preprocess import Preprocess
from imaging.settings import TrainSettings
from imaging.validation import dice_by_structure, make_evaluator

CHECKPOINT = "checkpoint.pt"
BEST = "model-best"
LAST = "model-last"
LENGTH_OF_SCHEDULE = ("t_total", "warmup_steps", "total_steps", "T_max")
"""What schedulers call what follows from the number of steps."""

Observer = Callable[[int, int, float, History], None]
"""Called after each step with the steps done, those in all, the loss, and the epochs so far."""


def train(
    config: Mapping[str, Any],
    corpus: Path,
    output: Path,
    device: torch.device | str = "cpu",
    resume: bool = False,
    observe: Observer = lambda *_: None,
) -> History:
    """Train a network and write it to `output`.

    After each epoch `output` holds `model-best` and `model-last` (bundles), `checkpoint.pt` to
    go on from, `history.csv` and `learning_curve.png`; each is complete at any time.

    Parameters
    ----------
    config
        Training configuration, as `read_config` gives it.
    corpus
        Folder that `imaging.export` wrote.
    output
        Folder to write to; files of a former training there are replaced.
    device
        Where to compute.
    resume
        Go on from `checkpoint.pt` in `output`. The result is the same as without the break.
    observe
        Called after each step, for display.

    Raises
    ------
    DataError
        If corpus, configuration or checkpoint are not what is needed, or the loss is no
        number any more.
    """
    training = Training(config, corpus, output, torch.device(device), observe)
    checkpoint = output / CHECKPOINT
    if resume:
        return training.resume(checkpoint)
    checkpoint.unlink(missing_ok=True)
    return training.run()


class Training:
    """One training run: the engines, and what happens around them."""

    def __init__(
        self,
        config: Mapping[str, Any],
        corpus: Path,
        output: Path,
        device: torch.device,
        observe: Observer,
    ) -> None:
        self.config = copy.deepcopy(dict(config))
        self.output = output
        self.observe = observe
        self.settings = TrainSettings.from_config(self.config.get("train") or {})
        self.history = History()
        for name in (BEST, LAST):
            check_place(output / name)
        _check_preprocess(self.config, corpus)
        slices = read_datalist(corpus, "train")
        volumes = validation_volumes(read_datalist(corpus, "val"))
        set_determinism(self.settings.seed)
        self.network = build_network(self.config, "The configuration").to(device)
        # A quarter faster on a CPU.
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        windows = list(Preprocess.from_config(self.config["preprocess"]).windows.values())
        self.patches = training_patches(
            slices, windows, self.settings.patch, self.settings.cache_slices
        )
        shown = [bool(entry["present"]) for entry in slices]
        self.order = SliceSampler(shown, self.settings.background)
        self.loader = DataLoader(
            self.patches,
            batch_size=self.settings.batch_size,
            sampler=self.order,
            # A last batch of few slices would weigh as much as a whole one.
            drop_last=len(self.order) >= self.settings.batch_size,
        )
        self.steps = len(self.loader) * self.settings.max_epochs
        parts = _instantiate(self.config, self.network, self.steps, device)
        self.optimizer, self.scheduler = parts["optimizer"], parts["lr_scheduler"]
        self.augment = parts["augment"]
        ema = self.settings.ema
        self.average = WeightAverage(self.network, ema) if ema else None
        # What is validated and saved.
        self.result = self.average.module if self.average else self.network
        self.evaluator = make_evaluator(self.result, volumes, device)
        self.trainer = SupervisedTrainer(
            device=device,
            max_epochs=self.settings.max_epochs,
            train_data_loader=self.loader,
            network=self.network,
            optimizer=self.optimizer,
            loss_function=parts["loss"].to(device),
            prepare_batch=PrepareBatch(self.augment, windows),
            decollate=False,
            train_handlers=[
                LrScheduleHandler(self.scheduler, print_lr=False, epoch_level=False),
                ValidationHandler(interval=1, validator=self.evaluator),
            ],
        )
        for engine in (self.trainer, self.evaluator):
            # They would say once more what the error that ends a training says.
            engine.logger.setLevel(logging.CRITICAL)
        self.losses: list[float] = []
        self.started = 0.0
        self._attach_handlers()

    def run(self) -> History:
        """Train to the end, and return how it went."""
        self.output.mkdir(parents=True, exist_ok=True)
        # Written under another name and then renamed, so that there always is a whole one.
        with TemporaryDirectory(prefix=".partial.", dir=self.output) as folder:
            saver = CheckpointSaver(folder, self._to_save(), save_interval=1)
            saver.attach(self.trainer)

            @self.trainer.on(Events.EPOCH_COMPLETED)
            def keep_checkpoint(engine: Engine) -> None:
                written = Path(folder) / f"checkpoint_epoch={engine.state.epoch}.pt"
                written.replace(self.output / CHECKPOINT)

            self.trainer.run()
        if self.losses and not math.isfinite(self.losses[-1]):
            raise DataError(
                f"The loss is no number any more in step {self.trainer.state.iteration}; "
                "train again with a lower --train.learning_rate."
            )
        return self.history

    def resume(self, checkpoint: Path) -> History:
        """Go on from a checkpoint, unless it has all epochs already."""
        if not checkpoint.is_file():
            raise DataError(f"{checkpoint}: no such file to resume from; train without --resume.")
        saved = _read_checkpoint(checkpoint)
        if not self._fits(saved):
            raise DataError(
                f"{checkpoint}: doesn't fit the network, train.ema, the corpus or the batch size "
                "of this training; set them as they were, or train without --resume."
            )
        self.history.load_state_dict(saved["history"])
        last = self.history.last
        if last and last.number >= self.settings.max_epochs:
            return self.history
        length = {key: vars(self.scheduler).get(key) for key in LENGTH_OF_SCHEDULE}
        CheckpointLoader(str(checkpoint), self._to_save()).attach(self.trainer)

        @self.trainer.on(Events.STARTED)
        def keep_length_of_schedule(engine: Engine) -> None:
            # `max_epochs` may have been raised since.
            vars(self.scheduler).update(
                {k: v for k, v in length.items() if k in vars(self.scheduler)}
            )

        return self.run()

    def _fits(self, saved: Mapping[str, Any]) -> bool:
        ours = {name: weight.shape for name, weight in self.network.state_dict().items()}
        theirs = {name: weight.shape for name, weight in saved["network"].items()}
        if ("average" in saved) != bool(self.average):
            return False
        return ours == theirs and saved["trainer"]["epoch_length"] == len(self.loader)

    def _to_save(self) -> dict[str, Any]:
        parts = {
            "network": self.network,
            "optimizer": self.optimizer,
            "lr_scheduler": self.scheduler,
            "trainer": self.trainer,
            "history": self.history,
        }
        return parts | ({"average": self.average} if self.average else {})

    def _attach_handlers(self) -> None:
        trainer = self.trainer
        trainer.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
        trainer.add_event_handler(Events.ITERATION_COMPLETED, self._after_step)
        stop_on_nan = TerminateOnNan(_loss_of)
        stop_on_nan.logger.setLevel(logging.CRITICAL)
        trainer.add_event_handler(Events.ITERATION_COMPLETED, stop_on_nan)
        trainer.add_event_handler(Events.EPOCH_COMPLETED, self._end_epoch)
        EarlyStopHandler(
            self.settings.patience,
            score_function=lambda _: self.history.last.mean_dice if self.history.last else 0.0,
            trainer=trainer,
        ).attach(trainer)
        if self.settings.tensorboard:
            _attach_tensorboard(self.output / "tensorboard", trainer, self.evaluator)

    def _start_epoch(self, engine: Engine) -> None:
        self.losses.clear()
        self.started = time.perf_counter()
        # From the epoch's number alone, so that a resumed training goes the same way.
        seed = self.settings.seed * 100_003 + engine.state.epoch
        self.order.seed(seed)
        self.patches.transform.set_random_state(seed)
        self.augment.seed(seed)
        torch.manual_seed(seed)

    def _after_step(self, engine: Engine) -> None:
        if self.average:
            self.average.update_parameters(self.network)
        loss = _loss_of(engine.state.output)
        self.losses.append(loss)
        self.observe(engine.state.iteration, self.steps, loss, self.history)

    def _end_epoch(self, engine: Engine) -> None:
        """Record the epoch, which has been validated by now, and write the models."""
        epoch = Epoch(
            number=engine.state.epoch,
            loss=sum(self.losses) / len(self.losses),
            learning_rate=float(self.optimizer.param_groups[0]["lr"]),
            dice=dice_by_structure(self.evaluator),
            seconds=time.perf_counter() - self.started,
        )
        self.history.epochs.append(epoch)
        self.history.save(self.output)
        metadata = describe(self.config, epoch)
        if self.history.best is epoch:
            save_bundle(self.output / BEST, self.result, self.config, metadata)
        save_bundle(self.output / LAST, self.result, self.config, metadata)


def _instantiate(
    config: Mapping[str, Any], network: torch.nn.Module, steps: int, device: torch.device
) -> dict[str, Any]:
    """Build what the configuration describes besides the network."""
    parser = ConfigParser(dict(config))
    parser["network"] = network
    parser["steps"] = steps
    parser["device"] = device
    parts = {}
    for section in ("augment", "loss", "optimizer", "lr_scheduler"):
        if section not in config:
            raise DataError(f"The configuration lacks the section '{section}'.")
        try:
            parts[section] = parser.get_parsed_content(section)
        except Exception as error:  # whatever a class makes of wrong arguments
            cause = error.__cause__ or error
            raise DataError(
                f"Section '{section}' of the configuration can't be built: {cause}"
            ) from None
    return parts


def _check_preprocess(config: Mapping[str, Any], corpus: Path) -> None:
    read_datalist(corpus, "train")
    Postprocess.from_config(config.get("postprocess"))  # refused now, not after the training
    wanted = Preprocess.from_config(config.get("preprocess") or {})
    if Preprocess.from_config(read_preprocess(corpus)) != wanted:
        raise DataError(
            f"{corpus}: was exported with other windows or another spacing than the "
            f"configuration's; {EXPORT_ADVICE.format(folder=corpus)}."
        )


def _read_checkpoint(path: Path) -> dict[str, Any]:
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        return {**saved, **{name: saved[name] for name in ("network", "trainer", "history")}}
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, TypeError):
        raise DataError(f"{path}: is no checkpoint, or damaged; train without --resume.") from None


def _loss_of(output: Any) -> float:
    return float(output["loss"].detach())


def _attach_tensorboard(folder: Path, trainer: Engine, evaluator: Engine) -> None:
    if importlib.util.find_spec("tensorboard") is None:
        raise DataError(
            "TensorBoard is not installed; run `pip install tensorboard`, "
            "or set --train.tensorboard false."
        )
    losses = TensorBoardStatsHandler(log_dir=str(folder), output_transform=_loss_of)
    losses.attach(trainer)
    scores = TensorBoardStatsHandler(
        log_dir=str(folder),
        iteration_log=False,
        global_epoch_transform=lambda _: trainer.state.epoch,
    )
    scores.attach(evaluator)
