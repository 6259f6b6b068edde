"""Three steps over many items, side by side.

Reading, computing and writing take different parts of a machine: while one scan's network runs,
the next scan is unpacked and the last one packed. At most three items are held at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeVar

from cohort.base.errors import DataError

Item = TypeVar("Item")
Loaded = TypeVar("Loaded")
Computed = TypeVar("Computed")
Result = TypeVar("Result")


def in_pipeline(
    items: Iterable[Item],
    load: Callable[[Item], Loaded],
    compute: Callable[[Loaded], Computed],
    save: Callable[[Loaded, Computed], Result],
) -> Iterator[Result | DataError]:
    """Yield for each of `items` in turn what `save` returned, or the `DataError` of a step.

    `load` and `save` run in a thread each, `compute` in the caller's. Any other exception ends it.

    Examples
    --------
    >>> list(in_pipeline([1, 2], lambda n: n + 1, lambda n: n * 10, lambda n, m: (n, m)))
    [(2, 20), (3, 30)]
    """
    waiting = iter(items)
    with ThreadPoolExecutor(1) as loader, ThreadPoolExecutor(1) as saver:
        loading = [loader.submit(load, item) for item in islice(waiting, 1)]
        saving: Future[Result] | None = None
        while loading:
            loaded = _attempt(loading.pop().result)
            loading = [loader.submit(load, item) for item in islice(waiting, 1)]
            failed = isinstance(loaded, DataError)
            computed = loaded if failed else _attempt(compute, loaded)
            if saving is not None:
                yield _attempt(saving.result)
                saving = None
            if isinstance(computed, DataError):
                yield computed
            else:
                saving = saver.submit(save, loaded, computed)
        if saving is not None:
            yield _attempt(saving.result)


def _attempt(step: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return step(*arguments)
    except DataError as error:
        return error
