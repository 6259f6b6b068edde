"""What is noted of how a pipeline was trained."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy
from confection import Config

from cohort.provenance.read import load_provenance
from text.training.log import MODEL, _note


@pytest.mark.parametrize(("seed", "noted"), [("0", {"training": 0}), ("null", {})])
def test_a_seed_is_noted_where_there_is_one(
    seed: str, noted: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """spaCy draws anew each time where the seed is null, which 0 would not say."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / MODEL).mkdir()
    (tmp_path / MODEL / "meta.json").write_text("{}")
    nlp = spacy.blank("zh")
    nlp.config = Config().from_str(f"[paths]\ntrain = null\n[training]\nseed = {seed}\n")
    _note(nlp, tmp_path / "history.jsonl", tmp_path / "learning_curve.png")
    found = load_provenance(tmp_path)
    assert found and found.runs[0].seeds == noted
