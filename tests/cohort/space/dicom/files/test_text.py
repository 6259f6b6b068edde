"""Chinese text comes out right, in whatever character set it is and whatever is declared."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from write_series import write_series

from cohort.space.dicom.files.find import find_series
from cohort.space.dicom.files.text import decode

CHINESE = ["张三", "李娜", "头颅平扫 5.0mm", "颅脑CT平扫+三维重建", "头痛", "轴位", "高血压脑出血"]
DECLARED = [
    (),
    ("ISO_IR 6",),
    ("ISO_IR 100",),
    ("GB18030",),
    ("ISO_IR 192",),
    ("", "ISO 2022 IR 58"),
]


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("text", CHINESE)
def test_utf8_whatever_is_declared(text: str, declared: tuple[str, ...]) -> None:
    assert decode(text.encode(), declared) == text


@pytest.mark.parametrize("codec", ["gbk", "gb18030", "gb2312"])
@pytest.mark.parametrize("declared", [set_ for set_ in DECLARED if set_ != ("ISO_IR 192",)])
@pytest.mark.parametrize("text", CHINESE)
def test_gb_whatever_is_declared(text: str, declared: tuple[str, ...], codec: str) -> None:
    assert decode(text.encode(codec), declared) == text


def test_gb_that_is_not_the_utf8_that_is_declared() -> None:
    assert decode("颅脑平扫".encode("gbk"), ["ISO_IR 192"]) == "颅脑平扫"


@pytest.mark.parametrize("text", ["Müller^Jörg", "Größe", "Schädel nativ", "40°", "10 µm", "3×3"])
@pytest.mark.parametrize("declared", [(), ("ISO_IR 100",)])
def test_latin_letters_stay(text: str, declared: tuple[str, ...]) -> None:
    assert decode(text.encode("latin-1"), declared) == text


def test_rare_characters_as_declared() -> None:
    assert decode("王䶮^㛃".encode("gb18030"), ["GB18030"]) == "王䶮^㛃"
    assert decode("Иванов".encode("iso8859-5"), ["ISO_IR 144"]) == "Иванов"


def test_names_with_an_ideographic_part_and_escapes() -> None:
    switched = b"Wang^XiaoDong=\x1b$)A\xcd\xf5^\x1b$)A\xd0\xa1\xb6\xab="
    for declared in (("", "ISO 2022 IR 58"), ("GB18030",), ()):
        assert decode(switched, declared) == "Wang^XiaoDong=王^小东="


def test_bytes_of_a_second_half_are_no_delimiters() -> None:
    r"""In GBK the second byte of a character may be that of `\`, `^` or `|`."""
    assert "閈".encode("gbk")[1:] == b"\\"
    assert decode("閈".encode("gbk"), ["GBK"]) == "閈"


@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
@pytest.mark.parametrize("declared", [None, "ISO_IR 100", "GB18030", "ISO_IR 192"])
def test_descriptions_of_a_series(tmp_path: Path, declared: str | None, codec: str) -> None:
    (path, *_) = write_series(tmp_path, SpecificCharacterSet="ISO_IR 100")
    for file in tmp_path.iterdir():
        dataset = pydicom.dcmread(file)
        if declared is None:
            del dataset.SpecificCharacterSet
        else:
            dataset.SpecificCharacterSet = declared
        # As bytes: pydicom would write what is declared.
        for keyword, text in (("SeriesDescription", "头颅平扫"), ("PatientName", "Li^Si=李^四")):
            dataset[keyword]._value = text.encode(codec)
            dataset[keyword].VR = "UN"
        dataset.save_as(file)
    first = find_series(tmp_path).series[0].first
    assert first.series_description == "头颅平扫" and first.patient_name == "Li^Si=李^四"


@pytest.mark.parametrize(
    ("declared", "text"),
    [("ISO_IR 144", "Голова"), ("ISO_IR 126", "κεφαλή"), (["", "ISO 2022 IR 58"], "头颅平扫")],
)
def test_a_file_is_read_in_the_set_that_it_declares(
    tmp_path: Path, declared: str | list[str], text: str
) -> None:
    (path, *_) = write_series(tmp_path, SpecificCharacterSet=declared, SeriesDescription=text)
    assert find_series(path).series[0].first.series_description == text
