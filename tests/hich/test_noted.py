"""What `patient`, `read` and `merge` note of how they made their results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cohort.provenance.chain import trace_back
from cohort.space.affine import make_affine
from cohort.space.nifti.volume import save_volume
from hich.merge.__main__ import main as merge
from hich.patient.__main__ import main as patient
from hich.read.__main__ import main as read
from tests.hich.patient.conftest import NOTE, SHAPE, SPACING
from tests.imaging.conftest import paint, write_oracle
from text.annotate import main as annotate


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a folder that holds a model, and a scan and a note of one patient in `in`."""
    monkeypatch.chdir(tmp_path)
    write_oracle(Path("model"))
    Path("in").mkdir()
    affine = make_affine("LPS", SPACING, SHAPE)
    save_volume(Path("in/p1.nii.gz"), paint(SHAPE, affine)[0], affine)
    Path("in/p1.txt").write_text(NOTE, encoding="utf-8")
    return tmp_path


def changed(result: str) -> list[str]:
    return [one.name for one in trace_back(Path(result)).changes]


def test_a_patients_page_is_traced_to_scan_and_note(project: Path, command: Any) -> None:
    given = ("in/p1.nii.gz", "in/p1.txt", "--model", "model", "--output", "out")
    assert command(patient, *given).exit_code == 0
    run = trace_back(Path("out/summary.json")).links[0].run
    assert {"in/p1.nii.gz", "in/p1.txt", "model/"} == set(run.of)
    assert run.device == "cpu" and str(project) not in str(run)
    assert changed("out/summary.json") == changed("out/index.html") == []
    Path("in/p1.txt").write_text(NOTE + "。", encoding="utf-8")
    assert changed("out/summary.json") == ["in/p1.txt"]


def test_what_was_read_is_traced_to_its_folder(project: Path, command: Any) -> None:
    assert command(read, "in", "--model", "model", "--output", "out").exit_code == 0
    assert changed("out/cases.xlsx") == changed("out/report/index.html") == []
    Path("in/p1.txt").write_text(NOTE + "。", encoding="utf-8")
    assert changed("out/cases.xlsx") == ["in/"]


def test_a_merge_is_traced_to_what_the_shards_did(project: Path, command: Any) -> None:
    for shard in ("1/2", "2/2"):
        command(annotate, "in/p1.txt", "--output", "out", "--shard", shard)
    assert command(merge, "out").exit_code == 0
    assert changed("out/annotations.jsonl") == []
    (part,) = Path("out.work/parts").iterdir()
    part.write_text("other", encoding="utf-8")
    assert changed("out/annotations.jsonl") == ["out.work/"]
