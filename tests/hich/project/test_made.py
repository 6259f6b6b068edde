"""What a step made in bulk: noted, and forgotten where it is not as made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from cohort.base.files import read_json
from hich.project.made import forget_changed, main, note


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that was made and noted, in a project's folder of its own."""
    monkeypatch.chdir(tmp_path)
    folder = Path("corpus/imaging")
    (folder / "train").mkdir(parents=True)
    for name in ("train/a.png", "datalist.json"):
        (folder / name).write_text(name)
    note(folder)
    return folder


def test_what_is_as_made_stays_noted(corpus: Path) -> None:
    assert list(forget_changed()) == []
    noted = read_json(Path(".fingerprints/made/corpus/imaging.json"))
    assert noted["folder"] == "corpus/imaging"
    assert list(noted["files"]) == ["datalist.json", "train/a.png"]


@pytest.mark.parametrize(
    ("damage", "such_as"),
    [
        (lambda folder: (folder / "train/a.png").write_text("train/a"), "train/a.png"),
        (lambda folder: (folder / "train/a.png").unlink(), "train/a.png"),
        (lambda folder: (folder / "train/b.png").write_text("b"), "train/b.png"),
    ],
)
def test_what_is_not_as_made_is_forgotten(
    corpus: Path, damage: Callable[[Path], None], such_as: str
) -> None:
    damage(corpus)
    (said,) = forget_changed()
    assert said.startswith("corpus/imaging: 1 file not as made (such as ") and such_as in said
    assert not Path(".fingerprints/made/corpus/imaging.json").exists()
    assert list(forget_changed()) == []


def test_of_a_cohort_files_may_be_edited_and_added_but_none_be_missing(
    corpus: Path, command: Any
) -> None:
    assert command(main, "corpus/imaging", "--names", "--for", "corpus/../corpus/imaging")
    (corpus / "train/a.png").write_text("edited")
    (corpus / "train/b.png").write_text("added")
    assert list(forget_changed()) == []
    (corpus / "datalist.json").unlink()
    assert list(forget_changed()) == [
        "corpus/imaging: 1 file missing (such as datalist.json); made again."
    ]
    assert not Path(".fingerprints/made/corpus/imaging.json").exists()


def test_of_a_cohort_that_is_not_used_nothing_is_noted(corpus: Path, command: Any) -> None:
    Path(".fingerprints/made/corpus/imaging.json").unlink()
    assert command(main, "corpus/imaging", "--names", "--for", "assets/mine").exit_code == 0
    assert not Path(".fingerprints/made/corpus/imaging.json").exists()


def test_nothing_made_is_a_step_gone_wrong(corpus: Path) -> None:
    with pytest.raises(DataError, match="holds no files"):
        note(corpus.parent / "none")
