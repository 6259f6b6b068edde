"""The findings of annotated records as tables: one CSV for all records, and one on each page."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.facts.icd10 import TITLES
from text.components.findings.summary import FINDING_COLUMNS, summarize
from text.pages.diagnosis_codes import CODE_COLUMNS, code_columns

if TYPE_CHECKING:
    from spacy.tokens import Doc

FINDINGS = "findings.csv"


def findings_of(doc: Doc) -> list[dict[str, Any]] | None:
    """Return the findings of a record; None if the pipeline has no `hich_findings`."""
    return doc._.findings if doc.has_extension("findings") else None


class FindingsCsv:
    """Writes `findings.csv`: one row per record: id, columns of `summarize`, ICD-10 codes, notes.

    Parameters
    ----------
    folder
        Where to write it.
    """

    def __init__(self, folder: Path) -> None:
        # The byte order mark tells spreadsheets that the Chinese is UTF-8.
        self._file = (folder / FINDINGS).open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.DictWriter(
            self._file, ("id", *FINDING_COLUMNS, *CODE_COLUMNS, "notes"), lineterminator="\n"
        )
        self._rows.writeheader()

    def add(
        self,
        record_id: str,
        findings: list[dict[str, Any]],
        codes: Sequence[dict[str, Any]],
        notes: Sequence[str],
    ) -> None:
        """Write the row of a record; what it doesn't mention is an empty cell."""
        row = summarize(findings) | code_columns(codes)
        cells = {key: _plain(value) for key, value in row.items()}
        self._rows.writerow({"id": record_id, **cells, "notes": " ".join(notes)})

    def close(self) -> None:
        """End the file."""
        self._file.close()


def findings_html(
    findings: list[dict[str, Any]] | None, codes: Sequence[dict[str, Any]] = ()
) -> str:
    """Return the findings as an HTML table, and their ICD-10 codes; "" if there are none."""
    if not findings:
        return ""
    head = ("Finding", "Value", "Unit", "Side", "Certainty", "Time", "Section", "Evidence")
    rows = [
        (
            *(f["name"], _value(f), f["unit"], f["side"], f["certainty"], f.get("time")),
            *(f["section"], f["text"]),
        )
        for f in findings
    ]
    icd10 = "; ".join(f"{c['code']} {TITLES.get(c['code'], '')} ({c['certainty']})" for c in codes)
    said = f"\n<p>ICD-10: {escape(icd10)}</p>" if icd10 else ""
    return "<h2>Findings</h2>\n<table>\n{}\n{}\n</table>{}".format(
        "<tr>" + "".join(f"<th>{cell}</th>" for cell in head) + "</tr>",
        "\n".join(
            "<tr>" + "".join(f"<td>{escape(str(_plain(cell)))}</td>" for cell in row) + "</tr>"
            for row in rows
        ),
        said,
    )


def _value(finding: dict[str, Any]) -> str:
    """Return a value with what it is a bound of: < 30; and of a GCS of 8 at most, 3–8."""
    value, ends = finding["value"], finding.get("range")
    if value is None and ends:
        return "–".join(str(_plain(end)) for end in ends)
    bound = finding.get("bound")
    return f"{bound} {_plain(value)}" if bound else str(_plain(value))


def _plain(value: Any) -> Any:
    """Return what a person writes: 14 for 14.0, 179/95 for a pressure, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "/".join(str(_plain(part)) or "?" for part in value)
    return f"{value:g}" if isinstance(value, float) else value
