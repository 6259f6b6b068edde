"""The record's mL beside what they most likely mean: Tada's formula (多田公式), or voxels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cohort.schema.scans.measurements import Hematoma
from hich.report.compare.rows import compare
from hich.report.model.comparison import Row, Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.pages.words import Words

BLEED = CaseMeasurements(Hematoma(30.0, tada_ml=42.0, side="left", components=1))
"""Irregular: the formula goes beyond the voxels."""


def said(ml: float, by: str | None = None, start: int = 0, **extra: Any) -> Finding:
    more = {"method": "stated", "measured_by": by, **extra}
    place = ("imaging_report", start, start + 1, "x")
    return Finding("hematoma_volume", ml, "mL", "affirmed", None, *place, more)


def row_of(*findings: Finding, ct: CaseMeasurements = BLEED, **more: Any) -> Row:
    return next(row for row in compare(ct, findings, **more) if row.aspect == "volume")


@pytest.mark.parametrize(
    ("ml", "by", "verdict", "shown"),
    [
        # Within 34 % of the record's by the formula, within 20 % by software.
        (42, None, "agree", Value(42.0, "ml", "tada")),
        (42, "formula", "agree", Value(42.0, "ml", "tada")),
        (32, "formula", "agree", Value(42.0, "ml", "tada")),
        (31, "formula", "differ", Value(42.0, "ml", "tada")),
        (42, "software", "differ", Value(30.0, "ml", "voxels")),
        (37.5, "software", "agree", Value(30.0, "ml", "voxels")),
        (38, "software", "differ", Value(30.0, "ml", "voxels")),
        # Whoever doesn't say how may have meant the voxels.
        (29, None, "uncertain", Value(42.0, "ml", "tada")),
        (29, "formula", "differ", Value(42.0, "ml", "tada")),
        (20, None, "differ", Value(42.0, "ml", "tada")),
        (90, None, "differ", Value(42.0, "ml", "tada")),
    ],
)
def test_what_it_was_measured_by_says_what_it_is_compared_with(
    ml: float, by: str | None, verdict: str, shown: Value
) -> None:
    row = row_of(said(ml, by))
    assert (row.verdict, row.ct) == (verdict, shown)


def test_diameters_are_a_formula_s() -> None:
    """As `text.annotate` writes them: 5.1×4.1×4cm."""
    row = row_of(said(41.8, "formula", method="ABC/2"))
    assert (row.verdict, row.ct) == ("agree", Value(42.0, "ml", "tada"))


def test_volumes_of_both_kinds_are_each_compared_with_their_own() -> None:
    row = row_of(said(42, "formula"), said(30, "software", start=5))
    assert (row.verdict, row.ct) == ("agree", Value(30.0, "ml"))
    assert row.compared is None
    assert row_of(said(42, "software"), said(30, "formula", start=5)).verdict == "differ"


def test_what_is_said_twice_is_one_volume() -> None:
    row = row_of(said(29), said(29, "software", start=5))
    assert (row.verdict, row.compared) == ("agree", Value(29.0, "ml"))


def test_results_of_an_earlier_version_have_no_formula() -> None:
    old = CaseMeasurements(Hematoma(30.0, side="left", components=1))
    row = row_of(said(39, "formula"), ct=old)
    assert (row.verdict, row.ct) == ("agree", Value(30.0, "ml", "voxels"))
    assert row_of(said(90), ct=old).verdict == "differ"


def test_the_reference_beside_it_is_of_the_same_kind() -> None:
    drawn = CaseMeasurements(Hematoma(33.0, tada_ml=45.0, side="left", components=1))
    assert row_of(said(42), reference=drawn).reference == Value(45.0, "ml", "tada")
    assert row_of(said(30, "software"), reference=drawn).reference == Value(33.0, "ml", "voxels")


def test_the_row_says_which_it_was() -> None:
    rows = row_of(said(42)), row_of(said(30, "software")), row_of(said(29))
    english, chinese = Words("en"), Words("zh")
    assert [english.value(row.ct) for row in rows[:2]] == [
        "Tada's formula, 42.0 mL",
        "voxels, 30.0 mL",
    ]
    assert (
        english.say(rows[0].reason)
        == "By Tada's formula: 0.0 mL apart, 0 % of the record's volume."
    )
    assert chinese.value(rows[0].ct).startswith("多田公式")
    assert "多田公式" in chinese.say(rows[2].reason) and "体素" in chinese.say(rows[2].reason)


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        (("<", None), Value(24.0, "ml", sign="<")),  # less than 2 mL and 22 mL
        (("≤", None), Value(24.0, "ml", sign="≤")),
        ((">", None), Value(24.0, "ml", sign=">")),
        (("≥", "<"), Value(2.0, "ml", sign="≥")),
        ((">", "≥"), Value(24.0, "ml", sign=">")),
        (("≈", None), Value(24.0, "ml", sign="≈")),
        ((None, None), Value(24.0, "ml")),
    ],
)
def test_a_sum_with_a_bound_in_it_is_one(bounds: tuple[Any, Any], shown: Value) -> None:
    small = Finding("hematoma_volume", 2.0, "mL", "affirmed", "left", None, 0, 1, "x", {})
    large = Finding("hematoma_volume", 22.0, "mL", "affirmed", "right", None, 2, 3, "x", {})
    both = [
        replace(finding, extra={"bound": bound, "method": "stated"})
        for finding, bound in zip((small, large), bounds, strict=True)
    ]
    assert row_of(*both).compared == shown


def test_the_largest_is_not_told_where_a_bound_may_be_larger() -> None:
    def sites(bound: str | None) -> list[str | None]:
        findings = [
            Finding("hematoma_site", site, None, "affirmed", "left", None, at, at + 1, "x")
            for at, site in ((0, "lobar"), (1, "thalamus"))
        ]
        findings += [
            said(22, start=2, site="lobar"),
            said(20, start=4, site="thalamus", bound=bound),
        ]
        row = next(row for row in compare(BLEED, findings) if row.aspect == "site")
        return [value.term for value in row.record]

    assert sites(None) == sites("<") == ["lobar"]
    assert sites(">") == ["lobar", "thalamus"]
