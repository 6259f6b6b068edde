"""What the numbers in a label map of a whole head mean.

FreeSurfer's numbers within the brain, and those that SynthSeg's training maps (Billot et al. 2023,
doi:10.1016/j.media.2023.102789) have for what lies around it, looked up by eye on the maps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

AIR = 0
WHITE = (2, 41, 7, 46, 28, 60, 85, 16, 512)
"""White matter, ventral diencephalon, optic chiasm, brainstem, spinal cord."""
PALE = (25, 57)
"""White matter that is ill: dark on CT."""
CORTEX_LEFT, CORTEX_RIGHT = (3, 42)
WHITE_LEFT, WHITE_RIGHT = (2, 41)
GREY = (3, 42, 8, 47, 10, 11, 12, 13, 17, 18, 26, 30, 49, 50, 51, 52, 53, 54, 58, 62)
"""Cortex, cerebellar cortex, thalamus, striatum, pallidum, hippocampus, amygdala, accumbens."""
VENTRICLE_LEFT = (4, 5, 136, 137)
"""Lateral ventricle with its inferior horn, and the plexus in both."""
VENTRICLE_RIGHT = (43, 44, 163, 164)
PLEXUS = (136, 137, 163, 164)
CENTRAL = (14, 15)
"""Third and fourth ventricle."""
CAVUM = (72,)
CSF = (24,)
"""All fluid outside of the ventricles."""
SINUS = (514,)
"""Venous sinuses, which lie within the dura."""
INFRATENTORIAL = (7, 8, 46, 47, 16, 15)
CEREBELLUM = (7, 8, 46, 47)
CEREBRUM = (2, 3, 41, 42)
COMPACT_BONE, DIPLOE = (515,), (516,)
SOFT, SKIN_AND_FAT = (507, 530), (511,)
"""Muscle, glands and whatever lies between; the rind of the head."""
EYE, NERVE, MUCOSA, CAROTID = (506,), (508,), (509,), (502,)

BRAIN = (*WHITE[:-1], *PALE, *GREY)
FLUID = (*VENTRICLE_LEFT, *VENTRICLE_RIGHT, *CENTRAL, *CAVUM, *CSF)
CAVITY = (*BRAIN, *FLUID, *SINUS)
"""All that lies within the inner table."""
KNOWN = frozenset(
    (AIR, *CAVITY, 512, *COMPACT_BONE, *DIPLOE, *SOFT, *SKIN_AND_FAT)
    + (*EYE, *NERVE, *MUCOSA, *CAROTID)
)
NEEDED: dict[str, tuple[int, ...]] = {
    "white matter": (2, 41),
    "cortex": (3, 42),
    "left lateral ventricle": (4,),
    "right lateral ventricle": (43,),
    "cerebrospinal fluid": CSF,
    "skull": COMPACT_BONE,
    "left and right putamen": (12, 51),
    "left and right thalamus": (10, 49),
    "the brainstem": (16,),
    "the cerebellum": (8, 47),
}
"""Without one of these a map makes no head."""

PLACES_RAS: dict[tuple[int, ...], tuple[float, float, float]] = {
    # Centres of structures in Talairach's frame, mm, RAS; rounded from atlases.
    (12,): (-25, 1, 0),
    (51,): (25, 1, 0),
    (10,): (-11, -18, 7),
    (49,): (11, -18, 7),
    (11,): (-13, 10, 10),
    (50,): (13, 10, 10),
    (17,): (-26, -22, -14),
    (53,): (26, -22, -14),
    (18,): (-23, -4, -19),
    (54,): (23, -4, -19),
    (16,): (0, -28, -31),
    (8,): (-24, -61, -34),
    (47,): (24, -61, -34),
    (3,): (-34, -22, 16),
    (42,): (34, -22, 16),
}
"""Where labels lie in a head that looks straight ahead."""


def among(labels: NDArray[np.int16], numbers: Sequence[int]) -> NDArray[np.bool_]:
    """Return where a map has one of some labels: `numpy.isin`, several times as fast.

    Examples
    --------
    >>> among(np.array([0, 2, 41, 3], np.int16), (2, 41)).tolist()
    [False, True, True, False]
    """
    table = np.zeros(max(int(labels.max(initial=0)), *numbers) + 1, bool)
    table[list(numbers)] = True
    return np.asarray(table[labels])
