"""The list of exported slices, `datalist.json` (`cohort.schema.datalist`), written and read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json
from cohort.faults import FORCED, FileNote
from cohort.schema.datalist import Datalist, ListedSlice
from cohort.schema.problems import VERSION, VERSION_KEY, in_brackets, parse

DATALIST = "datalist.json"
SECTION_OF_PART = {"train": "training", "val": "validation", "test": "test"}
EXPORT_ADVICE = "make it with `hich export COHORT {folder} --split SPLIT`"


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
    whole = {VERSION_KEY: VERSION, "preprocess": preprocess, **sections, "notes": plain}
    write_json(folder / DATALIST, whole)


def read_datalist(folder: Path) -> Datalist:
    """Read the list of the slices in `folder`.

    Raises
    ------
    DataError
        If the corpus or its list is missing, or is something else.
    """
    advice = EXPORT_ADVICE.format(folder=folder)
    path = folder / DATALIST
    if not path.is_file():
        raise DataError(f"{folder}: is not an imaging corpus (no {DATALIST}); {advice}.")
    listed, problems = parse(Datalist, read_json(path))
    if problems:
        raise DataError(
            f"{path}: is not a list of exported slices {in_brackets(problems)}; {advice}."
        )
    assert listed is not None
    return listed


def labelled_slices(
    listed: Datalist, folder: Path, part: str, may_be_empty: bool = False
) -> list[dict[str, Any]]:
    """Return the labelled slices of a part, with paths that lead to the files in `folder`.

    Raises
    ------
    DataError
        If the part has none and should have some.
    """
    slices: list[ListedSlice] = getattr(listed, SECTION_OF_PART[part])
    found = [
        {**entry, "image": folder / entry["image"], "label": folder / entry["label"]}
        for entry in slices
        if "label" in entry
    ]
    if not found and not may_be_empty:
        raise DataError(
            f"{folder / DATALIST}: the part '{part}' has no slices with masks; give the cohort "
            "more cases with masks, split it again, and export it."
        )
    return found


def scans_of(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the digests of the scans of `entries`, sorted, as far as the list states them."""
    return sorted({entry["scan"] for entry in entries if "scan" in entry})


def list_digest(entries: Mapping[str, Iterable[Mapping[str, Any]]]) -> str:
    """Return a digest of what a training learns from: part to its slices, in any order.

    Of each slice it covers the case, the number, and what is annotated and shown; of the case the
    scan, where that is stated.
    """
    told = ("case", "slice", "structures", "present", "scan")
    lines = sorted(
        json.dumps([part, *(entry.get(name) for name in told)])
        for part, of in entries.items()
        for entry in of
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def forced_cases(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the cases of `entries` that were exported with `--force`, though not fit to be."""
    return sorted({entry["case"] for entry in entries if entry.get("forced")})
