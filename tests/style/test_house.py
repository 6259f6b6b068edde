"""A folder has few enough entries to be taken in at a glance: docs/explanation/house.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_commands import COMMANDS

MOST = 16
MODULES = {command.replace(".", "/") + ".py" for command in COMMANDS}
PLACES = ("benchmarks", "cohort", "configs", "docs", "hich", "imaging", "text", "tests")
AS_MANY_AS_THERE_ARE = {"docs/schemas"}  # a file for each type of file


def is_command(path: Path) -> bool:
    """Tell whether a module is a command's, or a test of one."""
    place = path.relative_to(ROOT).as_posix().removeprefix("tests/").replace("test_", "")
    return place in MODULES


def entries(folder: Path) -> list[str]:
    """Return what a reader of a folder has to take in: neither commands nor what Python wants."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if not path.name.startswith((".", "__"))
        and path.name != "py.typed"
        and not is_command(path)
    )


@pytest.mark.parametrize("place", PLACES)
def test_no_folder_has_more_entries_than_a_reader_takes_in(place: str) -> None:
    folders = [ROOT / place, *(path for path in (ROOT / place).rglob("*") if path.is_dir())]
    crowded = {
        folder.relative_to(ROOT).as_posix(): entries(folder)
        for folder in folders
        if "__pycache__" not in folder.parts and len(entries(folder)) > MOST
    }
    assert {name: crowded[name] for name in crowded.keys() - AS_MANY_AS_THERE_ARE} == {}
