"""The registries: complete, and what other files say of them in step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from cohort.facts.sites import BY_ID, INFRATENTORIAL, SITES, GeneratedSite, complete
from cohort.facts.structures import STRUCTURES


def test_channels_are_the_places_in_the_registry() -> None:
    assert [structure.channel for structure in STRUCTURES] == list(range(len(STRUCTURES)))


def test_sites_below_the_tentorium() -> None:
    assert {"cerebellum", "brainstem"} == INFRATENTORIAL
    assert set(get_args(GeneratedSite)) <= set(BY_ID) and len(BY_ID) == len(SITES)


def test_a_table_that_lacks_a_site_is_refused_where_it_is_defined() -> None:
    table = dict.fromkeys(get_args(GeneratedSite), 0.2)
    assert complete(table) == table
    with pytest.raises(KeyError, match="brainstem"):
        complete({site: 0.2 for site in table if site != "brainstem"})
    with pytest.raises(KeyError, match="knee"):
        complete({**table, "knee": 0.2})


def test_the_words_of_the_findings_name_known_sites(root: Path) -> None:
    words = root / "text" / "components" / "findings" / "vocabulary.json"
    named = set(json.loads(words.read_text(encoding="utf-8"))["sites"])
    assert named <= {*BY_ID, "", "other"}
