"""One scan in, its masks, measurements and picture out: reading, segmenting, writing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from monai.data import MetaTensor
from monai.transforms import Compose
from numpy.typing import NDArray

from cohort.base.errors import DataError
from cohort.base.files import atomic_file
from cohort.checks.plausible import require_plausible
from cohort.facts.coverage import coverage_words, is_part
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.limits import OUTER_BLOOD_ML
from cohort.facts.structures import STRUCTURES, Structure
from cohort.faults import CheckResult
from cohort.schema.model_errors import ModelErrors
from cohort.schema.problems import VERSION, VERSION_KEY
from cohort.schema.scan import ExpectedErrors, Model
from cohort.space.address import Address
from cohort.space.header import Header
from cohort.space.slice_places import write_places
from imaging.measure.belief import leave_out
from imaging.measure.measurements import measure
from imaging.model.bundle import Bundle, model_of
from imaging.model.inference import PROBABILITY_LEVELS, Segmentation, segment
from imaging.model.learnt import NOT_LEARNT, doubt_of
from imaging.model.uncertainty import confidence
from imaging.prediction.earlier_results import files_of
from imaging.prediction.mask_files import (
    MaskFiles,
    MaskFormat,
    like,
    mask_files,
    names_of_masks,
    save_like,
)
from imaging.prediction.montage import montage, save_montage
from imaging.scans.foreign import check_foreign
from imaging.scans.given import ScanFile
from imaging.scans.preprocess import read_scan
from imaging.space.orientation import lps_view

SUMMARY, MONTAGE, PROBABILITY = "{}.json", "{}.png", "{}_{}_probability.nii.gz"
"""Names of files, of a scan's id and a structure's."""
OUTER_BLOOD = "outer blood"
"""Kind of the note on a scan that shows blood outside the brain."""
OUTER_BLOOD_WORDS = "blood outside of the brain: this program is made for intracerebral hemorrhage."


@dataclass
class ReadScan:
    """A scan that was read.

    Attributes
    ----------
    scan
        Where it was read from.
    header
        What its file's header says.
    image, hu
        What `inference_transforms` made of it.
    found
        What is unusual about it.
    untold
        The structures of which nothing can be told, each with the reason: what the model has not
        learnt, and what the scan doesn't allow. And the doubts (`cohort.facts.doubts`) about it.
    untold_kinds
        The kind of each of these reasons.
    """

    scan: ScanFile
    header: Header
    image: MetaTensor
    hu: MetaTensor
    found: CheckResult
    untold: dict[str, str]
    untold_kinds: dict[str, str]

    @property
    def told(self) -> list[Structure]:
        """The structures that are predicted."""
        return [structure for structure in STRUCTURES if structure.id not in self.untold]


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
        If the file is no scan, or without `force`, if it cannot be a head CT.
    """
    read = read_to_predict(bundle, transforms, scan, force)
    found = segment_read(bundle, read, uncertainty)
    return write_prediction(bundle, read, found, output, written_as)


def read_to_predict(
    bundle: Bundle, transforms: Compose, scan: ScanFile, force: bool = False
) -> ReadScan:
    """Read a scan; raises as `predict_scan` does."""
    data = read_scan(transforms, scan.path)
    header = data["header"]
    found = require_plausible(scan.path, data["hu"].numpy()[0], header, force)
    check_foreign(scan.path, data["hu"].numpy()[0], header.grid, found)
    # What the model doesn't know, no scan can show.
    untold = {**found.untold, **bundle.untold}
    kinds = {**found.untold_kinds, **dict.fromkeys(bundle.untold, NOT_LEARNT)}
    if doubt := doubt_of(bundle.metadata):
        found.note(scan.path, "model", doubt)
    if all(structure.id in untold for structure in STRUCTURES):
        reasons = dict.fromkeys(untold[structure.id] for structure in STRUCTURES)
        raise DataError(f"{scan.path}: nothing can be told of it: {' '.join(reasons)}")
    return ReadScan(scan, header, data["image"], data["hu"], found, untold, kinds)


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
) -> dict[str, Any]:
    """Write what `predict_scan` writes, and return what it returns."""
    scan = read.scan
    path = output / SUMMARY.format(scan.id)
    earlier = files_of(path)
    source = like(scan.path, read.header)
    masks = {s.id: found.masks[s.channel] for s in read.told}
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
        written = [
            pool.submit(save, files.enter_context(atomic_file(output / name)))
            for name, save in volumes.items()
        ]
        result = _describe(bundle, read, found, of_masks)
        picture = files.enter_context(atomic_file(output / result["montage"]))
        save_montage(_draw(read, found, _caption(result)), picture)
        for done in written:
            done.result()
        summary.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")
    # Probabilities of an earlier run, for one, don't belong to these masks.
    for file in set(earlier) - set(files_of(path)):
        file.unlink(missing_ok=True)
    return result


def names_of(scan_id: str) -> set[str]:
    """Return the names of all files that `write_prediction` may write for a scan."""
    probabilities = {PROBABILITY.format(scan_id, structure.id) for structure in STRUCTURES}
    others = {form.format(scan_id) for form in (SUMMARY, MONTAGE)}
    return names_of_masks(scan_id) | probabilities | others


def _describe(
    bundle: Bundle, read: ReadScan, found: Segmentation, files: MaskFiles
) -> dict[str, Any]:
    scan, header = read.scan, read.header
    masks = {s.id: found.masks[s.channel] for s in read.told}
    sized = SIZES not in read.untold

    def volume(mask: NDArray[np.uint8], side: str | None) -> float | None:
        told = side is None or SIDES not in read.untold
        ml = header.grid.volume_ml(mask)
        return round(ml, 3) if told and (sized or not ml) else None

    measured = measure(masks, header.grid, read.hu.numpy()[0], found.midline)
    coverage = read.found.facts["coverage"]
    result: dict[str, Any] = {
        VERSION_KEY: VERSION,
        "id": scan.id,
        "image": Address.of(scan.path).file.name,
        "model": _named(bundle),
        "shape": list(header.shape),
        "spacing_mm": [round(mm, 6) for mm in header.spacing],
        "axcodes": header.axcodes,
        "coverage": {**coverage, "in_words": coverage_words(coverage)},
        "volumes_ml": {s.id: volume(masks[s.id], s.side) for s in read.told},
        "measurements": leave_out(measured, read.untold).to_json(),
        "postprocess": asdict(bundle.postprocess),
        "removed": {
            name: {
                rule: {
                    "components": removed.components,
                    "ml": round(removed.ml, 3) if sized else None,
                }
                for rule, removed in effect.removed.items()
            }
            for name, effect in found.effects.items()
        },
        "masks": dict(files.addresses),
        "montage": MONTAGE.format(scan.id),
    }
    if errors := bundle.errors:
        result["expected_errors"] = _expected(errors, result)
    if found.probabilities is not None:
        result["probabilities"] = {name: PROBABILITY.format(scan.id, name) for name in masks}
        result["confidence"] = {
            s.id: confidence(found.probabilities[s.channel], masks[s.id], header.grid).as_json()
            for s in read.told
        }
        for one in () if sized else result["confidence"].values():
            one["volume_ml_low"] = one["volume_ml_high"] = None
    notes = [{"kind": note.kind, "what": note.what} for note in read.found.notes]
    notes += [
        {"kind": "clean-up", "what": note}
        for effect in found.effects.values()
        for note in effect.notes
    ]
    notes += [{"kind": kind, "what": what} for kind, what in files.notes]
    # Told by size even where sizes are in doubt: rather once too often than not at all.
    if "outer_blood" in masks and header.grid.volume_ml(masks["outer_blood"]) >= OUTER_BLOOD_ML:
        notes.append({"kind": OUTER_BLOOD, "what": OUTER_BLOOD_WORDS})
    told = {"cannot_be_told": read.untold, "cannot_be_told_kinds": read.untold_kinds}
    return {**result, **told, "notes": notes}


def _named(bundle: Bundle) -> dict[str, str | None]:
    """Return what results say of the model: what it was trained on only where that is known."""
    named = asdict(model_of(bundle.metadata))
    return {key: value for key, value in named.items() if value or key != "trained_on"}


def _expected(errors: ModelErrors, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far off the volumes and the shift of a scan are likely to be.

    Nothing is told of a part of a head: the test's scans were whole.
    """
    whole = not is_part(result["coverage"])
    volumes = {
        name: errors.volume_error_ml(name, ml if whole else None)
        for name, ml in result["volumes_ml"].items()
        if name in errors.volumes
    }
    told = whole and result["measurements"]["midline"]["shift_mm"] is not None
    shift = errors.shift if told and errors.shift and errors.shift.mae_mm is not None else None
    return asdict(ExpectedErrors(errors.measured_on, volumes, shift))


def _caption(result: Mapping[str, Any]) -> str:
    return f"{result['id']}   {Model(**result['model']).in_words}"


def _draw(read: ReadScan, found: Segmentation, caption: str) -> Any:
    affine = read.header.affine
    turned = {s.id: lps_view(found.masks[s.channel], affine) for s in read.told}
    hu = lps_view(read.hu.numpy()[0], affine)
    return montage(hu, turned, read.header.grid.lps, caption, sized=SIZES not in read.untold)
