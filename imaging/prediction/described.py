"""What is told of a scan that was segmented: measurements, notes, and a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from monai.data import MetaTensor
from numpy.typing import NDArray

from cohort.facts.coverage import coverage_words, is_part
from cohort.facts.doubts import SIDES, SIZES
from cohort.facts.limits import OUTER_BLOOD_ML
from cohort.facts.structures import STRUCTURES, Structure
from cohort.faults import CheckResult
from cohort.schema.problems import VERSION, VERSION_KEY
from cohort.schema.scans.measurements import Measurements
from cohort.schema.scans.model_errors import ModelErrors
from cohort.schema.scans.scan import ExpectedErrors, Model
from cohort.space.address import Address
from cohort.space.header import Header
from imaging.measure.belief import leave_out
from imaging.measure.measurements import measure
from imaging.measure.skull.head_frame import HeadFrame
from imaging.measure.unlike_blood import unlike_blood
from imaging.model.bundle import Bundle, model_of
from imaging.model.inference import Segmentation
from imaging.model.uncertainty import confidence
from imaging.prediction.mask_files import MaskFiles
from imaging.prediction.montage import montage
from imaging.scans.foreign import measured_beside_metal
from imaging.scans.given import ScanFile
from imaging.space.orientation import lps_view

if TYPE_CHECKING:
    from PIL import Image

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
    frame
        Its skull, which is found once for all that asks for it.
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
    frame: HeadFrame
    found: CheckResult
    untold: dict[str, str]
    untold_kinds: dict[str, str]

    @property
    def told(self) -> list[Structure]:
        """The structures that are predicted."""
        return [structure for structure in STRUCTURES if structure.id not in self.untold]


def measure_read(read: ReadScan, found: Segmentation) -> Measurements:
    """Measure what was found, and leave out what cannot be told."""
    measured = measure(told_masks(read, found), read.header.grid, read.frame, found.midline)
    return leave_out(measured, read.untold)


def told_masks(read: ReadScan, found: Segmentation) -> dict[str, NDArray[np.uint8]]:
    """Return structure id to mask [I, J, K], of the structures of which something can be told."""
    return {structure.id: found.masks[structure.channel] for structure in read.told}


def describe_scan(
    bundle: Bundle,
    read: ReadScan,
    found: Segmentation,
    files: MaskFiles,
    measurements: Measurements | None = None,
) -> dict[str, Any]:
    """Return what stands in a scan's JSON file.

    Parameters
    ----------
    bundle
        The model.
    read, found
        The scan, and what was found in it.
    files
        Those that hold the masks.
    measurements
        What `measure_read` returned, if it was called already.
    """
    scan, header = read.scan, read.header
    masks = told_masks(read, found)
    sized = SIZES not in read.untold

    def volume(mask: NDArray[np.uint8], side: str | None) -> float | None:
        told = side is None or SIDES not in read.untold
        ml = header.grid.volume_ml(mask)
        return round(ml, 3) if told and (sized or not ml) else None

    measured = measurements or measure_read(read, found)
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
        "measurements": measured.to_json(),
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
    notes += _notes_on_measured(masks, measured, read)
    # Told by size even where sizes are in doubt: rather once too often than not at all.
    if "outer_blood" in masks and header.grid.volume_ml(masks["outer_blood"]) >= OUTER_BLOOD_ML:
        notes.append({"kind": OUTER_BLOOD, "what": OUTER_BLOOD_WORDS})
    told = {"cannot_be_told": read.untold, "cannot_be_told_kinds": read.untold_kinds}
    return {**result, **told, "notes": notes}


def _notes_on_measured(
    masks: Mapping[str, NDArray[np.uint8]], measured: Measurements, read: ReadScan
) -> list[dict[str, str]]:
    hu, grid = read.hu.numpy()[0], read.header.grid
    hematoma, midline = masks.get("hematoma"), measured.midline
    notes = []
    if hematoma is not None and (unlike := unlike_blood(hematoma, hu, grid)):
        notes.append({"kind": "unlike blood", "what": unlike})
    at = None if midline.shift_mm is None else midline.slice
    if beside := measured_beside_metal(hematoma, at, hu, grid):
        notes.append({"kind": "beside metal", "what": beside})
    return notes


def draw_prediction(read: ReadScan, found: Segmentation, result: Mapping[str, Any]) -> Image.Image:
    """Draw a scan and its masks, with a caption of what `describe_scan` returned."""
    affine = read.header.affine
    turned = {name: lps_view(mask, affine) for name, mask in told_masks(read, found).items()}
    hu = lps_view(read.hu.numpy()[0], affine)
    caption = f"{result['id']}   {Model(**result['model']).in_words}"
    return montage(hu, turned, read.header.grid.lps, caption, sized=SIZES not in read.untold)


def _named(bundle: Bundle) -> dict[str, str | None]:
    """Return what results say of the model: what it was trained on only where that is known."""
    named = asdict(model_of(bundle.metadata))
    return {key: value for key, value in named.items() if value or key != "trained_on"}


def _expected(errors: ModelErrors, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return how far off the volumes and the shift of a scan are likely to be.

    Nothing is told of a part of a head, but the most of any size: the test's scans were whole.
    """
    whole = not is_part(result["coverage"])
    volumes = {
        name: errors.volume_error_ml(name, ml if whole else None)
        for name, ml in result["volumes_ml"].items()
        if name in errors.volumes
    }
    shift_mm = result["measurements"]["midline"]["shift_mm"] if whole else None
    shift, of_size = errors.shift, None
    if shift_mm is None or shift is None or shift.mae_mm is None:
        shift = None
    else:
        of_size = shift.of_size(shift_mm)
    told_ml = result["volumes_ml"] if whole else dict.fromkeys(volumes)
    most = {name: errors.most_ml(name, told_ml[name]) for name in volumes}
    return asdict(ExpectedErrors(errors.measured_on, volumes, shift, most, of_size))
