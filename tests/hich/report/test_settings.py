"""The configuration of a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cohort.base.errors import DataError, UsageError
from hich.report.settings import DEFAULT_CONFIG, CompareSettings, Settings, VolumeSettings
from tests.conftest import ROOT


def test_file_says_the_defaults() -> None:
    assert Settings.load(ROOT / DEFAULT_CONFIG) == Settings()


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
        ("- 1\n", "is no configuration"),
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
