"""Training of the segmentation network, from the beginning, a checkpoint or a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from cohort.base.cli import counted
from cohort.base.errors import DataError, few
from cohort.base.files import clear_partial
from imaging.model.learnt import UNSTATED_START, Lessons
from imaging.training import distributed
from imaging.training.checkpoints import CHECKPOINT, read_checkpoint, refuse_other_config
from imaging.training.finetune import network_of, start_from
from imaging.training.history import History
from imaging.training.rehearsal import rehearse
from imaging.training.run import BEST, Observer, Training


def train(
    config: Mapping[str, Any],
    corpus: Path,
    output: Path,
    device: torch.device | str = "cpu",
    resume: bool = False,
    observe: Observer = lambda *_: None,
    init: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    source: Path | str = "The configuration",
) -> History:
    """Train a network and write it to `output`.

    After each epoch `output` holds `model-best` and `model-last` (bundles), `checkpoint.pt` to
    go on from, `history.csv` and `learning_curve.png` (of an epoch before, where they are
    short); each is complete at any time.

    Started by torchrun, it is one of the processes of `imaging.training.distributed`; only the
    first writes, observes and says.

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
        Go on from `checkpoint.pt` in `output`, if there is one yet. The result is the same as
        without the break.
    observe
        Called after each step, for display.
    init
        Model to start from. With one, the part `val` of the corpus may be empty: all epochs are
        then trained, and the last model is the best.
    say
        Called with each sentence that the user should know.
    source
        The file that the configuration was read from, for messages.

    Raises
    ------
    DataError
        If corpus, configuration, checkpoint or `init` are not what is needed, or the loss is no
        longer a number.
    """
    device = torch.device(device)
    with distributed.process_group(device):
        # Of the training nothing but its history is left when the group ends.
        return _train(config, corpus, output, device, resume, observe, init, say, source)


def _train(
    config: Mapping[str, Any],
    corpus: Path,
    output: Path,
    device: torch.device,
    resume: bool,
    observe: Observer,
    init: Path | None,
    say: Callable[[str], None],
    source: Path | str,
) -> History:
    first = distributed.is_first()
    checkpoint = output / CHECKPOINT
    saved = distributed.from_first(read_checkpoint(checkpoint) if resume and first else None)
    asked = config.get("network_def")
    if saved and saved["origin"]:
        config = {**config, "network_def": saved["config"].get("network_def")}
    elif init and not saved:
        config = {**config, "network_def": network_of(init)}
    # Before the corpus is read, which takes long: what doesn't fit is refused now.
    network = rehearse(config, device, source)
    if saved:
        refuse_other_config(checkpoint, saved, config)
    elif init:
        start_from(init, network, config)
    fine_tuning = bool(saved["origin"] if saved else init)
    training = Training(config, corpus, output, device, observe if first else None, fine_tuning)
    if saved:
        training.resume(checkpoint, saved)
    elif init:
        training.start_from(init)
    if not any(lesson.is_learnt for lesson in training.learnt.values()):
        raise DataError(
            f"{corpus}: the masks of the part 'train' are all empty, so there is nothing to learn; "
            "export a cohort in which some cases show a structure."
        )
    if first:
        for sentence in _notes(training, checkpoint, resume, saved, init):
            say(sentence)
        if init and not saved and asked != config["network_def"]:
            say(f"{init}: is another network than the configuration's; it is trained as it is.")
        clear_partial(output)
        if not saved:
            checkpoint.unlink(missing_ok=True)
    return training.run()


def _notes(
    training: Training,
    checkpoint: Path,
    resume: bool,
    saved: Mapping[str, Any] | None,
    init: Path | None,
) -> Iterator[str]:
    """Yield what the user should know before the training begins."""
    if resume and not saved:
        yield f"{checkpoint}: no such file, so the training starts at its beginning."
    if saved and init:
        yield f"--init {init}: is left out; the training that goes on has its weights."
    if forced := training.corpus.forced:
        yield (
            f"{counted(len(forced), 'training case')} would have been refused and were exported "
            f"with --force: {few(forced)}. The model learns from them all the same."
        )
    yield from _lessons(training.learnt, training.origin, training.keeping is not None)
    if not training.evaluator:
        yield (
            "The part 'val' has no slices with masks: all "
            f"{training.settings.max_epochs} epochs are trained, and {BEST} is the last."
        )


def _lessons(learnt: Lessons, origin: Mapping[str, Any] | None, keeping: bool) -> Iterator[str]:
    """Yield what the model will not learn, and what it knows from before only."""
    for name, lesson in learnt.items():
        if not lesson.is_learnt:
            yield (
                f"{name}: {lesson.why_not}, so the model does not learn it; it will be neither "
                "predicted, measured nor scored."
            )
        elif not lesson.shown:
            yield (
                f"{name}: {lesson.why_not}; what the model that the training starts from knew of "
                f"it is kept{'' if keeping else ', as far as the training does not undo it'}."
            )
    if origin and not origin.get("learnt_stated", False):
        yield f"{origin['model']}: {UNSTATED_START}"
