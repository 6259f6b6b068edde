"""`hich trace`: the chain as people and programs get it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cohort.provenance.note import note_made
from hich.trace.__main__ import main


@pytest.fixture
def scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return scores of a model that was made of a configuration."""
    monkeypatch.chdir(tmp_path)
    for name in ("c.yaml", "training/model", "metrics/test.json"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(name)
    note_made(Path("training"), ["model"], config=[Path("c.yaml")], seeds={"training": 3})
    note_made(Path("metrics"), ["test.json"], of=["training/model", "c.yaml"], device="cpu")
    return Path("metrics/test.json")


def test_all_is_as_it_was(scores: Path, command: Any) -> None:
    result = command(main, scores)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "metrics/test.json" and "; on cpu; version " in lines[2]
    assert "  training/model" in lines and "seed of training 3" in result.stdout
    assert lines[-1] == "✔ Nothing of it has changed since, as far as it can be compared."


def test_the_first_change_is_the_error(scores: Path, command: Any) -> None:
    Path("c.yaml").write_text("other")
    scores.write_text("other")
    result = command(main, scores)
    assert result.exit_code == 1
    assert "Also: metrics/test.json has changed since it was made." in result.stdout
    first = "The first link that has changed: c.yaml has changed since training/model was made of"
    assert first in result.stderr
    told = json.loads(command(main, scores, "--json").stdout)
    assert told["changed"][0] == {"name": "c.yaml", "gone": False, "made_of_it": "training/model"}
    assert told["links"][0]["before"][0]["name"] == "training/model"


def test_what_is_unknown_is_said(scores: Path, command: Any) -> None:
    result = command(main, "c.yaml")
    assert result.exit_code == 1 and "no provenance.json" in result.stderr
