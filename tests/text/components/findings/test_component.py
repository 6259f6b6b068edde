from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import spacy
import yaml
from finding_records import RECORDS
from spacy.language import Language

from cohort.schema.problems import parse
from cohort.schema.records.record import AnnotatedRecord
from cohort.tags.tag_file import read_tag_file
from tests.conftest import lines_run
from text.components.findings.component import NAMES, summarize
from text.components.findings.reading import NAMED

CERTAINTIES = ("affirmed", "negated", "uncertain", "historical")
SENTENCES = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).with_name("sentences").rglob("*.yaml"))
}
PIECES = yaml.safe_load(Path(__file__).with_name("pieces.yaml").read_text(encoding="utf-8"))
ENTRIES = [entry for entries in SENTENCES.values() for entry in entries]


@pytest.fixture(scope="module")
def nlp() -> Language:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")
    nlp.add_pipe("hich_findings")
    return nlp


def found(nlp: Language, text: str, name: str) -> list[tuple[Any, str, str | None]]:
    findings = nlp(text)._.findings
    return [(f["value"], f["certainty"], f["side"]) for f in findings if f["name"] == name]


def said_in_words(said: str | dict[str, Any]) -> tuple[Any, str, str | None]:
    """Return value, certainty and side of what an entry of `sentences` says."""
    if isinstance(said, str):
        return None, said, None
    (certainty,) = set(said) - {"side"}
    return said[certainty], certainty, said.get("side")


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["text"] for entry in ENTRIES])
def test_what_a_sentence_says(nlp: Language, entry: dict[str, Any]) -> None:
    expected = {
        name: [said_in_words(said) for said in some] for name, some in entry["findings"].items()
    }
    assert {name: found(nlp, entry["text"], name) for name in expected} == expected


@pytest.mark.parametrize("topic", SENTENCES)
def test_sentences_use_the_names_and_words_there_are(topic: str) -> None:
    for entry in SENTENCES[topic]:
        assert {"text", "findings"} <= set(entry) <= {"text", "findings", "why"}, entry
        assert set(entry["findings"]) <= set(NAMES), entry
        for said in (said for some in entry["findings"].values() for said in some):
            _, certainty, side = said_in_words(said)
            assert certainty in CERTAINTIES and side in ("left", "right", "both", None), entry


def test_every_name_has_a_sentence_and_no_sentence_stands_twice() -> None:
    assert {name for entry in ENTRIES for name in entry["findings"]} == set(NAMES)
    texts = [entry["text"] for entry in ENTRIES]
    assert [text for text, times in Counter(texts).items() if times > 1] == []


def test_each_finding_follows_the_schema(nlp: Language) -> None:
    for text in (entry["text"] for entry in ENTRIES):
        findings = nlp(text)._.findings
        assert json.loads(json.dumps(findings)) == findings
        assert [f["start"] for f in findings] == sorted(f["start"] for f in findings)
        record = {"id": "p", "text": text, "spans": [], "sections": [], "findings": findings}
        read, problems = parse(AnnotatedRecord, record)
        assert read and read.findings is not None, problems
        for f, of in zip(findings, read.findings, strict=True):
            assert set(f) == set(type(of).model_fields)
            assert f["name"] in NAMES
            assert f["text"] == text[f["start"] : f["end"]] != ""
            if f["certainty"] == "negated" and f["name"] not in NAMED:
                assert f["value"] is None and f["unit"] is None


@pytest.mark.parametrize("name", RECORDS)
def test_the_row_of_a_whole_record(nlp: Language, name: str) -> None:
    text, row = RECORDS[name]
    said = summarize(nlp(text)._.findings)
    assert {column: value for column, value in said.items() if value is not None} == row


def test_what_is_sure_counts_before_what_the_ct_report_suspects(nlp: Language) -> None:
    history = "既往史：否认脑出血病史。\n"
    report = "CT报告：考虑左侧丘脑出血可能。\n"
    assert summarize(nlp(history + report)._.findings)["hematoma"] == "uncertain"
    row = summarize(nlp(history + report + "诊断：左侧丘脑出血。")._.findings)
    assert (row["hematoma"], row["hematoma_site"]) == ("present", "thalamus")


@pytest.mark.parametrize(
    ("text", "hematoma"),
    [
        ("右侧基底节区未见出血。", None),
        ("双侧大脑半球未见出血。", "absent"),
        ("颅内未见出血。", "absent"),
        ("右侧额叶未见出血，左侧丘脑可疑出血。", "uncertain"),
        ("右侧额叶未见出血，左侧丘脑出血。", "present"),
        ("出血量约30ml。", "present"),
        ("既往史：否认脑出血病史。", None),
        ("既往史：5年前脑出血。", "historical"),
        ("既往史：5年前脑出血。CT报告：颅内未见出血。", "absent"),
    ],
)
def test_a_denial_on_one_side_leaves_the_other(
    nlp: Language, text: str, hematoma: str | None
) -> None:
    findings = nlp(text)._.findings
    row = summarize(findings)
    assert row["hematoma"] == hematoma
    assert row["hematoma_count"] == {"absent": 0, None: None}.get(hematoma, row["hematoma_count"])


def test_hich_it_example(nlp: Language, shared_data: Path) -> None:
    file = read_tag_file(shared_data / "hich-it-mini" / "Datasets" / "Text" / "Example.txt")
    doc = nlp(file.documents[0].text)
    said = [
        (f["name"], f["value"], f["certainty"], f["side"], f["section"]) for f in doc._.findings
    ]
    assert said == [
        ("age", 76, "affirmed", None, "preamble"),
        ("sex", "female", "affirmed", None, "preamble"),
        ("chief_symptom", "weakness", "affirmed", "right", "chief_complaint"),
        ("onset_to_admission", 4, "affirmed", None, "chief_complaint"),
        ("onset_to_admission", 4, "affirmed", None, "present_illness"),
        ("smoking", None, "negated", None, "personal_history"),
        ("drinking", None, "negated", None, "personal_history"),
        ("blood_pressure", [179, 95], "affirmed", None, "physical_examination"),
        ("gcs", 14, "affirmed", None, "physical_examination"),
        ("pupil_size", 3, "affirmed", "left", "physical_examination"),
        ("light_reflex", "brisk", "affirmed", "left", "physical_examination"),
        ("pupil_size", 3, "affirmed", "right", "physical_examination"),
        ("light_reflex", "brisk", "affirmed", "right", "physical_examination"),
        ("limb_power", 2, "affirmed", "right", "physical_examination"),
        ("limb_power", 3, "affirmed", "right", "physical_examination"),
        ("hematoma_site", "basal_ganglia", "affirmed", "left", "imaging_report"),
        ("hematoma", None, "affirmed", "left", "imaging_report"),
        ("hematoma_count", 1, "affirmed", None, "imaging_report"),
        ("hematoma_volume", 14, "affirmed", "left", "imaging_report"),
        ("midline_shift", None, "negated", None, "imaging_report"),
        ("ventricle_compression", None, "affirmed", "left", "imaging_report"),
    ]
    limbs = [f["limb"] for f in doc._.findings if f["name"] == "limb_power"]
    assert limbs == ["arm", "leg"]
    row = {key: value for key, value in summarize(doc._.findings).items() if value is not None}
    assert row == {
        "age_years": 76, "sex": "female", "onset_to_admission_h": 4,
        "chief_symptom": "weakness", "chief_symptom_side": "right",
        "systolic_mmhg": 179, "diastolic_mmhg": 95, "gcs": 14,
        "pupil_left_mm": 3, "pupil_right_mm": 3,
        "light_reflex_left": "brisk", "light_reflex_right": "brisk",
        "power_right_arm": 2, "power_right_leg": 3,
        "hematoma": "present", "hematoma_count": 1,
        "hematoma_site": "basal_ganglia", "hematoma_side": "left",
        "hematoma_volume_ml": 14, "hematoma_total_ml": 14, "hematoma_volume_method": "stated",
        "midline_shift": "absent",
        "ventricle_compression": "present", "ventricle_compression_side": "left",
        "smoking": "absent",
        "drinking": "absent",
    }  # fmt: skip


def test_what_belongs_to_one_name(nlp: Language) -> None:
    text = "GCS 11分（E3+V3+M5），左上肢肌力4-级。CT：左侧壳核血肿3.2×2.8×2.5cm，约30~40ml。"
    by_name = {f["name"]: f for f in nlp(text)._.findings if f["name"] != "hematoma_volume"}
    assert by_name["gcs"]["parts"] == {"E": 3, "V": 3, "M": 5}
    assert (by_name["limb_power"]["limb"], by_name["limb_power"]["modifier"]) == ("arm", "-")
    axes, stated = [f for f in nlp(text)._.findings if f["name"] == "hematoma_volume"]
    assert (axes["method"], axes["value"], axes["range"]) == ("ABC/2", 11.2, None)
    assert (stated["method"], stated["value"], stated["range"]) == ("stated", 35, [30, 40])
    assert axes["text"] == "3.2×2.8×2.5cm" and stated["text"] == "30~40ml"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("量约30ml", [None]),
        ("体积约38ml（多田公式）", ["formula"]),
        ("ABC/2法计算血肿量约30ml", ["formula"]),
        ("根据多田公式计算，血肿量约30ml", ["formula"]),
        ("血肿大小3.2×2.8×2.5cm", ["formula"]),
        ("3D-Slicer测量血肿量约26ml", ["software"]),
        ("经软件三维重建，血肿体积约26ml", ["software"]),
        ("血肿量约35ml（多田公式），软件测量约30ml", ["formula", "software"]),
    ],
)
def test_what_a_volume_was_measured_by(nlp: Language, said: str, expected: list[str]) -> None:
    findings = nlp(f"CT：左侧基底节区出血，{said}。")._.findings
    volumes = [f for f in findings if f["name"] == "hematoma_volume"]
    assert [f["measured_by"] for f in volumes] == expected


@pytest.mark.parametrize(
    ("written", "value", "ends"),
    [
        ("GCS≤8分", None, [3, 8]),
        ("GCS评分＜8分", None, [3, 7]),
        ("GCS&lt;5分", None, [3, 4]),
        ("GCS评分小于等于8分", None, [3, 8]),
        ("GCS（不超过8分）", None, [3, 8]),
        ("GCS评分在8分以下", None, [3, 8]),
        ("GCS 13分，术后8分以下", None, [3, 8]),
        ("GCS>12分", None, [13, 15]),
        ("GCS≥13分", None, [13, 15]),
        ("GCS≤3分", 3, None),
        ("GCS≤8分(E2V2M4)", 8, None),
        ("GCS 6-7分", 6.5, [6, 7]),
        ("GCS=8分", 8, None),
    ],
)
def test_a_bound_of_the_coma_score_is_no_score(
    nlp: Language, written: str, value: float | None, ends: list[int] | None
) -> None:
    *_, last = [f for f in nlp(f"查体：{written}。")._.findings if f["name"] == "gcs"]
    assert (last["value"], last["range"]) == (value, ends)


def test_offsets_survive_html_full_width_and_emoji(nlp: Language) -> None:
    text = "<p>患者😀，女，<b>７６</b>岁</p><div>CT：左側&nbsp;基底 節區出血，約１４ ＭＬ</div>"
    findings = {f["name"]: f for f in nlp(text)._.findings}
    assert findings["age"]["value"] == 76
    assert findings["hematoma_volume"]["text"] == "１４ ＭＬ"
    assert findings["hematoma_volume"]["side"] == "left"
    assert findings["hematoma_site"]["text"] == "左側&nbsp;基底 節區"
    assert all(text[f["start"] : f["end"]] == f["text"] for f in findings.values())


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\x00\x01", "<br>", "，。", "岁", "ml", "血压", "肌力"]
)
def test_records_that_say_nothing_have_no_findings(nlp: Language, text: str) -> None:
    assert nlp(text)._.findings == []


def with_entities(nlp: Language, text: str, **entities: str) -> list[tuple]:
    doc = nlp.make_doc(text)
    doc.ents = [
        doc.char_span(text.index(word), text.index(word) + len(word), label=label)
        for label, word in entities.items()
    ]
    return [(f["name"], f["value"], f["certainty"], f["side"]) for f in nlp(doc)._.findings]


def test_the_model_s_entities_help_where_the_text_has_no_word_for_a_bleed(nlp: Language) -> None:
    text = "CT所见：左侧丘脑病灶，范围小，14毫升。"
    assert with_entities(nlp, text) == []
    assert with_entities(nlp, text, SITE="左侧丘脑", VOLUME="14毫升") == [
        ("hematoma", None, "affirmed", "left"),
        ("hematoma_site", "thalamus", "affirmed", "left"),
        ("hematoma_count", 1, "affirmed", None),
        ("hematoma_volume", 14, "affirmed", "left"),
    ]
    assert with_entities(nlp, text, LOC="左侧丘脑") == []


def test_the_model_s_negation_counts_where_its_entity_begins_with_one(nlp: Language) -> None:
    affirmed, negated = ([("hypertension", None, c, None)] for c in ("affirmed", "negated"))
    assert with_entities(nlp, "糖尿病，高血压病", NEGATED="高血压病") == affirmed
    assert with_entities(nlp, "否认糖尿病，高血压病", NEGATED="否认糖尿病，高血压病") == negated
    assert with_entities(nlp, "否认糖尿病，高血压病") == affirmed


def test_words_can_be_added_and_taken_away(tmp_path: Path) -> None:
    nlp = spacy.blank("zh")
    words = {"anticoagulant": {"phenprocoumon": ["苯丙香豆素"], "warfarin": []}}
    nlp.add_pipe("hich_findings", config={"vocabulary": words})
    nlp.to_disk(tmp_path)
    text = "口服苯丙香豆素、华法林、利伐沙班。"
    for pipeline in (nlp, spacy.load(tmp_path)):
        drugs = [value for value, _, _ in found(pipeline, text, "anticoagulant")]
        assert drugs == ["phenprocoumon", "rivaroxaban"]


def test_the_vocabulary_travels_with_the_pipeline(tmp_path: Path, nlp: Language) -> None:
    nlp.to_disk(tmp_path)
    file = tmp_path / "hich_findings" / "vocabulary.json"
    assert "基底节" in file.read_text(encoding="utf-8")
    file.write_text(file.read_text(encoding="utf-8").replace("丘脑", "间脑"), encoding="utf-8")
    changed = spacy.load(tmp_path)
    assert found(changed, "左侧间脑出血。", "hematoma_site") == [("thalamus", "affirmed", "left")]
    again = spacy.blank("zh")
    again.add_pipe("hich_sections")
    again.add_pipe("hich_findings")
    again.from_bytes(changed.to_bytes())
    assert found(again, "左侧间脑出血。", "hematoma_site") == [("thalamus", "affirmed", "left")]


def test_a_group_that_an_older_pipeline_lacks_is_this_version_s(nlp: Language) -> None:
    pipe = nlp.get_pipe("hich_findings")
    older = json.loads(pipe.to_bytes())
    del older["other_volume"]
    again = spacy.blank("zh")
    again.add_pipe("hich_findings").from_bytes(json.dumps(older).encode())
    assert found(again, "左侧丘脑血肿，予甘露醇125ml。", "hematoma_volume") == []


def test_findings_come_back_from_other_processes(nlp: Language) -> None:
    texts = ["左侧基底节区出血约14ml。", "GCS 14分。"]
    docs = nlp.pipe(texts, n_process=2, batch_size=1)
    assert [[f["value"] for f in doc._.findings] for doc in docs] == [
        ["basal_ganglia", None, 1, 14],
        [14],
    ]


def lines_to_read(nlp: Language, piece: str, characters: int) -> int:
    doc = nlp.make_doc((piece * characters)[:characters])

    def read() -> None:
        for _, pipe in nlp.pipeline:
            pipe(doc)

    return lines_run(read)


@pytest.mark.parametrize("piece", PIECES)
def test_ten_times_the_text_is_ten_times_the_work(nlp: Language, piece: str) -> None:
    # Where each finding looks at all others, it would be a hundred times.
    assert lines_to_read(nlp, piece, 10_000) < 12 * lines_to_read(nlp, piece, 1_000)
