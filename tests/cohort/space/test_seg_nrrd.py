"""3D Slicer's segmentations: segments by name, overlapping in layers, cut to what is drawn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.facts.structures import STRUCTURES
from cohort.space.address import Address
from cohort.space.affine import make_affine
from cohort.space.file_types import files_of, read_header, read_volume
from cohort.space.grid import Grid
from cohort.space.masks import read_mask_header, read_mask_volume
from cohort.space.nifti.volume import save_volume as save_nifti
from cohort.space.nrrd.segments import Segment, find_segment, read_segments, write_segmentation
from cohort.space.nrrd.volume import write_file
from cohort.space.same_grid import grid_difference, offset_in
from cohort.space.slices.stack import grid_of_slices

SHAPE = (12, 10, 6)


def grid(axcodes: str = "LPS") -> Grid:
    affine = make_affine(axcodes, (0.5, 0.7, 5.0), SHAPE)
    affine[:3, 3] += 3.25, -7, 40
    affine[1, :3] += 0.2 * affine[2, :3]  # a tilted gantry
    return Grid(SHAPE, affine)


def masks() -> dict[str, NDArray[np.uint8]]:
    """Return masks of which the first three overlap."""
    found = {s.id: np.zeros(SHAPE, np.uint8) for s in STRUCTURES}
    found["hematoma"][2:6, 3:8, 1:4] = 1
    found["midline"][5:7, :, 2] = 1
    found["ventricle_left"][4:9, 6:9, 2:5] = 1
    found["ventricle_right"][9:11, 1, 5] = 1
    return found


def part_of(whole: Grid, start: tuple[int, int, int], shape: tuple[int, int, int]) -> Grid:
    affine = whole.affine.copy()
    affine[:3, 3] = whole.to_mm(np.array(start))
    return Grid(shape, affine)


def slicer_file(
    path: Path,
    layers: list[NDArray],
    on: Grid,
    names: list[tuple[str, str, int, int]],
    **keys: str,
) -> Path:
    """Write a segmentation as 3D Slicer does; names are id, name, label and layer."""
    found = {"Segmentation_ReferenceImageExtentOffset": "3 2 1", **keys}
    for number, (segment_id, name, label, layer) in enumerate(names):
        found |= {
            f"Segment{number}_ID": segment_id,
            f"Segment{number}_Name": name,
            f"Segment{number}_LabelValue": str(label),
            f"Segment{number}_Layer": str(layer),
            f"Segment{number}_Color": "1 0.5 0",
            f"Segment{number}_Extent": "0 1 0 1 0 1",
        }
    write_file(path, np.stack(layers), on, found)
    return path


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL", "PIR"])
def test_written_segments_come_back_voxel_for_voxel(tmp_path: Path, axcodes: str) -> None:
    path = tmp_path / "p1.seg.nrrd"
    write_segmentation(path, masks(), grid(axcodes))
    for name, mask in masks().items():
        back, header = read_volume(path / f"segment={name}")
        assert np.array_equal(back, mask)
        assert np.array_equal(header.affine, grid(axcodes).affine)
        assert read_header(path / f"segment={name}").shape == SHAPE


def test_layers_only_where_segments_overlap(tmp_path: Path) -> None:
    path = tmp_path / "p1.seg.nrrd"
    write_segmentation(path, masks(), grid())
    layers = {segment.id: segment.layer for segment in read_segments(path)}
    # The right ventricle overlaps nothing, the left one both others.
    overlap = {"hematoma": 0, "midline": 1, "ventricle_left": 2}
    assert layers == {**{s.id: 0 for s in STRUCTURES}, **overlap}
    apart = {name: masks()[name] for name in ("hematoma", "ventricle_right")}
    write_segmentation(path, apart, grid())
    assert {segment.layer for segment in read_segments(path)} == {0}
    assert nrrd.read_header(str(path))["dimension"] == 3


def test_slicers_fields_as_pynrrd_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "p1.seg.nrrd"
    write_segmentation(path, masks(), grid())
    numbers, header = nrrd.read(str(path))
    assert numbers.shape == (3, *SHAPE) and numbers.dtype == np.uint8
    assert header["space"] == "left-posterior-superior"
    assert header["kinds"] == ["list", "domain", "domain", "domain"]
    assert np.isnan(header["space directions"][0]).all()
    assert header["Segmentation_SourceRepresentation"] == "Binary labelmap"
    assert header["Segmentation_ReferenceImageExtentOffset"] == "0 0 0"
    for number, structure in enumerate(STRUCTURES):
        segment = {
            key.partition("_")[2]: value
            for key, value in header.items()
            if key.startswith(f"Segment{number}_")
        }
        assert segment["ID"] == structure.id and segment["Name"] == structure.name_en
        colour = [round(float(level) * 255) for level in segment["Color"].split()]
        assert tuple(colour) == structure.colour
        assert segment["Extent"] == "0 11 0 9 0 5"
        mask = numbers[int(segment["Layer"])] == int(segment["LabelValue"])
        assert np.array_equal(mask, masks()[structure.id])
    assert "~SCT^50960005^Hemorrhage~^^~" in header["Segment0_Tags"]
    assert header["Segment1_Tags"] == ""  # there is no such term
    assert "~SCT^66720007^Lateral ventricle~SCT^7771000^Left~" in header["Segment2_Tags"]
    assert "~SCT^24028007^Right~" in header["Segment3_Tags"]


def test_a_segment_is_what_it_was_renamed_into() -> None:
    renamed = Segment("ventricle_left", "Right lateral ventricle", 1, 0)
    assert renamed.structure == "ventricle_right" and renamed.renamed == "ventricle_left"
    assert Segment("ventricle_left", "Segment 1", 1, 0).structure == "ventricle_left"
    for segment in (Segment("hematoma", "血肿", 1, 0), Segment("Segment_1", "血肿", 1, 0)):
        assert segment.structure == "hematoma" and segment.renamed is None


def test_segments_are_found_by_id_name_and_structure() -> None:
    segments = [
        Segment("Segment_1", "血肿", 1, 0),
        Segment("Segment_2", "Left Lateral Ventricle", 2, 0),
        Segment("Segment_3", "Ödem", 3, 0),
        Segment("Segment_4", "CSF", 4, 0),
        Segment("Segment_5", "csf", 5, 0),
    ]
    for asked, number in (
        ("Segment_1", 1),
        ("血肿", 1),
        ("hematoma", 1),
        ("Hematoma", 1),
        ("ICH", 1),
        ("left lateral ventricle", 2),
        ("ventricle_left", 2),
        ("左侧脑室", 2),
        ("ödem", 3),
        ("ＳＥＧＭＥＮＴ＿3", 3),
        ("CSF", 4),
    ):
        found = find_segment(segments, asked)
        assert isinstance(found, Segment) and found.label == number, asked
    assert find_segment(segments, "midline") == (
        "has no segment 'midline'; it has 血肿 (Segment_1), Left Lateral Ventricle (Segment_2), "
        "Ödem (Segment_3), CSF (Segment_4), csf (Segment_5)"
    )
    assert "2 segments that may be meant by 'Csf'" in str(find_segment(segments, "Csf"))


def test_chinese_names_in_utf8_and_as_old_slicers_wrote_them(tmp_path: Path) -> None:
    path = slicer_file(
        tmp_path / "p1.seg.nrrd", [masks()["hematoma"]], grid(), [("Segment_1", "左侧 血肿", 1, 0)]
    )
    assert read_segments(path)[0].name == "左侧 血肿"
    path.write_bytes(path.read_bytes().replace("左侧 血肿".encode(), "血肿".encode("gb18030")))
    assert read_segments(path)[0].name == "血肿"
    assert read_volume(path / "segment=血肿")[0].sum() == 60


def test_one_segment_needs_no_name(tmp_path: Path) -> None:
    mask = masks()["hematoma"] * 5
    path = slicer_file(tmp_path / "p1.seg.nrrd", [mask], grid(), [("a", "b", 5, 0)])
    assert read_volume(path)[0].max() == 1
    assert read_segments(path) == [Segment("a", "b", 5, 0, (255, 128, 0))]


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL", "PIR"])
def test_a_segmentation_cut_to_what_is_drawn_comes_back_whole(tmp_path: Path, axcodes: str) -> None:
    whole, drawn = grid(axcodes), masks()["hematoma"]
    part = part_of(whole, (2, 1, 1), (7, 8, 3))
    # As another program rounds them: far less than a tenth of a voxel.
    affine = part.affine.copy()
    affine[:3] = np.round(affine[:3], 3)
    path = slicer_file(
        tmp_path / "p1.seg.nrrd",
        [drawn[2:9, 1:9, 1:4] * 2],
        Grid(part.shape, affine),
        [("Segment_1", "血肿", 2, 0)],
    )
    assert read_volume(path / "segment=hematoma")[0].shape == (7, 8, 3)
    back, header = read_mask_volume(path / "segment=hematoma", whole)
    assert np.array_equal(back, drawn)
    assert header.grid is whole
    assert read_mask_header(path / "segment=hematoma", whole).grid is whole


def test_a_segmentation_beyond_its_image_is_cut(tmp_path: Path) -> None:
    whole = grid()
    drawn = np.zeros((14, 12, 4), np.uint8)
    drawn[1:5, 2:6, 1:3] = 1
    part = part_of(whole, (-1, -2, 3), (14, 12, 4))
    path = slicer_file(tmp_path / "p1.seg.nrrd", [drawn], part, [("a", "hematoma", 1, 0)])
    back, _ = read_mask_volume(path, whole)
    expected = np.zeros(SHAPE, np.uint8)
    expected[0:4, 0:4, 4:6] = 1
    assert np.array_equal(back, expected)
    drawn[0, 0, 0] = 1
    slicer_file(path, [drawn], part, [("a", "hematoma", 1, 0)])
    with pytest.raises(DataError, match="1 of its voxels lie outside of the image"):
        read_mask_volume(path, whole)
    away = part_of(whole, (40, 0, 0), (14, 12, 4))
    slicer_file(path, [drawn], away, [("a", "hematoma", 1, 0)])
    with pytest.raises(DataError, match="33 of its voxels lie outside"):
        read_mask_volume(path, whole)


@pytest.mark.parametrize("kind", ["between voxels", "spacing", "turned", "other image"])
def test_a_segmentation_on_another_lattice_stays_where_it_is(tmp_path: Path, kind: str) -> None:
    whole = grid()
    affine = part_of(whole, (2, 1, 1), (7, 8, 3)).affine.copy()
    if kind == "between voxels":
        affine[:3, 3] += 0.25 * affine[:3, 0]
    elif kind == "spacing":
        affine[:3, 2] /= 2
    elif kind == "turned":
        affine[:3, 0] *= -1
    else:
        affine[:3, :3] = np.diag([1.0, 1, 1])
    on = Grid((7, 8, 3), affine)
    assert offset_in(on, whole) is None
    path = slicer_file(
        tmp_path / "p1.seg.nrrd", [np.ones((7, 8, 3), np.uint8)], on, [("a", "b", 1, 0)]
    )
    _, header = read_mask_volume(path, whole)
    assert grid_difference(header.grid, whole) is not None
    assert grid_difference(read_mask_header(path, whole).grid, whole) is not None


def test_a_part_of_uneven_slices_is_found() -> None:
    places = np.array([[0, 0, 0], [0, 1.5, 4], [0, 2, 11.0], [0, 2.5, 15], [0, 3, 19]])
    in_plane = np.array([[-0.5, 0], [0, -0.5], [0, 0]])
    whole = grid_of_slices((8, 8), in_plane, places)
    part = grid_of_slices((2, 3), in_plane, places[2:] + [-1, -0.5, 0])
    assert part.even and offset_in(part, whole) == (2, 1, 2)
    part = grid_of_slices((2, 3), in_plane, places[:3] + [-1, -0.5, 0])
    assert offset_in(part, whole) == (2, 1, 0)
    assert offset_in(Grid((2, 3, 5), whole.affine), whole) is None


def test_nothing_drawn_is_one_voxel_anywhere(tmp_path: Path) -> None:
    path = slicer_file(
        tmp_path / "p1.seg.nrrd",
        [np.zeros((1, 1, 1), np.uint8)],
        Grid((1, 1, 1), np.eye(4)),
        [("a", "hematoma", 1, 0), ("b", "midline", 2, 0)],
    )
    back, header = read_mask_volume(path / "segment=midline", grid())
    assert back.shape == SHAPE and not back.any()
    assert grid_difference(header.grid, grid()) is None
    assert read_mask_header(path / "segment=midline", grid()).shape == SHAPE


def test_a_smaller_mask_of_another_type_is_not_moved(tmp_path: Path) -> None:
    part = part_of(grid(), (2, 1, 1), (7, 8, 3))
    save_nifti(tmp_path / "a.nii", np.ones((7, 8, 3), np.uint8), part.affine)
    assert read_mask_volume(tmp_path / "a.nii", grid())[0].shape == (7, 8, 3)


def test_layers_of_early_versions(tmp_path: Path) -> None:
    """Slicer before 4.11: a layer for each segment, no label and no layer in the header."""
    found = masks()
    layers = [found["hematoma"], found["midline"]]
    path = slicer_file(tmp_path / "p1.seg.nrrd", layers, grid(), [("a", "b", 1, 0)] * 2)
    text = path.read_bytes()
    for number in (0, 1):
        text = re.sub(rb"Segment%d_(LabelValue|Layer):=.*\n" % number, b"", text)
    path.write_bytes(text.replace(b"Segment1_ID:=a", b"Segment1_ID:=c"))
    assert np.array_equal(read_volume(path / "segment=c")[0], found["midline"])


BAD: dict[str, tuple[str, str]] = {
    "": ("", "holds 2 segments (hematoma (a), midline (b)); name one"),
    "segment=edema": ("", "has no segment 'edema'; it has hematoma (a), midline (b)"),
    "label=1": ("", "3D Slicer's segmentation has no label; name a segment=…"),
    "segment=a": ("Segment0_Layer:=7", "Segment0 is in layer 7 of 1"),
    "segment=b": ("Segment1_LabelValue:=-1", "Segment1_LabelValue is '-1'"),
}


@pytest.mark.parametrize("part", BAD)
def test_what_cannot_be_meant_is_said(tmp_path: Path, part: str) -> None:
    field, said = BAD[part]
    path = slicer_file(
        tmp_path / "p1.seg.nrrd",
        [masks()["hematoma"]],
        grid(),
        [("a", "hematoma", 1, 0), ("b", "midline", 2, 0)],
    )
    if field:
        name = field.partition(":")[0]
        text = re.sub(rf"{name}:=.*".encode(), field.encode(), path.read_bytes())
        path.write_bytes(text)
    for read in (read_volume, read_header):
        with pytest.raises(DataError, match=re.escape(said)):
            read(path / part if part else path)


def test_a_plain_volume_is_not_a_segmentation(tmp_path: Path) -> None:
    write_file(tmp_path / "a.seg.nrrd", masks()["hematoma"][None], grid(), {})
    with pytest.raises(DataError, match="names no segments"):
        read_volume(tmp_path / "a.seg.nrrd")
    save_nifti(tmp_path / "a.nii", masks()["hematoma"], grid().affine)
    with pytest.raises(DataError, match="NIfTI has no segment"):
        read_volume(tmp_path / "a.nii/segment=hematoma")


def test_damaged_colours_are_of_no_account(tmp_path: Path) -> None:
    colours: dict[str, Any] = {"1 0 nan": None, "red": None, "2 -1 0.5": (255, 0, 128), "": None}
    for stated, colour in colours.items():
        path = slicer_file(
            tmp_path / "p1.seg.nrrd", [masks()["hematoma"]], grid(), [("a", "b", 1, 0)]
        )
        path.write_bytes(path.read_bytes().replace(b"1 0.5 0\n", f"{stated}\n".encode()))
        assert read_segments(path)[0].colour == colour


def test_addresses() -> None:
    path = Path("m/p1.seg.nrrd/segment=血 肿")
    assert Address.of(path) == (Path("m/p1.seg.nrrd"), "segment", "血 肿")
    assert Address.of(path).path == path
    assert files_of(path) == [Path("m/p1.seg.nrrd")]
