"""The patient's scan: segmented, measured, its masks written, all of it at hand for the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.errors import DataError, UsageError
from cohort.schema.case_files import one_file_key
from cohort.schema.problems import parse
from cohort.schema.scans.scan import ScanResult
from cohort.space.address import Address
from cohort.space.stated_patient import StatedPatient
from hich.patient.origin import case_of

if TYPE_CHECKING:
    from hich.report.model.masks import CaseVoxels
    from imaging.scans.given import ScanFile
    from imaging.segmenter import Segmenter


@dataclass(frozen=True)
class PatientScan:
    """What was found on a scan.

    Attributes
    ----------
    id
        Of the scan: its file's name, or that of its DICOM folder.
    result
        What stands in `<id>.json`.
    voxels
        CT and masks.
    axial_axis
        Array axis that runs from foot to head.
    patient
        Whom the file states as its patient, if it is DICOM; or what the cohort that it lies in
        keeps of that.
    """

    id: str
    result: ScanResult
    voxels: CaseVoxels
    axial_axis: int
    patient: StatedPatient | None = None


def find_scan(path: Path, series: str | None = None) -> ScanFile:
    """Return the one scan at `path`.

    Parameters
    ----------
    path
        File, address, DICOM folder or zip; or a folder that holds one such file.
    series
        UID of the DICOM series to take.

    Raises
    ------
    DataError
        If there is none.
    UsageError
        If there are several, or a series is given of what is not DICOM.
    """
    from imaging.scans.given import find_scans

    found = find_scans([path], series=series)
    if not found.scans:
        raise DataError(*found.problems)
    if len(found.scans) > 1:
        raise UsageError(
            f"{path}: holds {len(found.scans)} scans; name one, such as {found.scans[0].path}."
        )
    return found.scans[0]


def with_ids(scans: Sequence[ScanFile]) -> list[ScanFile]:
    """Return scans each with an id of its own: of two called alike the later gets a number."""
    ids: Counter[str] = Counter()
    numbered = []
    for scan in scans:
        ids[one_file_key(scan.id)] += 1
        count = ids[one_file_key(scan.id)]
        numbered.append(scan if count == 1 else replace(scan, id=f"{scan.id}-{count}"))
    return numbered


def segment_scan(scan: ScanFile, segmenter: Segmenter, folder: Path) -> PatientScan:
    """Segment a scan, and write what `imaging.predict` writes of it to `folder`.

    Raises
    ------
    DataError
        If it cannot be read, or cannot be a head CT.
    """
    from hich.report.model.masks import CaseVoxels
    from imaging.prediction.scan import write_prediction

    read = segmenter.read(scan)
    found = segmenter.segment(read)
    folder.mkdir(parents=True, exist_ok=True)
    written: Mapping[str, Any] = write_prediction(segmenter.bundle, read, found, folder)
    result, problems = parse(ScanResult, written)
    assert result is not None, problems
    masks = {s.id: found.masks[s.channel] for s in read.told}
    voxels = CaseVoxels(read.hu.numpy()[0], read.header.grid, masks, frame=read.frame)
    patient = read.header.patient
    if patient is None and (case := case_of(Address.of(scan.path).file)):
        patient = StatedPatient.of_shared(case.dicom)
    return PatientScan(scan.id, result, voxels, read.header.axial_axis, patient)


def refuse_same_voxels(scans: Sequence[PatientScan]) -> None:
    """Refuse a scan that was given twice, under two names.

    Raises
    ------
    DataError
        If two have the same voxels.
    """
    from cohort.links.same_scan import scan_digest, scan_key

    keys = [scan_key(scan.voxels.image) for scan in scans]
    for second, key in enumerate(keys):
        first = keys.index(key)
        if first == second:
            continue
        one, two = scans[first], scans[second]
        if scan_digest(one.voxels.image) == scan_digest(two.voxels.image):
            raise DataError(f"{one.id} and {two.id}: are the same scan; name each scan once.")
