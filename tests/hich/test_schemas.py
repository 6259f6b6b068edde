"""The published schemas of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hich.project.schemas import FOLDER, main, schemas


def test_what_is_published_is_what_the_code_says(root: Path) -> None:
    published = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (root / FOLDER).glob("*.json")
    }
    assert published == dict(schemas()), "run `python -m hich.project.schemas`"


def test_help_writes_nothing_and_what_is_written_is_said(
    tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = command(main, "--help")
    assert shown.exit_code == 0 and "Usage" in shown.stdout
    assert not list(tmp_path.iterdir())
    done = command(main, "--folder", "schemas")
    written = list((tmp_path / "schemas").glob("*.json"))
    assert f"{len(written)} schemas in schemas" in done.stdout
