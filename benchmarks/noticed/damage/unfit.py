"""Heads that the program isn't made for: masses, contrast medium, metal, bone that was put back.

Each is made of a generated head; HU in the ranges that radiology textbooks give, our choice within
them. A mass pushes nothing aside, and its edema doesn't follow the white matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from cohort.facts.limits import BONE_HU
from cohort.space.grid import Grid
from cohort.synthetic import head as generator
from cohort.synthetic.mapped import body as mapped
from cohort.synthetic.mapped.choose import ChosenMap
from cohort.synthetic.physique import draw_physique
from imaging.space.orientation import lps_view
from imaging.space.skull import bone_level

LEAST_BRAIN_MM2 = 4000.0
"""Smaller sections of the skull are of its base, and get no mass."""
EDGE_MM = 1.5


@dataclass(frozen=True)
class Head:
    """A generated head, axes LPS.

    Attributes
    ----------
    hu
        [x, y, z].
    grid
        Where its voxels lie.
    masks
        Structure to mask.
    """

    hu: NDArray[np.float32]
    grid: Grid
    masks: dict[str, NDArray[np.bool_]]

    def depth(self) -> NDArray[np.float32]:
        """Return the distance below the inner table in each slice, mm; 0 outside."""
        depth = np.zeros(self.hu.shape, np.float32)
        x, y, _ = self.grid.spacing
        least = bone_level(self.hu) or np.inf
        for k in range(self.hu.shape[2]):
            bone = ndimage.binary_closing(self.hu[..., k] >= least, iterations=2)
            within = ndimage.binary_opening(ndimage.binary_fill_holes(bone) & ~bone, iterations=2)
            numbered, count = ndimage.label(within)
            if not count:
                continue
            largest = numbered == 1 + int(np.argmax(np.bincount(numbered.ravel())[1:]))
            if np.count_nonzero(largest) * x * y >= LEAST_BRAIN_MM2:
                depth[..., k] = ndimage.distance_transform_edt(largest, sampling=(x, y))
        return depth


Change = Callable[[Head, np.random.Generator], Head]


def draw(seed: int, chosen: ChosenMap | None, size: int, slices: int, enhanced: bool) -> Head:
    """Draw a head; if `enhanced`, as it is with a contrast medium in its vessels."""
    rng = np.random.default_rng(seed)
    blood, falx, plexus = rng.uniform(100, 170), rng.uniform(60, 90), rng.uniform(70, 110)

    def physique(*arguments: Any) -> Any:
        drawn = draw_physique(*arguments)
        return replace(drawn, blood=float(blood), falx_hu=float(falx)) if enhanced else drawn

    with (
        patch.object(generator, "draw_physique", physique),
        patch.object(mapped, "PLEXUS_HU", float(plexus) if enhanced else mapped.PLEXUS_HU),
    ):
        made = generator.draw_head(np.random.SeedSequence(seed), size, slices, chosen=chosen)
    grid = Grid(made.hu.shape, made.affine)
    masks = {name: lps_view(mask, made.affine) > 0 for name, mask in made.masks.items()}
    return Head(lps_view(made.hu, made.affine).astype(np.float32), grid.lps, masks)


def _smooth(shape: tuple[int, ...], sigma: tuple[float, ...], rng: np.random.Generator) -> NDArray:
    field = ndimage.gaussian_filter(rng.standard_normal(shape), sigma)
    return np.asarray(field / field.std(), np.float32)


def _paint(head: Head, hu: NDArray | float, share: NDArray) -> Head:
    """Put other HU in place of the head's, with its own noise."""
    noise = head.hu - ndimage.gaussian_filter(head.hu, (1.5, 1.5, 0))
    soft = np.clip(noise, -15, 15)
    return replace(head, hu=head.hu + (hu + soft - head.hu) * share)


def _mass(
    head: Head, rng: np.random.Generator, radius: float, at_bone: bool
) -> tuple[NDArray, NDArray]:
    """Return the distance from a mass in mm, negative within, and the depth below the skull."""
    depth = head.depth()
    if at_bone:
        places = np.argwhere((depth > 0) & (depth < 4))
    else:
        places = np.argwhere(depth > min(1.2 * radius, 0.6 * depth.max()))
    levels = np.unique(places[:, 2])
    places = places[places[:, 2] >= levels[len(levels) // 4]]
    middle = places[rng.integers(len(places))]
    sides = radius * rng.uniform(0.8, 1.2, 3)
    offsets = [
        (np.arange(n) - m) * mm / side
        for n, m, mm, side in zip(head.hu.shape, middle, head.grid.spacing, sides, strict=True)
    ]
    away = np.sqrt(sum(np.square(o) for o in np.ix_(*offsets)))
    ragged = _smooth(head.hu.shape, tuple(6 / mm for mm in head.grid.spacing), rng)
    return (away - 1 + 0.08 * ragged) * radius, depth


def _share(distance: NDArray, edge: float = EDGE_MM) -> NDArray:
    return np.clip(0.5 - distance / edge, 0, 1)


def mass(
    hu: tuple[float, float],
    edema_mm: tuple[float, float],
    *,
    radius: tuple[float, float] = (11, 19),
    core: tuple[float, float] | None = None,
    at_bone: bool = False,
    chalk: tuple[float, float] | None = None,
) -> Change:
    """Return a change that puts a mass into the brain.

    Parameters
    ----------
    hu, edema_mm, radius
        Ranges of its HU, of how far edema reaches, and of its size, mm.
    core
        Range of the HU within a ring.
    at_bone
        Whether it sits on the skull, as a meningioma does.
    chalk
        Share of it that is calcified.
    """

    def changed(head: Head, rng: np.random.Generator) -> Head:
        mm = float(rng.uniform(*radius))
        distance, depth = _mass(head, rng, mm, at_bone)
        brain = depth > 0.5
        wide = rng.uniform(*edema_mm)
        reach = wide * np.clip(
            1 + 0.5 * _smooth(head.hu.shape, tuple(9 / mm for mm in head.grid.spacing), rng), 0.2, 2
        )
        made = head
        if wide > 0:
            share = np.clip((reach - distance) / 3, 0, 1) * 0.85 * brain
            made = _paint(made, np.minimum(head.hu, rng.uniform(17, 23)), share)
        level = rng.uniform(*hu)
        within = _share(distance) * brain
        coarse = _smooth(head.hu.shape, tuple(3 / mm for mm in head.grid.spacing), rng)
        values: NDArray = level + 2 * coarse
        if core is not None:
            thick = rng.uniform(4, 7)
            values = values + (rng.uniform(*core) - values) * _share(distance + thick, 3)
        if chalk is not None:
            lump = coarse > np.quantile(coarse[within > 0.5], 1 - rng.uniform(*chalk))
            values = np.where(lump, rng.uniform(130, 350), values)
            values = ndimage.gaussian_filter(values, (0.7, 0.7, 0))
        return _paint(made, values, within)

    return changed


def clip(head: Head, rng: np.random.Generator) -> Head:
    """Put an aneurysm clip into the basal cisterns, with streaks through its slices."""
    depth = head.depth()
    places = np.argwhere(depth > 20)
    lowest = places[places[:, 2] <= places[:, 2].min() + 2]
    x, y, z = lowest[rng.integers(len(lowest))]
    hu = head.hu.copy()
    columns, rows = np.ogrid[: hu.shape[0], : hu.shape[1]]
    mm = head.grid.spacing[0]
    away = np.hypot(columns - x, rows - y) * mm + 1e-3
    angle = np.arctan2(rows - y, columns - x)
    rays = sum(np.cos(n * (angle - rng.uniform(0, 7))) ** 15 for n in (3, 4, 5))
    for k in range(max(0, z - 1), z + 1):
        hu[..., k] += np.where(depth[..., k] > 0, (rays - 0.5) * 600 * np.exp(-away / 18), 0)
        hu[x - 2 : x + 3, y - 1 : y + 2, k] = 3071
    return replace(head, hu=hu)


def fillings(head: Head, rng: np.random.Generator) -> Head:
    """Put fillings of teeth beneath the front of the lowest slice, whose streaks it shows."""
    hu = head.hu.copy()
    body = hu[..., 0] > -300
    wide = np.flatnonzero(np.count_nonzero(body, axis=0) * head.grid.spacing[0] > 60)
    y = int(wide[0]) + round(15 / head.grid.spacing[1])
    x = int(np.flatnonzero(body[:, y]).mean())
    side = round(15 / head.grid.spacing[0])
    rows = np.arange(hu.shape[1])
    for at in (x - side, x + side):
        hu[at - 2 : at + 3, y - 2 : y + 3, 0] = 3071
    dark = np.exp(-(((rows - y) * head.grid.spacing[1]) ** 2) / 60) * 300
    hu[..., 0] += np.where(body, rng.choice([-1, 1], hu.shape[0])[:, None] * dark, 0)
    return replace(head, hu=hu)


def flap_put_back(head: Head, rng: np.random.Generator) -> Head:
    """Saw a flap out of the vault and put it back: a gap of 2 mm, burr holes, plates; no air."""
    depth = head.depth()
    places = np.argwhere((depth > 0) & (depth < 3))
    levels = np.unique(places[:, 2])
    places = places[places[:, 2] == levels[int(0.6 * (len(levels) - 1))]]
    middle = places[rng.integers(len(places))]
    index = np.ix_(*map(np.arange, head.hu.shape))
    away = np.sqrt(
        sum(
            np.square((i - m) * mm)
            for i, m, mm in zip(index, middle, head.grid.spacing, strict=True)
        )
    )
    radius = rng.uniform(26, 38)
    cut = _share(np.abs(away - radius) - 1.0, head.grid.spacing[0]) * (head.hu > 90)
    return _paint(head, 35.0, cut)


def bleed_on_each_side(head: Head, rng: np.random.Generator) -> Head:
    """Put a bleed of 62 HU, 30 mm across, into both hemispheres at one level; nothing is pushed."""
    depth = head.depth()
    k = int(np.median(np.flatnonzero((depth > 35).any(axis=(0, 1)))))
    x, y = (int(at.mean()) for at in np.nonzero(depth[..., k]))
    made = head
    for side in (-1, 1):
        index = np.ix_(*map(np.arange, head.hu.shape))
        middle = x + side * round(34 / head.grid.spacing[0]), y, k
        away = np.sqrt(
            sum(
                np.square((i - m) * mm)
                for i, m, mm in zip(index, middle, head.grid.spacing, strict=True)
            )
        )
        made = _paint(made, 62.0, _share(away - 15.0) * (depth > 2))
    return made


def without(structures: tuple[str, ...], mm: float = 0.0) -> Change:
    """Return a change that fills structures, and so many mm around them, with brain of 33 HU."""

    def changed(head: Head, rng: np.random.Generator) -> Head:
        mask = np.logical_or.reduce([head.masks[name] for name in structures])
        x, y, _ = head.grid.spacing
        away = np.stack([ndimage.distance_transform_edt(~m, (y, x)) for m in mask.T]).T
        return _paint(head, 33.0, _share(away - mm - 0.5) * (head.hu < 120) * mask.any(axis=(0, 1)))

    return changed


PLAIN = "as it is"
CHANGES: dict[str, Change | None] = {
    PLAIN: lambda head, rng: head,
    "dense mass, 48 to 58 HU": mass((48, 58), (4, 14)),
    "mass as dense as brain, 36 to 42 HU": mass((36, 42), (8, 18)),
    "ring around a dark core": mass((40, 48), (10, 20), core=(8, 22)),
    "ring around a dark core, little edema": mass((40, 50), (2, 5), core=(10, 22)),
    "mass on the bone, 48 to 62 HU": mass((48, 62), (0, 8), at_bone=True),
    "mass on the bone, calcified": mass((55, 70), (0, 8), at_bone=True, chalk=(0.2, 0.5)),
    "calcified mass": mass((42, 60), (4, 12), chalk=(0.1, 0.4)),
    "contrast medium": None,
    "clip with streaks": clip,
    "fillings of teeth": fillings,
    "flap put back": flap_put_back,
    "a bleed on each side": bleed_on_each_side,
    "ventricles filled with brain": without(("ventricle_left", "ventricle_right")),
    "midline, falx and ventricles hidden": without(
        ("midline", "ventricle_left", "ventricle_right"), 5.0
    ),
}
"""What is done to a head; None for what is drawn into it from the start."""


def heads(
    number: int, chosen: list[ChosenMap | None], size: int = 128, slices: int = 16
) -> Iterator[tuple[str, int, Head]]:
    """Yield the name of each change, the number of the head, and the head changed so."""
    n, seed = 0, 7099
    while n < number:
        seed += 1
        plain = draw(seed, chosen[n % len(chosen)], size, slices, enhanced=False)
        if plain.hu.max() < BONE_HU:
            continue  # its HU were cut, and what is put into it would not be
        n += 1
        for name, change in CHANGES.items():
            rng = np.random.default_rng(seed)
            if change is None:
                made = draw(seed, chosen[(n - 1) % len(chosen)], size, slices, enhanced=True)
            else:
                made = change(plain, rng)
            yield name, n - 1, replace(made, hu=np.rint(made.hu.clip(-1024, 3071)))
