"""What is left of identities in the text that is shared, and what a person is pointed to."""

from __future__ import annotations

from pathlib import Path

import pytest
from identified_notes import notes

from text.components.deidentify.finder import Finder
from text.components.deidentify.replace import Deidentifier
from text.components.deidentify.stand_ins import PatientKey
from text.deidentify import deidentify
from text.sharing.second_look import AGAIN, LIKE_ONE, MAYBE, UNCHANGED, leftovers

FINDER = Finder()
FEWEST = 2
"""Characters of an identity that can't stand in a note by chance."""


@pytest.mark.parametrize("mask", [False, True])
def test_no_identity_stands_in_what_is_shared(mask: bool) -> None:
    """Of the output, not of what was found: a stand-in that is its origin would be left."""
    left, all_ = [], notes()[:: 3 if mask else 2]
    for number, note in enumerate(all_):
        key = None if mask else PatientKey(b"k" * 32, ("id", str(number)), -371)
        shared = Deidentifier(FINDER, key)(note.text)
        for start, end, kind in note.spans:
            words = note.text[start:end]
            at = shared.moved(start, end)
            place = shared.text if kind not in ("DATE", "AGE") else shared.text[slice(*at)]
            if words == "90岁":
                continue  # 90岁以上
            if len(words) >= FEWEST and words in place:
                left.append((number, kind))
    assert len({number for number, _ in left}) <= 0.05 * len(all_), left
    assert not [kind for _, kind in left if kind != "NAME"]


def test_a_name_that_one_note_heads_is_sought_in_the_patient_s_others(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a_1.txt").write_text("姓名：牟春花，女，56岁。", encoding="utf-8")
    (folder / "a_2.txt").write_text("今日牟春花可下床，春花诉无不适。", encoding="utf-8")
    (folder / "b_1.txt").write_text("今日春花开放，患者心情好。", encoding="utf-8")
    deidentify(folder, tmp_path / "out", tmp_path / "key.json", patient="*_")
    texts = {
        path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "out").glob("*.txt")
    }
    assert "春花" not in texts["a_1"] + texts["a_2"] and "春花" in texts["b_1"]
    name = texts["a_1"][3:].partition("，")[0]
    assert texts["a_2"].startswith(f"今日{name}可下床")


def test_a_stand_in_that_is_its_origin_is_pointed_to() -> None:
    text = "姓名：张志远，住院号：00123456。"
    found = FINDER.find(text)
    same = Deidentifier(FINDER, None).replaced(text, found)
    same = type(same)(text, found, found)  # as if nothing had been put in their place
    assert [why for _, why in leftovers(text, same, FINDER)] == [UNCHANGED, UNCHANGED]


@pytest.mark.parametrize(
    ("left", "words"),
    [("电话138-1234-5678", "138-1234-5678"), ("号00 12 34 56", "00 12 34 56")],
)
def test_a_number_that_is_written_otherwise_is_pointed_to(left: str, words: str) -> None:
    text = "姓名：张志远，电话：13812345678，住院号：00123456。"
    shared = Deidentifier(FINDER, None)(text)
    shared = type(shared)(shared.text + left, shared.identities, shared.origin)
    found = leftovers(text, shared, FINDER)
    assert (words, AGAIN) in [(shared.text[i.start : i.end], why) for i, why in found]


def test_what_may_be_a_name_is_pointed_to() -> None:
    text = "头颅CT复查。\n阿侯伍呷 男 49岁"
    nothing = type(Deidentifier(FINDER, None)(""))(text, [], [])
    found = [(text[i.start : i.end], why) for i, why in leftovers(text, nothing, FINDER)]
    assert dict(found)["阿侯伍呷"] in (MAYBE, LIKE_ONE)
