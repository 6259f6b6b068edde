"""Import a user's own volumes, masks and records into a cohort."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted, progress, run
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import atomic_folder, refuse_sources_inside, write_text
from cohort.facts.structures import STRUCTURE_IDS
from cohort.faults import FileNote
from cohort.importing.match_files import Matches, match_files
from cohort.importing.name_patients import name_patients
from cohort.links.find import find_links, link_notes, note_lines_of
from cohort.schema.case_files import id_problems, repeated_ids
from cohort.schema.manifest import MANIFEST, Case, Cohort

SHOWN = 20


@dataclass(frozen=True)
class ImportedFiles:
    """What was imported.

    Attributes
    ----------
    cohort
        The new cohort.
    facts
        What was done on the way, a sentence each.
    left_out
        Files that were not imported, each with the reason.
    notes
        Case id to notes on the cases that it belongs together with (`cohort.links.find`).
    """

    cohort: Cohort
    facts: list[str]
    left_out: list[tuple[Path, str]]
    notes: dict[str, list[FileNote]] = field(default_factory=dict)


def main(
    out: Annotated[Path, typer.Argument(help="Folder of the cohort to make.")],
    images: Annotated[
        str | None, typer.Option(help="Head CTs, .nii or .nii.gz: a glob in quotes, 'ct/*.nii.gz'.")
    ] = None,
    mask: Annotated[
        list[str] | None,
        typer.Option(
            help="Masks of a structure: hematoma='seg/*_hem.nii.gz'. "
            f"Once for each of {', '.join(STRUCTURE_IDS)}."
        ),
    ] = None,
    records: Annotated[
        str | None, typer.Option(help="Medical records: a glob in quotes, 'notes/*.txt'.")
    ] = None,
    tags: Annotated[
        str | None,
        typer.Option(
            help="Tag files, one character and its tag per line. Where there are no --records, "
            "the records are read from them."
        ),
    ] = None,
    id_pattern: Annotated[
        str | None,
        typer.Option(help="Regular expression that finds the case id in a path, for all globs."),
    ] = None,
    patient: Annotated[
        str | None,
        typer.Option(
            help="Whose case each is, where patients have several: a pattern of the case ids in "
            "quotes, 'P*_' where the * is the patient, or a CSV file with the columns id and "
            "patient."
        ),
    ] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy the files, don't link to them.")
    ] = False,
) -> None:
    """Import your own volumes, masks and records, matched by case id, into a cohort.

    The id is what the wildcards of a glob stand for: 'ct/*.nii.gz' and 'seg/*_hem.nii.gz' match
    ct/p1.nii.gz and seg/p1_hem.nii.gz, both p1. With 'cases/*/ct.nii.gz' it is the folder's name.
    Your files are linked or copied, never changed.

    A pattern of --patient says how ids begin, and its first * stands for the patient: by 'P*_' the
    cases P0_day0 and P0_day1 are of patient 0, by '*-' the cases p1-a and p1-b of patient p1. What
    follows in an id is free. A split never parts the cases of a patient.
    """
    imported = import_files(
        out, images, _parse_masks(mask or []), records, tags, id_pattern, copy, patient
    )
    cohort = imported.cohort
    both = sum(bool(case.image and case.record) for case in cohort.cases)
    console = Console(soft_wrap=True, highlight=False)
    console.print(
        f"[green]✔[/green] {escape(str(out))}: {counted(len(cohort.cases), 'case')}, "
        f"{len(cohort.with_image)} with a CT, {len(cohort.with_record)} with a record, "
        f"{both} with both"
    )
    for fact in imported.facts:
        console.print(f"  {escape(fact)}")
    for line in note_lines_of(cohort, imported.notes, f"python -m cohort.check {out} --json"):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    if imported.left_out:
        console.print(f"[yellow]Not matched:[/yellow] {counted(len(imported.left_out), 'file')}")
    for path, why in imported.left_out[:SHOWN]:
        console.print(f"  {escape(str(path))}: {escape(why)}")
    if len(imported.left_out) > SHOWN:
        console.print(f"  … all are named in {escape(str(out / MANIFEST))}")
    console.print(f"Next: python -m cohort.check {escape(str(out))}")


def import_files(
    out: Path,
    images: str | None = None,
    masks: Mapping[str, str] | None = None,
    records: str | None = None,
    tags: str | None = None,
    id_pattern: str | None = None,
    copy: bool = False,
    patient: str | None = None,
) -> ImportedFiles:
    """Import the files that the globs name into the new cohort `out`.

    Parameters
    ----------
    images, records, tags
        Globs; the id of a file's case is what their wildcards stand for.
    masks
        Structure id to glob.
    id_pattern
        Regular expression that finds the id in a path instead.
    copy
        Copy volumes and records instead of linking to them; they are copied as well where the
        file system knows no links. Records that aren't UTF-8 are written anew, as UTF-8.
    patient
        Whose case each is (`cohort.importing.name_patients`).

    Raises
    ------
    DataError
        With all that is wrong: a glob without files, two files of a kind for one case, ids that
        cannot name files, tags that don't fit their record, cases whose patient isn't named.
    UsageError
        If nothing, or an unknown structure, is asked for, or `patient` fits no case.
    """
    masks = dict(masks or {})
    _refuse_bad_options(images, masks, records, tags)
    matches = match_files(images, masks, records, tags, id_pattern)
    refuse_sources_inside(out, matches.files())
    if patient is not None and not matches.tags:  # whose documents may become cases of their own
        name_patients(patient, matches.ids())  # before much is copied
    with atomic_folder(out, MANIFEST) as folder:
        cases, facts = _write(matches, folder, copy)
        if patient is not None:
            patients = name_patients(patient, [case.id for case in cases])
            cases = [replace(case, patient=patients[case.id]) for case in cases]
            facts.append(f"patients: {len(set(patients.values()))}, by --patient")
        globs = {"images": images, "masks": masks, "records": records, "tags": tags}
        provenance: dict[str, Any] = {
            "imported_by": "cohort.import_files",
            **{kind: pattern for kind, pattern in globs.items() if pattern},
            **({} if patient is None else {"patient": patient}),
            "left_out": [f"{path}: {why}" for path, why in matches.left_out],
        }
        structures = tuple(s for s in STRUCTURE_IDS if s in masks)
        cohort = Cohort(out, out.resolve().name, tuple(cases), structures, provenance)
        cohort.save(folder)
        links = find_links(replace(cohort, folder=folder))
    notes = link_notes(cohort, links)
    return ImportedFiles(cohort, matches.facts + facts, matches.left_out, notes)


def _parse_masks(options: list[str]) -> dict[str, str]:
    masks: dict[str, str] = {}
    for option in options:
        structure, equals, pattern = option.partition("=")
        if not equals or not pattern:
            raise UsageError(f"--mask {option}: write structure=glob, hematoma='seg/*.nii.gz'.")
        if structure in masks:
            raise UsageError(f"--mask {structure}: is given twice; one glob can name all files.")
        masks[structure] = pattern
    return masks


def _refuse_bad_options(
    images: str | None, masks: Mapping[str, str], records: str | None, tags: str | None
) -> None:
    if not (images or records or tags):
        raise UsageError("Nothing to import: give --images, --records or --tags.")
    if masks and not images:
        raise UsageError("--mask needs --images: a mask belongs to a CT.")
    for structure in masks:
        if structure not in STRUCTURE_IDS:
            known = ", ".join(STRUCTURE_IDS)
            raise UsageError(f"--mask {structure}: unknown structure; the structures are {known}.")


def _write(matches: Matches, folder: Path, copy: bool) -> tuple[list[Case], list[str]]:
    notes: Counter[str] = Counter()
    problems: list[str] = []
    cases: list[Case] = []
    for case_id in progress(matches.ids(), "Cases"):
        try:
            texts = _write_texts(case_id, matches, folder, copy, notes)
        except DataError as error:
            problems += error.problems
            continue
        if case_id in matches.images:
            texts = [_place_volumes(texts[0], matches, folder, copy, notes)]
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
        suffix = ".nii.gz" if source.name.lower().endswith(".gz") else ".nii"
        notes[_place(source, folder / (stem + suffix), copy)] += 1
        return stem + suffix

    image = place(matches.images[case.id], f"images/{case.id}")
    masks = {
        structure: place(matches.masks[structure][case.id], f"masks/{case.id}_{structure}")
        for structure in STRUCTURE_IDS
        if case.id in matches.masks.get(structure, {})
    }
    return replace(case, image=image, masks=masks)


def _place(source: Path, target: Path, copy: bool) -> str:
    """Link `target` to `source`, or copy it; return what was done."""
    target.parent.mkdir(exist_ok=True)
    if not copy:
        try:
            target.symlink_to(os.path.abspath(source))
            return "files linked"
        except (OSError, NotImplementedError):  # as on Windows without the right to make links
            pass
    shutil.copyfile(source, target)
    return "files copied" if copy else "files copied, since links aren't possible here"


if __name__ == "__main__":
    run(main)
