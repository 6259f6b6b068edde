"""Ways in which hospitals write what is examined and asked: forms, abbreviations, notations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
import yaml
from spacy.language import Language

from text.components.check_boxes import read_boxes

FILES = sorted(Path(__file__).with_name("wordings").glob("*.yaml"))
CLASSES = [c for file in FILES for c in yaml.safe_load(file.read_text(encoding="utf-8"))]
ROWS = [(c["names"], text, said) for c in CLASSES for text, said in c["says"].items()]


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    return nlp


def in_words(finding: dict[str, Any]) -> str:
    """Return a finding as `wordings/forms.yaml` writes it."""
    value, certainty = finding["value"], finding["certainty"]
    if isinstance(value, list):
        value = "/".join(map(str, value))
    elif isinstance(value, int | float):
        value = f"{value:g}"
    parts = (
        *(finding["name"], (value or "") + (finding.get("modifier") or ""), finding["side"]),
        *(finding.get("limb"), "" if certainty == "affirmed" else certainty),
    )
    return " ".join(filter(None, parts))


@pytest.mark.parametrize(("names", "text", "said"), ROWS, ids=[text for _, text, _ in ROWS])
def test_a_wording_says(nlp: Language, names: list[str], text: str, said: str) -> None:
    found = [in_words(f) for f in nlp(text)._.findings if f["name"] in names]
    assert "; ".join(found) == said


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("男□ 女☑", " 女 "),
        ("□无 ☑有", "  有"),
        ("□头痛 ☑呕吐", "☐头痛  呕吐"),
        ("□ 主诉：头痛", "□ 主诉：头痛"),  # none is ticked: a bullet
    ],
)
def test_boxes_read_as_words(text: str, read: str) -> None:
    boxes = read_boxes(text)
    assert (len(boxes), boxes.replace("\0", "")) == (len(text), read)
