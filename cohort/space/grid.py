"""Where the voxels of a volume lie: the one place that turns indices into mm.

World coordinates are in mm, RAS+ as NIfTI defines them: x toward the patient's right side, y toward
anterior, z toward superior. `axcodes` name what each array axis points toward: L or R, P or A,
I or S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cohort.space.affine import axcodes_of, has_right_angles, make_affine, upright_frame

MM3_PER_ML = 1000.0


@dataclass(frozen=True, eq=False)
class Grid:
    """The places of a volume's voxels.

    Slices lie along the array axis that is closest to inferior-superior. They are parallel and of
    one size; each may be anywhere, so that neither a tilted gantry nor uneven distances need the
    image to be resampled.

    Attributes
    ----------
    shape
        Voxels along the three array axes.
    affine
        float64 [4, 4], voxel indices to RAS+ mm. Where slices are uneven, that of the even grid
        with the same first and last slice.
    places
        float64 [slices, 3], RAS+ mm of each slice's first voxel, along the axial axis; None if the
        slices are where the affine says.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    places: NDArray[np.float64] | None = None

    @classmethod
    def with_spacing(
        cls, shape: Sequence[int], spacing: Sequence[float], axcodes: str = "LPS"
    ) -> Grid:
        """Return the grid of a straight volume whose centre is at the world's origin.

        Parameters
        ----------
        shape
            Voxels along the three array axes.
        spacing
            Distance between voxel centres along each of them, in mm.
        axcodes
            What each of them points toward.
        """
        first, second, third = (int(n) for n in shape)
        x, y, z = (float(mm) for mm in spacing)
        size = (first, second, third)
        return cls(size, make_affine(axcodes, (x, y, z), size))

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between voxel centres along each array axis, in mm, by the affine."""
        first, second, third = map(float, np.linalg.norm(self.affine[:3, :3], axis=0))
        return first, second, third

    @cached_property
    def axcodes(self) -> str:
        """What each array axis points toward, nearest of L/R, P/A, I/S, for example `"LPS"`."""
        return axcodes_of(self.affine)

    @property
    def axial_axis(self) -> int:
        """The array axis closest to the patient's inferior-superior direction."""
        return next(axis for axis, code in enumerate(self.axcodes) if code in "IS")

    @property
    def even(self) -> bool:
        """Whether all slices are equally far apart, so that the affine says all."""
        return self.places is None

    @cached_property
    def levels_mm(self) -> NDArray[np.float64]:
        """Distance of each slice's plane from the first one's, [slices], in mm; rises or falls.

        Along the slices' normal, whichever way a tilted gantry moved the table, and positive
        toward superior.
        """
        count = self.shape[self.axial_axis]
        if self.places is None:
            return np.asarray(np.arange(count) * float(self.normal @ self.step))
        return np.asarray((self.places - self.places[0]) @ self.normal)

    def level_at(self, slice_index: float) -> float:
        """Return the level of a slice in mm (`levels_mm`), or of a place between two slices."""
        levels = self.levels_mm
        if self.places is None:
            return float(slice_index * (levels[1] - levels[0])) if len(levels) > 1 else 0.0
        return float(np.interp(slice_index, np.arange(len(levels)), levels))

    @cached_property
    def thicknesses_mm(self) -> NDArray[np.float64]:
        """What each slice stands for, [slices], in mm along the slices' normal.

        The space half way to its neighbours; an end slice reaches as far outward as inward.
        """
        if self.places is None:
            step = abs(float(self.normal @ self.step))
            return np.full(self.shape[self.axial_axis], step, float)
        gaps = np.abs(np.diff(self.levels_mm))
        return np.asarray((np.append(gaps[0], gaps) + np.append(gaps, gaps[-1])) / 2)

    @cached_property
    def voxels_ml(self) -> NDArray[np.float64]:
        """Volume of a voxel of each slice, [slices], in mL."""
        first, second = self.in_plane.T
        area = float(np.linalg.norm(np.cross(first, second)))
        return np.asarray(self.thicknesses_mm * (area / MM3_PER_ML))

    def volume_ml(self, mask: NDArray) -> float:
        """Return the volume in mL of what is not zero in a mask [I, J, K] on this grid.

        Examples
        --------
        >>> Grid((2, 2, 2), np.diag([0.5, 0.5, 5.0, 1.0])).volume_ml(np.ones((2, 2, 2)))
        0.01
        """
        if self.places is None:
            return int(np.count_nonzero(mask)) * float(self.voxels_ml[0])
        others = tuple(axis for axis in range(3) if axis != self.axial_axis)
        return float(np.count_nonzero(mask, axis=others) @ self.voxels_ml)

    def to_mm(self, indices: ArrayLike) -> NDArray[np.float64]:
        """Return RAS+ mm of voxel indices [..., 3], which may lie between voxels or outside.

        Between two slices, and beyond the outermost ones, places go on as they do from the one to
        the next.
        """
        at = np.asarray(indices, float)
        if self.places is None:
            return np.asarray(at @ self.affine[:3, :3].T + self.affine[:3, 3])
        axis = self.axial_axis
        others = [other for other in range(3) if other != axis]
        along = at[..., axis]
        below = np.clip(np.floor(along).astype(int), 0, len(self.places) - 2)
        share = (along - below)[..., None]
        slices = self.places[below] * (1 - share) + self.places[below + 1] * share
        return np.asarray(at[..., others] @ self.affine[:3, others].T + slices)

    def upright(self, indices: ArrayLike) -> NDArray[np.float64]:
        """Return voxel indices [..., 3] in mm in a frame that stands on the slices.

        Its x and y axes lie in the plane of the slices, x along the first array axis that isn't the
        axial one, and z at right angles to them: distances are those of the patient, whichever way
        the slices are tilted and however uneven they are. The first voxel is its origin.

        Examples
        --------
        >>> Grid((2, 2, 2), np.diag([-0.5, -0.5, 5.0, 1.0])).upright([1, 2, 1])
        array([0.5, 1. , 5. ])
        """
        at = np.asarray(indices, float)
        if self.places is None and self.axial_axis == 2:
            return np.asarray(at @ upright_frame(self.affine).T)
        frame = upright_frame(np.column_stack([self.in_plane, self.step]))
        axes = np.column_stack([self.in_plane, self.step]) @ np.linalg.inv(frame)
        return np.asarray((self.to_mm(at) - self.to_mm(np.zeros(3))) @ axes)

    def metric(self, indices: ArrayLike) -> NDArray[np.float64]:
        """Return voxel indices [..., 3] in mm in some frame: distances in it are the patient's.

        Cheaper than `to_mm`, and free of rounding where the axes are at right angles.
        """
        at = np.asarray(indices, float)
        if self.places is not None:
            return self.to_mm(at)
        if self.straight:
            return np.asarray(at * self.spacing)
        return np.asarray(at @ self.affine[:3, :3].T)

    @cached_property
    def straight(self) -> bool:
        """Whether the axes are at right angles and the slices even: a voxel is a cuboid."""
        return self.even and has_right_angles(self.affine)

    @property
    def diagonal_mm(self) -> float:
        """The longest distance between the centres of two voxels, in mm.

        Examples
        --------
        >>> Grid((4, 5, 1), np.diag([1.0, 1.0, 5.0, 1.0])).diagonal_mm
        5.0
        """
        last = np.array(self.shape) - 1
        if self.straight:
            return float(np.linalg.norm(last * self.spacing))
        ends = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]) * last
        corners = self.metric(ends)
        apart = np.linalg.norm(corners[:, None] - corners[None], axis=2)
        return float(apart.max())

    def cropped(self, box: Sequence[slice]) -> Grid:
        """Return the grid of a box of the array.

        Parameters
        ----------
        box
            A slice with start and stop for each axis.
        """
        start = [int(part.start or 0) for part in box]
        stop = [n if s.stop is None else int(s.stop) for n, s in zip(self.shape, box, strict=True)]
        shape = tuple(end - first for first, end in zip(start, stop, strict=True))
        affine = self.affine.copy()
        affine[:3, 3] = self.to_mm(start)
        places, axis = None, self.axial_axis
        if self.places is not None and shape[axis] == 1:
            # Alone, it still stands for as much.
            own = self.thicknesses_mm[start[axis]] / abs(float(self.normal @ self.step))
            affine[:3, axis] *= own
        elif self.places is not None:
            at = np.tile(np.array(start, float), (shape[axis], 1))
            at[:, axis] = np.arange(start[axis], stop[axis])
            places = self.to_mm(at)
        return Grid((shape[0], shape[1], shape[2]), affine, places)

    @cached_property
    def lps(self) -> Grid:
        """The grid with its axes turned to the nearest of LPS, as `oriented` turns arrays."""
        from nibabel.orientations import inv_ornt_aff

        turn = _to_lps(self.affine)
        affine = self.affine @ inv_ornt_aff(turn, self.shape)
        first, second, third = (self.shape[int(axis)] for axis in np.argsort(turn[:, 0]))
        places = None
        if self.places is not None:
            # The corner of the turned array lies elsewhere in each slice.
            corner = affine[:3, 3] - self.affine[:3, 3]
            axis = self.axial_axis
            if turn[axis, 1] < 0:
                corner = corner - (self.shape[axis] - 1) * self.affine[:3, axis]
            places = (self.places if turn[axis, 1] > 0 else self.places[::-1]) + corner
        return Grid((first, second, third), affine, places)

    @property
    def in_plane(self) -> NDArray[np.float64]:
        """[3, 2], RAS+ mm from a voxel of a slice to the next along its two axes."""
        others = [axis for axis in range(3) if axis != self.axial_axis]
        return np.asarray(self.affine[:3, others])

    @property
    def step(self) -> NDArray[np.float64]:
        """[3], RAS+ mm from a slice to the next by the affine."""
        return np.asarray(self.affine[:3, self.axial_axis])

    @cached_property
    def normal(self) -> NDArray[np.float64]:
        """[3], the unit vector at right angles to the slices, toward superior."""
        normal = np.cross(*self.in_plane.T)
        normal = normal / np.linalg.norm(normal)
        return np.asarray(normal if normal[2] >= 0 else -normal)


def _to_lps(affine: NDArray) -> NDArray:
    from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

    return np.asarray(ornt_transform(io_orientation(affine), axcodes2ornt("LPS")))
