"""Named entities: a CRF, two BiLSTM-CRFs and this project's configurations, side by side.

Run from the project's folder::

    pip install --target /tmp/crfsuite python-crfsuite  # no dependency of this project
    PYTHONPATH=/tmp/crfsuite python -m benchmarks.training.entity_peers CORPUS --output FOLDER

CORPUS is a folder with train, val and test as `text.convert` takes them (tag files) or writes them
(.spacy). Each contender is trained on train, picks its best state by val if it has several, and is
scored once on test by one scorer: strict F1, start, end and label right. All run with one thread.

===============  =====================================================================
crf              python-crfsuite, character 1- to 3-grams (`contenders/crf_program.py`)
bilstm           BiLSTM-CRF, characters 128, hidden 256 (`contenders/bilstm_program.py`)
bilstm-bigrams   the same with embeddings of character bigrams
ner_cnn …        the configurations of `configs/text` of that name, by `spacy train`
===============  =====================================================================

CPU-seconds are those of the whole training program: start, reading and scoring val included.
Characters a second are CPU time too (`contenders/ner_program.py`); peak memory is the program's
with all it imports. FOLDER gets ner.json and a folder a contender; a later call with the same
FOLDER adds to it, so that `--only ner_cnn` compares a change with what was measured before.
Linux and macOS.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import ROOT
from benchmarks.training.contenders.ner_data import PARTS, read_texts, score
from benchmarks.training.contenders.process import Command, Spent, run
from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json

PROGRAMS = Path(__file__).parent / "contenders"
CONFIGS = ROOT / "configs" / "text"
PEERS = {
    "crf": ("crf_program.py", {}),
    "bilstm": ("bilstm_program.py", {}),
    "bilstm-bigrams": ("bilstm_program.py", {"BIGRAMS": "1"}),
}
NAMES = (*PEERS, "ner_cnn", "ner_best")
COLUMNS = {
    "f1": "F1",
    "precision": "precision",
    "recall": "recall",
    "train_cpu_s": "CPU-s",
    "characters_a_second": "characters/s",
    "model_mb": "model, MB",
    "train_peak_mb": "peak training, MB",
    "tag_peak_mb": "tagging, MB",
}

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="folder with train, val and test")
    parser.add_argument("--output", type=Path, required=True, help="folder for results and models")
    parser.add_argument("--only", default=",".join(NAMES),
                        help="contenders, with commas: " + ",".join(NAMES))  # fmt: skip
    given = parser.parse_args()
    try:
        compare(given.corpus, given.output, given.only.split(","))
    except DataError as error:
        console.print(f"[red]✘[/red] {error}")
        raise SystemExit(1) from None


def compare(corpus: Path, output: Path, names: list[str]) -> None:
    """Train, time and score the contenders `names`; write `output`/ner.json after each."""
    data = output / "data"
    _run([sys.executable, PROGRAMS / "ner_data.py", corpus, data], output / "data.log", {})
    sizes = {p: sum(len(text) for text, _ in read_texts(data / f"{p}.jsonl")) for p in PARTS}
    results = output / "ner.json"
    value: dict[str, Any] = {"characters": sizes, "contenders": {}}
    if results.exists():
        value = read_json(results)
        if value["characters"] != sizes:
            raise DataError(f"{results}: is about another corpus; name another --output.")
    for name in names:
        console.print(f"[bold]{name}[/bold]")
        value["contenders"][name] = compete(name, data, output / name)
        write_json(results, value)
        console.print(_table(value["contenders"]))


def compete(name: str, data: Path, folder: Path) -> dict[str, float]:
    """Train the contender `name` anew in `folder`, let it tag the test part, and score that."""
    shutil.rmtree(folder, ignore_errors=True)
    model = folder / "model"
    if name in PEERS:
        program, environment = PEERS[name]
        command: Command = [sys.executable, PROGRAMS / program]
        trained = _run([*command, "train", data, model], folder / "train.log", environment)
    else:
        command, environment = [sys.executable, PROGRAMS / "spacy_program.py"], {}
        line: Command = [sys.executable, "-m", "spacy", "train", CONFIGS / f"{name}.cfg"]
        line += ["--output", model, "--paths.train", data / "train.spacy"]
        line += ["--paths.dev", data / "val.spacy"]
        trained = _run(line, folder / "train.log", environment)
        shutil.rmtree(model / "model-last")
    tag = [*command, "tag", data, model, folder]
    _run(tag, folder / "tag.log", environment)
    found = score(read_texts(data / "test.jsonl"), read_texts(folder / "found.jsonl"))
    size = sum(file.stat().st_size for file in model.rglob("*") if file.is_file())
    return {
        **found,
        "train_cpu_s": trained.cpu,
        "train_peak_mb": trained.peak_mb,
        "model_mb": size / 1e6,
        **read_json(folder / "speed.json"),
    }


def _run(command: Command, log: Path, environment: dict[str, str]) -> Spent:
    paths = [str(ROOT), *filter(None, sys.path)]
    return run(command, log, {**environment, "PYTHONPATH": ":".join(paths)})


def _table(rows: dict[str, dict[str, float]]) -> Table:
    table = Table("", *COLUMNS.values())
    for name, row in rows.items():
        values = [row[column] for column in COLUMNS]
        shown = [f"{v:.4f}" if v <= 1 else f"{v:,.0f}" if v >= 100 else f"{v:.1f}" for v in values]
        table.add_row(name, *shown)
    return table


if __name__ == "__main__":
    main()
