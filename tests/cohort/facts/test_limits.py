"""Hounsfield units from which on something counts: each meaning stands once, under one name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from cohort.facts import limits

# Between air and fat nothing but Hounsfield units is meant by these.
FACTS = {-1000, -700, -500, -300, -200}


def modules(root: Path) -> Iterator[tuple[str, ast.Module]]:
    for package in ("cohort", "hich", "imaging", "text"):
        for path in sorted((root / package).rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def constants(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, ast.Assign):
            for name in ast.walk(node.targets[0]):
                if isinstance(name, ast.Name):
                    yield name.id


def number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int | float) else None


def test_no_name_of_hounsfield_units_means_two_things(root: Path) -> None:
    where = defaultdict(list)
    for path, module in modules(root):
        for name in constants(module):
            if name.endswith("_HU") or name in ("HEAD_MM", "SMOOTH_MM"):
                where[name].append(path)
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}
    assert "AIR_HU" in where


def test_nothing_is_compared_with_hounsfield_units_that_stand_nowhere(root: Path) -> None:
    bare = []
    for path, module in modules(root):
        for node in ast.walk(module):
            if isinstance(node, ast.Compare):
                for side in (node.left, *node.comparators):
                    if number(side) in FACTS:
                        bare.append((path, ast.unparse(node)))
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("clip"):
                bare += [(path, ast.unparse(node)) for a in node.args if number(a) in FACTS]
    assert bare == []


@pytest.mark.parametrize(
    "rising",
    [
        ("PURE_AIR_HU", "ALL_AIR_HU", "AIR_HU", "BODY_HU", "FAT_HU", "TISSUE_FROM_HU"),
        ("TISSUE_FROM_HU", "USUAL_BRAIN_HU", "MOST_BRAIN_HU", "THIN_BONE_HU", "BONE_HU"),
        ("CUT_OUT_FROM_HU", "LEAST_CUT_BONE_HU", "BONE_AS_BLOOD_HU"),
        ("CALIBRATED_AIR_HU", "NEAR_AIR_HU"),
    ],
)
def test_from_air_to_bone_the_limits_rise(rising: tuple[str, ...]) -> None:
    values = [getattr(limits, name) for name in rising]
    assert values == sorted(set(values))
