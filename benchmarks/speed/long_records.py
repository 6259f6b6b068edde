"""CPU-seconds that sections and findings need for records of 3,000 to 200,000 characters.

Run from the project's folder: `python -m benchmarks.speed.long_records`. Each record is one piece
of text said over and over; ten times the text should take ten times as long, tokenizing not
counted.
"""

from __future__ import annotations

import time
from pathlib import Path

import spacy
import yaml
from rich.console import Console
from rich.table import Table
from spacy.language import Language

PIECES = Path("tests/text/components/findings/pieces.yaml")
CHARACTERS = (3_000, 30_000, 200_000)
RUNS = 2  # the better counts: a collection of garbage is not ours


def seconds(nlp: Language, text: str) -> float:
    doc = nlp.make_doc(text)
    start = time.process_time()
    for _, pipe in nlp.pipeline:
        doc = pipe(doc)
    return time.process_time() - start


def main() -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    table = Table("piece", *(f"{characters:,}" for characters in CHARACTERS), "× for ten times")
    for piece in yaml.safe_load(PIECES.read_text(encoding="utf-8")):
        texts = [(piece * characters)[:characters] for characters in CHARACTERS]
        took = [min(seconds(nlp, text) for _ in range(RUNS)) for text in texts]
        table.add_row(repr(piece), *(f"{s:.3f}" for s in took), f"{took[1] / took[0]:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
