"""Label maps of real heads: how they are read, and what is refused."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.synthetic.mapped.choose import HeadMaps
from cohort.synthetic.mapped.head_map import HeadMap, find_maps, read_map
from tests.cohort.synthetic.mapped.toy_head import SPACING, save_map, toy_labels


@pytest.fixture(scope="module")
def labels() -> NDArray[np.int16]:
    return toy_labels()


@pytest.fixture(scope="module")
def plain(labels: NDArray[np.int16], tmp_path_factory: pytest.TempPathFactory) -> HeadMap:
    return read_map(save_map(tmp_path_factory.mktemp("maps") / "head.nii.gz", labels))


def test_structures_lie_in_head_coordinates(plain: HeadMap) -> None:
    """x grows toward the patient's left, y to the back; the toy is 0.75 of a real head's size."""
    left, right = plain.centre((12,)), plain.centre((51,))
    assert left is not None and right is not None
    assert left[0] == pytest.approx(19, abs=2) and right[0] == pytest.approx(-19, abs=2)
    stem, cortex = plain.centre((16,)), plain.centre((3, 42))
    assert stem is not None and cortex is not None
    assert stem[2] < cortex[2] - 20
    cerebellum = plain.centre((8, 47))
    assert cerebellum is not None and cerebellum[1] > stem[1] + 10
    assert float(plain.middle(np.float32(0), np.float32(20))) == pytest.approx(0, abs=0.7)


@pytest.mark.parametrize("axcodes", ["LPS", "RPI", "SAL", "PIR"])
def test_any_orientation_gives_the_same_head(
    axcodes: str, labels: NDArray[np.int16], plain: HeadMap, tmp_path: Path
) -> None:
    found = read_map(save_map(tmp_path / "map.nii", labels, axcodes))
    assert np.array_equal(found.labels, plain.labels)
    assert np.allclose(found.turn, plain.turn) and found.midline == pytest.approx(plain.midline)


def test_padding_names_and_what_lies_apart_change_nothing(
    labels: NDArray[np.int16], plain: HeadMap, tmp_path: Path
) -> None:
    padded = np.pad(labels, ((9, 4), (3, 12), (0, 20)))
    padded[0, 0, -4:] = 24  # a headrest's shine
    found = read_map(save_map(tmp_path / "training_seg_07.nii.gz", padded))
    assert np.array_equal(found.labels, plain.labels)


def test_spacing_comes_from_the_affine(
    labels: NDArray[np.int16], plain: HeadMap, tmp_path: Path
) -> None:
    fine = labels.repeat(2, 0).repeat(2, 1)
    affine = np.diag((SPACING / 2, SPACING / 2, SPACING, 1.0))
    found = read_map(save_map(tmp_path / "fine.nii.gz", fine, affine=affine))
    assert found.labels.shape == plain.labels.shape
    assert (found.labels == plain.labels).mean() > 0.99


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: np.where(a == 515, 507, a), r"lacks skull \(515\)"),
        (lambda a: np.where(a == 4, 2, a), r"lacks left lateral ventricle \(4\)"),
        (lambda a: np.where(a == 511, 911, a), "has the unknown label 911"),
        (lambda a: np.where(a == 507, -3, a), "has the unknown label"),
        (lambda a: np.zeros_like(a), "holds no label but 0"),
        (lambda a: a[::-1], "its structures do not lie where its affine says"),
        (lambda a: a[:, :, ::-1], "its structures do not lie where its affine says"),
        (lambda a: a.transpose(0, 2, 1), "its structures do not lie where its affine says"),
        (lambda a: (a + 0.5).astype(np.float32), "holds fractions"),
    ],
)
def test_what_is_no_head_is_refused_by_name(
    change: object, message: str, labels: NDArray[np.int16], tmp_path: Path
) -> None:
    path = save_map(tmp_path / "bad.nii.gz", change(labels))  # type: ignore[operator]
    with pytest.raises(DataError, match=f"bad.nii.gz: {message}"):
        read_map(path)


def test_coarse_maps_are_refused(labels: NDArray[np.int16], tmp_path: Path) -> None:
    path = save_map(tmp_path / "coarse.nii", labels, affine=np.diag((2.0, 2.0, 5.0, 1.0)))
    with pytest.raises(DataError, match="voxels are 5 mm wide"):
        read_map(path)


def test_folders_without_maps_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        find_maps(tmp_path / "none")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="holds no label map"):
        find_maps(tmp_path)
    (tmp_path / "cut.nii.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(DataError, match="cut.nii.gz"):
        HeadMaps.of(tmp_path)


def test_each_map_is_used_once_before_any_is_used_again() -> None:
    maps = HeadMaps(tuple(Path(name) for name in "abcde"))
    rounds = [[maps.of_case(7, 5 * r + k).path.name for k in range(1, 6)] for r in range(3)]
    assert all(sorted(one) == list("abcde") for one in rounds)
    assert len({tuple(one) for one in rounds}) > 1
    assert maps.of_case(7, 3) == maps.of_case(7, 3)


def test_patients_are_older_whose_brains_have_more_fluid() -> None:
    maps = HeadMaps(tuple(Path(name) for name in "abcde"))
    ages = {"a": [], "e": []}  # type: dict[str, list[int]]
    rng = np.random.default_rng(0)
    for number in range(1, 101):
        chosen = maps.of_case(1, number)
        if chosen.path.name in ages:
            ages[chosen.path.name].append(chosen.age(rng))
    assert np.mean(ages["e"]) > np.mean(ages["a"]) + 15


def test_real_maps_fit(shared_data: Path) -> None:
    """SynthSeg's maps, where they are: every one is read, its putamen where a putamen lies."""
    for path in find_maps(shared_data / "anatomy")[::6]:
        found = read_map(path)
        left = found.centre((12,))
        assert left is not None and np.abs(left - (25, -16, 0)).max() < 5
        assert nib.load(path).shape != found.labels.shape or found.labels.any()
