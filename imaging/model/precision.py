"""Where 16 bits are enough: on GPUs, and on CPUs that have instructions for them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import torch
from monai.inferers import SimpleInferer


def scales_gradients(wanted: bool, device: torch.device) -> bool:
    """Return whether MONAI's own mixed precision is for this device: on GPUs only.

    It computes in float16, whose range is so small that gradients need to be scaled.
    """
    return wanted and device.type == "cuda"


def in_bfloat16(device: torch.device, wanted: bool = True) -> AbstractContextManager[object]:
    """Return a context in which convolutions compute in bfloat16 on CPUs made for it.

    There it takes half the time and keeps the range of float32. Other CPUs convert to and fro and
    take longer; on them, and on GPUs, the context changes nothing. Weights stay in float32.
    """
    if wanted and device.type == "cpu" and cpu_has_bfloat16():
        return torch.autocast("cpu", torch.bfloat16)
    return nullcontext()  # on a GPU MONAI's own mixed precision may be on


def compute_in_bfloat16(wanted: bool) -> None:
    """Let CPUs compute in bfloat16, or not, in this process: as another one has decided for all."""
    _decided[:] = [wanted]


def cpu_has_bfloat16() -> bool:
    """Return whether this CPU multiplies bfloat16, or what was decided in its place."""
    return _decided[0] if _decided else _has_bfloat16()


_decided: list[bool] = []


@cache
def _has_bfloat16() -> bool:
    """Return whether this CPU multiplies bfloat16 (x86 with AVX512_BF16 or AMX).

    Versions of torch that cannot tell count as those that cannot do it.
    """
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


class Bfloat16Inferer(SimpleInferer):
    """MONAI's inferer within `in_bfloat16`: for CPUs what `amp` of its engines is for GPUs.

    Parameters
    ----------
    wanted
        False to compute in float32 everywhere.
    """

    def __init__(self, wanted: bool = True) -> None:
        super().__init__()
        self.wanted = wanted

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Return what `network` makes of `inputs`."""
        with in_bfloat16(inputs.device, self.wanted):
            return super().__call__(inputs, network, *args, **kwargs)
