"""No two heads alike: a smooth random deformation of a label map, and its mirror image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.synthetic.fields import Field, Points
from cohort.synthetic.mapped.head_map import HeadMap

SIZE_SIGMA, MOST_SIGMAS = (0.035, 0.035, 0.03), 2.2
"""How much heads differ in width, length and height beyond what the maps differ."""
WAVES, WAVE_MM = 2, (70.0, 140.0)
"""Waves along each axis, and how long they are."""
BEND_MM = 1.6
"""One sigma of a wave's height."""
MIDLINE_MM = 18.0
"""Nearer to the midline than this, sideways waves fade: it stays as straight as the map has it."""


@dataclass(frozen=True)
class Warp:
    """Straight head coordinates to the voxels of a map.

    Attributes
    ----------
    head
        The map.
    size
        Scale of x, y, z.
    waves
        float32 [3, WAVES, 5]: along each axis wave vector (x, y, z), phase, height in mm.
    mirrored
        Whether left and right of the map are exchanged.
    """

    head: HeadMap
    size: tuple[float, float, float]
    waves: NDArray[np.float32]
    mirrored: bool

    def voxels(self, p: Points) -> NDArray[np.float32]:
        """Return the voxels [3, n] of flat points, in straight head coordinates."""
        q = self.straight(p)
        x = -q.x if self.mirrored else q.x
        x = x + self.head.middle(q.y, q.z)
        found = np.empty((3, x.size), dtype=np.float32)
        for row, turn, move in zip(found, self.head.turn, self.head.move, strict=True):
            a, b, c = (np.float32(t) for t in turn)
            np.multiply(x, a, out=row)
            row += b * q.y
            row += c * q.z
            row += np.float32(move)
        return found

    def straight(self, p: Points) -> Points:
        """Return where the points lie in the map's own head, its midline straightened."""
        moved = []
        for axis, scale, waves in zip(p, self.size, self.waves, strict=True):
            bend: Field = np.zeros(p.x.shape, dtype=np.float32)
            for kx, ky, kz, phase, height in waves:
                bend += height * np.sin(kx * p.x + ky * p.y + kz * p.z + phase)
            moved.append(axis * np.float32(1 / scale) + bend)
        x = p.x * np.float32(1 / self.size[0])
        near = np.minimum(np.abs(p.x) * np.float32(1 / MIDLINE_MM), 1)
        return Points(x + near * (moved[0] - x), moved[1], moved[2])

    def back(self, point: tuple[float, float, float]) -> tuple[float, float, float]:
        """Return where a point of the map's own straight head lies in this one, mm."""
        x, y, z = point
        goal = np.array((-x if self.mirrored else x, y, z))
        found = goal * self.size
        for _ in range(8):
            at = self.straight(Points(*(np.array([v], np.float32) for v in found)))
            found = found + (goal - np.array([float(axis[0]) for axis in at]))
        return float(found[0]), float(found[1]), float(found[2])


def draw_warp(rng: np.random.Generator, head: HeadMap) -> Warp:
    """Draw how a head departs from its map."""
    sigmas = np.clip(rng.normal(0, 1, 3), -MOST_SIGMAS, MOST_SIGMAS)
    size = 1 + sigmas * SIZE_SIGMA
    ways = rng.normal(0, 1, (3, WAVES, 3))
    ways /= np.linalg.norm(ways, axis=-1, keepdims=True)
    ways *= 2 * np.pi / rng.uniform(*WAVE_MM, (3, WAVES, 1))
    phase = rng.uniform(0, 2 * np.pi, (3, WAVES, 1))
    height = BEND_MM * np.clip(rng.normal(0, 1, (3, WAVES, 1)), -MOST_SIGMAS, MOST_SIGMAS)
    waves = np.concatenate([ways, phase, height], axis=-1).astype(np.float32)
    mirrored = bool(rng.random() < 0.5)
    return Warp(head, (float(size[0]), float(size[1]), float(size[2])), waves, mirrored)
