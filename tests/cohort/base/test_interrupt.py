"""Ctrl-C while a command is being imported is a sentence; a user's own program keeps it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cohort.base import interrupt
from cohort.base.cli import run
from hich.shell.table import COMMANDS

INTERRUPTS = "import signal\nsignal.raise_signal(signal.SIGINT)\n"
on_posix = pytest.mark.skipif(os.name == "nt", reason="signals of another kind")


def start(line: list[str], root: Path, shadow: Path) -> tuple[int, str]:
    """Run Python, whose import of typer is interrupted, and return exit code and stderr."""
    (shadow / "typer.py").write_text(INTERRUPTS)
    path = os.pathsep.join([str(shadow), str(root)])
    ran = subprocess.run(
        [sys.executable, *line],
        cwd=shadow,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return ran.returncode, ran.stderr


@on_posix
@pytest.mark.parametrize(
    "line",
    [
        ["-m", "hich.patient", "ct", "--output", "out"],
        ["-mcohort.check", "assets"],
        ["-m", "imaging.predict", "ct"],
        ["-m", "text.annotate", "note.txt"],
        ["-m", "hich", "patient", "ct"],
        ["hich", "check", "assets"],
    ],
    ids=" ".join,
)
def test_ctrl_c_while_it_is_imported_is_a_sentence(
    line: list[str], root: Path, tmp_path: Path
) -> None:
    script = tmp_path / "hich"  # as pip writes it
    script.write_text("from hich.shell.main import run_hich\nrun_hich()\n")
    assert start(line, root, tmp_path) == (130, "✘ Interrupted before anything was done.\n")


@on_posix
def test_other_programs_keep_their_own_ctrl_c(root: Path, tmp_path: Path) -> None:
    code, said = start(["-c", "import hich, cohort.base.cli"], root, tmp_path)
    assert code == -signal.SIGINT and "KeyboardInterrupt" in said


def test_every_command_lies_in_a_package_that_is_looked_for() -> None:
    assert {c.module.partition(".")[0] for c in COMMANDS.values()} <= set(interrupt.PACKAGES)


@on_posix
def test_a_command_that_runs_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = []

    def command() -> None:
        """Wait."""
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            cleaned.append(True)

    earlier = signal.signal(signal.SIGINT, interrupt._end)
    monkeypatch.setattr(sys, "argv", ["command"])
    try:
        with pytest.raises(SystemExit) as ended:
            run(command)
    finally:
        signal.signal(signal.SIGINT, earlier)
    assert ended.value.code == 130 and cleaned
