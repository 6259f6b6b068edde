"""What is wrong with a value is told of its place in the file, as it stands there."""

from __future__ import annotations

from typing import Any

import pytest

from cohort.schema.case_files import repeated_ids
from cohort.schema.problems import parse
from cohort.schema.records.record import AnnotatedRecord
from cohort.schema.scores import ScoresFile

FINDING = {
    **{"name": "gcs", "value": 15, "unit": None, "certainty": "affirmed", "side": None},
    **{"section": None, "start": 0, "end": 1, "text": "a"},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "side", "value": "left", "certainty": "sure"}, "'findings.0.certainty' must be"),
        ({"parts": {"E": "4"}}, "'findings.0.parts.E' must be a whole number, not '4'."),
        ({"start": True}, "'findings.0.start' must be a whole number, not True."),
    ],
)
def test_the_kind_of_a_finding_is_no_part_of_its_place(change: dict[str, Any], said: str) -> None:
    record = {"id": "a", "text": "a", "spans": [], "sections": [], "findings": [FINDING | change]}
    (problem,) = parse(AnnotatedRecord, record)[1]
    assert problem.startswith(said)
    del record["findings"][0]["text"]  # type: ignore[attr-defined]
    assert "'findings.0.text' is missing." in parse(AnnotatedRecord, record)[1]


def test_what_is_wrong_in_many_ways_is_said_once_for_each() -> None:
    scores = {"cases": 1, "structures": {"midline": {"dice": {"ci95": [1]}, "found": "x"}}}
    assert parse(ScoresFile, scores)[1] == [
        "'part' is missing.",
        "'structures.midline.dice.ci95.1' is missing.",
        "'structures.midline.found' must be a whole number, not 'x'.",
    ]


def test_ids_that_are_the_same_are_named_once() -> None:
    assert repeated_ids(["b", "b", "B"]) == [
        "two cases are called 'b'.",
        "two cases are called 'b' and 'B'.",
    ]
