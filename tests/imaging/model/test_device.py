"""The device: what is named, and what torchrun decides."""

from __future__ import annotations

import pytest
import torch

from cohort.base.errors import UsageError
from imaging.model.device import pick_device


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def test_gpu_is_the_one_named(two_gpus: None) -> None:
    assert pick_device(-1) == torch.device("cpu")
    assert pick_device(1) == torch.device("cuda", 1)
    assert pick_device("cuda") == torch.device("cuda", 0)
    assert pick_device("cuda:1") == torch.device("cuda", 1) == pick_device("1")
    assert pick_device(torch.device("cuda", 1)) == torch.device("cuda", 1)
    with pytest.raises(UsageError, match="--gpu-id 2: there are 2, from 0 on"):
        pick_device(2)
    with pytest.raises(UsageError, match="--device cuda:2: there are 2, from 0 on"):
        pick_device("cuda:2")


def test_apples_gpu_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert pick_device("mps") == torch.device("mps")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(UsageError, match="--device mps: torch finds none here"):
        pick_device("mps")


def test_under_torchrun_each_process_has_a_gpu_of_its_own(
    two_gpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert pick_device(0) == torch.device("cuda", 1)
    assert pick_device(-1) == torch.device("cpu")
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(UsageError, match="torchrun: process 2 finds 2 GPUs"):
        pick_device(0)
