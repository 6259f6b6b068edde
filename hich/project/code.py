"""First step of every workflow: note what code and settings each step runs, and try them out.

weasel runs a step again where a file that it lists has changed. What a step's code hashes to
stands in one small file for each, `.fingerprints/<step>.json`, so that project.yml lists no code;
so do the settings that it reads, and nothing of those that it doesn't: a learning rate exports no
slice again. What steps made in bulk is compared with what they noted of it last (`made`).
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import yaml
from rich.console import Console
from rich.markup import escape

from cohort.base.cli import run
from cohort.base.code.closure import PACKAGES, SOURCES, PythonSources, imported_by
from cohort.base.code.contents import FOLDER
from cohort.base.configs import find_config
from cohort.base.devices import DeviceOption, parse_device
from cohort.base.errors import DataError, UsageError
from cohort.base.files import read_json, write_json
from hich.project.made import forget_changed
from hich.report.settings import DEFAULT_CONFIG as REPORT_CONFIG
from hich.report.settings import Settings
from hich.report.strings import LANGUAGES
from imaging.model.threads import let_threads_sleep

READS = {
    "imaging.export": ("preprocess",),
    "imaging.train": None,
    "text.debug_data": None,
    "spacy train": None,
    "hich.report": None,
}
"""Command to the sections of its configuration that it reads, None for all of them."""

TRIES = {"imaging.export": "imaging.training.rehearsal"}
"""Command to a module that it only tries something out with: what it makes doesn't depend on it."""

_NOTES = "cohort.provenance.note"
"""Says how a step made something, which makes no difference to what it made."""

_LOADS_PIPELINES = (
    "spacy",
    "hich.project.evaluated",
    "text.annotate",
    "text.debug_data",
    "text.errors",
    "text.package",
)
_GROUPS = ("spacy_factories", "spacy_loggers")


def fingerprints(
    project: Path,
    imaging_config: Path,
    text_config: Path,
    root: Path = SOURCES,
    report_config: Path = REPORT_CONFIG,
    kept: Path | None = None,
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name of each step of a project.yml, and what its code and settings hash to.

    Parameters
    ----------
    project, imaging_config, text_config
        Files.
    root
        Folder that holds this project's packages.
    report_config
        File.
    kept
        File that keeps what was found in the code, so that only what has changed is parsed.

    Raises
    ------
    DataError
        If the project or a configuration cannot be read.
    """
    from imaging.model.config import read_config

    try:
        commands = yaml.safe_load(project.read_text(encoding="utf-8"))["commands"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise DataError(f"{project}: is not a project with commands ({error}).") from None
    settings = {
        "imaging": read_config(imaging_config),
        "text": _read_cfg(text_config),
        "hich": asdict(Settings.load(report_config)),
    }
    sources = PythonSources(Path.cwd(), root, kept)
    for command in commands:
        if command.get("no_skip"):
            continue
        modules: set[str] = set()
        registered: set[str] = set()
        read: list[Any] = []
        without = {_NOTES}
        for line in command["script"]:
            words = shlex.split(line)[2:]
            name = " ".join(words[:2]) if words[0] == "spacy" else words[0]
            if words[0] == name:  # `python -m a.package` runs its __main__
                modules |= {name, f"{name}.__main__"}
            registered |= _registered(words[0])
            if name in READS:
                half = name.split(".")[0]
                config = settings[half if half in settings else "text"]
                sections = READS[name]
                read.append(config if sections is None else {k: config.get(k) for k in sections})
                modules |= set(_targets(read[-1]))
            without |= {TRIES[name]} if name in TRIES else set()
        files = sources.code_of(modules | registered, without)
        _refuse_stale(registered, files)
        yield command["name"], {"code": sources.fingerprint(files), "settings": _hash(read)}
    sources.save()


def _registered(module: str) -> set[str]:
    """Return what this project registers with spaCy, for commands that load a pipeline."""
    if module not in _LOADS_PIPELINES:
        return set()
    found = {one.value.split(":")[0] for group in _GROUPS for one in entry_points(group=group)}
    return {name for name in found if name.split(".")[0] in PACKAGES}


def _refuse_stale(registered: set[str], files: Mapping[str, Path]) -> None:
    """Refuse names that an earlier installation gave spaCy: their code would go unseen."""
    if stale := [name for name in registered if f"{name.replace('.', '/')}.py" not in files]:
        raise DataError(
            f"{stale[0]}: is of an earlier installation; install it again: pip install -e ."
        )


def _targets(value: Any) -> Iterator[str]:
    """Yield the classes and functions that a configuration names, and the modules it imports."""
    if isinstance(value, str) and value.startswith("$"):
        # MONAI's references, such as @network, are no Python.
        yield from imported_by(re.sub(r"@[\w#:]+", "_", value[1:]))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "_target_" and isinstance(inner, str):
                yield inner
            yield from _targets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _targets(inner)


def _read_cfg(path: Path) -> dict[str, Any]:
    from confection import Config

    path = find_config(path, "text")
    try:
        return dict(Config().from_disk(path, interpolate=False))
    except FileNotFoundError:
        raise DataError(f"{path}: no such configuration file.") from None
    except ValueError as error:
        message = " ".join(str(error).split())
        raise DataError(f"{path}: is not a spaCy configuration ({message}).") from None


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def note_code(imaging_config: Path, text_config: Path) -> dict[str, dict[str, str]]:
    """Note what code and settings each step runs, and return it by the steps' names.

    Raises
    ------
    DataError
        If the project or a configuration cannot be read.
    """
    kept = FOLDER / "code.json"
    steps = dict(fingerprints(Path("project.yml"), imaging_config, text_config, kept=kept))
    for name, found in steps.items():
        write_json(FOLDER / f"{name}.json", found)
    return steps


def main(
    half: Annotated[
        Literal["both", "imaging", "text"], typer.Argument(help="What is to be tried out.")
    ] = "both",
    imaging_config: Annotated[Path, typer.Option(help="Training configuration of imaging.")] = Path(
        "configs/imaging/unet.yaml"
    ),
    text_config: Annotated[Path, typer.Option(help="Training configuration of text.")] = Path(
        "configs/text/ner_cnn.cfg"
    ),
    transformer: Annotated[str, typer.Option(help="Value of --paths.transformer.")] = "",
    device: DeviceOption = "cpu",
    lang: Annotated[str, typer.Option(help="Language of the report.")] = "en",
) -> None:
    """Note what code and settings each step of project.yml runs, and try these out.

    A configuration and a GPU are tried out on made-up data before hours of work, where they or the
    code have changed since.
    """
    _check_language(lang)
    _check_name(text_config)
    steps = note_code(imaging_config, text_config)
    console = Console(soft_wrap=True, highlight=False)
    for line in forget_changed():
        console.print(f"[yellow]Note:[/yellow] {escape(line)}")
    tried_file = FOLDER / "tried.json"
    tried = read_json(tried_file) if tried_file.is_file() else {}
    for name in ("imaging", "text") if half == "both" else (half,):
        now = _hash([steps[f"{name}.train"], device, transformer if name == "text" else ""])
        if tried.get(name) != now or parse_device(device).kind != "cpu":
            _try_out(name, imaging_config, text_config, transformer, device, console)
        tried[name] = now
        write_json(tried_file, tried)
    console.print(f"[green]✔[/green] code and settings of {len(steps)} steps noted")


def _check_language(lang: str) -> None:
    if lang not in LANGUAGES:
        known = " or ".join(LANGUAGES)
        raise UsageError(f"--vars.report_lang {lang}: the report is written in {known}.")


def _check_name(text_config: Path) -> None:
    # On Windows, quotes about it would stay in what weasel hands to spaCy.
    if len(str(text_config).split()) > 1:
        raise UsageError(
            f"--vars.text_config {text_config.stem}: has a space, which project.yml's step for "
            "spaCy can't take; rename the file."
        )


def _try_out(
    half: str, imaging: Path, text: Path, transformer: str, device: str, console: Console
) -> None:
    if half == "imaging":
        from imaging.dry_run import try_out as try_imaging

        try_imaging(imaging, {}, device, console)
    else:
        from text.dry_run import try_out as try_text

        overrides = {"paths.transformer": transformer} if transformer else {}
        try_text(text, overrides, device, console)


if __name__ == "__main__":
    let_threads_sleep()
    run(main)
