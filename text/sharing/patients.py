"""Whose a record is: the same patient gets the same stand-ins and the same shift everywhere."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cohort.importing.key_file import CohortKey
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from text.components.deidentify.finder import Finder
from text.components.deidentify.identity import NAME
from text.components.deidentify.lexicon import any_of
from text.components.deidentify.replace import Deidentifier
from text.components.deidentify.stand_ins import PatientKey

_MOST_DIGITS = 5
"""A record's id with more digits in a row is taken for a number of the patient."""
_OF_DOCUMENTS = re.compile(
    "病例|病历|首程|首次病程|病程|入院|出院|小结|记录|手术|护理|会诊|检查|报告|汇总|数据|转科|转院|死亡|讨论|医嘱|查房"
    "|急诊|门诊|患者|病人|住院|影像|总表|名单|表"
)
"""What files of records are called without saying whose they are."""
_SYLLABLE = (
    "(?:[zcs]h?|[bpmfdtnlgkhjqxryw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|van|ai|ei|ao"
    "|ou|an|en|in|un|vn|ia|ie|iu|ua|uo|ui|ue|ve|a|o|e|i|u|v|er)"
)
_NO_NAMES = " ".join(
    (
        "case note notes record records patient sample series study test train val dev data text",
        "file report china male female table base line time name page image scan human machine",
        "manage change guide made make huge wane fume guangzhou chengdu luoyang suzhou lanzhou",
        "wuhan maria lime hema hemato hematoma macau maine",
    )
).split()
"""Words that can be read as a name in Latin letters, and as file names are none."""


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
        self.key, self.finder, self.patients = key, finder, dict(patients or {})
        self._names: dict[str, str] = {}
        self._people: dict[str, set[str]] = {}

    def of(self, who: tuple[str, ...]) -> Deidentifier:
        """Return what replaces a patient's identities."""
        if self.key is None:
            return Deidentifier(self.finder, None)
        secret = bytes.fromhex(self.key.secret)
        return Deidentifier(self.finder, PatientKey(secret, who, self.key.days_of(who)))

    def of_record(self, record_id: str) -> Deidentifier:
        """Return what replaces those of a record; one of nobody known is a patient of its own."""
        patient = self.patients.get(record_id)
        return self.of(("record", record_id) if patient is None else self.who(patient))

    def learn(
        self,
        patients: Mapping[str, str],
        texts: Iterable[tuple[str, str]],
        several: Collection[str] | None = None,
    ) -> None:
        """Take the names that headings of records tell, to seek them in the patient's others.

        Parameters
        ----------
        patients
            Record id to patient; one that has a single record is passed over.
        texts
            Ids and texts of records; not gone through if no patient has several.
        several
            The patients that have several; None for those that `patients` has more than once.
        """
        if several is None:
            several = {p for p, count in Counter(patients.values()).items() if count > 1}
        for record_id, text in texts if several else ():
            patient = patients.get(record_id)
            if patient not in several:
                continue
            with suppress(Exception):  # told when the record is replaced
                found = (i for i in self.finder.find(text) if i.kind == NAME and i.sure > 1)
                names = {text[i.start : i.end] for i in found if i.end - i.start > 1}
                self.add_people(str(patient), names)

    def add_people(self, patient: str, names: Iterable[str]) -> None:
        """Take names of a patient's people, to seek them in all of the patient's records."""
        self._people.setdefault(patient, set()).update(names)

    def people_of(self, patient: str | None) -> frozenset[str]:
        """Return the names that are known of a patient's records."""
        return frozenset() if patient is None else frozenset(self._people.get(patient, ()))

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
        if not self._may_tell(record_id):
            return record_id
        if self.key is None:  # a hash without a secret would be found by trying all numbers
            return self._names.setdefault(record_id, f"record_{secrets.token_hex(5)}")
        secret = bytes.fromhex(self.key.secret)
        return "record_" + hmac.new(secret, record_id.encode(), hashlib.sha256).hexdigest()[:10]

    def _may_tell(self, record_id: str) -> bool:
        """Return whether an id may say who somebody is: a number, a name, one in Latin letters."""
        if any(len(digits) > _MOST_DIGITS for digits in re.findall(r"\d+", record_id)):
            return True
        latin = re.findall(r"[A-Za-z]+(?:[ _\-.]?[A-Za-z]+)*", record_id)
        if any(_is_latin_name(words, self.finder) for words in latin):
            return True
        bare = _OF_DOCUMENTS.sub(" ", record_id).strip("0123456789_-. ()（）")
        return bool(self.finder.find(record_id) or (bare and self.finder.find(f"姓名：{bare}\n")))


def _is_latin_name(words: str, finder: Finder) -> bool:
    """Return whether Latin letters are a surname and a given name, as of ZhangSan, li_na."""
    pieces = [p.casefold() for p in re.split(r"[ _\-.]|(?<=[a-z])(?=[A-Z])", words) if p]
    pieces = [piece for piece in pieces if piece not in _NO_NAMES]
    runs = {"".join(pieces[at : at + size]) for at in range(len(pieces)) for size in (1, 2, 3)}
    return any(_pinyin_name(finder).fullmatch(run) for run in runs - {*_NO_NAMES})


@lru_cache(maxsize=4)
def _pinyin_name(finder: Finder) -> re.Pattern[str]:
    surnames = [name for name in finder.lists["pinyin_surnames"].split() if len(name) > 1]
    return re.compile(f"(?:{any_of(surnames)})(?:{_SYLLABLE}){{1,2}}", re.IGNORECASE)


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
