"""Small tagged records and a pipeline that finds their entities by a list, all made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import spacy

from cohort.schema.case import Case
from cohort.schema.manifest import Cohort
from cohort.schema.split import PARTS, Split
from cohort.tags.scheme import Span, bioes
from cohort.tags.tag_file import write_bioes

RECORDS = {
    "p1": "男，76岁。\n主诉：右侧肢体无力4小时。\nCT报告：左侧基底节区出血，约14毫升。",
    "p2": "女，58岁。\n主诉：头痛2小时。\nCT报告：右侧丘脑出血，约7毫升。",
    "p3": "男，64岁。\n主诉：左侧肢体麻木1天。\nCT报告：右侧基底节区出血，约21毫升。",
    "p4": "女，81岁。\n主诉：意识障碍3小时。\nCT报告：脑干出血，约5毫升。",
}
ENTITIES = {
    "右侧肢体无力": "SYMPTOM",
    "左侧肢体麻木": "SYMPTOM",
    "头痛": "SYMPTOM",
    "意识障碍": "SYMPTOM",
    "左侧基底节区出血": "SITE",
    "右侧基底节区出血": "SITE",
    "右侧丘脑出血": "SITE",
    "脑干出血": "SITE",
}


def tags_of(text: str) -> list[str]:
    """Return the BIOES tags of a record: the words of `ENTITIES`."""
    spans = [
        Span(text.index(word), text.index(word) + len(word), label)
        for word, label in ENTITIES.items()
        if word in text
    ]
    return bioes(spans, len(text))


@pytest.fixture
def make_cohort(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a cohort of `records`, all of them tagged."""

    def make(records: dict[str, str] = RECORDS, more: tuple[Case, ...] = ()) -> Path:
        folder = tmp_path / "cohort"
        (folder / "records").mkdir(parents=True)
        cases = []
        for case_id, text in records.items():
            record, tags = f"records/{case_id}.txt", f"records/{case_id}.bioes"
            (folder / record).write_text(text, encoding="utf-8", newline="")
            write_bioes(folder / tags, text, tags_of(text))
            cases.append(Case(case_id, record=record, tags=tags))
        Cohort(folder, "mine", (*cases, *more)).save()
        return folder

    return make


@pytest.fixture
def cohort(make_cohort: Callable[..., Path]) -> Path:
    """Return the folder of a cohort of four tagged records."""
    return make_cohort()


@pytest.fixture
def make_split(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a split of the cohort `mine`."""

    def make(name: str = "mine", **part_of: str) -> Path:
        assert set(part_of.values()) <= set(PARTS)
        path = tmp_path / "split.json"
        Split(name, "patient", 0, (0.6, 0.1, 0.3), part_of).save(path)
        return path

    return make


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a pipeline that finds `ENTITIES`, with sections and findings."""
    nlp = spacy.blank("zh")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": v, "pattern": k} for k, v in ENTITIES.items()])
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    folder = tmp_path_factory.mktemp("pipeline") / "model-best"
    nlp.to_disk(folder)
    return folder
