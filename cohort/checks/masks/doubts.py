"""What speaks against a mask, by what its image shows under it.

Limits without a source are our choice: wide enough for generated and real cases, old blood, edema
that is drawn along, blood in the ventricles and midlines that are shifted.
"""

from __future__ import annotations

from typing import NamedTuple

from cohort.checks.masks.look import MaskLook
from cohort.facts.limits import BRAIN_MEAN_HU

MOST = 0.5
"""From this share on, a mask lies mostly in air or bone, or is most of the head."""
MUCH = 0.1
"""Share in air or bone that blurred edges do not explain."""
HEMATOMA_HU = (25.0, 100.0)
"""Mean of usual hematomas. What blood reads goes with its hematocrit, clots read more (New and
Aronow 1976, doi:10.1148/121.3.635; of bleeds of less than three hours Barras et al. 2013,
doi:10.3174/ajnr.A3375); with time it falls to that of brain and below. The bounds are our choice,
as are the next two."""
BLEED_ABOVE_HU = 8.0
"""Least mean of a hematoma above what surrounds it; acute ones have 12 or more."""
DENSE_SHARE = 0.18
"""Or else least share that is denser by far, as where edema is drawn along."""
FLUID_HU = (-10.0, 100.0)
"""Bounds of a ventricle's mean: CSF has 0 to 15 HU, blood in ventricles 52 on average (Kornbluth et
al. 2015, doi:10.3174/ajnr.A4393)."""
UNLIKE_SHARE = 0.12
"""Least share of a ventricle with a brain's mean that differs from what surrounds it."""
EDGE_HU = 3.0
"""Least difference across a hematoma's outline: 9 HU or more in generated and real scans at hand,
within 2 of masks that are drawn six pixels too wide. Edema that is drawn along has less than brain,
18 to 25 HU."""
BOX_FILL = 0.95
"""Share of its boxes that a box fills; hematomas and ventricles fill 0.8 at most, a disc 0.79."""
REVERSED_MORE = {"hematoma": 0.1, "ventricle": 0.25}
"""How much larger a share of the mask must stand out with its slices in reverse order. In generated
scans it is larger by 0.15 or more of hematomas' reversed masks, and smaller by as much of right
ones; of right ventricles, it was larger by 0.17 once in 400."""
FALX_SHARE, FALX_EDGE_HU = 0.05, 1.0
"""Below both a midline's mask shows neither falx nor CSF: moved by a centimeter all do, and of
right ones in mapped heads 15 % as well, where the fissure is narrow and slices are thick. So it
says something only of a mask that also lies off the middle (`pairs.check_midline_ends`)."""
NO_FALX_SHARE, NO_FALX_EDGE_HU = -0.01, 0.5
"""Below both it shows less of them than what surrounds it, as no right one of 120 mapped heads."""


VENTRICLES = ("ventricle_left", "ventricle_right")
JUDGED = ("hematoma", "midline", *VENTRICLES)
"""Structures whose look is known well enough to doubt a mask by it."""
OUTLINE = "mask outline"
"""Kind of the doubts about a mask that lies where its structure is, but is drawn otherwise."""


class Doubt(NamedTuple):
    """Why a mask may not be what it says.

    Attributes
    ----------
    kind
        Of the note that is made of it.
    what
        What is unusual, without a full stop.
    question
        What the reason may be.
    """

    kind: str
    what: str
    question: str


def impossible(look: MaskLook) -> str | None:
    """Say why nobody can have meant a mask so."""
    if look.head_share > MOST:
        return (
            f"covers {min(look.head_share, 1):.0%} of the head, as an inverted mask does; a mask "
            "has 1 in its structure and 0 elsewhere."
        )
    if look.no_brain > MOST:
        return (
            f"lies mostly in air or bone ({_where(look)}): it is another scan's, or stored in "
            "another order than the image; give the mask that was drawn on this image."
        )
    return None


def doubt(structure: str, look: MaskLook) -> Doubt | None:
    """Say what is unusual about the mask of a structure, if anything is.

    How thin layers of blood, settled blood and edema look differs too much to judge it.
    """
    if structure not in JUDGED:
        return None
    if look.no_brain > MUCH:
        return Doubt(
            "mask place", f"lies partly in air or bone ({_where(look)})", "is it this image's mask"
        )
    if structure == "hematoma":
        return _hematoma(look) or _box(look) or _outline(look)
    if structure == "midline":
        return _midline(look)
    return _ventricle(look) or _box(look)


def upside_down(structure: str, look: MaskLook) -> Doubt | None:
    """Say that a mask stands out better in the image with its slices in reverse order."""
    if structure == "midline" or structure not in JUDGED:
        return None
    is_bleed = structure == "hematoma"
    now = look.dense if is_bleed else look.unlike
    then = look.reversed_dense if is_bleed else look.reversed_unlike
    if then - now < REVERSED_MORE["hematoma" if is_bleed else "ventricle"]:
        return None
    what = (
        f"{max(now, 0):.0%} of it stands out from what surrounds it, and {then:.0%} would with its "
        "slices in reverse order"
    )
    return Doubt("mask place", what, "are mask and image stored in different orders")


def shows_no_falx(look: MaskLook) -> bool:
    """Say whether a midline's mask shows hardly any falx or CSF, as some right ones do."""
    return look.edge is not None and look.unlike < FALX_SHARE and abs(look.edge) < FALX_EDGE_HU


def lies_clearly(structure: str, look: MaskLook) -> bool:
    """Say whether a mask clearly lies on its structure; a midline never does so clearly."""
    if look.contrast is None or look.no_brain > MUCH:
        return False
    if structure == "hematoma":
        return look.contrast >= 1.5 * BLEED_ABOVE_HU and look.dense >= 2.5 * DENSE_SHARE
    return (
        structure in VENTRICLES
        and look.unlike >= 2.5 * UNLIKE_SHARE
        and look.mean < BRAIN_MEAN_HU[0]
    )


def _hematoma(look: MaskLook) -> Doubt | None:
    low, high = HEMATOMA_HU
    is_denser = (
        look.contrast is None or look.contrast >= BLEED_ABOVE_HU or look.dense >= DENSE_SHARE
    )
    if look.mean > high:
        question = "is there contrast medium, or is it no hematoma"
    elif look.mean < low or not is_denser:
        question = "is the blood old or anemic, or is it not this image's mask"
    else:
        return None
    return Doubt("mask density", f"{_density(look)}; fresh blood has 50 to 80", question)


def _ventricle(look: MaskLook) -> Doubt | None:
    low, high = FLUID_HU
    is_brain = (
        look.contrast is not None
        and BRAIN_MEAN_HU[0] <= look.mean <= BRAIN_MEAN_HU[1]
        and look.unlike < UNLIKE_SHARE
    )
    if low <= look.mean <= high and not is_brain:
        return None
    what = f"{_density(look)}; CSF has 0 to 15, fresh blood 50 to 80"
    return Doubt("mask density", what, "is it this image's mask")


def _box(look: MaskLook) -> Doubt | None:
    if look.fill is None or look.fill < BOX_FILL:
        return None
    what = f"fills {look.fill:.0%} of the boxes around it in its slices, a disc would fill 79%"
    return Doubt(OUTLINE, what, "is it the structure's outline, or a box around it")


def _outline(look: MaskLook) -> Doubt | None:
    if look.edge is None or abs(look.edge) >= EDGE_HU:
        return None
    what = (
        f"follows no edge of the image: within its outline are {abs(look.edge):.1f} HU "
        f"{'less' if look.edge < 0 else 'more'} than without"
    )
    return Doubt(OUTLINE, what, "is it drawn too wide, or not this image's mask")


def _midline(look: MaskLook) -> Doubt | None:
    if look.contrast is None or look.edge is None:
        return None
    if look.unlike < 0 and look.no_brain > MUCH / 3:
        what = f"shows neither falx nor CSF, and reaches into air or bone ({_where(look)})"
    elif look.unlike < NO_FALX_SHARE and abs(look.edge) < NO_FALX_EDGE_HU:
        what = "shows neither falx nor CSF, but what surrounds it"
    else:
        return None
    return Doubt("mask place", what, "is it this image's mask")


def _density(look: MaskLook) -> str:
    less = look.contrast is not None and look.contrast < 0
    around = (
        ""
        if look.contrast is None
        else f", {abs(look.contrast):.0f} {'less' if less else 'more'} than what surrounds it"
    )
    return f"holds {look.mean:.0f} HU on average{around}"


def _where(look: MaskLook) -> str:
    shares = {"outside of the head": look.outside, "in air": look.air, "in bone": look.bone}
    return ", ".join(f"{share:.0%} {where}" for where, share in shares.items() if share >= 0.005)
