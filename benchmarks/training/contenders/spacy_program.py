"""A trained spaCy pipeline; it is trained by `python -m spacy train`, so here it only tags.

Its other components, `hich_sections` and `hich_findings`, are left out: the peers find entities
and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import spacy

from benchmarks.training.contenders.ner_data import Span
from benchmarks.training.contenders.ner_program import Tagger, main


def load(model: Path) -> Tagger:
    nlp = spacy.load(model / "model-best", exclude=["hich_sections", "hich_findings"])

    def tag(texts: Sequence[str]) -> list[list[Span]]:
        return [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in nlp.pipe(texts)]

    return tag


if __name__ == "__main__":
    main(None, load)
