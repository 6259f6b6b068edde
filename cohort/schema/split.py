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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json

PARTS = ("train", "val", "test")

Kind = Literal["same scan", "same record", "patient not named"]


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
    by: str
    seed: int
    ratios: tuple[float, float, float]
    cases: Mapping[str, str]
    slices: Mapping[str, list[str]] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    def part_of_slice(self, case_id: str, index: int) -> str | None:
        """Return the part of axial slice `index` (0 is the most inferior) of a case's CT."""
        if case_id in self.slices:
            return self.slices[case_id][index]
        return self.cases.get(case_id)

    def save(self, path: Path) -> None:
        """Write the split to the JSON file `path`, atomically."""
        value: dict[str, Any] = {
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
            If it is missing or is no split.
        """
        value = read_json(path)
        if not _is_split(value):
            raise DataError(f"{path}: is not a split; make one with `python -m cohort.split`.")
        split = cls(
            cohort=value["cohort"],
            by=value["by"],
            seed=value["seed"],
            ratios=tuple(value["ratios"]),
            cases=value["cases"],
            slices=value.get("slices", {}),
            links=tuple(
                Link(link["kind"], tuple(link["cases"])) for link in value.get("links", ())
            ),
        )
        parts = {*split.cases.values(), *(p for ps in split.slices.values() for p in ps)}
        if unknown := sorted(part for part in parts if part not in PARTS):
            raise DataError(
                f"{path}: names the unknown part {unknown[0]!r}; the parts are {', '.join(PARTS)}."
            )
        return split


def _is_split(value: Any) -> bool:
    """Whether a JSON value has all that a split needs, each of its type."""
    if not isinstance(value, dict):
        return False
    ratios, cases, slices = value.get("ratios"), value.get("cases"), value.get("slices", {})
    links = value.get("links", [])
    return (
        isinstance(value.get("cohort"), str)
        and (value.get("by") == "slice" or (value.get("by") == "patient" and not slices))
        and type(value.get("seed")) is int
        and isinstance(ratios, list)
        and len(ratios) == len(PARTS)
        and all(type(share) in (int, float) and share >= 0 for share in ratios)
        and isinstance(cases, dict)
        and _all_text(cases.values())
        and isinstance(slices, dict)
        and all(isinstance(parts, list) and _all_text(parts) for parts in slices.values())
        and isinstance(links, list)
        and all(map(_is_link, links))
    )


def _is_link(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("kind") in get_args(Kind)
        and isinstance(value.get("cases"), list)
        and _all_text(value["cases"])
    )


def _all_text(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
