"""A head made from a label map, drawn at any points, as `DrawnBody` is by formula."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cohort.facts.sites import GeneratedSite, complete
from cohort.synthetic.anatomy.brain import CSF, MOTTLED_HU, MOTTLED_MM, Brain
from cohort.synthetic.anatomy.calcification import Spot, draw_dense
from cohort.synthetic.anatomy.membranes import draw_falx
from cohort.synthetic.anatomy.old_damage import draw_old_damage
from cohort.synthetic.anatomy.skull import AIR, FAT, MUSCLE, SKIN, VITREOUS
from cohort.synthetic.fields import Field, Noise, Points, inside
from cohort.synthetic.mapped import labels as L
from cohort.synthetic.mapped import volumes as V
from cohort.synthetic.mapped.choose import ChosenMap
from cohort.synthetic.mapped.volumes import STEPS_PER_MM, Volumes, sample, volumes_of
from cohort.synthetic.mapped.warp import Warp, draw_warp
from cohort.synthetic.physique import Physique
from cohort.synthetic.story import Focus

NERVE_HU, MUCOSA_HU = 40.0, 42.0
PALLOR_HU = 6.0
"""How much darker ill white matter is on CT."""
PLEXUS_HU = 42.0
SULCUS_MM, SULCI = (-0.4, 1.5), 1.2
"""By how much sulci are narrower than the map has them (MR's voxels make them wide), least and
most; how much less that is for a very atrophic brain than for a young one. Our choice."""
CSF_BLUR_MM = 1.2
WIDENING_MM, SIDE_MM = 0.7, 0.35
"""Mm by which lateral ventricles are wider than in the map, and each than the other, one sigma."""
FAT_SHARE, FAT_MM = 0.22, 2.5
"""Share of fat in the soft tissue around the skull, and the size of its streaks."""
GRAIN = 0.09
"""How uneven bone is, one sigma, as a share of its HU."""
SOFT_GRAIN_HU = 6.0
STEPS = np.float32(1 / STEPS_PER_MM)


@dataclass(frozen=True)
class Origin:
    """The structure in which bleeds of a site arise.

    Attributes
    ----------
    left, right
        Its labels.
    usual
        Its centre on the left in an atlas, head coordinates in mm.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    usual: tuple[float, float, float]


ORIGINS: dict[GeneratedSite, Origin | None] = complete(
    f"{__name__}.ORIGINS",
    {
        "basal_ganglia": Origin((12,), (51,), (25.0, -16.0, 0.0)),
        "thalamus": Origin((10,), (49,), (12.0, 1.0, 5.0)),
        "lobar": None,  # white matter is everywhere
        "cerebellum": Origin((7,), (46,), (17.0, 36.0, -34.0)),
        "brainstem": Origin((16,), (16,), (0.0, 11.0, -31.0)),
    },
)


@dataclass(frozen=True)
class MappedBody:
    """One patient's head.

    Attributes
    ----------
    volumes, warp
        The map, and how this head departs from it.
    physique
        What the patient has of bone, tissue and old damage.
    tissue
        float32, HU around the brain on the map's grid.
    closing
        Mm by which sulci are narrower than in the map.
    widening
        Mm by which the left and the right lateral ventricle are wider.
    spots
        The calcifications.
    """

    volumes: Volumes
    warp: Warp
    physique: Physique
    tissue: NDArray[np.float32]
    closing: float
    widening: tuple[float, float]
    spots: tuple[Spot, ...]

    def skull(self, p: Points, noise: Noise, pixel: float) -> tuple[Field, Field]:
        """As of `cohort.synthetic.body.Body`."""
        voxels = self._voxels(p)
        hu = np.full(p.x.shape, AIR, dtype=np.float32)
        distance = np.full(p.x.shape, V.FAR * STEPS, dtype=np.float32)
        width, length, height = self.tissue.shape
        near = (voxels[0] > 0) & (voxels[0] < width - 1) & (voxels[1] > 0)
        near &= (voxels[1] < length - 1) & (voxels[2] < height - 1)
        head = np.flatnonzero(near)
        hu[head] = sample(self.tissue, voxels[:, head])
        head = head[hu[head] > AIR + 1]  # whatever lies in pure air is far from the brain
        distance[head] = sample(self.volumes.depth, voxels[:, head]) * -STEPS
        bone = np.flatnonzero(hu > 150)
        hu[bone] *= 1 + np.float32(GRAIN) * noise(p.at(bone), 5.0)
        soft = np.flatnonzero((hu > FAT - 100) & (hu < 100) & (distance > 0))
        hu[soft] += np.float32(SOFT_GRAIN_HU) * noise(p.at(soft), 4.0, shift=3)
        return hu, distance

    def brain(
        self, q: Points, depth: Field, openness: Field, squeeze: Field, noise: Noise, pixel: float
    ) -> Brain:
        """As of `cohort.synthetic.body.Body`."""
        volumes, physique = self.volumes, self.physique
        voxels = self._voxels(q)

        def mm(volume: NDArray) -> Field:
            return sample(volume, voxels) * STEPS

        def share(volume: NDArray) -> Field:
            return sample(volume, voxels) * np.float32(1 / 255)

        first, second = mm(volumes.left), mm(volumes.right)
        if self.warp.mirrored:
            first, second = second, first
        left = first < second
        wide_left, wide_right = (np.float32(w) for w in self.widening)
        ventricle = np.where(left, first - wide_left, second - wide_right) + squeeze
        central = mm(volumes.central)
        csf = mm(volumes.csf) + np.float32(self.closing) + 2.2 * (1 - openness)
        # Sulci and cisterns end where the ventricles begin, however far these are pushed out.
        fluid = inside(csf, max(pixel, CSF_BLUR_MM))
        fluid = np.maximum(fluid, inside(ventricle, pixel))
        fluid = np.maximum(fluid, inside(central + 0.4 * squeeze, pixel))
        grey, infra = share(volumes.grey), share(volumes.infratentorial)
        hu = physique.white + (physique.grey - physique.white) * grey
        hu -= np.float32(PALLOR_HU) * share(volumes.pale)
        straight = self.warp.straight(q)
        hu += MOTTLED_HU * noise(straight, MOTTLED_MM, shift=41)
        white = (1 - grey) * (infra < 0.5)
        draw_old_damage(hu, straight, ventricle, white, physique.damage, noise)
        hu += (CSF - hu) * fluid
        hu += (PLEXUS_HU - hu) * 0.8 * share(volumes.plexus) * (ventricle < 0)
        hu += (physique.falx_hu - 4 - hu) * 0.5 * share(volumes.tent)
        draw_falx(hu, straight, physique, pixel, near_fluid=csf < 1.5)
        hu += (physique.blood - hu) * share(volumes.sinus)
        draw_dense(hu, straight, self.spots, physique.drain, physique.blood, noise, pixel)
        return Brain(hu, ventricle, 1 - fluid, infra > 0.5, central, left)

    def bleed_offset(self, focus: Focus) -> tuple[float, float, float]:
        """As of `cohort.synthetic.body.Body`."""
        origin = ORIGINS[focus.site]
        if origin is None:
            return 0.0, 0.0, 0.0
        own = (focus.side == "right") != self.warp.mirrored
        found = self.volumes.head.centre(origin.right if own else origin.left)
        if found is None:
            return 0.0, 0.0, 0.0
        x, y, z = self.warp.back((float(found[0]), float(found[1]), float(found[2])))
        side = -1.0 if focus.side == "right" else 1.0
        sideways = x - side * origin.usual[0] if focus.side is not None else 0.0
        return sideways, y - origin.usual[1], z - origin.usual[2]

    def _voxels(self, p: Points) -> NDArray[np.float32]:
        found = self.warp.voxels(p)
        found[:2] += V.RIM
        return found


def draw_body(rng: np.random.Generator, chosen: ChosenMap, physique: Physique) -> MappedBody:
    """Draw the head of a patient from a label map.

    Raises
    ------
    DataError
        If the map cannot be used.
    """
    volumes = volumes_of(chosen.path)
    warp = draw_warp(rng, volumes.head)
    closing = SULCUS_MM[1] - SULCI * physique.sulci + float(rng.normal(0, 0.25))
    wide, side = rng.normal(0, WIDENING_MM), rng.normal(0, SIDE_MM)
    return MappedBody(
        volumes=volumes,
        warp=warp,
        physique=physique,
        tissue=_tissue(volumes.outside, physique, rng),
        closing=float(np.clip(closing, *SULCUS_MM)),
        widening=(float(wide + side), float(wide - side)),
        spots=_spots(warp, physique),
    )


def _spots(warp: Warp, physique: Physique) -> tuple[Spot, ...]:
    """Return the calcifications, those of the plexus where the map has it."""
    spots = []
    for spot in physique.spots:
        if spot.kind == "plexus":
            own = (spot.centre[0] < 0) != warp.mirrored
            found = warp.head.centre(L.PLEXUS[2:3] if own else L.PLEXUS[:1])
            if found is None:
                continue
            x = -found[0] if warp.mirrored else found[0]
            spot = replace(spot, centre=(float(x), float(found[1]), float(found[2])))
        spots.append(spot)
    return tuple(spots)


def _tissue(
    outside: NDArray[np.uint8], physique: Physique, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return HU around the brain on the map's grid, the cavity filled with fluid."""
    from scipy.ndimage import gaussian_filter

    table = np.zeros(V.SKIN + 1, np.float32)
    for value, hu in (
        (V.AIR, AIR),
        (V.SOFT, MUSCLE),
        (V.RIND, FAT),
        (V.BONE, physique.bone.table),
        (V.DIPLOE, physique.bone.diploe),
        (V.EYE, VITREOUS),
        (V.NERVE, NERVE_HU),
        (V.MUCOSA, MUCOSA_HU),
        (V.VESSEL, physique.blood - 8),
        (V.FLUID, CSF),
        (V.SKIN, SKIN),
    ):
        table[value] = hu
    tissue = table[outside]
    # Streaks of fat between the muscles, on a grid half as fine.
    half = tuple((n + 1) // 2 for n in outside.shape)
    streaks = gaussian_filter(rng.standard_normal(half, dtype=np.float32), FAT_MM / 2)
    fat = streaks > np.quantile(streaks[::4, ::4, ::4], 1 - FAT_SHARE)
    fat = fat.repeat(2, 0).repeat(2, 1).repeat(2, 2)[tuple(slice(n) for n in outside.shape)]
    tissue[fat & (outside == V.SOFT)] = FAT
    return tissue
