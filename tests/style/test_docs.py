"""Pages for people: each in the site's list, and what they name is there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from cohort.facts.structures import STRUCTURES
from hich.shell.completion import main_of
from hich.shell.table import COMMANDS, NamedCommand, find_command
from imaging.boxing.recipe import Recipe
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
MODULES = {command.module: command for command in COMMANDS.values()}
# Their options are project.yml's variables, or the dotted names of a configuration.
DOTTED = re.compile(r"--(vars|train|validate|network|paths|training)\.\w+")
README_LINES = 150


def leaves(entry: Any) -> Iterator[str]:
    """Yield the pages that a part of mkdocs' `nav` names."""
    if isinstance(entry, str):
        yield entry
    else:
        for inner in entry.values() if isinstance(entry, dict) else entry:
            yield from leaves(inner)


def command_lines(text: str) -> Iterator[list[str]]:
    """Yield the words of each line of a code block or `code` that calls a command of ours."""
    fenced = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    indented = re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE)
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = "\n".join([*fenced, *indented]).replace("\\\n", " ").splitlines()
    for line in [*lines, *spans]:
        for part in re.split(r"&&|(?<!\S)#", line):
            if re.match(r"\s*(hich|(torchrun\b.*|python )-m) \S", part):
                yield shlex.split(part.replace("'", '"') if part.count("'") % 2 else part)


@cache
def options_of(command: NamedCommand) -> frozenset[str]:
    """Return the options of a command."""
    app = typer.Typer()
    app.command()(main_of(command))
    made = typer.main.get_command(app)
    named = [name for one in made.params for name in (*one.opts, *one.secondary_opts)]
    return frozenset(named) | {"--help"}


def faults(words: list[str]) -> Iterator[str]:
    """Yield what a line names that isn't there."""
    line = shlex.join(words)
    if words[0] == "hich":
        if words[1].startswith("-") or not re.fullmatch(r"[a-z-]+", words[1]):
            return  # `hich --help`; `hich NAME`
        found = find_command(words[1:])
        if found is None:
            if len(words) > 2 or words[1] not in {name.split()[0] for name in COMMANDS}:
                yield f"{line}: no such command"
            return
        command, rest = found
    else:
        module, *rest = words[words.index("-m") + 1 :]
        if module.split(".")[0] not in ("cohort", "hich", "imaging", "text"):
            return  # spaCy's
        place = ROOT / module.replace(".", "/")
        if not (place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()):
            yield f"{line}: no such module"
        if module not in MODULES:
            return
        command = MODULES[module]
    for word in rest:
        name = word.split("=")[0]
        if name.startswith("--") and name not in options_of(command) and not DOTTED.match(name):
            yield f"{line}: no option {name}"


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *PAGES], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_commands_and_options_that_a_page_names_exist(path: Path) -> None:
    lines = list(command_lines(path.read_text(encoding="utf-8")))
    assert [fault for words in lines for fault in faults(words)] == []


def test_what_does_not_exist_is_found() -> None:
    text = "`hich patiant a`, `hich check --forse x`\n```\npython -m imaging.predikt x\n```\n"
    found = [fault.split(": ")[1] for words in command_lines(text) for fault in faults(words)]
    assert sorted(found) == ["no option --forse", "no such command", "no such module"]


def test_site_names_each_page_once() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    named = list(leaves(site["nav"]))
    assert sorted(named) == sorted(page.relative_to(DOCS).as_posix() for page in PAGES)
    assert site["strict"] and site["theme"]["font"] is False


@pytest.mark.parametrize(
    "path",
    [*sorted(ROOT.glob("*.md")), *PAGES],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_links_lead_to_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "project.md":  # spaCy writes it as if it lay beside project.yml
        text = text.replace("](project.yml)", "](../project.yml)")
    links = re.findall(r"\]\(([^)#\s]+)", re.sub(r"`[^`\n]*`", "", text))
    files = [link for link in links if not link.startswith(("http:", "https:"))]
    assert [link for link in files if not (path.parent / link).exists()] == []


def test_readme_is_short_and_model_card_is_that_of_the_model() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES
    (card,) = re.findall(r'^--8<-- "(.+)"$', (DOCS / "model-card.md").read_text(), re.MULTILINE)
    assert (ROOT / card).is_file()
    assert [path.parent.name for path in (ROOT / "imaging/pretrained").glob("*/README.md")] == [
        Path(card).parent.name
    ]


def test_citation_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{cited["version"]}"\n' in project
    assert f'\nlicense = "{cited["license"]}"\n' in project


def test_linters_before_a_commit_are_those_of_make_test() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^test:.*\n((?:\t.*\n)+)", made, re.MULTILINE)
    tools = {line.split("/")[1].split()[0] for line in recipe.splitlines()} - {"pytest"}
    before = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {hook["entry"].split()[0] for hook in before["repos"][0]["hooks"]} == tools


def test_github_runs_on_three_systems_what_make_test_runs() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^test:.*\n((?:\t.*\n)+)", made, re.MULTILINE)
    asked = {line.split("/", 1)[1].removesuffix(" $(ARGS)") for line in recipe.splitlines()}
    checks = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text(encoding="utf-8"))
    jobs = checks["jobs"]
    assert set(jobs["tests"]["strategy"]["matrix"]["os"]) == {
        f"{system}-latest" for system in ("ubuntu", "windows", "macos")
    }
    runs = {step["run"] for job in jobs.values() for step in job["steps"] if "run" in step}
    assert asked <= {run.removeprefix("python -m ") for run in runs}
    assert "make docs" in runs and "make bundle" in runs
    (apart,) = (run for run in runs if "unshare" in run)
    assert apart.startswith("sudo unshare")  # as Ubuntu 24.04 wants it
    assert any("install.bat" in run for run in runs)


def test_issue_forms_ask_that_nothing_is_of_a_patient() -> None:
    forms = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml"))
    assert len(forms) == 2
    for form in forms:
        *_, last = yaml.safe_load(form.read_text(encoding="utf-8"))["body"]
        assert last["type"] == "checkboxes" and last["attributes"]["options"][0]["required"]


def test_schemas_are_json_that_the_site_can_list() -> None:
    for path in (DOCS / "schemas").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["$schema"]


def test_structures_that_the_pages_list_are_all() -> None:
    text = (DOCS / "reference/files.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"\*\*Structures\*\*, in channel order: ([^;]+);", text)
    assert re.findall(r"`(\w+)`", listed) == [one.id for one in STRUCTURES]


def test_the_recipe_of_a_page_is_one(tmp_path: Path) -> None:
    text = (DOCS / "how-to/fine-tune.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(recipe, encoding="utf-8")
    assert Recipe.load(tmp_path / "mine.yaml").tests[0].scores == "metrics/mine/test.json"
    assert "--output metrics/mine" in text
