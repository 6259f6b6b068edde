"""The published schemas of files."""

from __future__ import annotations

import json
from pathlib import Path

from hich.project.schemas import FOLDER, schemas


def test_what_is_published_is_what_the_code_says(root: Path) -> None:
    published = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (root / FOLDER).glob("*.json")
    }
    assert published == dict(schemas()), "run `python -m hich.project.schemas`"
