"""A case as the manifest of its cohort has it (`cohort.schema.manifest`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case_files import id_problems, path_problem
from cohort.schema.problems import Number, Wanted, refuse

WITH_ID = 'must be an object with an "id" (text)'


def unknown_structures(names: Any, where: str) -> list[str]:
    """Say which of `names` are not structures'."""
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
    if problems := [*unknown_structures(masks, "'masks'"), *filter(None, paths)]:
        raise refuse(*problems)
    return {name: masks[name] for name in STRUCTURE_IDS if name in masks}


def read_case(case: Case, info: ValidationInfo) -> Case:
    """Refuse what of a case that is read doesn't go together."""
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

    id: Annotated[str, Wanted(WITH_ID, shown=False), AfterValidator(_read_id)]
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
