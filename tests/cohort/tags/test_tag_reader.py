from __future__ import annotations

import random
from pathlib import Path

import pytest

from cohort.tags import tag_reader as tagreader
from cohort.tags.scheme import Span, bioes, spans
from cohort.tags.tag_file import read_record_entities
from cohort.tags.tag_reader import TagReader

LETTERS = {"BIO": "BI", "BIOES": "BIES", "BMES": "BMES", "BILOU": "BILU"}
TO_BIOES = {"M": "I", "L": "E", "U": "S"}


def by_the_rule(tags: list[str], scheme: str) -> tuple[list[Span], list[int]]:
    """Read one document's tags one by one, as the repair rule of `cohort.tags.scheme` says it."""
    letters = [TO_BIOES.get(tag[0], tag[0]) + tag[1:] for tag in tags]
    entities = spans(letters)
    legal = bioes(entities, len(tags))
    if scheme == "BIO":
        legal = [{"S": "B", "E": "I"}.get(tag[0], tag[0]) + tag[1:] for tag in legal]
    return entities, [i for i, (a, b) in enumerate(zip(letters, legal, strict=True)) if a != b]


@pytest.mark.parametrize("scheme", LETTERS)
@pytest.mark.parametrize("seed", range(5))
def test_random_tags_read_as_the_rule_says(scheme: str, seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    tags = ["O", *(f"{letter}-{label}" for letter in LETTERS[scheme] for label in ("A", "CT-B"))]
    documents = [rng.choices(tags, k=rng.randint(1, 40)) for _ in range(30)]
    documents.insert(0, tags)  # so that the scheme is seen
    path = tmp_path / "tags.txt"
    path.write_text(
        "\n\n".join("\n".join(f"字 {tag}" for tag in document) for document in documents)
    )
    reader = TagReader(path)
    read = list(reader.documents())
    expected = [by_the_rule(document, scheme) for document in documents]
    assert reader.scheme == scheme
    assert [document.entities for document in read] == [entities for entities, _ in expected]
    assert [len(document.text) for document in read] == list(map(len, documents))
    illegal = [
        document.line + i
        for document, (_, places) in zip(read, expected, strict=True)
        for i in places
    ]
    assert reader.repaired == illegal


@pytest.mark.parametrize("block", [1, 7, 16, 64])
def test_blocks_of_any_length_read_alike(block: int, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "tags.txt"
    path.write_bytes("左 B-A\r\n侧 E-A\r\n。\r\n\r\n \r\n😀 S-B\r\n右 O\r\n痛 I-A\r\n".encode())
    whole = TagReader(path)
    documents = list(whole.documents())
    assert [(d.text, d.entities, d.line) for d in documents] == [
        ("左侧。", [Span(0, 2, "A")], 1),
        ("😀右痛", [Span(0, 1, "B"), Span(2, 3, "A")], 6),
    ]
    monkeypatch.setattr(tagreader, "_BLOCK", block)
    parts = TagReader(path)
    assert list(parts.documents()) == documents
    assert (parts.untagged, parts.repaired) == (whole.untagged, whole.repaired) == ([3], [8])


def test_an_entity_of_a_record_goes_on_over_its_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "p1.bioes"
    path.write_text("头 B-A\n痛 E-A\n左 S-B\n")
    reader, entities = read_record_entities(path, "\n头\r\n痛\n左")
    assert (reader.scheme, entities) == ("BIOES", [Span(1, 5, "A"), Span(6, 7, "B")])
