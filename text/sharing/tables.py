"""Tables without identities: every cell, by its column's heading or by what stands in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from cohort.base.cli import counted
from cohort.base.errors import DataError
from cohort.importing.record_table import HEADINGS
from text.components.deidentify.identity import (
    ADDRESS,
    DATE,
    EMPLOYER,
    HOSPITAL,
    NAME,
    NUMBER,
    PHONE,
    Identity,
)
from text.components.deidentify.replace import Deidentifier, Told
from text.components.deidentify.stand_ins import plain
from text.sharing.cells import (
    ReadCell,
    are_answers,
    is_nothing,
    names_in,
    read_cell,
    shared_cell,
    tells_digits,
    told_by,
)
from text.sharing.headings import BIRTH, PATIENT, ColumnKinds
from text.sharing.patients import PatientKeys
from text.sharing.report import Sharing
from text.sharing.sheets import Sheet, read_sheets, write_sheets

NOT_WHOLE = "headed as {kind}, but most cells hold something else: searched, not replaced whole"
NO_VALUE = "a formula whose value the workbook does not hold (open it in Excel and save it)"
NO_DATES = "headed as {kind}, but some cells hold digits that are no date: passed on as they are"
_LONGEST_HEADING = 60
_LONGEST_TITLE = 31
"""Characters of a sheet's title; Excel has no longer ones."""
_LONGEST_NAME = 20
_SHORTEST_HEAD = 5
"""Characters of a text that tells a name, as 姓名：张三, are more or as many."""
_SAYS = re.compile(r"[\u3400-\u9fff]|\d{4}")


def share_table(
    source: Path, folder: Path, keys: PatientKeys, id_column: str | None, sharing: Sharing
) -> None:
    """Write a table, CSV or XLSX, without identities into `folder`; see `text.deidentify`.

    Raises
    ------
    DataError
        If it is no table, a first row is no heading, or there is no column `id_column`.
    """
    sheets = read_sheets(source)
    if id_column is not None and not any(_has(sheet, id_column) for sheet in sheets):
        _patient_column(source, sheets[0].rows[0], id_column)  # says what is wrong
    patients: dict[str, str] = {}
    for number, sheet in enumerate(sheets, start=1):
        at = f"sheet {number}, " if number > 1 else ""
        if sheet.without_value:
            cells = [f"{at}row {row}, column {column}" for row, column in sheet.without_value]
            sharing.left_out.setdefault(NO_VALUE, []).extend(cells)
    tables = [
        _Table(source, sheet, number, keys, id_column, sharing, patients)
        for number, sheet in enumerate(sheets, start=1)
    ]
    rows = Counter(who for table in tables for who in table.patients())
    for table in tables:
        table.learn({who for who, number in rows.items() if number > 1})
    done = [table.shared() for table in tables]
    _refuse_merged(source, patients)
    write_sheets(folder / f"{keys.name_of(source.stem)}{source.suffix}", done)


class _Table:
    """A sheet that is gone through row by row."""

    def __init__(
        self,
        source: Path,
        sheet: Sheet,
        number: int,
        keys: PatientKeys,
        id_column: str | None,
        sharing: Sharing,
        patients: dict[str, str],
    ) -> None:
        self._keys, self._sharing, self._patients = keys, sharing, patients
        first = next(at for at, row in enumerate(sheet.rows) if any(c is not None for c in row))
        self._first, self._rows = first + 1, sheet.rows[first:]
        self._place = f"sheet {number}, " if number > 1 else ""
        self._of = (source.stem, f"sheet {number}") if number > 1 else (source.stem,)
        self._title = self._shared_title(sheet.title, number)
        where = f"{source}: its sheet {number}" if number > 1 else f"{source}"
        _require_heading(where, self._rows[0], keys)
        self._heading = ["" if cell is None else str(cell) for cell in self._rows[0]]
        asked = id_column if id_column is not None and _has(sheet, id_column) else None
        self._patient = _patient_column(source, self._heading, asked)
        self._kinds = self._kinds_of_columns()
        if self._patient is not None:
            self._kinds[self._patient] = PATIENT

    def shared(self) -> Sheet:
        """Return the sheet without identities."""
        done: list[Sequence[Any]] = [[self._shared_heading(cell) for cell in self._rows[0]]]
        for line, row in enumerate(self._rows[1:], start=self._first + 1):
            try:
                done.append(self._shared_row(line, row))
            except Exception as error:  # no row that the rules stumble over ends the others
                self._sharing.fail(f"{self._place}row {line}", error)
            self._sharing.records += 1
        return Sheet(self._title, done)

    def patients(self) -> list[str]:
        """Return whose each row is; "" where the row doesn't tell."""
        return [self._who(row) for row in self._rows[1:]]

    def learn(self, patients: Collection[str]) -> None:
        """Take the names that rows of these patients tell, to seek them in their other rows."""
        of, texts = dict[str, str](), list[tuple[str, str]]()
        for line, row in enumerate(self._rows[1:]):
            who = self._who(row)
            if not who or who not in patients:
                continue
            self._keys.add_people(who, self._names(row))
            for at, value in enumerate(row):
                kind = self._kinds[at] if at < len(self._kinds) else None
                if kind is None and isinstance(value, str) and len(value) >= _SHORTEST_HEAD:
                    of[f"{line} {at}"] = who
                    texts.append((f"{line} {at}", value))
        self._keys.learn(of, texts, several=patients)

    def _who(self, row: Sequence[Any]) -> str:
        at = self._patient
        who = str(row[at]).strip().removesuffix(".0") if at is not None and at < len(row) else ""
        return "" if who == "None" or is_nothing(who) else who

    def _names(self, row: Sequence[Any]) -> list[str]:
        """Return the names that a row has in its columns of names."""
        return [
            value[slice(*span)]
            for value, kind in zip(row, self._kinds, strict=False)
            if kind == NAME and isinstance(value, str) and not is_nothing(value)
            for span in names_in(value)
            if 1 < span[1] - span[0] <= _LONGEST_NAME
        ]

    def _shared_row(self, line: int, row: Sequence[Any]) -> list[Any]:
        at = self._patient
        who = self._who(row)
        if at is not None and who and isinstance(row[at], str):
            row = [*row[:at], who, *row[at + 1 :]]  # one stand-in for 12 and 12.0
        deidentifier = self._keys.of(self._keys.who(who) if who else ("row", *self._of, str(line)))
        kinds = [*self._kinds, *[None] * (len(row) - len(self._kinds))]
        if at is not None and self._keys.key and who in self._keys.key.patients:
            kinds[at] = None  # what a cohort calls its patients is no identity
        known = sorted({*self._names(row), *self._keys.people_of(who)})
        headings = [*self._heading, *[""] * (len(row) - len(self._heading))]
        pieces = [
            read_cell(value, kinds[n], headings[n], known, deidentifier)
            for n, value in enumerate(row)
        ]
        told = Told()
        for piece, kind in zip(pieces, kinds, strict=False):
            told |= told_by(piece, kind, deidentifier)
        shared = [
            self._shared_cell(piece, kinds[n], told, deidentifier, line, n + 1)
            for n, piece in enumerate(pieces)
        ]
        if at is not None and who and self._keys.key:
            self._patients[who] = str(shared[at])
        return shared

    def _shared_cell(
        self,
        piece: ReadCell,
        kind: str | None,
        told: Told,
        deidentifier: Deidentifier,
        line: int,
        column: int,
    ) -> Any:
        shared = shared_cell(piece, kind, told, deidentifier)
        if kind in (DATE, BIRTH) and tells_digits(piece, shared):
            self._sharing.columns[f"{self._place}column {column}"] = NO_DATES.format(kind=kind)
        if shared.kind:
            self._sharing.kinds[shared.kind] += 1
        if piece.text is None or shared.replaced is None:
            return shared.value
        name = f"{self._place}row {line}, column {column}"
        if piece.searched:
            self._sharing.add_piece(name, piece.text, shared.replaced, self._keys.finder)
        else:
            self._sharing.count(name, piece.text, shared.replaced)
        return shared.value

    def _kinds_of_columns(self) -> list[str | None]:
        headings = ColumnKinds(self._keys.finder.lists)
        kinds = [headings.kind(name) for name in self._heading]
        for at, kind in enumerate(kinds):
            values = (row[at] for row in self._rows[1:] if at < len(row))
            if kind in (NAME, HOSPITAL, EMPLOYER, ADDRESS) and are_answers(kind, values):
                kinds[at] = None
                self._sharing.columns[f"{self._place}column {at + 1}"] = NOT_WHOLE.format(kind=kind)
        return kinds

    def _shared_heading(self, cell: Any) -> Any:
        if not isinstance(cell, str):
            return cell
        pieces, last = [], 0
        for one in self._keys.finder.find(cell):
            if not _SAYS.search(cell[one.start : one.end]):
                continue  # in_hospital_death
            pieces += [cell[last : one.start], f"[{one.kind}]"]
            last = one.end
        return "".join([*pieces, cell[last:]])

    def _shared_title(self, title: str, number: int) -> str:
        return title if self._keys.name_of(title) == title else f"Sheet{number}"[:_LONGEST_TITLE]


def _refuse_merged(source: Path, patients: Mapping[str, str]) -> None:
    """Refuse a table two of whose patients would have one id, or one an id that is another's."""
    shown = Counter(map(plain, patients.values()))
    own = {plain(who) for who, stand_in in patients.items() if who != stand_in}
    merged = sum(count for count in shown.values() if count > 1)
    if merged or shown.keys() & own:
        raise DataError(
            f"{source}: by chance, this key gives {counted(merged or 1, 'patient')} an id that "
            "another one has; make another key for it."
        )


def _has(sheet: Sheet, column: str) -> bool:
    first = next(row for row in sheet.rows if any(cell is not None for cell in row))
    return column in [str(cell or "").strip().removeprefix("\ufeff") for cell in first]


def _require_heading(where: str, row: Sequence[Any], keys: PatientKeys) -> None:
    """Refuse a table whose first row is somebody's: it would go out as it is."""
    for at, cell in enumerate(row, start=1):
        found: Sequence[Identity] = keys.finder.find(cell) if isinstance(cell, str) else ()
        is_data = (
            isinstance(cell, (date, float))
            or (isinstance(cell, int) and len(str(cell)) > 4)
            or (isinstance(cell, str) and len(cell) > _LONGEST_HEADING)
            or any(
                one.kind in (NUMBER, PHONE, ADDRESS)
                or (one.kind == NAME and one.start == 0 and one.end == len(str(cell).strip()))
                for one in found
            )
            or (isinstance(cell, str) and re.fullmatch(r"\s*\d{5,}\s*", cell) is not None)
        )
        if is_data:
            raise DataError(
                f"{where}: its first row does not look like headings (column {at}); put a row of "
                "headings first, or they would be passed on as they are."
            )


def _patient_column(source: Path, heading: Sequence[Any], asked: str | None) -> int | None:
    bare = [str(name or "").strip().removeprefix("\ufeff") for name in heading]
    if asked is not None:
        if bare.count(asked) != 1:
            number = "no" if asked not in bare else "more than one"
            raise DataError(f"{source}: its first row has {number} column {asked!r}.")
        return bare.index(asked)
    plain = ["".join(c for c in name.lower() if c not in " _-\u3000") for name in bare]
    return next((at for at, name in enumerate(plain) if name in HEADINGS["patient"]), None)
