"""Weights of 16 bits, where they lose nothing: the masks of some generated scans tell."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cohort.facts.structures import STRUCTURES
from cohort.schema.manifest import Cohort
from cohort.synthesize import synthesize
from imaging.model.bundle import Bundle
from imaging.model.channels import own_network
from imaging.model.inference import inference_transforms, segment
from imaging.scans.preprocess import read_scan

SEED = 990_017
"""Of the scans that masks are compared on: of no training, validation or test."""
LOSSLESS = 5e-3
"""Voxels that may differ, as a share of those that belong to the structure by either weights.

The Dice of the two masks is 0.9975 then: a tenth of what scores are uncertain by over 50 cases.
"""


@dataclass(frozen=True)
class HalvedMasks:
    """How masks by weights of 16 bits differ from those by the full ones.

    Attributes
    ----------
    cases
        Generated scans that were segmented twice.
    differing, of
        Structure to the voxels that differ, and to those that belong to it by either.
    """

    cases: int
    differing: dict[str, int]
    of: dict[str, int]

    @property
    def lossless(self) -> bool:
        """Whether so few differ that nothing is lost."""
        return all(n <= LOSSLESS * self.of[name] for name, n in self.differing.items())


def halved(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return weights with the kernels in 16 bits; what is small anyway (biases, norms) stays."""
    return {
        name: value.half() if value.is_floating_point() and value.ndim > 1 else value
        for name, value in weights.items()
    }


def compare_halved(bundle: Bundle, cases: int = 4, **shape: Any) -> HalvedMasks:
    """Segment generated scans with full and with halved weights.

    Parameters
    ----------
    bundle
        The model, on the CPU.
    cases
        Scans of each style; `shape` has their `size` and `slices`, where they aren't the usual.
    """
    network = copy.deepcopy(bundle.network)
    inner = own_network(network)
    inner.load_state_dict(halved(inner.state_dict()))
    half = replace(bundle, network=network)
    transforms = inference_transforms(bundle.preprocess)
    told = [s for s in STRUCTURES if s.id not in bundle.untold]
    differing, of = (dict.fromkeys((s.id for s in told), 0) for _ in range(2))
    total = 0
    with tempfile.TemporaryDirectory() as temporary:
        for style in ("routine", "other"):
            folder = Path(temporary) / style
            synthesize(folder, cases, SEED, style=style, processes=1, **shape)
            cohort = Cohort.load(folder)
            for case in cohort.with_image:
                data = read_scan(transforms, cohort.path(str(case.image)))
                one, two = (
                    segment(model.network, data["image"], data["hu"], model.postprocess).masks
                    for model in (bundle, half)
                )
                total += 1
                for s in told:
                    differing[s.id] += int(np.count_nonzero(one[s.channel] != two[s.channel]))
                    of[s.id] += int(np.count_nonzero(one[s.channel] | two[s.channel]))
    return HalvedMasks(total, differing, of)
