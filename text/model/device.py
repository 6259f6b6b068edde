"""The device to compute on."""

from __future__ import annotations

from cohort.base.devices import parse_device
from cohort.base.errors import UsageError


def use_device(device: str | int = "cpu") -> None:
    """Let spaCy compute on a device: `cpu`, `cuda`, `cuda:1`, `mps`; or the GPU of that number.

    Raises
    ------
    UsageError
        If there is no such device, or CuPy is not installed, saying what to install.
    """
    kind, number, said = parse_device(device)
    if kind == "cpu":
        return
    from thinc.api import require_gpu
    from thinc.compat import has_cupy, has_torch_mps

    remedy = "use --device cpu"
    if not has_cupy and not has_torch_mps:
        raise UsageError(
            f"{said}: spaCy needs CuPy to compute on a GPU; install the one for your "
            f'CUDA, such as `pip install "spacy[cuda12x]"`, or {remedy}.'
        )
    try:
        require_gpu(number)
    except Exception as error:  # of thinc, or of CuPy where there is a GPU of a lower number only
        raise UsageError(f"{said}: no such GPU ({error}); {remedy}.") from None
