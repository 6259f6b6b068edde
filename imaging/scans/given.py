"""Which scans a command was given: NIfTI files, folders of them, cohorts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cohort.base.errors import UsageError
from cohort.schema.case_files import id_problems, one_file_key
from cohort.schema.manifest import MANIFEST, Cohort
from cohort.schema.split import Split
from cohort.space.file_types import may_be_scan, strip_suffix
from cohort.space.label_maps import is_hidden_file


@dataclass(frozen=True)
class Scan:
    """A scan to be read.

    Attributes
    ----------
    id
        Id of its case, or its file's name without its suffix.
    path
        Its file, which may turn out not to be a scan.
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

    scans: list[Scan] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def find_scans(
    sources: Sequence[Path], split: Split | None = None, part: str | None = None
) -> Inputs:
    """List the scans in `sources`.

    Parameters
    ----------
    sources
        NIfTI files, folders that hold some, and folders of cohorts.
    split, part
        Of cohorts, take only the cases of which `part` has at least a slice.

    Raises
    ------
    DataError
        If a cohort's manifest cannot be read.
    UsageError
        If two scans have the same id, or a split is given without a cohort.
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
                inputs.problems.append(
                    f"{source}: holds no .nii, .nii.gz or .nrrd file, and no {MANIFEST}."
                )
        else:
            found = [Scan(strip_suffix(source.name), source)]
        inputs.scans += found
    inputs.scans = _distinct(inputs.scans)
    return inputs


def _of_cohort(
    folder: Path, split: Split | None, part: str | None, left_out: Counter[str]
) -> Iterator[Scan]:
    cohort = Cohort.load(folder)
    for case in cohort.cases:
        if split is not None and part not in split.slices.get(case.id, [split.cases.get(case.id)]):
            left_out[f"not in the part {part!r}"] += 1
        elif case.image is None:
            left_out["without a CT"] += 1
        else:
            yield Scan(case.id, cohort.path(case.image))


def _of_folder(folder: Path) -> tuple[list[Scan], list[Path]]:
    """Return the scans in a folder, and the folders in it that are called like scans."""
    paths = [
        path
        for path in sorted(folder.iterdir())
        if may_be_scan(path) and not path.name.startswith(".") and not is_hidden_file(path)
    ]
    scans = [Scan(strip_suffix(path.name), path) for path in paths if not path.is_dir()]
    return scans, [path for path in paths if path.is_dir()]


def _distinct(scans: Sequence[Scan]) -> list[Scan]:
    """Leave out files that were named twice; refuse two files of one id."""
    by_id: dict[str, Scan] = {}
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
