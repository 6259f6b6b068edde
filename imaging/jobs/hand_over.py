"""What an evaluation computed, written as `imaging.predict` writes it, which takes it over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from monai.data import MetaTensor
from monai.transforms import Transform

from cohort.base.files import clear_partial
from cohort.facts.structures import BY_ID
from cohort.faults import CheckResult
from cohort.schema.scans.measurements import Measurements
from cohort.space.header import Header
from cohort.work.job import Item, Way
from cohort.work.noting import Ledger, open_ledger
from imaging.jobs.predict import PredictJob, made
from imaging.measure.belief import leave_out
from imaging.model.bundle import Bundle
from imaging.model.inference import Segmentation
from imaging.prediction.described import ReadScan
from imaging.prediction.scan import looked_through, names_of, write_prediction
from imaging.prediction.table import write_measurements
from imaging.scans.given import ScanFile
from imaging.segmenter import Segmenter


class _Kept(NamedTuple):
    scan: ScanFile
    header: Header
    found: CheckResult


class KeepChecked(Transform):
    """Keep what was found out about each scan while it was read: batches can't hold it.

    Attributes
    ----------
    of
        Case to its scan, header and findings.
    """

    def __init__(self) -> None:
        self.of: dict[str, _Kept] = {}

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return `data` as it is."""
        scan = ScanFile(data["case"], Path(data["image"].meta["filename_or_obj"]))
        self.of[scan.id] = _Kept(scan, data["header"], data["checked"])
        return dict(data)


@contextmanager
def handing_over(
    bundle: Bundle, output: Path, scans: Sequence[ScanFile], force: bool = False
) -> Iterator[HandOver]:
    """Give what writes scans' results to the folder `output`; its table is written at the end.

    Parameters
    ----------
    bundle, force
        The model, and whether scans are taken that cannot be head CTs.
    output
        Folder that `imaging.predict --resume` will be given.
    scans
        Those that will be handed over.

    Raises
    ------
    DataError
        If another process is writing there.
    """
    job = PredictJob.of(Segmenter(bundle, force=force), output)
    with open_ledger(output, job, [scan.id for scan in scans], Way(resume=True)) as ledger:
        yield HandOver(bundle, job, ledger)
    write_measurements(output)


class HandOver:
    """Writes each scan's masks, measurements and picture, and notes what they were made of.

    Parameters
    ----------
    bundle
        The model.
    job
        What `imaging.predict` would do.
    ledger
        Where it is noted.
    """

    def __init__(self, bundle: Bundle, job: PredictJob, ledger: Ledger) -> None:
        self.kept = KeepChecked()
        self._bundle, self._job, self._ledger = bundle, job, ledger

    def look(self, case: str, hu: MetaTensor) -> ReadScan | None:
        """Look through a scan, [1, I, J, K], that the evaluator's transforms have read.

        None, if its masks depend on what can't be told of it, which the evaluator doesn't leave
        out: that is rare, and `imaging.predict` segments it again.
        """
        scan, header, checked = self.kept.of.pop(case)
        if set(checked.untold) & set(BY_ID) - set(self._bundle.untold):
            return None
        image = MetaTensor(torch.empty(0))  # what the network was shown is of no more use
        return looked_through(self._bundle, scan, header, image, hu, checked)

    def write(self, read: ReadScan, found: Segmentation, measured: Measurements | None) -> None:
        """Write a scan's results.

        Parameters
        ----------
        read
            The scan.
        found
            What was found in it.
        measured
            What was measured on that, if it was.
        """
        output = self._job.place
        clear_partial(output, names_of(read.scan.id))
        measurements = leave_out(measured, read.untold) if measured else None
        item = Item(read.scan.id, read.scan)
        digest = self._job.digest(item)
        write_prediction(self._bundle, read, found, output, measurements=measurements)
        self._ledger.add(item, made(read.scan.id, digest, output))
