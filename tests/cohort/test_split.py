from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort.base.errors import DataError, UsageError
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from cohort.split import PARTS, Split, main, make_split, split_cohort


def cohort_of(*, both: int = 0, ct: int = 0, record: int = 0) -> Cohort:
    cases = [Case(f"b{i}", image="i", record="r") for i in range(both)]
    cases += [Case(f"c{i}", image="i") for i in range(ct)]
    cases += [Case(f"r{i}", record="r") for i in range(record)]
    return Cohort(Path("test"), "test", tuple(cases))


def sizes(split: Split, first: str = "") -> list[int]:
    count = Counter(part for case, part in split.cases.items() if case.startswith(first))
    return [count[part] for part in PARTS]


@pytest.mark.parametrize(
    ("patients", "expected"),
    [(3, [1, 1, 1]), (4, [2, 1, 1]), (5, [3, 1, 1]), (6, [3, 1, 2]), (10, [6, 1, 3]),
     (60, [36, 6, 18]), (101, [61, 10, 30])],
)  # fmt: skip
def test_parts_have_their_shares_and_none_is_empty(patients: int, expected: list[int]) -> None:
    assert sizes(make_split(cohort_of(both=patients))) == expected


@pytest.mark.parametrize("ratios", [(0.7, 0.0, 0.3), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)])
def test_part_without_a_share_stays_empty(ratios: tuple[float, float, float]) -> None:
    expected = [round(10 * share) for share in ratios]
    assert sizes(make_split(cohort_of(both=10), ratios)) == expected


def test_every_kind_of_patient_is_in_every_part() -> None:
    split = make_split(cohort_of(both=10, ct=20, record=5))
    assert sizes(split, "b") == [6, 1, 3]
    assert sizes(split, "c") == [12, 2, 6]
    assert sizes(split, "r") == [3, 1, 1]


def test_groups_too_small_for_all_parts_still_leave_none_empty() -> None:
    split = make_split(cohort_of(ct=2, record=2))
    assert min(sizes(split)) == 1


def test_seed_decides_and_the_order_of_the_manifest_does_not() -> None:
    cohort = cohort_of(both=20, ct=7)
    turned = Cohort(cohort.folder, cohort.name, cohort.cases[::-1])
    assert make_split(cohort, seed=3).cases == make_split(turned, seed=3).cases
    assert make_split(cohort, seed=3).cases != make_split(cohort, seed=4).cases


def test_split_of_a_seed_is_the_same_everywhere() -> None:
    # Written down, so that another Python or another version of ours is noticed.
    split = make_split(cohort_of(both=6), seed=0)
    assert [split.cases[f"b{i}"] for i in range(6)] == [
        "val",
        "test",
        "train",
        "train",
        "train",
        "test",
    ]


def test_cases_of_one_patient_are_never_apart() -> None:
    cases = [Case(f"p{i}_{k}", image="i", patient=f"p{i}") for i in range(10) for k in range(3)]
    split = make_split(Cohort(Path("test"), "test", tuple(cases)))
    for i in range(10):
        assert len({split.cases[f"p{i}_{k}"] for k in range(3)}) == 1
    assert sizes(split) == [18, 3, 9]


def test_patient_with_ct_and_record_in_two_cases_counts_as_one_with_both() -> None:
    cases = [Case(f"c{i}", image="i", patient=f"p{i}") for i in range(3)]
    cases += [Case(f"r{i}", record="r", patient=f"p{i}") for i in range(3)]
    split = make_split(Cohort(Path("test"), "test", tuple(cases)))
    assert sizes(split, "c") == sizes(split, "r") == [1, 1, 1]
    assert all(split.cases[f"c{i}"] == split.cases[f"r{i}"] for i in range(3))


def test_too_few_patients_are_refused_with_advice() -> None:
    with pytest.raises(DataError) as error:
        make_split(cohort_of(ct=1, record=1))
    for said in ("has 2 patients (2 cases), too few for the 3 parts", "--ratios", "need no split"):
        assert said in str(error.value)
    assert sizes(make_split(cohort_of(ct=1, record=1), (0.5, 0, 0.5))) == [1, 0, 1]


@pytest.mark.parametrize(
    ("ratios", "reason"),
    [((0.5, 0.1, 0.3), "add up to 0.9"), ((1.2, -0.2, 0), "from 0 to 1"),
     ((float("nan"), 0, 1), "from 0 to 1")],
)  # fmt: skip
def test_ratios_that_cannot_be(ratios: tuple[float, float, float], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        make_split(cohort_of(both=10), ratios)


def save_ct(cohort: Cohort, name: str, axcodes: str, shape: tuple[int, int, int]) -> None:
    path = cohort.folder / f"{name}.nii.gz"
    save_volume(path, np.zeros(shape, np.int16), make_affine(axcodes, (1, 1, 5), shape))


def by_slice(folder: Path, records: int = 0) -> Split:
    cases = [Case("a", image="a.nii.gz", record="r"), Case("b", image="b.nii.gz")]
    cases += [Case(f"r{i}", record="r") for i in range(records)]
    cohort = Cohort(folder, "test", tuple(cases))
    save_ct(cohort, "a", "LPS", (3, 4, 20))
    save_ct(cohort, "b", "IPL", (10, 4, 3))
    return make_split(cohort, by="slice")


def test_by_slice_deals_the_axial_slices_of_all_cts(tmp_path: Path) -> None:
    split = by_slice(tmp_path)
    assert {case: len(parts) for case, parts in split.slices.items()} == {"a": 20, "b": 10}
    count = Counter(part for parts in split.slices.values() for part in parts)
    assert [count[part] for part in PARTS] == [18, 3, 9]
    assert split.part_of_slice("a", 7) == split.slices["a"][7]


def test_by_slice_splits_records_by_patient(tmp_path: Path) -> None:
    split = by_slice(tmp_path, records=10)
    assert sizes(split, "r") == [6, 1, 3]
    assert set(split.cases) == {"a", *(f"r{i}" for i in range(10))}


def test_part_of_a_record_says_nothing_of_a_ct_where_slices_are_split(tmp_path: Path) -> None:
    split = by_slice(tmp_path, records=10)
    assert split.cases["r0"] and split.parts_of_ct("r0") is None
    assert not any(split.ct_in_part("r0", part) for part in PARTS)
    assert split.part_of_slice("r0", 0) is None
    assert split.parts_of_ct("a") == split.slices["a"]


def test_split_comes_back_from_its_file(tmp_path: Path) -> None:
    for split in (make_split(cohort_of(both=5)), by_slice(tmp_path)):
        split.save(tmp_path / "split.json")
        assert Split.load(tmp_path / "split.json") == split


VALUE = {"cohort": "c", "by": "patient", "seed": 0, "ratios": [1, 0, 0]}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], "is not a split"),
        ({"cases": {}}, "is not a split"),
        ({**VALUE, "cases": 5}, "is not a split"),
        ({**VALUE, "cases": {}, "seed": "x"}, "'seed' must be a whole number, not 'x'"),
        ({**VALUE, "cases": {}, "ratios": [1]}, "'ratios' must be three shares"),
        ({**VALUE, "cases": {}, "schema_version": 2}, "is of schema_version 2, .* update"),
        ({**VALUE, "cases": {"a": "dev"}}, "unknown part 'dev'; the parts are train, val, test"),
    ],
)
def test_file_that_is_no_split(tmp_path: Path, value: Any, reason: str) -> None:
    (tmp_path / "split.json").write_text(json.dumps(value))
    with pytest.raises(DataError, match=reason):
        Split.load(tmp_path / "split.json")


def test_command_writes_the_split_and_shows_it(command: Any, maker: Any, tmp_path: Path) -> None:
    for i in range(4):
        maker.add(f"p{i}", text="丘脑出血")
    maker.add("extra", ct=False, text="头痛").save()
    out = tmp_path / "corpus" / "split.json"
    result = command(main, maker.folder, out, "--ratios", "0.5,0.25,0.25", "--seed", 7)
    assert result.exit_code == 0, result.stderr
    split = Split.load(out)
    assert split == make_split(Cohort.load(maker.folder), (0.5, 0.25, 0.25), 7)
    assert {"train", "val", "test"} <= set(result.stdout.split())
    row = next(line.split() for line in result.stdout.splitlines() if "train" in line)
    assert row == ["train", "50%", "3", "3", "2", "2", "3", "3"]


def test_command_names_the_leak_of_slices(command: Any, maker: Any, tmp_path: Path) -> None:
    maker.add("p0", text="丘脑出血").save()
    result = command(main, maker.folder, tmp_path / "split.json", "--by", "slice")
    assert result.exit_code == 0, result.stderr
    assert "Slices of one patient stand in train, val and test alike" in result.stdout
    assert "val has no record; the cohort has 1" in result.stdout


@pytest.mark.parametrize("text", ["0.6,0.4", "0.6,0.1,x", "", "0.6,0.1,0.2"])
def test_command_refuses_other_ratios(command: Any, maker: Any, tmp_path: Path, text: str) -> None:
    maker.add("p0").save()
    result = command(main, maker.folder, tmp_path / "split.json", "--ratios", text)
    assert result.exit_code == 2
    assert not (tmp_path / "split.json").exists()


def test_command_refuses_a_folder_as_file(maker: Any, tmp_path: Path) -> None:
    maker.add("p0").save()
    with pytest.raises(UsageError, match="is a folder"):
        split_cohort(maker.folder, tmp_path)


def test_failed_command_leaves_the_old_split(command: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "split.json").write_text("old")
    result = command(main, tmp_path / "empty", tmp_path / "split.json")
    assert result.exit_code == 1
    assert "the folder is empty" in result.stderr
    assert (tmp_path / "split.json").read_text() == "old"


def test_fake_ct_is_said_when_slices_are_counted(command: Any, maker: Any, tmp_path: Path) -> None:
    maker.add("p0").save()
    (maker.folder / "images" / "p0.nii.gz").write_bytes(b"\r\n")
    result = command(main, maker.folder, tmp_path / "split.json", "--by", "slice")
    assert result.exit_code == 1
    assert "is not a NIfTI volume" in result.stderr


LIGHT = """
import sys
from pathlib import Path
from {module} import {function}
{call}
print(*sorted({{"torch", "monai", "ignite", "spacy"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("module", "function", "call"),
    [
        ("cohort.split", "split_cohort", "split_cohort(Path({0!r}), Path({1!r}), by='slice')"),
        ("cohort.check", "check", "assert not check(Path({0!r})).all_problems()"),
    ],
)
def test_split_and_check_load_nothing_heavy(
    maker: Any, tmp_path: Path, root: Path, module: str, function: str, call: str
) -> None:
    maker.add("p0", text="丘脑出血").save()
    call = call.format(str(maker.folder), str(tmp_path / "split.json"))
    code = LIGHT.format(module=module, function=function, call=call)
    line = [sys.executable, "-c", code]
    result = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=root)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""
