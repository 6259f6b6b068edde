"""`hich doctor`: what is wrong is told and ends with 1, and nobody's name or folder is printed."""

from __future__ import annotations

import dataclasses
import getpass
import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from hich.doctor import examine as examining
from hich.doctor import installed, machine, self_test
from hich.doctor.__main__ import main
from hich.doctor.diagnosis import Diagnosis, attempted


@pytest.fixture(scope="module")
def found() -> dict[str, Diagnosis]:
    """Return what the doctor says of this machine."""
    return {one.name: one for one in examining.diagnose()}


def test_both_halves_give_what_they_should(found: dict[str, Diagnosis]) -> None:
    assert found["scan"].ok and found["record"].ok, (found["scan"], found["record"])
    assert found["components"].ok and found["model in the box"].ok
    assert "hich_findings" in found["components"].value
    assert list(found)[:3] == ["program", "model in the box", "Python"]


def test_neither_folders_nor_names_are_told(found: dict[str, Diagnosis]) -> None:
    told = " ".join(f"{one.value} {one.remedy}" for one in found.values())
    for private in (str(Path.home()), str(Path.cwd()), "site-packages", f"/{getpass.getuser()}"):
        assert private not in told


def test_the_generated_patient_has_a_bleed_worth_finding(tmp_path: Path) -> None:
    scan, hematoma, record, story = self_test.generate(tmp_path)
    assert story.volume_ml > 15 and story.side == "left" and story.surgery is None
    assert all(path.is_file() for path in (scan, hematoma, record))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [({"side": "right"}, "scan"), ({"age": 90}, "record"), ({"bedside_ml": 3.0}, "record")],
)
def test_what_is_not_as_it_was_made_is_wrong(
    change: dict[str, Any], wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = self_test.generate

    def other(folder: Path) -> Any:
        *files, story = make(folder)
        return *files, dataclasses.replace(story, **change)

    monkeypatch.setattr(self_test, "generate", other)
    look = {
        "scan": self_test.read_scan_of_known_truth,
        "record": self_test.read_record_of_known_truth,
    }[wrong]
    assert look().ok is False


def test_what_fails_is_told_without_its_folder_and_keeps_nothing_back() -> None:
    def fail() -> Diagnosis:
        raise OSError("/home/ann/env/lib/libtorch.so: cannot open")

    assert attempted("devices", fail) == Diagnosis(
        "devices", "OSError: libtorch.so: cannot open", False
    )

    def refuse() -> Diagnosis:
        raise DataError("/home/ann/pretrained: holds no model.")

    assert attempted("box", refuse).value == "pretrained: holds no model."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no-such-package>=1", "no-such-package is missing"),
        ("numpy>=99", "is not >=99"),
        ("no-such-package; python_version < '3'", None),
        ("no-such-package; extra == 'dicom'", None),
    ],
)
def test_packages_that_are_not_as_asked_for_are_named(
    line: str, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "requires", lambda name: [line, "numpy"])
    result = installed.packages()
    assert result.ok is (said is None)
    assert said is None or (said in result.value and "pip install" in result.remedy)


def test_extras_that_are_not_installed_say_what_they_are_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = ["numpy; extra == 'transformer'", "no-such-package; extra == 'dicom'", "numpy"]
    monkeypatch.setattr(installed, "requires", lambda name: lines)
    monkeypatch.setattr(
        installed,
        "metadata",
        lambda name: type("M", (), {"get_all": lambda *_: ["dicom", "transformer"]}),
    )
    assert installed.extras().value == (
        "dicom not installed (for compressed DICOM), transformer installed, "
        "tensorboard unknown to this installation, follow-up unknown to this installation"
    )


def test_a_program_that_is_not_installed_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(name: str) -> Any:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installed, "requires", lost)
    monkeypatch.setattr(installed, "entry_points", lambda group: [])
    assert installed.packages().ok is False and installed.components().ok is False
    assert "unknown to this installation" in installed.extras().value


def test_memory_is_what_the_machine_and_its_container_leave(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    assert machine.free_memory(meminfo, tmp_path) is None
    meminfo.write_text("MemTotal:  9000 kB\nMemAvailable:  5000 kB\n")
    assert machine.free_memory(meminfo, tmp_path) == 5000 * 1024
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert machine.free_memory(meminfo, tmp_path) == 5000 * 1024
    (tmp_path / "memory.max").write_text("3000000\n")
    assert machine.free_memory(meminfo, tmp_path) == 2_000_000


def test_too_little_memory_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: 10**9)
    assert machine.memory().ok is False and "end other programs" in machine.memory().remedy


GOOD = Diagnosis("Python", "3.12 [x]", None)
BAD = Diagnosis("scan", "Dice 0.1", False, "results of this machine are wrong")


@pytest.mark.parametrize(("found", "code"), [([GOOD], 0), ([GOOD, BAD], 1)])
def test_exit_code_and_output_say_whether_anything_is_wrong(
    found: list[Diagnosis], code: int, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examining, "diagnose", lambda device: found)
    result = command(main)
    assert result.exit_code == code
    assert "Python" in result.stdout and "3.12 [x]" in result.stdout
    assert ("1 thing to mend" in result.stdout) == (code == 1)
    as_json = command(main, "--json")
    assert as_json.exit_code == code
    told = json.loads(as_json.stdout)
    assert told["ok"] is (code == 0)
    assert [one["name"] for one in told["found"]] == [one.name for one in found]
