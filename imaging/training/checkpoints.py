"""The checkpoint of a training: all that it needs to go on as if it had never stopped.

Written after each epoch, when its models and its history are, under another name and then
renamed. So whatever kills a training, there is a whole checkpoint or none, and what had been
written since it is written once more, the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from imaging.model.bundle import read_plain, write_plain

CHECKPOINT = "checkpoint.pt"
ALWAYS_THERE = {"config", "network", "optimizer", "lr_scheduler", "trainer", "history", "origin"}
MAY_CHANGE = {
    "train.max_epochs",
    "train.patience",
    "train.cache_slices",
    "train.amp",
    "train.tensorboard",
}
"""Values of the configuration that may be others when a training goes on."""


def write_checkpoint(path: Path, parts: Mapping[str, Any], plain: Mapping[str, Any]) -> None:
    """Write the states of `parts`, and `plain` values, to `path`, atomically.

    Parameters
    ----------
    path
        Where to write.
    parts
        Objects with a `state_dict`.
    plain
        Values of kinds that JSON knows.
    """
    states = {name: part.state_dict() for name, part in parts.items()}
    with atomic_file(path) as temporary:
        write_plain(temporary, {**states, **plain})


def read_checkpoint(path: Path) -> dict[str, Any] | None:
    """Return what `write_checkpoint` wrote, tensors on the CPU; None if there is no such file.

    Raises
    ------
    DataError
        If the file is something else, or damaged.
    """
    if not path.exists():
        return None
    saved = read_plain(path)
    if not isinstance(saved, dict) or not saved.keys() >= ALWAYS_THERE:
        raise DataError(f"{path}: is not a checkpoint, or damaged; train without --resume.")
    return saved


def refuse_other_config(path: Path, saved: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Make sure that a checkpoint is of a training with the configuration `config`.

    Parameters
    ----------
    path
        Where it was read from.
    saved
        What it holds.
    config
        The configuration of the training that is to go on.

    Raises
    ------
    DataError
        Naming the first value that was another.
    """
    theirs, ours = dict(_flat(saved["config"])), dict(_flat(config))
    for name in sorted((theirs.keys() | ours.keys()) - MAY_CHANGE):
        was, is_ = theirs.get(name), ours.get(name)
        if was != is_:
            raise DataError(
                f"{path}: doesn't fit: '{name}' was {was!r} in that training and is {is_!r} now; "
                "set it as it was, or train without --resume."
            )


def refuse_other_corpus(path: Path, saved: Mapping[str, Any], steps: int, corpus: str) -> None:
    """Make sure that a checkpoint is of a training with the same slices.

    After another split a training would go on with cases for training that it is validated or
    tested on, and the other way round.

    Parameters
    ----------
    path
        Where it was read from.
    saved
        What it holds; of an earlier version, no digest.
    steps
        How many steps an epoch has.
    corpus
        Digest of the slices (`imaging.scans.datalist.list_digest`).

    Raises
    ------
    DataError
        If it had other ones.
    """
    if saved.get("corpus") not in (None, corpus):
        raise DataError(
            f"{path}: doesn't fit: the corpus has other slices now, or others of them are for "
            "training and validation; export the corpus as it was, or train without --resume."
        )
    if saved["trainer"]["epoch_length"] != steps:
        raise DataError(
            f"{path}: doesn't fit: an epoch had {saved['trainer']['epoch_length']} steps and has "
            f"{steps} now; export the corpus as it was, or train without --resume."
        )


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, list(value) if isinstance(value, tuple) else value
