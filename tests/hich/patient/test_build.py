"""One patient's page: from a scan, a note or both, and what becomes of what cannot be used."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from cohort.base.errors import DataError
from cohort.schema.patient import PatientFile
from cohort.space.file_types import read_volume
from cohort.space.nifti.volume import save_volume
from hich.patient.__main__ import main
from hich.patient.build import patient
from tests.conftest import undescribed
from tests.hich.patient.conftest import NOTE
from tests.imaging.conftest import BRAIN, HU

CHINESE = re.compile(r"[\u3400-\u9fff]")


def summary(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


def page(folder: Path) -> str:
    return (folder / "index.html").read_text(encoding="utf-8")


def test_scan_and_note_make_a_page_a_summary_and_masks(
    scan: Path, note: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    out = tmp_path / "out"
    done = command(main, note, scan, "--output", out, "--model", oracle)  # in any order
    assert done.exit_code == 0, done.stderr
    assert "Side: CT left; record left. Agree." in done.stdout and "oracle 1.2.3" in done.stdout
    told = summary(out)
    assert undescribed(PatientFile, told) == []
    assert told["id"] == "p1" and told["refused"] == {}
    verdicts = {row["aspect"]: row["verdict"] for row in told["comparison"]}
    assert verdicts["hematoma"] == verdicts["side"] == verdicts["volume"] == "agree"
    (of_scan,) = told["scans"]
    mask, _ = read_volume(out / of_scan["masks"]["hematoma"])
    assert of_scan["volumes_ml"]["hematoma"] == pytest.approx(mask.sum() * 0.018, abs=1e-3)
    score = told["ich_score"]  # 13 points of GCS, 61 years, 3 mL: nothing; no error is known
    assert score["points"] == [0, 1] and score["by_ct"] is None
    volume = next(item for item in score["items"] if item["name"] == "volume")
    assert volume["points"] == [0, 1] and volume["ct"]["values"][0]["term"] == "tada"
    shown = page(out)
    assert "ICH score" in shown and "0–1 of 6" in shown and "For research, no advice" in shown
    assert "左侧基底节区出血" in shown and 'id="viewer"' in shown and "index.html" not in shown
    assert "no trained pipeline was named" in shown and "No reference" not in shown


@pytest.mark.parametrize(
    ("trained_on", "lang", "said"),
    [
        ("generated heads only", "en", "oracle 1.2.3, a model trained on generated heads only"),
        ("generated heads only", "zh", "仅程序生成的头颅，不含真实患者"),
        ("<i>40</i> scans", "zh", "&lt;i&gt;40&lt;/i&gt; scans"),
    ],
)
def test_page_and_console_say_what_the_model_was_trained_on(
    *, trained_on: str, lang: str, said: str, scan: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    model = copytree(oracle, tmp_path / "model")
    (at,) = model.rglob("metadata.json")
    metadata = {**json.loads(at.read_text("utf-8")), "trained_on": trained_on}
    at.write_text(json.dumps(metadata), encoding="utf-8")
    out = tmp_path / "out"
    done = command(main, scan, "--output", out, "--model", model, "--lang", lang)
    assert done.exit_code == 0 and f"a model trained on {trained_on}" in done.stdout
    head, _, rest = page(out).partition("<canvas")
    assert said in head and said not in rest  # once, above the scan


def test_programs_get_the_summary_on_stdout_and_nothing_beside_it(
    note: Path, tmp_path: Path, command: Any
) -> None:
    (tmp_path / "in/none.nii.gz").write_bytes(b"")
    done = command(main, tmp_path / "in/none.nii.gz", note, "--output", tmp_path / "out", "--json")
    assert done.exit_code == 1 and "none.nii.gz" in done.stderr
    told = json.loads(done.stdout)
    assert told == summary(tmp_path / "out") and told["refused"]


def test_summary_says_where_the_evidence_stands_and_quotes_none_of_it(
    note: Path, tmp_path: Path
) -> None:
    patient([note], tmp_path / "out", lang="zh")
    told = summary(tmp_path / "out")
    assert undescribed(PatientFile, told) == []
    assert not CHINESE.search(json.dumps(told, ensure_ascii=False))
    age = next(f for f in told["record"]["findings"] if f["name"] == "age")
    assert (age["value"], NOTE[age["start"] : age["end"]]) == (61, "61岁")
    (volume,) = [row for row in told["comparison"] if row["aspect"] == "volume"]
    assert volume["ct"] is None and [NOTE[a:b] for a, b in volume["evidence"]] == ["3ml"]
    assert told["scans"] == [] and not (tmp_path / "out" / "prediction").exists()
    assert "没有可显示的 CT" in page(tmp_path / "out")


def test_scan_alone_has_no_record(scan: Path, oracle: Path, tmp_path: Path) -> None:
    patient([scan], tmp_path / "out", model=oracle)
    told = summary(tmp_path / "out")
    assert told["record"] is None and told["scans"][0]["measurements"]["hematoma"]["side"] == "left"
    assert {row["verdict"] for row in told["comparison"]} == {"only_ct"}
    assert "There is no record." in page(tmp_path / "out")


@pytest.mark.parametrize("half", ["ct", "record"])
def test_page_has_the_other_half_where_one_is_refused(
    half: str, scan: Path, note: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    damaged = scan if half == "ct" else note
    damaged.write_bytes(scan.read_bytes()[:2000] if half == "ct" else b" \n")
    out = tmp_path / "out"
    done = command(main, scan, note, "--output", out, "--model", oracle)
    assert done.exit_code == 1 and str(damaged) in done.stderr
    told = summary(out)
    (problem,) = told["refused"][half]
    assert damaged.name in problem and str(tmp_path) not in problem  # nothing of the machine
    assert (told["record"] is None) == (half == "record") and bool(told["scans"]) == (half != "ct")
    shown = page(out)
    assert f"The {'CT' if half == 'ct' else 'record'} could not be used:" in shown
    assert str(tmp_path) not in shown


def test_a_word_document_is_read_as_what_it_shows(tmp_path: Path) -> None:
    rows = [line.split("：") for line in NOTE.replace("。", "").split("\n")[1:] if line]
    cells = (
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{t}</w:t></w:r></w:p></w:tc>" for t in row)
        for row in rows
    )
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with ZipFile(tmp_path / "note.docx", "w") as archive:
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{word}"><w:body><w:tbl>{"</w:tr>".join(cells)}</w:tr></w:tbl>'
            "</w:body></w:document>",
        )
    told = patient([tmp_path / "note.docx"], tmp_path / "out").summary
    assert [s["label"] for s in told["record"]["sections"]] == [
        *("chief_complaint", "physical_examination", "imaging_report")
    ]
    assert ("hematoma_volume", 3) in [(f["name"], f["value"]) for f in told["record"]["findings"]]


def test_nothing_is_written_where_nothing_can_be_used(note: Path, tmp_path: Path) -> None:
    note.write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="is empty"):
        patient([note], tmp_path / "out")
    assert list(tmp_path.iterdir()) == [note.parent]


def test_a_wrong_model_or_pipeline_ends_the_call(
    scan: Path, note: Path, oracle: Path, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="no such model folder"):
        patient([scan, note], tmp_path / "out", model=tmp_path / "model")
    with pytest.raises(DataError, match="nor an installed pipeline"):
        patient([scan, note], tmp_path / "out", model=oracle, pipeline="no_such_pipeline")
    assert not (tmp_path / "out").exists()


def test_output_replaces_only_its_own_kind(note: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="would be replaced"):
        patient([note], note.parent)
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_text('{"mine": 1}', encoding="utf-8")
    with pytest.raises(DataError, match="this program did not write"):
        patient([note], out)
    (out / "summary.json").unlink()
    (out / "thesis.txt").write_text("…", encoding="utf-8")
    with pytest.raises(DataError, match="holds other files"):
        patient([note], out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
    (out / "thesis.txt").unlink()
    for _ in range(2):
        patient([note], out)
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "summary.json"]


def test_interrupted_it_leaves_nothing(
    note: Path, tmp_path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hich.report.pages.write.render_case", interrupt)
    done = command(main, note, "--output", tmp_path / "out")
    assert done.exit_code == 130
    assert list(tmp_path.iterdir()) == [note.parent]


LOADED = """
import sys
from pathlib import Path
from hich.patient.build import patient
patient([Path(sys.argv[1])], Path(sys.argv[2]), model=Path(sys.argv[3]))
print(*({"monai", "matplotlib", "spacy"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("half", "loaded"), [("note", {"spacy"}), ("scan", {"monai"})])
def test_nothing_is_loaded_that_is_not_used(
    half: str, loaded: set[str], scan: Path, note: Path, oracle: Path, tmp_path: Path, root: Path
) -> None:
    given = note if half == "note" else scan
    line = [sys.executable, "-c", LOADED, given, tmp_path / "out", oracle]
    done = subprocess.run([*map(str, line)], cwd=root, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - {"matplotlib"} == loaded


@pytest.fixture
def later(scan: Path) -> Path:
    """Return a second scan of the phantom, whose hematoma is larger."""
    hu, header = read_volume(scan)
    grown = hu.copy()
    at = np.indices(hu.shape)
    middle = [axis[np.abs(hu - HU["hematoma"]) < 4].mean() for axis in at]
    near = sum(((axis - m) / r) ** 2 for axis, m, r in zip(at, middle, (6, 8, 1.9), strict=True))
    brain = np.abs(hu - BRAIN) <= 7
    grown[(near < 1) & brain] = HU["hematoma"]
    save_volume(scan.parent / "p1-day1.nii.gz", grown, header.grid.affine)
    return scan.parent / "p1-day1.nii.gz"


def test_several_scans_are_compared_on_their_own_grids(
    scan: Path, later: Path, note: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    said = "次日复查头颅CT示左侧基底节区血肿约5ml。"
    note.write_text(NOTE + "诊疗经过：" + said + "\n", encoding="utf-8")
    out = tmp_path / "out"
    line = [later, scan, note, "--hours", "24,0", "--output", out, "--model", oracle]
    done = command(main, *line, "--lang", "zh")
    assert done.exit_code == 0, done.stderr
    assert "Scan 2 beside scan 1: Hematoma: +" in done.stdout
    told = summary(out)
    assert undescribed(PatientFile, told) == []
    assert [one["id"] for one in told["scans"]] == ["p1", "p1-day1"] and told["id"] == "p1"
    follow = told["follow_up"]
    assert (follow["times_by"], [s["hours"] for s in follow["scans"]]) == ("hours", [0, 24])
    assert "here they stand by time" in follow["notes"][0]
    (step,) = follow["steps"]
    change = step["changes"][0]
    before, after = (one["volumes_ml"]["hematoma"] for one in told["scans"])
    assert change["before"]["number"] == before < change["after"]["number"] == after
    assert change["difference"] == pytest.approx(after - before)
    assert (
        change["verdict"] == "unjudged" and step["growth"]["standard"] == "open"
    )  # no error known
    (placed,) = follow["statements"]
    text = note.read_text(encoding="utf-8")
    assert placed["scan"] == 1 and text[placed["start"] : placed["end"]] == said[:-1]
    # What the record says of the later scan is not compared with the first.
    (volume,) = [row for row in told["comparison"] if row["aspect"] == "volume"]
    assert [value["number"] for value in volume["record"]] == [3]
    assert not CHINESE.search(json.dumps(told, ensure_ascii=False))
    shown = page(out)
    on_paper = shown.split('class="on-paper"')[1].split('class="steps"')[0]
    assert on_paper.count('<img src="data:image/webp') in (2, 4)  # both scans at each place
    assert "随访" in shown and "次日复查头颅CT" in shown and "给出的顺序不同" in shown
    assert {path.name for path in (out / "prediction").glob("*.json")} == {
        "p1.json",
        "p1-day1.json",
    }


def test_scans_that_do_not_go_together_are_refused(
    scan: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    copy = scan.with_name("copy.nii.gz")
    copy.write_bytes(scan.read_bytes())
    line = ["--output", tmp_path / "out", "--model", oracle]
    done = command(main, scan, copy, *line)
    assert done.exit_code == 1 and "p1 and copy: are the same scan" in done.stderr
    for hours, why in (
        ("0", "names 1 time for 2 scans"),
        ("0,x", "not all numbers"),
        ("nan,1", "not all numbers"),
    ):
        done = command(main, scan, copy, "--hours", hours, *line)
        assert done.exit_code == 2 and why in done.stderr
    assert not (tmp_path / "out").exists()


def test_what_is_left_of_several_scans_makes_the_page(
    scan: Path, oracle: Path, tmp_path: Path, command: Any
) -> None:
    damaged = scan.with_name("bad.nii.gz")
    damaged.write_bytes(scan.read_bytes()[:2000])
    out = tmp_path / "out"
    done = command(main, damaged, scan, "--output", out, "--model", oracle)
    assert done.exit_code == 1 and "bad.nii.gz" in done.stderr
    told = summary(out)
    assert told["follow_up"] is None and [one["id"] for one in told["scans"]] == ["p1"]
    assert "A scan could not be used" in page(out) and 'id="viewer"' in page(out)
    # The first was lost: the other one tells nothing of the presentation.
    assert told["ich_score"] is None or told["ich_score"]["items"][1]["ct"] is None
    assert "The first scan could not be used" in page(out)
    done = command(main, scan, damaged, "--output", out, "--model", oracle)
    told = summary(out)
    assert told["ich_score"]["items"][1]["ct"] is not None
    assert "The first scan could not be used" not in page(out)
    done = command(main, scan, damaged, "--hours", "24,0", "--output", out, "--model", oracle)
    assert summary(out)["ich_score"]["items"][1]["ct"] is None
