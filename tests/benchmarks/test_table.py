"""The table of benchmarks/README.md, and what the scripts import of each other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

MAIN = 'if __name__ == "__main__":'
PROGRAMS = {"contenders", "tried"}
"""Folders of programs that scripts run; they are not run by hand."""


def scripts(root: Path) -> set[str]:
    folder = root / "benchmarks"
    return {
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.rglob("*.py")
        if not PROGRAMS.intersection(path.parts) and MAIN in path.read_text(encoding="utf-8")
    }


def test_each_script_stands_in_the_table(root: Path) -> None:
    text = (root / "benchmarks" / "README.md").read_text(encoding="utf-8")
    listed, group = set(), ""
    for first, name in re.findall(r"^\| ([^|]*)\| `(\w+)` \|", text, re.MULTILINE):
        found = re.match(r"`(\w+)`", first)
        group = found[1] + "/" if found else "" if first.strip() else group
        listed.add(group + name)
    assert listed == scripts(root)


def test_what_they_import_of_each_other_exists(root: Path) -> None:
    missing = []
    for path in (root / "benchmarks").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            if node.module.split(".")[0] == "benchmarks":
                place = root / node.module.replace(".", "/")
                if not place.with_suffix(".py").is_file() and not place.is_dir():
                    missing.append(f"{path.name}: {node.module}")
    assert not missing
