"""The outline of a head in its slices: how broad for its length, which way round, whether cut off.

A head's breadth is 0.65 to 1.0 of its length. On CT this cephalic index is 0.77 with a standard
deviation of 0.03 in North Indians (1,000 of them, doi:10.7759/cureus.15421), 0.86 with 0.04 in
Chinese children (Liang et al. 2024, J Craniofac Surg), 0.81 with 0.07 in infants (Likus et al.
2014, doi:10.1155/2014/502836), and below 0.7 in scaphocephaly. Here it is taken from the spread of
the outlines' pixels: 0.68 to 0.96 of 220 heads, generated ones and real ones (label maps of Billot
et al. 2023, doi:10.1016/j.media.2023.102789, upright and turned), 0.71 to 0.85 of BHSD's slices.

Seen from above a head is an egg: the frontal bone is narrower than what lies between the parietal
eminences, and broadest behind its middle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.checks.head.cross_sections import CrossSections
from cohort.checks.head.thumbnail import Thumbnail
from cohort.facts.limits import BONE_HU, FAT_HU

LARGE = 0.85
"""Share of the largest section from which a slice tells breadth and length."""
SHIFTS = range(-2, 3)
"""Pixels by which a mirror plane may lie off the head's middle."""
MOST_SLICES = 8
"""Of so many slices the symmetry is measured."""
CUT_OFF = 0.2
"""Share of the head's breadth or length that lies on a border of the field of view."""
EGG_SLICES, EGG_SHARE = 5, 0.4
"""Slices that tell front from back, and how large they are for the largest section."""
QUARTER = 4


@dataclass(frozen=True)
class Outline:
    """What the outlines of the largest slices are like.

    Attributes
    ----------
    slenderness
        Spread along the short axis over that along the long one, whichever way these lie.
    across
        Spread from left to right over that from front to back.
    alike
        By how much (r) the halves are more alike left to right than front to back.
    """

    slenderness: float
    across: float
    alike: float

    @property
    def upright(self) -> float:
        """How much longer (log) the head is, and more alike (r) left to right, than across.

        Of a head turned by a right angle it is as much, with the opposite sign.
        """
        return self.alike - float(np.log(self.across))


def measure_outline(sections: CrossSections, small: Thumbnail) -> Outline:
    """Measure the outlines of a scan's largest sections."""
    area = sections.area
    flat = sections.body[..., area > LARGE * area.max()].astype(np.float32)
    x, y = (np.arange(n) * 2 * mm for n, mm in zip(flat.shape[:2], small.spacing[:2], strict=True))
    n = flat.sum(axis=(0, 1))
    along_x, along_y = flat.sum(axis=1), flat.sum(axis=0)
    # About each slice's own middle: a head that leans is no broader.
    x_mean, y_mean = x @ along_x / n, y @ along_y / n
    total = float(n.sum())
    xx = float(x**2 @ along_x.sum(axis=1) - n @ x_mean**2) / total
    yy = float(y**2 @ along_y.sum(axis=1) - n @ y_mean**2) / total
    xy = float(x @ flat.sum(axis=2) @ y - n @ (x_mean * y_mean)) / total
    short, long = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
    some = np.flatnonzero(area > 0)
    some = some[:: -(-some.size // MOST_SLICES)]
    means = zip((x_mean, y_mean), small.spacing[:2], strict=True)
    middle = [float(mean @ n) / total / (2 * mm) for mean, mm in means]
    alike = _alikeness(sections.body[..., some], small.voxels[..., some], middle)
    return Outline(
        float(np.sqrt(max(short, 0.0) / long)), float(np.sqrt(xx / yy)), alike[0] - alike[1]
    )


def sides_cut_off(sections: CrossSections) -> int:
    """Return at how many of its four sides the field of view ends within the head.

    It does where most of the large slices have much of their outline on a border.
    """
    large = sections.body[..., sections.area > LARGE * sections.area.max()]
    sides = 0
    for plane in (large, large.transpose(1, 0, 2)):
        length = np.maximum(np.count_nonzero(plane.any(axis=0), axis=0), 1)
        edges = (np.count_nonzero(edge, axis=0) / length for edge in (plane[0], plane[-1]))
        sides += sum(bool(np.median(share) > CUT_OFF) for share in edges)
    return sides


def egg(section: NDArray[np.bool_]) -> tuple[float, float]:
    """Return how far the outlines' middle lies behind that of their length, and their breadth.

    The first is a share of the length; the second is the log of the breadth of the third quarter's
    end over that of the first's. Both are positive of heads, and of heads back to front negative;
    zeros where too few slices lie above the largest section.

    Parameters
    ----------
    section
        The head, or what its skull encloses, in each slice: [x, y, z], from below.
    """
    area = np.count_nonzero(section, axis=(0, 1))
    if not area.any():
        return 0.0, 0.0
    first = int(np.flatnonzero(area >= 0.95 * area.max())[-1])
    above = [k for k in range(first, area.size) if area[k] > EGG_SHARE * area.max()]
    if len(above) < EGG_SLICES:
        return 0.0, 0.0
    found = []
    for k in above:
        breadth = np.count_nonzero(section[..., k], axis=0).astype(float)
        rows = np.flatnonzero(breadth)
        breadth = breadth[rows[0] : rows[-1] + 1]
        length, step = breadth.size, max(1, breadth.size // QUARTER)
        middle = float(breadth @ np.arange(length)) / breadth.sum()
        front, back = breadth[step - 1 : step + 2], breadth[-step - 2 : length - step + 1]
        wider = float(np.log(max(back.mean(), 1) / max(front.mean(), 1)))
        found.append(((middle - (length - 1) / 2) / length, wider))
    behind, wider = np.mean(found, axis=0)
    return float(behind), float(wider)


def _alikeness(
    body: NDArray[np.bool_], v: NDArray[np.float32], middle: list[float]
) -> tuple[float, float]:
    """Return the correlation of the head with its mirror image along x, and along y."""
    nx, ny = body.shape[0] // 2 * 2, body.shape[1] // 2 * 2
    # A pixel of `body` is 2 × 2 of `v`; each value here is the mean of four voxels of 4 × 4.
    v = v[: 2 * nx, : 2 * ny].clip(FAT_HU, BONE_HU)
    tissue = np.where(body[:nx, :ny], v[::2, ::2], v.min())
    tissue = (tissue[::2, ::2] + tissue[1::2, ::2] + tissue[::2, 1::2] + tissue[1::2, 1::2]) / 4
    tissue -= tissue.mean()
    square = float((tissue**2).sum()) or 1.0
    best = []
    for axis in (0, 1):
        mirrored = np.flip(tissue, axis)
        shift = round(middle[axis] - 0.5 - (tissue.shape[axis] - 1))
        products = [float((tissue * np.roll(mirrored, shift + by, axis)).sum()) for by in SHIFTS]
        best.append(max(products) / square)
    return best[0], best[1]
