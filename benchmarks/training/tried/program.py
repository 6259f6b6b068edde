"""Training of settings, in a process of its own, so that it has one thread.

Run as `python -m benchmarks.training.tried.program`::

    cost FOLDER CORPUS NAME…     writes FOLDER/result.json: CPU-seconds of a step of each setting
    train FOLDER                 trains what FOLDER/plan.json lists

One process trains all, so that it loads its libraries and reads its slices once.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml

from benchmarks.training.tried.settings import SETTINGS
from benchmarks.training.tried.ways import reading_once, short_epochs, training_class
from cohort.base.files import read_json, write_json, write_text
from imaging.model.bundle import load_bundle
from imaging.model.config import read_config
from imaging.scans.datalist import labelled_slices, read_datalist
from imaging.training.batches.dataset import validation_volumes
from imaging.training.history import Epoch
from imaging.training.run import LAST, Training
from imaging.training.validation import make_evaluator, validated_dice

CPU = torch.device("cpu")
ROUNDS = 3
WARM = 2
"""Steps of a training that are not counted, since memory is taken then."""
COUNTED = 8
"""Steps that are counted, each time a setting has its turn."""


class Enough(Exception):
    """Ends a training that was only to show what its steps cost."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=["cost", "train"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with reading_once():
        if given.task == "cost":
            write_json(given.folder / "result.json", costs(given.corpus, given.folder, given.names))
            return
        for item in read_json(given.folder / "plan.json"):
            result = given.folder / item["key"] / "result.json"
            if not result.is_file():
                found = train(given.folder / item["key"], item)
                write_json(result, {**item, **found})
                print(item["key"], found, flush=True)


def train(folder: Path, item: dict[str, Any]) -> dict[str, Any]:
    """Train a setting as a plan's `item` says, and validate it at the end.

    Returns
    -------
    dict
        Its validation Dice, that of each network where it has several, its steps, and their
        CPU-seconds.
    """
    name, corpus = item["name"], Path(item["corpus"])
    every = []
    for number in range(SETTINGS[name].networks):
        # Seeds that no other training has.
        seed = item["seed"] + 1000 * number
        with short_epochs(item["steps_of_epoch"]):
            every.append(_train(name, corpus, folder / str(number), item["epochs"], seed))
    result = {
        "dice": every[0]["dice"],
        "steps": sum(one["steps"] for one in every),
        "cpu_s": round(sum(one["cpu_s"] for one in every), 1),
    }
    if len(every) > 1:
        result["each"] = [one["dice"]["mean"] for one in every]
        result["dice"] = mean_of(corpus, [folder / str(n) / LAST for n in range(len(every))])
    return result


def _train(name: str, corpus: Path, folder: Path, epochs: int, seed: int) -> dict[str, Any]:
    ends: list[float] = []
    with training_class(SETTINGS[name].way) as training:
        observe = lambda *_: ends.append(time.process_time())  # noqa: E731
        run = _training(training, name, corpus, folder, epochs, seed, observe)
        ends.append(time.process_time())
        history = run.run()
    steps = [later - earlier for earlier, later in zip(ends, ends[1:], strict=False)]
    # Between two epochs models are written, and a picture is drawn; that is no part of a step.
    longest = 3 * statistics.median(steps)
    return {
        "dice": {**history.validated, "mean": history.epochs[-1].mean_dice},
        "steps": len(steps),
        "cpu_s": sum(min(step, longest) for step in steps),
    }


def _training(
    training: type[Training],
    name: str,
    corpus: Path,
    folder: Path,
    epochs: int,
    seed: int,
    observe: Callable[..., None],
) -> Training:
    file = folder / "config.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, yaml.safe_dump({"extends": "unet.yaml", **SETTINGS[name].sections}))
    values = {"seed": seed, "max_epochs": epochs, "validate_every": epochs}
    config = read_config(file, {f"train.{key}": value for key, value in values.items()})
    return training(config, corpus, folder, CPU, observe)


def costs(corpus: Path, folder: Path, names: Sequence[str]) -> dict[str, float]:
    """Return the CPU-seconds of a step of each setting.

    The settings take turns, so that what else the machine does strikes all of them alike, and the
    median of each is taken.
    """
    found: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            found[name] += _steps(name, corpus, folder / name)
    return {name: statistics.median(steps) for name, steps in found.items()}


def _steps(name: str, corpus: Path, folder: Path) -> list[float]:
    ends: list[float] = []

    def observe(*_: object) -> None:
        ends.append(time.process_time())
        if len(ends) == WARM + COUNTED:
            raise Enough

    with training_class(SETTINGS[name].way) as training:
        run = _training(training, name, corpus, folder, 1, 0, observe)
        with contextlib.suppress(Enough):
            run.run()
    ends = ends[WARM - 1 :]
    return [later - earlier for earlier, later in zip(ends, ends[1:], strict=False)]


class MeanOfNetworks(torch.nn.Module):
    """Several networks as one: the logits of the mean of their probabilities."""

    def __init__(self, networks: Sequence[torch.nn.Module]) -> None:
        super().__init__()
        self.networks = torch.nn.ModuleList(networks)
        self.strides = networks[0].strides

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return logits [N, S, X, Y] of [N, 3, X, Y]."""
        found = [network(image).float().sigmoid() for network in self.networks]
        return torch.stack(found).mean(0).logit(eps=1e-6)


def mean_of(corpus: Path, models: Sequence[Path]) -> dict[str, float | None]:
    """Return the validation Dice of the mean of several models."""
    volumes = validation_volumes(labelled_slices(read_datalist(corpus), corpus, "val"))
    network = MeanOfNetworks([load_bundle(model).network for model in models])
    evaluator = make_evaluator(network, volumes, CPU)
    evaluator.run()
    dice = validated_dice(evaluator)
    return {**dice, "mean": Epoch(1, 0.0, 0.0, dice, 0.0).mean_dice}


if __name__ == "__main__":
    main()
