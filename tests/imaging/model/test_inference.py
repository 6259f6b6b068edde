"""A network on whole scans, and back on their own grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.networks.nets import UNet
from numpy.typing import NDArray

import imaging.model.inference
from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.bundle import load_bundle
from imaging.model.channels import align_channels
from imaging.model.inference import (
    ScanInferer,
    inference_transforms,
    segment,
    slice_probabilities,
    stride_of,
)
from imaging.model.postprocess import Postprocess
from imaging.scans.preprocess import read_scan
from imaging.space.resample import ResampleSlices, resample_part
from tests.imaging.conftest import PAINTED

ORIENTATIONS = ["LPS", "RAS", "LPI", "SAL", "PIR", "ASR"]


@pytest.fixture
def in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imaging.model.precision.cpu_has_bfloat16", lambda: False)


def segmented(model: Path, scan: Path) -> dict[str, NDArray]:
    bundle = load_bundle(model)
    transforms = inference_transforms(bundle.preprocess)
    read = read_scan(transforms, scan)
    found = segment(bundle.network, read["image"], read["hu"])
    assert found.masks.dtype == np.uint8
    return dict(zip(STRUCTURE_IDS, found.masks, strict=True))


@pytest.mark.parametrize("oblique", [False, True])
@pytest.mark.parametrize("axcodes", ORIENTATIONS)
def test_masks_lie_where_the_structures_are(
    tmp_path: Path, oracle: Path, phantom: Any, axcodes: str, oblique: bool
) -> None:
    expected = phantom(tmp_path / "scan.nii.gz", axcodes, oblique=oblique)
    found = segmented(oracle, tmp_path / "scan.nii.gz")
    for name in STRUCTURE_IDS:
        assert expected[name].any() == (name in PAINTED)
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


@pytest.mark.parametrize("axcodes", ["LPS", "RAI", "SAL"])
def test_masks_of_a_resampled_scan_come_back_to_its_own_grid(
    tmp_path: Path, coarse_oracle: Path, phantom: Any, axcodes: str
) -> None:
    scan = tmp_path / "scan.nii.gz"
    expected = phantom(scan, axcodes, size=(93, 110, 7), spacing=(0.9, 0.8, 5.0))
    # Only what is darkest keeps its HU where pixels of two structures are averaged.
    found, true = segmented(coarse_oracle, scan)["ventricle_right"], expected["ventricle_right"]
    assert found.shape == true.shape
    assert 2 * (found & true).sum() / (found.sum() + true.sum()) > 0.9
    shift = np.argwhere(found).mean(axis=0) - np.argwhere(true).mean(axis=0)
    assert np.abs(shift).max() < 0.5  # voxels


def test_scan_in_pieces_gives_the_same_masks(
    tmp_path: Path, oracle: Path, phantom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imaging.model.inference, "SLICES_AT_A_TIME", 3)
    for axcodes in ("LPS", "LPI", "IRP"):
        expected = phantom(tmp_path / f"{axcodes}.nii.gz", axcodes, size=(42, 51, 10))
        found = segmented(oracle, tmp_path / f"{axcodes}.nii.gz")
        for name in STRUCTURE_IDS:
            np.testing.assert_array_equal(found[name], expected[name])


def test_one_slice_is_segmented(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    expected = phantom(tmp_path / "scan.nii.gz", "RAS", size=(42, 51, 1))
    found = segmented(oracle, tmp_path / "scan.nii.gz")
    assert found["midline"].shape == (42, 51, 1)
    np.testing.assert_array_equal(found["midline"], expected["midline"])


def test_slices_of_any_size_give_what_the_network_gives_each_padded_slice(in_float32: None) -> None:
    torch.manual_seed(0)
    network = UNet(2, 3, 4, (4, 8, 16), (2, 2), norm="BATCH").eval()
    image = torch.rand(3, 29, 38, 3)
    found = slice_probabilities(network, image)
    assert found.shape == (4, 29, 38, 3)
    padded = torch.nn.functional.pad(image.permute(3, 0, 1, 2), (0, 2, 0, 3))
    with torch.no_grad():
        expected = network(padded).sigmoid()[..., :29, :38].permute(1, 2, 3, 0)
    torch.testing.assert_close(found, expected)


def test_batches_of_slices_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    network, image = torch.nn.Conv2d(3, 4, 3, padding=1), torch.rand(3, 16, 16, 7)
    one = slice_probabilities(network, image)
    monkeypatch.setitem(imaging.model.inference.PIXELS_PER_BATCH, "cpu", 3 * 256)
    torch.testing.assert_close(slice_probabilities(network, image), one)


def test_masks_stay_on_the_files_grid_beside_network_input(
    tmp_path: Path, coarse_oracle: Path, phantom: Any
) -> None:
    expected = phantom(tmp_path / "scan.nii.gz", "SAL")
    preprocess = load_bundle(coarse_oracle).preprocess
    transforms = inference_transforms(preprocess, masks=True)
    from cohort.space.file_types import read_header
    from cohort.space.nifti.volume import save_volume

    affine = read_header(tmp_path / "scan.nii.gz").affine
    save_volume(tmp_path / "mask.nii.gz", expected["hematoma"], affine)
    scan = read_scan(transforms, tmp_path / "scan.nii.gz", {"hematoma": tmp_path / "mask.nii.gz"})
    assert scan["image"].shape == (3, 56, 61, 7)
    assert scan["hu"].shape == (1, 7, 51, 42)
    np.testing.assert_array_equal(scan["label"][0], expected["hematoma"])
    np.testing.assert_allclose(scan["label"].affine, affine)


def test_inferer_takes_a_batch_of_one_scan(tmp_path: Path, oracle: Path, phantom: Any) -> None:
    from monai.data import DataLoader, Dataset
    from monai.transforms import Compose, SelectItemsd

    expected = phantom(tmp_path / "scan.nii.gz", "RAS")
    bundle = load_bundle(oracle)
    transforms = inference_transforms(bundle.preprocess)
    dataset = Dataset(
        [{"image": tmp_path / "scan.nii.gz"}], Compose([transforms, SelectItemsd(["image", "hu"])])
    )
    for batch in DataLoader(dataset, batch_size=1):
        assert isinstance(batch["image"], MetaTensor)
        labels = ScanInferer()(batch["image"], bundle.network, hu=batch["hu"])
    np.testing.assert_array_equal(labels[0, 3], expected["ventricle_right"])


def test_flips_are_the_mean_with_the_mirror_image_whose_sides_are_swapped(in_float32: None) -> None:
    torch.manual_seed(0)
    network = torch.nn.Conv2d(3, len(STRUCTURE_IDS), (5, 3), padding=(2, 1))  # not symmetrical in x
    image = torch.rand(3, 32, 64, 5)
    found = slice_probabilities(network, image, flips=True)
    with torch.no_grad():
        plain = network(image.permute(3, 0, 1, 2)).sigmoid()
        mirrored = network(image.permute(3, 0, 1, 2).flip(2)).sigmoid().flip(2)
    swapped = torch.stack([mirrored[:, channel] for channel in (0, 1, 3, 2, 4, 5, 6)], dim=1)
    expected = ((plain + swapped) / 2).permute(1, 2, 3, 0)
    torch.testing.assert_close(found, expected)
    assert (found - slice_probabilities(network, image)).abs().max() > 0.05


@pytest.mark.parametrize(("learnt", "partner"), [(2, 3), (3, 2)])
def test_a_ventricle_whose_partner_is_not_learnt_is_seen_without_the_mirror_image(
    in_float32: None, learnt: int, partner: int
) -> None:
    torch.manual_seed(0)
    network = torch.nn.Conv2d(3, len(STRUCTURE_IDS), (5, 3), padding=(2, 1))
    image = torch.rand(3, 32, 64, 5)
    hu = MetaTensor(torch.rand(1, 32, 64, 5), affine=np.diag([-1.0, -1.0, 5.0, 1.0]))
    how = Postprocess(flips=True)
    found = segment(
        network, image, hu, how, keep_probabilities=True, leave_out=[STRUCTURE_IDS[partner]]
    ).probabilities
    plain = segment(network, image, hu, keep_probabilities=True).probabilities
    both = segment(network, image, hu, how, keep_probabilities=True).probabilities
    assert found is not None and plain is not None and both is not None
    np.testing.assert_array_equal(found[learnt], plain[learnt])
    np.testing.assert_array_equal(found[:2], both[:2])
    assert (both[learnt] != plain[learnt]).any() and not found[partner].any()


@pytest.mark.parametrize(
    ("old", "new"),
    [((23, 17), (51, 40)), ((51, 40), (23, 17)), ((9, 30), (9, 30)), ((4, 7), (9, 3))],
)
def test_resampled_part_holds_all_that_reaches_the_least(
    old: tuple[int, int], new: tuple[int, int]
) -> None:
    values = torch.rand(*old, 6, generator=torch.Generator().manual_seed(0)) ** 3
    values[: old[0] // 2, :, :2] = 0
    whole = torch.nn.functional.interpolate(
        values.permute(2, 0, 1)[:, None], new, mode="bilinear", antialias=True
    )[:, 0].permute(1, 2, 0)
    for least in (0.05, 0.5, 0.9):
        box, part = resample_part(values, new, least) or ((slice(0),) * 3, whole[:0, :0, :0])
        torch.testing.assert_close(part, whole[box])
        outside = whole.clone()
        outside[box] = 0
        assert (outside < least).all()
    assert resample_part(values, new, 1.5) is None


@pytest.mark.parametrize("spacing", [0.7, 1.0, 2.4])
def test_masks_are_those_of_the_probabilities_on_the_whole_grid(spacing: float) -> None:
    probability = torch.rand(1, 20, 24, 5, generator=torch.Generator().manual_seed(1)) ** 2
    scan = MetaTensor(torch.zeros(1, 60, 44, 5), torch.diag(torch.tensor([0.4, 0.5, 5.0, 1.0])))
    resample = ResampleSlices(spacing)
    coarse = resample(scan)
    size = tuple(coarse.shape[1:3])
    probability = torch.nn.functional.interpolate(probability.permute(0, 3, 1, 2), size)
    probability = probability.permute(0, 2, 3, 1)
    whole = resample.inverse(MetaTensor(probability).copy_meta_from(coarse)).as_tensor()[0]
    part = resample_part(probability[0], (60, 44), 0.5)
    assert part is not None
    found = torch.zeros(60, 44, 5, dtype=torch.bool)
    found[part[0]] = part[1] >= 0.5
    clear = (whole - 0.5).abs() > 1e-6
    assert torch.equal(found[clear], (whole >= 0.5)[clear])


@pytest.mark.parametrize("axcodes", ["LPS", "RAI", "SAL"])
def test_probabilities_lie_on_the_files_grid_and_agree_with_the_masks(
    tmp_path: Path, coarse_oracle: Path, phantom: Any, axcodes: str
) -> None:
    phantom(tmp_path / "scan.nii.gz", axcodes, size=(93, 110, 7), spacing=(0.9, 0.8, 5.0))
    bundle = load_bundle(coarse_oracle)
    transforms = inference_transforms(bundle.preprocess)
    read = read_scan(transforms, tmp_path / "scan.nii.gz")
    found = segment(bundle.network, read["image"], read["hu"], keep_probabilities=True)
    assert found.probabilities is not None
    assert found.probabilities.shape == found.masks.shape
    np.testing.assert_array_equal(found.probabilities >= 128, found.masks == 1)
    assert np.unique(found.probabilities).size > 50


def test_thresholds_may_differ_by_structure() -> None:
    def sixty_percent(slices: torch.Tensor) -> torch.Tensor:
        return torch.full((len(slices), len(STRUCTURE_IDS), *slices.shape[2:]), 0.4055)

    how = Postprocess.from_config({"threshold": {"hematoma": 0.61, "midline": 0.59}})
    hu = MetaTensor(torch.zeros(1, 6, 5, 3), torch.eye(4))
    masks = segment(sixty_percent, torch.zeros(3, 6, 5, 3), hu, how).masks
    assert [float(mask.mean()) for mask in masks] == [0, *[1] * (len(STRUCTURE_IDS) - 1)]


@pytest.mark.parametrize("flips", [[], [0], [0, 1, 2]])
def test_pieces_stay_where_a_peak_is_reached(flips: list[int]) -> None:
    """A piece of 80 % with a voxel of 98 %, and one without, over two pieces of the scan."""
    logits = torch.full((6, 5, 40), -9.0)
    logits[1:3, 1:3, 4:36] = logits[4, 1:4, 33:39] = 1.39
    logits[1, 1, 5] = 3.9

    def network(slices: torch.Tensor) -> torch.Tensor:
        numbers = slices[:, 0, 0, 0].long()
        every = logits[..., numbers].permute(2, 0, 1)[:, None]
        return every.expand(-1, len(STRUCTURE_IDS), -1, -1)

    image = torch.arange(40.0).expand(3, 6, 5, 40)
    affine = torch.diag(torch.tensor([-1.0, -1, 1, 1]))
    for axis in flips:
        affine[axis, axis] *= -1
    hu = MetaTensor(torch.zeros(1, 6, 5, 40), affine)
    how = Postprocess.from_config({"lowest_peak": {"hematoma": 0.97}})
    found = segment(network, image, hu, how)
    expected = (logits > 0).numpy()
    expected[4] = False
    np.testing.assert_array_equal(found.masks[0], np.flip(expected, flips))
    assert found.effects["hematoma"].removed["lowest_peak"].components == 1
    assert found.masks[1].sum() == (logits > 0).sum() and not found.effects["midline"].removed


@pytest.mark.parametrize("axcodes", ORIENTATIONS)
def test_pieces_are_removed_whatever_the_orientation(
    tmp_path: Path, oracle: Path, phantom: Any, axcodes: str
) -> None:
    expected = phantom(tmp_path / "scan.nii.gz", axcodes)
    bundle = load_bundle(oracle)
    read = read_scan(inference_transforms(bundle.preprocess), tmp_path / "scan.nii.gz")
    voxel = 2.0 * 1.8 * 5.0 / 1000
    ml = {name: float(mask.sum()) * voxel for name, mask in expected.items()}
    how = Postprocess.from_config({"smallest_ml": {"hematoma": ml["hematoma"] + 0.01}})
    found = segment(bundle.network, read["image"], read["hu"], how)
    assert not found.masks[0].any()
    np.testing.assert_array_equal(found.masks[3], expected["ventricle_right"])
    removed = found.effects["hematoma"].removed["smallest_ml"]
    assert removed.components >= 1 and removed.ml == pytest.approx(ml["hematoma"])


def test_the_stride_of_a_network_is_known_whatever_its_form() -> None:
    class Strided(torch.nn.Module):
        def __init__(self, *strides: Any) -> None:
            super().__init__()
            self.strides = strides

    assert stride_of(Strided(2, 2, 2)) == 8
    assert stride_of(Strided([1, 1], [2, 2], 2)) == 4  # as DynUNet has them
    assert stride_of(Strided((1, 2), (3, 2))) == 12  # multiples of 3 along x and of 4 along y
    six = Strided(*[2] * 6)
    assert stride_of(align_channels(six, ("hematoma", "midline"))) == 64
    assert stride_of(torch.nn.Conv2d(3, 4, 1)) is stride_of(lambda x: x) is None
