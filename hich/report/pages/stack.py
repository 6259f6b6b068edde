"""A CT as the slices that a page carries: small pictures that hold HU, and masks as bit fields.

A browser gets pictures of 8 bits and shows them through any window. HU are coded so that what is
looked at most is finest: steps of 1 HU from -40 to 120, of some 25 HU in air and fat and of some
34 HU in bone. All slices are in radiological convention: the patient's right on the picture's
left, anterior on top, and numbered from 1 at the lowest.
"""

from __future__ import annotations

import io
import math
from base64 import b64encode
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cohort.facts.structures import STRUCTURES
from hich.report.pages.axial import Axial

KNOTS_HU = (-1000.0, -40.0, 120.0, 2000.0)
REFERENCE_BIT = 8
"""Number of the first reference structure's bit in the viewer: green is the second byte."""
KNOTS_CODE = (0, 40, 200, 255)
"""Codes of these HU; between them it goes straight, beyond them it is cut off."""

MOST_SLICES = 64
"""Of more, every n-th is shown: a page is to be sent, not to replace the scan."""
MOST_PIXELS = 512
"""Along the longer side of a slice; of more, means over squares are shown."""
MOST_BYTES = 1_850_000
"""Of all slices, so that a page stays below 3 MB: base64 makes four bytes of three."""
QUALITIES = (95, 92, 88, 84, 78, 70, 60)
"""Of JPEG, where lossless pictures are too large: the best that fits."""


@dataclass(frozen=True)
class Stack:
    """The slices of a CT, ready for a page.

    Attributes
    ----------
    images
        A picture of each, as a data URI; its grey levels are codes of HU.
    masks
        As many pictures whose colours are bit fields: bit k of red is the predicted structure of
        channel k, bit k of green the reference; empty where nothing is marked.
    numbers
        Number of each among all slices, from 1 at the lowest.
    total
        Number of all slices.
    heights_mm
        Position of each along the patient's axis, RAS+ mm, superior positive.
    size
        Pixels of a picture, width and height.
    pixel_mm
        Width and height of a pixel.
    lossless
        Whether the pictures hold the codes exactly.
    every
        Every n-th slice is shown, and those that were wanted.
    shrunk
        How many pixels of the scan one of a picture stands for, along each side.
    """

    images: tuple[str, ...]
    masks: tuple[str, ...]
    numbers: tuple[int, ...]
    total: int
    heights_mm: tuple[float, ...]
    size: tuple[int, int]
    pixel_mm: tuple[float, float]
    lossless: bool
    every: int
    shrunk: int

    def at(self, number: int) -> int:
        """Return the index, among the slices shown, of the slice `number`."""
        return self.numbers.index(number)


def make_stack(axial: Axial, wanted: Iterable[int] = ()) -> Stack:
    """Make the slices of a CT; those with the numbers `wanted` are shown even if not all are."""
    total = axial.hu.shape[2]
    chosen = shown_slices(total, wanted)
    shrunk = math.ceil(max(axial.hu.shape[:2]) / MOST_PIXELS)
    codes = [_shrink_mean(encode_hu(axial.hu[..., k].T), shrunk) for k in chosen]
    images, lossless = _encode_all(codes)
    height, width = codes[0].shape
    return Stack(
        images=tuple(images),
        masks=tuple(
            _uri("png", _png(field)) if field.any() else ""
            for field in (_bit_field(axial, k, shrunk) for k in chosen)
        ),
        numbers=tuple(k + 1 for k in chosen),
        total=total,
        heights_mm=tuple(axial.heights_mm[k] for k in chosen),
        size=(width, height),
        pixel_mm=(axial.spacing[0] * shrunk, axial.spacing[1] * shrunk),
        lossless=lossless and shrunk == 1,
        every=math.ceil(total / MOST_SLICES),
        shrunk=shrunk,
    )


def shown_slices(total: int, wanted: Iterable[int] = (), most: int = MOST_SLICES) -> list[int]:
    """Choose which of `total` slices are shown: all, or every n-th and those `wanted` (from 1).

    Examples
    --------
    >>> shown_slices(3), shown_slices(10, wanted=[4], most=4)
    ([0, 1, 2], [0, 3, 6, 9])
    >>> shown_slices(10, wanted=[3], most=4)
    [0, 2, 3, 6, 9]
    """
    step = math.ceil(total / most)
    return sorted({*range(0, total, step), *(n - 1 for n in wanted if 1 <= n <= total)})


def encode_hu(hu: NDArray) -> NDArray[np.uint8]:
    """Return the code of each HU, 0 to 255; what is not a number is air.

    Examples
    --------
    >>> encode_hu(np.array([-2000, -40, 0, 60, 120, 3000]))
    array([  0,  40,  80, 140, 200, 255], dtype=uint8)
    """
    low, high = int(KNOTS_HU[0]), int(KNOTS_HU[-1])
    table = np.interp(np.arange(low, high + 1), KNOTS_HU, KNOTS_CODE).round().astype(np.uint8)
    if hu.dtype.kind == "f":
        hu = np.nan_to_num(hu, nan=low, posinf=high, neginf=low).round()
    return table[np.clip(hu, low, high).astype(np.int32) - low]


def _encode_all(codes: Sequence[NDArray[np.uint8]]) -> tuple[list[str], bool]:
    """Return the pictures as data URIs, and whether they are lossless: the best that fit."""
    every = max(1, len(codes) // 6)
    sample = codes[every // 2 :: every]

    def fits(encoded: Sequence[bytes], of: int) -> bool:
        return sum(map(len, encoded)) / len(encoded) * of <= MOST_BYTES

    if fits([_png(code) for code in sample], len(codes)):
        with ThreadPoolExecutor() as pool:  # Pillow packs without the interpreter's lock
            pictures = list(pool.map(_png, codes))
        if fits(pictures, len(codes)):
            return [_uri("png", picture) for picture in pictures], True
    for quality in QUALITIES:
        if fits([_jpeg(code, quality) for code in sample], len(codes)):
            pictures = [_jpeg(code, quality) for code in codes]
            if fits(pictures, len(codes)):
                break
    else:
        pictures = [_jpeg(code, QUALITIES[-1]) for code in codes]
    return [_uri("jpeg", picture) for picture in pictures], False


def _bit_field(axial: Axial, k: int, shrunk: int) -> NDArray[np.uint8]:
    """Return the masks of a slice as a picture [y, x, colour]: see `Stack.masks`."""
    height, width = (math.ceil(n / shrunk) for n in axial.hu.shape[1::-1])
    field = np.zeros((height, width, 3), np.uint8)
    for colour, masks in enumerate((axial.predicted, axial.reference)):
        for structure in STRUCTURES:
            if structure.id in masks:
                marked = _shrink_mask(masks[structure.id][..., k].T, shrunk)
                field[..., colour] |= marked.astype(np.uint8) << np.uint8(structure.channel)
    return field


def _shrink_mean(code: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    if factor == 1:
        return code
    return _squares(code, factor).mean(axis=(1, 3)).round().astype(np.uint8)


def _shrink_mask(mask: NDArray, factor: int) -> NDArray[np.bool_]:
    """Return a mask whose pixels stand for squares; a line that was one pixel thin stays whole."""
    if factor == 1:
        return mask != 0
    found: NDArray[np.bool_] = _squares(mask != 0, factor).mean(axis=(1, 3)) * factor >= 0.5
    return found


def _squares(rows: NDArray, factor: int) -> NDArray:
    missing = [(0, -n % factor) for n in rows.shape]
    whole = np.pad(rows, missing, mode="edge")
    height, width = (n // factor for n in whole.shape)
    return whole.reshape(height, factor, width, factor)


def _png(grey: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(grey)).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _jpeg(grey: NDArray[np.uint8], quality: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(grey)).save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def _uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"
