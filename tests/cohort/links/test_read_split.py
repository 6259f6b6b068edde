"""A split that is read is checked against the cohort that it is used for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.links.read_split import misfits, read_split
from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import Link, Split
from cohort.split import make_split

SHARES = (0.6, 0.1, 0.3)


def a_cohort(name: str = "mine", patients: Iterable[str | None] = (None,) * 4) -> Cohort:
    cases = [Case(f"p{n}", f"p{n}.nii", patient=whose) for n, whose in enumerate(patients)]
    return Cohort(Path("mine"), name, tuple(cases))


def a_split(*parts: str, links: tuple[Link, ...] = ()) -> Split:
    cases = {f"p{number}": part for number, part in enumerate(parts)}
    return Split("mine", "patient", 0, SHARES, cases, links=links)


def test_a_split_fits_the_cohort_that_it_was_made_of() -> None:
    for patients in ((None,) * 12, [f"q{number // 2}" for number in range(12)]):
        cohort = a_cohort(patients=patients)
        assert misfits(make_split(cohort), cohort) == []


def test_another_cohorts_split_is_refused(tmp_path: Path) -> None:
    a_split("train", "val", "test", "test").save(tmp_path / "split.json")
    assert read_split(tmp_path / "split.json", a_cohort()).cases["p1"] == "val"
    message = r"split\.json: splits the cohort 'mine', not 'theirs'; make its own split"
    with pytest.raises(DataError, match=message):
        read_split(tmp_path / "split.json", a_cohort("theirs"))


def test_patients_who_were_named_after_splitting_are_in_one_part_or_refused(
    tmp_path: Path,
) -> None:
    a_split("train", "val", "test", "test").save(tmp_path / "split.json")
    read_split(tmp_path / "split.json", a_cohort(patients=(None, None, "q", "q")))
    message = r"split\.json: the cases p0, p2 belong to one patient.* several parts \(train, test\)"
    with pytest.raises(DataError, match=message):
        read_split(tmp_path / "split.json", a_cohort(patients=("q", None, "q", None)))


def test_the_same_scan_in_two_parts_is_refused() -> None:
    cohort, parts = a_cohort(), ("train", "val", "test", "test")
    same = Link("same scan", ("p1", "p3"))
    assert "p1, p3" in misfits(a_split(*parts, links=(same,)), cohort)[0]
    # What only looks so, or is no longer in the cohort, is not.
    for link in (Link("patient not named", ("p1", "p3")), Link("same scan", ("p1", "gone"))):
        assert misfits(a_split(*parts, links=(link,)), cohort) == []
    # A case that came later is in no part.
    assert misfits(a_split(*parts), a_cohort(patients=(None, None, None, "q", "q"))) == []
