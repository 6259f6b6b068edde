"""Checking the cases of a cohort as a job: what each case's findings depend on, and who makes them.

A case's findings are a file in the work folder. What only all cases tell, such as that two hold the
same scan, is found at the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from cohort.base.errors import DataError, raise_all
from cohort.base.files import write_json, write_text
from cohort.checks.case import check_case
from cohort.checks.report import CheckReport, report_on
from cohort.faults import CheckResult, FileNote
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.space.address import Address
from cohort.space.content import content_digest
from cohort.work.completed import Completed
from cohort.work.job import Item, Job, JobIdentity, Made, digest_of, digest_of_code, digests
from cohort.work.lay import CASES
from cohort.work.ledger import work_folder
from cohort.work.threads import in_threads
from cohort.work.whole import refuse_failures

MOST_WORKERS = 8
"""Cases at a time: more would not be faster, and each holds a CT in memory."""
_CODE = ("cohort.checks.case",)
"""The module that checks a case, with all that it imports."""
_LIBRARIES = ("numpy", "scipy", "nibabel", "pydicom")


@dataclass
class CheckJob(Job):
    """A cohort whose cases are checked.

    Attributes
    ----------
    place
        Folder that findings are written to.
    cohort
        The cohort; problems and notes name its files by the folder that it was called by.
    """

    place: Path
    cohort: Cohort
    identity: JobIdentity
    command: str = "check"
    keeps: ClassVar[Literal["output", "work"]] = "work"

    @classmethod
    def of(cls, cohort: Cohort, output: Path) -> CheckJob:
        """Return the job of a report that is to be written to `output`."""
        settings = digest_of(str(cohort.folder))
        return cls(
            work_folder(output),
            cohort,
            JobIdentity(settings, "", digest_of_code(_CODE, _LIBRARIES)),
        )

    def digest(self, item: Item) -> str:
        """Return the SHA-256 of a case's files, and of what the manifest says of it."""
        files = {path: self._content(path) for path in _files_of(item.payload)}
        return digest_of([item.payload.to_json(), files])

    def paths(self, item: Item) -> Sequence[Path]:
        """Return the files of a case."""
        return [Address.of(self.cohort.path(path)).file for path in _files_of(item.payload)]

    def _content(self, path: str) -> str:
        try:
            return content_digest(self.cohort.path(path))
        except DataError as error:  # that it can't be read is what the check finds
            return str(error)

    def code_here(self) -> str:
        """Return the SHA-256 of the code that checks a case, and libraries' versions."""
        return digest_of_code(_CODE, _LIBRARIES)

    def load(self) -> _Checking:
        """Return what checks."""
        return _Checking(self)


def _files_of(case: Case) -> list[str]:
    """Return the files that the manifest names for a case."""
    halves = [path for path in (case.image, case.record, case.tags) if path]
    return [*halves, *case.masks.values()]


class _Checking:
    """Checks cases, several at a time: most of it is decompression, beside other threads."""

    def __init__(self, job: CheckJob) -> None:
        self._job = job

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Check cases."""
        return in_threads(items, self._check, MOST_WORKERS)

    def _check(self, item: Item) -> Made:
        job, name = self._job, f"{CASES}/{item.id}.json"
        digest = job.digest(item)
        found = asdict(check_case(job.cohort, item.payload))
        write_text(job.place / name, json.dumps(found, ensure_ascii=False))
        return Made(digest, digests({name: job.place / name}))


def conclude_check(output: Path, done: Completed) -> CheckReport:
    """Write the report of all cases to the JSON file `output`.

    Raises
    ------
    DataError
        If the cohort can't be read any more, or has other cases now.
    """
    folder = Path(done.noted.last_step["cohort"])
    cohort = Cohort.load(folder)
    if [case.id for case in cohort.cases] != list(done.noted.items):
        raise DataError(
            f"{folder}: has other cases now than when they were checked; check it again, with "
            "--resume."
        )
    read = (found for entry in done.entries for found in done.files.read_all(entry))
    report = report_on(cohort, (_as_found(json.loads(value)) for value in read))
    write_json(output, report.to_json())
    return report


def finish(output: Path, done: Completed) -> list[str]:
    """Write the report; return what was done, in words.

    Raises
    ------
    DataError
        If a case could not be checked; or, when the report is written, if it has problems: with
        them, as `cohort.check` does.
    """
    refuse_failures(done)
    report = conclude_check(output, done)
    raise_all(report.all_problems())
    return [f"{len(report.cases)} cases without problems: {output}"]


def _as_found(value: dict[str, Any]) -> CheckResult:
    """Return what was written of a case."""
    notes = [FileNote(*note) for note in value["notes"]]
    keys = {half: tuple(k) if isinstance(k, list) else k for half, k in value["keys"].items()}
    return CheckResult(**{**value, "notes": notes, "keys": keys})
