"""What the changelog and CONTRIBUTING say of modules and files is where they are."""

from __future__ import annotations

import re

import yaml

from tests.conftest import ROOT


def test_moved_modules_are_where_the_changelog_says() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    moves = re.findall(r"^  - `[\w.]+` → `([\w.]+)`: ((?:.|\n    )+)", text, re.MULTILINE)
    assert len(moves) > 25
    missing = []
    for package, listed in moves:
        listed = re.sub(r"\(of [^)]*\)", "", listed)  # of several modules: one package now
        for name, now in re.findall(r"`(\w+)`(?:\s+\(`(\w+)`\))?", listed):
            place = ROOT / package.replace(".", "/") / (now or name)
            if not (place.with_suffix(".py").exists() or (place / "__init__.py").exists()):
                missing.append(f"{package}.{now or name}")
    assert missing == []


def test_files_that_contributing_names_are_there_and_it_says_nothing_twice() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    names = re.findall(r"`((?:\w+/)+[\w.*]*)`", text)
    assert len(names) > 15
    whole = [name for name in names if (ROOT / name.split("/")[0]).is_dir()]
    assert [name for name in whole if not list(ROOT.glob(name.rstrip("/")))] == []
    rules = re.findall(r"^- \*\*.*", text, re.MULTILINE)
    assert len(rules) == len(set(rules))


def test_make_clean_removes_all_that_a_run_writes() -> None:
    (clean,) = re.findall(r"^clean:\n\t(.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    project = yaml.safe_load((ROOT / "project.yml").read_text(encoding="utf-8"))
    made = [out for command in project["commands"] for out in command.get("outputs", ())]
    top = {out.split("/")[0] for out in made} - {"${vars.cohort}"}
    assert top <= set(clean.split())
