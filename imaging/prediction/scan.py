"""One scan in, its masks, measurements and picture out: reading, segmenting, writing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from monai.data import MetaTensor
from monai.transforms import Compose

from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from cohort.checks.plausible import require_plausible
from cohort.facts.doubts import SIZES
from cohort.facts.structures import STRUCTURES
from cohort.faults import CheckResult
from cohort.schema.scans.measurements import Measurements
from cohort.space.header import Header
from cohort.space.slices.places import write_places
from imaging.measure.skull.head_frame import HeadFrame
from imaging.measure.skull.opened import check_opened
from imaging.model.bundle import Bundle
from imaging.model.inference import PROBABILITY_LEVELS, Segmentation, segment
from imaging.model.learnt import NOT_LEARNT, doubt_of
from imaging.prediction.described import (
    MONTAGE,
    PROBABILITY,
    SUMMARY,
    ReadScan,
    describe_scan,
    draw_prediction,
    told_masks,
)
from imaging.prediction.earlier_results import files_of
from imaging.prediction.mask_files import MaskFormat, like, mask_files, names_of_masks, save_like
from imaging.prediction.montage import save_montage
from imaging.scans.foreign import check_foreign
from imaging.scans.given import ScanFile
from imaging.scans.in_memory import ScanInMemory
from imaging.scans.preprocess import read_scan


def predict_scan(
    bundle: Bundle,
    transforms: Compose,
    scan: ScanFile,
    output: Path,
    force: bool = False,
    uncertainty: bool = False,
    written_as: MaskFormat = "nifti",
) -> dict[str, Any]:
    """Segment a scan; write its masks, measurements and picture, all or none.

    Parameters
    ----------
    bundle
        The model.
    transforms
        `inference_transforms` of the model's preprocessing.
    scan
        What to segment.
    output
        Folder for the masks, `<id>.png` and `<id>.json`.
    force
        Segment what cannot be a head CT as well, with a note.
    uncertainty
        Whether to write `<id>_<structure>_probability.nii.gz` too, and say how sure the model is.
    written_as
        What holds the masks: `<id>_<structure>.nii.gz`, `<id>.seg.nrrd` or `<id>_labels.nii.gz`.

    Returns
    -------
    dict
        What stands in `<id>.json`.

    Raises
    ------
    DataError
        If the file is not a scan or, without `force`, cannot be a head CT.
    """
    read = read_to_predict(bundle, transforms, scan, force)
    found = segment_read(bundle, read, uncertainty)
    return write_prediction(bundle, read, found, output, written_as)


def read_to_predict(
    bundle: Bundle, transforms: Compose, scan: ScanFile, force: bool = False
) -> ReadScan:
    """Read a scan; raises as `predict_scan` does."""
    volume = (scan.voxels, scan.header) if isinstance(scan, ScanInMemory) else None
    data = read_scan(transforms, scan.path, volume=volume)
    header = data["header"]
    found = require_plausible(scan.path, data["hu"].numpy()[0], header, force)
    return looked_through(bundle, scan, header, data["image"], data["hu"], found)


def looked_through(
    bundle: Bundle,
    scan: ScanFile,
    header: Header,
    image: MetaTensor,
    hu: MetaTensor,
    found: CheckResult,
) -> ReadScan:
    """Return a scan that was read, with what it is worth knowing of it before it is segmented.

    Parameters
    ----------
    bundle
        The model.
    scan, header
        The scan, and what its file's header says.
    image, hu
        What `inference_transforms` made of it.
    found
        What `require_plausible` found; notes are added.

    Raises
    ------
    DataError
        If nothing can be told of it.
    """
    values = hu.numpy()[0]
    check_foreign(scan.path, values, header.grid, found)
    frame = HeadFrame.of(values, header.grid)
    check_opened(scan.path, frame, found)
    # What the model doesn't know, no scan can show.
    untold = {**found.untold, **bundle.untold}
    kinds = {**found.untold_kinds, **dict.fromkeys(bundle.untold, NOT_LEARNT)}
    if doubt := doubt_of(bundle.metadata):
        found.note(scan.path, "model", doubt)
    if all(structure.id in untold for structure in STRUCTURES):
        reasons = dict.fromkeys(untold[structure.id] for structure in STRUCTURES)
        raise DataError(f"{scan.path}: nothing can be told of it: {' '.join(reasons)}")
    return ReadScan(scan, header, image, hu, frame, found, untold, kinds)


def segment_read(bundle: Bundle, read: ReadScan, uncertainty: bool = False) -> Segmentation:
    """Segment a scan that was read."""
    return segment(
        bundle.network, read.image, read.hu, bundle.postprocess, uncertainty, read.untold
    )


def write_prediction(
    bundle: Bundle,
    read: ReadScan,
    found: Segmentation,
    output: Path,
    written_as: MaskFormat = "nifti",
    measurements: Measurements | None = None,
) -> dict[str, Any]:
    """Write what `predict_scan` writes, and return what it returns.

    `measurements` is what `measure_read` returned, if it was called already.
    """
    scan = read.scan
    path = output / SUMMARY.format(scan.id)
    earlier = files_of(path)
    source = scan.source if isinstance(scan, ScanInMemory) else like(scan.path, read.header)
    masks = told_masks(read, found)
    sized = SIZES not in read.untold
    of_masks = mask_files(scan.id, masks, read.header, source, written_as, sized)
    volumes = dict(of_masks.files)
    if found.probabilities is not None:
        for s in read.told:
            levels = found.probabilities[s.channel]
            volumes[PROBABILITY.format(scan.id, s.id)] = partial(
                save_like, values=levels, source=source, one=PROBABILITY_LEVELS
            )
    with ExitStack() as files, ThreadPoolExecutor() as pool:
        # Entered first, put in place last: where it stands, all the others do.
        summary = files.enter_context(atomic_file(path))
        if not read.header.grid.even:
            write_places(output, read.header.grid)
        # Packing releases the interpreter's lock: meanwhile the scan is measured and drawn.
        parts = {name: files.enter_context(atomic_file(output / name)) for name in volumes}
        written = [pool.submit(save, parts[name]) for name, save in volumes.items()]
        result = describe_scan(bundle, read, found, of_masks, measurements)
        parts[result["montage"]] = files.enter_context(atomic_file(output / result["montage"]))
        save_montage(draw_prediction(read, found, result), parts[result["montage"]])
        for done in written:
            done.result()
        text = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
        summary.write_text(text, encoding="utf-8", newline="\n")
    # Probabilities of an earlier run, for one, don't belong to these masks.
    for file in set(earlier) - set(files_of(path)):
        file.unlink(missing_ok=True)
    return result


def names_of(scan_id: str) -> set[str]:
    """Return the names of all files that `write_prediction` may write for a scan."""
    probabilities = {PROBABILITY.format(scan_id, structure.id) for structure in STRUCTURES}
    others = {form.format(scan_id) for form in (SUMMARY, MONTAGE)}
    return names_of_masks(scan_id) | probabilities | others
