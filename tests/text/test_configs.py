from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import spacy
from derived_configs import HEADS, derived
from spacy.cli.evaluate import evaluate
from spacy.cli.train import train

from cohort.tags.scheme import Span
from text.convert import convert
from text.debug_data import main

SIDES = ("左侧", "右侧")
SITES = ("基底节区", "丘脑", "小脑半球", "额叶", "颞叶", "枕叶")


def write_tag_file(path: Path, notes: int, seed: int) -> None:
    """Write notes that name the place and the volume of a bleed, in a few phrasings."""
    from cohort.tags.scheme import bioes

    rng = random.Random(seed)
    lines = []
    for _ in range(notes):
        site = rng.choice(SIDES) + rng.choice(SITES)
        volume = f"{rng.randint(2, 60)}毫升"
        text = f"主诉：头痛{rng.randint(1, 9)}小时。\nCT：" + rng.choice(
            (
                f"{site}出血，量约{volume}。",
                f"示{site}见血肿，约{volume}。",
                f"血肿{volume}，位于{site}。",
            )
        )
        spans = [
            Span(text.index(word), text.index(word) + len(word), label)
            for word, label in ((site, "SITE"), (volume, "VOLUME"))
        ]
        for character, tag in zip(text, bioes(spans, len(text)), strict=True):
            if character != "\n":
                lines.append(f"{character} {tag}")
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "tags").mkdir()
    for seed, (part, notes) in enumerate({"train": 40, "val": 10, "test": 10}.items()):
        write_tag_file(folder / "tags" / f"{part}.txt", notes, seed)
    convert(folder / "tags", folder)
    return folder


def paths(corpus: Path) -> dict[str, str]:
    return {
        "paths.train": str(corpus / "train.spacy"),
        "paths.dev": str(corpus / "val.spacy"),
    }


def test_the_cnn_trains_with_spacy_alone(root: Path, corpus: Path, tmp_path: Path) -> None:
    overrides = {**paths(corpus), "training.max_epochs": 12, "training.eval_frequency": 20}
    line = [sys.executable, "-m", "spacy", "train", str(root / "configs/text/ner_cnn.cfg")]
    line += ["--output", str(tmp_path)]
    line += [word for key, value in overrides.items() for word in (f"--{key}", str(value))]
    result = subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    scores = evaluate(str(tmp_path / "model-best"), corpus / "test.spacy")
    assert scores["ents_f"] > 0.9
    assert set(scores["ents_per_type"]) == {"SITE", "VOLUME"}
    doc = spacy.load(tmp_path / "model-best")("主诉：头痛。CT：左侧丘脑出血，量约8毫升。")
    assert [span.label_ for span in doc.spans["sections"]] == ["chief_complaint", "imaging_report"]


def test_two_trainings_with_one_seed_give_the_same_weights(
    root: Path, corpus: Path, tmp_path: Path
) -> None:
    overrides = {**paths(corpus), "training.max_steps": 3, "training.eval_frequency": 3}
    for name in ("a", "b"):
        train(root / "configs/text/ner_cnn.cfg", tmp_path / name, overrides=overrides)
    files = [tmp_path / name / "model-last" / "ner" / "model" for name in ("a", "b")]
    assert files[0].read_bytes() == files[1].read_bytes()


def save_tiny_bert(folder: Path) -> None:
    """Save a BERT of a few thousand weights, with a vocabulary of the characters used here."""
    transformers = pytest.importorskip("transformers")
    characters = sorted(
        {*"".join((*SIDES, *SITES)), *"主诉头痛小时出血量约毫升示见肿位于。，：CT0123456789"}
    )
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    transformers.BertModel(config).save_pretrained(folder)


def weights_of(folder: Path) -> dict[str, Any]:
    """Return the weights of the BERT saved in `folder`."""
    import transformers

    return transformers.BertModel.from_pretrained(folder).state_dict()


def test_the_transformer_trains_from_a_local_folder(
    root: Path, corpus: Path, tmp_path: Path
) -> None:
    pytest.importorskip("spacy_transformers")
    save_tiny_bert(tmp_path / "bert")
    overrides = {
        **paths(corpus),
        "paths.transformer": str(tmp_path / "bert"),
        "training.max_steps": 2,
        "training.eval_frequency": 2,
        # Windows shorter than a note, so that their overlap is used.
        "components.transformer.model.get_spans.window": 16,
        "components.transformer.model.get_spans.stride": 12,
    }
    train(root / "configs/text/ner_transformer.cfg", tmp_path / "out", overrides=overrides)
    before = weights_of(tmp_path / "bert")
    (tmp_path / "bert").rename(tmp_path / "gone")  # the pipeline keeps the transformer it trained
    nlp = spacy.load(tmp_path / "out" / "model-last")
    after = nlp.get_pipe("transformer").model.transformer.state_dict()
    # All of it learns, from the embeddings on; the pooler's output is not used.
    same = [name for name, weights in before.items() if after[name].equal(weights)]
    assert [name for name in same if not name.startswith("pooler.")] == []
    assert nlp.pipe_names == ["transformer", "ner", "hich_sections", "hich_findings"]
    assert set(nlp.get_pipe("ner").labels) == {"SITE", "VOLUME"}
    assert len(nlp("CT：左侧丘脑出血。").spans["sections"]) == 1
    # BERT has 512 positions; a longer record is read in strides, each character in one at least.
    long = nlp("CT：左侧丘脑出血，约8毫升。" * 100)
    pieces = long._.trf_data.align.lengths  # word pieces of each token, once for each stride
    assert len(pieces) == len(long) == 1500
    assert min(pieces) >= 1


@pytest.mark.parametrize("name", HEADS)
def test_derived_configurations_are_in_step(root: Path, name: str) -> None:
    held = (root / "configs" / "text" / f"{name}.cfg").read_text(encoding="utf-8")
    assert held == derived(name), "run `python tests/text/derived_configs.py`"


def test_several_members_train_with_spacy_alone(root: Path, corpus: Path, tmp_path: Path) -> None:
    steps = {"training.max_steps": 40, "training.eval_frequency": 10}
    overrides = {**paths(corpus), **steps, "components.ner.model.members": 2}
    train(root / "configs/text/ner_best.cfg", tmp_path, overrides=overrides)
    nlp = spacy.load(tmp_path / "model-best")
    assert len(nlp.get_pipe("ner").model.layers) == 2
    scores = evaluate(str(tmp_path / "model-best"), corpus / "test.spacy")
    assert scores["ents_f"] > 0.5


@pytest.mark.parametrize("name", ["ner_cnn", "ner_best", "ner_transformer"])
def test_a_config_is_complete_and_can_be_overridden(root: Path, name: str) -> None:
    config = spacy.util.load_config(root / "configs" / "text" / f"{name}.cfg", interpolate=True)
    assert config["training"]["seed"] == config["system"]["seed"] == 0
    assert config["training"]["max_epochs"] > 0
    assert config["nlp"]["pipeline"][-3:] == ["ner", "hich_sections", "hich_findings"]
    # `spacy debug data` refuses what `spacy train` fills in.
    schemas = {
        "nlp": spacy.schemas.ConfigSchemaNlp,
        "training": spacy.schemas.ConfigSchemaTraining,
        "initialize": spacy.schemas.ConfigSchemaInit,
    }
    for section, schema in schemas.items():
        fields = schema.model_fields.items()
        required = {field.alias or key for key, field in fields if field.is_required()}
        assert required <= set(config[section]), section


def test_debug_data_is_shown_and_kept_and_ends_nothing(
    root: Path, corpus: Path, tmp_path: Path, command: Any
) -> None:
    overrides = [word for key, value in paths(corpus).items() for word in (f"--{key}", value)]
    report = tmp_path / "report.txt"
    config = root / "configs/text/ner_cnn.cfg"
    result = command(main, config, "--output", report, *overrides, extra_arguments=True)
    assert result.exit_code == 0
    # 40 documents are too few for spaCy.
    assert (
        "40 training docs" in report.read_text(encoding="utf-8")
        and "40 training docs" in result.stdout
    )
    assert "Note: spaCy names failures above" in result.stdout


def test_a_training_logs_where_it_is_told_and_takes_no_notice_of_others_paths(
    root: Path, corpus: Path, tmp_path: Path
) -> None:
    more = {"paths.log": str(tmp_path / "log" / "history.jsonl"), "paths.transformer": "none/such"}
    train(
        root / "configs/text/ner_cnn.cfg",
        tmp_path / "out",
        overrides={**paths(corpus), **more, "training.max_steps": 1},
    )
    assert {path.name for path in (tmp_path / "log").iterdir()} == {
        "history.jsonl",
        "learning_curve.png",
    }
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"model-best", "model-last"}
