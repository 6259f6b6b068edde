"""project.yml: says what each step depends on, stands in the README, and runs."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGES = ("cohort", "hich", "imaging", "text")
PROJECT = yaml.safe_load((ROOT / "project.yml").read_text(encoding="utf-8"))
COMMANDS = {command["name"]: command for command in PROJECT["commands"]}
ALWAYS_RUN = ["dry-run-imaging", "dry-run-text"]
STEPS = [name for name in COMMANDS if name not in ALWAYS_RUN]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_step_has_a_help_line_and_outputs(name: str) -> None:
    assert COMMANDS[name]["help"]
    if name in ALWAYS_RUN:
        assert COMMANDS[name]["no_skip"] and not COMMANDS[name].keys() & {"deps", "outputs"}
    else:
        assert COMMANDS[name]["outputs"], "a step without outputs is never skipped"


@pytest.mark.parametrize("workflow", ["all", "imaging", "text"])
def test_configurations_and_gpu_are_tried_out_first(workflow: str) -> None:
    halves = [workflow] if workflow != "all" else ["imaging", "text"]
    names = [f"dry-run-{half}" for half in halves]
    assert PROJECT["workflows"][workflow][: len(names)] == names
    for name in names:
        trained = " ".join(COMMANDS[name.replace("dry-run", "train")]["script"])
        tried = shlex.split(" ".join(COMMANDS[name]["script"]))[3:]
        assert set(tried) <= set(shlex.split(trained)), "the same as is trained with later"


@pytest.mark.parametrize("name", COMMANDS)
def test_values_with_spaces_stay_one_argument(name: str) -> None:
    for line in COMMANDS[name]["script"]:
        words, spaced = (
            shlex.split(re.sub(r"\$\{vars\.\w+\}", value, line)) for value in ("x", "my own, one")
        )
        assert [word.replace("my own, one", "x") for word in spaced] == words


def test_data_that_a_step_reads_is_made_by_an_earlier_step_or_in_the_repository() -> None:
    made: set[str] = {"${vars.cohort}"}
    for name in PROJECT["workflows"]["all"] + PROJECT["workflows"]["package"]:
        for dep in COMMANDS[name].get("deps", ()):
            path = dep
            for key, value in PROJECT["vars"].items():
                if key != "cohort":
                    path = path.replace(f"${{vars.{key}}}", str(value))
            there = (ROOT / path).is_file() or any(Path(path).is_relative_to(m) for m in made)
            assert there, f"{name} depends on {dep}, which nothing makes"
        made |= set(COMMANDS[name].get("outputs", ()))


def test_readme_shows_the_project_as_it_is(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    copy = tmp_path / "README.md"
    copy.write_text(readme, encoding="utf-8")
    arguments = ["-m", "spacy", "project", "document", str(ROOT), "--output", str(copy)]
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=tmp_path)
    advice = "run `python -m spacy project document --output README.md`"
    assert copy.read_text(encoding="utf-8") == readme, advice


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the whole project once, small, in a copy of its own."""
    folder = tmp_path_factory.mktemp("project") / "hich"
    names = ["project.yml", "pyproject.toml", "configs", *PACKAGES]
    folder.mkdir()
    for name in names:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, folder / name)
    result = run_project(folder)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    return folder


def run_project(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    small = ["--vars.cases", "10", "--vars.max_epochs", "1"]
    line = [sys.executable, "-m", "spacy", "project", "run", "all", str(folder), *small, *arguments]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8")


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


def test_an_unchanged_second_run_tries_out_the_configurations_and_skips_all_else(
    finished: Path,
) -> None:
    result = run_project(finished)
    assert result.returncode == 0
    skipped = re.findall(r"Skipping '([\w-]+)'", result.stdout)
    assert skipped == [name for name in PROJECT["workflows"]["all"] if name not in ALWAYS_RUN]


def test_a_changed_text_config_reruns_nothing_of_the_imaging_half(finished: Path) -> None:
    config = finished / "configs" / "text" / "ner_cnn.cfg"
    original = config.read_text(encoding="utf-8")
    config.write_text(original + "\n# changed\n", encoding="utf-8")
    dry = run_project(finished, "--dry")
    config.write_text(original, encoding="utf-8")
    skipped = set(re.findall(r"Skipping '([\w-]+)'", dry.stdout))
    ran = [name for name in PROJECT["workflows"]["all"] if name not in skipped]
    assert ran == [*ALWAYS_RUN, "debug-data", "train-text"]
