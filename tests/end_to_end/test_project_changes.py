"""What a change of code or of a setting runs again, by the steps' fingerprints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hich.project.code import fingerprints
from tests.end_to_end.project_copies import changed, copy_project

OF_PIPELINES = [
    *("text.debug-data", "text.train", "text.evaluate", "text.errors", "text.annotate"),
    "text.package",
]


def more(text: bytes) -> Callable[[bytes], bytes]:
    return lambda before: before + text


CHANGES = {
    "a comment and a docstring": ("imaging/training/loss.py", more(b'\n# new\n"""New."""\n'), []),
    "code that a step imports": (
        "imaging/train.py", more(b"\nNEW = 1\n"), ["imaging.train"],
    ),
    "code that the configuration names": (
        "imaging/training/batches/augment.py", more(b"\nNEW = 1\n"), ["imaging.train"],
    ),
    "code that spaCy finds registered": (
        "text/components/ner/crf.py", more(b"\nNEW = 1\n"), OF_PIPELINES,
    ),
    "words that a component reads": (
        "text/components/headings.json", more(b"\n"), [*OF_PIPELINES, "hich.report"],
    ),
    "code that training alone uses": (
        "imaging/training/loss.py", more(b"\nNEW = 1\n"), ["imaging.train"],
    ),
    "a training's rehearsal": (
        "imaging/training/rehearsal.py", more(b"\nNEW = 1\n"), ["imaging.train"],
    ),
    "a page's template": (
        "hich/report/pages/templates/case.js", more(b"\n// new\n"), ["hich.report"],
    ),
    "a comment in a configuration": ("configs/text/ner_short.cfg", more(b"\n# new\n"), []),
    "a comment in another": ("configs/imaging/unet_short.yaml", more(b"\n# new\n"), []),
    "a comment in the report's": ("configs/report/report.yaml", more(b"\n# new\n"), []),
    "a value of the report's": (
        "configs/report/report.yaml", more(b"\nlook: {differ: 4}\n"), ["hich.report"],
    ),
    "a learning rate, which exports no slice again": (
        "configs/imaging/unet_short.yaml", more(b"\n  learning_rate: 0.003\n"), ["imaging.train"],
    ),
    "a window, which does": (
        "configs/imaging/unet.yaml",
        lambda before: before.replace(b"brain: [0, 80]", b"brain: [0, 90]"),
        ["imaging.export", "imaging.train"],
    ),
    "an epoch of text": (
        "configs/text/ner_short.cfg",
        lambda before: before.replace(b"max_epochs = 2\n", b"max_epochs = 3\n"),
        ["text.debug-data", "text.train"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project's code and configurations."""
    return copy_project(tmp_path_factory.mktemp("code") / "hich")


def noted(folder: Path) -> dict[str, dict[str, str]]:
    configs = folder / "configs"
    files = configs / "imaging" / "unet_short.yaml", configs / "text" / "ner_short.cfg"
    report = configs / "report" / "report.yaml"
    return dict(fingerprints(folder / "project.yml", *files, root=folder, report_config=report))


@pytest.fixture(scope="module")
def before(copied: Path) -> dict[str, dict[str, str]]:
    return noted(copied)


@pytest.mark.parametrize("what", CHANGES)
def test_what_changes_runs_what_depends_on_it(
    copied: Path, before: dict[str, dict[str, str]], what: str
) -> None:
    name, change, expected = CHANGES[what]
    with changed(copied / name, change):
        after = noted(copied)
    assert [step for step in before if before[step] != after[step]] == expected


def test_nothing_changed_runs_nothing(copied: Path, before: dict[str, dict[str, str]]) -> None:
    # After all the changes above were taken back.
    assert noted(copied) == before
