"""Import HICH-IT's published files into a cohort."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted, run
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import atomic_folder, refuse_sources_inside, write_text
from cohort.facts.structures import STRUCTURE_IDS
from cohort.faults import FileNote
from cohort.links.find import find_links, link_notes, note_lines_of
from cohort.schema.case import Case
from cohort.schema.case_files import id_problems, repeated_ids
from cohort.schema.manifest import MANIFEST, Cohort

if TYPE_CHECKING:
    from cohort.importing.hich_it import Tree

DEFAULT_SPACING = (0.45, 0.45, 5.0)
"""Usual for head CT: a field of view of 230 mm in 512 voxels, slices of 5 mm."""

CT_ID = "hich-it-ct"


@dataclass(frozen=True)
class ImportedHichIt:
    """What was imported.

    Attributes
    ----------
    cohort
        The new cohort.
    facts
        What was found, a sentence each.
    assumptions
        What the source doesn't tell and was taken to be so, a sentence each.
    left_out
        Files that were not imported, each with the reason.
    notes
        Case id to notes on the cases that it belongs together with (`cohort.links.find`).
    """

    cohort: Cohort
    facts: list[str]
    assumptions: list[str]
    left_out: list[tuple[Path, str]]
    notes: dict[str, list[FileNote]] = field(default_factory=dict)


def main(
    datasets: Annotated[Path, typer.Argument(help="HICH-IT's folder Datasets.")],
    out: Annotated[Path, typer.Argument(help="Folder of the cohort to make.")],
    spacing: Annotated[
        tuple[float, float, float] | None,
        typer.Option(
            help="Voxel spacing in mm along rows, columns and slices. The tensors hold none: "
            "without this option 0.45 0.45 5 is assumed."
        ),
    ] = None,
    axcodes: Annotated[
        str, typer.Option(help="What rows, columns and slices run toward: L or R, P or A, I or S.")
    ] = "LPS",
    pair: Annotated[
        bool, typer.Option("--pair", help="The CT and the record are one patient's: one case.")
    ] = False,
) -> None:
    """Import HICH-IT's published files into a cohort: CT and masks exactly, records with tags.

    The CT and the record become two cases, since the files don't tell whether they are one
    patient's, unless --pair says so.
    """
    imported = import_hich_it(datasets, out, spacing, axcodes, pair)
    console = Console(soft_wrap=True, highlight=False)
    cohort = imported.cohort
    console.print(
        f"[green]✔[/green] {escape(str(out))}: {counted(len(cohort.cases), 'case')}, "
        f"{len(cohort.with_image)} with a CT, {len(cohort.with_record)} with a record"
    )
    for fact in imported.facts:
        console.print(f"  {escape(fact)}")
    for assumption in imported.assumptions:
        console.print(f"[yellow]Assumed:[/yellow] {escape(assumption)}")
    for line in note_lines_of(cohort, imported.notes, f"hich check {out} --json"):
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    reasons = Counter((path.name, reason) for path, reason in imported.left_out)
    for (name, reason), count in reasons.items():
        console.print(f"Left out: {count} × {escape(name)} ({escape(reason)})")
    console.print(f"Next: hich check {escape(str(out))}")


def import_hich_it(
    datasets: Path,
    out: Path,
    spacing: tuple[float, float, float] | None = None,
    axcodes: str = "LPS",
    pair: bool = False,
) -> ImportedHichIt:
    """Import HICH-IT's folder `datasets` into the new cohort `out`.

    Parameters
    ----------
    spacing
        Of rows, columns and slices, in mm; None for `DEFAULT_SPACING`, said as an assumption.
    axcodes
        What rows, columns and slices run toward.
    pair
        Whether the CT and the one record are one patient's.

    Raises
    ------
    DataError
        With all that is wrong with the files.
    UsageError
        If an option's value cannot be.
    """
    from cohort.importing import hich_it

    axcodes = axcodes.upper()
    _refuse_bad_options(spacing, axcodes)
    refuse_sources_inside(out, [datasets])
    tree = hich_it.find(datasets)
    if pair and not (tree.classes and tree.texts):
        raise DataError(f"{datasets}: --pair needs a CT and a record; one of them isn't there.")
    with atomic_folder(out, MANIFEST) as folder:
        cases, facts = _import_records(tree.texts, folder)
        if pair and len(cases) != 1:
            raise DataError(f"{datasets}: --pair needs one record; there are {len(cases)}.")
        if tree.classes:
            ct, about_ct = _import_ct(
                tree, folder, cases[0] if pair else Case(CT_ID), spacing or DEFAULT_SPACING, axcodes
            )
            cases = [ct] if pair else [ct, *cases]
            facts = about_ct + facts
        raise_all([f"{datasets}: {said}" for said in repeated_ids(case.id for case in cases)])
        assumptions = _assumptions(spacing, axcodes, pair, cases)
        provenance: dict[str, Any] = {
            "source": "HICH-IT (arXiv 2401.15934), files as published",
            "imported_by": "cohort.import_hich_it",
            "assumptions": assumptions,
            "left_out": [f"{path.relative_to(datasets)}: {why}" for path, why in tree.left_out],
        }
        cohort = Cohort(
            out, out.resolve().name, tuple(cases), tuple(tree.classes), provenance=provenance
        )
        cohort.save(folder)
        links = find_links(replace(cohort, folder=folder))
    return ImportedHichIt(cohort, facts, assumptions, tree.left_out, link_notes(cohort, links))


def _refuse_bad_options(spacing: tuple[float, float, float] | None, axcodes: str) -> None:
    if spacing and not all(math.isfinite(mm) and mm > 0 for mm in spacing):
        raise UsageError(f"--spacing {spacing}: three lengths above 0 mm are needed.")
    axes = sorted("".join(axis for axis in ("LR", "PA", "IS") if code in axis) for code in axcodes)
    if axes != ["IS", "LR", "PA"]:
        raise UsageError(
            f"--axcodes {axcodes}: one letter of each of L/R, P/A and I/S is needed, like LPS."
        )


def _import_records(texts: list[Path], folder: Path) -> tuple[list[Case], list[str]]:
    from cohort.tags.tag_file import read_tag_file, write_bioes

    cases: list[Case] = []
    facts: list[str] = []
    problems: list[str] = []
    for path in texts:
        try:
            file = read_tag_file(path)
        except DataError as error:
            problems += error.problems
            continue
        many = len(file.documents) > 1
        problems += [f"{path}: {said}" for said in id_problems(path.stem)]
        for number, document in enumerate(file.documents, 1):
            case_id = f"{path.stem}_{number:03d}" if many else path.stem
            record, tags = f"records/{case_id}.txt", f"records/{case_id}.bioes"
            write_text(folder / record, document.text)
            write_bioes(folder / tags, document.text, document.tags)
            cases.append(Case(case_id, record=record, tags=tags))
        characters = sum(len(document.text) for document in file.documents)
        facts.append(
            f"Record {path.stem}: {characters} characters, tags {file.scheme}, {file.encoding}"
            + (f", {len(file.documents)} documents" if many else "")
            + (f"; {len(file.untagged)} without a tag, read as O" if file.untagged else "")
            + (f"; {len(file.repaired)} illegal tags repaired" if file.repaired else "")
        )
    raise_all(problems)
    return cases, facts


def _import_ct(
    tree: Tree,
    folder: Path,
    case: Case,
    spacing: tuple[float, float, float],
    axcodes: str,
) -> tuple[Case, list[str]]:
    from cohort.importing.hich_it import read_volumes
    from cohort.space.affine import make_affine, times
    from cohort.space.nifti.volume import save_volume

    volumes = read_volumes(tree)
    ct = volumes.ct
    affine = make_affine(axcodes, spacing, ct.shape)
    image = f"images/{case.id}.nii.gz"
    masks = {structure: f"masks/{case.id}_{structure}.nii.gz" for structure in volumes.masks}
    save_volume(folder / image, ct, affine)
    for structure, relative in masks.items():
        save_volume(folder / relative, volumes.masks[structure], affine)
    counts = ", ".join(f"{s} {int(mask.sum())}" for s, mask in volumes.masks.items())
    facts = [
        f"CT {case.id}: {times(ct.shape)} voxels, slices {tree.numbers[0]} to {tree.numbers[-1]}, "
        f"{ct.min():g} to {ct.max():g} HU, stored exactly as {ct.dtype}; "
        f"the same in all {len(masks)} class folders",
        f"Voxels in masks: {counts}",
    ]
    if volumes.as_255:
        facts.append(f"Written with 0 and 255, read as 0 and 1: {', '.join(volumes.as_255)}")
    absent = [structure for structure in STRUCTURE_IDS if structure not in masks]
    if absent:
        facts.append(f"No class folder, so not annotated: {', '.join(absent)}")
    return replace(case, image=image, masks=masks), facts


def _assumptions(
    spacing: tuple[float, float, float] | None, axcodes: str, pair: bool, cases: list[Case]
) -> list[str]:
    from cohort.space.affine import times

    if not any(case.image for case in cases):
        return []
    mm = times(spacing or DEFAULT_SPACING)
    found = [
        f"spacing {mm} mm, as you said (the tensors hold none)."
        if spacing
        else f"spacing {mm} mm, a usual one: the tensors hold none, so volumes in mL and "
        "distances in mm are only as right as this; give the true one with --spacing.",
        f"rows, columns and slices run toward {', '.join(axcodes)}.",
    ]
    if pair:
        found.append("the CT and the record are one patient's, as you said with --pair.")
    elif any(case.record for case in cases):
        found.append(
            "the CT and the record are different patients'; the files don't tell "
            "(--pair makes them one case)."
        )
    return found


if __name__ == "__main__":
    run(main)
