"""What the beam does: hardening behind bone, streaks from metal, noise that follows attenuation.

Each slice is projected on a coarse grid, the projections' error is computed, and its filtered
back projection is added to the image: bands between the petrous bones, cupping, the bright rim
at the inner table and streaks then lie where the scanner's geometry puts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cohort.facts.limits import AIR_HU, FAT_HU, PURE_AIR_HU, THIN_BONE_HU
from cohort.synthetic.fields import Field

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

GRID = 96
"""Pixels a side of the coarse grid."""
VIEWS = 90
"""Projections over half a turn."""
WATER = 0.02
"""Attenuation of water at 120 kV, 1/mm."""
STARVES_HU = 3500.0
"""Above it the beam starves; from `THIN_BONE_HU` on it hardens."""
STARVED, STARVED_NOISE = 0.04, 0.04
"""What is lost of the projections through metal, and the noise in them, per unit of metal."""
CURRENT = 0.65
"""Modulated tube current leaves so much of the exponent in exp(attenuation)."""
NOISE_RANGE = (0.6, 2.2)


@dataclass(frozen=True)
class Beam:
    """What the beam adds to images [z, y, x].

    Attributes
    ----------
    error
        HU to add.
    noise
        Relative sigma of the noise, 1 on average inside the head.
    """

    error: Field
    noise: Field


def beam(hu: Field, pixel: float, hardening: float, rng: np.random.Generator) -> Beam:
    """Compute hardening, starvation and the noise's distribution.

    The error of a projection is quadratic in the path through bone once water is corrected for
    (Joseph and Spital 1978, doi:10.1097/00004728-197801000-00017). The variance of a pixel is
    the mean, over the rays through it, of exp(attenuation).

    Parameters
    ----------
    hu
        Images [z, y, x].
    pixel
        Mm.
    hardening
        Error as a share of the squared attenuation by bone.
    rng
        For the noise of starved rays.
    """
    size = hu.shape[-1]
    shrink, enlarge = _shrink(size), _enlarge(size)
    cell = np.float32(pixel * size / GRID)
    small = (shrink @ hu @ shrink.T).reshape(len(hu), -1).T
    system = _system()
    bone = np.clip(small - THIN_BONE_HU, 0, None)
    scale = np.float32(WATER / 1000) * cell
    paths = system @ (bone * scale)
    total = system @ (np.clip(small - PURE_AIR_HU, 0, 3000) * scale)
    error = np.float32(-hardening) * np.square(paths)
    if hu.max() > STARVES_HU:
        metal = shrink @ np.where(hu > STARVES_HU, hu, 0) @ shrink.T
        starved = system @ (metal.reshape(len(hu), -1).T * scale)
        drawn = rng.standard_normal(starved.shape, dtype=np.float32)
        error -= starved * (np.float32(STARVED) + np.float32(STARVED_NOISE) * drawn)
    back = system.T @ _filtered(error)
    back *= np.float32(np.pi / VIEWS * 1000 / WATER) / cell
    variance = system.T @ np.exp(np.float32(CURRENT) * total)
    inside = small > FAT_HU
    sigma = np.sqrt(variance)
    sigma /= np.float32(np.median(sigma[inside]) if inside.any() else sigma.mean())

    def full(coarse: Field) -> Field:
        images = np.ascontiguousarray(coarse.T).reshape(-1, GRID, GRID)
        large: Field = enlarge @ images @ enlarge.T
        return large

    # Without tissue there is nothing that the scanner's air calibration has not taken out.
    present = (hu > AIR_HU).astype(np.float32)
    return Beam(full(back) * present, np.clip(full(sigma), *NOISE_RANGE))


def _filtered(projections: Field) -> Field:
    """Return the projections [views * detectors, z] after the ramp filter."""
    shape = projections.shape
    stack = projections.reshape(VIEWS, -1, shape[1])
    length = 2 * stack.shape[1]
    ramp = 2 * np.abs(np.fft.rfftfreq(length)).astype(np.float32)
    # A soft cut keeps the coarse grid from ringing.
    ramp *= np.cos(0.5 * np.pi * np.linspace(0, 1, len(ramp), dtype=np.float32))
    from scipy import fft

    spectrum = fft.rfft(stack, length, axis=1) * ramp[None, :, None]
    filtered: Field = fft.irfft(spectrum, length, axis=1)[:, : stack.shape[1]] * np.float32(0.5)
    return np.ascontiguousarray(filtered.reshape(shape), dtype=np.float32)


@lru_cache(maxsize=1)
def _system() -> csr_matrix:
    """Return the projector [views * detectors, pixels], parallel beam, cells of length 1."""
    from scipy.sparse import csr_matrix

    detectors = int(np.ceil(GRID * 1.42)) + 2
    line = np.arange(GRID) - (GRID - 1) / 2
    y, x = (axis.ravel() for axis in np.meshgrid(line, line, indexing="ij"))
    pixels = np.arange(GRID * GRID)
    rows, columns, weights = [], [], []
    for view in range(VIEWS):
        angle = np.pi * view / VIEWS
        at = x * np.cos(angle) + y * np.sin(angle) + (detectors - 1) / 2
        low = np.floor(at).astype(int)
        share = at - low
        for step, weight in ((0, 1 - share), (1, share)):
            rows.append(view * detectors + low + step)
            columns.append(pixels)
            weights.append(weight)
    entries = np.concatenate(weights).astype(np.float32)
    at = (np.concatenate(rows), np.concatenate(columns))
    return csr_matrix((entries, at), shape=(VIEWS * detectors, GRID * GRID))


@lru_cache(maxsize=4)
def _shrink(size: int) -> Field:
    """Return the matrix [GRID, size] that averages `size` pixels to `GRID`."""
    edges = np.linspace(0, size, GRID + 1)
    pixel = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (np.clip(overlap, 0, None) * (GRID / size)).astype(np.float32)


@lru_cache(maxsize=4)
def _enlarge(size: int) -> Field:
    """Return the matrix [size, GRID] that interpolates linearly."""
    at = np.clip((np.arange(size) + 0.5) * GRID / size - 0.5, 0, GRID - 1)
    weights = np.clip(1 - np.abs(at[:, None] - np.arange(GRID)[None, :]), 0, None)
    return weights.astype(np.float32)
