"""Refuse what cannot be a head CT, and masks that are not its own, while they are read.

Nothing is learnt from them then, and nothing is scored with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.transforms import Compose, Transform

from cohort.checks.masks.check import require_fitting_masks
from cohort.checks.plausible import require_plausible
from cohort.facts.structures import BY_ID


class RequirePlausibled(Transform):
    """Raise `DataError` for an `image` that cannot be a head CT (`cohort.checks.plausible`).

    What is unusual about it is added to `notes`; `untold` names the structures of which the scan
    lets nothing be told, each with the reason; `checked` is all that was found.

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
        found = require_plausible(path, hounsfield, data["header"], self.force)
        notes = [*data.get("notes", []), *found.notes]
        return {**data, "notes": notes, "untold": found.untold, "checked": found}


class RequireFittingMasksd(Transform):
    """Raise `DataError` for masks that do not belong to their `image` (`cohort.checks.masks`).

    Parameters
    ----------
    force
        Let them pass, and add what is wrong to `notes`.
    """

    def __init__(self, force: bool = False) -> None:
        self.force = force

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return `data` as `LoadScand` makes it, with what is unusual added to `notes`."""
        if "label" not in data:
            return dict(data)
        path = Path(data["image"].meta["filename_or_obj"])
        hounsfield = data["image"].as_tensor().numpy()[0]
        label = data["label"].as_tensor().numpy()
        masks = (
            (name, Path(file), label[BY_ID[name].channel]) for name, file in data["masks"].items()
        )
        found = require_fitting_masks(path, hounsfield, data["header"], masks, self.force)
        return {**data, "notes": [*data["notes"], *found]}


def refuse_implausible(transforms: Compose, force: bool = False) -> Compose:
    """Return `scan_transforms` that refuse a scan, or its masks if any, as soon as read."""
    load, *rest = transforms.transforms
    return Compose([load, *_checks(force), *rest])


def only_checked(transforms: Compose) -> Compose:
    """Return those of `refuse_implausible`'s transforms that read a scan and may refuse it."""
    return Compose(transforms.transforms[: 1 + len(_checks(False))])


def _checks(force: bool) -> list[Transform]:
    return [RequirePlausibled(force), RequireFittingMasksd(force)]
