"""The reconstruction kernel: how it blurs or sharpens, and what it makes of the noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.synthetic.fields import Field
from cohort.synthetic.style import Style

FWHM_TO_SIGMA = 1 / 2.355
ENHANCED_MM = 1.3
"""Scale (one sigma) of the detail that a sharp kernel adds: it overshoots beside bone."""
MOST_DETAIL_HU = 100.0
"""Adaptive filters of head kernels spare the edges of bone, which would ring."""
THICK_MM, MOST_NOISE_HU = 5.0, 8.0
AIR_NOISE = 0.5
"""Share of the noise in air, where there is little to attenuate the beam."""


@dataclass(frozen=True)
class Kernel:
    """A reconstruction kernel.

    Attributes
    ----------
    fwhm_mm
        Full width at half maximum of its point spread in the plane.
    enhancement
        How much of the detail lost to a blur of `ENHANCED_MM` is added: 0 for smooth kernels.
    """

    fwhm_mm: float
    enhancement: float

    def apply(self, image: Field, pixel: float) -> Field:
        """Return the images [z, y, x] as this kernel shows them; `pixel` in mm."""
        from scipy.ndimage import gaussian_filter

        sigma = self.fwhm_mm * FWHM_TO_SIGMA / pixel
        shown = gaussian_filter(image, (0, sigma, sigma), truncate=3)
        if self.enhancement > 0:
            wide = ENHANCED_MM / pixel
            soft = gaussian_filter(shown, (0, wide, wide), truncate=2.5)
            detail = np.clip(shown - soft, -MOST_DETAIL_HU, MOST_DETAIL_HU)
            shown += np.float32(self.enhancement) * detail
        return shown

    def grain(self, shape: tuple[int, ...], pixel: float, rng: np.random.Generator) -> Field:
        """Return noise of variance 1 with this kernel's correlation.

        Soft kernels leave coarse grain. The noise power of filtered back projection vanishes
        towards low frequencies too (Riederer et al. 1978, Phys Med Biol 23:446), but for what
        sampling adds there (Kijewski and Judy 1987, doi:10.1088/0031-9155/32/5/003): most of the
        slow part of the grain is taken out.
        """
        from scipy.ndimage import gaussian_filter

        white = rng.standard_normal(shape, dtype=np.float32)
        grain = self.apply(white, pixel)
        slow = 3.0 * self.fwhm_mm * FWHM_TO_SIGMA / pixel
        grain -= 0.7 * gaussian_filter(grain, (0, slow, slow), truncate=2)
        return grain / grain[len(grain) // 2].std()


def draw_kernel(rng: np.random.Generator, style: Style) -> Kernel:
    """Draw a kernel that a hospital of that style uses."""
    fwhm, enhancement, sharp = rng.uniform(*style.fwhm_mm), rng.uniform(*style.enhancement), rng
    return Kernel(float(fwhm), float(enhancement) if sharp.random() < style.sharp else 0.0)


def draw_noise(rng: np.random.Generator, style: Style, thickness: float) -> float:
    """Draw one sigma of the noise in HU.

    It goes with one over the square root of the slice's thickness (Brooks and Di Chiro 1976, Med
    Phys 3:237), of which users take back a part with more current: how much is our choice.
    """
    noise = float(rng.uniform(*style.noise_hu)) * (THICK_MM / thickness) ** 0.35
    return min(noise, MOST_NOISE_HU)
