"""What keeps images from being a volume of HU, by what their headers state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cohort.space.dicom.files.geometry import stack_faults
from cohort.space.dicom.instance import Instance

MOST_PIXELS = 4096
"""Of a slice, a side: CT has 512, seldom 1024 or 2048."""
MOST_VOXELS = 1 << 29
"""Of a volume: 2,048 slices of 512 × 512, or 512 of 1024 × 1024; 2 GB where HU are fractions."""
STEEPEST_SLOPE = 100.0
"""HU per stored value; more is a damaged header's."""

_HU = ("", "HU", "US")
"""Rescale types of HU; US (unspecified) is what some machines state for HU."""


def faults_of(in_order: Sequence[Instance], several: bool = False) -> Iterator[str]:
    """Say what keeps images, in their order, from being read as a volume of HU.

    Sentences begin after the name of the series.

    Parameters
    ----------
    several
        Whether at most places there are several.
    """
    first = in_order[0]
    if first.modality != "CT":
        yield f"is {first.modality or 'of no stated modality'}, not CT."
        return
    if any(image.pixels is None for image in in_order):
        yield "holds no images."
        return
    if any("LOCALIZER" in image.image_type for image in in_order):
        yield "is a localizer (a scout view), not slices."
        return
    yield from _pixel_faults(in_order)
    yield from _size_faults(in_order)
    yield from _rescale_faults(in_order)
    if any(image.frames > 1 and image.frame is None for image in in_order):
        yield "is a multi-frame file that does not state where its frames lie."
        return
    yield from (
        stack_faults(in_order)
        if not several
        else ["holds several images at most places (of several times or settings?)."]
    )


def _pixel_faults(images: Sequence[Instance]) -> Iterator[str]:
    for image in images:
        pixels = image.pixels
        assert pixels is not None
        if pixels.samples != 1 or pixels.photometric != "MONOCHROME2":
            yield (
                f"holds pictures ({pixels.photometric or 'of unstated meaning'}), not CT values "
                "(MONOCHROME2)."
            )
            return
        bits = pixels.bits_allocated
        if not (
            bits in (8, 16, 32)
            and 1 <= pixels.bits_stored <= bits
            and pixels.bits_stored - 1 <= pixels.high_bit < bits
        ):
            yield (
                f"states pixels of {pixels.bits_stored} bits in {bits}, the highest being bit "
                f"{pixels.high_bit}; the header is damaged."
            )
            return
        if image.rows < 1 or image.columns < 1:
            yield "holds no pixels (Rows or Columns are 0)."
            return


def _size_faults(images: Sequence[Instance]) -> Iterator[str]:
    """Say what nobody scans of a head, and no memory may hold."""
    rows, columns = (max(getattr(i, side) for i in images) for side in ("rows", "columns"))
    if max(rows, columns) > MOST_PIXELS:
        yield (
            f"has slices of {columns} × {rows} pixels; of a CT they have {MOST_PIXELS} a side at "
            "most."
        )
    elif rows * columns * len(images) > MOST_VOXELS:
        yield f"has {columns} × {rows} × {len(images)} voxels; that is too many for a head."


def _rescale_faults(images: Sequence[Instance]) -> Iterator[str]:
    for image in images:
        slope, intercept = image.rescale_slope, image.rescale_intercept
        if slope is None or intercept is None:
            yield (
                "does not state how stored values become HU (Rescale Slope and Intercept); "
                "export it again."
            )
            return
        if not 0 < slope <= STEEPEST_SLOPE or abs(intercept) > 1e5:
            stated = f"slope {slope:.6g}, intercept {intercept:.6g}"
            yield f"states a rescale that gives no HU ({stated})."
            return
        if image.rescale_type.upper() not in _HU:
            yield f"holds values that are not HU (Rescale Type {image.rescale_type[:16]!a})."
            return
