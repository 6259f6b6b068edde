"""PNG files as Pillow reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imaging.png import write_png


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (31, 64), (1, 1, 3), (13, 9, 3), (64, 1, 3)])
def test_pillow_reads_the_same_pixels(tmp_path: Path, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_png(tmp_path / "a.png", pixels)
    with Image.open(tmp_path / "a.png") as picture:
        picture.verify()  # checksums of all chunks
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == ("RGB" if len(shape) == 3 else "L")
        np.testing.assert_array_equal(np.asarray(picture), pixels)


def test_indices_and_palette(tmp_path: Path) -> None:
    indices = (np.arange(12, dtype=np.uint8) % 3).reshape(3, 4)
    write_png(tmp_path / "a.png", indices, palette=[0, 0, 0, 255, 0, 0, 1, 2, 3])
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == "P"
        np.testing.assert_array_equal(np.asarray(picture), indices)
        assert tuple(np.asarray(picture.convert("RGB"))[0, 2]) == (1, 2, 3)


def test_any_order_of_memory(tmp_path: Path) -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(3, 4, 5).transpose(2, 1, 0)[::-1]
    write_png(tmp_path / "a.png", pixels)
    with Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), pixels)
