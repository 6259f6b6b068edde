"""What generated records say that decisions need, laid beside what was drawn for them."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import spacy

from cohort.synthetic.plan import draw_plan
from cohort.synthetic.record.compose import write_record
from cohort.synthetic.record.decisions import Decisions, draw_decisions
from cohort.synthetic.record.patient import examine
from tests.text.components.findings.test_agreement import story_of
from text.components.findings.component import summarize

RECORDS = 120


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Decisions, dict[str, Any], str]]:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    found = []
    for number in range(RECORDS):
        rng = np.random.default_rng([2026, number])
        story = story_of(draw_plan(rng), rng)
        twin = deepcopy(rng)
        (own,) = twin.spawn(1)
        said = draw_decisions(story, examine(story, twin), own)
        text, *_ = write_record(story, rng)
        found.append((said, summarize(nlp(text)._.findings), text))
    return found


@pytest.mark.parametrize(
    ("what", "column"),
    [
        ("nihss", "nihss"),
        ("mrs_before", "mrs_before"),
        ("onset_to_ct_h", "onset_to_ct_h"),
        ("inr", "inr"),
        ("platelets", "platelets_e9_per_l"),
        ("fibrinogen", "fibrinogen_g_per_l"),
        ("slices", "hematoma_slices"),
        ("growth_sign", "growth_signs"),
    ],
)
def test_values_agree_with_what_was_drawn(
    pairs: list[tuple[Decisions, dict[str, Any], str]], what: str, column: str
) -> None:
    words = {
        "inr": "INR",
        "platelets": "×10^9",
        "fibrinogen": "纤维蛋白原",
        "mrs_before": "病前mRS",
    }
    told = Counter[bool]()
    for said, row, text in pairs:
        drawn = getattr(said, what)
        if drawn is not None and words.get(what, "") in text:
            told[row[column] == drawn] += 1
        elif what not in ("inr", "platelets"):  # the note of a blood test may have its own
            assert row[column] is None
    assert told[True] >= 5 and told[False] == 0


@pytest.mark.parametrize(
    ("what", "column"),
    [
        ("cisterns_pressed", "cistern_compression"),
        ("fourth_ventricle_pressed", "fourth_ventricle_compression"),
        ("herniation", "herniation"),
        ("ventilated", "mechanical_ventilation"),
        ("ventilated", "intubation"),
    ],
)
def test_what_is_there_agrees_with_what_was_drawn(
    pairs: list[tuple[Decisions, dict[str, Any], str]], what: str, column: str
) -> None:
    for said, row, text in pairs:
        told = getattr(said, what) and (what != "ventilated" or "气管插管" in text)
        assert (row[column] == "present") == told, text
