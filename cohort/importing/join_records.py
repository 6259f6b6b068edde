"""Records of a table, and the cases that they belong to: CT and record of one patient together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.cli import counted
from cohort.base.errors import DataError
from cohort.importing.key_file import CohortKey
from cohort.importing.record_table import RecordRow

UNKNOWN = "fit no case"
ZEROS = (
    "would fit a case but for leading zeros, which spreadsheets drop: format the column as text, "
    "and export it again"
)
CONTRADICTORY = "have an accession number of another patient"
AMBIGUOUS = "have an accession number that several patients have, and no PatientID to tell them"


@dataclass
class JoinedRecords:
    """Records of cases.

    Attributes
    ----------
    texts
        Case id to its record.
    unmatched
        Why rows belong to no case, to how many there are: the end of a sentence.
    """

    texts: dict[str, str] = field(default_factory=dict)
    unmatched: Counter[str] = field(default_factory=Counter)

    def facts(self) -> list[str]:
        """Return a sentence on each kind of row that belongs to no case, without its ids."""
        return [f"{counted(n, 'row')} of the table {why}" for why, n in self.unmatched.items()]


def join_records(
    table: Path, rows: Sequence[RecordRow], key: CohortKey, with_record: Collection[str] = ()
) -> JoinedRecords:
    """Return the record of each case, by accession number and PatientID.

    A row with an accession number belongs to that examination; where it has a PatientID as well,
    both must fit. One with a PatientID alone, or with the number of another examination, belongs to
    the patient's first scan: a chart is written at admission. Several rows of a case are one
    record, in the table's order, with an empty line between them.

    Parameters
    ----------
    table
        For messages.
    with_record
        Cases that have a record already: of a patient who has one, a new row goes there.

    Raises
    ------
    DataError
        If no row fits any case.
    """
    finder = _Finder(key, with_record)
    found = JoinedRecords()
    for row in rows:
        case_id = finder.case_of(row)
        if case_id not in key.cases:
            found.unmatched[case_id] += 1
            continue
        before = found.texts.get(case_id)
        found.texts[case_id] = row.text if before is None else f"{before}\n\n{row.text}"
    if not found.texts:
        no_case = f"{table}: none of its {len(rows)} rows belongs to a case"
        raise DataError(*(f"{no_case}: they {why}." for why in found.unmatched))
    return found


class _Finder:
    """Finds the case of a row."""

    def __init__(self, key: CohortKey, with_record: Collection[str]) -> None:
        self.patients = {
            key.patient_id(patient): patient for patient in key.patients if key.patient_id(patient)
        }
        self.cases: dict[str, list[str]] = {}
        for name in sorted(key.cases, key=lambda name: key.cases[name].acquired or "9"):
            self.cases.setdefault(key.cases[name].patient, []).append(name)
        self.by_accession: dict[str, list[str]] = {}
        for name, case in key.cases.items():
            if case.accession_number:
                self.by_accession.setdefault(case.accession_number, []).append(name)
        self.with_record = with_record
        self.key = key

    def case_of(self, row: RecordRow) -> str:
        """Return the case of a row, or why it has none."""
        examinations = self.by_accession.get(row.accession, []) if row.accession else []
        if row.patient:
            patient = self.patients.get(row.patient)
            if patient is None or patient not in self.cases:
                return CONTRADICTORY if examinations else self._unknown(row)
            own = [name for name in examinations if self.key.cases[name].patient == patient]
            if examinations and not own:
                return CONTRADICTORY
            return own[0] if own else self._first(patient)
        if len({self.key.cases[name].patient for name in examinations}) > 1:
            return AMBIGUOUS
        return examinations[0] if examinations else self._unknown(row)

    def _first(self, patient: str) -> str:
        cases = self.cases[patient]
        return next((name for name in cases if name in self.with_record), cases[0])

    def _unknown(self, row: RecordRow) -> str:
        bare = _bare(self.patients) | _bare(self.by_accession)
        return ZEROS if _bare([row.patient, row.accession]) & bare else UNKNOWN


def _bare(ids: Iterable[str]) -> set[str]:
    return {name.lstrip("0") for name in ids} - {""}
