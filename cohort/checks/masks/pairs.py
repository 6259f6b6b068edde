"""What speaks against the masks of a case taken together.

Two of them may be equal, both ventricles not match, or the midline lie far from the middle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cohort.checks.masks.doubts import HEMATOMA_HU, VENTRICLES, shows_no_falx
from cohort.checks.masks.look import MaskLook
from cohort.checks.masks.middle import off_middle
from cohort.facts.structures import BY_ID
from cohort.faults import CheckResult

MIDLINE_MM = 18.0
"""Farthest of a midline's centre from that of the head. The brain is shifted by 5 mm and more in
grave cases; the falx, most of what is drawn, by less (our choice)."""
FLAT_MM = 8.0
"""Largest standard deviation of a midline's points from the plane through them (our choice)."""
APART_MM = (15.0, 70.0)
"""Bounds of how far the centres of both lateral ventricles lie apart (our choice)."""
LEVEL_MM = 30.0
"""Most that one lies higher, or farther in front, than the other (our choice)."""
RATIO = 20.0
"""Largest ratio of their volumes. One is the larger in 5 to 20 % of people; a bleed can close one
nearly (our choice)."""
OVERLAP = 0.5
"""Share of the smaller ventricle that both masks hold from which one of them shows both."""
LEAST_ML = 0.5
"""Less of a ventricle has no centre that tells much."""
ENOUGH_POINTS = 2000
EXCHANGED_HU = 8.0
"""How much more than the hematoma a ventricle holds only if both are exchanged: blood in ventricles
is thinned by CSF. In generated scans it is 4 HU more at most, beside old blood."""
EMPTY_ML = 2.0
"""A ventricle of which the other side has more is not seldom compressed, but seldom all gone."""
FILLS = 0.95
"""Share of a structure, and of what lies in it, that both hold from which one fills the other."""
END_SHARE = 0.12
"""Share of a midline's points that are its end, in front or behind."""
ENDS_MM, END_MM = 8.0, 3.0
"""Ends that lie beyond the first on average, each beyond the second, on one side of the head's
middle. The falx is attached to the skull there, so that a bleed doesn't shift them: generated heads
have 6.4 mm and 2.3 mm at most, with shifts of 10 mm among them."""
FAINT_MM, FAINT_END_MM = 3.5, 8.0
"""The same of a midline that shows hardly any falx or CSF: of its ends on average, and of one of
them, whichever way. On the 120 mapped heads they were chosen on no right one has more; on 120
others two had. Of those moved by 6 mm 56 of 60 are noted, by 10 mm all."""


def check_together(
    image: Path,
    looks: Mapping[str, MaskLook],
    paths: Mapping[str, Path],
    head: NDArray[np.float64] | None,
    found: CheckResult,
) -> None:
    """Add to `found` what is wrong with several masks, or unusual.

    Parameters
    ----------
    image
        File of the scan.
    looks, paths
        What is under each mask, and its file, by structure.
    head
        Centre of the head, RAS+ mm; None if it is not known.
    """
    for one, other in combinations(looks, 2):
        if one in BY_ID[other].lies_in or other in BY_ID[one].lies_in:
            continue  # blood may fill a ventricle: `check_filled`
        if looks[one].digest == looks[other].digest:
            found.problem(
                paths[other],
                f"has the same voxels as the mask of {one}, {paths[one]}: two structures cannot "
                f"be one; give the mask of {other}.",
            )
    if "midline" in looks and head is not None:
        _check_midline(paths["midline"], looks["midline"], head, found)
    left, right = looks.get("ventricle_left"), looks.get("ventricle_right")
    if left and right and left.digest != right.digest:
        _check_ventricles(image, left, right, found)


def check_exchanged(
    looks: Mapping[str, MaskLook], paths: Mapping[str, Path], found: CheckResult
) -> None:
    """Add a note if a ventricle is denser than the hematoma by far."""
    bleed = looks.get("hematoma")
    for name in ("ventricle_left", "ventricle_right"):
        look = looks.get(name)
        if bleed and look and look.mean - bleed.mean > EXCHANGED_HU and look.digest != bleed.digest:
            found.note(
                paths[name],
                "ventricles",
                f"holds {look.mean:.0f} HU on average and the hematoma {bleed.mean:.0f}, though "
                "blood in ventricles is thinner: are both masks exchanged?",
            )


def check_filled(
    looks: Mapping[str, MaskLook], paths: Mapping[str, Path], found: CheckResult
) -> None:
    """Refuse a mask of blood in ventricles that is the ventricles' own of CSF; note a cast."""
    blood = looks.get("ventricular_blood")
    ventricles = [name for name in VENTRICLES if name in looks]
    if blood is None or not ventricles:
        return
    for names in (ventricles, *([name] for name in ventricles)):
        every = np.unique(np.concatenate([looks[name].indices for name in names]))
        ml = sum(looks[name].ml for name in names)
        both = np.intersect1d(every, blood.indices, assume_unique=True).size
        alike = both / max(every.size, blood.indices.size)
        if alike < FILLS or abs(blood.ml - ml) > (1 - FILLS) * ml:
            continue
        whose = " and ".join(names)
        if blood.mean < HEMATOMA_HU[0]:
            found.problem(
                paths["ventricular_blood"],
                f"has the same voxels as {whose}, which hold {blood.mean:.0f} HU on average as CSF "
                "does: that is no blood. Give the mask of the blood, or an empty one if there is "
                "none.",
            )
        else:
            found.note(
                paths["ventricular_blood"],
                "ventricles",
                f"fills all of {whose} ({blood.mean:.0f} HU on average): is it the blood's mask, "
                "and not the ventricle's?",
            )
        return


def check_one_empty(
    image: Path, looks: Mapping[str, MaskLook], empty: Collection[str], found: CheckResult
) -> None:
    """Add a note if one ventricle's mask is empty beside a full one."""
    for name, other in (
        ("ventricle_left", "ventricle_right"),
        ("ventricle_right", "ventricle_left"),
    ):
        if name in empty and other in looks and looks[other].ml > EMPTY_ML:
            found.note(
                image,
                "ventricles",
                f"the mask of {name} is empty, and the other ventricle's has "
                f"{looks[other].ml:.1f} mL: was it drawn?",
            )


def check_midline_ends(
    path: Path, look: MaskLook, plane: NDArray[np.float64], found: CheckResult
) -> None:
    """Add a note if the midline's ends lie off the plane that halves the head.

    Both far on one side of it; or less far, where the mask shows neither falx nor CSF.
    """
    off, y = off_middle(plane, look.points), look.points[:, 1]
    behind, front = np.quantile(y, [END_SHARE, 1 - END_SHARE])
    ends = np.array([off[y <= behind].mean(), off[y >= front].mean()])
    aside = float(ends.mean())
    if abs(aside) > ENDS_MM and (np.sign(aside) * ends > END_MM).all():
        found.note(
            path,
            "midline",
            f"lies {abs(aside):.0f} mm to the patient's {'right' if aside > 0 else 'left'} of the "
            "middle of the head in front and behind, where no bleed shifts it: is it this image's "
            "mask?",
        )
    elif shows_no_falx(look) and (abs(aside) > FAINT_MM or np.abs(ends).max() > FAINT_END_MM):
        found.note(
            path,
            "mask place",
            f"shows neither falx nor CSF, and lies up to {np.abs(ends).max():.0f} mm off the "
            "middle of the head in front or behind: is it this image's mask?",
        )


def _check_midline(path: Path, look: MaskLook, head: NDArray, found: CheckResult) -> None:
    off = float(look.points[:, 0].mean() - head[0])
    if abs(off) > MIDLINE_MM:
        found.note(
            path,
            "midline",
            f"lies {abs(off):.0f} mm to the patient's {'right' if off > 0 else 'left'} of the "
            "middle of the head: is it this image's mask?",
        )
    some = look.points[:: 1 + len(look.points) // ENOUGH_POINTS]
    around = some - some.mean(axis=0)
    slopes, *_ = np.linalg.lstsq(around[:, 1:], around[:, 0], rcond=None)
    spread = float((around[:, 0] - around[:, 1:] @ slopes).std())
    if spread > FLAT_MM:
        found.note(
            path,
            "midline",
            f"is not a thin plane from front to back: its points lie {spread:.0f} mm off one on "
            "average. Is it the midline's mask?",
        )


def _check_ventricles(image: Path, left: MaskLook, right: MaskLook, found: CheckResult) -> None:
    small, large = sorted([left.ml, right.ml])
    if large > RATIO * small:
        found.note(
            image,
            "ventricles",
            f"one lateral ventricle's mask has {large:.1f} mL and the other's {small:.2g} mL: "
            "is one of them closed, or not drawn in full?",
        )
    both = np.intersect1d(left.indices, right.indices, assume_unique=True).size
    shared = both / min(left.indices.size, right.indices.size)
    if shared > OVERLAP:
        found.note(
            image,
            "ventricles",
            f"the masks of both lateral ventricles share {shared:.0%} of the smaller one's voxels: "
            "does each show one ventricle?",
        )
        return
    if small < LEAST_ML:
        return
    x, y, z = np.abs(left.points.mean(axis=0) - right.points.mean(axis=0))
    if not APART_MM[0] <= x <= APART_MM[1]:
        found.note(
            image,
            "ventricles",
            f"the masks of both lateral ventricles lie {x:.0f} mm apart, usually 20 to 50: does "
            "each show one ventricle?",
        )
    elif max(y, z) > LEVEL_MM:
        found.note(
            image,
            "ventricles",
            f"one lateral ventricle's mask lies {max(y, z):.0f} mm "
            f"{'farther in front' if y > z else 'higher'} than the other's: are both this image's?",
        )
