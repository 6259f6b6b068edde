from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case import Case
from cohort.schema.case_files import id_problems
from cohort.schema.manifest import Cohort


def write(folder: Path, value: Any) -> Path:
    (folder / "cohort.json").write_text(json.dumps(value), encoding="utf-8")
    return folder


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(DataError) as error:
        Cohort.load(folder)
    return error.value.problems


def test_cohort_comes_back_as_it_was_saved(maker: Any) -> None:
    saved = (
        maker.add("p1", text="丘脑出血", patient="A").add("病例 2", ct=False, text="头痛").save()
    )
    loaded = Cohort.load(maker.folder)
    assert loaded == saved
    written = json.loads((maker.folder / "cohort.json").read_text(encoding="utf-8"))
    assert written.pop("schema_version") == 1
    assert Cohort.load(write(maker.folder, written)) == saved  # as earlier versions wrote it
    assert [case.patient_id for case in loaded.cases] == ["A", "病例 2"]
    assert [case.id for case in loaded.with_image] == ["p1"]
    assert [case.id for case in loaded.with_record] == ["p1", "病例 2"]


def test_masks_stand_in_channel_order(maker: Any) -> None:
    maker.add("p1").save()
    manifest = json.loads((maker.folder / "cohort.json").read_text())
    masks = manifest["cases"][0]["masks"]
    manifest["cases"][0]["masks"] = dict(reversed(masks.items()))
    manifest["structures"].reverse()
    loaded = Cohort.load(write(maker.folder, manifest))
    assert list(loaded.cases[0].masks) == list(masks)
    assert loaded.structures == STRUCTURE_IDS


def test_missing_and_empty_folders_are_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").touch()
    assert "no such cohort folder" in problems_of(tmp_path / "none")[0]
    assert "the folder is empty; make one with" in problems_of(tmp_path / "empty")[0]
    assert "is not a cohort (no cohort.json)" in problems_of(tmp_path / "other")[0]


@pytest.mark.parametrize("value", [[], {}, {"cases": {}}, "text", None])
def test_other_json_is_no_manifest(tmp_path: Path, value: Any) -> None:
    assert "is not a manifest" in problems_of(write(tmp_path, value))[0]


def test_no_cases_are_said(tmp_path: Path) -> None:
    assert "lists no cases" in problems_of(write(tmp_path, {"cases": []}))[0]


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/etc/passwd", "a/../../b.txt", "..\\b.txt", "C:/b.txt"]
)
def test_path_that_leaves_the_cohort_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "b.txt").touch()
    folder = tmp_path / "cohort"
    folder.mkdir()
    write(folder, {"cases": [{"id": "p1", "record": path}]})
    (problem,) = problems_of(folder)
    assert "leaves the cohort's folder" in problem
    assert "'p1'" in problem


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    cases = [
        {"id": "p1", "image": "none.nii.gz"},
        {"id": "P1", "record": 5},
        {"id": "p/2", "image": "cohort.json", "colour": "red"},
        {"id": "p3", "image": "cohort.json", "masks": {"tumour": "cohort.json"}},
        {"id": "p4", "masks": {"hematoma": "cohort.json"}, "tags": "cohort.json"},
        {"record": "cohort.json"},
        "p6",
    ]
    text = "\n".join(problems_of(write(tmp_path, {"structures": ["bone"], "cases": cases})))
    for said in (
        "case 'p1': the file 'none.nii.gz' is missing",
        "two cases are called 'p1' and 'P1'",
        "case 'P1': 'record' must be text, not 5",
        "the id 'p/2' cannot name a file",
        "unknown key 'colour'",
        "unknown structure 'tumour'",
        "unknown structure 'bone'",
        "case 'p4': has neither an image nor a record",
        "case 'p4': has masks but no image",
        "case 'p4': has tags but no record",
        'case 6: must be an object with an "id"',
        "case 7: must be an object",
    ):
        assert said in text


def test_mask_of_a_structure_that_the_cohort_does_not_list_is_said(tmp_path: Path) -> None:
    case = {"id": "p1", "image": "cohort.json", "masks": {"midline": "cohort.json"}}
    (problem,) = problems_of(write(tmp_path, {"structures": ["hematoma"], "cases": [case]}))
    assert "has a mask of 'midline'" in problem


@pytest.mark.parametrize("case_id", ["p1", "病例 12", "a.b", "p-1_2"])
def test_good_ids(case_id: str) -> None:
    assert id_problems(case_id) == []


@pytest.mark.parametrize(
    "case_id", ["", " p", "p ", ".p", "p.", "a/b", "a\\b", "a:b", "a\n", "x" * 151, "nul", "\ud800"]
)
def test_ids_that_cannot_name_files(case_id: str) -> None:
    assert len(id_problems(case_id)) == 1


def test_same_id_written_with_other_unicode_is_the_same(tmp_path: Path) -> None:
    cases = [
        {"id": "caf\u00e9", "record": "cohort.json"},
        {"id": "cafe\u0301", "record": "cohort.json"},
    ]
    assert "two cases are called" in problems_of(write(tmp_path, {"cases": cases}))[0]


def test_case_lists_its_files_and_leaves_out_what_it_lacks() -> None:
    case = Case("p1", image="a.nii.gz", masks={"midline": "m.nii.gz"})
    assert case.files() == ["a.nii.gz", "m.nii.gz"]
    assert case.to_json() == {"id": "p1", "image": "a.nii.gz", "masks": {"midline": "m.nii.gz"}}


def test_structures_mirror_onto_their_partners() -> None:
    from cohort.facts.structures import BY_ID, FLIP_CHANNELS, STRUCTURES

    others = range(4, len(STRUCTURES))
    assert (0, 1, 3, 2, *others) == FLIP_CHANNELS
    assert [s.channel for s in STRUCTURES] == list(range(len(STRUCTURES)))
    assert BY_ID["ventricle_left"].side == "left"
    assert len({s.colour for s in STRUCTURES}) == len(STRUCTURES)
