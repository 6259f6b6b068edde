"""Distance fields of simple bodies and smooth noise: what a generated head is drawn with.

Head coordinates are mm: x toward the patient's left, y toward posterior, z toward superior; the
origin lies midway between the frontal and the occipital pole, on the level of the anterior and
posterior commissures. Talairach's (x, y, z) is ours at (-x, -17 - y, z).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.floating[Any]]
"""Values at points; float32, for speed."""


class Points(NamedTuple):
    """Coordinates of many points, in mm; three float32 arrays of one shape."""

    x: Field
    y: Field
    z: Field

    def at(self, chosen: NDArray) -> Points:
        """Return the points that an index or a mask chooses."""
        return Points(self.x[chosen], self.y[chosen], self.z[chosen])

    def mirrored(self) -> Points:
        """Return both halves of the head laid on its left half."""
        return Points(np.abs(self.x), self.y, self.z)


def inside(distance: Field, blur: float | Field) -> Field:
    """Return how much of a voxel lies inside a body, 0..1.

    Parameters
    ----------
    distance
        Signed distance of the voxel's centre from the surface in mm, negative inside.
    blur
        Width in mm over which the surface is spread: the voxel's own size or more.
    """
    return np.clip(0.5 - distance / blur, 0, 1, dtype=np.float32)


def paint(hu: Field, chosen: NDArray, value: float | Field, share: Field) -> None:
    """Mix `value` into the voxels `chosen` of `hu`, by the `share` of each voxel it fills."""
    before = hu[chosen]
    hu[chosen] = before + (value - before) * share


def box(p: Points, centre: Sequence[float], reach: Sequence[float]) -> NDArray[np.intp]:
    """Return the indices of the points (flat arrays) at most `reach` mm from `centre` per axis."""
    close = np.abs(p.z - centre[2]) < reach[2]
    close &= np.abs(p.y - centre[1]) < reach[1]
    close &= np.abs(p.x - centre[0]) < reach[0]
    return np.flatnonzero(close)


def ellipsoid(
    p: Points, centre: Sequence[float], radii: Sequence[float], turn: float = 0.0
) -> Field:
    """Return the distance from an ellipsoid in mm, exact near its surface.

    `turn` rotates it about the z axis, in degrees from the y axis toward the patient's left.
    Formula: Inigo Quilez, https://iquilezles.org/articles/ellipsoids (bound by gradient).
    """
    x, y, z = p.x - centre[0], p.y - centre[1], (p.z - centre[2]) * (1 / radii[2])
    if turn:
        c, s = float(np.cos(np.radians(turn))), float(np.sin(np.radians(turn)))
        x, y = c * x - s * y, s * x + c * y
    x, y = x * (1 / radii[0]), y * (1 / radii[1])
    k0 = np.sqrt(x * x + y * y + z * z)
    x, y, z = x * (1 / radii[0]), y * (1 / radii[1]), z * (1 / radii[2])
    k1 = np.sqrt(x * x + y * y + z * z)
    return k0 * (k0 - 1) / (k1 + np.float32(1e-6))


def tube(
    p: Points, nodes: Sequence[Sequence[float]], flat: float = 1.0, slab: float = 0.0
) -> Field:
    """Return the distance from a tube in mm, negative inside.

    Parameters
    ----------
    p
        The points.
    nodes
        Its centre line and radius: (x, y, z, r) a node.
    flat
        Scale of vertical distances: below 1 the tube is taller than wide.
    slab
        Half-height in mm by which the tube is pulled up and down to a sheet.
    """
    best: Field | None = None
    for start, end in zip(nodes[:-1], nodes[1:], strict=True):
        line = [b - a for a, b in zip(start, end, strict=True)]
        length = line[0] ** 2 + line[1] ** 2 + (flat * line[2]) ** 2
        x, y, z = p.x - start[0], p.y - start[1], p.z - start[2]
        along = x * line[0] + y * line[1] + z * (line[2] * flat**2)
        along = np.clip(along * (1 / length), 0, 1)
        x, y, z = x - along * line[0], y - along * line[1], flat * (z - along * line[2])
        if slab:
            z = np.maximum(np.abs(z) - flat * slab, 0)
        distance = np.sqrt(x * x + y * y + z * z) - (start[3] + along * line[3])
        best = distance if best is None else np.minimum(best, distance)
    if best is None:
        raise ValueError("a tube needs two nodes")
    return best


def smooth_min(a: Field, b: Field, rounding: float) -> Field:
    """Return the distance from two bodies together, their edge rounded by `rounding` mm."""
    mix = np.clip(0.5 + (b - a) * (0.5 / rounding), 0, 1)
    return b + (a - b) * mix - rounding * mix * (1 - mix)


def smooth_max(a: Field, b: Field, rounding: float) -> Field:
    """Return the distance from what two bodies share, its edge rounded by `rounding` mm."""
    return -smooth_min(-a, -b, rounding)


class Noise:
    """Smooth random numbers in space: mean 0, variance 1, the same for one generator.

    Parameters
    ----------
    rng
        Where they come from.
    cells
        Size of the lattice, after which the noise repeats; a power of two.
    """

    def __init__(self, rng: np.random.Generator, cells: int = 32) -> None:
        from scipy.ndimage import gaussian_filter

        if cells < 1 or cells & (cells - 1):
            raise ValueError(f"{cells} cells: must be a power of two")
        lattice = rng.standard_normal((cells, cells, cells), dtype=np.float32)
        lattice = gaussian_filter(lattice, 1.0, mode="wrap", truncate=3)
        lattice /= lattice.std()
        self.cells = cells
        # A node's value and the way to the next along z, side by side: half as many look-ups.
        both = np.stack([lattice, np.roll(lattice, -1, axis=2) - lattice], axis=-1)
        self.nodes = both.view(np.complex64).ravel()

    def __call__(self, p: Points, scale: float, shift: float = 0.0) -> Field:
        """Return the noise at `p`, with a lattice cell of `scale` mm, moved by `shift` cells.

        Linear between the nodes; `scipy.ndimage.map_coordinates` takes four times as long.
        """
        at = np.empty((3, p.x.size), dtype=np.float32)
        for row, axis in zip(at, p, strict=True):
            np.multiply(axis.ravel(), np.float32(1 / scale), out=row)
        at += np.float32(shift)
        below = np.floor(at)
        u, v, w = at - below
        last = self.cells - 1
        x, y, z = below.astype(np.intp) & last
        next_x, next_y = (x + 1) & last, (y + 1) & last

        def along_z(x: NDArray[np.intp], y: NDArray[np.intp]) -> Field:
            node = self.nodes[(x * self.cells + y) * self.cells + z]
            return node.real + node.imag * w

        near, far = along_z(x, y), along_z(next_x, y)
        near += (along_z(x, next_y) - near) * v
        far += (along_z(next_x, next_y) - far) * v
        values = near + (far - near) * u
        return values.reshape(p.x.shape)
