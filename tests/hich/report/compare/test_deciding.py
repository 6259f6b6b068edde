"""Limits that surgeons use: CT and record on two sides, on one, exactly at it, or not known."""

from __future__ import annotations

from typing import Any

import pytest

from cohort.schema.scans.measurements import Hematoma, Midline, VentricularBlood
from hich.report.compare.attention import looks
from hich.report.compare.deciding import LIMITS, crossed_message
from hich.report.compare.rows import compare
from hich.report.messages import CheckSentence
from hich.report.model.comparison import Crossed, Row
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.pages.words import Words
from hich.report.settings import LookSettings


def said(name: str, value: Any = None, certainty: str = "affirmed", **extra: Any) -> Finding:
    return Finding(name, value, None, certainty, None, "imaging_report", 0, 1, "x", extra)


def seen(
    ml: float = 20.0,
    tada: float | None = None,
    site: str | None = "deep",
    shift: float | None = None,
    ventricles: float | None = None,
    **untold: CheckSentence,
) -> CaseMeasurements:
    return CaseMeasurements(
        Hematoma(ml, tada_ml=tada, side="left", site=site, components=1),
        Midline(shift, "right"),
        ventricular_blood=VentricularBlood(ventricles),
        untold=untold,
    )


VOLUME, SHIFT, SITE = "hematoma_volume", "midline_shift", "hematoma_site"
BROKE_IN = "intraventricular_extension"
CEREBELLUM, BRAINSTEM = said(SITE, "cerebellum"), said(SITE, "brainstem")
CANNOT = CheckSentence("x", "it can't.")

# CT, findings, what is crossed: to whether that is sure
CASES: dict[str, tuple[CaseMeasurements, list[Finding], dict[str, bool]]] = {
    "28 and 31 mL agree, on two sides of 30": (seen(28), [said(VOLUME, 31)], {"volume": True}),
    "31 and 28 mL": (seen(31), [said(VOLUME, 28)], {"volume": True}),
    "both above": (seen(33), [said(VOLUME, 31)], {}),
    "both below": (seen(27), [said(VOLUME, 29.9)], {}),
    "both exactly at it": (seen(30), [said(VOLUME, 30)], {}),
    "the record exactly at it, the CT below": (seen(29.9), [said(VOLUME, 30)], {"volume": True}),
    "the CT exactly at it, the record below": (seen(30), [said(VOLUME, 29)], {"volume": True}),
    "by the formula, not by voxels": (seen(28, tada=32), [said(VOLUME, 31)], {}),
    "by voxels where the record says so": (
        seen(28, tada=32),
        [said(VOLUME, 31, measured_by="software")],
        {"volume": True},
    ),
    "a range over it": (seen(28), [said(VOLUME, 32, range=[28, 36])], {"volume": False}),
    "a range above it": (seen(28), [said(VOLUME, 32, range=[30, 34])], {"volume": True}),
    "less than 30 mL, the CT below": (seen(28), [said(VOLUME, 30, bound="<")], {}),
    "less than 30 mL, the CT above": (seen(33), [said(VOLUME, 30, bound="<")], {"volume": True}),
    "up to 30 mL, the CT above": (seen(33), [said(VOLUME, 30, bound="≤")], {"volume": False}),
    "at least 30 mL, the CT below": (seen(28), [said(VOLUME, 30, bound="≥")], {"volume": True}),
    "nearly 30 mL, the CT below": (seen(28), [said(VOLUME, 30, bound="≈")], {"volume": False}),
    "two bounds, both below": (
        seen(35),
        [said(VOLUME, 30, bound="<", site="lobar"), said(VOLUME, 12, site="lobar")],
        {"volume": True},
    ),
    "no less than 5 mm, the CT below": (
        seen(shift=3),
        [said(SHIFT, 5, bound="≥")],
        {"shift": True},
    ),
    "no less than 5 mm, the CT above": (seen(shift=6), [said(SHIFT, 5, bound="≥")], {}),
    "no more than 5 mm, the CT below": (
        seen(shift=3),
        [said(SHIFT, 5, bound="≤")],
        {"shift": False},
    ),
    "a record of two volumes": (seen(29), [said(VOLUME, 28), said(VOLUME, 33)], {"volume": False}),
    "a record that is not sure": (seen(28), [said(VOLUME, 31, "uncertain")], {"volume": False}),
    "no volume in the record": (seen(40), [said("hematoma")], {}),
    "no volume on the CT": (seen(28, hematoma=CANNOT), [said(VOLUME, 31)], {}),
    "cerebellum": (
        seen(9, site="infratentorial"),
        [said(VOLUME, 10), CEREBELLUM],
        {"volume_in_cerebellum": True},
    ),
    "cerebellum, both at 10": (seen(10), [said(VOLUME, 10), CEREBELLUM], {}),
    "cerebellum, the CT not telling where": (
        seen(11, site=None),
        [said(VOLUME, 8), CEREBELLUM],
        {"volume_in_cerebellum": True},
    ),
    "below the tentorium, the record not telling where": (
        seen(11, site="infratentorial"),
        [said(VOLUME, 8)],
        {"volume_in_cerebellum": True},
    ),
    "brainstem": (seen(11, site="infratentorial"), [said(VOLUME, 8), BRAINSTEM], {}),
    "10 mL elsewhere": (seen(11), [said(VOLUME, 9)], {}),
    "both of its limits": (
        seen(9),
        [said(VOLUME, 31), CEREBELLUM],
        {"volume": True, "volume_in_cerebellum": True},
    ),
    "shifts of 4 and 5 mm": (seen(shift=4), [said(SHIFT, 5)], {"shift": True}),
    "toward the other side": (seen(shift=-5.2), [said(SHIFT, 4)], {"shift": True}),
    "shifts of 5 mm": (seen(shift=5), [said(SHIFT, 5)], {}),
    "a shift that is denied": (seen(shift=5), [said(SHIFT, certainty="negated")], {"shift": True}),
    "no shift by either": (seen(shift=0), [said(SHIFT, certainty="negated")], {}),
    "a shift without mm": (seen(shift=6), [said(SHIFT)], {}),
    "a shift that is not mentioned": (seen(shift=6), [], {}),
    "no shift measured": (seen(), [said(SHIFT, 7)], {}),
    "blood on the CT only": (
        seen(ventricles=2),
        [said(BROKE_IN, certainty="negated")],
        {"ventricular_blood": True},
    ),
    "blood in the record only": (
        seen(ventricles=0.05),
        [said(BROKE_IN)],
        {"ventricular_blood": True},
    ),
    "blood of which the record is not sure": (
        seen(ventricles=0),
        [said(BROKE_IN, certainty="uncertain")],
        {"ventricular_blood": False},
    ),
    "blood in both": (seen(ventricles=0.1), [said(BROKE_IN)], {}),
    "blood in neither": (seen(ventricles=0), [said(BROKE_IN, certainty="negated")], {}),
    "blood that is not mentioned": (seen(ventricles=3), [], {}),
    "blood that was not measured": (seen(), [said(BROKE_IN)], {}),
}


def crossed(rows: tuple[Row, ...]) -> list[Crossed]:
    return [one for row in rows for one in row.crossed]


@pytest.mark.parametrize("case", CASES)
def test_crossed_limits_are_those_that_a_reader_by_hand_finds(case: str) -> None:
    ct, findings, expected = CASES[case]
    found = crossed(compare(ct, findings))
    assert {one.name: one.sure for one in found} == expected
    assert all(one.limit == LIMITS[one.name] for one in found)


def test_a_limit_that_is_crossed_within_tolerance_leaves_the_verdict_as_it_is() -> None:
    rows = {row.aspect: row for row in compare(seen(28), [said(VOLUME, 31)])}
    assert rows["volume"].verdict == "agree" and rows["volume"].crossed


def test_a_crossed_limit_ranks_before_all_else_that_may_be_wrong() -> None:
    agrees = compare(seen(28), [said(VOLUME, 31)])
    differs = compare(
        seen(15, site="lobar", shift=0),
        [said(VOLUME, 3), said(SITE, "putamen"), said(SHIFT, 4), said("hematoma_count", 3)],
    )
    assert sum(row.verdict == "differ" for row in differs) >= 4
    why, urgency = looks(agrees, {}, (), LookSettings())
    assert [message.key for message in why] == ["look.decides"]
    assert why[0].values == {"aspects": ["volume"]}
    assert urgency > looks(differs, {}, (), LookSettings())[1]


def test_what_one_way_to_read_the_record_crosses_is_told_as_such() -> None:
    rows = compare(seen(28), [said(VOLUME, 32, range=[28, 36])])
    why, urgency = looks(rows, {}, (), LookSettings())
    assert ([message.key for message in why], urgency) == (["look.may_decide"], 1.0)


@pytest.mark.parametrize(
    ("one", "en", "zh"),
    [
        (Crossed("volume", LIMITS["volume"]), "30.0 mL", "30.0 mL"),
        (Crossed("shift", LIMITS["shift"], False), "By one way to read the record", "5.0 mm"),
        (Crossed("ventricular_blood", None), "blood in the ventricles", "脑室积血"),
        (Crossed("ventricular_blood", None, False), "not sure", "不确定"),
    ],
)
def test_a_crossed_limit_is_said_in_both_languages(one: Crossed, en: str, zh: str) -> None:
    assert en in Words("en").say(crossed_message(one))
    assert zh in Words("zh").say(crossed_message(one))
