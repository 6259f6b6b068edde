"""One patient's page: scans and a note go in, what they say goes out, side by side.

Run `python -m hich.patient --help`. The output folder holds

- `index.html`: the page of a case as a cohort's report has it;
- `summary.json`: the same values for programs, without the note's words (`cohort.schema.patient`);
- `prediction/`: the masks, measurements and picture that `imaging.predict` writes of each scan.

Of several scans, the first one is compared with the note and scored; the later ones are beside it
(`hich.report.follow_up`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.cli import counted
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import (
    atomic_folder,
    read_json,
    refuse_sources_inside,
    write_json,
    write_text,
)
from cohort.schema.patient import PatientFile
from cohort.schema.problems import parse
from hich.patient.halves import PREDICTION, Halves
from hich.patient.named import PatientFiles, tell_apart
from hich.report.strings import Language
from imaging.model.folder import model_or_boxed, require_model

if TYPE_CHECKING:
    from hich.report.model.case import CaseReport
    from hich.report.settings import Settings

INDEX = "index.html"
SUMMARY = "summary.json"


@dataclass
class PatientResult:
    """What was told of one patient.

    Attributes
    ----------
    case
        What the page shows.
    problems
        Why a half that was given could not be used.
    summary
        What stands in `summary.json`.
    """

    case: CaseReport
    problems: list[str] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)


def patient(
    named: Sequence[Path],
    output: Path,
    *,
    series: str | None = None,
    hours: Sequence[float] | None = None,
    model: Path | None = None,
    pipeline: str | None = None,
    lang: Language = "en",
    device: str | int = "cpu",
    settings: Settings | None = None,
) -> PatientResult:
    """Read scans, a note or both of one patient; write page, summary and masks to `output`.

    Parameters
    ----------
    named
        Scans (each NIfTI, NRRD, DICOM folder or zip) and the note, told apart by what they are.
    output
        Folder to make; an earlier one of the same kind is replaced.
    series
        UID of the DICOM series to take, of one scan.
    hours
        When each scan was taken, in the order of the scans; None for what their files say.
    model
        Folder of a trained model; None for the one in the box.
    pipeline
        Folder of a spaCy pipeline, or name of an installed one; None for rules only, which find
        sections and findings.
    lang
        Language of the page.
    device
        As `cohort.base.devices` has it: `cpu`, `cuda:1`, … or a number of a GPU.
    settings
        Bands of agreement; the defaults if None.

    Returns
    -------
    PatientResult
        With the reasons why one half could not be used, if so: then the page has the other.

    Raises
    ------
    DataError
        If nothing that was named can be used, scans are of two patients, the model or the pipeline
        can't be loaded, or `output` holds other files or one of the inputs.
    UsageError
        If it is not clear what is meant by an argument, or there is no such device.
    """
    files = tell_apart(named)
    _refuse_misplaced(files, series, hours)
    if files.scans:
        model = model_or_boxed(model)
        require_model(model)
    if files.note and pipeline is not None:
        from text.model.named import require_pipeline

        require_pipeline(pipeline)
    used = [model] if files.scans and model else []
    refuse_sources_inside(output, [*files.all(), *used, *([Path(pipeline)] if pipeline else [])])
    _refuse_other_summary(output)
    halves = Halves(files)
    with atomic_folder(output, SUMMARY) as folder:
        if files.note:
            halves.read_note(files.note, pipeline, device)
        if files.scans and model:
            halves.read_scans(files.scans, series, hours, folder / PREDICTION, model, device)
        if not (halves.scans or halves.record):
            raise_all(halves.problems)
        return _write(halves, folder, settings, lang)


def _write(
    halves: Halves, folder: Path, settings: Settings | None, lang: Language
) -> PatientResult:
    from hich.patient.summary import summary_of_patient
    from hich.report.gather.parts import report_of
    from hich.report.pages.side_by_side import scans_side_by_side
    from hich.report.pages.write import render_case
    from hich.report.settings import Settings

    parts = halves.parts()
    follow_up = halves.follow_up(parts)
    if follow_up:
        parts.of_other_scans = tuple(f for said in follow_up.statements for f in said.findings)
    case = replace(report_of(parts, settings or Settings()), follow_up=follow_up)
    scans = [scan.result for scan in halves.scans]
    side = scans_side_by_side([scan.voxels for scan in halves.scans]) if follow_up else None
    placed = side.registered if side else None
    summary = summary_of_patient(case, scans, halves.record, PREDICTION, placed)
    write_text(folder / INDEX, render_case(case, parts.volumes, lang, index=None, side=side))
    write_json(folder / SUMMARY, summary)
    return PatientResult(case, halves.problems, summary)


def _refuse_misplaced(
    files: PatientFiles, series: str | None, hours: Sequence[float] | None
) -> None:
    """Refuse options that don't fit the number of scans."""
    if series is not None and len(files.scans) > 1:
        raise UsageError(
            f"--series {series}: is for one scan; of several, name each as FOLDER/series=UID."
        )
    if series is not None and not files.scans:
        raise UsageError(f"--series {series}: is of a DICOM scan; none is named.")
    if hours is not None and len(hours) != len(files.scans):
        raise UsageError(
            f"--hours names {counted(len(hours), 'time')} for {counted(len(files.scans), 'scan')}; "
            "name one for each, such as --hours 0,24."
        )


def _refuse_other_summary(output: Path) -> None:
    """Refuse to replace a folder whose `summary.json` is another program's."""
    path = output / SUMMARY
    if not path.exists():
        return
    try:
        known = parse(PatientFile, read_json(path))[0]
    except DataError:
        known = None
    if known is None:
        raise DataError(
            f"{output}: holds a {SUMMARY} that this program did not write, so it is not "
            "overwritten; name a new or empty folder."
        )
