"""Who a source says its patient is, and in what two sources tell of different patients.

A DICOM header states it, and so does a record. What is stated serves to compare and is never shown:
messages say in what two sources differ, and quote neither.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cohort.base.textfile import in_gb2312
from cohort.facts.limits import AGES_APART_YEARS, OLDEST_YEARS

Sex = Literal["male", "female"]
Attribute = Literal["name", "sex", "age"]
"""What two patients can be told apart by."""

SEXES: dict[str, Sex] = {"M": "male", "F": "female"}
_PARTS_OF_YEAR = {"Y": 1, "M": 12, "W": 52.18, "D": 365.25}
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_NAME = re.compile(rf"[{_HAN}·]+")
_LONGEST = 4
"""Characters of a Chinese name; longer ones, of other peoples, have a dot in it."""
_MASKED = re.compile(r"[*×○〇□■#?？\ufffd\d]|某|(?<![A-Za-z])[xX]+(?![A-Za-z])")
"""Signs that a name was made unreadable."""
_NOBODY = re.compile(r"匿名|脱敏|测试|无名|未知|不详|患者|病人|姓名|先生|女士|之[子女]$")
"""No name, or not all of it."""


@dataclass(frozen=True, repr=False)
class StatedPatient:
    """What a source states of its patient; several values where it contradicts itself.

    It has no `repr`, so that no message shows it by mistake.

    Attributes
    ----------
    names
        As they are written.
    sexes
        Those that are stated.
    ages
        In whole years as a rule.
    """

    names: tuple[str, ...] = ()
    sexes: tuple[Sex, ...] = ()
    ages: tuple[float, ...] = ()

    def differs(self, other: StatedPatient) -> tuple[Attribute, ...]:
        """Return in what two sources tell of different patients; what can't be told is none.

        Names are compared where both are written in Chinese characters: what pinyin stands for
        can't be told. Ages may be `AGES_APART_YEARS` apart; from `OLDEST_YEARS` on they are one.

        Examples
        --------
        >>> one = StatedPatient(("Zhang^San=张^三",), ("male",), (62.0,))
        >>> one.differs(StatedPatient(("张三",), ("female",), (63.0,)))
        ('sex',)
        >>> one.differs(StatedPatient(("李四",), (), (66.0,)))
        ('name', 'age')
        """
        found: list[Attribute] = []
        if _differ(_written(self.names), _written(other.names)):
            found.append("name")
        if self.sexes and other.sexes and not set(self.sexes) & set(other.sexes):
            found.append("sex")
        most = float(OLDEST_YEARS)
        apart = [abs(min(one, most) - min(two, most)) for one in self.ages for two in other.ages]
        if apart and min(apart) > AGES_APART_YEARS:
            found.append("age")
        return tuple(found)

    def to_share(self) -> dict[str, str]:
        """Return what of it says not who it is: sex and age, in DICOM's words, by keyword.

        Examples
        --------
        >>> StatedPatient(("Zhang^San",), ("male",), (93.0,)).to_share()
        {'patient_sex': 'M', 'patient_age': '090Y'}
        >>> StatedPatient().to_share()
        {}
        """
        letters = {sex: letter for letter, sex in SEXES.items()}
        shared = {}
        if len(self.sexes) == 1:
            shared["patient_sex"] = letters[self.sexes[0]]
        if len(self.ages) == 1:
            shared["patient_age"] = f"{min(int(self.ages[0]), OLDEST_YEARS):03d}Y"
        return shared

    @classmethod
    def of_shared(cls, shared: Mapping[str, str]) -> StatedPatient | None:
        """Return what `to_share` kept; None if that is nothing.

        Examples
        --------
        >>> StatedPatient.of_shared({"patient_sex": "M", "patient_age": "067Y"}).ages
        (67.0,)
        """
        sex = SEXES.get(shared.get("patient_sex", "").upper())
        age = age_of(shared.get("patient_age", ""), "", "")
        if sex is None and age is None:
            return None
        return cls((), () if sex is None else (sex,), () if age is None else (age,))


def age_of(stated: str, born: str, acquired: str) -> float | None:
    """Return the age by a DICOM header, in whole years.

    Parameters
    ----------
    stated
        Patient's Age, such as `062Y`, `010M` or `003D`.
    born, acquired
        Date of birth, and of the scan, `YYYYMMDD…`.

    Returns
    -------
    float or None
        None where the header states none, or two that are more than a year apart.

    Examples
    --------
    >>> age_of("062Y", "", ""), age_of("", "19580612", "20200611"), age_of("018M", "", "")
    (62.0, 61.0, 1.0)
    >>> age_of("062Y", "19300101", "20200611") is None
    True
    """
    match = re.fullmatch(r"(\d{1,3})([DWMY])", stated.strip())
    years = int(match[1]) // _PARTS_OF_YEAR[match[2]] if match else None
    by_birth = _years_between(born, acquired)
    if years is None or by_birth is None:
        return by_birth if years is None else float(years)
    return float(years) if abs(years - by_birth) <= 1 else None


def _years_between(born: str, acquired: str) -> float | None:
    try:
        first, last = (date(int(d[:4]), int(d[4:6]), int(d[6:8])) for d in (born, acquired))
    except ValueError:
        return None
    years = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
    return float(years) if 0 <= years <= 120 else None


def _written(names: Sequence[str]) -> list[str]:
    """Return the names that can be compared, those in Chinese characters, bare of separators."""
    found = []
    for group in (group for name in names for group in name.split("=")):
        bare = re.sub(r"[\^\s]", "", unicodedata.normalize("NFKC", group).replace("•", "·"))
        parts = _NAME.findall(bare)
        if len(parts) != 1 or _MASKED.search(bare) or _NOBODY.search(bare):
            continue
        (name,) = parts
        if len(name) > 1 and ("·" in name or len(name) <= _LONGEST):
            found.append(name)
    return found


def _differ(names: Sequence[str], others: Sequence[str]) -> bool:
    return bool(names and others) and not any(
        _may_be_same(one, two) for one in names for two in others
    )


def _may_be_same(one: str, two: str) -> bool:
    """Whether two names may be one: traditional and rare characters may stand for others."""
    if len(one) != len(two):
        return False
    return all(a == b or not (in_gb2312(a) and in_gb2312(b)) for a, b in zip(one, two, strict=True))
