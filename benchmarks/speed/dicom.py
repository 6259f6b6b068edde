"""How long DICOM takes: listing 20,000 files, and reading a series beside the same as .nii.gz.

`python -m benchmarks.speed.dicom [--files 20000] [--slices 300]`. Files are written to a temporary
folder: 100 series of 200 slices, in folders of patients and studies. Each measurement is a process
of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

ROWS = 512
RUNS = 3


def main(
    files: Annotated[int, typer.Option()] = 20_000,
    slices: Annotated[int, typer.Option()] = 300,
    side: Annotated[int, typer.Option(help="Pixels of a slice of the files that are listed.")] = 64,
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_many(folder / "many", files, side)
        print(
            f"listing {files} files of {side} x {side} pixels:", measured("list", folder / "many")
        )
        write_scan(folder, slices)
        print(f"{slices} slices of {ROWS} x {ROWS}, the least of {RUNS}, in one process:")
        print(measured("read", folder))


def measured(what: str, path: Path) -> str:
    """Run one measurement in a new process and return what it prints."""
    command = [sys.executable, "-m", "benchmarks.speed.dicom", "--measure", what, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip()


def list_files(folder: Path) -> None:
    from cohort.space.dicom.files.find import find_series

    start, cpu = time.perf_counter(), time.process_time()
    found = find_series(folder)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    images = sum(len(series.instances) for series in found.series)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {seconds:.1f} s ({cpu:.1f} s of CPU), {peak:.0f} MB at most; "
        f"{len(found.series)} series, {images} images, {len(found.skipped)} passed over"
    )


def read_scans(folder: Path) -> None:
    from cohort.space.file_types import read_volume

    least: dict[str, float] = {}
    names = ("scan.nii.gz", "plain", "plain.zip", "rle")
    for _ in range(RUNS):  # in turns, so that a busy machine slows all of them
        for name in names:
            if (folder / name).exists():
                start = time.perf_counter()
                read_volume(folder / name)
                least[name] = min(least.get(name, 1e9), time.perf_counter() - start)
    for name, seconds in least.items():
        print(f"  {name:12} {seconds:5.2f} s, {seconds / least['scan.nii.gz']:.2f} of .nii.gz")


def write_many(folder: Path, files: int, side: int) -> None:
    """Write series of 200 slices, two in each study; slices differ in what tells them apart."""
    dataset = template(side)
    for number in range(files):
        series, k = divmod(number, 200)
        dataset.SOPInstanceUID = f"1.2.3.{series}.{k}"
        dataset.SeriesInstanceUID = f"1.2.4.{series}"
        dataset.StudyInstanceUID = f"1.2.5.{series // 2}"
        dataset.PatientID = f"P{series // 4}"
        dataset.InstanceNumber, dataset.ImagePositionPatient = k, [0, 0, 0.6 * k]
        path = folder / f"p{series // 4}" / f"study{series // 2}" / f"{series}" / f"{k:05d}"
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path, enforce_file_format=True)


def write_scan(folder: Path, slices: int) -> None:
    """Write one scan in several forms: noise of 5 HU on a coarse pattern, air around it."""
    import zipfile

    from pydicom.uid import RLELossless

    from cohort.space.nifti.volume import save_volume

    random = np.random.default_rng(0)
    j, i = np.indices((ROWS, ROWS)) - ROWS / 2
    head = np.hypot(i, j) < ROWS * 0.35
    volume = np.full((slices, ROWS, ROWS), -1000, np.int16)
    for k in range(slices):
        tissue = 30 + 10 * np.sin(i / 30) * np.cos(j / 40 + k / 9) + random.normal(0, 5, i.shape)
        volume[k][head] = tissue[head]
    save_volume(folder / "scan.nii.gz", volume.T, np.diag([-0.5, -0.5, 0.6, 1]))
    dataset = template(ROWS)
    dataset.SeriesInstanceUID, dataset.StudyInstanceUID = "1.2.4.1", "1.2.5.1"
    (folder / "plain").mkdir()
    (folder / "rle").mkdir()
    for k in range(slices):
        dataset.SOPInstanceUID, dataset.InstanceNumber = f"1.2.3.{k}", k
        dataset.ImagePositionPatient = [0, 0, 0.6 * k]
        dataset.PixelData = (volume[k] + 1024).astype("<u2").tobytes()
        dataset["PixelData"].VR = "OW"
        dataset.save_as(folder / "plain" / f"{k:04d}", enforce_file_format=True)
        packed = deepcopy(dataset)
        packed.compress(RLELossless, generate_instance_uid=False)
        packed.save_as(folder / "rle" / f"{k:04d}", enforce_file_format=True)
    with zipfile.ZipFile(folder / "plain.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zip_:
        for path in (folder / "plain").iterdir():
            zip_.write(path, path.name)


def template(side: int) -> Any:
    """Return a CT slice with as many attributes as scanners write."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword, value in {
        "SpecificCharacterSet": "GB18030",
        "SOPClassUID": CTImageStorage,
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "StudyDate": "20240101",
        "AcquisitionDate": "20240101",
        "AcquisitionTime": "101010.5",
        "Modality": "CT",
        "Manufacturer": "generated",
        "PatientName": "Generated^Head=生成^头",
        "StudyDescription": "头颅",
        "SeriesDescription": "头颅平扫",
        "ConvolutionKernel": "H30s",
        "SeriesNumber": 2,
        "SliceThickness": 0.6,
        "PixelSpacing": [0.5, 0.5],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "Rows": side,
        "Columns": side,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "RescaleSlope": 1,
        "RescaleIntercept": -1024,
        "PixelData": bytes(2 * side * side),
    }.items():
        setattr(dataset, keyword, value)
    for element in range(40):  # of the machine's own, as every scanner has
        dataset.add_new(0x00190010 if element == 0 else 0x00191000 + element, "LO", "private")
    dataset["PixelData"].VR = "OW"
    return dataset


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        {"list": list_files, "read": read_scans}[sys.argv[2]](Path(sys.argv[3]))
    else:
        typer.run(main)
