"""Damaged `cohort.json` and `split.json`: what comes out is a cohort, a split, or a `DataError`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from mutations import fuzz, json_files

from cohort.base.errors import DataError, UsageError
from cohort.schema.case_files import id_problems
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import PARTS, Split

COHORT = {
    "name": "mine",
    "structures": ["hematoma", "midline"],
    "provenance": {"imported_by": "cohort.import_files", "left_out": [], "assumed": {"mm": 5.0}},
    "cases": [
        {
            "id": "p1",
            "patient": "P",
            "image": "images/p1.nii.gz",
            "masks": {"hematoma": "masks/p1.nii.gz", "midline": "masks/p1.nii.gz"},
            "record": "records/p1.txt",
            "tags": "records/p1.bioes",
        },
        {"id": "p2", "image": "images/p1.nii.gz"},
        {"id": "p3", "record": "records/p1.txt"},
    ],
}
SPLIT = {
    "cohort": "mine",
    "by": "slice",
    "seed": 0,
    "ratios": [0.6, 0.1, 0.3],
    "cases": {"p1": "train", "p2": "val", "p3": "test"},
    "slices": {"p1": ["train", "test", "val"], "p2": ["train"]},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the files of the cohort."""
    for name in ("images/p1.nii.gz", "masks/p1.nii.gz", "records/p1.txt", "records/p1.bioes"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def load_cohort(folder: Path, content: bytes) -> Cohort | None:
    """Load a manifest; what is loaded can be used, written and loaded again."""
    (folder / MANIFEST).write_bytes(content)
    try:
        cohort = Cohort.load(folder)
    except (DataError, UsageError) as error:
        assert str(folder) in str(error)
        return None
    assert cohort.cases and cohort.name
    for case in cohort.cases:
        assert not id_problems(case.id) and case.patient_id
        assert all(cohort.path(path).is_file() for path in case.files())
        assert set(case.masks) <= set(cohort.structures)
    cohort.save()
    assert Cohort.load(folder) == cohort
    return cohort


def load_split(path: Path, content: bytes) -> Split | None:
    """Load a split; what is loaded can be used, written and loaded again."""
    path.write_bytes(content)
    try:
        split = Split.load(path)
    except (DataError, UsageError) as error:
        assert str(path) in str(error)
        return None
    assert isinstance(split.cohort, str) and sum(split.ratios) >= 0
    assert {*split.cases.values()} <= set(PARTS)
    for case_id, parts in split.slices.items():
        assert [split.part_of_slice(case_id, index) for index in range(len(parts))] == parts
    split.save(path)
    assert Split.load(path) == split
    return split


def _json(value: dict[str, object], **changes: object) -> bytes:
    return json.dumps({**value, **changes}).encode()


@fuzz(500)
@given(content=json_files(COHORT))
@example(content=b"[" * 5000)
@example(content=b'{"cases": ' + b"9" * 5000 + b"}")
@example(content=_json(COHORT, name="\ud800"))
@example(content=_json(COHORT, name=None))
@example(content=_json(COHORT, provenance={"a": float("nan")}))
@example(content=_json(COHORT, structures=[["hematoma"]]))
@example(content=_json(COHORT, cases=[{"id": "p\ud800", "record": "records/p1.txt"}]))
@example(content=_json(COHORT, cases=[{"id": "p1", "record": "records/p1.txt\0"}]))
@example(content=_json(COHORT, cases=[{"id": "p1", "record": "records/\ud800"}]))
@example(content=_json(COHORT, cases=[{"id": "p1", "record": "r" * 5000}]))
@example(content=_json(COHORT, cases=[{"id": "p1", "record": "records/p1.txt", "masks": [1]}]))
def test_damaged_manifests(folder: Path, content: bytes) -> None:
    load_cohort(folder, content)


@fuzz(500)
@given(content=json_files(SPLIT))
@example(content=_json(SPLIT, cohort=["mine"]))
@example(content=_json(SPLIT, cohort="\ud800"))
@example(content=_json(SPLIT, by=3))
@example(content=_json(SPLIT, seed="x"))
@example(content=_json(SPLIT, ratios="abc"))
@example(content=_json(SPLIT, ratios=[0.5, 0.5]))
@example(content=_json(SPLIT, ratios=[float("nan"), 1, 1]))
@example(content=_json(SPLIT, cases=[["p1", "train"]]))
@example(content=_json(SPLIT, cases={"p1": {"train": 1}}))
@example(content=_json(SPLIT, slices={"p1": {"train": 1}}))
@example(content=_json(SPLIT, slices={"p1": "train"}))
@example(content=_json(SPLIT, slices=None))
def test_damaged_splits(tmp_path: Path, content: bytes) -> None:
    load_split(tmp_path / "split.json", content)


def test_files_are_read_before_they_are_damaged(folder: Path) -> None:
    """Otherwise the tests above try nothing."""
    assert load_cohort(folder, _json(COHORT)) is not None
    assert load_split(folder / "split.json", _json(SPLIT)) is not None
