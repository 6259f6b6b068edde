"""The course of a midline through a whole head: a smooth surface through all that was found.

What marks the midline is a mask, or the probabilities of a network. Both are seen from a plane
that halves the head about, row by row toward the back and slice by slice:

1. In each slice a path from front to back runs where most is marked, by dynamic programming; what
   is marked in the slices next to it counts as well. Where nothing is, it goes on straight.
2. A row's place is the centre of what is marked around the path.
3. A smooth surface is laid through all places, by penalised least squares with a robust loss, and
   the centres are taken once more around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.space.grid import Grid

Plane = tuple[float, float, float]
"""Of x = a + b y + c z in mm (`Grid.upright`): a, b and c."""

ROW_MM, SLICE_MM = 2.0, 2.5
"""Rows, and slices, that are nearer to each other than this are taken together."""
REACH_MM = 24.0
"""How far from the plane the midline is looked for."""
STEEPEST = 1.0
"""How far a path may go aside, per mm toward the back."""
FLOOR = 0.03
"""The share that counts as marked where nothing is: less, and a path would turn to any scrap."""
BEND = 0.15
"""What a step aside by a pixel costs a path, where marking it all gives `-log(FLOOR)`."""
NEAR_MM = 4.0
"""So far around the path or the surface what is marked counts for a row's place."""
SPREAD_MM = 20.0
"""So far around the surface what is marked says how sure a row's place is."""
WIDE_MM = 2.0
"""A row counts fully if it is marked over this width, and as one that is marked at all from
`LEAST_SHARE` of it on."""
LEAST_SHARE = 0.25
PLACE_MM, ODD_MM = 1.0, 2.0
"""One sigma of a row's place; what lies that far off the surface begins to count less."""
CURVED = 0.02
"""One sigma of the surface's curvature, per mm: a midline that is pushed by 12 mm over 70 mm bends
by 0.01 where it is farthest."""
LEAN = 0.15
"""One sigma of how the surface leans to a side, per mm upward."""
ALIKE = 6.0
"""So many rows next to each other err alike: a wall that was taken for the midline is that long."""
ROUNDS = 4


@dataclass(frozen=True)
class Course:
    """Where the midline is: arrays [rows, slices].

    Attributes
    ----------
    plane
        What it is seen from.
    backward
        Of each row, in mm (`Grid.upright`), [rows, slices]: slices of a tilted gantry begin at
        different places.
    upward
        Of each slice, [slices].
    aside
        The surface: mm from the plane toward the patient's left, along the slice's rows.
    support
        Share of the usual width that is marked near it, 0 to 1.
    spread
        How far what is marked in that row lies from it, mm: root mean square within `SPREAD_MM`.
    slices
        The scan's slice in the middle of each.
    equations
        The inverse of the surface's covariance: diagonals, as `scipy.linalg.solveh_banded` takes
        them, [bands, rows * slices].
    """

    plane: Plane
    backward: NDArray
    upward: NDArray
    aside: NDArray
    support: NDArray
    spread: NDArray
    slices: NDArray
    equations: NDArray

    def sigma(self, where: NDArray[np.bool_]) -> float:
        """Return one sigma of the mean of the surface over some of its places, in mm."""
        from scipy.linalg import solveh_banded

        mean = where.ravel() / np.count_nonzero(where)
        return float(np.sqrt(ALIKE * (mean @ solveh_banded(self.equations, mean))))

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Where it is marked."""
        return np.asarray(self.support >= LEAST_SHARE)

    @property
    def lengths_mm(self) -> NDArray:
        """How far the marked rows of each slice reach, front to back."""
        back = np.where(self.seen, self.backward, -np.inf).max(axis=0)
        front = np.where(self.seen, self.backward, np.inf).min(axis=0)
        return np.where(self.seen.any(axis=0), back - front, 0.0)


def trace(marked: NDArray, grid: Grid, plane: Plane, whole: float = 1.0) -> Course | None:
    """Find the course of a midline; None where nothing is marked.

    Parameters
    ----------
    marked
        The midline, [X, Y, Z], axes LPS: a mask or probabilities, from 0 to `whole`.
    grid
        Where its voxels lie.
    plane
        That halves the head about.
    whole
        What a voxel holds that is surely the midline's. What is marked doesn't tell it: the
        highest of a network's levels may be 1 of 255.
    """
    rows = _groups(np.arange(grid.shape[1]) * grid.spacing[1], ROW_MM)
    slices = _groups(grid.levels_mm, SLICE_MM)
    around, aside, backward, upward = _around(marked, grid, plane, rows, slices, whole)
    if not around.any():
        return None
    step = grid.spacing[0]
    along = ROW_MM if len(rows) < 2 else float(np.median(np.diff(backward, axis=0)))
    path = _paths(around, step, along)
    places = np.take_along_axis(aside, path[..., None], axis=2)[..., 0]
    surface, rough = places, _roughness(places.shape, along, upward)
    for _ in range(2):
        near = np.abs(aside - surface[..., None]) <= NEAR_MM
        mass = (around * near).sum(axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):
            centre = np.where(mass > 0, (around * near * aside).sum(axis=2) / mass, 0.0)
        support = np.minimum(mass * step / WIDE_MM, 1.0)
        surface, equations = _smooth(centre, support, rough)
    off = aside - surface[..., None]
    wide = around * (np.abs(off) <= SPREAD_MM)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt((wide * off**2).sum(axis=2) / wide.sum(axis=2))
    spread = np.where(np.isfinite(spread), spread, SPREAD_MM)
    middles = np.array([group[len(group) // 2] for group in slices])
    return Course(plane, backward, upward, surface, support, spread, middles, equations)


def _groups(places: NDArray, apart: float) -> list[NDArray]:
    """Return the indices of places that are taken together."""
    if len(places) < 2:
        return [np.arange(len(places))]
    each = max(1, round(apart / abs(float(np.median(np.diff(places))))))
    return np.split(np.arange(len(places)), np.arange(each, len(places), each))


def _around(
    marked: NDArray,
    grid: Grid,
    plane: Plane,
    rows: list[NDArray],
    slices: list[NDArray],
    whole: float,
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return what is marked around the plane, and where: [rows, slices, columns], in mm."""
    a, b, c = plane
    step = grid.spacing[0]
    reach = int(np.ceil(REACH_MM / step))
    columns = np.arange(-reach, reach + 1)
    starts = np.array([group[0] for group in rows])
    counts = np.array([len(group) for group in rows])
    shape = len(rows), len(slices)
    around = np.zeros((*shape, len(columns)), np.float32)
    aside = np.zeros((*shape, len(columns)), np.float32)
    backward, upward = np.zeros(shape), np.zeros(len(slices))
    every = np.arange(grid.shape[1])
    for n, group in enumerate(slices):
        for k in group:
            x, y, z = grid.upright(
                np.stack([np.zeros(len(every)), every, np.full(len(every), k)], axis=1)
            ).T
            at = (a + b * y + c * z - x) / step
            index = np.rint(at).astype(int)[:, None] + columns
            inside = (index >= 0) & (index < grid.shape[0])
            found = marked[np.clip(index, 0, grid.shape[0] - 1), every[:, None], k] * inside
            means = np.add.reduceat(found.astype(np.float32), starts) / (whole * counts[:, None])
            around[:, n] += means / len(group)
            off = (index - at[:, None]) * step
            aside[:, n] += np.add.reduceat(off, starts) / counts[:, None] / len(group)
            backward[:, n] += np.add.reduceat(y, starts) / counts / len(group)
            upward[n] += float(z.mean()) / len(group)
    return around, aside, backward, upward


def _paths(around: NDArray, step: float, along: float) -> NDArray:
    """Return for each slice the columns of a path from front to back, [rows, slices]."""
    from scipy.ndimage import gaussian_filter1d

    # What is marked beside it, in the rows and slices around, marks it a little too.
    blurred = gaussian_filter1d(around, 2.0 / along, axis=0, mode="nearest")
    blurred = gaussian_filter1d(blurred, 0.6, axis=1, mode="nearest")
    gain = np.log(np.maximum(blurred, FLOOR) / FLOOR)
    rows, slices, columns = gain.shape
    most = max(1, round(STEEPEST * along / step))
    best = np.zeros((slices, columns)) + gain[0]
    came = np.zeros((rows, slices, columns), np.int16)
    moves = range(-most, most + 1)
    for row in range(1, rows):
        options = np.full((len(moves), slices, columns), -np.inf)
        for n, move in enumerate(moves):
            low, high = max(move, 0), columns + min(move, 0)
            options[n, :, low:high] = best[:, low - move : high - move] - BEND * abs(move)
        chosen = options.argmax(axis=0)
        came[row] = chosen - most
        best = np.take_along_axis(options, chosen[None], axis=0)[0] + gain[row]
    path = np.zeros((rows, slices), int)
    path[-1] = best.argmax(axis=1)
    for row in range(rows - 1, 0, -1):
        path[row - 1] = path[row] - came[row, np.arange(slices), path[row]]
    return path


def _roughness(shape: tuple[int, ...], along: float, upward: NDArray) -> NDArray:
    """Return the quadratic form that says how unlikely a surface [rows, slices] is, as diagonals.

    Places two rows apart are the farthest that bear on each other.
    """
    from scipy.sparse import diags_array, eye_array, kron, vstack

    rows, slices = shape
    parts = [1e-3 * eye_array(rows * slices)]  # holds a place that nothing else does
    if rows > 2:
        second = diags_array([1.0, -2.0, 1.0], offsets=[0, 1, 2], shape=(rows - 2, rows))
        parts.append(kron(second / (CURVED * along**2), eye_array(slices)))
    if slices > 1:
        steps = 1 / np.diff(upward)
        first = diags_array([-steps, steps], offsets=[0, 1], shape=(slices - 1, slices))
        parts.append(kron(eye_array(rows), first / LEAN))
    if slices > 2:
        parts.append(kron(eye_array(rows), _second(upward) / CURVED))
    every = vstack(parts)
    form = every.T @ every
    most = min(2 * slices, rows * slices - 1)
    banded = np.zeros((most + 1, rows * slices))
    for k in range(most + 1):
        banded[most - k, k:] = form.diagonal(k)
    return banded


def _smooth(places: NDArray, support: NDArray, rough: NDArray) -> tuple[NDArray, NDArray]:
    """Lay a smooth surface through `places` [rows, slices], of which some count less.

    Returns it, and the matrix of its equations: the inverse of its covariance.
    """
    from scipy.linalg import solveh_banded

    weights = support.ravel() / PLACE_MM**2
    values, robust = places.ravel(), np.ones(places.size)
    for _ in range(ROUNDS):
        now = weights * robust
        equations = rough.copy()
        equations[-1] += now
        surface = solveh_banded(equations, now * values)
        robust = 1 / (1 + np.square((values - surface) / ODD_MM))
    return surface.reshape(places.shape), equations


def _second(upward: NDArray) -> NDArray:
    """Return the matrix that takes values at some levels to second derivatives between them."""
    from scipy.sparse import diags_array

    below, above = np.diff(upward)[:-1], np.diff(upward)[1:]
    scale = 2 / (below + above)
    parts = [scale / below, -scale * (1 / below + 1 / above), scale / above]
    return diags_array(parts, offsets=[0, 1, 2], shape=(len(upward) - 2, len(upward)))
