"""Where the brain's midline would be if nothing pushed it: a plane that skull and falx tell.

It is the plane in which the skull's inner table is its own mirror image
(`imaging.measure.skull.symmetry`), brought into line with the falx where it is marked near the
skull, in front and behind (Liao et al. 2018, doi:10.1155/2018/4303161).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.measure.midline_course import Course
from imaging.measure.septum import Septum
from imaging.measure.skull.inner_table import InnerTable

END_MM = 7.0
"""So near to the skull the brain doesn't move to speak of."""
END_ROWS_MM = 10.0
"""Without a skull, so much of a line at its front and its back stands for its ends."""
SHARE_OF_LONGEST = 0.6
"""Of the longest line's length a slice's line must have, without a skull, for its ends to be ends;
and so much of a midline's length in the head for anything to be measured."""
LEAST_LONG_MM = 40.0
"""Less of a midline, front to back, hides its ends; third ventricle and septum together are some
60 mm long."""
SYMMETRY_MM, SYMMETRY_SLOPE = 1.0, 0.04
"""One sigma of the plane of symmetry's place, and of its slopes: heads are crooked."""
ANY_MM, ANY_SLOPE = 30.0, 0.5
"""The same of a plane that no skull tells."""
FALX_MM, FALX_ALIKE = 1.5, 6.0
"""One sigma of a falx's place from the plane, and how many rows err alike."""
ROUNDS = 5
"""Of fitting the falx's ends robustly."""


@dataclass(frozen=True)
class Ideal:
    """Where the midline would be: mm from the course's plane, at each row and slice.

    Attributes
    ----------
    aside
        [rows, slices].
    sigma
        One sigma of it at the septum.
    """

    aside: NDArray
    sigma: float


def ideal_midline(
    course: Course, septum: Septum, table: InnerTable | None, symmetric: bool
) -> Ideal:
    """Return the ideal midline: the plane the course is seen from, turned to the falx's ends.

    Parameters
    ----------
    course
        The actual midline.
    septum
        Where the septum pellucidum is.
    table
        The skull's inner table, near which a falx has its ends; without one a line's ends are it.
    symmetric
        Whether the course is seen from the skull's plane of symmetry.
    """
    y, z = float(np.mean(septum.backward)), float(np.mean(septum.upward))
    upward = np.broadcast_to(course.upward, course.aside.shape)
    ends = _near_skull(course, table) if table else _line_ends(course)
    design = np.stack([np.ones(ends.shape), course.backward - y, upward - z], axis=-1)
    place, slope = (SYMMETRY_MM, SYMMETRY_SLOPE) if symmetric else (ANY_MM, ANY_SLOPE)
    prior = np.diag([place**-2.0, slope**-2.0, slope**-2.0])
    weights = np.full(int(ends.sum()), 1 / (FALX_MM**2 * FALX_ALIKE))
    rows, values = design[ends], course.aside[ends]
    robust, fit = np.ones(len(rows)), np.zeros(3)
    for _ in range(ROUNDS):
        normal = prior + (rows * (weights * robust)[:, None]).T @ rows
        fit = np.linalg.solve(normal, rows.T @ (weights * robust * values))
        robust = 1 / (1 + np.square((values - rows @ fit) / (2 * FALX_MM)))
    return Ideal(design @ fit, float(np.sqrt(np.linalg.inv(normal)[0, 0])))


def _near_skull(course: Course, table: InnerTable) -> NDArray[np.bool_]:
    """Return where the midline is marked, and near the skull in front or behind."""
    a, b, c = course.plane
    upward = np.broadcast_to(course.upward, course.aside.shape)
    x = a + b * course.backward + c * upward + course.aside
    points = np.stack([x, course.backward, upward], axis=-1).reshape(-1, 3)
    depth = -table.beyond(points).reshape(course.aside.shape)
    return np.asarray(course.seen & (depth > 0) & (depth < END_MM))


def _line_ends(course: Course) -> NDArray[np.bool_]:
    """Return the first and last marked rows of the slices whose line is long enough."""
    lengths = course.lengths_mm
    seen = course.seen & (lengths >= max(LEAST_LONG_MM, SHARE_OF_LONGEST * lengths.max()))
    back = np.where(seen, course.backward, -np.inf).max(axis=0)
    front = np.where(seen, course.backward, np.inf).min(axis=0)
    near_end = (course.backward <= front + END_ROWS_MM) | (course.backward >= back - END_ROWS_MM)
    return np.asarray(seen & near_end)
