"""All blood of a head: one or two hematomas, and what lies in the ventricles or outside the brain.

Everything is drawn in a box of the grid around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cohort.synthetic.anatomy.deformation import MassEffect
from cohort.synthetic.bleeds.canvas import Anatomy, Canvas, bounds
from cohort.synthetic.bleeds.hematoma import draw_hematoma
from cohort.synthetic.bleeds.intraventricular import Cavities, paint_ventricular
from cohort.synthetic.bleeds.outside import paint_layer, paint_subarachnoid
from cohort.synthetic.bleeds.place import bleed_centre
from cohort.synthetic.fields import Noise, Points
from cohort.synthetic.plan import Plan
from cohort.synthetic.scanner.scan import Acquisition


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
    canvas = Canvas(anatomy, plan, scan, effect, noise)
    in_ventricles, edema, outer = (np.zeros(anatomy.hu.shape, dtype=bool) for _ in range(3))
    first, second = (np.zeros(anatomy.hu.shape, dtype=bool) for _ in range(2))
    if plan.first is not None:
        draw_hematoma(canvas, first, edema, plan.first, effect.centre, first)
    if plan.second is not None:
        draw_hematoma(canvas, second, edema, plan.second, bleed_centre(plan.second, rng), first)
    blood = first | second
    intraventricular = _draw_ventricular(canvas, in_ventricles)
    subarachnoid = _draw_subarachnoid(canvas, blood, outer)
    layer = _draw_layer(canvas, blood, outer)
    in_ventricles &= ~blood
    outer &= ~(blood | in_ventricles)
    return Blood(
        first=first,
        second=second,
        ventricular=in_ventricles,
        edema=edema & ~(blood | in_ventricles | outer),
        outer=outer,
        intraventricular=intraventricular,
        subarachnoid=subarachnoid,
        layer=layer,
    )


def _draw_ventricular(canvas: Canvas, mask: NDArray[np.bool_]) -> bool:
    """Draw the blood in the ventricles; return whether it is to be seen."""
    if canvas.plan.ventricular is None:
        return False
    anatomy = canvas.anatomy
    part = bounds((anatomy.ventricle < 0) | (canvas.central < 0))
    if part is None:
        return False
    p = Points(*(axis[part] for axis in canvas.points))
    cavities = Cavities(
        lateral=anatomy.ventricle[part],
        central=canvas.central[part],
        left=anatomy.left[part],
        fluid=1 - anatomy.tissue[part],
    )
    noise = canvas.noise(p, 2.8, shift=29)
    seen = paint_ventricular(
        anatomy.hu[part], cavities, p, canvas.effect.centre, canvas.plan.ventricular, noise
    )
    mask[part] = seen
    return canvas.is_seen(seen)


def _draw_subarachnoid(
    canvas: Canvas, hematoma: NDArray[np.bool_], mask: NDArray[np.bool_]
) -> bool:
    """Draw the blood in sulci and cisterns; return whether it is to be seen."""
    blood = canvas.plan.subarachnoid
    if blood is None:
        return False
    place = blood.place or canvas.effect.centre
    reach = blood.reach_mm + (0 if blood.place else 0.8 * canvas.effect.radius)
    part = canvas.around(place, 1.9 * reach)
    anatomy, p = canvas.anatomy, Points(*(axis[part] for axis in canvas.points))
    allowed = (anatomy.depth[part] > 0.2) & (anatomy.ventricle[part] > 1.2)
    allowed &= (canvas.central[part] > 0.8) & ~hematoma[part]
    before = anatomy.hu[part].copy()
    fluid, noise = 1 - anatomy.tissue[part], canvas.noise(p, 4.0, shift=31)
    mask[part] |= paint_subarachnoid(
        anatomy.hu[part], fluid, allowed, p, place, blood, canvas.scan.pixel, noise
    )
    return canvas.is_seen(anatomy.hu[part] > before + 12)


def _draw_layer(canvas: Canvas, hematoma: NDArray[np.bool_], mask: NDArray[np.bool_]) -> bool:
    """Draw the blood along the skull; return whether it is to be seen."""
    layer = canvas.plan.layer
    if layer is None:
        return False
    part = canvas.around(layer.place, layer.extent_mm + 4)
    anatomy, p = canvas.anatomy, Points(*(axis[part] for axis in canvas.points))
    toward = 1 if layer.side == "left" else -1
    allowed = (toward * anatomy.origin.x[part] > 3) & ~hematoma[part]
    before = anatomy.hu[part].copy()
    noise = canvas.noise(p, 5.0, shift=37)
    mask[part] |= paint_layer(
        anatomy.hu[part], anatomy.depth[part], allowed, p, layer, canvas.scan.pixel, noise
    )
    return canvas.is_seen(anatomy.hu[part] > before + 8)
