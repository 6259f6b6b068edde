"""What `benchmarks/clusters/ray_scaling.py` makes of times, by times that follow its formula."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def scale() -> Any:
    pytest.importorskip("resource", reason="it needs /proc")
    from benchmarks.clusters import ray_scaling

    return ray_scaling


def test_parts_of_the_formula_are_found(scale: Any, capsys: pytest.CaptureFixture) -> None:
    """By 1 or 2 workers: 20 s to start, 3 s a case, and 0.1 s of the driver's."""

    def costs(start: float, each: float, driver: float = 0.1) -> dict[int, Any]:
        return {n: scale.Cost(start + n * each, 5 + n * driver, 1, 1, 1) for n in (10, 200)}

    found = {
        "one": costs(20, 3.1),
        "two": costs(20, 1.6),
        "plain": costs(8, 1.5),
        "local": costs(20, 1.6),
        "plain, 1 core": costs(8, 3),
    }
    line = scale.line_of(found["one"], 10, 200)
    assert line == pytest.approx((3.1, 20, 0.1))
    scale.tell("predict", found)
    said = capsys.readouterr().out
    assert "efficiency of two workers: 0.97 by the item, 0.94 start" in said
    assert "--ray local: 0.94 of the plain command's rate by the item, 0.91 with" in said
    assert "Ray costs an item 100.0 ms (3.3%)" in said
    assert "S = 20.0 s, a = 3 s, d = 0.1 s" in said and "= 340 s; they took 340 s" in said
    assert f"serial share of one worker's time: {(2 * 340 - 640) / 640:.1%}" in said
