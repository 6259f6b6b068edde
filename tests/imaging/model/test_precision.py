"""Where 16 bits are worth it, and what they leave as it was."""

from __future__ import annotations

import pytest
import torch

from cohort.facts.structures import STRUCTURE_IDS
from imaging.model.inference import slice_probabilities
from imaging.model.precision import (
    Bfloat16Inferer,
    _has_bfloat16,
    in_bfloat16,
    scales_gradients,
)

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)


@pytest.fixture(params=[False, True], ids=["plain CPU", "CPU with bfloat16"])
def has_units(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr("imaging.model.precision.cpu_has_bfloat16", lambda: request.param)
    return request.param


def test_gradients_are_scaled_on_gpus_only() -> None:
    assert scales_gradients(True, GPU)
    assert not scales_gradients(False, GPU)
    assert not scales_gradients(True, CPU)


@pytest.mark.parametrize("name", ["avx512_bf16", "amx_bf16"])
def test_the_cpu_is_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def get_capabilities() -> dict[str, bool]:
        return {"avx2": True, name: True}

    monkeypatch.setattr(torch.cpu, "get_capabilities", get_capabilities, raising=False)
    assert _has_bfloat16.__wrapped__()
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, name: False})
    assert not _has_bfloat16.__wrapped__()
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert not _has_bfloat16.__wrapped__()


def test_only_cpus_that_can_compute_in_bfloat16(has_units: bool) -> None:
    network = torch.nn.Conv2d(1, 1, 3)
    image = torch.rand(1, 1, 8, 8)
    expected = torch.bfloat16 if has_units else torch.float32
    assert Bfloat16Inferer()(image, network).dtype == expected
    assert Bfloat16Inferer(wanted=False)(image, network).dtype == torch.float32


def test_mixed_precision_of_a_gpu_is_left_on(has_units: bool) -> None:
    torch.set_autocast_enabled("cuda", True)  # as MONAI's engines do, which needs no GPU
    try:
        with in_bfloat16(GPU):
            assert torch.is_autocast_enabled("cuda")
            assert not torch.is_autocast_enabled("cpu")
    finally:
        torch.set_autocast_enabled("cuda", False)


def test_weights_and_gradients_stay_in_float32(has_units: bool) -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    Bfloat16Inferer()(torch.rand(2, 1, 8, 8), network).float().sum().backward()
    for tensor in network.state_dict().values():
        assert tensor.dtype in (torch.float32, torch.int64)
    assert all(weight.grad.dtype == torch.float32 for weight in network.parameters())


def test_probabilities_are_those_of_float32_nearly(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = torch.nn.Conv2d(3, len(STRUCTURE_IDS), 5, padding=2)
    image = torch.rand(3, 40, 32, 3)
    found = {}
    for has_units in (False, True):
        monkeypatch.setattr("imaging.model.precision.cpu_has_bfloat16", lambda has=has_units: has)
        found[has_units] = slice_probabilities(network, image, flips=True)
        assert found[has_units].dtype == torch.float32
    difference = (found[True] - found[False]).abs().max()
    assert 0 < difference < 0.005
