"""Hashes of files: read only where the file system says that they may have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cohort.base.code.contents import Contents


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Return three files that were written long ago."""
    paths = [tmp_path / name for name in ("b.txt", "a.txt", "c.txt")]
    for path in paths:
        path.write_text(path.name)
        os.utime(path, (1e9, 1e9))
    return paths


def count_reads(contents: Contents, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    read: list[Path] = []
    whole = contents._read
    monkeypatch.setattr(contents, "_read", lambda path: read.append(path) or whole(path))
    return read


def test_a_file_is_read_again_only_where_it_may_have_changed(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The change of a file's status cannot be set back, so that new files are racy for 2 s.
    monkeypatch.setattr("cohort.base.code.contents._RACY_NS", -1)
    first = Contents(tmp_path / "cache.json")
    hashes = first.of(files)
    first.save()
    second = Contents(tmp_path / "cache.json")
    read = count_reads(second, monkeypatch)
    assert second.of(files) == hashes and read == []
    os.utime(files[1], (1.1e9, 1.1e9))
    assert second.of(files) == hashes and read == [files[1]]


def test_what_was_just_written_is_read_again(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = Contents(tmp_path / "cache.json")
    contents.of(files)
    read = count_reads(contents, monkeypatch)
    contents.of(files)
    assert sorted(read) == sorted(files)


def test_order_is_that_of_the_files_whatever_was_known(files: list[Path], tmp_path: Path) -> None:
    contents = Contents(tmp_path / "cache.json")
    contents.of(files[1:2])
    assert list(contents.of([*files, tmp_path / "none"])) == [*files, tmp_path / "none"]
    assert contents.of([tmp_path / "none"]) == {tmp_path / "none": None}


def test_a_damaged_cache_is_no_obstacle(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "cache.json").write_text("[1, 2")
    assert None not in Contents(tmp_path / "cache.json").of(files).values()
