"""Random real and generated slices side by side, to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.facts.structures import BY_ID

from .borders import LEAST_MM2
from .slices import Slice

SIDE_MM, GAP = 220, 4
WINDOW_HU = 80


def draw(groups: Mapping[str, Sequence[Slice]], path: Path, columns: int = 8) -> None:
    """Write a PNG: a row for each group of random slices that show a hematoma, outlined."""
    from PIL import Image

    rng = np.random.default_rng(1)
    rows = []
    for slices in groups.values():
        bled = [one for one in slices if np.sum(one.masks.get("hematoma", 0) > 0) >= LEAST_MM2]
        chosen = rng.permutation(len(bled))[:columns]
        tiles = [_tile(bled[at]) for at in chosen]
        tiles += [np.zeros((SIDE_MM, SIDE_MM, 3), np.uint8)] * (columns - len(tiles))
        rows.append(np.concatenate(tiles, axis=1))
    Image.fromarray(np.concatenate(rows)).save(path)


def _tile(one: Slice) -> NDArray[np.uint8]:
    from scipy.ndimage import binary_erosion

    grey = np.clip(one.hu * (255 / WINDOW_HU), 0, 255)
    rgb = np.repeat(grey[..., None], 3, axis=2)
    mask = one.masks["hematoma"] > 0
    rgb[mask & ~binary_erosion(mask)] = BY_ID["hematoma"].colour
    tile = np.zeros((SIDE_MM, SIDE_MM, 3), np.uint8)
    start = [max(0, (n - SIDE_MM) // 2) for n in mask.shape]
    part = rgb[start[0] :, start[1] :][: SIDE_MM - GAP, : SIDE_MM - GAP]
    tile[: part.shape[0], : part.shape[1]] = part
    return tile
