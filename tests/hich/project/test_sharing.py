"""Results that are pushed and pulled: never stale ones."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from weasel.cli.run import check_rerun, update_lockfile
from weasel.util import load_project_config

from cohort.base.files import read_json, write_json
from cohort.provenance.note import note_made
from cohort.provenance.read import load_provenance
from hich.project import made
from hich.project.sharing import steps
from hich.project.sharing.steps import note_inputs
from hich.pull.__main__ import main as pull
from hich.push.__main__ import main as push
from tests.conftest import ROOT

VARS = ("--vars.cohort", "assets/mine")
NAMED = {"cohort": "assets/mine", "imaging_config": "unet_fast", "text_config": "ner_cnn"}
CORPUS, MODEL, SCORES = "corpus/imaging", "training/imaging/model-best", "metrics/imaging"
OF_IMAGING = ["cohort.check", "cohort.split", "imaging.export", "imaging.train", "imaging.evaluate"]


def commands() -> dict[str, dict[str, Any]]:
    """Return the steps of the project in the working directory."""
    config = load_project_config(Path(), overrides={"vars.cohort": "assets/mine"})
    return {command["name"]: command for command in config["commands"]}


def run_step(name: str, result: str, text: str) -> None:
    """Do as if a step had run, and had written `text` to what it makes."""
    command = commands()[name]
    for output in map(Path, command["outputs"]):
        if output.parts[0] == ".fingerprints":
            folder = made.folder_of(output)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "result").write_text(text)
            note_made(folder, of=["assets/mine"], seeds={"seed": 7})
            made.note(folder)
        elif not output.suffix:
            output.mkdir(parents=True, exist_ok=True)
            (output / "result").write_text(text)
        else:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(text)
    if name == "imaging.train":
        note_made(Path(result).parent, ["model-best", "history.csv"], of=[CORPUS])
    update_lockfile(Path(), command)


def run_all(text: str) -> None:
    note_inputs(NAMED)
    for name in OF_IMAGING:
        run_step(name, MODEL, text)


def not_current() -> list[str]:
    """Return the steps of imaging that would run."""
    return [name for name in OF_IMAGING if check_rerun(Path(), commands()[name])]


def note_code(*_: Path) -> None:
    """Do as if each step's code were what stands under its name in `code.json`."""
    codes = read_json(Path("code.json"))
    for name in commands():
        write_json(Path(f".fingerprints/{name}.json"), {"code": codes.get(name, "as it is")})


def change_code(*names: str) -> None:
    write_json(Path("code.json"), dict.fromkeys(names, "changed"))


def new_clone(folder: Path) -> Path:
    cohort = folder / "assets/mine"
    cohort.mkdir(parents=True)
    shutil.copy(ROOT / "project.yml", folder)
    write_json(folder / "code.json", {})
    (cohort / "p1.nii.gz").write_text("scan")
    cases = [{"id": "p1", "image": "p1.nii.gz"}]
    write_json(cohort / "cohort.json", {"name": "mine", "structures": [], "cases": cases})
    return folder


@pytest.fixture(scope="module")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a clone `a`, whose imaging half has run, and a clone `b` without."""
    folder = tmp_path_factory.mktemp("clones")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "note_code", note_code)
        patch.chdir(new_clone(folder / "a"))
        run_all("of a")
    new_clone(folder / "b")
    return folder


@pytest.fixture
def two(clones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that goes into a clone, `a` or `b`, of this test's own."""
    shutil.copytree(clones, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(steps, "note_code", note_code)

    def go(name: str) -> Path:
        monkeypatch.chdir(tmp_path / name)
        return tmp_path / name

    return go


def test_what_is_current_is_pulled_instead_of_made(
    two: Callable[[str], Path], command: Any
) -> None:
    two("a")
    result = command(push, *VARS, extra_arguments=True)
    assert result.exit_code == 0, result.stderr
    assert "5 steps pushed to ../hich-results; 0 were there before." in result.stdout
    assert "text.convert: left out, since it is not current" in result.stdout
    again = command(push, *VARS, extra_arguments=True)
    assert "0 steps pushed to ../hich-results; 5 were there before." in again.stdout
    archives = [path for path in Path("../hich-results").rglob("*") if path.is_file()]
    assert len(archives) == 12
    for path in archives:
        with tarfile.open(path) as archive:
            for one in archive.getmembers():
                assert (one.uname, one.gname, one.uid, one.mtime) == ("", "", 0, 0)

    two("b")
    assert not_current() == OF_IMAGING
    result = command(pull, *VARS, extra_arguments=True)
    assert result.exit_code == 0, result.stderr
    assert "5 steps pulled from ../hich-results; 0 were current." in result.stdout
    assert not_current() == []
    for name in (CORPUS, MODEL, SCORES):
        assert (Path(name) / "result").read_text() == "of a"
    said = load_provenance(Path("training/imaging"))
    assert said and sorted(said.runs[0].made) == ["history.csv", "model-best/result"]
    corpus = load_provenance(Path(CORPUS))
    assert corpus and corpus.runs[0].seeds == {"seed": 7}
    result = command(pull, *VARS, extra_arguments=True)
    assert "0 steps pulled from ../hich-results; 5 were current." in result.stdout


@pytest.mark.parametrize(
    ("changed", "pulled"),
    [
        ("the scan", []),
        ("cohort.split", ["cohort.check"]),
        ("imaging.train", ["cohort.check", "cohort.split", "imaging.export"]),
        ("imaging.evaluate", OF_IMAGING[:-1]),
    ],
)
def test_other_inputs_pull_nothing_that_rests_on_them(
    two: Callable[[str], Path], command: Any, changed: str, pulled: list[str]
) -> None:
    two("a")
    command(push, *VARS, extra_arguments=True)
    two("b")
    if changed == "the scan":
        Path("assets/mine/p1.nii.gz").write_text("scan of another")
    change_code(changed)
    result = command(pull, *VARS, extra_arguments=True)
    assert result.exit_code == 0, result.stderr
    assert [name for name in OF_IMAGING if f"{name}: pulled" in result.stdout] == pulled
    assert Path(MODEL).exists() == ("imaging.train" in pulled)


def test_what_is_stale_is_not_pushed(two: Callable[[str], Path], command: Any) -> None:
    two("a")
    change_code("imaging.train")  # and nothing is trained again
    result = command(push, *VARS, extra_arguments=True)
    assert "imaging.train: left out, since it is not current" in result.stdout
    assert "imaging.evaluate: left out, since imaging.train is not current" in result.stdout
    two("b")
    change_code("imaging.train")
    result = command(pull, *VARS, extra_arguments=True)
    assert "imaging.train: nobody has pushed it for these inputs" in result.stdout
    assert not_current() == ["imaging.train", "imaging.evaluate"]


def test_a_result_that_was_edited_is_not_pushed(two: Callable[[str], Path], command: Any) -> None:
    two("a")
    (Path(CORPUS) / "result").write_text("edited")
    (Path(MODEL) / "result").write_text("edited")
    result = command(push, *VARS, extra_arguments=True)
    assert "2 steps pushed" in result.stdout
    assert f"Note: {CORPUS}: 1 file not as made" in result.stdout


def test_what_is_pulled_takes_the_place_of_a_stale_result(
    two: Callable[[str], Path], command: Any
) -> None:
    two("a")
    command(push, *VARS, extra_arguments=True)
    two("b")
    Path(MODEL).mkdir(parents=True)
    (Path(MODEL) / "result").write_text("of yesterday's code")
    (Path(MODEL) / "other").write_text("of yesterday's code")
    assert command(pull, *VARS, extra_arguments=True).exit_code == 0
    assert [(p.name, p.read_text()) for p in Path(MODEL).iterdir()] == [("result", "of a")]


def test_weasels_own_push_is_never_pulled(two: Callable[[str], Path], command: Any) -> None:
    from weasel.cli.push import project_push

    two("a")
    change_code("imaging.train")
    note_inputs(NAMED)
    assert list(project_push(Path(), "default"))  # the stale model, as one of the new code
    two("b")
    change_code("imaging.train")
    result = command(pull, *VARS, extra_arguments=True)
    assert result.exit_code == 0 and "0 steps pulled" in result.stdout


def test_what_is_damaged_in_the_remote_changes_nothing_here(
    two: Callable[[str], Path], command: Any
) -> None:
    two("a")
    command(push, *VARS, extra_arguments=True)
    two("b")
    (archive,) = (p for p in Path("../hich-results/corpus%2Fimaging").rglob("*") if p.is_file())
    before = archive.read_bytes()
    archive.write_bytes(before[: len(before) // 2])
    result = command(pull, *VARS, extra_arguments=True)
    assert result.exit_code == 1 and "push again" in result.stderr
    assert not Path(CORPUS, "result").exists() and "imaging.export" in not_current()
    archive.unlink()
    result = command(pull, *VARS, extra_arguments=True)
    assert result.exit_code == 1 and "is missing in ../hich-results" in result.stderr
    assert not list(Path(".fingerprints").glob(".*.partial.*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["defualt"], "no such remote in project.yml; is default meant?"),
        (["default", "--vars.cohrt", "x"], "no such variable; is cohort meant?"),
        (["default", "--verbose"], "--verbose: no such option"),
        ([*VARS, "defualt"], "no such remote in project.yml; is default meant?"),
        (["default", *VARS, "more"], "more: name one remote"),
    ],
)
def test_bad_usage_is_said(
    two: Callable[[str], Path], command: Any, words: list[str], said: str
) -> None:
    two("b")
    for one in (push, pull):
        result = command(one, *words, extra_arguments=True)
        assert result.exit_code == 2 and said in result.stderr
    result = command(pull, *VARS, extra_arguments=True)
    assert result.exit_code == 1 and "nothing was pushed there yet" in result.stderr


def test_the_description_of_a_result_has_no_other_places(
    two: Callable[[str], Path], command: Any
) -> None:
    two("a")
    command(push, *VARS, extra_arguments=True)
    said = read_json(Path(".fingerprints/shared/imaging.train.json"))
    assert list(said["results"]) == [
        *(MODEL, "training/imaging/history.csv", "training/imaging/learning_curve.png")
    ]
    assert list(said["runs"]) == ["training/imaging"]
