"""Name the patients of cases: by a pattern over the case ids, or by a table.

A pattern describes how an id begins: `P*_` fits `P0_day0`, and its first `*`, here `0`, is the
patient. What stands before the `*` and after it must be there; `?` is any one character, a further
`*` any characters. The patient is as short as the pattern allows; a pattern that ends with its `*`
takes all that is left of the id.

A table is a CSV file with the columns `id` and `patient`, separated by commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from cohort.base.errors import DataError, UsageError, few, raise_all
from cohort.base.textfile import read_text

COLUMNS = ("id", "patient")
_ADVICE = (
    "give a pattern of the case ids, such as 'P*_' where the * is the patient, or a CSV file with "
    "the columns id and patient"
)


def name_patients(option: str, ids: Sequence[str]) -> dict[str, str]:
    """Return case id to patient, for all `ids`, as the option `--patient` says.

    Raises
    ------
    DataError
        If the pattern fits some of the ids only, or the table lacks ids or can't be read.
    UsageError
        If the option is neither a pattern nor a file, or the pattern fits no id.

    Examples
    --------
    >>> name_patients("P*_", ["P0_day0", "P0_day1", "P12_day0"])
    {'P0_day0': '0', 'P0_day1': '0', 'P12_day0': '12'}
    """
    if "*" in option:
        return _by_pattern(option, ids)
    path = Path(option).expanduser()
    if not path.is_file():
        raise UsageError(f"--patient {option}: has no * and is not a file; {_ADVICE}.")
    return _by_table(path, ids)


def _by_pattern(pattern: str, ids: Sequence[str]) -> dict[str, str]:
    before, after = pattern.split("*", 1)
    patient = "(.+?)" if after else "(.+)"
    regex = re.compile(_literal(before) + patient + _literal(after), re.DOTALL)
    found = {case: match[1] for case in ids if (match := regex.match(case))}
    others = [case for case in ids if case not in found]
    if not found:
        raise UsageError(f"--patient {pattern}: fits no case id, as {few(others)}; {_ADVICE}.")
    if others:
        raise DataError(
            f"--patient {pattern}: fits {len(found)} of {len(ids)} case ids, but not "
            f"{few(others)}; choose a wider pattern, or give a CSV file with the columns id and "
            "patient."
        )
    return found


def _literal(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*?").replace(r"\?", ".")


def _by_table(path: Path, ids: Sequence[str]) -> dict[str, str]:
    text, _ = read_text(path)
    separator = next((s for s in ",;\t" if s in text.partition("\n")[0]), ",")
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))
    except csv.Error as error:
        raise DataError(f"{path}: is not a table ({error}).") from None
    names = [name.strip().casefold() for name in rows[0]] if rows else []
    if any(names.count(column) != 1 for column in COLUMNS):
        raise DataError(
            f"{path}: needs a first line that names the columns id and patient, each once."
        )
    id_at, patient_at = map(names.index, COLUMNS)
    found: dict[str, str] = {}
    problems = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(id_at, patient_at) or not all(
            (row[id_at].strip(), row[patient_at].strip())
        ):
            problems.append(f"{path}, row {number}: lacks the id or the patient.")
            continue
        case, patient = row[id_at].strip(), row[patient_at].strip()
        if found.setdefault(case, patient) != patient:
            problems.append(
                f"{path}, row {number}: the case {case!r} is of patient {patient!r} here and of "
                f"{found[case]!r} before."
            )
    missing = [case for case in ids if case not in found]
    if missing:
        problems.append(
            f"{path}: names no patient of {len(missing)} of {len(ids)} cases ({few(missing)})."
        )
    raise_all(problems)
    return _of(found, ids)


def _of(patients: Mapping[str, str], ids: Sequence[str]) -> dict[str, str]:
    return {case: patients[case] for case in ids}
