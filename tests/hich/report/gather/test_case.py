"""A case's report: what is put together, and what becomes of what is missing or wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.manifest import Cohort
from cohort.schema.scans.measurements import Hematoma
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from cohort.tags.scheme import Span
from hich.report.gather.case import load_case
from hich.report.gather.case_source import Sources
from hich.report.gather.overall import put_together
from hich.report.gather.table import summary_of, values_of
from hich.report.messages import CheckSentence, Message
from hich.report.model.case import CaseReport
from hich.report.model.comparison import Value
from hich.report.model.masks import CaseVoxels
from hich.report.pages.write import render_case
from hich.report.settings import Settings
from tests.hich.report.conftest import (
    AFFINE,
    FINDINGS,
    MEASUREMENTS,
    RECORD,
    REFERENCE_ML,
    SHAPE,
    World,
    box,
)


def load(world: World, case_id: str = "p1") -> tuple[CaseReport, CaseVoxels | None]:
    return load_case(world.source(case_id), Settings())


def keys(report: CaseReport) -> list[str]:
    return [note.key for note in report.notes]


def verdicts(report: CaseReport) -> dict[str, str]:
    return {row.aspect: row.verdict for row in report.rows}


def test_case_that_lacks_nothing(whole: World) -> None:
    report, volumes = load(whole)
    assert report.notes == ()
    assert (report.id, report.part, report.previous, report.next) == ("p1", "test", None, "p2")
    assert report.measurements is not None
    assert report.measurements.hematoma == Hematoma(**MEASUREMENTS["hematoma"])
    assert report.text == RECORD
    assert report.spans == (Span(2, 5, "AGE"),)
    assert [finding.name for finding in report.findings] == [f["name"] for f in FINDINGS]
    extra = {"method": "stated", "measured_by": None, "site": "basal_ganglia", "range": None}
    extra["bound"] = None
    assert report.findings[2].extra == extra
    assert report.model == "oracle 1.2.3"
    assert report.scores["hematoma"].dice == 0.9
    assert verdicts(report) == {
        "hematoma": "agree",
        "side": "agree",
        "volume": "agree",
        "site": "agree",
        "count": "only_ct",
        "midline_shift": "agree",
        "shift_direction": "agree",
        "ventricle_compression": "agree",
    }
    volume = next(row for row in report.rows if row.aspect == "volume")
    assert RECORD[volume.evidence[0].start : volume.evidence[0].end] == "29ml"
    assert [message.key for message in report.looks] == ["look.decides"]
    assert report.urgency == Settings().look.decides
    assert volumes is not None
    assert volumes.image.shape == SHAPE
    for name in STRUCTURE_IDS:
        assert np.array_equal(volumes.predicted[name], box(name))
        assert np.array_equal(volumes.reference[name], box(name))


def test_ct_only(world: World) -> None:
    world.add_cases(["p1"], record=None)
    world.predict("p1")
    report, volumes = load(world)
    assert keys(report) == ["note.no_record"]
    assert set(verdicts(report).values()) == {"only_ct"}
    assert {row.reason.key for row in report.rows} == {"reason.no_record"}
    assert report.text is None
    assert volumes is not None


def test_record_only(world: World) -> None:
    world.add_cases(["p1"], image=False)
    world.annotate("p1")
    report, volumes = load(world)
    assert keys(report) == ["note.no_image"]
    assert set(verdicts(report).values()) == {"only_record"}
    assert {row.reason.key for row in report.rows} == {"reason.no_ct"}
    assert volumes is None


def test_nothing_predicted_nor_annotated(world: World) -> None:
    world.add_cases(["p1"], masks=False)
    report, volumes = load(world)
    assert keys(report) == ["note.no_annotation", "note.no_prediction", "note.no_reference"]
    assert report.rows == ()
    assert volumes is not None
    assert volumes.predicted == volumes.reference == {}


def test_damaged_characters_of_a_record_are_told(world: World) -> None:
    world.add_cases(["p1"])
    (world.cohort / "records" / "p1.txt").write_text("右侧\ufffd体出血", encoding="utf-8")
    report, _ = load(world)
    assert Message("note.damaged_text", {"count": 1}) in report.notes


def test_no_hematoma_in_ct_and_record(world: World) -> None:
    world.add_cases(["p1"])
    nothing = {"volume_ml": 0.0, "side": None, "site": None, "components": None}
    empty = {"hematoma": np.zeros(SHAPE, np.uint8)}
    world.predict("p1", MEASUREMENTS | {"hematoma": nothing}, empty)
    denied = {**FINDINGS[1], "name": "hematoma", "value": None}
    world.annotate("p1", findings=[denied | {"certainty": "negated", "side": None}])
    report, _ = load(world)
    assert Message("note.empty_mask", {"structure": "hematoma"}) in report.notes
    rows = {row.aspect: row for row in report.rows}
    assert rows["hematoma"].verdict == "agree"
    assert rows["hematoma"].reason.key == "hematoma.neither"
    assert not {"side", "volume", "site", "count"} & set(rows)


def test_all_masks_empty(world: World) -> None:
    world.add_cases(["p1"])
    nothing: dict[str, Any] = {
        "hematoma": {"volume_ml": 0.0},
        "midline": {"shift_mm": None},
        "ventricles": {"left_ml": 0.0, "right_ml": 0.0, "left_right_ratio": None},
    }
    world.predict("p1", nothing, {s: np.zeros(SHAPE, np.uint8) for s in STRUCTURE_IDS})
    world.annotate("p1")
    report, _ = load(world)
    assert keys(report) == ["note.empty_mask"] * 4
    assert verdicts(report) == {
        "hematoma": "differ",
        "side": "only_record",
        "volume": "only_record",
        "site": "only_record",
        "midline_shift": "only_record",
        "shift_direction": "only_record",
        "ventricle_compression": "only_record",
    }


@pytest.mark.parametrize("index", [(0, 5, 2), (11, 5, 2), (5, 0, 2), (5, 13, 2), (5, 5, 0)])
def test_mask_that_touches_the_border_is_said(whole: World, index: tuple[int, int, int]) -> None:
    mask = box("hematoma")
    mask[index] = 1
    line = box("midline")
    line[5, 5, 0] = 1
    whole.predict("p1", masks={"hematoma": mask, "midline": line})
    report, _ = load(whole)
    assert Message("note.touches_border", {"structure": "hematoma"}) in report.notes
    assert Message("note.touches_border", {"structure": "midline"}) not in report.notes


@pytest.mark.parametrize(
    ("shape", "affine", "words"),
    [
        ((12, 14, 6), make_affine("LPS", (2, 2, 5), (12, 14, 6)), "12×14×6 voxels"),
        (SHAPE, make_affine("LPS", (2.2, 2.2, 5), SHAPE), "affines differ"),
        (SHAPE, make_affine("RPS", (2, 2, 5), SHAPE), "orientation RPS"),
    ],
)
def test_prediction_of_another_cohort_is_left_out(
    whole: World, shape: tuple[int, int, int], affine: np.ndarray, words: str
) -> None:
    whole.predict("p1", masks={s: np.zeros(shape, np.uint8) for s in STRUCTURE_IDS}, affine=affine)
    report, volumes = load(whole)
    [note] = report.notes
    assert note.key == "note.other_grid"
    assert words in note.values["what"]
    assert (report.measurements, report.scores) == (None, {})
    assert volumes is not None
    assert volumes.predicted == {}
    assert {row.reason.key for row in report.rows} == {"reason.no_prediction"}
    assert report.urgency == Settings().look.damaged


def test_annotation_of_another_record_is_left_out(whole: World) -> None:
    path = whole.cohort / "records" / "p1.txt"
    path.write_text(RECORD.replace("29ml", "92ml"), encoding="utf-8")
    report, _ = load(whole)
    assert keys(report) == ["note.other_record"]
    assert (report.spans, report.findings) == ((), ())
    assert report.text == path.read_text(encoding="utf-8")
    assert {row.reason.key for row in report.rows} == {"reason.no_annotation"}


def test_line_ends_of_a_record_are_no_difference(whole: World) -> None:
    path = whole.cohort / "records" / "p1.txt"
    path.write_bytes(RECORD.replace("\n", "\r\n").encode())
    report, _ = load(whole)
    assert (report.notes, report.text) == ((), RECORD)


def test_scores_of_another_model_are_left_out(whole: World) -> None:
    changed = box("hematoma")
    changed[5, 5, 2] = 1
    changed[6, 5, 2] = 1
    whole.predict("p1", masks={"hematoma": changed})
    report, _ = load(whole)
    assert keys(report) == ["note.other_scores"]
    assert report.scores == {}


def test_masks_that_were_edited_have_no_numbers(whole: World) -> None:
    path = whole.predictions / "p1_hematoma.nii.gz"
    cut = box("hematoma")
    cut[:, :, :2] = 0
    assert 0 < cut.sum() < box("hematoma").sum()
    save_volume(path, cut, AFFINE)
    report, voxels = load(whole)
    assert keys(report) == ["note.edited_masks"]
    assert report.measurements is None and report.scores == {}
    assert voxels is not None and (voxels.predicted["hematoma"] == cut).all()
    values = values_of(report)
    assert values["ct_hematoma_ml"] is None and "agree" not in {r.verdict for r in report.rows}


def test_reference_masks_stand_beside(whole: World) -> None:
    volume = REFERENCE_ML
    whole.measure({"p1": {"hematoma_ml": volume, "hematoma_side": "right", "midline_shift_mm": 0}})
    report, _ = load(whole)
    assert report.reference is not None
    assert report.reference.hematoma.centroid_mm is None
    rows = {row.aspect: row for row in report.rows}
    assert rows["volume"].reference == Value(REFERENCE_ML, "ml", "voxels")
    assert rows["side"].reference == Value(term="right")
    assert rows["midline_shift"].reference == Value(0, "mm")
    assert rows["count"].reference is None
    assert {rows[name].verdict for name in ("volume", "side", "midline_shift")} == {"agree"}


def test_measurements_of_another_cohort_are_left_out(whole: World) -> None:
    whole.measure({"p1": {"hematoma_ml": REFERENCE_ML + 1}})
    report, _ = load(whole)
    assert keys(report) == ["note.other_scores"]
    assert (report.reference, report.scores) == (None, {})


def test_findings_of_an_earlier_version_are_read(whole: World) -> None:
    old = {key: value for key, value in FINDINGS[2].items() if key not in ("method", "site")}
    whole.annotations.unlink()
    whole.annotate("p1", findings=[old])
    report, _ = load(whole)
    assert report.findings[0].extra == dict.fromkeys(
        ("method", "measured_by", "site", "range", "bound")
    )
    assert summary_of(report, None).values["record_hematoma_volume_ml"] == 29


def test_pipeline_that_finds_nothing_is_said(whole: World) -> None:
    lines = whole.annotations.read_text(encoding="utf-8").splitlines()
    old = json.loads(lines[0])
    del old["findings"]
    whole.annotations.write_text(json.dumps(old) + "\n", encoding="utf-8")
    report, _ = load(whole)
    assert keys(report) == ["note.no_findings"]
    assert report.spans


def test_prediction_of_an_earlier_version_is_said(whole: World) -> None:
    whole.predict("p1", measurements=None)
    report, volumes = load(whole)
    assert keys(report) == ["note.no_measurements"]
    assert {row.reason.key for row in report.rows} == {"reason.not_measured"}
    assert volumes is not None
    assert volumes.predicted


@pytest.mark.parametrize(("toward", "apart"), [("right", -1.0), ("left", 9.0)])
def test_shifts_toward_two_sides_are_apart_by_their_sum(
    whole: World, toward: str, apart: float
) -> None:
    measured = {**MEASUREMENTS, "midline": {**MEASUREMENTS["midline"], "toward": toward}}
    whole.predict("p1", measured)
    report, _ = load(whole)
    summary = summary_of(report, None)
    assert summary.values["ct_minus_record_midline_shift_mm"] == apart
    sources = Sources(Cohort.load(whole.cohort), {})
    pairs = {pair.aspect: pair for pair in put_together(sources, [summary]).agreements}
    assert pairs["midline_shift"].measured[0] - pairs["midline_shift"].other[0] == apart


def test_what_cannot_be_told_is_neither_shown_nor_compared(whole: World) -> None:
    why = "the model has not learnt it: annotated in no training case."
    untold = {"midline": why, "ventricle_left": why}
    kinds = {"midline": "not learnt"}  # as of one that earlier versions wrote, without a kind
    whole.predict("p1", cannot_be_told=untold, cannot_be_told_kinds=kinds)
    report, _ = load(whole)
    rows = {row.aspect: row for row in report.rows}
    shift = rows["midline_shift"]
    assert (shift.ct, shift.verdict) == (None, "only_record")
    said = {"structure": "midline", "what": CheckSentence("not learnt", why)}
    assert shift.reason == Message("reason.cannot_be_told", said)
    assert rows["hematoma"].verdict == "agree"
    assert rows["site"].reason.values == {
        "structure": "ventricle_left",
        "what": CheckSentence("", why),
    }
    assert Message("note.cannot_be_told", said) in report.notes
    assert f"midline cannot be told: {why}" in summary_of(report, None).values["notes"]


def test_doubts_of_the_scan_and_its_coverage_are_shown(whole: World) -> None:
    value = json.loads((whole.predictions / "p1.json").read_text(encoding="utf-8"))
    measured, why = value["measurements"], "the spacing does not suit the head."
    measured["hematoma"]["volume_ml"] = None
    coverage = {"slices": 5, "height_mm": 27.5, "part": True}
    volumes = dict.fromkeys(value["volumes_ml"])
    doubts = {"cannot_be_told": {"sizes": why}, "coverage": coverage}
    whole.predict("p1", measurements=measured, volumes_ml=volumes, **doubts)
    report, _ = load(whole)
    rows = {row.aspect: row for row in report.rows}
    said = Message("reason.cannot_be_told", {"structure": "sizes", "what": CheckSentence("", why)})
    assert (rows["volume"].ct, rows["volume"].reason) == (None, said)
    assert report.coverage == Message("coverage.slices", {"count": 5, "height": 27.5})
    row = summary_of(report, None).values
    assert f"volumes and lengths cannot be told: {why}" in row["notes"]
    assert row["ct_coverage"] == "part (slices): 5 slices, 27.5 mm"
    assert row["ct_hematoma_ml"] is None


def test_notes_of_the_prediction_are_passed_on(whole: World) -> None:
    note = {"kind": "orientation", "what": "states no orientation"}
    whole.predict("p1", notes=[note])
    report, _ = load(whole)
    said = CheckSentence("orientation", "states no orientation")
    assert report.notes == (Message("note.of_scan", {"what": said}),)


def test_warnings_of_earlier_versions_are_passed_on(whole: World) -> None:
    whole.predict("p1", warnings=["states no orientation"])
    report, _ = load(whole)
    said = CheckSentence("", "states no orientation")
    assert report.notes == (Message("note.of_scan", {"what": said}),)


def break_image(world: World) -> None:
    path = world.cohort / "images/p1.nii.gz"
    path.write_bytes(path.read_bytes()[:-6])


def break_mask(world: World) -> None:
    (world.predictions / "p1_hematoma.nii.gz").write_bytes(b"no volume")


def lose_mask(world: World) -> None:
    (world.predictions / "p1_hematoma.nii.gz").unlink()


def fill_mask(world: World) -> None:
    save_volume(world.predictions / "p1_hematoma.nii.gz", np.full(SHAPE, 7, np.uint8), AFFINE)


def break_reference(world: World) -> None:
    (world.cohort / "masks/p1_hematoma.nii.gz").write_bytes(b"no volume")


def break_json(world: World) -> None:
    (world.predictions / "p1.json").write_text("{", encoding="utf-8")


def empty_json(world: World) -> None:
    (world.predictions / "p1.json").write_text("[]", encoding="utf-8")


def lead_out(world: World) -> None:
    path = world.predictions / "p1.json"
    value = json.loads(path.read_text())
    value["masks"]["hematoma"] = "../../assets/masks/p2_hematoma.nii.gz"
    path.write_text(json.dumps(value))


def words_for_numbers(world: World) -> None:
    world.predict("p1", MEASUREMENTS | {"midline": {"shift_mm": "five"}})


def break_record(world: World) -> None:
    (world.cohort / "records/p1.txt").write_bytes(b"\xff\xfe\x00")


def break_line(world: World) -> None:
    world.annotations.write_bytes(b'{"id": "p1"}\n')


def shift_offsets(world: World) -> None:
    world.annotations.unlink()
    world.annotate("p1", findings=[FINDINGS[0] | {"start": 0, "end": 3}])


def leave_text(world: World) -> None:
    world.annotations.unlink()
    world.annotate("p1", spans=[{"start": 0, "end": 5000, "label": "AGE"}])


def words_for_volume(world: World) -> None:
    world.annotations.unlink()
    world.annotate("p1", findings=[FINDINGS[2] | {"value": "29"}])


def invent_certainty(world: World) -> None:
    world.annotations.unlink()
    world.annotate("p1", findings=[FINDINGS[2] | {"certainty": "perhaps"}])


def no_number_for_volume(world: World) -> None:
    world.annotations.unlink()
    world.annotate("p1", findings=[FINDINGS[2] | {"value": float("nan")}])


def list_for_section(world: World) -> None:
    world.annotations.unlink()
    world.annotate("p1", findings=[FINDINGS[2] | {"section": ["imaging_report"]}])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (no_number_for_volume, "annotations.jsonl, line 1: is not an annotated record"),
        (list_for_section, "annotations.jsonl, line 1: is not an annotated record"),
        (break_image, "p1.nii.gz: is truncated"),
        (break_mask, "p1_hematoma.nii.gz: is not a NIfTI"),
        (lose_mask, "p1_hematoma.nii.gz: no such file"),
        (fill_mask, "p1_hematoma.nii.gz: holds the values 7"),
        (break_reference, "p1_hematoma.nii.gz: is not a NIfTI"),
        (break_json, "p1.json: is not valid JSON"),
        (empty_json, "p1.json: is not a prediction"),
        (lead_out, "p1.json: names masks outside of its folder"),
        (words_for_numbers, "p1.json: is not a prediction"),
        (break_record, "p1.txt: is UTF-16"),
        (break_line, "annotations.jsonl, line 1: has no text"),
        (shift_offsets, "annotations.jsonl, line 1: quotes what isn't in its text"),
        (words_for_volume, "annotations.jsonl, line 1: is not an annotated record"),
        (invent_certainty, "annotations.jsonl, line 1: is not an annotated record"),
        (leave_text, "annotations.jsonl, line 1: has offsets outside of its text"),
    ],
)
def test_damaged_file_is_said_and_the_rest_shown(
    whole: World, damage: Callable[[World], None], words: str
) -> None:
    damage(whole)
    report, _ = load(whole)
    [said] = [note.values["what"] for note in report.notes if note.key == "note.damaged"]
    assert words in said
    assert report.urgency >= Settings().look.damaged
    assert report.rows  # of what is left
    assert load(whole, "p2")[0].rows


def test_empty_record(world: World) -> None:
    world.add_cases(["p1"], record=" \n")
    report, _ = load(world)
    assert "note.empty_record" in keys(report)
    assert "note.no_annotation" not in keys(report)


def test_prediction_and_annotation_of_what_the_case_lacks(world: World) -> None:
    world.add_cases(["p1"], record=None)
    world.add_cases(["p2"], image=False)
    for case_id in ("p1", "p2"):
        world.predict(case_id)
        world.annotate(case_id)
    assert "note.annotation_without_record" in keys(load(world, "p1")[0])
    assert "note.prediction_without_image" in keys(load(world, "p2")[0])


def test_looks_are_weighed_and_sorted(whole: World) -> None:
    whole.annotations.unlink()
    far = [FINDINGS[1] | {"side": "right"}, FINDINGS[2] | {"value": 90.0}]
    hedged = FINDINGS[3] | {"certainty": "uncertain", "value": 20.0}
    whole.annotate("p1", findings=[*far, hedged])
    (whole.folder / "metrics/imaging/test_cases.csv").unlink()
    whole.score("p1", dice=0.4)
    report, _ = load(whole)
    look = Settings().look
    assert [message.key for message in report.looks] == [
        "look.differs",
        "look.low_dice",
        "look.may_decide",  # on two sides of 5 mm
        "look.uncertain",
    ]
    assert report.looks[0].values == {"aspects": ["side", "volume"]}
    assert report.urgency == 2 * look.differ + 2 * look.uncertain + look.low


@pytest.mark.parametrize("status", ["missed", "false_alarm"])
def test_missed_hematoma_needs_a_look(whole: World, status: str) -> None:
    (whole.folder / "metrics/imaging/test_cases.csv").unlink()
    whole.score("p1", dice=0.0, status=status)
    report, _ = load(whole)
    decides, missed = report.looks
    assert decides == Message("look.decides", {"aspects": ["volume", "midline_shift"]})
    assert missed == Message(f"look.{status}", {"structure": "hematoma"})
    assert report.urgency == Settings().look.missed + Settings().look.decides


MASK_NOTE = {"case": "p1", "kind": "mask density", "what": "p1_hematoma.nii.gz: holds 12 HU."}


def test_what_was_noted_on_reference_masks_stands_with_their_values(whole: World) -> None:
    scan = {"kind": "spacing", "what": "has a spacing of 1 mm."}
    whole.predict("p1", notes=[scan])
    other = {**MASK_NOTE, "case": "p2", "kind": "midline", "what": "p2_midline.nii.gz: is off."}
    whole.note(
        [
            MASK_NOTE,
            {"case": "p1", "kind": "spacing", "what": "p1.nii.gz: has a spacing of 1 mm."},
            {"case": "p1", "kind": "midline", "what": "midline cannot be told: it is cut."},
            {"case": None, "kind": "model", "what": "is old."},
            other,
        ]
    )
    report, _ = load(whole)
    said = CheckSentence("mask density", "p1_hematoma.nii.gz: holds 12 HU.")
    assert [n for n in report.notes if n.key == "note.of_reference"] == [
        Message("note.of_reference", {"what": said})
    ]
    assert keys(report) == ["note.of_scan", "note.of_reference"]
    assert said.what in summary_of(report, None).values["notes"]
    second, _ = load(whole, "p2")
    assert keys(second) == ["note.of_reference"]


def test_notes_on_other_reference_masks_are_left_out(whole: World) -> None:
    whole.note([MASK_NOTE])
    whole.measure({"p1": {"hematoma_ml": 2 * REFERENCE_ML}})
    report, _ = load(whole)
    assert keys(report) == ["note.other_scores"]


@pytest.mark.parametrize("notes", [None, "x", [1, {"case": 2}, {"case": "p9"}]])
def test_notes_of_an_evaluation_that_are_none_are_passed_over(whole: World, notes: object) -> None:
    whole.note(notes)
    report, _ = load(whole)
    assert keys(report) == []


def test_notes_of_every_part_are_read(whole: World) -> None:
    whole.split({"p1": "val", "p2": "test"})
    whole.note([MASK_NOTE], "val")
    source = next(s for s in whole.sources("all").cases if s.id == "p1")
    assert [said.kind for said in source.noted] == ["mask density"]


def test_record_of_which_entities_were_not_looked_for(world: World) -> None:
    world.add_cases(["p1"])
    world.annotate("p1", spans=[], cannot_be_told={"entities": "no pipeline was named."})
    report, volumes = load(world)
    assert "note.no_entities" in keys(report) and report.findings
    page = render_case(report, volumes, "en")
    assert "entities were not looked for" in page and "No entities are marked" not in page


def test_files_that_cannot_be_read_are_not_said_to_be_missing(whole: World) -> None:
    (whole.cohort / "images" / "p1.nii.gz").write_bytes(b"x")
    report, _ = load(whole)
    reasons = {row.reason.key for row in report.rows}
    assert reasons == {"reason.ct_refused"} and report.refused == {"ct": ()}
    (whole.cohort / "records" / "p2.txt").write_bytes(b"\xff\xfe\x00")
    report, _ = load(whole, "p2")
    assert {row.reason.key for row in report.rows} == {"reason.record_refused"}


def test_score_goes_by_the_error_that_stands_with_the_prediction(whole: World) -> None:
    errors = {"measured_on": "a test", "volumes": {}, "shift": None}
    for most, volume in ((1.4, (1, 1)), (1.6, (0, 1))):  # the CT has 31.5 mL by the formula
        whole.predict("p1", expected_errors={**errors, "most_ml": {"hematoma": most}})
        report, _ = load(whole)
        assert report.score is not None and report.score.items[1].ct is not None
        assert report.score.items[1].ct.points == volume
