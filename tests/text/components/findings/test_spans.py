"""Findings as spaCy's own tools see them."""

from __future__ import annotations

import spacy


def test_the_evidence_of_findings_stands_among_the_spans() -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    doc = nlp("主诉：突发昏迷3小时。查体：GCS 8分。")
    spans = [(span.label_, span.text) for span in doc.spans["findings"]]
    assert spans == [(f["name"], f["text"]) for f in doc._.findings]
    assert ("gcs", "GCS 8分") in spans


def test_findings_before_sections_are_told_of() -> None:
    alone = spacy.blank("zh")
    alone.add_pipe("hich_findings")
    assert alone.analyze_pipes()["problems"]["hich_findings"] == ["doc.spans"]
    alone.add_pipe("hich_sections", first=True)
    assert alone.analyze_pipes()["problems"]["hich_findings"] == []
