"""A patient's head without its bleed, as it is drawn at any points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cohort.synthetic.anatomy.brain import Brain, draw_brain
from cohort.synthetic.anatomy.skull import cavity, draw_skull
from cohort.synthetic.fields import Field, Noise, Points
from cohort.synthetic.physique import Physique
from cohort.synthetic.story import Focus


class Body(Protocol):
    """A head: drawn by formula (`DrawnBody`) or made from a label map (`mapped.body`)."""

    def skull(self, p: Points, noise: Noise, pixel: float) -> tuple[Field, Field]:
        """Return HU without the brain, and the distance from the inner table, of flat points.

        The distance is in mm, negative inside the skull; `pixel` is the width in mm over which
        surfaces are spread.
        """

    def brain(
        self, q: Points, depth: Field, openness: Field, squeeze: Field, noise: Noise, pixel: float
    ) -> Brain:
        """Return the brain at flat points; parameters as of `draw_brain`."""

    def bleed_offset(self, focus: Focus) -> tuple[float, float, float]:
        """Return how far the structure in which a bleed arises lies from its usual place, mm."""


@dataclass(frozen=True)
class DrawnBody:
    """A head drawn by formula."""

    physique: Physique

    def skull(self, p: Points, noise: Noise, pixel: float) -> tuple[Field, Field]:
        """As of `Body`."""
        distance = cavity(p, self.physique, noise)
        return draw_skull(p, distance, self.physique, noise, pixel), distance

    def brain(
        self, q: Points, depth: Field, openness: Field, squeeze: Field, noise: Noise, pixel: float
    ) -> Brain:
        """As of `Body`."""
        return draw_brain(q, depth, openness, squeeze, self.physique, noise, pixel)

    def bleed_offset(self, focus: Focus) -> tuple[float, float, float]:
        """As of `Body`: everything lies in its usual place."""
        return 0.0, 0.0, 0.0
