"""The generated record: it tells the story, in clean BIOES spans and many wordings."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest

from cohort.synthetic.record import numbers as numbers
from cohort.synthetic.record.compose import LABELS, write_record
from cohort.synthetic.record.grammar import write
from cohort.synthetic.record.patient import EYE_VERBAL_MOTOR, examine
from cohort.synthetic.story import Focus, Story

LEFT_RIGHT = {"left": "左", "right": "右"}
ACROSS = {"left": "right", "right": "left"}
SITE_WORDS = {
    "basal_ganglia": "基底节|壳核",
    "thalamus": "丘脑",
    "lobar": "[额颞顶枕][叶部]",
    "cerebellum": "小脑",
    "brainstem": "脑干|桥脑|脑桥",
}
LOBES = {"frontal": "额", "temporal": "颞", "parietal": "顶", "occipital": "枕"}

BASAL = Story(
    66, "male", 5.0, "basal_ganglia", "left", None, 14.2, 0.0, None, "left", density_hu=66
)
LARGE = replace(BASAL, volume_ml=38.0, shift_mm=8.1, shift_side="right")
CLEAR = Story(58, "female", 4.0, None, None, None, 0.0, 0.0, None, None)
FLOODED = replace(
    BASAL,
    site="thalamus",
    intraventricular=True,
    ventricles_dilated=True,
    ventricle_compressed=None,
)
TWO = replace(BASAL, volume_ml=18.2, second=Focus("lobar", "right", "parietal", 4.0))


def make_story(rng: np.random.Generator) -> Story:
    """Draw a story as the cohort does: any site, side, volume, shift, or none."""
    if rng.random() < 0.12:
        return replace(
            CLEAR,
            age=int(rng.integers(35, 92)),
            onset_hours=float(np.exp(rng.uniform(-0.7, 4.3))),
            subarachnoid=bool(rng.random() < 0.2),
            membrane="subdural" if rng.random() < 0.2 else None,
            membrane_side="right",
        )
    sites = ("basal_ganglia", "thalamus", "lobar", "cerebellum", "brainstem")
    site = sites[rng.choice(5, p=(0.4, 0.2, 0.2, 0.1, 0.1))]
    above = site in sites[:3]
    volume = float(rng.uniform(2, 60 if above else 20 if site == "cerebellum" else 9))
    side = ("left", "right")[rng.integers(2)]
    shift = round(max(0.0, 0.2 * volume - 2), 1) if above else 0.0
    flooded = bool(rng.random() < 0.35)
    other = Focus("thalamus" if site != "thalamus" else "basal_ganglia", side, None, 1.2)
    second = other if rng.random() < 0.1 and volume > 4 else None
    return Story(
        age=int(rng.integers(35, 92)),
        sex=("male", "female")[rng.integers(2)],
        onset_hours=float(np.exp(rng.uniform(-0.7, 5.4))),
        site=site,
        side=None if site == "brainstem" and rng.random() < 0.5 else side,
        lobe=tuple(LOBES)[rng.integers(4)] if site == "lobar" else None,
        volume_ml=volume,
        shift_mm=shift,
        shift_side=ACROSS[side] if shift else None,
        ventricle_compressed=side if above and volume > 8 else None,
        second=second,
        intraventricular=flooded,
        ventricles_dilated=flooded and bool(rng.random() < 0.5),
        subarachnoid=bool(rng.random() < 0.1),
        density_hu=int(rng.integers(48, 76)),
    )


def spans(text: str, tags: list[str]) -> list[tuple[str, str]]:
    """Read the entities; fail on tags that are no legal BIOES sequence."""
    found, start = [], None
    for i, tag in enumerate(tags):
        mark, _, label = tag.partition("-")
        assert (start is not None) == (mark in "IE"), (i, tag)
        if start is not None:
            assert label == tags[start][2:]
        if mark in "BS":
            start = i
        if mark in "ES":
            found.append((label, text[start : i + 1]))
            start = None
    assert start is None
    return found


def by_label(text: str, tags: list[str]) -> dict[str, list[str]]:
    entities = defaultdict(list)
    for label, words in spans(text, tags):
        entities[label].append(unicodedata.normalize("NFKC", words))
    return entities


def cases(count: int) -> list[tuple[Story, str, list[str]]]:
    made = []
    for seed in range(count):
        rng = np.random.default_rng([20, seed])
        story = make_story(rng)
        made.append((story, *write_record(story, rng)))
    return made


@pytest.fixture(scope="module")
def notes() -> list[tuple[Story, str, list[str]]]:
    return cases(250)


def notes_of(story: Story, count: int = 40) -> list[tuple[str, list[str]]]:
    return [write_record(story, np.random.default_rng([3, seed])) for seed in range(count)]


def foci(story: Story) -> list[Focus]:
    """Return the story's hematomas."""
    if story.site is None:
        return []
    first = Focus(story.site, story.side, story.lobe, story.first_ml)
    return [first, story.second] if story.second else [first]


def number_in(words: str) -> float:
    """Read the first number, in digits or Chinese numerals."""
    if match := re.search(r"\d+(\.\d+)?", words):
        return float(match[0])
    names = {numbers.chinese(n): n for n in range(100)} | {"两": 2}
    return names[max((name for name in names if name in words), key=len)]


def volumes_in(entities: dict[str, list[str]]) -> list[float]:
    found = []
    for words in entities["VOLUME"]:
        axes = [float(n) for n in re.findall(r"\d+\.?\d*", words)]
        if len(axes) == 3:
            unit = 1000 if "mm" in words else 1
            found.append(float(np.prod(axes)) / 2 / unit)
        else:
            found.append(number_in(words))
    return found


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


# --- the story ---


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
        if shifted and re.search(r"\d", told[0]):
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


# --- the parts ---


def test_coma_scores_add_up():
    assert all(sum(parts) == score for score, parts in EYE_VERBAL_MOTOR.items())


def test_larger_bleeds_mean_lower_scores_and_less_power():
    def mean(volume: float, value: str) -> float:
        story = replace(BASAL, volume_ml=volume)
        rngs = map(np.random.default_rng, range(30))
        return float(np.mean([getattr(examine(story, rng), value) for rng in rngs]))

    assert mean(4, "gcs") > mean(25, "gcs") > mean(55, "gcs")
    assert mean(4, "power_arm") > mean(20, "power_arm") > mean(50, "power_arm")


@pytest.mark.parametrize("volume", [2.0, 4.9, 14.2, 33.3, 60.0])
def test_axes_give_the_volume_by_abc_over_2(volume):
    for seed in range(20):
        words = write(
            numbers.axes(volume, np.random.default_rng(seed)), {}, np.random.default_rng(0)
        )[0]
        told = volumes_in({"VOLUME": [unicodedata.normalize("NFKC", words)]})
        assert told == [pytest.approx(volume, rel=0.1)]
