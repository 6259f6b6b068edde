"""What a trained model says about itself: the metadata of its MONAI bundle."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any

import monai
import numpy as np
import torch

from cohort.facts.structures import STRUCTURES
from imaging.model.learnt import Lessons, as_json
from imaging.training.history import Epoch


def describe(
    config: Mapping[str, Any],
    epoch: Epoch,
    learnt: Lessons,
    origin: Mapping[str, Any] | None = None,
    forced: int = 0,
    scans: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the metadata of a model: plain JSON values, by MONAI's names where it has some.

    Parameters
    ----------
    config
        The configuration that it was trained with.
    epoch
        The epoch after which it is saved.
    learnt
        What the structures were learnt from.
    origin
        The model that its training started from, as `start_from` describes it.
    forced
        Training cases that were exported with `--force`, though they would have been refused.
    scans
        Digests of the scans that it was trained or validated on, by which a later evaluation tells
        that it isn't one on new scans. Whoever has a scan can tell from them that it was used.
    """
    preprocess = config["preprocess"]
    windows = preprocess["windows"]
    return {
        "name": "HICH head CT segmentation",
        "version": _version(),
        "monai_version": monai.__version__,
        "pytorch_version": str(torch.__version__),
        "numpy_version": np.__version__,
        "task": "Segmentation of bleeds, edema, midline and lateral ventricles on head CT slices",
        "intended_use": "Research. This is not a medical device.",
        "structures": [structure.id for structure in STRUCTURES],
        "learnt": as_json(learnt),
        "windows": {name: list(bounds) for name, bounds in windows.items()},
        "spacing": preprocess.get("spacing"),
        "training": {
            "epoch": epoch.number,
            "loss": round(epoch.loss, 6),
            "val_dice": dict(epoch.dice),
            "val_mean_dice": round(epoch.mean_dice, 6) if epoch.is_scored else None,
            "val_cases": dict(epoch.cases),
            **({"initialised_from": dict(origin)} if origin else {}),
            **({"forced_cases": forced} if forced else {}),
            **({"scans": list(scans)} if scans else {}),
        },
        "network_data_format": {
            "inputs": {
                "image": {
                    "type": "image",
                    "format": "hounsfield",
                    "modality": "CT",
                    "num_channels": len(windows),
                    "spatial_shape": ["*", "*"],
                    "dtype": "float32",
                    "value_range": [0, 1],
                    "is_patch_data": False,
                    "channel_def": {str(k): name for k, name in enumerate(windows)},
                }
            },
            "outputs": {
                "pred": {
                    "type": "image",
                    "format": "segmentation",
                    "num_channels": len(STRUCTURES),
                    "spatial_shape": ["*", "*"],
                    "dtype": "float32",
                    "value_range": [],
                    "is_patch_data": False,
                    "channel_def": {str(s.channel): s.id for s in STRUCTURES},
                }
            },
        },
    }


def _version() -> str:
    try:
        return importlib.metadata.version("hich-workflow")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0"
