"""The running average of the weights: its values, buffers, and state."""

from __future__ import annotations

import pytest
import torch

from imaging.training.averaging import WeightAverage


def network_with(value: float) -> torch.nn.Sequential:
    """Return a network whose weights and running means all are `value`."""
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    set_all(network, value)
    return network


def set_all(network: torch.nn.Module, value: float) -> None:
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            tensor.fill_(round(value) if "num_batches" in name else value)


def values(network: torch.nn.Module) -> dict[str, float]:
    return {name: float(t.double().mean()) for name, t in network.state_dict().items()}


def test_average_of_weights_and_batch_statistics_follows_the_formula() -> None:
    network = network_with(0.0)
    average = WeightAverage(network, 0.5)
    expected = None
    for step, value in enumerate([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0]):
        set_all(network, value)
        average.update_parameters(network)
        # (1 + n) / (10 + n) passes one half at n = 8.
        decay = min(0.5, (1 + step) / (10 + step))
        expected = value if expected is None else decay * expected + (1 - decay) * value
        floats = {k: v for k, v in values(average.module).items() if "num_batches" not in k}
        assert floats == pytest.approx(dict.fromkeys(floats, expected), rel=1e-6)
    assert average.share_of_new() == 0.5
    assert values(average.module)["1.num_batches_tracked"] == 512


def test_short_training_forgets_its_start() -> None:
    network = network_with(0.0)
    average = WeightAverage(network, 0.999)
    for step in range(200):
        set_all(network, 100.0 if step < 100 else 1.0)
        average.update_parameters(network)
    # A plain average with this decay would still be at 90.
    assert values(average.module)["0.weight"] == pytest.approx(1, abs=0.3)


def test_average_shares_no_memory_with_the_network_and_stays_in_evaluation_mode() -> None:
    network = network_with(1.0).train()
    average = WeightAverage(network, 0.9)
    average.update_parameters(network)
    set_all(network, 5.0)
    assert set(values(average.module).values()) == {1.0}
    assert not any(module.training for module in average.module.modules())


def test_average_goes_on_from_its_state() -> None:
    network = network_with(1.0)
    one, two = WeightAverage(network, 0.9), WeightAverage(network, 0.9)
    for value in (1.0, 3.0, 2.0):
        set_all(network, value)
        one.update_parameters(network)
    two.load_state_dict(one.state_dict())
    set_all(network, 7.0)
    for average in (one, two):
        average.update_parameters(network)
    assert values(one) == values(two)
