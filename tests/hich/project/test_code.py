"""The first step: what would go unseen, or fail hours later, is said at once."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

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


def test_a_language_that_the_report_lacks_is_bad_usage(
    root: Path, tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project.yml").write_bytes((root / "project.yml").read_bytes())
    monkeypatch.chdir(tmp_path)
    result = command(main, "--lang", "fr")
    assert result.exit_code == 2
    assert "--vars.report_lang fr: the report is written in en or zh." in result.stderr
