from __future__ import annotations

import csv
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.base.files import (
    atomic_file,
    atomic_folder,
    clear_partial,
    open_table,
    read_json,
    refuse_sources_inside,
    require_place,
    write_json,
    write_text,
)
from tests.conftest import ROOT


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.nii.gz"
    with atomic_file(path) as temporary:
        temporary.write_text("14 mL")
        assert temporary.name.endswith(".nii.gz")
        assert not path.exists()
    assert path.read_text() == "14 mL"
    assert names(path.parent) == ["a.nii.gz"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failed_writing_leaves_the_old_file(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)), atomic_file(path) as temporary:
        temporary.write_text("ne")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_tables_carry_the_mark_that_spreadsheets_look_for(tmp_path: Path) -> None:
    path, rows = tmp_path / "a.csv", [["id", "所见"], ["p1", "左侧,\n基底节"]]
    with open_table(path, "w") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,") and b"\r" not in content
    path.with_name("b.csv").write_bytes(content[3:])
    for name in ("a.csv", "b.csv"):
        with open_table(tmp_path / name) as file:
            assert list(csv.reader(file)) == rows


def test_a_full_disk_is_said_with_the_file_that_had_no_room(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"12")
    for error in (OSError(28, "No space left"), OSError(28, "No space left", "source", None, "to")):
        with pytest.raises(OSError) as file, atomic_file(tmp_path / "a.txt"):
            raise error
        assert (file.value.filename, file.value.filename2) == (str(tmp_path / "a.txt"), None)
        with pytest.raises(OSError) as folder, atomic_folder(tmp_path / "new", "a.txt"):
            raise error
        assert folder.value.filename == str(tmp_path / "new")
    with pytest.raises(OSError) as other, atomic_file(tmp_path / "a.txt"):
        raise OSError(5, "Input/output error", "source")
    assert other.value.filename == "source"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failed_writing_leaves_the_old_folder(tmp_path: Path, error: BaseException) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "marker").write_text("old")
    with pytest.raises(type(error)), atomic_folder(folder, "marker") as temporary:
        (temporary / "marker").write_text("new")
        raise error
    assert (folder / "marker").read_text() == "old"
    assert names(tmp_path) == ["out"]


FULL = [errno.ENOSPC, errno.EDQUOT, errno.EFBIG]


@pytest.mark.parametrize("code", FULL)
@pytest.mark.parametrize("names_source", [True, False])
def test_full_disk_names_the_file_that_was_written(
    tmp_path: Path, code: int, names_source: bool
) -> None:
    path = tmp_path / "a.nii.gz"
    named = ("source.nii.gz",) if names_source else ()
    with pytest.raises(OSError) as caught, atomic_file(path):
        raise OSError(code, "No more room", *named)
    assert (caught.value.errno, caught.value.filename) == (code, str(path))


@pytest.mark.parametrize("code", FULL)
def test_full_disk_names_the_folder_that_was_written(tmp_path: Path, code: int) -> None:
    out = tmp_path / "out"

    def fail(*names: object) -> str:
        with pytest.raises(OSError) as caught, atomic_folder(out, "marker") as temporary:
            raise OSError(code, "No more room", *(temporary / n if n == "a" else n for n in names))
        return caught.value.filename

    assert fail() == str(out)
    assert fail("source.nii.gz") == str(out)
    assert fail("source.nii.gz", None, "a") == str(out / "a")  # as shutil.copyfile does
    assert fail("a") == str(out / "a")
    with (
        pytest.raises(OSError) as caught,
        atomic_folder(out, "marker") as temporary,
        atomic_file(temporary / "records" / "p1.txt"),
    ):
        raise OSError(code, "No more room")
    assert caught.value.filename == str(out / "records" / "p1.txt")


def test_other_errors_keep_the_file_that_they_name(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught, atomic_folder(tmp_path / "out", "marker"):
        raise OSError(errno.EIO, "Input/output error", "source.nii.gz")
    assert caught.value.filename == "source.nii.gz"


def test_folder_of_its_kind_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for text in ("old", "new"):
        with atomic_folder(folder, "marker") as temporary:
            (temporary / "marker").write_text(text)
            (temporary / text).touch()
    assert names(folder) == ["marker", "new"]
    assert names(tmp_path) == ["out"]


def test_folder_of_the_users_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years")
    with (
        pytest.raises(DataError, match="holds other files"),
        atomic_folder(tmp_path, "marker") as temporary,
    ):
        (temporary / "marker").touch()
    assert names(tmp_path) == ["thesis.txt"]


def test_file_in_the_place_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(DataError, match="is a file"), atomic_folder(tmp_path / "out", "marker"):
        pass


def test_folder_that_cannot_be_made_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_place(tmp_path)
    require_place(tmp_path / "new" / "folder")
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(DataError, match="file: is a file; name a folder"),
        atomic_folder(tmp_path / "file" / "new", "marker"),
    ):
        pass
    monkeypatch.chdir(tmp_path)
    require_place(Path("new"))
    monkeypatch.setattr("os.access", lambda path, _: path != tmp_path)
    with pytest.raises(DataError, match="may not be written to"):
        require_place(tmp_path / "new")


def test_folder_that_cannot_be_exchanged_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    monkeypatch.setattr("os.access", lambda path, _: path != tmp_path)
    with (
        pytest.raises(
            DataError, match="mine: would be replaced.*the folder that it lies in may not"
        ),
        atomic_folder(mine, "marker"),
    ):
        pass
    assert names(tmp_path) == ["mine"]


def test_interrupted_exchange_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    with atomic_folder(folder, "marker") as temporary:
        (temporary / "marker").write_text("old")
    real, calls = os.replace, []

    def interrupted_at_second(*arguments: Path) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(os, "replace", interrupted_at_second)
    with pytest.raises(KeyboardInterrupt), atomic_folder(folder, "marker") as temporary:
        (temporary / "marker").write_text("new")
    assert (folder / "marker").read_text() == "old"
    assert names(tmp_path) == ["out"]


def test_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk" / "data").mkdir(parents=True)
    link = tmp_path / "out"
    try:
        link.symlink_to(tmp_path / "disk" / "data", target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    with atomic_folder(link, "marker") as temporary:
        (temporary / "marker").write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "disk" / "data" / "marker").read_text() == "new"
    assert names(tmp_path / "disk") == ["data"]


def test_sources_in_the_folder_to_be_replaced_are_refused(tmp_path: Path) -> None:
    (tmp_path / "out" / "raw").mkdir(parents=True)
    refuse_sources_inside(tmp_path / "out", [tmp_path / "outside", tmp_path])
    for source in (tmp_path / "out", tmp_path / "out" / "raw" / "a.nii.gz"):
        with pytest.raises(DataError, match="would be replaced"):
            refuse_sources_inside(tmp_path / "out", [source])


def test_text_is_utf8_with_lf(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "主诉：\n头痛")
    assert (tmp_path / "a.txt").read_bytes() == "主诉：\n头痛".encode()


def test_json_comes_back_and_nan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"部位": [1, None]})
    assert read_json(path) == {"部位": [1, None]}
    assert "部位" in path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(path, float("nan"))
    assert read_json(path) == {"部位": [1, None]}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a":', "not valid JSON .line 1"),
        ("部".encode("gb18030"), "not UTF-8"),
        (None, "no such"),
    ],
)
def test_json_that_is_none_is_said(tmp_path: Path, data: bytes | None, reason: str) -> None:
    if data is not None:
        (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(DataError, match=reason):
        read_json(tmp_path / "a.json")


def test_what_killed_programs_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".0123abcd.partial.scan.png").write_text("half")
    (tmp_path / ".0123abcd.partial.model").mkdir()
    (tmp_path / ".0123abcd.partial.model" / "weights").write_text("half")
    (tmp_path / ".89abcdef.partial.model.old").mkdir()
    (tmp_path / "model").mkdir()
    mine = [tmp_path / ".partial.notes", tmp_path / "a.partial.b", tmp_path / ".notes"]
    for path in mine:
        path.write_text("mine")
    clear_partial(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([*mine, tmp_path / "model"])


def test_only_what_was_to_have_certain_names_is_cleared(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / f".0123abcd.partial.{name}").write_text("half")
    clear_partial(tmp_path, {"a.json"})
    clear_partial(tmp_path / "nowhere", {"a.json"})
    assert [path.name for path in tmp_path.iterdir()] == [".0123abcd.partial.b.json"]


def test_folder_whose_replacement_was_cut_short_is_back_again(tmp_path: Path) -> None:
    (tmp_path / ".0123abcd.partial.model.old").mkdir()
    (tmp_path / ".0123abcd.partial.model.old" / "weights").write_text("whole")
    (tmp_path / ".0123abcd.partial.model").mkdir()
    clear_partial(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert (tmp_path / "model" / "weights").read_text() == "whole"


@pytest.mark.skipif(sys.platform == "win32", reason="removes no file that is open")
def test_what_a_program_that_runs_is_writing_is_not_cleared(tmp_path: Path) -> None:
    half = tmp_path / "half"  # of one that was killed
    code = (
        "import os, signal, sys; from pathlib import Path; from cohort.base.files import *\n"
        "with atomic_file(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, half], cwd=ROOT)
    assert [path.name[10:] for path in tmp_path.iterdir()] == ["partial.half"]
    with atomic_file(tmp_path / "file") as file, atomic_folder(tmp_path / "folder", "a") as folder:
        file.write_text("whole")
        (folder / "a").write_text("whole")
        clear_partial(tmp_path)
    assert names(tmp_path) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "whole"


@pytest.mark.skipif(sys.platform == "win32", reason="removes no file that is open")
def test_what_another_user_is_writing_is_not_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that both write to; it can't be opened, so nobody can tell whether it is left."""
    half = tmp_path / ".0123abcd.partial.file"
    half.write_text("half")

    def closed_to_us(path: Path, *arguments: int) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", closed_to_us)
    clear_partial(tmp_path)
    assert names(tmp_path) == [half.name]
