"""A name says which class, which function is meant."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.conftest import ROOT

PACKAGES = ("cohort", "hich", "imaging", "text")
# `try_out` is the same step of both halves; `parse` reads a checked model or a DICOM file, and
# `files_of` names the files of a volume or of a scan's results, each within its own packages.
SAME_FUNCTION = {"try_out", "parse", "files_of"}
# Each format of annotated records has a writer, which is named by its module.
SAME_PART = {"Writer"}


def test_no_two_public_classes_have_one_name() -> None:
    places = defaultdict(list)
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(ROOT).as_posix())
    twice = {name: sorted(paths) for name, paths in places.items() if len(paths) > 1}
    assert {name: twice[name] for name in twice.keys() - SAME_PART} == {}


def test_no_two_functions_are_imported_by_one_name() -> None:
    """Whoever reads `from … import choose` shall not have to ask which one."""
    defined, imported = defaultdict(set), defaultdict(set)
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                defined[node.name].add(module)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                for name in node.names:
                    imported[name.name].add(node.module)
    twice = {name: sorted(defined[name] & imported[name]) for name in defined}
    assert {n: of for n, of in twice.items() if len(of) > 1 and n not in SAME_FUNCTION} == {}
