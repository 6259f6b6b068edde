from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from cohort.base.cli import as_meant, print_json, run
from cohort.base.errors import DataError, UsageError


def raiser(error: BaseException) -> Any:
    def main() -> None:
        """Fail."""
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "exit_code", "said"),
    [
        (DataError("a.txt: is empty.", "b.txt: is [red]red."), 1, ["a.txt: is empty.", "[red]red"]),
        (UsageError("--by: what?"), 2, ["--by: what?"]),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            1,
            ["No space left on device; make room there and try again"],
        ),
        (PermissionError(errno.EACCES, "Permission denied", "a.txt"), 1, ["a.txt: Permission"]),
        (KeyboardInterrupt(), 130, ["Interrupted."]),
    ],
)
def test_errors_are_said_and_counted(
    command: Any, error: BaseException, exit_code: int, said: list[str]
) -> None:
    result = command(raiser(error))
    assert result.exit_code == exit_code
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for sentence in said:
        assert sentence in result.stderr


def test_temporary_names_are_not_said(command: Any) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "out/.0123abcd.partial.ct.nii.gz")
    assert "out/ct.nii.gz: No space" in command(raiser(error)).stderr.replace("\\", "/")


def test_windows_says_what_may_hold_a_file(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "out/.0123abcd.partial.cases.csv")
    assert command(raiser(error)).stderr.endswith("cases.csv: Permission denied.\n")
    monkeypatch.setattr("sys.platform", "win32")
    said = command(raiser(error)).stderr
    assert (
        "cases.csv: Permission denied; is it, or a file in it, open in another program?\n" in said
    )


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "cp936", "cp1252", "ascii"])
def test_json_is_readable_in_every_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding, errors="backslashreplace")
    monkeypatch.setattr("sys.stdout", stream)
    value = {"left_out": {"患者\U0001f600": "é"}}
    print_json(value)
    stream.flush()
    assert json.loads(written.getvalue().decode("utf-8")) == value


def test_reader_that_has_had_enough_is_no_error_of_ours(command: Any) -> None:
    result = command(raiser(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    assert result.stderr == ""


def test_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["command"])
    with pytest.raises(ZeroDivisionError):
        run(raiser(ZeroDivisionError()))


def test_arguments_are_parsed_and_help_is_the_docstring(command: Any) -> None:
    seen: list[Any] = []

    def main(
        folder: Annotated[Path, typer.Argument(help="Where.")],
        seed: Annotated[int, typer.Option(help="Which.")] = 0,
    ) -> None:
        """Do the work.

        All of it, in one go,
        and well.
        """
        seen.append((folder, seed))

    assert command(main, "a", "--seed", "3").exit_code == 0
    assert seen == [(Path("a"), 3)]
    assert command(main, "a", "--sed", "3").exit_code == 2
    shown = command(main, "--help").stdout
    assert "Do the work." in shown
    assert "All of it, in one go, and well." in shown


def test_extra_arguments_reach_the_context(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def main(ctx: typer.Context) -> None:
        seen.extend(ctx.args)

    monkeypatch.setattr("sys.argv", ["command", "--train.max_epochs", "5"])
    with pytest.raises(SystemExit):
        run(main, extra_arguments=True)
    assert seen == ["--train.max_epochs", "5"]


@pytest.mark.parametrize(
    ("word", "windows", "meant"),
    [
        ("~/key.json", False, "HOME/key.json"),
        ("--key=~/key.json", False, "--key=HOME/key.json"),  # of which bash leaves the ~
        ("~\\key.json", True, "HOME/key.json"),
        ("~mine", False, "~mine"),
        ("'scans/*.nii.gz'", True, "scans/*.nii.gz"),
        ("'scans/*.nii.gz'", False, "'scans/*.nii.gz'"),
        ('"-1"', True, "-1"),
        ('""', True, ""),
        ('"', True, '"'),
    ],
)
def test_what_a_shell_leaves_in_an_argument_is_taken_out(
    word: str, windows: bool, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "HOME")
    monkeypatch.setenv("USERPROFILE", "HOME")
    if "\\" in word and os.name != "nt":
        word = word.replace("\\", "/")
    assert as_meant(word, windows).replace(os.sep, "/") == meant


def test_a_program_gets_the_home_folder(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/at/home")
    monkeypatch.setenv("USERPROFILE", "/at/home")

    def main(key: Annotated[Path, typer.Option()]) -> None:
        print(key.as_posix())

    assert command(main, "--key=~/key.json").stdout == "/at/home/key.json\n"
