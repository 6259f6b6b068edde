"""The manifest of a cohort, `cohort.json`: which cases there are and where their files lie.

::

    {"name": "mine", "structures": ["hematoma", ...], "provenance": {...},
     "cases": [{"id": "p001", "image": "images/p001.nii.gz",
                "masks": {"hematoma": "masks/p001_hematoma.nii.gz"},
                "record": "records/p001.txt", "tags": "records/p001.bioes"}]}

Paths are relative to the cohort's folder, with forward slashes, and stay inside it. A mask may be
a part of a file that holds several: `masks/p001.seg.nrrd/segment=hematoma`,
`masks/p001_labels.nii.gz/label=1` (`cohort.space.address`).
A case may lack its image, or its record. A structure that a case has no mask for was not
annotated there, which is not the same as an empty mask. Cases of one patient who has several
share a `"patient"`; without it each case is a patient of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic.dataclasses import dataclass
from pydantic.json_schema import SkipJsonSchema

from cohort.base.errors import DataError, raise_all
from cohort.base.files import read_json, write_json
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case_files import id_problems, path_problem, repeated_ids
from cohort.schema.problems import VERSION, VERSION_KEY, Names, Number, Place, Wanted, parse, refuse

MANIFEST = "cohort.json"

_WITH_ID = 'must be an object with an "id" (text)'


def _known(names: Any, where: str) -> list[str]:
    known = ", ".join(STRUCTURE_IDS)
    return [
        f"{where}: unknown structure {name!r}; the structures are {known}."
        for name in names
        if name not in STRUCTURE_IDS
    ]


# What follows holds of a cohort that is read: one that is being put together need not be whole.


def _read_id(case_id: str, info: ValidationInfo) -> str:
    if info.context is not None and (problems := id_problems(case_id)):
        raise refuse(*problems)
    return case_id


def _read_path(path: str, info: ValidationInfo) -> str:
    if info.context is not None and (problem := path_problem(info.context["folder"], path)):
        raise refuse(problem)
    return path


def _read_image_path(path: str, info: ValidationInfo) -> str:
    folder = None if info.context is None else info.context["folder"]
    if folder is not None and (problem := path_problem(folder, path, may_be_folder=True)):
        raise refuse(problem)
    return path


def _read_masks(masks: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
    if info.context is None:
        return masks
    paths = [path_problem(info.context["folder"], path) for path in masks.values()]
    if problems := [*_known(masks, "'masks'"), *filter(None, paths)]:
        raise refuse(*problems)
    return {name: masks[name] for name in STRUCTURE_IDS if name in masks}


def _read_structures(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if info.context is None:
        return names
    if problems := _known(names, '"structures"'):
        raise refuse(*problems)
    return tuple(name for name in STRUCTURE_IDS if name in names)


def _read_case(case: Case, info: ValidationInfo) -> Case:
    wrong = {
        "has neither an image nor a record.": not case.image and not case.record,
        "has masks but no image.": case.masks and not case.image,
        "has tags but no record.": case.tags and not case.record,
    }
    if info.context is not None and (problems := [said for said, is_so in wrong.items() if is_so]):
        raise refuse(*problems)
    return case


_Text = Annotated[str, Field(min_length=1), Wanted("must be text")]
_Path = Annotated[_Text, AfterValidator(_read_path)]
_ImagePath = Annotated[_Text, AfterValidator(_read_image_path)]
_Masks = Annotated[
    Mapping[str, str],
    Wanted("must map a structure's name to a path", shown=False),
    BeforeValidator(lambda value: value or {}),
    AfterValidator(_read_masks),
]


@dataclass(frozen=True, config=ConfigDict(extra="forbid", defer_build=True))
class Case:
    """One case: a head CT with its masks, a medical record with its tags, or both.

    Attributes
    ----------
    id
        Name of the case, unique in its cohort, and part of the names of files made from it.
    image
        Head CT in Hounsfield units: a file, or a folder of DICOM files (`cohort.space.address`).
    masks
        Structure id to mask, on the image's grid: a file, or a part of one.
    record
        Medical record, UTF-8 text.
    tags
        The record's characters and their BIOES tags (see `cohort.tags.tag_file`).
    patient
        Whose case it is; cases of one patient are never split apart.
    hours
        Since the patient's first scan, where scans say when they were taken: a date would say who
        it is.
    dicom
        What `cohort.import_dicom` keeps of who: `patient_sex` and `patient_age` (ages from 90 on
        are `090Y`), and what it was told to keep, such as `patient_id` and `acquired`.
    """

    id: Annotated[str, Wanted(_WITH_ID, shown=False), AfterValidator(_read_id)]
    image: _ImagePath | None = None
    masks: _Masks = field(default_factory=dict)
    record: _Path | None = None
    tags: _Path | None = None
    patient: _Text | None = None
    hours: Number | None = None
    dicom: Mapping[str, str] = field(default_factory=dict)

    @property
    def patient_id(self) -> str:
        """The patient whose case it is: `patient`, or the case's own id."""
        return self.patient or self.id

    def files(self) -> list[str]:
        """Relative paths of all volumes and texts of the case."""
        single = (self.image, self.record, self.tags)
        return [path for path in single if path is not None] + list(self.masks.values())

    def to_json(self) -> dict[str, Any]:
        """Return the case as it stands in the manifest, without what it lacks."""
        entry = {
            "id": self.id,
            "patient": self.patient,
            "image": self.image,
            "masks": dict(self.masks),
            "record": self.record,
            "tags": self.tags,
            "hours": self.hours,
            "dicom": dict(self.dicom),
        }
        return {key: value for key, value in entry.items() if value or value == 0}


@dataclass(frozen=True, config=ConfigDict(extra="ignore", defer_build=True))
class Cohort:
    """A folder of cases with its manifest.

    Attributes
    ----------
    folder
        Where the manifest lies.
    name
        Name of the cohort.
    cases
        The cases, in the manifest's order.
    structures
        Ids of the structures annotated in the cohort, in channel order.
    provenance
        Where the data comes from and what was assumed on the way, in plain JSON values.
    """

    folder: SkipJsonSchema[Path]
    name: Annotated[str, Wanted("must be text", shown=False)]
    cases: tuple[Annotated[Case, AfterValidator(_read_case)], ...]
    structures: Annotated[
        tuple[str, ...],
        Wanted("must be a list of names", shown=False),
        AfterValidator(_read_structures),
    ] = STRUCTURE_IDS
    provenance: Annotated[Mapping[str, Any], Wanted("must be an object", shown=False)] = field(
        default_factory=dict
    )

    @property
    def with_image(self) -> list[Case]:
        """The cases that have a CT."""
        return [case for case in self.cases if case.image]

    @property
    def with_record(self) -> list[Case]:
        """The cases that have a medical record."""
        return [case for case in self.cases if case.record]

    def path(self, relative: str) -> Path:
        """Return where the file lies that the manifest calls `relative`."""
        return self.folder / relative

    def save(self, folder: Path | None = None) -> None:
        """Write the manifest to `folder`, or to the cohort's own folder, atomically."""
        manifest = {
            VERSION_KEY: VERSION,
            "name": self.name,
            "structures": list(self.structures),
            "provenance": dict(self.provenance),
            "cases": [case.to_json() for case in self.cases],
        }
        write_json((folder or self.folder) / MANIFEST, manifest)

    @classmethod
    def load(cls, folder: Path) -> Cohort:
        """Read the cohort in `folder`.

        Raises
        ------
        DataError
            With all that is wrong at once: no manifest, not JSON, wrong types, unknown keys or
            structures, ids that repeat or cannot name files, paths that leave the cohort's
            folder, files that are missing.
        """
        manifest = Path(folder) / MANIFEST
        if not manifest.is_file():
            raise DataError(_no_manifest(Path(folder)))
        cohort, problems = _read(Path(folder), read_json(manifest))
        raise_all([f"{manifest}: {problem}" for problem in problems])
        assert cohort is not None
        return cohort


def _no_manifest(folder: Path) -> str:
    if not folder.exists():
        return f"{folder}: no such cohort folder."
    advice = "make one with `hich import files`, `hich import hich-it` or `hich synthesize`."
    if folder.is_dir() and not any(folder.iterdir()):
        return f"{folder}: the folder is empty; {advice}"
    return f"{folder}: is not a cohort (no {MANIFEST}); {advice}"


def _read(folder: Path, value: Any) -> tuple[Cohort | None, list[str]]:
    if not isinstance(value, dict) or not isinstance(value.get("cases"), list):
        return None, ['is not a manifest: it needs a list of "cases".']
    name = folder.name if value.get("name") in (None, "") else value.get("name")
    whole = {**value, "folder": folder, "name": name}
    cohort, problems = parse(Cohort, whole, _Called(value["cases"]), {"folder": folder})
    if not value["cases"]:
        problems.append("lists no cases.")
    return cohort, problems + _between(value)


def _between(value: dict[str, Any]) -> list[str]:
    """Say which of the cases, whatever else is wrong with them, don't go together."""
    cases = [c for c in value["cases"] if isinstance(c, dict) and isinstance(c.get("id"), str)]
    structures = value.get("structures", list(STRUCTURE_IDS))
    listed = structures if isinstance(structures, list) else STRUCTURE_IDS
    return repeated_ids(case["id"] for case in cases) + [
        f'case {case["id"]!r}: has a mask of {name!r}, which "structures" doesn\'t list.'
        for case in cases
        if isinstance(case.get("masks"), dict)
        for name in STRUCTURE_IDS
        if name in case["masks"] and name not in listed
    ]


class _Called(Names):
    """How places in a manifest are called: a case by its id, or by its number without one."""

    def __init__(self, cases: list[Any]) -> None:
        self._cases = cases

    def owner(self, place: Place) -> str:
        if len(place) < 2:
            return ""
        case = self._cases[int(place[1])]
        case_id = case.get("id") if isinstance(case, dict) else None
        return f"case {case_id!r}: " if isinstance(case_id, str) else f"case {int(place[1]) + 1}: "

    def field(self, place: Place) -> str:
        if len(place) < 2:
            return f'"{place[0]}"'
        return repr(place[2]) if len(place) > 2 and place[2] != "id" else ""

    def missing(self, place: Place) -> str:
        return f"{_WITH_ID}."
