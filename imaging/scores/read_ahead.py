"""A dataset that reads one item ahead, in a thread."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from monai.data import Dataset


class ReadAhead(Dataset):
    """Items of MONAI's `Dataset` that are read while the one before is in use.

    For loaders that ask for one item after the other. MONAI's `ThreadDataLoader` would do it as
    well, but where an item raises, it ends as if there were no more.
    """

    def __init__(self, data: Any, transform: Any) -> None:
        super().__init__(data, transform)
        self._thread = ThreadPoolExecutor(1)
        self._reading: dict[int, Future[Any]] = {}

    def __getitem__(self, index: Any) -> Any:
        """Return the item, transformed; raises what its transforms raise."""
        wanted = self._reading.pop(index, None) or self._read(index)
        if index + 1 < len(self):
            self._reading[index + 1] = self._read(index + 1)
        return wanted.result()

    def _read(self, index: int) -> Future[Any]:
        return self._thread.submit(super().__getitem__, index)
