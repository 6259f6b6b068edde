"""The generated record tells the story: patient, bleeds, and what they do."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

import pytest

from cohort.synthetic.story import Focus, Story
from tests.cohort.synthetic.record.conftest import (
    BASAL,
    CLEAR,
    LOBES,
    by_label,
    notes_of,
    number_in,
    spans,
    volumes_in,
)

LEFT_RIGHT = {"left": "左", "right": "右"}
SITE_WORDS = {
    "basal_ganglia": "基底节|壳核",
    "thalamus": "丘脑",
    "lobar": "[额颞顶枕][叶部]",
    "cerebellum": "小脑",
    "brainstem": "脑干|桥脑|脑桥",
}

TWO = replace(BASAL, volume_ml=18.2, second=Focus("lobar", "right", "parietal", 4.0))


def foci(story: Story) -> list[Focus]:
    """Return the story's hematomas."""
    if story.site is None:
        return []
    first = Focus(story.site, story.side, story.lobe, story.first_ml)
    return [first, story.second] if story.second else [first]


def test_age_and_sex_are_told(notes):
    for story, text, tags in notes:
        entities = by_label(text, tags)
        assert [number_in(words) for words in entities["AGE"]] == [story.age]
        assert [words[0] for words in entities["SEX"]] == ["男" if story.sex == "male" else "女"]


def test_onset_is_told(notes):
    for story, text, tags in notes:
        words = by_label(text, tags)["TIME"][0]
        amount = 0.5 if words.startswith("半") else number_in(words)
        amount += 0.5 if "个半" in words else 0
        unit = 1 / 60 if "分钟" in words else 24 if re.search("天|日", words) else 1
        assert amount * unit == pytest.approx(story.onset_hours, rel=0.3, abs=0.1), words


def test_volume_is_told_within_a_tenth(notes):
    for story, text, tags in notes:
        told = volumes_in(by_label(text, tags))
        true = [story.first_ml] if story.site else []
        true += [story.second.volume_ml] if story.second else []
        for volume in told:
            assert any(volume == pytest.approx(ml, rel=0.101) for ml in true), (told, true)
        for ml in true:
            assert any(volume == pytest.approx(ml, rel=0.101) for volume in told), (told, true)


def test_site_and_side_are_told(notes):
    for story, text, tags in notes:
        sites = by_label(text, tags)["SITE"]
        told = set()
        for words in sites:
            focus = next(f for f in foci(story) if re.search(SITE_WORDS[f.site], words))
            told.add(focus)
            side = re.search("[左右]", words)
            assert (side and side[0]) == (focus.side and LEFT_RIGHT[focus.side])
            if focus.lobe:
                assert LOBES[focus.lobe] in words
        assert told == set(foci(story))


def test_midline_is_told(notes):
    for story, text, tags in notes:
        told = by_label(text, tags)["MIDLINE"]
        assert len(told) == 1
        shifted = re.search("[左右]", told[0])
        if story.shift_mm < 2:
            assert not shifted, told
        if story.shift_mm >= 3:
            assert shifted, told
        if shifted:
            assert shifted[0] == LEFT_RIGHT[story.shift_side]
        measured = re.search(r"\d", told[0])
        said = "measured" if measured else "slight" if shifted else "none"
        assert story.told_shift == said, told
        if shifted and measured:
            scale = 10 if "cm" in told[0] else 1
            assert number_in(told[0]) * scale == pytest.approx(story.shift_mm, abs=0.51)


def test_compressed_ventricle_is_told(notes):
    for story, text, tags in notes:
        told = by_label(text, tags)["VENTRICLE"]
        pressed = [words for words in told if re.match("[左右]侧", words)]
        expected = story.ventricle_compressed
        assert [words[0] for words in pressed] == ([LEFT_RIGHT[expected]] if expected else [])
        assert not (pressed and any(re.search("对称|未受压|正常", words) for words in told))


FLOOD = "破入|积血|高密度|液平|出血"
DENIED = "[未无]"


def test_blood_in_the_ventricles_is_told(notes):
    for story, text, tags in notes:
        told = by_label(text, tags)["VENTRICLE"]
        blood = [words for words in told if re.search(FLOOD, words)]
        assert told
        if story.intraventricular:
            assert blood and not any(re.search(DENIED, words) for words in blood), told
            assert not any(re.search("对称|正常", words) for words in told), told
        else:
            assert all(re.search(DENIED, words) for words in blood), told
        dilated = [words for words in told if re.search("扩张|扩大|增宽|积水", words)]
        dilated = [words for words in dilated if not re.search(DENIED, words)]
        assert bool(dilated) == story.ventricles_dilated, told


def test_two_bleeds_are_told_apart():
    for text, tags in notes_of(TWO):
        entities = by_label(text, tags)
        assert any(re.search("基底节|壳核", words) for words in entities["SITE"])
        assert any("顶" in words and "右" in words for words in entities["SITE"])
        assert any(v == pytest.approx(14.2, rel=0.1) for v in volumes_in(entities))
        assert any(v == pytest.approx(4.0, rel=0.1) for v in volumes_in(entities))


def test_without_a_bleed_none_is_told():
    for text, tags in notes_of(CLEAR, 80):
        entities = by_label(text, tags)
        assert not entities["SITE"] and not entities["VOLUME"]
        assert entities["MIDLINE"] and entities["VENTRICLE"] and entities["BP"]
        words = unicodedata.normalize("NFKC", text)
        # A bleed of a relative or a ventricle without one may be named.
        assert re.search("未见|无|排除|除外", words)
        for found in re.finditer("(侧|叶|区)(出血|血肿)|破入脑室", words):
            assert re.search(DENIED, words[max(0, found.start() - 8) : found.start()]), found
        assert all(re.search(DENIED + "|居中|正常", words) for words in entities["MIDLINE"])
        assert not re.search("开颅|穿刺引流|甘露醇", words)


def test_blood_outside_the_brain_is_told_and_is_no_site():
    story = replace(CLEAR, subarachnoid=True, membrane="subdural", membrane_side="left")
    for text, tags in notes_of(story, 60):
        assert not by_label(text, tags)["SITE"]
        assert re.search("蛛网膜下腔|脑沟|脑池", text)
        assert re.search("左侧(颅板下|硬膜下|颅骨内板下)", text)
        assert not re.search("蛛网膜下腔未见|硬膜下未见|颅内(未见|无)|平扫未见", text)


@pytest.mark.parametrize("site", ["basal_ganglia", "thalamus"])
def test_limbs_are_weak_on_the_side_across(site):
    for text, tags in notes_of(replace(BASAL, site=site)):
        for label, words in spans(text, tags):
            if label == "SYMPTOM" and re.search("肢|手|半身|偏身|征", words):
                assert "右" in words, words
                assert "左" not in words, words
            if label == "POWER" and (grade := re.search(r"([0-4ⅠⅡⅢⅣ])[+-]?级", words)):
                assert "左" not in words, (words, grade)


def test_cerebellar_bleed_makes_dizzy_not_weak():
    story = Story(60, "female", 3.0, "cerebellum", "right", None, 8.0, 0.0, None, None)
    for text, tags in notes_of(story):
        entities = by_label(text, tags)
        assert re.search("旋|晕|昏", entities["SYMPTOM"][0])
        assert not any(re.search("无力|偏瘫|偏身", words) for words in entities["SYMPTOM"])
        assert not any("左" in words for words in entities["SYMPTOM"])
        assert not any(re.search("[0-4ⅠⅡⅢⅣ][+-]?级", words) for words in entities["POWER"])


def test_large_pontine_bleed_means_coma_and_pinpoint_pupils():
    story = Story(52, "male", 2.0, "brainstem", None, None, 7.5, 0.0, None, None)
    for text, tags in notes_of(story):
        entities = by_label(text, tags)
        assert all("昏迷" in words for words in entities["CONSCIOUSNESS"])
        assert re.search("针尖|1 ?mm", "".join(entities["PUPIL"]))
