"""What is computed from a label map once, to be sampled by every head made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.space.shapes.pieces import FACES, label_pieces
from cohort.synthetic.fields import Field
from cohort.synthetic.mapped import labels as L
from cohort.synthetic.mapped.head_map import HeadMap, read_map

STEPS_PER_MM = 20
"""Distances are kept as int16 in so many steps a millimetre."""
FAR, REACH_MM = 2000, 14
"""Distance in steps given to what lies further than so many mm from a body's bounds."""
ROUND_MM = 0.6
"""Over how many mm (sigma) a map's voxel edges are rounded."""
TENT_MM = 1.6
RIM = 2
"""Voxels of air around the head, but below, where the neck goes on."""
KEPT_MAPS = 3
"""Maps that a process holds, some 70 MB each."""

AIR, SOFT, RIND, BONE, DIPLOE, EYE, NERVE, MUCOSA, VESSEL, FLUID, SKIN = range(11)
"""What lies outside of the brain: values of `Volumes.outside`."""
_OUTSIDE = (
    (SOFT, (*L.SOFT, 512)),
    (RIND, L.SKIN_AND_FAT),
    (BONE, L.COMPACT_BONE),
    (DIPLOE, L.DIPLOE),
    (EYE, L.EYE),
    (NERVE, L.NERVE),
    (MUCOSA, L.MUCOSA),
    (VESSEL, L.CAROTID),
    (FLUID, L.CAVITY),
)
SKIN_MM, SCALP_MM, ORBIT_MM = 2, 8, 10
"""Skin, and fat beneath it; fat around the eyes. Deeper lie muscles."""


@dataclass(frozen=True)
class Volumes:
    """A head's fields on the grid of its map, padded by `RIM`; all [x, y, z].

    Attributes
    ----------
    head
        The map.
    outside
        uint8, one of the numbers of this module: what lies there; `FLUID` within the skull.
    depth
        int16, distance below the inner table, negative outside, steps.
    grey, pale, plexus, sinus, tent
        uint8, 0 to 255: share of grey and of ill white matter (fluid is filled with the tissue
        around it), of choroid plexus, venous sinus, tentorium.
    csf, left, right, central
        int16, distance from the fluid outside of the ventricles, from the left and right lateral
        and from the third and fourth ventricle, negative inside, steps.
    infratentorial
        uint8, 0 to 255: share of cerebellum and brainstem.
    """

    head: HeadMap
    outside: NDArray[np.uint8]
    depth: NDArray[np.int16]
    grey: NDArray[np.uint8]
    pale: NDArray[np.uint8]
    plexus: NDArray[np.uint8]
    sinus: NDArray[np.uint8]
    tent: NDArray[np.uint8]
    csf: NDArray[np.int16]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    central: NDArray[np.int16]
    infratentorial: NDArray[np.uint8]


def fluid_share(head: HeadMap) -> float:
    """Return the share of fluid in all that lies within the skull: how atrophic a brain is."""
    within = np.count_nonzero(L.among(head.labels, L.CAVITY))
    return float(np.count_nonzero(L.among(head.labels, L.FLUID)) / within)


@lru_cache(maxsize=KEPT_MAPS)
def volumes_of(path: Path) -> Volumes:
    """Read a label map and compute its fields; raises what `read_map` does."""
    from scipy.ndimage import binary_closing, binary_fill_holes, gaussian_filter

    head = read_map(path)
    labels = np.pad(head.labels, ((RIM, RIM), (RIM, RIM), (0, RIM)))
    brain = L.among(labels, L.CAVITY)
    cavity = binary_fill_holes(binary_closing(brain, iterations=2)) | brain
    box = _bounds(cavity, 8)

    def within(small: NDArray[np.uint8]) -> NDArray[np.uint8]:
        whole = np.zeros(labels.shape, small.dtype)
        whole[box] = small
        return whole

    def distance(inside: NDArray[np.bool_], reach: int) -> NDArray[np.int16]:
        """Return the distance from a body in steps; what is `reach` mm away counts as far."""
        whole = np.full(labels.shape, FAR, np.int16)
        if inside.any():
            part = _bounds(inside, reach)
            small = whole[box]  # a view
            small[part] = _signed(inside[part])
        return whole

    inner = labels[box]
    fluid = L.among(inner, (*L.FLUID, *L.SINUS)) | ~brain[box]
    grey = _filled(L.among(inner, L.GREY), ~fluid)
    depth = np.full(labels.shape, -FAR, np.int16)
    depth[box] = -_signed(cavity[box])
    left, right = (L.among(inner, one) for one in (L.VENTRICLE_LEFT, L.VENTRICLE_RIGHT))
    cerebellum = gaussian_filter(L.among(inner, L.CEREBELLUM).astype(np.float32), TENT_MM)
    cerebrum = L.among(inner, L.CEREBRUM).astype(np.float32)
    tent = np.clip(8 * cerebellum * gaussian_filter(cerebrum, TENT_MM), 0, 1)
    return Volumes(
        head=head,
        outside=_outside(labels, cavity),
        depth=depth,
        grey=within(grey),
        pale=within(_share(L.among(inner, L.PALE))),
        plexus=within(_share(L.among(inner, L.PLEXUS))),
        sinus=within(_share(L.among(inner, L.SINUS))),
        tent=within((255 * tent).astype(np.uint8)),
        csf=distance(L.among(inner, L.CSF), 0),
        left=distance(left, REACH_MM),
        right=distance(right, REACH_MM),
        central=distance(L.among(inner, (*L.CENTRAL, *L.CAVUM)), REACH_MM),
        infratentorial=within(_filled(L.among(inner, L.INFRATENTORIAL), ~fluid)),
    )


def sample(volume: NDArray, voxels: NDArray[np.float32]) -> Field:
    """Return a volume's values at voxels [3, n] of the map (unpadded), interpolated linearly.

    Beyond the volume its nearest value counts: air, and below the neck.
    """
    from scipy.ndimage import map_coordinates

    found: Field = map_coordinates(volume, voxels, np.float32, order=1, mode="nearest")
    return found


def _bounds(where: NDArray[np.bool_], rim: int) -> tuple[slice, ...]:
    """Return the part of the grid around what is set, with `rim` voxels on all sides."""
    found = [np.flatnonzero(where.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    return tuple(slice(max(0, int(at[0]) - rim), int(at[-1]) + 1 + rim) for at in found)


def _signed(inside: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Return the distance from a body, negative inside, its voxel edges rounded; in steps."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    away = distance_transform_edt(~inside).astype(np.float32)
    within = distance_transform_edt(inside).astype(np.float32)
    distance = np.where(inside, 0.5 - within, away - 0.5)
    distance = gaussian_filter(distance, ROUND_MM, truncate=3)
    return np.rint(distance * STEPS_PER_MM).astype(np.int16)


def _share(where: NDArray[np.bool_]) -> NDArray[np.uint8]:
    from scipy.ndimage import gaussian_filter

    return (255 * gaussian_filter(where.astype(np.float32), ROUND_MM, truncate=3)).astype(np.uint8)


def _filled(where: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the share of a tissue, where nothing is known that of what is known around."""
    near, known_near = _smooth_share(where & known, known, ROUND_MM)
    half = (slice(None, None, 2),) * 3
    wide, _ = _smooth_share((where & known)[half], known[half], 1.5)
    found = np.where(known_near > 0.1, near, _full(wide, where.shape))
    return (255 * np.clip(found, 0, 1)).astype(np.uint8)


def _smooth_share(
    where: NDArray[np.bool_], known: NDArray[np.bool_], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the share of `where` in the `known` voxels around, and how many those are."""
    from scipy.ndimage import gaussian_filter

    total, weight = (
        gaussian_filter(a.astype(np.float32), sigma, truncate=3) for a in (where, known)
    )
    return total / np.maximum(weight, 1e-4), weight


def _outside(labels: NDArray[np.int16], cavity: NDArray[np.bool_]) -> NDArray[np.uint8]:
    from scipy.ndimage import binary_dilation

    table = np.zeros(int(max(labels.max(), max(L.KNOWN))) + 1, np.uint8)
    for value, numbers in _OUTSIDE:
        table[list(numbers)] = value
    found = table[labels]
    found[cavity] = FLUID
    # Skin is what borders on the air around the head, not on that of its sinuses.
    numbered = label_pieces((found[::2, ::2, ::2] == AIR).T, FACES).numbered.T
    coarse = numbered == numbered[0, 0, -1]
    eyes = binary_dilation(found[::2, ::2, ::2] == EYE, iterations=ORBIT_MM // 2)
    fat = _full(binary_dilation(coarse, iterations=SCALP_MM // 2) | eyes, found.shape)
    found[fat & (found == SOFT)] = RIND
    rim = binary_dilation(_full(coarse, found.shape) & (found == AIR), iterations=SKIN_MM)
    found[rim & ((found == SOFT) | (found == RIND))] = SKIN
    return found


def _full(half: NDArray, shape: tuple[int, ...]) -> NDArray:
    """Return an array of twice the size, cut to `shape`."""
    whole = half.repeat(2, 0).repeat(2, 1).repeat(2, 2)
    return whole[tuple(slice(n) for n in shape)]
