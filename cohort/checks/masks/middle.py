"""The plane that halves a head, from where its outline lies on the left and on the right.

A bleed shifts the brain's middle, and with it what is drawn as the midline, but neither the skull
nor the falx where it is attached to it, in front and behind.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.checks.masks.look import HeadLook

BROAD = 0.7
"""Share of the largest breadth from which on a row counts: beyond noses, and below the vertex."""
LEAST_ROWS = 30
ROUNDS, OUTLIERS = 4, 2.0
"""The plane is fitted so often, each time without what lies off it by so many deviations."""


def head_middle(look: HeadLook) -> NDArray[np.float64] | None:
    """Return the plane halfway between both sides of the head; None where there is too little.

    It is a, b, c of x = a + b y + c z, in RAS+ mm. Of generated heads it lies within 3 mm of the
    midline's ends on average, in front and behind.
    """
    head = look.head
    first = head.argmax(axis=0)
    last = head.shape[0] - 1 - head[::-1].argmax(axis=0)
    breadth = np.where(head.any(axis=0), last - first, 0)
    if not breadth.any():
        return None
    y, z = np.nonzero(breadth > BROAD * breadth.max())
    if y.size < LEAST_ROWS:
        return None
    points = look.places(np.stack([(first[y, z] + last[y, z]) / 2, y, z], axis=1))
    terms = np.column_stack([np.ones(y.size), points[:, 1:]])
    kept = np.ones(y.size, bool)
    for _ in range(ROUNDS):
        plane, *_ = np.linalg.lstsq(terms[kept], points[kept, 0], rcond=None)
        off = np.abs(points[:, 0] - terms @ plane)
        kept = off < OUTLIERS * max(float(off[kept].std()), 1.0)
    return plane


def off_middle(plane: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many mm points [n, 3] (RAS+) lie to the right of the plane."""
    off: NDArray[np.float64] = points[:, 0] - plane[0] - points[:, 1:] @ plane[1:]
    return off
