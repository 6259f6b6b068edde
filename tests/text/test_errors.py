from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.cli.evaluate import evaluate
from spacy.tokens import DocBin

from cohort.schema.records.errors import ErrorsFile
from tests.conftest import undescribed
from text.errors import find_errors, main
from text.scores.compare import unlearnt

# Text to its annotated entities; the pipeline of conftest finds the words of its list.
NOTES = {
    "a": ("主诉：头痛2小时，呕吐。", [("头痛", "SYMPTOM"), ("呕吐", "SYMPTOM")]),
    "b": ("头痛，右侧丘脑出血。再发呕吐。", [("丘脑出血", "SITE"), ("呕吐", "SYMPTOM")]),
    "c": (
        "意识障碍3小时，<b>呕吐</b>，脑干出血",
        [("意识障碍", "CONSCIOUSNESS"), ("呕吐", "SYMPTOM")],
    ),
}
KINDS = {"correct": 1, "label": 1, "boundary": 1, "missed": 3, "spurious": 2}


@pytest.fixture
def save_corpus(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that saves annotated texts as a .spacy file."""

    def save(notes: dict[str, Any] = NOTES, starts: dict[str, int] | None = None) -> Path:
        nlp, docs = spacy.blank("zh"), []
        for name, (text, entities) in notes.items():
            doc = nlp.make_doc(text)
            if entities is not None:
                doc.ents = [
                    doc.char_span(text.index(word), text.index(word) + len(word), label)
                    for word, label in entities
                ]
            doc.user_data.update({"case": name, "start": (starts or {}).get(name, 0)})
            docs.append(doc)
        path = tmp_path / "test.spacy"
        DocBin(docs=docs, store_user_data=True).to_disk(path)
        return path

    return save


@pytest.fixture
def corpus(save_corpus: Callable[..., Path]) -> Path:
    return save_corpus()


def summary(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "errors.json").read_text(encoding="utf-8"))


def test_strict_scores_are_those_of_spacy(pipeline: Path, corpus: Path, tmp_path: Path) -> None:
    find_errors(str(pipeline), corpus, tmp_path / "out")
    ours, spacys = summary(tmp_path / "out")["scores"], evaluate(str(pipeline), corpus)
    assert ours["all"]["f1"] == pytest.approx(spacys["ents_f"], abs=1e-4)
    assert ours["all"]["precision"] == pytest.approx(spacys["ents_p"], abs=1e-4) == 0.2
    assert ours["all"]["recall"] == pytest.approx(spacys["ents_r"], abs=1e-4)
    assert set(ours["labels"]) == set(spacys["ents_per_type"])
    for label, scores in spacys["ents_per_type"].items():
        assert ours["labels"][label]["f1"] == pytest.approx(scores["f"], abs=1e-4)


def test_a_label_that_was_never_learnt_is_named(
    pipeline: Path, corpus: Path, command, tmp_path: Path
) -> None:
    done = command(main, pipeline, corpus, "--output", tmp_path / "out")
    note = "The pipeline never learnt CONSCIOUSNESS: 1 of 6 annotated entities"
    assert note in done.stdout
    assert note in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    found = summary(tmp_path / "out")
    assert undescribed(ErrorsFile, found) == []
    assert found["unlearnt"] == ["CONSCIOUSNESS"]
    # One of the found entities is right; 6 are annotated, 5 of them of labels that were learnt.
    scores = found["scores"]
    assert (scores["all"]["gold"], scores["learnt"]["gold"]) == (6, 5)
    assert scores["learnt"]["f1"] == pytest.approx(
        2 / (scores["learnt"]["predicted"] + 5), abs=1e-4
    )
    assert f"{scores['all']['f1']:.3f}, over those that it learnt" in done.stdout


def test_where_all_labels_were_learnt_nothing_is_said(
    pipeline: Path, save_corpus, command, tmp_path: Path
) -> None:
    corpus = save_corpus({"a": NOTES["a"]})
    done = command(main, pipeline, corpus, "--output", tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "learnt" not in done.stdout and "learnt" not in page
    assert summary(tmp_path / "out")["unlearnt"] == []


def test_a_component_that_names_no_labels_may_know_any() -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("entity_ruler")
    assert unlearnt(nlp, ["SITE"]) == []  # its patterns have no labels yet, so it has none
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "SIDE", "pattern": "左"}])
    assert unlearnt(nlp, ["SITE", "SIDE"]) == ["SITE"]


def test_kinds_and_confusion_add_up(pipeline: Path, corpus: Path, tmp_path: Path) -> None:
    result = find_errors(str(pipeline), corpus, tmp_path / "out")
    assert dict(result.tally.kinds) == KINDS
    found = summary(tmp_path / "out")
    rows = found["confusion"]["gold"]
    assert rows["CONSCIOUSNESS"] == {"predicted": {"SYMPTOM": 1}, "boundary": 0, "missed": 0}
    assert rows["SITE"] == {"predicted": {}, "boundary": 1, "missed": 0}
    assert rows["SYMPTOM"] == {"predicted": {"SYMPTOM": 1}, "boundary": 0, "missed": 3}
    assert found["confusion"]["spurious"] == {"SITE": 1, "SYMPTOM": 1}


def test_the_most_frequent_group_stands_first(pipeline: Path, corpus: Path, tmp_path: Path) -> None:
    find_errors(str(pipeline), corpus, tmp_path / "out", top=1)
    groups = summary(tmp_path / "out")["groups"]
    assert groups[0] == {
        "kind": "missed",
        "gold_label": "SYMPTOM",
        "gold_text": "呕吐",
        "predicted_label": None,
        "predicted_text": None,
        "count": 3,
        "annotated": 3,
        "found": 0,
    }
    assert sum(group["count"] for group in groups) == 7
    spurious = next(group for group in groups if group["predicted_text"] == "头痛")
    assert (spurious["annotated"], spurious["found"]) == (1, 1)  # annotated so in another record
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert page.count("<li>") == 1
    assert "×3" in page and "7 errors: " in page


def test_every_error_is_a_row_with_its_place_in_the_record(
    pipeline: Path, save_corpus: Callable[..., Path], tmp_path: Path
) -> None:
    find_errors(str(pipeline), save_corpus(starts={"b": 500}), tmp_path / "out")
    with (tmp_path / "out" / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7
    row = next(row for row in rows if row["kind"] == "boundary")
    assert (row["record"], row["gold_start"], row["gold_end"]) == ("b", "505", "509")
    assert (row["predicted_start"], row["predicted_end"]) == ("503", "509")
    assert (row["gold_text"], row["predicted_text"]) == ("丘脑出血", "右侧丘脑出血")
    assert (row["before"], row["after"]) == ("头痛，", "。再发呕吐。")


def test_the_page_shows_text_as_text_and_both_readings(
    pipeline: Path, corpus: Path, tmp_path: Path
) -> None:
    find_errors(str(pipeline), corpus, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<b>" not in page and "&lt;b&gt;" in page
    item = page[page.index("other label: CONSCIOUSNESS → SYMPTOM") :]
    gold, predicted = re.findall(r'<mark class="(\w+) focus">意识障碍<small>(\w+)</small>', item)[
        :2
    ]
    assert (gold, predicted) == (("gold", "CONSCIOUSNESS"), ("model", "SYMPTOM"))
    assert "c, character 0" in item
    assert not re.findall(r'(?:src|href)="(?!#|data:)', page)
    assert "http:" not in page and "https:" not in page


def test_what_a_browser_would_not_show_is_shown(
    pipeline: Path, save_corpus: Callable[..., Path], tmp_path: Path
) -> None:
    corpus = save_corpus({"a": ("血压\x07高\n呕吐\u200b😀", [("呕吐", "SYMPTOM")])})
    find_errors(str(pipeline), corpus, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert '血压␇高⏎<mark class="gold focus">呕吐<small>SYMPTOM</small></mark>␦😀' in page


def test_chinese_labels_stand_beside_their_bars_in_a_page_that_needs_nothing_else(
    pipeline: Path, save_corpus: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    find_errors(str(pipeline), save_corpus({"a": ("呕吐", [("呕吐", "症状")])}), out)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<th scope="row" lang="zh">症状</th><td>–</td><td>0.000</td><td>0.000</td>' in page
    assert 'aria-label="症状: precision –, recall 0.000, F1 0.000"' in page
    assert "<img" not in page
    assert {path.name for path in out.iterdir()} == {"index.html", "errors.json", "errors.csv"}


def test_the_learning_curve_is_shown_where_the_training_left_its_log(
    pipeline: Path, corpus: Path, tmp_path: Path, command: Any
) -> None:
    model = tmp_path / "training" / "model-best"
    shutil.copytree(pipeline, model)
    find_errors(str(model), corpus, tmp_path / "out")
    assert "Training" not in (tmp_path / "out" / "index.html").read_text("utf-8")
    log = model.parent / "history.jsonl"
    log.write_text(
        '{"epoch":0,"step":0,"losses":{"ner":3.0},"scores":{"ents_f":50.0},"score":0.5}\n',
        encoding="utf-8",
    )
    assert find_errors(str(model), corpus, tmp_path / "out").log == log
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "Best F1 0.500 at batch 0." in page and page.count('class="curve f1 dot"') == 1
    log.write_text("?", encoding="utf-8")
    result = command(main, model, corpus, "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "history.jsonl: line 1" in result.stderr


def test_a_document_that_nobody_annotated_is_left_out(
    pipeline: Path, save_corpus: Callable[..., Path], tmp_path: Path
) -> None:
    corpus = save_corpus({**NOTES, "none": ("头痛", None), "empty": ("无异常", [])})
    result = find_errors(str(pipeline), corpus, tmp_path / "out")
    assert (result.documents, result.unannotated) == (4, 1)
    assert dict(result.tally.kinds) == KINDS


def test_bad_input_ends_in_one_sentence(
    pipeline: Path, save_corpus: Callable[..., Path], tmp_path: Path, command: Any
) -> None:
    corpus, out = save_corpus(), tmp_path / "out"
    noise, empty, other = (tmp_path / f"{name}.spacy" for name in ("noise", "empty", "other"))
    noise.write_bytes(b"no DocBin")
    empty.write_bytes(b"")
    DocBin().to_disk(other)
    text = tmp_path / "a.txt"
    text.write_text("头痛", encoding="utf-8")
    blank = tmp_path / "blank"
    spacy.blank("zh").to_disk(blank)
    for model, file, said in (
        (tmp_path / "none", corpus, "no such folder"),
        (blank, corpus, "finds entities"),
        (pipeline, tmp_path / "none.spacy", "no such file"),
        (pipeline, noise, "damaged"),
        (pipeline, empty, "damaged"),
        (pipeline, other, "no documents"),
        (pipeline, text, "not a .spacy file"),
    ):
        result = command(main, model, file, "--output", out)
        assert (result.exit_code, result.stdout) == (1, ""), said
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert not out.exists()
    assert command(main, pipeline, corpus, "--output", out, "--top", -1).exit_code == 2


def test_a_corpus_of_several_files_is_one(pipeline: Path, corpus: Path, tmp_path: Path) -> None:
    # What `text.convert` makes of more than four million characters.
    shards = tmp_path / "long" / "test.spacy"
    shards.mkdir(parents=True)
    docs = list(DocBin().from_disk(corpus).get_docs(spacy.blank("zh").vocab))
    for number, doc in enumerate(docs, 1):
        DocBin(docs=[doc], store_user_data=True).to_disk(shards / f"{number:04d}.spacy")
    find_errors(str(pipeline), corpus, tmp_path / "one")
    find_errors(str(pipeline), shards, tmp_path / "several")
    one, several = summary(tmp_path / "one"), summary(tmp_path / "several")
    assert several == {**one, "corpus": str(shards)}


def test_how_often_is_said_in_english(pipeline: Path, corpus: Path, tmp_path: Path) -> None:
    find_errors(str(pipeline), corpus, tmp_path / "out")
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert " once; found exactly: 0." in page and "1 times" not in page


def test_a_corpus_without_entities_is_refused(
    pipeline: Path, save_corpus: Callable[..., Path], tmp_path: Path, command: Any
) -> None:
    for entities in (None, []):
        path = save_corpus({"a": ("头痛", entities)})
        result = command(main, pipeline, path, "--output", tmp_path / "out")
        assert result.exit_code == 1
        assert "holds no annotated entities" in result.stderr


def test_tokens_that_cut_an_entity_are_refused(
    save_corpus: Callable[..., Path], tmp_path: Path, command: Any
) -> None:
    nlp = spacy.blank("en")  # a word is what stands between spaces
    nlp.add_pipe("entity_ruler")
    nlp.to_disk(tmp_path / "words")
    result = command(main, tmp_path / "words", save_corpus(), "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert "begin or end inside a token" in result.stderr


def test_the_corpus_is_not_replaced_by_the_output(
    pipeline: Path, corpus: Path, command: Any
) -> None:
    result = command(main, pipeline, corpus, "--output", corpus.parent)
    assert result.exit_code == 1
    assert corpus.is_file()
