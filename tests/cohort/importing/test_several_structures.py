"""Files that hold several structures: label maps, 3D Slicer's segmentations, nnU-Net's datasets."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError, UsageError
from cohort.check import check
from cohort.import_files import ImportedFiles, import_files, main
from cohort.importing.named_labels import named_labels
from cohort.schema.manifest import Cohort
from cohort.space.affine import make_affine
from cohort.space.file_types import files_of, read_volume
from cohort.space.grid import Grid
from cohort.space.label_maps import INTENT, label_map
from cohort.space.masks import read_mask_volume
from cohort.space.nifti.volume import save_volume
from cohort.space.nrrd.segments import write_segmentation
from cohort.space.nrrd.volume import save_volume as save_nrrd
from cohort.space.nrrd.volume import write_file
from hich.project.data import SCANS, note

Masks = dict[str, NDArray[np.uint8]]
AXCODES = {"p1": "LPS", "p2": "SAR"}
LABELS = {"1": "hematoma", "2": "midline", "3": "ventricle_left", "4": "ventricle_right"}


@pytest.fixture
def drawn(ct: NDArray, structure_masks: Masks) -> Callable[[str], tuple[NDArray, Masks, Grid]]:
    """Return a function that returns a case's CT, its masks, and their grid."""

    def draw(case: str) -> tuple[NDArray, Masks, Grid]:
        codes = AXCODES.get(case, "LPS")
        order = {"LPS": (0, 1, 2), "SAR": (2, 1, 0)}[codes]
        flips = {"LPS": (), "SAR": (1, 2)}[codes]

        def turned(volume: NDArray) -> NDArray:
            return np.flip(volume.transpose(order), flips)

        number = int(case[1:]) if case[1:].isdecimal() else 0
        image = turned(np.where(ct == 35, 35 + number, ct).astype(np.int16))
        spacing = tuple(np.array([3.0, 3.0, 5.0])[list(order)])
        affine = make_affine(codes, spacing, image.shape)  # type: ignore[arg-type]
        masks = {name: turned(mask) for name, mask in structure_masks.items()}
        # The bleed lies over the right ventricle.
        masks["hematoma"] = masks["hematoma"] | masks["ventricle_right"] * (masks["midline"] == 0)
        i, j, k = image.shape
        return image, masks, Grid((i, j, k), affine)

    return draw


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: Any) -> Path:
    """Return a folder with CTs, label maps and segmentations, which is the current one."""
    folder = tmp_path / "data"
    monkeypatch.chdir(tmp_path)
    for case in ("p1", "p2"):
        image, masks, grid = drawn(case)
        save_volume(folder / f"ct/{case}.nii.gz", image, grid.affine)
        found = label_map(masks)
        save_volume(folder / f"maps/{case}_labels.nii.gz", found.labels, grid.affine)
        beside = nib.Nifti1Image(found.bits, grid.affine)
        beside.header.set_intent("none", name=INTENT)
        nib.save(beside, folder / f"maps/{case}_labels.hidden.nii.gz")
        (folder / "seg").mkdir(exist_ok=True)
        write_segmentation(folder / f"seg/{case}.seg.nrrd", masks, grid)
    monkeypatch.chdir(folder)
    return folder


def masks_of(cohort: Cohort, case_id: str) -> Masks:
    (case,) = [case for case in cohort.cases if case.id == case_id]
    _, header = read_volume(cohort.path(case.image or ""))
    return {
        name: read_mask_volume(cohort.path(path), header.grid)[0]
        for name, path in case.masks.items()
    }


def assert_as_drawn(imported: ImportedFiles, drawn: Any, names: tuple[str, ...] = ()) -> None:
    cohort = Cohort.load(imported.cohort.folder)
    for case in ("p1", "p2"):
        expected = drawn(case)[1]
        found = masks_of(cohort, case)
        assert set(found) == set(names or expected)
        for name, mask in found.items():
            assert np.array_equal(mask, expected[name]), (case, name)


@pytest.mark.parametrize("copy", [False, True])
def test_label_maps(data: Path, tmp_path: Path, drawn: Any, copy: bool) -> None:
    imported = import_files(
        tmp_path / "out",
        "ct/*.nii.gz",
        label_maps="maps/*_labels.nii.gz",
        labels=LABELS,
        copy=copy,
    )
    case = imported.cohort.cases[0]
    assert case.masks["midline"] == "masks/p1_labels.nii.gz/label=2"
    assert (tmp_path / "out/masks/p1_labels.nii.gz").is_symlink() is not copy
    # What one structure hides of another comes along.
    assert (tmp_path / "out/masks/p1_labels.hidden.nii.gz").is_file()
    assert imported.left_out == []
    assert "masks of hematoma: 2 of 2 CTs" in imported.facts
    assert_as_drawn(imported, drawn)
    if copy:
        (tmp_path / "data").rename(tmp_path / "gone")
        assert_as_drawn(imported, drawn)


def test_a_wide_glob_takes_no_hidden_voxels_for_a_case(data: Path, tmp_path: Path) -> None:
    maps = import_files(tmp_path / "out", "ct/*.nii.gz", label_maps="maps/*", labels=LABELS)
    assert maps.left_out == [] and len(maps.cohort.cases) == 2
    (data / "maps/p1_labels.nii.gz").unlink()
    maps = import_files(tmp_path / "out", "ct/*.nii.gz", label_maps="maps/*", labels=LABELS)
    (left,) = maps.left_out
    assert left[0].name == "p1_labels.hidden.nii.gz"
    assert left[1] == "--label-maps: keeps what a label map hides, which is not beside it"


def test_a_union_of_labels_and_a_label_that_a_map_lacks(
    data: Path, tmp_path: Path, drawn: Any
) -> None:
    labels = {"3+4": "ventricle_left", "9": "hematoma"}
    imported = import_files(
        tmp_path / "out", "ct/*.nii.gz", label_maps="maps/*_labels.nii.gz", labels=labels
    )
    found = masks_of(Cohort.load(tmp_path / "out"), "p2")
    expected = label_map(drawn("p2")[1]).labels
    assert np.array_equal(found["ventricle_left"], expected >= 3)
    assert not found["hematoma"].any()
    assert imported.cohort.structures == ("hematoma", "ventricle_left")


def test_segmentations(data: Path, tmp_path: Path, drawn: Any) -> None:
    imported = import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")
    case = imported.cohort.cases[1]
    assert case.masks["midline"] == "masks/p2.seg.nrrd/segment=midline"
    assert "segments 'Hematoma' read as hematoma: 2" in imported.facts
    assert_as_drawn(imported, drawn)


def rename(path: Path, **names: str) -> None:
    """Rename segments as somebody does in 3D Slicer; what has a name has an id, too."""
    content = path.read_bytes()
    for number, name in names.items():
        for key in ("ID", "Name"):
            start = content.index(f"Segment{number[1:]}_{key}:=".encode())
            end = content.index(b"\n", start)
            new = f"Segment_{number[1:]}" if key == "ID" else name
            line = f"Segment{number[1:]}_{key}:={new}".encode()
            content = content[:start] + line + content[end:]
    path.write_bytes(content)


def test_segments_by_name_in_chinese_and_by_option(data: Path, tmp_path: Path, drawn: Any) -> None:
    for case in ("p1", "p2"):
        rename(data / f"seg/{case}.seg.nrrd", n0="血肿", n1="Falx", n2="左侧脑室", n3="Ödem")
    imported = import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")
    assert imported.cohort.cases[0].masks == {
        "hematoma": "masks/p1.seg.nrrd/segment=Segment_0",
        "ventricle_left": "masks/p1.seg.nrrd/segment=Segment_2",
    }
    assert (
        "segments not read, since they name no structure: 'Falx' (2 files), 'Ödem' (2 files); "
        "--segments NAME=STRUCTURE says which one is what"
    ) in imported.facts
    assert_as_drawn(imported, drawn, ("hematoma", "ventricle_left"))
    imported = import_files(
        tmp_path / "out",
        "ct/*.nii.gz",
        segmentations="seg/*.seg.nrrd",
        segments={"falx": "midline", "Segment_3": "ventricle_right"},
    )
    assert_as_drawn(imported, drawn)


def test_a_segment_that_was_renamed_into_another_structure_is_asked_for(
    data: Path, tmp_path: Path
) -> None:
    for case in ("p1", "p2"):
        path = data / f"seg/{case}.seg.nrrd"
        content = path.read_bytes()
        start = content.index(b"Segment0_Name:=")  # its id stays: hematoma
        end = content.index(b"\n", start)
        path.write_bytes(content[:start] + b"Segment0_Name:=Edema" + content[end:])
    with pytest.raises(DataError, match="'Edema' was hematoma before it was renamed; say what"):
        import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")
    asked = {"segmentations": "seg/*.seg.nrrd", "segments": {"Edema": "edema"}}
    imported = import_files(tmp_path / "out", "ct/*.nii.gz", **asked)
    assert "edema" in imported.cohort.structures and "hematoma" not in imported.cohort.structures


def test_a_segmentation_that_slicer_cut_is_checked_on_its_image(
    data: Path, tmp_path: Path, drawn: Any
) -> None:
    _, masks, grid = drawn("p2")
    start = (1, 5, 4)
    affine = grid.affine.copy()
    affine[:3, 3] = grid.to_mm(np.array(start))
    part = np.stack([masks["hematoma"][1:3, 5:14, 4:18]])
    assert part.sum() == masks["hematoma"].sum()
    write_file(
        data / "seg/p2.seg.nrrd",
        part,
        Grid((2, 9, 14), affine),
        {"Segment0_ID": "Segment_1", "Segment0_Name": "ICH", "Segment0_LabelValue": "1"},
    )
    import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")
    cohort = Cohort.load(tmp_path / "out")
    assert np.array_equal(masks_of(cohort, "p2")["hematoma"], masks["hematoma"])
    facts = check(tmp_path / "out").cases["p2"].facts["masks"]
    assert facts["hematoma"]["voxels"] == masks["hematoma"].sum()


def test_a_mask_option_takes_a_segmentation(data: Path, tmp_path: Path, drawn: Any) -> None:
    imported = import_files(tmp_path / "out", "ct/*.nii.gz", masks={"midline": "seg/*.seg.nrrd"})
    assert imported.cohort.cases[0].masks == {"midline": "masks/p1.seg.nrrd/segment=midline"}
    assert_as_drawn(imported, drawn, ("midline",))
    rename(data / "seg/p1.seg.nrrd", n1="Falx")
    with pytest.raises(DataError, match="has no segment 'midline'; it has"):
        import_files(tmp_path / "out", "ct/*.nii.gz", masks={"midline": "seg/*.seg.nrrd"})


def test_what_cannot_be_told_of_segments_is_said(data: Path, tmp_path: Path) -> None:
    rename(data / "seg/p1.seg.nrrd", n0="ICH", n1="血肿", n2="a", n3="b")
    with pytest.raises(DataError, match="both 'ICH' and '血肿' may be hematoma"):
        import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")
    rename(data / "seg/p1.seg.nrrd", n0="c", n1="d")
    imported = import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")
    assert imported.left_out == [
        (Path("seg/p1.seg.nrrd"), "--segmentations: none of its segments names a structure")
    ]
    (data / "seg/p2.seg.nrrd").write_bytes(b"NRRD0004\ntype: uchar\n\n")
    with pytest.raises(DataError, match="seg/p2.seg.nrrd: its header is damaged"):
        import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")


def test_one_structure_from_two_files_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="are both the hematoma of case 'p1'"):
        import_files(
            tmp_path / "out",
            "ct/*.nii.gz",
            label_maps="maps/*_labels.nii.gz",
            labels={"1": "hematoma"},
            segmentations="seg/*.seg.nrrd",
        )


def test_nrrd_scans_are_imported(data: Path, tmp_path: Path, drawn: Any) -> None:
    for case in ("p1", "p2"):
        image, _, grid = drawn(case)
        save_nrrd(data / f"seg/{case}.nrrd", image, grid)
    # One glob names CTs and segmentations: these are no scans.
    imported = import_files(tmp_path / "out", "seg/*.nrrd", segmentations="seg/*.seg.nrrd")
    assert [case.image for case in imported.cohort.cases] == ["images/p1.nrrd", "images/p2.nrrd"]
    assert imported.left_out == []
    assert_as_drawn(imported, drawn)
    only = import_files(tmp_path / "only", "seg/*.nrrd")
    assert {why for _, why in only.left_out} == {
        "--images: no .dcm, .ima, .nii, .nii.gz, .nrrd or .zip"
    }
    assert len(only.cohort.cases) == 2


def test_the_command(data: Path, tmp_path: Path, command: Any) -> None:
    end = command(
        main,
        tmp_path / "out",
        "--images",
        "ct/*.nii.gz",
        "--label-maps",
        "maps/*_labels.nii.gz",
        "--labels",
        "1=血肿,2=midline",
    )
    assert end.exit_code == 0, end.stderr
    manifest = json.loads((tmp_path / "out/cohort.json").read_text("utf-8"))
    assert manifest["provenance"]["labels"] == {"1": "hematoma", "2": "midline"}
    assert manifest["structures"] == ["hematoma", "midline"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--images", "ct/*", "--label-maps", "maps/*"], "--label-maps needs --labels"),
        (["--images", "ct/*", "--labels", "1=hematoma"], "--labels is for --label-maps"),
        (["--images", "ct/*", "--segments", "a=hematoma"], "--segments is for --segmentations"),
        (["--segmentations", "seg/*"], "--segmentations needs --images"),
        (["--label-maps", "maps/*", "--labels", "1=midline"], "--label-maps needs --images"),
        (["--nnunet", "x", "--images", "ct/*"], "images and masks of its own"),
        (["--nnunet", "x", "--segmentations", "seg/*"], "leave out --segmentations"),
        (["--images", "ct/*", "--label-maps", "m/*", "--labels", "1=liver"], "is not a structure"),
        (["--images", "ct/*", "--label-maps", "m/*", "--labels", "hematoma"], "write what is"),
        (["--images", "ct/*", "--label-maps", "m/*", "--labels", "x=midline"], "is not a label"),
        (["--images", "ct/*", "--label-maps", "m/*", "--labels", "0=midline"], "the label 0"),
        (
            ["--images", "c/*", "--label-maps", "m/*", "--labels", "1=midline,2=midline"],
            "said twice",
        ),
    ],
)
def test_options_that_do_not_go_together(
    data: Path, tmp_path: Path, command: Any, options: list[str], said: str
) -> None:
    end = command(main, tmp_path / "out", *options)
    assert end.exit_code == 2
    assert said in " ".join(end.stderr.split())


def test_names_of_structures_may_be_synonyms() -> None:
    assert named_labels("--labels", "ICH = haematoma") == {"ICH": "hematoma"}
    with pytest.raises(UsageError, match="write what is which structure"):
        named_labels("--labels", "1=")


def test_addresses_have_fingerprints(data: Path, tmp_path: Path, monkeypatch: Any) -> None:
    import_files(tmp_path / "out", "ct/*.nii.gz", label_maps="maps/*_labels.nii.gz", labels=LABELS)
    monkeypatch.chdir(tmp_path)
    assert note(Path("out")) == 6  # two CTs, two label maps, what these hide
    noted = json.loads(SCANS.read_text("utf-8"))
    assert "out/masks/p1_labels.nii.gz" in noted and None not in noted.values()
    before = noted["out/masks/p1_labels.hidden.nii.gz"]
    beside = data / "maps/p1_labels.hidden.nii.gz"
    beside.write_bytes(beside.read_bytes() + bytes(512))
    note(Path("out"))
    assert json.loads(SCANS.read_text("utf-8"))["out/masks/p1_labels.hidden.nii.gz"] != before


def test_a_manifest_with_a_part_of_a_file_that_is_missing(data: Path, tmp_path: Path) -> None:
    import_files(tmp_path / "out", "ct/*.nii.gz", segmentations="seg/*.seg.nrrd")
    (tmp_path / "out/masks/p1.seg.nrrd").unlink()
    with pytest.raises(DataError, match="the file 'masks/p1.seg.nrrd/segment=hematoma' is missing"):
        Cohort.load(tmp_path / "out")


# nnU-Net


def write_nnunet(
    folder: Path, drawn: Any, dataset: dict[str, Any], ending: str = ".nii.gz"
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps(dataset), "utf-8")
    for case in ("p1", "p2", "p3"):
        image, masks, grid = drawn(case)
        part = "Ts" if case == "p3" else "Tr"
        labels = label_map(masks).labels
        for path, volume in (
            (folder / f"images{part}/{case}_0000{ending}", image),
            (folder / f"labels{part}/{case}{ending}", labels),
        ):
            if case == "p3" and "labels" in path.parent.name:
                continue
            if ending == ".nrrd":
                path.parent.mkdir(exist_ok=True)
                save_nrrd(path, volume, grid)
            else:
                save_volume(path, volume, grid.affine)


VERSION_2 = {
    "channel_names": {"0": "CT"},
    "labels": {"background": 0, "ICH": 1, "midline": 2, "whole": [3, 4], "SAH": 5},
    "numTraining": 2,
    "file_ending": ".nii.gz",
}


@pytest.mark.parametrize("ending", [".nii.gz", ".nrrd"])
def test_nnunet_of_version_2(tmp_path: Path, drawn: Any, ending: str) -> None:
    dataset = {**VERSION_2, "file_ending": ending, "regions_class_order": [1, 2, 3]}
    write_nnunet(tmp_path / "Dataset001_ICH", drawn, dataset, ending)
    imported = import_files(tmp_path / "out", nnunet=tmp_path / "Dataset001_ICH")
    assert [case.id for case in imported.cohort.cases] == ["p1", "p2", "p3"]
    assert imported.cohort.structures == ("hematoma", "midline")
    one, _, three = imported.cohort.cases
    assert one.image == f"images/p1{ending}"
    assert one.masks["hematoma"] == f"masks/p1_labels{ending}/label=1"
    assert three.masks == {}
    assert (
        "labels not read: whole, SAH; --labels NAME=STRUCTURE says which are what" in imported.facts
    )
    assert "label 'ICH' (1) read as hematoma" in imported.facts
    cohort = Cohort.load(tmp_path / "out")
    expected = label_map(drawn("p2")[1]).labels
    for name, label in (("hematoma", 1), ("midline", 2)):
        assert np.array_equal(masks_of(cohort, "p2")[name], expected == label)


def test_nnunet_regions_and_labels_by_name_and_number(tmp_path: Path, drawn: Any) -> None:
    write_nnunet(tmp_path / "raw", drawn, VERSION_2)
    imported = import_files(
        tmp_path / "out",
        nnunet=tmp_path / "raw",
        labels={"whole": "ventricle_left", "1": "hematoma"},
    )
    assert imported.cohort.cases[0].masks == {
        "hematoma": "masks/p1_labels.nii.gz/label=1",
        "ventricle_left": "masks/p1_labels.nii.gz/label=3+4",
    }
    found = masks_of(Cohort.load(tmp_path / "out"), "p1")["ventricle_left"]
    assert np.array_equal(found, label_map(drawn("p1")[1]).labels >= 3)


def test_nnunet_of_version_1_and_the_decathlon(tmp_path: Path, drawn: Any) -> None:
    dataset = {
        "modality": {"0": "CT"},
        "labels": {"0": "background", "1": "hemorrhage", "2": "Brain midline"},
        "numTraining": 9,
        "training": [],
    }
    write_nnunet(tmp_path / "raw", drawn, dataset)
    for path in list((tmp_path / "raw").glob("images*/*_0000.nii.gz")):
        path.rename(path.with_name(path.name.replace("_0000", "")))
    (tmp_path / "raw/imagesTr/._p1.nii.gz").write_bytes(b"of a Mac")
    imported = import_files(tmp_path / "out", nnunet=tmp_path / "raw")
    assert [case.id for case in imported.cohort.cases] == ["p1", "p2", "p3"]
    assert set(imported.cohort.cases[0].masks) == {"hematoma", "midline"}
    assert "dataset.json tells of 9 training cases, imagesTr holds 2" in imported.facts


def test_nnunet_takes_the_channel_that_is_ct_and_records(tmp_path: Path, drawn: Any) -> None:
    dataset = {**VERSION_2, "channel_names": {"0": "T1", "1": "CT"}}
    write_nnunet(tmp_path / "raw", drawn, dataset)
    for path in list((tmp_path / "raw").glob("images*/*_0000.nii.gz")):
        volume, header = read_volume(path)
        save_volume(path.with_name(path.name.replace("_0000", "_0001")), volume, header.affine)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/p2.txt").write_text("丘脑出血", "utf-8")
    imported = import_files(
        tmp_path / "out", records=str(tmp_path / "notes/*.txt"), nnunet=tmp_path / "raw"
    )
    assert [case.record for case in imported.cohort.cases] == [None, "records/p2.txt", None]
    assert files_of(tmp_path / "out" / (imported.cohort.cases[0].image or ""))[0].is_file()
    assert len(imported.left_out) == 3
    assert {why for _, why in imported.left_out} == {"--nnunet: is not the CT of a case"}


def test_nnunet_cases_that_are_not_wholly_annotated(tmp_path: Path, drawn: Any) -> None:
    dataset = {**VERSION_2, "labels": {**VERSION_2["labels"], "ignore": 6}}  # type: ignore[dict-item]
    write_nnunet(tmp_path / "raw", drawn, dataset)
    path = tmp_path / "raw/labelsTr/p2.nii.gz"
    labels, header = read_volume(path)
    labels = labels.copy()
    labels[0, 0, :2] = 6
    save_volume(path, labels, header.affine)
    imported = import_files(tmp_path / "out", nnunet=tmp_path / "raw")
    assert imported.left_out == [(path, "--nnunet: 2 voxels are not annotated (ignore)")]
    assert [bool(case.masks) for case in imported.cohort.cases] == [True, False, False]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "labels": ({"labels": {}}, 'has no "labels"'),
    "word": ({"labels": {"ICH": 1.5}}, "the label 'ICH' is 1.5, not a number or a list"),
    "list": ({"labels": {"ICH": [1, None]}}, "not a number or a list"),
    "ground": ({"labels": {"ICH": [0, 1]}}, "has the background in it"),
    "unknown": (
        {"labels": {"background": 0, "liver": 1}},
        "none of its labels names a",
    ),
    "two": ({"labels": {"ICH": 1, "IPH": 2}}, "several labels may be hematoma (ICH, IPH)"),
    "mr": (
        {"channel_names": {"0": "T1", "1": "T2"}},
        "channel that is CT; it names T1, T2",
    ),
    "no channels": ({"channel_names": None}, "needs one channel that is CT; it names none"),
    "png": ({"file_ending": ".png"}, "its files end with '.png'"),
    "seg": ({"file_ending": ".seg.nrrd"}, "its files end with '.seg.nrrd'"),
    "files": ({"dataset": {}}, 'lists its files under "dataset"'),
    "empty": ({"file_ending": ".nrrd"}, "holds no scan (imagesTr/*_0000.nrrd)"),
}


@pytest.mark.parametrize("name", BAD)
def test_nnunet_folders_that_are_none(tmp_path: Path, drawn: Any, name: str) -> None:
    changes, said = BAD[name]
    write_nnunet(tmp_path / "raw", drawn, VERSION_2)
    (tmp_path / "raw/dataset.json").write_text(json.dumps({**VERSION_2, **changes}), "utf-8")
    with pytest.raises(DataError) as error:
        import_files(tmp_path / "out", nnunet=tmp_path / "raw")
    assert said in str(error.value)
    assert not (tmp_path / "out").exists()


def test_nnunet_options_that_fit_nothing(tmp_path: Path, drawn: Any) -> None:
    write_nnunet(tmp_path / "raw", drawn, VERSION_2)
    with pytest.raises(UsageError, match="has no such label; it has ICH, midline, whole, SAH"):
        import_files(tmp_path / "out", nnunet=tmp_path / "raw", labels={"SDH": "hematoma"})
    with pytest.raises(DataError, match="no such file; name nnU-Net's raw folder"):
        import_files(tmp_path / "out", nnunet=tmp_path)
