"""Check one case: its CT with masks, and its record with tags."""

from __future__ import annotations

from cohort.faults import CheckResult
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort


def check_case(cohort: Cohort, case: Case) -> CheckResult:
    """Check the files of one case."""
    from cohort.checks.record import check_record
    from cohort.checks.scan import check_scan

    halves = [check_scan(cohort, case)] if case.image else []
    halves += [check_record(cohort, case)] if case.record else []
    found = CheckResult()
    for half in halves:
        found.add(half)
    return found
