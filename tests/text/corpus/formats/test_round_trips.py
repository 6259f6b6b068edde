"""What each format writes is read again as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import fuzz

from cohort.tags.scheme import Span
from text.corpus.annotated import MarkedRecord
from text.corpus.formats.registry import WRITERS
from text.corpus.sources import read_source

LABELS = ("SIDE", "SITE", "部位")
INK = "左侧血a1，．é😀𠮷"  # two characters are two units of UTF-16 each


@st.composite
def notes(draw: st.DrawFn) -> list[MarkedRecord]:
    """Return records of pieces, some of them marked; line breaks and spaces may stand in each."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        text, entities = "", []
        for _ in range(draw(st.integers(1, 5))):
            text += draw(st.text(INK + " \n", max_size=3))
            piece = draw(st.sampled_from(INK))
            if draw(st.booleans()):
                piece += draw(st.text(INK + " \n", max_size=3)) + draw(st.sampled_from(INK))
            if draw(st.booleans()):
                entities.append(Span(len(text), len(text) + len(piece), draw(label)))
            text += piece
        found.append(MarkedRecord(f"病例-{number}", text, entities))
    return found


label = st.sampled_from(LABELS)


@pytest.mark.parametrize("name", WRITERS)
@fuzz(50)
@given(some=notes())
def test_records_come_back_from_every_format(name: str, some: list[MarkedRecord]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = WRITERS[name](Path(folder), LABELS)
        for note in some:
            writer.add(note)
        writer.close()
        # Label Studio's labels stand in a file of their own.
        (made,) = (path for path in Path(folder).iterdir() if path.suffix != ".xml")
        source = read_source(made)
        read = [note for part in source.parts.values() for note in part]
        source.raise_problems()
    assert sorted(read, key=lambda note: note.id) == some
