"""Masks: on the grid of their image, which they may be cut from, and of two values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from cohort.base.errors import DataError
from cohort.space.file_types import read_header, read_volume, type_of
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.same_grid import grid_difference, offset_in

_ROUNDING = 1e-3
"""Share of the upper level: as far as a slope that is written with four digits moves it."""


def binary_mask(values: np.ndarray) -> tuple[np.ndarray, str | None]:
    """Return a mask as uint8 0/1, and how its values were written if not as whole 0 and 1.

    Raises
    ------
    ValueError
        If `values` are not two values, 0 and 1 or 0 and 255 but for the rounding of a scaled file;
        its text says what they are.
    """
    if values.dtype == np.uint8 and values.size and values.max() <= 1:
        return values.copy(order="K"), None
    # A test of two values is much faster than np.unique, which sorts.
    mask = values == 1
    if np.array_equal(mask, values != 0):
        written = "0.0/1.0" if values.dtype.kind == "f" and mask.any() else None
        return mask.astype(np.uint8), written
    mask = values == 255
    if np.array_equal(mask, values != 0):
        return mask.astype(np.uint8), "0/255"
    if values.dtype.kind == "f" and (found := two_levels(values)) is not None:
        return found
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError("holds NaN or infinite values")
    levels = np.unique(values)
    listed = ", ".join(map(shown, levels[:6])) + (", …" if len(levels) > 6 else "")
    raise ValueError(f"holds the values {listed}")


def two_levels(values: np.ndarray) -> tuple[np.ndarray, str] | None:
    """Return floats as a mask, uint8 0/1, and how they were written; None if they are not a mask.

    A slope or an intercept that is rounded, as 1/255 is in float32, moves all voxels of a level
    alike: soft masks have more levels than two.

    Examples
    --------
    >>> two_levels(np.array([0.0, 1.00000006, 1.00000006]))
    (array([0, 1, 1], dtype=uint8), '0/1.00000006')
    >>> two_levels(np.array([0.0, 0.9999, 1.0])) is None
    True
    """
    low, high = float(values.min()), float(values.max())
    one = 255 if high > 2 else 1

    def near(level: float, of: float) -> bool:
        return abs(level - of) <= _ROUNDING * one

    if low == high:
        fits = near(low, 0) or near(low, one)
    else:
        fits = near(low, 0) and near(high, one) and bool(((values == low) | (values == high)).all())
    if not fits:
        return None
    written = shown(low) if low == high else f"{shown(low)}/{shown(high)}"
    return (values > one / 2).astype(np.uint8), written


def shown(level: float) -> str:
    """Return a level for people, with more digits where it would look like a whole number.

    Examples
    --------
    >>> shown(255.0), shown(0.1), shown(1.00000006), shown(0.99999999999)
    ('255', '0.1', '1.00000006', '0.99999999999')
    """
    for text in (f"{level:g}", f"{level:.9g}"):
        if float(text) == level or not text.isdecimal():
            return text
    return repr(float(level))


def read_mask_header(path: Path, grid: Grid) -> Header:
    """Read what the file of a mask says of it, on the grid of its image if it is cut from that.

    3D Slicer cuts segmentations to what is drawn. Such a grid is the image's own where each voxel
    of it is one of the image's; if it isn't, it is returned as it is.

    Raises
    ------
    DataError
        As `read_header` does.
    """
    header = read_header(path)
    if _cut_from(path, header, grid) is None and not _says_nothing(path, header):
        return header
    return replace(header, grid=grid)


def read_mask_volume(path: Path, grid: Grid) -> tuple[np.ndarray, Header]:
    """Read all voxels of a mask, on the grid of its image if it is cut from that.

    Raises
    ------
    DataError
        As `read_volume` does, and if something is drawn outside of the image.
    """
    values, header = read_volume(path)
    offset = _cut_from(path, header, grid)
    whole = np.zeros(grid.shape, values.dtype)
    if offset is None:
        empty = _says_nothing(path, header) and not values.any()
        return (whole, replace(header, grid=grid)) if empty else (values, header)
    starts = [max(0, -start) for start in offset]
    ends = [
        min(n, size - start)
        for n, size, start in zip(values.shape, grid.shape, offset, strict=True)
    ]
    inside = tuple(slice(a, max(a, b)) for a, b in zip(starts, ends, strict=True))
    target = tuple(
        slice(part.start + start, part.stop + start)
        for part, start in zip(inside, offset, strict=True)
    )
    whole[target] = values[inside]
    if outside := int(np.count_nonzero(values)) - int(np.count_nonzero(whole)):
        raise DataError(
            f"{path}: {outside} of its voxels lie outside of the image; "
            "is it another image's? If not, save it cut to the image."
        )
    return whole, replace(header, grid=grid)


def _cut_from(path: Path, header: Header, grid: Grid) -> tuple[int, int, int] | None:
    """Return where in the grid of an image its mask begins; None if it isn't cut from that.

    Other programs know no uneven slices: a mask on the even grid that they were shown instead has
    the image's voxels, too.
    """
    if grid_difference(header.grid, grid) is None:
        return None
    shown = grid if header.grid.even == grid.even else Grid(grid.shape, grid.affine)
    if type_of(path).scans:  # not cut, but maybe on the grid that was shown
        same = shown is not grid and grid_difference(header.grid, shown) is None
        return (0, 0, 0) if same else None
    return offset_in(header.grid, shown)


def _says_nothing(path: Path, header: Header) -> bool:
    """Return whether a file is one voxel, wherever that lies, since 3D Slicer had none to save."""
    return not type_of(path).scans and header.shape == (1, 1, 1)
