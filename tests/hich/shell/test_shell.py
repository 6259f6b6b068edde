"""`hich`: names lead to the modules that they stand for, and help is theirs."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from runpy import run_module

import pytest

from cohort.base import cli
from hich.shell.main import help_text, run_hich
from hich.shell.table import COMMANDS, GROUPS, NamedCommand, find_command
from tests.conftest import ROOT
from tests.test_commands import COMMANDS as MODULES
from tests.test_commands import HEAVY

WIDTH = "200"  # columns of a terminal in which no usage is folded


def hich(*words: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run `hich` here, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["hich", *words])
    monkeypatch.setenv("COLUMNS", WIDTH)
    with pytest.raises(SystemExit) as end:
        run_hich()
    return int(end.value.code or 0)


@pytest.fixture(autouse=True)
def _own_name() -> None:
    """Let each test begin with a program that nobody has named."""
    cli._called.set(None)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_help_of_a_name_is_that_of_its_module(
    command: NamedCommand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.module in MODULES and command.line.endswith(".")
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert hich(*command.name.split(), "--help", monkeypatch=monkeypatch) == 0
    named = capsys.readouterr().out
    cli._called.set(None)
    monkeypatch.setattr(sys, "argv", [command.module, "--help"])
    with pytest.raises(SystemExit):
        run_module(command.module, run_name="__main__", alter_sys=True)
    of_module = capsys.readouterr().out
    assert f"Usage: hich {command.name} " in named
    usage, *rest = [line.split() for line in of_module.splitlines() if line.strip()]
    usage_named, *rest_named = [line.split() for line in named.splitlines() if line.strip()]
    assert rest_named == rest and len(rest) > 5
    # What is called differs, and how: `hich check` for `python -m cohort.check`.
    arguments = usage[usage.index(command.module) + 1 :]
    assert usage_named == ["Usage:", "hich", *command.name.split(), *arguments]


def test_help_lists_every_name_once_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['hich', '--help']\n"
        "from hich.shell.main import run_hich\n"
        "try: run_hich()\nexcept SystemExit as end: assert not end.code\n"
        f"heavy = {HEAVY | {'typer', 'rich', 'numpy', 'pydantic', 'yaml'}!r}\n"
        "print('HEAVY', *(heavy & set(sys.modules)))"
    )
    line = [sys.executable, "-c", code]
    result = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.splitlines()[-1] == "HEAVY"
    for heading in GROUPS:
        assert result.stdout.count(f"{heading}:\n") == 1
    for command in COMMANDS.values():
        assert result.stdout.count(f"  {command.name} ") == 1
        assert result.stdout.count(command.line) == 1
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "✘ chek: no such command; did you mean `hich check`?"),
        (["import", "dicm"], "✘ import dicm: no such command; did you mean `hich import dicom`?"),
        (["import-files"], "✘ import-files: no such command; did you mean `hich import files`?"),
        (["cohort.series"], "✘ cohort.series: no such command; did you mean `hich series`?"),
        (["zzz"], "✘ zzz: no such command. `hich --help` lists all."),
        (["--hlp"], "✘ --hlp: no such option. `hich --help` lists all."),
    ],
)
def test_what_is_unknown_is_bad_usage(
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert hich(*words, monkeypatch=monkeypatch) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith(said) and streams.out == ""


def test_without_a_command_the_help_is_bad_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hich(monkeypatch=monkeypatch) == 2
    assert capsys.readouterr().out.strip() == help_text()
    assert hich("import", monkeypatch=monkeypatch) == 2
    listed = capsys.readouterr().out
    assert [name in listed for name in ("import files", "import dicom", "check")] == [1, 1, 0]


def test_a_command_gets_its_arguments_and_ends_with_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert hich("check", str(tmp_path / "no-cohort"), monkeypatch=monkeypatch) == 1
    assert "no-cohort" in capsys.readouterr().err
    assert hich("split", "--nope", monkeypatch=monkeypatch) == 2
    assert "hich split --help" in capsys.readouterr().err


def test_versions_are_those_that_are_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["hich", "--version"])
    run_hich()
    lines = capsys.readouterr().out.splitlines()
    assert f"torch {version('torch')}" in lines and f"spaCy {version('spacy')}" in lines
    assert f"MONAI {version('monai')}" in lines
    assert lines[-1].startswith("Model in the box: generated-heads ")


def test_a_reader_that_has_had_enough_of_the_help_ends_it_quietly() -> None:
    line = [sys.executable, "-m", "hich", "--help"]
    reads, writes = os.pipe()
    os.close(reads)
    result = subprocess.run(line, stdout=writes, stderr=subprocess.PIPE, cwd=ROOT)
    os.close(writes)
    assert (result.returncode, result.stderr) == (1, b"")


def completions(line: str) -> list[str]:
    """Return what bash is told to complete the end of a line with."""
    words = line.split(" ")
    asked = {"_HICH_COMPLETE": "complete_bash", "COMP_CWORD": str(len(words) - 1)}
    result = subprocess.run(
        [sys.executable, "-m", "hich"],
        env={**os.environ, **asked, "COMP_WORDS": line},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert result.stderr == ""
    return result.stdout.split()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("hich s", ["series", "split", "synthesize"]),
        ("hich import d", ["dicom"]),
        ("hich predict --fo", ["--force", "--format"]),
        ("hich report assets/sy", []),  # nothing is said, so that the shell completes files
    ],
)
def test_the_shell_completes_names_options_and_leaves_files_alone(
    line: str, found: list[str]
) -> None:
    assert completions(line) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_of_shells_ask_hich(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_HICH_COMPLETE", f"source_{shell}")
    assert hich(monkeypatch=monkeypatch) == 0
    script = capsys.readouterr().out
    assert f"_HICH_COMPLETE=complete_{shell}" in script and "hich" in script


def test_every_module_of_the_table_has_a_main() -> None:
    for command in COMMANDS.values():
        module = importlib.import_module(command.module)
        if hasattr(module, "__path__"):
            module = importlib.import_module(f"{command.module}.__main__")
        assert callable(module.main)
        assert find_command([*command.name.split(), "x"]) == (command, ["x"])
