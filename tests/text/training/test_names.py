"""The notes that the network of names is trained on, and its training."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from text.components.deidentify.finder import FILE, Finder
from text.components.deidentify.lexicon import IdentityLists
from text.training.names import train
from text.training.names.notes import FIRST, INSIDE, NoteWriter
from text.training.names.people import People

DICTIONARY = [
    *(f"{one} 5000 v" for one in "看说来去做给叫让送接"),
    *(f"{one} 900 n" for one in ("高峰", "海洋", "时间", "医院", "方向", "水平")),
    "王小明 3 nr",
    "上海 900 ns",
]


@pytest.fixture(scope="module")
def writer() -> NoteWriter:
    lists = json.loads(FILE.read_text(encoding="utf-8"))
    return NoteWriter(lists, People(lists, DICTIONARY), IdentityLists(lists).table)


def test_each_character_is_told_what_it_is(writer: NoteWriter) -> None:
    random = Random(3)
    notes = [writer.note(random) for _ in range(300)]
    assert all(len(text) == len(marks) for text, marks in notes)
    assert all({character for character in text} - set("{}") for text, _ in notes)
    firsts = sum(marks.count(FIRST) for _, marks in notes)
    assert firsts > 600
    for _, marks in notes:
        for before, mark in zip([FIRST, *marks], marks, strict=False):
            assert mark != INSIDE or before in (FIRST, INSIDE)


def test_the_same_seed_writes_the_same_notes(writer: NoteWriter) -> None:
    first, again = ([writer.note(random) for _ in range(5)] for random in (Random(1), Random(1)))
    assert first == again


def test_what_it_writes_is_read_by_the_component(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "STEPS", 30)
    dictionary, out = tmp_path / "dict.txt", tmp_path / "network.json"
    dictionary.write_text("\n".join(DICTIONARY) + "\n", encoding="utf-8")
    train.main(dictionary, out, characters=20_000)
    network = json.loads(out.read_text(encoding="utf-8"))
    assert network["arrays"]["outcome"]["shape"] == [64]
    text = "姓名：张志远，男"
    assert [text[i.start : i.end] for i in Finder(network=network).find(text)] == ["张志远"]
