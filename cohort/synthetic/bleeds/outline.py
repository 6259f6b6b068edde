"""The outline of a hematoma: long or round, bent, lobulated, in one piece or with islands beside.

Shares and widths are chosen so that compactness, elongation, solidity and pieces are like those of
747 masks of real bleeds (`benchmarks/generator/realism.py`); no mask of them is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

IRREGULARITY = (5.0, 0.07)
"""Shape and scale of the gamma distribution: mean 0.35, one of ten above 0.56."""
RAGGED_SHARE, RAGGED = 0.2, (0.5, 0.8)
"""Bleeds that are torn all over, as those of clotting disorders are."""
STRETCH_SIGMA, HEIGHT_SIGMA, TURN_DEG, BEND_SIGMA = 0.5, 0.4, 20.0, 0.25
ISLAND_SHARE = 0.16
"""Bleeds with three and more lobules apart from the main outline: the island sign (Li et al.
2017, doi:10.1161/STROKEAHA.117.017985)."""
APART_SHARE, APART = 0.5, (0.02, 0.2)
"""Other bleeds some of which lies apart, and which share of their volume at most."""
CORTICAL_SHARE = 0.45
"""Lobar bleeds that reach cortex and bone; our choice."""


@dataclass(frozen=True)
class ClotOutline:
    """The shape of one bleed.

    Attributes
    ----------
    irregularity
        How far it bulges, as a share of the radius: 0.08 (round) to 0.8.
    lobules
        Smaller balls at its surface or beside it: (x, y, z, radius), all in radii of the bleed.
    stretch, height
        How many times as long for its width, and as high, as bleeds of its place usually are.
    turn
        Rotation about the z axis away from what is usual there, degrees.
    bend
        How far it is bent like a banana: by so many radii one radius from its middle.
    apart
        Largest share of its volume that may lie apart from its largest piece.
    cortical
        Whether it reaches cortex and bone, if it is lobar.
    """

    irregularity: float = 0.25
    lobules: tuple[tuple[float, float, float, float], ...] = ()
    stretch: float = 1.0
    height: float = 1.0
    turn: float = 0.0
    bend: float = 0.0
    apart: float = 0.0
    cortical: bool = False


def draw_outline(rng: np.random.Generator) -> ClotOutline:
    """Draw the outline of a bleed."""
    islands = bool(rng.random() < ISLAND_SHARE)
    ragged = rng.random() < RAGGED_SHARE
    apart = islands or rng.random() < APART_SHARE
    return ClotOutline(
        irregularity=float(rng.uniform(*RAGGED) if ragged else rng.gamma(*IRREGULARITY)),
        lobules=_lobules(rng, islands),
        stretch=float(rng.lognormal(0, STRETCH_SIGMA)),
        height=float(rng.lognormal(0, HEIGHT_SIGMA)),
        turn=float(rng.normal(0, TURN_DEG)),
        bend=float(rng.normal(0, BEND_SIGMA)),
        apart=float(rng.uniform(*APART)) if apart else 0.0,
        cortical=bool(rng.random() < CORTICAL_SHARE),
    )


def _lobules(
    rng: np.random.Generator, islands: bool
) -> tuple[tuple[float, float, float, float], ...]:
    count = int(rng.integers(3, 7)) if islands else int(rng.integers(0, 3))
    found = []
    for _ in range(count):
        way = rng.normal(0, 1, 3)
        far = rng.uniform(1.1, 1.9) if islands else rng.uniform(0.85, 1.2)
        x, y, z = (way * far / np.linalg.norm(way)).tolist()
        found.append((x, y, z, float(rng.uniform(0.2, 0.45))))
    return tuple(found)
