from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.import_files import import_files, main
from cohort.importing.case_names import find_files, match_ids
from cohort.schema.manifest import Cohort
from cohort.tags.tag_file import read_bioes


def touch(folder: Path, *names: str, text: str = "") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text or name, encoding="utf-8", newline="\n")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of a user's files, which is the current one."""
    folder = tmp_path / "data"
    touch(folder, "ct/p1.nii.gz", "ct/p2.nii", "seg/p1_hem.nii.gz", "seg/p2_hem.nii.gz")
    touch(folder, "seg/p1_mid.nii.gz", "notes/p1.txt", "notes/p3.txt", text="丘脑出血")
    monkeypatch.chdir(folder)
    return folder


def state(folder: Path) -> dict[str, str]:
    """Return the contents and the times of all files in `folder`."""
    return {
        str(path): f"{path.stat().st_mtime_ns} {hashlib.md5(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def ids_of(pattern: str, id_pattern: str | None = None) -> list[str]:
    return list(find_files(pattern, id_pattern)[0].values())


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [
        ("ct/*.nii.gz", ["p1"]),
        ("./ct/*.nii*", ["p1", "p2"]),
        ("ct/*", ["p1", "p2"]),
        ("ct/p?.nii*", ["1", "2"]),
        ("ct/*[12].nii*", ["p1", "p2"]),
        ("seg/*_hem.nii.gz", ["p1", "p2"]),
        ("seg/*_*.nii.gz", ["p1_hem", "p1_mid", "p2_hem"]),
        ("**/*_hem.nii.gz", ["p1", "p2"]),
        ("*/p1.nii.gz", ["ct"]),
        ("ct/p1.nii.gz", ["p1"]),
        ("**/p1.nii.gz", ["p1"]),
    ],
)
def test_wildcards_stand_for_the_id(data: Path, pattern: str, ids: list[str]) -> None:
    assert ids_of(pattern) == ids
    assert ids_of(str(data / pattern)) == ids


def test_id_can_be_a_folders_name(data: Path) -> None:
    touch(data, "cases/p7/scans/ct.nii.gz", "cases/p8/scans/ct.nii.gz")
    assert ids_of("cases/*/scans/ct.nii.gz") == ["p7", "p8"]
    assert ids_of("cases/**/ct.nii.gz", r"p\d+") == ["p7", "p8"]
    assert ids_of("cases/**/ct.nii.gz", r"/p(\d+)/") == ["7", "8"]


@pytest.mark.parametrize(
    "pattern",
    [
        "data [CT]/*.nii.gz",
        "**/data [CT]/*.nii.gz",
        "data [CT]/[p]*.nii.gz",
        "data [CT]/*.[nN][iI][iI].gz",
        "d?ta [CT]/p*.nii*",
    ],
)
def test_brackets_are_part_of_a_name_where_one_has_them(data: Path, pattern: str) -> None:
    touch(data, "data [CT]/p1.nii.gz", "data [CT]/p2.nii.gz")
    touch(data, "data C/p8.nii.gz", "data T/p9.nii.gz")
    assert [path.parent.name for path in find_files(pattern)[0]] == ["data [CT]"] * 2


def test_ids_beside_brackets_are_whole(data: Path) -> None:
    touch(data, "[a]/[CT]p1[x].nii.gz", "[a]/[CT]p2[x].nii.gz", "s/p[1]_a.txt", "s/p[2]_a.txt")
    assert ids_of("[a]/[CT]*[x].nii.gz") == ["p1", "p2"]
    assert ids_of("[a]/*.nii.gz") == ["[CT]p1[x]", "[CT]p2[x]"]
    assert ids_of("s/p[[]*]_a.txt") == ["1", "2"]
    assert ids_of("[a]/[CT]p1[x].nii.gz") == ["[CT]p1[x]"]


def test_brackets_are_wildcards_where_no_name_has_them(data: Path) -> None:
    touch(data, "data C/p8.nii.gz", "data T/p9.nii.gz", "data X/p7.nii.gz")
    assert ids_of("data [CT]/*.nii.gz") == ["p8", "p9"]
    assert ids_of("data [!CT]/*.nii.gz") == ["p7"]


@pytest.mark.parametrize(
    "pattern", ["u/*.nii.gz", "u/*.NII.gz", "u/*.nii*", "u/**", "**/u/*.nii.gz"]
)
def test_suffixes_are_found_in_any_case(data: Path, tmp_path: Path, pattern: str) -> None:
    touch(data, "u/A1.NII.GZ", "u/A2.Nii.gz")
    assert ids_of(pattern) == ["A1", "A2"]
    imported = import_files(tmp_path / "out", pattern)
    assert [c.image for c in imported.cohort.cases] == ["images/A1.nii.gz", "images/A2.nii.gz"]


def test_names_keep_their_case(data: Path) -> None:
    touch(data, "u/a_CT.nii.gz", "u/b_ct.nii.gz", "u/c_CT.TXT")
    assert ids_of("u/*_CT.nii.gz") == ["a"]
    assert ids_of("u/*_CT.txt") == ["c"]


@pytest.mark.parametrize("pattern", ["ct/*.nii", "ct/*", "ct/*.nii*"])
def test_folders_and_links_that_are_called_like_scans_are_said(
    data: Path, tmp_path: Path, pattern: str
) -> None:
    (data / "ct" / "p7.nii").mkdir()
    (data / "ct" / "older").mkdir()
    (data / "ct" / "p8.nii").symlink_to("nothing")
    imported = import_files(tmp_path / "out", pattern)
    assert "p2" in [case.id for case in imported.cohort.cases]
    assert imported.left_out == [
        (Path("ct/p7.nii"), "--images: is a folder"),
        (Path("ct/p8.nii"), "--images: is a link to nothing"),
    ]


def test_a_glob_that_names_only_a_folder_says_so(data: Path, tmp_path: Path) -> None:
    (data / "ct" / "p7.nii").mkdir()
    said = r"names no file that can be imported \(ct.p7.nii is a folder\)"
    with pytest.raises(DataError, match=said):
        import_files(tmp_path / "out", "ct/p7*.nii")


def test_names_are_matched_exactly_or_by_one_ending() -> None:
    def match(*names: str) -> tuple[list[str], str]:
        matched, ending = match_ids({Path(name): name for name in names}, ["p1", "p2", "p1_2"])
        return list(matched.values()), ending

    assert match("p1", "p2_hem") == (["p1"], "")
    assert match("p1_hem", "p2_hem", "p9_hem") == (["p1", "p2"], "_hem")
    # Never "p1" with the ending "_2_hem": it's another patient's.
    assert match("p1_2_hem", "p2_hem") == (["p1_2", "p2"], "_hem")
    assert match("p1hem", "q") == ([], "")


def test_files_are_matched_and_linked(data: Path, tmp_path: Path) -> None:
    before = state(data)
    masks = {"midline": "seg/*_mid.nii.gz", "hematoma": "seg/*_hem.nii.gz"}
    out = tmp_path / "out"
    imported = import_files(out, "ct/*", masks, "notes/*.txt")
    cohort = Cohort.load(out)
    assert [case.to_json() for case in cohort.cases] == [
        {
            "id": "p1",
            "image": "images/p1.nii.gz",
            "masks": {
                "hematoma": "masks/p1_hematoma.nii.gz",
                "midline": "masks/p1_midline.nii.gz",
            },
            "record": "records/p1.txt",
        },
        {
            "id": "p2",
            "image": "images/p2.nii",
            "masks": {"hematoma": "masks/p2_hematoma.nii.gz"},
        },
        {"id": "p3", "record": "records/p3.txt"},
    ]
    assert cohort.structures == ("hematoma", "midline")
    assert imported.left_out == []
    assert state(data) == before
    link = out / "images" / "p1.nii.gz"
    if link.is_symlink():
        assert os.path.samefile(link, data / "ct" / "p1.nii.gz")


def test_copies_are_files_of_their_own(data: Path, tmp_path: Path) -> None:
    import_files(tmp_path / "out", "ct/*.nii.gz", records="notes/*.txt", copy=True)
    copied = tmp_path / "out" / "images" / "p1.nii.gz"
    assert not copied.is_symlink()
    copied.write_text("changed")
    assert (data / "ct" / "p1.nii.gz").read_text(encoding="utf-8") == "ct/p1.nii.gz"


def test_files_are_copied_where_links_are_not_possible(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("a required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    imported = import_files(tmp_path / "out", "ct/*.nii.gz")
    assert not (tmp_path / "out" / "images" / "p1.nii.gz").is_symlink()
    assert "files copied, since links aren't possible here: 1" in imported.facts


def test_new_import_replaces_the_old_and_keeps_the_sources(data: Path, tmp_path: Path) -> None:
    before = state(data)
    import_files(tmp_path / "out", "ct/*", records="notes/*.txt")
    import_files(tmp_path / "out", "ct/*.nii.gz")
    assert [case.id for case in Cohort.load(tmp_path / "out").cases] == ["p1"]
    assert state(data) == before


def test_sources_in_the_output_folder_are_not_replaced(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    import_files(out, "ct/*", copy=True)
    with pytest.raises(DataError, match="would be replaced"):
        import_files(out, str(out / "images" / "*"))
    assert len(Cohort.load(out).cases) == 2


def test_unmatched_files_are_counted_and_named(command: Any, data: Path, tmp_path: Path) -> None:
    touch(data, "seg/p9_hem.nii.gz", "ct/readme.md")
    options = ["--images", "ct/*", "--mask", "hematoma=seg/*_hem.nii.gz"]
    result = command(main, tmp_path / "out", *options)
    assert result.exit_code == 0, result.stderr
    assert "2 cases, 2 with a CT, 0 with a record" in result.stdout
    assert "Not matched: 2 files" in result.stdout
    assert f"{Path('seg/p9_hem.nii.gz')}: --mask hematoma: no image of this id" in result.stdout
    assert (
        f"{Path('ct/readme.md')}: --images: no .dcm, .ima, .nii, .nii.gz, .nrrd or .zip"
        in result.stdout
    )
    assert len(Cohort.load(tmp_path / "out").provenance["left_out"]) == 2


def test_wide_glob_does_not_take_masks_for_images(data: Path, tmp_path: Path) -> None:
    touch(data, "flat/a.nii.gz", "flat/a_iph.nii.gz", "flat/b.nii.gz")
    import_files(tmp_path / "out", "flat/*.nii.gz", {"hematoma": "flat/*_iph.nii.gz"})
    cases = Cohort.load(tmp_path / "out").cases
    assert [(case.id, list(case.masks)) for case in cases] == [("a", ["hematoma"]), ("b", [])]


def test_ending_of_names_is_found_and_said(data: Path, tmp_path: Path) -> None:
    masks = {"midline": "seg/*mid.nii.gz"}
    imported = import_files(tmp_path / "out", "ct/*", masks)
    assert list(imported.cohort.cases[0].masks) == ["midline"]
    assert "--mask midline: the ending '_' of names is not part of ids" in imported.facts


def test_which_of_a_cases_masks_is_meant_is_never_guessed(data: Path, tmp_path: Path) -> None:
    said = "--mask hematoma: names several files of one case, with the endings '_hem', '_mid'"
    with pytest.raises(DataError, match=said):
        import_files(tmp_path / "out", "ct/*", {"hematoma": "seg/*.nii.gz"})
    assert not (tmp_path / "out").exists()


def test_two_files_for_one_case_are_an_error(data: Path, tmp_path: Path) -> None:
    touch(data, "ct/p1.nii", "seg/P2_hem.nii.gz", "ct/P2.nii.gz")
    with pytest.raises(DataError) as error:
        import_files(tmp_path / "out", "ct/*", {"hematoma": "seg/*_hem.nii.gz"})
    said = str(error.value)
    assert "--images: both" in said and "are of case 'p1'" in said
    assert "--mask hematoma: both" in said
    assert not (tmp_path / "out").exists()


def test_globs_that_name_nothing_are_all_said(data: Path, tmp_path: Path) -> None:
    (data / "empty").mkdir()
    with pytest.raises(DataError) as error:
        import_files(tmp_path / "out", "empty/*.nii.gz", {"midline": "no/*"}, "empty/*.txt")
    assert len(error.value.problems) == 3
    assert "--images empty/*.nii.gz: names no file that can be imported" in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Nothing to import"),
        (["--images", "ct/*", "--mask", "tumour=seg/*"], "unknown structure"),
        (["--images", "ct/*", "--mask", "seg/*"], "write structure=glob"),
        (["--images", "ct/*", "--mask", "midline=a/*", "--mask", "midline=b/*"], "given twice"),
        (["--records", "notes/*", "--mask", "midline=seg/*"], "needs --images"),
        (["--images", "ct/*", "--id-pattern", "("], "--id-pattern ("),
    ],
)
def test_bad_usage(
    command: Any, data: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = command(main, tmp_path / "out", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_file_in_which_no_id_is_found_is_left_out(data: Path, tmp_path: Path) -> None:
    touch(data, "ct/other.nii.gz")
    imported = import_files(tmp_path / "out", "ct/*", id_pattern=r"p\d")
    assert [case.id for case in imported.cohort.cases] == ["p1", "p2"]
    assert imported.left_out == [(Path("ct/other.nii.gz"), "--images: --id-pattern finds no id")]


def test_wildcards_that_stand_for_nothing_are_said(data: Path, tmp_path: Path) -> None:
    touch(data, "cases/p7/ct.nii.gz", "cases/p8/ct.nii.gz")
    said = "--images cases/./ct.: the wildcards stand for no id .*, as cases.p7.ct.nii.gz; let a"
    with pytest.raises(DataError, match=said):
        import_files(tmp_path / "out", "cases/*/ct*")


def test_id_that_cannot_name_files_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot name a file"):
        import_files(tmp_path / "out", "ct/*", id_pattern="ct/p.")


def test_tags_of_another_kind_become_ours(data: Path, tmp_path: Path) -> None:
    tags = "丘\tSITE-B\r\n脑\tSITE-M\r\n出\tO\r\n血\tSYM-S\r\n"
    (data / "notes" / "p1.tags").write_bytes(b"\xef\xbb\xbf" + tags.encode())
    import_files(tmp_path / "out", records="notes/*.txt", tags="notes/*.tags")
    case = Cohort.load(tmp_path / "out").cases[0]
    assert case.id == "p1"
    assert read_bioes(tmp_path / "out" / str(case.tags), "丘脑出血") == [
        "B-SITE",
        "E-SITE",
        "O",
        "S-SYM",
    ]


def test_record_is_made_from_tags_alone(data: Path, tmp_path: Path) -> None:
    touch(data, "tags/p2.txt", "tags/p5.txt", text="左 S-LOC\n\n头 B-SYM\n痛 E-SYM\n")
    imported = import_files(tmp_path / "out", "ct/*", tags="tags/*.txt")
    cohort = imported.cohort
    assert [case.id for case in cohort.cases] == ["p1", "p2", "p5_0001", "p5_0002"]
    paired = cohort.cases[1]
    text = (tmp_path / "out" / str(paired.record)).read_text(encoding="utf-8")
    assert text == "左\n头痛"  # one patient's: one record
    tags = read_bioes(tmp_path / "out" / str(paired.tags), text)
    assert tags == ["S-LOC", "O", "B-SYM", "E-SYM"]
    texts = [(tmp_path / "out" / str(c.record)).read_text("utf-8") for c in cohort.cases[2:]]
    assert texts == ["左", "头痛"]


def test_documents_that_would_be_called_as_another_file_are_refused(
    data: Path, tmp_path: Path
) -> None:
    touch(data, "tags/a.txt", text="头 O\n痛 O\n\n左 O\n")
    touch(data, "tags/A_0002.txt", text="右 O\n")
    with pytest.raises(DataError, match="--tags: two cases are called 'A_0002' and 'a_0002'"):
        import_files(tmp_path / "out", tags="tags/*.txt")
    assert not (tmp_path / "out").exists()


def test_tags_that_do_not_fit_are_all_said(command: Any, data: Path, tmp_path: Path) -> None:
    touch(data, "notes/p1.tags", text="丘 O\n脑 S-X\n")
    touch(data, "notes/p3.tags", text="丘 O x\n脑 S-X\n")
    arguments = ["--records", "notes/*.txt", "--tags", "notes/*.tags"]
    result = command(main, tmp_path / "out", *arguments)
    assert result.exit_code == 1
    assert "ends after 2 characters, but the record has 4" in result.stderr
    assert "has 3 columns" in result.stderr
    assert not (tmp_path / "out").exists()


def test_record_in_another_encoding_is_written_as_utf8(data: Path, tmp_path: Path) -> None:
    path = data / "notes" / "p1.txt"
    path.write_bytes("主诉：头痛".encode("gb18030"))
    before = state(data)
    imported = import_files(tmp_path / "out", records="notes/*.txt")
    assert "records written anew as UTF-8, from GB18030: 1" in imported.facts
    written = tmp_path / "out" / "records" / "p1.txt"
    assert written.read_text(encoding="utf-8") == "主诉：头痛"
    assert state(data) == before


@pytest.mark.parametrize("failure", ["disk_full", "ctrl_c"])
def test_interrupted_import_leaves_nothing(
    command: Any, data: Path, tmp_path: Path, failure: str,
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("shutil.copyfile", request.getfixturevalue(failure))
    result = command(main, tmp_path / "out", "--images", "ct/*", "--copy")
    assert result.exit_code == (1 if failure == "disk_full" else 130)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_full_disk_is_said_of_the_cohort_not_of_the_source(
    command: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", source, None, target)

    monkeypatch.setattr("shutil.copyfile", full)
    said = command(main, "out", "--images", "ct/*", "--copy").stderr
    place = Path("out", "images", "p1.nii.gz")
    assert f"✘ {place}: No space left on device" in said


def test_folder_of_other_files_is_not_overwritten(data: Path, tmp_path: Path) -> None:
    touch(tmp_path, "out/thesis.txt")
    with pytest.raises(DataError, match="is not overwritten"):
        import_files(tmp_path / "out", "ct/*")
    with pytest.raises(UsageError):
        import_files(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="all names are Unicode")
def test_names_of_files_that_are_not_utf8(data: Path, tmp_path: Path) -> None:
    folder, odd = os.fsdecode(os.fsencode(data) + b"/\xff"), os.fsdecode(b"read\xffme.md")
    touch(Path(folder), "p1.nii")
    Path(folder, odd).write_bytes(b"")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "cohort.import_files", out, "--images", f"{folder}/*"]
    # A program of its own: only there the terminal's encoding counts.
    end = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONUTF8": "1"})
    assert end.returncode == 0, end.stderr
    assert (
        rb"\udcff/read\udcffme.md: --images: no .dcm, .ima, .nii, .nii.gz, .nrrd or .zip"
        in end.stdout
    )
    cohort = Cohort.load(out)
    assert [case.id for case in cohort.cases] == ["p1"]
    assert cohort.provenance["left_out"][0].startswith("read?me.md: ")
    assert cohort.provenance["images"] == "*"  # not where it lay on this machine
