from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

RECORD = "主诉：头痛。CT报告：脑干出血。"
LOAD = """
import json, sys
sys.path[:] = {path!r} + [p for p in sys.path if "site-packages" not in p]
{before}
import spacy
nlp = spacy.load("zh_hich_test")
doc = nlp({record!r})
print(json.dumps({{
    "ents": [e.text for e in doc.ents],
    "sections": [s.label_ for s in doc.spans["sections"]],
    "module": type(nlp.get_pipe("hich_sections")).__module__,
}}))
"""


@pytest.fixture(scope="module")
def wheel(root: Path, pipeline: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the line of project.yml."""
    folder = tmp_path_factory.mktemp("packages")
    line = [sys.executable, "-m", "spacy", "package", str(pipeline), str(folder)]
    line += ["--name", "hich_test", "--version", "0.1.0", "--code", "text/sections.py"]
    line += ["--build", "wheel", "--force"]
    # Without network `python -m build` fails at once, and spaCy falls back to setuptools.
    offline = {**os.environ, "PIP_NO_INDEX": "1"}
    result = subprocess.run(
        line, capture_output=True, text=True, encoding="utf-8", cwd=root, env=offline
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (wheel,) = folder.glob("*/dist/*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel as pip would."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def only_spacy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all that is installed here except this project."""
    folder = tmp_path_factory.mktemp("site-packages-without-hich")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "hich" not in entry.name.lower() and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


def load(*path: Path, before: str = "", cwd: Path) -> dict:
    code = LOAD.format(path=[str(p) for p in path], before=before, record=RECORD)
    line = [sys.executable, "-I", "-S", "-c", code]
    result = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=cwd)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_wheel_asks_for_spacy_only_and_carries_the_component(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith("METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    requires = [line for line in lines if line.startswith("Requires-Dist")]
    assert len(requires) == 1 and requires[0].startswith("Requires-Dist: spacy")
    assert "zh_hich_test/sections.py" in names


def test_the_wheel_loads_where_only_spacy_is_installed(
    installed: Path, only_spacy: Path, tmp_path: Path
) -> None:
    assert load(installed, only_spacy, cwd=tmp_path) == {
        "ents": ["头痛", "脑干出血"],
        "sections": ["chief_complaint", "imaging_report"],
        "module": "zh_hich_test.sections",
    }


@pytest.mark.parametrize(
    ("before", "module"),
    [
        ("import zh_hich_test", "zh_hich_test.sections"),
        ("import spacy; spacy.blank('zh')", "text.sections"),
    ],
)
def test_the_wheel_loads_beside_the_project(
    root: Path, installed: Path, only_spacy: Path, tmp_path: Path, before: str, module: str
) -> None:
    # Both register "hich_sections"; spaCy refuses a second one, so the first stays.
    entry_points = tmp_path / "hich_workflow-0.1.0.dist-info"
    entry_points.mkdir()
    (entry_points / "METADATA").write_text("Metadata-Version: 2.1\nName: hich-workflow\n")
    (entry_points / "entry_points.txt").write_text(
        "[spacy_factories]\nhich_sections = text.sections:make_sections\n"
    )
    found = load(tmp_path, installed, only_spacy, root, before=before, cwd=tmp_path)
    assert found["sections"] == ["chief_complaint", "imaging_report"]
    assert found["module"] == module
