"""One scan in, its masks, volumes and picture out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from monai.transforms import Compose
from nibabel.orientations import apply_orientation, axcodes2ornt, io_orientation, ornt_transform
from numpy.typing import NDArray

from cohort.files import atomic_file
from cohort.nifti import Header, read_header
from cohort.plausible import require_plausible
from cohort.structures import STRUCTURE_IDS
from imaging.bundle import Bundle
from imaging.inference import segment
from imaging.inputs import Scan
from imaging.measure import volume_ml
from imaging.montage import montage, save_montage
from imaging.preprocess import read_scan


def predict_scan(
    bundle: Bundle, transforms: Compose, scan: Scan, output: Path, force: bool = False
) -> dict[str, Any]:
    """Segment a scan; write its masks, volumes and picture, all or none.

    Parameters
    ----------
    bundle
        The model.
    transforms
        `inference_transforms` of the model's preprocessing.
    scan
        What to segment.
    output
        Folder for `<id>_<structure>.nii.gz`, `<id>.png` and `<id>.json`.
    force
        Segment what can be no head CT as well, with a warning.

    Returns
    -------
    dict
        What stands in `<id>.json`.

    Raises
    ------
    DataError
        If the file is no scan, or without `force`, if it can be no head CT.
    """
    read = read_scan(transforms, scan.path)
    hu: NDArray = read["hu"].numpy()[0]
    header = read_header(scan.path)
    problems, notes = require_plausible(scan.path, hu, header, force)
    labels = segment(bundle.network, transforms, read.pop("image")).cpu().numpy()
    masks = dict(zip(STRUCTURE_IDS, labels, strict=True))
    result = _describe(scan, header, masks, bundle.metadata)
    result["warnings"] = problems + notes
    with ExitStack() as files:
        # Entered first, put in place last: where it stands, all the others do.
        summary = files.enter_context(atomic_file(output / f"{scan.id}.json"))
        for name, mask in masks.items():
            path = files.enter_context(atomic_file(output / result["masks"][name]))
            _save_mask(path, mask, scan.path)
        picture = files.enter_context(atomic_file(output / result["montage"]))
        save_montage(_draw(hu, masks, header, _caption(result)), picture)
        summary.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return result


def _describe(
    scan: Scan, header: Header, masks: Mapping[str, NDArray], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": scan.id,
        "image": scan.path.name,
        "model": {key: metadata.get(key) for key in ("name", "version")},
        "shape": list(header.shape),
        "spacing_mm": [round(mm, 6) for mm in header.spacing],
        "axcodes": header.axcodes,
        "volumes_ml": {
            name: round(volume_ml(mask, header.spacing), 3) for name, mask in masks.items()
        },
        "masks": {name: f"{scan.id}_{name}.nii.gz" for name in masks},
        "montage": f"{scan.id}.png",
    }


def _save_mask(path: Path, mask: NDArray, source: Path) -> None:
    """Write a mask with the header of the scan: its affines, their codes, its units."""
    scan: Any = nib.load(source)
    header = scan.header.copy()
    header.set_data_dtype(np.uint8)
    header.set_slope_inter(1, 0)
    header["cal_min"], header["cal_max"] = 0, 1
    # Without an affine of its own, the image takes both affines of the header as they are.
    nib.save(type(scan)(mask, None, header), path)


def _caption(result: Mapping[str, Any]) -> str:
    model = " ".join(str(value) for value in result["model"].values() if value)
    return f"{result['id']}   {model}"


def _draw(hu: NDArray, masks: Mapping[str, NDArray], header: Header, caption: str) -> Any:
    own = io_orientation(header.affine)
    to_lps = ornt_transform(own, axcodes2ornt("LPS"))
    spacing = [header.spacing[int(axis)] for axis in np.argsort(to_lps[:, 0])]
    turned = {name: apply_orientation(mask, to_lps) for name, mask in masks.items()}
    return montage(apply_orientation(hu, to_lps), turned, spacing, caption)
