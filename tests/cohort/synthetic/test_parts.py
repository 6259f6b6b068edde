"""The parts that generated heads are made of."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from cohort.base.errors import UsageError
from cohort.synthetic.anatomy.deformation import mass_effect
from cohort.synthetic.bleeds.place import grow
from cohort.synthetic.fields import Noise, Points, ellipsoid, inside, tube
from cohort.synthetic.plan import LARGEST_SHIFT_MM, VOLUMES_ML, draw_plan
from cohort.synthetic.style import STYLES, differences
from cohort.synthetic.truth import compressed_ventricle


def points(*rows: tuple[float, float, float]) -> Points:
    return Points(*np.array(rows, dtype=np.float32).T)


def test_ellipsoid_measures_millimetres_on_its_axes() -> None:
    p = points((10, 0, 0), (12, 0, 0), (0, 18, 0), (0, 0, 7))
    assert ellipsoid(p, (0, 0, 0), (10, 20, 5)) == pytest.approx([0, 2, -2, 2], abs=0.35)


def test_ellipsoid_turns_from_posterior_to_the_left() -> None:
    p = points((14.1, 14.1, 0), (-14.1, 14.1, 0))
    toward_left, toward_right = ellipsoid(p, (0, 0, 0), (5, 20, 5), turn=45)
    assert toward_left == pytest.approx(0, abs=0.3)
    assert toward_right > 5


def test_tube_widens_along_its_line() -> None:
    p = points((0, 5, 0), (0, 10, 4), (3, 0, 0))
    line = ((0, 0, 0, 1), (0, 10, 0, 3))
    assert tube(p, line) == pytest.approx([-2, 1, 2], abs=1e-5)


def test_inside_shares_the_voxel_at_the_surface() -> None:
    assert inside(np.float32([-2, -0.25, 0, 2]), 1.0) == pytest.approx([1, 0.75, 0.5, 0])


def test_noise_is_smooth_and_repeats_only_after_its_lattice() -> None:
    noise = Noise(np.random.default_rng(0), cells=16)
    line = np.arange(0, 64, 0.25, dtype=np.float32)
    p = Points(line, 0 * line, 0 * line)
    values = noise(p, 2.0)
    assert np.abs(np.diff(values)).max() < 0.4
    assert values[0] == pytest.approx(values[128], abs=1e-4)
    assert not np.allclose(values[:60], values[60:120], atol=0.3)


def test_plans_stay_within_what_their_site_holds() -> None:
    rng = np.random.default_rng(4)
    plans = [draw_plan(rng) for _ in range(600)]
    sites = Counter(plan.site for plan in plans)
    free = sites.pop(None)
    assert free / len(plans) == pytest.approx(0.125, abs=0.03)
    plans = [plan for plan in plans if plan.site is not None]
    assert sites["basal_ganglia"] / len(plans) == pytest.approx(0.6, abs=0.08)
    assert set(sites) == set(VOLUMES_ML)
    for plan in plans:
        _, _, least, most = VOLUMES_ML[plan.site]
        assert least <= plan.volume_ml <= most
        assert 0 <= plan.shift_mm <= LARGEST_SHIFT_MM
        assert (plan.lobe is not None) == (plan.site == "lobar")
        assert plan.side is not None or plan.site == "brainstem"
        if plan.site in ("cerebellum", "brainstem"):
            assert plan.shift_mm == 0
    shifts = {plan.shift_mm > 2: [] for plan in plans}
    for plan in plans:
        shifts[plan.shift_mm > 2].append(plan.volume_ml)
    assert np.mean(shifts[True]) > 2 * np.mean(shifts[False])


def test_mass_effect_moves_the_midline_as_far_as_asked_and_never_the_skull() -> None:
    effect = mass_effect((30.0, -12.0, 6.0), 40.0, 8.0, -1.0)
    y, z = np.meshgrid(np.arange(-60, 61, 4.0), np.arange(-10, 41, 4.0))
    middle = Points(*(a.ravel().astype(np.float32) for a in (0 * y, y, z)))
    deep = np.full(y.size, 50, dtype=np.float32)
    moved = middle.x - effect.origin(middle, deep).x
    assert moved.min() == pytest.approx(-8, abs=1)
    assert moved.max() <= 0
    surface = effect.origin(middle, 0 * deep)
    assert np.array_equal(surface.x, middle.x) and np.array_equal(surface.z, middle.z)


def test_mass_effect_never_folds_tissue() -> None:
    effect = mass_effect((30.0, -12.0, 6.0), 60.0, 12.0, -1.0)
    x = np.arange(-60, 60, 0.5, dtype=np.float32)
    for y in (-30, -12, 10):
        line = Points(x, 0 * x + y, 0 * x + 6)
        origin = effect.origin(line, 66 - np.abs(x))
        assert np.diff(origin.x).min() > 0


def test_clot_has_the_wanted_voxels_and_is_one_piece() -> None:
    field = np.abs(np.arange(20.0))[None, None] * np.ones((1, 1, 1))
    allowed = np.ones((1, 1, 20), dtype=bool)
    allowed[0, 0, 4:6] = False  # a gap: what lies beyond is not part of the clot
    mask = grow(field, allowed, 3)
    assert np.flatnonzero(mask).tolist() == [0, 1, 2]
    field[0, 0, 6] = 0.5
    assert np.flatnonzero(grow(field, allowed, 4)).tolist() == [0, 1, 2, 3]


def test_grid_without_room_for_the_bleed_is_bad_usage() -> None:
    with pytest.raises(UsageError, match="too small"):
        grow(np.zeros((1, 2, 2)), np.ones((1, 2, 2), dtype=bool), 5)


def test_compressed_ventricle_is_the_much_smaller_one() -> None:
    small, large = np.ones(70), np.ones(100)
    assert compressed_ventricle(small, large) == "left"
    assert compressed_ventricle(large, small) == "right"
    assert compressed_ventricle(np.ones(80), large) is None
    assert compressed_ventricle(np.zeros(10), np.zeros(10)) is None


def test_an_emergency_room_sees_other_bleeds() -> None:
    kinds = {}
    for name in ("routine", "emergency"):
        rng = np.random.default_rng(4)
        plans = [draw_plan(rng, STYLES[name]) for _ in range(600)]  # type: ignore[index]
        kinds[name] = (
            np.mean([plan.subarachnoid is not None or plan.layer is not None for plan in plans]),
            np.mean([plan.ventricular is not None for plan in plans]),
            np.mean([plan.site is None for plan in plans]),
            np.median([plan.volume_ml for plan in plans if plan.site]),
        )
    outer, ventricular, free, volume = zip(*kinds.values(), strict=True)
    assert outer[0] < 0.2 and 0.45 < outer[1] < 0.65
    assert ventricular[1] > 1.2 * ventricular[0]
    assert free[1] == pytest.approx(0.2, abs=0.04) and volume[1] < 0.75 * volume[0]
    # Its scanner is routine's.
    assert set(differences("emergency")) & {"noise_hu", "tilt", "sharp", "thick"} == set()


def test_neurosurgeons_see_large_shifts() -> None:
    large = {}
    for name in ("routine", "neurosurgery"):
        rng = np.random.default_rng(4)
        plans = [draw_plan(rng, STYLES[name]) for _ in range(600)]  # type: ignore[index]
        large[name] = np.mean([plan.shift_mm >= 5 for plan in plans])
    assert large["routine"] < 0.15 and 0.35 < large["neurosurgery"] < 0.7
