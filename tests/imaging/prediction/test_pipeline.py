"""Three steps over many items, side by side."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from cohort.base.errors import DataError
from imaging.prediction.pipeline import in_pipeline


def test_results_come_in_order_with_the_errors_of_each_step_in_their_place() -> None:
    def load(n: int) -> int:
        if n == 1:
            raise DataError("one")
        return n

    def compute(n: int) -> int | None:
        if n == 2:
            raise DataError("two")
        return 2 * n or None  # of nothing comes nothing, which is saved as well

    def save(n: int, doubled: int | None) -> tuple[int, int | None]:
        if n == 3:
            raise DataError("three")
        return n, doubled

    found = list(in_pipeline(range(5), load, compute, save))
    shown = [str(f) if isinstance(f, DataError) else f for f in found]
    assert shown == [(0, None), "one", "two", "three", (4, 8)]


def test_no_items_give_nothing() -> None:
    assert list(in_pipeline([], str, str, lambda a, b: a)) == []


def test_the_next_is_loaded_while_one_is_computed_and_no_more() -> None:
    loaded: list[int] = []
    second = threading.Event()

    def load(n: int) -> int:
        loaded.append(n)
        if n == 1:
            second.set()
        return n

    def compute(n: int) -> int:
        if n == 0:
            assert second.wait(10)
        assert max(loaded) <= n + 1
        return n

    assert list(in_pipeline(range(4), load, compute, lambda a, _: a)) == [0, 1, 2, 3]


@pytest.mark.parametrize("where", ["load", "compute", "save"])
def test_other_exceptions_end_it(where: str) -> None:
    saved: list[int] = []

    def step(name: str) -> Any:
        def run(n: int, *_: int) -> int:
            if name == where and n == 1:
                raise KeyboardInterrupt
            if name == "save":
                saved.append(n)
            return n

        return run

    with pytest.raises(KeyboardInterrupt):
        list(in_pipeline(range(9), step("load"), step("compute"), step("save")))
    assert set(saved) <= {0}
