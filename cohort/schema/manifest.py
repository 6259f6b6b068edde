"""The manifest of a cohort, `cohort.json`: which cases there are and where their files lie.

::

    {"name": "mine", "structures": ["hematoma", ...], "provenance": {...},
     "cases": [{"id": "p001", "image": "images/p001.nii.gz",
                "masks": {"hematoma": "masks/p001_hematoma.nii.gz"},
                "record": "records/p001.txt", "tags": "records/p001.bioes"}]}

Paths are relative to the cohort's folder, with forward slashes, and stay inside it.
A case may lack its image, or its record. A structure that a case has no mask for was not
annotated there, which is not the same as an empty mask. Cases of one patient who has several
share a `"patient"`; without it each case is a patient of its own.
"""

from __future__ import annotations

import errno
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from cohort.base.errors import DataError, raise_all
from cohort.base.files import read_json, write_json
from cohort.facts.structures import STRUCTURE_IDS

MANIFEST = "cohort.json"

# Windows takes files of these names for devices, whatever their suffix.
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{d}{n}" for d in ("COM", "LPT") for n in range(1, 10))}


@dataclass(frozen=True)
class Case:
    """One case: a head CT with its masks, a medical record with its tags, or both.

    Attributes
    ----------
    id
        Name of the case, unique in its cohort, and part of the names of files made from it.
    image
        NIfTI head CT in Hounsfield units.
    masks
        Structure id to NIfTI mask, on the image's grid.
    record
        Medical record, UTF-8 text.
    tags
        The record's characters and their BIOES tags (see `cohort.tags.tag_file`).
    patient
        Whose case it is; cases of one patient are never split apart.
    """

    id: str
    image: str | None = None
    masks: Mapping[str, str] = field(default_factory=dict)
    record: str | None = None
    tags: str | None = None
    patient: str | None = None

    @property
    def patient_id(self) -> str:
        """The patient whose case it is: `patient`, or the case's own id."""
        return self.patient or self.id

    def files(self) -> list[str]:
        """Relative paths of all files of the case."""
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
        }
        return {key: value for key, value in entry.items() if value}


@dataclass(frozen=True)
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

    folder: Path
    name: str
    cases: tuple[Case, ...]
    structures: tuple[str, ...] = STRUCTURE_IDS
    provenance: Mapping[str, Any] = field(default_factory=dict)

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
        cohort, problems = _parse(Path(folder), read_json(manifest))
        raise_all([f"{manifest}: {problem}" for problem in problems])
        return cohort


def _no_manifest(folder: Path) -> str:
    if not folder.exists():
        return f"{folder}: no such cohort folder."
    advice = (
        "make one with `python -m cohort.import_files`, `python -m cohort.import_hich_it` "
        "or `python -m cohort.synthesize`."
    )
    if folder.is_dir() and not any(folder.iterdir()):
        return f"{folder}: the folder is empty; {advice}"
    return f"{folder}: is not a cohort (no {MANIFEST}); {advice}"


def _parse(folder: Path, value: Any) -> tuple[Cohort, list[str]]:
    if not isinstance(value, dict) or not isinstance(value.get("cases"), list):
        return Cohort(folder, folder.name, ()), ['is not a manifest: it needs a list of "cases".']
    problems: list[str] = []
    structures = value.get("structures", list(STRUCTURE_IDS))
    if not isinstance(structures, list) or not all(isinstance(s, str) for s in structures):
        problems.append('"structures" must be a list of names.')
        structures = []
    problems += _unknown_structures('"structures"', structures)
    cases = [_parse_case(number, entry, problems) for number, entry in enumerate(value["cases"])]
    found = [case for case in cases if case is not None]
    if not value["cases"]:
        problems.append("lists no cases.")
    problems += repeated_ids(case.id for case in found)
    for case in found:
        problems += _path_problems(folder, case)
        problems += [
            f'case {case.id!r}: has a mask of {structure!r}, which "structures" doesn\'t list.'
            for structure in case.masks
            if structure not in structures
        ]
    name = folder.name if value.get("name") in (None, "") else value["name"]
    if not isinstance(name, str):
        problems.append('"name" must be text.')
    provenance = value.get("provenance", {})
    if not isinstance(provenance, dict):
        problems.append('"provenance" must be an object.')
        provenance = {}
    cohort = Cohort(
        folder=folder,
        name=str(name),
        cases=tuple(found),
        structures=tuple(s for s in STRUCTURE_IDS if s in structures),
        provenance=provenance,
    )
    return cohort, problems


def _parse_case(number: int, entry: Any, problems: list[str]) -> Case | None:
    where = f"case {number + 1}"
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        problems.append(f'{where}: must be an object with an "id" (text).')
        return None
    where = f"case {entry['id']!r}"
    problems += [f"{where}: {problem}" for problem in id_problems(entry["id"])]
    known = ("id", "image", "masks", "record", "tags", "patient")
    problems += [f"{where}: unknown key {key!r}." for key in entry if key not in known]
    text: dict[str, str] = {}
    for key in ("image", "record", "tags", "patient"):
        if isinstance(entry.get(key), str) and entry[key]:
            text[key] = entry[key]
        elif entry.get(key) is not None:
            problems.append(f"{where}: {key!r} must be text, not {entry[key]!r}.")
    masks = entry.get("masks") or {}
    if not isinstance(masks, dict) or not all(isinstance(path, str) for path in masks.values()):
        problems.append(f"{where}: 'masks' must map a structure's name to a path.")
        masks = {}
    problems += _unknown_structures(f"{where}: 'masks'", masks)
    if "image" not in text and "record" not in text:
        problems.append(f"{where}: has neither an image nor a record.")
    if masks and "image" not in text:
        problems.append(f"{where}: has masks but no image.")
    if "tags" in text and "record" not in text:
        problems.append(f"{where}: has tags but no record.")
    known_masks = {s: masks[s] for s in STRUCTURE_IDS if s in masks}
    return Case(id=entry["id"], masks=known_masks, **text)


def id_problems(case_id: str) -> list[str]:
    """Say why `case_id` cannot name files on every system, if it cannot.

    Examples
    --------
    >>> id_problems("病例 12")
    []
    >>> id_problems("../p1")
    ["the id '../p1' cannot name a file; use letters, digits, '_' and '-'."]
    """
    bad = (
        not case_id.strip()
        or case_id != case_id.strip()
        or case_id.startswith(".")
        or case_id.endswith(".")
        or len(case_id.encode(errors="replace")) > 150
        or case_id.partition(".")[0].upper() in _DEVICES
        or any(
            character in '/\\:*?"<>|' or unicodedata.category(character) in ("Cc", "Cs")
            for character in case_id
        )
    )
    if not bad:
        return []
    return [f"the id {case_id!r} cannot name a file; use letters, digits, '_' and '-'."]


def _unknown_structures(where: str, names: Iterable[str]) -> list[str]:
    known = ", ".join(STRUCTURE_IDS)
    return [
        f"{where}: unknown structure {name!r}; the structures are {known}."
        for name in names
        if name not in STRUCTURE_IDS
    ]


def one_file_key(case_id: str) -> str:
    """Return what is equal for ids whose files would be one file on Windows or macOS."""
    return unicodedata.normalize("NFC", case_id).casefold()


def repeated_ids(ids: Iterable[str]) -> list[str]:
    """Say which of the `ids` cannot stand in one cohort, since their files would be one.

    Examples
    --------
    >>> repeated_ids(["p1", "p2", "P1"])
    ["two cases are called 'p1' and 'P1'."]
    """
    seen: dict[str, str] = {}
    problems = []
    for case_id in ids:
        key = one_file_key(case_id)
        if key in seen:
            problems.append(f"two cases are called {seen[key]!r} and {case_id!r}.")
        seen.setdefault(key, case_id)
    return problems


def _path_problems(folder: Path, case: Case) -> list[str]:
    problems = []
    for relative in case.files():
        pure = PurePosixPath(relative)
        leaves = pure.is_absolute() or ".." in pure.parts or "\\" in relative or ":" in relative
        if leaves:
            problems.append(
                f"case {case.id!r}: the path {relative!r} leaves the cohort's folder; "
                "use a relative path with forward slashes inside it."
            )
        elif not _is_file(folder / relative):
            problems.append(f"case {case.id!r}: the file {relative!r} is missing.")
    return problems


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise
