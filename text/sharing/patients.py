"""Whose a record is: the same patient gets the same stand-ins and the same shift everywhere."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path

from cohort.importing.key_file import CohortKey
from cohort.schema.manifest import Case, Cohort
from text.components.deidentify.finder import Finder
from text.components.deidentify.replace import Deidentifier
from text.components.deidentify.stand_ins import PatientKey

_MOST_DIGITS = 5
"""A record's id with more digits in a row is taken for a number of the patient."""


class PatientKeys:
    """What replaces the identities of each patient.

    Parameters
    ----------
    key
        The key file's content; None to put labels in the place of identities.
    finder
        Finds them.
    patients
        Record id to patient, where that is known.
    """

    def __init__(
        self, key: CohortKey | None, finder: Finder, patients: Mapping[str, str] | None = None
    ) -> None:
        self.key, self.finder, self._patients = key, finder, dict(patients or {})
        self._names: dict[str, str] = {}

    def of(self, who: tuple[str, ...]) -> Deidentifier:
        """Return what replaces a patient's identities."""
        if self.key is None:
            return Deidentifier(self.finder, None)
        secret = bytes.fromhex(self.key.secret)
        return Deidentifier(self.finder, PatientKey(secret, who, self.key.days_of(who)))

    def of_record(self, record_id: str) -> Deidentifier:
        """Return what replaces those of a record; one of nobody known is a patient of its own."""
        patient = self._patients.get(record_id)
        return self.of(("record", record_id) if patient is None else self.who(patient))

    def who(self, patient: str) -> tuple[str, ...]:
        """Return who a patient is: by the key, if it has that name, else by PatientID."""
        known = self.key.patients.get(patient) if self.key else None
        return known or ("id", patient)

    def of_case(self, cohort: Cohort, case: Case) -> Deidentifier:
        """Return what replaces those of a case: as `cohort.import_dicom` made it, by the key."""
        patient = case.patient or case.id
        if self.key and cohort.provenance.get("key") == self.key.id:
            return self.of(self.key.patients.get(patient, ("patient", patient)))
        return self.of_record(case.id) if case.patient is None else self.of(self.who(patient))

    def name_of(self, record_id: str) -> str:
        """Return what a record is called: its id, or if that may be an identity, a stand-in."""
        digits = longest = 0
        for character in record_id:
            digits = digits + 1 if character.isdecimal() else 0
            longest = max(longest, digits)
        bare = record_id.strip("0123456789_-. ")
        if longest <= _MOST_DIGITS and not self.finder.find(f"姓名：{bare}\n{record_id}"):
            return record_id
        if self.key is None:  # a hash without a secret would be found by trying all numbers
            return self._names.setdefault(record_id, f"record_{secrets.token_hex(5)}")
        secret = bytes.fromhex(self.key.secret)
        return "record_" + hmac.new(secret, record_id.encode(), hashlib.sha256).hexdigest()[:10]


def load_key(path: Path, out: Path) -> CohortKey:
    """Read a key file, or make one that its owner alone can read.

    Raises
    ------
    DataError
        If others can read it, it is damaged, or it would lie in what is passed on.
    """
    from cohort.importing.key_file import require_outside

    require_outside(path, out)
    key = CohortKey.load(path)
    if not path.exists():
        key.save(path)
    return key
