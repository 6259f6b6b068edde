"""The code that a command runs: what is parsed again, and what makes a difference."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohort.base.code import closure
from cohort.base.code.closure import PythonSources

FILES = {
    "cohort/__init__.py": "",
    "cohort/a.py": '"""A."""\nfrom cohort.b import one\n\nRATE = one()  # of all\n',
    "cohort/b.py": "from . import c\n\ndef one():\n    import numpy\n    return c.TWO\n",
    "cohort/c.py": "TWO = 2\n",
    "cohort/d.py": "import nothing\n",
    "cohort/table.json": "{}",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "code" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "code"


def noted(root: Path, kept: Path | None = None) -> tuple[list[str], str]:
    sources = PythonSources(root=root, kept=kept)
    files = sources.code_of(["cohort.a"])
    found = sorted(files), sources.fingerprint(files)
    sources.save()
    return found


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the files' texts are added as they are parsed."""
    texts: list[str] = []
    whole = closure._parse
    monkeypatch.setattr(
        closure, "_parse", lambda text, package: texts.append(text.decode()) or whole(text, package)
    )
    return texts


def test_what_is_imported_by_way_of_others_is_found_with_data_files(root: Path) -> None:
    names = ["cohort/__init__.py", "cohort/a.py", "cohort/b.py", "cohort/c.py"]
    assert noted(root)[0] == [*names, "cohort/table.json"]


def test_only_what_has_changed_is_parsed_again(
    root: Path, tmp_path: Path, parsed: list[str]
) -> None:
    kept = tmp_path / "kept" / "code.json"
    first = noted(root, kept)
    assert len(parsed) == 4
    assert noted(root, kept) == first == noted(root)
    assert len(parsed) == 8  # those of the last, without a cache
    (root / "cohort/c.py").write_text("TWO = 3\n")
    parsed.clear()
    second = noted(root, kept)
    assert parsed == ["TWO = 3\n"]
    assert second == noted(root) != first


def test_comments_make_no_difference_and_imports_do(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "code.json"
    names, before = noted(root, kept)
    (root / "cohort/a.py").write_text("from cohort.b import one\nRATE = one()\n")
    assert noted(root, kept) == (names, before)
    (root / "cohort/c.py").write_text("from cohort import d\nTWO = 2\n")
    more, after = noted(root, kept)
    assert "cohort/d.py" in more and after != before


@pytest.mark.parametrize("text", ["{", "[]", '{"made_by": "another", "files": {"a": 1}}'])
def test_a_cache_that_is_damaged_or_anothers_is_written_anew(
    root: Path, tmp_path: Path, parsed: list[str], text: str
) -> None:
    kept = tmp_path / "code.json"
    kept.write_text(text)
    assert noted(root, kept) == noted(root)
    parsed.clear()
    noted(root, kept)
    assert parsed == []
