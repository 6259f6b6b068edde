"""Blood of generated heads: none, two hematomas, in the ventricles, outside the brain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion, distance_transform_edt, label

from cohort.synthetic import head as module
from cohort.synthetic.anatomy.deformation import mass_effect
from cohort.synthetic.anatomy.old_damage import Damage
from cohort.synthetic.bleeds.clot import Clot, draw_clot
from cohort.synthetic.bleeds.intraventricular import Ventricular
from cohort.synthetic.bleeds.outline import ClotOutline, draw_outline
from cohort.synthetic.bleeds.outside import Layer, Subarachnoid
from cohort.synthetic.bleeds.place import bleed_shape, grow
from cohort.synthetic.fields import Noise, Points
from cohort.synthetic.head import Head, draw_head
from cohort.synthetic.physique import Asymmetry, Horns, Physique, draw_physique
from cohort.synthetic.plan import LARGEST_SHIFT_MM, SECOND_ML, Plan, draw_plan
from cohort.synthetic.scanner.coding import Coding
from cohort.synthetic.scanner.kernel import Kernel
from cohort.synthetic.scanner.scan import Acquisition, draw_scan
from cohort.synthetic.story import Focus
from cohort.synthetic.style import StyleName
from tests.cohort.synthetic.plans import usual_plan

PLAN = usual_plan(age=66, volume_ml=25.0)
NONE = replace(PLAN, site=None, side=None, volume_ml=0.0, shift_mm=0.0)
FILLED = Ventricular(
    near=0.8, far=0.2, central=0.6, sediment=0.1, density=60.0, stain=5.0, widening_mm=0.0
)
SETTLED = replace(FILLED, near=0.0, far=0.0, central=0.0, sediment=0.12, stain=0.0)
PLAIN = {
    "pose": np.eye(3, dtype=np.float32),
    "asymmetry": Asymmetry(),
    "tilt": 0.0,
    "lowest": -54.0,
    "slice_mm": 5.65,
    "thickness": 5.65,
    "kernel": Kernel(1.2, 0.0),
    "noise": 3.0,
    "metal": None,
    "motion": False,
    "coding": Coding(),
}
"""A scan without what would hide the blood."""
HORNS = Horns(frontal=0.3, body=0.3, atrium=0.3, temporal=0.0, occipital=1.0)
SMALL = {"size": 160, "slices": 24}


def make(plan: Plan, seed: int = 5) -> Head:
    def straight(rng: np.random.Generator, size: int, slices: int, style: StyleName) -> Acquisition:
        return replace(draw_scan(rng, size, slices, style), axcodes="LPS", **PLAIN)

    def even(*drawn: Any) -> Physique:
        healthy = Damage(0.0, 5.0, ())
        return replace(draw_physique(*drawn), left=HORNS, right=HORNS, damage=healthy)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "draw_plan", lambda *_: plan)
        patch.setattr(module, "draw_scan", straight)
        patch.setattr(module, "draw_physique", even)
        return draw_head(np.random.SeedSequence(seed), **SMALL)


def ml(head: Head, mask: NDArray) -> float:
    return float(np.count_nonzero(mask) * abs(np.linalg.det(head.affine[:3, :3])) / 1000)


def ventricles(head: Head) -> NDArray[np.bool_]:
    return (head.masks["ventricle_left"] | head.masks["ventricle_right"]) > 0


def bright(head: Head) -> NDArray[np.bool_]:
    """Return where blood may be; plexus and bone are brighter."""
    return (head.hu > 38) & (head.hu < 90)


@pytest.fixture(scope="module")
def plain() -> Head:
    return make(PLAN)


@pytest.fixture(scope="module")
def clean() -> Head:
    return make(NONE)


@pytest.fixture(scope="module")
def filled() -> Head:
    return make(replace(PLAN, ventricular=FILLED))


# --- no hematoma ---


def test_head_without_a_bleed_has_an_empty_hematoma_and_all_other_masks(clean: Head) -> None:
    assert clean.masks["hematoma"].dtype == np.uint8
    assert not clean.masks["hematoma"].any()
    for name in ("midline", "ventricle_left", "ventricle_right"):
        assert clean.masks[name].any(), name
    drawn = clean.masks["midline"].any(axis=(0, 1))
    assert not (drawn & ~ventricles(clean).any(axis=(0, 1))).any()
    story = clean.story
    assert (story.site, story.side, story.lobe, story.density_hu) == (None, None, None, None)
    assert (story.volume_ml, story.bleeds) == (0, 0)
    assert (story.shift_mm, story.shift_side, story.ventricle_compressed) == (0, None, None)
    assert not story.intraventricular


def test_head_without_a_bleed_has_no_blood(clean: Head, plain: Head) -> None:
    def blob(head: Head) -> float:
        dense = binary_erosion((head.hu > 52) & (head.hu < 95), iterations=2)
        return ml(head, dense)

    assert blob(clean) < 0.3
    assert blob(plain) > 2


# --- blood in the ventricles ---


def test_ventricular_blood_is_in_the_ventricles_and_in_no_hematoma(
    filled: Head, plain: Head
) -> None:
    assert ml(plain, bright(plain) & ventricles(plain)) < 0.5
    blood = bright(filled) & ventricles(filled)
    assert ml(filled, blood) > 4
    assert not (blood & (filled.masks["hematoma"] > 0)).any()
    assert filled.story.intraventricular and not plain.story.intraventricular
    # The mask holds the whole cavity, as wide as it is without the blood.
    for side in ("left", "right"):
        whole = plain.masks[f"ventricle_{side}"].sum()
        assert filled.masks[f"ventricle_{side}"].sum() == pytest.approx(whole, rel=0.1)
    left, right = (bright(filled) & (filled.masks[f"ventricle_{s}"] > 0) for s in ("left", "right"))
    assert left.sum() > right.sum()
    # A mask of its own holds the blood: of all four ventricles, and only where there is blood.
    marked = filled.masks["ventricular_blood"] > 0
    assert (marked & blood).sum() > 0.8 * blood.sum()
    assert np.mean(filled.hu[marked] > plain.hu[marked] + 10) > 0.9
    assert ml(filled, marked & ~ventricles(filled)) > 0.5  # third and fourth
    assert not (marked & (filled.masks["hematoma"] > 0)).any()
    assert not plain.masks["ventricular_blood"].any()
    assert filled.story.volume_ml == pytest.approx(plain.story.volume_ml, abs=0.1)


def test_bleed_that_breaks_through_touches_its_ventricle(filled: Head, plain: Head) -> None:
    def contact(head: Head) -> int:
        around = binary_dilation(head.masks["hematoma"] > 0)
        return int(np.count_nonzero(around & (head.masks["ventricle_left"] > 0)))

    assert contact(filled) > contact(plain) + 5
    assert label(filled.masks["hematoma"])[1] == 1


def test_settled_blood_lies_behind_the_fluid_with_a_level(plain: Head) -> None:
    head = make(replace(PLAN, ventricular=SETTLED))
    for side in ("left", "right"):
        mask = head.masks[f"ventricle_{side}"] > 0
        # Inner voxels only: walls share their voxel with brain.
        inner = binary_erosion(mask, np.ones((3, 3, 1)))
        blood = inner & (head.hu > plain.hu + 22) & bright(head)
        fluid = inner & (head.hu < 20)
        assert ml(head, blood) > 0.1
        rows = np.nonzero(blood)[1]
        assert rows.min() >= np.quantile(np.nonzero(mask)[1], 0.75)
        assert np.median(rows) > np.quantile(np.nonzero(fluid)[1], 0.95)


def test_dammed_fluid_dilates_the_ventricles(filled: Head) -> None:
    wide = make(replace(PLAN, ventricular=replace(FILLED, widening_mm=3.0)))
    for side in ("left", "right"):
        mask = f"ventricle_{side}"
        assert wide.masks[mask].sum() > 1.4 * filled.masks[mask].sum()
    assert wide.story.ventricles_dilated and not filled.story.ventricles_dilated


def test_ventricle_across_is_trapped_by_a_large_shift() -> None:
    large = replace(PLAN, volume_ml=75.0, shift_mm=12.0)
    before, after = make(large), make(replace(large, trapped_mm=3.0))
    left, right = ("ventricle_left", "ventricle_right")
    assert after.masks[right].sum() > 1.3 * before.masks[right].sum()
    assert after.masks[left].sum() < 1.1 * before.masks[left].sum()
    assert after.story.ventricle_compressed == "left"


# --- the hematoma ---


def test_two_bleeds_are_two_components_with_their_volumes() -> None:
    second = Focus("thalamus", "right", None, 4.0)
    head = make(replace(PLAN, second=second))
    parts, count = label(head.masks["hematoma"])
    assert count == 2
    large, small = sorted((ml(head, parts == part) for part in (1, 2)), reverse=True)
    assert large == pytest.approx(25.0, abs=0.1)
    assert small == pytest.approx(4.0, abs=0.1)
    assert head.story.bleeds == 2
    told = head.story.second
    assert told and told.bedside_ml and 0.7 * small < told.bedside_ml < 2 * small
    measured = replace(second, volume_ml=pytest.approx(small, abs=0.06))
    assert replace(told, bedside_ml=None) == measured
    assert head.story.first_ml == pytest.approx(large, abs=0.11)


@pytest.mark.parametrize(("volume", "shift"), [(12.0, 1.0), (40.0, 6.0), (90.0, 13.0)])
def test_measured_shift_follows_the_plan(volume: float, shift: float) -> None:
    story = make(replace(PLAN, volume_ml=volume, shift_mm=shift)).story
    assert story.volume_ml == pytest.approx(volume, rel=0.02)
    # The plan is the push on free tissue; near the skull the brain gives way less.
    assert story.largest_shift_mm == pytest.approx(shift, abs=max(2.0, 0.2 * shift))
    assert 0.6 * story.largest_shift_mm - 0.5 < story.shift_mm <= story.largest_shift_mm
    assert shift < 2 or story.shift_side == "right"


def rim(head: Head, least: float, most: float) -> float:
    """Return the median HU of the brain so many mm away from the hematoma, in its slices."""
    mm = [float(np.linalg.norm(head.affine[:3, axis])) for axis in range(3)]
    away = distance_transform_edt(head.masks["hematoma"] == 0, sampling=mm)
    deep = binary_dilation(head.hu > 150, iterations=5)
    ring = (away >= least) & (away < most) & ~ventricles(head) & ~deep
    return float(np.median(head.hu[ring]))


def test_edema_is_hypodense_and_grows_with_time() -> None:
    def mean_edema(hours: float) -> float:
        draws = (draw_clot(np.random.default_rng(seed), hours, 20.0) for seed in range(60))
        return float(np.mean([clot.edema_mm for clot in draws]))

    assert mean_edema(1) < mean_edema(12) < mean_edema(48) < mean_edema(200)
    narrow, wide = (make(replace(PLAN, clot=Clot(edema_mm=mm, edema_hu=20.0))) for mm in (1.0, 8.0))
    assert rim(wide, 2.5, 5.5) < rim(narrow, 2.5, 5.5) - 4
    assert rim(wide, 2.5, 5.5) < 29
    assert rim(wide, 30, 40) == pytest.approx(rim(narrow, 30, 40), abs=1)
    assert ml(wide, wide.masks["edema"]) > 5 * ml(narrow, narrow.masks["edema"])
    marked = wide.masks["edema"] > 0
    assert np.mean(wide.hu[marked] < narrow.hu[marked] - 2) > 0.6
    assert not (marked & ((wide.masks["hematoma"] > 0) | ventricles(wide))).any()


def test_old_blood_fades_and_liquid_blood_is_light() -> None:
    def mean(hours: float) -> float:
        draws = (draw_clot(np.random.default_rng(seed), hours, 20.0) for seed in range(80))
        return float(np.mean([clot.density for clot in draws]))

    assert mean(0.5) < mean(24) - 3
    assert mean(240) < mean(24) - 4


def test_swirl_and_plasma_are_light_within_the_clot(plain: Head) -> None:
    inside = binary_erosion(plain.masks["hematoma"] > 0, np.ones((3, 3, 1)))
    swirl = make(replace(PLAN, clot=Clot(swirl=0.25)))
    layered = make(replace(PLAN, clot=Clot(level=True)))
    assert np.array_equal(swirl.masks["hematoma"], plain.masks["hematoma"])
    assert np.percentile(plain.hu[inside], 5) > 55
    assert np.percentile(swirl.hu[inside], 5) < 50
    assert np.median(swirl.hu[inside]) > 60
    rows = np.nonzero(inside)[1]
    front, back = rows < np.quantile(rows, 0.3), rows > np.quantile(rows, 0.7)
    assert np.median(layered.hu[inside][back]) > np.median(layered.hu[inside][front]) + 20


def test_lobules_make_the_outline_irregular() -> None:
    def surface(outline: ClotOutline) -> float:
        mask = make(replace(PLAN, outline=outline)).masks["hematoma"] > 0
        return float(np.count_nonzero(mask & ~binary_erosion(mask)))

    lobules = ((0.9, 0.4, 0.2, 0.4), (-0.5, 0.9, 0.0, 0.35), (0.1, -1.0, 0.3, 0.3))
    ragged, round_one = (
        ClotOutline(irregularity=0.6, lobules=lobules),
        ClotOutline(irregularity=0.08),
    )
    assert surface(ragged) > 1.15 * surface(round_one)


@pytest.mark.parametrize("volume", [0.5, 110.0])
def test_smallest_and_largest_bleeds_fit(volume: float) -> None:
    head = make(replace(PLAN, volume_ml=volume, shift_mm=min(15.0, volume / 8)))
    assert ml(head, head.masks["hematoma"]) == pytest.approx(volume, rel=0.15)
    assert label(head.masks["hematoma"])[1] == 1


def level(head: Head, least: float, most: float) -> float:
    """Return the HU between two depths (mm) in a hematoma, from its surroundings (0) to its core.

    Depths outside are negative.
    """
    mask = head.masks["hematoma"] > 0
    mm = float(np.linalg.norm(head.affine[:3, 0]))
    clear = ~binary_dilation((head.hu > 110) | ventricles(head), np.ones((7, 7, 1)))
    depth = np.full(mask.shape, -99.0)
    for k in np.flatnonzero(mask.sum(axis=(0, 1)) * mm**2 > 200):
        one = mask[..., k]
        depth[..., k] = distance_transform_edt(one) - distance_transform_edt(~one)
    depth = (depth - 0.5 * np.sign(depth)) * mm

    def hu(near: float, far: float) -> float:
        return float(np.median(head.hu[clear & (depth > near) & (depth <= far)]))

    outside, core = hu(-9, -5), hu(5, 30)
    return (hu(least, most) - outside) / (core - outside)


def test_mask_ends_where_people_draw_it_half_way_to_the_brain() -> None:
    head = make(replace(PLAN, clot=Clot(edema_mm=0.5)))
    # On real slices (BHSD, HICH-IT) just inside 0.40 to 0.67, just outside 0.07 to 0.27.
    assert 0.35 < level(head, 0, 1.1) < 0.75
    assert 0.05 < level(head, -1.1, 0) < 0.40
    assert level(head, 3, 5) > 0.85
    assert abs(level(head, -4, -2.5)) < 0.1


def test_border_of_an_old_clot_is_faint_and_its_mask_as_large(plain: Head) -> None:
    faint = make(replace(PLAN, clot=Clot(border_mm=5.0)))
    assert ml(faint, faint.masks["hematoma"]) == pytest.approx(25.0, abs=0.1)
    assert level(faint, 1.2, 3.2) < level(plain, 1.2, 3.2) - 0.05

    def border(hours: float) -> float:
        draws = (draw_clot(np.random.default_rng(seed), hours, 20.0) for seed in range(60))
        return float(np.mean([clot.border_mm for clot in draws]))

    assert border(240) > border(24) + 1


def test_mixed_layered_and_light_rimmed_clots_differ_within(plain: Head) -> None:
    inside = binary_erosion(plain.masks["hematoma"] > 0, np.ones((7, 7, 1)))
    for clot in (Clot(mixed=12.0), Clot(layered=7.0, rim_hu=0.0)):
        assert make(replace(PLAN, clot=clot)).hu[inside].std() > 1.3 * plain.hu[inside].std()
    rims = [level(make(replace(PLAN, clot=Clot(rim_hu=hu, rim_mm=6))), 2, 4) for hu in (0, 12)]
    assert rims[0] > rims[1] + 0.1


def test_only_cortical_bleeds_reach_the_bone() -> None:
    lobar = replace(PLAN, site="lobar", lobe="temporal")

    def from_bone(cortical: bool) -> float:
        head = make(replace(lobar, outline=ClotOutline(cortical=cortical)))
        mm = [float(np.linalg.norm(head.affine[:3, axis])) for axis in range(3)]
        hematoma = head.masks["hematoma"] > 0
        assert (head.hu[hematoma] > 200).mean() < 0.01
        return float(distance_transform_edt(head.hu < 200, sampling=mm)[hematoma].min())

    assert from_bone(cortical=True) < 3 < from_bone(cortical=False)


def test_pieces_apart_are_kept_up_to_their_share() -> None:
    at = np.arange(40, dtype=np.float32)
    z, y, x = np.meshgrid(at[:8], at, at, indexing="ij")

    def ball(middle: float, radius: float) -> NDArray:
        return np.sqrt((x - middle) ** 2 + (y - 20.31) ** 2 + (z - 4.07) ** 2) / radius

    field, anywhere = np.minimum(ball(12.17, 2), ball(31.13, 1)), np.ones(x.shape, dtype=bool)
    for apart, pieces in ((0.0, 1), (0.05, 1), (0.3, 2)):
        found = grow(field, anywhere, 600, apart)
        assert (label(found)[1], found.sum()) == (pieces, 600)


def test_outlines_are_as_compact_and_as_long_as_real_ones() -> None:
    rng = np.random.default_rng(4)
    at = np.arange(-45, 46, dtype=np.float32)
    y, x = np.meshgrid(at, at, indexing="ij")
    focus = Focus("lobar", "left", "parietal", 15.0)
    compact, long = [], []
    for _ in range(60):
        p = Points(x[None] + 30, y[None] + 28, np.full((1, 91, 91), 35.0, np.float32))
        outline = draw_outline(rng)
        field = bleed_shape(p, focus, (30.0, 28.0, 35.0), outline, Noise(rng))
        mask = grow(field, np.ones(field.shape, dtype=bool), 600, outline.apart)[0]
        edge = mask & ~binary_erosion(mask)
        compact.append(4 * np.pi * mask.sum() / (1.1 * edge.sum()) ** 2)
        short, longer = np.sqrt(np.linalg.eigvalsh(np.cov(np.argwhere(mask).T)))
        long.append(longer / short)
    # 747 real masks, away from the ventricles: 0.53, 0.80, 1.02 and 1.2, 1.6, 2.7.
    low, middle, high = np.percentile(compact, (10, 50, 90))
    assert low < 0.62 < middle < 0.9 < high
    low, middle, high = np.percentile(long, (10, 50, 90))
    assert low < 1.35 < middle < 1.9 < high


# --- blood outside the brain ---


@pytest.mark.parametrize("plan", [PLAN, NONE], ids=["bleed", "none"])
def test_blood_outside_the_brain_has_a_mask_of_its_own(plan: Plan) -> None:
    blood = Subarachnoid(
        place=(40.0, -22.0, 0.0) if plan is NONE else None,
        reach_mm=35.0,
        cast_mm=1.0,
        density=62.0,
    )
    layer = Layer("subdural", "right", (-64.0, 0.0, 20.0), 6.0, 60.0, 62.0)
    before, after = make(plan), make(replace(plan, subarachnoid=blood, layer=layer))
    brighter = (after.hu > before.hu + 12) & bright(after)
    assert ml(after, brighter) > 2
    outer = after.masks["outer_blood"] > 0
    assert ml(after, outer) > 2
    # A voxel that it fills halfway is brighter by as much; the scanner blurs and adds noise.
    assert np.mean((after.hu - before.hu)[outer] > 8) > 0.9
    assert (brighter & outer).sum() > 0.6 * brighter.sum()
    for name, mask in before.masks.items():
        if name in ("outer_blood", "edema"):
            continue
        assert np.array_equal(after.masks[name], mask), name
        assert not (brighter & (mask > 0)).any() or name == "midline"
    assert np.array_equal(after.masks["edema"], before.masks["edema"] & ~outer)
    assert not before.masks["outer_blood"].any()
    story = after.story
    assert story.subarachnoid
    assert (story.membrane, story.membrane_side) == ("subdural", "right")
    # The layer lies along the skull, on its side (x runs to the left).
    x = np.nonzero(brighter & (after.hu > 50))[0]
    assert (x < SMALL["size"] / 2).sum() > 0.3 * len(x)


# --- plans ---


def test_plans_have_the_shares_they_are_documented_with() -> None:
    rng = np.random.default_rng(9)
    plans = [draw_plan(rng) for _ in range(3000)]
    bled = [plan for plan in plans if plan.site is not None]
    assert 0.10 < 1 - len(bled) / len(plans) < 0.15

    def share(chosen: list[Plan], attribute: str) -> float:
        return float(np.mean([getattr(plan, attribute) is not None for plan in chosen]))

    def at(site: str) -> list[Plan]:
        return [plan for plan in bled if plan.site == site]

    assert 0.30 < share(bled, "ventricular") < 0.45
    assert share(at("thalamus"), "ventricular") > 0.6 > share(at("lobar"), "ventricular") * 2
    assert 0.035 < share(bled, "second") < 0.08
    assert share(at("lobar"), "subarachnoid") > 0.3 > share(at("thalamus"), "subarachnoid")
    assert share(plans, "layer") < 0.1
    for plan in bled:
        if plan.second is not None:
            assert (plan.second.site, plan.second.side) != (plan.site, plan.side)
            assert SECOND_ML[2] <= plan.second.volume_ml <= 0.5 * plan.volume_ml
        if plan.ventricular is not None:
            blood = plan.ventricular
            assert all(0 <= part <= 1 for part in (blood.near, blood.far, blood.central))
    for plan in plans:
        if plan.site is None:
            assert plan.ventricular is None and plan.second is None
            assert plan.volume_ml == plan.shift_mm == plan.trapped_mm == 0


@pytest.mark.parametrize(
    ("centre", "volume"),
    [((36.0, -12.0, 14.0), 110.0), ((28.0, -43.0, 24.0), 120.0), ((13.0, 2.0, 7.0), 40.0)],
)
def test_largest_bleeds_never_fold_tissue(
    centre: tuple[float, float, float], volume: float
) -> None:
    effect = mass_effect(centre, volume, LARGEST_SHIFT_MM, -1.0)
    x = np.arange(-66, 66, 0.5, dtype=np.float32)
    for y in (-40, -12, 10, 40):
        for z in (0, 10, 30):
            origin = effect.origin(Points(x, 0 * x + y, 0 * x + z), 66 - np.abs(x))
            assert np.diff(origin.x).min() > 0
