"""Scans as they should be: generated heads, and real slices where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks import REAL
from cohort.checks.head.thumbnail import oriented
from cohort.space.file_types import read_volume
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.synthetic.head import draw_head

BHSD = REAL / "bhsd-dev"


@dataclass(frozen=True)
class Scan:
    """HU [x, y, z]; its axes point to the patient's left, back and vertex, by its header at least.

    Attributes
    ----------
    hu
        What may be no HU at all.
    spacing
        In mm along x, y, z.
    style, seed
        Of a generated head.
    """

    hu: NDArray
    spacing: tuple[float, float, float]
    style: str = ""
    seed: np.random.SeedSequence | None = None


Change = Callable[[Scan], Scan]


def generated(heads: int) -> Iterator[Scan]:
    """Yield so many heads of each style."""
    for style in ("routine", "other"):
        for number in range(heads):
            seed = np.random.SeedSequence((13, number))
            head = draw_head(seed, style=style)
            at = header_of(head.hu, head.affine)
            yield replace(in_lps(head.hu, at), style=style, seed=seed)


def real() -> Iterator[Scan]:
    """Yield the real slices that are there."""
    for path in sorted(BHSD.glob("*.nii.gz")):
        if "_" not in path.name:
            voxels, at = read_volume(path)
            yield in_lps(voxels, at)


def header_of(voxels: NDArray, affine: NDArray) -> Header:
    i, j, k = voxels.shape
    return Header(Grid((i, j, k), affine), str(voxels.dtype))


def in_lps(voxels: NDArray, at: Header) -> Scan:
    order = [next(i for i, c in enumerate(at.axcodes) if c in pair) for pair in ("LR", "PA", "IS")]
    x, y, z = (at.spacing[axis] for axis in order)
    return Scan(oriented(voxels, at.axcodes), (x, y, z))
