"""The robust fit against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares

from imaging.space.robust import robust_fit


@pytest.mark.parametrize("seed", range(5))
def test_the_fit_is_the_one_that_scipy_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.linspace(-1, 1, 60)
    design = np.stack([np.ones(60), x, x**2], axis=1)
    values = design @ (1.0, -2.0, 3.0) + rng.normal(0, 0.2, 60)
    values[::9] += rng.uniform(5, 30, values[::9].shape)
    oracle = least_squares(
        lambda c: design @ c - values, np.linalg.lstsq(design, values, rcond=None)[0],
        loss="cauchy", f_scale=1.0,
    )  # fmt: skip
    assert robust_fit(design, values, 1.0) == pytest.approx(oracle.x, abs=0.02)


def test_of_columns_that_depend_on_each_other_the_shortest_solution_is_taken() -> None:
    design = np.stack([np.ones(8), np.zeros(8)], axis=1)
    assert robust_fit(design, np.full(8, 3.0), 1.0) == pytest.approx([3.0, 0.0])
