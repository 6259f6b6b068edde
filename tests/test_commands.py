"""What every command has in common."""

from __future__ import annotations

import subprocess
import sys
from runpy import run_module

import pytest

from tests.conftest import ROOT

COMMANDS = [
    "cohort.synthesize",
    "cohort.import_hich_it",
    "cohort.import_dicom",
    "cohort.import_files",
    "cohort.check",
    "cohort.split",
    "cohort.series",
    "imaging.export",
    "imaging.dry_run",
    "imaging.train",
    "imaging.evaluate",
    "imaging.predict",
    "imaging.box",
    "text.dry_run",
    "text.convert",
    "text.annotate",
    "text.deidentify",
    "text.errors",
    "text.agreement",
    "text.debug_data",
    "text.package",
    "hich",
    "hich.doctor",
    "hich.merge",
    "hich.project",
    "hich.report",
    "hich.patient",
    "hich.read",
    "hich.trace",
    "hich.push",
    "hich.pull",
]
HEAVY = {"torch", "monai", "ignite", "spacy", "scipy", "nibabel", "matplotlib"}
HELP = """
import runpy, sys
sys.argv = ["{command}", "--help"]
try:
    runpy.run_module("{command}", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
print("HEAVY", *({heavy!r} & set(sys.modules)))
"""


def test_list_of_commands_is_complete() -> None:
    files = [
        path for package in ("cohort", "imaging", "text") for path in (ROOT / package).glob("*.py")
    ]
    found = {
        f"{path.parent.name}.{path.stem}"
        for path in files
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    found |= {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for path in (ROOT / "hich").rglob("__main__.py")
    }
    assert found == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_without_loading_heavy_libraries(command: str) -> None:
    code = HELP.format(command=command, heavy=HEAVY)
    line = [sys.executable, "-c", code]
    result = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=ROOT)
    assert result.returncode == 0, result.stderr
    assert "Usage" in result.stdout
    assert result.stdout.splitlines()[-1].split() == ["HEAVY"]


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_option_is_bad_usage(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [command, "--no-such-option", "1"])
    with pytest.raises(SystemExit) as end:
        run_module(command, run_name="__main__")
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_importing_packages_sets_nothing_in_the_environment() -> None:
    code = (
        "import os, pkgutil, importlib; before = dict(os.environ)\n"
        "for package in ('cohort', 'imaging', 'text', 'hich'): importlib.import_module(package)\n"
        "import imaging.train, imaging.predict, text.annotate\n"
        "assert dict(os.environ) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
