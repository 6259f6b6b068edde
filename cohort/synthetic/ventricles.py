"""The ventricles as distance fields: two lateral, third and fourth."""

from __future__ import annotations

import numpy as np

from cohort.synthetic.fields import Field, Points, ellipsoid, smooth_min, tube
from cohort.synthetic.physique import Physique

# Centre lines (x, y, z, radius) of the left ventricle, mm; after the axial plates of Talairach
# and Tournoux's atlas (1988).
FRONTAL_HORN_AND_BODY = (
    (13.5, -47, 1, 1.4),
    (11, -39, 5, 3.2),
    (7.5, -27, 9, 3.6),
    (5.6, -15, 14, 3.6),
    (7.0, -2, 19, 4.2),
    (11.5, 10, 20, 4.6),
    (20, 23, 14, 5.4),
    (24, 29, 6, 5.6),
)
OCCIPITAL_HORN = ((24, 29, 6, 5.2), (23.5, 42, 4, 3.6), (20.5, 57, 3, 0.8))
TEMPORAL_HORN = ((24.5, 28, 4, 4.6), (30, 17, -9, 2.0), (33, 2, -17, 1.5), (31, -9, -22, 1.0))
TALL = 0.62
"""Frontal horn and body are taller than wide."""
SEPTUM = 0.9
"""Half-thickness of the septum pellucidum with the tissue beside it, mm."""
LATERAL_CENTRE, LATERAL_REACH = (0, 5, 2), (48, 68, 36)
"""Box that holds both lateral ventricles."""
CENTRAL_CENTRE, CENTRAL_REACH = (0, 6, -16), (16, 34, 36)
"""Box that holds the third and the fourth ventricle."""


def lateral_ventricles(p: Points, physique: Physique) -> Field:
    """Return the distance in mm from the lateral ventricle of each point's own side."""
    left = p.mirrored()
    horn = tube(left, FRONTAL_HORN_AND_BODY, flat=TALL)
    back = smooth_min(tube(left, OCCIPITAL_HORN), tube(left, TEMPORAL_HORN), 1.5)
    walls = smooth_min(horn, back, 2.0) - physique.ventricle
    walls -= np.sign(p.x) * np.float32(physique.ventricle_asymmetry)
    return np.maximum(walls, SEPTUM - left.x)


def third_and_fourth_ventricle(p: Points, physique: Physique) -> Field:
    """Return the distance in mm from the third and the fourth ventricle."""
    wide = 1.4 + 1.6 * physique.atrophy
    third = ellipsoid(p, (0, -6, -1), (wide, 14, 11))
    # The vermis dents the fourth ventricle from behind, which makes its horseshoe.
    fourth = np.maximum(
        ellipsoid(p, (0, 28, -35), (7.5 + wide, 5.5, 9)),
        -ellipsoid(p, (0, 33.5, -34), (5.0, 5.0, 8)),
    )
    return np.minimum(third, fourth)
