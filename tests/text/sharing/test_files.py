"""Files that are shared: names of files, Word documents, rows without marks, notes that fail."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cohort.base.errors import DataError
from tests.text.corpus.test_docx import p as paragraph
from tests.text.corpus.test_docx import write as write_docx
from text.components.deidentify.finder import Finder
from text.components.deidentify.replace import Deidentifier
from text.deidentify import deidentify, main
from text.sharing.patients import PatientKeys
from text.sharing.report import FAILED, REPORT

NOTE = "姓名：张志远，男，56岁，住院号：00123456。2023年5月6日入院。右侧丘脑出血约10ml。"
TELLING = """
    张志远 张志远_2 3床张志远 李四 张志远-出院记录 出院记录(张志远)
    zhangsan ZhangSan_CT zhang_zhiyuan
    WANGXIULAN LiNa ZY00123456 00123456
    13812345678 510702193003041234
"""
SILENT = """
    p0001_1 a_1 case12 note-3 首程 出院小结 病例01 入院记录 train hematoma01 sub-01_ses-02 HICH001
    synthetic_0001 ICU_note discharge IMG_0001
"""
KEYS = PatientKeys(None, Finder())


def held(folder: Path) -> str:
    """Return the names and contents of all files of a folder."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(
        f"{path.relative_to(folder)}\n{path.read_text(encoding='utf-8-sig')}" for path in paths
    )


@pytest.mark.parametrize(
    "name",
    TELLING.split(),
)
def test_names_of_files_that_say_who_somebody_is_are_replaced(name: str) -> None:
    assert KEYS.name_of(name).startswith("record_")


@pytest.mark.parametrize(
    "name",
    SILENT.split(),
)
def test_names_of_files_that_say_nothing_stay(name: str) -> None:
    assert KEYS.name_of(name) == name


def test_one_bad_note_ends_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Any
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.txt").write_text(NOTE, encoding="utf-8")
    (notes / "王秀兰.docx").write_bytes(b"not a document")
    (notes / "李国栋.txt").write_text("李国栋" * 3 + "stumble", encoding="utf-8")
    (notes / "scan.pdf").write_bytes(b"")
    own = Deidentifier.__call__

    def stumbles(self: Deidentifier, text: str, known: Any = ()) -> Any:
        if "stumble" in text:
            raise ValueError(f"a fault that quotes {text}")
        return own(self, text, known)

    monkeypatch.setattr(Deidentifier, "__call__", stumbles)
    out = tmp_path / "out"
    done = command(main, notes, out, "--mask")
    assert done.exit_code == 1
    assert "王秀兰.docx: is not a Word document" in done.stderr  # said to who runs it
    assert "Left out, no .txt or .docx file: 1 (scan.pdf)" in done.stdout
    assert (out / "a.txt").read_text(encoding="utf-8").startswith("姓名：[NAME]")
    with (out / FAILED).open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["record", "why"] and len(rows) == 2
    assert sorted(why for _, why in rows)[0].startswith("is not a Word document")
    assert not any(word in held(out) for word in ("王秀兰", "李国栋", "张志远", str(tmp_path)))
    assert json.loads((out / REPORT).read_text(encoding="utf-8"))["failed"] == 2


def test_if_all_fail_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"no")
    with pytest.raises(DataError, match="is not a Word document"):
        deidentify(tmp_path / "a.docx", tmp_path / "out", mask=True)
    assert not (tmp_path / "out").exists()


def test_what_a_word_document_holds_beside_its_text_is_not_passed_on(tmp_path: Path) -> None:
    source = tmp_path / "n1.docx"
    write_docx(
        source,
        paragraph(NOTE)
        + '<w:p><w:del w:author="王秀兰"><w:r><w:delText>李国栋</w:delText></w:r></w:del>'
        '<w:ins w:author="王秀兰"><w:r><w:t>复查CT。</w:t></w:r></w:ins></w:p>'
        "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>联系电话：13812345678</w:t></w:r></w:p>"
        "</w:txbxContent></w:pict></w:r></w:p>",
    )
    with zipfile.ZipFile(source, "a") as archive:
        for name in (
            "docProps/core.xml",
            "word/header1.xml",
            "word/footer1.xml",
            "word/comments.xml",
        ):
            archive.writestr(name, "<x>欧阳振华</x>")
    deidentify(source, tmp_path / "out", mask=True)
    text = (tmp_path / "out" / "n1.txt").read_text(encoding="utf-8")
    assert "复查CT。" in text and "联系电话：[PHONE]" in text
    assert not any(w in held(tmp_path / "out") for w in ("王秀兰", "李国栋", "欧阳", "13812345678"))


def test_rows_without_marks_are_notes(tmp_path: Path) -> None:
    source = tmp_path / "r.jsonl"
    row = {"id": "张志远", "text": NOTE, "patient": "张志远"}
    source.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    done = deidentify(source, tmp_path / "out", tmp_path / "key.json")
    assert done.records == 1
    assert "张志远" not in held(tmp_path / "out") and "右侧丘脑出血约10ml" in held(tmp_path / "out")


def test_a_cohort_s_names_say_of_nobody_who_they_are(
    make_cohort: Callable[..., Path], tmp_path: Path
) -> None:
    cohort = make_cohort()
    manifest = cohort / "cohort.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    case = next(case for case in content["cases"] if case.get("record"))
    old = cohort / case["record"]
    new = old.with_name(f"张志远{old.suffix}")
    old.rename(new)
    case["record"], case["id"] = f"{new.parent.name}/{new.name}", "zhangzhiyuan"
    manifest.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    deidentify(cohort, tmp_path / "out", tmp_path / "key.json")
    assert "张志远" not in held(tmp_path / "out") and "zhangzhiyuan" not in held(tmp_path / "out")
