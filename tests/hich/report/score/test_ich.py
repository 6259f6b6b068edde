"""The ICH score of twenty cases that were written, and scored, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cohort.schema.scans.measurements import Hematoma, Midline, VentricularBlood
from cohort.schema.scans.model_errors import ModelErrors, VolumeError
from cohort.schema.scans.scan import Coverage, ExpectedErrors, Model
from hich.patient.note import annotate_note
from hich.report.compare.rows import compare
from hich.report.gather.annotations import annotated_text
from hich.report.gather.parts import CaseParts, notes_of_prediction, report_of
from hich.report.gather.predictions import Prediction
from hich.report.messages import CheckSentence
from hich.report.model.finding import id_of
from hich.report.model.masks import CaseMeasurements
from hich.report.model.score import IchScore
from hich.report.pages.score import evidence_of, score_context, score_in_words
from hich.report.pages.words import Words
from hich.report.settings import Settings
from hich.report.strings import Language

ERRORS = ModelErrors(
    "a test",
    40,
    {
        "hematoma": (
            VolumeError(0.0, 15.0, 20, mae_ml=1.0, limits_ml=(-2.0, 1.5)),
            VolumeError(15.0, 30.0, 17, mae_ml=1.5, limits_ml=(-4.0, 3.0)),
            VolumeError(30.0, 90.0, 3),  # too few to tell: as much of it as ±4 mL are of 30
        )
    },
)


class Seen(NamedTuple):
    """What the CT shows: mL by the formula, by voxels, in the ventricles; and the coarse site."""

    tada_ml: float
    voxels_ml: float
    ventricles_ml: float = 0.0
    site: str | None = "deep"
    kind: str = ""
    part: bool = False
    site_unknown: Any = None
    ventricles_error_ml: float | None = None


def score(
    note: str | None, seen: Seen | None = None, errors: ModelErrors | None = ERRORS
) -> IchScore | None:
    parts = CaseParts("p1")
    if note is not None:
        record = annotate_note("p1", note)
        parts.text, parts.annotation = record.text, annotated_text(record)
    if seen is not None:
        bleed = seen.voxels_ml > 0
        measured = CaseMeasurements(
            Hematoma(
                volume_ml=seen.voxels_ml,
                tada_ml=seen.tada_ml if bleed else None,
                side="left" if bleed else None,
                site=seen.site if bleed else None,
                site_unknown=seen.site_unknown,
                components=int(bleed),
            ),
            Midline(shift_mm=0.0),
            ventricular_blood=VentricularBlood(volume_ml=seen.ventricles_ml),
        )
        notes = (CheckSentence(seen.kind, "shows something."),) if seen.kind else ()
        coverage = Coverage(8, 40.0, part=seen.part)
        error = errors.most_ml("hematoma", seen.voxels_ml) if errors else None
        off = {"hematoma": error, "ventricular_blood": seen.ventricles_error_ml}
        known = ExpectedErrors("a test", {}, most_ml=off)
        parts.prediction = Prediction(
            *({}, measured, {}, Model("m", "1"), notes, {}, coverage, (1, 1, 1), known)
        )
        parts.notes += notes_of_prediction(parts.prediction)
    return report_of(parts, Settings()).score


HEAD = "岁。\n主诉：突发意识障碍3小时。\n"
DEEP = "头颅CT：左侧基底节区出血，出血量约{0}ml，未破入脑室。\n"
BROKEN_IN = "头颅CT：左侧基底节区出血，出血量约{0}ml，破入左侧侧脑室。\n"
MILD = "查体：神志清，GCS评分15分。\n"

CASES: dict[str, tuple[str | None, Seen | None, dict[str, tuple[int, int]]]] = {
    # Of each item: GCS, volume, ventricular blood, infratentorial, age; only what is not 0.
    "01 nothing counts": (
        f"男，60{HEAD}{MILD}{DEEP.format(10)}",
        Seen(10, 9),
        {},
    ),
    "02 all but the site, GCS 13": (
        f"女，82{HEAD}查体：嗜睡，GCS评分E3V4M6=13分。\n{BROKEN_IN.format(45)}",
        Seen(44, 40, 3),
        {"volume": (1, 1), "ventricular_blood": (1, 1), "age": (1, 1)},
    ),
    "03 brainstem, GCS 3": (
        f"男，55{HEAD}查体：深昏迷，GCS评分3分。\n头颅CT：脑干出血，出血量约8ml，未破入脑室。\n",
        Seen(8, 7, 0, "infratentorial"),
        {"gcs": (2, 2), "infratentorial": (1, 1)},
    ),
    "04 six points": (
        f"男，85{HEAD}查体：GCS评分4分。\n头颅CT：左侧小脑出血，出血量约40ml，破入第四脑室。\n",
        Seen(42, 38, 5, "infratentorial"),
        {
            "gcs": (2, 2),
            "volume": (1, 1),
            "ventricular_blood": (1, 1),
            "infratentorial": (1, 1),
            "age": (1, 1),
        },
    ),
    "05 79 years, GCS 5, 28 mL that may be 30": (
        f"男，79{HEAD}查体：GCS评分5分。\n{DEEP.format(28)}",
        Seen(28, 26),
        {"gcs": (1, 1), "volume": (0, 1)},
    ),
    "06 no note": (
        None,
        Seen(50, 47, 2, "lobar"),
        {"gcs": (0, 2), "volume": (1, 1), "ventricular_blood": (1, 1), "age": (0, 1)},
    ),
    "07 no CT and no GCS": (
        f"女，70{HEAD}头颅CT：右侧丘脑出血，出血量约20ml，破入脑室。\n",
        None,
        {"gcs": (0, 2), "ventricular_blood": (1, 1)},
    ),
    "08 ventricular blood in the record only": (
        f"男，60{HEAD}{MILD}{BROKEN_IN.format(10)}",
        Seen(10, 9),
        {"ventricular_blood": (0, 1)},
    ),
    "09 volumes on two sides of 30 mL": (
        f"男，60{HEAD}{MILD}{DEEP.format(45)}",
        Seen(20, 18),
        {"volume": (0, 1)},
    ),
    "10 intubated elsewhere": (
        f"男，60{HEAD}现病史：外院予气管插管后转入我院。\n查体：GCS评分3分。\n{DEEP.format(10)}",
        Seen(10, 9),
        {"gcs": (0, 2)},
    ),
    "11 speech not testable: 7 to 11": (
        f"男，60{HEAD}查体：气管插管状态，GCS评分E2VTM4。\n{DEEP.format(10)}",
        Seen(10, 9),
        {"gcs": (1, 1)},
    ),
    "12 sedated": (
        f"男，60{HEAD}查体：镇静状态，GCS评分E1V1M1=3分。\n{DEEP.format(10)}",
        Seen(10, 9),
        {"gcs": (0, 2)},
    ),
    "13 stated to be from before intubation": (
        f"男，60{HEAD}查体：已气管插管，插管前GCS评分8分。\n{DEEP.format(10)}",
        Seen(10, 9),
        {"gcs": (1, 1)},
    ),
    "14 intubation is only planned, and comes later": (
        f"男，60{HEAD}查体：未行气管插管，GCS评分7分。\n{DEEP.format(10)}治疗：予气管插管、镇静。\n",
        Seen(10, 9),
        {"gcs": (1, 1)},
    ),
    "15 GCS 4 to 5": (
        f"男，60{HEAD}查体：GCS评分4~5分。\n{DEEP.format(10)}",
        Seen(10, 9),
        {"gcs": (1, 2)},
    ),
    "16 the examination counts, not the ward before nor the day after": (
        f"男，60{HEAD}现病史：当地医院GCS评分9分。\n查体：GCS评分4分。次日GCS评分14分。\n{DEEP.format(10)}",
        Seen(10, 9),
        {"gcs": (2, 2)},
    ),
    "17 a scan after surgery is none of the presentation": (
        f"男，60{HEAD}{MILD}{DEEP.format(35)}",
        Seen(5, 4, 2, kind="air in skull"),
        {"volume": (1, 1)},
    ),
    "18 a part of the head": (
        f"男，80{HEAD}{MILD}",
        Seen(12, 11, part=True),
        {"volume": (0, 1), "age": (1, 1)},
    ),
    "19 exactly 30 mL and 80 years, by the record": (
        f"男，80{HEAD}查体：GCS评分12分。\n{DEEP.format(30)}",
        None,
        {"gcs": (1, 1), "volume": (1, 1), "age": (1, 1)},
    ),
    "20 the model missed the hematoma": (
        f"男，60{HEAD}{MILD}{BROKEN_IN.format(35)}",
        Seen(0, 0),
        {"volume": (1, 1), "ventricular_blood": (1, 1)},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_case_scored_by_hand(name: str) -> None:
    note, seen, points = CASES[name]
    found = score(note, seen)
    assert found is not None
    told = {item.name: tuple(item.points) for item in found.items}
    assert {key: value for key, value in told.items() if value != (0, 0)} == points
    low, high = (sum(point[end] for point in points.values()) for end in (0, 1))
    assert tuple(found.total) == (low, high)
    for item in found.items:  # what is open says why
        assert item.reasons or item.points.low == item.points.high


def test_cases_are_twenty() -> None:
    assert len(CASES) == 20


@pytest.mark.parametrize(
    ("name", "by_ct", "by_record"),
    [
        ("08 ventricular blood in the record only", 0, 1),
        ("09 volumes on two sides of 30 mL", 0, 1),
    ],
)
def test_contradictions_give_both_scores(name: str, by_ct: int, by_record: int) -> None:
    found = score(*CASES[name][:2])
    assert found is not None and found.is_contradicted
    assert found.total_by("ct") == (by_ct, by_ct)
    assert found.total_by("record") == (by_record, by_record)
    (reason,) = [r.key for item in found.items for r in item.reasons if item.is_contradicted]
    assert reason == "ich.contradicted"


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("GCS评分3分（气管插管、镇静状态）。", (0, 2)),
        ("GCS评分3分（镇静后）。", (0, 2)),
        ("GCS评分4分，带入气管插管接呼吸机辅助呼吸。", (0, 2)),
        ("GCS评分4分。经口气管插管在位，双侧瞳孔等大。", (0, 2)),
        ("GCS评分10分，已予镇静。", (0, 2)),
        ("昏迷，GCS：E1V1M2，经口气管插管在位。", (1, 2)),  # V1 is the tube, or none
        ("GCS评分3T。", (1, 2)),  # 3 to 8
        ("GCS评分3T分。", (1, 2)),
        ("GCS评分5T，双侧瞳孔等大。", (1, 1)),
        ("GCS评分E1VTM4。", (1, 1)),
        ("GCS评分7分（镇静前），现镇静。", (1, 1)),
        ("GCS评分7分，予气管插管、镇静。", (1, 1)),
        ("GCS评分7分。急诊在气管插管全麻下行血肿清除术。", (1, 1)),
        ("GCS评分7分，未行气管插管。", (1, 1)),
        ("GCS评分14分 T 36.5℃。", (0, 0)),
    ],
)
def test_tube_or_sedation_behind_the_gcs(written: str, points: tuple[int, int]) -> None:
    found = score(f"男，60{HEAD}查体：{written}\n{DEEP.format(10)}")
    assert found is not None
    assert tuple(found.items[0].points) == points


@pytest.mark.parametrize(
    ("written", "points", "shown"),
    [
        ("GCS≤8分", (1, 2), "≤ 8"),
        ("GCS评分4分以下", (2, 2), "≤ 4"),
        ("GCS＜5分", (2, 2), "≤ 4"),
        ("GCS>8分", (0, 1), "≥ 9"),
        ("GCS≥13分", (0, 0), "≥ 13"),
    ],
)
def test_a_gcs_that_is_stated_as_a_bound(written: str, points: tuple[int, int], shown: str) -> None:
    found = score(f"男，60{HEAD}查体：{written}。\n{DEEP.format(10)}")
    assert found is not None and found.items[0].record is not None
    item = found.items[0]
    assert tuple(item.points) == points
    (value,) = item.record.values
    assert Words("en").value(value).startswith(shown)
    said = ["ich.bound"] if points[0] < points[1] else []
    assert keys(found, "gcs") == said


@pytest.mark.parametrize(
    ("note", "points"),
    [
        ("昏迷。急诊行开颅血肿清除术。转入ICU。GCS 6分。", (0, 2)),
        ("昏迷。外院行开颅血肿清除术后转入。\n查体：GCS 6分。\n", (0, 2)),
        ("昏迷。急诊行开颅血肿清除术。术前GCS 6分。", (1, 1)),
        ("手术：开颅血肿清除术\n入院情况：昏迷，GCS 6分。\n", (1, 1)),
        ("昏迷，GCS 6分。急诊行开颅血肿清除术，术后GCS 14分。", (1, 1)),
        ("昏迷。拟行开颅血肿清除术。GCS 6分。", (1, 1)),
        ("昏迷。头颅CT：左侧基底节区出血约20ml。GCS 6分。", (1, 1)),
        ("昏迷。头颅CT：左侧基底节区出血约20ml。第3天病情加重。GCS 6分。", (0, 2)),
        ("入院时GCS 12分，现GCS 4分。", (1, 1)),
    ],
)
def test_gcs_of_notes_without_headings_is_that_before_surgery(
    note: str, points: tuple[int, int]
) -> None:
    found = score(f"患者，男，60岁，突发左侧基底节区出血，{note}")
    assert found is not None and tuple(found.items[0].points) == points


def test_what_is_said_of_repeated_scans_is_none_of_the_presentation() -> None:
    first = f"男，60{HEAD}{MILD}{DEEP.format(25)}"
    found = score(f"{first}复查头颅CT：血肿量约40ml，破入脑室。\n")
    assert found is not None and tuple(found.total) == (0, 0)
    for residual in (
        "术后第3天，头颅CT示血肿约8ml。",
        "头颅CT（术后）：血肿约8ml。",
        "残余血肿约8ml。",
    ):
        found = score(f"{first}{residual}\n")
        assert found is not None and found.items[1].record is not None
        assert [value.number for value in found.items[1].record.values] == [25], residual
    stented = score(f"男，60{HEAD}{MILD}冠脉支架术后。头颅CT：左侧基底节区出血约35ml。\n")
    assert stented is not None and tuple(stented.items[1].points) == (1, 1)
    found = score(f"男，60{HEAD}{MILD}术后第1天头颅CT：左侧基底节区血肿约8ml，未破入脑室。\n")
    assert found is not None
    points = [tuple(item.points) for item in found.items[1:4]]
    assert points == [(0, 1), (0, 1), (0, 0)]  # the site is the same
    assert keys(found, "volume") == ["ich.only_repeated"]


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("<30ml", (0, 0)),
        ("&lt;30ml", (0, 0)),
        ("不足30毫升", (0, 0)),
        ("不超过30ml", (0, 1)),
        ("小于40ml", (0, 1)),
        ("未超过30ml", (0, 1)),
        ("未达30ml", (0, 0)),
        ("不少于30ml", (1, 1)),
        ("近30ml", (0, 1)),
        (">30ml", (1, 1)),
        ("约30ml以上", (1, 1)),
        ("大于20ml", (0, 1)),
        ("达30ml", (1, 1)),
        ('<span class="a">约28ml', (0, 0)),  # a tag, not a sign
        ("由20ml->28ml", (0, 0)),
        ("30ml", (1, 1)),
    ],
)
def test_a_bound_on_the_volume_is_not_the_volume(written: str, points: tuple[int, int]) -> None:
    found = score(f"男，60{HEAD}{MILD}头颅CT：左侧基底节区出血，出血量{written}，未破入脑室。\n")
    assert found is not None and tuple(found.items[1].points) == points


@pytest.mark.parametrize(
    ("written", "seen", "crossed"),
    [
        ("出血量<30ml", 28, []),
        ("出血量<30ml", 33, [("volume", True)]),
        ("出血量<40ml", 28, [("volume", False)]),
        ("出血量>30ml", 28, [("volume", True)]),
        ("出血量>30ml", 33, []),
        ("出血量30ml", 28, [("volume", True)]),
    ],
)
def test_a_bound_on_the_volume_is_not_a_limit_reached(
    written: str, seen: float, crossed: list[tuple[str, bool]]
) -> None:
    record = annotate_note("p1", f"头颅CT：左侧基底节区{written}。")
    findings = annotated_text(record).findings or ()
    measured = CaseMeasurements(Hematoma(volume_ml=seen, tada_ml=seen, side="left", components=1))
    rows = {row.aspect: row for row in compare(measured, findings)}
    assert [(one.name, one.sure) for one in rows["volume"].crossed] == crossed


@pytest.mark.parametrize(
    ("written", "seen", "verdict"),
    [("<30ml", 9, "agree"), ("<30ml", 31, "agree"), ("<30ml", 60, "differ"), ("30ml", 9, "differ")],
)
def test_a_volume_within_the_bound_that_is_stated_agrees(
    written: str, seen: float, verdict: str
) -> None:
    record = annotate_note("p1", f"头颅CT：左侧基底节区出血量{written}。")
    measured = CaseMeasurements(Hematoma(volume_ml=seen, tada_ml=seen, side="left", components=1))
    (row,) = [
        r for r in compare(measured, annotated_text(record).findings or ()) if r.aspect == "volume"
    ]
    assert row.verdict == verdict
    shown = f"{written[:1]} 30.0 mL" if "<" in written else "30.0 mL"
    assert Words("en").value(row.record[0]) == shown
    for lang in ("en", "zh"):
        assert Words(lang).say(row.reason)


def test_record_that_affirms_and_denies_blood_in_the_ventricles_leaves_it_open() -> None:
    two = "头颅CT：左侧基底节区出血，量约15ml，未破入脑室；我院CT：量约15ml，破入脑室。\n"
    found = score(f"男，60{HEAD}{MILD}{two}")
    assert found is not None and tuple(found.items[2].points) == (0, 1)
    one = "头颅CT：左侧基底节区出血，量约15ml，侧脑室内积血，第四脑室未见积血。\n"
    found = score(f"男，60{HEAD}{MILD}{one}")
    assert found is not None and tuple(found.items[2].points) == (1, 1)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_words_of_every_score_are_there_in_both_languages(lang: Language) -> None:
    words = Words(lang)
    for note, seen, _ in CASES.values():
        found = score(note, seen)
        assert found is not None
        numbers = {id_of(finding): 0 for finding in evidence_of(found)}
        shown = score_context(found, numbers, words)
        assert len(shown["items"]) == 5 and shown["total"] in score_in_words(found, words)
        assert (shown["by_both"] is not None) == found.is_contradicted


def test_page_says_what_the_score_is_by_each() -> None:
    found = score(*CASES["09 volumes on two sides of 30 mL"][:2])
    assert found is not None
    said = score_in_words(found, Words("en"))
    assert said == ("0–1 of 6. By the CT 0, by the record 1: they contradict each other.")


def keys(found: IchScore | None, name: str) -> list[str]:
    assert found is not None
    return [reason.key for item in found.items if item.name == name for reason in item.reasons]


def test_volume_is_open_where_the_model_may_be_off_by_as_much() -> None:
    assert keys(score(None, Seen(33.9, 33)), "volume") == ["ich.near"]  # 4 mL of 30
    assert keys(score(None, Seen(34.5, 33)), "volume") == []
    assert keys(score(None, Seen(50, 45), errors=None), "volume") == ["ich.error_unknown"]
    assert keys(score(None, Seen(36, 29)), "volume") == ["ich.voxels_differ"]
    found = score(None, Seen(36, 29))
    assert found is not None and found.items[1].points == (1, 1)  # by the formula


def test_site_between_deep_and_lobar_is_not_below_the_tentorium() -> None:
    between = score(None, Seen(50, 45, site=None, site_unknown="between"))
    unknown = score(None, Seen(50, 45, site=None, site_unknown="at_tentorium"))
    assert between is not None and unknown is not None
    assert between.items[3].points == (0, 0) and unknown.items[3].points == (0, 1)
    assert keys(unknown, "infratentorial") == ["reason.site_at_tentorium"]


def test_what_is_said_of_the_whole_score() -> None:
    def notes(name: str) -> list[str]:
        found = score(*CASES[name][:2])
        assert found is not None
        return [note.key for note in found.notes]

    assert notes("17 a scan after surgery is none of the presentation") == ["ich.after_surgery"]
    assert notes("20 the model missed the hematoma") == ["ich.no_hematoma"]
    operated = f"男，60{HEAD}{MILD}{DEEP.format(35)}治疗：行开颅血肿清除术。\n"
    found = score(operated, Seen(45, 40))
    assert found is not None and [note.key for note in found.notes] == ["ich.surgery_told"]


@pytest.mark.parametrize(
    ("said", "notes"),
    [
        ("行开颅血肿清除术。", ["ich.surgery_told"]),
        ("家属拒绝开颅血肿清除术。", []),
        ("暂不行开颅血肿清除术。", []),
        ("拟行开颅血肿清除术。", ["ich.surgery_planned"]),
        ("建议行脑室外引流术，家属商议中。", ["ich.surgery_planned"]),
        ("拟行脑室外引流术；已行开颅血肿清除术。", ["ich.surgery_told"]),
    ],
)
def test_surgery_that_was_refused_is_not_told_as_done(said: str, notes: list[str]) -> None:
    found = score(f"男，60{HEAD}{MILD}{DEEP.format(35)}诊疗经过：{said}\n", Seen(45, 40))
    assert found is not None and [note.key for note in found.notes] == notes
    assert all(Words(lang).say(note) for lang in ("en", "zh") for note in found.notes)


@pytest.mark.parametrize(
    ("age", "points"),
    [("80", (1, 1)), ("近80", (0, 1)), ("不足80", (0, 0)), ("超过80", (1, 1)), ("80余", (1, 1))],
)
def test_a_bound_on_the_age_is_not_the_age(age: str, points: tuple[int, int]) -> None:
    found = score(f"患者男性，{age}{HEAD}{MILD}{DEEP.format(10)}")
    assert found is not None and tuple(found.items[4].points) == points


def test_without_a_hematoma_there_is_no_score(tmp_path: Path) -> None:
    assert score("男，60岁。\n头颅CT：未见明显出血。\n", Seen(0, 0)) is None
    assert score("男，60岁。\n主诉：头痛。\n") is None
    denied = score("男，60岁。\n头颅CT：未见出血。\n", Seen(50, 45))
    assert denied is not None and [note.key for note in denied.notes] == ["ich.record_denies"]


TWO_SCANS = {
    "compared with an earlier one": (
        f"男，60{HEAD}{MILD}{DEEP.format(16)}病程记录\n当日16:00 意识障碍加深，GCS 8分，"
        "急查头颅CT示血肿较前扩大，约42ml，破入脑室。\n"
    ),
    "dated later": (
        f"男，60{HEAD}{MILD}2024-01-02 头颅CT：右侧基底节区出血，约15ml，未破入脑室。"
        "2024-01-03 头颅CT：右侧基底节区血肿约33ml，破入脑室。\n"
    ),
}


@pytest.mark.parametrize("note", TWO_SCANS.values(), ids=TWO_SCANS)
def test_a_second_scan_without_the_word_for_it_is_none_of_the_presentation(note: str) -> None:
    found = score(note)
    assert found is not None
    assert [tuple(item.points) for item in found.items] == [(0, 0)] * 5


def test_a_scan_of_years_ago_makes_this_one_no_repeated_one() -> None:
    old = "既往史：2019-01-02 头颅CT：左侧基底节区出血，约15ml。\n"
    found = score(f"男，60{HEAD}{old}{MILD}2024-01-03 {BROKEN_IN.format(40)}")
    assert found is not None and found.items[1].record is not None
    assert [item.points.high for item in found.items[1:3]] == [1, 1]


def test_a_second_hematoma_below_the_tentorium_leaves_the_origin_open() -> None:
    two = "头颅CT：左侧基底节区出血约18ml，右侧小脑出血约5ml，均未破入脑室。\n"
    found = score(f"男，60{HEAD}{MILD}{two}")
    assert found is not None
    assert [tuple(item.points) for item in found.items[2:4]] == [(0, 0), (0, 1)]
    assert keys(found, "infratentorial") == ["ich.several"]


def test_a_note_in_traditional_characters_has_sections_of_its_own() -> None:
    found = score(
        "女性，80歲。主訴：突發頭痛。過去病史：高血壓15年。理學檢查：昏迷指數E2V2M4。"
        "電腦斷層：右側小腦出血，血腫約12毫升，無腦室內出血。"
    )
    assert found is not None
    assert [tuple(item.points) for item in found.items] == [(1, 1), (0, 0), (0, 0), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("seen", "verdict"), [(22.0, "uncertain"), (12.0, "uncertain"), (70.0, "differ")]
)
def test_a_single_scan_is_compared_with_every_scan_the_record_tells_of(
    seen: float, verdict: str
) -> None:
    """The report of a repeated scan doesn't come before what is said of the first one."""
    note = "现病史：头颅CT示左侧丘脑出血，约22ml。\n复查头颅CT：血肿较前减少，残余约12ml。\n"
    parts = CaseParts("p1")
    record = annotate_note("p1", note)
    parts.text, parts.annotation = record.text, annotated_text(record)
    measured = CaseMeasurements(Hematoma(volume_ml=seen, tada_ml=seen, side="left", components=1))
    parts.prediction = Prediction(*({}, measured, {}, Model("m", "1"), (), {}, None, (1, 1, 1)))
    rows = {row.aspect: row for row in report_of(parts, Settings()).rows}
    assert [value.number for value in rows["volume"].record] == [22, 12]
    assert rows["volume"].verdict == verdict


@pytest.mark.parametrize(
    ("note", "ml", "points"),
    [
        (None, 0.2, (0, 1)),
        (None, 0.0, (0, 0)),
        (None, 4.0, (1, 1)),
        (f"男，60{HEAD}{MILD}{BROKEN_IN.format(10)}", 0.2, (1, 1)),
        (f"男，60{HEAD}{MILD}{DEEP.format(10)}", 0.2, (0, 1)),
    ],
    ids=["a trace", "none", "plain", "a trace that the record tells of", "a trace that it denies"],
)
def test_a_trace_in_the_ventricles_is_open_unless_the_record_has_it(
    note: str | None, ml: float, points: tuple[int, int]
) -> None:
    found = score(note, Seen(10, 9, ml, ventricles_error_ml=2.5 if ml else 0.0))
    assert found is not None
    (item,) = (item for item in found.items if item.name == "ventricular_blood")
    assert tuple(item.points) == points
    assert (points[0] == points[1]) or item.reasons[0].key == "ich.near"
