"""Generating cases as a job: what each depends on, and who makes it.

The files of a case lie in a folder of its own in the work folder, until all are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from cohort.base.errors import DataError
from cohort.base.files import atomic_folder
from cohort.jobs.generated import marker_of, provenance_of, refuse_to_replace, write_beside
from cohort.schema.case import Case
from cohort.synthetic.case import Order, case_id, make_case
from cohort.synthetic.story import Focus, Story
from cohort.work.completed import Completed
from cohort.work.job import Item, Job, JobIdentity, Made, digest_of, digest_of_code, digests
from cohort.work.lay import CASES, lay_files
from cohort.work.ledger import work_folder
from cohort.work.whole import refuse_failures

_CODE = ("cohort.synthetic.case",)
"""The module that generates a case, with all that it imports."""
_LIBRARIES = ("numpy", "scipy", "nibabel")


@dataclass
class SynthesizeJob(Job):
    """Cases of one order.

    Attributes
    ----------
    place
        Folder that cases are written to.
    order
        What is generated.
    """

    place: Path
    order: Order
    identity: JobIdentity
    command: str = "synthesize"
    keeps: ClassVar[Literal["output", "work"]] = "work"

    @classmethod
    def of(cls, order: Order, out: Path) -> SynthesizeJob:
        """Return the job of a cohort that is to be `out`."""
        # How many cases there are makes no difference to a case.
        settings = digest_of(provenance_of(order, 0))
        identity = JobIdentity(settings, "", digest_of_code(_CODE, _LIBRARIES))
        return cls(work_folder(out), order, identity)

    def digest(self, item: Item) -> str:
        """Return the SHA-256 of a case's number: it depends on that and on the order alone."""
        return digest_of(item.payload)

    def code_here(self) -> str:
        """Return the SHA-256 of the code that generates a case, and libraries' versions."""
        return digest_of_code(_CODE, _LIBRARIES)

    def load(self) -> _Generating:
        """Return what generates."""
        return _Generating(self)


class _Generating:
    def __init__(self, job: SynthesizeJob) -> None:
        self._job = job

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Generate cases, one after the other."""
        for item in items:
            try:
                yield self._generate(item)
            except DataError as error:
                yield error

    def _generate(self, item: Item) -> Made:
        folder = self._job.place / CASES / item.id
        folder.mkdir(parents=True, exist_ok=True)
        case, story = make_case(folder, item.payload, self._job.order)
        files = digests({f"{CASES}/{item.id}/{name}": folder / name for name in case.files()})
        result = {"case": case.to_json(), "story": asdict(story)}
        return Made(self._job.digest(item), files, result)


def cases_to_generate(cases: int) -> list[Item]:
    """Return so many cases as a job's items."""
    return [Item(case_id(number), number) for number in range(1, cases + 1)]


def conclude_cohort(out: Path, done: Completed) -> dict[str, Story]:
    """Write the cohort `out` of all cases; return their stories."""
    refuse_to_replace(out)
    made = [(Case(**entry.result["case"]), _story(entry.result["story"])) for entry in done.entries]
    with atomic_folder(out, marker=marker_of(out)) as folder:
        lay_files(done, folder)
        return write_beside(folder, out.resolve().name, made, done.noted.last_step["provenance"])


def finish(output: Path, done: Completed) -> list[str]:
    """Write the cohort; return what was done, in words.

    Raises
    ------
    DataError
        If a case could not be generated: the cohort would not be what its seed says.
    """
    refuse_failures(done)
    return [f"{len(conclude_cohort(output, done))} generated cases in {output}"]


def _story(value: Mapping[str, Any]) -> Story:
    second = value["second"]
    return Story(**{**value, "second": Focus(**second) if second else None})
