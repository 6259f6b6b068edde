"""ICD-10 codes of bleeds, by site; none of what is denied, another's, or came by an injury."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from cohort.base.files import open_table
from cohort.facts.icd10 import TITLES, code_of_site
from cohort.facts.sites import SITES
from text.annotate import main
from text.pages.diagnosis_codes import code_columns, diagnosis_codes


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    return nlp


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("诊断：左侧基底节区脑出血。", "I61.0"),
        ("左侧丘脑出血破入脑室。", "I61.0"),
        ("右侧额叶出血。", "I61.1"),
        ("左侧皮层下出血。", "I61.2"),
        ("右侧大脑半球出血。", "I61.2"),
        ("脑桥出血。", "I61.3"),
        ("右侧小脑半球出血。", "I61.4"),
        ("脑室出血。", "I61.5"),
        ("原发性脑室出血，脑实质未见出血。", "I61.5"),
        ("血肿破入脑室，脑室内积血。", None),
        ("蛛网膜下腔出血，脑室内积血。", None),
        ("多发脑出血。", "I61.6"),
        ("双侧丘脑出血。", "I61.6"),
        ("左侧基底节区出血，右侧小脑出血。", "I61.6"),
        ("左侧基底节区及丘脑出血。", "I61.0"),
        ("左侧丘脑出血向下延伸至中脑。", "I61.0"),
        ("高血压性脑出血。", "I61.9"),
        ("现病史：头颅CT示右侧基底节区出血。\n诊断：1.脑出血 2.高血压。", "I61.0"),
        ("未见脑出血。", None),
        ("否认脑出血病史。", None),
        ("父亲脑出血去世。", None),
        ("鉴别诊断：脑出血。", None),
        ("外伤性脑出血。", None),
        ("车祸外伤后右额叶脑出血。", None),
        ("既往史：5年前脑出血。", "I69.1"),
        ("脑出血后遗症。", "I69.1"),
        ("2017年右侧壳核出血，现左侧丘脑出血。", "I61.0; I69.1"),
        ("左侧基底节区脑出血术后。诊断：左侧基底节区脑出血。", "I61.0"),
    ],
)
def test_the_codes_of_a_record(nlp: Language, text: str, codes: str | None) -> None:
    found = diagnosis_codes(nlp(text)._.findings, text)
    assert code_columns(found) == {"icd10": codes, "icd10_uncertain": None}
    assert {code["code"] for code in found} <= set(TITLES)


def test_what_is_not_sure_has_a_column_of_its_own(nlp: Language) -> None:
    text = "考虑左侧基底节区出血可能。"
    (code,) = diagnosis_codes(nlp(text)._.findings, text)
    assert code_columns([code]) == {"icd10": None, "icd10_uncertain": "I61.0"}
    assert [text[start:end] for start, end in code["evidence"]] == ["左侧基底节区"]


def test_each_site_has_a_code_of_the_table() -> None:
    assert {code_of_site(site.id) for site in SITES} <= set(TITLES)


def test_codes_stand_in_json_table_and_page(tmp_path: Path) -> None:
    (tmp_path / "p1.txt").write_text("诊断：左侧基底节区脑出血。", encoding="utf-8")
    main([tmp_path / "p1.txt"], tmp_path / "out")
    line = json.loads((tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8"))
    assert [code["code"] for code in line["icd10"]] == ["I61.0"]
    with open_table(tmp_path / "out" / "findings.csv") as file:
        assert [row["icd10"] for row in csv.DictReader(file)] == ["I61.0"]
    page = (tmp_path / "out" / "pages" / "p1.html").read_text(encoding="utf-8")
    assert "ICD-10: I61.0" in page
