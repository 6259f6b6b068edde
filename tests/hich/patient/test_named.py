"""Which argument is the scan and which the note, by what they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cohort.base.errors import DataError, UsageError
from cohort.schema.manifest import Cohort
from hich.patient.build import patient
from hich.patient.named import PatientFiles, tell_apart
from hich.patient.scan import find_scan
from text.corpus.note_file import read_note


def make(folder: Path, *names: str, content: bytes = b"x") -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(content)
    return paths


def test_scan_and_note_are_told_by_name_and_content(tmp_path: Path) -> None:
    ct, zipped, note, bare = make(tmp_path, "ct.nrrd", "ct.zip", "NOTE.TXT", "note")
    (instance,) = make(tmp_path, "1.2.840.1", content=bytes(128) + b"DICM")
    (tmp_path / "dicom").mkdir()
    assert tell_apart([ct, note]) == tell_apart([note, ct]) == PatientFiles((ct,), note)
    assert tell_apart([zipped]) == PatientFiles((zipped,), None)
    assert tell_apart([instance, bare]) == PatientFiles((instance,), bare)
    assert tell_apart([tmp_path / "dicom"]).scans == (tmp_path / "dicom",)


def test_what_is_unclear_is_asked_back(tmp_path: Path) -> None:
    one, two, note, other = make(tmp_path, "1.nii", "2.nii", "a.txt", "b.txt")
    assert tell_apart([two, note, one]).scans == (two, one)
    with pytest.raises(UsageError, match="are two notes"):
        tell_apart([note, one, other])
    with pytest.raises(DataError, match=r"ct\.nii: no such file"):
        tell_apart([tmp_path / "ct.nii", note])
    (picture,) = make(tmp_path, "ct.jpg", content=b"\xff\xd8\xff\x00")
    with pytest.raises(DataError, match="is neither a scan"):
        tell_apart([picture])
    make(tmp_path / "notes", "p1.txt")
    with pytest.raises(UsageError, match=re.escape("p1.txt")):
        tell_apart([tmp_path / "notes"])
    Cohort(tmp_path / "notes", "wards", ()).save()
    with pytest.raises(UsageError, match="is a cohort"):
        tell_apart([tmp_path / "notes"])
    make(tmp_path / "model", "config.cfg", "meta.json")
    with pytest.raises(UsageError, match="by --pipeline"):
        tell_apart([tmp_path / "model"])


def test_a_folder_holds_one_scan(scan: Path, tmp_path: Path) -> None:
    assert find_scan(scan.parent).path == scan
    make(scan.parent, "p2.nii.gz")
    with pytest.raises(UsageError, match="holds 2 scans; name one"):
        find_scan(scan.parent)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="holds no"):
        find_scan(tmp_path / "empty")


def test_notes_that_are_documents_are_refused_with_what_to_do(tmp_path: Path) -> None:
    for path in make(tmp_path, "a.doc", "b.PDF"):
        assert tell_apart([path]).note == path
        with pytest.raises(DataError, match="save it as plain text"):
            read_note(path)
    (chinese,) = make(tmp_path, "c.txt", content="左侧基底节区出血".encode("gb18030"))
    assert read_note(chinese) == "左侧基底节区出血"


def test_a_series_without_a_scan_is_refused(note: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="none is named"):
        patient([note], tmp_path / "out", series="1.2.3")
