"""A split read together with the cohort that it is used for: both halves check the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cohort.base.errors import few, raise_all
from cohort.links.find import together
from cohort.schema.manifest import Cohort
from cohort.schema.split import PARTS, Split


def read_split(file: Path, cohort: Cohort) -> Split:
    """Read the split in the JSON file `file`, of `cohort`.

    Raises
    ------
    DataError
        If it is missing or is not a split, is of another cohort, or puts what belongs together
        into several parts (`misfits`).
    """
    split = Split.load(file)
    raise_all([f"{file}: {problem}" for problem in misfits(split, cohort)])
    return split


def misfits(split: Split, cohort: Cohort) -> list[str]:
    """Return why `split` can't be used for `cohort`, as rests of sentences that name its file.

    Ids such as p001 are everybody's, so that the name tells whether it is this cohort's. Cases of
    one patient, and those that the split itself says hold the same scan or record, must stand in
    one part: they don't if patients were named after the split was made, or it was edited.
    """
    if split.cohort != cohort.name:
        return [
            f"splits the cohort {split.cohort!r}, not {cohort.name!r}; "
            "make its own split with `hich split`."
        ]
    known = {case.id for case in cohort.cases}
    links = [link for link in split.links if known.issuperset(link.cases)]
    groups: dict[str, list[str]] = {}
    for case, group in together(cohort, links).items():
        groups.setdefault(group, []).append(case)
    return [
        f"the cases {few(cases)} belong to one patient, or hold the same scan or record, and stand "
        f"in several parts ({', '.join(parts)}); make the split again with `python -m "
        "cohort.split`."
        for cases in groups.values()
        if len(parts := _parts(cases, split.cases)) > 1
    ]


def _parts(cases: list[str], part_of: Mapping[str, str]) -> list[str]:
    found = {part_of[case] for case in cases if case in part_of}
    return [part for part in PARTS if part in found]
