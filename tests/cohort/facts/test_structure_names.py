"""What other people's names of structures are read as."""

from __future__ import annotations

import pytest

from cohort.facts.structure_names import structure_named


@pytest.mark.parametrize("name", ["脑出血", "脑内血肿", "血肿", "ICH", "Hemorrhage", "HAEMATOMA"])
def test_names_of_the_hematoma(name: str) -> None:
    assert structure_named(name) == "hematoma"


@pytest.mark.parametrize("name", ["颅内血肿", "blood", "Bleed", "bleeding", "SDH", "SAH"])
def test_what_may_be_any_bleed_is_none(name: str) -> None:
    assert structure_named(name) is None
