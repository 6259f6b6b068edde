"""Records of a table, and the cases that they belong to: CT and record of one patient together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import DataError
from cohort.importing.key_file import CohortKey
from cohort.importing.record_table import RecordRow


@dataclass
class JoinedRecords:
    """Records of cases.

    Attributes
    ----------
    texts
        Case id to its record.
    unmatched
        How many rows fit no case.
    """

    texts: dict[str, str] = field(default_factory=dict)
    unmatched: int = 0


def join_records(table: Path, rows: Sequence[RecordRow], key: CohortKey) -> JoinedRecords:
    """Return the record of each case, by accession number, else by PatientID.

    A row with an accession number belongs to that examination. One with a PatientID alone belongs
    to the patient's first scan: a chart is written at admission. Several rows of a case are one
    record, in the table's order, with an empty line between them.

    Raises
    ------
    DataError
        If no row fits any case.
    """
    by_accession: dict[str, list[str]] = {}
    for name, case in key.cases.items():
        if case.accession_number:
            by_accession.setdefault(case.accession_number, []).append(name)
    first_scan = {
        key.patient_id(patient): cases[0]
        for patient in key.patients
        if key.patient_id(patient)
        and (
            cases := sorted(
                (name for name, case in key.cases.items() if case.patient == patient),
                key=lambda name: key.cases[name].acquired or "9",
            )
        )
    }
    found = JoinedRecords()
    for row in rows:
        cases = by_accession.get(row.accession, [])
        case_id = cases[0] if cases else first_scan.get(row.patient)
        if case_id is None:
            found.unmatched += 1
        else:
            before = found.texts.get(case_id)
            found.texts[case_id] = row.text if before is None else f"{before}\n\n{row.text}"
    if not found.texts:
        raise DataError(f"{table}: {_why_none(rows, by_accession, first_scan)}")
    return found


def _why_none(
    rows: Sequence[RecordRow], accessions: dict[str, list[str]], patients: dict[str, str]
) -> str:
    """Say why no row fits; the ids themselves say who the patients are, and are not shown."""

    def bare(known: object) -> set[str]:
        return {str(name).lstrip("0") for name in known}  # type: ignore[attr-defined]

    stripped = {row.patient.lstrip("0") for row in rows} | {
        row.accession.lstrip("0") for row in rows
    }
    if (stripped - {""}) & (bare(accessions) | bare(patients)):
        return (
            "its ids fit those of the DICOM files but for leading zeros, which spreadsheets drop; "
            "format the column as text and export it again."
        )
    return (
        f"none of its {len(rows)} rows has an id that the DICOM files have, as PatientID or "
        "AccessionNumber; is it the right column?"
    )
