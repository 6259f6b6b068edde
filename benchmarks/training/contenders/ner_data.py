"""Tagged texts as taggers read and write them: JSON lines of text and spans.

`{"text": …, "spans": [[start, end, label], …]}`, a text a line, start and end in characters. What
a contender found is written in the same form, and scored here: a span counts if its start, its
end and its label are all right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

Span = tuple[int, int, str]
Text = tuple[str, list[Span]]

PARTS = ("train", "val", "test")


def export(source: Path, folder: Path) -> None:
    """Write `train`, `val` and `test` of a folder of tag files or .spacy files as JSON lines.

    Tag files are converted to .spacy files in `folder` first, as a user does.

    Raises
    ------
    DataError
        If a file cannot be read, or a part is missing.
    """
    import spacy
    from spacy.tokens import DocBin

    from cohort.base.errors import DataError
    from text.convert import convert

    folder.mkdir(parents=True, exist_ok=True)
    if all((source / f"{part}.spacy").is_file() for part in PARTS):
        corpus = source
    else:
        corpus = folder
        convert(source, corpus)
    vocab = spacy.blank("zh").vocab
    for part in PARTS:
        if not (corpus / f"{part}.spacy").is_file():
            raise DataError(f"{source}: has no part {part!r}.")
        docs = DocBin().from_disk(corpus / f"{part}.spacy").get_docs(vocab)
        texts = [(d.text, [(e.start_char, e.end_char, e.label_) for e in d.ents]) for d in docs]
        write_texts(folder / f"{part}.jsonl", texts)
        if corpus != folder:
            (folder / f"{part}.spacy").write_bytes((corpus / f"{part}.spacy").read_bytes())


def write_texts(path: Path, texts: Iterable[Text]) -> None:
    """Write texts and their spans as JSON lines."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for text, spans in texts:
            file.write(json.dumps({"text": text, "spans": spans}, ensure_ascii=False) + "\n")


def read_texts(path: Path) -> Iterator[Text]:
    """Yield texts and their spans from JSON lines."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["text"], [(start, end, label) for start, end, label in row["spans"]]


def tags_of(text: str, spans: list[Span]) -> list[str]:
    """Return the BIOES tags of a text's characters."""
    tags = ["O"] * len(text)
    for start, end, label in spans:
        if end - start == 1:
            tags[start] = f"S-{label}"
        else:
            tags[start:end] = [f"I-{label}"] * (end - start)
            tags[start], tags[end - 1] = f"B-{label}", f"E-{label}"
    return tags


def spans_of(tags: list[str]) -> list[Span]:
    """Return the spans of BIOES tags; those that are not well-formed are left out."""
    spans = []
    start = None
    for i, tag in enumerate(tags):
        part, _, label = tag.partition("-")
        if part in ("O", "B", "S"):
            start = i if part != "O" else None
        if start is not None and tags[start][2:] != label:
            start = None
        if start is not None and part in ("E", "S"):
            spans.append((start, i + 1, label))
            start = None
    return spans


def score(right: Iterable[Text], found: Iterable[Text]) -> dict[str, float]:
    """Return precision, recall and F1 of spans whose start, end and label are all right."""
    correct = expected = marked = 0
    for (text, gold), (other, spans) in zip(right, found, strict=True):
        assert text == other
        correct += len(set(gold) & set(spans))
        expected += len(set(gold))
        marked += len(set(spans))
    return {
        "f1": 2 * correct / max(expected + marked, 1),
        "precision": correct / max(marked, 1),
        "recall": correct / max(expected, 1),
    }


if __name__ == "__main__":
    # A program of its own: the memory of one that is started counts what its starter holds.
    export(Path(sys.argv[1]), Path(sys.argv[2]))
