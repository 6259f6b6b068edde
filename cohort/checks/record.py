"""Check one case's medical record and its tags."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cohort.base.errors import DataError
from cohort.base.textfile import DAMAGED, damage_of, read_text
from cohort.faults import CheckResult
from cohort.links.same_record import record_key
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.tags.scheme import spans
from cohort.tags.tag_file import LINE_BREAKS, read_record_tags


def check_record(cohort: Cohort, case: Case) -> CheckResult:
    """Read the record and the tags of `case` and say what is wrong with them.

    The fact is `record`: its characters, and its entities of each type if it is tagged.
    """
    found = CheckResult()
    path = cohort.path(case.record or "")
    try:
        text, encoding = read_text(path)
    except (DataError, OSError) as error:
        found.failed(path, error)
        return found
    found.facts["record"] = {"characters": len(text)}
    found.keys["record"] = record_key(text)
    if encoding == "GB18030":
        found.problem(
            path, "is GB18030 text, not UTF-8; save it as UTF-8, as cohort.import_files does."
        )
    elif encoding != "UTF-8":
        found.note(path, "encoding", f"is {encoding}: the byte order mark is skipped.")
    if not text.strip():
        found.problem(path, "is empty.")
        return found
    if damage := damage_of(text):
        found.note(path, DAMAGED, damage)
    if case.tags:
        _check_tags(cohort.path(case.tags), text, found)
    return found


def _check_tags(path: Path, text: str, found: CheckResult) -> None:
    try:
        file = read_record_tags(path, text)
    except (DataError, OSError) as error:
        found.failed(path, error)
        return
    if file.repaired:
        found.note(
            path,
            "repaired tags",
            f"{len(file.repaired)} illegal tags (the first in line {file.repaired[0]}), "
            "repaired when read.",
        )
    if file.untagged:
        found.note(
            path,
            "untagged characters",
            f"{len(file.untagged)} characters without a tag (the first in line "
            f"{file.untagged[0]}), read as O.",
        )
    gaps = {index for index, character in enumerate(text) if character in LINE_BREAKS}
    entities = Counter(span.label for span in spans(file.documents[0].tags, gaps))
    found.facts["record"]["entities"] = dict(sorted(entities.items()))
    if not entities:
        found.note(path, "no entity", "marks no entity.")
