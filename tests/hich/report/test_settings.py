"""The configuration of a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from hich.report.build import main
from hich.report.settings import (
    DEFAULT_CONFIG,
    CompareSettings,
    LookSettings,
    Settings,
    VolumeSettings,
)
from imaging.model.config import read_config
from tests.conftest import ROOT


def test_what_is_shown_can_be_a_configuration(command: Any, tmp_path: Path) -> None:
    result = command(main, "--show-settings")
    assert result.exit_code == 0
    assert "# From this volume on, in mL.\n    present_ml: 0.1\n" in result.stdout
    (tmp_path / "mine.yaml").write_text(result.stdout, encoding="utf-8")
    assert Settings.load(tmp_path / "mine.yaml") == Settings()


def test_project_says_no_default_again() -> None:
    assert read_config(ROOT / DEFAULT_CONFIG, defaults={}) == {}


def test_heading_of_comments_only_leaves_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("look:\n  # low_dice: 0.5\n", encoding="utf-8")
    settings = Settings.load(tmp_path / "mine.yaml", {"look.low_dice": 0.6})
    assert settings == replace(Settings(), look=LookSettings(low_dice=0.6))


def test_values_are_set_by_their_dotted_names() -> None:
    settings = Settings.load(
        ROOT / DEFAULT_CONFIG,
        {"compare.volume.within_ml": 10, "compare.sections": ["diagnosis"]},
    )
    compare = CompareSettings(volume=VolumeSettings(within_ml=10), sections=("diagnosis",))
    assert settings == replace(Settings(), compare=compare)


def test_file_may_say_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("look:\n  low_dice: 0.5\n")
    settings = Settings.load(path)
    assert settings.look.low_dice == 0.5
    assert settings.compare == CompareSettings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("compare:\n  volumes: {}\n", "unknown value 'compare.volumes'"),
        ("looks: {}\n", "unknown value 'looks'; here are known: compare, look"),
        ("compare: 5\n", "'compare' must be a section"),
        (
            "compare:\n  volume:\n    within_ml: true\n",
            "'compare.volume.within_ml' must be a number",
        ),
        ("compare:\n  volume:\n    within_ml: .nan\n", "must be a number from 0 on"),
        ("compare:\n  sections: [1]\n", "'compare.sections' must be a list of names"),
        ("- 1\n", "is not a configuration"),
        ("a: [\n", "is not valid YAML"),
    ],
)
def test_file_that_cannot_be_meant_so(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=words.replace("[", r"\[")):
        Settings.load(path)


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("looks: {}\nlook:\n  differ: many\n")
    with pytest.raises(DataError) as error:
        Settings.load(path)
    assert len(error.value.problems) == 2


def test_override_of_nothing_is_bad_usage() -> None:
    with pytest.raises(UsageError, match="did you mean --look.low_dice"):
        Settings.load(ROOT / DEFAULT_CONFIG, {"look.low_dise": 1})
