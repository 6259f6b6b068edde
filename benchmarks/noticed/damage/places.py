"""Changes of where voxels lie: spacing, order of axes, what is in view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.noticed.damage.scans import Change, Scan, header_of, in_lps
from cohort.synthetic.head import draw_head


def apart(factor: float) -> Change:
    """Return a change of the distance between slices that the header states."""
    return lambda scan: replace(scan, spacing=(*scan.spacing[:2], scan.spacing[2] * factor))


FACTORS = (0.6, 0.7, 0.8, 0.9, 1.25, 1.4, 1.5, 1.75)


def across(x: float = 1, y: float = 1) -> Change:
    """Return a change of one side of the pixels that the header states."""
    return lambda s: replace(s, spacing=(s.spacing[0] * x, s.spacing[1] * y, s.spacing[2]))


def squeezed(factor: float) -> Change:
    """Return a change of the array's width under an unchanged header."""

    def changed(scan: Scan) -> Scan:
        n = scan.hu.shape[0]
        return replace(scan, hu=scan.hu[np.linspace(0, n - 1, int(n * factor)).round().astype(int)])

    return changed


def field(mm: float) -> Change:
    """Return a change of the field of view, to its middle."""

    def changed(scan: Scan) -> Scan:
        x, y = (
            slice((n - round(mm / s)) // 2, (n + round(mm / s)) // 2)
            for n, s in zip(scan.hu.shape[:2], scan.spacing[:2], strict=True)
        )
        return replace(scan, hu=scan.hu[x, y])

    return changed


def flipped(scan: Scan) -> Scan:
    return replace(scan, hu=scan.hu[:, ::-1])


def pixel(factor: float) -> Change:
    def changed(scan: Scan) -> Scan:
        x, y, z = scan.spacing
        return replace(scan, spacing=(x * factor, y * factor, z))

    return changed


def axes(*order: int, flip: int | None = None, with_spacing: bool = False) -> Change:
    """Return a change of the order of the array's axes, unseen by the header."""

    def changed(scan: Scan) -> Scan:
        hu = scan.hu.transpose(order)
        hu = hu if flip is None else np.flip(hu, flip)
        spacing = tuple(scan.spacing[axis] for axis in order) if with_spacing else scan.spacing
        return Scan(hu, spacing)  # type: ignore[arg-type]

    return changed


def part(first: int, last: int) -> Change:
    return lambda scan: replace(scan, hu=scan.hu[..., first:last])


def thin(scan: Scan) -> Scan:
    """Interpolate to slices a pixel apart: an isotropic scan of every second pixel."""
    from scipy.ndimage import zoom

    x, _, z = scan.spacing
    hu = scan.hu[::2, ::2]
    thinner = zoom(hu, (1, 1, z / (2 * x)), order=3, mode="nearest")
    return Scan(thinner, (2 * x, 2 * x, 2 * x))


def drawn_thin(scan: Scan) -> Scan:
    """Draw the head again in thin slices, of half as many pixels."""
    head = draw_head(scan.seed, size=128, slices=110, style=scan.style)  # type: ignore[arg-type]
    return in_lps(head.hu, header_of(head.hu, head.affine))
