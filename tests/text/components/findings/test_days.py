"""Days that records name: an operation has a date only where there is such a day."""

from __future__ import annotations

import pytest
import spacy
from spacy.language import Language


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_findings")
    return nlp


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-02-29行开颅血肿清除术", "2024-02-29"),
        ("2024-02-30行开颅血肿清除术", None),
        ("2023年2月29日8:30行开颅血肿清除术", None),
        ("2024年4月31日行开颅血肿清除术", None),
        ("2024年4月30日下午3:20行开颅血肿清除术", "2024-04-30T15:20"),
    ],
)
def test_an_operation_is_on_a_day_that_there_is(nlp: Language, text: str, date: str | None) -> None:
    (found,) = [f for f in nlp(text)._.findings if f["name"] == "operation"]
    assert found["date"] == date


def test_a_range_of_hours_before_an_operation_counts_as_its_middle(nlp: Language) -> None:
    (found,) = [
        f for f in nlp("发病后3-4小时行开颅血肿清除术")._.findings if f["name"] == "operation"
    ]
    assert (found["hours"], found["since"]) == (3.5, "onset")
