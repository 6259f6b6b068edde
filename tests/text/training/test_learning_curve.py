from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import spacy
from PIL import Image

from cohort.base.errors import DataError
from cohort.base.learning_curve import PICTURE
from text.training.learning_curve import LOG, Step, draw_training, find_log, read_log
from text.training.log import training_log


@pytest.fixture
def nlp() -> spacy.Language:
    """Return a pipeline with one trainable component, configured as for a training."""
    nlp = spacy.blank("zh")
    nlp.add_pipe("ner")
    weights = {"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None}
    training = {"max_steps": 0, "eval_frequency": 1, "score_weights": weights}
    nlp.config = nlp.config.merge({"training": training})
    return nlp


def info(step: int, f1: float) -> dict[str, Any]:
    """Return what `spacy train` tells a logger after an evaluation."""
    scores = {"ents_f": f1, "ents_p": f1 / 2, "ents_r": 1.0}
    return {
        "epoch": 0,
        "step": step,
        "losses": {"ner": 100.0 - step},
        "other_scores": scores,
        "score": f1,
    }


def log_training(nlp: spacy.Language, path: Path | None, *scores: float) -> str:
    stdout = io.StringIO()
    log_step, finalize = training_log(str(path) if path else None)(nlp, stdout, io.StringIO())
    for number, f1 in enumerate(scores):
        log_step(info(20 * number, f1))
        log_step(None)  # a batch without evaluation
    finalize()
    return stdout.getvalue()


def test_a_training_leaves_its_log_and_its_picture(nlp: spacy.Language, tmp_path: Path) -> None:
    said = log_training(nlp, tmp_path / "new" / LOG, 0.25, 0.5)
    assert "LOSS NER" in said and "50.00" in said  # the console is told as ever
    steps = read_log(tmp_path / "new" / LOG)
    assert [step.step for step in steps] == [0, 20]
    assert [step.losses["ner"] for step in steps] == [100.0, 80.0]
    assert steps[1].scores == {"ents_f": 50.0, "ents_p": 25.0, "ents_r": 100.0}
    with Image.open(tmp_path / "new" / PICTURE) as picture:
        assert picture.format == "PNG" and picture.width == 900


def test_the_next_training_replaces_log_and_picture(nlp: spacy.Language, tmp_path: Path) -> None:
    log = tmp_path / LOG
    log_training(nlp, log, 0.1, 0.2, 0.3)
    earlier = (tmp_path / PICTURE).read_bytes()
    log_training(nlp, log, 0.9)
    assert [step.scores["ents_f"] for step in read_log(log)] == [90.0]
    assert (tmp_path / PICTURE).read_bytes() != earlier
    log_training(nlp, log)  # failed before its first evaluation: no picture of another training
    assert not (tmp_path / PICTURE).exists()


def test_a_full_disk_ends_the_training_with_a_sentence(
    nlp: spacy.Language,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    no_room: Callable[[int], AbstractContextManager[None]],
) -> None:
    log_step, finalize = training_log(str(tmp_path / LOG))(nlp, io.StringIO(), io.StringIO())
    log_step(info(0, 0.5))
    with no_room(10), pytest.raises(SystemExit) as end:
        finalize()
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert (
        said.startswith(f"✘ {tmp_path / LOG}: File too large; make room") and "\n" not in said[:-1]
    )
    # A model that spaCy can't save comes to the logger as the error that ends the training.
    _, finalize = training_log(str(tmp_path / LOG))(nlp, io.StringIO(), io.StringIO())
    with pytest.raises(SystemExit):
        try:
            raise OSError(28, "No space left on device")
        finally:
            finalize()
    assert capsys.readouterr().err.startswith(f"✘ {tmp_path}: No space left on device")
    # Other errors stay what they are.
    _, finalize = training_log(str(tmp_path / LOG))(nlp, io.StringIO(), io.StringIO())
    with pytest.raises(ValueError, match="E088"):
        try:
            raise ValueError("E088")
        finally:
            finalize()


def test_without_a_path_nothing_is_written(
    nlp: spacy.Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "90.00" in log_training(nlp, None, 0.9)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["ner_cnn", "ner_transformer"])
def test_configs_log_only_where_they_are_told_to(root: Path, name: str, tmp_path: Path) -> None:
    path = root / "configs" / "text" / f"{name}.cfg"
    assert spacy.util.load_config(path, interpolate=True)["training"]["logger"]["path"] is None
    overrides = {"paths.log": "there.jsonl"}
    logger = spacy.util.load_config(path, overrides, interpolate=True)["training"]["logger"]
    assert logger["path"] == "there.jsonl"
    assert spacy.util.registry.resolve({"logger": logger})["logger"]


def test_the_log_is_found_beside_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tmp_path / "training" / "model-best"
    model.mkdir(parents=True)
    assert find_log(model) is None
    (model.parent / LOG).touch()
    assert find_log(model) == model.parent / LOG
    monkeypatch.chdir(model.parent)
    assert find_log(Path("zh_hich_ner")) is None  # an installed pipeline's name, not a folder


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("no JSON\n", "line 1 is not a line"),
        ('{"epoch": 0}\n', "line 1 is not a line"),
        ('{"epoch": 0, "step": 0, "losses": {}, "scores": {}, "score": 0}\n[]\n', "line 2"),
    ],
)
def test_a_file_that_is_no_log_is_said_so(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / LOG).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said):
        read_log(tmp_path / LOG)
    with pytest.raises(DataError, match="no such training log"):
        read_log(tmp_path / "none.jsonl")


def test_the_curve_shows_loss_per_batch_and_marks_the_best(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.figure import Figure

    drawn: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda self, path: (drawn.append(self), path.touch()))
    steps = [
        Step(0, 0, {"ner": 50.0}, {"ents_f": 0.0}),
        Step(1, 20, {"ner": 600.0}, {"ents_f": 80.0}),
        Step(2, 40, {"ner": 200.0}, {"ents_f": 70.0}),
    ]
    draw_training(tmp_path / PICTURE, steps)
    left, right = drawn[0].axes
    assert list(left.lines[0].get_ydata()) == [50.0, 30.0, 10.0]
    assert list(right.lines[0].get_ydata()) == [0.0, 80.0, 70.0]
    assert right.get_title() == "Validation scores (best F1 80.0 at batch 20)"


def test_the_log_is_what_spacy_writes(nlp: spacy.Language, tmp_path: Path) -> None:
    log_training(nlp, tmp_path / LOG, 0.5)
    row = json.loads((tmp_path / LOG).read_text(encoding="utf-8"))
    assert set(row) == {"epoch", "step", "losses", "scores", "score"}
