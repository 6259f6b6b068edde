from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cohort.base.errors import DataError
from cohort.space.dicom.choosing.pick import series_of
from cohort.space.file_types import read_header, read_volume
from tests.cohort.space.dicom.on_disk import write_head


def test_the_chosen_series_is_read(tmp_path: Path) -> None:
    write_head(tmp_path / "b", 2, "Head", apart=1)
    five = write_head(tmp_path / "a", 3, "Head")
    write_head(tmp_path / "a", 4, "Head", "BONE")
    assert series_of(tmp_path).uid == five
    header = read_header(tmp_path)
    assert (header.shape, header.spacing) == ((4, 4, 30), (1, 1, 5))
    assert header.notes == ()


def test_a_named_series_is_read_and_its_header_says_so(tmp_path: Path) -> None:
    write_head(tmp_path, 2, "Head")
    bone = write_head(tmp_path, 3, "Head", "BONE", hu=np.full((4, 4, 30), 7, np.int16))
    assert series_of(tmp_path, bone).uid == bone
    voxels, header = read_volume(tmp_path / f"series={bone}")
    assert (voxels == 7).all()
    (note,) = header.notes
    assert note.kind == "series choice"
    assert note.what == "was named with --series: it has a bone kernel (BONE)."


def test_contrast_alone_is_refused_with_the_list(tmp_path: Path) -> None:
    cta = write_head(tmp_path, 5, "CTA Zhang San", apart=1)
    bone = write_head(tmp_path, 6, "Head", "BONE")
    with pytest.raises(DataError) as error:
        series_of(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: there is no plain axial head CT with a soft kernel among its series "
        "(contrast: 1, bone kernel: 1); name one with --series UID:\n"
        "  series 5 (axial head CT, soft kernel, angiography) is a CT angiography, by its "
        f"description; UID {cta}\n"
        f"  series 6 (axial head CT, bone kernel) has a bone kernel (BONE); UID {bone}"
    )
    assert series_of(tmp_path, cta).notes[0] == (
        "was named with --series: it is a CT angiography, by its description."
    )


def test_a_single_series_is_refused_in_a_sentence(tmp_path: Path) -> None:
    uid = write_head(tmp_path / "bone", 2, "Head", "BONE")
    with pytest.raises(DataError) as error:
        series_of(tmp_path / "bone")
    assert str(error.value) == (
        f"{tmp_path / 'bone'}: series 2 has a bone kernel (BONE); to take it, name it with "
        f"--series {uid}."
    )
    write_head(tmp_path / "mr", 2, "Head", Modality="MR")
    with pytest.raises(DataError) as error:
        series_of(tmp_path / "mr")
    assert str(error.value) == f"{tmp_path / 'mr'}: series 2 is MR, not CT."


def test_several_patients_are_refused(tmp_path: Path) -> None:
    first = write_head(tmp_path / "p1", 2, "Head")
    second = write_head(tmp_path / "p2", 2, "Head", study="1.8.2", PatientID="OTHER-SECRET")
    with pytest.raises(DataError) as error:
        series_of(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: holds 2 studies of 2 patients, and one scan is wanted; name the folder of "
        "one study, or one series with --series UID:\n"
        f"  patient 1, study 1, in {tmp_path / 'p1'}:\n"
        f"    series 2 (axial head CT, soft kernel) would be chosen; UID {first}\n"
        f"  patient 2, study 1, in {tmp_path / 'p2'}:\n"
        f"    series 2 (axial head CT, soft kernel) would be chosen; UID {second}"
    )
    assert series_of(tmp_path / "p2").uid == second
    assert series_of(tmp_path, second).uid == second


def test_several_studies_of_one_patient_are_refused_too(tmp_path: Path) -> None:
    write_head(tmp_path, 2, "Head")
    write_head(
        tmp_path, 3, "Head", study="1.8.2", AcquisitionDate="20240201", AcquisitionTime="101500"
    )
    with pytest.raises(DataError) as error:
        series_of(tmp_path)
    assert "holds 2 studies, and one scan is wanted" in str(error.value)
    assert f"patient 1, study 2 (26 h later), in {tmp_path}:" in str(error.value)
    assert "2024" not in str(error.value).replace(str(tmp_path), "")


def test_unknown_uid_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no DICOM series"):
        series_of(tmp_path)
    write_head(tmp_path, 2, "Head")
    with pytest.raises(DataError, match="holds no series 1.2.3, but:\n  series 2"):
        series_of(tmp_path, "1.2.3")


def test_a_named_series_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    uid = write_head(tmp_path, 2, "Head", Modality="MR")
    with pytest.raises(DataError, match=r"series 2 is MR, not CT\.$"):
        series_of(tmp_path, uid)


def test_long_lists_are_cut(tmp_path: Path) -> None:
    for number in range(1, 21):
        write_head(tmp_path, number, "CTA", hu=np.zeros((4, 4, 2), np.int16))
    with pytest.raises(DataError) as error:
        series_of(tmp_path)
    lines = str(error.value).splitlines()
    assert len(lines) == 18
    assert lines[-1] == f"  … all of them: hich series {tmp_path}"


def test_naming_a_series_is_no_advice_where_none_can_be_read(tmp_path: Path) -> None:
    for number in (2, 3):
        write_head(tmp_path / "p1", number, "Head", PixelSpacing=None)
    with pytest.raises(DataError, match="among its series .faulty: 2.:\n") as error:
        series_of(tmp_path)
    assert "--series" not in str(error.value)
    write_head(tmp_path / "p2", 2, "Head", study="1.8.2", RescaleSlope=None)
    with pytest.raises(DataError, match="name the folder of one study:\n"):
        series_of(tmp_path)


def test_no_part_is_named_where_none_of_a_uid_can_be_read(tmp_path: Path) -> None:
    for number, side in ((1, 4), (2, 5)):
        hu = np.zeros((side, side, 5), np.int16)
        uid = write_head(tmp_path / str(number), 2, "Head", hu=hu, RescaleSlope=None)
    with pytest.raises(DataError, match="holds 2 stacks, none of which can be read.$"):
        series_of(tmp_path, uid)
