"""CT against record: each aspect, each verdict, and records that can be read in several ways."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from cohort.schema.scans.measurements import (
    Hematoma,
    Midline,
    OuterBlood,
    Ventricles,
    VentricularBlood,
)
from hich.report.compare.hematoma import PresenceAspect
from hich.report.compare.rows import ASPECTS, compare
from hich.report.compare.site import COARSE_SITES, SiteAspect
from hich.report.gather.table import CASE_COLUMNS
from hich.report.messages import TERMS, VERDICTS, Message
from hich.report.model.comparison import Row, Value
from hich.report.model.finding import Finding
from hich.report.model.masks import CaseMeasurements
from hich.report.settings import CompareSettings, ShiftSettings, VolumeSettings
from imaging.measure.site import Unknown
from tests.conftest import ROOT
from text.components.findings.component import NAMES, summarize

NO_CT, NO_RECORD = Message("reason.no_ct"), Message("reason.no_record")


def ct(
    volume: float | None = 30.0,
    side: str | None = "left",
    site: str | None = "deep",
    components: int | None = 1,
    shift: float | None = 5.0,
    toward: str | None = "right",
    compressed: str | None = "left",
    ratio: float | None = 0.6,
    in_ventricles: float | None = None,
    outer: float | None = None,
    tada: float | None = None,
) -> CaseMeasurements:
    if volume == 0:
        side = site = None
        components = 0
    return CaseMeasurements(
        Hematoma(volume, tada_ml=tada, side=side, site=site, components=components),
        Midline(shift, toward),
        Ventricles(compressed=compressed, left_right_ratio=ratio),
        ventricular_blood=VentricularBlood(in_ventricles),
        outer_blood=OuterBlood(outer),
    )


def said(
    name: str,
    value: Any = None,
    side: str | None = None,
    *,
    certainty: str = "affirmed",
    section: str | None = "imaging_report",
    start: int = 0,
    **extra: Any,
) -> Finding:
    return Finding(name, value, None, certainty, side, section, start, start + 1, "x", extra)


def no(name: str, side: str | None = None, **where: Any) -> Finding:
    return said(name, None, side, certainty="negated", **where)


VOLUME, SHIFT, VENTRICLE = "hematoma_volume", "midline_shift", "ventricle_compression"

EXTENSION, IN_VENTRICLES = "intraventricular_extension", "ventricular_blood"

# aspect, CT, findings, verdict, reason
TABLE = [
    # Blood in the ventricles
    (IN_VENTRICLES, ct(in_ventricles=4.0), [said(EXTENSION)], "agree", f"{IN_VENTRICLES}.both"),
    (IN_VENTRICLES, ct(in_ventricles=0.05), [no(EXTENSION)], "agree", f"{IN_VENTRICLES}.neither"),
    (IN_VENTRICLES, ct(in_ventricles=4.0), [no(EXTENSION)], "differ", f"{IN_VENTRICLES}.only_ct"),
    (
        *(IN_VENTRICLES, ct(in_ventricles=0.0), [said(EXTENSION, side="left")], "differ"),
        f"{IN_VENTRICLES}.only_record",
    ),
    (
        *(IN_VENTRICLES, ct(in_ventricles=4.0), [said(EXTENSION), no(EXTENSION)], "agree"),
        f"{IN_VENTRICLES}.both",
    ),
    (IN_VENTRICLES, ct(), [said(EXTENSION)], "only_record", "reason.not_measured"),
    # Blood outside the brain is no hematoma, and none of the ventricles.
    ("hematoma", ct(0, outer=40.0), [no("hematoma")], "agree", "hematoma.neither"),
    # Is there one
    ("hematoma", ct(), [said("hematoma")], "agree", "hematoma.both"),
    ("hematoma", ct(), [said(VOLUME, 29.0)], "agree", "hematoma.both"),
    ("hematoma", ct(0), [no("hematoma")], "agree", "hematoma.neither"),
    ("hematoma", ct(0), [said("hematoma_site", "putamen")], "differ", "hematoma.only_record"),
    ("hematoma", ct(), [no("hematoma")], "differ", "hematoma.only_ct"),
    ("hematoma", ct(0.05), [no("hematoma")], "agree", "hematoma.neither"),
    ("hematoma", ct(), [said("hematoma"), no("hematoma")], "agree", "hematoma.both"),
    ("hematoma", ct(), [no("hematoma", "right")], "only_ct", "reason.not_stated"),
    ("hematoma", ct(0), [no("hematoma", "both")], "agree", "hematoma.neither"),
    ("hematoma", ct(), [no("hematoma_site")], "only_ct", "reason.not_stated"),
    ("hematoma", ct(None), [said("hematoma")], "only_record", "reason.not_measured"),
    ("hematoma", ct(0), [], "only_ct", "reason.not_mentioned_normal"),
    ("hematoma", ct(), [], "only_ct", "reason.not_mentioned"),
    # Side
    ("side", ct(), [said("hematoma", side="left")], "agree", "side.same"),
    ("side", ct(), [said("hematoma_site", "thalamus", "right")], "differ", "side.other"),
    ("side", ct(side="both"), [said("hematoma", side="left")], "differ", "side.other"),
    ("side", ct(), [said("hematoma")], "only_ct", "reason.not_stated"),
    ("side", ct(0), [said("hematoma", side="left")], "only_record", "reason.ct_no_hematoma"),
    ("side", ct(side=None), [said("hematoma", side="left")], "only_record", "reason.not_measured"),
    ("side", ct(), [no("hematoma")], "only_ct", "reason.record_no_hematoma"),
    # Volume: within 5 mL, or 34 % of the record's; test_volume.py has more
    ("volume", ct(15), [said(VOLUME, 10)], "agree", "volume.within"),
    ("volume", ct(15.1), [said(VOLUME, 10)], "differ", "volume.beyond"),
    ("volume", ct(67), [said(VOLUME, 50)], "agree", "volume.within"),
    ("volume", ct(68), [said(VOLUME, 50)], "differ", "volume.beyond"),
    ("volume", ct(33), [said(VOLUME, 50)], "agree", "volume.within"),
    ("volume", ct(32), [said(VOLUME, 50)], "differ", "volume.beyond"),
    ("volume", ct(30, tada=42), [said(VOLUME, 29)], "uncertain", "volume.only_by_voxels"),
    ("volume", ct(3), [said(VOLUME, 0)], "agree", "volume.within"),
    ("volume", ct(9), [said(VOLUME, 30, bound="<")], "agree", "volume.in_bounds"),
    ("volume", ct(9), [said(VOLUME, 30, bound="≥")], "differ", "volume.beyond"),
    ("volume", ct(90), [said(VOLUME, 30, bound="≥")], "agree", "volume.in_bounds"),
    ("volume", ct(9), [said(VOLUME, 30, bound="≈")], "differ", "volume.beyond"),
    ("volume", ct(28), [said(VOLUME, 30, bound="≈")], "agree", "volume.within"),
    ("volume", ct(60), [said(VOLUME, 30, bound="<")], "differ", "volume.beyond"),
    ("volume", ct(), [said("hematoma")], "only_ct", "reason.not_stated"),
    ("volume", ct(0), [said(VOLUME, 3)], "only_record", "reason.ct_no_hematoma"),
    # Site
    ("site", ct(), [said("hematoma_site", "basal_ganglia")], "agree", "site.same"),
    ("site", ct(site="lobar"), [said("hematoma_site", "putamen")], "differ", "site.other"),
    ("site", ct(site="lobar"), [said("hematoma_site", "lobar")], "agree", "site.same"),
    (
        "site",
        ct(site="infratentorial"),
        [said("hematoma_site", "brainstem")],
        "agree",
        "site.same",
    ),
    ("site", ct(site=None), [said("hematoma_site", "putamen")], "only_record", None),
    ("site", ct(), [said("hematoma_site", "moon")], "only_ct", "reason.site_not_comparable"),
    # Number
    ("count", ct(components=2), [said("hematoma_count", 2)], "agree", "count.same"),
    ("count", ct(), [said("hematoma_count", 2)], "differ", "count.other"),
    ("count", ct(components=3), [said("hematoma_count")], "agree", "count.several"),
    ("count", ct(), [said("hematoma_count")], "differ", "count.not_several"),
    ("count", ct(), [], "only_ct", "reason.not_mentioned_normal"),
    ("count", ct(components=2), [], "only_ct", "reason.not_mentioned"),
    ("count", ct(), [said("hematoma")], "only_ct", "reason.not_mentioned_normal"),
    # Shift: within 3 mm; without mm from 1.5 mm on
    (SHIFT, ct(), [said(SHIFT, 8.0)], "agree", "shift.within"),
    (SHIFT, ct(), [said(SHIFT, 8.1)], "differ", "shift.beyond"),
    (SHIFT, ct(shift=14), [said(SHIFT, 10.0, bound="≥")], "agree", "shift.in_bounds"),
    (SHIFT, ct(shift=3), [said(SHIFT, 10.0, bound="≥")], "differ", "shift.beyond"),
    (SHIFT, ct(shift=3), [no(SHIFT)], "agree", "shift.neither"),
    (SHIFT, ct(shift=3.1), [no(SHIFT)], "differ", "shift.only_ct"),
    (SHIFT, ct(shift=1.5), [said(SHIFT)], "agree", "shift.both"),
    (SHIFT, ct(shift=1.4), [said(SHIFT)], "differ", "shift.only_record"),
    (SHIFT, ct(shift=None), [said(SHIFT, 4)], "only_record", "reason.not_measured"),
    (SHIFT, ct(shift=1), [], "only_ct", "reason.not_mentioned_normal"),
    (SHIFT, ct(), [], "only_ct", "reason.not_mentioned"),
    (SHIFT, ct(), [said(SHIFT), said(SHIFT, 30.0)], "differ", "shift.beyond"),
    # Direction
    ("shift_direction", ct(), [said(SHIFT, 4, "right")], "agree", "direction.same"),
    ("shift_direction", ct(), [said(SHIFT, 4, "left")], "differ", "direction.other"),
    ("shift_direction", ct(shift=1), [said(SHIFT, 4, "left")], "only_record", "reason.ct_no_shift"),
    ("shift_direction", ct(), [no(SHIFT)], "only_ct", "reason.record_no_shift"),
    ("shift_direction", ct(), [said(SHIFT, 4)], "only_ct", "reason.not_stated"),
    # Ventricles
    (VENTRICLE, ct(), [said(VENTRICLE, side="left")], "agree", "ventricle.same"),
    (VENTRICLE, ct(), [said(VENTRICLE, side="right")], "differ", "ventricle.other"),
    (VENTRICLE, ct(), [said(VENTRICLE)], "agree", "ventricle.both"),
    (VENTRICLE, ct(), [no(VENTRICLE)], "differ", "ventricle.only_ct"),
    (VENTRICLE, ct(compressed=None), [no(VENTRICLE)], "agree", "ventricle.neither"),
    (
        VENTRICLE,
        ct(compressed=None),
        [said(VENTRICLE, side="left")],
        "differ",
        "ventricle.only_record",
    ),
    (VENTRICLE, ct(), [said(VENTRICLE, side="both")], "uncertain", "ventricle.both_not_told"),
    (
        VENTRICLE,
        ct(compressed=None),
        [said(VENTRICLE, side="both")],
        "uncertain",
        "ventricle.both_not_told",
    ),
    (VENTRICLE, ct(compressed=None), [], "only_ct", "reason.not_mentioned_normal"),
    (
        VENTRICLE,
        ct(compressed=None, ratio=None),
        [said(VENTRICLE)],
        "only_record",
        "reason.not_measured",
    ),
    (
        VENTRICLE,
        ct(),
        [said(VENTRICLE, side="left"), no(VENTRICLE, "right")],
        "agree",
        "ventricle.same",
    ),
]


def row_of(aspect: str, rows: tuple[Row, ...]) -> Row:
    return next(row for row in rows if row.aspect == aspect)


@pytest.mark.parametrize(("aspect", "measured", "findings", "verdict", "reason"), TABLE)
def test_verdict_and_reason(
    aspect: str,
    measured: CaseMeasurements,
    findings: list[Finding],
    verdict: str,
    reason: str | None,
) -> None:
    row = row_of(aspect, compare(measured, findings))
    assert row.verdict == verdict
    assert reason is None or row.reason.key == reason


def test_table_covers_every_aspect_verdict_and_reason_of_two_values() -> None:
    seen = {row[4] for row in TABLE}
    two_valued = {
        key
        for aspect in ASPECTS.values()
        for key in aspect.words
        if not key.startswith("reason.") and "sum_" not in key
    }
    assert two_valued <= seen
    assert {row[0] for row in TABLE} == set(ASPECTS)
    assert {row[3] for row in TABLE} == set(VERDICTS)


def test_findings_are_those_that_the_text_half_knows() -> None:
    assert {name for aspect in ASPECTS.values() for name in aspect.findings} <= set(NAMES)
    words = ROOT / "text/components/findings/vocabulary.json"
    vocabulary = json.loads(words.read_text(encoding="utf-8"))
    sites = set(vocabulary["sites"]) - {""}
    assert sites <= set(COARSE_SITES)
    assert sites <= set(TERMS)
    assert set(COARSE_SITES.values()) == {"deep", "lobar", "infratentorial"}


STATEMENTS = [
    said(name, None, side, certainty=certainty, section=section)
    for name in ("hematoma", "hematoma_site")
    for side in (None, "left", "both")
    for section, certainties in {
        "imaging_report": ("affirmed", "negated", "uncertain", "historical"),
        "diagnosis": ("affirmed", "negated", "uncertain"),
        "past_history": ("negated", "historical"),
        None: ("affirmed", "negated", "uncertain"),
    }.items()
    for certainty in certainties
]


@pytest.mark.parametrize("first", STATEMENTS)
def test_whether_there_is_a_hematoma_is_read_as_in_the_summary(first: Finding) -> None:
    for second in STATEMENTS:
        findings = [first, replace(second, start=1)]
        read = PresenceAspect(CompareSettings()).said(findings)
        expected: set[str | None] = {None, "historical"}
        if read.claims:
            (claim,) = read.claims
            expected = {"uncertain" if read.statements.hedged else claim.value.term}
        row = summarize([f.to_json() for f in findings])
        assert row["hematoma"] in expected, findings


def test_record_only_and_ct_only() -> None:
    findings = [said(VOLUME, 30, "left"), said(SHIFT, 5, "right"), said("hematoma_count", 1)]
    for row in compare(NO_CT, findings):
        assert (row.verdict, row.reason, row.ct) == ("only_record", NO_CT, None)
    rows = compare(ct(in_ventricles=2.0), NO_RECORD)
    assert [row.aspect for row in rows] == list(ASPECTS)
    for row in rows:
        assert (row.verdict, row.reason, row.record) == ("only_ct", NO_RECORD, ())
    assert compare(NO_CT, NO_RECORD) == ()
    assert compare(NO_CT, []) == ()


def test_history_is_not_compared() -> None:
    old = said(VOLUME, 60, certainty="historical")
    older = said(VOLUME, 60, section="past_history")
    for findings in ([old], [older], [old, older]):
        row = row_of("volume", compare(ct(), findings))
        assert (row.verdict, row.reason.key) == ("only_ct", "reason.only_history")
        assert row.evidence == ()
    row = row_of("volume", compare(ct(), [old, said(VOLUME, 29)]))
    assert (row.verdict, row.record) == ("agree", (Value(29.0, "ml"),))


def test_report_of_the_scan_comes_before_what_was_seen_elsewhere() -> None:
    elsewhere = said(VOLUME, 12, section="present_illness", start=1)
    here = said(VOLUME, 29, start=50)
    unheaded = said(VOLUME, 70, section=None, start=90)
    row = row_of("volume", compare(ct(), [elsewhere, here, unheaded]))
    assert (row.verdict, row.record, row.evidence) == ("agree", (Value(29.0, "ml"),), (here,))
    row = row_of("volume", compare(ct(), [elsewhere, unheaded]))
    assert (row.verdict, row.evidence) == ("differ", (elsewhere,))
    settings = CompareSettings(sections=("present_illness",))
    row = row_of("volume", compare(ct(), [elsewhere, here], settings))
    assert row.evidence == (elsewhere,)


def test_sure_statements_come_before_hedged_ones() -> None:
    hedged = said(SHIFT, 12, certainty="uncertain")
    sure = said(SHIFT, 4, section="diagnosis")
    row = row_of(SHIFT, compare(ct(), [hedged, sure]))
    assert (row.verdict, row.evidence) == ("agree", (sure,))


def test_hedged_statement_can_be_confirmed_but_not_contradicted() -> None:
    row = row_of(SHIFT, compare(ct(), [said(SHIFT, 5, certainty="uncertain")]))
    assert (row.verdict, row.reason.key) == ("agree", "shift.within")
    row = row_of(SHIFT, compare(ct(), [said(SHIFT, 12, certainty="uncertain")]))
    assert (row.verdict, row.reason.key) == ("uncertain", "reason.hedged")


def test_scan_and_follow_up_that_would_judge_differently_are_uncertain() -> None:
    findings = [said(VOLUME, 28), said(VOLUME, 60, start=9)]
    row = row_of("volume", compare(ct(), findings))
    assert (row.verdict, row.reason.key) == ("uncertain", "reason.conflict")
    assert row.reason.values["fits"] == [Value(28.0, "ml")]
    assert row.record == (Value(28.0, "ml"), Value(60.0, "ml"))
    assert row.evidence == tuple(findings)


def test_follow_ups_that_all_agree_or_all_differ_are_certain() -> None:
    near = [said(VOLUME, 28), said(VOLUME, 33)]
    assert row_of("volume", compare(ct(), near)).verdict == "agree"
    far = [said(VOLUME, 60), said(VOLUME, 90)]
    assert row_of("volume", compare(ct(), far)).verdict == "differ"


def test_shift_denied_and_affirmed_is_uncertain() -> None:
    row = row_of(SHIFT, compare(ct(), [no(SHIFT), said(SHIFT, 6, start=9)]))
    assert (row.verdict, row.reason.key) == ("uncertain", "reason.conflict")


def test_ventricle_denied_and_affirmed_is_uncertain() -> None:
    row = row_of(VENTRICLE, compare(ct(), [said(VENTRICLE, side="left"), no(VENTRICLE)]))
    assert row.verdict == "uncertain"


@pytest.mark.parametrize(
    "findings",
    [
        [said(VOLUME, 20, "left"), said(VOLUME, 11, "right", start=5)],
        [said(VOLUME, 20), said(VOLUME, 11, start=5), said("hematoma_count", 2, start=9)],
        [said(VOLUME, 20, "left", site="putamen"), said(VOLUME, 11, "left", site="lobar")],
        # The same volume told twice, once without its side
        [
            said(VOLUME, 20, "left"),
            said(VOLUME, 20, start=3),
            said(VOLUME, 11, "right", start=5),
        ],
    ],
)
def test_volumes_of_several_hematomas_are_added_up(findings: list[Finding]) -> None:
    row = row_of("volume", compare(ct(), findings))
    assert (row.verdict, row.reason.key) == ("agree", "volume.sum_within")
    assert row.reason.values["sum"] == 31
    assert row.record == (Value(20.0, "ml"), Value(11.0, "ml"))
    row = row_of("volume", compare(ct(60), findings))
    assert (row.verdict, row.reason.key) == ("differ", "volume.sum_beyond")


def test_volumes_of_one_place_are_not_added_up() -> None:
    here = {"side": "left", "site": "thalamus"}
    findings = [said(VOLUME, 28, **here), said(VOLUME, 60, **here), said("hematoma_count", 2)]
    row = row_of("volume", compare(ct(), findings[:2]))
    assert (row.verdict, row.reason.key) == ("uncertain", "reason.conflict")
    assert row_of("volume", compare(ct(), findings)).verdict == "uncertain"


def test_stated_volume_counts_before_diameters() -> None:
    findings = [said(VOLUME, 60, method="ABC/2"), said(VOLUME, 29, method="stated")]
    row = row_of("volume", compare(ct(), findings))
    assert (row.verdict, row.record) == ("agree", (Value(29.0, "ml"),))
    assert row_of("volume", compare(ct(), findings[:1])).verdict == "differ"


def test_more_volumes_than_hematomas_can_be_read_in_several_ways() -> None:
    findings = [said(VOLUME, v, start=v) for v in (20, 11, 40)]
    findings.append(said("hematoma_count", 2, start=99))
    assert row_of("volume", compare(ct(), findings)).verdict == "uncertain"
    assert row_of("volume", compare(ct(140), findings)).verdict == "differ"


def test_sides_of_several_hematomas_are_both() -> None:
    sides = [said("hematoma_site", "putamen", "left"), said("hematoma_site", "lobar", "right")]
    several = [*sides, said("hematoma_count", 2)]
    assert row_of("side", compare(ct(side="both"), several)).verdict == "agree"
    assert row_of("side", compare(ct(side="left"), several)).verdict == "differ"
    for side in ("left", "both"):
        assert row_of("side", compare(ct(side=side), sides)).verdict == "uncertain"


def test_several_sites_of_one_coarse_site_agree() -> None:
    deep = [said("hematoma_site", "putamen"), said("hematoma_site", "basal_ganglia", start=3)]
    assert row_of("site", compare(ct(), deep)).verdict == "agree"
    row = row_of("site", compare(ct(), [*deep, said("hematoma_site", "temporal", start=9)]))
    assert row.verdict == "uncertain"
    assert [value.term for value in row.reason.values["fits"]] == ["putamen", "basal_ganglia"]


def test_site_of_several_hematomas_is_that_of_the_largest() -> None:
    sites = [said("hematoma_site", "brainstem"), said("hematoma_site", "putamen", start=9)]
    volumes = [said(VOLUME, 2, site="brainstem"), said(VOLUME, 20, site="putamen")]
    row = row_of("site", compare(ct(), [*sites, *volumes]))
    assert (row.verdict, row.compared) == ("agree", Value(term="putamen"))
    row = row_of("site", compare(ct(site="infratentorial"), [*sites, *volumes]))
    assert row.verdict == "differ"
    assert row_of("site", compare(ct(), [*sites, volumes[0]])).verdict == "uncertain"


def test_why_masks_tell_no_site_is_said() -> None:
    measured = ct(site=None)
    measured = CaseMeasurements(replace(measured.hematoma, site_unknown="no_ventricles"))
    row = row_of("site", compare(measured, [said("hematoma_site", "putamen")]))
    assert row.reason == Message("reason.site_no_ventricles")
    assert {f"reason.site_{word}" for word in get_args(Unknown)} <= set(SiteAspect.words)


def test_reference_stands_beside_and_takes_no_part() -> None:
    row = row_of("volume", compare(ct(30), [said(VOLUME, 30)], reference=ct(90)))
    assert (row.verdict, row.reference) == ("agree", Value(90, "ml", "voxels"))


def test_bands_are_configurable() -> None:
    settings = CompareSettings(volume=VolumeSettings(within_ml=1, within_percent=0))
    assert row_of("volume", compare(ct(), [said(VOLUME, 29)], settings)).verdict == "agree"
    assert row_of("volume", compare(ct(), [said(VOLUME, 28)], settings)).verdict == "differ"
    settings = CompareSettings(midline_shift=ShiftSettings(within_mm=0.5, present_mm=6))
    assert row_of(SHIFT, compare(ct(), [said(SHIFT, 6)], settings)).verdict == "differ"
    assert row_of(SHIFT, compare(ct(), [said(SHIFT)], settings)).verdict == "differ"


def test_message_refuses_values_that_it_has_no_words_for() -> None:
    with pytest.raises(ValueError, match="needs the values"):
        Message("hematoma.only_ct")


def test_an_aspect_has_all_that_belongs_to_its_row() -> None:
    columns = [aspect.column.name for aspect in ASPECTS.values()]
    assert len(set(columns)) == len(columns)
    for name, aspect in ASPECTS.items():
        assert aspect.name == name and all(aspect.label)
        assert any(not key.startswith("reason.") for key in aspect.words)
        column = aspect.column
        assert column.unit or not (column.listed or column.spread)
        if column.unit:
            assert {f"ct_{column.name}", f"reference_{column.name}"} <= set(CASE_COLUMNS)
        assert f"compared_{column.name}" in CASE_COLUMNS and f"verdict_{name}" in CASE_COLUMNS
