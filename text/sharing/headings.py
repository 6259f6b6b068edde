"""What the columns of a table hold, by their headings.

The words are those by which headings in notes are known (`lists.json`). A heading is taken whole,
with words before it that say whose (患者姓名, patient_name), so that `drug_name`, `hospital_days`
and 医生评分 stay what they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from cohort.importing.record_table import HEADINGS
from text.components.deidentify.identity import (
    ADDRESS,
    CONTACT,
    DATE,
    EMPLOYER,
    HOSPITAL,
    NAME,
    NUMBER,
    PHONE,
)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


AGES, BIRTH, PATIENT = "AGES", "BIRTH", "PATIENT"
"""Columns of ages, of which those over 89 are replaced, of dates of birth, and of the ids by which
rows are told to be one patient's."""

_REMARK = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]?$|[:：*]+$|(?<=[^\d])[_\-.# ]?\d{1,2}$")
"""What may follow a heading: a unit, a colon, the number of several alike."""
_NOTES = frozenset([*HEADINGS["text"], "报告", "审核", "监护", "交", "接"])
"""Headings of notes, and of other things than who did them."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_AGE = re.compile(r"(?:年龄|年齡)(?!组|段|分|層|层|别|差)|^(?:虚|实|周)?岁数?$")
_BORN = re.compile(r"出生(?:日期|年月日?|年份?|时间|日)?$|生日$|^出生(?:年|日|时间)")
_DAYS = re.compile(r"(?:日期|时间|時間|年月日?|日)$")
_NOT_WHOLE = _set("记录 报告 患者 病人 家属")
"""Words of the lists that head other columns where anything stands before them."""
_OF_ITEMS = re.compile(r"(?:型|信|符|序|床|床位|层|批|称|括|问|句|逗|引|分|井|等|加|减|星)号$")
"""Numbers of no person."""
_ANY_NUMBER = re.compile(
    r"(?:号|号码|编号|编码|证件|身份证|证号|条码|账户|工号|mrn|hkid)$|^(?:id|no)$"
)
_CONTACT = re.compile(r"邮箱|邮件|微信|^qq|qq号|e-?mail|wechat")
_HOSPITAL = re.compile(r"(?:医院|医疗机构|卫生院|诊所|机构|医院名称|机构名称|医疗机构名称)$")

_OF_WHOM = _set(
    "patient pt patients first last family given full middle real chinese doctor dr physician "
    "surgeon nurse attending resident contact next kin mother father wife husband son daughter "
    "relative guardian staff author reporter technician operator user signer person subject "
    "referring reading performing responsible emergency s name names 1 2"
)
_PEOPLE = _set(
    "doctor physician surgeon nurse radiologist technician attending operator reporter author "
    "contact guardian surname forename patname xm czys zyys zrys lxr username realname"
)
_OF_NUMBERS = _set(
    "patient pt case record admission inpatient outpatient hospital visit study series exam "
    "accession report order medical chart mr id card insurance social security passport sample "
    "specimen subject person national identity reg registration encounter bank account license "
    "plate employee staff"
)
_NUMBERS = _set("mrn accession ssn hkid zyh mzh bah sfzh sfz ybh ybkh idcard idno uid")
_PHONES = _set("phone tel telephone mobile cellphone cell fax lxdh sjh dh")
_ADDRESSES = _set("address addr street jtzz xzz hkdz")
_EMPLOYERS = _set("employer company workplace gzdw")
_HOSPITALS = _set("hospital institution clinic")


class ColumnKinds:
    """Tells what columns hold.

    Parameters
    ----------
    lists
        `IdentityLists.all`.
    """

    def __init__(self, lists: dict[str, Any]) -> None:
        columns, heads = lists["columns"], lists["heads"]
        self._whole = {
            kind: frozenset(map(_plain, columns.get(key, []) + heads.get(also, []) * with_heads))
            for kind, key, also, with_heads in (
                (NAME, "name", "name", False),
                (PHONE, "phone", "phone", True),
                (ADDRESS, "address", "address", True),
                (HOSPITAL, "hospital", "hospital", True),
                (EMPLOYER, "employer", "employer", True),
                (NUMBER, "number", "number_words", True),
                (DATE, "date", "", False),
            )
        }
        ends = sorted((w for w in self._whole[NAME] | {"姓名", "名字"} if len(w) > 1), key=len)
        self._ends = tuple(w for w in ends if w not in _NOT_WHOLE and not w.isascii())

    def kind(self, heading: str) -> str | None:
        """Return what a column holds: a kind of identity, `AGES`, `BIRTH`; None for another.

        Examples
        --------
        >>> from text.components.deidentify.finder import Finder
        >>> kind = ColumnKinds(Finder().lists).kind
        >>> kind("patient_name"), kind("drug_name"), kind("年龄(岁)"), kind("出生日期")
        ('NAME', None, 'AGES', 'BIRTH')
        """
        plain = _plain(heading)
        words = _words(heading)
        return self._chinese(plain) or _english(words) if plain else None

    def _chinese(self, plain: str) -> str | None:
        if plain in _NOTES:
            return None
        if plain.isascii():
            whole = (kind for kind, words in self._whole.items() if plain in words)
            return next(whole, None) if plain != "age" else AGES
        if _BORN.search(plain):
            return BIRTH
        if _AGE.search(plain):
            return AGES
        if _CONTACT.search(plain):
            return CONTACT
        if plain == "单位" or _OF_ITEMS.search(plain):
            return None
        for kind, words in self._whole.items():
            if plain in words:
                return kind
        if plain.endswith(self._ends):
            return NAME
        for kind in (PHONE, ADDRESS):
            if plain.endswith(tuple(w for w in self._whole[kind] if len(w) > 1)):
                return kind
        if plain.endswith(("工作单位", "单位名称")):
            return EMPLOYER
        if _HOSPITAL.search(plain):
            return HOSPITAL
        if _ANY_NUMBER.search(plain):
            return NUMBER
        return DATE if _DAYS.search(plain) else None


def _plain(heading: str) -> str:
    found = unicodedata.normalize("NFKC", heading)
    found = re.sub(r"[\s\u200b\ufeff]", "", found).casefold()
    for _ in range(2):
        found = _REMARK.sub("", found)
    return found


def _words(heading: str) -> list[str]:
    """Return the English words of a heading, as of patientName or PATIENT_NAME."""
    found = _REMARK.sub("", unicodedata.normalize("NFKC", heading).strip().lstrip("\ufeff"))
    return [word.casefold() for word in re.findall(r"[A-Za-z]+", _CAMEL.sub(" ", found))]


def _english(words: list[str]) -> str | None:
    if not words:
        return None
    told, last, before = set(words), words[-1], set(words[:-1])
    if told & {"birth", "birthday", "birthdate", "dob", "born", "csrq"}:
        return None if told & {"weight", "place", "order", "height"} else BIRTH
    if ("age" in told or re.fullmatch(r"(?:patient)?age(?:y|yrs?|years?)?", last)) and not told & {
        *("group", "range", "class", "bin", "category", "band", "gestational")
    }:
        return AGES
    if told & {"email", "mail", "wechat", "qq"}:
        return CONTACT
    kind = None
    if last in ("name", "names"):
        kind = NAME if before <= _OF_WHOM else None
        for places, of in ((_HOSPITALS, HOSPITAL), (_EMPLOYERS, EMPLOYER)):
            kind = of if before and before <= places else kind
    elif last in _PEOPLE and before <= _OF_WHOM:
        kind = NAME
    elif told & _PHONES and before | {last} <= _PHONES | _OF_WHOM | {"no", "number", "home"}:
        kind = PHONE
    elif (
        told & _NUMBERS
        or last in ("id", "ids", "identifier")
        or (last in ("no", "number", "num", "nr", "code") and before & _OF_NUMBERS)
    ):
        kind = NUMBER
    elif last in _ADDRESSES:
        kind = ADDRESS
    elif last in _EMPLOYERS:
        kind = EMPLOYER
    elif last in _HOSPITALS and before <= {"referring", "source", "previous", "other", "the"}:
        kind = HOSPITAL
    elif last in ("date", "day", "time", "datetime"):
        kind = DATE
    return kind
