"""What people read of the program is English that nobody stumbles over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

ODD = re.compile(
    r"(?<!here )\b(is|are|be) no (?!longer|more|better|such)"  # is not a …
    r"|\b(one|mm|pixels?|slices?|row|line|mask|tag|level) an? "
    r"(case|core|HU|line|mask|patient|pixel|side|slice|structure|voxel|CT window)\b"  # per …
    r"|unless told|\bno number any more|\bmasks? a structure",
    re.IGNORECASE,
)
SAY = ("DataError", "UsageError", "Option", "Argument", "note", "refuse", "raise_all")
PACKAGES = ("cohort", "hich", "imaging", "text")


def told(path: Path) -> Iterator[str]:
    """Yield the texts of a module that a person is told: errors, notes, and help."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in SAY:
            texts = (inner for inner in ast.walk(node) if isinstance(inner, ast.Constant))
            yield " ".join(str(one.value) for one in texts)
        elif isinstance(node, ast.FunctionDef) and node.name == "main":
            yield " ".join((ast.get_docstring(node) or "").split())


def test_messages_and_help_have_no_odd_turn_of_phrase() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()} … {text[:90]}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for text in told(path)
        if (match := ODD.search(text))
    ]
    assert found == []


def test_what_people_read_first_has_none_either() -> None:
    files = [ROOT / "README.md", *sorted((ROOT / "configs").rglob("*.*"))]
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if ODD.search(line)
    ]
    assert found == []
