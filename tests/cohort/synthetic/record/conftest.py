"""Stories, the records that tell them, and what these say."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from cohort.facts.sites import GENERATED_SITES, INFRATENTORIAL
from cohort.synthetic.record import numbers as numbers
from cohort.synthetic.record.compose import write_record
from cohort.synthetic.story import Focus, Story

ACROSS = {"left": "right", "right": "left"}
LOBES = {"frontal": "额", "temporal": "颞", "parietal": "顶", "occipital": "枕"}
BASAL = Story(
    66, "male", 5.0, "basal_ganglia", "left", None, 14.2, 0.0, None, "left", density_hu=66
)

CLEAR = Story(58, "female", 4.0, None, None, None, 0.0, 0.0, None, None)


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
    site = GENERATED_SITES[rng.choice(5, p=(0.4, 0.2, 0.2, 0.1, 0.1))]
    above = site not in INFRATENTORIAL
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
        text, tags, told = write_record(story, rng)
        made.append((replace(story, told_shift=told), text, tags))
    return made


@pytest.fixture(scope="module")
def notes() -> list[tuple[Story, str, list[str]]]:
    return cases(250)


def notes_of(story: Story, count: int = 40) -> list[tuple[str, list[str]]]:
    return [write_record(story, np.random.default_rng([3, seed]))[:2] for seed in range(count)]


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
