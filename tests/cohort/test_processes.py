"""Work in several processes."""

from __future__ import annotations

import os

import pytest

from cohort.errors import DataError
from cohort.processes import cores, process_pool


def test_a_killed_process_is_said() -> None:
    with (
        pytest.raises(DataError, match="ended from outside.*--processes 1"),
        process_pool(1) as pool,
    ):
        pool.submit(os.abort).result()


def test_cores_are_those_that_may_be_used() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
