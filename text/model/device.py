"""The GPU to compute on."""

from __future__ import annotations

import re

from cohort.base.errors import UsageError


def use_gpu(gpu_id: int) -> None:
    """Let spaCy compute on GPU `gpu_id`, or on the CPU for -1.

    Raises
    ------
    UsageError
        If there is no such GPU, or CuPy is not installed, saying what to install.
    """
    if gpu_id < 0:
        return
    from thinc.api import require_gpu
    from thinc.compat import has_cupy, has_torch_mps

    remedy = "use -1 for the CPU"
    if not has_cupy and not has_torch_mps:
        raise UsageError(
            f"--gpu-id {gpu_id}: spaCy needs CuPy to compute on a GPU; install the one for your "
            f'CUDA, such as `pip install "spacy[cuda12x]"`, or {remedy}.'
        )
    try:
        require_gpu(gpu_id)
    except Exception as error:  # of thinc, or of CuPy where there is a GPU of a lower number only
        raise UsageError(f"--gpu-id {gpu_id}: no such GPU ({error}); {remedy}.") from None


def gpu_of(device: str) -> int:
    """Return the number of the GPU that a device's name says, -1 for the CPU.

    Raises
    ------
    UsageError
        If it is no name of a device.

    Examples
    --------
    >>> gpu_of("cpu"), gpu_of("cuda"), gpu_of("cuda:1")
    (-1, 0, 1)
    """
    words = re.fullmatch(r"(cpu|cuda|mps)(?::(\d+))?", device.strip().lower())
    if words is None:
        raise UsageError(f"device {device!r}: is unknown; name cpu, cuda, cuda:1, … or mps.")
    return -1 if words[1] == "cpu" else int(words[2] or 0)
