"""Which scans a command was given: files, folders of them, DICOM folders, cohorts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import UsageError, few, raise_all
from cohort.links.read_split import misfits
from cohort.schema.case_files import id_problems, one_file_key
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import Split
from cohort.space.address import Address
from cohort.space.file_types import DICOM, may_be_scan, strip_suffix, type_of
from cohort.space.label_maps import is_hidden_file


@dataclass(frozen=True)
class ScanFile:
    """A scan to be read.

    Attributes
    ----------
    id
        Id of its case, or its file's name without its suffix, or the name of its DICOM folder.
    path
        Its file or DICOM folder, which may turn out not to be one; of a named series its address.
    """

    id: str
    path: Path


@dataclass
class Inputs:
    """What was found.

    Attributes
    ----------
    scans
        Each with an id of its own.
    problems
        Sentences on inputs that hold no scan.
    left_out
        Reason to the number of cases that were left out for it.
    """

    scans: list[ScanFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def find_scans(
    sources: Sequence[Path],
    split: Split | None = None,
    part: str | None = None,
    series: str | None = None,
) -> Inputs:
    """List the scans in `sources`.

    Parameters
    ----------
    sources
        Files, folders of them, DICOM folders of one study, and folders of cohorts.
        A DICOM folder is one scan, whichever series of it is chosen.
    split, part
        Of cohorts, take only the cases of which `part` has at least a slice.
    series
        UID of the series to take, of the one DICOM scan among `sources`.

    Raises
    ------
    DataError
        If a cohort's manifest cannot be read, or the split is of another cohort, or puts what
        belongs together into several parts (`cohort.links.read_split`).
    UsageError
        If two scans have the same id, a split is given without a cohort, or a series with anything
        but one DICOM scan.
    """
    inputs = Inputs()
    for source in sources:
        if (source / MANIFEST).is_file():
            found = list(_of_cohort(source, split, part, inputs.left_out))
        elif split is not None:
            raise UsageError(f"--split is for cohorts; {source} has no {MANIFEST}.")
        elif source.is_dir():
            found, folders = _of_folder(source)
            inputs.problems += [
                f"{path}: is a folder, not a volume; name it too, for the scans in it."
                for path in folders
            ]
            if not (found or folders):
                if dicom := _dicom_folders(source):
                    found, problems = _of_dicom(source, dicom)
                    inputs.problems += problems
                else:
                    inputs.problems.append(
                        f"{source}: holds no .nii, .nii.gz or .nrrd file, and no {MANIFEST} or "
                        "DICOM file; name a scan, or a folder with one."
                    )
        else:
            found = [ScanFile(_id_of(source), source)]
        inputs.scans += found
    if series is not None:
        inputs.scans = [_named(inputs.scans, series)]
    inputs.scans = _distinct(inputs.scans)
    return inputs


def refuse_scans_inside(output: Path, scans: Sequence[ScanFile]) -> None:
    """Refuse an output folder that holds one of the scans, or is one.

    Raises
    ------
    UsageError
        If it does.
    """
    for scan in scans:
        scan_file = Address.of(scan.path).file.resolve()
        if scan_file.exists() and output.resolve() in (scan_file, scan_file.parent):
            raise UsageError(f"{output} holds the scans; name another folder.")


def _of_cohort(
    folder: Path, split: Split | None, part: str | None, left_out: Counter[str]
) -> Iterator[ScanFile]:
    cohort = Cohort.load(folder)
    if split is not None:
        raise_all([f"--split for {folder}: {problem}" for problem in misfits(split, cohort)])
    for case in cohort.cases:
        if split is None or part is None:
            in_part = True
        elif case.image:
            in_part = split.ct_in_part(case.id, part)
        else:
            in_part = split.cases.get(case.id) == part
        if not in_part:
            left_out[f"not in the part {part!r}"] += 1
        elif case.image is None:
            left_out["without a CT"] += 1
        else:
            yield ScanFile(case.id, cohort.path(case.image))


def _of_folder(folder: Path) -> tuple[list[ScanFile], list[Path]]:
    """Return the scans in a folder, and the folders in it that are called like scans."""
    paths = [
        path
        for path in sorted(folder.iterdir())
        if may_be_scan(path) and not path.name.startswith(".") and not is_hidden_file(path)
    ]
    scans = [ScanFile(strip_suffix(path.name), path) for path in paths if not path.is_dir()]
    return scans, [path for path in paths if path.is_dir()]


def _id_of(source: Path) -> str:
    """Return the id of a scan that is a file, or an address of a volume in one."""
    file = Address.of(source).file
    return file.resolve().name if file.is_dir() else strip_suffix(file.name)


def _dicom_folders(folder: Path) -> list[Path]:
    """Return what holds DICOM: `folder` itself if it has such files, else the folders in it."""
    inside = sorted(folder.iterdir())
    if any(_is_dicom(path) for path in inside):
        return [folder]
    return [
        path
        for path in inside
        if path.is_dir()
        and not path.is_symlink()
        and any(_is_dicom(Path(at, name)) for at, _, names in os.walk(path) for name in names)
    ]


def _is_dicom(path: Path) -> bool:
    return path.is_file() and type_of(path) is DICOM


def _of_dicom(source: Path, folders: list[Path]) -> tuple[list[ScanFile], list[str]]:
    """Return the scan that a DICOM folder is; or how to name them, if it holds several."""
    scan = ScanFile(source.resolve().name, source)
    if len(folders) == 1:
        return [scan], []
    # A folder for each series, or for each patient: their headers tell.
    from cohort.space.dicom.choosing.studies import studies_of
    from cohort.space.dicom.files.find import find_series

    studies = studies_of(find_series(source).series)
    if len(studies) <= 1:
        return [scan], []
    return [], [
        f"{source}: holds {len(studies)} DICOM studies, and each scan is a folder of its own: name "
        f"{few([str(path) for path in folders], 3)}."
    ]


def _named(scans: Sequence[ScanFile], series: str) -> ScanFile:
    """Return the one DICOM scan, as the address of a series of it."""
    dicom = [scan for scan in scans if type_of(scan.path) is DICOM]
    if len(scans) != 1 or len(dicom) != 1 or Address.of(scans[0].path).part:
        raise UsageError(
            f"--series {series}: is for one DICOM folder, file or zip, and nothing beside it."
        )
    (scan,) = dicom
    return ScanFile(scan.id, Address(scan.path, "series", series).path)


def _distinct(scans: Sequence[ScanFile]) -> list[ScanFile]:
    """Leave out files that were named twice; refuse two files of one id."""
    by_id: dict[str, ScanFile] = {}
    for scan in scans:
        for problem in id_problems(scan.id):
            raise UsageError(f"{scan.path}: {problem}")
        first = by_id.setdefault(one_file_key(scan.id), scan)
        if first.path.resolve() != scan.path.resolve():
            raise UsageError(
                f"{first.path} and {scan.path} would both be called {scan.id!r}; "
                "rename one, or give each an output folder of its own."
            )
    return list(by_id.values())
