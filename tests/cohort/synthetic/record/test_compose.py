"""The generated record: clean BIOES spans, no contradictions, many wordings."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np

from cohort.synthetic.record.compose import LABELS, write_record
from tests.cohort.synthetic.record.conftest import BASAL, by_label, notes_of, number_in, spans

LARGE = replace(BASAL, volume_ml=38.0, shift_mm=8.1, shift_side="right")


# --- the form ---


def test_every_character_has_a_legal_tag(notes):
    for _, text, tags in notes:
        assert len(text) == len(tags)
        assert {label for label, _ in spans(text, tags)} <= set(LABELS)
        assert all(tag == "O" for char, tag in zip(text, tags, strict=True) if char == "\n")


def test_spans_start_and_end_with_a_word(notes):
    for _, text, tags in notes:
        for _, words in spans(text, tags):
            for edge in (words[0], words[-1]):
                assert unicodedata.category(edge)[0] not in "PZC", words
            assert not re.search(r"[，；。,;\n]", words), words
            assert "约" not in (words[0], words[-1])


def test_length_is_that_of_an_admission_note(notes):
    lengths = [len(text) for _, text, _ in notes]
    assert min(lengths) >= 350
    assert max(lengths) <= 900


def test_text_is_clean(notes):
    for _, text, _ in notes:
        assert not re.search(r"[<>{}|~]|。。|，，|，。|；。|。，|：。|、，", text), text


def test_same_generator_writes_the_same_note():
    first, second = (write_record(LARGE, np.random.default_rng(5)) for _ in range(2))
    assert first == second
    assert write_record(LARGE, np.random.default_rng(6)) != first


# --- no contradictions ---


def test_coma_score_fits_its_parts_and_the_word(notes):
    words_of = {
        range(14, 16): "清",
        range(12, 14): "嗜睡",
        range(9, 12): "昏睡",
        range(3, 9): "昏迷",
    }
    for _, text, tags in notes:
        entities = by_label(text, tags)
        total = next(int(number_in(w)) for w in entities["GCS"] if not w.startswith("E"))
        for words in entities["GCS"]:
            if words.startswith("E"):
                assert sum(map(int, re.findall(r"\d", words))) == total
        level = next(word for scores, word in words_of.items() if total in scores)
        assert all(level in words for words in entities["CONSCIOUSNESS"])


def test_nobody_denies_what_he_complains_of(notes):
    for _, text, tags in notes:
        entities = by_label(text, tags)
        told, denied = "".join(entities["SYMPTOM"]), "".join(entities["NEGATED"])
        for complaint in ("呕吐", "头痛", "抽搐", "失禁", "呛咳", "麻木"):
            assert not (complaint in told and complaint in denied), (complaint, told, denied)
        past = "".join(entities["HISTORY"])
        for disease in ("糖尿病", "冠心病", "脑梗死"):
            before = past.split("级")[0]
            assert not (disease in before and disease in denied), (disease, past, denied)


def test_large_shift_is_never_called_none():
    for text, tags in notes_of(LARGE):
        assert not re.search("居中|未见|无|正常", by_label(text, tags)["MIDLINE"][0])


def test_pressure_is_high_and_the_highest_is_no_lower(notes):
    for _, text, tags in notes:
        entities = by_label(text, tags)
        now = max(int(words.split("/")[0]) for words in entities["BP"][-1:])
        assert now >= 150
        for words in entities["HISTORY"]:
            if match := re.search(r"(\d+)/\d+", words):
                assert int(match[1]) >= now


def test_family_illness_is_no_entity():
    relatives = [
        (text, tags) for text, tags in notes_of(BASAL, 80) if re.search("[父母]亲?[有患]", text)
    ]
    assert relatives
    for text, tags in relatives:
        start = re.search("[父母]亲?[有患]", text).start()
        assert tags[start : start + 5] == ["O"] * 5


# --- variety ---


def test_each_label_is_worded_in_many_ways():
    wordings = defaultdict(set)
    for text, tags in notes_of(LARGE, 100):
        for label, words in by_label(text, tags).items():
            wordings[label].update(words)
    few = {"AGE": 3, "SEX": 2, "GCS": 8, "CONSCIOUSNESS": 3}
    for label in LABELS:
        assert len(wordings[label]) >= few.get(label, 12), (label, wordings[label])


def test_no_phrase_stands_in_all_notes(notes):
    seen = Counter()
    for _, text, _ in notes:
        seen.update({text[i : i + 6] for i in range(len(text) - 5)})
    phrase, count = seen.most_common(1)[0]
    assert count < 0.75 * len(notes), phrase


def test_layouts_differ(notes):
    assert any("\n" in text for _, text, _ in notes)
    assert any("\n" not in text for _, text, _ in notes)
    assert any("１" in text for _, text, _ in notes)
    assert any("," in text and "，" not in text for _, text, _ in notes)
