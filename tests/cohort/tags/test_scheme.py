"""Tags of every scheme give back the spans that they were made of."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import fuzz

from cohort.tags.scheme import Span, bioes, detect, spans
from cohort.tags.tag_file import read_bioes, read_record_entities, write_bioes

# Letters of each scheme: one that begins, goes on, ends, and one alone.
LETTERS = {"BIO": "BIIB", "BIOES": "BIES", "BMES": "BMES", "BMEWO": "BMEW", "BILOU": "BILU"}


@st.composite
def entities(draw: st.DrawFn, fewest: int = 0) -> tuple[list[Span], int]:
    """Return spans that do not overlap, but may touch, and the length of their text."""
    found, end = [], 0
    for _ in range(draw(st.integers(fewest, 6))):
        start = end + draw(st.integers(0, 3))
        end = start + draw(st.integers(1, 4))
        found.append(Span(start, end, draw(st.sampled_from(("SITE", "SIDE", "部位")))))
    return found, end + draw(st.integers(0, 3))


@fuzz(50)
@given(case=entities())
def test_spans_come_back_from_their_tags(case: tuple[list[Span], int]) -> None:
    found, length = case
    tags = bioes(found, length)
    assert len(tags) == length
    assert spans(tags) == found


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", LETTERS)
@fuzz(50)
@given(case=entities(fewest=1))
def test_each_scheme_is_told_and_read(
    name: str, turned: bool, case: tuple[list[Span], int]
) -> None:
    found, length = case
    letters = dict(zip("BIES", LETTERS[name], strict=True))
    tags = []
    for tag in bioes(found, length):
        letter, _, label = tag.partition("-")
        letter = letters.get(letter, letter)
        tags.append(tag if tag == "O" else f"{label}-{letter}" if turned else f"{letter}-{label}")
    scheme = detect(tags)
    assert scheme is not None and scheme.reversed is turned
    assert spans([scheme.to_bioes(tag) or "?" for tag in tags]) == found
    text = "血" * length
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tags.txt"
        path.write_text("".join(f"血\t{tag}\n" for tag in tags), encoding="utf-8")
        reader, read = read_record_entities(path, text)
    assert read == found
    assert not reader.repaired and not reader.untagged


@fuzz(50)
@given(case=entities(fewest=1), data=st.data())
def test_a_record_s_tags_come_back_from_their_file(
    case: tuple[list[Span], int], data: st.DataObject
) -> None:
    found, length = case
    text = data.draw(st.text("左侧血a1，😀", min_size=length, max_size=length))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p1.bioes"
        write_bioes(path, text, bioes(found, length))
        assert spans(read_bioes(path, text)) == found
