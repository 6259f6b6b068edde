"""The list of exported slices, `datalist.json`, in the form of MONAI's decathlon lists.

::

    {"preprocess": {"windows": {...}, "spacing": 1.0},
     "training": [{"image": "train/p1_003.png", "label": "train/p1_003_mask.png", "case": "p1",
                   "slice": 3, "spacing": [1.0, 1.0, 5.0], "structures": ["hematoma", ...],
                   "present": ["hematoma"]}],
     "validation": [...], "test": [...]}

Paths are relative to the folder of the list. `spacing` is in mm along x, y and z (from slice to
slice); `structures` are those annotated in the case, `present` those that the slice shows. A
slice without `label` has no annotation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json

DATALIST = "datalist.json"
SECTION_OF_PART = {"train": "training", "val": "validation", "test": "test"}
NEEDED = {"case", "slice", "structures", "present"}
"""What an entry must hold besides the paths of its pictures."""
EXPORT_ADVICE = "make it with `python -m imaging.export COHORT {folder} --split SPLIT`"


def write_datalist(
    folder: Path, preprocess: dict[str, Any], entries: dict[str, list[dict[str, Any]]]
) -> None:
    """Write the list of the slices in `folder`: for each part (`train` …) its entries."""
    sections = {section: entries.get(part, []) for part, section in SECTION_OF_PART.items()}
    write_json(folder / DATALIST, {"preprocess": preprocess, **sections})


def read_datalist(folder: Path, part: str, may_be_empty: bool = False) -> list[dict[str, Any]]:
    """Return the labelled slices of a part, with paths that lead to the files.

    Raises
    ------
    DataError
        If the corpus or its list is missing, is something else, or has no labelled slices in
        that part and should have.
    """
    advice = EXPORT_ADVICE.format(folder=folder)
    path = folder / DATALIST
    if not path.is_file():
        raise DataError(f"{folder}: is no imaging corpus (no {DATALIST}); {advice}.")
    value = read_json(path)
    section = SECTION_OF_PART[part]
    try:
        entries = [
            {**entry, "image": folder / entry["image"], "label": folder / entry["label"]}
            for entry in value[section]
            if "label" in entry
        ]
        complete = all(entry.keys() >= NEEDED for entry in entries)
    except (KeyError, TypeError):
        complete = False
    if not complete:
        raise DataError(f"{path}: is no list of exported slices; {advice}.")
    if not entries and not may_be_empty:
        raise DataError(
            f"{path}: the part '{part}' has no slices with masks; give the cohort more cases "
            "with masks, split it again, and export it."
        )
    return entries


def read_preprocess(folder: Path) -> Any:
    """Return how the slices in `folder` were preprocessed: the section of their configuration."""
    value = read_json(folder / DATALIST)
    return (value.get("preprocess") or {}) if isinstance(value, dict) else {}
