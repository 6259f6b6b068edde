"""The plain MONAI recipe on our four overlapping structures: a program of its own.

From MONAI's tutorials (github.com/Project-MONAI/tutorials):

- `2d_segmentation/torch/unet_training_dict.py`: dictionary transforms, crops around positive and
  negative pixels in equal number, UNet 16…256 with two residual units, Dice loss on sigmoid
  outputs, Adam at 1e-3, a plain PyTorch loop, sliding windows of the patch's size;
- `3d_segmentation/spleen_segmentation_3d.ipynb`: `ScaleIntensityRanged`, `CacheDataset`;
- `3d_segmentation/brats_segmentation_3d.ipynb`: overlapping structures as sigmoid channels, and
  `CosineAnnealingLR` to the end of the training.

What was changed for its best chance on a CPU and on this task:

- It is given this project's exported slices: three CT windows at 1 mm instead of one window.
- The patch holds a head (160×192 instead of 96×96), since left and right cannot be told from a
  small piece; a step takes four patches, of four slices, instead of eight of two.
- Crops are drawn around pixels of any structure: given four channels, `RandCropByPosNegLabeld`
  would drop the first, the hematoma, as background.
- Small turns and zooms (`RandAffined`, as the spleen tutorial proposes) instead of
  `RandRotate90d`: no scan lies on its side, and its side is what tells left from right.
- Binary cross entropy beside Dice, which alone does not see false alarms on the many slices
  without a structure (`DiceCELoss` would take a softmax over the four channels).
- No validation and no choice of the best epoch: the learning rate ends at zero, so that the last
  weights are good ones, and all CPU-seconds go into steps.
- Slices are cached when they are first used, in 8 bit, so that a short training reads few.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from cohort.facts.structures import STRUCTURES

SETTINGS: dict[str, Any] = {
    "network": {
        "name": "monai.networks.nets.UNet",
        "spatial_dims": 2,
        "in_channels": 3,
        "out_channels": len(STRUCTURES),
        "channels": [16, 32, 64, 128, 256],
        "strides": [2, 2, 2, 2],
        "num_res_units": 2,
    },
    "patch": [160, 192],
    "batch_size": 4,
    "affine": {"prob": 0.5, "rotate_range": 0.2, "scale_range": [0.1, 0.1]},
    "loss": "DiceLoss(sigmoid=True, batch=True) + BCEWithLogitsLoss()",
    "optimizer": "Adam",
    "learning_rate": 1e-3,
    "schedule": "CosineAnnealingLR, a step at a time, to 0 at the end",
    "seed": 0,
}

WEIGHTS = "model.pt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="train on exported slices")
    training.add_argument("--steps", type=int, required=True, help="steps of the schedule")
    prediction = commands.add_parser("predict", help="segment the test part of a cohort")
    prediction.add_argument("--cohort", type=Path, required=True)
    prediction.add_argument("--split", type=Path, required=True)
    prediction.add_argument("--output", type=Path, required=True, help="folder for masks")
    for command in (training, prediction):
        command.add_argument("corpus", type=Path, help="folder that imaging.export wrote")
        command.add_argument("model", type=Path, help="folder of the model")
    given = parser.parse_args()
    if given.command == "train":
        train(given.corpus, given.model, given.steps)
    else:
        predict(given.corpus, given.model, given.cohort, given.split, given.output)


def train(corpus: Path, model: Path, steps: int) -> None:
    """Train for a number of steps; write the weights to the folder `model`."""
    import imaging  # noqa: F401, I001  (before torch: how its threads wait)
    import torch
    from monai.data import CacheDataset, DataLoader, list_data_collate
    from monai.losses import DiceLoss
    from monai.utils import set_determinism

    from imaging.scans.datalist import labelled_slices, read_datalist

    set_determinism(SETTINGS["seed"])
    files = [
        {"image": str(entry["image"]), "label": str(entry["label"])}
        for entry in labelled_slices(read_datalist(corpus), corpus, "train")
    ]
    dataset = CacheDataset(files, _transforms(), runtime_cache=True, progress=False)
    loader = DataLoader(
        dataset,
        batch_size=SETTINGS["batch_size"],
        shuffle=True,
        drop_last=len(files) >= SETTINGS["batch_size"],
        collate_fn=list_data_collate,
    )
    network = _network().train()
    dice, cross_entropy = DiceLoss(sigmoid=True, batch=True), torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(network.parameters(), SETTINGS["learning_rate"])
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    for step, batch in enumerate(islice(_endless(loader), steps), 1):
        image, label = batch["image"].as_tensor(), batch["label"].as_tensor()
        optimizer.zero_grad()
        logits = network(image)
        loss = dice(logits, label) + cross_entropy(logits, label)
        loss.backward()
        optimizer.step()
        scheduler.step()
        if step % 50 == 0:
            print(f"{step}/{steps}  loss {loss.item():.4f}")
    torch.save(network.state_dict(), model / WEIGHTS)


def predict(corpus: Path, model: Path, cohort: Path, split: Path, output: Path) -> None:
    """Write the masks of each scan of the test part to `output`, on the scan's own grid."""
    import imaging  # noqa: F401, I001  (before torch: how its threads wait)
    import torch
    from monai.inferers import sliding_window_inference

    from cohort.space.file_types import read_header
    from cohort.space.nifti.volume import save_volume
    from benchmarks.training.contenders.base import Task
    from imaging.scans.datalist import read_datalist
    from imaging.scans.preprocess import Preprocess, read_scan, scan_transforms, to_input_grid

    network = _network().eval()
    network.load_state_dict(torch.load(model / WEIGHTS, weights_only=True))
    transforms = scan_transforms(Preprocess.from_config(read_datalist(corpus).preprocess))
    task = Task.load(cohort, split, model)
    for case in task.test:
        path = task.cohort.path(str(case.image))
        image = read_scan(transforms, path)["image"]
        slices = image.as_tensor().permute(3, 0, 1, 2)
        with torch.no_grad():
            logits: Any = sliding_window_inference(
                slices, SETTINGS["patch"], SETTINGS["batch_size"], network
            )
        probabilities = to_input_grid(transforms, logits.sigmoid().permute(1, 2, 3, 0), image)
        masks = (probabilities.as_tensor() > 0.5).byte().numpy()
        affine = read_header(path).affine
        for structure in STRUCTURES:
            name = f"{case.id}_{structure.id}.nii.gz"
            save_volume(output / name, masks[structure.channel], affine)
        print(case.id)


def _network() -> Any:
    from monai.networks.nets import UNet

    return UNet(**{key: value for key, value in SETTINGS["network"].items() if key != "name"})


def _transforms() -> Any:
    import numpy as np
    from monai.transforms import (
        Compose,
        EnsureChannelFirstd,
        Lambdad,
        LoadImaged,
        RandAffined,
        RandCropByPosNegLabeld,
        ScaleIntensityRanged,
        SpatialPadd,
    )

    keys, patch = ["image", "label"], SETTINGS["patch"]
    return Compose(
        [
            LoadImaged(keys, dtype=np.uint8),
            EnsureChannelFirstd(["image"], channel_dim=-1),
            EnsureChannelFirstd(["label"], channel_dim="no_channel"),
            SpatialPadd(keys, patch),
            RandCropByPosNegLabeld(
                keys, label_key="label", spatial_size=patch, pos=1, neg=1, num_samples=1
            ),
            RandAffined(
                keys,
                mode=["bilinear", "nearest"],
                padding_mode="zeros",
                **SETTINGS["affine"],
            ),
            ScaleIntensityRanged(["image"], 0, 255, 0.0, 1.0),
            Lambdad(["label"], _bits_to_channels),
        ]
    )


def _bits_to_channels(label: Any) -> Any:
    """Turn the bit field of a label [1, X, Y] into masks [S, X, Y] of 0/1."""
    import torch

    bits = label.to(torch.uint8)
    return torch.cat([bits >> structure.channel & 1 for structure in STRUCTURES]).float()


def _endless(loader: Any) -> Iterator[Mapping[str, Any]]:
    while True:
        yield from loader


if __name__ == "__main__":
    # As a program its own folder is on the path, where it needs the project's.
    sys.path[0] = str(Path(__file__).resolve().parents[3])
    main()
