"""What is to be imported, and what of it goes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import DataError, UsageError
from cohort.facts.structures import STRUCTURE_IDS
from cohort.space.address import labels_of


@dataclass(frozen=True)
class Asked:
    """What is to be imported, as the options of `cohort.import_files` say it.

    Attributes
    ----------
    images, records, tags
        Globs; the id of a file's case is what their wildcards stand for.
    masks
        Structure id to glob.
    label_maps, labels
        Glob of volumes that hold several structures, and label to structure.
    segmentations, segments
        Glob of 3D Slicer's segmentations, and name or id of a segment to structure, where its name
        does not tell.
    nnunet
        nnU-Net's raw folder of a dataset, in place of globs of images and masks; `labels` says of
        labels, by name or number, which structure they are, where their names do not tell.
    series
        UIDs of DICOM series to take, where the choice would be another.
    id_pattern
        Regular expression that finds the id in a path instead of the wildcards.
    without
        Images that are not to be imported, though a glob names them.
    """

    images: str | None = None
    masks: Mapping[str, str] = field(default_factory=dict)
    records: str | None = None
    tags: str | None = None
    label_maps: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    segmentations: str | None = None
    segments: Mapping[str, str] = field(default_factory=dict)
    nnunet: Path | None = None
    id_pattern: str | None = None
    series: tuple[str, ...] = ()
    without: frozenset[Path] = frozenset()


def refuse_bad_options(asked: Asked) -> None:
    """Refuse what cannot be meant together.

    Raises
    ------
    UsageError
        If nothing, or an unknown structure, is asked for, or an option lacks another one.
    """
    scans = "--images" if asked.nnunet is None else "--nnunet"
    of_masks = {
        "--mask": asked.masks,
        "--label-maps": asked.label_maps,
        "--segmentations": asked.segmentations,
    }
    given = [option for option, value in of_masks.items() if value]
    if asked.nnunet is not None and (asked.images or given):
        other = "--images" if asked.images else given[0]
        raise UsageError(f"{scans} brings images and masks of its own; leave out {other}.")
    if given and not asked.images:
        raise UsageError(f"{given[0]} needs --images: a mask belongs to a CT.")
    if not (asked.images or asked.records or asked.tags or asked.nnunet):
        raise UsageError("Nothing to import: give --images, --nnunet, --records or --tags.")
    if asked.series and not asked.images:
        raise UsageError("--series needs --images: it names a series of one of them.")
    if asked.label_maps and not asked.labels:
        raise UsageError(
            "--label-maps needs --labels, which says which label is which structure: "
            "1=hematoma,2=midline."
        )
    if asked.labels and not (asked.label_maps or asked.nnunet):
        raise UsageError("--labels is for --label-maps or --nnunet.")
    if asked.label_maps:
        for label in asked.labels:
            try:
                labels_of(label, "--labels")
            except DataError as error:
                raise UsageError(str(error)) from None
    if asked.segments and not asked.segmentations:
        raise UsageError("--segments is for --segmentations.")
    for option, names in (
        ("--mask", asked.masks),
        ("--labels", asked.labels.values()),
        ("--segments", asked.segments.values()),
    ):
        for structure in names:
            if structure not in STRUCTURE_IDS:
                known = ", ".join(STRUCTURE_IDS)
                raise UsageError(
                    f"{option} {structure}: unknown structure; the structures are {known}."
                )


def globs_of_masks(options: list[str]) -> dict[str, str]:
    """Return structure to glob, of what `--mask` was given, `hematoma='seg/*.nii.gz'`.

    Raises
    ------
    UsageError
        If one is not so, or a structure is given twice.
    """
    masks: dict[str, str] = {}
    for option in options:
        structure, equals, pattern = option.partition("=")
        if not equals or not pattern:
            raise UsageError(f"--mask {option}: write structure=glob, hematoma='seg/*.nii.gz'.")
        if structure in masks:
            raise UsageError(f"--mask {structure}: is given twice; one glob can name all files.")
        masks[structure] = pattern
    return masks
