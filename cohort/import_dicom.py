"""Import DICOM files, and records of the same patients, into a cohort without identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import counted, run
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import atomic_folder, write_text
from cohort.base.textfile import read_text
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.manifest import MANIFEST, Cohort

if TYPE_CHECKING:
    pass

SHOWN = 20


@dataclass
class DicomImport:
    """What was imported.

    Attributes
    ----------
    cohort
        With all its cases, those of before included.
    added
        Ids of the cases that are new.
    known
        Ids of those that came again.
    records
        How many cases got a record.
    left_out
        Sentences on what was not imported, without names or numbers of patients.
    facts
        Sentences on what was done on the way.
    """

    cohort: Cohort
    added: list[str]
    known: list[str]
    records: int = 0
    left_out: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


def main(
    folder: Annotated[Path, typer.Argument(help="DICOM folder, however deep; or a zip.")],
    out: Annotated[Path, typer.Argument(help="Folder of the cohort to make, or to add to.")],
    key: Annotated[
        Path,
        typer.Option(
            help="File that says who each case is, and when it was scanned: outside of the "
            "cohort, readable by you alone. It is made if it isn't there."
        ),
    ],
    records: Annotated[
        Path | None,
        typer.Option(
            help="Table of the same patients' records, .csv or .xlsx: a column PatientID or "
            "AccessionNumber (住院号, 检查号), and one of notes (text, 病历) or of their files "
            "(file, 文件名)."
        ),
    ] = None,
    masks: Annotated[
        list[Path] | None,
        typer.Option(
            help="Masks on the grid of a series, files or folders: .seg.nrrd, or NIfTI named after "
            "the structure (…_hematoma.nii.gz). DICOM segmentations in FOLDER are found without it."
        ),
    ] = None,
    series: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UID",
            help="Take the series of this UID from its study, whatever it is; may be repeated. "
            "`hich series FOLDER` lists them.",
        ),
    ] = None,
    keep_dates: Annotated[
        bool, typer.Option("--keep-dates", help="Write the time of each scan into the cohort, too.")
    ] = False,
    shift_dates: Annotated[
        bool,
        typer.Option(
            "--shift-dates",
            help="Write the time of each scan shifted by days that the key draws for its patient, "
            "the same as `hich deidentify --key`.",
        ),
    ] = False,
    keep_ids: Annotated[
        bool,
        typer.Option(
            "--keep-ids", help="Write PatientID and accession number into the cohort, too."
        ),
    ] = False,
) -> None:
    """Import DICOM scans into a cohort: a case for each study, with ids that hold no identity.

    Of each study the original axial head CT with a soft kernel and without contrast is taken, as
    `python -m cohort.series` shows. It is written as NIfTI on its own slices, none resampled. A
    study that comes again is recognised by the key, and added once. Records may hold names: what is
    in their text is imported as it is;
    `python -m text.deidentify COHORT OUT --key FILE` replaces it.
    """
    imported = import_dicom(
        folder, out, key, records, masks or [], series or [], keep_dates, keep_ids, shift_dates
    )
    _show(imported, out, key)


def import_dicom(
    folder: Path,
    out: Path,
    key: Path,
    records: Path | None = None,
    masks: Sequence[Path] = (),
    series: Sequence[str] = (),
    keep_dates: bool = False,
    keep_ids: bool = False,
    shift_dates: bool = False,
) -> DicomImport:
    """Import the studies of a DICOM folder into the cohort `out`, which may exist.

    Parameters
    ----------
    folder
        DICOM files, however deep, or a zip of them.
    out
        Folder of the cohort.
    key
        Key file (`cohort.importing.key_file`).
    records
        Table of records (`cohort.importing.record_table`).
    masks
        Files or folders of masks that lie on the grid of one of the series.
    series
        Names of series to take, where the choice would be another.
    keep_dates, keep_ids
        Write times of scans, and the patients' numbers, into the manifest.

    shift_dates
        Write times of scans into the manifest, shifted by a constant of the patient.

    Raises
    ------
    DataError
        If nothing can be imported, with all reasons; if the key lies in the cohort, can be read by
        others or isn't the cohort's; or if the table is not one of records of these patients.
    """
    if keep_dates and shift_dates:
        raise UsageError("--keep-dates, --shift-dates: name one of them.")
    from cohort.importing.dicom.cohort import (
        find_studies,
        grids_of,
        kept_of,
        masks_for,
        write_masks,
        write_scans,
    )
    from cohort.importing.dicom.studies import hours_of, sort_studies
    from cohort.importing.join_records import join_records
    from cohort.importing.key_file import CohortKey, require_outside
    from cohort.importing.record_table import read_record_table

    require_outside(key, out)
    old = Cohort.load(out) if (out / MANIFEST).is_file() else None
    if old is not None and not key.exists():
        raise DataError(
            f"{key}: no such file, and {out} has been made with a key; name that one, so that its "
            "patients are known again."
        )
    rows = read_record_table(records) if records is not None else []
    of_key = CohortKey.load(key)
    if old is not None and old.provenance.get("key") != of_key.id:
        raise DataError(
            f"{key}: is not the key of {out}, so that its patients would be taken for others; name "
            "the one it was made with, or a new folder."
        )
    choices, skipped, all_series = find_studies(folder, series)
    sorted_studies = sort_studies(
        choices, of_key, {case.id for case in old.cases} if old else set()
    )
    left_out = [f"{name}: {why.rstrip('.')}." for name, why in sorted_studies.refused]
    if not sorted_studies.new and not sorted_studies.known:
        raise_all([f"{folder}: {sentence}" for sentence in left_out])
    with_record = {case.id for case in (old.cases if old else ()) if case.record}
    joined = join_records(records, rows, of_key, with_record) if records is not None else None
    texts = joined.texts if joined else {}
    imported = DicomImport(old or Cohort(out, out.resolve().name, ()), [], [])
    imported.known = sorted(sorted_studies.known)
    imported.left_out = left_out + skipped

    def write(target: Path) -> Cohort:
        cases = {case.id: case for case in (old.cases if old else ())}
        grids = grids_of(target, cases)
        imported.left_out += write_scans(sorted_studies.new, target, cases, grids, of_key)
        imported.added = [study.case_id for study in sorted_studies.new if study.case_id in cases]
        drawn = masks_for(all_series, masks, grids, of_key)
        kept = write_masks(drawn.masks, grids, target, cases)
        imported.left_out += drawn.left_out + kept
        for case_id, text in texts.items():
            case = cases.get(case_id)
            if case is not None and case.record is None:
                path = f"records/{case_id}.txt"
                write_text(target / path, text)
                cases[case_id] = replace(case, record=path)
                imported.records += 1
            elif case is not None and read_text(target / str(case.record))[0] != text:
                # Its tags, and what was corrected in it, belong to its very characters.
                imported.left_out.append(
                    f"case {case_id}: has another record, which stays; delete it from the manifest "
                    "to take the one that came."
                )
            elif case is None:
                imported.left_out.append(
                    f"case {case_id}: its record was not taken either, since its scan was not."
                )
        hours = hours_of(of_key)
        whole = tuple(
            replace(
                case,
                hours=hours.get(case.id),
                dicom=kept_of(case, of_key, keep_dates, keep_ids, shift_dates),
            )
            for case in sorted(cases.values(), key=lambda case: case.id)
        )
        structures = tuple(
            name for name in STRUCTURE_IDS if any(name in case.masks for case in whole)
        )
        # Not the folder's name, which may be a patient's.
        provenance: dict[str, Any] = {"imported_by": "cohort.import_dicom", "key": of_key.id}
        return Cohort(out, out.resolve().name, whole, structures, provenance)

    if old is None:
        with atomic_folder(out, MANIFEST) as target:
            imported.cohort = write(target)
            if not imported.cohort.cases:
                raise_all([f"{folder}: {sentence}" for sentence in imported.left_out])
            of_key.save(key)
            imported.cohort.save(target)
    else:
        # Files of new cases stand before the manifest names them.
        imported.cohort = write(out)
        of_key.save(key)
        imported.cohort.save(out)
    imported.facts += joined.facts() if joined is not None else []
    return imported


def _show(imported: DicomImport, out: Path, key: Path) -> None:
    cohort, console = imported.cohort, Console(soft_wrap=True, highlight=False)
    patients = len({case.patient_id for case in cohort.cases})
    console.print(
        f"[green]✔[/green] {escape(str(out))}: {counted(len(imported.added), 'case')} added, "
        f"{len(imported.known)} known before; now {counted(len(cohort.cases), 'case')} of "
        f"{counted(patients, 'patient')}, {len(cohort.with_record)} with a record"
    )
    for fact in imported.facts:
        console.print(f"  {escape(fact)}")
    if imported.left_out:
        console.print(f"[yellow]Not imported:[/yellow] {len(imported.left_out)}")
    for sentence in imported.left_out[:SHOWN]:
        console.print(f"  {escape(sentence)}")
    if len(imported.left_out) > SHOWN:
        console.print(f"  … and {len(imported.left_out) - SHOWN} more")
    console.print(f"  who they are: {escape(str(key))}, for you alone")
    console.print(f"Next: hich check {escape(str(out))}")


if __name__ == "__main__":
    run(main)
