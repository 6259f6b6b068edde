"""Volumes of all orientations are turned to LPS and back."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import fuzz

from cohort.space.affine import axcodes_of, make_affine
from cohort.space.grid import Grid
from imaging.space.orientation import file_slice, lps_view

ORIENTATIONS = [
    "".join(codes)
    for triple in itertools.permutations([("L", "R"), ("P", "A"), ("I", "S")])
    for codes in itertools.product(*triple)
]

orientations = st.sampled_from(ORIENTATIONS)
shapes = st.tuples(*[st.integers(1, 5)] * 3)
spacings = st.tuples(*[st.sampled_from((0.4, 0.5, 1.25, 5.0))] * 3)


@fuzz(100)
@given(axcodes=orientations, shape=shapes, spacing=spacings)
def test_a_voxel_stays_where_it_is_in_the_patient(
    axcodes: str, shape: tuple[int, int, int], spacing: tuple[float, float, float]
) -> None:
    affine = make_affine(axcodes, spacing, shape)
    # Each voxel's value is its number, so that it is known again in the turned array.
    volume = np.arange(np.prod(shape)).reshape(shape)
    turned, turned_affine = lps_view(volume, affine), Grid(shape, affine).lps.affine
    assert "".join(axcodes_of(turned_affine)) == "LPS"
    assert Grid(shape, affine).lps.spacing == pytest.approx(Grid(shape, turned_affine).spacing)
    for index in np.ndindex(*turned.shape):
        before = np.unravel_index(turned[index], shape)
        there = (affine @ (*before, 1))[:3]
        assert (turned_affine @ (*index, 1))[:3] == pytest.approx(there, abs=1e-3)


@fuzz(100)
@given(axcodes=orientations, shape=shapes, data=st.data())
def test_what_is_written_in_lps_stands_in_the_file_s_own_array(
    axcodes: str, shape: tuple[int, int, int], data: st.DataObject
) -> None:
    affine = make_affine(axcodes, (1, 1, 1), shape)
    volume = np.zeros(shape, np.int16)
    view = lps_view(volume, affine)
    height = data.draw(st.integers(0, view.shape[2] - 1))
    view[:, :, height] = 1
    axial = next(axis for axis, code in enumerate(axcodes) if code in "IS")
    (own,) = np.flatnonzero(np.moveaxis(volume, axial, 0).all(axis=(1, 2)))
    assert file_slice(height, affine, shape) == own
    assert file_slice(int(own), affine, shape) == height  # and back
    again = lps_view(view, Grid(shape, affine).lps.affine)
    assert np.shares_memory(again, volume) and (again == view).all()
