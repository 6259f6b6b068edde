from __future__ import annotations

from collections import Counter

import pytest

from cohort.tags.scheme import Span
from text.scores.kappa import character_pairs, cohens_kappa, without_outside


@pytest.mark.parametrize(
    ("counts", "observed", "expected", "kappa"),
    [
        # Reckoned by hand: 35 of 50 agree; by chance (25·30 + 25·20)/50² = 0.5.
        ((20, 5, 10, 15), 0.7, 0.5, 0.4),
        # 60 of 100, and (60·70 + 40·30)/100² = 0.54; then (60·30 + 40·70)/100² = 0.46.
        ((45, 15, 25, 15), 0.6, 0.54, 0.06 / 0.46),
        ((25, 35, 5, 35), 0.6, 0.46, 0.14 / 0.54),
        ((0, 10, 10, 0), 0.0, 0.5, -1.0),
        ((3, 0, 0, 7), 1.0, 0.58, 1.0),
    ],
)
def test_kappa_of_two_labels_is_that_reckoned_by_hand(
    counts: tuple[int, ...], observed: float, expected: float, kappa: float
) -> None:
    cells = [("A", "A"), ("A", "B"), ("B", "A"), ("B", "B")]
    found = cohens_kappa(Counter(dict(zip(cells, counts, strict=True))))
    assert found.characters == sum(counts)
    assert found[1:] == pytest.approx((observed, expected, kappa))


def test_kappa_of_three_labels_is_that_of_scikit_learn() -> None:
    # sklearn.metrics.cohen_kappa_score(list("AAABBOOOOO"), list("AABBBAOOOB"))
    pairs = Counter(zip("AAABBOOOOO", "AABBBAOOOB", strict=True))
    assert cohens_kappa(pairs).value == pytest.approx(0.5588235294117647)


def test_kappa_cannot_be_told_where_chance_explains_all() -> None:
    assert cohens_kappa(Counter({("O", "O"): 9})) == (9, 1.0, 1.0, None)
    assert cohens_kappa(Counter()) == (0, None, None, None)


def test_characters_that_both_call_nothing_can_be_left_out() -> None:
    one, other = [Span(0, 4, "SITE"), Span(6, 8, "SIDE")], [Span(2, 4, "SITE"), Span(6, 8, "SITE")]
    pairs = character_pairs(one, other, 20)
    assert pairs == {
        ("SITE", None): 2,
        ("SITE", "SITE"): 2,
        ("SIDE", "SITE"): 2,
        (None, None): 14,
    }
    marked = without_outside(pairs)
    assert marked.total() == 6
    # 2 of 6 agree, and 4·4/6² = 16/36 would by chance: (12 - 16)/(36 - 16).
    assert cohens_kappa(marked).value == pytest.approx(-4 / 20)
    # 16 of 20; 14·16 for none, 4·4 for SITE: (320 - 240)/(400 - 240).
    assert cohens_kappa(pairs).value == pytest.approx(0.5)


def test_a_label_may_be_called_o() -> None:
    one, other = [Span(0, 3, "O")], [Span(1, 3, "O")]
    marked = without_outside(character_pairs(one, other, 10))
    assert marked == {("O", "O"): 2, ("O", None): 1}
    assert cohens_kappa(marked).observed == pytest.approx(2 / 3)
    # 9 of 10; 3·2 for O, 7·8 for none: (90 - 62)/(100 - 62).
    assert cohens_kappa(character_pairs(one, other, 10)).value == pytest.approx(28 / 38)
