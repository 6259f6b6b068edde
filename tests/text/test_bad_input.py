"""Records and pipelines as they should not be: annotated all the same, or refused in a sentence."""

from __future__ import annotations

import html
import json
import re
import shutil
import warnings
from functools import partial
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, Span

from cohort.base.errors import DataError
from tests.conftest import lines_run
from text.annotate import annotate
from text.convert import convert
from text.model.pipeline import load_pipeline
from text.pages.annotation_line import to_json


@pytest.fixture
def annotated(pipeline: Path, tmp_path: Path):
    """Return a function that annotates one record and returns its row and what its page shows."""

    def run(text: str) -> tuple[dict, str]:
        (tmp_path / "p1.txt").write_bytes(text.encode())
        annotate(str(pipeline), [tmp_path / "p1.txt"], tmp_path / "out")
        (line,) = (
            (tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
        )
        return json.loads(line), (tmp_path / "out" / "pages" / "p1.html").read_text(
            encoding="utf-8"
        )

    return run


def visible(page: str) -> str:
    body = re.sub(r"(?s)<(head|style)>.*?</\1>", "", page).replace("<br>", "\n")
    return html.unescape(re.sub(r"<[^>]+>", "", body))


def test_a_record_of_200_000_characters_is_annotated_whole(annotated) -> None:
    text = "病情平稳，继续观察。" * 20_000 + "突发头痛。"
    row, page = annotated(text)
    assert row["text"] == text
    assert [(span["start"], span["text"]) for span in row["spans"]] == [(200_002, "头痛")]
    assert "突发" in visible(page)[-100:]


def test_a_record_of_200_000_characters_is_converted_whole(tmp_path: Path) -> None:
    text = "病情平稳，继续观察。" * 20_000
    (tmp_path / "p1.bio").write_text("".join(f"{c} O\n" for c in text), encoding="utf-8")
    result = convert(tmp_path / "p1.bio", tmp_path / "out")
    assert (result.parts["p1"].documents, result.parts["p1"].characters) == (1, 200_000)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\u3000\xa0\r\n", "\ufeff"])
def test_a_record_without_a_character_is_refused_or_left_out(
    pipeline: Path, text: str, tmp_path: Path
) -> None:
    (tmp_path / "p1.txt").write_bytes(text.encode())
    with pytest.raises(DataError, match="all records are empty"):
        annotate(str(pipeline), [tmp_path / "p1.txt"], tmp_path / "out")
    (tmp_path / "p2.txt").write_text("头痛", encoding="utf-8")
    result = annotate(str(pipeline), [tmp_path], tmp_path / "out")
    assert (result.records, result.left_out["is empty"]) == (1, ["p1"])


def test_a_nul_byte_is_refused_with_its_line(pipeline: Path, tmp_path: Path) -> None:
    (tmp_path / "p1.txt").write_bytes("主诉：\n头\0痛".encode())
    with pytest.raises(DataError, match=r"p1\.txt, line 2: holds a NUL byte"):
        annotate(str(pipeline), [tmp_path / "p1.txt"], tmp_path / "out")


@pytest.mark.parametrize(
    "character", ["\x1b", "\x07", "\u202e", "\ufeff", "\u200b", "\u2028", "\x85"]
)
def test_control_characters_are_kept_and_move_no_span(annotated, character: str) -> None:
    text = f"主诉：{character}头痛{character}。"
    row, page = annotated(text)
    assert row["text"] == text
    (span,) = row["spans"]
    assert (span["start"], span["end"], span["text"]) == (4, 6, "头痛")
    assert "头痛" in visible(page)


def test_a_page_shows_which_way_round_a_record_goes(annotated) -> None:
    # U+202E turns the text behind it around on the screen: 14ml would read lm41.
    _, page = annotated("主诉：头痛\u202e14ml")
    assert "\u202e" not in page and "␦14ml" in visible(page)


def test_traditional_and_simplified_stand_together(annotated) -> None:
    row, page = annotated("主訴：右側肢體無力。主诉：头痛，右侧丘脑出血。")
    assert [span["text"] for span in row["spans"]] == ["头痛", "右侧丘脑出血"]
    assert "右側肢體無力" in visible(page)


def test_html_in_a_record_is_shown_as_text(annotated) -> None:
    text = "<script>alert(1)</script><b>头痛</b> &amp; <img src=x onerror=alert(1)>"
    row, page = annotated(text)
    assert row["text"] == text
    assert "<script" not in page and "<img" not in page and "<b>" not in page
    # The label stands behind the entity that it marks.
    shown = "".join(visible(page).split())
    assert "".join(text.split()).replace("头痛", "头痛SYMPTOM") in shown


def change_meta(model: Path, folder: Path, version: str) -> Path:
    copy = folder / "model"
    shutil.copytree(model, copy)
    meta = json.loads((copy / "meta.json").read_text(encoding="utf-8"))
    (copy / "meta.json").write_text(json.dumps({**meta, "spacy_version": version}))
    return copy


@pytest.mark.parametrize("version", [">=2.3.0,<3.0.0", "2.3.5", ">=4.0.0,<4.1.0"])
def test_a_pipeline_of_another_spacy_is_refused_in_a_sentence(
    pipeline: Path, version: str, tmp_path: Path
) -> None:
    model = change_meta(pipeline, tmp_path, version)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DataError) as caught:
            load_pipeline(str(model))
    (problem,) = caught.value.problems
    assert problem.startswith(f"{model}: the pipeline was trained with another spaCy (")
    assert version in problem and spacy.__version__ in problem and "\n" not in problem


def test_a_pipeline_whose_meta_is_damaged_is_refused_in_a_sentence(
    pipeline: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(pipeline, model)
    (model / "meta.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DataError, match="the spaCy pipeline cannot be loaded"):
        load_pipeline(str(model))


def test_a_pipeline_of_this_spacy_loads_in_silence(
    pipeline: Path, tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    major, minor = spacy.__version__.split(".")[:2]
    model = change_meta(pipeline, tmp_path, f">={major}.{minor}.0,<{major}.{int(minor) + 1}.0")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "entity_ruler" in load_pipeline(str(model)).pipe_names
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("factory", "package"),
    [
        ("curated_transformer", "install spacy-curated-transformers."),
        ("hich_something_new", "install hich-workflow (this project)."),
        ("their_component", "install the package that it was trained with."),
    ],
)
def test_a_component_that_nothing_here_has_is_named(
    pipeline: Path, factory: str, package: str, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(pipeline, model)
    config = (model / "config.cfg").read_text(encoding="utf-8")
    config = config.replace('factory = "entity_ruler"', f'factory = "{factory}"')
    (model / "config.cfg").write_text(config, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_pipeline(str(model))
    (problem,) = caught.value.problems
    assert f"needs {factory!r}, which no installed package has" in problem
    assert package in problem and "\n" not in problem


def test_very_many_entities_and_sections_take_no_more_work_than_their_text() -> None:
    nlp = spacy.blank("zh")
    nlp.add_pipe("hich_sections")

    def record(times: int) -> Doc:
        doc = nlp.make_doc("主诉：头痛，" * times)
        doc.ents = [Span(doc, i + 3, i + 5, label="SYMPTOM") for i in range(0, len(doc), 6)]
        return nlp(doc)

    few, many = record(100), record(1_000)
    row = to_json("p1", many)
    assert len(row["sections"]) == len(row["spans"]) == 1_000
    assert {span["section"] for span in row["spans"]} == {"chief_complaint"}
    # Where each looks through all others, it would be a hundred times.
    work = [lines_run(partial(to_json, "p1", doc)) for doc in (few, many)]
    assert work[1] < 12 * work[0]
