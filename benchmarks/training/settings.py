"""What brings the most per CPU-second: settings of a training, compared at equal CPU-seconds.

Run from the project's folder::

    python -m benchmarks.training.settings COHORT SPLIT --heads 80 --budget 60 --output FOLDER

Each setting (`tried/settings.py`) differs in one thing from `configs/imaging/unet.yaml`.
It is trained anew on the same heads of the split's part `train`, in one thread, with a schedule
that ends with the budget: its epochs have fewer steps where whole ones would not. The budget is
that of the steps alone: a start and a validation are a small part of a real training, and would be
a large one here. What a step costs is measured beforehand, all settings taking turns, since
CPU-seconds depend on what else a machine does. What counts is the Dice of the last epoch, on the
whole part `val`; the test part, and real slices, are not looked at.

FOLDER gets the trainings, each with its result.json; what is there already is not trained again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import ROOT
from benchmarks.training.contenders.process import Command, run
from benchmarks.training.tried.settings import SETTINGS, Setting
from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.split import Split

CONFIG = "configs/imaging/unet.yaml"
SLICES_FOR_COST = 96
"""Of the corpus on which the cost of a step is measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cohort", type=Path)
    parser.add_argument("split", type=Path)
    parser.add_argument("--heads", type=int, default=80, help="training heads of the usual setting")
    parser.add_argument("--budget", type=float, default=60.0, help="CPU-seconds of all steps")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of each setting")
    parser.add_argument("--only", default=",".join(SETTINGS), help="settings, with commas")
    parser.add_argument("--output", type=Path, required=True)
    given = parser.parse_args()
    names = given.only.split(",")
    if unknown := set(names) - set(SETTINGS):
        parser.error(f"--only: no such setting: {', '.join(sorted(unknown))}")
    console = Console(highlight=False, soft_wrap=True)
    try:
        found = compete([(name, seed) for seed in given.seeds for name in names], given)
    except DataError as error:
        console.print(f"[red]✘[/red] {error}")
        raise SystemExit(1) from None
    console.print(table(found))


def compete(
    entrants: Sequence[tuple[str, int]], given: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    """Train settings within the budget, each given by its name and a seed; return all there is."""
    cost = costs(given)
    plan = []
    for name, seed in entrants:
        setting = SETTINGS[name]
        heads = round(given.heads * setting.heads)
        corpus = exported(given, heads)
        steps = steps_an_epoch(setting, read_json(corpus / "datalist.json"))
        step = cost[same_step(name)]
        epochs, each = schedule(given.budget / setting.networks, step, steps)
        item = {"key": f"{name}-{seed}", "name": name, "seed": seed}
        item |= {"epochs": epochs, "steps_of_epoch": each, "passes": epochs * each / steps}
        item |= {"what": setting.what, "heads": heads, "corpus": str(corpus)}
        item |= {"step_s": step, "cost_s": step * each * epochs * setting.networks}
        plan.append(item)
    write_json(given.output / "plan.json", plan)
    program(["train", given.output], given.output / "logs" / "train.log")
    results = map(read_json, sorted(given.output.glob("*-*/result.json")))
    return {result["key"]: result for result in results}


def costs(given: argparse.Namespace) -> dict[str, float]:
    """Return the CPU-seconds of a step of all settings whose steps differ, measured once."""
    folder = given.output / "cost"
    if not (folder / "result.json").is_file():
        few = first_slices(exported(given, given.heads), given.output / "corpus-cost")
        names = dict.fromkeys(map(same_step, SETTINGS))
        program(["cost", folder, few, *names], given.output / "logs" / "cost.log")
    return dict(read_json(folder / "result.json"))


def same_step(name: str) -> str:
    """Return the first setting whose steps are those of the setting `name`."""
    return next(other for other in SETTINGS if _step(other) == _step(name))


def _step(name: str) -> tuple[Any, ...]:
    """Return all that decides what a step costs."""
    setting = SETTINGS[name]
    network, loss, train = (
        setting.sections.get(section, {}) for section in ("network_def", "loss", "train")
    )
    shape = (train.get("batch_size"), train.get("patch"))
    return (setting.way, network, loss.get("_target_"), shape)


def schedule(budget: float, cost: float, steps: int) -> tuple[int, int]:
    """Return into how many epochs a budget is cut, and the steps of each.

    Parameters
    ----------
    budget, cost
        CPU-seconds: in all, and of a step.
    steps
        Those of a whole epoch. An epoch may have fewer, so that nothing of the budget is left.

    Examples
    --------
    >>> schedule(60.0, 0.05, 160), schedule(60.0, 0.05, 400), schedule(1.0, 0.05, 160)
    ((8, 150), (3, 400), (1, 20))
    """
    wanted = max(1, round(budget / cost))
    epochs = -(-wanted // steps)
    return epochs, round(wanted / epochs)


def steps_an_epoch(setting: Setting, datalist: Mapping[str, Any]) -> int:
    """Return how many steps `imaging.training` takes for an epoch of a corpus."""
    train = {"background": 0.3, "batch_size": 8, **setting.sections.get("train", {})}
    shown = [bool(entry["present"]) for entry in datalist["training"]]
    slices = sum(shown) + round(train["background"] * (len(shown) - sum(shown)))
    return max(1, slices // int(train["batch_size"]))


def program(arguments: Command, log: Path) -> None:
    """Run `benchmarks.training.tried.program`, whose output goes to `log`."""
    command: Command = [sys.executable, "-m", "benchmarks.training.tried.program", *arguments]
    run(command, log, {"PYTHONPATH": str(ROOT)})


def first_slices(corpus: Path, folder: Path) -> Path:
    """Write a corpus of the first slices of another that show a structure; return `folder`."""
    listed = read_json(corpus / "datalist.json")
    shown = [entry for entry in listed["training"] if entry["present"]][:SLICES_FOR_COST]
    first = listed["validation"][0]["case"]
    scored = [entry for entry in listed["validation"] if entry["case"] == first]
    back = Path("..") / corpus.name
    for entry in (*shown, *scored):
        entry.update({key: (back / entry[key]).as_posix() for key in ("image", "label")})
    listed.update(training=shown, validation=scored, test=[])
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "datalist.json", listed)
    return folder


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
    found = Table("setting", "what", "heads", "passes", "ms", "CPU s", *STRUCTURE_IDS, "mean")
    for key, row in sorted(results.items(), key=lambda item: -item[1]["dice"]["mean"]):
        numbers = [str(row["heads"]), f"{row['passes']:.1f}", f"{1000 * row['step_s']:.1f}"]
        each = [row["dice"].get(name) for name in (*STRUCTURE_IDS, "mean")]
        dice = ("–" if value is None else f"{value:.3f}" for value in each)
        found.add_row(key, row["what"], *numbers, f"{row['cost_s']:.0f}", *dice)
    return found


if __name__ == "__main__":
    main()
