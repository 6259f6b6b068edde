"""A Ray cluster on this machine, for tests; `node` of tests/conftest.py gives it more nodes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def cluster_with_head(cores: int, **environment: str) -> Iterator[Any]:
    """Give a cluster whose head has so many cores; skips where there can't be one.

    Parameters
    ----------
    cores
        How many workers the head can have; with none, all work is other nodes'.
    **environment
        Variables of all its nodes, and of programs that use it.
    """
    from benchmarks.clusters.ray_nodes import missing, ray_nodes

    if why := missing():
        pytest.skip(why)
    with ray_nodes() as nodes:
        nodes.environment.update(environment)
        nodes.start(cores)
        yield nodes
