"""The text of Word documents, and documents that are refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from cohort.base.errors import DataError
from text.corpus import docx
from text.corpus.docx import has_tracked_changes, read_docx

NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="{0}"/></Relationships>'
)


def write(
    path: Path, body: str, target: str = "word/document.xml", before: str = "", names: str = NAMES
) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", RELATIONS.format(target))
        document = f"<w:document {names}><w:body>{body}</w:body></w:document>"
        archive.writestr(target.lstrip("/"), f'<?xml version="1.0"?>{before}{document}')
    return path


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def cell(*texts: str) -> str:
    return f"<w:tc><w:tcPr/>{''.join(map(p, texts))}</w:tc>"


@pytest.fixture
def read(tmp_path: Path):
    """Return a function that reads a document with a body."""
    return lambda body, **more: read_docx(write(tmp_path / "note.docx", body, **more))


def test_paragraphs_are_lines_and_runs_are_joined(read) -> None:
    body = p("主诉：头痛。") + (
        '<w:p><w:pPr><w:tabs><w:tab w:pos="9"/></w:tabs></w:pPr><w:r><w:t>出血</w:t></w:r>'
        '<w:hyperlink><w:r><w:t xml:space="preserve"> 35</w:t></w:r></w:hyperlink>'
        "<w:r><w:tab/><w:t>ml</w:t><w:br/><w:t>a&lt;b</w:t></w:r></w:p>"
    )
    assert read(body) == "主诉：头痛。\n出血 35\tml\na<b"
    strict = NAMES.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert read(p("左侧"), target="/word/document2.xml", names=strict) == "左侧"


def test_rows_of_tables_are_lines_and_cells_are_apart(read) -> None:
    nested = f"<w:tc>{p('内')}<w:tbl><w:tr>{cell('一')}{cell('二')}</w:tr></w:tbl>{p('外')}</w:tc>"
    body = (
        f"{p('前')}<w:tbl><w:tblPr/><w:tr>{cell('主诉')}{cell('头痛', '3小时')}</w:tr>"
        f"<w:tr>{cell('查体')}{nested}{cell('')}</w:tr></w:tbl>{p('后')}"
    )
    assert read(body) == "前\n主诉\t头痛\n3小时\n查体\t内\n一\t二\n外\n后"


def test_text_boxes_are_read_once_after_their_paragraph(read) -> None:
    box = f"<w:txbxContent>{p('框内')}{p('第二行')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><w:t>前</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><wps:txbx>{box}"
        f"</wps:txbx></mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
        "<w:r><w:t>后</w:t></w:r></w:p>"
    )
    assert read(body) == "前后\n框内\n第二行"


def test_what_word_does_not_show_is_not_read(read) -> None:
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>可见</w:t></w:r>'
        "<w:r><w:instrText>PAGE</w:instrText><w:ruby><w:rt><w:r><w:t>pin</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>拼</w:t></w:r></w:rubyBase></w:ruby></w:r>"
        "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath><w:r><w:sym/></w:r></w:p>"
    )
    assert read(body) == "可见拼x\ufffd"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("<w:altChunk/>", "holds another document"),
        ("<w:sdt>" * 600 + "</w:sdt>" * 600, "nested too deep"),
        (f"{p('x')}<w:p>", "or a damaged one"),
    ],
)
def test_what_is_not_clear_is_refused(body: str, why: str, read) -> None:
    with pytest.raises(DataError, match=why):
        read(body)


def test_tracked_changes_are_read_as_if_they_were_accepted(tmp_path: Path) -> None:
    deleted = "<w:del><w:r><w:delText>30ml</w:delText><w:t>30</w:t></w:r></w:del>"
    inserted = "<w:ins><w:r><w:t>50ml</w:t></w:r></w:ins>"
    moved = "<w:moveFrom><w:r><w:t>左</w:t></w:r></w:moveFrom>"
    moved += "<w:moveTo><w:r><w:t>右</w:t></w:r></w:moveTo>"
    row = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p>{deleted}</w:p></w:tc></w:tr>"
    body = f"<w:p>{moved}<w:r><w:t>侧出血</w:t></w:r>{deleted}{inserted}</w:p><w:tbl>{row}</w:tbl>"
    path = write(tmp_path / "note.docx", body)
    assert read_docx(path) == "右侧出血50ml\n"
    assert has_tracked_changes(path)
    assert has_tracked_changes(write(tmp_path / "in.docx", f"<w:p>{inserted}</w:p>"))
    assert has_tracked_changes(write(tmp_path / "out.docx", f"<w:p>{deleted}</w:p>"))
    assert not has_tracked_changes(write(tmp_path / "none.docx", p("出血")))


def test_marks_of_inserted_paragraphs_are_no_changes_of_text(read) -> None:
    body = "<w:p><w:pPr><w:rPr><w:ins/></w:rPr></w:pPr><w:r><w:t>左侧</w:t></w:r></w:p>"
    assert read(body) == "左侧"


def test_hostile_files_are_refused(tmp_path: Path, read, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(DataError, match="holds XML definitions"):
        read(p("&b;"), before=bomb)
    outside = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(DataError, match="holds XML definitions"):
        read(p("&a;"), before=outside)
    monkeypatch.setattr(docx, "MOST_BYTES", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than 1 MiB"):
        read(p("x" * (1 << 20)))
    path = tmp_path / "other.docx"
    with ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", RELATIONS.format("/etc/passwd"))
    with pytest.raises(DataError, match="or a damaged one"):  # no such file in the zip
        read_docx(path)
    for content, why in [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "protected by a password"),
        (b"PK\x03\x04" + bytes(50), "or a damaged one"),
        (b"plain text", "or a damaged one"),
        (b"", "or a damaged one"),
    ]:
        path.write_bytes(content)
        with pytest.raises(DataError, match=why):
            read_docx(path)
    whole = write(path, p("左侧基底节区出血") * 50).read_bytes()
    for place in range(len(whole)):
        for bits in (0x5A, 0x81):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bits]) + whole[place + 1 :])
            with suppress(DataError):  # and nothing else
                read_docx(path)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_docx(tmp_path / "note.docx")
