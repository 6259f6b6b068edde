"""How generated heads are scanned: pose, slices, kernel, noise, artefacts, coding."""

from __future__ import annotations

from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import UsageError
from cohort.schema.manifest import Cohort
from cohort.synthesize import synthesize
from cohort.synthetic import head as module
from cohort.synthetic.head import Head, draw_head
from cohort.synthetic.physique import Asymmetry
from cohort.synthetic.scanner.artefacts import STARVES_HU, beam
from cohort.synthetic.scanner.coding import PADDING_HU, Coding, draw_coding, encode
from cohort.synthetic.scanner.headrest import Support, draw_around
from cohort.synthetic.scanner.kernel import Kernel, draw_noise
from cohort.synthetic.scanner.metal import Metal, put_metal
from cohort.synthetic.scanner.scan import THICKEST_MM, Acquisition, acquire, draw_scan, head_points
from cohort.synthetic.style import STYLES, StyleName, differences
from tests.cohort.synthetic.plans import usual_plan

PLAN = usual_plan()
BARE = Support(None, 100, 120, 200, 2, foam=False, blanket=False, strap=False)
PIXEL = 0.9


def scan_of(seed: int = 0, style: StyleName = "routine", **changes: object) -> Acquisition:
    scan = draw_scan(np.random.default_rng(seed), 128, 16, style)
    return replace(scan, **changes)  # type: ignore[arg-type]


def scans(style: StyleName, count: int = 300) -> list[Acquisition]:
    rng = np.random.default_rng(5)
    return [draw_scan(rng, 256, 24, style) for _ in range(count)]


def disc(radius: float = 85.0, size: int = 256) -> tuple[NDArray, NDArray]:
    """Return three images of a disc of water in air, and the distance from its middle in mm."""
    line = (np.arange(size) - (size - 1) / 2) * PIXEL
    away = np.hypot(line[:, None], line[None, :])
    image = np.where(away < radius, 0.0, -1000.0).astype(np.float32)
    return np.repeat(image[None], 3, axis=0), away


def head_with(monkeypatch: pytest.MonkeyPatch, **changes: object) -> Head:
    fixed = {"pose": np.eye(3, dtype=np.float32), "lowest": -60.0, "slice_mm": 6.5}
    fixed |= {"asymmetry": Asymmetry(), "metal": None, "motion": False, "coding": Coding()}

    def draw(rng: np.random.Generator, size: int, slices: int, style: StyleName) -> Acquisition:
        return replace(draw_scan(rng, size, slices, style), **(fixed | changes))  # type: ignore[arg-type]

    monkeypatch.setattr(module, "draw_plan", lambda *_: PLAN)
    monkeypatch.setattr(module, "draw_scan", draw)
    return draw_head(np.random.SeedSequence(5), 128, 24)


def world(head: Head, structure: str) -> NDArray:
    voxels = np.argwhere(head.masks[structure])
    return np.asarray(nib.affines.apply_affine(head.affine, voxels).mean(axis=0))


@pytest.mark.parametrize("tilt", [-18.0, 18.0])
def test_tilted_gantry_keeps_sides_places_and_volumes_by_the_affine(
    monkeypatch: pytest.MonkeyPatch, tilt: float
) -> None:
    straight = head_with(monkeypatch, tilt=0.0)
    tilted = head_with(monkeypatch, tilt=tilt)
    assert nib.aff2axcodes(tilted.affine) == nib.aff2axcodes(straight.affine)
    for across in ("ventricle_left", "ventricle_right"):
        # Where one structure lies from another does not depend on how the slices are cut.
        before = world(straight, "hematoma") - world(straight, across)
        after = world(tilted, "hematoma") - world(tilted, across)
        assert after == pytest.approx(before, abs=3.0)
    for structure in ("hematoma", "ventricle_left", "ventricle_right"):
        ml = [
            float(h.masks[structure].sum()) * abs(np.linalg.det(h.affine[:3, :3])) / 1000
            for h in (straight, tilted)
        ]
        assert ml[1] == pytest.approx(ml[0], rel=0.2)


def test_tilt_turns_the_slices_by_its_angle() -> None:
    normal = scan_of(tilt=15.0).affine[:3, :3] @ (0, 0, 1)
    assert np.degrees(np.arccos(abs(normal[2]) / np.linalg.norm(normal))) == pytest.approx(15.0)


def test_layers_lie_evenly_within_the_slices_thickness() -> None:
    straight = {"pose": np.eye(3, dtype=np.float32), "tilt": 0.0, "asymmetry": Asymmetry()}
    scan = scan_of(**straight, lowest=-50.0, slice_mm=6.0, thickness=8.0)
    levels = head_points(scan, slice(0, 2), layers=4).z[:, 0, 0]
    assert levels[:4] == pytest.approx([-53, -51, -49, -47])
    assert levels[4:] == pytest.approx(levels[:4] + 6)
    thin = replace(scan, thickness=1.0)
    assert np.ptp(head_points(thin, slice(0, 1), layers=4).z[:, 0, 0]) == pytest.approx(0.75)


def test_slices_leave_gaps_fit_or_overlap_and_cover_the_brain() -> None:
    ratio = np.array([scan.thickness / scan.slice_mm for scan in scans("routine")])
    assert 0.08 < (ratio < 0.6).mean() < 0.25
    assert 0.15 < (ratio > 1.05).mean() < 0.35
    assert all(0.6 <= scan.thickness <= THICKEST_MM for scan in scans("routine"))
    assert all(scan.lowest + scan.slices * scan.slice_mm > 73 for scan in scans("routine"))
    assert all(0.8 <= scan.pixel <= 1.1 for scan in scans("routine"))


def test_noise_has_its_sigma_and_the_kernels_grain() -> None:
    image, away = disc()
    soft, sharp = Kernel(1.7, 0.0), Kernel(0.8, 0.5)
    near = {}
    for kernel in (soft, sharp):
        scan = scan_of(
            size=256, pixel=PIXEL, kernel=kernel, noise=4.0, hardening=0.0, metal=None,
            motion=False, support=BARE, coding=Coding(),
        )  # fmt: skip
        stored = acquire(image.copy(), scan, np.random.default_rng(0)).astype(float)
        inside = stored[:, away < 60]
        assert inside.std() == pytest.approx(4.0, rel=0.15)
        part = stored[1, 90:166, 90:166] - stored[1, 90:166, 90:166].mean()
        near[kernel] = float((part[:, 1:] * part[:, :-1]).mean() / part.var())
    assert near[soft] > 0.35
    assert near[sharp] < near[soft] - 0.2


def test_noise_is_stronger_behind_bone_and_in_the_middle() -> None:
    image, away = disc()
    bony = image.copy()
    bony[:, 120:136, 60:90] = bony[:, 120:136, 166:196] = 1200
    noise = beam(bony, PIXEL, 0.0, np.random.default_rng(0)).noise[1]
    between, above = noise[128, 118:138].mean(), noise[70, 118:138].mean()
    assert between > 1.1 * above
    even = beam(image, PIXEL, 0.0, np.random.default_rng(0)).noise[1]
    assert even[away < 20].mean() > 1.2 * even[(away > 75) & (away < 83)].mean()


def test_beam_hardening_makes_a_dark_band_between_two_bones() -> None:
    image, _ = disc()
    image[:, 118:138, 60:90] = image[:, 118:138, 166:196] = 1000
    rng = np.random.default_rng(0)
    error = beam(image, PIXEL, 0.03, rng).error[1]
    assert error[128, 110:146].mean() < -4
    assert error[128, 110:146].mean() < error[60, 110:146].mean() - 4
    none = beam(image, PIXEL, 0.0, rng).error
    assert np.abs(none).max() == 0


def test_metal_streaks_reach_across_its_own_slices_only() -> None:
    image, away = disc()
    put_metal(image, Metal((0.3,), 2.5, (0.5, 0.5)), PIXEL)
    assert image[1].max() > STARVES_HU and image[0].max() <= 0
    error = beam(image, PIXEL, 0.0, np.random.default_rng(0)).error
    inside = away < 60
    assert error[1][inside].std() > 2
    assert np.abs(error[0][inside]).max() < 1e-3


def test_sharp_kernel_overshoots_beside_bone_within_bounds() -> None:
    image = np.zeros((1, 64, 64), dtype=np.float32)
    image[:, :, 32:] = 1000
    smooth = Kernel(1.0, 0.0).apply(image, PIXEL)[0, 32]
    sharp = Kernel(1.0, 0.5).apply(image, PIXEL)[0, 32]
    assert smooth.min() >= 0
    assert -55 < sharp[:32].min() < -10
    assert sharp[:26] == pytest.approx(0, abs=1)


@pytest.mark.parametrize("floor", [-1024, -1000, 0])
def test_air_is_stored_at_the_floor(monkeypatch: pytest.MonkeyPatch, floor: int) -> None:
    whole = head_with(monkeypatch)
    cut = head_with(monkeypatch, coding=Coding(floor=floor, ceiling=255))
    assert cut.hu.min() == floor and cut.hu.max() == 255
    assert np.array_equal(cut.hu, np.clip(whole.hu, floor, 255))
    assert all(np.array_equal(cut.masks[name], whole.masks[name]) for name in whole.masks)


@pytest.mark.parametrize("padding", PADDING_HU)
def test_padding_fills_the_corners_and_nothing_else(padding: int) -> None:
    stored = encode(np.full((2, 40, 40), 30.0, dtype=np.float32), Coding(padding=padding))
    assert (stored[:, [0, 0, -1, -1], [0, -1, 0, -1]] == padding).all()
    assert (stored == padding).mean() == pytest.approx(1 - np.pi / 4, abs=0.03)
    assert (stored[stored != padding] == 30).all()
    assert (stored[:, 20] == 30).all()


def test_calibration_scales_and_shifts_hounsfield_units() -> None:
    hu = np.array([[[-1000.0, 0.0, 40.0, 2900.0]]], dtype=np.float32).repeat(4, axis=1)
    stored = encode(hu, Coding(gain=1.03, offset=-4.0))
    assert stored[0, 0].tolist() == [-1024, -4, 37, 2983]


def test_codings_of_a_style_come_in_their_shares() -> None:
    rng = np.random.default_rng(1)
    for style in STYLES.values():
        drawn = [draw_coding(rng, style) for _ in range(800)]
        at_zero = [coding for coding in drawn if coding.floor == 0]
        assert len(at_zero) / len(drawn) == pytest.approx(style.air_zero, abs=0.06)
        windowed = sum(coding.ceiling == 255 for coding in drawn)
        assert windowed / len(at_zero) == pytest.approx(style.window, abs=0.12)
        assert all(coding.padding in (None, 0) for coding in at_zero)
        assert max(abs(coding.gain - 1) for coding in drawn) <= style.gain


def test_thin_slices_are_noisier() -> None:
    thin, thick = (
        np.mean([draw_noise(np.random.default_rng(s), STYLES["routine"], mm) for s in range(50)])
        for mm in (1.0, 8.0)
    )
    assert thin > 1.5 * thick


def test_headrest_lies_behind_the_head_and_never_in_it() -> None:
    image, away = disc()
    before = image.copy()
    draw_around(image, replace(BARE, shell="cradle", foam=True, blanket=True, strap=True), PIXEL)
    assert np.array_equal(image[:, away < 84], before[:, away < 84])
    rows = np.nonzero(image[1] > 50)[0]
    assert rows.size and rows.min() > 110
    bare = before.copy()
    draw_around(bare, BARE, PIXEL)
    assert np.array_equal(bare, before)


def test_other_hospital_scans_otherwise() -> None:
    routine, other = scans("routine"), scans("other")
    assert np.mean([s.noise for s in other]) > 1.4 * np.mean([s.noise for s in routine])
    assert np.mean([s.thickness for s in other]) > np.mean([s.thickness for s in routine]) + 1
    tilted = [np.mean([s.tilt != 0 for s in group]) for group in (routine, other)]
    assert tilted[0] == pytest.approx(0.3, abs=0.1) and tilted[1] == pytest.approx(0.8, abs=0.1)
    sharp = [np.mean([s.kernel.enhancement > 0 for s in group]) for group in (routine, other)]
    assert sharp[1] > sharp[0] + 0.3
    changed = differences("other")
    assert changed["air_zero"] == (STYLES["routine"].air_zero, STYLES["other"].air_zero)
    assert "gain" not in changed and not differences("routine")


def test_style_is_written_down_and_changes_the_cohort(tmp_path: object) -> None:
    made = {}
    for style in ("routine", "other"):
        folder = tmp_path / style  # type: ignore[operator]
        synthesize(folder, 1, 3, size=64, slices=8, style=style, processes=1)  # type: ignore[arg-type]
        cohort = Cohort.load(folder)
        assert cohort.provenance["style"] == style
        made[style] = cohort.path(str(cohort.cases[0].image)).read_bytes()
    assert made["routine"] != made["other"]
    again = tmp_path / "again"  # type: ignore[operator]
    synthesize(again, 1, 3, size=64, slices=8, style="other", processes=1)
    assert (again / "images/synth-0001.nii.gz").read_bytes() == made["other"]
    with pytest.raises(UsageError, match="--style strange"):
        synthesize(tmp_path / "x", 1, style="strange")  # type: ignore[arg-type,operator]
