"""Tables without identities: every cell, by its column's heading or by what stands in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cohort.base.errors import DataError
from cohort.base.files import open_table
from cohort.importing.record_table import HEADINGS, csv_rows
from text.components.deidentify.identity import (
    ADDRESS,
    AGE,
    CONTACT,
    DATE,
    EMPLOYER,
    HOSPITAL,
    NAME,
    NUMBER,
    PHONE,
    Identity,
)
from text.components.deidentify.replace import Deidentifier, Replaced
from text.sharing.patients import PatientKeys
from text.sharing.report import Sharing

TABLES = (".csv", ".tsv", ".xlsx")
_COLUMNS = (
    (NAME, r"姓名|医师|医生|护士|联系人|主刀|术者|签名|name$|doctor|physician"),
    (PHONE, r"电话|手机|联系方式|phone|tel$|mobile"),
    (ADDRESS, r"住址|地址|籍贯|出生地|address"),
    (HOSPITAL, r"医院|机构|hospital"),
    (EMPLOYER, r"工作单位|单位名称|employer|company"),
    (CONTACT, r"邮箱|微信|qq|e-?mail"),
    (NUMBER, r"身份证|病人id|患者id|[号]$|号码|编号$|patientid|accession|mrn|(?:^|[_ ])id$"),
)
_AGES = "ages"
"""A column of ages, of which those over 89 are replaced."""
_KINDS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _COLUMNS)


def share_table(
    source: Path, target: Path, keys: PatientKeys, id_column: str | None, sharing: Sharing
) -> None:
    """Write a table, CSV or XLSX, without identities; see `text.deidentify.deidentify`."""
    rows = _xlsx_rows(source) if source.suffix.lower() == ".xlsx" else list(csv_rows(source))
    if not rows:
        raise DataError(f"{source}: is empty; a heading and a row for each record are needed.")
    heading = [str(cell or "") for cell in rows[0]]
    patient = _patient_column(source, heading, id_column)
    kinds = [_kind_of(name) for name in heading]
    if patient is not None and id_column is not None:
        kinds[patient] = NUMBER
    done: list[list[Any]] = [list(rows[0])]
    for line, row in enumerate(rows[1:], start=2):
        who = str(row[patient]).strip() if patient is not None and patient < len(row) else ""
        who = who.removesuffix(".0")
        deidentifier = keys.of(keys.who(who) if who else ("row", source.stem, str(line)))
        known = [
            str(row[at])
            for at, kind in enumerate(kinds)
            if kind == NAME and at < len(row) and row[at]
        ]
        done.append(
            [
                _cell(
                    value,
                    kinds[at] if at < len(kinds) else None,
                    deidentifier,
                    known,
                    keys,
                    sharing,
                    f"row {line}, column {at + 1}",
                )
                for at, value in enumerate(row)
            ]
        )
        sharing.records += 1
    _write(target, done)


def _cell(
    value: Any,
    kind: str | None,
    deidentifier: Deidentifier,
    known: Sequence[str],
    keys: PatientKeys,
    sharing: Sharing,
    name: str,
) -> Any:
    if isinstance(value, (date, datetime)):
        sharing.kinds[DATE] += 1
        days = deidentifier.days
        return f"[{DATE}]" if days is None else value + timedelta(days)
    if value is None or (isinstance(value, (int, float)) and kind is None):
        return value
    text = str(value)
    if kind == _AGES:
        number = re.match(r"\s*(\d{1,3})", text)
        if number is None or int(number[1]) < 90:
            return value
        sharing.kinds[AGE] += 1
        return 90 if isinstance(value, (int, float)) else "90"
    if not text.strip():
        return value
    found = None if kind is None else [Identity(0, len(text), kind, 2)]
    replaced = deidentifier(text, known) if found is None else deidentifier.replaced(text, found)
    before = sharing.records
    sharing.add(name, text, replaced, keys.finder) if found is None else _count(
        sharing, text, replaced
    )
    sharing.records = before
    if found is None and not replaced.identities and not sharing.of_records[name]["look_at"]:
        del sharing.of_records[name]
    return replaced.text


def _count(sharing: Sharing, text: str, replaced: Replaced) -> None:
    sharing.characters += len(text)
    sharing.kinds.update(one.kind for one in replaced.identities)


def _kind_of(heading: str) -> str | None:
    plain = heading.strip().replace(" ", "").replace("\ufeff", "")
    if re.fullmatch(r"年龄|age", plain, re.IGNORECASE):
        return _AGES
    return next((kind for kind, words in _KINDS if words.search(plain)), None)


def _patient_column(source: Path, heading: Sequence[str], asked: str | None) -> int | None:
    bare = [name.strip().removeprefix("\ufeff") for name in heading]
    if asked is not None:
        if bare.count(asked) != 1:
            number = "no" if asked not in bare else "more than one"
            raise DataError(f"{source}: its first row has {number} column {asked!r}.")
        return bare.index(asked)
    plain = ["".join(c for c in name.lower() if c not in " _-\u3000") for name in bare]
    return next((at for at, name in enumerate(plain) if name in HEADINGS["patient"]), None)


def _xlsx_rows(path: Path) -> list[Sequence[Any]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        rows = [row for sheet in book.worksheets[:1] for row in sheet.iter_rows(values_only=True)]
        several = len(book.worksheets) > 1
        book.close()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file.") from None
    except Exception:  # a damaged file makes openpyxl raise whatever comes first
        raise DataError(f"{path}: is not an XLSX table, or damaged; export it again.") from None
    if several:
        raise DataError(f"{path}: has more than one sheet; save each as a table of its own.")
    return rows


def _write(target: Path, rows: Sequence[Sequence[Any]]) -> None:
    if target.suffix.lower() == ".xlsx":
        from openpyxl import Workbook

        book = Workbook()
        for row in rows:
            book.active.append(list(row))
        book.save(target)
        return
    with open_table(target, "w") as file:
        csv.writer(file).writerows(rows)
