"""An oracle model that knows the structures by their HU, phantoms for it to see, a toy corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import Split
from cohort.space.affine import make_affine
from cohort.space.file_types import read_header
from cohort.space.nifti.volume import save_volume

# HU of the brain, and of each structure, told apart by the oracle's three windows.
BRAIN = 30
HU = {"hematoma": 64, "midline": 140, "ventricle_left": 180, "ventricle_right": 4}
NOISE = 6
WINDOWS = {"brain": [0, 80], "blood": [100, 160], "bone": [160, 200]}
# Logits of the structures, linear in the windows' values, which are for the brain .375 0 0,
# hematoma .8 0 0, midline 1 .67 0, ventricle_left 1 1 .5, ventricle_right .05 0 0.
WEIGHTS = [[100.0, -300.0, 0.0], [0.0, 100.0, -300.0], [0.0, 0.0, 100.0], [-100.0, 0.0, 0.0]]
BIASES = [-60.0, -30.0, -20.0, 20.0]
# The phantoms have none of the other structures, and the oracle marks none unless it is asked to:
# then blood in the left ventricle from 190 HU on, and outside the brain from 77 to 101 HU, within
# what it takes for the ventricle and for a hematoma.
WEIGHTS += [[0.0, 0.0, 100.0], [0.0, 0.0, 0.0], [100.0, -300.0, 0.0]]
BIASES += [-75.0, -60.0, -95.0]
BLOOD_HU = {"ventricular_blood": 196, "outer_blood": 90}
PAINTED = tuple(HU)
"""Structures that the phantoms show; the masks of the others are empty."""

CENTRES = {  # mm, RAS+
    "hematoma": (-20, 14, 5),
    "midline": (0, 0, 0),
    "ventricle_left": (-9, -6, 2),
    "ventricle_right": (9, -8, 2),
}
RADII = {
    "hematoma": (8, 10, 9),
    "midline": (2, 30, 40),
    "ventricle_left": (4, 12, 9),
    "ventricle_right": (5, 11, 9),
}


def write_oracle(
    folder: Path,
    spacing: float | None = None,
    learnt: dict[str, Any] | None = None,
    other_blood: bool = False,
) -> Path:
    """Write a model that marks voxels by their HU alone, and has learnt all unless told."""
    import torch

    from imaging.model.bundle import save_bundle
    from imaging.model.learnt import Lesson, as_json

    network = torch.nn.Conv2d(3, len(STRUCTURE_IDS), 1)
    with torch.no_grad():
        network.weight.copy_(torch.tensor(WEIGHTS)[..., None, None])
        network.bias.copy_(torch.tensor(BIASES))
        if not other_blood:
            network.weight[len(PAINTED) :] = 0
    channels = {"in_channels": 3, "out_channels": len(STRUCTURE_IDS)}
    definition = {"_target_": "torch.nn.Conv2d", **channels}
    config = {
        "preprocess": {"windows": WINDOWS, "spacing": spacing},
        "network_def": {**definition, "kernel_size": 1},
    }
    known = dict.fromkeys(STRUCTURE_IDS, Lesson(3, 3)) if learnt is None else learnt
    metadata = {"name": "oracle", "version": "1.2.3", "learnt": as_json(known)}
    metadata["structures"] = list(STRUCTURE_IDS)
    save_bundle(folder, network, config, metadata)
    return folder


@pytest.fixture(scope="session")
def make_oracle() -> Callable[..., Path]:
    """Return `write_oracle`."""
    return write_oracle


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the oracle, which works on each scan's own pixels."""
    return write_oracle(tmp_path_factory.mktemp("oracle") / "model")


@pytest.fixture(scope="session")
def coarse_oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an oracle that sees pixels of 1.5 mm."""
    return write_oracle(tmp_path_factory.mktemp("oracle") / "coarse", spacing=1.5)


def tilted(affine: NDArray) -> NDArray:
    """Turn a volume as heads are: 8° around y, then 12° around x."""
    a, b = np.radians([8, 12])
    around_y = [[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]]
    around_x = [[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]]
    turn = np.eye(4)
    turn[:3, :3] = np.array(around_x) @ np.array(around_y)
    return turn @ affine


def paint(shape: tuple[int, int, int], affine: NDArray) -> tuple[NDArray, dict[str, NDArray]]:
    """Return HU and masks of a patient, who lies in the world and not in the array."""
    index = np.moveaxis(np.indices(shape), 0, -1)
    world = index @ affine[:3, :3].T + affine[:3, 3]
    hu, masks = np.full(shape, BRAIN, np.int16), {}
    for name in ("midline", "hematoma", "ventricle_left", "ventricle_right"):
        offset = (world - CENTRES[name]) / RADII[name]
        masks[name] = (np.linalg.norm(offset, axis=-1) < 1).astype(np.uint8)
        hu[masks[name] > 0] = HU[name]
    masks = {name: (hu == HU.get(name)).astype(np.uint8) for name in STRUCTURE_IDS}
    # Noise, as every scan has it: without, these could not be HU (`cohort.checks.values`).
    # The same in the patient, however the scan is stored.
    noise = NOISE * np.sin(world @ (12.9898, 78.233, 37.719)).round(6)
    return np.rint(hu + np.where(hu == BRAIN, noise, noise / 3)).astype(np.int16), masks


@dataclass(frozen=True)
class Grid:
    """Voxels in the world: `world` [I, J, K, 3] in mm, LPS+ (left, back, up)."""

    affine: NDArray
    shape: tuple[int, ...]

    @classmethod
    def make(
        cls,
        axcodes: str = "LPS",
        spacing: Sequence[float] = (0.8, 0.8, 4.0),
        extent: Sequence[float] = (110, 150, 70),
        tilt: float = 0.0,
        turn: float = 0.0,
    ) -> Grid:
        """Return a grid around the world's origin.

        Parameters
        ----------
        axcodes
            Orientation of the array.
        spacing, extent
            Along left-right, posterior-anterior, inferior-superior, in mm.
        tilt, turn
            Degrees by which it is turned around the left-right and then the vertical axis.
        """
        size = [max(1, round(mm / step)) for mm, step in zip(extent, spacing, strict=True)]
        order = [
            next(i for i, pair in enumerate(("LR", "PA", "IS")) if code in pair) for code in axcodes
        ]
        shape = size[order[0]], size[order[1]], size[order[2]]
        steps = float(spacing[order[0]]), float(spacing[order[1]]), float(spacing[order[2]])
        affine = make_affine(axcodes, steps, shape)
        a, b = np.radians([tilt, turn])
        rotation = np.eye(4)
        rotation[:3, :3] = np.array(
            [[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]]
        ) @ np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
        return cls(rotation @ affine, shape)

    @cached_property
    def world(self) -> NDArray:
        index = np.moveaxis(np.indices(self.shape, np.float32), 0, -1)
        return (index @ self.affine[:3, :3].T + self.affine[:3, 3]) * [-1, -1, 1]

    def ellipsoid(
        self,
        centre: Sequence[float],
        radii: Sequence[float],
        axes: NDArray | None = None,
    ) -> NDArray:
        """Return the mask of an ellipsoid; the rows of `axes` are its own, LPS+."""
        offset = (self.world - centre) @ (np.eye(3) if axes is None else axes).T
        return (np.square(offset / radii).sum(axis=-1) <= 1).astype(np.uint8)

    def midline(
        self, left: Callable[[NDArray], NDArray], length: float = 140.0, width: float = 3.0
    ) -> NDArray:
        """Return the mask of a line whose place to the left is a function of 0 front to 1 back."""
        x, y, z = np.moveaxis(self.world, -1, 0)
        t = y / length + 0.5
        line = (np.abs(x - left(t)) < width / 2) & (t >= 0) & (t <= 1)
        return (line & (np.abs(z) < 25)).astype(np.uint8)


@pytest.fixture
def make_grid() -> Callable[..., Grid]:
    """Return a function that makes a grid to draw masks of known measures on."""
    return Grid.make


Phantom = Callable[..., dict[str, NDArray]]


@pytest.fixture(scope="session")
def phantom() -> Phantom:
    """Return a function that writes a scan and returns its masks."""

    def write(
        path: Path,
        axcodes: str = "LPS",
        size: tuple[int, int, int] = (42, 51, 7),
        spacing: tuple[float, float, float] = (2.0, 1.8, 5.0),
        oblique: bool = False,
    ) -> dict[str, NDArray]:
        # `size` and spacing are along left-right, posterior-anterior, inferior-superior.
        order = [next(i for i, pair in enumerate(("LR", "PA", "IS")) if c in pair) for c in axcodes]
        shape = (size[order[0]], size[order[1]], size[order[2]])
        along = (spacing[order[0]], spacing[order[1]], spacing[order[2]])
        affine = make_affine(axcodes, along, shape)
        affine = tilted(affine) if oblique else affine
        hu, masks = paint(shape, affine)
        save_volume(path, hu, affine)
        return masks

    return write


@pytest.fixture
def phantom_cohort(tmp_path: Path, phantom: Phantom) -> Path:
    """Return a cohort of three phantoms, p1 to p3, in three orientations."""
    folder, cases = tmp_path / "cohort", []
    for case_id, axcodes in (("p1", "LPS"), ("p2", "RAS"), ("p3", "SAL")):
        image = f"images/{case_id}.nii.gz"
        masks = phantom(folder / image, axcodes)
        affine = read_header(folder / image).affine
        paths = {name: f"masks/{case_id}_{name}.nii.gz" for name in masks}
        for name, mask in masks.items():
            save_volume(folder / paths[name], mask, affine)
        cases.append(Case(case_id, image, paths))
    Cohort(folder, "phantoms", tuple(cases)).save()
    return folder


@pytest.fixture
def make_split(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a split file."""

    def write(
        cases: dict[str, str],
        slices: dict[str, list[str]] | None = None,
        cohort: str = "phantoms",
    ) -> Path:
        by = "slice" if slices else "patient"
        split = Split(cohort, by, 0, (0.6, 0.1, 0.3), cases, slices or {})
        split.save(tmp_path / "split.json")
        return tmp_path / "split.json"

    return write


@pytest.fixture(scope="session")
def small_config(root: Path) -> Callable[[], dict[str, Any]]:
    """Return a function that returns the usual configuration, all of toy size."""
    from imaging.model.config import DEFAULT_CONFIG, read_config

    def build() -> dict[str, Any]:
        config = read_config(root / DEFAULT_CONFIG)
        config["train"] |= {"max_epochs": 2, "batch_size": 4, "patch": [16, 16]}
        config["network_def"] |= {"channels": [4, 8], "strides": [2], "num_res_units": 0}
        return config

    return build


@pytest.fixture(scope="session")
def corpus(
    tmp_path_factory: pytest.TempPathFactory, small_config: Callable[[], dict[str, Any]]
) -> Path:
    """Return a corpus of toy slices: bright hematoma, dark ventricles, a line between them."""
    import torch

    from imaging.scans.slices import write_slice, write_slice_label
    from imaging.scans.windows import show_windows

    folder = tmp_path_factory.mktemp("corpus")
    preprocess = small_config()["preprocess"]
    windows = list(preprocess["windows"].values())
    rng = np.random.default_rng(0)
    sections: dict[str, list[dict[str, Any]]] = {"training": [], "validation": [], "test": []}
    for case, part, section in [("a", "train", "training"), ("b", "train", "training")] + [
        ("c", "val", "validation")
    ]:
        (folder / part).mkdir(exist_ok=True)
        for index in range(4):
            label = np.zeros((len(STRUCTURE_IDS), 24, 20), np.uint8)
            if index:
                label[0, 4:9, 4 + index : 9 + index] = 1
                label[1, 11:13, 2:18] = 1
                label[2, 15:18, 8:14] = label[3, 6:9, 10:14] = 1
                label[4, 15:18, 8:11] = label[5, 9, 5:9] = label[6, 19:22, 3:17] = 1
            hu = rng.uniform(28, 34, (24, 20))
            hu = hu + 32 * label[0] + 13 * label[1] - 25 * (label[2] | label[3])
            hu = hu + 45 * label[4] - 8 * label[5] + 70 * label[6]
            image = show_windows(torch.from_numpy(hu)[None, None], windows)[0] * 255
            stem = f"{part}/{case}_{index:03d}"
            write_slice(folder / f"{stem}.png", image.round().byte().numpy())
            write_slice_label(folder / f"{stem}_mask.png", label)
            sections[section].append(
                {
                    "image": f"{stem}.png",
                    "label": f"{stem}_mask.png",
                    "case": case,
                    "slice": index,
                    "spacing": [1, 1, 5],
                    "structures": list(STRUCTURE_IDS),
                    "present": list(STRUCTURE_IDS) if index else [],
                }
            )
    (folder / "datalist.json").write_text(json.dumps({"preprocess": preprocess, **sections}))
    return folder
