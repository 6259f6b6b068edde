"""Segmenting many scans as a job: what each scan's results depend on, and who makes them.

Results of the same scan, model, options and code are the same, so that what was computed once is
not computed again: by a run before, by `imaging.evaluate --predictions`, or by another machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cohort.base.errors import DataError
from cohort.space.address import Address
from cohort.space.content import content_digest
from cohort.work.completed import Completed
from cohort.work.job import (
    UNNOTED,
    Item,
    Job,
    JobIdentity,
    Made,
    digest_of,
    digest_of_code,
    digest_of_files,
    digests,
)
from imaging.model.folder import PARTS
from imaging.model.precision import compute_in_bfloat16, cpu_has_bfloat16
from imaging.prediction.described import SUMMARY
from imaging.prediction.earlier_results import files_of, remove_earlier
from imaging.prediction.table import write_measurements
from imaging.scans.given import ScanFile

if TYPE_CHECKING:
    from imaging.model.bundle import Bundle
    from imaging.model.inference import Segmentation
    from imaging.prediction.described import ReadScan
    from imaging.prediction.mask_files import MaskFormat
    from imaging.segmenter import Segmenter

_CODE = ("imaging.prediction.scan", "imaging.segmenter")
"""The modules that make a scan's results, with all that they import."""
_LIBRARIES = ("torch", "monai", "numpy", "scipy")


@dataclass
class PredictJob(Job):
    """A model used in one way.

    Attributes
    ----------
    place
        Folder that results are written to.
    model, device, flips, clean_up, force, uncertainty
        As `imaging.segmenter.Segmenter.load` has them.
    written_as
        What holds the masks.
    bfloat16
        Whether CPUs compute in bfloat16: decided by who starts the work, for all workers.
    """

    place: Path
    model: Path
    identity: JobIdentity
    device: str | int = "cpu"
    flips: bool | None = None
    clean_up: bool = True
    force: bool = False
    uncertainty: bool = False
    written_as: MaskFormat = "nifti"
    bfloat16: bool = field(default_factory=cpu_has_bfloat16)
    command: str = "predict"
    _segmenter: Segmenter | None = None

    @classmethod
    def of(
        cls,
        segmenter: Segmenter,
        place: Path,
        device: str | int = "cpu",
        *,
        flips: bool | None = None,
        clean_up: bool = True,
        written_as: MaskFormat = "nifti",
        noted: bool = True,
    ) -> PredictJob:
        """Return the job of a model that is loaded here; other processes load it again.

        `noted` is whether it will be noted what results are made of.
        """
        bundle, force, uncertainty = segmenter.bundle, segmenter.force, segmenter.uncertainty
        return cls(
            place,
            bundle.folder,
            identity_of(bundle, force, uncertainty, written_as) if noted else UNNOTED,
            device,
            flips,
            clean_up,
            force,
            uncertainty,
            written_as,
            _segmenter=segmenter,
        )

    def digest(self, item: Item) -> str:
        """Return the SHA-256 of a scan's file, or all files of its DICOM folder, and of its names.

        Raises
        ------
        DataError
            If one of its files can't be read.
        """
        return content_digest(item.payload.path)

    def paths(self, item: Item) -> Sequence[Path]:
        """Return the scan's file or folder."""
        return (Address.of(item.payload.path).file,)

    def code_here(self) -> str:
        """Return the SHA-256 of the code that makes a scan's results, and libraries' versions."""
        return digest_of_code(_CODE, _LIBRARIES)

    def load(self) -> _Segmenting:
        """Load the model."""
        from imaging.segmenter import Segmenter

        compute_in_bfloat16(self.bfloat16)
        segmenter = self._segmenter or Segmenter.load(
            self.model,
            self.device,
            flips=self.flips,
            clean_up=self.clean_up,
            force=self.force,
            uncertainty=self.uncertainty,
        )
        return _Segmenting(self, segmenter)


class _Segmenting:
    """A loaded model: while it segments one scan, the next is read and the last one written."""

    def __init__(self, job: PredictJob, segmenter: Segmenter) -> None:
        self._job, self._segmenter = job, segmenter

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Segment the scans."""
        from imaging.prediction.pipeline import in_pipeline
        from imaging.prediction.scan import write_prediction

        segmenter, job = self._segmenter, self._job

        noted = job.identity != UNNOTED

        def read(item: Item) -> tuple[str, ReadScan]:
            return job.digest(item) if noted else "", segmenter.read(item.payload)

        def write(loaded: tuple[str, ReadScan], masks: Segmentation) -> Made:
            digest, scan = loaded
            write_prediction(segmenter.bundle, scan, masks, job.place, job.written_as)
            return made(scan.scan.id, digest, job.place) if noted else Made("")

        yield from in_pipeline(items, read, lambda loaded: segmenter.segment(loaded[1]), write)


def identity_of(
    bundle: Bundle, force: bool = False, uncertainty: bool = False, written_as: str = "nifti"
) -> JobIdentity:
    """Return what results depend on besides the scan; the rest as `imaging.predict` has it."""
    device = next((one.device.type for one in bundle.network.parameters()), "cpu")
    precise = device == "cpu" and cpu_has_bfloat16()
    how = [asdict(bundle.postprocess), device, precise, force, uncertainty, written_as]
    model = digest_of_files(bundle.folder / part for part in PARTS)
    return JobIdentity(digest_of(how), model, digest_of_code(_CODE, _LIBRARIES))


def made(scan_id: str, digest: str, place: Path) -> Made:
    """Return what is noted of a scan whose results were written."""
    summary = place / SUMMARY.format(scan_id)
    return Made(digest, digests({file.name: file for file in [summary, *files_of(summary)]}))


def items_of(scans: Iterable[ScanFile]) -> list[Item]:
    """Return scans as a job's items."""
    return [Item(scan.id, scan) for scan in scans]


def finish(output: Path, done: Completed) -> list[str]:
    """Write the table of all scans; return what was done, in words."""
    if done.noted.last_step.get("replace"):
        remove_earlier(output, set(done.noted.items))
    write_measurements(output)
    return [f"{len(done.entries)} scans in {output}"]
