"""What lies around the head: headrest, pillow, blanket, strap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from cohort.synthetic.fields import Field
from cohort.synthetic.style import Style

SHELL_HU = (100.0, 400.0)
"""Carbon fibre or plastic."""
FOAM_HU, CLOTH_HU, STRAP_HU = -930.0, -850.0, -150.0
FREE_HU = -950.0
"""Only air gives way."""


@dataclass(frozen=True)
class Support:
    """What the head lies on and in.

    Attributes
    ----------
    shell
        Shape: a deep cradle, a flat arc (the table), or none.
    width, depth
        Half-width and depth of the shell, mm.
    hu
        Its HU.
    wall
        Its thickness, mm.
    foam, blanket, strap
        Whether there are a cushion, a fold of cloth beside the head, a strap over the forehead.
    """

    shell: Literal["cradle", "arc"] | None
    width: float
    depth: float
    hu: float
    wall: float
    foam: bool
    blanket: bool
    strap: bool


def draw_support(rng: np.random.Generator, style: Style) -> Support:
    """Draw what the head lies on."""
    seen, deep, foam, blanket, strap = rng.random(5)
    shell: Literal["cradle", "arc"] = "cradle" if deep < 0.7 else "arc"
    return Support(
        shell=shell if seen < style.headrest else None,
        width=float(rng.uniform(94, 116)),
        depth=float(rng.uniform(112, 126)),
        hu=float(rng.uniform(*SHELL_HU)),
        wall=float(rng.uniform(1.2, 3.5)),
        foam=bool(foam < 0.5),
        blanket=bool(blanket < 0.2),
        strap=bool(strap < 0.2),
    )


def draw_around(hu: Field, support: Support, pixel: float) -> None:
    """Draw the support into the air of the images [z, y, x], x to the left, y to posterior."""
    half = (hu.shape[-1] - 1) / 2
    line = (np.arange(hu.shape[-1], dtype=np.float32) - half) * np.float32(pixel)
    x, y = line[None, :], line[:, None]
    free = hu < FREE_HU
    width = 1.5 * np.float32(pixel)

    def fill(distance: Field, value: float) -> None:
        share = np.clip(0.5 - distance / width, 0, 1)
        rows = np.flatnonzero(share.any(axis=1))
        if rows.size:
            part = (slice(None), slice(int(rows[0]), int(rows[-1]) + 1))
            hu[part] += free[part] * share[part[1]] * (value - hu[part])

    behind = np.maximum(y + 30, 0) / (support.depth + 30)
    cradle = (np.abs(x) / support.width) ** 3.2 + behind**3.2
    wall = (cradle ** (1 / 3.2) - 1) * support.width
    if support.foam:
        fill(np.maximum(np.abs(wall + 6) - 6, 20 - y), FOAM_HU)
    if support.blanket:
        fold = np.abs(np.hypot(x - 70, y - 70) - 30 - 3 * np.sin(x * 0.21)) - 2
        fill(np.maximum(fold, wall), CLOTH_HU)
    if support.strap:
        fill(np.abs(np.hypot(x * 0.92, y + 4) - 103) - 0.7 + 9 * (y > -40), STRAP_HU)
    if support.shell == "cradle":
        fill(np.maximum(np.abs(wall) - 0.5 * support.wall, -8 - y), support.hu)
    elif support.shell == "arc":
        arc = np.abs(np.hypot(x, y + 190 - support.depth) - 190) - 0.5 * support.wall
        fill(np.maximum(arc, -y), support.hu)
