from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cohort.base.errors import DataError
from cohort.check import check
from cohort.import_hich_it import import_hich_it, main
from cohort.importing.hich_it import exact_type
from cohort.schema.manifest import Cohort
from cohort.space.file_types import read_volume
from cohort.space.tensors import read_tensor
from cohort.tags.tag_file import read_bioes

CLASSES = {
    "Hematoma": "hematoma",
    "Brain middle": "midline",
    "Left lateral ventricle": "ventricle_left",
    "Right lateral ventricle": "ventricle_right",
}
TAG_FILE = "左 B-LOC\r\n侧 E-LOC\r\n  O\r\n头 O\r\n痛 S-SYM\r\n"


def slice_of(k: int) -> torch.Tensor:
    """Return slice k of a small CT: each value tells row, column and slice."""
    rows, columns = torch.meshgrid(torch.arange(6), torch.arange(5), indexing="ij")
    return (100.0 * k + 10 * rows + columns - 1024).to(torch.float64)[None]


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """Return a tree in HICH-IT's layout with slices 2 to 11."""
    folder = tmp_path / "Datasets"
    for place, name in enumerate(CLASSES):
        for k in range(2, 12):
            mask = torch.zeros(1, 6, 5, dtype=torch.float64)
            mask[0, place + 1, k % 5] = 1
            for kind, tensor in (("Original_image", slice_of(k)), ("Feature_image", mask)):
                path = folder / "Image" / name / kind / f"slice_{k}.pt"
                path.parent.mkdir(parents=True, exist_ok=True)
                torch.save(tensor, path)
        (folder / "Image" / name / "Image1.nii.gz").write_bytes(b"\r\n")
    (folder / "Text").mkdir()
    (folder / "Text" / "Example.txt").write_bytes(TAG_FILE.encode())
    torch.save(torch.zeros(1, 4, 8), folder / "Text" / "tensor1.pt")
    return folder


def problems_of(datasets: Path, out: Path, **options: Any) -> str:
    with pytest.raises(DataError) as error:
        import_hich_it(datasets, out, **options)
    assert not out.exists()
    assert sorted(path.name for path in out.parent.iterdir()) == [datasets.name]
    return str(error.value)


def test_volumes_are_exact_and_slices_in_numeric_order(datasets: Path, tmp_path: Path) -> None:
    import_hich_it(datasets, tmp_path / "out")
    cohort = Cohort.load(tmp_path / "out")
    case = cohort.with_image[0]
    voxels, header = read_volume(cohort.path(str(case.image)))
    expected = np.stack([slice_of(k)[0].numpy() for k in range(2, 12)], axis=-1)
    assert header.dtype == "int16"
    assert np.array_equal(voxels, expected)
    assert header.axcodes == "LPS"
    assert header.spacing == pytest.approx((0.45, 0.45, 5))
    for place, structure in enumerate(CLASSES.values()):
        mask, mask_header = read_volume(cohort.path(case.masks[structure]))
        assert mask_header.dtype == "uint8"
        assert np.argwhere(mask).tolist() == sorted([place + 1, k % 5, k - 2] for k in range(2, 12))


def test_record_and_tags_are_written(datasets: Path, tmp_path: Path) -> None:
    import_hich_it(datasets, tmp_path / "out")
    case = Cohort.load(tmp_path / "out").with_record[0]
    assert case.id == "Example"
    assert case.image is None
    text = (tmp_path / "out" / str(case.record)).read_text(encoding="utf-8")
    assert text == "左侧 头痛"
    tags = read_bioes(tmp_path / "out" / str(case.tags), text)
    assert tags == ["B-LOC", "E-LOC", "O", "O", "S-SYM"]


def test_pair_makes_one_case(datasets: Path, tmp_path: Path) -> None:
    import_hich_it(datasets, tmp_path / "out", pair=True)
    (case,) = Cohort.load(tmp_path / "out").cases
    assert case.image and case.record and case.tags and len(case.masks) == 4


def test_pair_needs_one_of_each(datasets: Path, tmp_path: Path) -> None:
    (datasets / "Text" / "Second.txt").write_bytes(TAG_FILE.encode())
    assert "needs one record; there are 2" in problems_of(datasets, tmp_path / "out", pair=True)
    shutil.rmtree(datasets / "Text")
    assert "needs a CT and a record" in problems_of(datasets, tmp_path / "out", pair=True)


def test_documents_of_one_file_become_a_case_each(datasets: Path, tmp_path: Path) -> None:
    (datasets / "Text" / "Example.txt").write_text("头 O\n痛 S-SYM\n\n左 S-LOC\n", encoding="utf-8")
    import_hich_it(datasets, tmp_path / "out")
    ids = [case.id for case in Cohort.load(tmp_path / "out").with_record]
    assert ids == ["Example_001", "Example_002"]


def test_output_states_assumptions_and_what_is_left_out(
    command: Any, datasets: Path, tmp_path: Path
) -> None:
    result = command(main, datasets, tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    for said in (
        "2 cases, 1 with a CT, 1 with a record",
        "slices 2 to 11",
        "Assumed: spacing 0.45×0.45×5 mm",
        "tensors hold none",
        "different patients'",
        "Left out: 4 × Image1.nii.gz (2 bytes, a placeholder)",
        "Left out: 1 × tensor1.pt",
    ):
        assert said in result.stdout
    provenance = Cohort.load(tmp_path / "out").provenance
    assert "0.45×0.45×5 mm" in provenance["assumptions"][0]
    assert len(provenance["left_out"]) == 5


def test_spacing_and_axcodes_are_the_users(command: Any, datasets: Path, tmp_path: Path) -> None:
    options = ["--spacing", "0.5", "0.6", "4", "--axcodes", "ras"]
    result = command(main, datasets, tmp_path / "out", *options)
    assert result.exit_code == 0, result.stderr
    assert "spacing 0.5×0.6×4 mm, as you said" in result.stdout
    cohort = Cohort.load(tmp_path / "out")
    _, header = read_volume(cohort.path(str(cohort.with_image[0].image)))
    assert header.axcodes == "RAS"
    assert header.spacing == pytest.approx((0.5, 0.6, 4))


@pytest.mark.parametrize(
    "options",
    [["--spacing", "0", "1", "1"], ["--spacing", "nan", "1", "1"], ["--axcodes", "LLS"],
     ["--axcodes", "LP"], ["--axcodes", "XYZ"], ["--spacing", "1", "1"]],
)  # fmt: skip
def test_options_that_cannot_be(
    command: Any, datasets: Path, tmp_path: Path, options: list[str]
) -> None:
    assert command(main, datasets, tmp_path / "out", *options).exit_code == 2
    assert not (tmp_path / "out").exists()


def test_class_folders_are_known_in_other_writing(datasets: Path, tmp_path: Path) -> None:
    image = datasets / "Image"
    (image / "Left lateral ventricle").rename(image / "left_lateral  Ventricle")
    (image / "Hematoma").rename(image / "HEMATOMA")
    import_hich_it(datasets, tmp_path / "out")
    assert len(Cohort.load(tmp_path / "out").with_image[0].masks) == 4


def test_class_without_folder_is_not_annotated(datasets: Path, tmp_path: Path) -> None:
    shutil.rmtree(datasets / "Image" / "Brain middle")
    imported = import_hich_it(datasets, tmp_path / "out")
    assert any("not annotated: midline" in fact for fact in imported.facts)
    cohort = Cohort.load(tmp_path / "out")
    assert "midline" not in cohort.structures
    assert "midline" not in cohort.with_image[0].masks


def test_missing_slices_are_named(datasets: Path, tmp_path: Path) -> None:
    for kind in ("Original_image", "Feature_image"):
        for name in CLASSES:
            (datasets / "Image" / name / kind / "slice_5.pt").unlink()
    (datasets / "Image" / "Hematoma" / "Feature_image" / "slice_9.pt").unlink()
    said = problems_of(datasets, tmp_path / "out")
    assert said.count("slices missing in the numbering 2 to 11: 5") == 8
    assert "slices missing in the numbering 2 to 11: 5, 9" in said


def test_slice_of_another_numbering_is_said_in_a_sentence(datasets: Path, tmp_path: Path) -> None:
    ct = datasets / "Image" / "Hematoma" / "Original_image"
    shutil.copy(ct / "slice_2.pt", ct / "slice_20240101120000.pt")
    problems = problems_of(datasets, tmp_path / "out")
    assert "missing in the numbering 2 to 20240101120000: 12, 13, 14, " in problems
    assert "31 and 20240101119968 more; a volume needs each" in problems
    assert len(problems) < 3000


def test_records_whose_names_cannot_be_ids_are_refused(datasets: Path, tmp_path: Path) -> None:
    (datasets / "Text" / "a:b.txt").write_bytes(TAG_FILE.encode())
    assert "the id 'a:b' cannot name a file" in problems_of(datasets, tmp_path / "out")
    (datasets / "Text" / "a:b.txt").rename(datasets / "Text" / "hich-it-ct.txt")
    assert "two cases are called 'hich-it-ct'" in problems_of(datasets, tmp_path / "out")


def test_other_names_and_folders_are_said_at_once(datasets: Path, tmp_path: Path) -> None:
    image = datasets / "Image"
    (image / "Tumour").mkdir()
    (image / "hematoma ").mkdir()
    shutil.rmtree(image / "Brain middle" / "Original_image")
    folder = image / "Hematoma" / "Feature_image"
    (folder / "slice_2.pt").rename(folder / "first.pt")
    shutil.copy(folder / "slice_3.pt", folder / "slice_03.pt")
    said = problems_of(datasets, tmp_path / "out")
    for sentence in (
        "Tumour: is not a class of HICH-IT's",
        "is the same class as",
        "Original_image: no such folder",
        "first.pt: is not named slice_<number>.pt",
        "slice_3.pt: has the same number as slice_03.pt",
    ):
        assert sentence in said


def test_another_ct_in_a_class_folder_is_refused(datasets: Path, tmp_path: Path) -> None:
    path = datasets / "Image" / "Brain middle" / "Original_image" / "slice_4.pt"
    tensor = slice_of(4)
    tensor[0, 3, 3] += 1
    torch.save(tensor, path)
    assert f"{path}: is another CT than" in problems_of(datasets, tmp_path / "out")


class RunsCode:
    """A pickle that makes a folder when it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_pickle_that_runs_code_is_refused(command: Any, datasets: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    path = datasets / "Image" / "Hematoma" / "Original_image" / "slice_3.pt"
    torch.save(RunsCode(ran), path)
    result = command(main, datasets, tmp_path / "out")
    assert result.exit_code == 1
    assert "can run code when read, so it was not read" in result.stderr
    assert "slice_3.pt" in result.stderr
    assert not ran.exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"a": torch.zeros(1, 6, 5)}, "holds a dict, not a tensor"),
        ([1, 2], "holds a list, not a tensor"),
        (torch.zeros(2, 6, 5), "has the shape [2, 6, 5], not [1, rows, columns]"),
        (torch.zeros(1, 6, 4, dtype=torch.float64), "is another CT than"),
        (torch.zeros(1, 6, 5, dtype=torch.complex64), "plain numbers are needed"),
        (torch.full((1, 6, 5), torch.nan), "NaN or infinite"),
    ],
)
def test_tensor_that_is_no_slice(datasets: Path, tmp_path: Path, value: Any, reason: str) -> None:
    torch.save(value, datasets / "Image" / "Hematoma" / "Original_image" / "slice_3.pt")
    assert reason in problems_of(datasets, tmp_path / "out")


@pytest.mark.parametrize("data", [b"", b"hello world", b"\x80\x02}q."])
def test_rubbish_is_no_tensor(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.pt").write_bytes(data)
    with pytest.raises(DataError, match="is damaged, or no .pt file"):
        read_tensor(tmp_path / "a.pt")


def test_truncated_tensor_is_damaged(datasets: Path, tmp_path: Path) -> None:
    path = datasets / "Image" / "Hematoma" / "Feature_image" / "slice_3.pt"
    path.write_bytes(path.read_bytes()[:300])
    assert "slice_3.pt: is damaged" in problems_of(datasets, tmp_path / "out")


def test_mask_values(datasets: Path, tmp_path: Path) -> None:
    folder = datasets / "Image" / "Hematoma" / "Feature_image"
    for path in folder.iterdir():
        torch.save(torch.load(path, weights_only=True) * 255, path)
    imported = import_hich_it(datasets, tmp_path / "out")
    assert any("0 and 255, read as 0 and 1: hematoma" in fact for fact in imported.facts)
    voxels, _ = read_volume(imported.cohort.path(imported.cohort.with_image[0].masks["hematoma"]))
    assert np.unique(voxels).tolist() == [0, 1]
    shutil.rmtree(tmp_path / "out")
    torch.save(slice_of(2), folder / "slice_2.pt")
    assert "a mask has 0 and 1" in problems_of(datasets, tmp_path / "out")


def test_mask_of_another_shape_is_refused(datasets: Path, tmp_path: Path) -> None:
    torch.save(
        torch.zeros(1, 5, 6), datasets / "Image" / "Hematoma" / "Feature_image" / "slice_2.pt"
    )
    assert "slice_2.pt: is 5×6, the first CT slice 6×5" in problems_of(datasets, tmp_path / "out")


@pytest.mark.parametrize(
    ("values", "dtype"),
    [([-1024, 3071], np.int16), ([-1024, 40000], np.int32), ([0.5, -7.25], np.float32),
     ([0.1, 1 / 3], np.float64)],
)  # fmt: skip
def test_hu_are_never_rounded(values: list[float], dtype: type) -> None:
    exact = exact_type(np.array(values))
    assert exact.dtype == dtype
    assert exact.tolist() == values


def test_tag_files_that_are_none_are_refused_together(datasets: Path, tmp_path: Path) -> None:
    (datasets / "Text" / "Example.txt").write_text("头 O extra\n痛 O x\n", encoding="utf-8")
    (datasets / "Text" / "Plain.txt").write_text("主诉：头痛三天。\n", encoding="utf-8")
    (datasets / "Text" / "Utf16.txt").write_text(TAG_FILE, encoding="utf-16")
    said = problems_of(datasets, tmp_path / "out")
    assert "Example.txt, line 1: has 3 columns" in said
    assert "Plain.txt" in said and "no tags" in said
    assert "Utf16.txt: is UTF-16" in said


def test_folders_that_are_none(datasets: Path, tmp_path: Path) -> None:
    (datasets / "empty").mkdir()
    with pytest.raises(DataError, match="no such folder"):
        import_hich_it(datasets / "none", tmp_path / "out")
    with pytest.raises(DataError, match="holds neither Image/<class> nor Text"):
        import_hich_it(datasets / "empty", tmp_path / "out")
    with pytest.raises(DataError, match="did you mean .*Datasets"):
        import_hich_it(tmp_path, tmp_path.parent / "out")
    with pytest.raises(DataError, match="would be replaced"):
        import_hich_it(datasets, tmp_path)
    assert not (tmp_path / "out").exists()


def test_half_of_the_tree_is_enough(datasets: Path, tmp_path: Path) -> None:
    shutil.rmtree(datasets / "Image")
    imported = import_hich_it(datasets, tmp_path / "text")
    assert [case.id for case in imported.cohort.cases] == ["Example"]
    assert imported.assumptions == []


@pytest.mark.parametrize("failure", ["disk_full", "ctrl_c"])
def test_interrupted_import_leaves_nothing(
    command: Any, datasets: Path, tmp_path: Path, failure: str,
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("cohort.space.nifti.volume.save_volume", request.getfixturevalue(failure))
    result = command(main, datasets, tmp_path / "out")
    assert result.exit_code == (1 if failure == "disk_full" else 130)
    assert [path.name for path in tmp_path.iterdir()] == ["Datasets"]


def test_published_files_come_through_exactly(shared_data: Path, tmp_path: Path) -> None:
    datasets = shared_data / "hich-it-mini" / "Datasets"
    if not datasets.is_dir():
        pytest.skip("no HICH-IT files in ../shared/data")
    imported = import_hich_it(datasets, tmp_path / "out")
    cohort = Cohort.load(tmp_path / "out")
    case = cohort.with_image[0]
    voxels, header = read_volume(cohort.path(str(case.image)))
    assert voxels.shape == (512, 512, 3)
    assert header.dtype == "int16"
    centres = {}
    for name, structure in CLASSES.items():
        mask, mask_header = read_volume(cohort.path(case.masks[structure]))
        for k in range(3):
            folder = datasets / "Image" / name
            hu = torch.load(folder / "Original_image" / f"slice_{k}.pt", weights_only=True)
            true = torch.load(folder / "Feature_image" / f"slice_{k}.pt", weights_only=True)
            assert np.array_equal(voxels[..., k], hu[0].numpy())
            assert np.array_equal(mask[..., k], true[0].numpy())
        centres[structure] = mask_header.affine @ [*np.argwhere(mask).mean(axis=0), 1]
    # In RAS+, x grows toward the patient's right, where this patient bleeds.
    x = {structure: centre[0] for structure, centre in centres.items()}
    assert x["ventricle_left"] < x["midline"] < x["ventricle_right"]
    assert x["hematoma"] > x["midline"]
    assert len(imported.left_out) == 5
    text = (tmp_path / "out" / "records" / "Example.txt").read_text(encoding="utf-8")
    assert text.startswith("76岁女性，主诉：“突发右侧肢体无力4+小时”；  现病史")
    report = check(tmp_path / "out")
    assert report.all_problems() == []
    assert report.cases["hich-it-ct"].facts["sides"] == {
        "ventricle_left": True,
        "ventricle_right": True,
    }
