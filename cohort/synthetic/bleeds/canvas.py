"""What blood is drawn into: a head's anatomy, in boxes of the grid around the blood."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import BLEED_ML
from cohort.synthetic.anatomy.deformation import MassEffect
from cohort.synthetic.fields import Field, Noise, Points
from cohort.synthetic.plan import Plan
from cohort.synthetic.scanner.scan import Acquisition, head_points


class Anatomy(Protocol):
    """The deformed head without its blood, arrays [z, y, x]; see `cohort.synthetic.head`."""

    @property
    def hu(self) -> Field:
        """HU, into which the blood is drawn."""

    @property
    def origin(self) -> Points:
        """Where the tissue was before the bleed, head coordinates in mm."""

    @property
    def depth(self) -> Field:
        """Distance below the inner table, mm."""

    @property
    def ventricle(self) -> Field:
        """Distance from the lateral ventricle of the voxel's own side, mm, negative inside."""

    @property
    def tissue(self) -> Field:
        """Share of brain tissue."""

    @property
    def infratentorial(self) -> Field:
        """Share of cerebellum and brainstem."""

    @property
    def central(self) -> Field:
        """Distance from the third and fourth ventricle, mm, negative inside."""

    @property
    def left(self) -> NDArray[np.bool_]:
        """Where the side of the left lateral ventricle is."""


class Canvas:
    """A head that blood is drawn into, and the plan of it."""

    def __init__(
        self,
        anatomy: Anatomy,
        plan: Plan,
        scan: Acquisition,
        effect: MassEffect,
        noise: Noise,
    ) -> None:
        self.anatomy, self.plan, self.scan = anatomy, plan, scan
        self.effect, self.noise = effect, noise
        self.points = head_points(scan, slice(0, scan.slices))
        self.central = anatomy.central - np.float32(0.4 * effect.widening)

    def is_seen(self, where: NDArray[np.bool_]) -> bool:
        """Return whether as much lies in `where` as people see."""
        return bool(np.count_nonzero(where) * self.scan.voxel_ml >= BLEED_ML)

    def around(self, centre: tuple[float, float, float], reach: float) -> tuple[slice, ...]:
        """Return the part of the grid that lies at most `reach` mm from `centre` on each axis."""
        close = self.anatomy.depth > -1
        for values, middle in zip(self.points, centre, strict=True):
            close &= np.abs(values - np.float32(middle)) < np.float32(reach)
        return bounds(close) or (slice(0, 0),) * 3


def bounds(where: NDArray[np.bool_]) -> tuple[slice, ...] | None:
    """Return the least box that holds all of `where`; None if it is empty."""
    found = [np.flatnonzero(where.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    if not found[0].size:
        return None
    return tuple(slice(int(at[0]), int(at[-1]) + 1) for at in found)
