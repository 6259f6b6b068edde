"""Whether record and CT are one patient's: name, sex and age, of which nothing is shown.

The CT's side is what its DICOM header states (`cohort.space.stated_patient`); other files state
nothing, and nothing is compared then. Of the record count the name under its heading (姓名), and
the findings of sex and age.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cohort.space.stated_patient import Sex, StatedPatient
from hich.report.messages import Message
from hich.report.model.finding import Finding

OTHER_PATIENT = "note.other_patient"
"""Note of a record and a CT that tell of different patients."""

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_NEXT = (
    *("性别", "年龄", "民族", "职业", "婚", "出生", "籍贯", "住址", "地址", "住院", "病案", "病历"),
    *("科", "床", "入院", "病史", "供史", "工作", "单位", "联系", "电话", "身份", "国籍", "门诊"),
    *("病区", "登记", "编号", "就诊", "男", "女"),
)
"""How what follows the name begins, where no space or sign parts them."""
_NAMED = re.compile(
    r"(?:^|(?<=[\s,，。;；、|（(]))(?:患者|病人)?姓[ \u3000]*名[】\])）]?[ \t\u3000:：|]*"
    rf"(?!{'|'.join(_NEXT)})(?P<name>[{_HAN}][ \u3000]{{1,4}}[{_HAN}](?=[\s,，。;；|]|$)"
    rf"|[{_HAN}·•*×○〇xX?\d]{{1,20}}?"
    rf"(?=[^{_HAN}·•*×○〇xX?\d]|$|{'|'.join(_NEXT)}))",
    re.MULTILINE,
)


def identity_notes(
    stated: StatedPatient | None, text: str | None, findings: Sequence[Finding]
) -> list[Message]:
    """Return the note that record and CT tell of different patients, if they do.

    Parameters
    ----------
    stated
        Whom the CT's file states as its patient.
    text
        The record.
    findings
        What was found in it.
    """
    if stated is None or text is None:
        return []
    differing = stated.differs(_of_record(text, findings))
    return [Message(OTHER_PATIENT, {"what": differing})] if differing else []


def attributes_apart(notes: Sequence[Message]) -> tuple[str, ...]:
    """Return in what record and CT tell of different patients, by the notes of a case."""
    told = (note.values["what"] for note in notes if note.key == OTHER_PATIENT)
    return next(iter(told), ())


def _of_record(text: str, findings: Sequence[Finding]) -> StatedPatient:
    told = [f for f in findings if f.certainty == "affirmed"]
    sexes: dict[str, Sex] = {"male": "male", "female": "female"}
    return StatedPatient(
        tuple(match["name"] for match in _NAMED.finditer(text)),
        tuple(sexes[f.value] for f in told if f.name == "sex" and f.value in sexes),
        tuple(
            float(f.value)
            for f in told
            if f.name == "age" and isinstance(f.value, (int, float)) and f.bound is None
        ),
    )
