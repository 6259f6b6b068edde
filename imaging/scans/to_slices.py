"""The slices of scans, written as PNG files: of a cohort a training corpus, of scans pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cohort.base.cli import progress
from cohort.base.errors import DataError, UsageError, raise_all
from cohort.base.files import atomic_folder
from cohort.base.processes import cores
from cohort.faults import FileNote
from cohort.schema.manifest import Case, Cohort
from cohort.schema.split import PARTS, Split
from imaging.scans.datalist import DATALIST, write_datalist
from imaging.scans.given import find_scans

if TYPE_CHECKING:
    from imaging.scans.preprocess import Preprocess

Entries = dict[str, list[dict[str, Any]]]
"""Part to the list entries of its slices."""


@dataclass
class Exported:
    """What an export wrote.

    Attributes
    ----------
    folder
        Where the slices lie.
    slices, cases
        Number of slices and of scans in each part.
    left_out
        Case id to the reason why it was not exported.
    notes
        Id of each case to what was unusual about its files.
    """

    folder: Path
    slices: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[FileNote]] = field(default_factory=dict)


def export_cohort(
    cohort: Cohort,
    output: Path,
    preprocess: Preprocess,
    split: Split | None = None,
    force: bool = False,
) -> Exported:
    """Write the slices and masks of a cohort as a training corpus.

    Parameters
    ----------
    cohort
        Its cases with a CT are exported.
    output
        Folder to write, atomically; a former export there is replaced.
    preprocess
        Windows and in-plane spacing.
    split
        Part of each case or slice; without it all become training slices.
    force
        Export scans that cannot be a head CT, and masks that are not their image's, with a note;
        the list of the slices marks them as `forced`.

    Raises
    ------
    DataError
        Listing all files that are not what they should be, and without `force` all scans that
        cannot be a head CT (`cohort.checks.plausible`) and masks that are not their image's
        (`cohort.checks.masks.check`): no network should learn from them.
    """
    result = Exported(output)
    result.left_out = {case.id: "has no CT" for case in cohort.cases if not case.image}

    def part_of(case_id: str, index: int) -> str | None:
        return split.part_of_slice(case_id, index) if split else "train"

    def write(case: Case, folder: Path) -> tuple[Entries, list[FileNote]]:
        from imaging.scans.plausible import refuse_implausible
        from imaging.scans.preprocess import read_scan, scan_transforms
        from imaging.scans.write_case import write_case

        masks = {name: cohort.path(path) for name, path in case.masks.items()}
        image = cohort.path(str(case.image))
        transforms = refuse_implausible(scan_transforms(preprocess, masks=True), force)
        scan = read_scan(transforms, image, masks)
        depth = scan["image"].shape[-1]
        known = len(split.slices.get(case.id, range(depth))) if split else depth
        if known != depth:
            raise DataError(
                f"{image}: has {depth} slices, the split {known}; split the cohort again."
            )
        return write_case(case.id, scan, folder, part_of), scan["notes"]

    with atomic_folder(output, DATALIST) as folder:
        for part in PARTS:
            (folder / part).mkdir()
        cases = {case.id: case for case in cohort.with_image}
        entries = _in_parallel(cases, lambda case: write(case, folder), result)
        for case in cohort.with_image:
            if not any(entry["case"] == case.id for part in entries.values() for entry in part):
                result.left_out[case.id] = "is not in the split"
        if not any(entries.values()):
            raise DataError(f"{cohort.folder}: has no CT to export; see `python -m cohort.check`.")
        write_datalist(folder, _plain(preprocess), entries, result.notes)
    return result


def export_files(
    sources: Sequence[Path],
    output: Path,
    preprocess: Preprocess,
    window: str | None = None,
    force: bool = False,
    series: str | None = None,
) -> Exported:
    """Write plain scans as pictures, one per slice.

    Parameters
    ----------
    sources
        NIfTI files, folders that hold some, and DICOM folders.
    output
        Folder to write, atomically; a former export there is replaced.
    preprocess
        Windows and in-plane spacing.
    window
        Name of the one CT window to write in grey; without it RGB of all three.
    force
        As `export_cohort` has it.
    series
        UID of the series to take, of the one DICOM folder among `sources`; None to choose.

    Raises
    ------
    DataError
        Listing all files that are not what they should be, and without `force` all scans that
        cannot be a head CT: the pictures are looked at as if they were one.
    UsageError
        If there is no such window, or two files would have the same slices.
    """
    from imaging.scans.plausible import refuse_implausible
    from imaging.scans.preprocess import read_scan, scan_transforms
    from imaging.scans.write_case import write_case

    if window is not None and window not in preprocess.windows:
        known = ", ".join(preprocess.windows)
        raise UsageError(f"There is no window {window!r}; the configuration has {known}.")
    names = list(preprocess.windows)
    channels = [names.index(window)] if window else [0, 1, 2]
    found = find_scans(sources, series=series)
    raise_all(found.problems)
    files = {scan.id: scan.path for scan in found.scans}
    result = Exported(output)
    transforms = refuse_implausible(scan_transforms(preprocess), force)

    def write(name: str, folder: Path) -> tuple[Entries, list[FileNote]]:
        scan = read_scan(transforms, files[name])
        scan["image"] = scan["image"][channels]
        return write_case(name, scan, folder, lambda *_: "test"), scan["notes"]

    with atomic_folder(output, DATALIST) as folder:
        entries = _in_parallel({n: n for n in files}, lambda name: write(name, folder), result)
        write_datalist(folder, _plain(preprocess), entries, result.notes)
    return result


def _in_parallel(
    items: Mapping[str, Any],
    write: Callable[[Any], tuple[Entries, list[FileNote]]],
    result: Exported,
) -> Entries:
    """Write all `items`, in threads: reading and packing release the interpreter's lock."""

    def attempt(item: Any) -> tuple[Entries, list[FileNote], tuple[str, ...]]:
        try:
            return (*write(item), ())
        except DataError as error:
            return {}, [], error.problems

    entries: Entries = {}
    problems: list[str] = []
    # As many as there are cores: more scans at once only take more memory.
    with ThreadPoolExecutor(cores()) as pool:
        done = progress(pool.map(attempt, items.values()), "Exporting", len(items))
        for name, (written, notes, wrong) in zip(items, done, strict=True):
            problems += wrong
            result.notes[name] = notes
            for part, slices in written.items():
                entries.setdefault(part, []).extend(slices)
                result.cases[part] = result.cases.get(part, 0) + 1
                result.slices[part] = result.slices.get(part, 0) + len(slices)
    raise_all(problems)
    return entries


def _plain(preprocess: Preprocess) -> dict[str, Any]:
    values = asdict(preprocess)
    return {**values, "windows": {name: list(b) for name, b in preprocess.windows.items()}}
