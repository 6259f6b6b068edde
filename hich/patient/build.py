"""One patient's page: scans and a note go in, what they say goes out, side by side.

Run `python -m hich.patient --help`. The output folder holds

- `index.html`: the page of a case as a cohort's report has it;
- `summary.json`: the same values for programs, without the note's words (`cohort.schema.patient`);
- `prediction/`: the masks, measurements and picture that `imaging.predict` writes of each scan.

Of several scans, the first one is compared with the note and scored; the later ones are beside it
(`hich.report.follow_up`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cohort.base.errors import DataError, UsageError, raise_all
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
from hich.patient.times import ScanTimes, in_order, may_be_first, origin_of, refuse_others
from hich.report.strings import Language
from imaging.model.folder import model_or_boxed, require_model

if TYPE_CHECKING:
    from cohort.schema.record import AnnotatedRecord
    from hich.patient.scan import PatientScan
    from hich.report.gather.parts import CaseParts
    from hich.report.gather.predictions import Prediction
    from hich.report.messages import Message
    from hich.report.model.case import CaseReport, Half
    from hich.report.model.follow_up import FollowUp
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
    halves = _Halves(files)
    with atomic_folder(output, SUMMARY) as folder:
        if files.note:
            halves.read_note(files.note, pipeline, device)
        if files.scans and model:
            halves.read_scans(files.scans, series, hours, folder / PREDICTION, model, device)
        if not (halves.scans or halves.record):
            raise_all(halves.problems)
        return _write(halves, folder, settings, lang)


class _Halves:
    """What is read of the scans and of the note; what is wrong with one does not end the others."""

    def __init__(self, files: PatientFiles) -> None:
        self.files = files
        self.scans: list[PatientScan] = []
        self.times = ScanTimes(())
        self.record: AnnotatedRecord | None = None
        self.refused: dict[Half, tuple[str, ...]] = {}
        self.odd: list[Message] = []
        self.first_refused = False

    @property
    def problems(self) -> list[str]:
        return [problem for problems in self.refused.values() for problem in problems]

    @property
    def id(self) -> str:
        return self.scans[0].id if self.scans else self.record.id if self.record else ""

    def read_note(self, path: Path, pipeline: str | None, device: str | int) -> None:
        from hich.patient.note import annotate_note, notes_of_file
        from text.corpus.note_file import read_note

        text = self._attempt("record", lambda: read_note(path))
        if text is not None:
            self.odd = notes_of_file(path)
            self.record = annotate_note(path.stem, text, pipeline, device)

    def read_scans(
        self,
        paths: Sequence[Path],
        series: str | None,
        hours: Sequence[float] | None,
        folder: Path,
        model: Path,
        device: str | int,
    ) -> None:
        from hich.patient.scan import find_scan, refuse_same_voxels, segment_scan, with_ids

        found = [self._attempt("ct", partial(find_scan, path, series)) for path in paths]
        there = [number for number, scan in enumerate(found) if scan is not None]
        scans = [scan for scan in found if scan is not None]
        named = [hours[number] for number in there] if hours is not None else None
        times = ScanTimes((0,))
        if len(scans) > 1:
            files = [scan.path for scan in scans]
            origins = [origin_of(path) for path in files]
            refuse_others(files, origins)
            times = in_order(files, origins, named)
            scans = with_ids([scans[number] for number in times.order])
        if not scans:
            return
        from imaging.segmenter import Segmenter

        lost = [number for number in range(len(paths)) if number not in there]
        self.first_refused = may_be_first(lost, there, hours, times)
        segmenter = Segmenter.load(model, device)
        read = [
            self._attempt("ct", partial(segment_scan, scan, segmenter, folder)) for scan in scans
        ]
        self.scans = [scan for scan in read if scan is not None]
        self.first_refused = self.first_refused or read[0] is None
        refuse_same_voxels(self.scans)
        if times.hours is not None:
            kept = [at for at, scan in zip(times.hours, read, strict=True) if scan is not None]
            times = replace(times, hours=tuple(at - kept[0] for at in kept))
        self.times = times

    def _attempt(self, half: Half, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except DataError as error:
            self.refused[half] = (
                *self.refused.get(half, ()),
                *map(without_advice, error.problems),
            )
            return None

    def parts(self) -> CaseParts:
        """Return all that was read but later scans, as the report puts cases together."""
        from hich.report.gather.annotations import annotated_text
        from hich.report.gather.parts import (
            CaseParts,
            notes_of_annotation,
            notes_of_masks,
            notes_of_prediction,
            notes_of_text,
        )
        from hich.report.gather.portable import without_machine
        from hich.report.messages import Message

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
        if self.scans:
            first = self.scans[0]
            parts.prediction = self.predictions()[0]
            parts.volumes = first.voxels
            parts.patient = first.patient
            parts.notes += notes_of_prediction(parts.prediction)
            parts.notes += notes_of_masks(parts.volumes.predicted, first.axial_axis)
            if self.first_refused:
                parts.notes.append(Message("follow.first_refused"))
            for problem in parts.refused.get("ct", ()):  # else it stands in the place of the CT
                parts.notes.append(Message("follow.refused", {"what": problem}))
        return parts

    def predictions(self) -> list[Prediction]:
        from hich.report.gather.predictions import prediction_of

        return [prediction_of(scan.result, Path(PREDICTION)) for scan in self.scans]

    def follow_up(self, parts: CaseParts) -> FollowUp | None:
        """Return what changed between the scans, if there are several."""
        if len(self.scans) < 2:
            return None
        from hich.report.follow_up.put_together import TimedScan, cut_in, follow_up_of
        from hich.report.gather.parts import notes_of_masks

        hours = self.times.hours or [None] * len(self.scans)
        timed = [
            TimedScan(
                scan.id,
                at,
                prediction,
                cut_in(notes_of_masks(scan.voxels.predicted, scan.axial_axis)),
            )
            for scan, at, prediction in zip(self.scans, hours, self.predictions(), strict=True)
        ]
        findings = (parts.annotation.findings or ()) if parts.annotation else ()
        return follow_up_of(timed, self.times.by, parts.text or "", findings, self.times.notes)


def _write(
    halves: _Halves, folder: Path, settings: Settings | None, lang: Language
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
            f"--hours names {len(hours)} times, and there are {len(files.scans)} scans; name one "
            "time for each scan, such as --hours 0,24."
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
