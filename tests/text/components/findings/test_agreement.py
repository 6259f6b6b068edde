"""Findings laid beside the truth of generated records, which need no CT to be written."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
import spacy

from cohort.synthetic.plan import Plan, draw_plan
from cohort.synthetic.record.compose import write_record
from cohort.synthetic.story import Story
from text.components.findings.component import summarize

RECORDS = 120
ACROSS = {"left": "right", "right": "left"}


def story_of(plan: Plan, rng: np.random.Generator) -> Story:
    """Take what is planned for what the masks hold."""
    second_ml = plan.second.volume_ml if plan.second else 0.0
    shift = round(plan.shift_mm, 1) if plan.shift_mm >= 1.5 else 0.0
    above = plan.site in ("basal_ganglia", "thalamus", "lobar")
    return Story(
        age=plan.age,
        sex=plan.sex,
        onset_hours=plan.onset_hours,
        site=plan.site,
        side=plan.side,
        lobe=plan.lobe,
        volume_ml=round(plan.volume_ml + second_ml, 1),
        shift_mm=shift,
        shift_side=ACROSS[plan.side] if shift and plan.side else None,
        ventricle_compressed=plan.side if above and plan.volume_ml > 15 else None,
        second=plan.second,
        intraventricular=plan.ventricular is not None,
        ventricles_dilated=plan.ventricular is not None and bool(rng.random() < 0.3),
        subarachnoid=plan.subarachnoid is not None,
        density_hu=66 if plan.site else None,
    )


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Story, dict[str, Any]]]:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    found = []
    for number in range(RECORDS):
        rng = np.random.default_rng([2026, number])
        story = story_of(draw_plan(rng), rng)
        text, *_ = write_record(story, rng)
        found.append((story, summarize(nlp(text)._.findings)))
    return found


def agrees(story: Story, row: dict[str, Any]) -> dict[str, bool]:
    volume, shift = row["hematoma_total_ml"], row["midline_shift_mm"]
    if shift is None:
        # Records round small shifts to none, or call them slight.
        said = {"absent": None, "present": story.shift_side}.get(row["midline_shift"], "?")
        shifted = story.shift_mm < 5 and (said == story.shift_side or story.shift_mm < 3)
    else:
        shifted = (
            abs(shift - story.shift_mm) <= 0.6 and row["midline_shift_side"] == story.shift_side
        )
    return {
        "age": row["age_years"] == story.age,
        "sex": row["sex"] == story.sex,
        "site": row["hematoma_site"] == story.site
        or (row["hematoma_site"] == "putamen" and story.site == "basal_ganglia"),
        "side": row["hematoma_side"] == story.side,
        "count": (row["hematoma_count"] or 0) == story.bleeds,
        # A record rounds within a tenth.
        "volume": abs((volume or 0.0) - story.volume_ml) <= 0.11 * story.volume_ml,
        "shift": shifted,
        "ventricle": row["ventricle_compression_side"] == story.ventricle_compressed,
        "extension": (row["intraventricular_extension"] in ("present", "uncertain"))
        == story.intraventricular,
    }


@pytest.mark.parametrize(
    "what",
    ["age", "sex", "site", "side", "count", "volume", "shift", "ventricle", "extension"],
)
def test_findings_agree_with_the_truth(
    pairs: list[tuple[Story, dict[str, Any]]], what: str
) -> None:
    right = Counter(agrees(story, row)[what] for story, row in pairs)
    assert right[True] / RECORDS >= 0.98


def test_the_records_hold_what_is_hard(pairs: list[tuple[Story, dict[str, Any]]]) -> None:
    stories = [story for story, _ in pairs]
    assert any(story.second for story in stories) and any(story.site is None for story in stories)
    assert {story.side for story in stories} == {"left", "right", None}
