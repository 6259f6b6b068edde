"""A label map of a real head: read, checked, and put into head coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.space.file_types import may_be_scan, read_volume
from cohort.space.shapes.pieces import FACES, label_pieces
from cohort.synthetic.mapped import labels as L

POLES_MIDDLE_MM = 17.0
"""Talairach's (x, y, z) is ours at (-x, -17 - y, z); see `cohort.synthetic.fields`."""
LEAST_ML = 0.5
"""A structure that a map must have fills at least this."""
LEAST_BONE_ML = 100.0
MOST_SPACING_MM = 2.0
MISFIT_MM = 14.0
"""Structures of a head lie nearer than this (root mean square) to their places in an atlas."""
MOST_TURNED_DEG = 50.0
"""A head that is turned further against its own affine is not one that the affine describes."""
MIDLINE_TERMS = 7
"""Terms of the surface between the hemispheres: 1, y, z, y², yz, z², y³."""
GAP_MM = 12.0
"""Hemispheres that lie further apart have no midline there, but a structure between."""


@dataclass(frozen=True)
class HeadMap:
    """A real head at 1 mm.

    Attributes
    ----------
    name
        The file's name, for messages.
    labels
        int16 [x, y, z]; indices grow toward the patient's left, back and top; cut to the head.
    turn, move
        float64 [3, 3] and [3]: voxel = turn @ head coordinates + move.
    midline
        Coefficients of the `MIDLINE_TERMS`: x of the surface between the hemispheres, head
        coordinates, y and z in units of 100 mm.
    """

    name: str
    labels: NDArray[np.int16]
    turn: NDArray[np.float64]
    move: NDArray[np.float64]
    midline: tuple[float, ...]

    def middle(self, y: NDArray, z: NDArray) -> NDArray:
        """Return x of the surface between the hemispheres at `y`, `z`, head coordinates in mm."""
        y, z = y * np.float32(0.01), z * np.float32(0.01)
        c = np.array(self.midline, np.float32)
        along = c[0] + y * (c[1] + y * (c[3] + y * c[6]) + z * c[4])
        return np.asarray(along + z * (c[2] + z * c[5]))

    def centre(self, numbers: Sequence[int]) -> NDArray[np.float64] | None:
        """Return the centre of some labels in straight head coordinates, mm; None without any."""
        voxels = np.argwhere(L.among(self.labels, numbers))
        if not len(voxels):
            return None
        x, y, z = (voxels.mean(axis=0) - self.move) @ self.turn
        middle = self.middle(*np.array(((y,), (z,)), np.float32))
        return np.array((x - float(middle[0]), y, z))


def find_maps(folder: Path) -> list[Path]:
    """Return the label maps of a folder, by name.

    Raises
    ------
    DataError
        If there is no such folder, or no NIfTI file in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; --anatomy takes a folder of label maps.")
    found = sorted(path for path in folder.iterdir() if path.is_file() and may_be_scan(path))
    if not found:
        raise DataError(f"{folder}: holds no label map (.nii.gz, .nii or .nrrd).")
    return found


def read_map(path: Path) -> HeadMap:
    """Read a label map.

    Raises
    ------
    DataError
        If the file cannot be read, or is not a map of a whole head with its skull.
    """
    labels = _one_head(_upright(path))
    _require_head(path, labels)
    voxels, places = _landmarks(labels)
    turn, move = _fit(path, voxels, places)
    straight = HeadMap(path.name, labels, turn, move, (0.0,) * MIDLINE_TERMS)
    return HeadMap(path.name, labels, turn, move, _midline(straight))


def _upright(path: Path) -> NDArray[np.int16]:
    """Return the labels at 1 mm, along the axes that are nearest to L, P, S."""
    import nibabel as nib
    from nibabel.orientations import axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform

    voxels, header = read_volume(path)
    array = np.asarray(voxels)
    if not np.issubdtype(array.dtype, np.integer):
        whole = np.rint(array)
        if not np.array_equal(whole, array):
            raise DataError(f"{path}: holds fractions; a label map holds whole numbers.")
        array = whole.astype(np.int32)
    affine = np.asarray(header.grid.affine)
    turn = ornt_transform(io_orientation(affine), axcodes2ornt(("L", "P", "S")))
    upright = nib.orientations.apply_orientation(array, turn)
    affine = affine @ inv_ornt_aff(turn, array.shape)
    spacing = np.sqrt(np.square(affine[:3, :3]).sum(axis=0))
    if spacing.max() > MOST_SPACING_MM:
        raise DataError(
            f"{path}: its voxels are {spacing.max():.2g} mm wide; label maps of "
            f"{MOST_SPACING_MM:g} mm or finer are taken."
        )
    if np.abs(spacing - 1).max() > 0.01:
        upright = _at_one_mm(upright, spacing)
    return np.clip(upright, -1, 32767).astype(np.int16)


def _at_one_mm(array: NDArray, spacing: NDArray) -> NDArray:
    """Return the nearest label at each millimetre."""
    picks = []
    for count, mm in zip(array.shape, spacing, strict=True):
        centres = np.arange(max(1, int(count * mm))) + 0.5
        picks.append(np.clip((centres / mm).astype(int), 0, count - 1))
    return array[np.ix_(*picks)]


def _one_head(array: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the map cut to the head, without what lies apart from it."""
    from scipy.ndimage import binary_dilation

    pieces = label_pieces((array[::2, ::2, ::2] > 0).T, FACES)
    if pieces.count > 1:
        coarse = binary_dilation(1 + int(pieces.voxels[1:].argmax()) == pieces.numbered.T)
        near = coarse.repeat(2, 0).repeat(2, 1).repeat(2, 2)
        keep = tuple(slice(n) for n in array.shape)
        array = np.where(near[keep], array, 0)
    filled = [np.flatnonzero((array > 0).any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    if not filled[0].size:
        return array[:0, :0, :0]
    return array[tuple(slice(int(at[0]), int(at[-1]) + 1) for at in filled)]


def _require_head(path: Path, labels: NDArray[np.int16]) -> None:
    if not labels.size:
        raise DataError(f"{path}: holds no label but 0.")
    numbers, counts = np.unique(labels, return_counts=True)
    ml = dict(zip(numbers.tolist(), (counts / 1000).tolist(), strict=True))
    missing = [
        f"{name} ({' and '.join(map(str, numbers))})"
        for name, numbers in L.NEEDED.items()
        if any(ml.get(n, 0.0) < (LEAST_BONE_ML if n == 515 else LEAST_ML) for n in numbers)
    ]
    if missing:
        raise DataError(
            f"{path}: lacks {', '.join(missing)}; --anatomy takes label maps of whole heads with "
            "their skull, in the numbers of SynthSeg's training maps."
        )
    if strange := sorted(set(ml) - L.KNOWN):
        raise DataError(
            f"{path}: has the unknown label{'s' if len(strange) > 1 else ''} "
            f"{', '.join(map(str, strange[:8]))}; --anatomy takes the numbers of SynthSeg's "
            "training maps."
        )


def _landmarks(labels: NDArray[np.int16]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return centres of structures in voxels, and where they lie in head coordinates."""
    voxels, places = [], []
    for numbers, (x, y, z) in L.PLACES_RAS.items():
        found = np.argwhere(L.among(labels, numbers))
        if len(found) > 100:
            voxels.append(found.mean(axis=0))
            places.append((-x, -POLES_MIDDLE_MM - y, z))
    return np.array(voxels), np.array(places)


def _fit(
    path: Path, voxels: NDArray[np.float64], places: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return turn and move from head coordinates to voxels: the best rigid fit.

    Kabsch 1976, doi:10.1107/S0567739476001873.
    """
    middle, home = voxels.mean(axis=0), places.mean(axis=0)
    u, _, vt = np.linalg.svd((places - home).T @ (voxels - middle))
    turn = vt.T @ np.diag((1, 1, np.sign(np.linalg.det(vt.T @ u.T)))) @ u.T
    misfit = float(np.sqrt(np.square((voxels - middle) - (places - home) @ turn.T).sum(1).mean()))
    angle = float(np.degrees(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1))))
    if misfit > MISFIT_MM or angle > MOST_TURNED_DEG:
        raise DataError(
            f"{path}: its structures do not lie where its affine says left, back and top are "
            f"({misfit:.0f} mm and {angle:.0f}° from a head's); correct the affine."
        )
    return turn, middle - turn @ home


def _midline(head: HeadMap) -> tuple[float, ...]:
    """Fit the surface between the hemispheres, head coordinates."""
    left = L.among(head.labels, (L.WHITE_LEFT, L.CORTEX_LEFT))
    right = L.among(head.labels, (L.WHITE_RIGHT, L.CORTEX_RIGHT))
    count = head.labels.shape[0]
    first = np.where(left.any(axis=0), left.argmax(axis=0), -1)
    last = np.where(right.any(axis=0), count - 1 - right[::-1].argmax(axis=0), -1)
    close = (first >= 0) & (last >= 0) & (np.abs(first - last) < GAP_MM)
    y, z = np.nonzero(close)
    voxels = np.stack([(first[close] + last[close]) / 2, y, z], axis=1)
    x, y, z = ((voxels - head.move) @ head.turn).T
    y, z = y / 100, z / 100
    table = np.stack([np.ones_like(y), y, z, y * y, y * z, z * z, y**3], axis=1)
    keep = np.ones(len(x), dtype=bool)
    found = np.zeros(MIDLINE_TERMS)
    for _ in range(4):  # gyri that reach across are left out
        found = np.linalg.lstsq(table[keep], x[keep], rcond=None)[0]
        residual = np.abs(x - table @ found)
        keep = residual < max(1.0, 2 * float(np.median(residual)))
    return tuple(float(c) for c in found)
