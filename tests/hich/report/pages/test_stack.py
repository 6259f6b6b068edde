"""Slices in a page: HU that can be read back, masks as bits, orientation, and size."""

from __future__ import annotations

import io
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff, ornt_transform
from PIL import Image

from cohort.space.grid import Grid
from hich.report.model.masks import CaseVoxels
from hich.report.pages.axial import Axial
from hich.report.pages.key_slices import key_slices
from hich.report.pages.stack import (
    KNOTS_CODE,
    KNOTS_HU,
    MOST_SLICES,
    REFERENCE_BIT,
    encode_hu,
    make_stack,
)
from imaging.measure.measurements import measure
from imaging.measure.skull.head_frame import HeadFrame


def read(uri: str) -> np.ndarray:
    with Image.open(io.BytesIO(b64decode(uri.split(",")[1]))) as picture:
        return np.array(picture)


def bits_of(uri: str) -> np.ndarray:
    """Return the bit fields [y, x] as the viewer reads them."""
    red, green, blue = np.moveaxis(read(uri).astype(np.uint16), -1, 0)
    assert not blue.any()
    return red | green << REFERENCE_BIT


def turned(volumes: CaseVoxels, axcodes: str) -> CaseVoxels:
    """Return the same head as a file of another orientation would hold it."""
    change = ornt_transform(axcodes2ornt("LPS"), axcodes2ornt(axcodes))
    affine = volumes.grid.affine @ inv_ornt_aff(change, volumes.image.shape)
    turn = lambda array: apply_orientation(array, change)  # noqa: E731
    return CaseVoxels(
        turn(volumes.image),
        Grid(turn(volumes.image).shape, affine),
        {name: turn(mask) for name, mask in volumes.predicted.items()},
        {name: turn(mask) for name, mask in volumes.reference.items()},
    )


def test_hu_between_the_finest_knots_are_exact() -> None:
    hu = np.arange(-40, 121)
    codes = encode_hu(hu)
    assert np.interp(codes, KNOTS_CODE, KNOTS_HU).tolist() == hu.tolist()


def test_hu_beyond_are_near_and_what_is_no_number_is_air() -> None:
    hu = np.array([-1000.0, -500.0, 500.0, 2000.0, 3000.0, np.nan])
    back = np.interp(encode_hu(hu), KNOTS_CODE, KNOTS_HU)
    assert back == pytest.approx([-1000, -500, 500, 2000, 2000, -1000], abs=17)


@pytest.mark.parametrize("axcodes", ["LPS", "RAS", "LAS", "RPI", "SAL", "PIR"])
def test_pictures_are_the_same_whatever_the_files_orientation(
    volumes: CaseVoxels, axcodes: str
) -> None:
    straight, other = (make_stack(Axial.of(v)) for v in (volumes, turned(volumes, axcodes)))
    assert other.images == straight.images
    assert other.masks == straight.masks
    assert other.heights_mm == straight.heights_mm
    assert other.pixel_mm == straight.pixel_mm


def test_rows_go_back_and_columns_to_the_left(volumes: CaseVoxels) -> None:
    axial = Axial.of(volumes)
    stack = make_stack(axial)
    bits = bits_of(stack.masks[5])
    rows, columns = np.nonzero(bits & 1)
    assert columns.mean() > bits.shape[1] / 2  # the hematoma is in the left half
    predicted, reference = (np.nonzero(bits & bit)[0].mean() for bit in (1, 1 << REFERENCE_BIT))
    assert reference == predicted + 2  # moved toward the back


def test_bits_are_the_masks_of_prediction_and_reference(volumes: CaseVoxels) -> None:
    axial = Axial.of(volumes)
    stack = make_stack(axial)
    for k, uri in enumerate(stack.masks):
        bits = bits_of(uri) if uri else np.zeros(stack.size[::-1], np.uint16)
        for channel, name in enumerate(volumes.predicted):
            assert (bits >> channel & 1 == axial.predicted[name][..., k].T).all()
            assert (bits >> channel + REFERENCE_BIT & 1 == axial.reference[name][..., k].T).all()


def test_nothing_marked_is_cut_off(volumes: CaseVoxels) -> None:
    mask = np.zeros(volumes.image.shape, np.uint8)
    mask[0, 0, 3] = mask[-1, -1, 4] = 1
    axial = Axial.of(CaseVoxels(volumes.image, volumes.grid, {"hematoma": mask}))
    assert axial.predicted["hematoma"].sum() == 2


def test_air_around_the_head_is_cut_off(volumes: CaseVoxels) -> None:
    wide = np.full((300, 300, 12), -1000, np.int16)
    wide[100:196, 90:202] = volumes.image
    axial = Axial.of(CaseVoxels(wide, Grid.with_spacing(wide.shape, (1.5, 1.5, 5.0))))
    assert max(axial.hu.shape[:2]) < 160


def test_of_many_slices_every_nth_and_the_key_slices_are_shown(volumes: CaseVoxels) -> None:
    image = np.repeat(volumes.image[:48, :56], 25, axis=2)
    mask = np.zeros(image.shape, np.uint8)
    mask[20:24, 20:24, 161] = 1
    axial = Axial.of(
        CaseVoxels(image, Grid.with_spacing(image.shape, (3.0, 3.0, 0.6)), {"hematoma": mask})
    )
    keys = key_slices(axial)
    assert [(key.kinds, key.number) for key in keys] == [(("hematoma",), 162)]
    stack = make_stack(axial, [key.number for key in keys])
    assert stack.total == 300
    assert len(stack.images) <= MOST_SLICES + 1
    assert 162 in stack.numbers
    assert stack.masks[stack.at(162)]


def test_large_slices_are_shrunk_and_thin_lines_stay_whole() -> None:
    image = np.full((1024, 800, 2), 35, np.int16)
    mask = np.zeros(image.shape, np.uint8)
    mask[511, 100:700, 0] = 1
    axial = Axial.of(
        CaseVoxels(image, Grid.with_spacing(image.shape, (0.2, 0.2, 5.0)), {"midline": mask})
    )
    stack = make_stack(axial)
    assert stack.size == (512, 400)
    assert stack.pixel_mm == pytest.approx((0.4, 0.4))
    assert (bits_of(stack.masks[0]) > 0).any(axis=1).sum() == 300


@pytest.mark.parametrize("axcodes", ["LPS", "LPI", "RAS"])
def test_the_shift_line_is_as_long_as_the_shift(volumes: CaseVoxels, axcodes: str) -> None:
    volumes = turned(volumes, axcodes)
    axial = Axial.of(volumes)
    found = measure(volumes.predicted, volumes.grid, volumes.image).midline
    assert found.slice is not None
    lines = [key.shift for key in key_slices(axial, found) if key.shift]
    framed = replace(volumes, frame=HeadFrame.of(volumes.image, volumes.grid))
    (again,) = [key.shift for key in key_slices(axial, found, framed) if key.shift]
    assert np.allclose(again.straight, lines[0].straight, atol=0.6)
    assert np.allclose(again.across, lines[0].across, atol=0.6)
    key = next(key for key in key_slices(axial, found) if "shift" in key.kinds)
    assert key.number == (12 - found.slice if axcodes == "LPI" else found.slice + 1)
    assert key.shift is not None
    foot, tip = map(np.array, key.shift.across)
    assert np.hypot(*(tip - foot)) == pytest.approx(found.shift_mm, abs=0.3)
    assert tip[0] < foot[0]  # toward the patient's right: the picture's left
    assert 0 < tip[0] < axial.size_mm[0] and 0 < tip[1] < axial.size_mm[1]
    assert key.shift.mm == pytest.approx(found.shift_mm, abs=0.3) and key.shift.told_mm is None


def test_a_shift_that_was_measured_on_probabilities_is_told_beside_the_line_of_the_mask(
    volumes: CaseVoxels,
) -> None:
    axial = Axial.of(volumes)
    found = measure(volumes.predicted, volumes.grid, volumes.image).midline
    assert found.shift_mm is not None
    other = replace(found, shift_mm=found.shift_mm + 1.5)
    (line,) = [key.shift for key in key_slices(axial, other) if key.shift]
    assert (line.mm, line.told_mm) == (pytest.approx(found.shift_mm, abs=0.3), other.shift_mm)
    hidden = replace(found, shift_mm=None, slice=None, unknown="hidden")
    assert not [key for key in key_slices(axial, hidden) if "shift" in key.kinds]
