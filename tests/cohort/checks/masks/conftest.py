"""A drawn head with its masks, and what the check says of these."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.checks.masks.check import MaskCheck
from cohort.checks.masks.look import HeadLook
from cohort.faults import CheckResult
from cohort.space.affine import make_affine
from cohort.space.grid import Grid
from cohort.space.header import Header

SIZE = (96, 96, 24)  # in LPS
SPACING = (2.2, 2.2, 5.5)
SOME_AXCODES = ["LPS", "RAI", "PIR"]
Masks = dict[str, NDArray[np.uint8]]
Scan = tuple[NDArray, Masks]


def ellipsoid(centre: tuple[float, ...], radii: tuple[float, ...]) -> NDArray[np.bool_]:
    index = np.indices(SIZE).transpose(1, 2, 3, 0)
    mm = (index - (np.array(SIZE) - 1) / 2) * SPACING
    inside: NDArray[np.bool_] = (((mm - centre) / radii) ** 2).sum(axis=-1) < 1
    return inside


def make_scan(bleed: tuple[float, ...] = (34, -22, 18), size: float = 17) -> Scan:
    """Return HU and masks of a head in LPS that lies off the middle: a bleed on the left, in front.

    Parameters
    ----------
    bleed, size
        Its centre and radius in mm.
    """
    hu = np.full(SIZE, -1000.0)
    for radii, value in (((76, 94, 112), 40), ((72, 90, 108), 900), ((65, 83, 101), 33)):
        hu[ellipsoid((4, 3, -40), radii)] = value
    places = {
        "hematoma": ellipsoid(bleed, (size, size + 4, size)),
        "midline": ellipsoid((4, 0, 5), (2.5, 78, 45)),
        "ventricle_left": ellipsoid((18, 12, 8), (8, 24, 14)),
        "ventricle_right": ellipsoid((-10, 12, 8), (9, 26, 14)),
    }
    for name, value in (("midline", 42), ("ventricle_left", 8), ("ventricle_right", 8)):
        hu[places[name]] = value
    hu[places["hematoma"]] = 62
    hu[places["midline"] & (np.abs(places["midline"].cumsum(axis=1) - 20) < 6)] = 6  # a cistern
    noise = np.random.default_rng(0).normal(0, 3, SIZE)
    masks = {name: place.astype(np.uint8) for name, place in places.items()}
    return (hu + noise).round().astype(np.int16), masks


@pytest.fixture(scope="module")
def scan() -> Scan:
    return make_scan()


def header(voxels: NDArray, affine: NDArray) -> Header:
    i, j, k = voxels.shape
    return Header(Grid((i, j, k), affine), str(voxels.dtype))


def oriented(voxels: NDArray, axcodes: str) -> tuple[NDArray, Header]:
    """Return an LPS array stored with other axes; it lies where it lay."""
    image = nib.Nifti1Image(voxels, make_affine("LPS", SPACING, SIZE))
    own = nib.orientations.io_orientation(image.affine)
    turn = nib.orientations.ornt_transform(own, nib.orientations.axcodes2ornt(tuple(axcodes)))
    turned = image.as_reoriented(turn)
    stored = np.asfortranarray(np.asarray(turned.dataobj))
    return stored, header(stored, turned.affine)


def compare(hu: NDArray, masks: Masks, axcodes: str = "LPS") -> CheckResult:
    stored, at = oriented(hu, axcodes)
    own = {name: oriented(mask, axcodes)[0] for name, mask in masks.items()}
    return compare_stored(stored, at, own)


def compare_stored(stored: NDArray, at: Header, masks: Masks) -> CheckResult:
    masks_of = MaskCheck(Path("ct.nii.gz"), HeadLook(stored, at))
    for name, mask in masks.items():
        masks_of.add(name, Path(f"{name}.nii.gz"), mask)
    masks_of.finish()
    return masks_of.found


def quiet(found: CheckResult) -> bool:
    return not found.problems and not found.notes


def said(found: CheckResult) -> str:
    return "\n".join([*found.problems, *map(str, found.notes)])
