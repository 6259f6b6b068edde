"""The grammar that generated records are written with, and every phrase written in it."""

from __future__ import annotations

import numpy as np
import pytest

from cohort.synthetic.record.compose import LABELS
from cohort.synthetic.record.grammar import Choice, Marked, Slot, parse_phrase, write
from cohort.synthetic.record.phrases import PHRASES


def test_grammar_writes_alternatives_slots_and_entities():
    rules = {"side": "右", "weak": ("{SYMPTOM:<side>侧(无力|乏力)}",)}
    text, tags = write("突发<weak>~。", rules, np.random.default_rng(0), " ")
    assert text in ("突发右侧无力 。", "突发右侧乏力 。")
    assert tags == ["O", "O", "B-SYMPTOM", "I-SYMPTOM", "I-SYMPTOM", "E-SYMPTOM", "O", "O"]
    assert write("{SEX:女}", {}, np.random.default_rng(0)) == ("女", ["S-SEX"])


@pytest.mark.parametrize(
    "phrase", ["{SITE:左", "(左|右", "左}", "a|b", "<nothing>", "{SITE:{SITE:左}}", "{SITE:()}"]
)
def test_grammar_refuses_a_broken_phrase(phrase):
    with pytest.raises(ValueError, match="phrase|rule|closed|entity|empty"):
        write(phrase, {}, np.random.default_rng(0))


def test_every_phrase_can_be_read_and_uses_known_labels():
    def labels(nodes) -> set[str]:
        found = set()
        for node in nodes:
            if isinstance(node, Marked):
                found |= {node.label} | labels(node.content)
            elif isinstance(node, Choice):
                found = found.union(*map(labels, node.options))
            else:
                assert isinstance(node, str | Slot)
        return found

    used = set()
    for rule in PHRASES.values():
        for phrase in rule:
            used |= labels(parse_phrase(phrase))
    assert used <= set(LABELS)
