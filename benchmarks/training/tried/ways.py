"""How a setting is trained: the product's own training, or one with parts of it replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from benchmarks.training.tried import deep, hard, neighbours
from imaging.model import network
from imaging.training import distributed, run
from imaging.training.run import Training

WAYS: dict[str, tuple[type[Training], Mapping[str, Any]]] = {
    "usual": (Training, {}),
    "deep": (deep.DeepTraining, {}),
    "hard": (hard.HardTraining, {"SliceSampler": hard.HardSampler}),
    "neighbours": (
        Training,
        {
            "training_patches": neighbours.patches_of_three,
            "PrepareBatch": neighbours.PrepareThree,
            "make_evaluator": neighbours.evaluator_of_three,
        },
    ),
}
"""Name to the class of the training, and to what stands in place of parts of
`imaging.training.run`. Only what is compared here needs that, so the product has no hooks for it.
"""


@contextmanager
def training_class(way: str) -> Iterator[type[Training]]:
    """Put the parts of a way in place, and return its training."""
    training, parts = WAYS[way]
    known = {name: once(part) if name in READ else part for name, part in parts.items()}
    networks = {**network.NETWORKS_FROM, "benchmarks.training.tried": "benchmarks.training.tried."}
    with patch.object(network, "NETWORKS_FROM", networks), patch.dict(vars(run), known):
        yield training


@contextmanager
def short_epochs(steps: int) -> Iterator[None]:
    """Let an epoch end after so many steps; each shows other slices, drawn at random."""

    class Shortened(distributed.BatchShares):
        def __len__(self) -> int:
            return min(steps, super().__len__())

    with patch.object(distributed, "BatchShares", Shortened):
        yield


READ = ("training_patches", "validation_volumes")
_READ: dict[Any, Any] = {}


@contextmanager
def reading_once() -> Iterator[None]:
    """Keep slices in memory from one training to the next."""
    with patch.dict(vars(run), {name: once(getattr(run, name)) for name in READ}):
        yield
    _READ.clear()


def once(read: Callable[..., Any]) -> Callable[..., Any]:
    """Return `read`, of the entries of a datalist, that gives again what it gave before."""

    def known(entries: Sequence[Mapping[str, Any]], *how: Any) -> Any:
        key = (read, len(entries), str(entries[0]["image"]), repr(how))
        if key not in _READ:
            _READ[key] = read(entries, *how)
        return _READ[key]

    return known
