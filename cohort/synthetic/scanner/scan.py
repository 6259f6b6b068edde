"""The scanner: where the head lies on the voxel grid, and how its image comes about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import ALL_AIR_HU
from cohort.space.affine import make_affine
from cohort.synthetic.fields import Field, Points
from cohort.synthetic.physique import Asymmetry, draw_asymmetry
from cohort.synthetic.scanner.artefacts import beam
from cohort.synthetic.scanner.coding import Coding, draw_coding, encode
from cohort.synthetic.scanner.headrest import Support, draw_around, draw_support
from cohort.synthetic.scanner.kernel import AIR_NOISE, Kernel, draw_kernel, draw_noise
from cohort.synthetic.scanner.metal import Metal, draw_metal, put_metal
from cohort.synthetic.style import STYLES, StyleName

HIGHEST_MM, LOWEST_MM = (74.0, 94.0), (-68.0, -50.0)
"""Levels of the last and the first slice: from the orbits or below to the vertex."""
THIN_MM, THICKEST_MM, OVERLAP = (0.6, 2.5), 10.0, (1.1, 2.0)
"""Slices that leave gaps; the thickest; how much thicker than apart overlapping ones are."""
LAYER_MM, MOST_LAYERS = 2.8, 4
"""A slice is the mean of layers so far apart, as it averages what it passes through."""
POSE_DEG, BAD_POSE_DEG = (4.0, 2.5, 4.0), 15.0
"""Rotation of the head about x, y and z: one sigma, and at most in those who lie badly."""
OFF_CENTRE_MM, MOST_OFF_CENTRE_MM = 6.0, 14.0
AXCODES = ("LPS", "RAS", "LAS", "RPS")
"""What the stored arrays' axes point toward; all four are met in practice."""
MOTION_MM, MOTION_SLICES = 3.5, 3
"""How far a moving patient's second contour lies away, and over how many slices."""


@dataclass(frozen=True)
class Acquisition:
    """How a head is scanned.

    Attributes
    ----------
    pixel, slice_mm
        Spacing in the plane and between slices, mm.
    thickness
        Of a slice, mm: less than `slice_mm` leaves gaps, more overlaps.
    size, slices
        Pixels a side, and number of slices.
    lowest
        Level of the first slice in head coordinates, mm.
    pose
        float32 [3, 3], the room's to head coordinates: how the patient lies. The affine does not
        tell.
    asymmetry
        How the head departs from its mirror image.
    tilt
        Angle of the gantry about the patient's x axis in degrees; the affine tells it.
    offset
        The head's place in the plane (x, y), mm.
    axcodes
        Orientation of the stored array.
    kernel, noise
        The kernel, and one sigma of the noise in HU.
    glare
        How much brighter the brain's rim is made by bone's scatter and by the kernel, HU at the
        inner table.
    hardening
        Strength of beam hardening, as of `artefacts.beam`.
    metal
        Metal in the beam.
    motion
        Whether the patient moved.
    support
        What the head lies on.
    coding
        How HU are stored.
    """

    pixel: float
    slice_mm: float
    thickness: float
    size: int
    slices: int
    lowest: float
    pose: NDArray[np.float32]
    asymmetry: Asymmetry
    tilt: float
    offset: tuple[float, float]
    axcodes: str
    kernel: Kernel
    noise: float
    glare: float
    hardening: float
    metal: Metal | None
    motion: bool
    support: Support
    coding: Coding

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxels along x, y, z, mm."""
        return self.pixel, self.pixel, self.slice_mm

    @property
    def voxel_ml(self) -> float:
        """Volume of a voxel."""
        return self.pixel**2 * self.slice_mm / 1000

    @property
    def layers(self) -> int:
        """Layers of which a slice is the mean."""
        return int(np.clip(round(self.thickness / LAYER_MM), 1, MOST_LAYERS))

    @property
    def affine(self) -> NDArray[np.float64]:
        """float64 [4, 4], indices of the stored array to RAS+ mm, the gantry's tilt included."""
        turned = np.eye(4)
        # From LPS to RAS, both horizontal axes change their sign.
        turned[:3, :3] = _rotation(self.tilt, 0, 0) * np.outer((-1, -1, 1), (-1, -1, 1))
        straight = make_affine(self.axcodes, self.spacing, (self.size, self.size, self.slices))
        return turned @ straight + 0.0


def draw_scan(
    rng: np.random.Generator, size: int, slices: int, style: StyleName = "routine"
) -> Acquisition:
    """Draw how a head is placed and scanned, on `size` × `size` pixels and `slices` slices."""
    ranges = STYLES[style]
    lowest = float(rng.uniform(*LOWEST_MM))
    slice_mm = round((float(rng.uniform(*HIGHEST_MM)) - lowest) / slices, 2)
    thickness = _thickness(rng, slice_mm, ranges.thin, ranges.thick)
    tilted, turned = rng.random(2)
    tilt = round(float(rng.uniform(*ranges.tilt_deg)), 1) if tilted < ranges.tilt else 0.0
    angles = rng.normal(0, 1, 3) * POSE_DEG
    if turned < ranges.turned:
        angles = rng.uniform(-1, 1, 3) * BAD_POSE_DEG
    # A tilted gantry follows the base of the skull, so that the slices still suit the head.
    angles[0] -= 0.5 * tilt
    offset = np.clip(rng.normal(0, OFF_CENTRE_MM, 2), -MOST_OFF_CENTRE_MM, MOST_OFF_CENTRE_MM)
    return Acquisition(
        pixel=round(float(rng.uniform(*ranges.view_mm)) / size, 4),
        slice_mm=slice_mm,
        thickness=thickness,
        size=size,
        slices=slices,
        lowest=lowest,
        pose=_rotation(*np.clip(angles, -BAD_POSE_DEG, BAD_POSE_DEG)),
        asymmetry=draw_asymmetry(rng),
        tilt=tilt,
        offset=(float(offset[0]), float(offset[1])),
        axcodes=AXCODES[int(rng.integers(len(AXCODES)))],
        kernel=draw_kernel(rng, ranges),
        noise=draw_noise(rng, ranges, thickness),
        glare=float(rng.uniform(*ranges.glare)),
        hardening=float(rng.uniform(*ranges.hardening)),
        metal=draw_metal(rng, ranges),
        motion=bool(rng.random() < ranges.motion),
        support=draw_support(rng, ranges),
        coding=draw_coding(rng, ranges),
    )


def _thickness(rng: np.random.Generator, slice_mm: float, thin: float, thick: float) -> float:
    kind, thinner, wider = rng.random(), rng.uniform(*THIN_MM), rng.uniform(*OVERLAP)
    if kind < thin:
        return float(min(thinner, slice_mm))
    return float(min(slice_mm * (wider if kind < thin + thick else 1.0), THICKEST_MM))


def head_points(scan: Acquisition, slices: slice, layers: int = 1) -> Points:
    """Return head coordinates in mm, three arrays [z, y, x], of some slices.

    They are those of the head without its asymmetry: whatever is drawn at them is as crooked.

    With several `layers` a slice, the arrays hold as many times the slices along z; the layers
    lie evenly in the slice's thickness.
    """
    half = (scan.size - 1) / 2
    line = (np.arange(scan.size, dtype=np.float32) - half) * np.float32(scan.pixel)
    x = (line - np.float32(scan.offset[0]))[None, None, :]
    y = (line - np.float32(scan.offset[1]))[None, :, None]
    number = np.arange(slices.start, slices.stop, dtype=np.float32)[:, None]
    within = (np.arange(layers, dtype=np.float32) + 0.5) / layers - 0.5
    level = number * np.float32(scan.slice_mm) + within * np.float32(scan.thickness)
    z = (level.ravel() + np.float32(scan.lowest))[:, None, None]
    r = (scan.pose @ _rotation(scan.tilt, 0, 0)).astype(np.float32)
    turned = Points(*(r[i, 0] * x + r[i, 1] * y + r[i, 2] * z for i in range(3)))
    return scan.asymmetry.straighten(turned)


def acquire(hu: Field, scan: Acquisition, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return the scan of a head as it is stored: with what the scanner adds, as whole HU.

    `hu` [z, y, x] is changed in place.
    """
    draw_around(hu, scan.support, scan.pixel)
    if scan.metal is not None:
        put_metal(hu, scan.metal, scan.pixel)
    if scan.motion:
        _move(hu, scan.pixel, rng)
    seen = beam(hu, scan.pixel, scan.hardening, rng)
    hu += seen.error
    image = scan.kernel.apply(hu, scan.pixel)
    grain = scan.kernel.grain(hu.shape, scan.pixel, rng)
    grain *= np.float32(scan.noise)
    grain *= seen.noise
    grain[image < ALL_AIR_HU] *= np.float32(AIR_NOISE)
    image += grain
    return encode(image, scan.coding)


def stored(array: NDArray, scan: Acquisition) -> NDArray:
    """Return an array [z, y, x] of LPS directions as it is stored: [x, y, z] of `scan.axcodes`."""
    array = array.transpose(2, 1, 0)
    flips = tuple(slice(None, None, 1 if code in "LPS" else -1) for code in scan.axcodes)
    return np.ascontiguousarray(array[flips])


def _move(hu: Field, pixel: float, rng: np.random.Generator) -> None:
    """Mix a second, displaced contour into a few slices of `hu`."""
    first = int(rng.integers(max(1, len(hu) - MOTION_SLICES)))
    some = slice(first, first + MOTION_SLICES)
    far = np.rint(rng.uniform(-MOTION_MM, MOTION_MM, 2) / pixel).astype(int)
    moved = np.roll(hu[some], far, axis=(1, 2))
    hu[some] += np.float32(rng.uniform(0.15, 0.4)) * (moved - hu[some])


def _rotation(about_x: float, about_y: float, about_z: float) -> NDArray[np.float32]:
    matrix = np.eye(3)
    for axis, degrees in enumerate((about_x, about_y, about_z)):
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.eye(3)
        i, j = (axis + 1) % 3, (axis + 2) % 3
        turn[i, i], turn[i, j], turn[j, i], turn[j, j] = c, -s, s, c
        matrix = matrix @ turn
    return matrix.astype(np.float32)
