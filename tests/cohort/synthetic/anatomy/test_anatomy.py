"""What makes generated heads differ: size, age's traces, calcifications, asymmetry."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cohort.synthetic import head as module
from cohort.synthetic.anatomy.calcification import SHARES, Drain, Spot, draw_dense, draw_spots
from cohort.synthetic.anatomy.old_damage import Damage, draw_damage, draw_old_damage
from cohort.synthetic.anatomy.skull import AIR, cavity, draw_skull
from cohort.synthetic.anatomy.ventricles import cavum, lateral_ventricles
from cohort.synthetic.fields import Noise, Points
from cohort.synthetic.head import Head, draw_head
from cohort.synthetic.physique import Asymmetry, Physique, draw_physique
from cohort.synthetic.scanner.coding import Coding
from cohort.synthetic.scanner.scan import Acquisition, draw_scan
from cohort.synthetic.style import STYLES

ROUTINE = STYLES["routine"]
NOISE = Noise(np.random.default_rng(0))


def points(*rows: tuple[float, float, float]) -> Points:
    return Points(*np.array(rows, dtype=np.float32).T)


def person(seed: int = 0, age: int = 60, sex: str = "male", **changes: Any) -> Physique:
    drawn = draw_physique(np.random.default_rng(seed), age, sex, ROUTINE)
    return replace(drawn, **changes)


def grid(step: float = 3.0) -> Points:
    ranges = ((-50, 50), (-62, 74), (-36, 40))
    axes = [np.arange(low, high, step, dtype=np.float32) for low, high in ranges]
    return Points(*(axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")))


def ventricle_ml(physique: Physique, step: float = 3.0) -> tuple[float, float]:
    """Return the volumes of the left and the right lateral ventricle."""
    p = grid(step)
    inside = lateral_ventricles(physique.reference(p), physique, NOISE) < 0
    left, right = (float((inside & side).sum()) for side in (p.x > 0, p.x < 0))
    return left * step**3 / 1000, right * step**3 / 1000


def test_ventricles_grow_with_age_and_scatter_within_published_volumes() -> None:
    total = {
        age: np.array([sum(ventricle_ml(person(seed, age))) for seed in range(24)])
        for age in (40, 60, 80)
    }
    medians = [float(np.median(volumes)) for volumes in total.values()]
    assert medians[0] < 0.75 * medians[1] and medians[1] < 0.75 * medians[2]
    # What the ranges aim at: 10 to 20 mL in the young, 30 to 50 at eighty.
    assert 8 < medians[0] < 22 and 28 < medians[2] < 52
    assert np.ptp(total[60]) > 15


def test_sides_of_the_ventricles_differ_and_neither_is_favoured() -> None:
    pairs = np.array([ventricle_ml(person(seed)) for seed in range(40)])
    share = (pairs[:, 0] - pairs[:, 1]) / pairs.sum(axis=1)
    assert np.abs(share).max() > 0.15
    assert abs(share.mean()) < 0.08
    assert np.median(np.abs(share)) < 0.2


def test_occipital_horn_is_as_long_as_drawn() -> None:
    tip = points((15, 54, 3), (-15, 54, 3))
    horns = replace(person().left, atrium=0.5, occipital=1.1)
    physique = person(left=horns, right=replace(horns, occipital=0.0), spread=1.0)
    left, right = lateral_ventricles(tip, physique, NOISE)
    assert left < 2 and right > left + 8


def test_cavum_parts_the_frontal_horns_and_is_in_neither() -> None:
    wide = person(cavum=4.0)
    middle = points((0.2, -27, 8), (2, -27, 8), (-2, -27, 8))
    assert (cavum(middle, wide) < 0).all()
    assert (lateral_ventricles(middle, wide, NOISE) > 0).all()


def test_asymmetry_bends_the_middle_and_leaves_the_ends() -> None:
    bent = Asymmetry(bow=1.2)
    straight = bent.straighten(points((1.2, 0, 20), (0, 83, 20), (0, -83, 20)))
    assert straight.x == pytest.approx([0, 0, 0], abs=1e-5)
    flat = Asymmetry(flat=0.04).straighten(points((50, 80, 0), (-50, 80, 0)))
    assert flat.y == pytest.approx([78, 82])


def test_heads_vary_in_shape_as_people_do() -> None:
    drawn = [person(seed, age=60, sex="male") for seed in range(300)]
    index = np.array([(136 * p.width + 14) / (166 * p.length + 16) for p in drawn])
    assert 0.70 < index.min() < 0.77 and 0.88 < index.max() < 0.97
    women = np.mean([person(seed, sex="female").width for seed in range(300)])
    assert women < np.mean([p.width for p in drawn]) - 0.02
    assert np.mean([p.bone.frontal_sinus == 0 for p in drawn]) == pytest.approx(0.1, abs=0.05)
    assert all(5 <= p.grey - p.white <= 11 for p in drawn)


def test_calcifications_come_as_often_as_published_and_grow_commoner() -> None:
    rng = np.random.default_rng(2)
    found = {
        age: Counter(k for _ in range(500) for k in {s.kind for s in draw_spots(rng, age, ROUTINE)})
        for age in (40, 80)
    }
    for kind, (young, old) in SHARES.items():
        if kind == "drain":
            continue
        assert found[40][kind] / 500 == pytest.approx(young, abs=0.07), kind
        assert found[80][kind] / 500 == pytest.approx(old, abs=0.07), kind


def test_calcification_is_bright_where_it_lies() -> None:
    spot = Spot("plexus", (22, 26, 9), (3.0, 4.0, 4.0), 300.0)
    p = points((22.4, 26, 9), (22, 40, 9), (-22, 26, 9))
    hu = np.full(3, 10, dtype=np.float32)
    draw_dense(hu, p, (spot,), None, 55.0, NOISE, 1.0)
    assert hu == pytest.approx([300, 10, 10], abs=1)
    drain = Drain(((26, -32, 72, 1.3), (5, -20, 6, 1.3)), 250.0)
    p = points((15.5, -26, 39), (-15.5, -26, 39))
    hu = np.full(2, 30, dtype=np.float32)
    draw_dense(hu, p, (), drain, 55.0, NOISE, 1.0)
    assert hu == pytest.approx([250, 30])


def drawn_with(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Head:
    """Draw one head whose physique alone is changed."""

    def changed(*arguments: Any) -> Physique:
        return replace(draw_physique(*arguments), **changes)

    def plain(*arguments: Any) -> Acquisition:
        return replace(draw_scan(*arguments), coding=Coding(), motion=False, metal=None)

    monkeypatch.setattr(module, "draw_physique", changed)
    monkeypatch.setattr(module, "draw_scan", plain)
    return draw_head(np.random.SeedSequence(21), 128, 24)


def test_calcifications_and_drain_are_in_no_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    spots = (
        Spot("pallidum", (18, -12, 0), (3, 6, 4), 300.0),
        Spot("pallidum", (-18, -12, 0), (3, 6, 4), 300.0),
        Spot("dentate", (15, 42, -36), (5, 5, 4), 300.0),
        Spot("dura", (0, 0, 48), (1.5, 8, 6), 600.0),
    )
    drain = Drain(((26, -32, 72, 1.5), (5, -20, 6, 1.5)), 300.0)
    without = drawn_with(monkeypatch, spots=(), drain=None)
    calcified = drawn_with(monkeypatch, spots=spots, drain=drain)
    brighter = calcified.hu.astype(int) - without.hu
    assert (brighter > 60).sum() > 30
    for name, mask in without.masks.items():
        # A drain through blood in a ventricle is no blood.
        gone = (mask != calcified.masks[name]) & ~((brighter > 20) & (mask > 0))
        assert not gone.any(), name


def test_white_matter_disease_darkens_white_matter_beside_the_ventricles() -> None:
    p = points((14, 0, 24), (14, 0, 24), (60, 0, 24))
    hu = np.array([30, 38, 30], dtype=np.float32)
    near, white = np.array([1, 1, 50], np.float32), np.array([1, 0, 1], np.float32)
    draw_old_damage(hu, p, near, white, Damage(8.0, 10.0, ()), NOISE)
    assert hu == pytest.approx([22, 38, 30], abs=1.5)
    assert hu[1] == 38 and hu[2] == 30


def test_lacune_is_a_dark_hole_and_never_brightens() -> None:
    p = points((24.4, -16, 4), (24.4, -15.6, 4))
    hu = np.array([37, 5], dtype=np.float32)
    hole = ((24.0, -16.0, 4.0), (4.0, 4.0, 4.0), 10.0)
    away = np.full(2, 50, np.float32)
    draw_old_damage(hu, p, away, away * 0, Damage(0.0, 5.0, (hole,)), NOISE)
    assert hu == pytest.approx([10, 5])


def test_damage_is_commoner_in_the_old_and_in_the_other_hospital() -> None:
    def share(age: int, style: str) -> float:
        rng = np.random.default_rng(3)
        drawn = [draw_damage(rng, age, STYLES[style]) for _ in range(400)]  # type: ignore[index]
        return float(np.mean([damage.pallor > 0 for damage in drawn]))

    assert share(45, "routine") < 0.3 < share(75, "routine") < share(75, "other")


def test_hyperostosis_thickens_the_frontal_bone_inwards_only() -> None:
    bone = person().bone
    forehead, occiput = (18, -76, 20), (18, 76, 20)
    p = points(forehead, occiput)
    usual, thick = (
        cavity(p, person(bone=replace(bone, hyperostosis=mm)), NOISE) for mm in (0.0, 6.0)
    )
    assert thick[0] - usual[0] > 1.5
    assert thick[1] == usual[1]


def test_swollen_scalp_stands_out_on_its_side() -> None:
    x = np.arange(60, 110, 0.5, dtype=np.float32)
    ray = Points(np.concatenate([x, -x]), np.zeros(2 * x.size, "f4"), np.full(2 * x.size, 20, "f4"))
    swollen = person(swelling=10.0, swelling_at=(0.97, 0.0, 0.24))
    hu = draw_skull(ray, cavity(ray, swollen, NOISE), swollen, NOISE, 1.0)
    left, right = ((half > AIR + 500).sum() * 0.5 for half in np.split(hu, 2))
    assert left - right == pytest.approx(10, abs=2.5)
