"""What to compute on, as people name it: `cpu`, `cuda`, `cuda:1`, `mps`; or a GPU's number."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple

import typer

from cohort.base.errors import UsageError

DeviceOption = Annotated[
    str,
    typer.Option(
        "--device",
        "--gpu-id",
        metavar="DEVICE",
        help="What to compute on: cpu, cuda, cuda:1, … or mps; or a GPU's number, -1 for the CPU.",
    ),
]
"""The option of every command that computes; `--gpu-id` is spaCy's name for it."""

_NAME = re.compile(r"(cpu|cuda|mps)|cuda:(\d+)|(-?\d+)")


class NamedDevice(NamedTuple):
    """A device that was named, whether it is there or not.

    Attributes
    ----------
    kind
        Of device.
    number
        Of the GPU.
    option
        How it was named, for sentences.
    """

    kind: Literal["cpu", "cuda", "mps"]
    number: int
    option: str


def parse_device(device: str | int) -> NamedDevice:
    """Return the device that a name, or a GPU's number, means.

    Raises
    ------
    UsageError
        If it is neither.

    Examples
    --------
    >>> parse_device("cuda:1")
    NamedDevice(kind='cuda', number=1, option='--device cuda:1')
    >>> parse_device(-1).kind, parse_device("0").kind, parse_device("0").option
    ('cpu', 'cuda', '--gpu-id 0')
    """
    said = str(device).strip().lower()
    match = _NAME.fullmatch(said)
    if match is None:
        raise UsageError(
            f"--device {device}: is unknown; name cpu, cuda, cuda:1, … or mps, or a GPU's number."
        )
    plain, of_cuda, bare = match.groups()
    if plain == "cpu" or (bare and int(bare) < 0):
        return NamedDevice("cpu", 0, f"--device {said}")
    if plain == "mps":
        return NamedDevice("mps", 0, f"--device {said}")
    named = f"--gpu-id {said}" if bare else f"--device {said}"
    return NamedDevice("cuda", int(of_cuda or bare or 0), named)
