"""Which of a record's statements are compared with the CT.

A record says a thing more than once, of several scans, surely or not. What counts of an aspect:

1. What is of earlier times is left out: what is `historical`, or stands in a section of the past.
2. What is sure comes before what is uncertain, which counts where there is nothing sure.
3. Of these, those in the first of the configured sections that has any: the report of the scan
   comes before what was made of it, and that before what was seen elsewhere.

What is left may still be several statements, such as of a scan and the follow-up reported beside
it; `hich.report.compare.rows` judges each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


def _is_history(finding: Finding, settings: CompareSettings) -> bool:
    return finding.certainty == "historical" or finding.section in settings.history_sections
