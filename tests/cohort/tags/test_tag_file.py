from __future__ import annotations

from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.tags.scheme import Span, bioes, detect, spans
from cohort.tags.tag_file import read_bioes, read_record_tags, read_tag_file, write_bioes


@pytest.fixture
def write(tmp_path: Path):
    def write_file(content: str | bytes, name: str = "tags.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


BIOES = ["O", "B-SITE", "I-SITE", "E-SITE", "S-SIDE"]


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        ("O B-SITE I-SITE I-SITE B-SIDE", "BIO"),
        ("O B-SITE I-SITE E-SITE S-SIDE", "BIOES"),
        ("O B-SITE M-SITE E-SITE S-SIDE", "BMES"),
        ("O B-SITE M-SITE E-SITE W-SIDE", "BMEWO"),
        ("O B-SITE I-SITE L-SITE U-SIDE", "BILOU"),
        ("O SITE-B SITE-I SITE-I SIDE-B", "BIO, reversed (TYPE-B)"),
        ("O SITE-B SITE-M SITE-E SIDE-S", "BMES, reversed (TYPE-B)"),
    ],
)
def test_every_scheme_reads_as_the_same_bioes(write, tags: str, scheme: str) -> None:
    path = write("".join(f"{c} {t}\n" for c, t in zip("示基底节左", tags.split(), strict=True)))
    file = read_tag_file(path)
    assert file.scheme == scheme
    assert file.documents[0].text == "示基底节左"
    assert file.documents[0].tags == BIOES
    assert file.repaired == []


def test_separator_encoding_and_line_ends_do_not_matter(write) -> None:
    lines = ["左 B-SIDE", "侧 I-SIDE", "。 O"]
    expected = ("左侧。", ["B-SIDE", "E-SIDE", "O"])
    for separator in " \t":
        for end in ("\n", "\r\n"):
            text = end.join(line.replace(" ", separator) for line in lines)
            for codec, name in (
                ("utf-8", "UTF-8"),
                ("utf-8-sig", "UTF-8 with BOM"),
                ("gb18030", "GB18030"),
            ):
                for last in ("", end):
                    file = read_tag_file(write((text + last).encode(codec)))
                    assert (file.documents[0].text, file.documents[0].tags) == expected
                    assert file.encoding == name
                    assert file.separator == {" ": "space", "\t": "tab"}[separator]


def test_a_space_or_a_tab_can_be_the_character(write) -> None:
    file = read_tag_file(write("左 O\n  O\n O\n\tO\n\t O\n\u3000 O\n右 O\n"))
    assert file.documents[0].text == "左  \t\t\u3000右"
    assert file.documents[0].tags == ["O"] * 7


def test_blank_lines_part_documents_and_lines_are_numbered(write) -> None:
    file = read_tag_file(write("\n左 O\n\n \n右 S-SIDE\n侧 O\n\n"))
    assert [(d.text, d.tags, d.lines) for d in file.documents] == [
        ("左", ["O"], [2]),
        ("右侧", ["S-SIDE", "O"], [5, 6]),
    ]


def test_a_character_that_only_looks_like_a_line_end_is_a_character(write) -> None:
    file = read_tag_file(write("左 O\n\u2028 O\n\x0b O\n右 O\n"))
    assert file.documents[0].text == "左\u2028\x0b右"


def test_a_stray_character_without_tag_is_outside_and_counted(write) -> None:
    file = read_tag_file(write("左 B-SIDE\n侧 E-SIDE\n。\n右 O\n，\t\n见 O\n"))
    assert file.documents[0].text == "左侧。右，见"
    assert file.documents[0].tags == ["B-SIDE", "E-SIDE", "O", "O", "O", "O"]
    assert file.untagged == [3, 5]


@pytest.mark.parametrize(
    ("tags", "repaired_tags", "lines"),
    [
        # BIOES: an entity that does not begin, does not end, or changes its type.
        ("O I-A E-A S-B", "O B-A E-A S-B", [2]),
        ("B-A I-A O S-B", "B-A E-A O S-B", [2]),
        ("B-A O E-B O", "S-A O S-B O", [1, 3]),
        ("B-A I-B E-B O", "S-A B-B E-B O", [1, 2]),
        ("B-A B-A E-A E-A", "S-A B-A E-A S-A", [1, 4]),
        ("B-A I-A S-A I-A", "B-A E-A S-A S-A", [2, 4]),
        # BIO: legal as it stands, and I without B.
        ("B-A I-A B-A O", "B-A E-A S-A O", []),
        ("O I-A I-A I-B", "O B-A E-A S-B", [2, 4]),
    ],
)
def test_illegal_sequences_are_repaired_and_counted(
    write, tags: str, repaired_tags: str, lines: list[int]
) -> None:
    path = write("".join(f"字 {tag}\n" for tag in tags.split()))
    file = read_tag_file(path)
    assert file.documents[0].tags == repaired_tags.split()
    assert file.repaired == lines


def test_an_entity_never_goes_on_in_the_next_document(write) -> None:
    file = read_tag_file(write("左 B-A\n侧 I-A\n\n右 I-A\n侧 E-A\n\n右 S-A\n"))
    assert [d.tags for d in file.documents] == [["B-A", "E-A"], ["B-A", "E-A"], ["S-A"]]
    assert file.repaired == [2, 4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("\n\n \n", "is empty"),
        ("左侧基底节出血。\n约14毫升。\n", "line 1: the file holds no tags"),
        ("左\n侧\n基\n", "line 1: the file holds no tags"),
        ("左 O\n侧 NN O\n", "line 2: has 3 columns"),
        ("  NN O\n左 O\n", "line 1: has 3 columns"),
        ("左 O\nCT B-EXAM\n", "line 2: holds more than one character before its tag"),
        ("左 O\n侧O\n", "line 2: holds more than one character and no tag"),
        ("左 O\n\n侧 B\n", "line 3: has the unknown tag 'B'"),
        ("左 B-A\n侧 I-A\n中 X-A\n", "line 3: has the unknown tag 'X-A'"),
        ("左 B-A\n侧 M-A\n中 E-A\n中 I-A\n", "has the unknown tag"),
        ("左 B-A\n侧 A-I\n", "unknown tag 'A-I', as the others are of BIO"),
        ("左 O\n".encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (b"L\0 \0O\0\n\0", "line 1: holds a NUL byte"),
        (b"a O\n\xff\xfe\x80 O\n", "line 2: is neither UTF-8 nor GB18030"),
        (
            "右 O\n側 O\n肢 O\n體 O\n無 O\n力 O\n".encode("big5"),
            "looks like Big5, traditional Chinese; save it as UTF-8",
        ),
    ],
)
def test_what_is_no_tag_file_is_refused_with_its_line(write, content, words: str) -> None:
    path = write(content)
    with pytest.raises(DataError) as caught:
        read_tag_file(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_many_bad_lines_are_listed_and_then_summed_up(write) -> None:
    with pytest.raises(DataError) as caught:
        read_tag_file(write("字 B-A\n" * 10 + "字 NN O\n" * 9))
    assert len(caught.value.problems) == 6
    assert "4 more lines" in caught.value.problems[-1]


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_tag_file(tmp_path / "none.txt")


RECORD = "主诉：头 痛\r\n\n\t左侧\n"
RECORD_TAGS = [
    *("O", "O", "O", "B-SIGN", "I-SIGN", "E-SIGN"),
    *("O", "O", "O", "O", "B-SIDE", "E-SIDE", "O"),
]


def test_bioes_round_trip_keeps_every_character_and_skips_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "p1.bioes"
    write_bioes(path, RECORD, RECORD_TAGS)
    assert path.read_bytes().decode().split("\n") == [
        *("主 O", "诉 O", "： O", "头 B-SIGN", "  I-SIGN", "痛 E-SIGN"),
        *("\t O", "左 B-SIDE", "侧 E-SIDE", ""),
    ]
    assert read_bioes(path, RECORD) == RECORD_TAGS


def test_line_numbers_follow_the_file_not_the_record(tmp_path: Path) -> None:
    path = tmp_path / "p1.bioes"
    write_bioes(path, RECORD, RECORD_TAGS)
    lines = read_record_tags(path, RECORD).documents[0].lines
    assert lines == [1, 2, 3, 4, 5, 6, 0, 0, 0, 7, 8, 9, 0]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("左则", "line 2: has '侧' where the record has '则'"),
        ("左\n侧。", "line 2: ends after 2 characters, but the record has 3"),
        ("左", "line 2: ends after 2 characters, but the record has 1"),
    ],
)
def test_tags_of_another_record_are_refused(write, record: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_bioes(write("左 B-A\n侧 E-A\n"), record)
    assert words in str(caught.value)


def test_a_line_break_inside_an_entity_does_not_end_it() -> None:
    tags = ["B-A", "O", "E-A", "O"]
    assert spans(tags, gaps={1}) == [Span(0, 3, "A")]
    assert spans(tags) == [Span(0, 1, "A"), Span(2, 3, "A")]


def test_an_entity_ends_before_a_trailing_line_break() -> None:
    assert spans(["B-A", "I-A", "O", "O"], gaps={2}) == [Span(0, 2, "A")]


def test_bioes_is_the_inverse_of_spans() -> None:
    entities = [Span(0, 1, "A"), Span(1, 4, "A"), Span(5, 7, "B")]
    assert spans(bioes(entities, 8)) == entities


def test_a_type_with_a_hyphen_or_of_one_letter_is_kept() -> None:
    scheme = detect(["B-CT-FINDING", "I-CT-FINDING", "O"])
    assert scheme is not None and scheme.to_bioes("B-CT-FINDING") == "B-CT-FINDING"
    turned = detect(["CT-FINDING-B", "CT-FINDING-I"])
    assert turned is not None and turned.to_bioes("CT-FINDING-B") == "B-CT-FINDING"
    assert str(detect(["B-S", "I-S"])) == "BIO"


def test_hich_it_example(shared_data: Path) -> None:
    file = read_tag_file(shared_data / "hich-it-mini" / "Datasets" / "Text" / "Example.txt")
    (document,) = file.documents
    assert (len(document.text), file.scheme, file.untagged, file.repaired) == (
        *(561, "BIOES"),
        *([131], []),
    )
    assert document.text.startswith("76岁女性，主诉：“突发右侧肢体无力4+小时”；  现病史：")
    assert len(spans(document.tags)) == 12


def test_ccks_2017(shared_data: Path) -> None:
    file = read_tag_file(shared_data / "ccks2017-emr" / "test.txt")
    assert len(file.documents) == 240
    assert sum(len(spans(document.tags)) for document in file.documents) == 6105
    assert not file.untagged and not file.repaired
