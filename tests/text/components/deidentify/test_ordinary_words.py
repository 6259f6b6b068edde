"""The list that is made from a dictionary: what is taken, and that the list here is such a one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from text.components.deidentify.ordinary_words import FILE, main, ordinary_words


def test_the_list_holds_words_of_the_kind_that_the_script_takes() -> None:
    held = json.loads(FILE.read_text(encoding="utf-8"))
    words = " ".join(held["ordinary_words"]).split()
    lines = [f"{word} 20 n" for word in words]
    assert list(ordinary_words(lines, held["surnames"] + held["rare_surnames"])) == words
    assert words == sorted(set(words)) and len(words) > 50_000


def test_the_script_replaces_those_lists_alone(tmp_path: Path) -> None:
    lists, dictionary = tmp_path / "lists.json", tmp_path / "dict.txt"
    before = json.loads(FILE.read_text(encoding="utf-8"))
    lists.write_text(json.dumps(before), encoding="utf-8")
    dictionary.write_text(
        "高峰 1045 n\n高明 90 nr\n水平 19 n\nB超 3 n\n高血压 5 n\n高举 99 v\n", encoding="utf-8"
    )
    main(dictionary, lists)
    after = json.loads(lists.read_text(encoding="utf-8"))
    made = {"ordinary_words": ["高举 高峰 高血压"], "words_that_are_names": ["高峰 高明"]}
    assert after == {**before, **made}  # 高举 is what somebody does
    dictionary.write_text("高峰\n", encoding="utf-8")
    with pytest.raises(ValueError, match="高峰"):
        main(dictionary, lists)
    assert json.loads(lists.read_text(encoding="utf-8")) == after
