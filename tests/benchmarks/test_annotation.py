"""The arithmetic of benchmarks/accuracy/annotation.py."""

from __future__ import annotations

import pytest

AGREED = ("左侧丘脑出血。", [(2, 4, "SITE")])
OPPOSED = ("左侧丘脑出血。", [])
OTHER_LABEL = ("左侧丘脑出血。", [(2, 4, "BODY")])
ELSEWHERE = ("右侧小脑梗死。", [(2, 4, "SITE")])


def test_a_place_is_counted_wherever_it_reads_the_same_the_ends_of_a_text_included() -> None:
    from benchmarks.accuracy.annotation import Annotation, window_of

    texts = [AGREED, OPPOSED, OTHER_LABEL, ("丘脑出血。", [(0, 2, "SITE")])]
    annotation = Annotation(texts, 1)
    assert annotation.of(window_of(AGREED[0], 2, 4, 1)) == {"SITE": 1, None: 1, "BODY": 1}
    assert annotation.of(window_of("丘脑出", 0, 2, 1)) == {"SITE": 1}
    assert annotation.of(window_of("双侧丘脑梗死", 2, 4, 1)) == {}
    assert annotation.windows() == {"侧丘脑出": 2, "\0丘脑出": 1}


def test_a_span_of_another_length_at_the_same_place_is_another_annotation() -> None:
    from benchmarks.accuracy.annotation import Annotation

    longer = ("左侧丘脑出血。", [(0, 4, "SITE")])
    assert Annotation([AGREED, longer], 1).of("侧丘脑出") == {"SITE": 1, None: 1}


@pytest.mark.parametrize(
    ("texts", "repeated", "pairs", "ceiling"),
    [
        ([AGREED, AGREED, ELSEWHERE], 2, 1.0, 1.0),
        # One of two: of one against the other nothing agrees; marking both is right once of 2 + 1.
        ([OPPOSED, AGREED], 1, 0.0, 2 / 3),
        # Two of three: of the 4 annotated ends of pairs, 2 meet the same; marking all: 2 of 3 + 2.
        ([AGREED, AGREED, OPPOSED], 2, 0.5, 4 / 5),
        ([AGREED, AGREED, OTHER_LABEL], 3, 1 / 3, 2 / 3),
        # One of three: nothing is marked, which finds nothing.
        ([AGREED, OPPOSED, OPPOSED], 1, 0.0, 0.0),
        ([AGREED, ELSEWHERE], 0, None, None),
    ],
)
def test_agreement_of_an_annotation_with_itself(
    texts: list[tuple[str, list[tuple[int, int, str]]]],
    repeated: int,
    pairs: float | None,
    ceiling: float | None,
) -> None:
    from benchmarks.accuracy.annotation import self_agreement

    found = self_agreement(texts, 2)
    assert (found.entities, found.repeated) == (sum(len(s) for _, s in texts), repeated)
    assert (found.pairs, found.ceiling) == (pytest.approx(pairs), pytest.approx(ceiling))


def test_agreement_is_told_by_label_too() -> None:
    from benchmarks.accuracy.annotation import self_agreement

    longer = ("头痛，左侧丘脑出血。", [(0, 2, "SIGN"), (5, 7, "SITE")])
    found = self_agreement([longer, longer, OPPOSED, AGREED], 2)
    assert found.labels == {"SIGN": pytest.approx(1.0), "SITE": pytest.approx(2 / 3)}


@pytest.mark.parametrize(
    ("train", "found", "expected"),
    [
        ([AGREED], True, (1, 1)),  # found as the training part has it
        ([AGREED], False, (1, 0)),  # annotated as there, and missed all the same
        ([OPPOSED], False, (1, 1)),
        ([AGREED, OPPOSED], False, (1, 1)),
        ([AGREED, AGREED, OPPOSED], False, (1, 0)),
        ([OTHER_LABEL], True, (1, 0)),
        ([ELSEWHERE], True, (0, 0)),
    ],
)
def test_errors_that_follow_the_training_part(
    train: list[tuple[str, list[tuple[int, int, str]]]], found: bool, expected: tuple[int, int]
) -> None:
    from benchmarks.accuracy.annotation import followed

    assert followed([(AGREED[0], 2, 4, "SITE", found)], train, 2) == expected
