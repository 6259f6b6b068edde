"""How far a corpus's annotation disagrees with itself, and what a pipeline still gets wrong in it.

Run from the project's folder::

    python -m benchmarks.accuracy.annotation CORPUS
    python -m benchmarks.accuracy.annotation CORPUS --model training/text/model-best --part val

CORPUS is a folder of train.spacy, val.spacy and test.spacy (`text.convert`). A *place* is a string
with the characters beside it, as many to either side as `width` says; places that read the same
are one. Of those that occur twice or more, and are annotated once or more, the first table tells

- `pairs`: F1 of one of them against another, both drawn at random, as if each were an annotator's.
  Who annotates as this corpus does, and sees no more than the place, has this F1;
- `ceiling`: F1 of the best that a tagger can do who sees no more than the place: each time what
  most of them say. The corpus at hand is what it knows, so the true ceiling is lower.

The second table has `pairs` of all parts by label. With a pipeline, the third has its errors by
label and kind (`text.scores.alignment`), the fourth how many of them are what the training part
says of places that read the same. An error is an annotated entity that isn't found exactly, or a
found one that isn't annotated exactly.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.training.contenders.ner_data import PARTS, Text
from cohort.base.errors import DataError

WIDTHS = (1, 2, 4, 8)
EDGE = "\0"
"""What stands beside the first and the last character of a text."""

console = Console(highlight=False, soft_wrap=True)


class Annotation:
    """What texts say of places, those within `width` characters of a text's end included.

    Parameters
    ----------
    texts
        Texts with start, end and label of their entities.
    width
        How many characters to either side belong to a place.
    """

    def __init__(self, texts: Iterable[Text], width: int) -> None:
        self.width = width
        edge = EDGE * width
        pieces, self._labels, start = [edge], dict[tuple[int, int], str](), width
        for text, spans in texts:
            self._labels.update({(start + s, start + e): label for s, e, label in spans})
            pieces += [text, edge]
            start += len(text) + width
        self._all = "".join(pieces)

    def windows(self) -> Counter[str]:
        """Return the places that are annotated, each as the string that shows it, and how often."""
        return Counter(self._all[s - self.width : e + self.width] for s, e in self._labels)

    def of(self, window: str) -> Counter[str | None]:
        """Return how often the place is annotated with each label, and with None."""
        found: Counter[str | None] = Counter()
        start, length = self._all.find(window), len(window) - 2 * self.width
        while start >= 0:
            first = start + self.width
            found[self._labels.get((first, first + length))] += 1
            start = self._all.find(window, start + 1)
        return found


def window_of(text: str, start: int, end: int, width: int) -> str:
    """Return the string that shows the place of a span.

    Examples
    --------
    >>> window_of("左侧丘脑出血。", 2, 4, 1)
    '侧丘脑出'
    """
    padded = EDGE * width + text + EDGE * width
    return padded[start : end + 2 * width]


@dataclass
class SelfAgreement:
    """What places that read the same say of each other.

    Attributes
    ----------
    entities
        All that are annotated.
    repeated
        Those of them at places that occur again.
    pairs, ceiling
        F1, as above; None if no place occurs again.
    labels
        `pairs` of each label.
    """

    entities: int
    repeated: int
    pairs: float | None
    ceiling: float | None
    labels: dict[str, float]


def self_agreement(texts: Sequence[Text], width: int) -> SelfAgreement:
    """Compare places that read the same within `width` characters."""
    annotation = Annotation(texts, width)
    windows = annotation.windows()
    right, marked = dict[str, float](), Counter[str]()
    best_right = best_marked = 0
    for window, annotated in windows.items():
        said = annotation.of(window)
        n = said.total()
        if n == 1:
            continue
        counts = {label: count for label, count in said.items() if label}
        for label, count in counts.items():
            # Of n(n - 1) pairs in order those in which both say so, times n for the place.
            right[label] = right.get(label, 0.0) + count * (count - 1) / (n - 1)
            marked[label] += count
        most = max(counts.values())
        marks = 2 * most >= n  # marking less likely entities costs more F1 than it brings
        best_right += most if marks else 0
        best_marked += (n if marks else 0) + annotated
    repeated = marked.total()
    return SelfAgreement(
        windows.total(),
        repeated,
        sum(right.values()) / repeated if repeated else None,
        2 * best_right / best_marked if repeated else None,
        {label: right[label] / marked[label] for label in sorted(marked)},
    )


def followed(
    errors: Sequence[tuple[str, int, int, str, bool]], train: Sequence[Text], width: int
) -> tuple[int, int]:
    """Count the errors at places that the training part has, and those that it agrees with.

    Parameters
    ----------
    errors
        Text, start, end, label, and whether the span was found (and isn't annotated so) or is
        annotated (and wasn't found so).
    train
        Texts that the pipeline was trained on.
    width
        As for `Annotation`.

    Returns
    -------
    known
        Errors at places that `train` has.
    agreed
        Those of them for which at least half of these places say what the pipeline said.
    """
    annotation = Annotation(train, width)
    known = agreed = 0
    for text, start, end, label, found in errors:
        said = annotation.of(window_of(text, start, end, width))
        n = said.total()
        known += n > 0
        as_found = said[label] if found else n - said[label]
        agreed += n > 0 and 2 * as_found >= n
    return known, agreed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="folder of train.spacy, val.spacy, test.spacy")
    parser.add_argument("--model", help="folder of a pipeline trained on train.spacy")
    parser.add_argument("--part", choices=PARTS[1:], default="val", help="what it is scored on")
    given = parser.parse_args()
    try:
        parts = {part: _read(given.corpus / f"{part}.spacy") for part in PARTS}
        _print_agreement(parts)
        if given.model:
            _print_errors(given.model, given.corpus / f"{given.part}.spacy", parts["train"])
    except DataError as error:
        console.print(f"[red]✘[/red] {error}")
        raise SystemExit(1) from None


def _read(path: Path) -> list[Text]:
    import spacy
    from spacy.tokens import DocBin

    if not path.is_file():
        raise DataError(f"{path}: no such file; make it with `python -m text.convert`.")
    docs = DocBin().from_disk(path).get_docs(spacy.blank("zh").vocab)
    return [(d.text, [(e.start_char, e.end_char, e.label_) for e in d.ents]) for d in docs]


def _print_agreement(parts: Mapping[str, Sequence[Text]]) -> None:
    table = Table("part", "width", "entities", "at places that recur", "pairs", "ceiling")
    every = [text for texts in parts.values() for text in texts]
    labels: list[dict[str, float]] = []
    for part, texts in {**parts, "all": every}.items():
        found = [self_agreement(texts, width) for width in WIDTHS]
        labels = [one.labels for one in found]
        for width, one in zip(WIDTHS, found, strict=True):
            table.add_row(
                *(part, str(width), f"{one.entities:,}", f"{one.repeated:,}"),
                *(_shown(one.pairs), _shown(one.ceiling)),
            )
    console.print(table)
    table = Table("label", *(f"pairs, width {width}" for width in WIDTHS))
    for name in sorted(labels[0]):
        table.add_row(name, *(_shown(one.get(name)) for one in labels))
    console.print(table)


def _print_errors(model: str, corpus: Path, train: Sequence[Text]) -> None:
    from text.model.pipeline import load_pipeline
    from text.scores.alignment import KINDS
    from text.scores.compare import check_documents
    from text.scores.scores import Tally

    documents, _ = check_documents(load_pipeline(model, "cpu"), model, corpus)
    tallies: dict[str, Tally] = {"all": Tally()}
    errors = []
    for document in documents:
        text = document.text
        for pair in document.pairs:
            tallies["all"].add(pair)
            if one := pair.gold or pair.predicted:
                tallies.setdefault(one.label, Tally()).add(pair)
        gold, found = set(document.gold), set(document.predicted)
        errors += [(text, *span, False) for span in document.gold if span not in found]
        errors += [(text, *span, True) for span in document.predicted if span not in gold]
    table = Table("label", "F1", *KINDS)
    for name, tally in sorted(tallies.items()):
        score = tally.all if name == "all" else tallies["all"].labels[name]
        table.add_row(name, _shown(score.f1), *(f"{tally.kinds[kind]:,}" for kind in KINDS))
    console.print(table)
    every = tallies["all"].all
    table = Table("width", "errors", "at places of train", "of which train agrees", "F1 without")
    for width in WIDTHS:
        known, agreed = followed(errors, train, width)
        without = 2 * every.correct / (2 * every.correct + len(errors) - agreed)
        table.add_row(
            *(str(width), f"{len(errors):,}", f"{known:,}", f"{agreed:,}", _shown(without))
        )
    console.print(table)


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    main()
