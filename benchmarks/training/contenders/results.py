"""What a comparison found: a JSON file with all settings, a table, and a plot."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import atomic_file, read_json, write_json
from cohort.facts.structures import STRUCTURE_IDS, STRUCTURES

RESULTS, TABLE, PICTURE = "peers.json", "peers.csv", "peers.png"

COLOURS = {"ours": "black", "ours-fast": "grey", "tutorial": "tab:blue", "nnunet": "tab:orange"}


class Results:
    """The runs of a comparison so far, kept on disk after each.

    Parameters
    ----------
    folder
        Where the files lie. What a former call for the same cases left there is kept, a run that
        is made again replaces its former one.
    setting
        What must be the same for runs to be compared: cohort, cases, threads.

    Raises
    ------
    DataError
        If the folder holds results of another setting.
    """

    def __init__(self, folder: Path, setting: Mapping[str, Any]) -> None:
        self.folder = folder
        self.value: dict[str, Any] = {**setting, "contenders": {}, "runs": []}
        if (folder / RESULTS).exists():
            former = read_json(folder / RESULTS)
            if {key: former.get(key) for key in setting} != dict(setting):
                raise DataError(
                    f"{folder / RESULTS}: is about other cases or releases; name another --output."
                )
            self.value = former

    def add_contender(self, name: str, description: Mapping[str, Any]) -> None:
        """Record a contender's title, settings and what its preprocessing took."""
        self.value["contenders"][name] = dict(description)
        self._save()

    def add_run(self, row: Mapping[str, Any]) -> None:
        """Record a run; its `contender` and `budget_s` say which it replaces."""
        which = (row["contender"], row["budget_s"])
        others = [r for r in self.value["runs"] if (r["contender"], r["budget_s"]) != which]
        self.value["runs"] = sorted(
            [*others, dict(row)], key=lambda r: (r["contender"], r["budget_s"])
        )
        self._save()

    def _save(self) -> None:
        write_json(self.folder / RESULTS, self.value)
        _write_table(self.folder / TABLE, self.value["runs"])
        if self.value["runs"]:
            _draw(self.folder / PICTURE, self.value)


def describe_run(
    contender: str, budget: float, trained: Any, predicted: Any, summary: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a run as a row: what was planned and spent, and Dice a structure and in the mean."""
    scored = summary["structures"]
    return {
        "contender": contender,
        "budget_s": budget,
        "train_cpu_s": round(trained.spent.cpu, 1),
        "train_wall_s": round(trained.spent.wall, 1),
        "within_budget": trained.spent.cpu <= budget,
        "units_planned": trained.planned,
        "units_done": trained.done,
        "predict_cpu_s": round(predicted.cpu, 1),
        **{f"dice_{s}": scored[s]["dice"]["mean"] for s in STRUCTURE_IDS if s in scored},
        "mean_dice": summary["mean_dice"],
        **{f"hd95_mm_{s}": scored[s]["hd95_mm"]["mean"] for s in STRUCTURE_IDS if s in scored},
    }


def _write_table(path: Path, runs: Sequence[Mapping[str, Any]]) -> None:
    with (
        atomic_file(path) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        columns = list(dict.fromkeys(key for run in runs for key in run))
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(runs)


def _draw(path: Path, value: Mapping[str, Any]) -> None:
    """Draw Dice against CPU-seconds really used, one panel for the mean and one per structure."""
    from matplotlib.figure import Figure

    panels = {"mean_dice": "Mean", **{f"dice_{s.id}": s.name_en for s in STRUCTURES}}
    figure = Figure(figsize=(15, 3.6), dpi=100)
    axes = figure.subplots(1, len(panels), sharey=True)
    figure.subplots_adjust(left=0.05, right=0.99, bottom=0.26, top=0.9, wspace=0.08)
    for name, contender in value["contenders"].items():
        runs = [run for run in value["runs"] if run["contender"] == name]
        if not runs:
            continue
        seconds = [run["train_cpu_s"] for run in runs]
        for panel, column in zip(axes, panels, strict=True):
            dice = [math.nan if run.get(column) is None else run[column] for run in runs]
            panel.plot(seconds, dice, marker="o", color=COLOURS.get(name), label=contender["title"])
    spent = [run["train_cpu_s"] for run in value["runs"]]
    # Set, since a panel without any value would find no range of its own.
    limits = (0.8 * min(spent), 1.25 * max(spent))
    budgets = sorted({run["budget_s"] for run in value["runs"]})
    for panel, title in zip(axes, panels.values(), strict=True):
        panel.set(title=title, xlabel="CPU-seconds of training", ylim=(0, 1))
        panel.set(xscale="log", xlim=limits)
        panel.set_xticks(budgets, [f"{budget:g}" for budget in budgets])
        panel.set_xticks([], minor=True)
        panel.grid(alpha=0.3)
    axes[0].set_ylabel("Dice, test part")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncols=len(COLOURS))
    with atomic_file(path) as temporary:
        figure.savefig(temporary)
