"""What is no head, has no head's size or lies otherwise than its header says is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.checks.head.thumbnail import oriented
from cohort.checks.plausible import check_plausible
from cohort.facts.doubts import SIDES
from cohort.facts.structures import LANDMARKS
from cohort.faults import CheckResult
from cohort.space.affine import make_affine
from tests.cohort.checks.conftest import SCAN, check, header, notes, problem


def trunk(lungs: bool) -> NDArray:
    """Return a chest or a belly, 128 × 96 × 12 voxels of 3 × 3 × 5 mm."""
    x, y = ((np.arange(n) - (n - 1) / 2) * 3 for n in (128, 96))
    x = x[:, None]
    hu = np.where((x / 170) ** 2 + (y / 115) ** 2 < 1, -100.0, -1000.0)
    hu[(x / 158) ** 2 + (y / 103) ** 2 < 1] = 45
    for side in (-1, 1) if lungs else ():
        hu[((x - side * 75) / 58) ** 2 + (y / 80) ** 2 < 1] = -830
    hu[(x / 20) ** 2 + ((y - 75) / 18) ** 2 < 1] = 400
    return hu[..., None] + np.random.default_rng(0).normal(0, 8, (*hu.shape, 12))


@pytest.mark.parametrize(
    ("lungs", "said"), [(True, "48% of the body is air, as in the chest"), (False, "cm², where")]
)
def test_trunk_is_refused(lungs: bool, said: str) -> None:
    assert said in problem(check(trunk(lungs), (3.0, 3.0, 5.0)))


def test_phantom_without_bone_is_a_note() -> None:
    water = np.where(trunk(False) > 0, 0.0, -1000.0)[:, 20:-20] + np.random.default_rng(0).normal(
        0, 4, (128, 56, 12)
    )
    assert "no bone" in notes(check(water, (1.5, 1.5, 5.0)))


@pytest.mark.parametrize(
    ("factor", "said"),
    [(0.1, "the head measures 1"), (0.001, "the head measures 0.1"), (2.2, "inside of the skull")],
)
def test_spacing_that_no_head_has_is_refused(head: NDArray, factor: float, said: str) -> None:
    pixel = 2 * factor
    assert said in problem(check(head, (pixel, pixel, 5.5)))


def test_spacing_that_few_heads_have_is_a_note(head: NDArray) -> None:
    assert "is the spacing true?" in notes(check(head, (2.8, 2.8, 5.5)))
    assert "is the spacing true?" in notes(check(head, (1.1, 1.1, 3.0)))
    assert notes(check(head, (1.7, 1.7, 4.7))) == ""


LOST = {0.625: "problem", 1.0: "problem", 2.0: "problem", 2.5: None, 9.9: None}


@pytest.mark.parametrize("mm", LOST)
def test_distance_between_slices_that_does_not_suit_the_head(
    generated: tuple[NDArray, tuple[float, float, float]], mm: float
) -> None:
    hu, (x, y, z) = generated
    stated = z * mm / 5
    for values in (hu, hu.clip(0, 255)):
        found = check(values, (x, y, stated))
        assert "the head rises" in (found.problems + [note.what for note in found.notes])[0]
        if LOST[mm]:
            assert "correct the distance between slices" in problem(found)
    # Of the upper half alone as well.
    assert check(hu[..., hu.shape[2] // 2 :], (x, y, z / 5)).problems


def test_stack_without_the_vertex_tells_a_lost_spacing(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    hu, (x, y, z) = generated
    lower = hu[..., :17]
    assert notes(check(lower, (x, y, z))) == ""
    found = check(lower, (x, y, z / 8))
    said = "\n".join(found.problems + [note.what for note in found.notes])
    assert "as far apart as the spacing says" in said or "the head rises" in said


@pytest.mark.parametrize("slices", [12, 40, 150])
def test_heads_of_few_and_of_many_slices_pass(slices: int) -> None:
    from cohort.synthetic.head import draw_head

    drawn = draw_head(np.random.SeedSequence(5), size=96, slices=slices)
    axcodes: Any = nib.aff2axcodes(drawn.affine)
    x, y, z = (float(mm) for mm in np.linalg.norm(drawn.affine[:3, :3], axis=0))
    assert notes(check(oriented(drawn.hu, "".join(axcodes)), (x, y, z))) == ""


@pytest.mark.parametrize("turn", [(0, 0, 0), (20, 0, 0), (-20, 0, 0), (10, 10, 25)])
def test_real_heads_pass_however_they_lie(
    shared_data: Path, turn: tuple[float, float, float]
) -> None:
    maps = sorted((shared_data / "anatomy").glob("head_*.nii.gz"))[::4]
    assert maps
    for path in maps:
        voxels = _sliced(path, turn)
        found = check(voxels, (2.0, 2.0, 5.0))
        assert notes(found) == "" and found.untold == {}, path
        assert check(voxels, (2.0, 2.0, 1.0)).problems, path
        turned = check(np.rot90(voxels), (2.0, 2.0, 5.0))
        assert turned.problems or turned.untold, path


def _sliced(path: Path, turn: tuple[float, float, float]) -> NDArray:
    """Return HU of a map of labels at 1 mm, in slices of 5 mm, from above the mouth."""
    from scipy.ndimage import affine_transform, gaussian_filter
    from scipy.spatial.transform import Rotation

    image = nib.load(path)
    codes: Any = nib.aff2axcodes(image.affine)
    labels = oriented(np.asarray(image.dataobj), "".join(codes)).astype(int)
    hu = np.full(labels.shape, 35.0)
    for label, value in ((0, -1000), (515, 1100), (516, 400), (507, 55), (511, -20), (24, 6)):
        hu[labels == label] = value
    matrix = Rotation.from_euler("xyz", turn, degrees=True).as_matrix() @ np.diag([2.0, 2.0, 5.0])
    shape = (128, 128, 60)
    offset = np.array(labels.shape) / 2 - matrix @ (np.array(shape) / 2)
    smooth = gaussian_filter(hu, (0.5, 0.5, 1.5))
    voxels = affine_transform(smooth, matrix, offset, shape, order=1, cval=-1000)
    vertex = int(np.flatnonzero((voxels > 0).any(axis=(0, 1)))[-1])
    noise = np.random.default_rng(0).normal(0, 4, shape)
    return (voxels + noise)[..., vertex - 27 : vertex + 2].astype(np.float32)


TURNS = {
    "by 90°": lambda hu: np.rot90(hu),
    "by -90°": lambda hu: np.rot90(hu, -1),
    "transposed": lambda hu: hu.transpose(1, 0, 2),
    "transposed along the other diagonal": lambda hu: np.rot90(hu, 2).transpose(1, 0, 2),
}


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "SAL", "PIR"])
@pytest.mark.parametrize("turn", TURNS)
def test_image_turned_under_its_header_is_told(
    generated: tuple[NDArray, tuple[float, float, float]], turn: str, axcodes: str
) -> None:
    hu, (x, _, z) = generated
    found = check_as(hu, (x, x, z), axcodes)
    assert notes(found) == "" and found.untold == {}
    found = check_as(TURNS[turn](hu), (x, x, z), axcodes)
    said = found.problems + [note.what for note in found.notes]
    assert "turned by 90° or transposed" in said[0]
    assert found.problems or set(found.untold) >= {*LANDMARKS, SIDES}


def check_as(voxels: NDArray, spacing: tuple[float, float, float], axcodes: str) -> CheckResult:
    """Check a volume of LPS directions that is stored in others."""
    image = nib.Nifti1Image(voxels, make_affine("LPS", spacing, voxels.shape))
    own = nib.orientations.io_orientation(image.affine)
    turn = nib.orientations.ornt_transform(own, nib.orientations.axcodes2ornt(tuple(axcodes)))
    turned = image.as_reoriented(turn)
    at = tuple(np.linalg.norm(turned.affine[:3, :3], axis=0).tolist())
    stored = np.asarray(turned.dataobj)
    return check_plausible(SCAN, stored, header(stored, at, axcodes))


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 2, 0), (2, 1, 0), (2, 0, 1)])
def test_slices_that_are_not_axial_under_an_axial_header_are_refused(
    generated: tuple[NDArray, tuple[float, float, float]], order: tuple[int, int, int]
) -> None:
    from scipy.ndimage import zoom

    hu, (x, _, z) = generated
    fine = zoom(hu, (1, 1, z / x), order=1)
    for flip in (0, 1, 2):
        turned = np.flip(fine.transpose(order), flip)
        assert len(check(turned, (x, x, x)).problems) == 1
    # Thick slices whose spacings were not exchanged with the axes.
    exchanged = hu.transpose(order)
    assert check(exchanged, (x, x, z)).problems


@pytest.mark.parametrize("cut", [None, 255])
def test_upside_down_is_a_note(head: NDArray, cut: int | None) -> None:
    hu = head[..., ::-1] if cut is None else head[..., ::-1].clip(0, cut)
    assert "the head lies upside down by the affine" in notes(check(hu))


def test_back_to_front_is_a_note(head: NDArray) -> None:
    assert "the head seems to lie back to front by the affine" in notes(check(head[:, ::-1]))


def behind(hu: NDArray, spacing: tuple[float, float, float], value: float) -> NDArray:
    """Return a head with a bar of 24 by 26 mm against its back, over all slices."""
    made = hu.copy()
    half, long = round(12 / spacing[0]), round(26 / spacing[1])
    for k in range(hu.shape[2]):
        body = hu[..., k] > -300
        rows = np.flatnonzero(np.count_nonzero(body, axis=0) > 20)
        if rows.size:
            middle = int(np.flatnonzero(body[:, rows[-1]]).mean())
            made[middle - half : middle + half, rows[-1] : rows[-1] + long, k] = value
    return made


@pytest.mark.parametrize("value", [3000, 35])
def test_what_lies_against_the_back_of_the_head_does_not_turn_it_round(
    generated: tuple[NDArray, tuple[float, float, float]], value: float
) -> None:
    hu, spacing = generated
    padded = np.pad(hu, ((0, 0), (0, 16), (0, 0)), constant_values=-1000)
    assert notes(check(behind(padded, spacing, value), spacing)) == ""
    turned = check(behind(padded, spacing, value)[:, ::-1], spacing)
    assert "back to front" in notes(turned) and SIDES in turned.untold


def test_air_behind_the_brain_is_no_sinus(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    from scipy.ndimage import binary_fill_holes

    hu, spacing = generated
    made = hu.copy()
    for k in range(hu.shape[2]):
        made[binary_fill_holes(hu[..., k] > -300) & (hu[..., k] < -300), k] = 700  # no sinuses
    skull = np.argwhere(hu[..., 6] > 300)
    middle, back = int(skull[:, 0].mean()), int(skull[:, 1].max())
    made[middle - 7 : middle + 7, back - 14 : back - 6, 1:5] = -980
    assert "back to front" not in notes(check(made, spacing))
    turned = check(made[:, ::-1], spacing)
    assert "narrower end lies behind" in notes(turned) and SIDES in turned.untold


def test_generated_heads_are_known_upside_down(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    hu, spacing = generated
    assert "upside down" not in notes(check(hu, spacing))
    assert "back to front" not in notes(check(hu, spacing))
    assert "upside down" in notes(check(hu[..., ::-1], spacing))
