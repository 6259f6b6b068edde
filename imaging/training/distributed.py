"""One training in several processes, on the GPUs of one machine or of many, as torchrun starts it.

`torchrun --nproc-per-node 4 -m imaging.train --device cuda` takes the same steps as one process:
`train.batch_size` stays the number of slices a step, of which each process sees its share, the
gradients are averaged, and all processes hold the same weights. What differs from one process:
the Dice in the loss is over each process's slices, and so is batch norm on CPUs (on GPUs it is
over all).
"""

from __future__ import annotations

import gc
import inspect
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import ignite.distributed as idist
import torch
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import Sampler

from cohort.base.errors import DataError

T = TypeVar("T")

FORWARD_SYNC = "forward_sync_buffers"
_DDP_OPTIONS = inspect.signature(DistributedDataParallel.__init__).parameters


def is_first() -> bool:
    """Return whether this process is the one that writes and speaks, or the only one."""
    return not torch.distributed.is_torchelastic_launched() or os.environ.get("RANK") == "0"


@contextmanager
def process_group(device: torch.device) -> Iterator[None]:
    """Join the other processes that torchrun started; without torchrun there are none."""
    if not torch.distributed.is_torchelastic_launched():
        yield
        return
    idist.initialize("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        # Engines refer to each other in circles. A network that is still there keeps the group's
        # threads alive, and those can abort the process while the interpreter shuts down.
        gc.collect()
        idist.finalize()


class BatchShares(Sampler[list[int]]):
    """Batches over all processes, of which this process gets its share.

    What is left over when the last batch is not full is dropped: few slices would weigh as much
    as a whole batch. A corpus smaller than a batch is one batch.

    Parameters
    ----------
    order
        The order of the slices, the same in all processes.
    batch_size
        Slices of a batch, over all processes.

    Raises
    ------
    DataError
        If the processes cannot have equal shares.
    """

    def __init__(self, order: Sampler[int], batch_size: int) -> None:
        self.order = order
        self.slices: int = len(order)  # type: ignore[arg-type]
        self.batch_size = min(batch_size, self.slices)
        self.rank, self.processes = idist.get_rank(), idist.get_world_size()
        if self.batch_size % self.processes:
            raise DataError(
                f"A batch of {self.batch_size} slices can't be shared equally by "
                f"{self.processes} processes; set --train.batch_size to a multiple of "
                f"{self.processes} (an epoch has {self.slices} slices)."
            )

    def __len__(self) -> int:
        return self.slices // self.batch_size

    def __iter__(self) -> Iterator[list[int]]:
        indices = list(self.order)
        share = self.batch_size // self.processes
        for batch in range(len(self)):
            start = batch * self.batch_size + self.rank * share
            yield indices[start : start + share]


def share_volumes(volumes: Sequence[T]) -> list[T]:
    """Return the volumes that this process validates.

    The scores of all processes are gathered by MONAI's metrics. If there are fewer volumes than
    processes, each validates all: every volume then counts equally often.
    """
    processes = idist.get_world_size()
    if len(volumes) < processes:
        return list(volumes)
    return list(volumes[idist.get_rank() :: processes])


def with_batch_norm_over_all(network: torch.nn.Module, device: torch.device) -> torch.nn.Module:
    """Return the network with batch norm over the slices of all processes, where that exists."""
    if idist.get_world_size() > 1 and device.type == "cuda":
        return torch.nn.SyncBatchNorm.convert_sync_batchnorm(network)
    return network


def averaging_gradients(network: torch.nn.Module, device: torch.device) -> torch.nn.Module:
    """Return a module whose backward pass leaves the mean gradient of all processes."""
    if idist.get_world_size() == 1:
        return network
    # Statistics of batch norm are averaged once an epoch instead of being sent in each step.
    options: dict[str, Any] = {
        "device_ids": [device] if device.type == "cuda" else None,
        # Its name from torch 2.13 on, and the one before.
        FORWARD_SYNC if FORWARD_SYNC in _DDP_OPTIONS else "broadcast_buffers": False,
    }
    return DistributedDataParallel(network, **options)


def average_buffers(network: torch.nn.Module) -> None:
    """Set the statistics of batch norm to their mean over all processes."""
    if idist.get_world_size() == 1:
        return
    buffers = [b for b in network.buffers() if b.is_floating_point()]
    if buffers:
        mean = average(torch.cat([buffer.flatten() for buffer in buffers]))
        for buffer, part in zip(buffers, mean.split([b.numel() for b in buffers]), strict=True):
            buffer.copy_(part.view_as(buffer))


def average(values: torch.Tensor) -> torch.Tensor:
    """Return the mean of `values` over all processes."""
    processes = idist.get_world_size()
    if processes == 1:
        return values
    total = values.clone()
    torch.distributed.all_reduce(total)
    return total / processes


def from_first(value: T) -> T:
    """Return the value that the first process has."""
    if idist.get_world_size() == 1:
        return value
    box: list[Any] = [value]
    torch.distributed.broadcast_object_list(box)
    return box[0]
