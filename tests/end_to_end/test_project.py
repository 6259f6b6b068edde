"""project.yml: says what each step depends on, stands in the docs, and runs."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from weasel.cli.document import project_document
from weasel.cli.run import project_run

from cohort.base.cli import as_meant
from cohort.provenance.chain import trace_back
from tests.conftest import ROOT
from tests.end_to_end.project_copies import changed, copy_project

PROJECT = yaml.safe_load((ROOT / "project.yml").read_text(encoding="utf-8"))
COMMANDS = {command["name"]: command for command in PROJECT["commands"]}
ALWAYS_RUN = ["code", "code-imaging", "code-text", "data", "hich.read"]
MADE_BY_HALVES = ("corpus", "training", "metrics", "predictions")
STEPS = [name for name in COMMANDS if name not in ALWAYS_RUN]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_step_has_a_help_line_and_outputs(name: str) -> None:
    assert COMMANDS[name]["help"]
    if name in ALWAYS_RUN:
        assert COMMANDS[name]["no_skip"] and not COMMANDS[name].keys() & {"deps", "outputs"}
    else:
        assert COMMANDS[name]["outputs"], "a step without outputs is never skipped"
        assert COMMANDS[name]["deps"][0] == f".fingerprints/{name}.json"


def test_every_workflow_begins_with_the_code() -> None:
    for name, steps in PROJECT["workflows"].items():
        if name == "read":  # goes by what it noted itself
            assert steps == ["hich.read"]
            continue
        assert steps[0] in ("code", "code-imaging", "code-text")
        reads_cohort = any(
            dep in (".fingerprints/scans.json", ".fingerprints/records.json")
            for step in steps
            for dep in COMMANDS[step].get("deps", ())
        )
        assert ("data" in steps) == reads_cohort or steps[1] == "cohort.synthesize"


def test_steps_name_no_code_and_the_project_is_a_page() -> None:
    text = (ROOT / "project.yml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 340
    assert not re.search(r"^ +- \S+\.py$", text, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_values_with_spaces_stay_one_argument(name: str) -> None:
    for line in COMMANDS[name]["script"]:
        words, spaced = (
            shlex.split(re.sub(r"\$\{vars\.\w+\}", value, line)) for value in ("x", "my own, one")
        )
        if words[2] != "spacy":  # a number, and the name of a configuration, which has no space
            assert [word.replace("my own, one", "x") for word in spaced] == words


@pytest.mark.parametrize("name", COMMANDS)
def test_arguments_are_the_same_on_windows(name: str) -> None:
    for line in COMMANDS[name]["script"]:
        line = re.sub(r"\$\{vars\.\w+\}", "x", line)
        words = shlex.split(line, posix=False)  # as weasel does there
        if words[2] == "spacy":  # which reads the value of an override as JSON
            at = words.index("--paths.transformer") + 1 if words[3] == "train" else None
            words = [json.loads(word) if n == at else word for n, word in enumerate(words)]
        else:
            words = [as_meant(word, windows=True) for word in words]
        assert words == shlex.split(line)


def test_data_that_a_step_reads_is_made_by_an_earlier_step_or_in_the_repository() -> None:
    made = {f".fingerprints/{name}.json" for name in ("scans", "records", *STEPS)}
    for name in PROJECT["workflows"]["all"] + PROJECT["workflows"]["package"]:
        for dep in COMMANDS[name].get("deps", ()):
            path = dep
            for key, value in PROJECT["vars"].items():
                if key != "cohort":
                    path = path.replace(f"${{vars.{key}}}", str(value))
            there = (ROOT / path).is_file() or any(Path(path).is_relative_to(m) for m in made)
            assert there, f"{name} depends on {dep}, which nothing makes"
        made |= set(COMMANDS[name].get("outputs", ()))


def test_docs_show_the_project_as_it_is(tmp_path: Path) -> None:
    page = (ROOT / "docs/project.md").read_text(encoding="utf-8")
    copy = tmp_path / "project.md"
    copy.write_text(page, encoding="utf-8")
    project_document(ROOT, copy)
    advice = "run `python -m spacy project document --output docs/project.md`"
    assert copy.read_text(encoding="utf-8") == page, advice


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the whole project once, small, in a copy of its own."""
    folder = copy_project(tmp_path_factory.mktemp("project") / "hich")
    project = folder / "project.yml"
    text = project.read_text(encoding="utf-8")
    cases = '--cases "${vars.cases}"'
    assert text.count(cases) == 1
    project.write_text(text.replace(cases, f"{cases} --size 64 --slices 8"), encoding="utf-8")
    result = run_forked(folder) if hasattr(os, "fork") else run_project(folder)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    return folder


SMALL = {"cases": "6", "imaging_config": "unet_short", "text_config": "ner_short"}


OVERRIDES = {f"vars.{key}": value for key, value in SMALL.items()}


def run_project(folder: Path) -> subprocess.CompletedProcess[str]:
    words = [word for key, value in OVERRIDES.items() for word in (f"--{key}", value)]
    line = [sys.executable, "-m", "spacy", "project", "run", "all", str(folder), *words]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8")


# `spacy project run`, its commands forked from a process that has loaded torch, MONAI and spaCy, as
# loading them for each took most of the time. Of the project's own nothing is loaded before.
FORKED = """
import json, os, runpy, sys
from pathlib import Path
import ignite.engine, matplotlib.pyplot, monai.engines, monai.handlers, spacy, torch
from weasel.cli import run

def run_command(words, **_):
    python, option, module, *arguments = words
    assert (python, option) == (sys.executable, "-m")
    sys.stdout.flush()
    if child := os.fork():
        if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            sys.exit(code)
        return
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()

run.run_command = run_command
run.project_run(Path(), "all", overrides=json.loads(sys.argv[1]))
"""


def run_forked(folder: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", FORKED, json.dumps(OVERRIDES)]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def run_steps(finished: Path, command: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that runs steps of one line, whatever has changed, in this process."""
    monkeypatch.chdir(finished)

    def call(*names: str) -> None:
        for name in names:
            (line,) = COMMANDS[name]["script"]
            for key, value in {**PROJECT["vars"], **SMALL}.items():
                line = line.replace(f"${{vars.{key}}}", str(value))
            _, _, module, *arguments = shlex.split(line)
            result = command(import_module(module).main, *arguments)
            assert result.exit_code == 0, result.stdout + result.stderr

    return call


@pytest.fixture
def would_run(
    finished: Path, run_steps: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> Callable[[], list[str]]:
    """Return a function that returns the steps that would run, after those never skipped."""

    def call() -> list[str]:
        run_steps("code", "data")
        project_run(finished, "all", overrides=OVERRIDES, dry=True)
        skipped = re.findall(r"Skipping '([\w.-]+)'", capsys.readouterr().out)
        return [name for name in PROJECT["workflows"]["all"] if name not in {*skipped, *ALWAYS_RUN}]

    return call


def test_project_writes_models_metrics_and_predictions_of_both_halves(finished: Path) -> None:
    for half in ("imaging", "text"):
        assert (finished / "training" / half / "model-best").is_dir()
        assert (finished / "training" / half / "learning_curve.png").is_file()
        for part in ("val", "test"):
            assert json.loads((finished / "metrics" / half / f"{part}.json").read_text())
        assert any((finished / "predictions" / half).iterdir())


def test_a_test_case_is_a_test_case_in_both_halves(finished: Path) -> None:
    split = json.loads((finished / "corpus" / "split.json").read_text())["cases"]
    test_ids = {case for case, part in split.items() if part == "test"}
    datalist = json.loads((finished / "corpus" / "imaging" / "datalist.json").read_text())
    assert {entry["case"] for entry in datalist["test"]} == test_ids
    lines = (finished / "predictions" / "text" / "annotations.jsonl").read_text(encoding="utf-8")
    assert {json.loads(line)["id"] for line in lines.splitlines()} == test_ids


def test_an_unchanged_second_run_skips_all_but_code_and_data(finished: Path) -> None:
    result = run_project(finished)
    assert result.returncode == 0
    skipped = re.findall(r"Skipping '([\w.-]+)'", result.stdout)
    assert skipped == [name for name in PROJECT["workflows"]["all"] if name not in ALWAYS_RUN]


OF_SCANS = ["cohort.check", "cohort.split", "imaging.export", "imaging.evaluate", "imaging.predict"]


def test_a_touched_scan_runs_nothing_a_changed_one_what_reads_it(
    finished: Path, would_run: Callable[[], list[str]]
) -> None:
    scan = min((finished / "assets/synthetic/images").iterdir())
    os.utime(scan, (1, 1))
    assert would_run() == []
    with changed(scan, lambda before: before[:-1]):
        assert would_run() == [*OF_SCANS, "hich.report"]


def test_a_changed_record_is_none_of_the_imaging_half(
    finished: Path, would_run: Callable[[], list[str]]
) -> None:
    record = min((finished / "assets/synthetic/records").glob("*.txt"))
    with changed(record, lambda before: before + b"\n"):
        assert would_run() == [
            *("cohort.check", "cohort.split", "text.convert", "text.annotate", "hich.report")
        ]


def test_an_edit_is_seen_by_a_step_that_is_run_alone() -> None:
    steps = PROJECT["workflows"]["train-imaging"]
    assert steps == ["code-imaging", "imaging.train"]


@pytest.mark.parametrize(
    "names", [("images/synth-0003.nii.gz", "masks/synth-0003_midline.nii.gz"), ("cohort.json",)]
)
def test_deleted_files_of_the_generated_cohort_are_made_again(
    finished: Path,
    run_steps: Callable[..., None],
    would_run: Callable[[], list[str]],
    capsys: pytest.CaptureFixture[str],
    names: tuple[str, ...],
) -> None:
    files = [finished / "assets/synthetic" / name for name in names]
    before = [file.read_bytes() for file in files]
    for file in files:
        file.unlink()
    run_steps("code")
    project_run(finished, "cohort.synthesize", overrides=OVERRIDES)
    assert "Skipping" not in capsys.readouterr().out
    assert [file.read_bytes() for file in files] == before
    assert would_run() == []


@pytest.mark.parametrize(
    ("name", "of_it"),
    [
        ("assets/synthetic/images/synth-0001.nii.gz", "corpus/split.json was made of it"),
        ("assets/synthetic/records/synth-0001.txt", "corpus/split.json was made of it"),
        ("corpus/split.json", "it was made"),
        ("corpus/imaging/datalist.json", "it was made"),
        ("corpus/text/train.spacy", "it was made"),
        ("configs/imaging/unet_short.yaml", "corpus/imaging/ was made of it"),
        ("configs/text/ner_short.cfg", "training/text/model-best/ was made of it"),
        ("training/imaging/model-best/models/model.pt", "it was made"),
        ("training/text/model-best/ner/model", "it was made"),
        ("metrics/imaging/test.json", "it was made"),
        ("metrics/text/test.json", "it was made"),
        ("predictions/text/annotations.jsonl", "it was made"),
        ("reports/index.html", "it was made"),
    ],
)
def test_the_reports_chain_names_the_link_of_which_one_byte_has_changed(
    finished: Path, name: str, of_it: str
) -> None:
    report = finished / "reports/index.html"
    with changed(finished / name, lambda before: before[:-1] + bytes([before[-1] ^ 1])):
        assert str(trace_back(report).changes[0]) == f"{name} has changed since {of_it}"
    assert trace_back(report).changes == []


def test_what_says_how_results_were_made_is_needed_by_no_step_and_tells_nothing_of_the_machine(
    finished: Path, would_run: Callable[[], list[str]]
) -> None:
    found = [path for path in finished.rglob("provenance.json") if "assets" not in path.parts]
    folders = {path.parent.relative_to(finished).as_posix() for path in found}
    of_halves = {f"{at}/{half}" for at in MADE_BY_HALVES for half in ("imaging", "text")}
    assert folders == of_halves | {"corpus", "metrics", "metrics/text/errors", "reports"}
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert str(finished) not in text and platform.node() not in text
        for run in json.loads(text)["runs"]:
            assert run["command"] and run["seconds"] > 0 and run["libraries"]["python"]
            assert run["cohort"]["fingerprint"]
        path.unlink()
    assert would_run() == []


@pytest.mark.parametrize("name", ["imaging/history.csv", "imaging/learning_curve.png"])
def test_what_training_leaves_beside_its_model_is_made_again(
    finished: Path, would_run: Callable[[], list[str]], name: str
) -> None:
    file = finished / "training" / name
    before = file.read_bytes()
    file.unlink()
    try:
        expected = ["imaging.train", *["hich.report"] * name.endswith(".csv")]
        assert would_run() == expected
    finally:
        file.write_bytes(before)


def test_outputs_that_were_cut_off_or_deleted_are_made_again(
    finished: Path, would_run: Callable[[], list[str]]
) -> None:
    # The last test: what it damages stays so.
    picture = min((finished / "corpus/imaging").glob("train/*.png"))
    picture.write_bytes(picture.read_bytes()[:-10])
    min((finished / "predictions/imaging").glob("*.nii.gz")).unlink()
    with (finished / "training/text/model-best/ner/model").open("ab") as file:
        file.write(b"x")
    assert would_run() == [
        *("imaging.export", "imaging.train", "imaging.predict"),
        *("text.train", "text.evaluate", "text.errors", "text.annotate", "hich.report"),
    ]
