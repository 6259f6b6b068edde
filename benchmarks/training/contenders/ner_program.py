"""What the taggers' programs have in common: `train` and `tag` on the command line.

Tagging is timed in CPU-seconds from texts in memory to spans in memory, so that neither start nor
loading counts: the test part as often as fits ten seconds, at least twice, the fastest pass taken.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.training.contenders.ner_data import Span, Text, read_texts, write_texts

SECONDS = 10.0

Tagger = Callable[[Sequence[str]], list[list[Span]]]
"""Texts to the spans of each."""


def main(
    train: Callable[[list[Text], list[Text], Path], None] | None, load: Callable[[Path], Tagger]
) -> None:
    """Run `PROGRAM train DATA MODEL` or `PROGRAM tag DATA MODEL OUTPUT`.

    DATA is the folder of `ner_data.export`; OUTPUT gets found.jsonl and speed.json.
    """
    command, data, model = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if command == "train" and train is not None:
        model.mkdir(parents=True, exist_ok=True)
        train(list(read_texts(data / "train.jsonl")), list(read_texts(data / "val.jsonl")), model)
        return
    output = Path(sys.argv[4])
    output.mkdir(parents=True, exist_ok=True)
    texts = [text for text, _ in read_texts(data / "test.jsonl")]
    tag = load(model)
    found = tag(texts)
    write_texts(output / "found.jsonl", zip(texts, found, strict=True))
    best, start = float("inf"), time.process_time()
    while best == float("inf") or time.process_time() - start < SECONDS:
        before = time.process_time()
        tag(texts)
        best = min(best, time.process_time() - before)
    # KB, but bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1e6 if sys.platform == "darwin" else 1e3
    )
    speed = {"characters_a_second": sum(map(len, texts)) / best, "tag_peak_mb": peak}
    (output / "speed.json").write_text(json.dumps(speed), encoding="utf-8")
