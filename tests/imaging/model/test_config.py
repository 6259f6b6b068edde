"""Training configurations and their overrides."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from cohort.base.errors import DataError, UsageError
from imaging.model.config import DEFAULT_CONFIG, MOVED, parse_overrides, read_config
from imaging.training.settings import TrainSettings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(
        'train: {max_epochs: 20, name: a, lr: 0.1}\noptimizer: {lr: "@train::lr"}\n',
        encoding="utf-8",
    )
    return path


def test_overrides_replace_single_values(config: Path) -> None:
    overrides = parse_overrides(["--train.max_epochs", "5", "--train.lr=1e-3", "--train.name", "b"])
    assert read_config(config, overrides) == {
        "train": {"max_epochs": 5, "name": "b", "lr": 0.001},
        "optimizer": {"lr": "@train::lr"},
    }


def test_a_configuration_may_say_only_what_differs(config: Path) -> None:
    config.with_name("fast.yaml").write_text(
        "extends: net.yaml\ntrain: {max_epochs: 3}\nloss: {weight: 2}\n", encoding="utf-8"
    )
    assert read_config(config.with_name("fast.yaml"), {"train.lr": 0.2}) == {
        "train": {"max_epochs": 3, "name": "a", "lr": 0.2},
        "optimizer": {"lr": "@train::lr"},
        "loss": {"weight": 2},
    }


def test_another_class_takes_none_of_the_former_ones_values(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("net: {_target_: a.A, width: 3}\n", encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text("extends: net.yaml\nnet: {_target_: a.B, depth: 1}\n", encoding="utf-8")
    assert read_config(other) == {"net": {"_target_": "a.B", "depth": 1}}
    other.write_text("extends: net.yaml\nnet: {_target_: a.A, depth: 1}\n", encoding="utf-8")
    assert read_config(other) == {"net": {"_target_": "a.A", "width": 3, "depth": 1}}


def test_extending_in_a_circle_or_nothing_is_refused(config: Path) -> None:
    config.write_text("extends: other.yaml\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"net\.yaml: extends other\.yaml, and there is no such"):
        read_config(config)
    config.with_name("other.yaml").write_text("extends: net.yaml\n", encoding="utf-8")
    with pytest.raises(DataError, match="extends itself"):
        read_config(config)


@pytest.mark.parametrize("other", ["''", "", "/", "[net.yaml, b.yaml]", "5"])
def test_only_a_file_can_be_extended(config: Path, other: str) -> None:
    config.write_text(f"extends: {other}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"net\.yaml: 'extends' must be a file beside it or one of"):
        read_config(config)


def test_one_of_the_projects_can_be_extended_from_anywhere(
    config: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(config.parent)
    usual = read_config(Path("configs/imaging/unet_short.yaml"))
    ours = ("unet_short.yaml", "unet_short", "configs/imaging/unet_short.yaml")
    for other in (*ours, str(root / "configs/imaging/unet_short.yaml")):
        config.write_text(f"extends: {other}\ntrain: {{seed: 7}}\n", encoding="utf-8")
        assert read_config(config) == {**usual, "train": {**usual["train"], "seed": 7}}
    # One beside it comes first, wherever the program was started.
    config.with_name("unet_short.yaml").write_text("train: {lr: 5}\n", encoding="utf-8")
    config.write_text("extends: unet_short.yaml\n", encoding="utf-8")
    monkeypatch.chdir(root)
    assert read_config(config) == {"train": {"lr": 5}}


@pytest.mark.parametrize("name", ["unet_short", "unet_short.yaml", "configs/imaging/unet_short"])
def test_a_name_is_enough_for_one_of_the_projects(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_config(Path(name))["train"]["max_epochs"] == 2
    # One of that name in the current folder comes first.
    (tmp_path / "unet_short.yaml").write_text("train: {max_epochs: 1}\n", encoding="utf-8")
    expected = 2 if "/" in name else 1
    assert read_config(Path(name))["train"]["max_epochs"] == expected


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder; a configuration is a YAML file"):
        read_config(tmp_path)


def test_a_section_holds_keys_and_values(config: Path) -> None:
    config.with_name("odd.yaml").write_text(
        'extends: net.yaml\ntrain: 5\nloss: [a]\noptimizer: "$make()"\npostprocess:\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError) as error:
        read_config(config.with_name("odd.yaml"))
    assert [problem.split(": ", 1)[1] for problem in error.value.problems] == [
        "section 'train' must hold keys and values, not 5.",
        "section 'loss' must hold keys and values, not ['a'].",
    ]


def test_override_of_an_unknown_key_names_the_nearest(config: Path) -> None:
    with pytest.raises(
        UsageError, match=r"no value 'train.max_epoch'; did you mean --train.max_ep"
    ):
        read_config(config, {"train.max_epoch": 5})
    with pytest.raises(UsageError, match="did you mean --optimizer.lr"):
        read_config(config, {"optimizer.lrr": 5})
    with pytest.raises(UsageError, match="no value 'train.lr.max'"):
        read_config(config, {"train.lr.max": 5})


def test_a_number_stays_a_number(config: Path) -> None:
    with pytest.raises(UsageError, match="--train.max_epochs must be a number, not 'many'"):
        read_config(config, parse_overrides(["--train.max_epochs", "many"]))
    with pytest.raises(UsageError, match="--train.lr must be a number, not True"):
        read_config(config, parse_overrides(["--train.lr", "true"]))
    assert read_config(config, {"train.lr": "$1 / 8"})["train"]["lr"] == "$1 / 8"


@pytest.mark.parametrize(
    ("text", "value"), [("null", None), ("[1, 2]", [1, 2]), ("{a: 1}", {"a": 1})]
)
def test_a_number_may_become_several_or_none(config: Path, text: str, value: object) -> None:
    overrides = parse_overrides(["--train.lr", text])
    assert read_config(config, overrides)["train"]["lr"] == value


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--max-epochs", "5"], "No such option: --max-epochs"),
        (["--train.lr"], "needs a value"),
        (["corpus"], "Unexpected argument 'corpus'"),
        (["--train.lr", "[1, "], "neither JSON nor YAML"),
    ],
)
def test_arguments_that_are_no_overrides_are_bad_usage(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_overrides(arguments)


@pytest.mark.parametrize("content", [b"a: [1", b"- a\n- b\n", b"", "血".encode("gb18030")])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.yaml").write_bytes(content)
    with pytest.raises(DataError, match=r"net\.yaml: is no"):
        read_config(tmp_path / "net.yaml")
    with pytest.raises(DataError, match="no such file"):
        read_config(tmp_path / "other.yaml")


def test_configurations_of_the_project_are_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = read_config(DEFAULT_CONFIG)
    monkeypatch.chdir(tmp_path)
    assert read_config(DEFAULT_CONFIG) == usual
    with pytest.raises(DataError, match="^net.yaml: no such file; the project's own"):
        read_config(Path("net.yaml"))
    # One of that name in the current folder comes first.
    DEFAULT_CONFIG.parent.mkdir(parents=True)
    DEFAULT_CONFIG.write_text("train: {max_epochs: 1}\n", encoding="utf-8")
    assert read_config(DEFAULT_CONFIG) == {"train": {"max_epochs": 1}}


def test_settings_list_all_that_is_wrong() -> None:
    section = {
        "seed": 0,
        "max_epochs": 0,
        "patience": 1,
        "batch_size": 2.5,
        "cache_slices": 1,
        "background": 0.5,
    }
    with pytest.raises(DataError) as error:
        TrainSettings.from_config({**section, "patch": [64]})
    assert [p.split("'")[3] for p in error.value.problems] == ["max_epochs", "batch_size", "patch"]


def test_training_section_that_holds_no_keys_is_refused() -> None:
    with pytest.raises(DataError, match="section 'train' must hold keys and values"):
        TrainSettings.from_config([1, 2])  # type: ignore[arg-type]


def test_names_of_earlier_versions_are_taken_with_a_note(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "augment: {_target_: imaging.augment.AugmentBatch, flip: 0.5}\n"
        "loss: {_target_: imaging.loss.AnnotatedDiceBCELoss}\n",
        encoding="utf-8",
    )
    config = read_config(path)
    assert config["augment"]["_target_"] == "imaging.training.batches.augment.AugmentBatch"
    assert config["loss"]["_target_"] == "imaging.training.loss.AnnotatedDiceBCELoss"
    said = capsys.readouterr().err
    assert f"Note: {path}: imaging.augment.AugmentBatch is called imaging.training" in said
    assert said.count("Note:") == 2
    for name in MOVED.values():
        module, _, attribute = name.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute)
