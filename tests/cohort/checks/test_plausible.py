"""What is not a head CT is refused, what is odd is noted, and every head CT passes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.checks.head.thumbnail import oriented, thumbnail
from cohort.checks.plausible import check_plausible, require_plausible
from cohort.facts.coverage import coverage_words
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.structures import LANDMARKS
from cohort.faults import FORCED, Findings
from cohort.space.nifti import Header, make_affine, read_header, read_volume

SIZE = (96, 112, 24)
SPACING = (2.0, 2.0, 5.5)
SCAN = Path("scan.nii.gz")


def ellipsoid(centre: tuple[float, ...], radii: tuple[float, ...]) -> NDArray[np.bool_]:
    index = np.indices(SIZE).transpose(1, 2, 3, 0)
    mm = (index - (np.array(SIZE) - 1) / 2) * SPACING
    inside: NDArray[np.bool_] = (((mm - centre) / radii) ** 2).sum(axis=-1) < 1
    return inside


@pytest.fixture(scope="module")
def head() -> NDArray[np.float32]:
    """Return HU in LPS: scalp, skull, brain with a bleed; low down sinuses in front, and bone."""
    hu = np.full(SIZE, -1000.0)
    for radii, value in (((76, 96, 104), 40), ((72, 92, 100), 900), ((65, 85, 93), 33)):
        hu[ellipsoid((0, 0, -45), radii)] = value
    for side in (-1, 1):
        hu[ellipsoid((side * 34, 10, -50), (36, 10, 18))] = 700
    hu[ellipsoid((0, -55, -55), (14, 20, 22))] = -950
    hu[ellipsoid((12, 0, 5), (18, 22, 14))] = 64
    noise = np.random.default_rng(0).normal(0, 3, SIZE)
    return (hu + noise).round().astype(np.float32)


@pytest.fixture(scope="module", params=range(3))
def generated(request: pytest.FixtureRequest) -> tuple[NDArray, tuple[float, float, float]]:
    """Return HU of a generated head in LPS, and its spacing."""
    from cohort.synthetic.head import draw_head

    drawn = draw_head(np.random.SeedSequence(request.param), size=96, slices=22)
    axcodes: Any = nib.aff2axcodes(drawn.affine)
    x, y, z = np.linalg.norm(drawn.affine[:3, :3], axis=0)
    return oriented(drawn.hu, "".join(axcodes)), (float(x), float(y), float(z))


def header(
    voxels: NDArray, spacing: tuple[float, float, float] = SPACING, axcodes: str = "LPS"
) -> Header:
    i, j, k = voxels.shape
    affine = make_affine(axcodes, spacing, (i, j, k))
    return Header((i, j, k), affine, str(voxels.dtype), spacing, axcodes, True)


def check(voxels: NDArray, spacing: tuple[float, float, float] = SPACING) -> Findings:
    return check_plausible(SCAN, voxels, header(voxels, spacing))


def notes(found: Findings) -> str:
    """Return all notes as one text, after asserting that nothing is refused."""
    assert found.problems == []
    return "\n".join(note.what for note in found.notes)


def problem(found: Findings) -> str:
    (said,) = found.problems
    assert said.startswith("scan.nii.gz: ")
    return said


# What is taken.


def test_head_passes_without_a_word(head: NDArray) -> None:
    assert notes(check(head)) == ""


@pytest.mark.parametrize("axcodes", ["RAS", "LPI", "SAL", "PIR", "ILA"])
def test_orientation_of_the_array_makes_no_difference(head: NDArray, axcodes: str) -> None:
    image = nib.Nifti1Image(head, make_affine("LPS", SPACING, SIZE))
    own = nib.orientations.io_orientation(image.affine)
    turn = nib.orientations.ornt_transform(own, nib.orientations.axcodes2ornt(tuple(axcodes)))
    turned = image.as_reoriented(turn)
    voxels = np.asarray(turned.dataobj)
    spacing = tuple(np.linalg.norm(turned.affine[:3, :3], axis=0).tolist())
    at = header(voxels, spacing, axcodes)
    assert notes(check_plausible(SCAN, voxels, at)) == ""
    np.testing.assert_array_equal(
        thumbnail(voxels, at).voxels[..., 8], thumbnail(head, header(head)).voxels[..., 8]
    )
    assert thumbnail(voxels, at).spacing == pytest.approx(SPACING)


CODINGS = {
    "as it is": lambda hu: hu,
    "air cut at 0": lambda hu: hu.clip(0),
    "0 to 255": lambda hu: hu.clip(0, 255).astype(np.uint8),
    "0 to 200": lambda hu: hu.clip(0, 200),
    "-100 to 200": lambda hu: hu.clip(-100, 200),
    "cut at 255": lambda hu: hu.clip(-1024, 255),
    "noise": lambda hu: hu + np.random.default_rng(1).normal(0, 25, hu.shape),
    "a little off": lambda hu: hu * 1.04 + 8,
    "padding": lambda hu: np.where(_corners(hu), -3024, hu),
}


def _corners(hu: NDArray) -> NDArray[np.bool_]:
    x, y = (np.linspace(-1, 1, n) for n in hu.shape[:2])
    corners: NDArray[np.bool_] = (x[:, None] ** 2 + y**2 > 1)[..., None]
    return corners


@pytest.mark.parametrize("coding", CODINGS)
def test_generated_heads_are_taken_without_a_word_however_their_hu_are_coded(
    generated: tuple[NDArray, tuple[float, float, float]], coding: str
) -> None:
    hu, spacing = generated
    found = check(CODINGS[coding](hu), spacing)
    assert notes(found) == "" and found.untold == {}


@pytest.mark.parametrize("cut", [None, 255])
def test_no_slice_and_no_part_of_a_head_is_refused(head: NDArray, cut: int | None) -> None:
    hu = head if cut is None else head.clip(0, cut)
    for k in range(0, SIZE[2], 2):
        assert check(hu[..., k : k + 1]).problems == []
        assert check(hu[..., k : k + 5]).problems == []


def test_head_without_its_skull_or_part_of_it_is_a_note(head: NDArray) -> None:
    brain = np.where(ellipsoid((0, 0, -45), (64, 84, 92)) & (head < 100), head, -1000)
    assert "no bone" in notes(check(brain))
    opened = head.copy()
    opened[:44][head[:44] > 300] = 30
    assert "no skull that encloses a brain" in notes(check(opened))


def test_real_scans_of_other_hospitals_pass(shared_data: Path) -> None:
    scans = [p for p in sorted((shared_data / "bhsd-dev").glob("*.nii.gz")) if "_" not in p.name]
    assert scans
    for path in scans:
        voxels, at = read_volume(path)
        said = notes(check_plausible(path, voxels, at))
        assert said == "", path


def test_published_slices_of_hich_it_pass(shared_data: Path, tmp_path: Path) -> None:
    from cohort.import_hich_it import import_hich_it

    cohort = import_hich_it(shared_data / "hich-it-mini" / "Datasets", tmp_path / "out").cohort
    (path,) = (cohort.path(case.image) for case in cohort.cases if case.image)
    assert notes(check_plausible(path, *read_volume(path))) == ""


# Values.


def mr(hu: NDArray, scale: float) -> NDArray:
    """Return MR-like intensities: dark air and bone, bright scalp, brain between."""
    signal = np.where(hu < 10, 8.0, np.where(hu > 300, 60.0, 250 + 6 * hu.clip(0, 80)))
    return np.abs(signal + np.random.default_rng(0).normal(0, 12, hu.shape)) * scale


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda hu: (hu + 1024).clip(0).astype(np.uint16), "raw values, not Hounsfield units"),
        (lambda hu: (hu + 1000).clip(0).astype(np.uint16), "apply the rescale intercept"),
        (lambda hu: hu - 1024, "was subtracted twice"),
        (lambda hu: hu.astype(np.int16).view(np.uint16), "without their sign"),
        (lambda hu: -hu, "inverted; multiply by -1"),
        (lambda hu: 255 - hu.clip(0, 255), "inverted"),
        (lambda hu: mr(hu, 1).astype(np.int16), "is it MR"),
        (lambda hu: mr(hu, 5), "is it MR"),
        (lambda hu: mr(hu, 0.3).astype(np.uint8), "is it MR"),
        (lambda hu: hu.clip(0, 80) * (255 / 80), "a picture with grey levels"),
        (lambda hu: (hu + 1000) / 4000, "normalised, not Hounsfield units"),
        (lambda hu: (hu - hu.mean()) / hu.std(), "normalised, not Hounsfield units"),
        (lambda hu: hu * 0, "holds the value 0 only"),
        (lambda hu: np.full_like(hu, -1000) + hu % 7, "air only"),
        (
            lambda hu: np.where(np.arange(hu.size).reshape(hu.shape) % 50, -1000, 400),
            "nothing of the",
        ),
    ],
)
def test_values_that_make_every_result_meaningless_are_refused(
    head: NDArray, make: Any, said: str
) -> None:
    assert said in problem(check(make(head)))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda hu: np.where(hu == hu.max(), 1023, hu.clip(0, 1000)), "scaled to 10 bits"),
        (lambda hu: np.where(hu == hu.max(), 40_000, hu), "far beyond what CT measures."),
    ],
)
def test_unusual_values_are_a_note(head: NDArray, make: Any, said: str) -> None:
    assert said in notes(check(make(head)))


CUTS = {
    "cut at 199": (lambda hu: hu.clip(0, 199), 199),
    "cut at 150": (lambda hu: hu.clip(-1024, 150), 150),
    "cut at 100": (lambda hu: hu.clip(0, 100), 100),
    "cut, and resampled": (lambda hu: np.where(hu > 120, 120 + (hu % 7 - 3) / 10, hu), 120),
    "cut below, and a marker": (lambda hu: _marked(hu.clip(0, 120)), 120),
}


def _marked(hu: NDArray) -> NDArray:
    marked = hu.copy()
    marked[:4, :4] = 3000
    return marked


@pytest.mark.parametrize("cut", CUTS)
def test_scan_cut_between_100_and_200_is_a_note_and_below_150_tells_blood_only(
    generated: tuple[NDArray, tuple[float, float, float]], cut: str
) -> None:
    hu, spacing = generated
    change, level = CUTS[cut]
    found = check(change(hu), spacing)
    said = re.search(r"cut at (\d+) HU", notes(found))
    assert said and abs(int(said[1]) - level) <= 1
    untold = {"midline", "ventricle_left", "ventricle_right"} if level < 150 else set()
    assert set(found.untold) == untold


def window(low: float, high: float, levels: int = 255) -> Any:
    """Return a change to the grey levels of a window."""
    return lambda hu: ((hu.clip(low, high) - low) / (high - low) * levels).round()


def _each_slice(hu: NDArray) -> NDArray:
    low, high = (f(hu, axis=(0, 1), keepdims=True) for f in (np.min, np.max))
    scaled: NDArray = (hu - low) / np.maximum(high - low, 1) * 255
    return scaled


GREY = {
    "cut at 80": lambda hu: hu.clip(0, 80),
    "only the top cut, at 80": lambda hu: hu.clip(-1024, 80),
    "cut at 99": lambda hu: hu.clip(0, 99).astype(np.float32),
    "brain window": window(0, 80),
    "brain window, fractions": lambda hu: (hu.clip(-20, 100) + 20) / 120 * 255,
    "brain window, inverted": window(80, 0),
    "brain window, gamma": lambda hu: ((hu.clip(0, 80) / 80) ** 2 * 255).round(),
    "a window 200 HU wide": window(0, 200),
    "a window 80 HU wide, 0 to 100": window(0, 80, 100),
    "bone window": window(-500, 1500),
    "soft tissue window of a large range": window(-200, 800),
    "whole range, 8 bits": lambda hu: window(hu.min(), hu.max())(hu),
    "whole range, 8 bits with sign": lambda hu: window(hu.min(), hu.max())(hu) - 128,
    "whole range, 12 bits": lambda hu: window(hu.min(), hu.max(), 4095)(hu),
    "whole range, 16 bits": lambda hu: window(hu.min(), hu.max(), 65535)(hu),
    "whole range, 16 bits with sign": lambda hu: window(hu.min(), hu.max(), 65535)(hu) - 32768,
    "each slice's range": _each_slice,
    "twice as large": lambda hu: hu * 2.0,
}


@pytest.mark.parametrize("levels", GREY)
def test_grey_levels_and_what_is_cut_into_blood_are_refused(
    generated: tuple[NDArray, tuple[float, float, float]], levels: str
) -> None:
    hu, spacing = generated
    assert len(check(GREY[levels](hu.astype(np.float32)), spacing).problems) == 1


def test_air_at_half_its_value_is_told(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    hu, spacing = generated
    found = check(hu / 2, spacing)
    said = found.problems + [note.what for note in found.notes]
    assert "where air has -1000: are they HU?" in said[0] or "grey levels" in said[0]


def test_values_left_out_by_a_real_scanner_are_no_window(head: NDArray) -> None:
    # One HU in twelve, as in BHSD's 160021; a window of 200 HU in 256 levels leaves out one in 4.6.
    scaled = (head.clip(0, 240) * 1.08).round().clip(0, 255)
    assert notes(check(scaled)) == ""


@pytest.mark.parametrize("k", [0, 12, 23])
def test_one_slice_tells_its_cut_as_well(
    generated: tuple[NDArray, tuple[float, float, float]], k: int
) -> None:
    hu, spacing = generated
    one = hu[..., min(k, hu.shape[2] - 3) :][..., :1]
    assert check(one.clip(0, 255), spacing).problems == []
    assert "cut at 80" in problem(check(one.clip(0, 80), spacing))


# Anatomy.


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


def check_as(voxels: NDArray, spacing: tuple[float, float, float], axcodes: str) -> Findings:
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
    assert "the head lies back to front by the affine" in notes(check(head[:, ::-1]))


def test_generated_heads_are_known_upside_down(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    hu, spacing = generated
    assert "upside down" not in notes(check(hu, spacing))
    assert "back to front" not in notes(check(hu, spacing))
    assert "upside down" in notes(check(hu[..., ::-1], spacing))


# Slices.


@pytest.mark.parametrize("first", [10, 12, 14])
def test_missing_slices_are_a_note(head: NDArray, first: int) -> None:
    gone = np.delete(head, [first, first + 1], axis=2)
    assert notes(check(gone)) == f"changes abruptly above slice {first}: are slices missing?"


def test_empty_and_repeated_slices_are_named(head: NDArray) -> None:
    empty, twice = head.copy(), head.copy()
    empty[..., 9] = -1024
    twice[..., 9] = twice[..., 8]
    assert notes(check(empty)) == "has no image in slice 10 between others that have."
    assert notes(check(twice)) == "repeats the slice below in slice 10: were slices lost?"


def test_slices_out_of_order_are_a_note(head: NDArray) -> None:
    interleaved = np.concatenate([head[..., ::2], head[..., 1::2]], axis=2)
    assert "is their order lost?" in notes(check(interleaved))


def test_one_slice_few_and_many_are_taken(head: NDArray) -> None:
    one, three = check(head[..., 10:11]), check(head[..., 10:13])
    assert notes(one) == notes(three) == ""
    unproved = {"part": True, "spacing_checked": False}
    assert one.facts["coverage"] == {"slices": 1, "height_mm": 5.5, **unproved}
    assert three.facts["coverage"] == {"slices": 3, "height_mm": 16.5, **unproved}
    proved = {"part": False, "spacing_checked": True}
    assert check(head).facts["coverage"] == {"slices": 24, "height_mm": 132.0, **proved}
    many = head[:, :, np.linspace(0, SIZE[2] - 1, 1000).round().astype(int)]
    many = many + (np.arange(1000) % 2)  # so that neighbours differ
    said = notes(check(many, (2.0, 2.0, 0.132)))
    assert said == "has an unusual spacing, 2×2×0.132 mm."


def test_coarse_copy_of_a_thousand_slices_stays_small() -> None:
    voxels = np.zeros((512, 512, 1), np.int16).repeat(1000, axis=2)
    small = thumbnail(voxels, header(voxels, (0.4, 0.4, 0.15)))
    assert small.voxels.shape == (128, 128, 62)
    assert small.spacing == pytest.approx((1.6, 1.6, 2.4))


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 20), (64, 1, 9), (50, 50, 2), (3, 70, 70)])
@pytest.mark.parametrize("value", [-1000, 0, 40])
def test_any_shape_is_judged_without_an_error(shape: tuple[int, ...], value: int) -> None:
    noise = np.random.default_rng(0).normal(value, 300, shape)
    assert check(noise).problems is not None
    assert len(check(np.full(shape, value)).problems) == 1


# Header.


def tilted(degrees: float) -> NDArray:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[1, 0, 0, 0], [0, c, -s, 0], [0, s, c, 0], [0, 0, 0, 1]])
    affine: NDArray = turn @ make_affine("LPS", SPACING, SIZE)
    return affine


def test_tilt_is_noted_and_beyond_a_half_right_angle_refused(head: NDArray) -> None:
    at = header(head)
    assert notes(check_plausible(SCAN, head, replace(at, affine=tilted(20)))) == ""
    steep = check_plausible(SCAN, head, replace(at, affine=tilted(32)))
    assert notes(steep) == "its slices are tilted by 32° against the axial plane."
    oblique = check_plausible(SCAN, head, replace(at, affine=tilted(44)))
    assert "tilted by 44°" in problem(oblique) and "reformat it" in problem(oblique)


def test_gantry_tilt_that_was_not_corrected_is_a_note(head: NDArray) -> None:
    sheared = make_affine("LPS", SPACING, SIZE)
    sheared[1, 2] = np.tan(np.radians(15)) * sheared[2, 2]
    at = replace(header(head), affine=sheared)
    at = replace(at, spacing=tuple(np.linalg.norm(sheared[:3, :3], axis=0).tolist()))
    assert "shifted against each other, 15° off" in notes(check_plausible(SCAN, head, at))


@pytest.mark.parametrize(
    ("spacing", "said"),
    [((0.2, 0.2, 5.0), "unusual spacing, 0.2×0.2×5"), ((0.5, 0.5, 20.0), "0.5×0.5×20")],
)
def test_extreme_spacing_is_a_note(spacing: tuple[float, float, float], said: str) -> None:
    voxels = np.tile(np.arange(-20.0, 80.0)[:, None, None], (1, 40, 9)) + np.arange(9)
    found = check(voxels, spacing)
    assert said in "\n".join(note.what for note in found.notes)


def test_sagittal_slices_are_a_note_and_coarse_pixels_refused() -> None:
    voxels = np.tile(np.arange(-20.0, 80.0)[:, None, None], (1, 40, 9)) + np.arange(9)
    sagittal = check_plausible(SCAN, voxels, header(voxels, (0.5, 0.5, 5.0), "PSL"))
    assert "holds sagittal slices, 5 mm apart" in notes(sagittal)
    assert "too coarse to show a bleed" in problem(check(voxels, (12.0, 12.0, 5.0)))


def test_sform_and_qform_that_contradict_each_other_are_a_note(
    tmp_path: Path, head: NDArray
) -> None:
    image = nib.Nifti1Image(head, make_affine("LPS", SPACING, SIZE))
    image.set_sform(image.affine, code=1)
    image.set_qform(make_affine("RPS", SPACING, SIZE), code=1)
    nib.save(image, tmp_path / "scan.nii.gz")
    at = read_header(tmp_path / "scan.nii.gz")
    assert at.axcodes == "LPS" and at.qform is not None
    said = notes(check_plausible(SCAN, head, at))
    assert "its sform, which is used, and its qform differ in orientation (LPS, RPS)" in said


def test_mirror_image_cannot_be_seen(head: NDArray) -> None:
    assert notes(check(head[::-1])) == ""


# Going ahead.


def test_force_takes_what_is_refused_and_says_so(head: NDArray) -> None:
    with pytest.raises(DataError, match="inverted; .*--force takes it all the same"):
        require_plausible(SCAN, -head, header(head))
    found = require_plausible(SCAN, -head, header(head), force=True)
    assert found.problems == []
    (note,) = found.notes
    assert note.kind == FORCED and note.what.startswith("Taken by --force: holds values from")
    assert require_plausible(SCAN, head, header(head)) == Findings(facts=check(head).facts)


# What the head's own shape tells, and what rests on it.


STRETCHED = {
    "half as wide": (0.5, 1, 1),
    "narrower": (0.7, 1, 1),
    "longer": (1, 1.5, 1),
    "wider": (1.5, 1, 1),
    "shorter": (1, 0.7, 1),
    "slices nearer": (1, 1, 0.7),
    "slices further": (1, 1, 1.75),
}


@pytest.mark.parametrize("stretch", STRETCHED)
def test_sizes_of_a_stretched_head_cannot_be_told(
    generated: tuple[NDArray, tuple[float, float, float]], stretch: str
) -> None:
    hu, spacing = generated
    x, y, z = (mm * by for mm, by in zip(spacing, STRETCHED[stretch], strict=True))
    found = check(hu, (x, y, z))
    assert found.problems or {note.kind for note in found.notes} == {"spacing"}
    assert found.problems or (SIZES in found.untold and SIDES not in found.untold)


@pytest.mark.parametrize("axis", [0, 1])
def test_an_array_that_was_resized_is_judged_by_its_spacing(
    generated: tuple[NDArray, tuple[float, float, float]], axis: int
) -> None:
    hu, spacing = generated
    some = np.linspace(0, hu.shape[axis] - 1, hu.shape[axis] * 5 // 4).round().astype(int)
    resized = hu.take(some, axis)
    true = tuple(mm * 0.8 if axis == a else mm for a, mm in enumerate(spacing))
    assert notes(check(resized, true)) == ""  # type: ignore[arg-type]
    wrong = check(hu, true)  # type: ignore[arg-type]
    assert wrong.problems or SIZES in wrong.untold


@pytest.mark.parametrize("part", [slice(9, 14), slice(12, 13)])
def test_a_slab_turned_by_a_right_angle_is_told(
    generated: tuple[NDArray, tuple[float, float, float]], part: slice
) -> None:
    hu, (x, _, z) = generated
    assert check(hu[..., part], (x, x, z)).untold == {}
    turned = check(np.rot90(hu[..., part]), (x, x, z))
    assert set(turned.untold) >= {*LANDMARKS, SIDES}


@pytest.mark.parametrize("axes", [(1,), (0, 1), (2,)])
def test_sides_of_a_head_that_lies_turned_over_cannot_be_told(
    generated: tuple[NDArray, tuple[float, float, float]], axes: tuple[int, ...]
) -> None:
    hu, spacing = generated
    found = check(np.flip(hu, axes), spacing)
    assert "may be swapped" in notes(found)
    assert set(found.untold) == {*LANDMARKS, SIDES}


@pytest.mark.parametrize("mm", [110, 130, 150])
def test_small_fields_of_view_are_a_fact_and_no_note(
    generated: tuple[NDArray, tuple[float, float, float]], mm: int
) -> None:
    hu, (x, y, z) = generated
    edge = [(n - round(mm / step)) // 2 for n, step in zip(hu.shape, (x, y), strict=False)]
    small = hu[edge[0] : -edge[0], edge[1] : -edge[1]]
    found = check(small, (x, y, z))
    assert notes(found) == "" and found.untold == {}
    if min(small.shape[:2]) >= 40:
        assert found.facts["coverage"]["cut_off"]


def test_a_head_without_its_vertex_is_a_part(
    generated: tuple[NDArray, tuple[float, float, float]],
) -> None:
    hu, spacing = generated
    assert not check(hu, spacing).facts["coverage"]["part"]
    assert check(hu, spacing).facts["coverage"]["spacing_checked"]
    lower = check(hu[..., : hu.shape[2] * 2 // 3], spacing).facts["coverage"]
    assert lower["part"] and coverage_words(lower).startswith("part: 14 slices")


def test_force_tells_sizes_with_a_mark_but_no_side(head: NDArray) -> None:
    flat = require_plausible(SCAN, head, header(head, (2.0, 2.0, 3.0)), force=True)
    assert flat.untold == {} and FORCED in [note.kind for note in flat.notes]
    turned = np.rot90(head)
    with pytest.raises(DataError, match="turned by 90°"):
        require_plausible(SCAN, turned, header(turned))
    forced = require_plausible(SCAN, turned, header(turned), force=True)
    assert set(forced.untold) == {*LANDMARKS, SIDES}


def test_sides_rest_on_a_stated_orientation_and_sizes_on_one_spacing(head: NDArray) -> None:
    silent = check_plausible(SCAN, head, replace(header(head), oriented=False))
    assert set(silent.untold) == {SIDES}
    one = check(head[..., 10:11], (1.0, 1.0, 1.0))
    assert "exactly 1×1×1" in notes(one) and SIZES in one.untold


def test_a_head_whose_skull_was_painted_over_is_called_that(head: NDArray) -> None:
    brain = np.where(ellipsoid((0, 0, -45), (64, 84, 92)) & (head < 100), head, 0)
    brain[2:6, 2:6] = 400
    assert "skull stripping" in problem(check(brain))
