"""A scan's slices as pictures, and what the list of a corpus says of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cohort.facts.structures import STRUCTURES
from imaging.scans.slices import bit_field, write_bits, write_slice
from imaging.scans.windows import GREY_LEVELS


def write_case(
    case_id: str,
    scan: Mapping[str, Any],
    folder: Path,
    part_of: Callable[[str, int], str | None],
) -> dict[str, list[dict[str, Any]]]:
    """Write the slices of a scan as pictures; those of a corpus into a folder per part.

    Parameters
    ----------
    case_id
        Names the pictures.
    scan
        What `imaging.scans.preprocess.read_scan` returned; of a corpus with its `digest`.
    folder
        Where the pictures go.
    part_of
        Says of a case and a slice which part it is of; None to leave it out.

    Returns
    -------
    dict
        Part to the entries of its slices (`imaging.scans.datalist`).
    """
    levels = (scan["image"].as_tensor() * GREY_LEVELS).round().byte().numpy()
    bits = bit_field(scan["label"].numpy()) if "label" in scan else None
    annotated = [s.id for s in STRUCTURES if bits is not None and scan["annotated"][s.channel]]
    spacing = [round(float(mm), 4) for mm in scan["image"].pixdim]
    grid = scan["header"].grid
    # Of uneven slices, each has what it stands for.
    thick = None if grid.even else [round(float(mm), 4) for mm in grid.lps.thicknesses_mm]
    entries: dict[str, list[dict[str, Any]]] = {}
    for index in range(levels.shape[-1]):
        part = part_of(case_id, index)
        if part is None:
            continue
        stem = f"{case_id}_{index:03d}" if bits is None else f"{part}/{case_id}_{index:03d}"
        entry: dict[str, Any] = {"image": f"{stem}.png"}
        write_slice(folder / entry["image"], levels[..., index])
        if bits is not None and annotated:
            entry["label"] = f"{stem}_mask.png"
            write_bits(folder / entry["label"], bits[..., index])
        own = spacing if thick is None else [*spacing[:2], thick[index]]
        entry |= {"case": case_id, "slice": index, "spacing": own}
        if bits is not None:
            drawn = int(np.bitwise_or.reduce(bits[..., index], axis=None))
            present = [s.id for s in STRUCTURES if drawn >> s.channel & 1]
            entry |= {"structures": annotated, "present": present}
        if "digest" in scan:
            entry["scan"] = scan["digest"]
        entries.setdefault(part, []).append(entry)
    return entries
