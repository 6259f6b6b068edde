"""What a check of a whole cohort found: each case's findings, and what only all of them tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cohort.faults import CheckResult, FileNote
from cohort.links.find import find_links, link_notes
from cohort.schema.manifest import Cohort
from cohort.schema.problems import VERSION, VERSION_KEY


@dataclass
class CheckReport:
    """What a check of a whole cohort found.

    Attributes
    ----------
    cohort
        Name of the cohort, or its folder if it has no readable manifest.
    cases
        Case id to findings, in the manifest's order.
    problems
        Of the cohort as a whole.
    """

    cohort: str
    cases: dict[str, CheckResult] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def all_problems(self) -> list[str]:
        """All problems, the cohort's own first."""
        return self.problems + [p for found in self.cases.values() for p in found.problems]

    def all_notes(self) -> list[FileNote]:
        """All notes of all cases."""
        return [note for found in self.cases.values() for note in found.notes]

    def noted(self) -> dict[str, list[str]]:
        """Return the kinds of notes there are, each with the ids of the cases that have one."""
        ids: dict[str, list[str]] = {}
        for case, found in self.cases.items():
            for kind in dict.fromkeys(note.kind for note in found.notes):
                ids.setdefault(kind, []).append(case)
        return ids

    def to_json(self) -> dict[str, Any]:
        """Return the report as `cohort.schema.check` describes it, in plain JSON values."""
        return {
            VERSION_KEY: VERSION,
            "cohort": self.cohort,
            "ok": not self.all_problems(),
            "counts": counts_of(self),
            "problems": self.all_problems(),
            "notes": self.noted(),
            "cases": [
                {
                    "id": case_id,
                    **found.facts,
                    "problems": found.problems,
                    "notes": [note._asdict() for note in found.notes],
                    "cannot_be_told": found.untold,
                }
                for case_id, found in self.cases.items()
            ],
        }


def report_on(cohort: Cohort, found: Iterable[CheckResult]) -> CheckReport:
    """Put together what was found in the cases, in the manifest's order; compare them."""
    report = CheckReport(cohort.name)
    for case, result in zip(cohort.cases, found, strict=True):
        report.cases[case.id] = result
    report.problems += _systematic_swaps(report)
    scans, records = (
        {case: result.keys.get(half) for case, result in report.cases.items()}
        for half in ("scan", "record")
    )
    for case_id, notes in link_notes(cohort, find_links(cohort, scans, records)).items():
        report.cases[case_id].notes += notes
    return report


def _systematic_swaps(report: CheckReport) -> list[str]:
    """One ventricle on the wrong side may be mass effect; most of a cohort's is not."""
    judged = [found.facts["sides"] for found in report.cases.values() if "sides" in found.facts]
    wrong = [list(sides.values()) for sides in judged if not all(sides.values())]
    only_notes = any(len(sides) == 1 or any(sides) for sides in wrong)  # the rest are problems
    if 2 * len(wrong) <= len(judged) or not only_notes:
        return []
    return [
        f"{report.cohort}: in {len(wrong)} of {len(judged)} cases a ventricle lies on the wrong "
        "side of the midline; the labels of left and right are swapped, or the images are mirrored."
    ]


def counts_of(report: CheckReport) -> dict[str, int]:
    """Return how many cases, files, entities, problems and notes there are."""
    facts = [found.facts for found in report.cases.values()]
    masks = Counter(structure for fact in facts for structure in fact.get("masks", {}))
    empty = Counter(
        structure
        for fact in facts
        for structure, mask in fact.get("masks", {}).items()
        if not mask["voxels"]
    )
    return {
        "cases": len(facts),
        "images": sum("image" in fact for fact in facts),
        **{f"masks of {structure}": count for structure, count in masks.items()},
        **{f"empty masks of {structure}": count for structure, count in empty.items()},
        "records": sum("record" in fact for fact in facts),
        "tagged records": sum("entities" in fact.get("record", {}) for fact in facts),
        "entities": sum(sum(fact.get("record", {}).get("entities", {}).values()) for fact in facts),
        "problems": len(report.all_problems()),
        "notes": len(report.all_notes()),
    }
