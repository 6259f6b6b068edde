"""The scanner: where the head lies on the voxel grid, blur, noise, headrest, orientation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.synthetic.fields import Field, Points

REFERENCE_SIZE = 256
PIXEL_MM = (0.85, 1.0)
"""Pixel spacing at 256 pixels: fields of view of 218 to 256 mm."""
COVERAGE_MM = (132.0, 138.0)
LOWEST_MM = (-56.0, -50.0)
"""Level of the lowest slice: through orbits and petrous bones."""
TILT_DEG, TURN_DEG, LEAN_DEG = 4.0, 5.0, 2.5
"""One sigma of the head's rotations about x, z and y; the gantry's tilt is in the first."""
OFF_CENTRE_MM = 6.0
AXCODES = ("LPS", "RAS", "LAS", "RPS")
"""What the stored arrays' axes point toward; all four are met in practice."""
NOISE_HU = (2.4, 4.0)
"""One sigma in the brain, of a routine head CT with 5 mm slices."""
GRAIN_PX = 0.62
BLUR_PX = 0.45
LEAST_HU, MOST_HU = -1024, 3071


@dataclass(frozen=True)
class Scan:
    """How a head is scanned.

    Attributes
    ----------
    pixel, slice_mm
        Spacing in the plane and between slices, mm.
    size, slices
        Pixels a side, and number of slices.
    lowest
        Level of the first slice in head coordinates, mm.
    rotation
        float32 [3, 3], scanner to head coordinates.
    offset
        The head's place in the plane (x, y), mm.
    axcodes
        Orientation of the stored array.
    noise
        One sigma, HU.
    """

    pixel: float
    slice_mm: float
    size: int
    slices: int
    lowest: float
    rotation: NDArray[np.float32]
    offset: tuple[float, float]
    axcodes: str
    noise: float

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxels along x, y, z, mm."""
        return self.pixel, self.pixel, self.slice_mm

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel."""
        return self.pixel**2 * self.slice_mm / 1000


def draw_scan(rng: np.random.Generator, size: int, slices: int) -> Scan:
    """Draw how a head is placed and scanned, on `size` × `size` pixels and `slices` slices."""
    angles = rng.normal(0, 1, 3) * (TILT_DEG, LEAN_DEG, TURN_DEG)
    pixel = round(float(rng.uniform(*PIXEL_MM)) * REFERENCE_SIZE / size, 4)
    return Scan(
        pixel=pixel,
        slice_mm=round(float(rng.uniform(*COVERAGE_MM)) / slices, 2),
        size=size,
        slices=slices,
        lowest=float(rng.uniform(*LOWEST_MM)),
        rotation=_rotation(*np.clip(angles, -10, 10)),
        offset=(
            float(np.clip(rng.normal(0, OFF_CENTRE_MM), -11, 11)),
            float(np.clip(rng.normal(0, OFF_CENTRE_MM), -9, 9)),
        ),
        axcodes=AXCODES[int(rng.integers(len(AXCODES)))],
        noise=float(rng.uniform(*NOISE_HU)),
    )


def head_points(scan: Scan, slices: slice, layers: int = 1) -> Points:
    """Return head coordinates in mm, three arrays [z, y, x], of some slices.

    With several `layers` a slice, the arrays hold as many times the slices along z.
    """
    half = (scan.size - 1) / 2
    line = (np.arange(scan.size, dtype=np.float32) - half) * np.float32(scan.pixel)
    x = (line - np.float32(scan.offset[0]))[None, None, :]
    y = (line - np.float32(scan.offset[1]))[None, :, None]
    layer = np.arange(slices.start * layers, slices.stop * layers, dtype=np.float32)
    level = ((layer + 0.5) / layers - 0.5) * np.float32(scan.slice_mm)
    z = (level + np.float32(scan.lowest))[:, None, None]
    r = scan.rotation
    return Points(*(r[i, 0] * x + r[i, 1] * y + r[i, 2] * z for i in range(3)))


def acquire(hu: Field, scan: Scan, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return the scan of a head, with headrest, blur and noise, as whole HU.

    `hu` [z, y, x] is changed in place.
    """
    from scipy.ndimage import gaussian_filter

    _headrest(hu, scan)
    sharp = scan.size / REFERENCE_SIZE
    blurred = gaussian_filter(hu, (0, BLUR_PX * sharp, BLUR_PX * sharp), truncate=3)
    grain = rng.standard_normal(hu.shape, dtype=np.float32)
    grain = gaussian_filter(grain, (0, GRAIN_PX * sharp, GRAIN_PX * sharp), truncate=3)
    grain *= np.float32(scan.noise) / grain[len(grain) // 2].std()
    # In air there is little to attenuate the beam, hence little noise.
    blurred += grain * np.where(blurred > -700, np.float32(1), np.float32(0.5))
    return np.clip(np.rint(blurred), LEAST_HU, MOST_HU).astype(np.int16)


def stored(array: NDArray, scan: Scan) -> NDArray:
    """Return an array [z, y, x] of LPS directions as it is stored: [x, y, z] of `scan.axcodes`."""
    array = array.transpose(2, 1, 0)
    flips = tuple(slice(None, None, 1 if code in "LPS" else -1) for code in scan.axcodes)
    return np.ascontiguousarray(array[flips])


def _headrest(hu: Field, scan: Scan) -> None:
    """Draw the shell on which the head lies: a U that opens to the front."""
    half = (scan.size - 1) / 2
    line = (np.arange(scan.size, dtype=np.float32) - half) * np.float32(scan.pixel)
    x, y = line[None, :], line[:, None]
    shell = (np.abs(x) / 104) ** 3.2 + (np.maximum(y + 30, 0) / 152) ** 3.2
    distance = np.abs((shell ** (1 / 3.2) - 1) * 104) - 1.0
    share = np.clip(0.5 - distance / (1.5 * np.float32(scan.pixel)), 0, 1) * (y > -8)
    free = hu < -950
    hu += free * share * (250 - hu)


def _rotation(about_x: float, about_y: float, about_z: float) -> NDArray[np.float32]:
    matrix = np.eye(3)
    for axis, degrees in enumerate((about_x, about_y, about_z)):
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.eye(3)
        i, j = (axis + 1) % 3, (axis + 2) % 3
        turn[i, i], turn[i, j], turn[j, i], turn[j, j] = c, -s, s, c
        matrix = matrix @ turn
    return matrix.astype(np.float32)
