"""Corpus files hold the documents that spaCy makes of records; a long part is several files."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin
from spacy.training.corpus import Corpus

from cohort.tags.scheme import Span
from text.corpus import documents
from text.corpus.annotated import MarkedRecord
from text.corpus.docbin import corpus_file
from text.corpus.docs import Repairs, pieces
from text.corpus.sources import read_source

# Whatever the tokenizer or the string store may take for something special: white space of all
# kinds, names of spaCy's symbols, emoji of one and of many code points, full-width digits.
ALPHABET = [
    *"头痛左侧。１２３Xab \n\t\u3000\xa0\r\x1c\x85\u2028\u200b\ufeff\x1b😀𠮷",
    "👩‍⚕️",
    "  ",
    "\r\n",
    " \n ",
]


def by_spacy(notes: Iterable[MarkedRecord], max_length: int = 0) -> list[Doc]:
    nlp = spacy.blank("zh")
    docs = []
    for note in notes:
        for start, text, entities in pieces(note, Repairs(), max_length):
            doc = nlp.make_doc(text)
            doc.ents = [doc.char_span(a, b, label=label) for a, b, label in entities]
            doc.user_data.update({"case": note.id, "start": start})
            docs.append(doc)
    return docs


def write(path: Path, notes: Iterable[MarkedRecord], max_length: int = 0) -> None:
    with corpus_file(path) as writer:
        for note in notes:
            for start, text, entities in pieces(note, Repairs(), max_length):
                writer.add(text, entities, {"case": note.id, "start": start})


def assert_same(path: Path, expected: list[Doc]) -> None:
    packed = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True, docs=expected)
    read = DocBin().from_disk(path)
    for name in ("attrs", "strings", "cats", "flags", "span_groups", "user_data"):
        assert getattr(read, name) == getattr(packed, name), name
    for name in ("tokens", "spaces"):
        pairs = zip(getattr(read, name), getattr(packed, name), strict=True)
        assert all((a == b).all() and a.shape == b.shape for a, b in pairs), name
    for doc, other in zip(read.get_docs(spacy.blank("zh").vocab), expected, strict=True):
        assert doc.to_bytes() == other.to_bytes()


def random_notes(seed: int, count: int = 60) -> list[MarkedRecord]:
    rng = random.Random(seed)
    notes = []
    for number in range(count):
        text = "".join(rng.choices(ALPHABET, k=rng.randint(1, 30)))
        cuts = sorted(rng.sample(range(len(text) + 1), k=min(len(text) + 1, 2 * rng.randint(0, 4))))
        spans = [
            Span(start, end, rng.choice(("A", "症状", "X")))
            for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        ]
        notes.append(MarkedRecord(f"p{number}", text, spans))
    return notes


@pytest.mark.parametrize("seed", range(3))
def test_random_texts_become_the_documents_that_spacy_makes(seed: int, tmp_path: Path) -> None:
    notes = random_notes(seed)
    write(tmp_path / "a.spacy", notes)
    assert_same(tmp_path / "a.spacy", by_spacy(notes))


def test_real_records_become_the_documents_that_spacy_makes(
    shared_data: Path, tmp_path: Path
) -> None:
    notes = list(read_source(shared_data / "ccks2017-emr").parts["test"])
    write(tmp_path / "a.spacy", notes)
    assert_same(tmp_path / "a.spacy", by_spacy(notes))


def test_what_is_long_becomes_a_folder_that_spacy_reads_under_the_same_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "train.spacy"
    notes = random_notes(1)
    write(path, notes)
    assert path.is_file()
    monkeypatch.setattr(documents, "SHARD", 200)
    write(path, notes)  # in the place of the file
    names = sorted(file.name for file in path.iterdir())
    assert len(names) > 2 and names[:2] == ["0001.spacy", "0002.spacy"]
    nlp = spacy.blank("zh")
    read = [example.reference for example in Corpus(path, gold_preproc=False)(nlp)]
    expected = by_spacy(notes)
    assert [doc.text for doc in read] == [doc.text for doc in expected]
    assert [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in read] == [
        [(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in expected
    ]
    monkeypatch.undo()
    write(path, notes)  # and back
    assert path.is_file()
    assert [file.name for file in tmp_path.iterdir()] == ["train.spacy"]
