from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from cohort.check import check
from cohort.import_files import import_files
from cohort.import_files import main as import_main
from cohort.links.find import find_links, together
from cohort.links.same_record import SHORTEST, record_key
from cohort.links.same_scan import read_scan_key, scan_digest, scan_key
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from cohort.split import main, make_split, split_cohort

SPACING = (0.5, 0.5, 5.0)
RECORD = "患者男，61岁，突发头痛3小时入院。\nCT示左侧基底节区血肿，量约29ml，中线右移约5mm。" * 3
OTHER_RECORD = RECORD.replace("29ml", "30ml")


def scan(seed: int = 0, shape: tuple[int, int, int] = (20, 16, 5)) -> np.ndarray:
    return np.random.default_rng(seed).integers(-1000, 1500, shape).astype(np.int16)


def store(path: Path, voxels: np.ndarray, axcodes: str = "LPS") -> None:
    save_volume(path, voxels, make_affine(axcodes, SPACING, voxels.shape))


def with_slope(path: Path, voxels: np.ndarray) -> None:
    """Write whole HU as other numbers, which a slope of 1/3 and an intercept make HU again."""
    image = nib.Nifti1Image((voxels + 1024) * np.int16(3), np.diag([0.5, 0.5, 5, 1]))
    image.header.set_slope_inter(1 / 3, -1024)
    raw = image.to_bytes()
    # nibabel writes a slope of its own; that of the header stands at bytes 112 to 120.
    header = bytearray(raw)
    header[112:120] = np.array([1 / 3, -1024], np.float32).tobytes()
    path.write_bytes(bytes(header))


STORED: dict[str, tuple[str, Callable[[Path, np.ndarray], None]]] = {
    "not compressed": (".nii", store),
    "of floats": (".nii.gz", lambda path, v: store(path, v.astype(np.float32))),
    "of doubles": (".nii", lambda path, v: store(path, v.astype(np.float64))),
    "reversed rows": (".nii.gz", lambda path, v: store(path, v[::-1], "RPS")),
    "reversed slices": (".nii.gz", lambda path, v: store(path, v[:, :, ::-1], "LPI")),
    "slices first": (".nii.gz", lambda path, v: store(path, v.transpose(2, 0, 1), "SLP")),
    "columns first": (".nii.gz", lambda path, v: store(path, v.transpose(1, 0, 2), "PLS")),
    "another header": (
        ".nii.gz",
        lambda path, v: save_volume(path, v, make_affine("RAI", (1, 1, 1), v.shape)),
    ),
    "slope and intercept": (".nii", with_slope),
    "intercept lost": (".nii.gz", lambda path, v: store(path, (v + 1024).astype(np.uint16))),
}


def cohort_with(folder: Path, *cases: Case) -> Cohort:
    cohort = Cohort(folder, "test", cases)
    cohort.save()
    return cohort


@pytest.mark.parametrize("slices", [4, 5])
@pytest.mark.parametrize("way", STORED)
def test_the_same_scan_is_found_however_it_is_stored(tmp_path: Path, way: str, slices: int) -> None:
    suffix, write = STORED[way]
    voxels = scan(shape=(20, 16, slices))
    store(tmp_path / "a.nii.gz", voxels)
    store(tmp_path / "b.nii.gz", scan(1, (20, 16, slices)))
    write(tmp_path / f"c{suffix}", voxels)
    cohort = cohort_with(
        tmp_path, Case("a", "a.nii.gz"), Case("b", "b.nii.gz"), Case("c", f"c{suffix}")
    )
    (link,) = find_links(cohort)
    assert (link.kind, link.cases) == ("same scan", ("a", "c"))
    notes = {
        case: [note.kind for note in found.notes] for case, found in check(tmp_path).cases.items()
    }
    assert "same scan" in notes["a"]
    assert "same scan" in notes["c"]
    assert "same scan" not in notes["b"]


@pytest.mark.parametrize("shape", [(9, 9, 9), (8, 8, 12), (12, 8, 8), (7, 8, 9)])
def test_key_from_half_the_file_is_that_of_all_voxels(
    tmp_path: Path, shape: tuple[int, int, int]
) -> None:
    voxels = scan(shape=shape)
    for name in ("a.nii", "a.nii.gz"):
        store(tmp_path / name, voxels)
        assert read_scan_key(tmp_path / name) == scan_key(voxels)
    assert scan_key(voxels) == scan_key(voxels.transpose(2, 1, 0)[:, ::-1])
    assert scan_digest(voxels) == scan_digest(voxels.transpose(2, 1, 0)[:, ::-1])


def test_scans_that_differ_in_one_voxel_away_from_the_middle_are_two(tmp_path: Path) -> None:
    voxels = scan()
    store(tmp_path / "a.nii.gz", voxels)
    voxels[3, 4, 0] += 1
    store(tmp_path / "b.nii.gz", voxels)
    cohort = cohort_with(tmp_path, Case("a", "a.nii.gz"), Case("b", "b.nii.gz"))
    assert find_links(cohort) == []


def test_files_that_cannot_be_read_end_no_split(tmp_path: Path) -> None:
    names = [f"p{i}.nii.gz" for i in range(6)]
    for number, name in enumerate(names):
        store(tmp_path / name, scan(number))
    whole = (tmp_path / names[0]).read_bytes()
    (tmp_path / names[1]).write_bytes(whole[: len(whole) // 4])
    (tmp_path / names[2]).write_bytes(b"\r\n")
    store(tmp_path / "again.nii", scan(5))
    cohort = cohort_with(
        tmp_path, *(Case(name[:2], name) for name in names), Case("p6", "again.nii")
    )
    assert [link.cases for link in find_links(cohort)] == [("p5", "p6")]
    assert set(split_cohort(tmp_path, tmp_path / "s.json").cases) == {f"p{i}" for i in range(7)}


@pytest.mark.parametrize(
    "again",
    [
        RECORD.replace("\n", "\r\n").encode(),
        RECORD.encode("gb18030"),
        RECORD.encode("utf-8-sig"),
        RECORD.replace("。", "。 ").encode() + b"\n\n",
        RECORD.replace("，", ",").encode(),
    ],
)
def test_the_same_record_is_found_however_it_is_written(tmp_path: Path, again: bytes) -> None:
    (tmp_path / "a.txt").write_text(RECORD, encoding="utf-8")
    (tmp_path / "b.txt").write_text(OTHER_RECORD, encoding="utf-8")
    (tmp_path / "c.txt").write_bytes(again)
    cohort = cohort_with(tmp_path, *(Case(c, record=f"{c}.txt") for c in "abc"))
    (link,) = find_links(cohort)
    assert (link.kind, link.cases) == ("same record", ("a", "c"))
    assert check(tmp_path).noted()["same record"] == ["a", "c"]


def test_short_texts_that_many_records_share_link_nobody() -> None:
    assert record_key("患者精神可，饮食可，睡眠可，二便正常。") is None
    assert record_key("头痛\n " * 40) is None
    assert record_key("头" * SHORTEST) == record_key("头 " * SHORTEST)


def patients_in_parts(split: Split, groups: list[list[str]]) -> list[int]:
    return [len({split.cases[case] for case in group}) for group in groups]


def test_split_never_parts_the_same_scan_or_record_though_nobody_checked(tmp_path: Path) -> None:
    cases = []
    for number in range(12):
        store(tmp_path / f"p{number}.nii.gz", scan(number))
        text = RECORD.replace("61", str(40 + number))
        (tmp_path / f"p{number}.txt").write_text(text, encoding="utf-8")
        cases.append(Case(f"p{number}", f"p{number}.nii.gz", record=f"p{number}.txt"))
    store(tmp_path / "copy.nii", scan(3)[::-1], "RPS")
    text = RECORD.replace("61", "44").replace("\n", "\r\n")
    (tmp_path / "copy.txt").write_text(text, encoding="utf-8")
    # The same scan as p3's, the same record as p4's; and p4's patient has another case.
    cases += [Case("copy", "copy.nii", record="copy.txt"), Case("later", record="p5.txt")]
    cases[4] = Case("p4", "p4.nii.gz", record="p4.txt", patient="Li")
    cases[6] = Case("p6", "p6.nii.gz", record="p6.txt", patient="Li")
    cohort_with(tmp_path, *cases)
    groups = [["p3", "copy", "p4", "p6"], ["p5", "later"]]
    for seed in range(20):
        split = split_cohort(tmp_path, tmp_path / "split.json", seed=seed)
        assert patients_in_parts(split, groups) == [1, 1]
    assert Split.load(tmp_path / "split.json") == split
    kinds = [(link.kind, link.cases) for link in split.links]
    assert kinds == [
        ("same scan", ("p3", "copy")),
        ("same record", ("p4", "copy")),
        ("same record", ("p5", "later")),
    ]


def test_records_are_kept_together_in_a_split_by_slice(tmp_path: Path) -> None:
    store(tmp_path / "ct.nii.gz", scan(shape=(9, 9, 20)))
    for number in range(9):
        text = RECORD.replace("61", str(40 + number // 3))
        (tmp_path / f"r{number}.txt").write_text(text, encoding="utf-8")
    records = [Case(f"r{number}", record=f"r{number}.txt") for number in range(9)]
    cohort_with(tmp_path, Case("ct", "ct.nii.gz"), *records)
    for seed in range(10):
        split = split_cohort(tmp_path, tmp_path / "s.json", seed=seed, by="slice")
        groups = [[f"r{3 * group + i}" for i in range(3)] for group in range(3)]
        assert patients_in_parts(split, groups) == [1, 1, 1]


def test_what_is_not_linked_is_split_as_ever() -> None:
    cases = tuple(Case(f"p{i}", image="i") for i in range(20))
    cohort = Cohort(Path("test"), "test", cases)
    assert set(together(cohort, []).values()) == {case.id for case in cases}
    assert make_split(cohort).links == ()


def test_command_says_what_it_keeps_together(command: Any, tmp_path: Path) -> None:
    for number in range(4):
        store(tmp_path / f"p{number}.nii.gz", scan(number))
    cases = [Case(f"p{i}", f"p{i}.nii.gz", patient=f"patient {i}") for i in range(4)]
    cohort_with(tmp_path, *cases, Case("again", "p2.nii.gz", patient="Wang"))
    out = tmp_path / "split.json"
    result = command(main, tmp_path, out)
    assert result.exit_code == 0, result.stderr
    said = "2 of 5 cases (same scan), such as p2: "
    assert said in result.stdout
    assert "the scan of again, though their patients differ by the manifest" in result.stdout
    assert json.loads(out.read_text(encoding="utf-8"))["links"] == [
        {"kind": "same scan", "cases": ["p2", "again"]}
    ]


def test_too_few_since_all_are_the_same_scan_is_said(command: Any, tmp_path: Path) -> None:
    store(tmp_path / "ct.nii.gz", scan())
    cohort_with(tmp_path, *(Case(f"p{i}", "ct.nii.gz") for i in range(4)))
    result = command(main, tmp_path, tmp_path / "split.json")
    assert result.exit_code == 1
    assert "has 1 patient (4 cases), cases of the same scan or record being" in result.stderr


def test_import_names_what_it_links_and_ids_of_one_patient(command: Any, tmp_path: Path) -> None:
    folder = tmp_path / "ct"
    for number, name in enumerate(["P0_day0", "P0_day1", "P1_day0", "P2_day0"]):
        store(folder / f"{name}.nii.gz", scan(min(number, 2)))
    result = command(import_main, tmp_path / "out", "--images", str(folder / "*.nii.gz"))
    assert result.exit_code == 0, result.stderr
    assert "2 of 4 cases (same scan), such as P1_day0: " in result.stdout
    assert "2 of 4 cases (patient not named), such as P0_day0: " in result.stdout
    assert "the same patient as P0_day1" in result.stdout
    assert "--patient of cohort.import_files" in result.stdout
    notes = import_files(tmp_path / "again", str(folder / "*.nii.gz")).notes
    file = str(tmp_path / "again" / "images" / "P1_day0.nii.gz")
    assert [note.file for note in notes["P1_day0"]] == [file]
    assert Path(file).is_file()
    # Named, they are a patient's, and nothing is left to say of it.
    named = import_files(tmp_path / "named", str(folder / "*.nii.gz"), patient="P*_")
    assert {note.kind for said in named.notes.values() for note in said} == {"same scan"}
    split = split_cohort(tmp_path / "named", tmp_path / "split.json", (0.5, 0, 0.5))
    assert split.cases["P0_day0"] == split.cases["P0_day1"]
    assert split.cases["P1_day0"] == split.cases["P2_day0"]


def test_check_names_ids_of_one_patient(command: Any, maker: Any) -> None:
    for case in ("P0_day0", "P0_day1", "P1_day0"):
        maker.add(case)
    maker.save()
    assert check(maker.folder).noted()["patient not named"] == ["P0_day0", "P0_day1"]


def test_patients_that_are_all_named_apart_say_nothing_about_ids_of_one(maker: Any) -> None:
    maker.add("P0_day0", ct=False, text="丘脑出血", patient="0_day0")
    maker.add("P0_day1", ct=False, text="丘脑出血", patient="0_day1").save()
    assert check(maker.folder).noted()["patient not named"] == ["P0_day0", "P0_day1"]
    maker.add("P1_day0", ct=False, text="丘脑出血", patient="1")
    maker.add("P1_day1", ct=False, text="丘脑出血", patient="1").save()
    assert "patient not named" not in check(maker.folder).noted()
