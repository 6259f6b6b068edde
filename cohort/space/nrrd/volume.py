"""NRRD volumes, read and written.

Array axes are those of the file, the fastest one first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from isal import igzip
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from cohort.space.affine import times
from cohort.space.grid import Grid
from cohort.space.header import Header
from cohort.space.nifti.volume import COMPRESS_LEVEL
from cohort.space.nrrd.data import TYPES, read_data
from cohort.space.nrrd.fields import escaped
from cohort.space.nrrd.layout import SLICE_PLACES_KEY, SPACES, Layout, read_layout


def read_header(path: Path) -> Header:
    """Read what the NRRD file `path` says of its volume, without the voxels.

    Raises
    ------
    DataError
        If the file is missing, is not NRRD, does not hold one 3D volume, or its directions
        span none.
    """
    layout = read_layout(path)
    _refuse_layers(path, layout)
    return layout.header


def read_volume(path: Path) -> tuple[np.ndarray, Header]:
    """Read all voxels of the NRRD file `path`.

    Returns
    -------
    voxels
        Array in the file's own axis order, of the stored type.
    header
        What the header says.

    Raises
    ------
    DataError
        As `read_header` does, and if the file is truncated or damaged.
    """
    layout = read_layout(path)
    _refuse_layers(path, layout)
    return read_layer(path, layout), layout.header


def read_layer(path: Path, layout: Layout, layer: int = 0) -> np.ndarray:
    """Read one of the volumes of a file, [I, J, K].

    Raises
    ------
    DataError
        If the file is truncated or damaged.
    """
    numbers = read_data(path, layout.text, layout.sizes)
    if layout.layers_axis is None:
        return numbers.reshape(layout.header.shape, order="F")
    return np.take(numbers, layer, axis=layout.layers_axis)


def save_volume(path: Path, voxels: np.ndarray, grid: Grid) -> None:
    """Write `voxels` to the NRRD file `path` in their own type, atomically."""
    with atomic_file(path) as temporary:
        write_file(temporary, voxels[None], grid, {})


def write_file(path: Path, layers: np.ndarray, grid: Grid, keys: Mapping[str, str]) -> None:
    """Write layers [L, I, J, K] on a grid, and what keys say, to an NRRD file.

    The same content gives the same bytes whenever it is written. Not atomic: see `atomic_file`.
    """
    names = {of: name for name, of in TYPES.items()}
    numbers = np.asarray(layers)
    kind = numbers.dtype.str[1:]
    signs = np.array(SPACES["left-posterior-superior"])  # as 3D Slicer and ITK write
    directions = [_vector(signs * column) for column in grid.affine[:3, :3].T]
    several = len(numbers) > 1
    shape = numbers.shape if several else numbers.shape[1:]
    fields = {
        "type": names[kind].removesuffix("_t"),
        "dimension": str(len(shape)),
        "space": "left-posterior-superior",
        "sizes": " ".join(map(str, shape)),
        "space directions": " ".join((["none"] if several else []) + directions),
        "kinds": " ".join((["list"] if several else []) + ["domain"] * 3),
        "endian": "little",
        "encoding": "gzip",
        "space origin": _vector(signs * grid.affine[:3, 3]),
    }
    if grid.places is not None:
        keys = {
            **keys,
            SLICE_PLACES_KEY: "; ".join(" ".join(map(repr, map(float, p))) for p in grid.places),
        }
    lines = ["NRRD0004", *(f"{name}: {value}" for name, value in fields.items())]
    lines += [f"{name}:={escaped(value)}" for name, value in keys.items()]
    little = numbers.astype(numbers.dtype.newbyteorder("<"), copy=False)
    packed = igzip.compress(little.tobytes(order="F"), COMPRESS_LEVEL, mtime=0)
    path.write_bytes("\n".join([*lines, "", ""]).encode() + packed)


def _vector(values: NDArray) -> str:
    return f"({','.join(repr(float(value) + 0.0) for value in values)})"


def _refuse_layers(path: Path, layout: Layout) -> None:
    if layout.layers > 1:
        raise DataError(
            f"{path}: holds {layout.layers} volumes ({times(layout.sizes)} voxels); give one 3D "
            "volume a file."
        )
