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

from pydantic import AfterValidator, ConfigDict, ValidationInfo
from pydantic.dataclasses import dataclass
from pydantic.json_schema import SkipJsonSchema

from cohort.base.errors import DataError, raise_all
from cohort.base.files import read_json, write_json
from cohort.facts.structures import STRUCTURE_IDS
from cohort.schema.case import WITH_ID, Case, read_case, unknown_structures
from cohort.schema.case_files import repeated_ids
from cohort.schema.problems import VERSION, VERSION_KEY, Names, Place, Wanted, parse, refuse

MANIFEST = "cohort.json"


def _read_structures(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if info.context is None:
        return names
    if problems := unknown_structures(names, '"structures"'):
        raise refuse(*problems)
    return tuple(name for name in STRUCTURE_IDS if name in names)


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
    cases: tuple[Annotated[Case, AfterValidator(read_case)], ...]
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
        return f"{WITH_ID}."
