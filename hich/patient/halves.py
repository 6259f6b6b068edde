"""What is read of one patient's scans and note, each half by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cohort.base.errors import DataError
from cohort.faults import without_advice
from hich.patient.named import PatientFiles
from hich.patient.origin import origin_of, refuse_others
from hich.patient.times import ScanTimes, in_order, may_be_first

if TYPE_CHECKING:
    from cohort.schema.records.record import AnnotatedRecord
    from hich.patient.scan import PatientScan
    from hich.report.gather.parts import CaseParts
    from hich.report.gather.predictions import Prediction
    from hich.report.messages import Message
    from hich.report.model.case import Half
    from hich.report.model.follow_up import FollowUp

PREDICTION = "prediction"
"""Folder of the masks beside the page."""

T = TypeVar("T")


class Halves:
    """What is read of the scans and of the note; what is wrong with one does not end the others.

    Parameters
    ----------
    files
        Which is a scan and which the note.

    Attributes
    ----------
    scans
        Those that could be read, by time.
    times
        When they were taken.
    record
        The note, annotated.
    refused
        Each half of which something can't be used, to the reasons.
    odd
        What is odd about the note's file.
    first_refused
        Whether the scan that can't be read may be the first one by time.
    """

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
        """The reasons why something can't be used."""
        return [problem for problems in self.refused.values() for problem in problems]

    @property
    def id(self) -> str:
        """Of the patient: the first scan's, else the note's."""
        return self.scans[0].id if self.scans else self.record.id if self.record else ""

    def read_note(self, path: Path, pipeline: str | None, device: str | int) -> None:
        """Read and annotate the note; `pipeline` as `text.reader.Reader.load` takes it."""
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
        """Read and segment the scans, put them in order, and write their masks to `folder`.

        Raises
        ------
        DataError
            If they are of two patients, or one is given twice.
        UsageError
            If `hours` contradict what their files say.
        """
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
            times = in_order(files, origins, named, min(hours) if hours else None)
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
            times = replace(times, hours=tuple(kept))
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
        """Return what was predicted of each scan."""
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
        return follow_up_of(
            timed,
            self.times.by,
            parts.text or "",
            findings,
            self.times.notes,
            first_missing=self.first_refused,
        )
