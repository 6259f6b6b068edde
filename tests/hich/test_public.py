"""What is public for Python: named in the docs, imported when it is asked for, working as shown."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import hich
from cohort.synthesize import synthesize
from tests.conftest import ROOT

DOCS = (ROOT / "docs/python.md").read_text(encoding="utf-8")


def test_public_names_are_those_of_the_docs_and_of_the_stub() -> None:
    table = re.findall(r"^\| (`.*?`) \|", DOCS, re.MULTILINE)
    documented = {name for row in table for name in re.findall(r"`(\w+)`", row)}
    assert documented == set(hich.__all__)
    assert set(hich.__all__) <= set(dir(hich))
    stub = ast.parse((ROOT / "hich/__init__.pyi").read_text(encoding="utf-8"))
    imported = {
        (node.module, name.name)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert imported == {(module, name) for name, module in hich._FROM.items()}
    for name in hich.__all__:
        assert getattr(hich, name) is not None
    assert hich.__version__ == version("hich-workflow")
    with pytest.raises(AttributeError, match="has no attribute 'Segmentor'"):
        _ = hich.Segmentor  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import hich; hich.__version__; dir(hich)", ["numpy", "typer", "torch", "monai", "spacy"]),
        ("from hich import Reader; Reader.load()('男，62岁')", ["monai"]),
        ("from hich import Segmenter", ["spacy", "text.reader"]),
    ],
)
def test_nothing_is_imported_that_is_not_used(code: str, absent: list[str]) -> None:
    line = f"{code}\nimport sys; print('LOADED', *(set({absent!r}) & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", line], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert result.stdout.splitlines()[-1] == "LOADED"


def test_packages_say_that_they_are_typed() -> None:
    for package in ("cohort", "hich", "imaging", "text"):
        assert (ROOT / package / "py.typed").is_file()


def test_examples_of_the_docs_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    synthesize(tmp_path / "made", 1, seed=2, size=128, slices=16)
    (tmp_path / "made/images/synth-0001.nii.gz").rename(tmp_path / "ct.nii.gz")
    (tmp_path / "notes.txt").write_text("no scan", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    names: dict[str, Any] = {}
    blocks = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    assert len(blocks) == 5
    for block in blocks:
        exec(
            block.replace('"ct.nii.gz"', '"../ct.nii.gz"').replace("notes.txt", "../notes.txt"),
            names,
        )
    written = sorted(path.name for path in (tmp_path / "elsewhere/out").iterdir())
    assert {"ct.json", "ct.png", "ct_hematoma.nii.gz", "measurements.csv"} <= set(written)
    first, *others = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"ct \d+\.\d+", first) and others[0].startswith(
        "../notes.txt: is not a NIfTI"
    )
    found = {finding.name: finding.value for finding in names["record"].findings}
    assert found["age"] == 62 and found["hematoma_volume"] == 35
    assert [section.label for section in names["record"].sections][:2] == [
        "chief_complaint",
        "present_illness",
    ]
    assert set(names["record"].cannot_be_told) == {"entities"}
    assert names["picture"].mode == "RGB"
