"""The patient's left and right: on which side of the midline a structure lies, by the affine."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cohort.facts.structures import STRUCTURES

HEAD_TOLERANCE_MM = 5.0
"""How far the middle of the head may be from the brain's: heads lie off-centre and turned."""


@dataclass
class Centres:
    """Where things are in one CT, in RAS+ mm (x toward the patient's right).

    Attributes
    ----------
    head
        Centre of the head; None if it is not known.
    structures
        Structure id to the centre of its mask.
    midline
        Points of the midline's mask, [n, 3]; None without one.
    """

    head: np.ndarray | None = None
    structures: dict[str, np.ndarray] = field(default_factory=dict)
    midline: np.ndarray | None = None

    def add(self, structure: str, points: np.ndarray) -> None:
        """Add the places [n, 3] of the voxels of a structure's mask, which is not empty."""
        self.structures[structure] = points.mean(axis=0)
        if structure == "midline":
            self.midline = points


def side_offsets(centres: Centres) -> tuple[dict[str, float], str]:
    """Say how far each ventricle lies on its own side of the middle.

    The middle is the plane through the midline's mask; without one, halfway between the two
    ventricles; with one ventricle only, the middle of the head.

    Returns
    -------
    offsets, reference
        Structure id to mm, negative on the wrong side; and what the middle is, in words.
    """
    paired = {s.id: s.side for s in STRUCTURES if s.side and s.id in centres.structures}
    offsets = {}
    reference = "the midline"
    tolerance = 0.0
    for structure, side in paired.items():
        x, y, z = centres.structures[structure]
        if centres.midline is not None:
            middle = _midline_x(centres.midline, y, z)
        elif len(paired) == 2:
            middle = float(np.mean([centres.structures[s][0] for s in paired]))
            reference = "the middle between both"
        elif centres.head is not None:
            middle, reference = float(centres.head[0]), "the middle of the head"
            tolerance = HEAD_TOLERANCE_MM
        else:
            continue
        offset = float(x - middle if side == "right" else middle - x)
        offsets[structure] = 0.0 if -tolerance <= offset < 0 else offset
    return offsets, reference


def _midline_x(points: np.ndarray, y: float, z: float) -> float:
    """Return where the plane fitted to the midline's points crosses y, z (not beyond them)."""
    low, high = points[:, 1:].min(axis=0), points[:, 1:].max(axis=0)
    centre = points.mean(axis=0)
    slopes, *_ = np.linalg.lstsq(points[:, 1:] - centre[1:], points[:, 0] - centre[0], rcond=None)
    return float(centre[0] + (np.clip((y, z), low, high) - centre[1:]) @ slopes)
