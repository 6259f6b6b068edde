"""Metal in the beam: clips and electrodes on the scalp, fillings of teeth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cohort.facts.limits import BODY_HU
from cohort.synthetic.fields import Field
from cohort.synthetic.style import Style

IMPLANT_HU = 12_000.0
"""What the beam meets; the stored value is cut at the scanner's greatest."""


@dataclass(frozen=True)
class Metal:
    """Where metal lies.

    Attributes
    ----------
    angles
        Directions from the middle of the head, radians from the patient's left to posterior.
    radius_mm
        Size of each piece.
    slices
        First and last slice it is in, as shares of the stack.
    """

    angles: tuple[float, ...]
    radius_mm: float
    slices: tuple[float, float]


def draw_metal(rng: np.random.Generator, style: Style) -> Metal | None:
    """Draw metal for the share of patients who bear some; a third of it in the lowest slices."""
    present, dental, height, count = rng.random(4)
    angles = tuple(float(a) for a in rng.uniform(0, 2 * np.pi, 1 + int(3 * count)))
    radius = float(rng.uniform(1.2, 3.0))
    if present >= style.metal:
        return None
    if dental < 1 / 3:
        # Teeth and bridges lie in front, below the levels that matter; their streaks reach up.
        front = tuple(float(a) for a in rng.uniform(-0.75 * np.pi, -0.25 * np.pi, 2))
        return Metal(front, radius, (0.0, 0.08))
    return Metal(angles, radius, (0.2 + 0.6 * height, 0.26 + 0.6 * height))


def put_metal(hu: Field, metal: Metal, pixel: float) -> None:
    """Put the metal just under the skin of the slices [z, y, x] it is in."""
    size = hu.shape[-1]
    line = np.arange(size)
    first, last = (round(share * (len(hu) - 1)) for share in metal.slices)
    for image in hu[first : last + 1]:
        body = image > BODY_HU
        if not body.any():
            continue
        rows, columns = np.nonzero(body)
        y0, x0 = rows.mean(), columns.mean()
        for angle in metal.angles:
            steps = np.arange(0, size * 0.7, 0.5)
            y = np.clip(np.rint(y0 + steps * np.sin(angle)), 0, size - 1).astype(int)
            x = np.clip(np.rint(x0 + steps * np.cos(angle)), 0, size - 1).astype(int)
            skin = int(np.flatnonzero(body[y, x])[-1]) if body[y, x].any() else 0
            away = np.hypot(line[:, None] - y[skin], line[None, :] - x[skin]) * pixel
            share = np.clip(0.5 - (away - metal.radius_mm) / pixel, 0, 1)
            image += share.astype(np.float32) * (IMPLANT_HU - image)
