"""The shape of bleeds: figures of masks, in a slice and in space, as fits slices of 5 mm.

Slices are laid on pixels of 1 mm (nearest neighbour) first, so that masks of any spacing compare.

In a slice with at least 100 mm² of blood:

- compactness 4πA/P², the isoperimetric quotient, 1 for a disc;
  P is 1.1 times the number of pixels at the edge, which lack one of their four neighbours in the
  mask. It falls short of a true length, alike in all masks;
- elongation, the ratio of the principal axes (square roots of the eigenvalues of the pixels'
  covariance, to which a pixel's own 1/12 mm² is added); all blood of the slice counts;
- solidity, area by area of the convex hull of the pixels' corners: 1 for a convex outline, less
  the more lobulated it is and the further its pieces lie apart;
- pieces, those that share no corner, of at least 10 mm².

In space:

- volume in mL, number of slices, and pieces of at least 0.1 mL that share no corner;
- elongation of the largest piece: longest by middle and middle by shortest principal axis;
- share of the volume outside of the largest piece.

Masks of the 747 real bleeds hold the blood in the ventricles, too, which isn't told apart. What
lies away from the middle of the image is mostly a bleed in the brain: figures "away from the
middle" are of the largest slice of each piece of 0.5 mL and more that nowhere comes within 12 mm of
the image's middle and whose centre lies 27 mm away from it or further.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from cohort.space.shapes.pieces import label_pieces

LEAST_MM2, LEAST_PIECE_MM2, LEAST_PIECE_ML = 100, 10, 0.1
AWAY_ML, AWAY_MM, AWAY_CENTRE_MM = 0.5, 12.0, 27.0
EDGE_LENGTH = 1.1
"""mm of outline that a pixel at the edge stands for."""
Figures = dict[str, list[float]]


def slice_figures(mask: NDArray[np.bool_]) -> dict[str, float] | None:
    """Return the figures of a slice of 1 mm pixels, bool [x, y]; None where it shows too little."""
    from scipy.ndimage import binary_erosion
    from scipy.spatial import ConvexHull

    area = float(np.count_nonzero(mask))
    if area < LEAST_MM2:
        return None
    mask = np.pad(mask, 1)
    edge = mask & ~binary_erosion(mask)
    corners = np.concatenate([np.argwhere(edge) + (a, b) for a in (-0.5, 0.5) for b in (-0.5, 0.5)])
    sizes = label_pieces(mask[:, :, None]).voxels[1:]
    long, short = _axes(np.argwhere(mask), np.ones(2))
    return {
        "area, mm²": area,
        "compactness": 4 * np.pi * area / float(EDGE_LENGTH * edge.sum()) ** 2,
        "elongation": long / short,
        "solidity": area / float(ConvexHull(corners).volume),
        "pieces": float(max(1, int(np.count_nonzero(sizes >= LEAST_PIECE_MM2)))),
    }


def shape_figures(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> Figures:
    """Return the figures of a bleed.

    Parameters
    ----------
    mask
        bool [x, y, z], slices along z; x runs along the patient's left and right.
    spacing
        Of a voxel, mm [3].
    """
    found: Figures = defaultdict(list)
    if not mask.any():
        return found
    middle = 0.5 * (mask.shape[0] - 1)
    box = tuple(slice(int(at[0]), int(at[-1]) + 1) for at in _filled(mask))
    mask = mask[box]
    voxel_ml = float(np.prod(spacing)) / 1000
    pieces = label_pieces(mask)
    ml = pieces.voxels[1:] * voxel_ml
    largest = pieces.numbered == 1 + ml.argmax()
    long, mid, short = _axes(np.argwhere(largest), spacing)
    found["volume, mL"].append(float(ml.sum()))
    found["slices"].append(float(np.count_nonzero(mask.any(axis=(0, 1)))))
    found["pieces"].append(float(max(1, int(np.count_nonzero(ml >= LEAST_PIECE_ML)))))
    found["outside of the largest piece, %"].append(100 * float(1 - ml.max() / ml.sum()))
    found["elongation, long by middle"].append(long / mid)
    found["elongation, middle by short"].append(mid / short)
    for k in range(mask.shape[2]):
        _add(found, "slice: ", slice_figures(_at_1_mm(mask[:, :, k], spacing)))
    for number in 1 + np.flatnonzero(ml >= AWAY_ML):
        piece = pieces.numbered == number
        x = np.abs(np.nonzero(piece)[0] + box[0].start - middle) * spacing[0]
        if x.min() > AWAY_MM and x.mean() > AWAY_CENTRE_MM:
            widest = piece[:, :, piece.sum(axis=(0, 1)).argmax()]
            _add(found, "away from the middle: ", slice_figures(_at_1_mm(widest, spacing)))
    return found


def _add(found: Figures, prefix: str, figures: dict[str, float] | None) -> None:
    for name, value in (figures or {}).items():
        found[prefix + name].append(value)


def _filled(mask: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    return [np.flatnonzero(mask.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]


def _at_1_mm(mask: NDArray[np.bool_], spacing: NDArray[np.float64]) -> NDArray[np.bool_]:
    from scipy.ndimage import zoom

    found: NDArray[np.bool_] = zoom(mask.astype(np.uint8), spacing[:2], order=0) > 0
    return found


def _axes(indices: NDArray, spacing: NDArray[np.float64]) -> list[float]:
    """Return one sigma along the principal axes, longest first, mm."""
    points = indices * spacing
    spread = np.cov(points.T) if len(points) > 1 else np.zeros((len(spacing),) * 2)
    sigmas: list[float] = np.sqrt(np.linalg.eigvalsh(spread + np.diag(spacing**2) / 12)).tolist()
    return sigmas[::-1]
