"""A label map of a made-up head, for tests: small, of simple bodies; left and right differ."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

SCALE = 0.75
"""Of a real head's size, which saves time."""
SPACING = 2.0
SIZE_MM = (120, 150, 130)


def toy_labels() -> NDArray[np.int16]:
    """Return labels [x, y, z] at `SPACING` mm; x to the patient's right, y to the front, z up."""
    axes = [np.arange(0, n, SPACING) - n / 2 for n in SIZE_MM]
    x, y, z = (a / SCALE for a in np.meshgrid(*axes, indexing="ij"))
    z = z - 5

    def ball(cx: float, cy: float, cz: float, rx: float, ry: float, rz: float) -> NDArray:
        return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 + ((z - cz) / rz) ** 2 < 1

    def sides(cx: float, *rest: float) -> tuple[NDArray, NDArray]:
        return ball(-cx, *rest), ball(cx, *rest)

    labels = np.zeros(x.shape, np.int16)
    left = x < 0
    labels[ball(0, -17, 5, 77, 93, 84)] = 511
    labels[ball(0, -17, 5, 74, 90, 81)] = 507
    labels[ball(0, -17, 5, 71, 87, 78)] = 515
    labels[ball(0, -17, 5, 66, 82, 73)] = 24
    brain = ball(0, -17, 5, 63, 79, 70) & (np.abs(x) > 1)
    labels[brain] = np.where(left, 3, 42)[brain]
    core = ball(0, -17, 5, 57, 73, 64) & (np.abs(x) > 1)
    labels[core] = np.where(left, 2, 41)[core]
    bridge = ball(0, -5, 8, 8, 35, 14)
    labels[bridge] = np.where(left, 2, 41)[bridge]
    low = (labels > 0) & (labels < 100) & (z < -14) & (y < -30)
    labels[low & ball(0, -61, -34, 50, 38, 25)] = 24
    small = ball(0, -61, -34, 47, 35, 21) & (labels == 24) & (z < -17)
    labels[small] = np.where(left, 8, 47)[small]
    inner = ball(0, -58, -34, 28, 14, 9) & small
    labels[inner] = np.where(left, 7, 46)[inner]
    for numbers, bodies in (
        ((12, 51), sides(25, 1, 0, 7, 16, 11)),
        ((10, 49), sides(11, -18, 7, 8, 13, 9)),
        ((11, 50), sides(14, 12, 8, 5, 9, 8)),
        ((17, 53), sides(26, -22, -14, 6, 15, 6)),
    ):
        for number, body in zip(numbers, bodies, strict=True):
            labels[body] = number
    labels[ball(0, -28, -31, 12, 10, 22)] = 16
    labels[ball(0, -9, -3, 2.5, 12, 9)] = 14
    labels[ball(0, -42, -33, 7, 5, 8)] = 15
    labels[ball(-11, 2, 17, 9.5, 32, 12) & (x < -1)] = 4
    labels[ball(9, 2, 17, 7, 27, 10) & (x > 1)] = 43
    return labels


def save_map(
    path: Path, labels: NDArray[np.int16], axcodes: str = "RAS", affine: NDArray | None = None
) -> Path:
    """Write labels of RAS axes as a NIfTI file whose array has the axes `axcodes`."""
    straight = np.diag((SPACING, SPACING, SPACING, 1.0)) if affine is None else affine
    image = nib.Nifti1Image(labels, straight)
    start = nib.orientations.axcodes2ornt(("R", "A", "S"))
    turn = nib.orientations.ornt_transform(start, nib.orientations.axcodes2ornt(tuple(axcodes)))
    nib.save(image.as_reoriented(turn), path)
    return path
