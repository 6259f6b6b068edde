"""Several scans side by side: in the place of the first, left on the right, and why if not."""

from __future__ import annotations

import io
import sys
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image

from cohort.space.grid import Grid
from hich.report.model.masks import CaseVoxels
from hich.report.pages.axial import Axial
from hich.report.pages.side_by_side import scans_side_by_side, side_context
from hich.report.pages.words import Words
from tests.imaging.space.test_registration import grid_of, place, scanned

BLEED = np.array([-25.0, 20.0, 10.0])  # RAS+: on the patient's left, to the front


def head(grid: Grid, lies: np.ndarray) -> CaseVoxels:
    """Return a scan of a head with a bleed on its left."""
    index = np.moveaxis(np.indices(grid.shape), 0, -1)
    inside = (grid.to_mm(index) - lies[:3, 3]) @ lies[:3, :3]
    mask = (np.linalg.norm(inside - BLEED, axis=-1) < 12).astype(np.uint8)
    return CaseVoxels(scanned(grid, lies), grid, {"hematoma": mask})


def middle(uri: str) -> np.ndarray:
    """Return the middle of what a picture of masks marks, in shares of its width and height."""
    red = np.array(Image.open(io.BytesIO(b64decode(uri.partition(",")[2]))))[..., 0] & 1
    return np.array(np.nonzero(red)[::-1]).mean(axis=1) / red.shape[::-1]


def test_a_later_scan_is_shown_in_the_place_of_the_first() -> None:
    pytest.importorskip("SimpleITK")
    first, later = (
        head(grid_of(), np.eye(4)),
        head(grid_of("RAI", 4.0), place((4, 6, 15), (9, 0, 8))),
    )
    side = scans_side_by_side([first, later])
    assert side.why_not == (None,) and side.registered == (True,)
    one, two = side.stacks
    assert one.size == two.size and one.numbers == two.numbers
    at = side_context(side)["data"]["first"]
    marks = [middle(stack.masks[at]) for stack in (one, two)]
    assert (
        marks[0][0] > 0.55 and marks[0][1] < 0.5
    )  # the patient's left is on the right, front on top
    assert np.abs(marks[0] - marks[1]).max() < 0.02


def grey(uri: str) -> np.ndarray:
    """Return the codes of HU of a picture, 0 to 255."""
    return np.array(Image.open(io.BytesIO(b64decode(uri.partition(",")[2]))))


def test_what_a_shorter_scan_does_not_reach_is_hatched_and_said() -> None:
    pytest.importorskip("SimpleITK")
    first = head(grid_of(), np.eye(4))
    whole = scans_side_by_side([first, first])
    assert whole.hatched == (False,)
    grid = first.grid
    short = CaseVoxels(first.image[..., :-12], Grid(first.image[..., :-12].shape, grid.affine))
    side = scans_side_by_side([first, short])
    assert side.registered == (True,) and side.hatched == (True,)
    air = grey(whole.stacks[1].images[0]).min()
    for image in side.stacks[1].images[-11:]:  # the head is in the first scan's up to the vertex
        stripes = grey(image)
        assert stripes.min() > air and len(np.unique(stripes)) == 2
    assert (grey(side.stacks[1].images[5]) == grey(whole.stacks[1].images[5])).mean() > 0.9
    said = [Words(lang)("follow.hatched") for lang in ("en", "zh")]
    assert said == ["Hatched: not scanned here.", "斜纹处：本次未扫描到。"]


def test_without_the_library_each_scan_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    first, later = head(grid_of(), np.eye(4)), head(grid_of("RAI", 8.0), np.eye(4))
    side = scans_side_by_side([first, later])
    assert side.registered == (False,) and side.stacks[1].total == later.image.shape[2]
    (why,) = side.why_not
    assert why and "SimpleITK is not installed" in Words("en").say(why)


def test_on_paper_each_scan_has_the_slices_with_most_blood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    first, later = head(grid_of(), np.eye(4)), head(grid_of("RAI", 8.0), np.eye(4))
    side = scans_side_by_side([first, later])
    assert side.on_paper and all(len(row) == 2 for row in side.on_paper)
    for number, scan in enumerate((first, later)):
        axial = Axial.of(scan)
        most = int(axial.predicted["hematoma"].sum(axis=(0, 1)).argmax()) + 1
        printed = [row[number] for row in side.on_paper]
        assert min(abs(slice_.number - most) for slice_ in printed) <= 1
        assert {slice_.total for slice_ in printed} == {axial.hu.shape[2]}
        assert all(slice_.picture.startswith("data:image/webp;base64,") for slice_ in printed)


def test_slices_keep_their_numbers_where_only_some_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    hu = np.full((24, 24, 130), -1000, np.int16)
    hu[4:20, 4:20] = 35
    scan = CaseVoxels(hu, Grid.with_spacing(hu.shape, (8.0, 8.0, 1.0)))
    side = scans_side_by_side([scan, scan])
    for stack in side.stacks:
        assert (stack.numbers[:2], stack.numbers[-1], stack.total) == ((1, 4), 130, 130)


def test_without_bone_to_go_by_that_is_said() -> None:
    pytest.importorskip("SimpleITK")
    whole = head(grid_of(), np.eye(4))
    cut = CaseVoxels(np.clip(whole.image, 0, 255), whole.grid, whole.predicted)
    for scans in ((cut, cut), (whole, cut)):
        (why,) = scans_side_by_side(scans).why_not
        assert why and why.key == "follow.no_bone"


@pytest.mark.parametrize("slices", [(12, 1), (1, 12), (1, 1), (12, 1, 3)])
def test_one_slice_beside_several_is_printed(
    slices: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    scans = []
    for number in slices:
        grid = Grid.with_spacing((24, 24, number), (8.0, 8.0, 5.0))
        mask = np.zeros(grid.shape, np.uint8)
        mask[8:12, 8:12, number * 3 // 4] = 1  # in the upper half
        scans.append(CaseVoxels(np.full(grid.shape, 30, np.int16), grid, {"hematoma": mask}))
    side = scans_side_by_side(scans)
    assert side.on_paper
    for row in side.on_paper:
        assert [one.total for one in row] == list(slices)
        assert all(1 <= one.number <= one.total for one in row)


def test_the_slice_with_most_of_the_bleed_is_shown_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SimpleITK", None)
    grid = Grid.with_spacing((32, 32, 130), (6.0, 6.0, 1.0))
    mask = np.zeros(grid.shape, np.uint8)
    mask[4:28, 4:28, 60] = 1
    mask[4:28:2, 4:28:3, 30] = 1  # less of it, whose picture takes more room
    scan = CaseVoxels(np.full(grid.shape, 30, np.int16), grid, {"hematoma": mask})
    side = scans_side_by_side([scan, scan])
    first = side.stacks[0]
    assert first.numbers[side_context(side)["data"]["first"]] == 61
    assert (first.every, first.total) == (3, 130)
