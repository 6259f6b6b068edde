"""What is not a head CT is refused, what is odd is noted, and every head CT passes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.checks.head.thumbnail import thumbnail
from cohort.checks.plausible import check_plausible, require_plausible
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.structures import LANDMARKS
from cohort.faults import FORCED, CheckResult
from cohort.space.affine import make_affine
from cohort.space.file_types import read_volume
from tests.cohort.checks.conftest import (
    SCAN,
    SIZE,
    SPACING,
    check,
    ellipsoid,
    header,
    notes,
    problem,
)

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
    assert require_plausible(SCAN, head, header(head)) == CheckResult(facts=check(head).facts)


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
