"""Styles: the ranges from which heads and scans are drawn, one set for each kind of hospital.

`routine` is what the default cohort is made of; `other` stands for a hospital elsewhere, with
older patients and another scanner, so that fine-tuning can be measured without real data.
`emergency` has routine's scanner and other patients: whoever comes in with a headache or a fall, so
more blood outside the brain, more heads without a hematoma and more small ones. What few routine
heads show, a training finds here. `neurosurgery` has routine's scanner, too, and large hematomas,
which push the midline: one routine head in eight is planned with a shift of 5 mm or more, nearly
half of these.

Which artefacts there are is from Barrett and Keat 2004, doi:10.1148/rg.246045065. How often and how
strong each thing is, how thick slices are and how far calibration errs, is our choice.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

StyleName = Literal["routine", "other", "emergency", "neurosurgery"]
Range = tuple[float, float]


@dataclass(frozen=True)
class Style:
    """Ranges, (least, most), and shares, 0..1, of a kind of hospital.

    Attributes
    ----------
    view_mm
        Field of view: 200 to 280 mm, which are pixels of 0.4 to 0.55 mm at 512.
    thin, thick
        Shares of scans whose slices leave gaps (0.6 to 2.5 mm thick) and overlap (up to 10 mm);
        the rest are as thick as they lie apart.
    tilt, tilt_deg
        Share of scans with a tilted gantry, and its angle; along the orbitomeatal line it is 10
        to 20 degrees.
    turned
        Share of patients who lie badly: rotated by up to 15 degrees about each axis.
    fwhm_mm
        Width of the kernel's point spread in the plane, of soft to standard head kernels.
    sharp, enhancement
        Share of edge-enhancing kernels, and how much of the detail they add again.
    noise_hu
        One sigma in the brain at 5 mm; it grows as slices get thinner.
    glare
        HU by which the rim of the brain is brighter beside the inner table.
    hardening
        Strength of beam hardening that the scanner's correction leaves: share of the squared
        path through bone. 0.02 makes a band between the petrous bones about 10 HU dark.
    metal, motion
        Shares of scans with a clip, electrode or tooth in the beam, and with a moving patient.
    air_zero, air_thousand
        Shares stored with air cut at 0 and at -1000 HU; the rest at -1024.
    window
        Share, of those cut at 0, whose upper end is cut at 255 HU too.
    padded
        Share with a padding value outside the round field of view.
    gain, offset_hu
        Errors of calibration: one part in so many either way, and HU.
    headrest
        Share of scans in which a headrest is seen.
    ageing
        Added to the trace of age in the brain (0 young, 1 old).
    lesions
        Factor on how often white matter disease, lacunes and old infarcts are met.
    calcified
        Factor on how often things calcify.
    swelling
        Share with a swollen scalp.
    bleed_free
        Share of cases with the pressure and the complaints, and no hematoma: what the ward sends
        for CT.
    outer, ventricular
        Factors on how often blood lies outside the brain, and in the ventricles; nine of ten at
        most.
    volume
        Factor on the median volume of hematomas.
    """

    view_mm: Range = (205.0, 270.0)
    thin: float = 0.15
    thick: float = 0.25
    tilt: float = 0.3
    tilt_deg: Range = (-20.0, 20.0)
    turned: float = 0.2
    fwhm_mm: Range = (0.8, 1.7)
    sharp: float = 0.25
    enhancement: Range = (0.1, 0.5)
    noise_hu: Range = (2.0, 4.5)
    glare: Range = (0.0, 6.0)
    hardening: Range = (0.0, 0.03)
    metal: float = 0.05
    motion: float = 0.05
    air_zero: float = 0.15
    air_thousand: float = 0.2
    window: float = 0.6
    padded: float = 0.2
    gain: float = 0.03
    offset_hu: float = 4.0
    headrest: float = 0.85
    ageing: float = 0.0
    lesions: float = 1.0
    calcified: float = 1.0
    swelling: float = 0.12
    bleed_free: float = 0.125
    outer: float = 1.0
    ventricular: float = 1.0
    volume: float = 1.0


OTHER_HOSPITAL = Style(
    view_mm=(220.0, 280.0),
    thin=0.05,
    thick=0.6,
    tilt=0.8,
    tilt_deg=(8.0, 22.0),
    turned=0.35,
    fwhm_mm=(0.7, 1.1),
    sharp=0.8,
    enhancement=(0.3, 0.8),
    noise_hu=(4.0, 8.0),
    hardening=(0.015, 0.05),
    metal=0.1,
    motion=0.1,
    air_zero=0.7,
    air_thousand=0.1,
    window=0.7,
    padded=0.1,
    headrest=0.6,
    ageing=0.25,
    lesions=1.8,
    calcified=1.4,
    swelling=0.2,
)
NEUROSURGERY = Style(bleed_free=0.02, ventricular=1.5, volume=5.0)
EMERGENCY = Style(bleed_free=0.2, outer=4.0, ventricular=2.0, volume=0.6, swelling=0.3)
STYLES: dict[StyleName, Style] = {
    "routine": Style(),
    "other": OTHER_HOSPITAL,
    "emergency": EMERGENCY,
    "neurosurgery": NEUROSURGERY,
}
MOST = 0.9
"""No factor makes a share larger."""


def scaled_share(factor: float, share: float) -> float:
    """Return a share of cases, made larger or smaller by a style's factor.

    Examples
    --------
    >>> scaled_share(4.0, 0.2), scaled_share(4.0, 0.4)
    (0.8, 0.9)
    """
    return share if factor == 1 else min(factor * share, MOST)


def differences(name: StyleName) -> dict[str, tuple[float | Range, float | Range]]:
    """Return what a style changes: field to its routine and its own value."""
    routine, style = STYLES["routine"], STYLES[name]
    pairs = {f.name: (getattr(routine, f.name), getattr(style, f.name)) for f in fields(Style)}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
