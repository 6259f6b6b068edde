"""What one process at a time may have."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cohort.base import locks
from cohort.base.errors import DataError
from cohort.base.locks import give_back, one_after_another, take, writing_to


def in_threads(call: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_one_after_another_loses_no_change(tmp_path: Path) -> None:
    path, lock = tmp_path / "count", tmp_path / ".lock"
    path.write_text("0")

    def count() -> None:
        for _ in range(25):
            with one_after_another(lock):
                path.write_text(str(int(path.read_text()) + 1))

    in_threads(count, 8)
    assert path.read_text() == "200"
    assert [one.name for one in tmp_path.iterdir()] == ["count"]


def test_one_that_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
    lock = take(tmp_path / ".lock")
    assert lock is not None
    with pytest.raises(DataError, match=r"another process has held this.*end it"):
        one_after_another(tmp_path / ".lock").__enter__()
    give_back(lock)
    with one_after_another(tmp_path / ".lock"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="has no locks of folders")
def test_a_folder_is_written_to_by_one_alone_or_by_several(tmp_path: Path) -> None:
    folder = tmp_path / "a/out"
    with writing_to(folder, alone=False), writing_to(folder, alone=False):
        with pytest.raises(DataError, match="another process is writing to it"):
            writing_to(folder, alone=True).__enter__()
        (folder / "file").write_text("x")
    with (
        writing_to(folder, alone=True),
        pytest.raises(DataError, match="Nothing was changed"),
        writing_to(folder, alone=False),
    ):
        pass
    with writing_to(tmp_path / "empty", alone=True):
        pass
    assert folder.exists() and not (tmp_path / "empty").exists()
