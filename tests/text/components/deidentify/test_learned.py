"""The network of names: what it reads, and what it finds where no rule knows the words around."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from text.components.deidentify.finder import FILE, NETWORK, Finder
from text.components.deidentify.learned.candidates import judge_of
from text.components.deidentify.learned.features import PLURAL, CharacterFeatures


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder()


def names(finder: Finder, text: str) -> list[str]:
    return [text[i.start : i.end] for i in finder.find(text) if i.kind == "NAME"]


def test_features_tell_where_words_begin_and_end(finder: Finder) -> None:
    read = CharacterFeatures(finder.lexicon.names, ["性别"], "病")
    ids, rows = read("病人高血压。性别")
    assert len(ids) == len(rows) == 8 and ids[0] != ids[1]
    begins, ends = PLURAL["word3"], PLURAL["word3"] + len(PLURAL)
    assert np.flatnonzero(rows[:, begins]).tolist() == [2]
    assert np.flatnonzero(rows[:, ends]).tolist() == [4]
    assert np.flatnonzero(rows[:, PLURAL["field"]]).tolist() == [6]


def test_odds_are_those_of_the_pieces_wherever_they_stand(finder: Finder) -> None:
    judge = judge_of(finder.lexicon, finder.network)
    text = "。。。。。。。。他大儿赖得水在厂里做事，人老实。。。。。。。。"
    alone = {text[s:e]: odds for odds, s, e in judge(text)}
    after = {(text * 2)[s:e]: odds for odds, s, e in judge(text * 2) if s > len(text)}
    assert alone["赖得水"] > max(odds for piece, odds in alone.items() if piece != "赖得水")
    assert alone["赖得水"] == pytest.approx(after["赖得水"], abs=1e-3)
    assert judge("") == [] and judge("，。") == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("他大儿赖得水在红星养鸡场做事", "赖得水"),
        ("次日由其婿晏秀英用板车送医院", "晏秀英"),
        ("已嘱家属备后事。\n宫润辉　二〇二一年九月二十日", "宫润辉"),
        ("带来，放护士站给于腊梅就行", "于腊梅"),
        ("15:21 苏桂香发现呼吸浅慢，即呼上级", "苏桂香"),
        ("签：徐桂莲→朱才梓", "朱才梓"),
        ("遗物由沈河生领取。", "沈河生"),
    ],
)
def test_names_are_found_between_words_that_no_list_has(
    finder: Finder, text: str, name: str
) -> None:
    assert name in names(finder, text)


@pytest.mark.parametrize(
    "text",
    [
        "咽部充血，扁桃体无肿大，双肺呼吸音粗，未闻及干湿啰音，腹软，无压痛。",
        "左膝部肿胀，直腿抬高试验阳性，皮下捻发感，石膏托固定，前列腺增生。",
        "予利巴韦林、氨曲南静点，口服蒲公英颗粒，劳拉西泮睡前服。",
        "医师签名：        护士签名：        ",
    ],
)
def test_words_of_medicine_are_no_names(finder: Finder, text: str) -> None:
    assert names(finder, text) == []


def test_the_network_is_small_and_knows_its_vocabulary() -> None:
    network = json.loads(NETWORK.read_text(encoding="utf-8"))
    assert NETWORK.stat().st_size < 1_000_000
    vocabulary = network["vocabulary"]
    assert len(set(vocabulary)) == len(vocabulary)
    assert network["arrays"]["embedding"]["shape"][0] == len(vocabulary) + 7


def test_the_network_was_trained_on_the_lists_as_they_are() -> None:
    pytest.importorskip("torch")
    from text.training.names.train import made_of

    held = json.loads(NETWORK.read_text(encoding="utf-8"))
    lists = json.loads(FILE.read_text(encoding="utf-8"))
    assert held["lists"] == made_of(lists), "train again: python -m text.training.names.train"
    # jieba 0.42.1's dict.txt, of which ordinary_words are, too
    assert held["dictionary"].startswith("7197c3211ddd9896")


def test_a_training_that_breaks_leaves_the_network_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from text.training.names import train

    out = tmp_path / "network.json"
    out.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(train, "_trained", lambda *_: {"vocabulary": "x" * 100})
    write = Path.write_text

    def half(self: Path, text: str, **given: Any) -> int:
        write(self, text[:20], **given)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(OSError, match="No space"):
        train.main(tmp_path / "dict.txt", out)
    assert out.read_text(encoding="utf-8") == "{}"
