"""The dry run of a text configuration: what can't be trained, or no GPU, is said at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cohort.base.cli import run
from cohort.base.errors import DataError, UsageError
from tests.conftest import ROOT
from text.dry_run import main, rehearse
from text.model.device import use_device

CONFIGS = ROOT / "configs" / "text"
CONFIG = CONFIGS / "ner_cnn.cfg"


@pytest.mark.parametrize("name", ["ner_cnn", "ner_best"])
def test_configurations_of_the_project_can_be_trained(name: str) -> None:
    names = rehearse(CONFIGS / f"{name}.cfg", {"training.max_epochs": 1})
    assert names == ["ner", "hich_sections", "hich_findings"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("training.max_epochs", "many", "max_epochs: Input should be a valid integer"),
        ("training.dropout", 7, "training.dropout: a share"),
        ("training.eval_frequency", 0, "modulo|division"),
        ("training.optimizer.learn_rate", "x", "learn_rate"),
        ("training.train_corpus", "corpora.nothing", "corpora|nothing"),
        ("components.ner.model.tok2vec.embed.width", 7, "dimension"),
        ("components.ner.factory", "transformer_x", "needs 'transformer_x', which no installed"),
        ("components.hich_sections.headings", 5, "headings"),
    ],
)
def test_what_cannot_be_trained_is_named(key: str, value: object, message: str) -> None:
    with pytest.raises(DataError, match=message) as error:
        rehearse(CONFIG, {key: value})
    assert str(error.value).startswith(str(CONFIG)) and "\n" not in str(error.value)


def test_a_missing_gpu_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    use_device(-1)
    monkeypatch.setattr("thinc.compat.has_cupy", False)
    with pytest.raises(UsageError, match=r'CuPy .* `pip install "spacy\[cuda12x\]"`'):
        use_device(0)
    monkeypatch.setattr("thinc.compat.has_cupy", True)

    def fail(gpu_id: int) -> None:
        raise ValueError("No GPU devices detected")

    monkeypatch.setattr("thinc.api.require_gpu", fail)
    with pytest.raises(UsageError, match="--gpu-id 3: no such GPU .No GPU devices detected"):
        use_device(3)


def test_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("thinc.compat.has_cupy", False)
    for arguments, code, said in (
        ([str(CONFIG), "--training.max_epochs", "1"], 0, "can be trained on cpu"),
        ([str(CONFIG), "--gpu-id", "0"], 2, "CuPy"),
        (["nowhere.cfg"], 1, "no such configuration file"),
    ):
        monkeypatch.setattr(sys, "argv", ["dry_run", *arguments])
        with pytest.raises(SystemExit) as end:
            run(main, extra_arguments=True)
        output = capsys.readouterr()
        assert (end.value.code or 0) == code
        assert said in output.out + output.err
    assert not list(tmp_path.iterdir())
