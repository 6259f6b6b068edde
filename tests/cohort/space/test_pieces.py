"""Connected pieces: one labeller for all, in a file's order of memory and in C order."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from scipy import ndimage

from cohort.space.shapes.pieces import (
    CORNERS,
    FACES,
    IN_SLICE,
    bounding_box,
    indices_of,
    label_pieces,
)


def test_nothing_else_labels_pieces(root: Path) -> None:
    found = set()
    for package in ("cohort", "hich", "imaging", "text"):
        for path in (root / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                imported = isinstance(node, ast.ImportFrom) and node.module == "scipy.ndimage"
                named = imported and any(name.name == "label" for name in node.names)
                called = isinstance(node, ast.Call) and ast.unparse(node.func) == "ndimage.label"
                if named or called:
                    found.add(path.relative_to(root).as_posix())
    assert found == {"cohort/space/shapes/pieces.py"}


@pytest.mark.parametrize(
    ("touching", "voxels"), [(CORNERS, [4]), (FACES, [1, 3]), (IN_SLICE, [1, 2, 1])]
)
def test_what_is_of_one_piece(touching: np.ndarray, voxels: list[int]) -> None:
    mask = np.zeros((4, 3, 2), np.uint8)
    mask[0, 0, 0] = 1  # a corner away from the next
    mask[1, 1, 0] = mask[2, 1, 0] = mask[2, 1, 1] = 1
    assert label_pieces(mask, touching).voxels[1:].tolist() == voxels


@pytest.mark.parametrize("touching", [CORNERS, FACES, IN_SLICE])
def test_the_transpose_of_an_array_in_c_order_is_numbered_as_scipy_does(
    touching: np.ndarray,
) -> None:
    mask = np.random.default_rng(0).random((9, 8, 7)) < 0.3
    expected, count = ndimage.label(mask, touching)
    pieces = label_pieces(mask.T, touching.T)
    assert pieces.count == count > 1
    assert (expected == pieces.numbered.T).all()
    assert (pieces.voxels == np.bincount(expected.ravel())).all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_indices_are_numpys_in_its_order(order: Literal["C", "F"]) -> None:
    mask = np.random.default_rng(0).random((5, 6, 7)) > 0.7
    of_file = np.asarray(mask, order=order)
    for view in (of_file, of_file[::-1, ::-1], of_file[1:4, :, 2:], of_file[0]):
        assert np.array_equal(indices_of(view), np.argwhere(view))


@pytest.mark.parametrize("flips", list(product([1, -1], repeat=3)))
def test_bounding_box_of_volumes_seen_in_patient_axes(flips: tuple[int, ...]) -> None:
    mask = np.zeros((5, 6, 7), np.uint8, order="F")
    mask[1:3, 2:6, 4] = 1
    seen = mask[tuple(slice(None, None, step) for step in flips)]

    marked = np.argwhere(seen)

    assert bounding_box(seen) == tuple(
        slice(low, high + 1) for low, high in zip(marked.min(0), marked.max(0), strict=True)
    )
