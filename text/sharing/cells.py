"""Cells of tables without identities: by the column's heading, or by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from text.components.deidentify.dates.shift import DateShift, full_date
from text.components.deidentify.identity import ADDRESS, AGE, DATE, NAME, NUMBER, PHONE, Identity
from text.components.deidentify.replace import Deidentifier, Replaced, Told
from text.sharing.headings import AGES, BIRTH, PATIENT

_FEWEST_DIGITS = 7
"""Digits from which on a number of a column that isn't known may be somebody's."""
_NOTHING = re.compile(
    r"(?:[-—–/\\.?？_*x×]*|无|空|空床|同上|不详|未知|未填|未提供|拒绝|null|none|n/?a|nan)$", re.I
)
_ANSWER = re.compile(
    r"[是否有无男女阴阳轻中重左右双高低正常好差优良√×+\-±ⅠⅡⅢⅣⅤ]{1,3}级?|已|未|[^\W\d_]?\d.*"
    r"|yes|no|true|false|male|female|[a-z]|.{25,}",
    re.I | re.S,
)
"""What stands in columns of other things than names and places: 是, 3分, a long text."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_ONE_NAME = re.compile(r"[^\s/、,，;；|｜&+](?:[^/、,，;；|｜&+\n]*[^\s/、,，;；|｜&+])?")
_AGE_FIRST = re.compile(r"\s*(?P<age>\d{1,3})(?!\d)(?:\.\d+)?\s*(?P<unit>周?岁|y\w*|$)", re.I)
_DAY = re.compile(r"(?:(?:19|20)?\d\d[-./年])?[01]?\d[-./月][0-3]?\d[日号]?")
_FIGURES = re.compile(r"\d{4}(?:\.0*)?|\d{5}(?:\.\d*)?|\d{8}(?:\.0*)?")
"""A date that is written as a number: a year, Excel's days with the time of day, 20230506."""
_SPAN = re.compile(
    r"\d{1,3}(?:\.\d+)?\s?(?:天|日|周|个?月|年|小?时|分钟?|min|h|d)?|\d\d?[:：]\d\d(?:[:：]\d\d)?",
    re.I,
)
"""What columns headed 时间 hold besides: how long, and what o'clock."""
_SERIAL = {DATE: range(15_000, 60_000), BIRTH: range(2_100, 60_000)}
"""Days since 1899-12-30 by which Excel counts, where a cell's format doesn't say that it is one."""
_EXCEL = date(1899, 12, 30)
_LONGEST_SHOWN = 20


class ReadCell(NamedTuple):
    """A cell that was read.

    Attributes
    ----------
    value
        As it came.
    text
        What is read of it; None where the value alone counts.
    found
        The identities of the text.
    searched
        Whether they were looked for, rather than told by the heading.
    number
        What a cell holds that counts as a number; of a column of dates also one that is written as
        text, as all of a CSV are.
    """

    value: Any
    text: str | None = None
    found: Sequence[Identity] = ()
    searched: bool = False
    number: float | None = None


class SharedCell(NamedTuple):
    """A cell without identities.

    Attributes
    ----------
    value
        What is written.
    kind
        What was replaced, where the cell was no text.
    replaced
        Its text.
    """

    value: Any
    kind: str | None = None
    replaced: Replaced | None = None


def are_answers(kind: str, values: Iterable[Any]) -> bool:
    """Return whether most cells of a column of names or places hold neither."""
    filled = [v for v in values if v is not None and str(v).strip() and not is_nothing(v)]
    number = sum(_is_answer(kind, value) for value in filled)
    return 2 * number > len(filled)


def names_in(text: str) -> list[tuple[int, int]]:
    """Return where names stand in a cell of them: all of it, or of several each.

    Examples
    --------
    >>> names_in("卓玛/费扬"), names_in("Zhang, San")
    ([(0, 2), (3, 5)], [(0, 10)])
    """
    if not _HAN.search(text):
        return [(0, len(text))]
    return [match.span() for match in _ONE_NAME.finditer(text)]


def is_nothing(value: Any) -> bool:
    """Return whether a cell says that there is nothing to say."""
    return isinstance(value, str) and _NOTHING.match(value.strip()) is not None


def read_cell(
    value: Any, kind: str | None, heading: str, known: Sequence[str], deidentifier: Deidentifier
) -> ReadCell:
    """Return a cell with its identities.

    Parameters
    ----------
    value
        As CSV or openpyxl has it.
    kind
        What the column holds, by its heading (`text.sharing.headings`).
    heading
        Stands before a short text when it is searched, as in a note.
    known
        Names of the row.
    deidentifier
        Searches.
    """
    if value is None or isinstance(value, (bool, date, time, timedelta)) or is_nothing(value):
        return ReadCell(value)
    text = _text(value)
    if not text.strip():
        return ReadCell(value)
    if kind in (DATE, BIRTH, AGES) and isinstance(value, (int, float)):
        return ReadCell(value, number=value)
    if kind in (DATE, BIRTH) and _FIGURES.fullmatch(text.strip()):
        number = float(text)
        if _day_of(number, kind) is not None:
            return ReadCell(value, number=number)
    if kind == PATIENT:
        return ReadCell(value, text, [Identity(0, len(text), NUMBER, 2)])
    if kind == AGES:
        told = _AGE_FIRST.match(text)
        if told:
            over = [Identity(*told.span(), AGE, 2)] if int(told["age"]) > 89 else []
            return ReadCell(value, text, over)
    elif kind in (NUMBER, PHONE) and not re.search(r"[\d零〇一二三四五六七八九幺]", text):
        kind = None
    elif kind == NAME:
        return ReadCell(value, text, [Identity(*span, NAME, 2) for span in names_in(text)])
    elif kind not in (None, DATE, BIRTH):
        return ReadCell(value, text, [Identity(0, len(text), kind, 2)])
    if isinstance(value, (int, float)) and sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
        return ReadCell(value)
    found = _searched(text, heading, known, deidentifier)
    if kind in (DATE, BIRTH) and not found and (day := _DAY.match(text.strip())):
        start = len(text) - len(text.lstrip())
        found = [Identity(start, start + day.end(), DATE, 2)]
    return ReadCell(value, text, found, searched=True)


def told_by(piece: ReadCell, kind: str | None, deidentifier: Deidentifier) -> Told:
    """Return what a cell tells of when the row is of, and of an age over 89."""
    value, today = piece.value, date.today()
    if kind == BIRTH:
        return Told()
    if isinstance(value, (date, datetime)):
        day = value.date() if isinstance(value, datetime) else value
        return Told(day if day <= today else None)
    if piece.number is not None:
        if kind == AGES:
            return Told(age=int(piece.number) if 89 < piece.number < 140 else 0)
        day_ = _day_of(piece.number, kind) if kind == DATE else None
        return Told(day_[0] if day_ and day_[0] <= today else None)
    return deidentifier.told(piece.text, piece.found) if piece.text else Told()


def shared_cell(
    piece: ReadCell, kind: str | None, told: Told, deidentifier: Deidentifier
) -> SharedCell:
    """Return a cell without identities."""
    value, born = piece.value, kind == BIRTH
    shift = deidentifier.shift(told)
    if isinstance(value, (date, datetime)):
        return SharedCell(_shifted(value, shift, born), DATE)
    if piece.text is None:
        if piece.number is None:
            return SharedCell(value)
        shared = _number(piece.number, kind, shift)
        return shared._replace(value=_as_written(value, shared.value))
    replaced = deidentifier.replaced(piece.text, piece.found, told, born)
    text: Any = replaced.text if piece.found else value
    if isinstance(value, (int, float)) and re.fullmatch(r"[1-9][0-9]{0,14}", str(text)):
        text = int(text)
    return SharedCell(text, replaced=replaced)


def tells_digits(piece: ReadCell, shared: SharedCell) -> bool:
    """Return whether a cell of a column of dates goes out with digits that are no date's."""
    value = str(piece.value or "")
    untouched = shared.kind is None and not piece.found and not isinstance(piece.value, time)
    return untouched and re.search(r"\d", value) is not None and not _SPAN.fullmatch(value.strip())


def _as_written(value: Any, number: Any) -> Any:
    """Return a number as text where the cell held one, with what it has beyond the day."""
    if not isinstance(value, str) or isinstance(number, str):
        return number
    _, point, hours = value.strip().partition(".")
    return f"{int(number)}{point}{hours}"


def _is_answer(kind: str, value: Any) -> bool:
    form = re.compile(r"[\d.]+") if kind == ADDRESS else _ANSWER
    return not isinstance(value, str) or form.fullmatch(value.strip()) is not None


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a number that Excel holds as 12345.0
    return str(value)


def _searched(
    text: str, heading: str, known: Sequence[str], deidentifier: Deidentifier
) -> list[Identity]:
    is_field = len(text) <= _LONGEST_SHOWN and not heading.isascii()  # drug_name is no name
    before = f"{heading.strip()}：" if is_field else ""
    at = len(before)
    found = deidentifier.find(before + text, known)
    return [
        one._replace(start=max(0, one.start - at), end=one.end - at)
        for one in found
        if one.end > at
    ]


def _number(value: float, kind: str | None, shift: DateShift | None) -> SharedCell:
    if kind == AGES and value >= 90:
        return SharedCell(90, AGE)
    day = _day_of(value, kind) if kind in (DATE, BIRTH) and value == value else None  # not NaN
    if day is None:
        return SharedCell(value)
    if shift is None:
        return SharedCell(f"[{DATE}]", DATE)
    stated, form = day
    moved = shift.moved(stated, kind == BIRTH)
    if form == "serial":
        return SharedCell(value + (moved - stated).days, DATE)
    return SharedCell(int(f"{moved:%Y%m%d}"[: len(_text(value))]), DATE)


def _day_of(value: float, kind: str) -> tuple[date, str] | None:
    """Return the date that a number of a column of dates states, and how."""
    written = _text(value)
    if re.fullmatch(r"(?:19|20)\d\d", written):
        return date(int(written), 7, 1), "year"
    if re.fullmatch(r"(?:19|20)\d{6}", written):
        day = full_date(written)
        return (day, "digits") if day else None
    return (_EXCEL + timedelta(int(value)), "serial") if int(value) in _SERIAL[kind] else None


def _shifted(value: Any, shift: DateShift | None, born: bool) -> Any:
    if shift is None:
        return f"[{DATE}]"
    day = value.date() if isinstance(value, datetime) else value
    try:
        moved = shift.moved(day, born)
    except (OverflowError, ValueError):  # a placeholder of before the year 1
        return f"[{DATE}]"
    return datetime.combine(moved, value.timetz()) if isinstance(value, datetime) else moved
