"""The key of a cohort: which patient and which study each case is, for nobody but its owner.

A cohort that is made of DICOM files holds no identity. Who a case is stands in one file outside of
the cohort, which only its owner can read: with it a study that comes again is recognised, and a
result finds its way back into the patient's chart. It also holds a secret by which dates can be
shifted, alike for all of a patient's and by no rule that anybody could guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as model

from cohort.base.errors import DataError
from cohort.base.files import atomic_file, read_json
from cohort.schema.problems import VERSION, VERSION_KEY, parse

_CONFIG = ConfigDict(extra="ignore", defer_build=True)


@model(frozen=True, config=_CONFIG)
class KeyCase:
    """Which study a case is.

    Attributes
    ----------
    patient
        CohortKey of `CohortKey.patients`.
    study_uid, series_uid, accession_number
        As the DICOM files have them.
    acquired
        Date and time of the scan, `YYYYMMDDHHMMSS` as far as stated.
    slices
        How many the scan had when it was imported.
    """

    patient: str
    study_uid: str
    series_uid: str
    accession_number: str = ""
    acquired: str = ""
    slices: int = 0


@model(frozen=True, config=_CONFIG)
class _Stored:
    id: Annotated[str, Field(min_length=8)]
    secret: Annotated[str, Field(min_length=32)]
    patients: dict[str, tuple[str, ...]]
    cases: dict[str, KeyCase]


@dataclass
class CohortKey:
    """What a key file holds.

    Attributes
    ----------
    id
        Random; a cohort's manifest has that of its key, so that no other is taken for it.
    secret
        Hexadecimal, 32 bytes.
    patients
        Patient of the cohort to who it is (`cohort.space.dicom.choosing.studies.patient_key`):
        `("id", PatientID)`, or where there is none, what else tells patients apart.
    cases
        Case id to its study.
    """

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    patients: dict[str, tuple[str, ...]] = field(default_factory=dict)
    cases: dict[str, KeyCase] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> CohortKey:
        """Read a key file, or return a new key where there is none.

        Raises
        ------
        DataError
            If others can read it, or it is damaged.
        """
        if not path.exists():
            return cls()
        require_private(path)
        stored, problems = parse(_Stored, read_json(path))
        if stored is None:
            raise DataError(*(f"{path}: {problem}" for problem in problems))
        return cls(stored.id, stored.secret, dict(stored.patients), dict(stored.cases))

    def save(self, path: Path) -> None:
        """Write the key, atomically; from its first byte on nobody but its owner can read it."""
        content = {
            VERSION_KEY: VERSION,
            "id": self.id,
            "secret": self.secret,
            "patients": self.patients,
            "cases": {case_id: asdict(case) for case_id, case in self.cases.items()},
        }
        with atomic_file(path, mode=0o600) as temporary:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(content, file, ensure_ascii=False, indent=2)
                file.write("\n")

    def patient_of(self, who: tuple[str, ...]) -> str:
        """Return what the cohort calls a patient; one it hasn't seen gets the next number."""
        for name, known in self.patients.items():
            if known == who:
                return name
        name = f"p{len(self.patients) + 1:04d}"
        self.patients[name] = who
        return name

    def new_case(self, patient: str, others: Collection[str] = ()) -> str:
        """Return an id for the patient's next case: `p0007_2` comes after `p0007_1`.

        No number is used twice, neither one of the key nor one of `others`.
        """
        start = f"{patient}_"
        used = [name[len(start) :] for name in {*self.cases, *others} if name.startswith(start)]
        return f"{start}{1 + max((int(n) for n in used if n.isdecimal()), default=0)}"

    def patient_id(self, patient: str) -> str:
        """Return the PatientID of a patient of the cohort; "" where the files state none."""
        who = self.patients[patient]
        return who[1] if who[0] == "id" else ""

    def days_of(self, who: tuple[str, ...]) -> int:
        """Return how many days a patient's dates are shifted: five weeks to five years back.

        Drawn from HMAC-SHA256 of the secret over the patient (RFC 2104), so that records and scans
        get the same. Whole weeks: a Monday stays one.
        """
        drawn = hmac.new(
            bytes.fromhex(self.secret), "\x1f".join(("days", *who)).encode(), hashlib.sha256
        )
        return -7 * (5 + int.from_bytes(drawn.digest(), "big") % 256)

    def shifted(self, case: KeyCase) -> str:
        """Return when a case was scanned, shifted as all of its patient's dates; "" if unknown."""
        try:
            day = datetime.strptime(case.acquired[:8], "%Y%m%d")
        except ValueError:
            return ""
        moved = day + timedelta(self.days_of(self.patients[case.patient]))
        return f"{moved:%Y%m%d}{case.acquired[8:]}"

    def case_of(self, study_uid: str) -> str | None:
        """Return the case that a study is; None if it hasn't been seen."""
        return next(
            (name for name, case in self.cases.items() if case.study_uid == study_uid), None
        )


def require_private(path: Path) -> None:
    """Refuse a key file that others than its owner can read, where the system tells.

    Raises
    ------
    DataError
        Saying how to mend it.
    """
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise DataError(
            f"{path}: others than you can read this key, which says who the patients are; "
            f"`chmod 600 {path}` before it is used."
        )


def require_outside(path: Path, cohort: Path) -> None:
    """Refuse a key file inside of the cohort, which is made to be passed on.

    Raises
    ------
    DataError
        If it would lie there.
    """
    if cohort.resolve() in (path.resolve(), *path.resolve().parents):
        raise DataError(
            f"{path}: lies inside of the cohort, which would then say who its patients are; "
            "name a place outside of it."
        )
