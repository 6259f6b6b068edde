"""The device: what is named, what torchrun decides, and where 16 bits are worth it."""

from __future__ import annotations

import pytest
import torch

from cohort.errors import UsageError
from imaging.device import computes_in_mixed_precision, pick_device


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def test_gpu_is_the_one_named(two_gpus: None) -> None:
    assert pick_device(-1) == torch.device("cpu")
    assert pick_device(1) == torch.device("cuda", 1)
    with pytest.raises(UsageError, match="--gpu-id 2: there are 2, from 0 on"):
        pick_device(2)


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


def test_mixed_precision_is_for_gpus_only() -> None:
    gpu, cpu = torch.device("cuda", 0), torch.device("cpu")
    assert computes_in_mixed_precision(True, gpu)
    assert not computes_in_mixed_precision(False, gpu)
    assert not computes_in_mixed_precision(True, cpu)
