"""Items done in threads, for work that releases the interpreter's lock: unpacking, packing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from cohort.base.errors import DataError
from cohort.base.processes import cores
from cohort.work.job import Item, Made


def in_threads(
    items: Iterable[Item], make: Callable[[Item], Made], most: int | None = None
) -> Iterator[Made | DataError]:
    """Yield for each item, in order, what `make` returned, or the `DataError` that it raised.

    As many are held at once as there are cores, `most` at most.
    """
    threads = min(most or cores(), cores())
    waiting: deque[Future[Made | DataError]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(_attempt, make, item))
                if len(waiting) == threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _attempt(make: Callable[[Item], Made], item: Item) -> Made | DataError:
    try:
        return make(item)
    except DataError as error:
        return error
