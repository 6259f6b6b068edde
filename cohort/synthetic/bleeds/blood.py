"""All blood of a head: one or two hematomas, and what lies in the ventricles or outside the brain.

Everything is drawn in a box of the grid around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cohort.facts.limits import BLEED_ML
from cohort.facts.sites import INFRATENTORIAL
from cohort.synthetic.anatomy.deformation import MassEffect
from cohort.synthetic.bleeds import place as bleed
from cohort.synthetic.bleeds.clot import depth_within, paint_clot, share_of_clot
from cohort.synthetic.bleeds.intraventricular import Cavities, paint_ventricular
from cohort.synthetic.bleeds.outside import paint_layer, paint_subarachnoid
from cohort.synthetic.fields import Field, Noise, Points
from cohort.synthetic.plan import Plan
from cohort.synthetic.scanner.scan import Acquisition, head_points
from cohort.synthetic.story import Focus

SAFE_DEPTH_MM = 4.5
"""A bleed in the brain stays below its cortex, this far from the skull."""
SURFACE_MM, SURFACE_RESISTANCE = 13.0, 0.9
"""Nearer to the skull than this, blood spreads less readily, by so many mm for each mm."""
CORTICAL_DEPTH_MM, CORTICAL_FLOOR_MM = 0.6, -44.0
"""Lobar bleeds that reach the cortex come so near to the bone, and so low."""
LOBAR_FLOOR_MM, DEEP_FLOOR_MM = -30.0, -14.0
"""Other lobar bleeds may reach the temporal lobe's base; deep ones end above it."""
WALL_MM = 0.8
"""What stays between a ventricle and a bleed that hasn't broken into it."""
ROOM = 0.6
"""A bleed fills at most this share of where it may spread."""
APART_MM = 5.0
"""Least distance between two hematomas."""
NOWHERE_MM = 50.0


class Anatomy(Protocol):
    """The deformed head without its blood, arrays [z, y, x]; see `cohort.synthetic.head`."""

    @property
    def hu(self) -> Field:
        """HU, into which the blood is drawn."""

    @property
    def origin(self) -> Points:
        """Where the tissue was before the bleed, head coordinates in mm."""

    @property
    def depth(self) -> Field:
        """Distance below the inner table, mm."""

    @property
    def ventricle(self) -> Field:
        """Distance from the lateral ventricle of the voxel's own side, mm, negative inside."""

    @property
    def tissue(self) -> Field:
        """Share of brain tissue."""

    @property
    def infratentorial(self) -> Field:
        """Share of cerebellum and brainstem."""

    @property
    def central(self) -> Field:
        """Distance from the third and fourth ventricle, mm, negative inside."""

    @property
    def left(self) -> NDArray[np.bool_]:
        """Where the side of the left lateral ventricle is."""


@dataclass(frozen=True)
class Blood:
    """Where blood was drawn.

    Attributes
    ----------
    first, second
        The hematomas, masks [z, y, x]; empty where there is none.
    ventricular, edema, outer
        Masks of the blood in all four ventricles, of the edema around the hematomas, and of the
        blood outside the brain: what fills at least half of a voxel.
    intraventricular, subarachnoid, layer
        Whether as much as can be seen lies in the ventricles, in sulci and cisterns, and along
        the skull.
    """

    first: NDArray[np.bool_]
    second: NDArray[np.bool_]
    ventricular: NDArray[np.bool_]
    edema: NDArray[np.bool_]
    outer: NDArray[np.bool_]
    intraventricular: bool
    subarachnoid: bool
    layer: bool


def draw_blood(
    anatomy: Anatomy,
    plan: Plan,
    scan: Acquisition,
    effect: MassEffect,
    noise: Noise,
    rng: np.random.Generator,
) -> Blood:
    """Draw the plan's blood into `anatomy.hu`.

    Raises
    ------
    UsageError
        If the grid is too coarse or too small for a hematoma.
    """
    painter = _Painter(anatomy, plan, scan, effect, noise)
    first, second = (np.zeros(anatomy.hu.shape, dtype=bool) for _ in range(2))
    if plan.first is not None:
        painter.hematoma(first, plan.first, effect.centre, first)
    if plan.second is not None:
        painter.hematoma(second, plan.second, bleed.bleed_centre(plan.second, rng), first)
    blood = first | second
    intraventricular = painter.ventricular()
    subarachnoid = painter.subarachnoid(blood)
    layer = painter.layer(blood)
    in_ventricles = painter.in_ventricles & ~blood
    outer = painter.outer & ~(blood | in_ventricles)
    return Blood(
        first=first,
        second=second,
        ventricular=in_ventricles,
        edema=painter.edema & ~(blood | in_ventricles | outer),
        outer=outer,
        intraventricular=intraventricular,
        subarachnoid=subarachnoid,
        layer=layer,
    )


class _Painter:
    """Draws blood into one head, box by box."""

    def __init__(
        self,
        anatomy: Anatomy,
        plan: Plan,
        scan: Acquisition,
        effect: MassEffect,
        noise: Noise,
    ) -> None:
        self.anatomy, self.plan, self.scan = anatomy, plan, scan
        self.effect, self.noise = effect, noise
        self.points = head_points(scan, slice(0, scan.slices))
        self.central = anatomy.central - np.float32(0.4 * effect.widening)
        self.in_ventricles, self.edema, self.outer = (
            np.zeros(anatomy.hu.shape, dtype=bool) for _ in range(3)
        )

    def hematoma(
        self,
        mask: NDArray[np.bool_],
        focus: Focus,
        centre: tuple[float, float, float],
        other: NDArray[np.bool_],
    ) -> None:
        """Draw one hematoma and set its voxels in `mask`; it keeps away from the `other`."""
        clot, radius = self.plan.clot, bleed.bleed_radius(focus.volume_ml)
        part = self._around(centre, 2.2 * radius + 12 + clot.edema_mm)
        allowed = self._may_bleed(part, focus)
        if other.any():
            from scipy.ndimage import binary_dilation

            steps = max(1, round(APART_MM / self.scan.pixel))
            allowed &= ~binary_dilation(other[part], iterations=steps)
        room = int(ROOM * np.count_nonzero(allowed))
        if other.any() and not room:
            return  # the first fills it all
        p = Points(*(axis[part] for axis in self.points))
        field = bleed.bleed_shape(p, focus, centre, self.plan.outline, self.noise)
        if not self._is_cortical(focus):
            # Blood dissects through white matter rather than out to the skull.
            field += SURFACE_RESISTANCE * np.maximum(SURFACE_MM - self.anatomy.depth[part], 0)
        if self._breaks_through(focus):
            own = np.where(_own_half(self.anatomy.origin.x[part], focus), 0, NOWHERE_MM)
            bulges = 0.3 * radius * self.noise(p, 4.0, shift=41)
            wall = self.anatomy.ventricle[part] + own
            bleed.add_tract(field, p, wall, centre, radius, bulges)
        voxels = max(1, min(room, round(focus.volume_ml / self.scan.voxel_ml)))
        apart = self.plan.outline.apart
        fine, coarse = self.noise(p, 2.5, shift=17), self.noise(p, 6.0, shift=23)
        within = depth_within(bleed.grow(field, allowed, voxels, apart), self.scan.pixel)
        thickness = self.scan.thickness / self.scan.slice_mm
        filled = share_of_clot(within, clot, coarse, self.scan.pixel, thickness)
        # People draw it along a level of what they see; depth decides where all is seen alike.
        seen = -filled - np.float32(0.001) * within
        found = bleed.grow(seen, allowed, voxels, apart)
        mask[part] = found
        spacing = (self.scan.slice_mm, self.scan.pixel, self.scan.pixel)
        tissue = self.anatomy.tissue[part]
        hu = self.anatomy.hu[part]
        noise = fine, coarse
        edema = paint_clot(hu, found, within, filled, tissue, spacing, clot, noise)
        self.edema[part] |= edema

    def ventricular(self) -> bool:
        """Draw the blood in the ventricles; return whether it is to be seen."""
        if self.plan.ventricular is None:
            return False
        anatomy = self.anatomy
        part = _bounds((anatomy.ventricle < 0) | (self.central < 0))
        if part is None:
            return False
        p = Points(*(axis[part] for axis in self.points))
        cavities = Cavities(
            lateral=anatomy.ventricle[part],
            central=self.central[part],
            left=anatomy.left[part],
            fluid=1 - anatomy.tissue[part],
        )
        noise = self.noise(p, 2.8, shift=29)
        seen = paint_ventricular(
            anatomy.hu[part], cavities, p, self.effect.centre, self.plan.ventricular, noise
        )
        self.in_ventricles[part] = seen
        return self._is_seen(seen)

    def subarachnoid(self, hematoma: NDArray[np.bool_]) -> bool:
        """Draw the blood in sulci and cisterns; return whether it is to be seen."""
        blood = self.plan.subarachnoid
        if blood is None:
            return False
        place = blood.place or self.effect.centre
        reach = blood.reach_mm + (0 if blood.place else 0.8 * self.effect.radius)
        part = self._around(place, 1.9 * reach)
        anatomy, p = self.anatomy, Points(*(axis[part] for axis in self.points))
        allowed = (anatomy.depth[part] > 0.2) & (anatomy.ventricle[part] > 1.2)
        allowed &= (self.central[part] > 0.8) & ~hematoma[part]
        before = anatomy.hu[part].copy()
        fluid, noise = 1 - anatomy.tissue[part], self.noise(p, 4.0, shift=31)
        self.outer[part] |= paint_subarachnoid(
            anatomy.hu[part], fluid, allowed, p, place, blood, self.scan.pixel, noise
        )
        return self._is_seen(anatomy.hu[part] > before + 12)

    def layer(self, hematoma: NDArray[np.bool_]) -> bool:
        """Draw the blood along the skull; return whether it is to be seen."""
        layer = self.plan.layer
        if layer is None:
            return False
        part = self._around(layer.place, layer.extent_mm + 4)
        anatomy, p = self.anatomy, Points(*(axis[part] for axis in self.points))
        toward = 1 if layer.side == "left" else -1
        allowed = (toward * anatomy.origin.x[part] > 3) & ~hematoma[part]
        before = anatomy.hu[part].copy()
        noise = self.noise(p, 5.0, shift=37)
        self.outer[part] |= paint_layer(
            anatomy.hu[part], anatomy.depth[part], allowed, p, layer, self.scan.pixel, noise
        )
        return self._is_seen(anatomy.hu[part] > before + 8)

    def _is_seen(self, where: NDArray[np.bool_]) -> bool:
        return bool(np.count_nonzero(where) * self.scan.voxel_ml >= BLEED_ML)

    def _breaks_through(self, focus: Focus) -> bool:
        return self.plan.ventricular is not None and focus is not self.plan.second

    def _is_cortical(self, focus: Focus) -> bool:
        return focus.site == "lobar" and self.plan.outline.cortical

    def _may_bleed(self, part: tuple[slice, ...], focus: Focus) -> NDArray[np.bool_]:
        """Return where a hematoma may spread: brain tissue of its own compartment and side."""
        anatomy = self.anatomy
        origin, infra = Points(*(a[part] for a in anatomy.origin)), anatomy.infratentorial[part]
        wall = 0.0 if self._breaks_through(focus) else WALL_MM
        cortical = self._is_cortical(focus)
        depth = CORTICAL_DEPTH_MM if cortical else SAFE_DEPTH_MM
        allowed = (anatomy.depth[part] > depth) & (anatomy.ventricle[part] > wall)
        allowed &= self.central[part] > wall
        if focus.site == "brainstem":
            stem = (np.abs(origin.x) < 16) & (origin.y < 24) & (origin.z < -12)
            return np.asarray(allowed & stem, dtype=bool)
        if focus.site in INFRATENTORIAL:
            allowed &= (infra > 0.9) & (anatomy.tissue[part] > 0.5)
        else:
            floor = LOBAR_FLOOR_MM if focus.site == "lobar" else DEEP_FLOOR_MM
            floor = CORTICAL_FLOOR_MM if cortical else floor
            allowed &= (infra < 0.1) & (origin.z > floor)
        return np.asarray(allowed & _own_half(origin.x, focus), dtype=bool)

    def _around(self, centre: tuple[float, float, float], reach: float) -> tuple[slice, ...]:
        """Return the part of the grid that lies at most `reach` mm from `centre` on each axis."""
        close = self.anatomy.depth > -1
        for values, middle in zip(self.points, centre, strict=True):
            close &= np.abs(values - np.float32(middle)) < np.float32(reach)
        return _bounds(close) or (slice(0, 0),) * 3


def _own_half(x: Field, focus: Focus) -> NDArray[np.bool_]:
    """Return where the focus' own half of the brain is; everywhere if it has no side."""
    if focus.side is None:
        return np.ones(x.shape, dtype=bool)
    return (x > 2.0) if focus.side == "left" else (x < -2.0)


def _bounds(where: NDArray[np.bool_]) -> tuple[slice, ...] | None:
    found = [np.flatnonzero(where.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    if not found[0].size:
        return None
    return tuple(slice(int(at[0]), int(at[-1]) + 1) for at in found)
