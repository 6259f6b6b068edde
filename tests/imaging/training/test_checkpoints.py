"""Checkpoints: a training that was killed and resumed ends as if it never had been."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from cohort.base.errors import DataError
from imaging.scans.datalist import DATALIST
from imaging.training.checkpoints import MAY_CHANGE, read_checkpoint
from imaging.training.history import History
from imaging.training.loop import train
from tests.conftest import ROOT

Config = Callable[[], dict[str, Any]]

# For each moment that is told, a training in a process of its own, which is killed then. They are
# forked, so that torch and MONAI are loaded once.
KILLED = """
import os, signal, sys
from pathlib import Path
import yaml
import imaging.training.checkpoints, imaging.training.validation
from imaging.training.loop import train

config, corpus, output = sys.argv[1:]
for line in sys.stdin:
    moment = line.strip()
    process = os.fork()
    if not process:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
else:
    sys.exit()

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def observe(step, *_):
    if moment == f"step {step}":
        kill()

def save_half(path, value, save=imaging.training.checkpoints.write_plain):
    save(path, value)
    os.truncate(path, os.path.getsize(path) // 2)
    kill()

def replace_half(source, target, replace=os.replace):
    replace(source, target)
    if str(target).endswith(".old"):
        kill()

if moment == "validation":
    imaging.training.validation.slice_probabilities = kill
if moment == "writing the checkpoint":
    imaging.training.checkpoints.write_plain = save_half
if moment == "replacing a model":
    os.replace = replace_half
text = Path(config).read_text(encoding="utf-8")
train(yaml.safe_load(text), Path(corpus), Path(output), resume=True, observe=observe)
"""


@pytest.fixture(scope="module")
def config(small_config: Config) -> dict[str, Any]:
    """Return a configuration of three steps an epoch and four epochs, each the best so far."""
    config = small_config()
    config["train"] |= {"max_epochs": 4, "batch_size": 2, "learning_rate": 0.02, "ema": 0.5}
    return config


@pytest.fixture(scope="module")
def whole(
    config: dict[str, Any], corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, History]:
    """Return the output of a training that nothing interrupts."""
    output = tmp_path_factory.mktemp("whole") / "imaging"
    return output, train(config, corpus, output)


def weights(output: Path, name: str) -> dict[str, torch.Tensor]:
    return torch.load(output / name / "models" / "model.pt", weights_only=True)


def without_seconds(history: History) -> list[Any]:
    return [replace(epoch, seconds=0.0) for epoch in history.epochs]


def assert_same(output: Path, history: History, whole: tuple[Path, History]) -> None:
    assert without_seconds(history) == without_seconds(whole[1])
    for name in ("model-best", "model-last"):
        ours, theirs = weights(output, name), weights(whole[0], name)
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    saved = [read_checkpoint(folder / "checkpoint.pt") for folder in (output, whole[0])]
    assert str(saved[0]["optimizer"]) == str(saved[1]["optimizer"])
    assert sorted(p.name for p in output.iterdir()) == sorted(p.name for p in whole[0].iterdir())


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows knows no SIGKILL")
def test_training_killed_at_any_moment_ends_as_if_never_killed(
    config: dict[str, Any], whole: tuple[Path, History], corpus: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    (tmp_path / "net.yaml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    paths = [str(tmp_path / "net.yaml"), str(corpus), str(output)]
    steps = read_checkpoint(whole[0] / "checkpoint.pt")["trainer"]["epoch_length"]
    assert steps > 2
    threads = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": str(torch.get_num_threads())}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, *paths],
        cwd=ROOT,
        env={**os.environ, **threads},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as trainings:
        for moment, epochs_kept in (
            ("step 2", None),
            (f"step {steps + 2}", 1),
            ("validation", 1),
            ("writing the checkpoint", 1),
            ("replacing a model", 1),
        ):
            print(moment, file=trainings.stdin, flush=True)
            assert trainings.stdout and int(trainings.stdout.readline()) == -signal.SIGKILL, moment
            saved = read_checkpoint(output / "checkpoint.pt")
            assert (saved and len(saved["history"]["epochs"])) == epochs_kept, moment
    assert list(output.glob(".*.partial.*")), "the last moment leaves something half-done"
    history = train(config, corpus, output, resume=True)
    assert_same(output, history, whole)


@pytest.mark.parametrize("size", [100, 1000, 40_000])  # the table, the picture, the checkpoint
def test_a_full_disk_leaves_models_and_checkpoint_of_before(
    config: dict[str, Any],
    whole: tuple[Path, History],
    corpus: Path,
    tmp_path: Path,
    no_room: Callable[[int], AbstractContextManager[None]],
    size: int,
) -> None:
    output = tmp_path / "out"
    shutil.copytree(whole[0], output)
    longer = {**config, "train": {**config["train"], "max_epochs": 6, "patience": 9}}
    with no_room(size), pytest.raises(OSError) as error:
        train(longer, corpus, output, resume=True)
    assert error.value.errno == errno.EFBIG and Path(error.value.filename).parent == output
    assert not list(output.glob(".*partial*"))
    saved = read_checkpoint(output / "checkpoint.pt")
    assert saved is not None and len(saved["history"]["epochs"]) == 4
    assert len(train(longer, corpus, output, resume=True).epochs) == 6


def test_interrupted_training_ends_as_if_never_broken_off(
    config: dict[str, Any], whole: tuple[Path, History], corpus: Path, tmp_path: Path
) -> None:
    def break_off(step: int, steps: int, loss: float, history: History) -> None:
        if len(history.epochs) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, corpus, tmp_path / "out", observe=break_off)
    notes: list[str] = []
    history = train(config, corpus, tmp_path / "out", resume=True, say=notes.append)
    assert_same(tmp_path / "out", history, whole)
    assert notes == []


def test_resume_with_nothing_yet_starts_at_the_beginning_and_says_so(
    config: dict[str, Any], whole: tuple[Path, History], corpus: Path, tmp_path: Path
) -> None:
    notes: list[str] = []
    history = train(config, corpus, tmp_path / "out", resume=True, say=notes.append)
    assert_same(tmp_path / "out", history, whole)
    (note,) = notes
    assert re.search(r"checkpoint\.pt: no such file, so the training starts", note)


def test_finished_training_goes_on_with_more_epochs(
    config: dict[str, Any], whole: tuple[Path, History], corpus: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    shutil.copytree(whole[0], output)
    before = (output / "checkpoint.pt").stat().st_mtime_ns
    assert len(train(config, corpus, output, resume=True).epochs) == 4
    assert (output / "checkpoint.pt").stat().st_mtime_ns == before, "nothing was left to do"
    longer = {**config, "train": {**config["train"], "max_epochs": 6}}
    history = train(longer, corpus, output, resume=True)
    assert [epoch.number for epoch in history.epochs] == [1, 2, 3, 4, 5, 6]
    assert history.epochs[4].learning_rate > 0, "the schedule is as long as the new training"


def test_patience_counts_the_epochs_before_the_break(
    small_config: Config, corpus: Path, tmp_path: Path
) -> None:
    config = small_config()
    config["train"] |= {"max_epochs": 2, "patience": 3, "learning_rate": 0.0, "ema": 0}
    config["optimizer"]["weight_decay"] = 0
    config["network_def"]["norm"] = "INSTANCE"  # no statistics that move by themselves
    train(config, corpus, tmp_path / "out")
    config["train"]["max_epochs"] = 9
    for _ in range(2):  # the second has nothing left to do
        assert len(train(config, corpus, tmp_path / "out", resume=True).epochs) == 4


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("network_def", "channels", [4, 6], r"'network_def.channels' was \[4, 8\] .* \[4, 6\] now"),
        ("train", "batch_size", 3, "'train.batch_size' was 2 .* is 3 now"),
        ("train", "ema", 0, "'train.ema' was 0.5 .* is 0 now"),
        ("train", "learning_rate", 0.5, "'train.learning_rate' was 0.02 .* is 0.5 now"),
    ],
)
def test_checkpoint_of_another_training_is_refused(
    config: dict[str, Any],
    whole: tuple[Path, History],
    corpus: Path,
    section: str,
    key: str,
    value: Any,
    message: str,
) -> None:
    other = {**config, section: {**config[section], key: value}}
    with pytest.raises(DataError, match=rf"checkpoint\.pt: doesn't fit: {message}"):
        train(other, corpus, whole[0], resume=True)
    assert f"{section}.{key}" not in MAY_CHANGE


def test_a_corpus_of_another_split_is_refused(
    config: dict[str, Any], whole: tuple[Path, History], corpus: Path, tmp_path: Path
) -> None:
    # As many slices in each part as before, and one of each changes places.
    other = tmp_path / "corpus"
    shutil.copytree(corpus, other)
    listed = json.loads((other / DATALIST).read_text(encoding="utf-8"))
    train_, val = listed["training"], listed["validation"]
    train_[0], val[0] = val[0], train_[0]
    (other / DATALIST).write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"checkpoint\.pt: doesn't fit: the corpus has other slices"
    ):
        train(config, other, whole[0], resume=True)
    # In another order they are the same.
    again = json.loads((corpus / DATALIST).read_text(encoding="utf-8"))
    for name in ("training", "validation"):
        again[name].reverse()
    (other / DATALIST).write_text(json.dumps(again), encoding="utf-8")
    train(config, other, whole[0], resume=True)


def test_files_that_are_no_checkpoint_are_refused(
    config: dict[str, Any], whole: tuple[Path, History], corpus: Path, tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint.pt"
    good = (whole[0] / "checkpoint.pt").read_bytes()
    for content in (b"", b"nothing", b".", good[: len(good) // 2]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"checkpoint\.pt: is not a checkpoint, or damaged"):
            train(config, corpus, tmp_path, resume=True)
        assert path.read_bytes() == content
    torch.save({"network": {}}, path)
    with pytest.raises(DataError, match=r"checkpoint\.pt: is not a checkpoint, or damaged"):
        read_checkpoint(path)


@pytest.mark.filterwarnings("ignore:.*CUDA is not available")
def test_gradient_scale_of_mixed_precision_goes_on(
    config: dict[str, Any], corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # MONAI's mixed precision with the scaler of the CPU, which works as that of a GPU does.
    def scaler() -> torch.amp.GradScaler:
        return torch.amp.GradScaler("cpu", init_scale=4.0, growth_interval=4)

    monkeypatch.setattr("imaging.training.run.scales_gradients", lambda *_: True)
    monkeypatch.setattr("torch.cuda.amp.GradScaler", scaler)
    config = {**config, "train": {**config["train"], "max_epochs": 2}}
    train(config, corpus, tmp_path / "whole")

    def break_off(step: int, steps: int, loss: float, history: History) -> None:
        if history.last:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, corpus, tmp_path / "out", observe=break_off)
    train(config, corpus, tmp_path / "out", resume=True)
    states = [read_checkpoint(tmp_path / n / "checkpoint.pt")["scaler"] for n in ("whole", "out")]
    assert states[0] == states[1]
    # Six steps: after four the scale has doubled, and two more are counted.
    assert states[0]["scale"] == 8.0 and states[0]["_growth_tracker"] == 2
