"""A class's name says which class is meant."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.conftest import ROOT

PACKAGES = ("cohort", "hich", "imaging", "text")
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
