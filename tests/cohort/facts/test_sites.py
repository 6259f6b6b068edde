"""The registries: complete, and what other files say of them in step."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from inspect import getsource
from pathlib import Path
from pkgutil import walk_packages

import pytest

import cohort
from cohort.facts import sites
from cohort.facts.sites import GENERATED_SITES, INFRATENTORIAL, SITES, SITES_BY_ID, complete
from cohort.facts.structures import STRUCTURES


def test_channels_are_the_places_in_the_registry() -> None:
    assert [structure.channel for structure in STRUCTURES] == list(range(len(STRUCTURES)))


def test_sites_below_the_tentorium() -> None:
    assert {"cerebellum", "brainstem"} == INFRATENTORIAL
    assert set(GENERATED_SITES) <= set(SITES_BY_ID) and len(SITES_BY_ID) == len(SITES)


def test_a_table_that_lacks_a_site_is_refused_by_its_name() -> None:
    table = dict.fromkeys(GENERATED_SITES, 0.2)
    assert complete("SHARES", table) == table
    with pytest.raises(ValueError, match="^SHARES says nothing of brainstem: add it"):
        complete("SHARES", {site: 0.2 for site in table if site != "brainstem"})
    with pytest.raises(ValueError, match="^SHARES has knee, which .*sites.py does not have"):
        complete("SHARES", {**table, "knee": 0.2})


@pytest.mark.parametrize(("registry", "added"), [("GENERATED_SITES", "knee"), ("LOBES", "ear")])
def test_a_new_site_fails_at_import_in_each_table_that_needs_it(
    registry: str, added: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = [import_module(m.name) for m in walk_packages(cohort.__path__, "cohort.")]
    known = set(getattr(sites, registry))
    tables = {
        f"{module.__name__}.{name}"
        for module in modules
        for name, table in vars(module).items()
        if isinstance(table, dict) and len(known & set(table)) > 1 and module is not sites
        if re.search(rf"^{name}\b", getsource(module), re.MULTILINE)  # not only imported
    }
    assert tables >= {"cohort.synthetic.bleeds.place.BLEED_PLACES"}  # has sites and lobes
    refused: dict[str, str] = {}

    def note(name: str, table: dict, *keys: Iterable[object]) -> dict:
        try:
            return complete(name, table, *keys)
        except ValueError as error:
            refused[name] = str(error)
        return table

    # Each module is read anew while there is one site more, of which it does not know.
    monkeypatch.setattr(sites, registry, (*getattr(sites, registry), added))
    monkeypatch.setattr(sites, "complete", note)
    for module in {name.rpartition(".")[0] for name in tables}:
        spec = find_spec(module)
        assert spec and spec.loader
        spec.loader.exec_module(module_from_spec(spec))
    assert set(refused) == tables
    for name, said in refused.items():
        assert said.startswith(f"{name} says nothing of {added}: add it")


def test_a_generated_site_that_the_registry_lacks_is_refused_at_import() -> None:
    source = Path(sites.__file__).read_text(encoding="utf-8")
    longer = source.replace('"brainstem"]', '"brainstem", "knee"]')
    with pytest.raises(ValueError, match="facts.sites.SITES says nothing of knee"):
        exec(compile(longer, "sites.py", "exec"), {"__name__": sites.__name__})


def test_the_words_of_the_findings_name_known_sites(root: Path) -> None:
    words = root / "text" / "components" / "findings" / "vocabulary.json"
    named = set(json.loads(words.read_text(encoding="utf-8"))["sites"])
    assert set(GENERATED_SITES) <= named <= {*SITES_BY_ID, "", "other"}
