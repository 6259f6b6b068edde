"""Replace who is who in medical records: names, numbers, places, dates. Run with `--help`.

The output folder holds the records, in the form that they came in, and `deidentified.json`: how
much of each kind was replaced, and the places that a second look found, which a person should read.
It quotes nothing. A record that cannot be read is left out and named in `failed.csv`, and the
others go on; the exit code is 1 then. No rule finds every identity: see
docs/how-to/records/deidentify.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from cohort.base.cli import counted, run
from cohort.base.errors import DataError, UsageError, few, raise_all
from cohort.base.files import atomic_folder, refuse_sources_inside

if TYPE_CHECKING:
    from text.sharing.report import Sharing


def deidentify(
    source: Path,
    out: Path,
    key: Path | None = None,
    *,
    mask: bool = False,
    patient: str | None = None,
    id_column: str | None = None,
) -> Sharing:
    """Write the records at `source` without identities into the folder `out`.

    Parameters
    ----------
    source
        A note or a folder of notes (.txt, .docx); a table (.csv, .tsv, .xlsx); annotated records as
        `text.convert` reads them, whose marks move along; or a cohort, whose records and tags are
        written to the same paths.
    out
        Folder to make; an earlier one of this kind is replaced.
    key
        Key file (`cohort.importing.key_file`), made if it isn't there. With the one of
        `cohort.import_dicom` a patient gets the same shift of dates here as there.
    mask
        Put labels, such as `[NAME]`, in place of stand-ins; needs no key.
    patient
        Which records are one patient's: as `cohort.importing.name_patients` has it.
    id_column
        Heading of a table's column of patients.

    Raises
    ------
    DataError
        If something cannot be read, the key can be read by others or lies in `out`, or `out` holds
        the source or other files.
    UsageError
        If neither a key nor `mask` is given, or `patient` fits no record.
    """
    from text.components.deidentify.finder import Finder
    from text.corpus.formats.table import SUFFIX, is_annotated
    from text.sharing.patients import PatientKeys, load_key
    from text.sharing.records import record_ids, share_records
    from text.sharing.report import REPORT, Sharing
    from text.sharing.sheets import TABLES
    from text.sharing.tables import share_table

    if key is None and not mask:
        raise UsageError("--key or --mask: name a key file for stand-ins, or ask for labels.")
    if not source.exists():
        raise DataError(f"{source}: no such file or folder.")
    is_table = source.is_file() and source.suffix.lower() in TABLES
    if is_table and source.suffix.lower() == SUFFIX and is_annotated(source):
        if id_column is not None:
            raise UsageError(
                f"--id: {source} is a table with annotations, whose ids are in its column id; "
                "leave --id out."
            )
        is_table = False  # its marks move along with the text
    if id_column is not None and not is_table:
        raise UsageError("--id: is a column's heading, and the records are in no table.")
    if patient is not None and is_table:
        raise UsageError("--patient: is of files; name a table's column of patients with --id.")
    patients = None
    if patient is not None:
        from cohort.importing.name_patients import name_patients

        patients = name_patients(patient, record_ids(source))
    of_key = load_key(key, out) if key is not None else None
    sharing = Sharing()
    with atomic_folder(out, REPORT) as folder:
        refuse_sources_inside(out, [source])
        keys = PatientKeys(None if mask else of_key, Finder(), patients)
        if is_table:
            share_table(source, folder, keys, id_column, sharing)
        else:
            share_records(source, folder, keys, sharing)
        sharing.write(folder)
    return sharing


def main(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN",
            help="Notes (.txt, .docx), a folder of them, a table (.csv, .xlsx), annotated records, "
            "or a cohort.",
        ),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to.")],
    key: Annotated[
        Path | None,
        typer.Option(
            help="File of the secret that stand-ins are drawn from: outside of OUT, readable by "
            "you alone. It is made if it isn't there; that of `cohort.import_dicom` serves both."
        ),
    ] = None,
    mask: Annotated[
        bool, typer.Option("--mask", help="Put labels in place of stand-ins: [NAME], [DATE].")
    ] = False,
    patient: Annotated[
        str | None,
        typer.Option(
            help="Which records are one patient's: how their names begin, the * being the patient "
            "('P*_'), or a CSV file with the columns id and patient.",
            show_default="a cohort's manifest; else each record is a patient of its own",
        ),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="Heading of a table's column of patients.",
            show_default="住院号 and the like",
        ),
    ] = None,
) -> None:
    """Replace names, numbers, places and dates of records, so that they may be shared.

    Stand-ins are of the same kind, and the same each time for a patient; dates are shifted by a
    constant of the patient. Rules find most identities, never surely all: read what you share.
    """
    from text.sharing.report import FAILED, REPORT

    sharing = deidentify(source, out, key, mask=mask, patient=patient, id_column=id_column)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{counted(sharing.records, 'record')}, {sharing.characters:,} characters")
    table = Table()
    table.add_column("replaced")
    table.add_column("found", justify="right")
    for kind, count in sorted(sharing.kinds.items()):
        table.add_row(kind, f"{count:,}")
    console.print(table)
    if sharing.leftovers:
        console.print(
            f"Note: {counted(sharing.leftovers, 'place')} may hold an identity still; "
            f"{out / REPORT} says where.",
            markup=False,
        )
    for reason, names in sharing.left_out.items():
        console.print(f"Left out, {reason}: {len(names):,} ({few(names)})", markup=False)
    if sharing.failed:
        failed = counted(len(sharing.failed), "record")
        console.print(f"Failed: {failed}, {out / FAILED}", markup=False)
    console.print("No rule finds every identity: read what you share.", markup=False)
    console.print(f"Written: {out}", markup=False)
    raise_all(sharing.problems)


if __name__ == "__main__":
    run(main)
