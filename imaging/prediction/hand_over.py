"""What an evaluation computed, written as `imaging.predict` writes it, which takes it over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from monai.data import MetaTensor
from monai.transforms import Transform

from cohort.base.files import clear_partial
from cohort.facts.structures import BY_ID
from cohort.faults import CheckResult
from cohort.schema.measurements import Measurements
from cohort.space.header import Header
from imaging.measure.belief import leave_out
from imaging.model.bundle import Bundle
from imaging.model.inference import Segmentation
from imaging.prediction.described import ReadScan
from imaging.prediction.made_of import Origins
from imaging.prediction.scan import looked_through, names_of, write_prediction
from imaging.prediction.table import write_measurements
from imaging.scans.given import ScanFile


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


class HandOver:
    """Writes each scan's masks, measurements and picture, and what they were made of.

    Parameters
    ----------
    bundle, force
        The model, and whether scans are taken that cannot be head CTs.
    output
        Folder that `imaging.predict --resume` will be given.
    """

    def __init__(self, bundle: Bundle, output: Path, force: bool = False) -> None:
        self.kept = KeepChecked()
        self._bundle, self._output = bundle, output
        self._origins = Origins(bundle, force)

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
        clear_partial(self._output, names_of(read.scan.id))
        measurements = leave_out(measured, read.untold) if measured else None
        origin = self._origins.of(read.scan)
        write_prediction(
            self._bundle, read, found, self._output, measurements=measurements, made_of=origin
        )

    def finish(self) -> None:
        """Write the table of what the folder holds."""
        write_measurements(self._output)
