"""sform against qform, as files are written by nibabel, dcm2niix, SimpleITK and FSL."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from cohort.checks.forms import form_differences
from cohort.checks.grid import check_header
from cohort.faults import CheckResult
from cohort.space.affine import axcodes_of, make_affine
from cohort.space.file_types import read_header
from cohort.space.header import Header

SHAPE = (16, 15, 8)
SPACING = (0.488281, 0.488281, 5.0)
ALL_AXCODES = [
    "".join(codes)
    for triple in itertools.permutations([("L", "R"), ("P", "A"), ("I", "S")])
    for codes in itertools.product(*triple)
]
LPS = make_affine("LPS", SPACING, SHAPE)


def header(tmp_path: Path, sform: np.ndarray, qform: np.ndarray, **fields: object) -> Header:
    """Write both affines with their codes, change fields of the header, and read it."""
    image = nib.Nifti1Image(np.zeros(SHAPE, np.uint8), None)
    image.set_sform(sform, code=1)
    image.set_qform(qform, code=1)
    for name, value in fields.items():
        image.header[name] = value
    nib.save(image, tmp_path / "a.nii")
    return read_header(tmp_path / "a.nii")


def turned(degrees: float, axis: int) -> np.ndarray:
    """Return the rotation about a world axis."""
    turn = np.eye(4)
    first, second = [other for other in range(3) if other != axis]
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    turn[np.ix_([first, second], [first, second])] = [[cosine, -sine], [sine, cosine]]
    return turn


@pytest.mark.parametrize("axcodes", ALL_AXCODES)
def test_forms_that_were_written_together_agree(tmp_path: Path, axcodes: str) -> None:
    straight = make_affine(axcodes, SPACING, SHAPE)
    straight[:3, 3] += (412.3456789, -123.4567891, 1387.654321)  # a scanner table's
    # Up to half a turn, where a quaternion in float32 is least exact, and to where codes change.
    for degrees, axis in itertools.product((0, 17.3, 45, 90, 179.99), range(3)):
        affine = turned(degrees, axis) @ straight
        assert form_differences(header(tmp_path, affine, affine)) == []


def test_reflection_is_in_qfac(tmp_path: Path) -> None:
    right_handed = make_affine("LPI", SPACING, SHAPE)
    at = header(tmp_path, LPS, LPS)
    assert form_differences(at) == []
    # The sign of pixdim[0] alone turns the slices' direction round.
    at = header(tmp_path, LPS, LPS, pixdim=[-1, *SPACING, 0, 0, 0, 0])
    assert at.qform is not None and np.allclose(at.qform[:3, :3], right_handed[:3, :3], atol=1e-5)
    assert form_differences(at) == ["orientation (LPS, LPI)"]
    assert form_differences(header(tmp_path, LPS, LPS, pixdim=[0, *SPACING, 0, 0, 0, 0])) == []


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "ASL", "PIR"])
@pytest.mark.parametrize("tilt", [-30, -5, 12, 30])
def test_gantry_tilt_is_no_contradiction(tmp_path: Path, axcodes: str, tilt: float) -> None:
    """A qform cannot be sheared: what writers put there is all that it can say."""
    shift = np.eye(4)
    shift[1, 2] = np.tan(np.radians(tilt))
    straight = make_affine(axcodes, tuple(5.0 if c in "IS" else 0.488281 for c in axcodes), SHAPE)
    affine = shift @ straight
    at = header(tmp_path, affine, affine)  # the nearest rotation; distances along the shift
    assert at.qform is not None and not np.allclose(at.qform, affine, atol=0.01)
    assert form_differences(at) == []
    across, through = at.qform.copy(), at.axial_axis  # distances across the slices
    across[:, through] *= np.cos(np.radians(tilt))
    assert form_differences(replace(at, qform=across)) == []
    kept = affine.copy()  # the slices' own directions, and the perpendicular to them
    kept[:3, through] = [0, 0, affine[2, through]]
    assert form_differences(replace(at, qform=kept)) == []
    doubled = at.qform.copy()
    doubled[:, through] *= 2
    spacing, *more = form_differences(replace(at, qform=doubled))
    assert spacing.startswith("spacing (") and not more


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SLP", "IPR"])
@pytest.mark.parametrize(
    ("spacing", "said"),
    [
        ((0.488281, 0.488281, 2.5), "0.488281×0.488281×2.5"),
        ((0.488281, 0.488281, 10.0), "0.488281×0.488281×10"),
        ((0.976562, 0.976562, 5.0), "0.976562×0.976562×5"),
        ((1.0, 1.0, 1.0), "1×1×1"),
        ((0.49, 0.49, 5.0), None),  # rounded
        ((0.488281, 0.488281, 5.02), None),
    ],
)
@pytest.mark.parametrize("same_origin", [True, False])
def test_spacing(
    tmp_path: Path, axcodes: str, spacing: tuple, said: str, same_origin: bool
) -> None:
    order = sorted(range(3), key=lambda axis: "RLAPSI".index(axcodes[axis]) // 2)
    place = dict(zip(order, range(3), strict=True))
    sizes = [tuple(mm[place[axis]] for axis in range(3)) for mm in (SPACING, spacing)]
    sform, qform = (make_affine(axcodes, mm, SHAPE) for mm in sizes)  # the same centre
    if same_origin:
        qform[:3, 3] = sform[:3, 3]
    found = form_differences(header(tmp_path, sform, qform))
    if said is None:
        assert found == []
    else:
        first, second = ("×".join(f"{mm:g}" for mm in mms) for mms in sizes)
        assert sorted(second.split("×")) == sorted(said.split("×"))
        assert found == [f"spacing ({first} mm, {second} mm)"]


@pytest.mark.parametrize("other", ["RPS", "LAS", "LPI", "RAS", "PLS", "SPL"])
def test_orientation(tmp_path: Path, other: str) -> None:
    mirrored = make_affine(other, tuple(SPACING), SHAPE)
    if other in ("PLS", "SPL"):  # the axes' sizes stay with them
        mirrored[:3, :3] = LPS[:3, :3][{"PLS": [1, 0, 2], "SPL": [2, 1, 0]}[other]]
        other = axcodes_of(mirrored)
    for origin in (mirrored[:3, 3], LPS[:3, 3]):
        mirrored[:3, 3] = origin
        found = form_differences(header(tmp_path, LPS, mirrored))
        assert found[0] == f"orientation (LPS, {other})"


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        ((60, 0, 0), "position (by 60 mm)"),
        ((0, 0, -5), "position (by 5 mm)"),
        ((0.2, 0, 0), "position (by 0.2 mm)"),
        ((0.01, -0.01, 0.02), None),
    ],
)
def test_position(tmp_path: Path, moved: tuple, said: str | None) -> None:
    qform = LPS.copy()
    qform[:3, 3] += moved
    assert form_differences(header(tmp_path, LPS, qform)) == ([said] if said else [])


@pytest.mark.parametrize(("degrees", "said"), [(12, "rotation (by 12°)"), (0.1, None)])
def test_rotation(tmp_path: Path, degrees: float, said: str | None) -> None:
    qform = turned(degrees, 0) @ LPS  # about the world's origin, where the centre is
    assert form_differences(header(tmp_path, LPS, qform)) == ([said] if said else [])


def test_near_45_degrees_codes_change_but_no_more_is_said_than_a_small_turn(
    tmp_path: Path,
) -> None:
    sform, qform = turned(44, 2) @ LPS, turned(46, 2) @ LPS
    assert axcodes_of(sform) != axcodes_of(qform)
    assert form_differences(header(tmp_path, sform, qform)) == ["rotation (by 2°)"]


def test_all_that_differs_stands_in_one_note_with_what_is_used(tmp_path: Path) -> None:
    qform = make_affine("LPS", (0.488281, 0.488281, 2.5), SHAPE)
    qform[:3, 3] += (60, 0, 0)
    found = CheckResult()
    at = header(tmp_path, LPS, qform)
    assert at.spacing == pytest.approx(SPACING)
    check_header(Path("p1.nii"), at, found)
    assert str(found.notes[0]) == (
        "p1.nii: contradicts itself: its sform, which is used, and its qform differ in spacing "
        "(0.488281×0.488281×5 mm, 0.488281×0.488281×2.5 mm) and position (by 60 mm); "
        "make sure which is true."
    )


def test_pixdim_alone_that_contradicts_the_sform_is_a_note(tmp_path: Path) -> None:
    qform = make_affine("LPS", (0.488281, 0.488281, 2.5), SHAPE)
    at, found = header(tmp_path, LPS, qform, qform_code=0), CheckResult()
    check_header(Path("p1.nii"), at, found)
    assert str(found.notes[0]) == (
        "p1.nii: contradicts itself: its sform, which is used, and its pixdim differ in spacing "
        "(0.488281×0.488281×5 mm, 0.488281×0.488281×2.5 mm); make sure which is true."
    )
    assert form_differences(header(tmp_path, LPS, LPS, qform_code=0)) == []


@pytest.mark.parametrize("codes", [(0, 1), (0, 0)])
def test_one_form_contradicts_nothing(tmp_path: Path, codes: tuple[int, int]) -> None:
    other = make_affine("RAS", (1, 2, 3), SHAPE)
    at = header(tmp_path, LPS, other, sform_code=codes[0], qform_code=codes[1])
    assert at.qform is None and form_differences(at) == []
