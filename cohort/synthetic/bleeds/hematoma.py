"""One hematoma: where it may spread, and how it fills what it takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cohort.facts.sites import INFRATENTORIAL
from cohort.synthetic.bleeds import place as bleed
from cohort.synthetic.bleeds.canvas import Canvas
from cohort.synthetic.bleeds.clot import depth_within, paint_clot, share_of_clot
from cohort.synthetic.fields import Field, Points
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


def draw_hematoma(
    canvas: Canvas,
    mask: NDArray[np.bool_],
    edema: NDArray[np.bool_],
    focus: Focus,
    centre: tuple[float, float, float],
    other: NDArray[np.bool_],
) -> None:
    """Draw one hematoma, away from the `other`, and set its voxels in `mask` and in `edema`."""
    clot, radius = canvas.plan.clot, bleed.bleed_radius(focus.volume_ml)
    part = canvas.around(centre, 2.2 * radius + 12 + clot.edema_mm)
    allowed = _may_bleed(canvas, part, focus)
    if other.any():
        from scipy.ndimage import binary_dilation

        steps = max(1, round(APART_MM / canvas.scan.pixel))
        allowed &= ~binary_dilation(other[part], iterations=steps)
    room = int(ROOM * np.count_nonzero(allowed))
    if other.any() and not room:
        return  # the first fills it all
    p = Points(*(axis[part] for axis in canvas.points))
    field = bleed.bleed_shape(p, focus, centre, canvas.plan.outline, canvas.noise)
    if not _is_cortical(canvas, focus):
        # Blood dissects through white matter rather than out to the skull.
        field += SURFACE_RESISTANCE * np.maximum(SURFACE_MM - canvas.anatomy.depth[part], 0)
    if _breaks_through(canvas, focus):
        own = np.where(_own_half(canvas.anatomy.origin.x[part], focus), 0, NOWHERE_MM)
        bulges = 0.3 * radius * canvas.noise(p, 4.0, shift=41)
        wall = canvas.anatomy.ventricle[part] + own
        bleed.add_tract(field, p, wall, centre, radius, bulges)
    voxels = max(1, min(room, round(focus.volume_ml / canvas.scan.voxel_ml)))
    apart = canvas.plan.outline.apart
    fine, coarse = canvas.noise(p, 2.5, shift=17), canvas.noise(p, 6.0, shift=23)
    within = depth_within(bleed.grow(field, allowed, voxels, apart), canvas.scan.pixel)
    thickness = canvas.scan.thickness / canvas.scan.slice_mm
    filled = share_of_clot(within, clot, coarse, canvas.scan.pixel, thickness)
    # People draw it along a level of what they see; depth decides where all is seen alike.
    seen = -filled - np.float32(0.001) * within
    found = bleed.grow(seen, allowed, voxels, apart)
    mask[part] = found
    spacing = (canvas.scan.slice_mm, canvas.scan.pixel, canvas.scan.pixel)
    tissue = canvas.anatomy.tissue[part]
    hu = canvas.anatomy.hu[part]
    noise = fine, coarse
    edema[part] |= paint_clot(hu, found, within, filled, tissue, spacing, clot, noise)


def _breaks_through(canvas: Canvas, focus: Focus) -> bool:
    return canvas.plan.ventricular is not None and focus is not canvas.plan.second


def _is_cortical(canvas: Canvas, focus: Focus) -> bool:
    return focus.site == "lobar" and canvas.plan.outline.cortical


def _may_bleed(canvas: Canvas, part: tuple[slice, ...], focus: Focus) -> NDArray[np.bool_]:
    """Return where a hematoma may spread: brain tissue of its own compartment and side."""
    anatomy = canvas.anatomy
    origin, infra = Points(*(a[part] for a in anatomy.origin)), anatomy.infratentorial[part]
    wall = 0.0 if _breaks_through(canvas, focus) else WALL_MM
    cortical = _is_cortical(canvas, focus)
    depth = CORTICAL_DEPTH_MM if cortical else SAFE_DEPTH_MM
    allowed = (anatomy.depth[part] > depth) & (anatomy.ventricle[part] > wall)
    allowed &= canvas.central[part] > wall
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


def _own_half(x: Field, focus: Focus) -> NDArray[np.bool_]:
    """Return where the focus' own half of the brain is; everywhere if it has no side."""
    if focus.side is None:
        return np.ones(x.shape, dtype=bool)
    return (x > 2.0) if focus.side == "left" else (x < -2.0)
