from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import spacy
from spacy.training import Example

from text.package import main

RECORD = "主诉：头痛。CT报告：脑干出血，约5ml。"
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
    "findings": [[f["name"], f["value"], f["section"]] for f in doc._.findings],
    "modules": [type(nlp.get_pipe(name)).__module__ for name in nlp.pipe_names],
}}))
"""

MODULES = ("ner.component", "sections", "findings.component")
FOUND = {
    "ents": ["头痛", "脑干出血"],
    "sections": ["chief_complaint", "imaging_report"],
    "findings": [
        ["chief_symptom", "headache", "chief_complaint"],
        ["hematoma_site", "brainstem", "imaging_report"],
        ["hematoma", None, "imaging_report"],
        ["hematoma_count", 1, "imaging_report"],
        ["hematoma_volume", 5, "imaging_report"],
    ],
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a pipeline that has learned `RECORD`, with all that a config names."""
    nlp = spacy.blank("zh")
    for name in ("hich_ner", "hich_sections", "hich_findings"):
        nlp.add_pipe(name)
    entities = {"entities": [(3, 5, "SYMPTOM"), (11, 15, "SITE")]}
    examples = [Example.from_dict(nlp.make_doc(RECORD), entities)]
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(20):
        nlp.update(examples, sgd=optimizer)
    folder = tmp_path_factory.mktemp("trained") / "model-best"
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, as project.yml does."""
    folder = tmp_path_factory.mktemp("packages")
    main(trained, folder, name="hich_test")
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
    """Return a folder with what is installed here except this project and what it needs more."""
    folder = tmp_path_factory.mktemp("site-packages-without-hich")
    others = ("hich", "monai", "torch", "transformers")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not any(name in entry.name.lower() for name in others) and entry.suffix != ".pth":
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
    assert {f"zh_hich_test/components/{name.replace('.', '/')}.py" for name in MODULES} <= set(
        names
    )


def test_the_wheel_loads_where_only_spacy_is_installed(
    installed: Path, only_spacy: Path, tmp_path: Path
) -> None:
    found = load(installed, only_spacy, cwd=tmp_path)
    assert found.pop("modules") == [f"zh_hich_test.components.{name}" for name in MODULES]
    assert found == FOUND


@pytest.mark.parametrize(
    ("before", "package"),
    [("import zh_hich_test", "zh_hich_test"), ("import spacy; spacy.blank('zh')", "text")],
)
def test_the_wheel_loads_beside_the_project(
    root: Path, installed: Path, only_spacy: Path, tmp_path: Path, before: str, package: str
) -> None:
    # Both register the components; spaCy refuses a second one, so the first stays.
    entry_points = tmp_path / "hich_workflow-0.1.0.dist-info"
    entry_points.mkdir()
    (entry_points / "METADATA").write_text("Metadata-Version: 2.1\nName: hich-workflow\n")
    (entry_points / "entry_points.txt").write_text(
        "[spacy_factories]\n"
        "hich_findings = text.components.findings.component:make_findings\n"
        "hich_ner = text.components.ner.component:make_recognizer\n"
        "hich_sections = text.components.sections:make_sections\n"
    )
    found = load(tmp_path, installed, only_spacy, root, before=before, cwd=tmp_path)
    assert found.pop("modules") == [f"{package}.components.{name}" for name in MODULES]
    assert found == FOUND


def test_the_components_import_nothing_that_the_wheel_lacks(root: Path) -> None:
    allowed = {"__future__", "numpy", "spacy", "thinc", *sys.stdlib_module_names}
    for path in (root / "text" / "components").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                assert (node.module or "").split(".")[0] in allowed, path
            elif isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= allowed, path
