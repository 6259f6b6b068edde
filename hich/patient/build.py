"""One patient's page: a scan and a note go in, what they say goes out, side by side.

Run `python -m hich.patient --help`. The output folder holds

- `index.html`: the page of a case as a cohort's report has it;
- `summary.json`: the same values for programs, without the note's words (`cohort.schema.patient`);
- `prediction/`: the masks, measurements and picture that `imaging.predict` writes of the scan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cohort.base.errors import DataError, raise_all
from cohort.base.files import (
    atomic_folder,
    read_json,
    refuse_sources_inside,
    write_json,
    write_text,
)
from cohort.faults import without_advice
from cohort.schema.patient import PatientFile
from cohort.schema.problems import parse
from hich.patient.named import PatientFiles, tell_apart
from hich.report.strings import Language
from imaging.model.folder import model_or_boxed, require_model

if TYPE_CHECKING:
    from cohort.schema.record import AnnotatedRecord
    from hich.patient.scan import PatientScan
    from hich.report.gather.parts import CaseParts
    from hich.report.messages import Message
    from hich.report.model.case import CaseReport, Half
    from hich.report.settings import Settings

INDEX = "index.html"
SUMMARY = "summary.json"
PREDICTION = "prediction"

T = TypeVar("T")


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
    model: Path | None = None,
    pipeline: str | None = None,
    lang: Language = "en",
    device: str | int = "cpu",
    settings: Settings | None = None,
) -> PatientResult:
    """Read a scan, a note or both of one patient; write page, summary and masks to `output`.

    Parameters
    ----------
    named
        The scan (NIfTI, NRRD, DICOM folder or zip) and the note, told apart by what they are.
    output
        Folder to make; an earlier one of the same kind is replaced.
    series
        UID of the DICOM series to take.
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
        If nothing that was named can be used, the model or the pipeline can't be loaded, or
        `output` holds other files or one of the inputs.
    UsageError
        If it is not clear what is meant by an argument, or there is no such device.
    """
    files = tell_apart(named)
    if files.scan:
        model = model_or_boxed(model)
        require_model(model)
    if files.note and pipeline is not None:
        from text.model.named import require_pipeline

        require_pipeline(pipeline)
    used = [model] if files.scan and model else []
    refuse_sources_inside(output, [*files.all(), *used, *([Path(pipeline)] if pipeline else [])])
    _refuse_other_summary(output)
    halves = _Halves(files)
    with atomic_folder(output, SUMMARY) as folder:
        if files.note:
            halves.read_note(files.note, pipeline, device)
        if files.scan and model:
            halves.read_scan(files.scan, series, folder / PREDICTION, model, device)
        if not (halves.scan or halves.record):
            raise_all(halves.problems)
        return _write(halves, folder, settings, lang)


class _Halves:
    """What is read of the scan and of the note; what is wrong with one does not end the other."""

    def __init__(self, files: PatientFiles) -> None:
        self.files = files
        self.scan: PatientScan | None = None
        self.record: AnnotatedRecord | None = None
        self.refused: dict[Half, tuple[str, ...]] = {}
        self.odd: list[Message] = []

    @property
    def problems(self) -> list[str]:
        return [problem for problems in self.refused.values() for problem in problems]

    @property
    def id(self) -> str:
        return self.scan.id if self.scan else self.record.id if self.record else ""

    def read_note(self, path: Path, pipeline: str | None, device: str | int) -> None:
        from hich.patient.note import annotate_note, notes_of_file
        from text.corpus.note_file import read_note

        text = self._attempt("record", lambda: read_note(path))
        if text is not None:
            self.odd = notes_of_file(path)
            self.record = annotate_note(path.stem, text, pipeline, device)

    def read_scan(
        self, path: Path, series: str | None, folder: Path, model: Path, device: str | int
    ) -> None:
        from hich.patient.scan import find_scan, segment_scan

        scan = self._attempt("ct", lambda: find_scan(path, series))
        if scan is not None:
            from imaging.segmenter import Segmenter

            segmenter = Segmenter.load(model, device)
            self.scan = self._attempt("ct", lambda: segment_scan(scan, segmenter, folder))

    def _attempt(self, half: Half, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except DataError as error:
            self.refused[half] = tuple(map(without_advice, error.problems))
            return None

    def parts(self) -> CaseParts:
        """Return all that was read, as the report puts cases together."""
        from hich.report.gather.annotations import annotated_text
        from hich.report.gather.parts import (
            CaseParts,
            notes_of_annotation,
            notes_of_masks,
            notes_of_prediction,
            notes_of_text,
        )
        from hich.report.gather.portable import without_machine
        from hich.report.gather.predictions import prediction_of

        parts = CaseParts(self.id)
        files = [path.resolve() for path in self.files.all()] + self.files.all()
        parts.refused = {
            half: tuple(without_machine(problem, files) for problem in problems)
            for half, problems in self.refused.items()
        }
        if self.record:
            parts.text = self.record.text
            parts.annotation = annotated_text(self.record)
            parts.notes += [*self.odd, *notes_of_text(parts.text)]
            parts.notes += notes_of_annotation(parts.annotation)
        if self.scan:
            parts.prediction = prediction_of(self.scan.result, Path(PREDICTION))
            parts.volumes = self.scan.voxels
            parts.patient = self.scan.patient
            parts.notes += notes_of_prediction(parts.prediction)
            parts.notes += notes_of_masks(parts.volumes.predicted, self.scan.axial_axis)
        return parts


def _write(
    halves: _Halves, folder: Path, settings: Settings | None, lang: Language
) -> PatientResult:
    from hich.patient.summary import summary_of_patient
    from hich.report.gather.parts import report_of
    from hich.report.pages.write import render_case
    from hich.report.settings import Settings

    parts = halves.parts()
    case = report_of(parts, settings or Settings())
    scans = [halves.scan.result] if halves.scan else []
    summary = summary_of_patient(case, scans, halves.record, PREDICTION)
    write_text(folder / INDEX, render_case(case, parts.volumes, lang, index=None))
    write_json(folder / SUMMARY, summary)
    return PatientResult(case, halves.problems, summary)


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
