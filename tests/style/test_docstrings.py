"""What docstrings name is there: a module that has moved is still looked for where it was."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("benchmarks", "cohort", "hich", "imaging", "text")
NAME = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`")

OTHER = re.compile(r"[.](v\d+|json|csv|yml|yaml|npz)$")
"""Names of files, and those under which spaCy knows a class."""


def names(path: Path) -> Iterator[str]:
    """Yield the dotted names of this project that the docstrings of a module hold."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from (
                name for name in NAME.findall(str(node.value.value)) if not OTHER.search(name)
            )


def is_there(name: str) -> bool:
    """Whether a name is a module's or a package's, or that of something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:length])
        if length == len(parts) and place.is_dir():
            return True
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                return defines(parsed(file), parts[length:])
    return False


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def defines(within: ast.Module | ast.ClassDef, parts: list[str]) -> bool:
    """Whether a module or a class has `parts[0]`, and that the next one, and so on."""
    if not parts:
        return True
    for node in within.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == parts[0]:
            return len(parts) == 1 or (isinstance(node, ast.ClassDef) and defines(node, parts[1:]))
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        imported = node.names if isinstance(node, ast.ImportFrom) else ()
        if any(isinstance(of, ast.Name) and of.id == parts[0] for of in targets) or any(
            (of.asname or of.name) == parts[0] for of in imported
        ):
            return True
    return False


def test_the_names_that_docstrings_hold_are_there() -> None:
    missing = [
        f"{path.relative_to(ROOT)}: {name}"
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for name in names(path)
        if not is_there(name)
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("cohort.base.errors", True),
        ("cohort.base.errors.DataError", True),
        ("cohort.space.grid.Grid.volume_ml", True),
        ("hich.report.model", True),
        ("cohort.space.placed", False),
        ("hich.report.model.Measurements", False),
    ],
)
def test_a_name_is_looked_for_to_its_end(name: str, there: bool) -> None:
    assert is_there(name) == there
