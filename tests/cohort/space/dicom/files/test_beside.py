"""Files that cannot be read are told of where slices of a series may have been in them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from write_series import asymmetric, write_series

from cohort.space.dicom.files.find import find_series
from cohort.space.file_types import read_header


def cut(path: Path, share: float = 0.9) -> None:
    """Leave the first bytes of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def unread(path: Path) -> dict[str, list[str]]:
    """Return the notes on unread files of each series in a path."""
    return {
        one.name: [str(note) for note in one.notes if note.kind == "unread files"]
        for one in find_series(path).series
    }


def test_truncated_files_of_a_series_are_noted_in_its_header(tmp_path: Path) -> None:
    hu = asymmetric((40, 40, 10))
    paths = write_series(tmp_path / "ZHANG_SAN", hu)
    for path in paths[7:]:
        cut(path)
    notes = read_header(tmp_path / "ZHANG_SAN").notes
    assert [(note.kind, note.what) for note in notes] == [
        (
            "unread files",
            "3 of its files could not be read (truncated or damaged): slices may be missing.",
        )
    ]


def test_a_truncated_file_counts_for_its_own_series_only(tmp_path: Path) -> None:
    hu = asymmetric((40, 40, 4))
    write_series(tmp_path, hu, name="a{}", SeriesInstanceUID="1.1")
    paths = write_series(tmp_path, hu, name="b{}", SeriesInstanceUID="1.2")
    cut(paths[0])
    assert [len(said) for said in unread(tmp_path).values()] == [0, 1]


def test_wherever_a_file_ends(tmp_path: Path) -> None:
    content = write_series(tmp_path, asymmetric((6, 5, 4)))[3].read_bytes()
    for end in range(132, len(content), 3):
        (tmp_path / "003.dcm").write_bytes(content[:end])
        found = find_series(tmp_path)
        (series,) = found.series
        assert len(series.instances) == 3
        assert [note.kind for note in series.notes] == ["unread files"], end


def test_a_file_that_names_no_series_counts_for_those_beside_it(tmp_path: Path) -> None:
    for name in "ab":
        write_series(tmp_path / name, SeriesInstanceUID=f"1.{ord(name)}", StudyInstanceUID=name)
    (path, *_) = write_series(tmp_path / "a", asymmetric((6, 5, 1)), name="x.dcm")
    path.write_bytes(path.read_bytes()[:400])
    beside = "1 file beside it could not be read (truncated or damaged): slices may be missing."
    assert unread(tmp_path) == {"1.97": [beside], "1.98": []}


@pytest.mark.parametrize(("name", "count"), [("004.dcm", 1), ("readme.txt", 0), ("4.txt", 0)])
def test_what_may_be_no_image_counts_where_it_is_named_like_one(
    tmp_path: Path, name: str, count: int
) -> None:
    write_series(tmp_path)
    (tmp_path / name).touch()
    assert len(unread(tmp_path)["1.2.3.4"]) == count


def test_damaged_files_of_a_zip_and_damaged_zips(tmp_path: Path) -> None:
    paths = write_series(tmp_path / "in")
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.write(path, path.name)
        archive.writestr("004.dcm", paths[0].read_bytes()[:-9])
    assert len(unread(packed)["1.2.3.4"]) == 1
    (tmp_path / "in" / "more.zip").write_bytes(packed.read_bytes()[:900])
    assert len(unread(tmp_path / "in")["1.2.3.4"]) == 1


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({"PatientName": "LI^SI", "PatientBirthDate": "19600101"}, 2),
        ({"PatientName": "LI^SI"}, 0),
        ({"PatientBirthDate": "19600101"}, 0),
        ({"PatientName": "LI^SI", "PatientBirthDate": ""}, 0),
        ({"PatientName": "LI^SI", "PatientBirthDate": "19600101", "PatientID": "other"}, 0),
    ],
)
def test_one_patient_id_with_other_names_and_dates_of_birth(
    tmp_path: Path, other: dict, count: int
) -> None:
    write_series(tmp_path, name="a{}", SeriesInstanceUID="1.1")
    write_series(tmp_path, name="b{}", SeriesInstanceUID="1.2", **other)
    notes = [note for one in find_series(tmp_path).series for note in one.notes]
    assert [note.kind for note in notes] == ["patients"] * count
    assert not [note for note in notes if "LI" in note or "1960" in note or "471" in note]
