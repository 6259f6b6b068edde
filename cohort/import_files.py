"""Import a user's own volumes, masks and records into a cohort."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted, run
from cohort.base.files import atomic_folder, portable, refuse_sources_inside
from cohort.facts.structures import STRUCTURE_IDS
from cohort.faults import FileNote
from cohort.importing.asked import Asked, globs_of_masks, refuse_bad_options
from cohort.importing.globs import portable_glob
from cohort.importing.match_files import match_files
from cohort.importing.name_patients import name_patients
from cohort.importing.named_labels import named_labels
from cohort.importing.write_cases import write_cases
from cohort.links.find import find_links, link_notes, note_lines_of
from cohort.schema.manifest import MANIFEST, Cohort

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
        str | None,
        typer.Option(
            help="Head CTs, .nii, .nii.gz or .nrrd: a glob in quotes, 'ct/*.nii.gz'. Or DICOM, a "
            "folder or a zip for each case: 'ct/*'."
        ),
    ] = None,
    mask: Annotated[
        list[str] | None,
        typer.Option(
            help="Masks of a structure: hematoma='seg/*_hem.nii.gz'. "
            f"Once for each of {', '.join(STRUCTURE_IDS)}."
        ),
    ] = None,
    label_maps: Annotated[
        str | None,
        typer.Option(
            help="Volumes with a label for each structure: 'labels/*.nii.gz'. Needs --labels."
        ),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            help="Which label is which structure: 1=hematoma,2=midline; 1+2=hematoma is both. With "
            "--nnunet, names can stand for numbers, and only those that are not a structure's are "
            "needed."
        ),
    ] = None,
    segmentations: Annotated[
        str | None,
        typer.Option(
            help="Segmentations of 3D Slicer: 'seg/*.seg.nrrd'. Segments are found by their names, "
            "hematoma, ICH or 血肿."
        ),
    ] = None,
    segments: Annotated[
        str | None,
        typer.Option(
            help="Which segment is which structure, where names don't tell: 'Segment_1=hematoma'."
        ),
    ] = None,
    nnunet: Annotated[
        Path | None,
        typer.Option(
            help="nnU-Net's raw folder of a dataset (imagesTr, labelsTr, dataset.json), in place "
            "of --images and masks."
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
        bool,
        typer.Option(
            "--copy",
            help="Copy the files, don't link to them; DICOM becomes NIfTI, on its own slices.",
        ),
    ] = False,
    series: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UID",
            help="Of the DICOM images, take the series of this UID from its folder, whatever it "
            "is; may be repeated.",
        ),
    ] = None,
) -> None:
    """Import your own volumes, masks and records, matched by case id, into a cohort.

    The id is what the wildcards of a glob stand for: 'ct/*.nii.gz' and 'seg/*_hem.nii.gz' match
    ct/p1.nii.gz and seg/p1_hem.nii.gz, both p1. With 'cases/*/ct.nii.gz' it is the folder's name.
    Your files are linked or copied, never changed.

    Files that hold several structures come in as they are: label maps with --label-maps and
    --labels, 3D Slicer's segmentations with --segmentations, nnU-Net's datasets with --nnunet.

    A pattern of --patient says how ids begin, and its first * stands for the patient: by 'P*_' the
    cases P0_day0 and P0_day1 are of patient 0, by '*-' the cases p1-a and p1-b of patient p1. What
    follows in an id is free. A split never parts the cases of a patient.
    """
    imported = import_files(
        out,
        images,
        globs_of_masks(mask or []),
        records,
        tags,
        id_pattern,
        copy,
        patient,
        label_maps=label_maps,
        labels=named_labels("--labels", labels) if labels else None,
        segmentations=segmentations,
        segments=named_labels("--segments", segments) if segments else None,
        nnunet=nnunet,
        series=series or [],
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
    for line in note_lines_of(cohort, imported.notes, f"hich check {out} --json"):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    if imported.left_out:
        console.print(f"[yellow]Not matched:[/yellow] {counted(len(imported.left_out), 'file')}")
    for path, why in imported.left_out[:SHOWN]:
        console.print(f"  {escape(str(path))}: {escape(why)}")
    if len(imported.left_out) > SHOWN:
        console.print(f"  … all are named in {escape(str(out / MANIFEST))}")
    console.print(f"Next: hich check {escape(str(out))}")


def import_files(
    out: Path,
    images: str | None = None,
    masks: Mapping[str, str] | None = None,
    records: str | None = None,
    tags: str | None = None,
    id_pattern: str | None = None,
    copy: bool = False,
    patient: str | None = None,
    *,
    label_maps: str | None = None,
    labels: Mapping[str, str] | None = None,
    segmentations: str | None = None,
    segments: Mapping[str, str] | None = None,
    nnunet: Path | None = None,
    series: Sequence[str] = (),
    without: Collection[Path] = (),
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
    label_maps, labels, segmentations, segments, nnunet
        Files that hold several structures (`cohort.importing.match_files.Asked`); in the manifest
        a mask is then a part of a file (`cohort.space.address`).
    series
        DICOM series to take, where the choice (`cohort.space.dicom.choosing`) would be another.
    without
        Images to leave out, though the glob names them.

    Raises
    ------
    DataError
        With all that is wrong: a glob without files, two files of a kind for one case, ids that
        cannot name files, tags that don't fit their record, cases whose patient isn't named.
    UsageError
        If nothing, or an unknown structure, is asked for, or `patient` fits no case.
    """
    asked = Asked(
        images,
        dict(masks or {}),
        records,
        tags,
        label_maps,
        dict(labels or {}),
        segmentations,
        dict(segments or {}),
        nnunet,
        id_pattern,
        tuple(series),
        frozenset(without),
    )
    refuse_bad_options(asked)
    matches = match_files(asked)
    refuse_sources_inside(out, matches.files())
    if patient is not None and not matches.tags:  # whose documents may become cases of their own
        name_patients(patient, matches.ids())  # before much is copied
    with atomic_folder(out, MANIFEST) as folder:
        cases, facts = write_cases(matches, folder, copy)
        if patient is not None:
            patients = name_patients(patient, [case.id for case in cases])
            cases = [replace(case, patient=patients[case.id]) for case in cases]
            facts.append(f"patients: {len(set(patients.values()))}, by --patient")
        said = {
            "images": images and portable_glob(images),
            "masks": {name: portable_glob(glob) for name, glob in asked.masks.items()},
            "label_maps": label_maps and portable_glob(label_maps),
            "labels": asked.labels,
            "segmentations": segmentations and portable_glob(segmentations),
            "segments": asked.segments,
            "nnunet": nnunet and portable(nnunet),
            "records": records and portable_glob(records),
            "tags": tags and portable_glob(tags),
        }
        provenance: dict[str, Any] = {
            "imported_by": "cohort.import_files",
            **{kind: value for kind, value in said.items() if value},
            **({} if patient is None else {"patient": patient}),
            "left_out": [f"{portable(path)}: {why}" for path, why in matches.left_out],
        }
        structures = tuple(s for s in STRUCTURE_IDS if s in matches.masks)
        cohort = Cohort(out, out.resolve().name, tuple(cases), structures, provenance)
        cohort.save(folder)
        links = find_links(replace(cohort, folder=folder))
    notes = link_notes(cohort, links)
    return ImportedFiles(cohort, matches.facts + facts, matches.left_out, notes)


if __name__ == "__main__":
    run(main)
