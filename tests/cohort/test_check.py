from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from cohort.check import check, main
from cohort.checks.head.sides import Centres, side_offsets
from cohort.checks.masks.look import HeadLook
from cohort.schema.check import CheckFile
from cohort.space.nifti import Header, make_affine, read_volume, save_volume
from tests.conftest import undescribed

AXCODES = ["".join(c) for c in itertools.product("LR", "PA", "IS")] + ["SRA", "ALI", "PIR"]


def path_of(maker: Any, name: str) -> Path:
    found: Path = maker.folder / name
    return found


def change(path: Path, make: Any) -> None:
    """Rewrite a volume with other voxels on the same grid."""
    voxels, header = read_volume(path)
    save_volume(path, make(voxels), header.affine)


def problems(maker: Any) -> list[str]:
    return check(maker.folder).all_problems()


def notes(maker: Any) -> list[str]:
    return [str(note) for note in check(maker.folder).all_notes()]


def test_good_cohort_has_no_problems_and_no_notes(maker: Any) -> None:
    maker.add("p1", text="丘脑出血，\n头痛。").add("p2", ct=False, text="丘脑出血").save()
    report = check(maker.folder)
    assert report.all_problems() == []
    assert report.all_notes() == []
    facts = report.cases["p1"].facts
    assert facts["image"] == {
        "shape": [20, 16, 4],
        "spacing_mm": [3, 3, 5],
        "axcodes": "LPS",
        "dtype": "int16",
        "hu_min": -1000,
        "hu_max": 1200,
    }
    assert facts["masks"]["hematoma"] == {"voxels": 24, "volume_ml": 1.08, "mean_hu": 35}
    assert facts["record"] == {"characters": 9, "entities": {"SITE": 1}}


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"\r\n", "2 bytes long, a placeholder"), (b"", "0 bytes"), (None, "truncated")],
)
@pytest.mark.parametrize("name", ["images/p1.nii.gz", "masks/p1_midline.nii.gz"])
def test_fake_and_truncated_volumes(maker: Any, name: str, data: bytes | None, reason: str) -> None:
    maker.add("p1").save()
    path = path_of(maker, name)
    path.write_bytes(path.read_bytes()[:-40] if data is None else data)
    (problem,) = problems(maker)
    assert problem.startswith(f"{path}: ")
    assert reason in problem


def test_4d_image(maker: Any) -> None:
    maker.add("p1").save()
    path = path_of(maker, "images/p1.nii.gz")
    nib.save(nib.Nifti1Image(np.zeros((20, 16, 4, 2), np.int16), np.eye(4)), path)
    assert "is 4D (20×16×4×2 voxels)" in problems(maker)[0]


def test_mask_of_another_shape(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_hematoma.nii.gz"), lambda v: v[..., :3])
    assert "p1_hematoma.nii.gz: has 20×16×3 voxels, the image 20×16×4" in problems(maker)[0]


def test_mask_of_another_affine(maker: Any) -> None:
    maker.add("p1").save()
    path = path_of(maker, "masks/p1_hematoma.nii.gz")
    voxels, header = read_volume(path)
    save_volume(path, voxels, make_affine("RPS", header.spacing, header.shape))
    assert "orientation RPS, the image LPS; a mask must lie on its" in problems(maker)[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinite_voxels(maker: Any, value: float) -> None:
    maker.add("p1").save()

    def poison(voxels: np.ndarray) -> np.ndarray:
        voxels = voxels.astype(np.float32)
        voxels[3, 3, 2:] = value
        return voxels

    change(path_of(maker, "images/p1.nii.gz"), poison)
    change(path_of(maker, "masks/p1_midline.nii.gz"), poison)
    image, mask = problems(maker)
    assert "holds 2 voxels that are NaN or infinite" in image
    assert "NaN" in mask or "inf" in mask
    assert json.dumps(check(maker.folder).to_json(), allow_nan=False)


def test_masks_of_255_and_of_floats_are_accepted_and_said(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_hematoma.nii.gz"), lambda v: v * 255)
    change(path_of(maker, "masks/p1_midline.nii.gz"), lambda v: v.astype(np.float32))
    report = check(maker.folder)
    assert report.all_problems() == []
    assert report.cases["p1"].facts["masks"]["hematoma"]["voxels"] == 24
    said = "\n".join(map(str, report.all_notes()))
    assert "p1_hematoma.nii.gz: is written with 0/255, read as 0 and 1" in said
    assert "p1_midline.nii.gz: is written with 0.0/1.0, read as 0 and 1" in said


def test_mask_of_several_labels_is_a_problem(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_hematoma.nii.gz"), lambda v: v * 2 + (v == 0))
    assert "holds the values 1, 2; a mask has 0 and 1" in problems(maker)[0]


def test_empty_mask_is_a_fact_and_counted(maker: Any) -> None:
    maker.add("p1").save()
    change(path_of(maker, "masks/p1_ventricle_left.nii.gz"), lambda v: v * 0)
    assert (problems(maker), notes(maker)) == ([], [])
    report = check(maker.folder).to_json()
    assert report["cases"][0]["masks"]["ventricle_left"]["voxels"] == 0
    assert report["counts"]["empty masks of ventricle_left"] == 1


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda v: v * 0, "holds the value 0 only"),
        (lambda v: (v + 1000) / np.float32(2200), "normalised, not Hounsfield units"),
        (lambda v: v + 1024, "raw values, not Hounsfield units; apply the rescale intercept"),
    ],
)
def test_values_that_are_no_hu(maker: Any, make: Any, problem: str) -> None:
    maker.add("p1").save()
    change(path_of(maker, "images/p1.nii.gz"), make)
    assert problem in "\n".join(problems(maker))


@pytest.mark.parametrize(
    ("make", "note"),
    [
        (lambda v: np.where(v == 1200, -1000, v), "no bone"),
        (lambda v: np.where(v == 1200, 40000, v), "far beyond"),
    ],
)
def test_unusual_hu_are_a_note(maker: Any, make: Any, note: str) -> None:
    maker.add("p1").save()
    change(path_of(maker, "images/p1.nii.gz"), make)
    assert problems(maker) == []
    assert note in "\n".join(notes(maker))


def test_spacing_and_orientation_that_seem_lost_are_a_note(maker: Any, ct: np.ndarray) -> None:
    maker.add("p1").add("p2").save()
    for case in maker.cases:
        for mask in case.masks.values():
            path_of(maker, mask).unlink()
    text = (maker.folder / "cohort.json").read_text()
    manifest = json.loads(text)
    for case in manifest["cases"]:
        del case["masks"]
    (maker.folder / "cohort.json").write_text(json.dumps(manifest))
    nib.save(nib.Nifti1Image(ct, None), path_of(maker, "images/p1.nii.gz"))
    affine = make_affine("LPS", (1, 1, 50), ct.shape)
    save_volume(path_of(maker, "images/p2.nii.gz"), ct, affine)
    said = "\n".join(notes(maker))
    assert "p1.nii.gz: states no orientation" in said
    assert "p1.nii.gz: has a spacing of exactly 1×1×1 mm" in said
    assert "p2.nii.gz: has an unusual spacing, 1×1×50 mm" in said
    assert problems(maker) == []


def reorient(path: Path, axcodes: str) -> None:
    """Store a volume with other array axes; where it lies in the world stays the same."""
    image = nib.load(path)
    wanted = nib.orientations.axcodes2ornt(tuple(axcodes))
    turn = nib.orientations.ornt_transform(nib.orientations.io_orientation(image.affine), wanted)
    turned = image.as_reoriented(turn)
    save_volume(path, np.asarray(turned.dataobj), turned.affine)


@pytest.mark.parametrize("axcodes", AXCODES)
def test_sides_are_judged_by_the_affine(maker: Any, axcodes: str) -> None:
    maker.add("right").add("swapped").save()
    left = path_of(maker, "masks/swapped_ventricle_left.nii.gz")
    right = path_of(maker, "masks/swapped_ventricle_right.nii.gz")
    left_bytes = left.read_bytes()
    left.write_bytes(right.read_bytes())
    right.write_bytes(left_bytes)
    for case in maker.cases:
        for name in case.files():
            reorient(path_of(maker, name), axcodes)
    report = check(maker.folder)
    assert report.cases["right"].facts["image"]["axcodes"] == axcodes
    assert report.cases["right"].facts["sides"] == {"ventricle_left": True, "ventricle_right": True}
    assert report.cases["swapped"].facts["sides"] == {
        "ventricle_left": False,
        "ventricle_right": False,
    }
    (problem,) = report.all_problems()
    assert "swapped.nii.gz: the left ventricle's mask lies on the patient's right of the" in problem


def only(maker: Any, *structures: str) -> None:
    """Take all other masks out of the manifest."""
    manifest = json.loads((maker.folder / "cohort.json").read_text())
    for case in manifest["cases"]:
        case["masks"] = {s: case["masks"][s] for s in structures}
    (maker.folder / "cohort.json").write_text(json.dumps(manifest))


def test_swap_is_found_without_a_midline(maker: Any) -> None:
    maker.add("p1").save()
    for name in ("left", "right"):
        change(path_of(maker, f"masks/p1_ventricle_{name}.nii.gz"), lambda v: v[::-1])
    only(maker, "ventricle_left", "ventricle_right")
    assert "right of the middle between both" in problems(maker)[0]


def test_one_ventricle_is_judged_by_the_head(maker: Any) -> None:
    maker.add("p1").add("p2").add("p3").save()
    change(path_of(maker, "masks/p1_ventricle_left.nii.gz"), lambda v: v[::-1])
    only(maker, "ventricle_left")
    assert problems(maker) == []  # of one case in three it may be mass effect
    assert (
        "ventricle_left lies 9 mm on the patient's right of the middle of the head"
        in (notes(maker)[0])
    )


def test_middle_of_the_head_is_found_where_air_is_cut_off(maker: Any, ct: np.ndarray) -> None:
    off_centre = np.full_like(ct, -1000)
    off_centre[:14] = ct[6:]
    affine = make_affine("LPS", (3.0, 3.0, 5.0), ct.shape)
    header = Header(ct.shape, affine, "int16", (3.0, 3.0, 5.0), "LPS", True)
    centre, cut = (HeadLook(v, header).centre for v in (off_centre, off_centre.clip(0, 255)))
    assert centre is not None and cut is not None
    np.testing.assert_allclose(cut, centre)
    assert centre[0] > 5


def test_ventricles_of_most_cases_on_the_wrong_side_are_a_problem(maker: Any) -> None:
    maker.add("p1").add("p2").add("p3").save()
    for case in ("p1", "p2"):
        change(path_of(maker, f"masks/{case}_ventricle_left.nii.gz"), lambda v: v[::-1])
    only(maker, "ventricle_left")
    assert "in 2 of 3 cases a ventricle lies on the wrong side" in problems(maker)[0]


def test_midline_of_a_turned_head_is_followed() -> None:
    # A midline that runs obliquely: at the ventricles' place it lies at x = 30.
    y = np.arange(-50.0, 51.0)
    midline = np.stack([y, y, np.zeros_like(y)], axis=1)
    centres = Centres(midline=midline)
    centres.structures = {
        "ventricle_left": np.array([20.0, 30.0, 0.0]),
        "ventricle_right": np.array([40.0, 30.0, 0.0]),
    }
    offsets, reference = side_offsets(centres)
    assert reference == "the midline"
    assert offsets == pytest.approx({"ventricle_left": 10, "ventricle_right": 10})


def test_records_that_are_not_utf8(maker: Any) -> None:
    for name in ("gb", "bom", "utf16", "rubbish", "blank", "damaged"):
        maker.add(name, ct=False, text="丘脑出血")
    maker.save()
    texts = {
        "gb": "丘脑出血".encode("gb18030"),
        "bom": b"\xef\xbb\xbf" + "丘脑出血".encode(),
        "utf16": "丘脑出血".encode("utf-16"),
        "rubbish": bytes(range(128, 255)),
        "blank": b" \n",
        "damaged": "丘脑\ufffd血".encode(),
    }
    for name, data in texts.items():
        path_of(maker, f"records/{name}.txt").write_bytes(data)
    report = check(maker.folder)
    for name, said in {
        "gb": "is GB18030 text, not UTF-8",
        "utf16": "is UTF-16 text",
        "rubbish": "is neither UTF-8 nor GB18030",
        "blank": "is empty",
    }.items():
        assert said in report.cases[name].problems[0]
    assert "byte order mark" in str(report.cases["bom"].notes[0])
    assert report.cases["bom"].problems == []
    assert "in an earlier conversion ('\ufffd'): 1." in str(report.cases["damaged"].notes[0])


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ("丘 B-SITE\n脑 E-SITE\n出 O\n", "ends after 3 characters, but the record has 4"),
        ("丘 B-SITE\n肺 E-SITE\n出 O\n血 O\n", "line 2: has '肺' where the record has '脑'"),
        ("丘 B-SITE x\n脑 E-SITE x\n出 O\n血 O\n", "line 1: has 3 columns"),
        ("丘\n脑\n出\n血\n", "holds no tags"),
        ("丘 B-SITE\n脑 X-SITE\n出 O\n血 O\n", "line 2: has the unknown tag 'X-SITE'"),
        ("", "is empty"),
    ],
)
def test_tags_that_do_not_fit(maker: Any, tags: str, said: str) -> None:
    maker.add("p1", ct=False, text="丘脑出血").save()
    path_of(maker, "records/p1.bioes").write_text(tags, encoding="utf-8")
    assert said in problems(maker)[0]


def test_illegal_order_of_tags_is_a_note_with_its_line(maker: Any) -> None:
    maker.add("p1", ct=False, text="丘脑出血").save()
    tags = "丘 B-SITE\n脑 I-SITE\n出 O\n血\n"
    path_of(maker, "records/p1.bioes").write_text(tags, encoding="utf-8")
    path_of(maker, "records/p1.bioes").write_text(tags.replace("出 O", "出 E-SYM"), "utf-8")
    said = "\n".join(notes(maker))
    assert problems(maker) == []
    assert "illegal tags (the first in line 2), repaired when read" in said
    assert "1 characters without a tag (the first in line 4), read as O" in said


def test_missing_manifest_and_leaving_path(command: Any, maker: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = command(main, tmp_path / "empty")
    assert result.exit_code == 1
    assert "the folder is empty" in result.stderr
    (tmp_path / "secret.txt").touch()
    manifest = {"cases": [{"id": "p1", "record": "../secret.txt"}]}
    (maker.folder / "cohort.json").write_text(json.dumps(manifest))
    result = command(main, maker.folder, "--json")
    assert result.exit_code == 1
    assert "leaves the cohort's folder" in result.stderr
    assert json.loads(result.stdout)["ok"] is False


def test_command_lists_all_problems(command: Any, maker: Any) -> None:
    maker.add("p1", text="丘脑出血").add("p[2]", text="丘脑出血").add("p3").save()
    path_of(maker, "images/p1.nii.gz").write_bytes(b"\r\n")
    path_of(maker, "records/p[2].txt").write_bytes(b"")
    result = command(main, maker.folder)
    assert result.exit_code == 1
    assert "a placeholder" in result.stderr
    assert "p[2].txt: is empty" in result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["p3", "20×16×4", "3×3×5", "LPS", "-1000..1200", "4", "–", "–"] in [r[:8] for r in rows]
    (broken,) = [row for row in rows if row[:1] == ["p[2]"]]
    assert broken[-2:] == ["✘", "1"]


def test_json_is_all_of_stdout(command: Any, maker: Any, tmp_path: Path) -> None:
    maker.add("p1", text="丘脑出血").save()
    result = command(main, maker.folder, "--json", "--output", tmp_path / "m" / "check.json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report == json.loads((tmp_path / "m" / "check.json").read_text(encoding="utf-8"))
    assert undescribed(CheckFile, report) == []
    assert report["ok"] is True
    assert report["counts"]["cases"] == 1
    assert report["cases"][0]["masks"]["midline"]["voxels"] == 16


def test_notes_of_many_cases_are_counted_and_their_ids_stand_in_the_file(
    command: Any, maker: Any, tmp_path: Path
) -> None:
    for number in range(3):
        maker.add(f"p{number}", text="丘脑出血")
    maker.save()
    for number in range(2):
        change(path_of(maker, f"masks/p{number}_hematoma.nii.gz"), lambda v: v * 255)
    path_of(maker, "records/p2.txt").write_text("丘脑出血\ufffd", encoding="utf-8")
    out = tmp_path / "check.json"
    said = command(main, maker.folder, "--output", out).stdout
    first = path_of(maker, "masks/p0_hematoma.nii.gz")
    assert f"Note: 2 of 3 cases (mask values), such as p0: {first}: is written with 0/255" in said
    assert f"Note: p2: {path_of(maker, 'records/p2.txt')}: holds characters damaged" in said
    assert f"Note: Each with its ids: {out}" in said
    report = json.loads(out.read_text(encoding="utf-8"))
    assert undescribed(CheckFile, report) == []
    assert report["notes"] == {"mask values": ["p0", "p1"], "damaged text": ["p2"]}
    (note,) = report["cases"][0]["notes"]
    assert (note["file"], note["kind"]) == (str(first), "mask values")


def test_order_of_cases_is_the_manifests_however_many_work(maker: Any) -> None:
    names = [f"p{i}" for i in range(12)]
    for name in names:
        maker.add(name, ct=False, text="丘脑出血")
    maker.save()
    assert list(check(maker.folder, workers=4).cases) == names


def test_interrupted_check_writes_nothing(
    command: Any, maker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ctrl_c: Any
) -> None:
    maker.add("p1").save()
    monkeypatch.setattr("cohort.check.check_case", ctrl_c)
    result = command(main, maker.folder, "--output", tmp_path / "check.json")
    assert result.exit_code == 130
    assert not (tmp_path / "check.json").exists()
