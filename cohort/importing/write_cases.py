"""Write the files of imported cases to the folder of a cohort: linked, copied or written anew."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

from cohort.base.cli import progress
from cohort.base.errors import DataError, raise_all
from cohort.base.files import write_text
from cohort.facts.structures import STRUCTURE_IDS
from cohort.importing.match_files import Matches
from cohort.schema.case import Case
from cohort.schema.case_files import id_problems, repeated_ids
from cohort.space.address import Address
from cohort.space.file_types import (
    DICOM,
    NIFTI,
    files_of,
    read_header,
    read_volume,
    suffix_of,
    type_of,
)
from cohort.space.label_maps import hidden_file
from cohort.space.nifti.volume import places_beside, save_volume


def write_cases(matches: Matches, folder: Path, copy: bool) -> tuple[list[Case], list[str]]:
    """Write the files of all cases to the folder of a cohort.

    Returns
    -------
    cases, facts
        The cases, and what was done on the way, a sentence each.

    Raises
    ------
    DataError
        With all that is wrong with records, tags and DICOM series.
    """
    notes: Counter[str] = Counter()
    problems: list[str] = []
    cases: list[Case] = []
    for case_id in progress(matches.ids(), "Cases"):
        try:
            texts = _write_texts(case_id, matches, folder, copy, notes)
            if case_id in matches.images:
                texts = [_place_volumes(texts[0], matches, folder, copy, notes)]
        except DataError as error:
            problems += error.problems
            continue
        cases += texts
    # Those of the documents of a file may be another file's.
    ids = [case.id for case in cases]
    named = [problem for case_id in ids for problem in id_problems(case_id)] + repeated_ids(ids)
    raise_all(problems + [f"--tags: {problem}" for problem in named])
    facts = [f"{note}: {count}" for note, count in notes.items() if count]
    for structure, paths in matches.masks.items():
        facts.append(f"masks of {structure}: {len(paths)} of {len(matches.images)} CTs")
    return cases, facts


def _write_texts(
    case_id: str, matches: Matches, folder: Path, copy: bool, notes: Counter[str]
) -> list[Case]:
    """Write the record and the tags of a case; a file of tagged documents becomes a case each."""
    from cohort.base.textfile import read_text
    from cohort.tags.tag_file import read_record_tags, read_tag_file, write_bioes

    record, tags = f"records/{case_id}.txt", f"records/{case_id}.bioes"
    case = Case(case_id)
    text = None
    if source := matches.records.get(case_id):
        text, encoding = read_text(source)
        if encoding == "UTF-8":
            notes[_place(source, folder / record, copy)] += 1
        else:
            notes[f"records written anew as UTF-8, from {encoding}"] += 1
            write_text(folder / record, text)
        case = replace(case, record=record)
    if case_id not in matches.tags:
        return [case]
    source = matches.tags[case_id]
    file = read_tag_file(source) if text is None else read_record_tags(source, text)
    notes[f"tag files in {file.scheme}, {file.encoding}"] += 1
    notes["characters without a tag, read as O"] += len(file.untagged)
    notes["illegal tags repaired"] += len(file.repaired)
    if text is not None:
        write_bioes(folder / tags, text, file.documents[0].tags)
        return [replace(case, tags=tags)]
    documents = [(document.text, document.tags) for document in file.documents]
    if case_id in matches.images:  # one patient's: one record, a line for each document
        documents = [_join(documents)]
    notes["records made from tag files"] += len(documents)
    cases = []
    for number, (text, its_tags) in enumerate(documents, 1):
        own_id = case_id if len(documents) == 1 else f"{case_id}_{number:04d}"
        record, tags = f"records/{own_id}.txt", f"records/{own_id}.bioes"
        write_text(folder / record, text)
        write_bioes(folder / tags, text, its_tags)
        cases.append(Case(own_id, record=record, tags=tags))
    return cases


def _join(documents: list[tuple[str, list[str]]]) -> tuple[str, list[str]]:
    tags: list[str] = []
    for _, its_tags in documents:
        tags += (["O"] if tags else []) + its_tags
    return "\n".join(text for text, _ in documents), tags


def _place_volumes(
    case: Case, matches: Matches, folder: Path, copy: bool, notes: Counter[str]
) -> Case:
    def place(source: Path, stem: str) -> str:
        if type_of(source) is DICOM:
            return _place_dicom(source, folder, stem, copy, notes)
        relative = stem + suffix_of(source)
        notes[_place(source, folder / relative, copy)] += 1
        places = places_beside(source) if type_of(source) is NIFTI else None
        if places is not None and places.is_file():
            beside = (folder / relative).parent / places.name
            if not beside.exists():  # one file is several volumes', if it is so named
                _place(places, beside, copy)
        return relative

    def place_mask(structure: str, source: Path) -> str:
        address = Address.of(source)
        if address.part is None:
            return place(source, f"masks/{case.id}_{structure}")
        if address.file not in shared:
            ending = "_labels" if address.part == "label" else ""
            shared[address.file] = place(address.file, f"masks/{case.id}{ending}")
            for beside in files_of(source)[1:]:
                target = hidden_file(Path(shared[address.file])).as_posix()
                _place(beside, folder / target, copy)
        return Address(Path(shared[address.file]), address.part, address.value).path.as_posix()

    shared: dict[Path, str] = {}
    image = place(matches.images[case.id], f"images/{case.id}")
    masks = {
        structure: place_mask(structure, matches.masks[structure][case.id])
        for structure in STRUCTURE_IDS
        if case.id in matches.masks.get(structure, {})
    }
    return replace(case, image=image, masks=masks)


def _place_dicom(source: Path, folder: Path, stem: str, copy: bool, notes: Counter[str]) -> str:
    """Link a DICOM series, or write it as NIfTI on its own slices; return its place."""
    address = Address.of(source)
    suffix = "" if address.file.is_dir() else address.file.suffix or ".dcm"
    if not copy and _linked(address.file, folder / (stem + suffix)):
        read_header(source)  # what cannot be read is said now
        notes["DICOM series linked"] += 1
        return Address(Path(stem + suffix), address.part, address.value).path.as_posix()
    voxels, header = read_volume(source)
    save_volume(folder / f"{stem}.nii.gz", voxels, header.grid, header.notes)
    notes["DICOM series written as NIfTI, on their own slices"] += 1
    return f"{stem}.nii.gz"


def _place(source: Path, target: Path, copy: bool) -> str:
    """Link `target` to `source`, or copy it; return what was done."""
    target.parent.mkdir(exist_ok=True)
    if not copy and _linked(source, target):
        return "files linked"
    shutil.copyfile(source, target)
    return "files copied" if copy else "files copied, since links aren't possible here"


def _linked(source: Path, target: Path) -> bool:
    """Link `target` to `source`; return whether that is possible."""
    target.parent.mkdir(exist_ok=True)
    try:
        target.symlink_to(os.path.abspath(source))
    except (OSError, NotImplementedError):  # as on Windows without the right to make links
        return False
    return True
