"""Patterns that are tried only where they can begin find what they find everywhere."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
import yaml

import text.components.findings.rules as rules
from text.components import normal_form
from text.components.findings import line_breaks
from text.components.findings.component import FindingsExtractor
from text.components.findings.hematoma import diameters, volumes
from text.components.normal_form import NormalForm
from text.components.sought import Sought

MODULES = [
    *(
        importlib.import_module(m.name)
        for m in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}.")
    ),
    *(diameters, volumes, normal_form, line_breaks),
]
PATTERNS = {
    f"{module.__name__.rpartition('.')[2]}.{name}{number}": pattern
    for module in MODULES
    for name, value in vars(module).items()
    for number, pattern in enumerate(value if isinstance(value, tuple) else (value,))
    if isinstance(pattern, Sought)
}
FOLDER = Path(__file__).with_name("findings")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Return the sentences of the findings' tests, in their normal form."""
    written = [
        entry["text"]
        for path in sorted(FOLDER.glob("sentences/**/*.yaml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]
    files = sorted(FOLDER.glob("wordings/*.yaml"))
    classes = [c for file in files for c in yaml.safe_load(file.read_text(encoding="utf-8"))]
    written += [text for one in classes for text in one["says"]]
    table = FindingsExtractor({}, "sections")._lexicon.table
    return [NormalForm(text, table).text for text in written]


@pytest.mark.parametrize("name", PATTERNS)
def test_the_same_is_found_as_everywhere(texts: list[str], name: str) -> None:
    sought = PATTERNS[name]
    for text in texts:
        found = [match.span() for match in sought.finditer(text)]
        assert found == [match.span() for match in sought.pattern.finditer(text)], text
        first = sought.pattern.search(text, 3, len(text) - 2)
        quick = sought.search(text, 3, len(text) - 2)
        assert (quick and quick.span()) == (first and first.span()), text
