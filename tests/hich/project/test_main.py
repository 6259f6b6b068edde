"""`python -m hich.project`: what is mistyped is told before hours of work."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from hich.project.__main__ import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["all", "--vars.case", "6"], "--vars.case: no such variable; is cases meant?"),
        (["all", "--vars.max_epochs=1"], "--vars.max_epochs: no such variable"),
        (["check", "--vars.cohort"], "--vars.cohort: has no value; say --vars.cohort VALUE."),
        (["check", "--vars.gpu_id", "--vars.cases", "6"], "--vars.gpu_id: has no value"),
        (["al"], "al: no such workflow or step; is all meant? There are the workflows all,"),
        (["imaging.trian"], "imaging.trian: no such workflow or step; is imaging.train meant?"),
        (["--vars.cases", "6", "al"], "al: no such workflow or step; is all meant?"),
        (["check", "split"], "split: name one workflow or step"),
    ],
)
def test_what_the_project_lacks_is_refused(
    words: list[str], said: str, root: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    result = command(main, *words, extra_arguments=True)
    assert result.exit_code == 2 and said in result.stderr


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("a: [", "project.yml: is not YAML"),
        ("title: another\n", "project.yml: is not this project's"),
        ("- a\n", "project.yml: is not this project's"),
    ],
)
def test_another_project_is_refused(
    written: str, said: str, tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("project.yml").write_text(written, encoding="utf-8")
    result = command(main, "all", extra_arguments=True)
    assert result.exit_code == 1 and said in result.stderr


def test_the_folder_may_be_named_as_spacy_wants_it(
    root: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def run(line: list[str]) -> CompletedProcess[str]:
        called.append(line[1:])
        return CompletedProcess(line, 0)

    monkeypatch.chdir(root)
    monkeypatch.setattr("hich.project.__main__.subprocess.run", run)
    variables = ["--vars.cases", "6"]
    for words in (["check", ".", *variables], ["check", *variables], [*variables, "check"]):
        result = command(main, *words, extra_arguments=True)
        assert result.exit_code == 0, result.stderr
    line = ["-m", "spacy", "project", "run", "check", ".", *variables]
    assert called == [line] * 3


def test_without_a_name_all_is_run(
    root: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def run(line: list[str]) -> CompletedProcess[str]:
        called.append(line[4:])
        return CompletedProcess(line, 0)

    monkeypatch.chdir(root)
    monkeypatch.setattr("hich.project.__main__.subprocess.run", run)
    assert command(main, "--vars.cases=6", "--dry", extra_arguments=True).exit_code == 0
    assert called == [["run", "all", ".", "--dry", "--vars.cases=6"]]
