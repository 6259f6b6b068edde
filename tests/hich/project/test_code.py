"""The first step: what would go unseen, or fail hours later, is said at once."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import yaml

from cohort.base.errors import DataError
from hich.project.code import fingerprints, main


def test_names_of_an_earlier_installation_are_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = EntryPoint("hich_ner", "text.ner:make_recognizer", "spacy_factories")
    monkeypatch.setattr("hich.project.code.entry_points", lambda group: [stale])
    configs = root / "configs/imaging/unet.yaml", root / "configs/text/ner_cnn.cfg"
    with pytest.raises(DataError, match=r"^text\.ner: .* install it again: pip install -e \."):
        list(fingerprints(root / "project.yml", *configs))


STEPS = ("imaging.export", "imaging.train")


@pytest.mark.parametrize(
    "loss",
    [
        "$mymod.MyLoss()",
        "$__import__('mymod').MyLoss()",
        "$importlib.import_module('mymod').MyLoss(@train::x)",
        {"_target_": "mymod.MyLoss"},
    ],
)
def test_modules_that_expressions_import_are_code_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    imports = ["$import mymod"] if str(loss).startswith("$mymod") else []
    config = {"extends": "unet.yaml", "imports": imports, "loss": loss}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    steps = [{"name": name, "script": [f"python -m {name}"]} for name in STEPS]
    (tmp_path / "project.yml").write_text(yaml.safe_dump({"commands": steps}), encoding="utf-8")
    hashes = []
    for text in ("X = 1", "X = 2"):
        (tmp_path / "mymod.py").write_text(text)
        files = Path("mine.yaml"), Path("configs/text/ner_cnn.cfg")
        hashes.append(dict(fingerprints(Path("project.yml"), *files)))
    assert [name for name in STEPS if hashes[0][name] != hashes[1][name]] == ["imaging.train"]


def test_a_language_that_the_report_lacks_is_bad_usage(
    root: Path, tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project.yml").write_bytes((root / "project.yml").read_bytes())
    monkeypatch.chdir(tmp_path)
    result = command(main, "--lang", "fr")
    assert result.exit_code == 2
    assert "--vars.report_lang fr: the report is written in en or zh." in result.stderr


def test_a_configuration_of_text_has_no_space_in_its_name(
    root: Path, tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my own.cfg").write_bytes((root / "configs/text/ner_cnn.cfg").read_bytes())
    (tmp_path / "project.yml").write_bytes((root / "project.yml").read_bytes())
    monkeypatch.chdir(tmp_path)
    imaging = root / "configs/imaging/unet.yaml"
    result = command(main, "--text-config", "my own.cfg", "--imaging-config", imaging)
    assert result.exit_code == 2 and "my own: has a space" in result.stderr
