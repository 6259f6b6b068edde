"""What a few labelled cases of your own bring: Dice after fine-tuning on 0, 1, 2, 5 and 10.

Run from the project's folder: `python -m benchmarks.training.few_cases [MODEL] [--config FILE]`,
MODEL being a trained one that has only seen generated heads of the style `routine`. Heads of the
style `other` (another scanner, older patients: see cohort/synthetic/style.py) stand in for the
user's own; beside each fine-tuned model stands one that was trained from scratch on the same cases.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

COUNTS = (0, 1, 2, 5, 10)
TEST_CASES, SEED = 20, 4711


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", nargs="?", type=Path, default=Path("training/imaging/model-best"))
    parser.add_argument("--config", type=Path, default=Path("configs/imaging/unet_finetune.yaml"))
    parser.add_argument("--output", type=Path, help="also write a CSV and a plot into this folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cohort = folder / "other"
        cases = max(COUNTS) + 1 + TEST_CASES
        command("cohort.synthesize", cohort, "--cases", cases, "--seed", SEED, "--style", "other")
        rows = [row for count in COUNTS for row in scores(folder, cohort, count, given)]
    table = Table("own cases", "start", "hematoma", "midline", "ventricle left", "ventricle right")
    for row in rows:
        table.add_row(str(row["cases"]), row["start"], *(f"{d:.3f}" for d in row["dice"].values()))
    Console().print(table)
    if given.output:
        write(rows, given.output)


def scores(
    folder: Path, cohort: Path, count: int, given: argparse.Namespace
) -> list[dict[str, Any]]:
    """Train on `count` cases, from the model and from scratch, and score both on the test part."""
    if not count:
        split = write_split(folder, cohort, 1)
        return [row(0, "as it is", evaluate(given.model, cohort, split, folder))]
    split, corpus = write_split(folder, cohort, count), folder / f"corpus-{count}"
    command("imaging.export", cohort, corpus, "--split", split, "--config", given.config)
    rows = []
    for start, options in (("fine-tuned", ["--init", given.model]), ("from scratch", [])):
        output = folder / f"{start.replace(' ', '-')}-{count}"
        paths = ["--config", given.config, "--corpus", corpus, "--output", output]
        command("imaging.train", *paths, *options)
        dice = evaluate(output / "model-best", cohort, split, folder)
        rows.append(row(count, start, dice))
    return rows


def row(cases: int, start: str, dice: dict[str, float]) -> dict[str, Any]:
    return {"cases": cases, "start": start, "dice": dice}


def write_split(folder: Path, cohort: Path, count: int) -> Path:
    """Name the first `count` cases train, the one after them val, and the last ones test."""
    from cohort.schema.manifest import Cohort
    from cohort.schema.split import Split

    ids = [case.id for case in Cohort.load(cohort).cases]
    own, test = ids[: max(COUNTS) + 1], ids[max(COUNTS) + 1 :]
    parts = dict.fromkeys(own[:count], "train") | {own[-1]: "val"} | dict.fromkeys(test, "test")
    path = folder / f"split-{count}.json"
    Split(cohort.name, "patient", SEED, (0.6, 0.1, 0.3), parts).save(path)
    return path


def evaluate(model: Path, cohort: Path, split: Path, folder: Path) -> dict[str, float]:
    """Return the mean Dice of each structure on the test part."""
    metrics = folder / "metrics"
    command("imaging.evaluate", model, cohort, "--split", split, "--output", metrics)
    summary = json.loads((metrics / "test.json").read_text(encoding="utf-8"))
    return {name: value["dice"]["mean"] for name, value in summary["structures"].items()}


def command(module: str, *arguments: object) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


def write(rows: list[dict[str, Any]], folder: Path) -> None:
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "finetune.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["cases", "start", *rows[0]["dice"]])
        writer.writerows([r["cases"], r["start"], *r["dice"].values()] for r in rows)
    figure = Figure(figsize=(10, 3), dpi=100, layout="constrained")
    for axes, structure in zip(figure.subplots(1, 4, sharey=True), rows[0]["dice"], strict=True):
        for start, style in (("fine-tuned", "o-"), ("from scratch", "s--")):
            chosen = [r for r in rows if r["start"] in (start, "as it is" if style == "o-" else "")]
            axes.plot([r["cases"] for r in chosen], [r["dice"][structure] for r in chosen], style)
        axes.set(title=structure, xlabel="labelled cases", ylim=(0, 1))
        axes.grid(alpha=0.3)
    figure.legend(["fine-tuned", "from scratch"], loc="outside lower center", ncols=2)
    figure.savefig(folder / "finetune.png")


if __name__ == "__main__":
    main()
