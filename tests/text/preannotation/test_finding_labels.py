"""Findings as pre-annotations: what a file of labels may say, and the way from none to a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from spacy.training import Corpus

from cohort.base.errors import DataError, UsageError
from cohort.tags.scheme import Span
from tests.text.conftest import RECORDS
from text.annotate import annotate
from text.convert import convert
from text.corpus.formats.registry import WRITERS
from text.errors import find_errors
from text.model.rules import rules_pipeline
from text.preannotation.evidence import PreAnnotations
from text.preannotation.finding_labels import FindingLabels, load_finding_labels


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in RECORDS.items():
        (folder / f"{name}.txt").write_text(f"{text}\n否认高血压病史。", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def rules() -> spacy.language.Language:
    return rules_pipeline()


def write(folder: Path, text: str) -> Path:
    path = folder / "labels.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def doccano_rows(out: Path) -> dict[str, list[tuple[str, str]]]:
    lines = (out / "doccano.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        row["record"]: [(row["text"][start:end], label) for start, end, label in row["label"]]
        for row in map(json.loads, lines)
    }


def test_rules_alone_give_findings_the_labels_of_a_map(notes: Path, tmp_path: Path) -> None:
    labels = write(
        tmp_path, "hematoma_site: 部位\nhypertension: {negated: DENIED}\nsex: {male: M}\n"
    )
    result = annotate(
        None, [notes], tmp_path / "out", formats=["doccano"], labels=labels, pages=False
    )
    found = doccano_rows(tmp_path / "out")
    assert found["p1"] == [("男", "M"), ("左侧基底节区", "部位"), ("高血压病", "DENIED")]
    assert [label for _, label in found["p2"]] == ["部位", "DENIED"]
    told = result.preannotations
    assert told is not None
    assert told.labels == {"部位": 4, "DENIED": 4, "M": 2}
    # The two women are not mapped, and neither is all that the map doesn't name.
    assert told.unmapped["sex"] == 2 and told.unmapped["age"] == 4
    assert any("doesn't map, left out" in line and "age 4" in line for line in told.told())
    # What the pipeline itself finds is what it is: no entities.
    line = (tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(line)["spans"] == []


def test_entities_of_the_pipeline_stay_where_findings_overlap_them(
    pipeline: Path, notes: Path, tmp_path: Path
) -> None:
    labels = write(tmp_path, "hematoma_site: PLACE\nage: AGE\n")
    result = annotate(
        str(pipeline), [notes], tmp_path / "out", formats=["doccano"], labels=labels, pages=False
    )
    found = doccano_rows(tmp_path / "out")
    assert found["p1"] == [
        ("76岁", "AGE"),
        ("右侧肢体无力", "SYMPTOM"),
        ("左侧基底节区出血", "SITE"),
    ]
    told = result.preannotations
    assert told is not None and (told.labels, told.under_entities) == ({"AGE": 4}, 4)


def finding(name: str, start: int, end: int, value: object = None, certainty: str = "affirmed"):
    return {"name": name, "start": start, "end": end, "value": value, "certainty": certainty}


def test_longer_evidence_goes_first_and_then_the_order_of_the_map() -> None:
    choices = {"sex": {"other": "B"}, "age": {"other": "A"}, "gcs": {"other": "C"}}
    found = PreAnnotations(FindingLabels(Path("labels.yaml"), choices))
    text = "0123456789"
    findings = [finding("age", 0, 4), finding("sex", 0, 4), finding("gcs", 3, 5)]
    assert found.entities(text, [], findings) == [Span(0, 4, "B")]
    assert found.overlapping == 2
    assert found.entities(text, [Span(1, 2, "E")], [finding("gcs", 5, 9)]) == [
        Span(1, 2, "E"),
        Span(5, 9, "C"),
    ]
    # White space at the edges belongs to no entity.
    assert found.entities(" a \n", [], [finding("gcs", 0, 4)]) == [Span(1, 2, "C")]
    assert found.entities("  ", [], [finding("gcs", 0, 2)]) == []


def test_certainty_counts_before_value_and_value_before_the_rest() -> None:
    its = {"historical": "", "craniotomy": "OP", "other": "DRUG"}
    labels = FindingLabels(Path("labels.yaml"), {"treatment": its, "limb_power": {3: "WEAK"}})
    assert labels.label_of(finding("treatment", 0, 1, "craniotomy", "historical")) == ""
    assert labels.label_of(finding("treatment", 0, 1, "craniotomy")) == "OP"
    assert labels.label_of(finding("treatment", 0, 1, "mannitol")) == "DRUG"
    assert labels.label_of(finding("limb_power", 0, 1, 3.0)) == "WEAK"
    assert labels.label_of(finding("limb_power", 0, 1, 4)) is None
    assert labels.label_of(finding("blood_pressure", 0, 1, [180, 90])) is None
    assert labels.labels == ["DRUG", "OP", "WEAK"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hematoma_sites: SITE", "unknown finding 'hematoma_sites'; is hematoma_site meant?"),
        ("sex: {mal: M}", "sex: unknown value 'mal'; is male meant?"),
        ("limb_power: {'4': P}", "limb_power: unknown value '4'"),
        ("hypertension: {present: H}", "hypertension: unknown value 'present'"),
        ("age: yes", "must be a label or ~ for none, not true"),
        ("age: A B", "the label 'A B' has white space"),
        ("age: {}", "age: maps nothing"),
        ("age: ~", "gives no finding a label"),
        ("- age", "maps no finding"),
        ("", "maps no finding"),
        ("age: A\nsex: S\nage: B", "line 3: 'age' stands there twice"),
        ("age: [", "is not YAML"),
        ("? {a: b}\n: c", "is not YAML"),
        ("age: \0", "NUL byte"),
    ],
)
def test_a_map_that_is_wrong_is_refused_in_a_sentence(
    rules: spacy.language.Language, text: str, problem: str, tmp_path: Path
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        load_finding_labels(path, rules)
    (said,) = caught.value.problems
    assert said.startswith(str(path)) and problem in said and "\n" not in said


def test_labels_without_a_tool_or_without_findings_are_bad_usage(
    notes: Path, tmp_path: Path
) -> None:
    labels = write(tmp_path, "age: AGE")
    with pytest.raises(UsageError, match="say for which one by --format"):
        annotate(None, [notes], tmp_path / "out", labels=labels)
    nlp = spacy.blank("zh")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "S", "pattern": "头痛"}])
    nlp.to_disk(tmp_path / "model")
    with pytest.raises(UsageError, match="has no hich_findings"):
        annotate(
            str(tmp_path / "model"), [notes], tmp_path / "out", labels=labels, formats=["brat"]
        )
    assert not (tmp_path / "out").exists()


def test_the_example_in_configs_is_a_map_for_every_tool(
    rules: spacy.language.Language, notes: Path, tmp_path: Path
) -> None:
    labels = load_finding_labels(Path("configs/text/labels.yaml"), rules)
    assert {"SITE", "VOLUME", "AGE"} <= set(labels.labels)
    result = annotate(
        None, [notes], tmp_path / "out", formats=list(WRITERS), labels=labels.path, pages=False
    )
    assert result.preannotations is not None
    assert not result.preannotations.unmapped
    config = (tmp_path / "out" / "label_studio.xml").read_text(encoding="utf-8")
    assert all(f'value="{label}"' in config for label in labels.labels)


def test_from_no_labels_to_a_pipeline_and_its_errors(notes: Path, tmp_path: Path) -> None:
    labels = write(tmp_path, "hematoma_site: SITE\nchief_symptom: SYMPTOM\n")
    annotate(None, [notes], tmp_path / "out", formats=["label-studio"], labels=labels)
    # Whoever corrects adds the word for the bleed, and the tool exports it as an annotation.
    tasks = json.loads((tmp_path / "out" / "label_studio.json").read_text(encoding="utf-8"))
    for task in tasks:
        (prediction,) = task.pop("predictions")
        for result in prediction["result"]:
            value = result["value"]
            if value["labels"] == ["SITE"]:
                value["end"] = task["data"]["text"].index("出血") + 2
                value["text"] = task["data"]["text"][value["start"] : value["end"]]
        task["annotations"] = [{"result": prediction["result"]}]
    (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    converted = convert(tmp_path / "export.json", tmp_path / "corpus")
    assert converted.parts["export"].entities == {"SITE": 4, "SYMPTOM": 4}
    corpus = tmp_path / "corpus" / "export.spacy"
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_ner")
    examples = list(Corpus(corpus)(nlp))
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.02
    for _ in range(25):
        nlp.update(examples, sgd=optimizer)
    nlp.to_disk(tmp_path / "model")
    errors = find_errors(str(tmp_path / "model"), corpus, tmp_path / "errors")
    assert errors.documents == 4 and errors.unlearnt == []
    assert set(errors.tally.labels) == {"SITE", "SYMPTOM"} and errors.tally.all.gold == 8
    assert errors.tally.all.f1 > 0.5
