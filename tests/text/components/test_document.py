"""The text of a document: as spaCy has it, and kept for as long as somebody has the document."""

from __future__ import annotations

import gc

import spacy

from text.components import document


def test_no_text_is_kept_of_a_document_that_nobody_has() -> None:
    doc = spacy.blank("zh").make_doc("患者男，62岁。BP 150/90 mmHg")
    kept = len(document._texts)
    assert document.text_of(doc) is document.text_of(doc)
    assert document.text_of(doc) == doc.text
    assert len(document._texts) == kept + 1
    del doc
    gc.collect()
    assert len(document._texts) == kept
