"""From where on something counts: limits that measurements, generator and report share."""

from __future__ import annotations

NO_SHIFT_MM = 1.5
"""Below this a midline counts as straight: no reader measures less."""

COMPRESSED_SHARE = 0.75
"""A lateral ventricle of less than this share of the other's volume is compressed, if blood lies
on its side: our choice. Healthy ones differ too, hence the second condition."""

BLEED_ML = 0.1
"""Least volume that counts as a bleed, or as a piece of one.

A ball of 5.8 mm across: what is smaller fits between two slices of 5 mm, and in a drawn mask is
rather a speck left by the pen than a bleed.
"""
