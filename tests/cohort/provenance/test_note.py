"""What `provenance.json` says, and what it must not."""

from __future__ import annotations

import getpass
import subprocess
import threading
import time
from pathlib import Path

import pytest

from cohort.base.files import read_json, write_json
from cohort.provenance import note
from cohort.provenance.note import note_made
from cohort.provenance.program import device_in_words, this_code
from cohort.provenance.read import load_provenance
from cohort.schema.provenance import Provenance
from hich.project.made import forget_changed
from hich.project.made import note as note_step


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project's folder with a cohort beside it, and scores in it."""
    cohort = tmp_path / "beside/mine"
    (cohort / "images").mkdir(parents=True)
    (cohort / "records").mkdir()
    for name in ("images/p1.nii.gz", "images/p2.nii.gz", "records/p1.txt"):
        (cohort / name).write_text(name)
    cases = [
        {"id": "p1", "image": "images/p1.nii.gz", "record": "records/p1.txt"},
        {"id": "p2", "image": "images/p2.nii.gz"},
    ]
    write_json(cohort / "cohort.json", {"name": "mine", "structures": [], "cases": cases})
    folder = tmp_path / "project"
    (folder / "metrics").mkdir(parents=True)
    (folder / "corpus").mkdir()
    split = {"cohort": "mine", "by": "patient", "seed": 0, "ratios": [0.5, 0, 0.5]}
    write_json(folder / "corpus/split.json", {**split, "cases": {"p1": "train", "p2": "test"}})
    for name in ("val.json", "test.json"):
        (folder / "metrics" / name).write_text(name)
    monkeypatch.chdir(folder)
    return folder


def test_files_are_named_relative_to_project_and_cohort(project: Path) -> None:
    note_made(
        project / "metrics",
        ["val.json", "test.json", "none.json"],
        of=[project.parent / "beside/mine", project / "corpus", None, "not-here"],
        split=Path("corpus/split.json"),
        seeds={"training": 3},
        device=-1,
    )
    found = load_provenance(project / "metrics")
    assert found and found.folder == "metrics"
    (run,) = found.runs
    assert sorted(run.made) == ["test.json", "val.json"]
    assert list(run.of) == ["corpus/"] and list(run.split) == ["corpus/split.json"]
    assert run.cohort and run.cohort.folder == "…/mine"
    assert list(run.cohort.files) == [
        *("cohort.json", "images/p1.nii.gz", "images/p2.nii.gz", "records/p1.txt")
    ]
    assert run.seeds == {"training": 3} and run.device == "cpu"
    assert run.libraries["python"] and run.finished.endswith("+00:00")
    text = (project / "metrics/provenance.json").read_text(encoding="utf-8")
    assert str(project.parent) not in text and "beside" not in text
    assert f'"{getpass.getuser()}' not in text


def test_of_a_part_only_its_cases_are_named(project: Path) -> None:
    cohort, split = project.parent / "beside/mine", Path("corpus/split.json")
    note_made(Path("metrics"), ["test.json"], of=[cohort], half="scans", part="test", split=split)
    found = load_provenance(Path("metrics"))
    assert found and found.runs[0].cohort
    assert list(found.runs[0].cohort.files) == ["cohort.json", "images/p2.nii.gz"]


def test_a_file_that_is_made_again_is_told_of_once(project: Path) -> None:
    note_made(Path("metrics"), ["val.json", "test.json"], seeds={"a": 1})
    note_made(Path("metrics"), ["test.json"], seeds={"a": 2})
    found = load_provenance(Path("metrics"))
    assert found
    told = [(sorted(run.made), run.seeds) for run in found.runs]
    assert told == [(["val.json"], {"a": 1}), (["test.json"], {"a": 2})]
    (project / "metrics/val.json").unlink()
    note_made(Path("metrics"), ["test.json"])
    found = load_provenance(Path("metrics"))
    assert found and len(found.runs) == 1


def test_what_was_made_of_made_files_has_their_cohort_and_split(project: Path) -> None:
    cohort, split = project.parent / "beside/mine", Path("corpus/split.json")
    (project / "corpus/train.png").write_text("slice")
    note_made(Path("corpus"), ["train.png"], of=[cohort], split=split)
    note_made(Path("metrics"), ["test.json"], of=["corpus"])
    corpus, metrics = load_provenance(Path("corpus")), load_provenance(Path("metrics"))
    assert corpus and metrics
    before, after = corpus.runs[0].cohort, metrics.runs[0].cohort
    assert before and after and after.fingerprint == before.fingerprint and not after.files
    assert metrics.runs[0].split == corpus.runs[0].split != {}


def test_it_is_no_part_of_what_a_step_made(project: Path) -> None:
    Path("metrics/.provenance.json.lock").touch()  # of a process that was killed
    note_made(Path("metrics"))
    found = load_provenance(Path("metrics"))
    assert found and sorted(found.runs[0].made) == ["test.json", "val.json"]
    noted = note_step(Path("metrics"))
    before = noted.read_bytes()
    note_made(Path("metrics"), seeds={"another": 1})
    assert list(forget_changed()) == []
    assert note_step(Path("metrics")).read_bytes() == before
    assert "provenance.json" not in read_json(noted)["files"]


def test_a_case_of_that_name_keeps_its_results(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(Path("metrics/provenance.json"), {"id": "provenance", "masks": {}})
    note_made(Path("metrics"), ["val.json"])
    assert read_json(Path("metrics/provenance.json"))["id"] == "provenance"
    assert "is something else" in capsys.readouterr().err


def test_what_is_damaged_is_written_anew(project: Path) -> None:
    Path("metrics/provenance.json").write_text('{"runs": [')
    note_made(Path("metrics"), ["val.json"])
    assert load_provenance(Path("metrics"))


def test_the_commit_is_the_programs_own_or_none(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    try:
        subprocess.run([*git, "init", "-q"], check=True)
    except OSError:
        pytest.skip("git is not installed")
    wheel = tmp_path / "site-packages"
    (tmp_path / "imaging").mkdir()
    wheel.mkdir()
    (tmp_path / "imaging/loss.py").write_text("A = 1\n")
    subprocess.run([*git, "add", "imaging"], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    code = this_code(tmp_path)
    assert code.commit and len(code.commit) == 40 and code.dirty is False
    (tmp_path / "notes.txt").write_text("not code")
    assert this_code(tmp_path).dirty is False
    (tmp_path / "imaging/new.py").write_text("B = 1\n")
    assert this_code(tmp_path) == type(code)(code.version, code.commit, True)
    assert this_code(wheel).commit is None and this_code(wheel).dirty is None


@pytest.mark.parametrize(
    ("device", "words"), [(-1, "cpu"), ("cpu", "cpu"), (None, None), ("0", "cuda")]
)
def test_devices_are_named(
    device: str | int | None, words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    assert device_in_words(device) == words


def test_runs_that_end_at_once_are_all_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As shards do: each adds to what it has read."""
    folder, names = project / "metrics", [f"p{number}.json" for number in range(8)]
    read = note.read_provenance
    met = threading.Barrier(len(names))

    def slowly(path: Path) -> Provenance | None:
        found = read(path)
        time.sleep(0.02)
        return found

    def add(name: str) -> None:
        met.wait()
        note_made(folder, [name])

    for name in names:
        (folder / name).write_text(name)
    monkeypatch.setattr(note, "read_provenance", slowly)
    threads = [threading.Thread(target=add, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = load_provenance(folder)
    assert found and sorted(name for run in found.runs for name in run.made) == names
    assert not list(folder.glob(".*"))
