"""From where on something counts: limits that measurements, checks, generator and report share.

Where two limits of one meaning have two values, both stand here, under names of their own: results
would change if they became one.
"""

from __future__ import annotations

NO_SHIFT_MM = 1.5
"""Below this a midline counts as straight: no reader measures less."""

MIDLINE_SMOOTH_MM = 10.0
"""Length over which a midline is smoothed, and its ends fitted; shorter pieces are specks.

Single rows of a drawn or predicted line are ragged by a pixel or two; the shift of a brain
changes over centimetres.
"""

COMPRESSED_SHARE = 0.75
"""A lateral ventricle of less than this share of the other's volume is compressed, if blood lies
on its side: our choice. Healthy ones differ too, hence the second condition."""

BLEED_ML = 0.1
"""Least volume that counts as a bleed, or as a piece of one.

A ball of 5.8 mm across: what is smaller fits between two slices of 5 mm, and in a drawn mask is
rather a speck left by the pen than a bleed.
"""

VENTRICULAR_BLOOD_ML = BLEED_ML
"""Least volume of blood in the ventricles that counts as present; generated records name it from
here on, too."""
OUTER_BLOOD_ML = 1.0
"""Least volume of blood outside the brain from which on a scan is said to have it: our choice. Less
is a sulcus or two, or a rim of bone that was taken for blood."""

AGES_APART_YEARS = 2.0
"""Two ages further apart than this are not one person's: a record may count in the Chinese way
(虚岁), one year or two more than birthdays do."""

OLDEST_YEARS = 90
"""Ages from here on count as one where data are to be shared: so few people reach them that an age
says who it is (HIPAA's Safe Harbor, 45 CFR 164.514(b)(2)(i)(C): all ages over 89)."""

LARGE_ML = 30.0
"""From here on a hematoma is large, and surgery is thought of above the tentorium: one point of the
ICH score (Hemphill et al. 2001, doi:10.1161/01.STR.32.4.891). A limit counts as reached, here and
below, where it is met exactly."""
LARGE_IN_CEREBELLUM_ML = 10.0
"""The same of one in the cerebellum, as Chinese surgeons use it: a custom, for which we found no
guideline whose text we could read. The guideline of AHA and ASA (Greenberg et al. 2022,
doi:10.1161/STR.0000000000000407) recommends removal from 15 mL on, so that a case between the two
is worth a look either way."""
LARGE_SHIFT_MM = 5.0
"""From here on a shift of the midline is taken as a sign of raised pressure and speaks for
surgery: a custom, too, whose source we could not read."""

GROWTH_ML = 6.0
GROWTH_PERCENT = 33.0
"""From either on a hematoma has grown between two scans: the usual definition (Dowlatshahi et al.
2011, doi:10.1212/WNL.0b013e3182143317)."""
VENTRICULAR_GROWTH_ML = 1.0
"""By the revised definition it has grown as well where blood appears in ventricles that had none,
or grows in them by this (Yogendrakumar et al. 2020, doi:10.1161/STROKEAHA.119.027451)."""
GROWTH_WITHIN_HOURS = 72.0
"""Both definitions are used of a second scan 24 to 72 hours after the first (review,
doi:10.1055/a-2154-4603); of later ones nothing is known of what growth by them means."""

HEAD_HEIGHT_MM = 140
"""From the skull base to the vertex, about."""
SLAB_SLICES, SLAB_MM = 8, 80.0
"""Less of a head is a slab: from the orbits to the vertex it is more, of an infant as well. Front
and back may look alike in it, nothing tells which way up it lies, and it need not show brain for
the most part."""

# Hounsfield units, from air up to bone. The scale has -1000 for air and 0 for water; textbooks give
# fat -150 to -50, CSF 0 to 15, white matter 20 to 30, grey matter 37 to 45, clotted blood 50 to 80,
# and bone 300 and more. Where nothing else is said, the bounds between them are our choice.

PURE_AIR_HU = -1000
"""Air, by the definition of the scale."""
CALIBRATED_AIR_HU = 100
"""Single voxels this near to `PURE_AIR_HU` are air as it was measured, noise included."""
NEAR_AIR_HU = 150
"""A median this near to `PURE_AIR_HU` is air's; the same meaning as `CALIBRATED_AIR_HU`, wider."""
ALL_AIR_HU = -700
"""Below it there is no tissue in a voxel to speak of: air, foam, lung."""
AIR_HU = -500
"""Halfway from air to water: below it a voxel is mostly air, and a scan that has such voxels shows
air."""
BODY_HU = -300
"""Above it is the head, and what it lies on; below it is air. In coarse copies, where skin shares
its voxels with air."""
FAT_HU = -200
"""Fat, the lightest tissue, reads more. The same meaning as `BODY_HU`, nearer to tissue."""
SOFT_HU = (-30.0, 110.0)
"""Brain, fluid, blood, muscle and skin lie between, noise included."""
SOFT_BESIDE_MASKS_HU = (-20.0, 120.0)
"""The same, where it surrounds a mask."""
FLUID_TO_BLOOD_HU = (0.0, 100.0)
"""What is compared of tissue: below it everything counts as air, above it as bone."""
TISSUE_FROM_HU = 10.0
"""Above it is tissue; below are fluid, fat and air."""
CUT_OUT_FROM_HU = 8.0
"""The same, of the slices that a network learns from, which are cut to the head."""
USUAL_BRAIN_HU = 35.0
"""About the middle of grey and white matter."""
BRAIN_PEAK_HU = (18, 44)
"""Brain's most frequent value. It is 22 to 39 in all scans at hand (200 generated, 17 slices of
BHSD, HICH-IT, and a GE scanner's head of dcm_qa_ct); the bounds lie four or five units further."""
BRAIN_MEAN_HU = (22.0, 48.0)
"""Bounds of the mean of a piece of brain: white matter has 30 HU, deep grey matter 33, each with a
standard deviation of 3 (Cala et al. 1981, AJNR 2:41); the rest is room for noise and
calibration."""
MOST_BRAIN_HU = 90
"""More than brain with fresh blood or contrast medium has."""
BONE_AS_BLOOD_HU = 100
"""In scans that were cut below it, bone reads what blood reads, 50 to 80 HU and more with its
noise."""
LEAST_CUT_BONE_HU = 80
"""The same, where masks are looked at: such scans come that far only if they were forced."""
THIN_BONE_HU = 150
"""Bone begins here, thin bone with brain on both sides in its voxels included."""
BONE_HU = 300
"""From here on it is bone or metal and no blood: contrast medium in blood seldom reads more. A scan
that does not reach it was cut, or shows no bone."""
METAL_HU = 2500
"""From here on it is metal: compact bone and teeth seldom read more, and clips, coils and fillings
reach the end of most scanners' scales, 3071. Our choice."""
