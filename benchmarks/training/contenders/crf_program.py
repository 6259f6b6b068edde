"""A linear-chain CRF on character n-grams, python-crfsuite: what is hard to beat on few records.

Features of a character: the 1-, 2- and 3-grams within two characters of it. L-BFGS with both
penalties 0.1, 100 iterations.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pycrfsuite

from benchmarks.training.contenders.ner_data import Span, Text, spans_of, tags_of
from benchmarks.training.contenders.ner_program import Tagger, main

REACH = 2
PARAMETERS = {"c1": 0.1, "c2": 0.1, "max_iterations": 100, "feature.possible_transitions": True}


def train(texts: list[Text], val: list[Text], model: Path) -> None:
    trainer = pycrfsuite.Trainer(verbose=False)
    for text, spans in texts:
        if text:
            trainer.append(features(text), tags_of(text, spans))
    trainer.set_params(PARAMETERS)
    trainer.train(str(model / "crf.model"))


def load(model: Path) -> Tagger:
    tagger = pycrfsuite.Tagger()
    tagger.open(str(model / "crf.model"))

    def tag(texts: Sequence[str]) -> list[list[Span]]:
        return [spans_of(tagger.tag(features(text))) if text else [] for text in texts]

    return tag


def features(text: str) -> list[list[str]]:
    padded = "\x02" * REACH + text + "\x03" * REACH
    grams = [(size, place) for size in (1, 2, 3) for place in range(-REACH, REACH + 2 - size)]
    return [
        ["b", *(f"{size}{place}={padded[i + place : i + place + size]}" for size, place in grams)]
        for i in range(REACH, REACH + len(text))
    ]


if __name__ == "__main__":
    main(train, load)
