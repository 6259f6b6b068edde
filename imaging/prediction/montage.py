"""A scan and its segmentation in one picture: slices side by side, structures in colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import binary_opening

from cohort.facts.structures import BY_ID, STRUCTURES
from cohort.facts.windows import WINDOWS
from cohort.space.grid import Grid
from cohort.space.shapes.pieces import unflipped

MAX_TILES = 20
TILE, LONE_TILE = 256, 512  # longest side of a slice in pixels, and where there is only one
FILL = 0.25
HEAD_HU = -200.0
HEAD_PIXELS = 128  # enough along each side to see where the head is


def montage(
    hu: NDArray,
    masks: Mapping[str, NDArray],
    grid: Grid,
    caption: str = "",
    max_tiles: int = MAX_TILES,
    sized: bool = True,
) -> Image.Image:
    """Draw axial slices with their structures in radiological convention.

    The patient's right is on the picture's left and anterior is on top. Slices with structures
    are shown first; of many, an even choice. Names are English, since Pillow's own font has no
    Chinese characters; characters of `caption` that it lacks are left out.

    Parameters
    ----------
    hu
        Scan in HU, [X, Y, Z], x toward the patient's left, y toward posterior, z toward superior
        (axcodes LPS).
    masks
        Structure id to mask on the scan's grid.
    grid
        Where the voxels lie.
    caption
        A line to stand above the slices.
    max_tiles
        Most slices to show.
    sized
        False if volumes cannot be told.

    Returns
    -------
    PIL.Image.Image
        RGB picture.
    """
    chosen = choose_slices(masks, hu.shape[2], max_tiles)
    window = head_box(hu, chosen)
    longest = TILE if len(chosen) > 1 else LONE_TILE
    size = _tile_size(hu[window].shape, grid.spacing, longest)
    columns = min(5, max(1, math.ceil(math.sqrt(len(chosen)))))
    rows = math.ceil(len(chosen) / columns)
    legend = _legend(masks, grid if sized else None)
    caption = "".join(c for c in caption if c.isascii() and c.isprintable()).strip()
    top = 26 if caption else 0
    width = max(columns * size[0], 300)
    picture = Image.new("RGB", (width, top + rows * size[1] + 22 * len(legend) + 34), "black")
    draw = ImageDraw.Draw(picture)
    draw.text((6, 5), caption, "white", _font(14))

    def tile(k: int) -> Image.Image:
        cuts = {name: mask[window][..., k] for name, mask in masks.items()}
        return draw_slice(hu[window][..., k], cuts, size)

    with ThreadPoolExecutor() as pool:  # Pillow scales without the interpreter's lock
        for number, (k, drawn) in enumerate(zip(chosen, pool.map(tile, chosen), strict=True)):
            place = (number % columns * size[0], top + number // columns * size[1])
            picture.paste(drawn, place)
            _write_marks(picture, place, size, f"{k + 1}/{hu.shape[2]}")
    _write_legend(draw, legend, top + rows * size[1] + 8)
    return picture


def save_montage(picture: Image.Image, path: Path) -> None:
    """Write the picture to the PNG file `path`."""
    picture.save(path, format="PNG", compress_level=1)


def choose_slices(masks: Mapping[str, NDArray], n_slices: int, most: int) -> list[int]:
    """Choose which axial slices to show, from inferior to superior.

    Those with structures; an even choice of them if they are too many, which keeps the one with
    the largest hematoma; all slices, or an even choice, if no slice has a structure.
    """
    marked = np.zeros(n_slices, dtype=bool)
    for mask in masks.values():
        marked |= unflipped(mask, 2).max(axis=(0, 1)) > 0  # many times faster than any()
    candidates = np.flatnonzero(marked) if marked.any() else np.arange(n_slices)
    if candidates.size <= most:
        return [int(k) for k in candidates]
    even = np.linspace(0, candidates.size - 1, most).round().astype(int)
    chosen = candidates[even]
    hematoma = masks.get("hematoma")
    if hematoma is not None and hematoma.any():
        largest = int(np.count_nonzero(hematoma, axis=(0, 1)).argmax())
        chosen[np.abs(chosen - largest).argmin()] = largest
    return [int(k) for k in chosen]


def head_box(hu: NDArray, chosen: Sequence[int]) -> tuple[slice, slice]:
    """Return the in-plane box around the head in the chosen slices."""
    every = max(1, max(hu.shape[:2]) // HEAD_PIXELS)
    seen = hu[::every, ::every]
    tissue: NDArray = np.zeros(seen.shape[:2], dtype=bool)
    for k in chosen:
        tissue |= seen[..., k] > HEAD_HU
    # Opening takes away the thin shells of couch and head holder.
    head = binary_opening(tissue, iterations=max(1, max(tissue.shape) // 60))
    box = []
    for axis in (0, 1):
        found = np.flatnonzero(np.any(head, axis=1 - axis))
        if not found.size:
            return slice(None), slice(None)
        margin = hu.shape[axis] // 20  # room for the marks R and L
        first, last = int(found[0]) * every, int(found[-1] + 1) * every
        box.append(slice(max(0, first - margin), last + margin))
    return box[0], box[1]


def _tile_size(shape: Sequence[int], spacing: Sequence[float], longest: int) -> tuple[int, int]:
    """Return width and height of a tile in pixels, so that a millimetre is as long both ways."""
    width, height = (n * s for n, s in zip(shape[:2], spacing[:2], strict=True))
    scale = longest / max(width, height)
    return max(48, round(width * scale)), max(48, round(height * scale))


def draw_slice(hu: NDArray, masks: Mapping[str, NDArray], size: tuple[int, int]) -> Image.Image:
    """Draw one slice [X, Y] with its structures: translucent, with an opaque outline."""
    low, high = WINDOWS["brain"].bounds
    shown = np.clip(hu.T, low, high).astype(np.float32)
    grey = Image.fromarray(((shown - low) * (255 / (high - low))).astype(np.uint8))
    colours = np.array(grey.resize(size, Image.Resampling.BILINEAR).convert("RGB"))
    for structure in STRUCTURES:
        mask = masks.get(structure.id)
        if mask is None or not mask.max():
            continue
        box, inside = _scaled(mask.T != 0, size)
        part = colours[box]
        mixed = (1 - FILL) * part[inside] + FILL * np.array(structure.colour)
        part[inside] = mixed.round()
        part[inside & ~_eroded(inside)] = structure.colour
    return Image.fromarray(colours)


def _scaled(mask: NDArray, size: tuple[int, int]) -> tuple[tuple[slice, slice], NDArray]:
    """Scale a mask [Y, X] to a tile; a line one voxel thin stays visible.

    Returns
    -------
    box
        Rows and columns of the tile that the mask's pixels reach.
    inside
        The scaled mask there.
    """
    scale = size[1] / mask.shape[0], size[0] / mask.shape[1]
    box = []
    for axis in (0, 1):
        found = np.flatnonzero(mask.any(axis=1 - axis))
        # Bilinear scaling mixes in the nearest pixels, or so many as become one.
        first, last = int(found[0]) * scale[axis], int(found[-1] + 1) * scale[axis]
        reach = max(1.0, scale[axis])
        end = min(size[1 - axis], math.ceil(last + reach))
        box.append(slice(max(0, math.floor(first - reach)), end))
    rows, columns = box
    shade = Image.fromarray(mask.view(np.uint8) * 255)
    share = shade.resize(
        (columns.stop - columns.start, rows.stop - rows.start),
        Image.Resampling.BILINEAR,
        (
            columns.start / scale[1],
            rows.start / scale[0],
            min(mask.shape[1], columns.stop / scale[1]),
            min(mask.shape[0], rows.stop / scale[0]),
        ),
    )
    return (rows, columns), np.asarray(share) >= 127 * min(1.0, *scale)


def _eroded(mask: NDArray) -> NDArray:
    padded = np.pad(mask, 1)
    return padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:] & mask


def _write_marks(
    picture: Image.Image, place: tuple[int, int], size: tuple[int, int], number: str
) -> None:
    """Write the patient's sides and the slice's number on the tile at `place`."""
    (x, y), (width, height) = place, size
    right, left = _stamp("R"), _stamp("L")
    for stamp, dx, dy in (
        (right, 4, (height - right.height) // 2),
        (left, width - 4 - left.width, (height - left.height) // 2),
        (_stamp(number), 4, 4),
    ):
        picture.paste(stamp, (x + dx, y + dy), stamp)


@lru_cache(maxsize=1024)
def _stamp(text: str) -> Image.Image:
    """Return `text` in grey with a black edge, legible on any tile; RGBA."""
    font = _font(12)
    left, top, right, bottom = (round(side) for side in font.getbbox(text, stroke_width=1))
    stamp = Image.new("RGBA", (right - left, bottom - top))
    style: dict[str, Any] = {"stroke_width": 1, "stroke_fill": "black"}
    ImageDraw.Draw(stamp).text((-left, -top), text, (210, 210, 210), font, **style)
    return stamp


@lru_cache(maxsize=8)
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _legend(
    masks: Mapping[str, NDArray], grid: Grid | None
) -> list[tuple[tuple[int, int, int], str]]:
    lines = []
    for name in (s.id for s in STRUCTURES if s.id in masks):
        if not masks[name].any():
            size = "not found"
        else:
            size = f"{grid.volume_ml(masks[name]):.1f} mL" if grid else "volume cannot be told"
        lines.append((BY_ID[name].colour, f"{BY_ID[name].name_en}: {size}"))
    return lines


def _write_legend(
    draw: ImageDraw.ImageDraw, legend: list[tuple[tuple[int, int, int], str]], y: int
) -> None:
    font = _font(14)
    for colour, text in legend:
        draw.rectangle((8, y + 2, 22, y + 16), fill=colour)
        draw.text((30, y + 1), text, "white", font)
        y += 22
    note = "Brain window 0..80 HU. Research use only."
    draw.text((8, y + 2), note, (130, 130, 130), _font(11))
