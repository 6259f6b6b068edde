"""The file of a split, `split.json`: which part of the work each case belongs to.

::

    {"cohort": "mine", "by": "patient", "seed": 0, "ratios": [0.6, 0.1, 0.3],
     "cases": {"p001": "train", ...}}

With `"by": "slice"` there is also `"slices"`: for each CT the part of each of its slices. Where
cases belong together (`cohort.links.find`) they stand in `"links"`: `{"kind": "same scan", "cases":
["p001", "p007"]}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo
from pydantic.dataclasses import dataclass

from cohort.base.errors import raise_all
from cohort.base.files import read_json, write_json
from cohort.schema.problems import VERSION, VERSION_KEY, Integer, Number, Wanted, parse, refuse

PARTS = ("train", "val", "test")

Kind = Literal["same scan", "same record", "patient not named"]


def _known(parts: Iterable[str]) -> None:
    if unknown := sorted({part for part in parts if part not in PARTS}):
        raise refuse(f"names the unknown part {unknown[0]!r}; the parts are {', '.join(PARTS)}.")


def _cases(cases: Mapping[str, str]) -> Mapping[str, str]:
    _known(cases.values())
    return cases


def _slices(slices: Mapping[str, list[str]], info: ValidationInfo) -> Mapping[str, list[str]]:
    if slices and info.data.get("by") == "patient":
        raise refuse("has parts of slices, though it is a split by patient.")
    _known(part for parts in slices.values() for part in parts)
    return slices


Share = Annotated[Number, Field(ge=0)]
_Part = Annotated[str, Field(json_schema_extra={"enum": list(PARTS)})]


@dataclass(frozen=True, config=ConfigDict(extra="ignore", defer_build=True))
class Link:
    """Cases that belong together.

    Attributes
    ----------
    kind
        Why: they hold the same scan, or the same record; or their ids look like one patient's.
    cases
        Their ids, in the manifest's order.
    """

    kind: Kind
    cases: tuple[str, ...]


@dataclass(frozen=True, config=ConfigDict(extra="ignore", defer_build=True))
class Split:
    """Which part each case belongs to.

    Attributes
    ----------
    cohort
        Name of the cohort.
    by
        `"patient"`, or `"slice"` for HICH-IT's protocol, where slices of one patient stand on
        both sides and test results are too good.
    seed
        Seed of the shuffle.
    ratios
        Shares of train, val and test.
    cases
        Case id to part. With `by="slice"` it holds for the records only.
    slices
        With `by="slice"`: case id to the part of each axial slice, from inferior to superior.
    links
        Cases that were found to belong together.
    """

    cohort: str
    by: Literal["patient", "slice"]
    seed: Integer
    ratios: Annotated[
        tuple[Share, Share, Share], Wanted("must be three shares, of train, val and test")
    ]
    cases: Annotated[Mapping[str, _Part], AfterValidator(_cases)]
    slices: Annotated[Mapping[str, list[_Part]], AfterValidator(_slices)] = field(
        default_factory=dict
    )
    links: tuple[Link, ...] = ()

    def parts_of_ct(self, case_id: str) -> str | list[str] | None:
        """Return the part of a case's CT, or of each of its slices; None if it is not split.

        With `by="slice"` that of the record says nothing of a CT, such as one that came later.
        """
        return self.slices.get(case_id) if self.by == "slice" else self.cases.get(case_id)

    def ct_in_part(self, case_id: str, part: str) -> bool:
        """Return whether a case's CT, or a slice of it, is of a part."""
        parts = self.parts_of_ct(case_id)
        return part in parts if isinstance(parts, list) else part == parts

    def part_of_slice(self, case_id: str, index: int) -> str | None:
        """Return the part of axial slice `index` (0 is the most inferior) of a case's CT."""
        parts = self.parts_of_ct(case_id)
        return parts[index] if isinstance(parts, list) else parts

    def save(self, path: Path) -> None:
        """Write the split to the JSON file `path`, atomically."""
        value: dict[str, Any] = {
            VERSION_KEY: VERSION,
            "cohort": self.cohort,
            "by": self.by,
            "seed": self.seed,
            "ratios": list(self.ratios),
            "cases": dict(self.cases),
        }
        if self.by == "slice":
            value["slices"] = dict(self.slices)
        if self.links:
            value["links"] = [asdict(link) for link in self.links]
        write_json(path, value)

    @classmethod
    def load(cls, path: Path) -> Split:
        """Read the split in the JSON file `path`.

        Raises
        ------
        DataError
            If it is missing or is not a split, saying all that is wrong with it.
        """
        split, problems = parse(cls, read_json(path))
        if split is None:
            problems.append("is not a split; make one with `hich split`.")
        raise_all([f"{path}: {problem}" for problem in problems])
        assert split is not None
        return split
