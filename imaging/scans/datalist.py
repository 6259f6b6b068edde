"""The list of exported slices, `datalist.json`, in the form of MONAI's decathlon lists.

::

    {"preprocess": {"windows": {...}, "spacing": 1.0},
     "training": [{"image": "train/p1_003.png", "label": "train/p1_003_mask.png", "case": "p1",
                   "slice": 3, "spacing": [1.0, 1.0, 5.0], "structures": ["hematoma", ...],
                   "present": ["hematoma"]}],
     "validation": [...], "test": [...],
     "notes": {"p2": [{"kind": "spacing", "what": "p2.nii.gz: has a spacing of …"}]}}

Paths are relative to the folder of the list. `spacing` is in mm along x, y and z (from slice to
slice); `structures` are those annotated in the case, `present` those that the slice shows. A
slice without `label` has no annotation. Slices of a case that would have been refused without
`--force` have `"forced": true` as well; `notes` say why, and what is unusual about other cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json
from cohort.faults import FORCED, FileNote

DATALIST = "datalist.json"
SECTION_OF_PART = {"train": "training", "val": "validation", "test": "test"}
NEEDED = {"case", "slice", "structures", "present"}
"""What an entry must hold besides the paths of its pictures."""
EXPORT_ADVICE = "make it with `python -m imaging.export COHORT {folder} --split SPLIT`"


def write_datalist(
    folder: Path,
    preprocess: dict[str, Any],
    entries: Mapping[str, list[dict[str, Any]]],
    notes: Mapping[str, Sequence[FileNote]],
) -> None:
    """Write the list of the slices in `folder`.

    Parameters
    ----------
    folder
        Of the corpus.
    preprocess
        How its slices were preprocessed.
    entries
        Part (`train` …) to its slices.
    notes
        Id of a case to what is unusual about its files.
    """
    forced = {case for case, said in notes.items() if any(note.kind == FORCED for note in said)}
    sections = {
        section: [
            {**entry, "forced": True} if entry["case"] in forced else entry
            for entry in entries.get(part, [])
        ]
        for part, section in SECTION_OF_PART.items()
    }
    listed = {entry["case"] for of in sections.values() for entry in of}
    # What is written to files names no folder of this machine.
    plain = {
        case: [{"kind": note.kind, "what": f"{Path(note.file).name}: {note.what}"} for note in said]
        for case, said in notes.items()
        if said and case in listed
    }
    write_json(folder / DATALIST, {"preprocess": preprocess, **sections, "notes": plain})


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
        raise DataError(f"{folder}: is not an imaging corpus (no {DATALIST}); {advice}.")
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
        raise DataError(f"{path}: is not a list of exported slices; {advice}.")
    if not entries and not may_be_empty:
        raise DataError(
            f"{path}: the part '{part}' has no slices with masks; give the cohort more cases "
            "with masks, split it again, and export it."
        )
    return entries


def forced_cases(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the cases of `entries` that were exported with `--force`, though not fit to be."""
    return sorted({entry["case"] for entry in entries if entry.get("forced")})


def read_preprocess(folder: Path) -> Any:
    """Return how the slices in `folder` were preprocessed: the section of their configuration."""
    value = read_json(folder / DATALIST)
    return (value.get("preprocess") or {}) if isinstance(value, dict) else {}
