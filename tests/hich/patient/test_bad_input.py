"""What people give by mistake: a sentence each, an exit code, and nothing half-written."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import nibabel as nib
import numpy as np
import pytest

from cohort.space.affine import make_affine
from hich.patient.__main__ import main
from tests.cohort.space.dicom.write_series import asymmetric, write_series
from tests.hich.patient.conftest import NOTE, SHAPE, SPACING
from tests.imaging.conftest import paint

HEAD: dict[str, Any] = {"BodyPartExamined": "HEAD", "ConvolutionKernel": "STANDARD"}


def refused(command: Any, tmp_path: Path, *line: object) -> tuple[int, str]:
    """Return exit code and what is said of a call that writes nothing."""
    before = sorted(tmp_path.rglob("*"))
    done = command(main, *line)
    assert sorted(tmp_path.rglob("*")) == before
    assert done.exit_code in (1, 2) and "Traceback" not in done.stderr, done.stderr
    return done.exit_code, done.stderr


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("n.txt", NOTE.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        ("n.txt", NOTE.encode("utf-16-le"), "is neither UTF-8 nor GB18030 text"),
        (
            "n.txt",
            "頭顱電腦斷層顯示左側基底節區出血".encode("big5"),
            "looks like Big5",
        ),
        ("n.txt", b"", "is empty; name the file that holds the note"),
        ("n.txt", "\ufeff\u3000\u200b。\n".encode(), "is empty"),
        ("n.doc", b"\xd0\xcf\x11\xe0", "open it there and save it as plain text"),
        ("n.PDF", b"%PDF-1.4", "open it there and save it as plain text"),
        ("n.txt", b"%PDF-1.4\n", "is a PDF by its content"),
        ("note", b"%PDF-1.4\n", "is a PDF by its content"),
        ("n.txt", b"{\\rtf1 x}", "is an RTF document by its content"),
        ("n.txt", b"\xef\xbb\xbf\n<!DOCTYPE html>\n<p>x</p>", "is an HTML page by its content"),
        ("n.txt", b'<TABLE border="1"><tr>', "is an HTML page by its content"),
        ("n.txt", b'<?xml version="1.0"?><x/>', "is an XML document by its content"),
        ("n.txt", b"MIME-Version: 1.0\n", "is a saved web page by its content"),
        ("n.txt", b"\xd0\xcf\x11\xe0\xa1", "is an old Word or Excel document by its content"),
        ("n.txt", b"PK\x03\x04 ", "is a Word document, a workbook or another zip"),
        ("n.docx", b"PK\x03\x04", "is not a Word document, or a damaged one"),
        ("n.csv", b"id,text\np1,x\n", "may hold the notes of several patients"),
        ("n.xlsx", b"PK\x03\x04", "may hold the notes of several patients"),
        ("n.jpg", b"\xff\xd8\xff\x00", "is neither a scan"),
    ],
)
def test_a_note_that_is_none_is_refused_with_what_to_do(
    name: str, content: bytes, why: str, tmp_path: Path, command: Any
) -> None:
    (tmp_path / name).write_bytes(content)
    code, said = refused(command, tmp_path, tmp_path / name, "--output", tmp_path / "out")
    assert why in said and name in said
    assert code == (2 if "several patients" in why else 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_encodings_of_hospitals_are_read(
    encoding: str, note: Path, tmp_path: Path, command: Any
) -> None:
    note.write_bytes(NOTE.replace("\n", "\r\n").encode(encoding))
    done = command(main, note, "--output", tmp_path / "out")
    assert done.exit_code == 0 and "Volume: CT –; record 3.0 mL" in done.stdout


def test_tracked_changes_are_told(tmp_path: Path, command: Any) -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    before, after = "<w:del><w:r><w:delText>13</w:delText></w:r></w:del>", "<w:ins><w:r><w:t>35"
    with ZipFile(tmp_path / "n.docx", "w") as archive:
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>头颅CT：左侧基底节区出血，'
            f"量约</w:t></w:r>{before}{after}</w:t></w:r></w:ins><w:r><w:t>ml。</w:t></w:r></w:p></w:body>"
            "</w:document>",
        )
    done = command(main, tmp_path / "n.docx", "--output", tmp_path / "out")
    assert "Volume: CT –; record 35.0 mL" in done.stdout
    assert "Note: The document has tracked changes" in done.stderr
    shown = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "The document has tracked changes" in shown and "量约13" not in shown


def scans_of(folder: Path, what: str) -> tuple[Path, str]:
    """Write a scan that is none of a head CT; return it, and what is said of it."""
    affine = make_affine("LPS", SPACING, SHAPE)
    hu, _ = paint(SHAPE, affine)
    hollow = hu.astype(np.float32)
    hollow[3, 3, 3] = np.nan
    path = folder / "ct.nii.gz"
    volumes = {
        "nan": (hollow, "holds NaN or infinite voxels; export it again"),
        "4d": (np.stack([hu, hu], -1), "is 4D (42×51×7×2 voxels); give one 3D volume a file"),
        "2d": (hu[..., 3], "is 2D (42×51 voxels); give one 3D volume a file"),
        "mr": (np.clip(hu, 0, 80) * 8, "not Hounsfield units; is it MR"),
        "zero": (np.zeros(SHAPE), "holds the value 0 only; it is not a CT"),
    }
    if what in volumes:
        voxels, why = volumes[what]
        nib.save(nib.Nifti1Image(voxels.astype(np.float32), affine), path)
        return path, why
    if what == "bomb":
        with ZipFile(folder / "ct.zip", "w", ZIP_DEFLATED) as archive:
            archive.writestr("1.dcm", b"\0" * (64 << 20))
        return folder / "ct.zip", "holds no DICOM series"
    of = folder / "ct"
    if what == "two":
        for who in ("5", "6"):
            uids = {"StudyInstanceUID": f"1.{who}", "SeriesInstanceUID": f"1.{who}.1"}
            write_series(of / who, asymmetric(), PatientID=who, **HEAD, **uids)
        return of, "holds 2 DICOM studies, and each scan is a folder of its own"
    if what == "empty":
        of.mkdir()
        return of, "holds no .nii, .nii.gz or .nrrd file"
    stated = {"mri": {"Modality": "MR"}, "chest": {"BodyPartExamined": "CHEST"}}[what]
    write_series(of, asymmetric(), SeriesDescription="5mm", **{**HEAD, **stated})
    return of, {"mri": "is MR, not CT", "chest": "is of the chest"}[what]


@pytest.mark.parametrize(
    "what", ["nan", "4d", "2d", "mr", "zero", "bomb", "two", "empty", "mri", "chest"]
)
def test_a_scan_that_is_none_of_a_head_is_refused(
    what: str, oracle: Path, tmp_path: Path, command: Any
) -> None:
    scan, why = scans_of(tmp_path, what)
    line = (scan, "--output", tmp_path / "out", "--model", oracle)
    code, said = refused(command, tmp_path, *line)
    assert code == 1 and why in said and scan.name in said
    assert "--force" not in said  # which this command hasn't
    assert "ID-4711" not in said and "张" not in said


def test_file_names_are_text_on_the_page(tmp_path: Path, command: Any) -> None:
    name = "<img src=x onerror=alert(1)>\"'&.txt"
    (tmp_path / name).write_text(NOTE, encoding="utf-8")
    done = command(main, tmp_path / name, "--output", tmp_path / "out")
    assert done.exit_code == 0
    shown = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<img src=x" not in shown and "&lt;img src=x onerror=alert(1)&gt;" in shown


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_no_right_to_write_is_said(
    number: int, note: Path, tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(path: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(Path, "mkdir", deny)
    code, said = refused(command, tmp_path, note, "--output", tmp_path / "out")
    assert (
        code == 1
        and os.strerror(number) in said
        and str(tmp_path) in said
        and ".partial" not in said
    )


WAIT = """
import sys, time
from hich.patient import build
from hich.patient.__main__ import main
from cohort.base.cli import run
def slow(*_, **__):
    print("reading", flush=True)
    time.sleep(60)
build.Halves.read_note = slow
run(main)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
def test_ctrl_c_ends_with_130_and_leaves_nothing(note: Path, tmp_path: Path, root: Path) -> None:
    line = [sys.executable, "-c", WAIT, str(note), "--output", str(tmp_path / "out")]
    with subprocess.Popen(
        line, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stdout.readline() == "reading\n"
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130 and "Interrupted." in said and "Traceback" not in said
    assert list(tmp_path.iterdir()) == [note.parent]
