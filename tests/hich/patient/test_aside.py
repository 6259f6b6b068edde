"""A note that is read in a process of its own, beside the scans."""

from __future__ import annotations

import sys

import pytest

from hich.patient import note
from hich.patient.note import annotate_note, annotated_aside

TEXT = "现病史：患者，男，62岁。CT示左侧基底节区出血，约25ml。"


@pytest.fixture(autouse=True)
def _as_in_a_new_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be two cores and no spaCy yet."""
    monkeypatch.setattr(note, "cores", lambda: 2)
    monkeypatch.delitem(sys.modules, "spacy", raising=False)


def test_it_says_the_same_as_here(monkeypatch: pytest.MonkeyPatch) -> None:
    here = annotate_note("p1", TEXT)
    monkeypatch.setattr(note, "annotate_note", None)  # not here
    monkeypatch.delitem(sys.modules, "spacy")
    with annotated_aside("p1", TEXT) as wait:
        assert wait() == here
    assert {f.name for f in here.findings or ()} >= {"age", "hematoma_volume"}


def test_where_its_process_is_ended_the_note_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note, "_send", slice)  # sends nothing
    with annotated_aside("p1", TEXT) as wait:
        record = wait()
    assert record == annotate_note("p1", TEXT)


def test_what_goes_wrong_meanwhile_ends_it() -> None:
    with pytest.raises(KeyboardInterrupt), annotated_aside("p1", TEXT):
        raise KeyboardInterrupt
