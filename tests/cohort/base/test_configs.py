"""Configurations are found from anywhere, by their name too."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohort.base.configs import Shelf, find_config


@pytest.mark.parametrize(
    ("name", "shelf", "found"),
    [
        ("ner_short", "text", "configs/text/ner_short.cfg"),
        ("ner_short.cfg", "text", "configs/text/ner_short.cfg"),
        ("configs/text/ner_short", "text", "configs/text/ner_short.cfg"),
        ("report", "report", "configs/report/report.yaml"),
        ("unet", "imaging", "configs/imaging/unet.yaml"),
    ],
)
def test_one_of_the_projects_is_found_by_its_name(
    name: str, shelf: Shelf, found: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_config(Path(name), shelf) == root / found


@pytest.mark.parametrize("name", ["unet", "nowhere.cfg", "configs/text", "/configs/text/ner_short"])
def test_what_is_nowhere_comes_back_as_it_is(name: str) -> None:
    assert find_config(Path(name), "text") == Path(name)
