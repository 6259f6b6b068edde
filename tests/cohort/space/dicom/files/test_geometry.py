"""Voxels lie where the slices' own positions say, however they are turned, tilted or spaced."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from write_series import PIXEL_SPACING, asymmetric, slice_of, write_series, write_slice

from cohort.base.errors import DataError
from cohort.space.dicom.files.find import find_series
from cohort.space.file_types import read_header, read_volume
from cohort.space.grid import Grid

ORIGIN = np.array([-10.0, -20.0, 30.0])


def lps_of(grid: Grid, index: tuple[int, int, int]) -> list[float]:
    """Return where a voxel lies, in DICOM's coordinates."""
    return (grid.to_mm(index) * [-1, -1, 1]).tolist()


def turned(degrees: float, axis: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the directions of rows and columns of a head turned about an axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = {
        "x": np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
        "y": np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]),
        "z": np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]),
    }[axis]
    return turn[:, 0], turn[:, 1]


def test_an_axial_head_first_supine_series_is_lps(tmp_path: Path) -> None:
    write_series(tmp_path)
    voxels, header = read_volume(tmp_path)
    assert header.axcodes == "LPS" and header.grid.even and header.oriented
    assert header.spacing == pytest.approx((0.4, 0.7, 5.0))
    assert lps_of(header.grid, (0, 0, 0)) == pytest.approx(ORIGIN)
    # Five columns to the patient's left, three rows to posterior, two slices up.
    assert lps_of(header.grid, (5, 3, 2)) == pytest.approx(ORIGIN + [5 * 0.4, 3 * 0.7, 10])
    assert voxels[5, 3, 2] == -500 + 5 + 30 + 200


ORIENTATIONS = {
    "prone": ((-1, 0, 0), (0, -1, 0)),
    "feet first, supine, as the image shows it": ((-1, 0, 0), (0, 1, 0)),
    "lying on the right side": ((0, 1, 0), (-1, 0, 0)),
    "turned by 20°": turned(20, "z"),
    "bowed by 25°": turned(25, "x"),
    "leaning by 15°": turned(15, "y"),
    "coronal": ((1, 0, 0), (0, 0, -1)),
    "sagittal": ((0, 1, 0), (0, 0, -1)),
}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
@pytest.mark.parametrize("how", ORIENTATIONS)
def test_each_voxel_lies_where_its_slice_says(
    tmp_path: Path, how: str, order: tuple[int, ...]
) -> None:
    row, column = map(np.array, ORIENTATIONS[how])
    hu = asymmetric()
    write_series(tmp_path, hu, row=row, column=column, order=order)
    voxels, header = read_volume(tmp_path / "series=1.2.3.4")  # unnamed, it has to be axial
    normal = np.cross(row, column)
    assert voxels.shape == hu.shape
    for i, j, k in itertools.product((0, 5), (0, 4), range(4)):
        there = ORIGIN + i * PIXEL_SPACING[1] * row + j * PIXEL_SPACING[0] * column + 5 * k * normal
        at = tuple(np.argwhere(voxels == hu[i, j, k])[0])
        assert lps_of(header.grid, at) == pytest.approx(there, abs=1e-4)
    if abs(normal[2]) > 0.8:
        assert header.axcodes.endswith("S")
        assert (np.diff(header.grid.levels_mm) > 0).all()


@pytest.mark.parametrize("position", ["HFS", "FFS", "HFP", "FFP", None])
def test_how_the_patient_lay_changes_nothing(tmp_path: Path, position: str | None) -> None:
    write_series(tmp_path, PatientPosition=position)
    _, header = read_volume(tmp_path)
    assert lps_of(header.grid, (5, 3, 2)) == pytest.approx(ORIGIN + [5 * 0.4, 3 * 0.7, 10])


@pytest.mark.parametrize("tilt", [18.5, -20.0])
def test_tilt_stays_as_shear(tmp_path: Path, tilt: float) -> None:
    row, column = turned(tilt, "x")
    write_series(tmp_path, row=row, column=column, along=(0, 0, 1), GantryDetectorTilt=abs(tilt))
    voxels, header = read_volume(tmp_path)
    assert (voxels == asymmetric()).all() and not header.notes
    assert header.grid.even and header.axcodes == "LPS"
    assert header.affine[:3, 2] == pytest.approx([0, 0, 5])
    assert header.grid.thicknesses_mm == pytest.approx([5 * np.cos(np.radians(tilt))] * 4)


def test_a_stated_tilt_that_the_slices_do_not_show_is_noted(tmp_path: Path) -> None:
    write_series(tmp_path, GantryDetectorTilt=20)
    (note,) = read_header(tmp_path).notes
    assert note.kind == "tilt" and "gantry tilt of 20.0°" in note.what


def test_several_frames_of_reference_are_noted(tmp_path: Path) -> None:
    write_series(tmp_path / "a", asymmetric()[:, :, :2])
    upper = asymmetric()[:, :, 2:]
    write_series(tmp_path / "b", upper, origin=ORIGIN + [0, 0, 10], FrameOfReferenceUID="1.2.3.8")
    header = read_header(tmp_path)
    assert header.shape == (6, 5, 4)
    assert [note.kind for note in header.notes] == ["frame of reference"]


def test_uneven_distances_stay(tmp_path: Path) -> None:
    """Each slice stands for half the way to its neighbours, whatever Slice Thickness says."""
    write_series(tmp_path, levels=[0, 4, 8, 9, 16, 23], hu=asymmetric((6, 5, 6)), SliceThickness=7)
    grid = read_header(tmp_path).grid
    assert not grid.even
    assert grid.levels_mm.tolist() == [0, 4, 8, 9, 16, 23]
    assert grid.thicknesses_mm.tolist() == [4, 4, 2.5, 4, 7, 7]
    mask = np.zeros(grid.shape)
    mask[2:4, 1:3, 3] = 1
    assert grid.volume_ml(mask) == pytest.approx(4 * 0.4 * 0.7 * 4 / 1000)
    assert lps_of(grid, (0, 0, 3)) == pytest.approx(ORIGIN + [0, 0, 9])


@pytest.mark.parametrize("missing", [1, 2])
def test_missing_slices_are_noted_with_their_place(tmp_path: Path, missing: int) -> None:
    levels = [5.0 * k for k in range(9) if k not in range(4, 4 + missing)]
    write_series(tmp_path, asymmetric((6, 5, len(levels))), levels=levels)
    header = read_header(tmp_path)
    (note,) = header.notes
    assert note.kind == "missing slices"
    number = "1 slice is" if missing == 1 else "2 slices are"
    gap = 5.0 * (missing + 1)
    assert note.what.startswith(
        f"{number} missing between slices 4 and 5 from below (centres at z = 45.0 and "
        f"{45 + gap:.1f} mm, {gap:.1f} mm apart instead of 5.0 mm): nothing was scanned there, and "
        "volumes are interpolated"
    )
    assert header.grid.levels_mm.tolist() == levels


def test_gaps_beside_one_another_and_of_no_whole_number_of_slices(tmp_path: Path) -> None:
    levels = [0, 5, 10, 15, 25, 35, 40, 45, 50, 58, 63, 68.0]
    write_series(tmp_path, asymmetric((6, 5, 12)), levels=levels)
    said = [note.what for note in read_header(tmp_path).notes]
    assert [what.split(" (")[0] for what in said] == [
        "1 slice is missing between slices 4 and 5 from below",
        "1 slice is missing between slices 5 and 6 from below",
        "slices are missing between slices 9 and 10 from below",
    ]


def test_orientations_that_differ_in_the_last_decimals_are_one_stack(tmp_path: Path) -> None:
    for k in range(4):
        s = 0.005 + 0.0002 * (-1) ** k  # rounds to 0.00 and to 0.01
        c = float(np.sqrt(1 - s * s))
        at = slice_of(
            asymmetric()[:, :, k], ORIGIN + [0, 0, 5 * k], row=(c, s, 0), column=(-s, c, 0)
        )
        write_slice(tmp_path / f"{k}.dcm", at)
    assert read_volume(tmp_path)[0].shape == (6, 5, 4)


def test_the_first_wide_distance_above_the_skull_base_is_no_gap(tmp_path: Path) -> None:
    levels = [0, 5, 10, 15, 25, 35, 45.0]
    write_series(tmp_path, asymmetric((6, 5, 7)), levels=levels)
    assert not read_header(tmp_path).notes


def test_one_slice_has_its_stated_thickness(tmp_path: Path) -> None:
    (path,) = write_series(tmp_path, asymmetric((6, 5, 1)), row=(1, 0, 0), column=(0, -1, 0))
    grid = read_header(path).grid
    assert grid.axcodes == "LAS"  # upward, whichever way rows and columns turn
    assert grid.thicknesses_mm.tolist() == [5]


def test_one_slice_with_a_spacing_only_and_with_neither(tmp_path: Path) -> None:
    hu = asymmetric((6, 5, 1))
    write_series(tmp_path / "a", hu, SliceThickness=None, SpacingBetweenSlices=6)
    assert read_header(tmp_path / "a").grid.thicknesses_mm.tolist() == [6]
    write_series(tmp_path / "b", hu, SliceThickness=None)
    with pytest.raises(DataError, match="is one slice and does not state its thickness"):
        read_header(tmp_path / "b")


def test_a_slice_at_the_place_of_another_is_left_out_for_the_later_one(tmp_path: Path) -> None:
    hu = asymmetric()
    write_series(tmp_path, hu, AcquisitionDate="20200101", AcquisitionTime="101010")
    again = slice_of(
        hu[:, :, 2] + 9,
        ORIGIN + [0, 0, 10],
        AcquisitionDate="20200101",
        AcquisitionTime="101510",
        InstanceNumber=1,
    )
    write_slice(tmp_path / "0.dcm", again)
    voxels, header = read_volume(tmp_path)
    hu[:, :, 2] += 9
    assert (voxels == hu).all()
    (note,) = header.notes
    assert note.kind == "same place"
    assert note.what == (
        "1 slice lies where another does, left out for the later one (slice 3 from below)."
    )


def test_several_acquisitions_under_one_uid_are_parts(tmp_path: Path) -> None:
    for number in (1, 2):
        write_series(tmp_path / str(number), asymmetric() + number, AcquisitionNumber=number)
    one, two = find_series(tmp_path).series
    assert (one.name, two.name) == ("1.2.3.4#1", "1.2.3.4#2")
    assert (read_volume(tmp_path / "series=1.2.3.4#2")[0] == asymmetric() + 2).all()
    notes = [note.what for note in read_header(tmp_path / "series=1.2.3.4").notes]
    assert notes[-1] == (
        "is read from series 2, part 2, the latest of equal ones (beside series 2, part 1)."
    )


def test_images_over_time_at_each_place_are_refused(tmp_path: Path) -> None:
    for number in range(3):
        write_series(tmp_path / str(number), asymmetric() + number)
    with pytest.raises(DataError, match="holds several images at most places"):
        read_header(tmp_path)


def test_slices_beside_one_another_are_refused(tmp_path: Path) -> None:
    aside = random.Random(0)
    for k in range(6):
        position = ORIGIN + [aside.uniform(-9, 9), aside.uniform(-9, 9), 5 * k]
        write_slice(tmp_path / f"{k}.dcm", slice_of(asymmetric()[:, :, 0], position))
    with pytest.raises(DataError, match="has slices that do not lie behind one another"):
        read_header(tmp_path)


def test_uneven_slices_that_are_not_axial_are_refused(tmp_path: Path) -> None:
    write_series(tmp_path, levels=[0, 5, 12, 17], row=(1, 0, 0), column=(0, 0, -1))
    with pytest.raises(DataError, match="uneven distances that are not axial"):
        read_header(tmp_path)


def write_every_second(folder: Path, apart: float = 10.0, **attributes: object) -> None:
    for k in range(8):
        at = slice_of(
            *(asymmetric((6, 5, 8))[:, :, k], ORIGIN + [0, 0, apart * k]),
            **{"InstanceNumber": 2 * k + 1, **attributes},
        )
        write_slice(folder / f"{k}.dcm", at)


@pytest.mark.parametrize("stated", [{}, {"SliceThickness": 3, "SpacingBetweenSlices": 5}])
def test_every_second_slice_is_missing_by_the_numbers(tmp_path: Path, stated: dict) -> None:
    write_every_second(tmp_path, **stated)
    (note,) = read_header(tmp_path).notes
    assert note.kind == "missing slices" and note.what.startswith(
        "7 slices are missing by the numbers of the others (Instance Number), at 7 places, the "
        "first one between slices 1 and 2 from below (centres at z = 30.0 and 40.0 mm, 10.0 mm "
        "apart)"
    )


@pytest.mark.parametrize(
    "stated", [{"apart": 5.0}, {"SliceThickness": 10}, {"SpacingBetweenSlices": 10}]
)
def test_numbers_left_out_where_slices_follow_one_another(tmp_path: Path, stated: dict) -> None:
    write_every_second(tmp_path, **stated)
    assert not read_header(tmp_path).notes


def test_numbers_tell_slices_missing_at_the_end_from_thicker_ones(tmp_path: Path) -> None:
    levels, numbers = [0, 5, 10, 15, 25, 35, 45.0], [20, 19, 18, 17, 15, 13, 11]
    write_series(tmp_path, asymmetric((6, 5, 7)), levels=levels, order=numbers)
    (note,) = read_header(tmp_path).notes
    assert "3 slices are missing by the numbers of the others" in note.what


@pytest.mark.parametrize("aside", [2.3, 2.5])
def test_acquisitions_between_one_another_are_parts(tmp_path: Path, aside: float) -> None:
    hu = asymmetric((6, 5, 9))
    write_series(tmp_path / "1", hu, AcquisitionNumber=1)
    write_series(tmp_path / "2", hu + 7, AcquisitionNumber=2, origin=ORIGIN + [0, 0, aside])
    one, two = find_series(tmp_path).series
    assert [note.kind for note in one.notes] == [note.kind for note in two.notes] == ["shared UID"]
    for number in (1, 2):
        voxels, header = read_volume(tmp_path / f"series=1.2.3.4#{number}")
        assert (voxels == hu + 7 * (number - 1)).all()
        assert header.spacing[2] == pytest.approx(5)


def test_a_repeat_of_half_the_head_is_a_part(tmp_path: Path) -> None:
    write_series(tmp_path / "1", asymmetric((6, 5, 12)), AcquisitionNumber=1)
    again = {"AcquisitionNumber": 2, "origin": ORIGIN + [0, 0, 37.0]}
    write_series(tmp_path / "2", asymmetric((6, 5, 7)), **again)
    assert [len(one.instances) for one in find_series(tmp_path).series] == [12, 7]


@pytest.mark.parametrize("overlap", [0, 1])
def test_blocks_of_one_scan_stay_one_series(tmp_path: Path, overlap: int) -> None:
    hu = asymmetric((6, 5, 12))
    for number, start in enumerate((0, 6 - overlap, 12 - 2 * overlap)):
        upper = {"origin": ORIGIN + [0, 0, 5.0 * start + 0.5 * overlap * number]}
        part = {"AcquisitionNumber": number + 1, "name": f"{number}_{{}}", **upper}
        write_series(tmp_path, hu[:, :, :6], **part)
    (series,) = find_series(tmp_path).series
    assert len(series.instances) == 18 and series.part is None


def test_odd_and_even_slices_of_one_scan_stay_one_series(tmp_path: Path) -> None:
    for number in (1, 2):
        levels = [10.0 * k + 5 * number for k in range(6)]
        part = {"AcquisitionNumber": number, "name": f"{number}_{{}}", "levels": levels}
        write_series(tmp_path, asymmetric((6, 5, 6)), **part)
    (series,) = find_series(tmp_path).series
    assert len(series.instances) == 12 and series.part is None
