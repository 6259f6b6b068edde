"""Which of a record's statements are compared with the CT.

A record says a thing more than once, of several scans, surely or not. What counts of an aspect:

1. What is of earlier times is left out: what is `historical`, or stands in a section of the past.
2. What is sure comes before what is uncertain, which counts where there is nothing sure.
3. Of these, those in the first of the configured sections that has any: the report of the scan
   comes before what was made of it, and that before what was seen elsewhere.

What is said of a repeated scan (复查) has no section of its own in that: it counts beside what is
said of the first one, not before it, even where it alone stands in the report of a scan
(`beside_first`). What is left may still be several statements, such as of a scan and the follow-up
reported beside it; `hich.report.compare.rows` judges each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hich.report.model.finding import Finding
from hich.report.settings import CompareSettings

SURE = ("affirmed", "negated")


@dataclass(frozen=True)
class Statements:
    """The statements of a record that count.

    Attributes
    ----------
    findings
        In text order.
    hedged
        Whether the record is not sure of them.
    only_history
        Whether there are none, but the record says it of earlier times.
    """

    findings: tuple[Finding, ...] = ()
    hedged: bool = False
    only_history: bool = False


def choose_statements(
    findings: Sequence[Finding],
    names: Sequence[str],
    settings: CompareSettings,
    suits: Callable[[Finding], bool] = lambda finding: True,
) -> Statements:
    """Choose of the findings called one of `names`, and for which `suits`, those that count."""
    all_of_them = [f for f in findings if f.name in names and suits(f)]
    current = [f for f in all_of_them if not _is_history(f, settings)]
    if not current:
        return Statements(only_history=bool(all_of_them))
    sure = [f for f in current if f.certainty in SURE]
    ranks = {label: rank for rank, label in enumerate(settings.sections)}
    last = len(ranks)
    eligible = sure or current
    best = min(ranks.get(f.section or "", last) for f in eligible)
    chosen = [f for f in eligible if ranks.get(f.section or "", last) == best]
    return Statements(tuple(sorted(chosen, key=lambda f: f.start)), hedged=not sure)


def beside_first(
    findings: Sequence[Finding], repeated: Sequence[Finding], settings: CompareSettings
) -> list[Finding]:
    """Return findings with those of repeated scans moved to where those of the first one stand.

    Which of a patient's scans lies beside the record isn't known where there is one only: it is
    compared with what is said of any. Where only repeated ones are told, nothing changes.
    """
    ranks = {label: rank for rank, label in enumerate(settings.sections)}
    last = len(ranks)
    first: dict[str, str | None] = {}
    for finding in findings:
        if finding in repeated or finding.certainty not in SURE or _is_history(finding, settings):
            continue
        if finding.name not in first or ranks.get(finding.section or "", last) < ranks.get(
            first[finding.name] or "", last
        ):
            first[finding.name] = finding.section
    return [
        replace(f, section=first[f.name])
        if f in repeated and f.name in first and not _is_history(f, settings)
        else f
        for f in findings
    ]


def _is_history(finding: Finding, settings: CompareSettings) -> bool:
    return finding.certainty == "historical" or finding.section in settings.history_sections
