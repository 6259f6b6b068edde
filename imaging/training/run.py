"""One training run: MONAI's trainer and evaluator, and what happens around their events."""

from __future__ import annotations

import copy
import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedTrainer
from monai.handlers import LrScheduleHandler, ValidationHandler
from monai.utils import set_determinism
from torch.utils.data import DataLoader

from cohort.base.errors import DataError, told_of
from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.bundle import check_place, save_bundle
from imaging.model.learnt import Lessons, borne_out
from imaging.model.network import build_network
from imaging.model.precision import Bfloat16Inferer, scales_gradients
from imaging.scans.datalist import read_datalist
from imaging.scans.preprocess import Preprocess
from imaging.training import distributed
from imaging.training.averaging import WeightAverage
from imaging.training.batches.batch import PrepareBatch
from imaging.training.batches.corpus import TrainingCorpus
from imaging.training.batches.dataset import SliceSampler, training_patches, validation_volumes
from imaging.training.build import (
    check_sections,
    instantiate,
    length_kept,
    refuse_short_schedule,
)
from imaging.training.checkpoints import CHECKPOINT, refuse_other_corpus, write_checkpoint
from imaging.training.finetune import start_from
from imaging.training.history import Epoch, History
from imaging.training.keeping import KeepKnown
from imaging.training.metadata import describe
from imaging.training.settings import TrainSettings
from imaging.training.tensorboard import attach_tensorboard
from imaging.training.validation import make_evaluator, validated_dice

BEST = "model-best"
LAST = "model-last"
DRAW_SECONDS = 30.0
"""The learning curve is drawn no more often, since that takes as long as some steps."""
KEEPING = "keeping"
"""Of the checkpoint: what `KeepKnown` keeps. Those of earlier versions have none, and go on so."""

Observer = Callable[[int, int, float, History], None]
"""Called after each step with the steps done, those in all, a loss, and the epochs so far.

The loss is that of the step before: asking for the last one's would make a GPU wait.
"""


class Training:
    """One training run: the engines, and what happens around them."""

    def __init__(
        self,
        config: Mapping[str, Any],
        corpus: Path,
        output: Path,
        device: torch.device,
        observe: Observer | None = None,
        may_lack_validation: bool = False,
    ) -> None:
        self.config = copy.deepcopy(dict(config))
        self.output = output
        self.observe = observe
        self.settings = TrainSettings.from_config(self.config.get("train") or {})
        self.history = History()
        self.origin: dict[str, Any] | None = None
        self.keeping: KeepKnown | None = None
        self.first = distributed.is_first()
        for name in (BEST, LAST):
            check_place(output / name)
        listed = read_datalist(corpus)
        check_sections(self.config, corpus, listed.preprocess)
        self.corpus = TrainingCorpus.of(listed, corpus, may_lack_validation)
        self.order = SliceSampler(self.corpus.shows, self.settings.background)
        batches = distributed.BatchShares(self.order, self.settings.batch_size)
        volumes = distributed.share_volumes(validation_volumes(self.corpus.scored))
        set_determinism(self.settings.seed)
        network = build_network(self.config).to(device)
        # A quarter faster on a CPU.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network = distributed.with_batch_norm_over_all(network, device)
        windows = list(Preprocess.from_config(self.config["preprocess"]).windows.values())
        self.patches = training_patches(
            self.corpus.slices, windows, self.settings.patch, self.settings.cache_slices
        )
        self.loader = DataLoader(self.patches, batch_sampler=batches)
        self.steps = len(self.loader) * self.settings.max_epochs
        with told_of("The configuration"):
            parts = instantiate(self.config, self.network, self.steps, device)
        self.optimizer, self.scheduler = parts["optimizer"], parts["lr_scheduler"]
        refuse_short_schedule(self.scheduler, self.steps)
        self.augment = parts["augment"]
        self.loss_function = parts["loss"].to(device)
        ema = self.settings.ema
        self.average = WeightAverage(self.network, ema) if ema else None
        # What is validated and saved.
        self.result = self.average.module if self.average else self.network
        self.evaluator = make_evaluator(self.result, volumes, device) if volumes else None
        self.prepare = PrepareBatch(self.augment, windows)
        self.trainer = SupervisedTrainer(
            device=device,
            max_epochs=self.settings.max_epochs,
            train_data_loader=self.loader,
            network=distributed.averaging_gradients(self.network, device),
            optimizer=self.optimizer,
            loss_function=self._loss,
            prepare_batch=self._prepare,
            decollate=False,
            inferer=Bfloat16Inferer(self.settings.amp),
            amp=scales_gradients(self.settings.amp, device),
            train_handlers=[LrScheduleHandler(self.scheduler, print_lr=False, epoch_level=False)],
        )
        # One place for each step of an epoch: tensors of their own would lie scattered among the
        # large ones that come and go, whose memory then can't be used again.
        self.losses = torch.zeros(len(self.loader), device=device)
        self.started = 0.0
        self.drawn = 0.0
        self._attach_handlers()

    @property
    def learnt(self) -> Lessons:
        """What the structures are learnt from, the model that the training started from included.

        What a checkpoint of an earlier version tells of that model leaves open what it knew.
        """
        known = self.origin.get("learnt", STRUCTURE_IDS) if self.origin else ()
        return {name: replace(one, kept=name in known) for name, one in self.corpus.lessons.items()}

    def run(self) -> History:
        """Train to the end, unless it is reached already, and return how it went."""
        if not self._is_finished():
            if self.first:
                self.output.mkdir(parents=True, exist_ok=True)
            self.trainer.run()
        return self.history

    def start_from(self, model: Path) -> None:
        """Begin with the weights of a model; what it knew of undrawn structures is kept."""
        self.origin = start_from(model, self.network, self.config)
        self._keep()

    def _keep(self) -> None:
        known = self.corpus.sometimes_undrawn & set(
            self.origin.get("learnt", STRUCTURE_IDS) if self.origin else ()
        )
        if known and self.settings.keep:
            self.keeping = KeepKnown(self.network, known, self.settings.keep, self.settings.amp)

    def resume(self, checkpoint: Path, saved: Mapping[str, Any]) -> None:
        """Take the state of a checkpoint, which was read from the file `checkpoint`."""
        refuse_other_corpus(checkpoint, saved, len(self.loader), self.corpus.digest)
        self.origin = saved["origin"]
        if KEEPING in saved:
            self._keep()
        with length_kept(self.scheduler):
            for name, part in self._parts().items():
                part.load_state_dict(saved[name])
        self.trainer.add_event_handler(Events.STARTED, self._resume_scaler, saved.get("scaler"))
        # `max_epochs` may have been raised since.
        self.trainer.state.max_epochs = self.settings.max_epochs

    def _resume_scaler(self, _: Engine, state: dict[str, Any] | None) -> None:
        # MONAI makes it when the run starts.
        if self.trainer.scaler is not None and state:
            self.trainer.scaler.load_state_dict(state)

    def _is_finished(self) -> bool:
        last, settings = self.history.last, self.settings
        if last is None:
            return False
        return last.number >= settings.max_epochs or self.history.stale >= settings.patience

    def _parts(self) -> dict[str, Any]:
        """Return what a checkpoint holds the state of."""
        parts = {
            "network": self.network,
            "optimizer": self.optimizer,
            "lr_scheduler": self.scheduler,
            "trainer": self.trainer,
            "history": self.history,
        }
        if self.average:
            parts["average"] = self.average
        if self.trainer.scaler is not None:
            parts["scaler"] = self.trainer.scaler
        if self.keeping:
            parts[KEEPING] = self.keeping
        return parts

    def _prepare(self, *batch: Any, **options: Any) -> tuple[torch.Tensor, torch.Tensor]:
        prepare = self.keeping.preparing(self.prepare) if self.keeping else self.prepare
        return prepare(*batch, **options)

    def _loss(self, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        # In mixed precision the logits have 16 bits, too few for sums over a batch's pixels.
        logits, drawn = logits.float(), label[:, : len(STRUCTURE_IDS)]
        loss = self.loss_function(logits, drawn)
        return loss + self.keeping(logits, label[:, len(STRUCTURE_IDS) :]) if self.keeping else loss

    def _attach_handlers(self) -> None:
        engines = [self.trainer, self.evaluator] if self.evaluator else [self.trainer]
        for engine in engines:
            # They would say once more what the error that ends a training says.
            engine.logger.setLevel(logging.CRITICAL)
        trainer = self.trainer
        trainer.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
        if hasattr(self.loss_function, "set_progress"):
            trainer.add_event_handler(Events.ITERATION_STARTED, self._set_progress)
        trainer.add_event_handler(Events.ITERATION_COMPLETED, self._after_step)
        trainer.add_event_handler(Events.EPOCH_COMPLETED, self._before_validation)
        if self.evaluator:
            validation = ValidationHandler(interval=1, validator=self.evaluator)
            event = Events.EPOCH_COMPLETED(event_filter=lambda _, epoch: self._validates(epoch))
            trainer.add_event_handler(event, validation)
        trainer.add_event_handler(Events.EPOCH_COMPLETED, self._end_epoch)
        if self.settings.tensorboard and self.first:
            attach_tensorboard(self.output / "tensorboard", trainer, self.evaluator)

    def _start_epoch(self, engine: Engine) -> None:
        self.started = time.perf_counter()
        # From the epoch's number alone, so that a resumed training goes the same way. All
        # processes go through the slices in one order, and change theirs in different ways.
        seed = self.settings.seed * 100_003 + engine.state.epoch
        self.order.seed(seed)
        seed += idist.get_rank() * 1_000_000_007
        self.patches.transform.set_random_state(seed % 2**32)
        self.augment.seed(seed)
        torch.manual_seed(seed)

    def _validates(self, epoch: int) -> bool:
        """Whether the epoch with this number is validated, if there is anything to validate on."""
        return epoch % self.settings.validate_every == 0 or epoch == self.settings.max_epochs

    def _set_progress(self, engine: Engine) -> None:
        self.loss_function.set_progress((engine.state.iteration - 1) / self.steps)

    def _after_step(self, engine: Engine) -> None:
        if self.average:
            self.average.update_parameters(self.network)
        step = (engine.state.iteration - 1) % len(self.losses)
        self.losses[step] = engine.state.output["loss"].detach()  # type: ignore[index]
        known = float(self.losses[max(step - 1, 0)])
        # Of several processes none must leave the others waiting: all look at the epoch's end.
        if not math.isfinite(known) and idist.get_world_size() == 1:
            self._refuse_loss()
        if self.observe:
            self.observe(engine.state.iteration, self.steps, known, self.history)

    def _before_validation(self, engine: Engine) -> None:
        self.loss = float(distributed.average(self.losses.mean()))
        if not math.isfinite(self.loss):
            self._refuse_loss()
        distributed.average_buffers(self.network)
        if self.average:
            distributed.average_buffers(self.average.module)

    def _refuse_loss(self) -> None:
        last = self.trainer.state.iteration
        first = last - (last - 1) % len(self.losses)  # of this epoch
        bad = (~self.losses[: last - first + 1].isfinite()).nonzero()
        number = first + int(bad[0]) if len(bad) else last  # or that of another process
        raise DataError(
            f"The loss is no longer a number in step {number}; "
            "train again with a lower --train.learning_rate."
        )

    def _end_epoch(self, engine: Engine) -> None:
        """Record the epoch, validated by now if it is to be, and write all that there is."""
        number = engine.state.epoch
        evaluator = self.evaluator if self._validates(number) else None
        dice = validated_dice(evaluator) if evaluator else {}
        learnt = self.learnt
        epoch = Epoch(
            number=number,
            loss=self.loss,
            learning_rate=float(self.optimizer.param_groups[0]["lr"]),
            dice={name: value for name, value in dice.items() if learnt[name].is_learnt},
            seconds=time.perf_counter() - self.started,
            cases=self.corpus.val_cases if dice else {},
        )
        self.history.epochs.append(epoch)
        if self.first:
            self._write(epoch)
        if self._is_finished():
            engine.terminate()

    def _write(self, epoch: Epoch) -> None:
        self.history.save(self.output)
        if self._is_finished() or time.perf_counter() - self.drawn > DRAW_SECONDS:
            self.history.draw(self.output)
            self.drawn = time.perf_counter()
        learnt = borne_out(self.learnt, self.history.validated, self.corpus.val_cases)
        forced, scans = len(self.corpus.forced), self.corpus.scans
        metadata = describe(self.config, epoch, learnt, self.origin, forced, scans)
        if self.history.best is epoch:
            save_bundle(self.output / BEST, self.result, self.config, metadata)
        save_bundle(self.output / LAST, self.result, self.config, metadata)
        # Last, so that what it says was written is there.
        plain = {"config": self.config, "origin": self.origin, "corpus": self.corpus.digest}
        write_checkpoint(self.output / CHECKPOINT, self._parts(), plain)
