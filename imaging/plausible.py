"""Refuse scans that can be no head CT while they are read, before anything is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.transforms import Compose, Transform

from cohort.findings import FORCED
from cohort.nifti import read_header
from cohort.plausible import require_plausible


class RequirePlausibled(Transform):
    """Raise `DataError` for an `image` that can be no head CT (`cohort.plausible`).

    Parameters
    ----------
    force
        Let it pass, and add what is wrong to `notes`.
    """

    def __init__(self, force: bool = False) -> None:
        self.force = force

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return `data`, whose `image` is what `LoadScand` made of a file: [1, I, J, K] in HU."""
        path = Path(data["image"].meta["filename_or_obj"])
        hounsfield = data["image"].as_tensor().numpy()[0]
        found = require_plausible(path, hounsfield, read_header(path), self.force)
        forced = [str(note) for note in found.notes if note.kind == FORCED]
        notes = [*data.get("notes", []), *forced]
        return {**data, "notes": notes}


def refuse_implausible(transforms: Compose, force: bool = False) -> Compose:
    """Return `scan_transforms` that refuse a scan as soon as it is read."""
    load, *rest = transforms.transforms
    return Compose([load, RequirePlausibled(force), *rest])
