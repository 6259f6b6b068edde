"""The axes that a record gives make its volume."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest

from cohort.synthetic.record import numbers as numbers
from cohort.synthetic.record.grammar import write
from tests.cohort.synthetic.record.conftest import volumes_in


@pytest.mark.parametrize("volume", [2.0, 4.9, 14.2, 33.3, 60.0])
def test_axes_give_the_volume_by_abc_over_2(volume):
    for seed in range(20):
        words = write(
            numbers.axes(volume, np.random.default_rng(seed)), {}, np.random.default_rng(0)
        )[0]
        told = volumes_in({"VOLUME": [unicodedata.normalize("NFKC", words)]})
        assert told == [pytest.approx(volume, rel=0.1)]
