"""The chain from a result back to raw files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohort.base.errors import DataError
from cohort.base.files import read_json, write_json
from cohort.provenance.chain import trace_back
from cohort.provenance.note import note_made


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a cohort, a corpus made of it, and a model made of that."""
    folder = tmp_path / "project"
    for name in ("assets/mine", "corpus/imaging", "training"):
        (folder / name).mkdir(parents=True)
    monkeypatch.chdir(folder)
    for name in ("assets/mine/p1.nii.gz", "corpus/imaging/p1.png", "training/model", "c.yaml"):
        Path(name).write_text(name)
    cases = [{"id": "p1", "image": "p1.nii.gz"}]
    write_json(Path("assets/mine/cohort.json"), {"name": "mine", "structures": [], "cases": cases})
    make()
    return folder


def make() -> None:
    note_made(Path("corpus/imaging"), of=["assets/mine"])
    note_made(Path("training"), ["model"], of=["corpus/imaging"], config=[Path("c.yaml")])


def test_all_as_it_was(project: Path) -> None:
    chain = trace_back(Path("training/model"))
    assert chain.changes == [] and chain.unseen == []
    (link,) = chain.links
    assert link.name == "training/model" and link.raw == ["c.yaml"]
    assert [before.name for before in link.before] == ["corpus/imaging/"]
    assert link.before[0].raw == ["assets/mine/ (a cohort: 2 of its files)"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "assets/mine/p1.nii.gz",
            "assets/mine/p1.nii.gz has changed since corpus/imaging/ was made of it",
        ),
        ("corpus/imaging/p1.png", "corpus/imaging/p1.png has changed since it was made"),
        ("c.yaml", "c.yaml has changed since training/model was made of it"),
        ("training/model", "training/model has changed since it was made"),
    ],
)
def test_the_first_link_that_has_changed(project: Path, name: str, said: str) -> None:
    path = Path(name)
    before = path.read_bytes()
    path.write_bytes(b"X" + before[1:])
    assert str(trace_back(Path("training/model")).changes[0]) == said
    if name != "training/model":
        path.unlink()
        gone = trace_back(Path("training/model")).changes[0]
        assert str(gone) == said.replace("has changed", "is gone")
    path.write_bytes(before)
    assert trace_back(Path("training/model")).changes == []


def test_the_cause_is_named_before_what_follows_from_it(project: Path) -> None:
    Path("assets/mine/p1.nii.gz").write_text("new")
    Path("corpus/imaging/p1.png").write_text("new")
    note_made(Path("corpus/imaging"), of=["assets/mine"])
    (change,) = trace_back(Path("training/model")).changes
    assert str(change) == "corpus/imaging/ has changed since training/model was made of it"
    Path("assets/mine/p1.nii.gz").write_text("newer")
    names = [change.name for change in trace_back(Path("training/model")).changes]
    assert names == ["assets/mine/p1.nii.gz", "corpus/imaging/"]


def test_a_file_that_was_added_is_seen(project: Path) -> None:
    Path("corpus/imaging/p2.png").write_text("more")
    (change,) = trace_back(Path("training/model")).changes
    assert change.name == "corpus/imaging/"


def test_a_project_that_has_moved_is_found_from_anywhere(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = project.rename(project.with_name("moved"))
    monkeypatch.chdir("/")
    assert trace_back(moved / "training/model").changes == []


def test_a_cohort_elsewhere_is_named_by_an_option(project: Path) -> None:
    elsewhere = project.parent / "mine"
    Path("assets/mine").rename(elsewhere)
    note_made(Path("corpus/imaging"), of=[elsewhere])
    note_made(Path("training"), ["model"], of=["corpus/imaging"], config=[Path("c.yaml")])
    chain = trace_back(Path("training/model"))
    assert chain.changes == [] and chain.unseen == ["…/mine/ (say where it is by --cohort)"]
    assert trace_back(Path("training/model"), elsewhere).unseen == []
    (elsewhere / "p1.nii.gz").write_text("new")
    (change,) = trace_back(Path("training/model"), elsewhere).changes
    assert change.name == "…/mine/p1.nii.gz"


def test_what_nothing_tells_of_is_said(project: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        trace_back(Path("training/none"))
    with pytest.raises(DataError, match=r"no provenance\.json"):
        trace_back(Path("c.yaml"))
    Path("training/provenance.json").write_text('{"runs": 3}')
    with pytest.raises(DataError, match="must be a list of runs"):
        trace_back(Path("training/model"))


def test_a_chain_that_bites_its_tail_ends(project: Path) -> None:
    note_made(Path("corpus/imaging"), of=["assets/mine", "training/model"])
    said = read_json(Path("training/provenance.json"))
    assert said["runs"][0]["of"].keys() == {"corpus/imaging/"}
    assert trace_back(Path("training/model")).links
