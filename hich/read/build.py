"""Read many patients: check and segment the scans, search the notes, write the report.

Run `python -m hich.read --help`. The output folder holds

- `report/`: the pages, and `cases.csv`, as `hich.report` writes them;
- `cases.xlsx`: the same rows as a spreadsheet;
- `failed.csv`: what could not be read, and why;
- `predictions/`: masks and measurements, and what was found in the notes;
- `cohort/`, `notes/`: of a folder, the cohort that was made of it, its scans linked to;
- `predictions/imaging.work/`: what each scan's masks were made of (`cohort.work`).

A run that was stopped goes on: a scan is segmented again only if it, the model or this program has
changed since. One scan is held at a time, while the next is read, so that memory does not grow with
cases.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.cli import progress
from cohort.base.errors import DataError
from cohort.base.files import refuse_sources_inside, require_place
from cohort.base.workbook import write_workbook
from cohort.work.job import Way
from cohort.work.ledger import work_folder
from cohort.work.noting import own_shard
from hich.read.failures import Failure, write_failures
from hich.read.scans import segment_scans
from hich.report.strings import Language
from imaging.model.folder import model_or_boxed, require_model

if TYPE_CHECKING:
    from hich.read.inputs import ReadInputs
    from hich.report.model.cohort import CohortReport

REPORT, PREDICTIONS, WORKBOOK = "report", "predictions", "cases.xlsx"
_SHARD = "shard-{}-of-{}"
"""Where a shard's cohort of links lies while it works."""
_EARLIER = "inputs.json"
"""What earlier versions noted; what was made of what, they told by the files' times."""
RESUME = Way(resume=True)


@dataclass
class ReadResult:
    """What was read.

    Attributes
    ----------
    report
        What the cohort's page shows; None of a shard.
    failures
        What could not be read.
    facts
        What was done on the way, a sentence each.
    """

    report: CohortReport | None
    failures: list[Failure] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


def read(
    source: Path,
    output: Path,
    *,
    notes: Path | None = None,
    id_column: str | None = None,
    text_column: str | None = None,
    model: Path | None = None,
    pipeline: str | None = None,
    lang: Language = "en",
    device: str | int = "cpu",
    processes: int | None = None,
    way: Way = RESUME,
) -> ReadResult:
    """Read all scans and notes of `source`, and write what they tell to `output`.

    Parameters
    ----------
    source, notes, id_column, text_column
        As `hich.read.inputs.find_inputs` has them.
    output
        Folder to make, or to go on with.
    model
        Folder of a trained model; None for the one in the box.
    pipeline
        Folder of a spaCy pipeline, or name of an installed one; None for rules only.
    lang
        Language of the pages.
    device
        As `cohort.base.devices` has it.
    processes
        How many write pages; all cores if None.
    way
        Which scans are segmented, and where. Of a shard nothing else is done.

    Raises
    ------
    DataError
        If there is nothing to read, the model or the pipeline can't be loaded, `output` holds
        other files or one of the inputs, or another process does the same. What is wrong with
        single cases is in the result.
    UsageError
        If options don't go together, or there is no such device.
    """
    from hich.read.inputs import find_inputs
    from hich.read.records import annotate_records
    from hich.report.build import build
    from hich.report.gather.table import CASE_COLUMNS

    folder = model_or_boxed(model)
    require_model(folder)
    used = [source, folder, *([notes] if notes else []), *([Path(pipeline)] if pipeline else [])]
    refuse_sources_inside(output, used)
    require_place(output)
    predictions, named = output / PREDICTIONS, (notes, id_column, text_column)
    not_there = [place for place in (output, *output.parents) if not place.exists()]
    is_new = _require_ours(output)
    with own_shard(predictions / "imaging", way.shard, "read-"):
        if way.in_shards:
            return _segment_shard(source, output, named, folder, device, way)
        try:
            found = find_inputs(source, output, *named)
        except BaseException:
            if is_new:  # there is nothing to go on with
                _remove_made(output, not_there)
            raise
        cohort, failures = found.cohort, list(found.failures)
        failures += annotate_records(cohort, pipeline, predictions / "text", device)
        failed = segment_scans(cohort, folder, predictions / "imaging", device, way)
        failures += [_as_named(failure, found, output) for failure in failed]
        write_failures(output, failures)
        report = build(
            cohort.folder,
            output / REPORT,
            part="all",
            lang=lang,
            predictions=predictions,
            metrics=None,
            training=None,
            processes=processes,
            observe=lambda cases, total: iter(progress(cases, "Building pages", total)),
        )
        rows = [[_shown(case.values[name]) for name in CASE_COLUMNS] for case in report.cases]
        write_workbook(output / WORKBOOK, [CASE_COLUMNS, *rows], sheet="cases", freeze="B2")
        return ReadResult(report, failures, found.facts)


def _segment_shard(
    source: Path,
    output: Path,
    named: tuple[Path | None, str | None, str | None],
    model: Path,
    device: str | int,
    way: Way,
) -> ReadResult:
    """Segment the scans of a shard; its cohort of links lies in a place of its own meanwhile."""
    from hich.read.inputs import find_inputs

    place = output / PREDICTIONS / _SHARD.format(way.shard.number, way.shard.of)
    shutil.rmtree(place, ignore_errors=True)  # of one that was killed
    try:
        found = find_inputs(source, place, *named)
        imaging = output / PREDICTIONS / "imaging"
        failed = segment_scans(found.cohort, model, imaging, device, way)
        return ReadResult(None, [_as_named(failure, found, output) for failure in failed])
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _as_named(failure: Failure, found: ReadInputs, output: Path) -> Failure:
    """Return a failure with the name of the file as it was given, not of the link to it.

    That link may be one that a shard has made, and removed since.
    """
    path = found.named.get(failure.case)
    image = next((c.image for c in found.cohort.cases if c.id == failure.case), None)
    if path is None or image is None:
        return failure
    why = failure.why.replace(str(found.cohort.path(image)), str(path))
    link = output / PREDICTIONS / _SHARD.format("§", "§") / found.cohort.folder.name / image
    of_shards = re.escape(str(link)).replace("§", "[0-9]+")
    return failure._replace(why=re.sub(of_shards, lambda _: str(path), why))


def _require_ours(output: Path) -> bool:
    """Make sure that a folder is new, or of an earlier run; mark it, and return which it is."""
    ours = work_folder(output / PREDICTIONS / "imaging")
    earlier = output / _EARLIER
    is_new = not (ours.is_dir() or earlier.is_file())
    if is_new and output.is_dir() and any(output.iterdir()):
        raise DataError(
            f"{output}: holds other files (no {ours.relative_to(output)}), so nothing is written "
            "to it; name a new or empty folder."
        )
    ours.mkdir(parents=True, exist_ok=True)
    earlier.unlink(missing_ok=True)
    return is_new


def _remove_made(output: Path, not_there: Sequence[Path]) -> None:
    """Remove what was made in a folder that was empty, or not there; and what it lies in, likewise.

    A folder of the user's stays, be it empty: it may be a mount point, or have rights of its own.
    """
    for name in (PREDICTIONS, "cohort", "notes"):
        shutil.rmtree(output / name, ignore_errors=True)
    for place in not_there:
        with suppress(OSError):  # it holds something now
            place.rmdir()


def _shown(value: Any) -> Any:
    """Return a value of a table's cell, without digits that no measurement has."""
    return round(value, 4) if isinstance(value, float) else value
