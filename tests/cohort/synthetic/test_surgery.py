"""Heads after surgery: holes in the bone, drains, air."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cohort.synthetic import surgery as module
from cohort.synthetic.fields import Points
from cohort.synthetic.story import Focus
from cohort.synthetic.surgery import SHARE, Surgery, cut_bone, draw_surgery, put_inside

FOCUS = Focus("basal_ganglia", "left", None, 30.0)
CENTRE = (29.0, -14.0, 5.0)


def operation(monkeypatch: pytest.MonkeyPatch, seed: int = 0) -> Surgery:
    monkeypatch.setattr(module, "SHARE", 1.0)
    found = draw_surgery(np.random.default_rng(seed), FOCUS, CENTRE)
    assert found is not None
    return found


def ray(place: tuple[float, float, float]) -> tuple[Points, np.ndarray]:
    """Return points along the line from the head's middle through a place, and their distance."""
    at = np.array(place)
    length = float(np.linalg.norm(at))
    along = np.arange(-20, 12, 1.0, dtype=np.float32)
    rows = at / length * (length + along[:, None])
    return Points(*rows.T.astype(np.float32)), along


def test_few_are_operated_and_on_the_bleeds_side() -> None:
    rng = np.random.default_rng(1)
    drawn = [draw_surgery(rng, FOCUS, CENTRE) for _ in range(2000)]
    done = [one for one in drawn if one is not None]
    assert 0.6 * SHARE < len(done) / len(drawn) < 1.5 * SHARE
    assert all(one.place[0] > 0 and one.side == "left" for one in done)
    assert draw_surgery(rng, replace(FOCUS, side=None), CENTRE) is None


def test_bone_is_cut_only_where_it_was_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(operation(monkeypatch), kind="craniectomy", radius=30.0)
    for place, open_ in ((found.place, True), (tuple(-c for c in found.place), False)):
        p, along = ray(place)
        hu = np.where(along > 0, 1200.0, 35.0).astype(np.float32)
        cut_bone(hu, p, along, found, 1.0)
        assert bool((hu[along > 0] > 1000).all()) is not open_
        assert (hu[along < -2] == 35).all()


def test_a_flap_stays_within_its_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(operation(monkeypatch), kind="craniotomy", radius=30.0, burrs=())
    p, along = ray(found.place)
    hu = np.where(along > 0, 1200.0, 35.0).astype(np.float32)
    cut_bone(hu, p, along, found, 1.0)
    assert (hu[along > 0] > 1000).all()


def test_air_lies_under_the_forehead_and_the_drain_ends_in_the_bleed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = replace(operation(monkeypatch), air_mm=6.0, air_extent=30.0)
    p, along = ray(found.air_at)
    hu = np.full(along.shape, 35.0, np.float32)
    put_inside(hu, p, -along, replace(found, drain=None), 1.0)
    assert (hu[(along < -1) & (along > -4)] < -800).all() and (hu[along < -10] == 35).all()
    drained = next(
        one for seed in range(40) if (one := operation(monkeypatch, seed)).drain is not None
    )
    tip = Points(*(np.array([c], np.float32) for c in CENTRE))
    hu = np.full(1, 35.0, np.float32)
    put_inside(hu, tip, np.full(1, 40.0, np.float32), replace(drained, air_mm=0.0), 1.0)
    assert hu[0] > 100
