"""One scan exported: read, prepared for the network, and written as a picture per slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cohort.base.errors import DataError
from cohort.faults import FileNote

if TYPE_CHECKING:
    from imaging.scans.preprocess import Preprocess

Entries = dict[str, list[dict[str, Any]]]
"""Part to the list entries of its slices."""


class ToExport(NamedTuple):
    """A scan to be exported.

    Attributes
    ----------
    image
        Its file.
    masks
        Structure to mask, for a corpus; None for pictures alone.
    parts
        Which part all slices are of, or each, from the lowest on; None for one of no part.
    """

    image: Path
    masks: Mapping[str, Path] | None = None
    parts: str | Sequence[str] | None = None


@dataclass(frozen=True)
class HowToExport:
    """How scans become slices.

    Attributes
    ----------
    preprocess
        Windows and in-plane spacing.
    channels
        Which of the windows are written: three in RGB, or one in grey.
    force
        Export what cannot be a head CT, and masks of other images, as well.
    """

    preprocess: Preprocess
    channels: tuple[int, ...] = (0, 1, 2)
    force: bool = False


def export_scan(
    case_id: str, given: ToExport, how: HowToExport, folder: Path
) -> tuple[Entries, list[FileNote]]:
    """Write the slices of a scan to `folder`.

    Returns
    -------
    entries
        What the list of a corpus says of them.
    notes
        What is unusual about the scan's files.

    Raises
    ------
    DataError
        If a file is not what it should be, or the split knows other slices; without `force` also
        if the scan cannot be a head CT (`cohort.checks.plausible`), or masks are not its own.
    """
    from cohort.links.same_scan import scan_digest
    from cohort.space.file_types import read_volume
    from imaging.scans.plausible import refuse_implausible
    from imaging.scans.preprocess import read_scan, scan_transforms
    from imaging.scans.write_case import write_case

    transforms = scan_transforms(how.preprocess, masks=given.masks is not None)
    scan = read_scan(refuse_implausible(transforms, how.force), given.image, given.masks)
    scan["image"] = scan["image"][list(how.channels)]
    parts, depth = given.parts, scan["image"].shape[-1]
    if given.masks is not None:  # so that a model knows what it was trained on
        scan["digest"] = scan_digest(read_volume(given.image)[0])
    if parts is None or isinstance(parts, str):
        return write_case(case_id, scan, folder, lambda *_: parts), scan["notes"]
    if len(parts) != depth:
        raise DataError(
            f"{given.image}: has {depth} slices, the split {len(parts)}; split the cohort again."
        )
    return write_case(case_id, scan, folder, lambda _, index: parts[index]), scan["notes"]
