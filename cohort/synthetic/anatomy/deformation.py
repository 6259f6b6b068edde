"""Mass effect: one smooth displacement of the whole brain, away from the bleed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cohort.synthetic.fields import Field, Points

RIM_MM = 13.0
"""Depth below the skull at which the brain moves freely; the skull itself doesn't move."""
SHIELD_MM = 15.0
"""Below the commissures, over which the push of an infratentorial bleed fades."""
EXPANSION = 0.55
"""Of the incompressible push R³/3r² of a growing ball: the rest is torn or squeezed out."""
SHIFT_REACH_MM = (48.0, 42.0, 32.0)
"""How far the sideways push reaches along x, y, z (one sigma)."""
SQUEEZE_MM = 4.0
"""How far a ventricle's walls close where they touch a large bleed, fluid being pressed out."""
LARGE_ML, HUGEST = 28.0, 1.6
"""Volume with these effects; larger ones have up to so many times as much."""
ACROSS_MM = 10.0
"""Width over which what dilates one side's ventricle fades to the other side."""
SULCI_REACH = 2.2
"""Sulci are effaced up to this many radii of the bleed."""


@dataclass(frozen=True)
class MassEffect:
    """What a bleed does to the brain around it.

    Attributes
    ----------
    centre
        Its centre in head coordinates, mm.
    radius
        Radius of the ball of its volume, mm.
    push
        Strength of the push outwards; below 1, so that nothing folds.
    sideways
        Additional movement toward the patient's left at the midline, mm.
    below_tentorium
        The bleed lies in cerebellum or brainstem; the tentorium shields the hemispheres.
    widening
        How far the walls of all ventricles are pushed out, since fluid is dammed up, mm.
    trapped
        The same for the lateral ventricle across alone, mm.
    shift
        How far the midline is moved, mm.
    """

    centre: tuple[float, float, float]
    radius: float
    push: float
    sideways: float
    below_tentorium: bool = False
    widening: float = 0.0
    trapped: float = 0.0
    shift: float = 0.0

    def origin(self, p: Points, depth: Field) -> Points:
        """Return where the tissue now at `p` was before the bleed; `depth` in mm below the bone."""
        moved, fade = self._movement(p), _fade(depth)
        if self.below_tentorium:
            fade = fade * np.clip(p.z * np.float32(-1 / SHIELD_MM), 0, 1)
        return Points(*(now - fade * by for now, by in zip(p, moved, strict=True)))

    def squeeze(self, p: Points) -> Field:
        """Return by how many mm the wall of a ventricle at `p` closes; negative: is pushed out."""
        near = np.exp(-np.maximum(self._radii_away(p) - 1, 0) * 0.9)
        closed = np.float32(SQUEEZE_MM * min(HUGEST, self.radius**3 * 4.19e-3 / LARGE_ML)) * near
        if self.trapped:
            beyond = p.x * np.float32(-np.sign(self.centre[0])) - np.float32(self.shift)
            closed -= self.trapped * np.clip(beyond * np.float32(1 / ACROSS_MM) + 0.2, 0, 1)
        return closed - np.float32(self.widening)

    def openness(self, p: Points) -> Field:
        """Return how open sulci and cisterns at `p` stay: 1 far away, 0 beside a large bleed."""
        share = min(1.0, self.radius**3 * 4.19e-3 / LARGE_ML)
        return 1 - share * np.clip(1.6 - self._radii_away(p) / SULCI_REACH, 0, 1)

    def _radii_away(self, p: Points) -> Field:
        x, y, z = (axis - c for axis, c in zip(p, self.centre, strict=True))
        return np.sqrt(x * x + y * y + z * z) * np.float32(1 / self.radius)

    def _movement(self, p: Points) -> Points:
        x, y, z = (axis - c for axis, c in zip(p, self.centre, strict=True))
        away = np.sqrt(x * x + y * y + z * z) * np.float32(1 / self.radius)
        outward = np.float32(self.push) / (1 + away * away * away)
        reach = [1 / s for s in SHIFT_REACH_MM]
        # The midline bends most beside the bleed, yet always near its free middle part.
        bend = (p.x * reach[0]) ** 2
        bend += ((p.y - 0.5 * self.centre[1] + 4) * reach[1]) ** 2
        bend += ((p.z - 0.6 * self.centre[2] - 4) * reach[2]) ** 2
        sideways = np.float32(self.sideways) * np.exp(-0.5 * bend)
        return Points(x * outward + sideways, y * outward, z * outward)


NO_EFFECT = MassEffect((0.0, 0.0, 0.0), 0.1, 0.0, 0.0)
"""Of a head without a hematoma."""


def mass_effect(
    centre: tuple[float, float, float],
    volume_ml: float,
    shift_mm: float,
    toward_left: float,
    below_tentorium: bool = False,
    widening_mm: float = 0.0,
    trapped_mm: float = 0.0,
) -> MassEffect:
    """Make the mass effect of a bleed.

    Parameters
    ----------
    centre
        Its centre in head coordinates, mm.
    volume_ml
        Its volume.
    shift_mm
        How far the midline shall be moved, at most along it.
    toward_left
        1 if it is moved toward the patient's left, -1 if toward the right, 0 if not at all.
    below_tentorium
        Whether the bleed lies there.
    widening_mm, trapped_mm
        As in `MassEffect`.
    """
    radius = float((volume_ml * 1000 * 3 / (4 * np.pi)) ** (1 / 3))
    alone = MassEffect(
        centre, radius, EXPANSION, 0.0, below_tentorium, widening_mm, trapped_mm, shift_mm
    )
    if toward_left == 0:
        return alone
    pushed = float(np.max(toward_left * alone._movement(_midline()).x))
    if pushed > shift_mm:
        return replace(alone, push=EXPANSION * max(shift_mm, 0.3) / pushed)
    return replace(alone, sideways=toward_left * (shift_mm - pushed))


def _fade(depth: Field) -> Field:
    return 1 - np.exp(-np.square(np.maximum(depth, 0) * np.float32(1 / RIM_MM)))


def _midline() -> Points:
    y, z = np.meshgrid(np.arange(-60, 61, 5.0), np.arange(-10, 41, 5.0))
    return Points(
        np.zeros(y.size, np.float32), y.ravel().astype(np.float32), z.ravel().astype(np.float32)
    )
