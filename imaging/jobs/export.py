"""Exporting scans as a job: what each scan's slices depend on, and who writes them.

The slices of a scan lie in a folder of their own in the work folder, until all are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from cohort.base.errors import DataError
from cohort.base.files import atomic_folder, remove
from cohort.faults import FileNote
from cohort.schema.split import PARTS
from cohort.space.address import Address
from cohort.space.content import content_digest
from cohort.work.completed import Completed
from cohort.work.job import Item, Job, JobIdentity, Made, digest_of, digest_of_code, digests
from cohort.work.lay import CASES, lay_files
from cohort.work.ledger import work_folder
from cohort.work.threads import in_threads
from cohort.work.whole import refuse_failures
from imaging.jobs.exported import Corpus, Exported
from imaging.scans.datalist import DATALIST
from imaging.scans.export_scan import HowToExport, ToExport, export_scan

_CODE = ("imaging.scans.export_scan",)
"""The module that exports a scan, with all that it imports."""
_LIBRARIES = ("torch", "monai", "numpy", "scipy", "pillow")


@dataclass
class ExportJob(Job):
    """Scans exported in one way.

    Attributes
    ----------
    place
        Folder that slices are written to.
    how
        The way.
    """

    place: Path
    how: HowToExport
    identity: JobIdentity
    command: str = "export"
    keeps: ClassVar[Literal["output", "work"]] = "work"

    @classmethod
    def of(cls, how: HowToExport, output: Path, scans: Mapping[str, ToExport]) -> ExportJob:
        """Return the job of an export of scans to `output`."""
        windows = list(how.preprocess.windows.items())  # their order is the channels'
        # Of the split all parts: where two were mixed, a network would be tested on its training.
        parts = {name: given.parts for name, given in scans.items()}
        settings = digest_of([windows, how.preprocess.spacing, how.channels, how.force, parts])
        identity = JobIdentity(settings, "", digest_of_code(_CODE, _LIBRARIES))
        return cls(work_folder(output), how, identity)

    def digest(self, item: Item) -> str:
        """Return the SHA-256 of a scan's file and its masks, and of which part its slices are.

        Raises
        ------
        DataError
            If one of its files can't be read.
        """
        image, masks, parts = item.payload
        of_masks = masks and {name: content_digest(path) for name, path in masks.items()}
        return digest_of([content_digest(image), of_masks, parts])

    def paths(self, item: Item) -> Sequence[Path]:
        """Return the files or folders of a scan and its masks."""
        image, masks, _ = item.payload
        return [Address.of(path).file for path in [image, *(masks or {}).values()]]

    def code_here(self) -> str:
        """Return the SHA-256 of the code that exports a scan, and libraries' versions."""
        return digest_of_code(_CODE, _LIBRARIES)

    def load(self) -> _Exporting:
        """Return what exports."""
        return _Exporting(self)


class _Exporting:
    """Exports scans, several at a time: reading and packing release the interpreter's lock."""

    def __init__(self, job: ExportJob) -> None:
        self._job = job

    def stream(self, items: Iterable[Item]) -> Iterator[Made | DataError]:
        """Export scans."""
        return in_threads(items, self._export)

    def _export(self, item: Item) -> Made:
        job = self._job
        digest = job.digest(item)
        folder = job.place / CASES / item.id
        remove(folder)  # its files may be those of the corpus, too, which must not be written over
        given: ToExport = item.payload
        for part in PARTS if given.masks is not None else [""]:
            (folder / part).mkdir(parents=True, exist_ok=True)
        entries, notes = export_scan(item.id, given, job.how, folder)
        names = [
            entry[kind]
            for of_part in entries.values()
            for entry in of_part
            for kind in ("image", "label")
            if kind in entry
        ]
        files = digests({f"{CASES}/{item.id}/{name}": folder / name for name in names})
        return Made(digest, files, {"entries": entries, "notes": notes})


def items_to_export(scans: Mapping[str, ToExport]) -> list[Item]:
    """Return scans as a job's items."""
    return [Item(name, given) for name, given in scans.items()]


def conclude_export(output: Path, done: Completed) -> Exported:
    """Write the folder `output` of all slices."""
    corpus = Corpus(**done.noted.last_step)
    results = ((entry.id, entry.result) for entry in done.entries)
    found = (
        (name, value["entries"], [FileNote(*note) for note in value["notes"]])
        for name, value in results
    )
    with atomic_folder(output, DATALIST) as folder:
        corpus.make_folders(folder)
        lay_files(done, folder)
        return corpus.end(folder, output, found)


def finish(output: Path, done: Completed) -> list[str]:
    """Write the folder `output` of all slices; return what was done, in words.

    Raises
    ------
    DataError
        If a scan failed: nobody would see later that the corpus lacks it.
    """
    refuse_failures(done)
    result = conclude_export(output, done)
    slices, scans = sum(result.slices.values()), len(done.entries) - len(result.left_out)
    return [f"{slices:,} slices of {scans} scans in {output}"]
