"""Configurations of text that are ner_cnn.cfg but for a few values; `python` this file writes them.

`spacy train` takes complete files only; a test holds these in step with the one they come from.
"""

from __future__ import annotations

from pathlib import Path

CONFIGS = Path(__file__).parents[2] / "configs" / "text"
SOURCE = "ner_cnn"
HEADS = {
    "ner_best": """\
# Named entities with six convolutional networks, for three times the work of ner_cnn.cfg, from
# which it differs in nothing else. Whether your records gain by it, measure (benchmarks/README.md);
# on CCKS-2017 it was 0.3 points of F1 on val and none on test. Runs on a CPU, downloads nothing.
""",
    "ner_short": """\
# Two epochs of ner_cnn.cfg: a look at whether everything runs, not a pipeline to use.
""",
}
VALUES = {
    "ner_best": {"members = 2": "members = 6"},
    "ner_short": {"max_epochs = 16": "max_epochs = 2"},
}


def derived(name: str) -> str:
    """Return what the file of that name has to hold."""
    source = (CONFIGS / f"{SOURCE}.cfg").read_text(encoding="utf-8")
    head, rest = source.split("#\n", maxsplit=1)
    assert head.startswith("# Named entities"), head
    rest = rest.replace(f"{SOURCE}.cfg", f"{name}.cfg")
    for before, after in VALUES[name].items():
        assert rest.count(before) == 1, before
        rest = rest.replace(before, after)
    made = f"# Made of {SOURCE}.cfg by tests/text/derived_configs.py; change it there.\n#\n"
    return HEADS[name] + made + rest


if __name__ == "__main__":
    for name in HEADS:
        (CONFIGS / f"{name}.cfg").write_text(derived(name), encoding="utf-8", newline="\n")
